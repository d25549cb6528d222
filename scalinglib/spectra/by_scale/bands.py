r"""Counts of the modes near one scale, and what a power law has there.

The third divided difference of T z at four resolutions near each other is a sum over
modes near them, whatever stands far above or below:

.. math::

   G = -\bar T^2 \, (T z)[T_1, T_2, T_3, T_4]
     = \sum_n \frac{(\lambda_n \bar T)^2}{\prod_{k=1}^4 (1 + \lambda_n T_k)} .

A mode with λT ≪ 1 counts (λT)², one with λT ≫ 1 counts (λT)⁻². For a power law G grows
as :math:`T^{1/a}`, but near its ends; `fall` knows those.
"""

import numpy as np
from scipy.optimize import root
from scipy.special import betaln

__all__ = ["APART", "FIRST", "band", "fall", "log_count", "modes_above"]

APART = np.array([-0.75, -0.25, 0.25, 0.75])  # of the four, in log T
FIRST = 4.0  # mode from which on a law may be expected
DIRECT = 1000  # modes that are summed one by one
NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)


def band(z, T):
    r"""Count G near the scale of four resolutions.

    Parameters
    ----------
    z, T : (..., 4) ndarray
        Degrees of freedom and inverse resolutions, all four T different.

    Returns
    -------
    (...) ndarray
    """
    T = T / np.exp(np.log(T).mean(axis=-1, keepdims=True))
    gaps = T[..., :, None] - T[..., None, :] + np.eye(4)
    return -(z * T / gaps.prod(axis=-1)).sum(axis=-1)


def modes_above(G, a):
    """How many modes have λT > 1, by the count G of an endless power law.

    Parameters
    ----------
    G, a : ndarray
        Count and exponent, > ½.

    Returns
    -------
    ndarray
    """
    return G * a / np.exp(betaln(2 - 1 / a, 2 + 1 / a))


def log_count(a, log_top, T, columns, *, head=0.0, floor=0.0, longer=0.0):
    r"""Logarithm of the count G of a power law with ends.

    .. math:: \lambda_n \bar T = e^u n^{-a} + f, \qquad n = 1, \dots, P

    Parameters
    ----------
    a, log_top : float
        Exponent, and u.
    T : (4,) ndarray
        Over their geometric mean.
    columns : float
        P, may be infinite if a > 0.55.
    head, floor, longer : float
        Modes too many where the fourth is; f, for finite P; and what to add to log P, a
        small number.

    Returns
    -------
    float
    """

    def share(log_n):
        y = np.exp(np.clip(log_top - a * log_n, -700, 60)) + floor
        return y**2 / (1 + y[..., None] * T).prod(axis=-1)

    direct = int(min(columns, DIRECT))
    total = share(np.log(np.arange(1, direct + 1))).sum()
    total += head * share(np.log([FIRST]))[0]
    if columns > DIRECT:
        # The rest is an integral, from half a mode beyond to the end, or to nothing.
        low = np.log(DIRECT + 0.5)
        finite = np.isfinite(columns)
        far = max(low, log_top / a) + 25 / (2 * a - 1) if not finite else np.inf
        high = np.log(columns + 0.5) + longer if finite else far
        edges = np.linspace(low, high, max(int(np.ceil((high - low) * a / 2)), 1) + 1)
        half = np.diff(edges)[:, None] / 2
        log_n = (edges[1:] + edges[:-1])[:, None] / 2 + half * NODES
        total += (half * WEIGHTS * share(log_n) * np.exp(log_n)).sum()
    elif longer:
        total += longer * columns * share(np.log(np.array([columns + 0.5])))[0]
    return np.log(max(total, np.finfo(float).tiny))


def fall(log_G, T, columns):
    """Exponent and height of the power law that has two counts.

    Parameters
    ----------
    log_G : (2,) ndarray
        Logarithms of the counts, at a coarse and at a finer scale.
    T : (2, 4) ndarray
        Their resolutions.
    columns : float
        Dimension of the features.

    Returns
    -------
    a, log_top : float
        Exponent, and logarithm of λ₁T at the coarser scale; nan if no power law has
        these counts.
    """
    middle = np.log(T).mean(axis=1)
    own, step = T / np.exp(middle)[:, None], middle[1] - middle[0]
    least = 0.55 if np.isinf(columns) else 0.0
    a = np.clip(step / max(log_G[1] - log_G[0], 1e-3), 0.6, 8.0)

    def off(x):
        a = least + np.exp(x[0])
        if not least < a < 100:
            return np.full(2, 1e3)
        counts = [
            log_count(a, x[1] + i * step, own[i], columns) - log_G[i] for i in (0, 1)
        ]
        return np.array(counts)

    start = [np.log(a - least), a * np.log(modes_above(np.exp(log_G[0]), a))]
    found = root(off, start, tol=1e-10)
    if np.abs(found.fun).max() > 1e-6:
        return np.nan, np.nan
    return least + np.exp(found.x[0]), found.x[1]
