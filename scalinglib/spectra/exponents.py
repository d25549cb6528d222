"""The exponent a of a spectrum, and α_K = a − 1, read off a sample in three ways."""

import numpy as np
from scipy.linalg import eigvalsh
from scipy.optimize import brentq

from scalinglib._input import whole_number
from scalinglib._linalg import solve_lower
from scalinglib.spectra.groups import ExponentEstimate, _ends, _groups, _slope, _split
from scalinglib.spectra.power_law import _bend
from scalinglib.spectra.sampled import _factor, _of_matrix, _scaled

__all__ = ["noise_exponent", "resolution_exponent", "tail_exponent"]


def tail_exponent(K, *, groups=8, window=None):
    r"""Exponent a = 1 + α_K from eigenvalues of Gram matrices, their bend corrected.

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
        Its value is a, its ``alpha_K`` the theory's α_K.

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
    >>> from scalinglib.spectra import PowerLaw
    >>> from scalinglib.learners.random_features import gaussian
    >>> F = gaussian(PowerLaw(alpha=1.0)(np.arange(1, 2001)), 1000, rng=0)
    >>> tail_exponent(F @ F.T).alpha_K.covers(1.0)
    True
    """
    blocks = _groups(K, groups, least=40)
    size = len(blocks[0])
    first, last = _ends("window", window, (4, max(size // 10, 8)), size)
    # Evenly in log n: each octave has its say, and the far end does not drown the rest.
    n = np.unique(np.geomspace(first, last, 60).round().astype(int))
    return ExponentEstimate.of_mean(
        [1 + _slope_of_tail(_tail(K, n), n, size) for K in blocks]
    )


def resolution_exponent(K, *, groups=8, sizes=None):
    r"""Exponent a = 1 + α_K from the resolution of growing sets of points.

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
    >>> from scalinglib.spectra import PowerLaw
    >>> from scalinglib.learners.random_features import gaussian
    >>> F = gaussian(PowerLaw(alpha=1.0)(np.arange(1, 4001)), 800, rng=0)
    >>> resolution_exponent(F @ F.T).alpha_K.covers(1.0)
    True
    """
    blocks = _groups(K, groups, least=16)
    size = len(blocks[0])
    first, last = _ends("sizes", sizes, (max(size // 8, 2), size), size)
    D = np.unique(np.geomspace(first, last, 30).round().astype(int))
    u = np.log(D + 0.5)
    bent = 1 + _slope(u, 1 / D) / 2
    slopes = [_slope(u, np.log(_of_matrix(K)[D - 1])) for K in blocks]
    alphas = [-(slope + 1) / bent for slope in slopes]
    if not min(alphas) > 0:
        raise ValueError(
            "K must have a resolution that falls faster than 1 / D, but in some group "
            f"it falls with {1 + min(alphas):.3g}"
        )
    return ExponentEstimate.of_mean(1 + np.array(alphas))


def noise_exponent(K, *, groups=8):
    r"""Exponent a = 1 + α_K from what labels of pure noise do to a prediction.

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
    >>> from scalinglib.spectra import PowerLaw
    >>> from scalinglib.learners.random_features import gaussian
    >>> F = gaussian(PowerLaw(alpha=1.0)(np.arange(1, 4001)), 800, rng=0)
    >>> bool(abs(noise_exponent(F @ F.T).alpha_K.value - 1) < 0.05)
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
    return ExponentEstimate.of_mean(1 + q / (p + np.sqrt(p**2 + q)))


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
