"""How to say what a parameter accepts: a value, and what is refused."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Domain:
    """A value that is accepted, and some that are not."""

    good: object
    bad: tuple = ()


def but(domain, *bad):
    """The same domain, with more of what it refuses."""
    return Domain(domain.good, domain.bad + bad)


def free(good):
    """A parameter of which nothing is asked: a name, or what a result is made of."""
    return Domain(good)


def whole(good, *, least=1, optional=False):
    """A whole number, at least `least`."""
    bad = least - 1, good + 0.5, float("nan"), True, "3", [good, good]
    return Domain(good, bad if optional else (*bad, None))


def number(good, *, least=-np.inf, optional=False):
    """A finite number, at least `least`."""
    bad = [np.nan, np.inf, "1", True, 1j, [good, good]]
    bad += [least - 1e-3] * bool(np.isfinite(least)) + [None] * (not optional)
    return Domain(good, tuple(bad))


def above_zero(good, *, optional=False):
    """A finite number above zero."""
    return but(number(good, least=0, optional=optional), 0)


def choice(good, *, optional=False):
    """One of some names."""
    bad = "none of these", good.upper(), 3, [good]
    return Domain(good, bad if optional else (*bad, None))


def seed(good=0):
    """What `numpy.random.default_rng` takes."""
    return Domain(good, (-1, 2.5, "0", True, [1, 2]))


def function(good):
    """Something to call."""
    return Domain(good, (3, "f", None))


def array(good, *bad, optional=False):
    """Finite real numbers, in an array; what shapes are wrong stands in `bad`."""
    good = np.asarray(good)
    spoiled = [np.full_like(good, x, float) for x in (np.nan, np.inf)]
    if good.ndim:
        spoiled[0] = np.where(np.arange(good.size).reshape(good.shape), good, np.nan)
        spoiled += [np.ma.masked_array(good, np.ones_like(good)), [[1], [1, 2]]]
    bad = *spoiled, good + 1j, good.astype(str), good > 0, "text", {}, *bad
    return Domain(good, bad if optional else (*bad, None))


def integers(good, *bad):
    """Increasing whole numbers from 1."""
    return array(good, good[::-1], [0, *good], np.asarray(good) + 0.5, 3, [], *bad)
