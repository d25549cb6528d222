r"""How far back a text remembers: the covariance of its tokens over a distance.

.. math::

   C_{\mu\nu}(n) = P(x_i = \mu, x_{i+n} = \nu) - P(\mu) P(\nu)

Its strength is the largest singular value, :math:`\|C(n)\|`. That of counts never
vanishes: D tokens without any correlation have :math:`c / \sqrt D`. Half of a text
finds the directions u, v; the other half tells :math:`u^\top C v` without that bias.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, vstack
from scipy.sparse.linalg import LinearOperator, svds

from scalinglib._input import generator, increasing, one_of, positive
from scalinglib.text.octaves import falling_exponent
from scalinglib.text.tokens import as_tokens

__all__ = ["Correlations", "correlations"]

BLOCK, LEAST_BLOCKS = 8192, 64  # tokens; blocks of a short text
DENSE = 300  # vocabularies up to here have their matrices written out
MOST = 2**23  # tokens that are used
SHUFFLES = 4
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
        block, as subjects and authors do, is not in it.
    noise : float
        c: of D tokens without correlations ``raw`` would be :math:`c / \sqrt D`, as it
        is when this text is shuffled.
    D, V, block : int
        Tokens, different ones, and how many are in a block.
    """

    lags: pd.DataFrame = field(repr=False)
    noise: float
    D: int
    V: int
    block: int

    def exponent(self, first=1, last=32, *, of="strength"):
        r"""How fast correlations fall, :math:`\|C(n)\| \propto n^{-\beta_C}`.

        Parameters
        ----------
        first, last : int, default 1 and 32
            The range of lags.
        of : "strength", "local" or "raw"
            Which column to read.

        Returns
        -------
        OctaveExponent

        Raises
        ------
        ValueError
            If the range does not span two octaves of the lags that are known, or if
            the correlations are lost in the noise within it.
        """
        found = self.lags[one_of("of", of, STRENGTHS)].loc[first:last]
        return falling_exponent(found.index, found, name="correlations")

    def horizon(self, D):
        r"""The lag n* up to which D tokens show correlations, :math:`c / \sqrt D`.

        Parameters
        ----------
        D : array_like
            Numbers of tokens, positive.

        Returns
        -------
        ndarray of the shape of `D`
            Between lags on a straight line of the logarithms; 0 where not even the
            first is seen, infinite where the last still is.
        """
        strength = self.lags["strength"].to_numpy()
        lags = self.lags.index.to_numpy()
        floor = self.noise / np.sqrt(positive("D", D))
        return np.vectorize(_crossing, excluded=(0, 1))(lags, strength, floor)


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
    is that of a jackknife over blocks. Within blocks of length B correlations that
    reach beyond them seem to be smaller, by their mean over a block.

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
    shuffled = [
        _largest(_count(rng.permuted(blocks.reshape(1, -1)), 1, tokens.V)(), start)[1]
        for _ in range(SHUFFLES)
    ]
    return Correlations(
        pd.DataFrame(rows, index=pd.Index(lags, name="n")),
        float(np.mean(shuffled) * np.sqrt(blocks.size)),
        len(tokens),
        tokens.V,
        block,
    )


def _lags(lags, most):
    """Two lags an octave, or those asked for."""
    if lags is None:
        octaves = 2 ** np.arange(int(np.log2(most)) + 1)
        both = np.unique(np.concatenate([octaves, 3 * octaves // 2]))
        return both[both <= most]
    return increasing("lags", lags, most=most)


def _strengths(halves, n, V, start):
    """A row of the table."""
    row, counted = {}, [_count(half, n, V) for half in halves]
    for name, local in (("strength", False), ("local", True)):
        told = []
        for this, other in zip(counted, halves[::-1], strict=True):
            (u, v), _ = _largest(this(local=local), start)
            told.append(_along(u, v, other, n, local=local))
        row[name] = np.mean([value for value, _ in told])
        row[f"{name}_error"] = np.hypot(told[0][1], told[1][1]) / 2
    row["raw"] = _largest(_both(*counted)(), start)[1]
    row["error"] = row.pop("strength_error")
    return {c: row[c] for c in ("strength", "error", "raw", "local", "local_error")}


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of tokens n apart; called, it is their covariance."""

    counts: object  # (V, V), an array or sparse
    first: object  # (blocks, V), shares in each block of tokens that begin a pair
    second: object  # the same for those that end one

    def __call__(self, *, local=False):
        """As a matrix, or as what multiplies vectors."""
        left, right = self.first, self.second
        weight = 1 / left.shape[0]
        if not local:  # the mean of all blocks is subtracted, and not that of each
            left, right = left.mean(axis=0)[None], right.mean(axis=0)[None]
            weight = 1.0
        shares = self.counts / self.counts.sum()
        if isinstance(shares, np.ndarray):
            return shares - weight * left.T @ right

        def product(shares, left, right):
            return lambda vector: shares @ vector - weight * (left.T @ (right @ vector))

        return LinearOperator(
            shares.shape,
            matvec=product(shares, left, right),
            rmatvec=product(shares.T, right, left),
            dtype=float,
        )


def _count(blocks, n, V):
    """The pairs of some blocks."""
    first, second = blocks[:, :-n], blocks[:, n:]
    rows = np.repeat(np.arange(len(blocks)), first.shape[1])
    return _Pairs(
        _table(first.ravel(), second.ravel(), (V, V)),
        *(
            _table(rows, half.ravel(), (len(blocks), V), first.shape[1])
            for half in (first, second)
        ),
    )


def _both(one, other):
    """The pairs of two halves, which need not be of equal size."""
    stack = np.vstack if isinstance(one.first, np.ndarray) else vstack
    return _Pairs(
        one.counts + other.counts,
        stack([one.first, other.first]),
        stack([one.second, other.second]),
    )


def _table(rows, columns, shape, size=1):
    """How often each row meets each column, over a size."""
    if shape[1] <= DENSE:
        index = rows.astype(np.int64) * shape[1] + columns
        return np.bincount(index, minlength=shape[0] * shape[1]).reshape(shape) / size
    ones = np.full(len(rows), 1 / size)
    return coo_array((ones, (rows, columns)), shape=shape).tocsr()


def _largest(covariance, start):
    """Directions and size of the largest singular value."""
    if isinstance(covariance, np.ndarray):
        u, s, vt = np.linalg.svd(covariance)
    else:
        u, s, vt = svds(covariance, k=1, v0=start, tol=1e-5)
    return (u[:, 0], vt[0]), float(s[0])


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


def _crossing(lags, strength, floor):
    """Where the strength first falls below a floor."""
    below = np.flatnonzero(~(strength > floor))
    if not len(below):
        return np.inf
    if not (i := below[0]):
        return 0.0
    last, next_ = np.log(strength[i - 1]), np.log(max(strength[i], 1e-300))
    share = (last - np.log(floor)) / (last - next_) if strength[i] > 0 else 0.5
    return float(np.exp(np.log(lags[i - 1]) + share * np.log(lags[i] / lags[i - 1])))
