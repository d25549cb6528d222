"""What makes ratios of distances tell another number than the dimension."""

import numpy as np

from scalinglib.geometry.dimension.grain import copies, rounding_steps

__all__ = ["CROWDED", "DimensionWarning", "failing"]

CROWDED = 0.36  # median r₈² over that of pairs, above which no point is near
_LOOKED_AT = 1000  # rows
_ROUNDED = 0.1  # share of rounding in the squared distance of neighbours
_IN_TIME = 0.05  # share of rows whose nearest is the row before or after


class DimensionWarning(UserWarning):
    """An assumption of an estimate of the dimension fails; the message names it.

    Examples
    --------
    >>> issubclass(DimensionWarning, UserWarning)
    True
    """


def failing(X, distance, index, d, *, period=None):
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
    some = np.linspace(0, N - 1, min(N, _LOOKED_AT)).astype(int)
    near = copies(X, some, period=period).mean()
    if near:
        yield (
            f"{near:.1%} of the rows are so near an earlier one that they look like "
            f"copies; {remedy} drops copies"
        )
    steps = rounding_steps(X)
    rounded = (steps**2).sum() / 6 / np.median(distance[:, -1] ** 2)
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
        eighth = np.median(distance[:, -1]) ** 2 * (8 / k) ** (2 / d)
        pairs = ((X - np.roll(X, N // 2, axis=0)) ** 2).sum(axis=1)
        crowded = eighth / np.median(pairs)
        if crowded > CROWDED:
            yield (
                f"{N} points are too few for d near {d:.2g}: neighbours are at "
                f"{np.sqrt(crowded):.0%} of the distance of any two, and edges and "
                f"curvature bias d; {remedy} says how far it may be off"
            )
