"""Pairs of tokens at a distance, as matrices small and large."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, vstack
from scipy.sparse.linalg import LinearOperator, svds

__all__ = ["Pairs", "count_pairs", "largest", "together"]

DENSE = 300  # vocabularies up to here have their matrices written out


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of tokens at a distance; called, it is their covariance.

    Attributes
    ----------
    counts : (V, V) ndarray or sparse array
        How often each pair occurs.
    first, second : (blocks, V) ndarray or sparse array
        Shares in each block of the tokens that begin a pair, and that end one.
    """

    counts: object
    first: object
    second: object

    def __call__(self, *, local=False):
        """The covariance, as a matrix or as what multiplies vectors.

        Parameters
        ----------
        local : bool, default False
            Whether the means of each block are subtracted, and not those of all.

        Returns
        -------
        (V, V) ndarray or LinearOperator
        """
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


def count_pairs(blocks, n, V):
    """Count the pairs in some blocks.

    Parameters
    ----------
    blocks : (blocks, length) ndarray of int
        Tokens.
    n : int
        Their distance.
    V : int
        Size of the vocabulary.

    Returns
    -------
    Pairs
    """
    first, second = blocks[:, :-n], blocks[:, n:]
    rows = np.repeat(np.arange(len(blocks)), first.shape[1])
    return Pairs(
        _table(first.ravel(), second.ravel(), (V, V)),
        *(
            _table(rows, half.ravel(), (len(blocks), V), first.shape[1])
            for half in (first, second)
        ),
    )


def together(one, other):
    """The pairs of two halves, which need not be of equal size.

    Parameters
    ----------
    one, other : Pairs
        Of blocks of one length.

    Returns
    -------
    Pairs
    """
    stack = np.vstack if isinstance(one.first, np.ndarray) else vstack
    return Pairs(
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


def largest(covariance, start):
    """Directions and size of the largest singular value.

    Parameters
    ----------
    covariance : (V, V) ndarray or LinearOperator
        What is asked.
    start : (V,) ndarray
        Where to start looking.

    Returns
    -------
    (u, v), s
        Of shape (V,) each, and a float.
    """
    if isinstance(covariance, np.ndarray):
        u, s, vt = np.linalg.svd(covariance)
    elif abs(covariance @ start).max() < 1e-12:  # nothing is left, but for rounding
        u, s, vt = start[:, None], np.zeros(1), start[None]
    else:
        u, s, vt = svds(covariance, k=1, v0=start, tol=1e-5)
    return (u[:, 0], vt[0]), float(s[0])
