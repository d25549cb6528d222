r"""How much a statistic of points scatters, told by parts of them.

Points are split at random into S parts, and the statistic is taken of each alone. By
Hoeffding's decomposition it is a sum of parts of order j = 1, 2, …: of single points,
of pairs, of triples. Its variance is V₁ + V₂ + …, and that between the means of S parts

.. math:: V(S) = \frac{s^2(S)}{S} = V_1 + S V_2 + S^2 V_3 + \dots

A jackknife sees V₁ + 2V₂ + 3V₃. Where points fill a ball evenly V₁ vanishes for the
moments used here, and it sees twice the variance. Two sizes of parts tell the order p,
from points to pairs:

.. math:: V(1) \simeq 2^{-p} \, V(2), \qquad
          p = \log_2 \frac{V(4)}{V(2)} \text{ between 0 and 1.}

Triples, of which quarters see too much, make this too large, never too small.
"""

import numpy as np

from scalinglib.geometry.dimension.moments import average

__all__ = ["labelled_parts", "order_and_variance"]

SPLITS = 8
_TINY = 1e-10  # variance of what does not vary
_MOST = 1.0  # pairs: halves of few points see more of triples than the whole does


def labelled_parts(N, rng, *, block=1, splits=SPLITS):
    """Random halves of N points, and quarters of them.

    Parameters
    ----------
    N : int
        Number of points.
    rng : numpy.random.Generator
        Source of random numbers.
    block : int, default 1
        How many points in a row stay together, as in a series of time.
    splits : int
        How many times to split.

    Returns
    -------
    halves, quarters : (N, 2 splits), (N, 4 splits) ndarray of bool
        Each split is two columns, or four.
    """
    labels = rng.integers(0, 4, (-(-N // block), splits)).repeat(block, axis=0)[:N]
    quarters = labels[:, :, None] == np.arange(4)
    halves = np.stack([labels < 2, labels >= 2], axis=2)
    return halves.reshape(N, -1), quarters.reshape(N, -1)


def between(values, parts):
    """V(S): variance of the mean of S parts, averaged over splits; values (…, c)."""
    values = np.where(np.isfinite(values), values, np.nan)
    values = values.reshape(*values.shape[:-1], -1, parts)
    return average(values.var(axis=-1, ddof=1), axis=-1) / parts


def order_and_variance(halves, quarters, k):
    """Variance of the whole at each scale, smoothed over scales.

    Parameters
    ----------
    halves, quarters : (K, c) ndarray
        The statistic of the parts; nan where there were too few points.
    k : (K,) ndarray
        Numbers of points of the balls.

    Returns
    -------
    (K,) ndarray
        Variances on a line in the logarithms.
    """
    two, four = between(halves, 2), between(quarters, 4)
    with np.errstate(invalid="ignore"):
        steps = np.log2(four / two)
    seen = np.isfinite(steps)
    order = np.clip(np.median(steps[seen]), 0, _MOST) if seen.any() else 0.0
    return on_a_line(two / 2**order, k)


def on_a_line(variance, k):
    """Variances as a power of k."""
    seen = np.isfinite(variance) & (variance > _TINY)
    if not seen.any():  # nothing varies, or nothing could be told
        return np.full(len(k), _TINY if np.isfinite(variance).any() else 1.0)
    line = np.polynomial.Polynomial.fit(
        np.log(k[seen]), np.log(variance[seen]), min(1, seen.sum() - 1)
    )
    return np.exp(line(np.log(k)))
