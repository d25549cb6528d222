"""What learning curves tend to when sizes grow: exponents and constants."""

import numpy as np

from scalinglib._input import above_zero

__all__ = ["large_m_constant", "predicted_exponent"]


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
