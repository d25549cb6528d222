r"""Learning curves from a spectrum: L(D) of kernels, L(D, P) of random features.

With the learnability of mode i, L_i = λ_i / (λ_i + γ), and

.. math::

   z = \sum_i L_i, \qquad q = \sum_i L_i^2,

the resolution γ is the solution of one symmetric equation,

.. math::

   (D - z)(P - z) = \delta P / \gamma, \qquad z \le \min(D, P),

and the test loss is

.. math::

   L = \frac{D \, \bigl[ \sum_i (1 - L_i)^2 v_i^2
             + \frac{z - q}{P - q} \sum_i L_i (1 - L_i) v_i^2 + \sigma^2 \bigr]}
            {(D - z) + (P - z) \frac{z - q}{P - q}} .

Every term is positive: nothing cancels. The equations are those of Simon et al.
(2311.14646), from which κ = γ (P − z) / P has been eliminated: with it
D − z = δ / κ, and P → ∞ gives the kernel's curve (2110.03922).

They hold to leading order in 1/D and 1/P, for Gaussian features or such as behave like
them. For λ = i⁻² the simulated loss is higher by 10 % at (D, P) = (20, 30) and by 1 %
at (60, 200); `finite_size_loss` has the next order too.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from scalinglib._input import (
    above_zero,
    gram,
    increasing,
    number,
    positive,
    real_array,
    whole_number,
)
from scalinglib.regression import checked_targets, cholesky_factor, solve_lower
from scalinglib.spectra import PowerLaw, eigenvalues, resolutions

__all__ = [
    "MissedPower",
    "Resolution",
    "extrapolated_loss",
    "finite_size_loss",
    "kare",
    "kernel_loss",
    "large_m_constant",
    "learnabilities",
    "missed_power",
    "predicted_exponent",
    "random_feature_loss",
    "resolution",
]


class Resolution(NamedTuple):
    """Resolutions at which a learner sees the target.

    Attributes
    ----------
    kappa : ndarray
        κ, of the kernel that the P features make: that of D points.
    gamma : ndarray
        γ ≥ κ, of the spectrum: modes with λ ≫ γ are learned.

    Examples
    --------
    >>> kappa, gamma = Resolution(0.1, 0.2)
    """

    kappa: np.ndarray
    gamma: np.ndarray


def kernel_loss(spectrum, D, *, target=None, ridge=0.0, noise=0.0):
    r"""Test loss of kernel ridge regression with D training points.

    .. math::

       D = z + \frac\delta\kappa, \qquad
       L = \frac{D}{D - q} \Bigl[ \sum_i (1 - L_i)^2 v_i^2 + \sigma^2 \Bigr],
       \qquad L_i = \frac{\lambda_i}{\lambda_i + \kappa}

    Parameters
    ----------
    spectrum : (S,) array_like or PowerLaw
        Eigenvalues λ_i ≥ 0, in falling order.
    D : array_like of float
        Numbers of training points, > 0; infinity is accepted.
    target : (S,) array_like or PowerLaw, optional
        v_i² ≥ 0, the target's power in each mode. By default the spectrum itself: a
        target drawn from the kernel's own prior.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).
    noise : float, default 0.0
        σ² ≥ 0, variance of the label noise. It is part of the loss.

    Returns
    -------
    float or ndarray of the shape of D
        Mean squared error on fresh noisy labels, without a factor ½.

    Raises
    ------
    ValueError
        If the spectrum is not finite, negative, not in falling order or zero, lengths
        differ, an argument is out of range, or there is no ridge and D is not below the
        number of modes above zero.

    References
    ----------
    B. Bordelon, A. Canatar, C. Pehlevan, arXiv:2002.02561; J. Simon et al.,
    arXiv:2110.03922, the "eigenlearning" equations.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> D = 10
    >>> bool(np.isclose(kernel_loss(PowerLaw(1), D), D * np.pi**2 / (2 * D + 1) ** 2))
    True
    """
    return random_feature_loss(
        spectrum, D, np.inf, target=target, ridge=ridge, noise=noise
    )


def random_feature_loss(spectrum, D, P, *, target=None, ridge=0.0, noise=0.0):
    r"""Test loss of ridge regression on P random features with D training points.

    The student's features are P Gaussian mixtures of the teacher's, or any others that
    behave like these, and its kernel is :math:`\hat K = \frac1P f f^{\mathsf T}`. The
    equations stand at the head of this module. Without ridge and noise, and with the
    default target, they become, with m = min(D, P) and M = max(D, P),

    .. math::

       L(D, P) = \frac{m \gamma_m}{1 - m / M}, \qquad
       \sum_i \frac{\lambda_i}{\lambda_i + \gamma_m} = m .

    Parameters
    ----------
    spectrum, target, ridge, noise
        As in `kernel_loss`; the ridge is added to :math:`\hat K`.
    D, P : array_like of float
        Numbers of training points and of features, > 0, broadcast against each other;
        infinity is accepted.

    Returns
    -------
    float or ndarray
        Of the shape that D and P broadcast to. Infinite at D = P without a ridge.

    Raises
    ------
    ValueError
        As `kernel_loss`, with min(D, P) in the place of D.

    Notes
    -----
    Numerics: the sums over modes are analytic functions of log γ. They are computed on
    Chebyshev points of panels of width one and interpolated, to fourteen digits, so the
    cost of a grid hardly depends on its size. The equation for γ is monotone: Newton's
    method within a bracket.

    References
    ----------
    J. Simon, D. Karkada, N. Ghosh, M. Belkin, arXiv:2311.14646, the random-feature
    eigenframework; Y. Bahri et al., arXiv:2102.06701, for the model.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> loss = random_feature_loss(PowerLaw(1), [[10], [1000]], [10, 100, np.inf])
    >>> loss.shape, bool(np.isinf(loss[0, 0]))
    ((2, 3), True)
    """
    noise = number("noise", noise, least=0)
    at = _solve(spectrum, D, P, target, ridge)
    z, spread, missed, mixed = at.sums
    with np.errstate(divide="ignore"):
        share = spread / (at.gap_P + spread)  # (z − q) / (P − q), zero for P = ∞
        kept = 1 / (1 + spread / at.gap_P)  # (P − z) / (P − q), one for P = ∞
        seen = 1 / (1 + z / at.gap_D)  # (D − z) / D, one for D = ∞
        loss = (missed + share * mixed + noise) / (seen + kept * spread / at.D)
    return loss[()]


def finite_size_loss(spectrum, D, P=np.inf):
    r"""Test loss without ridge and noise to next order in one over the sizes.

    With m = min(D, P), M = max(D, P), learnabilities :math:`L_i` at the resolution
    γ of m, :math:`q = \sum_i L_i^2` and :math:`c = \sum_i L_i^3`,

    .. math::

       \mathbb E \, L(D, P) \simeq m \gamma \,
           \Bigl[1 + \frac{q}{m (m - q)} - \frac{q - c}{(m - q)^2}\Bigr] \,
           \frac{M - 1}{M - m - 1} .

    The last factor is exact. For λ_i = i^{−(1+α)} the bracket tends to 1 + α / (2m).

    Parameters
    ----------
    spectrum : (S,) array_like or PowerLaw
        Eigenvalues λ_i ≥ 0, in falling order; the target is a draw from the same prior,
        v² = λ.
    D, P : array_like of float
        Numbers of training points and of features, ≥ 1, broadcast against each other;
        infinity is accepted.

    Returns
    -------
    float or ndarray
        Of the shape that D and P broadcast to. Infinite where M − m ≤ 1, as the mean
        over draws is.

    Raises
    ------
    ValueError
        As `random_feature_loss`; or if a size is below one, or the bracket is further
        from one than a half, as next to a gap in the spectrum: then the expansion
        says nothing.

    Notes
    -----
    For Gaussian features and Gaussian mixtures of them. What is left out is of relative
    order 1/m²: for λ = i⁻², 2 % at m = 3, 0.5 % at m = 5, against 7 % of the leading
    order.

    References
    ----------
    Derived in chapter 4 of the course, by leaving out one mode.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> ratio = finite_size_loss(PowerLaw(1), 100) / kernel_loss(PowerLaw(1), 100)
    >>> round(float(ratio), 4)
    1.0049
    """
    D, P = _grid(D, P)
    m, M = np.minimum(D, P), np.maximum(D, P)
    if m.min() < 1:
        raise ValueError(f"D and P must be at least 1, got {m.min():g}")
    sizes, place = np.unique(m, return_inverse=True)  # the bracket depends on m alone
    gamma = resolution(spectrum, sizes).gamma
    modes = _modes(spectrum, None, reach=sizes[np.isfinite(sizes)].max(initial=1))
    L = modes.lam / (modes.lam + gamma[:, None])
    q = L**2 @ modes.weight
    spread = (L * (1 - L)) @ modes.weight  # m − q
    curved = (L**2 * (1 - L)) @ modes.weight  # q − c
    with np.errstate(divide="ignore", invalid="ignore"):
        more = q / (sizes * spread) - curved / spread**2
        limit = sizes * gamma * (1 + more)
        wide = np.isfinite(sizes) & ~(abs(more) <= 0.5)
        if wide.any():
            raise ValueError(
                "spectrum must fall slowly and without gaps for an expansion: at "
                f"min(D, P) = {sizes[wide][0]:g} its next term is {more[wide][0]:.2g} "
                "of the first, accepted is 0.5"
            )
        pole = 1 + m / np.where(M - m > 1, M - m - 1, 0)
        loss = limit[place].reshape(m.shape) * pole
    return np.where(np.isinf(m), 0, loss)[()]


def kare(K, Y, sizes, *, ridge=0.0):
    r"""Estimate the test loss from the training data alone, for every size.

    .. math::

       \hat L(D) = \frac{D \, |(K_D + \delta \mathbb 1)^{-1} Y_D|^2}
                       {[\operatorname{tr} (K_D + \delta \mathbb 1)^{-1}]^2}

    The Kernel Alignment Risk Estimator; with a ridge it is Golub, Heath and Wahba's
    generalised cross-validation. Leave-one-out residuals are
    :math:`\alpha_i / (K + \delta)^{-1}_{ii}`, α = (K + δ)⁻¹ Y: here every diagonal
    entry is replaced by their mean, which also has a meaning as D κ̂ in the theory.

    Parameters
    ----------
    K : (D_max, D_max) array_like
        Gram matrix of the training points.
    Y : (D_max,) or (D_max, C) array_like
        Training targets.
    sizes : sequence of int
        The values of D, increasing, from 1 to at most D_max; the first points are used.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).

    Returns
    -------
    (len(sizes),) ndarray
        Estimated mean squared error on fresh labels, noise included, summed over the C
        outputs.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, `ridge` is negative, `sizes`
        does not increase, or K is not symmetric and positive definite to rounding.

    Notes
    -----
    Cost: one factorisation K + δ = L Lᵀ and one inverse of L; the trace for all D is a
    cumulative sum of squares of rows of L⁻¹.

    References
    ----------
    A. Jacot, B. Şimşek, F. Spadaro, C. Hongler, F. Gabriel, arXiv:2006.09796 (2020);
    G. Golub, M. Heath, G. Wahba, Technometrics 21, 215 (1979).

    Examples
    --------
    >>> kare(np.diag([1.0, 2.0]), [1.0, 4.0], sizes=[1, 2])
    array([1.        , 4.44444444])
    """
    K, ridge = gram("K", K).astype(float), number("ridge", ridge, least=0)
    Y = checked_targets(Y, K)
    sizes = increasing("sizes", sizes, most=len(K))
    most = sizes[-1]
    L = cholesky_factor(K[:most, :most], ridge, overwrite=False)
    inverse = solve_lower(L, np.eye(most))
    trace = np.cumsum((inverse**2).sum(axis=1))
    half = inverse @ Y[:most].reshape(most, -1)
    losses = []
    for D in sizes:
        alpha = inverse[:D, :D].T @ half[:D]
        losses.append(D * (alpha**2).sum() / trace[D - 1] ** 2)
    return np.array(losses)


class MissedPower(NamedTuple):
    """What a kernel misses of labels, as a function of its resolution.

    Attributes
    ----------
    kappa : (n,) ndarray
        Resolutions κ.
    learned : (n,) ndarray
        Number of modes above each, z.
    power : (n,) ndarray
        Power of the labels that is missed at that resolution, noise included.

    Examples
    --------
    >>> kappa, learned, power = MissedPower(np.ones(1), np.ones(1), np.ones(1))
    """

    kappa: np.ndarray
    learned: np.ndarray
    power: np.ndarray


def missed_power(K, Y, ridges):
    r"""Power of the labels that is missed at each resolution, from N labelled points.

    .. math::

       R = (K + \delta \mathbb 1)^{-1}, \qquad
       \kappa = \frac1{\operatorname{tr} R}, \qquad
       z = N - \frac\delta\kappa, \qquad
       B = \frac{\operatorname{tr} \, Y^{\mathsf T} R^2 Y}{\operatorname{tr} R^2}
         \simeq \sum_i \Bigl(\frac{\kappa}{\lambda_i + \kappa}\Bigr)^2 v_i^2 + \sigma^2

    A ridge makes the resolution of a sample coarser, as fewer points would: one sample
    shows B at all κ above its own. It is `kare` times (1 − q/N), where the theory's
    :math:`d\delta/d\kappa = N - q` turns the factor into
    :math:`(\operatorname{tr} R)^2 / (N \operatorname{tr} R^2)`.

    Parameters
    ----------
    K : (N, N) array_like
        Gram matrix.
    Y : (N,) or (N, C) array_like
        Labels; the power is summed over the C outputs.
    ridges : (n,) array_like
        δ > 0.

    Returns
    -------
    MissedPower
        ``(kappa, learned, power)``, in the order of the ridges.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, a ridge is not above zero,
        or K is not symmetric, or has a negative eigenvalue beyond rounding in its type.

    Notes
    -----
    One eigendecomposition serves all ridges. On images B is right to a few per cent up
    to z of about N/8, and too low beyond: there the left-out points of the sample are
    not equally hard, as the theory takes them to be.

    References
    ----------
    Derived in chapter 6 of the course from A. Jacot et al., arXiv:2006.09796, and J.
    Simon et al., arXiv:2110.03922.

    Examples
    --------
    >>> seen = missed_power(np.diag([8.0, 1.0]), [2.0, 2.0], ridges=[1.0])
    >>> seen.learned.round(3), seen.power  # 8/9 + 1/2; here every point has y² = 4
    (array([1.389]), array([4.]))
    """
    K, ridges = gram("K", K), positive("ridges", ridges)
    if ridges.ndim != 1 or not ridges.size:
        raise ValueError(f"ridges must be (n,), not empty, got shape {ridges.shape}")
    rounding, K = len(K) * np.finfo(K.dtype).eps, K.astype(float)
    Y = _labels(Y, K)
    unit_K, unit_Y = abs(K).max() or 1.0, abs(Y).max() or 1.0  # no square overflows
    lam, U = eigh(K / unit_K, check_finite=False, driver="evd")
    if lam[0] < -rounding * max(lam[-1], 0):
        raise ValueError(
            f"K must have no negative eigenvalue, got {lam[0] * unit_K:.3g}"
        )
    lam = np.maximum(lam, 0)
    R = 1 / (lam + (ridges / unit_K)[:, None])
    weight = (R / R.max(axis=1, keepdims=True)) ** 2
    power = weight @ ((U.T @ (Y / unit_Y)) ** 2).sum(axis=1) / weight.sum(axis=1)
    with np.errstate(over="ignore", under="ignore"):
        power = power * unit_Y * unit_Y
    if not np.isfinite(power).all():
        raise ValueError("Y must be of a size whose squares are floats")
    return MissedPower(unit_K / R.sum(axis=1), R @ lam, power)


def extrapolated_loss(K, Y, D):
    r"""Learning curve from N labelled points and no training, continued as powers.

    .. math::

       \hat L(D) = (1 + \alpha) \, B(\kappa(D)), \qquad
       \kappa(D) \propto D^{-(1 + \alpha)}, \qquad B(\kappa) \propto \kappa^s

    The inputs tell the resolution: κ̂ = 1 / tr K⁻¹ of N/8 to N points, evenly weighted
    in log D, continued as a power. The labels tell what is missed at a resolution: B
    of `missed_power` where N/64 to N/8 modes are learned, continued as a power. The
    factor is D/(D − q) for eigenvalues that fall as :math:`i^{-(1 + \alpha)}`.

    Parameters
    ----------
    K : (N, N) array_like
        Gram matrix of random points in random order, N ≥ 64.
    Y : (N,) or (N, C) array_like
        Labels; the loss is summed over the C outputs.
    D : array_like of float
        Numbers of training points, > 0 and finite.

    Returns
    -------
    float or ndarray of the shape of D
        Mean squared error, noise included.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, there are fewer than 64
        points, all labels are zero, K is not symmetric and positive definite to
        rounding, or its eigenvalues have a gap where the labels' power is read.

    Notes
    -----
    An interval comes from repeating it on several samples. It shows scatter only: that
    spectrum and labels continue as powers is assumed, right for targets drawn from the
    kernel's prior and wrong for the labels of Fashion-MNIST.

    References
    ----------
    J. Simon et al., arXiv:2110.03922; A. Wei, W. Hu, J. Steinhardt, arXiv:2203.06176,
    for predictions from a Gram matrix and labels.

    Examples
    --------
    >>> lam, rng = np.arange(1, 3001) ** -2.0, np.random.default_rng(0)
    >>> f = rng.standard_normal((512, 3000)) * lam**0.5
    >>> y = f @ rng.standard_normal((3000, 20))  # twenty targets from the prior
    >>> found = extrapolated_loss(f @ f.T, y, 1000) / 20
    >>> bool(abs(found / kernel_loss(PowerLaw(1), 1000) - 1) < 0.2)
    True
    """
    K, D = gram("K", K).astype(float), positive("D", D)
    N, Y = len(K), _labels(Y, K)
    if N < 64:
        raise ValueError(f"K must hold at least 64 points, got {N}")
    unit_K, unit_Y = abs(K).max() or 1.0, abs(Y).max()
    if not unit_Y:
        raise ValueError("Y must not be zero: no power could be continued")
    K, Y = K / unit_K, Y / unit_Y  # κ is in units of K, and drops out
    sizes = np.arange(N // 8, N + 1)
    kappa = np.log(resolutions(K)[sizes - 1])
    slope, log_kappa = np.polyfit(np.log(sizes), kappa, 1, w=sizes**-0.5)
    ridges = N * K.diagonal().mean() * np.geomspace(1e-13, 1, 400)
    seen = missed_power(K, Y, ridges)
    used = (seen.learned >= N / 64) & (seen.learned <= N / 8)
    if used.sum() < 10 or seen.learned[used].max() < N / 16:
        raise ValueError(
            f"K must have eigenvalues without a gap: where {N / 64:g} to {N / 8:g} "
            "modes are learned too few ridges show what is missed"
        )
    logs = np.log(seen.kappa[used]), np.log(seen.power[used])
    s, log_power = np.polyfit(*logs, 1)
    logs = log_power + s * (log_kappa + slope * np.log(D)) + 2 * np.log(unit_Y)
    with np.errstate(over="ignore", under="ignore"):
        loss = -slope * np.exp(logs)
    if not (np.isfinite(loss) & (loss > 0)).all():
        raise ValueError("D and Y must be of a size at which the loss is a float")
    return loss[()]


def _labels(Y, K):
    """Labels as (N, C), with at least one output."""
    Y = checked_targets(Y, K).reshape(len(K), -1)
    if not Y.size:
        raise ValueError("Y must have at least one output, got none")
    return Y


def resolution(spectrum, D, P=np.inf, *, ridge=0.0):
    r"""Resolutions κ and γ at which D points and P features see a target.

    .. math:: (D - z)(P - z) = \delta P / \gamma, \qquad \kappa = \gamma (P - z) / P

    Parameters
    ----------
    spectrum, D, P, ridge
        As in `random_feature_loss`.

    Returns
    -------
    Resolution
        ``(kappa, gamma)``, of the shape that D and P broadcast to. Without a ridge κ is
        zero for P < D: the data determine all parameters.

    Raises
    ------
    ValueError
        As `random_feature_loss`.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> kappa, gamma = resolution(PowerLaw(1), 10)
    >>> bool(kappa == gamma), round(float(gamma) * 21**2 / np.pi**2, 12)
    (True, 1.0)
    """
    at = _solve(spectrum, D, P, None, ridge)
    with np.errstate(divide="ignore"):
        kappa = at.gamma / (1 + at.sums[0] / at.gap_P)
    return Resolution(kappa[()], at.gamma[()])


def learnabilities(spectrum, D, P=np.inf, *, ridge=0.0, modes=None):
    r"""Fraction of each mode that is learned on average, L_i = λ_i / (λ_i + γ).

    .. math:: \sum_i L_i + \delta / \kappa = D

    Parameters
    ----------
    spectrum, D, P, ridge
        As in `random_feature_loss`.
    modes : int, optional
        How many modes to return: by default all, for a `PowerLaw` required.

    Returns
    -------
    ndarray
        Of the shape that D and P broadcast to, and a last axis of modes.

    Raises
    ------
    ValueError
        As `random_feature_loss`, or if `modes` is out of range.

    Examples
    --------
    >>> L = learnabilities([4.0, 1.0, 1.0], 2)
    >>> L.round(3).tolist(), round(float(L.sum()), 12)
    ([0.845, 0.577, 0.577], 2.0)
    """
    gamma = resolution(spectrum, D, P, ridge=ridge).gamma
    if isinstance(spectrum, PowerLaw):
        lam = spectrum(np.arange(1, whole_number("modes", modes, least=1) + 1))
    else:
        lam = eigenvalues(spectrum)
        modes = len(lam) if modes is None else whole_number("modes", modes, least=1)
        if modes > len(lam):
            raise ValueError(f"modes must be at most {len(lam)}, got {modes}")
        lam = lam[:modes]
    gamma = np.expand_dims(gamma, -1)
    total = lam + gamma
    return np.divide(lam, total, out=np.zeros(total.shape), where=total > 0)


def predicted_exponent(alpha, beta=None):
    r"""Exponent of L(D), and of L(P), for power laws of spectrum and target.

    .. math::

       \lambda_i \sim i^{-(1 + \alpha)}, \quad v_i^2 \sim i^{-(1 + \beta)}
       \quad\Longrightarrow\quad L \sim m^{-\min(\beta, \, 2 (1 + \alpha))} .

    The modes beyond m are missed, :math:`\sum_{i > m} v_i^2 \sim m^{-\beta}`; what is
    missed of those before, (γ/λ_i)² v_i², matters where the target is smoother than the
    kernel can use.

    Parameters
    ----------
    alpha : float
        α > 0.
    beta : float, optional
        β > 0, by default α: a target drawn from the kernel's prior.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is not above zero.

    References
    ----------
    S. Spigler, M. Geiger, M. Wyart, arXiv:1905.10843, in other letters.

    Examples
    --------
    >>> predicted_exponent(0.5), predicted_exponent(0.5, beta=9)
    (0.5, 3.0)
    """
    alpha = above_zero("alpha", alpha)
    beta = alpha if beta is None else above_zero("beta", beta)
    return min(beta, 2 * (1 + alpha))


def large_m_constant(alpha):
    r"""Constant of the law :math:`L \simeq C \, m^{-\alpha}` for λ_i = i^{−(1+α)}.

    .. math::

       C = \Bigl[\frac{\pi / (1 + \alpha)}{\sin(\pi / (1 + \alpha))}\Bigr]^{1 + \alpha}

    It is that of D → ∞ or P → ∞, without ridge or noise, with v² = λ.

    Parameters
    ----------
    alpha : float
        α > 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `alpha` is not above zero.

    Examples
    --------
    >>> round(large_m_constant(1.0) / (np.pi / 2) ** 2, 12)
    1.0
    """
    angle = np.pi / (1 + above_zero("alpha", alpha))
    return float((angle / np.sin(angle)) ** (1 + alpha))


class _Solution(NamedTuple):
    """Where the equations are solved, on the grid of D and P."""

    D: np.ndarray
    gamma: np.ndarray
    gap_D: np.ndarray  # D − z
    gap_P: np.ndarray  # P − z
    sums: np.ndarray  # z, z − q, Σ (1 − L)² v², Σ L (1 − L) v²


def _solve(spectrum, D, P, target, ridge):
    """Check what was passed, find γ on the whole grid, and gather the sums there."""
    D, P = _grid(D, P)
    ridge = number("ridge", ridge, least=0)
    m = np.minimum(D, P)
    modes = _modes(spectrum, target, reach=m[np.isfinite(m)].max(initial=1))
    # Where nothing but the modes can hold z back from m, there must be enough of them.
    few = (m >= modes.count) & np.isfinite(m) & ((ridge == 0) | np.isinf(D))
    if few.any():
        raise ValueError(
            f"min(D, P) must be below the number of modes, {modes.count}, unless there "
            f"is a ridge and D is finite; got {m[few].max():g}"
        )
    gamma, gap = np.zeros(m.shape), np.full(m.shape, np.inf)
    sums = np.zeros((4, *m.shape))
    finite = np.isfinite(m)  # else D = P = ∞, and everything is learned
    if finite.any():
        gamma[finite], gap[finite], sums[:, finite] = _root(
            modes, D[finite], P[finite], ridge
        )
    sums[2] += modes.never
    larger = gap + (np.maximum(D, P) - np.where(finite, m, 0))
    fewer = P >= D  # points than features
    return _Solution(
        D, gamma, np.where(fewer, gap, larger), np.where(fewer, larger, gap), sums
    )


class _Modes(NamedTuple):
    """A spectrum and a target, as sums with weights."""

    lam: np.ndarray
    weight: np.ndarray
    power: np.ndarray | None  # weight · v²; None: v² = λ
    count: float  # of modes above zero
    total: float  # Σ λ
    never: float  # power of the target in modes that are not above zero

    def sums(self, u):
        """Z, z − q, Σ (1 − L)² v² and Σ L (1 − L) v² at γ = e^u."""
        gamma = np.exp(u)[:, None]
        L = self.lam / (self.lam + gamma)
        left = gamma / (self.lam + gamma)
        z, spread = L @ self.weight, (both := L * left) @ self.weight
        if self.power is None:  # λ (1 − L) = γ L
            gamma = gamma[:, 0]
            return np.stack([z, spread, gamma * spread, gamma * (z - spread)])
        return np.stack([z, spread, left**2 @ self.power, both @ self.power])


def _modes(spectrum, target, *, reach):
    """Modes of a spectrum that may be infinite."""
    if isinstance(spectrum, PowerLaw):
        own = target is None or isinstance(target, PowerLaw)
        v2 = None if own else _powers(target)
        x, weight = spectrum.quadrature(reach, direct=0 if own else len(v2))
        lam = spectrum(x)
        power = None
        if isinstance(target, PowerLaw):
            power = weight * target(x)
            power[-1] = x[-1] ** -target.alpha / target.alpha  # the tail of this sum
        elif target is not None:
            power = np.r_[v2, np.zeros(len(x) - len(v2))]
        return _Modes(lam, weight, power, np.inf, spectrum.total, 0.0)
    lam = eigenvalues(spectrum)
    weight, above = np.ones(len(lam)), lam > 0
    if target is None:
        power, never = None, 0.0
    else:
        power = _powers(target, len(lam))
        never = float(power[~above].sum())
        power = power[above]
    lam, weight = lam[above], weight[above]
    return _Modes(lam, weight, power, len(lam), float(lam.sum()), never)


def _root(modes, D, P, ridge):
    """γ, the gap m − z, and the sums there, for pairs of D and P, not both infinite."""
    m, M = np.minimum(D, P), np.maximum(D, P)
    apart = np.where(np.isinf(M), 1.0, (M - m) / np.where(np.isinf(M), 1.0, M))
    # δ P / M: the ridge for P ≥ D, less of it for P < D, nothing for D = ∞.
    strength = ridge * np.where(P >= D, 1.0, np.minimum(P, D) / M)

    def gap(u):
        """Solve x (x + M − m) = δ P / γ for x; and its derivative by u."""
        e = strength * np.exp(-u)
        root = np.sqrt(apart**2 + 4 * e / M)
        some = e > 0
        x = np.divide(2 * e, apart + root, out=np.zeros_like(e), where=some)
        return x, np.divide(-e, root, out=np.zeros_like(e), where=some)

    # At the top z and the gap are at most m / 2; at the bottom the gap alone is m.
    top = np.log((2 * modes.total + 4 * ridge) / m).max()
    with np.errstate(divide="ignore"):
        bottom = np.log(strength / m)
    table, panel = _Table(modes, top), np.full(m.shape, -1)
    while (panel < 0).any():
        edge, z = table.extend()
        passed = (z + gap(np.full(m.shape, edge))[0] >= m) | (edge <= bottom)
        panel[passed & (panel < 0)] = len(table.edges) - 1
    low = np.take(table.edges, panel)
    high = low + 1
    u = (low + high) / 2
    for _ in range(100):  # Newton's method; outside of its bracket, bisection
        values = table(panel, u)
        x, slope = gap(u)
        above = values[0] + x > m
        low, high = np.where(above, u, low), np.where(above, high, u)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = u - (values[0] + x - m) / (slope - values[1])
        new = np.where((new > low) & (new < high), new, (low + high) / 2)
        moved, u = np.abs(new - u).max(), new
        if moved < 4e-15 * max(1.0, np.abs(u).max()):
            break
    return np.exp(u), gap(u)[0], table(panel, u)


class _Table:
    """The sums as functions of u = log γ, on panels of width one from the top down.

    They are analytic but for poles at a distance of π from the real axis: on 16
    Chebyshev points of a panel they are interpolated to rounding.
    """

    def __init__(self, modes, top):
        k = np.arange(16) + 0.5
        self.node = np.cos(np.pi * k / 16)
        self.weight = np.sin(np.pi * k / 16) * (-1.0) ** np.arange(16)  # barycentric
        self.modes, self.top, self.edges, self.values = modes, top, [], []

    def extend(self):
        """Add a panel below; return its lower edge and z there."""
        edge = self.top - 1 - len(self.edges)
        sums = self.modes.sums(np.r_[edge, edge + (self.node + 1) / 2])
        self.edges.append(edge)
        self.values.append(sums[:, 1:])
        return edge, sums[0, 0]

    def __call__(self, panel, u):
        """Interpolate in given panels: four sums, (4, n)."""
        gap = 2 * (u - np.take(self.edges, panel))[:, None] - 1 - self.node
        gap[gap == 0] = 1e-300  # at a node its value outweighs all others
        share = self.weight / gap
        share /= share.sum(axis=1, keepdims=True)
        return np.einsum("nk,nck->cn", share, np.stack(self.values)[panel])


def _powers(target, modes=None):
    v2 = real_array("target", target).astype(float)
    if v2.ndim != 1 or not v2.size or (modes and len(v2) != modes):
        raise ValueError(
            f"target must be a power for each mode, ({modes or 'S'},), "
            f"got shape {v2.shape}"
        )
    if not np.isfinite(v2).all() or v2.min() < 0:
        raise ValueError("target must be finite and not negative: it is v², not v")
    return v2


def _grid(D, P):
    """Check the sizes and broadcast them against each other."""
    labels = [getattr(size, "dims", ()) for size in (D, P)]
    if all(labels) and labels[0] != labels[1]:
        raise ValueError(
            f"D and P must not have different labels, got {labels[0]} and {labels[1]}: "
            "pass D.values[:, None] and P.values for all pairs"
        )
    D, P = (_sizes(name, value) for name, value in {"D": D, "P": P}.items())
    try:
        return np.broadcast_arrays(D, P)
    except ValueError:
        raise ValueError(
            f"D and P must broadcast against each other, got {D.shape} and {P.shape}"
        ) from None


def _sizes(name, values):
    sizes = real_array(name, values).astype(float)
    if sizes.size == 0 or not (sizes > 0).all():
        raise ValueError(f"{name} must be above zero (infinity included), got {values}")
    return sizes
