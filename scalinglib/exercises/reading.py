"""What was handed in, read: numbers, a label or a function; or why it is none."""

import contextlib
import inspect
import signal
import threading

import numpy as np

from scalinglib._input import real_array

__all__ = [
    "TooSlow",
    "Unread",
    "choose",
    "limited",
    "ready_numbers",
    "run_through",
    "shown",
]

SECONDS = 5.0
LARGEST = 10**6  # entries of an array
MINE, RETURNED = "Your answer", "What your function returns"


class Unread(Exception):
    """An answer that cannot be compared: the state that it has, and the reason."""

    def __init__(self, state, reason):
        super().__init__(reason)
        self.state, self.reason = state, reason


class TooSlow(BaseException):
    """The time is over. No ``except Exception`` of a reader's catches it."""


def blank(answer):
    """Whether this is a place that was left for an answer."""
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, str):
        return not answer.strip()
    return type(answer) in (list, tuple) and (
        not answer or all(map(blank, answer[:1000]))
    )


def ready_numbers(answer, asked, whose=MINE):
    """Finite numbers, as an array of floats."""
    if blank(answer):
        raise Unread("not attempted", "There is no answer yet.")
    what = _named(answer)
    if callable(answer):
        raise Unread("wrong", f"{whose} is a function; {asked} is asked. Call it.")
    if isinstance(answer, str | bytes):
        raise Unread("wrong", f"{whose} is text; {asked} is asked, without quotes.")
    try:
        array = real_array("answer", answer)
        if array.size <= LARGEST:
            array = array.astype(float)
    except Exception:
        said = f"{whose} is {what} and cannot be read as {asked}. Is every part of it"
        said += " a real number?"
        raise Unread("wrong", said) from None
    if array.size > LARGEST:
        raise Unread("wrong", f"{whose} has {array.size} entries; {asked} is asked.")
    if not np.isfinite(array).all():
        raise Unread(
            "wrong",
            f"{whose} is not finite: there is a nan or an infinity in it. Look for a "
            "division by zero, the logarithm of what is not above zero, an overflow.",
        )
    return array


def choose(answer, labels):
    """The label that was chosen."""
    if blank(answer):
        raise Unread("not attempted", "There is no answer yet.")
    offered = ", ".join(map(repr, labels))
    if not isinstance(answer, str):
        said = f"{MINE} is {_named(answer)}; one of these words is asked: {offered}."
        raise Unread("wrong", said)
    label = " ".join(str.lower(answer[:100]).split())
    if label not in labels:
        said = f"That is none of the words to choose from: {offered}."
        raise Unread("wrong", said)
    return label


def run_through(answer, cases):
    """What a function returns for each of the inputs, as arrays of floats."""
    if blank(answer):
        raise Unread("not attempted", "There is no answer yet.")
    if not callable(answer):
        said = f"{MINE} is {_named(answer)}; a function is asked. Hand in its name"
        raise Unread("wrong", f"{said}, without calling it.")
    names = ", ".join(cases[0])
    if not _takes(answer, len(cases[0])):
        raise Unread("wrong", f"Your function must take these, in order: {names}.")
    values = []
    for case in cases:
        given = {name: _copied(value) for name, value in case.items()}
        value = _called(answer, given, case)
        if blank(value) and not values:
            said = "Your function returns nothing yet."
            raise Unread("not attempted", said)
        if blank(value):
            said = f"Your function returns nothing at {shown(case)}, elsewhere it does"
            raise Unread("wrong", f"{said}. Is there a branch without a return?")
        for name in case:
            if not np.array_equal(given[name], case[name]):
                said = f"Your function changes {name}, which is its caller's. Work on"
                raise Unread("wrong", f"{said} a copy, {name}.copy().")
        try:
            values.append(ready_numbers(value, "a number or an array", RETURNED))
        except Unread as unread:
            said = f"{unread.reason} It was tried at {shown(case)}."
            raise Unread("wrong", said) from None
    return values


@contextlib.contextmanager
def limited(seconds=None):
    """Let what is inside take so many seconds, then raise `TooSlow`.

    It can where signals exist and in the main thread, as in a notebook; elsewhere
    there is no limit.
    """
    seconds = SECONDS if seconds is None else seconds
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_):
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again, if it was swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def shown(case):
    """Inputs in words, short.

    >>> shown({"D": 1000.0, "x": np.zeros((3, 2))})
    'D = 1000, x of shape (3, 2)'
    """
    said = [
        f"{name} of shape {value.shape}"
        if isinstance(value, np.ndarray) and value.ndim
        else f"{name} = {value:.4g}"
        for name, value in case.items()
    ]
    return ", ".join(said)


def _called(answer, given, case):
    """What the reader's function returns, its failures explained."""
    try:
        return answer(*given.values())
    except (TooSlow, KeyboardInterrupt):
        raise
    except NotImplementedError:
        said = "Your function is not written yet."
        raise Unread("not attempted", said) from None
    except BaseException as error:  # SystemExit too
        told = _told(error)
        said = f"Your function stops with {told}. It was tried at {shown(case)}."
        raise Unread("wrong", said) from None


def _takes(answer, count):
    """Whether a function takes so many arguments; True where nobody can tell."""
    try:
        signature = inspect.signature(answer)
    except Exception:
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _copied(value):
    """An input that may be spoiled."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _named(answer):
    """The type of an answer, in a few letters."""
    return f"of the type {type(answer).__name__[:40]}"


def _told(error):
    """Type and message of an error, short."""
    try:
        message = " ".join(str(error).split())[:160]
    except Exception:
        message = ""
    name = type(error).__name__[:40]
    return f"{name}: {message}" if message else name
