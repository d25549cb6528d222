"""An answer is read, compared with the right one, and with known wrong ones."""

import warnings

import numpy as np

from scalinglib._input import generator
from scalinglib.exercises.catalogue import look_up
from scalinglib.exercises.grades import Grade
from scalinglib.exercises.reading import TooSlow, Unread, limited, shown
from scalinglib.exercises.telling import how_far_off

__all__ = ["grade", "said_to"]


def grade(id, answer, *, rng=None):
    """Tell whether an answer is right, and if not, why.

    Whatever is handed in, nothing is raised for it. A function is tried on inputs
    drawn anew for each call. Where signals exist it is stopped after five seconds.

    Parameters
    ----------
    id : str
        The exercise's label in the book.
    answer : object
        What the exercise asks for: a number, numbers, a word or a function. ``None``,
        ``...`` and functions that return either are not attempts.
    rng : int, Generator or None
        Where a function's inputs come from.

    Returns
    -------
    Grade
        Its ``state``, ``reason`` and ``belief``.

    Raises
    ------
    ValueError
        If there is no such exercise; it names those most like it.

    Examples
    --------
    >>> grade("ex-heaps", None).state
    'not attempted'
    >>> grade("ex-heaps", lambda alpha: 1.0).belief
    'every draw brings something new'
    """
    exercise = look_up(id)
    cases = exercise.kind.cases(generator(rng))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), limited():
            warnings.simplefilter("ignore")
            values = exercise.kind.read(answer, cases)
    except Unread as unread:
        return Grade(exercise.id, unread.state, _reason(exercise, unread))
    except TooSlow:
        said = "It takes too long and was stopped. A loop that does not end?"
        return Grade(exercise.id, "wrong", said)
    except KeyboardInterrupt:
        raise
    except BaseException:
        said = "Your answer could not be read: it raises errors of its own."
        return Grade(exercise.id, "wrong", said)
    return _compared(exercise, cases, values)


def said_to(function, cases):
    """What a function of an exercise says to each of the inputs."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        said = [function(**case) for case in cases]
    return [s if isinstance(s, str) else np.asarray(s, float) for s in said]


def _reason(exercise, unread):
    """Why an answer was not compared, and for who has not begun, what to hand in."""
    if unread.state != "not attempted":
        return unread.reason
    return f'{unread.reason} {exercise.asks} exercises.hint("{exercise.id}") helps.'


def _compared(exercise, cases, values):
    """The grade of an answer that was read."""
    rights = said_to(exercise.reference, cases)
    values = [_shaped(v, r) for v, r in zip(values, rights, strict=True)]
    off = exercise.kind.off(values, rights)
    bad = [o > 1 for o in off]
    if not any(b.any() for b in bad):
        return Grade(exercise.id, "right", exercise.right)
    wrong = _believed(exercise, cases, values, bad)
    if wrong:
        return Grade(exercise.id, "wrong", wrong.says, wrong.belief)
    said = how_far_off(values, rights, bad, exercise.kind)
    if len(cases) > 1 and values[0].shape == rights[0].shape:
        first = next(i for i, b in enumerate(bad) if b.any())
        said += f" For instance at {shown(cases[first])}."
    return Grade(exercise.id, "wrong", said)


def _shaped(value, right):
    """An array of one entry is a number."""
    lone = not isinstance(value, str) and value.size == 1 and right.size == 1
    return value.reshape(right.shape) if lone else value


def _believed(exercise, cases, values, bad):
    """The wrong belief that explains every wrong entry, if there is just one.

    One that explains the right entries as well comes first.
    """
    partly = []
    for wrong in exercise.wrong:
        off = exercise.kind.off(values, said_to(wrong.answer, cases))
        if all((o <= 1).all() for o in off):
            return wrong
        pairs = [*zip(off, bad, strict=True)]
        if all(o.shape == b.shape and (o[b] <= 1).all() for o, b in pairs):
            partly.append(wrong)
    return partly[0] if len(partly) == 1 else None
