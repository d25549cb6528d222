r"""Best use of compute on the first P modes of a power law: exact, and its law."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc, gammaln

from scalinglib._input import positive
from scalinglib._labels import like
from scalinglib.theory.dynamics.mode_descent import (
    LARGEST,
    LATEST,
    beyond,
    checked_exponents,
    direct,
    loss_of_modes,
)

__all__ = ["TruncatedLaw", "TruncatedOptimum", "truncated_law", "truncated_optimum"]

_TERMS = 4  # of the series of 1 - exp(-x) for x of order 1/P, P beyond the direct modes


class TruncatedOptimum(NamedTuple):
    """The best split of compute, P t = C.

    Attributes
    ----------
    P : ndarray
        Number of modes, whole.
    t : ndarray
        Time, C/P.
    loss : ndarray
        Loss there.

    Examples
    --------
    >>> print(truncated_optimum(1.5, 2.0, 1e12).P)
    15946.0
    """

    P: np.ndarray
    t: np.ndarray
    loss: np.ndarray


class TruncatedLaw(NamedTuple):
    r"""What the optimum tends to: :math:`P^* = p\,C^\xi`, :math:`L^* = l\,C^{-\eta}`.

    Attributes
    ----------
    loss_exponent, size_exponent, time_exponent : float
        η = (a − 1)/(1 + b), ξ = 1/(1 + b), and 1 − ξ = b/(1 + b) of t*.
    loss_constant, size_constant, time_constant : float
        l, p and 1/p.
    progress : float
        :math:`u = 2 \lambda_P t` at the optimum: how far the last mode has come.

    Examples
    --------
    >>> round(truncated_law(1.5, 2.0).size_constant, 4)
    1.5946
    """

    loss_exponent: float
    size_exponent: float
    time_exponent: float
    loss_constant: float
    size_constant: float
    time_constant: float
    progress: float


def truncated_optimum(a, b, C):
    r"""Best number of modes at compute C = P t, and the loss there.

    Parameters
    ----------
    a, b : float
        As in `truncated_loss`.
    C : array_like or DataArray
        Compute, above zero, to 10³⁰⁰; the optimal P must be below 2⁵².

    Returns
    -------
    TruncatedOptimum
        ``P``, ``t`` and ``loss`` of the shape of `C`, with its labels.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Notes
    -----
    One more mode is worth it as long as the loss falls, from P, t to P + 1, t′ with
    t − t′ = C/(P(P + 1)):

    .. math::

       \Delta = \sum_{k \le P} k^{-a} e^{-2 k^{-b} t'} (1 - e^{-2 k^{-b} (t - t')})
       - (P + 1)^{-a} (1 - e^{-2 (P + 1)^{-b} t'}) .

    Bisection finds where it changes its sign. Both terms are sums of positive numbers:
    the difference of two losses would be lost in rounding where P is large.

    Examples
    --------
    A hundred times more compute, a slope of the loss of (a − 1)/(1 + b) = 1/6:

    >>> best = truncated_optimum(1.5, 2.0, [1e10, 1e12])
    >>> best.P.tolist()
    [3435.0, 15946.0]
    >>> round(float(np.log(best.loss[0] / best.loss[1]) / np.log(100)), 4)
    0.1667
    """
    a, b = checked_exponents(a, b)
    compute = positive("C", C)
    if compute.max(initial=0) > LATEST:
        raise ValueError(f"C must be at most {LATEST:g}, got {compute.max():g}")
    # Where the last mode has not begun to learn it is not worth its time.
    most = 2.0 ** np.ceil(np.log2(4 + 4 * compute ** (1 / (1 + b))))
    while (short := ~_too_many(a, b, most, compute)).any() and most.max() <= LARGEST:
        most = np.where(short, 2 * most, most)
    if most.max() > LARGEST:
        raise ValueError(
            f"C must be smaller: the best P is beyond 2^52 at {compute.max():g}"
        )
    low, high = np.zeros_like(most), most
    while (high - low > 1).any():
        middle = np.maximum(1, np.floor((low + high) / 2))
        down = _too_many(a, b, middle, compute)
        low, high = np.where(down, low, middle), np.where(down, middle, high)
    found = high, compute / high, loss_of_modes(a, b, high, compute / high)
    return TruncatedOptimum(*(like(C, values) for values in found))


def truncated_law(a, b):
    r"""Law of the optimum at large compute: exponents and constants, in closed form.

    Parameters
    ----------
    a, b : float
        As in `truncated_loss`.

    Returns
    -------
    TruncatedLaw

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    For P and t large with s = (a − 1)/b and u = 2 P^(−b) t the sums are integrals,

    .. math::

       L = P^{1-a} \Bigl[\frac{1}{a-1} + \frac{u^{-s}}{b} \Gamma(s, u)\Bigr] ,

    with the upper incomplete gamma function. Its limits are P^(1−a)/(a − 1) for u → ∞
    and Γ(s)/b (2t)^(−s) for u → 0. Their sum has the right exponents, but
    not the right constants: at the optimum the last mode is being learned, u is of
    order one, and the sum counts modes beyond P twice. For (1.5, 2) it puts P* at
    3.62 C^(1/3); the best is 1.595 C^(1/3). At fixed P t the derivative vanishes where

    .. math:: b\, u^s (1 - e^{-u}) = \Gamma(s + 1, u) ,

    which one u solves: the left side rises from zero, the right side falls. From
    2 C = u P^(1+b) all else follows.

    Random features mix the modes, and keep these exponents for a − 1 < b only.

    References
    ----------
    B. Bordelon, A. Atanasov, C. Pehlevan, arXiv:2402.01092 (2024), for the exponents;
    the constants are derived here.

    Examples
    --------
    >>> law = truncated_law(1.5, 2.0)
    >>> round(law.loss_exponent, 4), round(law.loss_constant, 4)
    (0.1667, 1.8501)
    """
    a, b = checked_exponents(a, b)
    s = (a - 1) / b

    # Both sides over Γ(s + 1), which may be large; in log u the root is never far off.
    def excess(x):
        u = np.exp(x)
        learned = np.exp(s * x - gammaln(s + 1)) * -np.expm1(-u)
        return b * learned - gammaincc(s + 1, u)

    u = float(np.exp(brentq(excess, -50.0, 10.0, xtol=1e-15, rtol=1e-14)))
    late = np.exp(gammaln(s) - s * np.log(u)) * gammaincc(s, u) / b
    size = (2 / u) ** (1 / (1 + b))
    return TruncatedLaw(
        loss_exponent=(a - 1) / (1 + b),
        size_exponent=1 / (1 + b),
        time_exponent=b / (1 + b),
        loss_constant=float(size ** (1 - a) * (1 / (a - 1) + late)),
        size_constant=size,
        time_constant=1 / size,
        progress=u,
    )


def _too_many(a, b, P, C):
    """Whether the loss rises from P to P + 1 modes at this compute."""
    later, gap = C / (P + 1), C / (P * (P + 1))

    def terms(k, later, gap):
        return k**-a * np.exp(-2 * k**-b * later) * -np.expm1(-2 * k**-b * gap)

    lost = direct(terms, P, later, gap)
    factor = -np.ones_like(gap)
    for j in range(1, 1 + _TERMS):
        factor = factor * -2 * gap / j
        lost = lost + factor * beyond(a + j * b, b, P, later)
    return lost > (P + 1) ** -a * -np.expm1(-2 * (P + 1) ** -b * later)
