r"""Conditional entropies of a text, between what counts say and what a model loses.

Frequencies fit the data they come from: their entropy is too small. A model that meets
new data loses too much. The truth lies between, and both come closer with more data.
"""

import numpy as np
import pandas as pd
from scipy.special import digamma

from scalinglib.text.counting import grams_of_orders

__all__ = ["between", "counted_entropies"]

ERRORS = 3.0  # standard errors that a bound is moved by


def counted_entropies(histories, *, orders):
    r"""Conditional entropies from the counts of n-grams, plugged in and corrected.

    .. math::

       \hat H_n = \frac1D \sum_h \Bigl[ c(h)\, g(c(h)) - \sum_x c(hx)\, g(c(hx)) \Bigr]

    with g = log for plug-in entropies, and for corrected ones

    .. math::

       g(c) = \psi(c) + \tfrac12 (-1)^c
           \bigl[\psi(\tfrac{c + 1}2) - \psi(\tfrac c2)\bigr]

    Parameters
    ----------
    histories : Histories
        Of the blocks to count in.
    orders : int
        The largest order n.

    Returns
    -------
    (3, orders + 1) ndarray
        Plug-in and corrected, in nats. Both are too small where most n-grams occur
        once, the second one later and by less. And the share of tokens whose context
        occurs once: it tells nothing of what comes next.

    References
    ----------
    P. Grassberger, "Entropy estimates from insufficient samplings",
    arXiv:physics/0307138: the function g.
    """
    everywhere = np.ones(histories.positions.max() // histories.length + 1, dtype=bool)
    found = []
    for grams in grams_of_orders(histories, everywhere, orders):
        total = np.bincount(grams.context, grams.counts, minlength=grams.contexts)
        sums = [_sum(total, g) - _sum(grams.counts, g) for g in (np.log, _corrected)]
        found.append([*sums, (total == 1).sum()])
        found[-1] = np.array(found[-1]) / grams.counts.sum()
    return np.array(found).T


def between(held_out, errors, counted, *, least=0.0):
    r"""Entropies between counts and losses, at the largest of the data.

    Parameters
    ----------
    held_out : (orders + 1, 2) ndarray
        Losses on new data, learned from less data and from all.
    errors : (orders + 1,) ndarray
        Standard errors of the latter.
    counted : (2, 3, orders + 1) ndarray
        What `counted_entropies` says of less data and of all.
    least : float, default 0
        What may be missing in either for what occurs too seldom to have an error.

    Returns
    -------
    DataFrame
        A row for each n with ``value``, ``low``, ``high``. The bounds are the plug-in
        entropy and the loss, three standard errors and `least` further apart. If what
        both are off falls by the same factor from less data to all, the value is exact;
        where contexts occur once, it is the loss.

    Notes
    -----
    Entropies do not rise with n. So a loss bounds those of all later orders, a plug-in
    entropy those of all earlier ones.
    """
    held_out = np.minimum.accumulate(held_out, axis=0)
    (_, corrected_before, _), (plug_in, corrected, alone) = counted
    falls = np.maximum(held_out[:, 0] - held_out[:, 1], 0)
    rises = np.maximum(corrected - corrected_before, 0)
    moved = falls + rises
    share = np.divide(falls, moved, out=np.full_like(moved, 0.5), where=moved > 0)
    share *= 1 - alone
    value = share * corrected + (1 - share) * held_out[:, 1]
    slack = ERRORS * errors + least
    high = np.minimum.accumulate(held_out[:, 1] + slack)
    low = np.maximum.accumulate((plug_in - slack)[::-1])[::-1]
    low = np.clip(low, 0, high)
    value = np.minimum.accumulate(np.clip(value, low, high))
    table = {"value": value, "low": low, "high": high}
    return pd.DataFrame(table, index=pd.Index(np.arange(len(value)), name="n"))


def _sum(counts, g):
    """Sum of c g(c) over all counts."""
    often = np.bincount(counts.astype(np.intp))
    c = np.flatnonzero(often)
    c = c[c > 0]
    return (often[c] * c * g(c)).sum()


def _corrected(c):
    """What takes the place of the logarithm of a count."""
    halves = digamma((c + 1) / 2) - digamma(c / 2)
    return digamma(c) + np.where(c % 2, -0.5, 0.5) * halves
