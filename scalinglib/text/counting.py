"""N-grams of all orders, counted in one order of the positions."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Grams", "grams_of_orders"]


@dataclass(frozen=True, eq=False)
class Grams:
    """The n-grams of one order: how often they occur, and after what.

    Attributes
    ----------
    begins : (grams,) ndarray
        Where each n-gram begins in the sorted positions.
    gram : (m,) ndarray
        Which one ends at each of the sorted positions.
    counts : (grams,) ndarray
        How often each occurs in the blocks that are counted.
    context : (grams,) ndarray
        Which tokens stand before the last one, as a number.
    shorter : (m,) ndarray
        Which n-gram, shorter by one, ends at each of the sorted positions.
    contexts : int
        How many there are.
    """

    begins: np.ndarray
    gram: np.ndarray
    counts: np.ndarray
    context: np.ndarray
    shorter: np.ndarray
    contexts: int


def grams_of_orders(histories, counted, orders):
    """Count the n-grams of every order, from single tokens on.

    Parameters
    ----------
    histories : Histories
        Of depth n + 1.
    counted : (blocks,) ndarray of bool
        In which blocks to count. The others have their n-grams named, too.
    orders : int
        The largest number n of tokens before the last one.

    Yields
    ------
    Grams
        For n = 0, 1, …: n-grams of n + 1 tokens, the last one after a context of n.
    """
    positions, depth = histories.positions, histories.depth
    known = counted[positions // histories.length]
    # Of the token before; the first of a block has none, and is no n-gram's last.
    before = histories.places[positions - 1]
    total, last = np.cumsum(known), np.zeros(len(positions), dtype=np.intp)
    for n in range(orders + 1):
        begins = histories.grams(n + 1)
        sizes = np.diff(begins, append=len(positions))
        counts = np.diff(total[begins + sizes - 1], prepend=0)
        counts[depth[begins] <= n] = 0  # a block begins within: alone, and no n-gram
        gram = np.repeat(np.arange(len(begins)), sizes)
        yield Grams(
            begins,
            gram,
            counts,
            context=last[before[begins]],
            shorter=last,
            contexts=int(last[-1]) + 1,
        )
        last = gram
