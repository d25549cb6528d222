"""How far away neighbours are, and how much a target changes on the way."""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import beta, gammaln

from scalinglib._input import function, positive, real_array, whole_number
from scalinglib._labels import like
from scalinglib.geometry.searching import _check_distinct, _search, _training

__all__ = ["expected_distance", "lipschitz_constant"]


def expected_distance(D, d):
    r"""Mean distance to the nearest of D uniform points on the unit torus.

    .. math::

       \mathbb E\, r = \Gamma(1 + \tfrac1d) \, V_d^{-1/d}
       \frac{\Gamma(D + 1)}{\Gamma(D + 1 + \tfrac1d)}
       \simeq \Gamma(1 + \tfrac1d) \, (V_d D)^{-1/d},
       \qquad V_d = \frac{\pi^{d/2}}{\Gamma(d/2 + 1)}

    Parameters
    ----------
    D : array_like of float, or DataArray
        Number of points, ≥ 1.
    d : int
        Dimension, from 1 to 100.

    Returns
    -------
    float, ndarray or DataArray of the shape of D

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
    labels, D, d = D, positive("D", D), whole_number("d", d, least=1)
    if (D < 1).any():
        raise ValueError(f"D must be at least 1, got {D.min():g}")
    if d > 100:
        raise ValueError(f"d must be at most 100, got {d}")
    volume = np.exp(d / 2 * np.log(np.pi) - gammaln(d / 2 + 1))
    mean = volume ** (-1 / d) * beta(D + 1, 1 / d) / d
    crowded = (1 - volume / 2**d) ** D < 1e-12  # surely a point within one half
    if d == 1 or crowded.all():
        return like(labels, mean)
    return like(labels, np.where(crowded, mean, mean + _beyond_half(D, d, volume))[()])


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
    function("distance", distance or _euclidean, of="(X, Y)")
    X, f = _training(X, f, name="f", least=2)
    if f.ndim != 1:
        raise ValueError(f"f must be (N,) with N = {len(X)}, got {f.shape}")
    _, index = _search(X, min(11, len(X)), None)(X)
    _check_distinct(X)
    i, j = np.repeat(index[:, 0], index.shape[1] - 1), index[:, 1:].ravel()
    gap = real_array("distance(X, Y)", (distance or _euclidean)(X[i], X[j]))
    if gap.shape != i.shape or not (np.isfinite(gap) & (gap > 0)).all():
        raise ValueError(
            "distance must return a positive number for each pair of distinct rows, "
            f"({len(i)},), got {gap.shape} with least {gap.min():g}"
        )
    return float((np.abs(f[i] - f[j]) / gap).max())


def _euclidean(X, Y):
    return np.linalg.norm(X - Y, axis=1)
