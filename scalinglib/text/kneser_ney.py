r"""Interpolated Kneser–Ney: n-grams of all orders, counted in one pass.

.. math::

   p_n(x \mid h) = \frac{c(hx) - \delta(c(hx))}{c(h)}
       + \frac{\sum_{x'} \delta(c(hx'))}{c(h)} \; \bar p_{n-1}(x \mid h')

with c(hx) occurrences of token x after the n tokens h, h' without the oldest of them,
and below, in :math:`\bar p`, the same with the number of *different* tokens that
precede hx instead of its occurrences. The lowest is 1/V.
"""

import numpy as np

from scalinglib.text.counting import grams_of_orders

__all__ = ["discounts", "held_out_losses"]


def discounts(counts):
    r"""What is taken off a count of 1, of 2, and of 3 or more.

    .. math::

       \delta_c = c - (c + 1) \, Y \, \frac{n_{c+1}}{n_c}, \qquad
       Y = \frac{n_1}{n_1 + 2 n_2}

    with :math:`n_c` of the n-grams that occur c times.

    Parameters
    ----------
    counts : (grams,) array_like of int
        How often each n-gram occurs.

    Returns
    -------
    (4,) ndarray
        For counts 0 (nothing), 1, 2 and from 3 on. Where too few n-grams occur so
        seldom, one discount, Y with half a count added to both, for all.

    References
    ----------
    S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language
    modeling", Computer Speech & Language 13 (1999) 359–394: the modified discounts.

    Examples
    --------
    >>> discounts([1] * 60 + [2] * 20 + [3] * 10 + [4] * 6).tolist()
    [0.0, 0.6, 1.1, 1.56]
    """
    counts = np.asarray(counts, dtype=np.intp)
    n = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(float)
    if n.min() > 0:
        c = np.arange(1, 4)
        found = c - (c + 1) * n[0] / (n[0] + 2 * n[1]) * n[1:] / n[:3]
        if (found > 0).all():  # at most c by its formula
            return np.concatenate([[0], found])
    one = (n[0] + 0.5) / (n[0] + 2 * n[1] + 1)
    return np.array([0, one, one, one])


def held_out_losses(histories, learned, tried, *, V, orders):
    r"""Losses of n-gram models of all orders on tokens they have not seen.

    Parameters
    ----------
    histories : Histories
        Of the blocks to learn from and of those to predict, of depth n + 1.
    learned : (blocks,) ndarray of bool
        Blocks to learn from.
    tried : (T,) ndarray of int
        Positions to predict, in other blocks, each with n tokens before it.
    V : int
        Size of the vocabulary.
    orders : int
        The largest order n.

    Returns
    -------
    (orders + 1, T) ndarray
        :math:`-\log p_n` in nats.
    """
    row, before = histories.places[tried], histories.places[tried - 1]
    losses = np.empty((orders + 1, len(tried)))
    lower, below, below_tried = np.full(len(tried), 1 / V), None, None
    for n, grams in enumerate(grams_of_orders(histories, learned, orders)):
        after = grams.shorter[before]
        if n > 0:
            # Each n-gram one longer is another token before the one it ends with.
            longer = below.gram[grams.begins[grams.counts > 0]]
            preceded = np.bincount(longer, minlength=len(below.counts))
            lower = _probabilities(below, preceded, below_tried, lower)
        losses[n] = -np.log(_probabilities(grams, grams.counts, (row, after), lower))
        below, below_tried = grams, (row, after)
    return losses


def _probabilities(grams, counts, tried, lower):
    """Of the tokens to predict, from counts and the order below."""
    row, after = tried
    off = discounts(counts[grams.counts > 0])
    # Only n-grams after a context that is to be predicted after need be added up.
    asked = np.zeros(grams.contexts, dtype=bool)
    asked[after] = True
    asked = np.flatnonzero(asked[grams.context] & (counts > 0))
    context, known = grams.context[asked], counts[asked]
    total = np.bincount(context, known, minlength=grams.contexts)[after]
    taken = np.bincount(context, off[np.minimum(known, 3)], minlength=grams.contexts)
    own = counts[grams.gram[row]]
    own = own - off[np.minimum(own, 3)] + taken[after] * lower
    # A context that never occurred says nothing: the order below it decides.
    return np.where(total > 0, own / np.maximum(total, 1), lower)
