"""Learners that interpolate: means of neighbours, linear functions between them."""

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay, QhullError

from scalinglib._input import finite_rows, whole_number
from scalinglib.geometry.searching import (
    _check_distinct,
    _checked_period,
    _new_rows,
    _search,
    _training,
    _wrapped,
)

__all__ = ["k_nearest", "piecewise_linear"]


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
    learn : callable
        ``learn(X (D, n), Y (D,) or (D, C)) -> predict``, and ``predict(X_new)`` has the
        shape of Y with the rows of X_new.

    Raises
    ------
    ValueError
        By ``learn`` if `k` exceeds D, lengths differ, or an entry is not finite.

    Examples
    --------
    >>> predict = k_nearest()([[0.0], [1.0]], [5.0, 7.0])
    >>> predict([[0.2], [0.9]]).tolist()
    [5.0, 7.0]
    """
    k, period = whole_number("k", k, least=1), _checked_period(period)

    def learn(X, Y):
        X, Y = _training(X, Y)
        X = X.copy()
        search = _search(X, k, period)
        return lambda X_new: Y[search(_new_rows(X_new, X))[1]].mean(axis=1)

    return learn


def piecewise_linear(*, period=None):
    """Learn by linear interpolation on the Delaunay triangulation of the inputs.

    Parameters
    ----------
    period : float, optional
        Period of all coordinates. Without one, points outside of the convex hull get
        the target of the nearest training point.

    Returns
    -------
    learn : callable
        ``learn(X (D, n), Y (D,) or (D, C)) -> predict``, n ≤ 6.

    Raises
    ------
    ValueError
        If the period is not above zero; by ``learn`` if there are fewer than n + 1
        points, all of them lie in a plane, points repeat, there are more than 6
        coordinates, lengths differ or an entry is not finite.

    Notes
    -----
    On a torus the triangulation is that of the points and of their images within a
    margin of the unit cell. The margin is wide enough if the circumspheres of all
    simplices that meet the cell lie within it; `learn` checks that and widens it.

    Examples
    --------
    >>> predict = piecewise_linear()([[0.0], [1.0]], [0.0, 2.0])
    >>> predict([[0.25]]).tolist()
    [0.5]
    """
    period = _checked_period(period)

    def learn(X, Y):
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

    return learn


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
