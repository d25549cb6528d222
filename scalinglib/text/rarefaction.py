r"""How many different tokens D of a text hold, and how much of it they never show.

D tokens taken from the text at random, without putting back, are a text of that
length: averages over all ways to take them are exact sums over the counts of the
words. They need no law, and are without bias where tokens are independent.
"""

from dataclasses import dataclass

import numpy as np

from scalinglib._input import increasing, truth, whole_number
from scalinglib._labels import over
from scalinglib.laws.uncertainty import StudentEstimate
from scalinglib.text._blocks import (
    BLOCKS,
    counts,
    jackknife_error,
    refuse_without_tail,
)
from scalinglib.text.tokens import as_tokens

__all__ = ["HeapsExponent", "distinct", "heaps_exponent", "missing_mass"]


@dataclass(frozen=True, eq=False)
class HeapsExponent(StudentEstimate):
    r"""The exponent h of Heaps' law, :math:`V(D) \propto D^h`, from first to last.

    Attributes
    ----------
    value : float
        h, the mean slope of log V over log D between two sizes.
    stderr, freedom : float
        Standard error, from blocks of the text, and degrees of freedom.
    first, last : int
        The two sizes.

    Examples
    --------
    >>> h = HeapsExponent(0.6, 0.01, 19, first=100, last=800)
    >>> f"{h:.2f}", h.last
    ('0.60 (0.58 to 0.62)', 800)
    """

    first: int = 0
    last: int = 0


def distinct(tokens, sizes, *, in_order=False):
    r"""Number of different tokens among D of a text.

    .. math:: V(D) = \sum_w 1 - \binom{N - n_w}{D} \Big/ \binom{N}{D}

    over the words w, of which :math:`n_w` of all N tokens are.

    Parameters
    ----------
    tokens : Tokens, or (N,) array_like of int
        The text, at least 2 tokens, not all the same.
    sizes : (n,) array_like of int
        D, increasing, from 1 to N.
    in_order : bool, default False
        Whether to count among the first D tokens of the text. By default the mean over
        D tokens of the text that are taken at random.

    Returns
    -------
    (n,) ndarray, or a DataArray labelled like `sizes`

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Notes
    -----
    The curve in the order of the text lies lower as a rule: a word comes again soon
    after it came. And it drifts: where the text turns to something else it rises.

    Examples
    --------
    >>> distinct([7, 7, 7, 3], [1, 2, 3, 4]).tolist()
    [1.0, 1.5, 1.75, 2.0]
    >>> distinct([7, 7, 7, 3], [1, 2, 3, 4], in_order=True).tolist()
    [1.0, 1.0, 1.0, 2.0]
    """
    tokens = as_tokens("tokens", tokens)
    D = increasing("sizes", sizes, most=len(tokens))
    if truth("in_order", in_order):
        met = np.sort(np.unique(tokens.ids, return_index=True)[1])
        return over(sizes, np.searchsorted(met, D).astype(float))
    return over(sizes, _distinct(tokens.counts, D))


def missing_mass(tokens, sizes):
    r"""Share of a text's tokens that D others of it do not show.

    .. math::

       M(D) = V(D + 1) - V(D)
       = \sum_w \frac{n_w}{N - D} \binom{N - n_w}{D} \Big/ \binom{N}{D}

    is the probability that another token of the text is new, after D that were taken
    from it at random. For independent tokens it is without bias the missing mass of
    their law, `ZipfLaw.missing_mass`.

    Parameters
    ----------
    tokens : Tokens, or (N,) array_like of int
        The text, at least 40 tokens, not all the same.
    sizes : (n,) array_like of int
        D, increasing, from 1 to N − 1.

    Returns
    -------
    StudentEstimate
        Its value and standard error are of shape (n,), or DataArrays labelled like
        `sizes`. The error is that of twenty blocks of the text, left out in turn.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Notes
    -----
    At D = N − 1 it is Good's estimate, the share of tokens that occur once. There the
    error is too large, by up to a third for a Zipf law with α from 0.3 to 2, since what
    occurs once is changed by two kinds of omissions; up to N / 4 by some per cent.
    Without a block, D is smaller by a twentieth, as the text is.

    The blocks know of bursts, the value does not: it is of tokens taken at random. Who
    reads on in a text meets fewer new words at first, and more where it turns.

    References
    ----------
    M. Hutter, "Learning curve theory", arXiv:2102.04074.

    Examples
    --------
    >>> tokens = np.random.default_rng(0).zipf(2.0, 10_000)
    >>> from scalinglib.text import ZipfLaw
    >>> missing_mass(tokens, [5000]).covers(ZipfLaw(1.0).missing_mass(5000))
    True
    """
    tokens = as_tokens("tokens", tokens, least=2 * BLOCKS)
    D = increasing("sizes", sizes, most=len(tokens) - 1)
    rest = len(tokens) - -(-len(tokens) // BLOCKS)  # what is left without a block
    fewer = np.minimum(D - -(-D // BLOCKS), rest - 1)
    value = over(sizes, _missing(tokens.counts, D))
    without = [_missing(part, fewer) for part in _without_blocks(tokens)]
    return StudentEstimate(value, over(sizes, jackknife_error(without)), BLOCKS - 1)


def heaps_exponent(tokens, *, first=None, last=None):
    r"""Exponent h of Heaps' law, :math:`V(D) \propto D^h`, of a text.

    .. math:: h = \frac{\log V(D_2) - \log V(D_1)}{\log D_2 - \log D_1}

    with `distinct` tokens among D taken at random.

    Parameters
    ----------
    tokens : Tokens, or (N,) array_like of int
        The text, at least 640 tokens, one in ten of the different ones occurring once.
    first : int, default last // 8
        :math:`D_1`, ≥ 1.
    last : int, default N // 2
        :math:`D_2`, at least 2 `first`, and at most N without a twentieth of it.

    Returns
    -------
    HeapsExponent

    Raises
    ------
    ValueError
        If an argument is not one of these, or if the text has no tail of rare tokens.

    Notes
    -----
    The error is that of twenty blocks of the text, left out in turn. It is one of the
    slope between these sizes. The slope at infinity is another number:
    `ZipfLaw.distinct` with α = 1 has 0.503 from 10³ to 10⁴ instead of 0.5, and a text
    has none.

    Examples
    --------
    >>> from scalinglib.text import ZipfLaw
    >>> h = heaps_exponent(ZipfLaw(0.5).draw(20_000, rng=0))
    >>> h.first, h.last, h.covers(2 / 3)
    (1250, 10000, True)
    """
    tokens = as_tokens("tokens", tokens, least=32 * BLOCKS)
    refuse_without_tail(tokens, "Heaps' law")
    most = len(tokens) - -(-len(tokens) // BLOCKS)
    last = len(tokens) // 2 if last is None else whole_number("last", last, least=2)
    if last > most:
        raise ValueError(
            f"last must be at most {most}, the tokens that are left without a "
            f"twentieth, got {last}"
        )
    first = (
        max(last // 8, 1) if first is None else whole_number("first", first, least=1)
    )
    if 2 * first > last:
        raise ValueError(f"first must be at most half of last, {last}, got {first}")
    ends = np.array([first, last])
    value = _slope(tokens.counts, ends)
    without = [_slope(part, ends) for part in _without_blocks(tokens)]
    error = float(jackknife_error(without))
    return HeapsExponent(value, error, BLOCKS - 1, first=first, last=last)


def _slope(count, ends):
    """Mean slope of log V over log D between two sizes."""
    return float(np.diff(np.log(_distinct(count, ends)))[0] / np.log(ends[1] / ends[0]))


def _distinct(count, D):
    """Expected number of different tokens among D."""
    words, unseen = _unseen(count, D)
    return np.array([words[1:] @ (1 - rest[1:]) for rest in unseen])


def _missing(count, D):
    """Expected share of what is left that D tokens do not show."""
    words, unseen = _unseen(count, D)
    mass = words * np.arange(len(words))
    return np.array([mass @ rest for rest in unseen]) / (count.sum() - D)


def _unseen(count, D):
    """How many words occur n times, and for each D the probability to see none of n.

    A product of (N - j - D) / (N - j) over j below n: gamma functions of N would keep
    half of their digits.
    """
    words, N = np.bincount(count), count.sum()
    left = N - np.arange(len(words) - 1.0)
    products = (np.cumprod(np.maximum(1 - size / left, 0)) for size in D)
    return words, (np.r_[1, product] for product in products)


def _without_blocks(tokens):
    """Counts of the text without each of its blocks."""
    whole = tokens.counts
    for block in np.array_split(tokens.ids, BLOCKS):
        yield whole - counts([block], tokens.V)
