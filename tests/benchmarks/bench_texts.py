"""What it saves to sort a text once for all orders of n-grams and all sizes.

Run alone on an idle machine: ``pytest tests/benchmarks``. Each ratio is of medians
taken side by side, in turn, in one run.
"""

import numpy as np
from bench_samples import side_by_side

from scalinglib import data, text
from scalinglib.text.counting import grams_of_orders
from scalinglib.text.histories import sort_histories

ORDERS, SIZES = 16, [16, 32, 64, 128, 256]


def sorted_once(blocks):
    """Counts of all n-grams, from one sort."""
    histories, rows = sort_histories(blocks, ORDERS + 1), np.arange(len(blocks))
    for size in SIZES:
        some = histories.of_blocks(rows < size)
        for grams in grams_of_orders(some, rows < size, ORDERS):
            yield grams.counts[grams.counts > 0]


def sorted_each(blocks):
    """The same by numpy's unique, for each size and each order."""
    for size in SIZES:
        tokens = blocks[:size].astype(np.int64)
        ids = np.zeros_like(tokens)
        for n in range(ORDERS + 1):
            # The n-gram that ended a token before, and this token.
            key = ids[:, :-1] * 64 + tokens[:, n:] if n else tokens
            _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
            ids = inverse.reshape(key.shape)
            yield counts


def test_one_sort_for_all_orders_and_sizes(benchmark):
    """A quarter of a million characters: half as fast again as to sort each."""
    bible = text.characters(data.load_text("king_james"), lower=True)
    blocks = bible.ids[: 2**18].reshape(-1, 1024)
    for once, each in zip(sorted_once(blocks), sorted_each(blocks), strict=True):
        np.testing.assert_array_equal(np.sort(once), np.sort(each))
    benchmark(lambda: [*sorted_once(blocks)])
    ratio = side_by_side(
        lambda: [*sorted_each(blocks)], lambda: [*sorted_once(blocks)], rounds=5
    )
    assert ratio > 1.5
