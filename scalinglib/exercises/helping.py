"""Hints, one at a time, and solutions."""

import inspect

from scalinglib._input import whole_number
from scalinglib.exercises.catalogue import look_up
from scalinglib.exercises.grades import Note

__all__ = ["hint", "solution"]


def hint(id, number=None):
    """A hint, the lightest first.

    Parameters
    ----------
    id : str
        The exercise's label.
    number : int, optional
        Which hint, from 1 on; the first if none is named.

    Returns
    -------
    Note
        Says how many there are, and how to get the next.

    Raises
    ------
    ValueError
        If there is no such exercise, or no such hint.

    Examples
    --------
    >>> print(hint("ex-heaps"))
    Hint 1 of 2
    <BLANKLINE>
    When is the next draw a new item?
    <BLANKLINE>
    The next hint:
    <BLANKLINE>
    exercises.hint("ex-heaps", 2)
    """
    exercise = look_up(id)
    hints = exercise.hints
    number = whole_number("number", 1 if number is None else number, least=1)
    if number > len(hints):
        raise ValueError(f"number must be from 1 to {len(hints)}, got {number}")
    title, text = f"Hint {number} of {len(hints)}", hints[number - 1]
    if number == len(hints):
        return Note(title, text)
    call = f'exercises.hint("{exercise.id}", {number + 1})'
    return Note(title, f"{text}\n\nThe next hint:", call)


def solution(id):
    """The reasoning of the solution, and its code.

    Parameters
    ----------
    id : str
        The exercise's label.

    Returns
    -------
    Note

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> print(solution("ex-heaps").code.splitlines()[-1].strip())
    return 1 / (1 + alpha)
    """
    exercise = look_up(id)
    parts = [inspect.getsource(each).strip() for each in _needed(exercise.reference)]
    code = "\n\n\n".join(parts)
    return Note(f"Solution: {exercise.title}", exercise.reasoning, code)


def _needed(function):
    """A function after those of its module that it calls, or takes by default."""
    found, codes, names = [], [function.__code__], set()
    for code in codes:  # which grows by what is defined inside
        codes += [c for c in code.co_consts if inspect.iscode(c)]
        names |= set(code.co_names)
    called = [each for name, each in function.__globals__.items() if name in names]
    for each in (*called, *(function.__defaults__ or ())):
        here = inspect.isfunction(each) and each.__module__ == function.__module__
        if here and each is not function:
            found += [one for one in _needed(each) if one not in found]
    return [*found, function]
