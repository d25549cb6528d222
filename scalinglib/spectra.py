r"""Spectra of kernels: infinite power laws, and kernels on spheres."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import comb, zeta

from scalinglib._input import number, positive, real_array, whole_number

# `eigenvalues` is for the modules that take a spectrum.
__all__ = ["PowerLaw", "SphereSpectrum", "sphere"]

_DIRECT = 400  # modes that are summed one by one


@dataclass(frozen=True)
class PowerLaw:
    r"""The spectrum :math:`\lambda_i = i^{-(1 + \alpha)}`, i = 1, 2, …, without an end.

    Parameters
    ----------
    alpha : float
        α from 0.001 to 30. The theory's exponent α_K.

    Raises
    ------
    ValueError
        If `alpha` is out of range.

    Notes
    -----
    Sums over all modes are needed at resolutions as fine as 10⁻¹³ and beyond, where no
    sum over modes one by one ends. `quadrature` replaces them by a sum with weights.

    Examples
    --------
    >>> spectrum = PowerLaw(1.0)
    >>> spectrum([1, 2, 10]).tolist()
    [1.0, 0.25, 0.01]
    >>> round(spectrum.total, 6)  # π² / 6
    1.644934
    """

    alpha: float

    def __post_init__(self):
        """Check the exponent."""
        alpha = number("alpha", self.alpha)
        if not 1e-3 <= alpha <= 30:
            raise ValueError(f"alpha must be from 0.001 to 30, got {self.alpha!r}")
        object.__setattr__(self, "alpha", alpha)

    def __call__(self, i):
        """Eigenvalue of mode i.

        Parameters
        ----------
        i : array_like
            Index, ≥ 1.

        Returns
        -------
        ndarray of the shape of i
        """
        return positive("i", i) ** -(1 + self.alpha)

    @property
    def total(self):
        """Sum of all eigenvalues, ζ(1 + α)."""
        return float(zeta(1 + self.alpha))

    def quadrature(self, reach, *, direct=0):
        r"""Modes with weights, whose sums are sums over all modes.

        .. math::

           \sum_{i=1}^\infty g(i) \simeq \sum_j w_j \, g(x_j)

        for functions such as λ_i / (λ_i + γ) with γ ≥ λ(reach): one for i up to
        `reach`, beyond it in proportion to λ_i.

        Parameters
        ----------
        reach : float
            Index up to which g may be far from its tail, ≥ 1.
        direct : int, default 0
            Sum at least so many modes one by one.

        Returns
        -------
        x, w : ndarray
            Indices, not whole numbers beyond the first 400, and their weights.

        Notes
        -----
        The first N = 400 modes have weight one. The rest is an integral from N + 1/2,
        by the midpoint form of Euler and Maclaurin's formula, whose first correction
        (g(N + 1) − g(N)) / 24 leaves a relative error of order (1 + α)³ N⁻⁴. In log x
        the integrand is analytic up to a distance π / (1 + α) from the real axis, so
        Gauss's rule converges geometrically on panels of that width. Where λ is 10⁻¹³
        of its value at `reach`, one last node carries the rest, x / α.

        Examples
        --------
        >>> x, w = PowerLaw(0.1).quadrature(1e6)
        >>> bool(abs(w @ x**-1.1 / PowerLaw(0.1).total - 1) < 1e-10)
        True
        """
        a, N = 1 + self.alpha, max(_DIRECT, direct)
        start = np.log(N + 0.5)
        end = np.log(max(float(reach), N + 1)) + 13 * np.log(10) / a
        panels = int(np.ceil((end - start) * a / np.pi)) + 1
        node, weight = np.polynomial.legendre.leggauss(20)
        edges = np.linspace(start, end, panels + 1)
        half = np.diff(edges)[:, None] / 2
        middle = (edges[:-1] + edges[1:])[:, None] / 2
        log_x = (middle + half * node).ravel()
        x = np.r_[np.arange(1, N + 2), np.exp(log_x), np.exp(end)]
        w = np.r_[
            np.ones(N + 1),
            (half * weight).ravel() * np.exp(log_x),
            np.exp(end) / self.alpha,
        ]
        w[N - 1 : N + 1] = 1 - 1 / 24, 1 / 24
        return x, w


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


def sphere(profile, dim, degrees):
    r"""Eigenvalues of a kernel that depends on the angle, K(x, y) = profile(x · y).

    .. math::

       \lambda_k = \frac{\int_0^\pi \mathrm{profile}(\cos\theta) \, P_k(\cos\theta)
           \, \sin^{n-2}\theta \, d\theta}
           {\int_0^\pi \sin^{n-2}\theta \, d\theta}

    on the unit sphere of :math:`\mathbb R^n` with its uniform probability measure.
    The eigenfunctions of degree k are the spherical harmonics, and :math:`P_k` is
    Gegenbauer's polynomial with P_k(1) = 1: cos kθ on the circle, Legendre's for n = 3.

    Parameters
    ----------
    profile : callable
        Takes an array of cosines in [−1, 1] and returns the kernel.
    dim : int
        n ≥ 2, of the space around the sphere.
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
    >>> lam, multiplicity = sphere(lambda t: t, dim=3, degrees=2)
    >>> abs(lam.round(12)).tolist(), multiplicity.tolist()
    ([0.0, 0.333333333333, 0.0], [1.0, 3.0, 5.0])
    """
    n = whole_number("dim", dim, least=2)
    degrees = whole_number("degrees", degrees, least=0)
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


def eigenvalues(spectrum):
    """Eigenvalues as floats, in falling order, not negative and not all zero."""
    lam = real_array("spectrum", spectrum).astype(float)
    if lam.ndim != 1 or not lam.size:
        raise ValueError(
            f"spectrum must be a PowerLaw or an array (S,), got shape {lam.shape}"
        )
    if not np.isfinite(lam).all():
        raise ValueError("spectrum must be finite, got nan or infinity")
    if lam.min() < 0 or not lam.max() > 0:
        raise ValueError(
            "spectrum must not be negative and not all zero, got least eigenvalue "
            f"{lam.min():g}: eigenvalues that rounding made negative are zero"
        )
    if (np.diff(lam) > 0).any():
        at = int(np.argmax(np.diff(lam) > 0))
        raise ValueError(
            "spectrum must be in falling order, got "
            f"{lam[at]:g} followed by {lam[at + 1]:g} at {at}"
        )
    return lam
