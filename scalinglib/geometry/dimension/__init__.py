"""Intrinsic dimension: by ratios of distances, and by moments in balls that shrink.

`estimate` is the one to use: it says what was found in the data, and when it does not
know. `two_nn` and `levina_bickel` are the field's standard.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "doubts": ["DimensionWarning"],
        "estimating": ["estimate"],
        "judging": ["DimensionEstimate"],
        "ratios": ["Dimension", "levina_bickel", "two_nn"],
    },
)
