r"""Nearest neighbours: finding them, learning from them, how far away they are."""

import os

import numpy as np
from scipy.interpolate import CubicSpline, LinearNDInterpolator
from scipy.spatial import Delaunay, QhullError, cKDTree
from scipy.special import beta, gammaln

from scalinglib._input import (
    above_zero,
    finite_rows,
    positive,
    real_array,
    whole_number,
)

__all__ = [
    "expected_distance",
    "k_nearest",
    "lipschitz_constant",
    "nearest",
    "piecewise_linear",
]

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
        A k-d tree, or all distances by matrix products: the tree visits few points in
        few dimensions and nearly all in many. By default the faster of the two for data
        that fill their dimensions, and a sorted list in one dimension. For a sheet of
        up to 4 dimensions in many more, ask for the tree.

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
    X = finite_rows("X", X).copy()
    k = whole_number("k", k, least=1)
    if k > len(X):
        raise ValueError(f"k must be at most D = {len(X)}, got {k}")
    period = _checked_period(period)
    _check_units(X)
    if method not in ("auto", "tree", "brute"):
        raise ValueError(f"method must be 'auto', 'tree' or 'brute', got {method!r}")
    if method == "brute" and period is not None:
        raise ValueError("method must not be 'brute' where there is a period")
    if method == "auto":
        method = _fastest(*X.shape, period)
    search = {"line": _sorted_line, "tree": _tree, "brute": _brute}[method](
        X, k, period
    )

    def find(X_new):
        X_new = finite_rows("X_new", X_new, n=X.shape[1])
        if (largest := np.abs(X_new).max()) > 1e150:
            raise ValueError(f"X_new must be at most 1e150, got {largest:g}")
        return search(X_new)

    return find


def k_nearest(*, k=1, period=None):
    """Learn by the mean target of the k nearest training points.

    Parameters
    ----------
    k : int, default 1
        With 1 the learner interpolates: it memorises the data.
    period : float, optional
        Period of all coordinates.

    Returns
    -------
    fit : callable
        ``fit(X (D, n), Y (D,) or (D, C)) -> predict``, and ``predict(X_new)`` has the
        shape of Y with the rows of X_new.

    Raises
    ------
    ValueError
        By ``fit`` if `k` exceeds D, lengths differ, or an entry is not finite.

    Examples
    --------
    >>> predict = k_nearest()([[0.0], [1.0]], [5.0, 7.0])
    >>> predict([[0.2], [0.9]]).tolist()
    [5.0, 7.0]
    """
    whole_number("k", k, least=1)

    def fit(X, Y):
        X, Y = _training(X, Y)
        find = nearest(X, k=k, period=period)
        return lambda X_new: Y[find(X_new)[1]].mean(axis=1)

    return fit


def piecewise_linear(*, period=None):
    """Learn by linear interpolation on the Delaunay triangulation of the inputs.

    Parameters
    ----------
    period : float, optional
        Period of all coordinates. Without one, points outside of the convex hull get
        the target of the nearest training point.

    Returns
    -------
    fit : callable
        ``fit(X (D, n), Y (D,) or (D, C)) -> predict``, n ≤ 6.

    Raises
    ------
    ValueError
        If the period is not above zero; by ``fit`` if there are fewer than n + 1
        points, all of them lie in a plane, points repeat, there are more than 6
        coordinates, lengths differ or an entry is not finite.

    Notes
    -----
    On a torus the triangulation is that of the points and of their images within a
    margin of the unit cell. The margin is wide enough if the circumspheres of all
    simplices that meet the cell lie within it; `fit` checks that and widens it if not.

    Examples
    --------
    >>> predict = piecewise_linear()([[0.0], [1.0]], [0.0, 2.0])
    >>> predict([[0.25]]).tolist()
    [0.5]
    """
    period = _checked_period(period)

    def fit(X, Y):
        X, Y = _training(X, Y)
        n = X.shape[1]
        if n > 6:
            raise ValueError(f"X must have at most 6 columns, got {n}")
        _check_distinct(_wrapped(X, period))
        if period is not None:
            return _periodic(X, Y, period)
        if n == 1:
            return _polyline(X[:, 0], Y)
        # Around the origin and of size one: elsewhere Qhull loses points to rounding.
        centre = X.mean(axis=0)
        unit = np.abs(X - centre).max() or 1.0
        linear = LinearNDInterpolator(_triangulation((X - centre) / unit), Y)
        fallback = k_nearest()(X, Y)

        def predict(X_new):
            X_new = finite_rows("X_new", X_new, n=n)
            f = linear((X_new - centre) / unit)
            outside = np.isnan(f).reshape(len(f), -1).any(axis=1)
            if outside.any():
                f[outside] = fallback(X_new[outside])
            return f

        return predict

    return fit


def expected_distance(D, d):
    r"""Mean distance to the nearest of D uniform points on the unit torus.

    .. math::

       \mathbb E\, r = \Gamma(1 + \tfrac1d) \, V_d^{-1/d}
       \frac{\Gamma(D + 1)}{\Gamma(D + 1 + \tfrac1d)}
       \simeq \Gamma(1 + \tfrac1d) \, (V_d D)^{-1/d},
       \qquad V_d = \frac{\pi^{d/2}}{\Gamma(d/2 + 1)}

    Parameters
    ----------
    D : array_like of float
        Number of points, ≥ 1.
    d : int
        Dimension, from 1 to 100.

    Returns
    -------
    float or ndarray of the shape of D

    Raises
    ------
    ValueError
        If `D` or `d` is out of range.

    Notes
    -----
    From P(r > s) = (1 − V_d s^d)^D, integrated over s. Above s = 1/2 the ball meets
    itself around the torus, and its volume is that of its part in a cube of side one:
    where such s matter (few points, many dimensions) the integral is corrected for it,
    numerically, to about six digits.

    Numerics: the ratio of Γ functions is a Beta function, which stays accurate where
    both overflow: :math:`\Gamma(1 + \frac1d) \Gamma(D + 1) / \Gamma(D + 1 + \frac1d)
    = \frac1d B(D + 1, \frac1d)`.

    Examples
    --------
    >>> expected_distance([1, 9, 1e12], 1).round(15).tolist()
    [0.25, 0.05, 5e-13]
    """
    D, d = positive("D", D), whole_number("d", d, least=1)
    if (D < 1).any():
        raise ValueError(f"D must be at least 1, got {D.min():g}")
    if d > 100:
        raise ValueError(f"d must be at most 100, got {d}")
    volume = np.exp(d / 2 * np.log(np.pi) - gammaln(d / 2 + 1))
    mean = volume ** (-1 / d) * beta(D + 1, 1 / d) / d
    crowded = (1 - volume / 2**d) ** D < 1e-12  # surely a point within one half
    if d == 1 or crowded.all():
        return mean
    return np.where(crowded, mean, mean + _beyond_half(D, d, volume))[()]


def _beyond_half(D, d, volume, *, nodes=400):
    """What the torus adds to the integral over s > 1/2 of P(no point within s)."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    total = 0.0
    # On the torus s ends at half the diagonal; without it, where the ball fills one.
    for sign, end, share in (
        (1, np.sqrt(d) / 2, _volume_in_cube(d)),
        (-1, max(0.5, volume ** (-1 / d)), lambda s: volume * s**d),
    ):
        s = 0.5 + (end - 0.5) * (x + 1) / 2
        outside = np.clip(1 - share(s), 0, 1) ** D[..., None]
        total = total + sign * outside @ weight * (end - 0.5) / 2
    return total


def _volume_in_cube(d, *, points=2001, nodes=64):
    """Volume of the part of a ball that lies in the unit cube, by its radius.

    One dimension at a time: a slice at height u of the ball of radius s is a ball of
    radius √(s² − u²).
    """

    def disc(s):  # minus the four segments beyond the sides of the square
        h = np.minimum(0.5 / np.maximum(s, 1e-300), 1)
        segment = s**2 * np.arccos(h) - np.sqrt(np.maximum(s**2 - 0.25, 0)) / 2
        return np.where(s < np.sqrt(0.5), np.pi * s**2 - 4 * segment, 1.0)

    share = disc
    x, weight = np.polynomial.legendre.leggauss(nodes)
    for k in range(3, d + 1):
        radii = np.linspace(0, np.sqrt(k) / 2, points)
        top = np.minimum(radii, 0.5)[:, None]
        heights = top * (x + 1) / 2
        below = np.sqrt(np.maximum(radii[:, None] ** 2 - heights**2, 0))
        slices = share(np.minimum(below, np.sqrt(k - 1) / 2))  # then it is full
        share = CubicSpline(radii, (slices @ weight) * top[:, 0])
    return share


def lipschitz_constant(f, X, *, distance=None):
    r"""Largest slope of a function between pairs of points: a lower bound.

    .. math::

       \max_{i} \frac{|f(x_i) - f(x_{i'})|}{|x_i - x_{i'}|}

    over the points and their ten nearest neighbours i'.

    Parameters
    ----------
    f : (N,) array_like
        Values at the points.
    X : (N, n) array_like
        Distinct points, N ≥ 2.
    distance : callable, optional
        ``distance(X, Y)`` between rows, as `Manifold.distance`; Euclidean by default.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes do not match, rows repeat, an entry is not finite, or ``distance``
        does not return a positive number for each pair.

    Examples
    --------
    >>> x = np.linspace(0, 1, 201)[:, None]
    >>> round(lipschitz_constant(np.sin(3 * x[:, 0]), x), 2)
    3.0
    """
    X, f = _training(X, f, name="f", least=2)
    if f.ndim != 1:
        raise ValueError(f"f must be (N,) with N = {len(X)}, got {f.shape}")
    _, index = nearest(X, k=min(11, len(X)))(X)
    _check_distinct(X)
    i, j = np.repeat(index[:, 0], index.shape[1] - 1), index[:, 1:].ravel()
    gap = real_array("distance(X, Y)", (distance or _euclidean)(X[i], X[j]))
    if gap.shape != i.shape or not (np.isfinite(gap) & (gap > 0)).all():
        raise ValueError(
            "distance must return a positive number for each pair of distinct rows, "
            f"({len(i)},), got {gap.shape} with least {gap.min():g}"
        )
    return float((np.abs(f[i] - f[j]) / gap).max())


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


def _euclidean(X, Y):
    return np.linalg.norm(X - Y, axis=1)


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


# ------------------------------------------------------------------ searching


def _fastest(D, n, period):
    """The fastest search, as measured for D = 10³ … 10⁵ and n = 1 … 64."""
    if n == 1:
        return "line"
    return "tree" if period or n < 4.5 + 4 * (np.log10(D) - 3) else "brute"


def _tree(X, k, period):
    tree = cKDTree(_wrapped(X, period), boxsize=period)

    def search(X_new):
        # Threads are worth starting for a few milliseconds of work.
        busy = len(X_new) * 2 ** min(X.shape[1], 10) > 2e5
        workers = os.cpu_count() if busy else 1
        return tree.query(_wrapped(X_new, period), k=range(1, k + 1), workers=workers)

    return search


def _sorted_line(X, k, period):
    """In one dimension the k nearest are among k to the left and k to the right."""
    x = _wrapped(X, period)[:, 0]
    order = np.argsort(x, kind="stable")
    D, steps = len(x), np.arange(-k, k)
    # A frame of k points on either side: around the circle, or infinitely far away.
    frame = np.arange(-k, D + k)
    line = x[order[frame % D]]
    outside = np.floor_divide(frame, D)
    line += outside * (period or 0)
    if period is None:
        line[outside != 0] = np.inf
    inner = line[k : k + D]

    def search(X_new):
        q = _wrapped(X_new, period)[:, 0]
        at = np.searchsorted(inner, q)[:, None] + steps + k
        return _smallest(np.abs(line[at] - q[:, None]), order[frame[at] % D], k)

    return search


def _smallest(gap, index, k):
    """The k smallest gaps of each row in order, and their indices."""
    if k == 1 and gap.shape[1] == 2:  # the case of every interpolator
        left = gap[:, 0] <= gap[:, 1]
        return (
            np.where(left, gap[:, 0], gap[:, 1])[:, None],
            np.where(left, index[:, 0], index[:, 1])[:, None],
        )
    best = np.argsort(gap, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(gap, best, 1), np.take_along_axis(index, best, 1)


def _wrapped(X, period):
    """Points in the unit cell of a torus, [0, period) in every coordinate."""
    if period is None:
        return X
    inside = X % period
    inside[inside == period] = 0  # -1e-20 % 1 is 1
    return inside


def _brute(X, k, _period):
    centre = X.mean(axis=0)
    unit = np.abs(X - centre).max() or 1.0
    Z = (X - centre) / unit
    half = (Z**2).sum(axis=1) / 2
    longest = np.sqrt(2 * half.max())
    # One product gives x · y − |y|² / 2: the norms are one more column.
    table = np.column_stack([Z, -half])
    tables = {t: np.ascontiguousarray(table.astype(t).T) for t in ("f4", "f8")}
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
    if m > 12:
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
    return _smallest(np.sqrt(((X[index] - Q[:, None]) ** 2).sum(axis=2)), index, k)


# ------------------------------------------------------------------ interpolating


def _polyline(x, Y):
    """Linear interpolation on a line, constant beyond its ends."""
    order = np.argsort(x)
    x, Y = x[order], Y[order]

    def predict(X_new):
        at = finite_rows("X_new", X_new, n=1)[:, 0]
        columns = [np.interp(at, x, y) for y in Y.reshape(len(Y), -1).T]
        return np.stack(columns, axis=1).reshape(len(at), *Y.shape[1:])

    return predict


def _triangulation(X):
    if len(X) <= X.shape[1]:
        raise ValueError(
            f"X must hold at least {X.shape[1] + 1} points in {X.shape[1]} "
            f"dimensions, got {len(X)}"
        )
    try:
        simplices = Delaunay(X)
    except QhullError:
        raise ValueError(
            "X must not lie in a plane of lower dimension (no triangulation)"
        ) from None
    if len(simplices.coplanar):
        raise ValueError("X must hold rows that differ by more than rounding")
    return simplices


def _periodic(X, Y, period):
    """Interpolation on a torus: with images of the points around the unit cell."""
    D, n = X.shape
    cell, margin = _wrapped(X, period) / period, min(1.0, 3.0 * D ** (-1 / n))
    if n == 1:
        margin = 1.0
    shifts = np.stack(np.meshgrid(*[[-1, 0, 1]] * n, indexing="ij"), axis=-1)
    images = (cell[:, None] + shifts.reshape(-1, n)).reshape(-1, n)
    targets = np.repeat(Y, 3**n, axis=0)
    while True:
        near = ((images > -margin) & (images < 1 + margin)).all(axis=1)
        if n == 1:
            inner = _polyline(images[near, 0], targets[near])
            break
        simplices = _triangulation(images[near])
        if margin >= 1 or _complete(simplices, margin):
            inner = LinearNDInterpolator(simplices, targets[near])
            break
        margin = min(1.0, 2 * margin)

    def predict(X_new):
        return inner(_wrapped(finite_rows("X_new", X_new, n=n), period) / period)

    return predict


def _complete(simplices, margin):
    """Whether no point beyond the margin could change a simplex that meets the cell.

    It could if it were in the circumsphere, which is read off the hyperplane of the
    simplex on the paraboloid z = s |x|² + shift over which Qhull works.
    """
    n, s = simplices.ndim, simplices.paraboloid_scale
    normal, last, offset = np.split(simplices.equations, [n, n + 1], axis=1)
    centre = -normal / (2 * s * last)
    offset = offset + last * simplices.paraboloid_shift
    radius = np.sqrt((centre**2).sum(axis=1) - offset[:, 0] / (s * last[:, 0]))
    corners = simplices.points[simplices.simplices]
    meets = ((corners.max(axis=1) >= 0) & (corners.min(axis=1) <= 1)).all(axis=1)
    reach = np.abs(centre - 0.5).max(axis=1) + radius
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * n), axis=-1).reshape(-1, n)
    covered = (simplices.find_simplex(corners) >= 0).all()  # so all of the cell is
    return bool((reach[meets] < 0.5 + margin).all() and covered)
