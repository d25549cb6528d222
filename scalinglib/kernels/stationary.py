"""Kernels of the distance, and that of Brownian motion."""

from math import lgamma, log

import numpy as np
from scipy.special import kve

from scalinglib._input import above_zero
from scalinglib.kernels._gram import (
    LARGEST,
    Recipe,
    evaluate,
    squared_distances,
    squares_of,
)

__all__ = ["brownian", "gaussian", "laplace", "matern"]


def gaussian(X, Y=None, *, bandwidth, diagonal=False):
    r"""Infinitely smooth kernel of the distance, :math:`e^{-|x - y|^2 / 2 b^2}`.

    Parameters
    ----------
    X, Y, diagonal
        As in `ntk`.
    bandwidth : float
        b > 0.

    Returns
    -------
    (D, D') ndarray, or (D,)
        Float32 if both inputs are, otherwise float64.

    Raises
    ------
    ValueError
        If an argument is out of range, or `X` and `Y` are not finite matrices of as
        many columns.

    Notes
    -----
    Numerics, for all kernels of the distance: up to 8 coordinates distances come from
    differences. For more they come from inner products, and from differences where
    that loses digits: below a thousandth of the distance from the centre.

    Examples
    --------
    >>> gaussian([[0.0]], [[1.0], [2.0]], bandwidth=1).round(4)
    array([[0.6065, 0.1353]])
    """
    return evaluate(_gaussian(bandwidth), X, Y, diagonal)


def laplace(X, Y=None, *, bandwidth, diagonal=False):
    r"""Kernel with a kink at distance zero, :math:`e^{-|x - y| / b}`: Matérn's, ν = ½.

    Parameters
    ----------
    X, Y, bandwidth, diagonal
        As in `gaussian`.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        As `gaussian`.

    Examples
    --------
    >>> laplace([[0.0]], [[1.0], [2.0]], bandwidth=1).round(4)
    array([[0.3679, 0.1353]])
    """
    return evaluate(_laplace(bandwidth), X, Y, diagonal)


def matern(X, Y=None, *, nu, bandwidth, diagonal=False):
    r"""Matérn's kernel: of Hölder smoothness t = 2ν at distance zero.

    .. math::

       K = \frac{2^{1 - \nu}}{\Gamma(\nu)} z^\nu K_\nu(z), \qquad
       z = \frac{\sqrt{2 \nu} \, |x - y|}{b}

    with the modified Bessel function :math:`K_\nu`. On :math:`\mathbb R^d` its Fourier
    transform is :math:`\propto (2 \nu / b^2 + \omega^2)^{-(\nu + d/2)}`; for ν → ∞ it
    becomes the Gaussian kernel.

    Parameters
    ----------
    X, Y, bandwidth, diagonal
        As in `gaussian`.
    nu : float
        ν from above 0 to 50; ½, 3/2 and 5/2 need no Bessel function and are fast.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        As `gaussian`, or if ν is out of range.

    References
    ----------
    C. Rasmussen, C. Williams, "Gaussian processes for machine learning" (2006).

    Examples
    --------
    >>> matern([[0.0]], [[1.0], [2.0]], nu=1.5, bandwidth=1).round(4)
    array([[0.4834, 0.1397]])
    """
    return evaluate(_matern(nu, bandwidth), X, Y, diagonal)


def brownian(X, Y=None, *, diagonal=False):
    """Covariance of Brownian motion at times x ≥ 0, K = min(x, y).

    Parameters
    ----------
    X, Y, diagonal
        As in `ntk`, with one column and nothing below zero.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        If `X` or `Y` is not a finite column, or holds negative times.

    Examples
    --------
    >>> brownian([[0.5], [2.0]])
    array([[0.5, 0.5],
           [0.5, 2. ]])
    """
    return evaluate(_brownian(), X, Y, diagonal)


def _gaussian(bandwidth):
    b = _bandwidth(bandwidth)
    return _of_distance(lambda r: np.exp(-0.5 * r**2), 1 / b)


def _laplace(bandwidth):
    return _matern(1 / 2, bandwidth)


def _matern(nu, bandwidth):
    nu, b = above_zero("nu", nu), _bandwidth(bandwidth)
    if nu > 50:
        raise ValueError(f"nu must be at most 50, got {nu:g}: take the Gaussian kernel")
    closed = {
        0.5: lambda z: np.exp(-z),
        1.5: lambda z: (1 + z) * np.exp(-z),
        2.5: lambda z: (1 + z + z**2 / 3) * np.exp(-z),
    }
    values = closed.get(nu, lambda z: _bessel(nu, z))
    return _of_distance(values, np.sqrt(2 * np.longdouble(nu)) / b)


def _bandwidth(b):
    """In the longest type, for profiles in extended precision."""
    if (b := above_zero("bandwidth", b)) < 1e-300:
        raise ValueError(f"bandwidth must be at least 1e-300, got {b:g}")
    return np.longdouble(b)


def _bessel(nu, z):
    """Return 2^(1−ν) z^ν K_ν(z) / Γ(ν), in logarithms; near zero by its series."""
    z64 = np.asarray(z, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_k = (1 - nu) * log(2) - lgamma(nu) + nu * np.log(z64) - z64
        K = np.exp(log_k) * kve(nu, z64)
        # Where K_ν overflows, for ν ≥ 20 and z < 1e-4, two terms are exact.
        series = 1 - z64**2 / (4 * (nu - 1)) if nu > 1 else np.ones_like(z64)
    K = np.where(np.isfinite(K) & (z64 > 0), np.minimum(K, 1), series)
    return K.astype(z.dtype)


def _of_distance(values, scale):
    """A recipe for values of scale times the distance."""

    def prepare(name, X, dtype):
        X = X.astype(np.float64)
        return X, squares_of(name, X, LARGEST)

    def scaled(square, _, __, dtype):
        with np.errstate(over="ignore"):  # further than a float is far
            z = np.minimum(np.sqrt(square) * scale.astype(square.dtype), 1e4)
        return values(z.astype(dtype))

    return Recipe(
        prepare,
        squared_distances,
        np.zeros_like,
        scaled,
        lambda t: (2 - 2 * t, np.ones((), t.dtype)),
    )


def _brownian():
    def prepare(name, X, dtype):
        X = X.astype(np.float64)
        if X.shape[1] != 1 or not (X.min() >= 0 and X.max() < np.inf):
            raise ValueError(
                f"{name} must be one column of finite times >= 0, got shape {X.shape} "
                f"from {X.min()} to {X.max()}"
            )
        return X, X[:, 0]

    def product(A, B, out):
        np.minimum(A, B.T, out=out)

    def values(least, _, __, dtype):
        return least.astype(dtype)

    return Recipe(prepare, product, lambda x: x, values, on_sphere=None)
