"""Estimates whose scatter over groups of points tells their error."""

from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import pair, whole_number
from scalinglib.laws.uncertainty import StudentEstimate
from scalinglib.spectra.sampled import _scaled

__all__ = ["ExponentEstimate"]


@dataclass(frozen=True, eq=False)
class ExponentEstimate(StudentEstimate):
    r"""The exponent a of a spectrum, :math:`\lambda_n \propto n^{-a}`, from groups.

    Attributes
    ----------
    value : float
        a, the mean over groups of points.
    stderr, freedom : float
        Standard error of that mean, and degrees of freedom, one less than groups.
    groups : (groups,) ndarray
        The estimate of each group.

    Examples
    --------
    >>> estimate = ExponentEstimate.of_mean([1.9, 2.0, 2.1])
    >>> f"{estimate:.2f}", f"{estimate.alpha_K:.2f}"
    ('2.00 (1.75 to 2.25)', '1.00 (0.75 to 1.25)')
    """

    groups: np.ndarray = field(default=None, repr=False)

    @classmethod
    def of_mean(cls, values):
        """The mean over groups.

        Parameters
        ----------
        values : (groups,) array_like
            The estimate of each group, at least two.

        Returns
        -------
        ExponentEstimate

        Raises
        ------
        ValueError
            If there are fewer than two values, or one is not finite.

        Examples
        --------
        >>> ExponentEstimate.of_mean([1.9, 2.1]).groups
        array([1.9, 2.1])
        """
        mean = StudentEstimate.of_mean(values)
        groups = np.asarray(values, float)
        return cls(mean.value, mean.stderr, mean.freedom, groups)

    @property
    def alpha_K(self):
        """The theory's exponent, α_K = a − 1, of a spectrum whose sum is finite.

        Returns
        -------
        StudentEstimate

        Raises
        ------
        ValueError
            If a is not above one: then no sum of eigenvalues is finite.
        """
        _check_above_one(self.value)
        return StudentEstimate(self.value - 1, self.stderr, self.freedom)


def _check_above_one(a):
    if not a > 1:
        raise ValueError(
            f"alpha_K is a - 1 for a > 1, where the eigenvalues have a sum; here a "
            f"is {a:.3g}: use value and interval(), which are those of a"
        )


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
