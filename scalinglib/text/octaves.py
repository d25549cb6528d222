"""Exponents read octave by octave, whose scatter tells how far they are one number."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from scalinglib.laws.uncertainty import StudentEstimate

__all__ = ["OctaveExponent", "falling_exponent"]

BEND = 0.5  # by so much of the exponent octaves may differ
POWER, NO_POWER = "power law", "no power law in this range"
ROUNDED = 0.05  # octaves: halves of a size are rounded


@dataclass(frozen=True, eq=False)
class OctaveExponent(StudentEstimate):
    r"""An exponent over a range, :math:`y \propto x^{-e}`, and how it changes in it.

    Its error is that of a mean over octaves: where the curve bends, the interval is as
    wide as the exponents along it differ. Two octaves bound hardly anything.

    Attributes
    ----------
    value : float
        The exponent e, positive where y falls: least squares over the whole range.
    stderr, freedom : float
        From the scatter of the octaves, and one less than there are.
    first, last : float
        The range it stands on.
    octaves : (octaves,) ndarray
        The exponent of each.
    """

    first: float = np.nan
    last: float = np.nan
    octaves: np.ndarray = field(default=None, repr=False)

    @property
    def status(self):
        """``"power law"``, or ``"no power law in this range"``: octaves differ by half.

        Half of the exponent, from the smallest to the largest.
        """
        steady = np.ptp(self.octaves) <= BEND * abs(self.value)
        return POWER if steady else NO_POWER


def falling_exponent(x, y, *, name="y"):
    """How fast y falls with x, and how steadily.

    Parameters
    ----------
    x : (n,) array_like
        Sizes, positive and increasing.
    y : (n,) array_like
        What falls.
    name : str, default "y"
        What y is called if it cannot be taken.

    Returns
    -------
    OctaveExponent

    Raises
    ------
    ValueError
        If y is not positive everywhere, or x does not span two octaves with a point
        in each.

    Notes
    -----
    The range is cut into as many parts as it has whole octaves, as equal on the
    logarithmic axis as the points allow. In each a straight line is fitted; points
    where two meet belong to both.

    Examples
    --------
    >>> x = np.array([1, 2, 3, 4, 6, 8])
    >>> print(falling_exponent(x, 5 * x**-0.5))
    0.5 (0.5 to 0.5)
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if not (y > 0).all():
        at = x[np.flatnonzero(~(y > 0))[0]]
        raise ValueError(
            f"{name} must be above zero to have an exponent, but at {at:g} it is lost "
            "in the noise: end the range before"
        )
    parts = int(np.log2(x[-1] / x[0]) + ROUNDED) if len(x) else 0
    if parts < 2:
        raise ValueError(
            f"{name} must be known over two octaves to have an exponent, got "
            f"{', '.join(f'{size:g}' for size in x[:6]) or 'nothing'}"
        )
    ideal = np.linspace(*np.log(x[[0, -1]]), parts + 1)
    edges = abs(np.log(x) - ideal[:, None]).argmin(axis=1)
    if (np.diff(edges) < 1).any():
        raise ValueError(
            f"{name} must be known at least once in each octave to have an exponent, "
            f"got {', '.join(f'{size:g}' for size in x[:12])}"
        )
    slopes = [_slope(x[i : j + 1], y[i : j + 1]) for i, j in pairwise(edges)]
    error = np.std(slopes, ddof=1) / np.sqrt(parts)
    range_ = {"first": float(x[0]), "last": float(x[-1]), "octaves": np.array(slopes)}
    return OctaveExponent(_slope(x, y), float(error), parts - 1, **range_)


def _slope(x, y):
    """Least squares on logarithmic axes, positive where y falls."""
    return float(-np.polyfit(np.log(x), np.log(y), 1)[0])
