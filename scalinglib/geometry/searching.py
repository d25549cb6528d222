"""Nearest neighbours: two ways to find them, and the faster of these."""

import os

import numpy as np
from scipy.spatial import cKDTree

from scalinglib._input import above_zero, finite_rows, one_of, real_array, whole_number

__all__ = ["nearest"]

_BLOCK = 2**21  # products of two sets of points, computed together


def nearest(X, *, k=1, period=None, method="auto"):
    r"""Prepare the search of the k nearest among given points.

    Parameters
    ----------
    X : (D, n) array_like
        The points, D ≥ k.
    k : int, default 1
        How many to find.
    period : float, optional
        Period of all coordinates: distances on a torus.
    method : {"auto", "tree", "brute"}
        A k-d tree, or all distances by matrix products: the tree visits few points of
        data of few dimensions, whatever the space around them, and nearly all in many.
        By default the faster of the two, after a glance at the data.

    Returns
    -------
    find : callable
        ``find(X_new (N, n)) -> (distance, index)``, both (N, k), the nearest first.

    Raises
    ------
    ValueError
        If `k` exceeds D, an entry is not finite or above 1e150, the period is not above
        zero, or a torus is searched by brute force; by ``find`` for another number of
        columns or points too far away.

    Notes
    -----
    Numerics: brute force ranks by :math:`x \cdot y - \|y\|^2 / 2` in single precision,
    and computes the distances to the few best in double precision from differences.
    Where the rounding error could have hidden a nearer one, that row is ranked again in
    double precision, and if need be from all differences.

    Examples
    --------
    >>> find = nearest([[0.0], [0.4], [0.9]], k=2, period=1.0)
    >>> distance, index = find([[0.95]])
    >>> distance.round(12).tolist(), index.tolist()
    ([[0.05, 0.05]], [[2, 0]])
    """
    X, k = finite_rows("X", X).copy(), whole_number("k", k, least=1)
    search = _search(X, k, _checked_period(period), method)
    return lambda X_new: search(_new_rows(X_new, X))


def _search(X, k, period, method="auto"):
    """The search among rows that were checked, for rows that were checked."""
    if k > len(X):
        raise ValueError(f"k must be at most D = {len(X)}, got {k}")
    _check_units(X)
    one_of("method", method, ("auto", "tree", "brute"))
    if method == "brute" and period is not None:
        raise ValueError("method must not be 'brute' where there is a period")
    if method == "auto":
        method = _fastest(X, period)
    return {"tree": _tree, "brute": _brute}[method](X, k, period)


def _new_rows(X_new, X):
    """Rows to look for the nearest of, among the rows of X."""
    X_new = finite_rows("X_new", X_new, n=X.shape[1])
    if (largest := np.abs(X_new).max()) > 1e150:
        raise ValueError(f"X_new must be at most 1e150, got {largest:g}")
    return X_new


def _checked_period(period):
    return None if period is None else above_zero("period", period)


def _check_units(X):
    """Squares of the distances neither overflow nor vanish."""
    largest, extent = np.abs(X).max(), np.ptp(X / 2, axis=0).max()
    if largest > 1e150 or 0 < extent < 1e-140:
        raise ValueError(
            "X must be in other units: entries at most 1e150, extent at least 1e-140, "
            f"got {largest:g} and {2 * extent:g}"
        )


def _check_distinct(X):
    first, count = np.unique(X, axis=0, return_index=True, return_counts=True)[1:]
    if (count > 1).any():
        row = int(first[np.argmax(count > 1)])
        raise ValueError(
            f"X must hold distinct rows, got one at row {row} that occurs again"
        )


def _training(X, Y, *, name="Y", least=1):
    """Inputs with as many finite targets."""
    X, Y = finite_rows("X", X, least=least), real_array(name, Y).astype(float)
    if Y.ndim not in (1, 2) or len(Y) != len(X) or not Y.size:
        raise ValueError(
            f"{name} must be (D,) or (D, C) with D = {len(X)}, got {Y.shape}"
        )
    if not np.isfinite(Y).all():
        raise ValueError(f"{name} must be finite, got nan or infinity")
    return X, Y


def _fastest(X, period):
    """The faster search, as measured for D = 10³ … 10⁵, n = 1 … 784, k = 1 … 11.

    What a tree visits depends on the dimension of the data, not of the space around.
    """
    D, n = X.shape
    decades = np.log10(D) - 3
    if period or n < 4.5 + 4 * decades:
        return "tree"
    sheet = _dimension_at_a_glance(X) < (4.2 + 2 * decades) * (10 / n) ** 0.2
    return "tree" if sheet else "brute"


def _dimension_at_a_glance(X, *, rows=32, k=5):
    """Intrinsic dimension around a few points: for the choice of a search, no more."""
    if len(X) <= k:
        return np.inf
    Z = X - X.mean(axis=0)
    Z /= np.abs(Z).max() or 1.0
    some = Z[np.linspace(0, len(Z) - 1, rows).astype(int)]
    squares = (Z**2).sum(axis=1) - 2 * some @ Z.T
    nearest = np.partition(squares, k, axis=1)[:, : k + 1]
    nearest += (some**2).sum(axis=1, keepdims=True)
    # Of each the k nearest but itself; equal points, and what rounding made of them,
    # say nothing of a dimension.
    r = np.sqrt(np.maximum(np.sort(nearest, axis=1)[:, 1:], 1e-14))
    spread = np.log(r[:, -1:] / r[:, :-1]).mean()
    return 1 / spread if spread > 0 else np.inf


def _tree(X, k, period):
    tree = cKDTree(_wrapped(X, period), boxsize=period)

    def search(X_new):
        # Threads are worth starting for a few milliseconds of work.
        busy = len(X_new) * 2 ** min(X.shape[1], 10) > 2e5
        workers = os.cpu_count() if busy else 1
        return tree.query(_wrapped(X_new, period), k=range(1, k + 1), workers=workers)

    return search


def _wrapped(X, period):
    """Points in the unit cell of a torus, [0, period) in every coordinate."""
    if period is None:
        return X
    inside = X % period
    inside[inside == period] = 0  # -1e-20 % 1 is 1
    return inside


def _brute(X, k, _period):
    # 1.5 to 2.7 times faster than scikit-learn at equal accuracy, with one BLAS thread,
    # from 15 dimensions on, for 10³ to 12 000 points and up to three neighbours.
    centre = X.mean(axis=0)
    unit = np.abs(X - centre).max() or 1.0
    Z = (X - centre) / unit
    half = (Z**2).sum(axis=1) / 2
    longest = np.sqrt(2 * half.max())
    # One product gives x · y − |y|² / 2: the norms are one more column.
    table = np.column_stack([Z, -half])
    tables = {t: table.astype(t, copy=False).T for t in ("f4", "f8")}
    kept = min(len(X), k + 2)

    def search(X_new):
        rows = max(1, _BLOCK // len(X))
        parts = [block(X_new[i : i + rows]) for i in range(0, len(X_new), rows)]
        return tuple(map(np.concatenate, zip(*parts, strict=True)))

    def block(Q):
        distance, index, sure = ranked(Q, "f4")
        for again in (lambda Q: ranked(Q, "f8"), exactly):
            rows = np.flatnonzero(~sure)
            if rows.size:
                distance[rows], index[rows], sure[rows] = again(Q[rows])
        return distance, index

    def ranked(Q, dtype):
        """Nearest by scores of this type, and whether rounding could hide a nearer."""
        R = (Q - centre) / unit
        with np.errstate(over="ignore", invalid="ignore"):  # far away: not sure, then
            score = np.column_stack([R, np.ones(len(Q))]).astype(dtype) @ tables[dtype]
            index, worst = _largest(score, kept)
        distance, index = _sorted(Q, X, index, k)
        if kept == len(X):
            return distance, index, np.ones(len(Q), bool)
        # Whoever was left out has a score of at most `worst`, but for the rounding of
        # the entries, of n + 1 products and of their sum.
        reach = np.linalg.norm(R, axis=1)
        slack = (Z.shape[1] + 4) * np.finfo(dtype).eps * longest * (reach + longest)
        others = reach**2 - 2 * (worst.astype(float) + slack)
        return distance, index, others >= (distance[:, -1] / unit) ** 2  # nan is not

    def exactly(Q):
        gaps = [np.sqrt(((X - q) ** 2).sum(axis=1)) for q in Q]
        index = np.stack([np.argsort(gap, kind="stable")[:k] for gap in gaps])
        distance = np.take_along_axis(np.stack(gaps), index, 1)
        return distance, index, np.ones(len(Q), bool)

    return search


def _largest(score, m):
    """Indices of the m largest entries of each row, and the m-th of them."""
    if m > 24:
        index = np.argpartition(score, -m, axis=1)[:, -m:]
        return index, np.take_along_axis(score, index, 1).min(axis=1)
    rows, found = np.arange(len(score)), []
    for _ in range(m):  # a scan is far faster than a partition
        at = score.argmax(axis=1)
        worst = score[rows, at]
        score[rows, at] = -np.inf
        found.append(at)
    return np.stack(found, axis=1), worst


def _sorted(Q, X, index, k):
    """The k nearest of a few candidates, by differences."""
    gap = np.sqrt(((X[index] - Q[:, None]) ** 2).sum(axis=2))
    best = np.argsort(gap, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(gap, best, 1), np.take_along_axis(index, best, 1)
