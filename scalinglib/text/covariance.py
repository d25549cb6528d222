r"""How far back a text remembers: the covariance of its tokens over a distance.

.. math::

   C_{\mu\nu}(n) = P(x_i = \mu, x_{i+n} = \nu) - P(\mu) P(\nu)

Its strength is the largest singular value, :math:`\|C(n)\|`. That of counts never
vanishes: D tokens without any correlation have :math:`c / \sqrt D`. Half of a text
finds the directions u, v; the other half tells :math:`u^\top C v`, in which that noise
is not. Where few data make the directions wrong, it is too small.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scalinglib._input import generator, increasing, one_of, positive, whole_number
from scalinglib._labels import like
from scalinglib.text.octaves import falling_exponent
from scalinglib.text.pairs import DENSE, count_pairs, largest, together
from scalinglib.text.tokens import as_tokens

__all__ = ["Correlations", "correlations"]

BLOCK, LEAST_BLOCKS = 8192, 64  # tokens; blocks of a short text
MOST = 2**23  # tokens that are used
SHUFFLES, SHUFFLED = (4, 64), 2**17  # how often, at least and at most; tokens
SURE = 0.03  # relative standard error of the noise
LAST, LOST = 32, 1.0  # the last lag of an exponent; standard errors above zero
STRENGTHS = "strength", "local", "raw"


@dataclass(frozen=True, eq=False)
class Correlations:
    r"""Strength of the correlations of tokens at each lag n.

    Attributes
    ----------
    lags : DataFrame
        A row for each lag ``n``. ``strength`` is :math:`u^\top C(n) v`, with directions
        from the other half of the text, and ``error`` its standard error; ``raw`` is
        the largest singular value of all the counts; ``local`` and ``local_error`` are
        as the first two, for the covariance within blocks: what differs from block to
        block, as subjects and authors do, is not in it. The norm lies between
        ``strength`` and ``raw``: where these differ by much, a text is too short for
        its vocabulary.
    noise : float
        c: of D tokens without correlations ``raw`` would be :math:`c / \sqrt D`, as it
        is when this text is shuffled.
    D, V, block : int
        Tokens that were used, different ones, and how many are in a block.
    """

    lags: pd.DataFrame = field(repr=False)
    noise: float
    D: int
    V: int
    block: int

    def exponent(self, first=1, last=None, *, of="strength"):
        r"""How fast correlations fall, :math:`\|C(n)\| \propto n^{-\beta_C}`.

        Parameters
        ----------
        first : int, default 1
            The first lag.
        last : int, optional
            The last one; by default 32, or the last before one is lost in the noise,
            less than a standard error above zero.
        of : "strength", "local" or "raw"
            Which column to read.

        Returns
        -------
        OctaveExponent

        Raises
        ------
        ValueError
            If a lag is out of range, the range does not span two octaves of the lags
            that are known, or the correlations are lost in the noise within it.
        """
        first = whole_number("first", first, least=1)
        end = LAST if last is None else whole_number("last", last, least=first)
        found = self.lags[one_of("of", of, STRENGTHS)].loc[first:end]
        if last is None and of != "raw":
            error = self.lags["error" if of == "strength" else "local_error"]
            seen = found > LOST * error.loc[found.index]
            if not seen.loc[: 4 * first].all():
                lost = seen.index[~seen][0]
                raise ValueError(
                    f"correlations must be seen from lag {first} to {4 * first} to "
                    f"have an exponent, but at {lost} they are {found[lost]:.2g} with "
                    f"a standard error of {error[lost]:.2g}"
                )
            found = found[seen.cummin()]
        return falling_exponent(found.index, found, name="correlations")

    def horizon(self, D):
        r"""The lag n* up to which D tokens show correlations, :math:`c / \sqrt D`.

        Parameters
        ----------
        D : array_like
            Numbers of tokens, positive.

        Returns
        -------
        ndarray of the shape of `D`, or a DataArray with its labels
            Between lags on a straight line of the logarithms; 0 where not even the
            first is seen, infinite where the last still is, and nan where this text is
            too short to tell: its own noise is not below that of D tokens.

        Raises
        ------
        ValueError
            If `D` is not positive.
        """
        table = self.lags.index, self.lags["strength"], self.lags["error"]
        table = [np.asarray(column, float) for column in table]
        floor = self.noise / np.sqrt(positive("D", D))
        found = [_crossing(*table, each) for each in floor.ravel()]
        return like(D, np.reshape(found, floor.shape)[()])


def correlations(tokens, *, lags=None, rng=None):
    r"""Strength of the correlations of tokens over distances.

    Parameters
    ----------
    tokens : Tokens or (D,) array_like of int
        The text.
    lags : increasing ints, optional
        Distances n, at most half of a block. By default 1, 2, 3, 4, 6, 8, 12, 16, …
    rng : None, int or Generator
        Shuffles the text, for its noise.

    Returns
    -------
    Correlations

    Raises
    ------
    ValueError
        If there are fewer than 1024 tokens, all are equal, or `lags` is out of range.

    Notes
    -----
    The text is cut into blocks of 8192 tokens (of a 64th of a short text); pairs
    lie within a block, and every other block is of the other half. Of a text of more
    than 8 million tokens blocks of that many are drawn. The standard error
    is that of a jackknife over blocks, for both halves alike: if several directions are
    equally strong, both find the same of them by the same chance. What the halves
    disagree by is added. If one direction is the strongest by far, the error is too
    large by up to √2.

    Within blocks of length B the mean over a block is taken off all correlations,
    :math:`\sum_n C(n) / B`, and ``local`` is smaller by that.

    References
    ----------
    F. Cagnetta, A. Raventós, S. Ganguli and M. Wyart, arXiv:2602.07488, eqs. 3, 7:
    covariance, its operator norm, and the noise.

    Examples
    --------
    >>> flips = np.random.default_rng(0).random(100_000) < 0.1  # a token, or the other
    >>> found = correlations(np.cumsum(flips) % 2, lags=[1, 2, 4, 8], rng=0)
    >>> found.lags["strength"].round(2).tolist()  # 0.8^n / 2
    [0.4, 0.32, 0.2, 0.08]
    """
    tokens = as_tokens("tokens", tokens, least=1024)
    block = min(BLOCK, len(tokens) // LEAST_BLOCKS)
    whole = len(tokens) // block
    lags, rng = _lags(lags, block // 2), generator(rng)
    blocks = tokens.ids[: whole * block].reshape(whole, block)
    if whole > (most := MOST // block):
        blocks = blocks[np.sort(rng.choice(whole, most, replace=False))]
    halves = blocks[0::2], blocks[1::2]
    start = rng.standard_normal(tokens.V)
    rows = [_strengths(halves, int(n), tokens.V, start) for n in lags]
    return Correlations(
        pd.DataFrame(rows, index=pd.Index(lags, name="n")),
        _noise(blocks.reshape(1, -1), tokens.V, start, rng),
        blocks.size,
        tokens.V,
        block,
    )


def _noise(text, V, start, rng):
    """Largest singular value of a shuffled text, times the root of its length."""
    if V <= DENSE:  # a part of it has the same c
        text = text[:, rng.permutation(text.size)[:SHUFFLED]]
    found = []
    while len(found) < SHUFFLES[0] or (
        np.std(found) > SURE * np.sqrt(len(found)) * np.mean(found)
        and len(found) < SHUFFLES[1]
    ):
        shuffled = rng.permuted(text, axis=1)
        found.append(largest(count_pairs(shuffled, 1, V)(), start)[1])
    return float(np.mean(found) * np.sqrt(text.size))


def _lags(lags, most):
    """Two lags an octave, or those asked for."""
    if lags is None:
        octaves = 2 ** np.arange(int(np.log2(most)) + 1)
        both = np.unique(np.concatenate([octaves, 3 * octaves // 2]))
        return both[both <= most]
    return increasing("lags", lags, most=most)


def _strengths(halves, n, V, start):
    """A row of the table."""
    row, counted = {}, [count_pairs(half, n, V) for half in halves]
    for name, local in (("strength", False), ("local", True)):
        told = []
        for this, other in zip(counted, halves[::-1], strict=True):
            (u, v), _ = largest(this(local=local), start)
            told.append(_along(u, v, other, n, local=local))
        values, errors = np.transpose(told)
        row[name] = values.mean()
        row[f"{name}_error"] = np.hypot(errors.sum(), np.diff(values)[0]) / 2
    row["raw"] = largest(together(*counted)(), start)[1]
    row["error"] = row.pop("strength_error")
    return {c: row[c] for c in ("strength", "error", "raw", "local", "local_error")}


def _along(u, v, blocks, n, *, local):
    """The covariance along two directions, with the error of a jackknife."""
    first, second = u[blocks[:, :-n]], v[blocks[:, n:]]
    both = (first * second).mean(axis=1)
    first, second = first.mean(axis=1), second.mean(axis=1)
    count = len(blocks)
    if local:
        each = both - first * second
        return each.mean(), each.std(ddof=1) / np.sqrt(count)
    both, first, second = (
        np.append((x.sum() - x) / (count - 1), x.mean()) for x in (both, first, second)
    )
    value = both - first * second  # without each of the blocks, and with all
    without = value[:-1]
    error = np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum())
    return value[-1], error


def _crossing(lags, strength, error, floor):
    """Where the strength first falls below a floor."""
    below = np.flatnonzero(~(strength > floor))
    if not len(below):
        return np.inf
    i = below[0]
    if floor < error[i]:
        return np.nan
    if not i:
        return 0.0
    # A strength that noise made negative is at most what its error allows.
    ends = np.log([strength[i - 1], max(strength[i], error[i], 1e-300)])
    share = (ends[0] - np.log(floor)) / (ends[0] - ends[1])
    return float(lags[i - 1] * (lags[i] / lags[i - 1]) ** min(share, 1.0))
