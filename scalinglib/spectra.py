r"""Spectra of kernels: analytic, of a sample, and the exponent α_K read off a sample.

The eigenvalues of a kernel are those of its integral operator over the distribution p
of the inputs, :math:`\int K(x, y) \phi(y) \, p(y) dy = \lambda \phi(x)`. Those of a
Gram matrix of N random points, over N, approach them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigvalsh
from scipy.optimize import brentq
from scipy.sparse.linalg import ArpackError, eigsh
from scipy.special import comb, zeta
from scipy.stats import t as student_t

from scalinglib._input import gram, number, pair, positive, real_array, whole_number
from scalinglib.regression import cholesky_factor, solve_lower

# `eigenvalues` is for the modules that take a spectrum.
__all__ = [
    "EmpiricalSpectrum",
    "ExponentEstimate",
    "PowerLaw",
    "SphereSpectrum",
    "empirical",
    "noise_exponent",
    "resolution_exponent",
    "resolutions",
    "sphere",
    "tail_exponent",
    "torus",
]

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

    def sampled(self, N):
        r"""Eigenvalues that a Gram matrix of N random points shows, over N.

        .. math::

           \hat\lambda_n \simeq \lambda_n \, b\Bigl(\frac{n - 1/2}{N}\Bigr), \qquad
           b(x) = 1 - \frac{\pi}{a} \cot\Bigl(\frac{\pi}{a}\Bigr) \, x + O(x^2),
           \qquad a = 1 + \alpha .

        In closed form, with an angle ψ from 0 to π and φ = π − ψ, ``_bend`` has
        b(x) for all x.

        Parameters
        ----------
        N : int
            Number of points, ≥ 1.

        Returns
        -------
        (N,) ndarray

        Raises
        ------
        ValueError
            If N is not a whole number above zero.

        Notes
        -----
        For Gaussian features and N ≫ 1; right to 1 % from N = 400 on for α ≥ ½. For
        α = 0.1 the first ten eigenvalues are above it by 1 to 2 %, for α = 0.01 by 3 to
        10 %. Features of one or two coordinates follow it until points come to lie
        close to each other, up to n of about N / 4.

        References
        ----------
        The equation for eigenvalues of sample covariances of Marčenko and Pastur
        (1967), solved here for a power law: chapter 5 of the course.

        Examples
        --------
        >>> lam = PowerLaw(2.0).sampled(1000)
        >>> bool(abs(lam[99] * 100**3 - 0.94) < 0.01)
        True
        """
        n = np.arange(1, whole_number("N", N, least=1) + 1)
        return self(n) * _bend(self.alpha)((n - 0.5) / N)

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
        :func:`scalinglib.kernels.torus`. Sorted downwards, the spectrum.

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


class EmpiricalSpectrum(NamedTuple):
    """Spectrum of a Gram matrix.

    Attributes
    ----------
    lam : ndarray
        Eigenvalues of K / N, in falling order.
    trusted : int
        How many of them are close to those of the kernel: a tenth of N, less where
        rounding comes first.

    Examples
    --------
    >>> lam, trusted = EmpiricalSpectrum(np.ones(10), 1)
    """

    lam: np.ndarray
    trusted: int


def empirical(K, *, modes=None):
    r"""Eigenvalues of K / N, and how many of them can be trusted.

    Parameters
    ----------
    K : (N, N) array_like
        Gram matrix of N random points; float32 stays float32.
    modes : int, optional
        How many of the largest to compute, from 1 to N; by default all. A few of many
        are found by Lanczos's method, which takes products with K only.

    Returns
    -------
    EmpiricalSpectrum
        ``(lam, trusted)``.

    Raises
    ------
    ValueError
        If K is not a finite symmetric matrix, or `modes` is out of range.

    Notes
    -----
    The first N/10 differ from those of the kernel by a bias of at most
    :math:`0.1 \, (\pi/a) |\cot(\pi/a)|` for :math:`\lambda_n \sim n^{-a}`, see
    `PowerLaw.sampled`, and by fluctuations of a relative size of about √(2/N).
    Eigenvalues below N ε λ₁ may be rounding. Lanczos's method may find an eigenvalue
    that is repeated exactly fewer times than it occurs; at random points none is.

    Examples
    --------
    >>> lam, trusted = empirical(np.diag([3.0, 1.0, 2.0]))
    >>> lam.tolist(), trusted
    ([1.0, 0.6666666666666666, 0.3333333333333333], 0)
    """
    K, largest = _scaled(K)
    N = len(K)
    modes = N if modes is None else whole_number("modes", modes, least=1)
    if modes > N:
        raise ValueError(f"modes must be at most N = {N}, got {modes}")
    found = _largest(K, modes) if modes < N / 8 else None  # beyond, all are as fast
    if found is None:
        found = eigvalsh(K, check_finite=False)[N - modes :]
    lam = np.sort(found)[::-1] / N
    above = int((lam > N * np.finfo(K.dtype).eps * lam[0]).sum())
    return EmpiricalSpectrum(lam * K.dtype.type(largest), min(above, N // 10))


def _largest(K, modes):
    """Largest eigenvalues by Lanczos's method, or None where that fails."""
    start = np.random.default_rng(0).standard_normal(len(K)).astype(K.dtype)
    try:
        return eigsh(K, k=modes, which="LA", v0=start, return_eigenvectors=False)
    except ArpackError:  # as for eigenvalues of a high multiplicity
        return None


@dataclass(frozen=True, eq=False)
class ExponentEstimate:
    """An exponent α_K with its interval, from groups of points.

    Attributes
    ----------
    alpha : float
        Mean over groups.
    interval : (float, float)
        95 % interval of the mean, Student's.
    groups : (groups,) ndarray
        The estimate of each group.

    Examples
    --------
    >>> estimate = ExponentEstimate(1.0, (0.9, 1.1), np.array([0.95, 1.05]))
    >>> estimate.covers(1.05)
    True
    """

    alpha: float
    interval: tuple[float, float]
    groups: np.ndarray

    def covers(self, alpha):
        """Whether the interval contains an exponent.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        bool
        """
        return self.interval[0] <= number("alpha", alpha) <= self.interval[1]


def tail_exponent(K, *, groups=8, window=None):
    r"""α_K from the eigenvalues of Gram matrices, corrected for their bend.

    .. math::

       \log \hat\lambda_n = \mathrm{const} - (1 + \alpha) \log n
           + \log b_\alpha\Bigl(\frac{n - 1/2}{N}\Bigr)

    by least squares over a window of n, evenly weighted in log n, with b of
    `PowerLaw.sampled`.

    Parameters
    ----------
    K : (N, N) array_like
        Gram matrix of random points in random order. Groups of neighbours are samples
        of their own, so that their scatter tells the error.
    groups : int, default 8
        How many, ≥ 2.
    window : (int, int), optional
        First and last n; by default 4 and a tenth of the points of a group.

    Returns
    -------
    ExponentEstimate

    Raises
    ------
    ValueError
        If K is not a finite symmetric matrix, an argument is out of range, groups are
        too small, an eigenvalue in the window is not above rounding, or they fall too
        slowly or too fast for a power law with α from 0.01 to 30.

    Notes
    -----
    What it sees is the spectrum within the window: one that is no power law there gives
    a local exponent, and the interval knows nothing of that. For α below 0.2 the
    estimate is some per cent too high.

    Examples
    --------
    >>> from scalinglib.random_features import gaussian
    >>> F = gaussian(PowerLaw(1.0)(np.arange(1, 2001)), 1000, rng=0)
    >>> tail_exponent(F @ F.T).covers(1.0)
    True
    """
    blocks = _groups(K, groups, least=40)
    size = len(blocks[0])
    first, last = _ends("window", window, (4, max(size // 10, 8)), size)
    # Evenly in log n: each octave has its say, and the far end does not drown the rest.
    n = np.unique(np.geomspace(first, last, 60).round().astype(int))
    return _estimate([_slope_of_tail(_tail(K, n), n, size) for K in blocks])


def resolutions(K):
    r"""Measured resolution of the first D points, for every D.

    .. math:: \hat\kappa(D) = 1 / \operatorname{tr} K_D^{-1}

    Parameters
    ----------
    K : (N, N) array_like
        Gram matrix of random points in random order; float32 stays float32.

    Returns
    -------
    (N,) ndarray of float64
        At D = 1, …, N, falling.

    Raises
    ------
    ValueError
        If K is not finite, symmetric and positive definite to rounding.

    Notes
    -----
    One factorisation K = L Lᵀ gives all D: the trace is the sum of the squares of the
    first D rows of :math:`L^{-1}`.

    References
    ----------
    J. Simon, D. Karkada, N. Ghosh, M. Belkin, arXiv:2311.14646.

    Examples
    --------
    >>> resolutions(np.diag([1.0, 2.0, 4.0])).round(3)
    array([1.   , 0.667, 0.571])
    """
    K = gram("K", K)
    inverse = solve_lower(_factor(K), np.eye(len(K), dtype=K.dtype))
    return 1 / np.cumsum((inverse**2).sum(axis=1, dtype=float))


def resolution_exponent(K, *, groups=8, sizes=None):
    r"""α_K from the resolution of growing sets of points.

    .. math::

       \hat\kappa(D) = \frac1{\operatorname{tr} K_D^{-1}} \sim
           (D + \tfrac12)^{-(1 + \alpha)} \, e^{-\alpha / 2 D}

    Parameters
    ----------
    K, groups
        As in `tail_exponent`.
    sizes : (int, int), optional
        First and last D; by default an eighth of the points of a group, and all.

    Returns
    -------
    ExponentEstimate

    Raises
    ------
    ValueError
        As `tail_exponent`, or if a group's K is not positive definite to rounding.

    Notes
    -----
    One factorisation K = L Lᵀ gives all D: the trace is the sum of the squares of the
    first D rows of :math:`L^{-1}`. In low dimension it is ruled by the few points that
    happen to lie closest: the estimate is then too high, by a tenth for Laplace's
    kernel in up to three dimensions, and for smooth kernels on a line it fails.

    The factor :math:`e^{-\alpha / 2 D}` is not in the reference. It was read off
    simulations of Gaussian features (coefficient −α/2 within 0.15 for α from ½ to 3).

    References
    ----------
    J. Simon, D. Karkada, N. Ghosh, M. Belkin, arXiv:2311.14646, for κ from the trace.

    Examples
    --------
    >>> from scalinglib.random_features import gaussian
    >>> F = gaussian(PowerLaw(1.0)(np.arange(1, 4001)), 800, rng=0)
    >>> resolution_exponent(F @ F.T).covers(1.0)
    True
    """
    blocks = _groups(K, groups, least=16)
    size = len(blocks[0])
    first, last = _ends("sizes", sizes, (max(size // 8, 2), size), size)
    D = np.unique(np.geomspace(first, last, 30).round().astype(int))
    u = np.log(D + 0.5)
    bent = 1 + _slope(u, 1 / D) / 2
    slopes = [_slope(u, np.log(resolutions(K)[D - 1])) for K in blocks]
    alphas = [-(slope + 1) / bent for slope in slopes]
    if not min(alphas) > 0:
        raise ValueError(
            "K must have a resolution that falls faster than 1 / D, but in some group "
            f"it falls with {1 + min(alphas):.3g}"
        )
    return _estimate(alphas)


def noise_exponent(K, *, groups=8):
    r"""α_K from what labels of pure noise do to a prediction.

    .. math::

       \frac{L}{\sigma^2} = 1 + \mathbb E_x |K_D^{-1} k(x)|^2
           \longrightarrow 1 + \alpha \qquad (D \to \infty,\ \text{no ridge})

    A learner without a ridge fits the noise, and predicts with weights whose squares
    sum to α_K: for D points to α + (α² − α − 1) / (2D), which is solved for α. The mean
    is over the points of the other groups.

    Parameters
    ----------
    K, groups
        As in `tail_exponent`; at least three groups.

    Returns
    -------
    ExponentEstimate

    Raises
    ------
    ValueError
        As `resolution_exponent`.

    Notes
    -----
    The sum of the squares is α_K for Gaussian features. For others it is a number of
    their own: 2/3 for Brownian motion, whose α_K is 1. The term in 1/D was read off
    simulations (within 0.25 of the coefficient at D = 60, for α from ½ to 3).

    References
    ----------
    J. Simon et al., arXiv:2110.03922: the overfitting coefficient :math:`E_0`.

    Examples
    --------
    >>> from scalinglib.random_features import gaussian
    >>> F = gaussian(PowerLaw(1.0)(np.arange(1, 4001)), 800, rng=0)
    >>> bool(abs(noise_exponent(F @ F.T).alpha - 1) < 0.05)
    True
    """
    K, groups = _scaled(K)[0], whole_number("groups", groups, least=3)
    blocks, rows = _split(K, groups, least=16)
    D, used = len(blocks[0]), slice(0, rows[-1].stop)
    seen = np.empty((len(blocks), len(blocks)))  # by points of group i, on those of j
    for i, (block, own) in enumerate(zip(blocks, rows, strict=True)):
        L = _factor(block)
        weights = solve_lower(L, solve_lower(L, K[own, used]), trans="T")
        seen[i] = (weights**2).sum(axis=0).reshape(len(blocks), D).mean(axis=1)
    np.fill_diagonal(seen, 0)
    others = len(blocks) - 1
    by, on = seen.sum(axis=1) / others, seen.sum(axis=0) / others
    # A group weighs on the mean by both; long inputs lower one, raise the other. These
    # are the pseudo-values of a jackknife that leaves out one group.
    mean = by.mean()
    e = mean + (by + on - 2 * mean) * others / (others - 1)
    # The positive root of α² + (2D − 1) α = 2D e + 1.
    p, q = D - 0.5, 2 * D * e + 1
    return _estimate(q / (p + np.sqrt(p**2 + q)))


# -- how a sample bends a power law --------------------------------------------------


def _bend(alpha) -> Callable:
    r"""λ̂ / λ as a function of x = (n − ½) / N, interpolated.

    The resolution κ = r N^{−a} e^{iφ} solves C κ^{−1/a} − N = N λ̂ / κ, the equation
    of theory for a power law with ridge −N λ̂, which is real if

    .. math:: r^{1/a} = C \frac{\sin b \phi}{\sin \phi}, \qquad b = 1 - 1/a ,

    and n is the integral of the density, Im (1 / κ) / π.
    """
    a = 1 + alpha
    b, C = 1 - 1 / a, (np.pi / a) / np.sin(np.pi / a)
    near = np.geomspace(1e-9, 0.5, 600)
    psi = np.pi * np.r_[near, 1 - near[-2::-1]]
    phi = np.pi - psi
    cot = 1 / np.tan(b * phi)
    log_r = a * np.log(C * np.sin(b * phi) / np.sin(psi))
    ratio = np.sin(psi) * cot + np.cos(psi)  # λ̂ / r
    share = a * np.sin(phi / a) / np.sin(b * phi) - ratio
    log_x = np.log((psi + np.sin(psi) * share) / np.pi)
    log_bend = log_r + np.log(ratio) + a * log_x
    return lambda x: np.exp(np.interp(np.log(x), log_x, log_bend))


def _tail(K, n):
    """Eigenvalues n of K / N, which must be above rounding."""
    lam = eigvalsh(K, check_finite=False)[::-1] / len(K)
    if not lam[n[-1] - 1] > len(K) * np.finfo(K.dtype).eps * lam[0]:
        raise ValueError(
            f"window must end before eigenvalues are rounding, {n[-1]} does not"
        )
    return lam[n - 1].astype(float)


def _slope_of_tail(lam, n, N):
    """The α whose bent power law falls as these eigenvalues do."""
    u, v = np.log(n), np.log(lam)

    def excess(alpha):
        return -_slope(u, v - np.log(_bend(alpha)((n - 0.5) / N))) - 1 - alpha

    if not excess(0.01) > 0 > excess(30):
        raise ValueError(
            "K must have eigenvalues that fall as a power with α from 0.01 to 30, but "
            f"in the window they fall with {-_slope(u, v):.3g}"
        )
    return brentq(excess, 0.01, 30, xtol=1e-10)


# -- groups of points ----------------------------------------------------------------


def _groups(K, groups, *, least):
    return _split(_scaled(K)[0], groups, least=least)[0]


def _split(K, groups, *, least):
    """Diagonal blocks of K, and the rows of each."""
    groups = whole_number("groups", groups, least=2)
    size = len(K) // groups
    if size < least:
        raise ValueError(
            f"K must have at least {least} points for each of {groups} groups, got "
            f"{len(K)} in all"
        )
    rows = [slice(i * size, (i + 1) * size) for i in range(groups)]
    return [K[r, r] for r in rows], rows


def _factor(K):
    """Lower triangle of K = L Lᵀ; the rest is not zeroed."""
    try:
        return cholesky_factor(K, 0.0, overwrite=False)
    except ValueError:
        raise ValueError(
            "K must be positive definite beyond rounding: points are too many or too "
            f"close for its spectrum in {K.dtype}; take fewer, or smaller groups"
        ) from None


def _ends(name, ends, default, size):
    """First and last index of a range within a group."""
    first, last = default if ends is None else pair(name, ends)
    first = whole_number(name, first, least=1)
    last = whole_number(name, last, least=first + 1)
    if last > size:
        raise ValueError(
            f"{name} must end within the {size} points of a group, got {last}"
        )
    return first, last


def _slope(u, v):
    du = u - u.mean()
    return float(du @ v / (du @ du))


def _estimate(found):
    """Mean over groups with Student's interval."""
    found = np.asarray(found, float)
    error = found.std(ddof=1) / len(found) ** 0.5
    half = student_t.ppf(0.975, len(found) - 1) * error
    mean = float(found.mean())
    return ExponentEstimate(mean, (float(mean - half), float(mean + half)), found)


# -- checks --------------------------------------------------------------------------


def _scaled(K):
    """A symmetric matrix over its largest entry, and that entry."""
    K = gram("K", K)
    largest = max(abs(float(K.max())), abs(float(K.min())))
    if not largest > 0:
        raise ValueError("K must not be zero")
    return K / K.dtype.type(largest), largest


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
