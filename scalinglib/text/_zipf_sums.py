r"""Sums over the items of a Zipf law, none of which is cut off.

Up to item K one by one. Beyond it Euler and Maclaurin's formula,

.. math:: \sum_{k > K} f(k) = \int_K^\infty f(k) \, dk - \frac{f(K)}{2}
          - \frac{f'(K)}{12} + \frac{f'''(K)}{720} - \dots

With a = 1 + α and c = 1 / ζ(a), p = c k^{-a} has :math:`dk = -(c^{1/a} / a) \,
p^{-1/a - 1} dp` and :math:`f' = -(a p / k) \, df/dp`, so that the integrals are
incomplete beta functions of p. What is left out, f‴, is of order (a / K)³ (1 + D p)³
e^{-D p} of f: at K = 200 a below 10⁻⁶, of one term among hundreds.
"""

import numpy as np
from scipy.special import betainc, gamma, poch, zeta, zetac

_DIRECT = 200  # K for each unit of 1 + α
_CHUNK = 1 << 20  # terms that are held at a time
_ORDERS = 5  # of log(1 - p) in p, which is below 10⁻⁴ beyond K
_NO_DRAW = 1e-9  # so many draws are none to an incomplete beta function


def probabilities(alpha, k):
    """Those of items k."""
    return np.exp(-(1 + alpha) * np.log(k) - np.log(zeta(1 + alpha)))


def width(alpha):
    """c^{1/a} / a, what a unit of p^{-1/a - 1} dp holds of items."""
    return zeta(1 + alpha) ** (-1 / (1 + alpha)) / (1 + alpha)


def missing(alpha, D):
    """Sum of p (1 - p)^D."""
    p, log_q, K = _first(alpha)
    pK, qD = p[-1], np.exp(D * log_q[-1])
    slope = qD * (1 - D * pK / (1 - pK))  # df / dp
    head = _head(D, K, lambda D: np.exp(D * log_q) @ p)
    integral = width(alpha) * _beta(pK, alpha / (1 + alpha), D + 1)
    return head + _tail(alpha, integral, pK * qD, slope, pK, K)


def distinct(alpha, D):
    """Sum of 1 - (1 - p)^D."""
    p, log_q, K = _first(alpha)
    pK, f = p[-1], -np.expm1(D * log_q[-1])
    slope = D * np.exp((D - 1) * log_q[-1])
    head = _head(D, K, lambda D: -np.expm1(D * log_q).sum(axis=-1))
    theta = alpha / (1 + alpha)
    # By parts: k f at the end, and the mass of one draw less.
    whole = _beta(pK, theta, np.maximum(D, _NO_DRAW))
    integral = (1 + alpha) * width(alpha) * D * whole - K * f
    return head + _tail(alpha, integral, f, slope, pK, K)


def decline(alpha, D):
    """What `missing` loses per draw: sum of -p (1 - p)^D log(1 - p)."""
    p, log_q, K = _first(alpha)
    pK, qD, log = p[-1], np.exp(D * log_q[-1]), -log_q[-1]
    slope = qD * (log + pK / (1 - pK) - D * pK * log / (1 - pK))
    head = _head(D, K, lambda D: np.exp(D * log_q) @ (-p * log_q))
    theta = alpha / (1 + alpha)
    orders = (_beta(pK, theta + j, D + 1) / j for j in range(1, _ORDERS))
    integral = width(alpha) * sum(orders)
    return head + _tail(alpha, integral, pK * log * qD, slope, pK, K)


def _first(alpha):
    """The first K items: p, log(1 - p), and K."""
    K = int(np.ceil(_DIRECT * (1 + alpha)))
    p = probabilities(alpha, np.arange(1, K + 1))
    log_q = np.log1p(-p)
    # p of the first item is one but for ζ - 1, of which 1 - p would keep few digits.
    rest = zetac(1 + alpha)
    log_q[0] = np.log(rest) - np.log1p(rest)
    return p, log_q, K


def _head(D, items, sums):
    """Sums over the first items for D of shape (n,), a part of them at a time."""
    parts = np.array_split(D, 1 + len(D) * items // _CHUNK)
    return np.concatenate([sums(part[:, None]) for part in parts])


def _tail(alpha, integral, f, slope, p, K):
    """Euler and Maclaurin's sum of f beyond K; `slope` is df / dp."""
    return integral - f / 2 + (1 + alpha) * p / K * slope / 12


def _beta(x, a, b):
    """The incomplete beta function, not divided by the complete one."""
    # Γ(b + a) / Γ(b) by poch: where b is near 10⁶, betaln keeps but nine digits.
    return betainc(a, b, x) * gamma(a) / poch(b, a)
