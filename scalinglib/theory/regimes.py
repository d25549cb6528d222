r"""Which regime rules with many data: exponents of ridge regression on power laws.

Modes k = 1, 2, … have the eigenvalue :math:`\lambda_k = k^{-b}`, and the target has the
power :math:`v_k^2 = k^{-a}` in them. The excess is the loss less the variance of the
labels' noise, which no learner can avoid.
"""

from typing import NamedTuple

import numpy as np

from scalinglib._input import above_zero, number

__all__ = ["FeatureRegime", "KernelRegime", "feature_regime", "kernel_regime"]


class KernelRegime(NamedTuple):
    r"""What rules the excess loss of kernel ridge regression with many data.

    Attributes
    ----------
    name : str
        ``"noiseless ridgeless"``, ``"noiseless ridge"``, ``"noisy ridge"`` or ``"noisy
        ridgeless"``: whether noise or bias rules, and whether the ridge or the number
        of points limits the resolution.
    exponent : float
        η of excess :math:`\sim D^{-\eta}` with the given ridge.
    best_ridge_exponent : float
        l of the best ridge :math:`\delta \sim D^{-l}`.
    best_exponent : float
        η with the best ridge.
    """

    name: str
    exponent: float
    best_ridge_exponent: float
    best_exponent: float


class FeatureRegime(NamedTuple):
    r"""What rules the excess loss of random features with many data.

    Attributes
    ----------
    bottleneck : str
        What to have more of, or less: ``"D"``, ``"P"``, ``"noise"`` or ``"ridge"``.
    exponent : float
        η of excess :math:`\sim D^{-\eta}` with the given ridge.
    best_ridge_exponent : float
        l of the best ridge :math:`\delta \sim D^{-l}`.
    best_exponent : float
        η with the best ridge.
    least_features : float
        Least q of :math:`P \sim D^q` with which the best ridge has the kernel's
        exponent.
    """

    bottleneck: str
    exponent: float
    best_ridge_exponent: float
    best_exponent: float
    least_features: float


def kernel_regime(a, b, *, ridge_exponent=0.0, noise_exponent=0.0):
    r"""Regime of kernel ridge regression for large D, with its exponents.

    With the ridge :math:`\delta \sim D^{-l}`, the variance of the noise
    :math:`\sigma^2 \sim D^{-\nu}` and :math:`p = \min((a - 1)/b, \, 2)`,

    =================== ============= ===========================
    regime              ridge         exponent of the excess
    =================== ============= ===========================
    noiseless ridgeless l ≥ b − 1     b p = min(a − 1, 2b)
    noiseless ridge     l < b − 1     (1 + l) p
    noisy ridge         l < b − 1     ν + 1 − (1 + l)/b
    noisy ridgeless     l ≥ b − 1     ν
    =================== ============= ===========================

    and of two exponents in the same line of ridge the smaller rules. The best ridge has

    .. math::

       l^* = \frac{b (1 + \nu)}{1 + b p} - 1, \qquad
       \eta^* = \frac{b p \, (1 + \nu)}{1 + b p}, \qquad \nu \le b p .

    Parameters
    ----------
    a : float
        Exponent of the target's power, above 1.
    b : float
        Exponent of the eigenvalues, above 1.
    ridge_exponent : float, optional
        l > −1 of the ridge that is added to K, by default a constant one. None: no
        ridge.
    noise_exponent : float, optional
        ν ≥ 0, by default constant noise. None: no noise.

    Returns
    -------
    KernelRegime
        Where noise and bias have one exponent, the regime is called noisy. If noise
        falls as fast as the bias or faster, ν ≥ b p, no ridge is needed: then the best
        exponent is b p, and `best_ridge_exponent` the least that has it, b − 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    In :math:`D = z + \delta / \kappa` the sum is :math:`z \sim \kappa^{-1/b}`. So
    :math:`\kappa \sim D^{-s}` with s = min(b, 1 + l): points or the ridge set it. The
    bias is :math:`\sum_k \kappa^2 v_k^2 / (\lambda_k + \kappa)^2 \sim \kappa^p`, of
    modes not yet learned for a − 1 < 2b and of the first modes otherwise. Noise adds
    :math:`\sigma^2 q / (D - q) \sim \sigma^2 \kappa^{-1/b} / D`, which is
    :math:`D^{-(\nu + 1 - s/b)}`. The best s makes both equal. At a = 2b + 1 the bias
    has a logarithm beside its power.

    The source has λ = δ / D, so its ℓ is 1 + l; its capacity α is b, and its source r
    is given by a − 1 = 2 r b, so that p = 2 min(r, 1).

    References
    ----------
    H. Cui, B. Loureiro, F. Krzakala, L. Zdeborová, arXiv:2105.15004. Read were its
    introduction and the legend of its figure of four regimes, with the condition
    ℓ > α / (1 + 2α min(r, 1)) for noise to rule in the end, which is l > l* here. Its
    table could not be read: all exponents were derived anew.

    Examples
    --------
    >>> at = kernel_regime(3.0, 2.0)
    >>> at.name, at.exponent, round(at.best_ridge_exponent, 3)
    ('noisy ridge', 0.5, -0.333)
    >>> kernel_regime(3.0, 2.0, ridge_exponent=None, noise_exponent=None)[:2]
    ('noiseless ridgeless', 2.0)
    """
    a, b, least, falls = _exponents(a, b, ridge_exponent, noise_exponent)
    s, p = min(b, least), min((a - 1) / b, 2.0)
    bias, noise = s * p, falls + 1 - s / b
    name = "noisy" if noise <= bias else "noiseless"
    best = _best_resolution(b, p, falls)
    return KernelRegime(
        f"{name} {'ridgeless' if least >= b else 'ridge'}",
        min(bias, noise),
        best - 1,
        best * p,
    )


def feature_regime(a, b, q, *, ridge_exponent=0.0, noise_exponent=0.0):
    r"""Bottleneck of ridge regression on :math:`P \sim D^q` random features.

    With the ridge :math:`\delta \sim D^{-l}` and the variance of the noise
    :math:`\sigma^2 \sim D^{-\nu}`, the resolution :math:`\gamma \sim D^{-s}` has
    s = min(b, b q, 1 + l), and the exponent of the excess is the least of

    .. math::

       \text{bias:} \; s \min\Bigl(\frac{a - 1}{b}, 2\Bigr), \qquad
       \text{features:} \; q - \frac sb + s \min\Bigl(\frac{a - 1}{b}, 1\Bigr), \qquad
       \text{noise:} \; \nu + 1 - \frac sb .

    Parameters
    ----------
    a : float
        Exponent of the target's power, above 1.
    b : float
        Exponent of the eigenvalues, above 1.
    q : float
        Exponent of the number of features, above 0.
    ridge_exponent : float, optional
        l > −1 of the ridge that is added to K̂, by default a constant one. None: no
        ridge.
    noise_exponent : float, optional
        ν ≥ 0, by default constant noise. None: no noise.

    Returns
    -------
    FeatureRegime
        If bias rules, the bottleneck is what limits s; if its features' term, it is P.
        Of equal ones noise is named first, then P, then the ridge. If any smaller ridge
        does as well, `best_ridge_exponent` is the least.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    In (D − z)(P − z) = δ P / γ the sum is :math:`z \sim \gamma^{-1/b}`, below D and P:
    hence s. In the loss, at the head of `scalinglib.theory`, the first sum is the bias
    of a kernel at γ. The second has a share (z − Σ L²)/(P − Σ L²) ∼ z / P, and is of
    first order in γ, min((a − 1)/b, 1): how features distort learned modes. It rules
    for a − 1 > b alone. Noise adds σ² z / D.

    The kernel's best s* = (1 + ν) b / (1 + b p), p = min((a − 1)/b, 2), is the best
    here too if the features' term is not larger there, which gives

    .. math::

       q \ge \frac{(1 + \nu) (1 + b (p - \min(p, 1)))}{1 + b p}, \qquad \nu \le b p .

    With fewer features noise and the features' term are equal at the best ridge; or,
    for a − 1 ≤ b, they limit γ, and no ridge is needed. At a − 1 = b and a − 1 = 2b
    there are logarithms beside powers. Without a ridge the loss is infinite at D = P;
    at q = 1 what is said holds for P / D tending to something else than 1.

    References
    ----------
    L. Defilippis, B. Loureiro, T. Misiakiewicz, arXiv:2405.15699. Read was its
    abstract, which says that there is a least number of features with the kernel's
    best rate. Exponents are derived here, from the equations of `random_feature_loss`.

    Examples
    --------
    >>> at = feature_regime(4.0, 2.0, 0.3)
    >>> at.bottleneck, round(at.exponent, 3), at.least_features
    ('P', 0.6, 0.5)
    >>> feature_regime(4.0, 2.0, 2.0).bottleneck
    'noise'
    """
    a, b, least, falls = _exponents(a, b, ridge_exponent, noise_exponent)
    q = above_zero("q", q)
    most = b * min(1.0, q)
    s = min(most, least)
    bias, features, noise = _terms(a, b, q, s, falls)
    exponent = min(bias, features, noise)
    if noise <= exponent:
        bottleneck = "noise"
    elif features <= exponent:
        bottleneck = "P"
    elif least < most:
        bottleneck = "ridge"
    else:
        bottleneck = "P" if q < 1 else "D"
    p = min((a - 1) / b, 2.0)
    kernel = _best_resolution(b, p, falls)
    enough = kernel * (p - min(p, 1.0) + 1 / b)
    # Noise, which falls with s, meets the least of two terms that grow with it.
    first = min((a - 1) / b, 1.0)
    meets = (falls + 1 - q) / first  # where features and noise are equal
    best = min(kernel, most) if q >= enough else min(meets, most)
    return FeatureRegime(
        bottleneck, exponent, best - 1, min(_terms(a, b, q, best, falls)), enough
    )


def _terms(a, b, q, s, falls):
    """Exponents of bias, of the features' term and of noise at γ ~ D^-s."""
    ratio = (a - 1) / b
    features = q - s / b + s * min(ratio, 1.0)
    return s * min(ratio, 2.0), features, falls + 1 - s / b


def _best_resolution(b, p, falls):
    """Exponent of κ at which bias and noise are equal, at most b."""
    return b * (1 + min(falls, b * p)) / (1 + b * p)


def _exponents(a, b, ridge_exponent, noise_exponent):
    """Exponents a and b, 1 + l and ν as floats, infinite where there is none."""
    a, b = above_one("a", a), above_one("b", b)
    return a, b, ridge_falls(ridge_exponent), _optional(noise_exponent)


def _optional(noise_exponent):
    if noise_exponent is None:
        return np.inf
    return number("noise_exponent", noise_exponent, least=0)


def ridge_falls(ridge_exponent):
    """Exponent 1 + l of δ / D, above zero; infinite where there is no ridge."""
    if ridge_exponent is None:
        return np.inf
    if (checked := number("ridge_exponent", ridge_exponent)) <= -1:
        raise ValueError(
            f"ridge_exponent must be above -1, got {checked:g}: a ridge that grows as "
            "fast as D lets nothing be learned; take one that grows more slowly"
        )
    return 1 + checked


def above_one(name, value):
    """Exponent of a power law whose sum is finite."""
    if (checked := number(name, value)) <= 1:
        raise ValueError(
            f"{name} must be above 1, got {checked:g}: the sum over all modes has no "
            "bound; take a faster decay"
        )
    return checked
