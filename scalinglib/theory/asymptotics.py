"""What learning curves tend to when sizes grow: exponents and constants."""

import numpy as np

from scalinglib._input import above_zero, one_of

__all__ = ["large_m_constant", "predicted_exponent"]


def predicted_exponent(alpha, beta=None, *, of="D"):
    r"""Exponent of L(D), or of L(P), for power laws of spectrum and target.

    .. math::

       \lambda_i \sim i^{-(1 + \alpha)}, \quad v_i^2 \sim i^{-(1 + \beta)}
       \quad\Longrightarrow\quad L \sim D^{-\min(\beta, \, 2 (1 + \alpha))},
       \quad L \sim P^{-\min(\beta, \, 1 + \alpha)} .

    The modes beyond m are missed, :math:`\sum_{i > m} v_i^2 \sim m^{-\beta}`. What is
    missed of those before matters where the target is smoother than the kernel can use:
    with few data (γ/λ_i)² v_i², with few features only (γ/λ_i) v_i², for these do not
    span the mode, and no number of data helps.

    Parameters
    ----------
    alpha : float
        α > 0.
    beta : float, optional
        β > 0, by default α: a target drawn from the kernel's prior.
    of : str, default "D"
        What is scarce: ``"D"``, data, with P → ∞; or ``"P"``, features, with D → ∞.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an exponent is not above zero, or `of` is neither.

    References
    ----------
    For data: S. Spigler, M. Geiger, M. Wyart, arXiv:1905.10843, in other letters. For
    features: first order in γ, derived from `random_feature_loss`.

    Examples
    --------
    >>> predicted_exponent(0.5), predicted_exponent(0.5, beta=9)
    (0.5, 3.0)
    >>> predicted_exponent(0.5, beta=9, of="P")
    1.5
    """
    alpha = above_zero("alpha", alpha)
    beta = alpha if beta is None else above_zero("beta", beta)
    spanned = {"D": 2, "P": 1}[one_of("of", of, ("D", "P"))]
    return min(beta, spanned * (1 + alpha))


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
