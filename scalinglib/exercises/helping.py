"""Hints, one at a time, and solutions."""

import inspect
import textwrap

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
        Says how many there are.

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
    """
    hints = look_up(id).hints
    number = whole_number("number", 1 if number is None else number, least=1)
    if number > len(hints):
        raise ValueError(f"number must be from 1 to {len(hints)}, got {number}")
    return Note(f"Hint {number} of {len(hints)}", hints[number - 1])


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
    code = textwrap.dedent(inspect.getsource(exercise.reference)).strip()
    return Note(f"Solution: {exercise.title}", exercise.reasoning, code)
