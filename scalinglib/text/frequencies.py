r"""Zipf's law of a text: how the frequency of a word falls with its rank.

Two traps lie here. A rank and a frequency counted in the same text have the same
error, which makes any words look like a law. And words come in bursts, so that a text
tells much less than as many independent draws. So ranks are taken from one half of the
text and frequencies from the other, and errors from blocks.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scalinglib._input import whole_number
from scalinglib.laws.uncertainty import StudentEstimate, quantile
from scalinglib.text._blocks import (
    HALVED,
    balanced_halves,
    counts,
    halves_error,
    refuse_without_tail,
)
from scalinglib.text.tokens import as_tokens

__all__ = ["ZipfExponent", "zipf_exponent"]

_RELIABLE = 10  # occurrences in half of the text by which a word has a rank
_NARROW = 1e-9  # variance of log r, where all counts are of one rank
_OCTAVES = 3  # of ranks, the fewest by default


@dataclass(frozen=True, eq=False)
class ZipfExponent(StudentEstimate):
    r"""The exponent z of Zipf's law, :math:`p \propto r^{-z}`, over a range of ranks.

    Attributes
    ----------
    value : float
        z. In `ZipfLaw` it is 1 + α.
    stderr, freedom : float
        Standard error, from blocks of the text, and degrees of freedom.
    first, last : int
        The ranks.
    scales : DataFrame
        For each octave of ranks its ``first`` and ``last``, its ``exponent`` and
        ``stderr``, and its ``deviation``: how many standard errors of the difference it
        lies above z.

    Examples
    --------
    >>> from scalinglib.text import ZipfLaw
    >>> z = zipf_exponent(ZipfLaw(0.5).draw(50_000, rng=1))
    >>> z.covers(1.5), z.bends, z.scales["last"].tolist()
    (True, False, [3, 7, 15, 31, 63, 103])
    """

    first: int = 1
    last: int = 1
    scales: pd.DataFrame = field(default=None, repr=False)

    @property
    def bends(self):
        """Whether the octaves are not of one exponent.

        True if the deviation of one of them is larger than chance makes the largest of
        them in one text out of twenty: then z is an average and no law.
        """
        largest = abs(self.scales["deviation"]).max()
        return bool(largest > quantile(1 - 0.05 / len(self.scales), self.freedom))

    @property
    def alpha(self):
        """α = z − 1 of `ZipfLaw`.

        Returns
        -------
        StudentEstimate

        Raises
        ------
        ValueError
            If z is not above one: then no law without end has it.
        """
        if not self.value > 1:
            raise ValueError(
                f"alpha is z - 1 for z > 1, where probabilities without end have a "
                f"sum; here z is {self.value:.3g}: use value and interval()"
            )
        return StudentEstimate(self.value - 1, self.stderr, self.freedom)


def zipf_exponent(tokens, *, first=1, last=None):
    r"""Exponent z of Zipf's law, :math:`p_r \propto r^{-z}`, of a text.

    The likeliest z for the counts, in one half of the text, of the words that in the
    other half have the ranks r from first to last, and the other way round:

    .. math::

       \sum_{h} \sum_r c_{hr} \, (\log r - \langle \log r \rangle_{hz}) = 0, \qquad
       \langle \log r \rangle_{hz} = \frac{\sum_r w_{hr} \, r^{-z} \log r}
       {\sum_r w_{hr} \, r^{-z}} .

    The halves are of 32 blocks in turn. Words of equal count share their ranks
    evenly.

    Parameters
    ----------
    tokens : Tokens, or (D,) array_like of int
        The text, one in ten of the different tokens occurring once; some thousands.
    first : int, default 1
        First rank, ≥ 1.
    last : int, optional
        Last rank, at least 4 `first`. By default, and at most, the last of the words
        that occur ten times in each half.

    Returns
    -------
    ZipfExponent

    Raises
    ------
    ValueError
        If an argument is not one of these, if the text has no tail of rare tokens, or
        if by default there are fewer than three octaves of ranks.

    Notes
    -----
    Words that got their rank by occurring m times in one half are less frequent:
    some were lucky. For a power law they occur m − 1/z times in the other half, where
    the mean of :math:`r^{-z}` over the ranks that they share is as of m − 1/(2 z). So
    the weights are :math:`w = 1 - 1 / (2 z m)`, right to a thousandth from m = 10 on.
    Without them z of 300 000 independent tokens of α = 0.3 is too large by one and a
    half standard errors. They know nothing of bursts, which add to luck.

    The error is from sixteen pairs of neighbouring blocks, of which eight are left out
    at a time, in fifteen ways that are balanced, and then the other eight.

    References
    ----------
    S. T. Piantadosi, "Zipf's word frequency law in natural language: A critical review
    and future directions", Psychonomic Bulletin & Review 21 (2014) 1112–1130.

    Examples
    --------
    >>> from scalinglib.text import ZipfLaw
    >>> z = zipf_exponent(ZipfLaw(1.0).draw(50_000, rng=0))
    >>> z.covers(2.0), z.alpha.covers(1.0), z.first, z.last
    (True, True, 1, 40)
    """
    tokens = as_tokens("tokens", tokens, least=4 * HALVED)
    first = whole_number("first", first, least=1)
    refuse_without_tail(tokens, "Zipf's law")
    blocks = np.array_split(tokens.ids, 2 * HALVED)
    # (2, blocks, V): which half, which of its blocks, how often each token.
    table = np.array([counts([b], tokens.V) for b in blocks], dtype=np.int32)
    table = table.reshape(HALVED, 2, -1).swapaxes(0, 1)
    halves = table.sum(axis=1)
    last = _last_rank(halves, first, last)
    windows = [(first, last), *_octaves(first, last)]
    found = _exponents(halves, windows)
    parts = (table[:, some].sum(axis=1) for some in balanced_halves())
    again = np.array([_exponents(part, windows, found) for part in parts])
    errors, apart = halves_error(again), halves_error(again[:, 1:] - again[:, :1])
    scales = pd.DataFrame(windows[1:], columns=["first", "last"]).assign(
        exponent=found[1:], stderr=errors[1:], deviation=(found[1:] - found[0]) / apart
    )
    return ZipfExponent(
        float(found[0]), float(errors[0]), HALVED - 1, first, last, scales
    )


def _last_rank(halves, first, last):
    """The last rank, within those that enough occurrences tell."""
    reliable = min(int((half >= _RELIABLE).sum()) for half in halves)
    if last is None:
        if reliable < first * 2**_OCTAVES:
            raise ValueError(
                f"tokens must be more, for three octaves of ranks from first = {first} "
                f"on; only {reliable} different ones occur {_RELIABLE} times in each "
                "half of the text. Take a longer text, or name a last rank"
            )
        return reliable
    last = whole_number("last", last, least=1)
    if not 4 * first <= last <= reliable:
        raise ValueError(
            f"last must be from 4 first = {4 * first} to {reliable}, the tokens that "
            f"occur {_RELIABLE} times in each half of the text, got {last}"
        )
    return last


def _octaves(first, last):
    """First and last rank of octaves; what is left of one goes to the one before."""
    starts = first * 2 ** np.arange(np.log2((last + 1) / first) + 0.5, dtype=int)
    starts = starts[(starts == first) | (starts > 2)]  # rank 1 alone has no slope
    starts = starts[(starts == first) | (starts * 1.4 < last + 1)]
    return [*zip(starts.tolist(), [*(starts[1:] - 1).tolist(), last], strict=True)]


def _exponents(halves, windows, starts=None):
    """The likeliest exponent in each of the windows of ranks."""
    last = windows[0][1]
    sides = [_by_rank(*pair, last) for pair in (halves, halves[::-1])]
    count, times = (np.array(part) for part in zip(*sides, strict=True))
    starts = [1.0] * len(windows) if starts is None else starts
    found = zip(windows, starts, strict=True)
    return np.array([_likeliest(count, times, *window, z) for window, z in found])


def _by_rank(ranking, counted, last):
    """Counts in one half by rank in the other, and the counts there that made it.

    Words of equal rank share what they have: its mean over all ways to order them.
    """
    words = np.bincount(ranking)
    times = np.flatnonzero(words)[::-1]
    times = times[: 1 + np.searchsorted(np.cumsum(words[times]), last)]
    mean = np.bincount(ranking, weights=counted)[times] / words[times]
    return [np.repeat(x, words[times])[:last] for x in (mean, times)]


def _likeliest(count, times, first, last, z=1.0):
    """The root of the likelihood's derivative, from z on, by Newton's steps."""
    here = slice(first - 1, last)
    count, times = count[:, here], np.maximum(times[:, here], 2)
    log_rank = np.log(np.arange(first, last + 1))
    total = count.sum(axis=1)
    share = total / max(total.sum(), 1)
    observed = (count @ log_rank).sum() / max(total.sum(), 1)
    for _ in range(60 if total.all() else 0):
        p = np.exp(-z * (log_rank - log_rank[0 if z > 0 else -1]))
        p = p * (1 - 1 / (2 * max(z, 0.5) * times))  # which hardly depends on z
        p *= (share / p.sum(axis=1))[:, None]
        means = p @ log_rank
        variance = (p @ log_rank**2).sum() - (means**2 / share).sum()
        if variance < _NARROW:
            break
        step = (means.sum() - observed) / variance
        z += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-10:
            return z
    raise ValueError(
        f"tokens must be of one text; the words of ranks {first} to {last} in half of "
        "its blocks hardly occur in the others"
    )
