"""Kneser–Ney against dictionaries, and its probabilities against one."""

from collections import Counter

import numpy as np
import pytest

from scalinglib.text.histories import sort_histories
from scalinglib.text.kneser_ney import discounts, held_out_losses

V, ORDERS, LENGTH = 5, 3, 30


def blocks_of(rng, rows):
    """Random tokens of which some are frequent."""
    return rng.choice(V, (rows, LENGTH), p=[0.4, 0.3, 0.2, 0.07, 0.03])


def by_dictionary(blocks, learned, history, token):
    """The probability at each order, from the formula and dictionaries."""
    counts = [Counter() for _ in range(ORDERS + 2)]  # of n-grams of n tokens
    for row in blocks[learned]:
        for n in range(1, ORDERS + 2):
            for end in range(n, LENGTH + 1):
                counts[n][tuple(row[end - n : end])] += 1
    preceded = [Counter() for _ in range(ORDERS + 2)]
    for n in range(1, ORDERS + 1):
        for gram in counts[n + 1]:
            preceded[n][gram[1:]] += 1

    def of(n, table, below):
        off = discounts([*table.values()])
        context = tuple(history[len(history) - n :])
        after = {g[-1]: c for g, c in table.items() if g[:-1] == context}
        total = sum(after.values())
        if not total:
            return below
        taken = sum(off[min(c, 3)] for c in after.values())
        own = after.get(token, 0)
        return (own - off[min(own, 3)] + taken * below) / total

    found, below = [], 1 / V
    for n in range(ORDERS + 1):
        found.append(of(n, counts[n + 1], below))
        if n < ORDERS:
            below = of(n, preceded[n + 1], below)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_probabilities_are_those_of_the_formula(seed):
    """Each order of each token, with dictionaries and one by one."""
    rng = np.random.default_rng(seed)
    blocks = blocks_of(rng, 9)
    learned = np.arange(9) < 6
    row = np.repeat([6, 7, 8], 4)
    column = rng.integers(ORDERS, LENGTH, len(row))
    histories = sort_histories(blocks, ORDERS + 1)
    losses = held_out_losses(
        histories, learned, row * LENGTH + column, V=V, orders=ORDERS
    )
    for t, (r, c) in enumerate(zip(row, column, strict=True)):
        expected = by_dictionary(blocks, learned, blocks[r, :c], blocks[r, c])
        np.testing.assert_allclose(np.exp(-losses[:, t]), expected, rtol=1e-12)


def test_probabilities_sum_to_one():
    """Over the tokens that may come, after contexts seen and never seen."""
    rng = np.random.default_rng(0)
    learned = blocks_of(rng, 12)
    contexts = blocks_of(rng, 6)
    tried = np.repeat(contexts, V, axis=0)
    tried[:, -1] = np.tile(np.arange(V), len(contexts))
    blocks = np.vstack([learned, tried])
    positions = (np.arange(12, len(blocks)) + 1) * LENGTH - 1
    losses = held_out_losses(
        sort_histories(blocks, ORDERS + 1),
        np.arange(len(blocks)) < 12,
        positions,
        V=V,
        orders=ORDERS,
    )
    totals = np.exp(-losses).reshape(ORDERS + 1, len(contexts), V).sum(axis=-1)
    np.testing.assert_allclose(totals, 1, rtol=1e-12)


def test_what_is_held_out_is_not_learned():
    """A block that tells all changes nothing while it is not learned from."""
    rng = np.random.default_rng(1)
    blocks = blocks_of(rng, 8)
    blocks[7] = blocks[6]
    histories = sort_histories(blocks, ORDERS + 1)
    positions = 6 * LENGTH + np.arange(ORDERS, LENGTH)
    few, all_but_one = np.arange(8) < 6, np.arange(8) != 6
    without = held_out_losses(histories, few, positions, V=V, orders=ORDERS)
    alone = held_out_losses(
        histories.of_blocks(np.arange(8) < 7), few[:8], positions, V=V, orders=ORDERS
    )
    known = held_out_losses(histories, all_but_one, positions, V=V, orders=ORDERS)
    np.testing.assert_array_equal(without, alone)
    assert known[-1].mean() < without[-1].mean() - 0.2


def test_discounts_of_chen_and_goodman():
    """Their three formulas, and what remains where there are no rare n-grams."""
    counts = [1] * 100 + [2] * 40 + [3] * 20 + [4] * 10 + [9] * 7
    Y = 100 / 180
    expected = [0, 1 - 2 * Y * 0.4, 2 - 3 * Y * 0.5, 3 - 4 * Y * 0.5]
    np.testing.assert_allclose(discounts(counts), expected)
    for rare in ([], [50, 60], [1, 1], [2, 2, 2], [1, 2, 3]):
        found = discounts(rare)
        assert found[0] == 0
        assert (found[1:] > 0).all()
        assert (found[1:] < 1).all()
