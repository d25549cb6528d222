"""Estimates whose scatter over groups of points tells their error."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student_t

from scalinglib._input import number, pair, whole_number
from scalinglib.spectra.sampled import _scaled

__all__ = ["ExponentEstimate"]


@dataclass(frozen=True, eq=False)
class ExponentEstimate:
    """An exponent α_K with its interval, from groups of points.

    Attributes
    ----------
    alpha : float
        Mean over groups.
    interval : (float, float)
        95 % interval of the mean, Student's.
    groups : (groups,) ndarray
        The estimate of each group.

    Examples
    --------
    >>> estimate = ExponentEstimate(1.0, (0.9, 1.1), np.array([0.95, 1.05]))
    >>> estimate.covers(1.05)
    True
    """

    alpha: float
    interval: tuple[float, float]
    groups: np.ndarray

    def covers(self, alpha):
        """Whether the interval contains an exponent.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        bool
        """
        return self.interval[0] <= number("alpha", alpha) <= self.interval[1]


def _groups(K, groups, *, least):
    return _split(_scaled(K)[0], groups, least=least)[0]


def _split(K, groups, *, least):
    """Diagonal blocks of K, and the rows of each."""
    groups = whole_number("groups", groups, least=2)
    size = len(K) // groups
    if size < least:
        raise ValueError(
            f"K must have at least {least} points for each of {groups} groups, got "
            f"{len(K)} in all"
        )
    rows = [slice(i * size, (i + 1) * size) for i in range(groups)]
    return [K[r, r] for r in rows], rows


def _ends(name, ends, default, size):
    """First and last index of a range within a group."""
    first, last = default if ends is None else pair(name, ends)
    first = whole_number(name, first, least=1)
    last = whole_number(name, last, least=first + 1)
    if last > size:
        raise ValueError(
            f"{name} must end within the {size} points of a group, got {last}"
        )
    return first, last


def _slope(u, v):
    du = u - u.mean()
    return float(du @ v / (du @ du))


def _estimate(found):
    """Mean over groups with Student's interval."""
    found = np.asarray(found, float)
    error = found.std(ddof=1) / len(found) ** 0.5
    half = student_t.ppf(0.975, len(found) - 1) * error
    mean = float(found.mean())
    return ExponentEstimate(mean, (float(mean - half), float(mean + half)), found)
