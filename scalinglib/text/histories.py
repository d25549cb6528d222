"""Positions of a text sorted by what stands before them.

Read backwards from each position, texts that begin alike lie side by side: the
positions where the same k tokens end are neighbours, for every k at once. One sort
serves all orders of n-grams and all sizes of the data.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["Histories", "sort_histories"]


@dataclass(frozen=True, eq=False)
class Histories:
    """Positions in the order of their histories.

    Attributes
    ----------
    positions : (m,) ndarray
        Of tokens, in blocks that lie one after the other.
    shared : (m,) ndarray
        How many tokens the history has in common with the one before it in this
        order, beginning with the token at the position itself; 0 for the first.
    length : int
        Of a block. A history ends where its block begins.
    """

    positions: np.ndarray
    shared: np.ndarray
    length: int

    def __len__(self):
        return len(self.positions)

    @property
    def depth(self):
        """How many tokens there are from the start of the block, of shape (m,)."""
        return self.positions % self.length + 1

    @cached_property
    def places(self):
        """Where each position stands in the order, up to the last position there is."""
        places = np.zeros(self.positions.max() + 1, dtype=np.intp)
        places[self.positions] = np.arange(len(self.positions))
        return places

    def of_blocks(self, chosen):
        """The histories in some of the blocks alone.

        Parameters
        ----------
        chosen : (blocks,) ndarray of bool
            Which blocks to keep.

        Returns
        -------
        Histories
        """
        kept = np.flatnonzero(chosen[self.positions // self.length])
        # Two that are neighbours now share what all between them have shared.
        shared = np.zeros(len(kept), dtype=self.shared.dtype)
        if len(kept) > 1:
            upto = self.shared[: kept[-1] + 1]
            shared[1:] = np.minimum.reduceat(upto, kept[:-1] + 1)
        return Histories(self.positions[kept], shared, self.length)

    def grams(self, k):
        """Where each group of positions begins that end the same k tokens.

        Parameters
        ----------
        k : int
            Length of the n-grams.

        Returns
        -------
        (groups,) ndarray
            Indices into the sorted positions. A history shorter than k is a group of
            its own.
        """
        new = self.shared < k
        new[0] = True
        return np.flatnonzero(new)


def sort_histories(blocks, most):
    """Sort the positions of some blocks by their histories.

    Parameters
    ----------
    blocks : (blocks, length) ndarray of int
        Tokens, from 0.
    most : int
        How many tokens of a history count.

    Returns
    -------
    Histories

    Notes
    -----
    As many tokens as fit are packed into one integer and sorted at once; then ranks of
    histories of k tokens, with those of the k tokens before, give the ranks of 2 k.

    References
    ----------
    U. Manber and G. Myers, "Suffix arrays: a new method for on-line string searches",
    SIAM J. Comput. 22 (1993) 935–948: the doubling.

    Examples
    --------
    >>> sort_histories(np.array([[0, 1, 0, 1]]), 2).positions  # read: 0, 01, 10, 10
    array([0, 2, 1, 3])
    """
    packed, reach, bits = _packed(blocks, most)
    key, known = packed, reach
    while known < most:
        ranks, size = _ranks(key)
        key, known = ranks * (size + 1) + _earlier(ranks + 1, known), 2 * known
    order = np.argsort(key, axis=None, kind="stable")
    return Histories(order, _shared(packed, reach, bits, order, most), blocks.shape[1])


def _packed(blocks, most):
    """The last tokens as one integer, the last in front; how many, of what length."""
    bits = int(blocks.max() + 1).bit_length()
    reach = min(62 // bits, most, blocks.shape[1])
    key = np.zeros(blocks.shape, dtype=np.int64)
    for back in range(reach):
        key += _earlier(blocks + np.int64(1), back) << (bits * (reach - 1 - back))
    return key, reach, bits


def _earlier(values, by):
    """What stood so many columns before; 0 where the block had not begun."""
    moved = np.zeros_like(values)
    moved[:, by:] = values[:, : values.shape[1] - by]
    return moved


def _ranks(key):
    """The rank of each entry among the different ones, from 0; and how many."""
    values = key.ravel()
    order = np.argsort(values, kind="stable")
    values = values[order]
    new = np.concatenate([[0], np.cumsum(values[1:] != values[:-1])])
    ranks = np.empty_like(values)
    ranks[order] = new
    return ranks.reshape(key.shape), int(new[-1]) + 1


def _shared(packed, reach, bits, order, most):
    """How many tokens neighbours in the order have in common."""
    depth = order % packed.shape[1] + 1
    shared = np.zeros(len(order), dtype=np.int16)
    alike = np.ones(len(order) - 1, dtype=bool)  # in all tokens so far
    for start in range(0, most, reach):
        several = _earlier(packed, start).ravel()[order]
        differ = several[1:] ^ several[:-1]
        for back in range(reach):
            alike &= differ >> (bits * (reach - 1 - back)) == 0
            shared[1:] += alike
    # Where both blocks had not begun, nothing was there to share.
    shared[1:] = np.minimum(shared[1:], np.minimum(depth[1:], depth[:-1]))
    return np.minimum(shared, most)
