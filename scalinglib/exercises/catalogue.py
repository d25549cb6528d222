"""Which exercises there are."""

import difflib
import importlib
import pkgutil
from functools import cache

from scalinglib._input import whole_number

__all__ = ["Listing", "every", "find", "look_up"]


class Listing(tuple):
    """Exercises, shown one a line."""

    __slots__ = ()

    def __repr__(self):
        return "\n".join(map(repr, self)) or "no exercises"

    def _repr_markdown_(self):
        rows = [f"| `{e.id}` | {e.chapter}.{e.objective} | {e.title} |" for e in self]
        return "\n".join(["| id | objective | title |", "|---|---|---|", *rows])


@cache
def every():
    """All exercises by their ids, as the modules of `exercises.chapters` have them."""
    from scalinglib.exercises import chapters

    names = [m.name for m in pkgutil.iter_modules(chapters.__path__)]
    modules = [importlib.import_module(f"{chapters.__name__}.{n}") for n in names]
    posed = [each for module in modules for each in module.EXERCISES]
    posed.sort(key=lambda e: (isinstance(e.chapter, str), e.chapter, e.objective))
    return {each.id: each for each in posed}


def find(chapter=None, *, objective=None):
    """Which exercises are checked.

    Parameters
    ----------
    chapter : int or str, optional
        Those of one chapter only, by its number, or of one page of practice, by its
        name in the address: ``"your_own_curves"``.
    objective : int, optional
        Those of one objective only, as the pages number them.

    Returns
    -------
    Listing
        A tuple of `Exercise`, by chapter and objective.

    Raises
    ------
    ValueError
        If there is no checked exercise of that chapter or page.

    Examples
    --------
    >>> find(9, objective=1)
    ex-heaps (chapter 9, objective 1): New words
    """
    found = every().values()
    if chapter is not None:
        if not isinstance(chapter, str):
            chapter = whole_number("chapter", chapter, least=1)
        there = [*dict.fromkeys(each.chapter for each in found)]
        if chapter not in there:
            raise ValueError(f"chapter must be one of {there}, got {chapter!r}")
        found = [each for each in found if each.chapter == chapter]
    if objective is not None:
        objective = whole_number("objective", objective, least=1)
        found = [each for each in found if each.objective == objective]
    return Listing(found)


def look_up(id):
    """The exercise of this id, or a ValueError that names those most like it."""
    known = every()
    if not isinstance(id, str):
        raise ValueError(
            f"id must be the label of an exercise, such as {next(iter(known))!r}, got "
            f"the type {type(id).__name__}"
        )
    if id not in known:
        near = difflib.get_close_matches(id[:60], known, n=3, cutoff=0.3)
        near = near or [*known][:3]
        raise ValueError(
            f"id must be the label of a checked exercise, got {id[:60]!r}; nearest are "
            f"{', '.join(near)}; find() lists all"
        )
    return known[id]
