"""What data hold below the distance of neighbours: copies, rounding, idle columns."""

import numpy as np

from scalinglib.geometry.dimension.balls import Cloud

__all__ = ["rounding_noise", "within_its_span", "without_copies"]

_NEAR = 24  # neighbours that tell how far apart points are where a point is
_MOST_STEPS = 1e5  # beyond, any number is a multiple
_FEWEST = 8  # different values of a column that is rounded, and not a category
_STEPS = sorted(
    {a * 10.0**j for j in range(-12, 13) for a in (1, 2, 2.5, 5)}
    | {2.0**j for j in range(-12, 13)}
    | {1 / 255},
    reverse=True,
)


def without_copies(X, *, period=None):
    r"""Rows that are no copy of an earlier one, to a share of the distance around them.

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

    Notes
    -----
    Of points spread evenly in d dimensions the share :math:`(k - 1) s^d` has its
    nearest neighbour within s times the distance of the k-th. A row is a copy where s
    is so small that a hundredth of such rows is expected among all. d is estimated
    with the copies, therefore too low, therefore again until none is left.
    """
    rows = np.sort(np.unique(X + 0.0, axis=0, return_index=True)[1])
    while len(rows) > 3:
        k = min(_NEAR, len(rows) - 2)
        distance, index = Cloud(X[rows], period).nearest(X[rows], k + 1)
        far = distance[:, -1]
        with np.errstate(divide="ignore"):
            logs = np.log(far[:, None] / distance[:, 1:-1])
        d = 1 / np.median(logs.mean(axis=1)) if k > 2 else 1.0
        share = min((0.01 / (max(k - 1, 1) * len(rows))) ** (1 / max(d, 0.1)), 0.3)
        # The point itself is among its nearest, not always as the first.
        near = distance <= share * far[:, None]
        copies = (near & (index < np.arange(len(rows))[:, None])).any(axis=1)
        if not copies.any():
            return rows
        rows = rows[~copies]
    return rows


def rounding_noise(X, step=None):
    r"""Variance of the rounding of values to multiples of a step, q² / 12.

    Parameters
    ----------
    X : (N, n) ndarray
        Points as they were stored.
    step : float, optional
        q. By default the largest round number of which all values of a column are
        multiples; columns of fewer than eight different values are categories, unless
        others have the same step.

    Returns
    -------
    variance : float
        Of a coordinate, averaged over those that are rounded.
    coordinates : int
        How many are.
    steps : (n,) ndarray
        The steps, zero where there is none.
    """
    X = X.astype(float, copy=False)
    if step is not None:
        steps = np.full(X.shape[1], float(step)) * (np.ptp(X, axis=0) > 0)
    else:
        steps = _steps(X)
    rounded = steps > 0
    if not rounded.any():
        return 0.0, 0, steps
    return float((steps[rounded] ** 2).mean() / 12), int(rounded.sum()), steps


def _steps(X):
    """Largest round number of which all values of a column are multiples, or zero."""
    extent, largest = np.ptp(X, axis=0), np.abs(X).max(axis=0)
    steps, open_ = np.zeros(X.shape[1]), extent > 0
    for q in _STEPS:
        tried = np.flatnonzero(open_ & (q <= extent) & (largest <= _MOST_STEPS * q))
        for rows in (X[:8], X):  # a glance first
            tried = tried[_multiples(rows[:, tried], q)] if tried.size else tried
        steps[tried], open_[tried] = q, False
    fine = [len(np.unique(X[:, c])) >= _FEWEST for c in np.flatnonzero(steps)]
    # A column of few values is a category, unless others have the same step.
    return np.where(np.isin(steps, steps[steps > 0][fine]), steps, 0.0)


def _multiples(values, q):
    """Whether all values of a column are, as far as single precision tells."""
    ratio = values / q
    off = np.abs(ratio - np.round(ratio))
    return (off <= 1e-6 + 2e-7 * np.abs(ratio)).all(axis=0)


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
    values, vectors = np.linalg.eigh(Z.T @ Z / unit**2)
    kept = values > 1e-14 * values[-1]
    return Z if kept.all() else Z @ vectors[:, kept]
