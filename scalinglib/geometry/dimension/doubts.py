"""What makes ratios of distances tell another number than the dimension."""

import numpy as np

from scalinglib.geometry.dimension.grain import rounding_noise

__all__ = ["CROWDED", "DimensionWarning", "doubts"]

CROWDED = 0.36  # r₈² over the mean squared distance of pairs, above which none is near
_CHANCE = 1e-4  # how many near copies are to be expected, and yet called copies
_NEAR = 0.1  # share of the distance of the next that is near, whatever the dimension
_ROUNDED = 0.1  # share of rounding in the squared distance of neighbours
_IN_TIME = 0.05  # share of rows whose nearest is the row before or after


class DimensionWarning(UserWarning):
    """An assumption of an estimate of the dimension fails; the message names it.

    Examples
    --------
    >>> issubclass(DimensionWarning, UserWarning)
    True
    """


def doubts(X, distance, index, d, *, period=None):
    """Sentences, one for each assumption that fails.

    Parameters
    ----------
    X : (N, n) ndarray
        Points.
    distance, index : (N, k) ndarray
        Of their k nearest neighbours, not themselves.
    d : float
        The dimension that they tell.
    period : float, optional
        Period of the coordinates.

    Yields
    ------
    str
    """
    N, k = index.shape
    remedy = "geometry.dimension.estimate"
    share = min((_CHANCE / (N * (k - 1))) ** (1 / d), _NEAR)
    near = int((distance[:, 0] < share * distance[:, -1]).sum())
    if near:
        yield (
            f"{near} of {N} rows have a neighbour so near that it looks like a copy; "
            f"{remedy} drops copies"
        )
    variance, coordinates, _ = rounding_noise(X)
    rounded = 2 * variance * coordinates / np.mean(distance[:, -1] ** 2)
    if rounded > _ROUNDED:
        yield (
            f"rounding makes {rounded:.0%} of the squared distance to the neighbours; "
            f"{remedy} takes it off"
        )
    beside = np.abs(index[:, 0] - np.arange(N)) == 1
    if beside.mean() > max(_IN_TIME, 40 / N):
        yield (
            f"the nearest of {beside.mean():.0%} of the rows is the one before or "
            f"after, as on a path; pass `times` to {remedy}, or shuffle the rows"
        )
    if period is None:
        eighth = np.mean(distance[:, -1] ** 2) * (8 / k) ** (2 / d)
        crowded = eighth / (2 * X.var(axis=0).sum())
        if crowded > CROWDED:
            yield (
                f"{N} points are too few for d near {d:.2g}: neighbours are at "
                f"{np.sqrt(crowded):.0%} of the distance of any two, and edges and "
                f"curvature bias d; {remedy} says how far it may be off"
            )
