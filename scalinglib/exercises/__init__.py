"""Checked exercises: hand in an answer, and be told why it is right or wrong.

`grade` compares an answer with that of a reference, on inputs drawn anew each time, and
knows what common wrong beliefs lead to. `hint` helps a little, `solution` tells all,
`find` lists what there is. An exercise is data, an entry of one of the modules in
`exercises.chapters`: nothing else changes when one is added.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "catalogue": ["find"],
        "grades": ["Grade"],
        "grading": ["grade"],
        "helping": ["hint", "solution"],
        "kinds": ["Choice", "Function", "Number", "Numbers"],
        "described": ["Exercise", "Wrong"],
    },
)
