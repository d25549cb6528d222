"""What data hold below the distance of neighbours: copies, rounding, idle columns."""

import numpy as np

from scalinglib.geometry.dimension.balls import Cloud

__all__ = ["copies", "far_away", "rounding_steps", "within_its_span", "without_copies"]

_NEAR = 48  # neighbours that tell how far apart points are where a point is
_CAUTION = 0.6  # of the local dimension, which so few neighbours tell to a third
_GAP = 0.05  # to the next neighbour, that there must be behind copies
_TINY = np.finfo(float).tiny
_FAR = 300.0  # times as far from the middle as half of the points are
_FEW = 0.01  # share of rows that may be set aside as far away
_MOST_STEPS = 1e5  # beyond, any number is a multiple
_FEWEST = 8  # different values of a column that is rounded, and not a category


def copies(X, asked, *, period=None):
    r"""Whether rows lie so near an earlier one that they are copies of it.

    Parameters
    ----------
    X : (N, n) ndarray
        Different points.
    asked : (m,) ndarray of int
        Rows to look at.
    period : float, optional
        Period of the coordinates.

    Returns
    -------
    (m,) ndarray of bool

    Notes
    -----
    The distances to the j-th and the next neighbour of points spread evenly in d
    dimensions have a ratio below s with probability :math:`s^{jd}`. Copies leave a gap:
    a row is a copy of those below it where one by a factor of twenty is expected in a
    hundredth of all rows together; or in more, if there are more than ten times as many
    as expected, and ten. d is told place by place by the far half of 48 neighbours,
    where copies do not count.
    """
    N = len(X)
    k = min(_NEAR, N // 4)
    if k < 6:
        return np.zeros(len(asked), bool)
    distance, index = Cloud(X, period).nearest(X[asked], k + 1)
    half, d = k // 2 + 1, _CAUTION * _local_dimension(distance)
    # The point itself is among its nearest, not always as the first.
    own = index[:, :half] == asked[:, None]
    own[~own.any(axis=1), 0] = True
    others = distance[:, :half][~own].reshape(len(asked), -1)
    gap = others[:, :-1] / np.maximum(others[:, 1:], _TINY)
    j = np.arange(1, gap.shape[1] + 1)
    chance = np.where(gap <= _GAP, gap.shape[1] * gap ** (j * d[:, None]), np.inf)
    least, at = chance.min(axis=1), chance.argmin(axis=1)
    found = np.sort(least)
    too_many = np.arange(1, len(found) + 1) > 10 * found * len(found) + 10
    most = max([0.01 / N, *found[too_many][-1:]])
    reach = np.where(least <= most, others[np.arange(len(others)), at], -1.0)
    near = distance <= reach[:, None]
    return (near & (index < asked[:, None])).any(axis=1)


def _local_dimension(distance):
    """By maximum likelihood from the far half of the distances, nearest first."""
    k = distance.shape[1] - 1
    half = np.arange(k // 2 + 1, k)
    ratios = distance[:, half] / np.maximum(distance[:, -1:], _TINY)
    logs = -np.log(np.maximum(ratios, _TINY)).mean(axis=1)
    expected = (1 / np.arange(1, k))[::-1].cumsum()[::-1][half - 1].mean()
    return expected / np.maximum(logs, 1e-4)


def without_copies(X, *, period=None):
    """Rows that are no copy of an earlier one, to a share of the distance around them.

    Parameters
    ----------
    X : (N, n) ndarray
        Points.
    period : float, optional
        Period of the coordinates.

    Returns
    -------
    (m,) ndarray of int
        The rows that stay, increasing.
    """
    rows = np.sort(np.unique(X + 0.0, axis=0, return_index=True)[1])
    while True:
        copied = copies(X[rows], np.arange(len(rows)), period=period)
        if not copied.any():
            return rows
        rows = rows[~copied]


def far_away(X):
    """Rows far from all others, if they are few: they cost time and tell nothing.

    Parameters
    ----------
    X : (N, n) ndarray
        Points.

    Returns
    -------
    (N,) ndarray of bool
    """
    length = np.linalg.norm(X - np.median(X, axis=0), axis=1)
    far = length > _FAR * np.median(length)
    return far if far.mean() <= _FEW else np.zeros(len(X), bool)


def rounding_steps(X):
    """Steps to which the values of each column were rounded, zero where they were not.

    Parameters
    ----------
    X : (N, n) ndarray
        Points as they were stored.

    Returns
    -------
    (n,) ndarray
        The largest step of which all differences in a column are multiples. Columns of
        fewer than eight different values are categories, unless they are a minority and
        others have the same step.
    """
    X = X.astype(float, copy=False)
    different = [np.unique(column) for column in X.T]
    steps = np.array([_common_step(values) for values in different])
    varied = np.array([len(values) > 1 for values in different])
    fine = np.array([len(values) >= _FEWEST for values in different]) & (steps > 0)
    if 2 * fine.sum() < varied.sum():
        return np.where(fine, steps, 0.0)
    same = np.isclose(steps[:, None], steps[fine], rtol=1e-4).any(axis=1)
    return np.where(fine | same, steps, 0.0)


def _common_step(values):
    """Largest number of which all gaps of sorted values are multiples: Euclid's."""
    if len(values) < 2:
        return 0.0
    gaps, extent = np.diff(values), values[-1] - values[0]
    off = 4e-7 * np.maximum(np.abs(values[1:]), np.abs(values[:-1]))  # float32
    gaps, off = gaps[gaps > off], off[gaps > off]
    while len(gaps):
        least = gaps.argmin()
        step = gaps[least]
        if step < max(extent / _MOST_STEPS, 20 * off[least]):
            return 0.0
        count = np.round(gaps / step)
        rest, slack = np.abs(gaps - step * count), 2 * off + off[least] * count
        if (rest <= slack).all():
            return float(extent / np.round(extent / step))
        left = rest > slack
        gaps = np.append(rest[left], step)
        off = np.append(slack[left], off[least])
    return 0.0


def within_its_span(X):
    """Coordinates of the points in the space that they span, about their mean.

    Parameters
    ----------
    X : (N, n) ndarray
        Points.

    Returns
    -------
    (N, rank) ndarray
        Distances are those of X.
    """
    Z = X - X.mean(axis=0)
    unit = np.abs(Z).max()
    if not unit or Z.shape[1] == 1:
        return Z
    if Z.shape[1] > len(Z):  # as many rows as columns, at the same distances
        Z = np.linalg.qr(Z.T, mode="r").T
        unit = np.abs(Z).max()
    values, vectors = np.linalg.eigh((Z / unit).T @ (Z / unit))
    kept = values > 1e-14 * values[-1]
    if kept.all():
        return Z
    Y, spread = Z @ vectors[:, kept], Z.std(axis=0)
    # A column of small numbers beside one of large ones is not idle.
    lost = np.abs(Z - Y @ vectors[:, kept].T).max(axis=0)
    return Y if (lost <= 1e-6 * spread + 1e-13 * unit).all() else Z
