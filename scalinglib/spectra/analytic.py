"""Spectra that integrals and sums give: on spheres, on the torus."""

from typing import NamedTuple

import numpy as np
from scipy.special import comb

from scalinglib._input import function, real_array, whole_number

__all__ = ["SphereSpectrum", "sphere", "torus"]


class SphereSpectrum(NamedTuple):
    """Spectrum of a kernel on a sphere.

    Attributes
    ----------
    lam : (degrees + 1,) ndarray
        Eigenvalue of degree 0, 1, …
    multiplicity : (degrees + 1,) ndarray
        Number of independent eigenfunctions of that degree.

    Examples
    --------
    >>> lam, multiplicity = SphereSpectrum(np.array([1.0]), np.array([1]))
    """

    lam: np.ndarray
    multiplicity: np.ndarray


def sphere(profile, *, d, degrees):
    r"""Eigenvalues of a kernel that depends on the angle, K(x, y) = profile(x · y).

    .. math::

       \lambda_k = \frac{\int_0^\pi \mathrm{profile}(\cos\theta) \, P_k(\cos\theta)
           \, \sin^{d-1}\theta \, d\theta}
           {\int_0^\pi \sin^{d-1}\theta \, d\theta}

    on the unit sphere :math:`S^d \subset \mathbb R^{d+1}` with its uniform probability
    measure, as `scalinglib.geometry.sphere` samples it. The eigenfunctions of degree k
    are the spherical harmonics, and :math:`P_k` is Gegenbauer's polynomial with
    P_k(1) = 1: cos kθ on the circle, d = 1, and Legendre's for d = 2.

    Parameters
    ----------
    profile : callable
        Takes an array of cosines in [−1, 1] and returns the kernel.
    d : int
        Dimension of the sphere, ≥ 1: 1 is the circle, 2 the globe.
    degrees : int
        Largest degree, ≥ 0.

    Returns
    -------
    SphereSpectrum
        ``(lam, multiplicity)``. Summed with multiplicity over all degrees the
        eigenvalues give profile(1).

    Raises
    ------
    ValueError
        If an argument is out of range, or the profile does not return a finite number
        for every cosine.

    Notes
    -----
    Numerics: Gauss and Legendre's rule in θ, in which the kernels of networks and those
    of the chordal distance :math:`2\sin(\theta/2)` are analytic up to the ends: it
    converges geometrically once its nodes resolve P_k. The sums are in the machine's
    longest floating-point type, which `profile` should not shorten: on x86 errors are
    about 1e-19, where it is float64 about 1e-16, of the largest eigenvalue. Values that
    ought to vanish come out as such numbers, of either sign.

    References
    ----------
    A. Bietti, J. Mairal, arXiv:1905.12173 (2019), for the kernels of networks.

    Examples
    --------
    >>> lam, multiplicity = sphere(lambda t: t, d=2, degrees=2)
    >>> abs(lam.round(12)).tolist(), multiplicity.tolist()
    ([0.0, 0.333333333333, 0.0], [1.0, 3.0, 5.0])
    """
    n = whole_number("d", d, least=1) + 1
    degrees = whole_number("degrees", degrees, least=0)
    function("profile", profile, of="cosines")
    theta, weight = _legendre(2 * degrees + 100)
    cos = np.cos(theta)
    values = np.asarray(profile(cos))
    if values.shape != cos.shape or not np.isfinite(values).all():
        raise ValueError(
            "profile must return a finite number for each cosine, got "
            f"{values.dtype} of shape {values.shape} for {cos.shape}"
        )
    weight = weight * np.sin(theta) ** (n - 2)
    weight /= weight.sum()
    k = np.arange(degrees + 1)
    lam, before, now = np.empty(degrees + 1), np.zeros_like(cos), np.ones_like(cos)
    for j in k:
        lam[j] = (weight * values * now).sum()
        # (j + n − 2) P_{j+1} = (2j + n − 2) cos θ P_j − j P_{j−1}; P_1 is cos θ.
        front = (2 * j + n - 2, j, j + n - 2) if j + n > 2 else (1, 0, 1)
        before, now = now, (front[0] * cos * now - front[1] * before) / front[2]
    harmonics = comb(k + n - 1, n - 1) - np.where(k > 1, comb(k + n - 3, n - 1), 0)
    return SphereSpectrum(lam, harmonics)


def torus(eigenvalue, d, size):
    r"""Eigenvalues of a kernel on the unit torus that is a sum of waves.

    .. math:: K(x, y) = \sum_k \lambda_k \cos 2 \pi k \cdot (x - y), \qquad
       \lambda_k = \mathrm{eigenvalue}(|k|)

    Parameters
    ----------
    eigenvalue : callable
        λ as a function of the length of k, for an array of lengths from 0.
    d : int
        Dimension, ≥ 1.
    size : int
        Points of the grid along each axis, ≥ 1: k from −size/2 to size/2.

    Returns
    -------
    (size, …, size) ndarray
        λ_k in the order of :func:`numpy.fft.fftfreq`, for
        :func:`scalinglib.kernels.features.torus`. Sorted downwards, the spectrum.

    Raises
    ------
    ValueError
        If `d` or `size` is out of range, or an eigenvalue is not a finite number.

    Examples
    --------
    >>> torus(lambda k: 1 / (1 + k**2), d=1, size=4).round(2)
    array([1. , 0.5, 0.2, 0.5])
    """
    d, size = whole_number("d", d, least=1), whole_number("size", size, least=1)
    function("eigenvalue", eigenvalue, of="the length of k")
    k = np.fft.fftfreq(size, 1 / size)
    squares = np.zeros(d * (size,))
    for axis in range(d):
        squares += (k**2).reshape((-1,) + (d - 1 - axis) * (1,))
    lengths = np.sqrt(squares)
    lam = real_array("eigenvalue(k)", eigenvalue(lengths)).astype(float)
    if lam.shape != lengths.shape or not np.isfinite(lam).all():
        raise ValueError(
            f"eigenvalue must return a finite number for each length, got shape "
            f"{lam.shape} for {lengths.shape}"
        )
    return lam


def _legendre(number):
    """Nodes and weights on [0, π] in the longest type: numpy's, improved by Newton."""
    x = np.polynomial.legendre.leggauss(number)[0].astype(np.longdouble)
    for _ in range(2):
        before, now = np.ones_like(x), x
        for j in range(1, number):
            before, now = now, ((2 * j + 1) * x * now - j * before) / (j + 1)
        slope = number * (before - x * now) / (1 - x**2)
        x = x - now / slope
    weight = 2 / ((1 - x**2) * slope**2)
    half = np.arctan2(np.longdouble(0), np.longdouble(-1)) / 2  # π/2
    return half * (1 + x), half * weight
