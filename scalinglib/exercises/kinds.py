r"""Kinds of exercises: which inputs there are, and how an answer is read.

Of each kind, ``cases(rng)`` returns the inputs, a list of dicts by the names of the
reference's parameters, and ``read(answer, cases)`` what the answer is for each of them,
or raises `Unread`. ``off(values, rights)`` is how far values are from others, for each
case, in tolerances: :math:`|v - r|/(\text{within}\,|r| + \text{absolute})`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from scalinglib.exercises.reading import choose, ready_numbers, run_through

__all__ = [
    "Choice",
    "Function",
    "Number",
    "Numbers",
    "inputs",
    "over",
    "uniform",
    "whole",
]

CASES = 8


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number, for inputs that stand in the exercise.

    Attributes
    ----------
    within : float
        Relative tolerance: what three digits and a calculator allow, and a third at
        most of what parts the right answer from the nearest wrong one.
    absolute : float
        Absolute tolerance, added to that.
    given : dict
        The inputs.
    """

    within: float
    absolute: float = 0.0
    given: Mapping = field(default_factory=dict)

    asks = "a number"

    def cases(self, rng):
        """The one case there is."""
        return [dict(self.given)]

    def read(self, answer, cases):
        """The number, as an array."""
        return [ready_numbers(answer, self.asks)]

    def off(self, values, rights):
        """Distance in tolerances."""
        return off_by(values, rights, self.within, self.absolute)


@dataclass(frozen=True, kw_only=True)
class Numbers(Number):
    """Several numbers in a fixed order, for inputs that stand in the exercise."""

    asks = "a list of numbers"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of some labels.

    Attributes
    ----------
    labels : tuple of str
        What can be chosen, in small letters.
    """

    labels: tuple

    def cases(self, rng):
        """No inputs."""
        return [{}]

    def read(self, answer, cases):
        """The label."""
        return [choose(answer, self.labels)]

    def off(self, values, rights):
        """Zero where labels agree, else infinite."""
        pairs = zip(values, rights, strict=True)
        return [np.array(0.0 if v == r else np.inf) for v, r in pairs]


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function, tried on inputs that are drawn for each call.

    Attributes
    ----------
    draw : callable
        Takes a generator, returns inputs by name, in the order of the parameters.
    within : float
        Relative tolerance.
    absolute : float
        Absolute tolerance, added to that.
    """

    draw: Callable
    within: float = 1e-6
    absolute: float = 0.0

    def cases(self, rng):
        """Inputs, drawn anew."""
        return [self.draw(rng) for _ in range(CASES)]

    def read(self, answer, cases):
        """What the function returns for each case."""
        return run_through(answer, cases)

    def off(self, values, rights):
        """Distance in tolerances."""
        return off_by(values, rights, self.within, self.absolute)


def off_by(values, rights, within, absolute):
    """Distances in tolerances, one array for each case; infinite where shapes differ.

    >>> [float(d) for d in off_by([np.array(1.5)], [np.array(1.0)], 0.25, 0.0)]
    [2.0]
    """
    found = []
    for v, r in zip(values, rights, strict=True):
        if v.shape != r.shape:
            found.append(np.full(r.shape, np.inf))
            continue
        with np.errstate(all="ignore"):
            off = np.abs(v - r) / (within * np.abs(r) + absolute)
        found.append(np.where(v == r, 0.0, np.nan_to_num(off, nan=np.inf)))
    return found


def uniform(low, high):
    """A number between two others."""
    return lambda rng: float(rng.uniform(low, high))


def over(low, high):
    """A number between two others above zero, its logarithm uniform."""
    return lambda rng: float(np.exp(rng.uniform(np.log(low), np.log(high))))


def whole(low, high):
    """A whole number, both ends included."""
    return lambda rng: int(rng.integers(low, high, endpoint=True))


def inputs(**ranges):
    """What `Function` draws from, if inputs are numbers: a range for each name.

    >>> draw = inputs(alpha=uniform(0.2, 1.0), D=over(10, 1e6))
    >>> sorted(draw(np.random.default_rng(0)))
    ['D', 'alpha']
    """
    return lambda rng: {name: each(rng) for name, each in ranges.items()}
