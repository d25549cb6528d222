"""Sorted histories group n-grams as a dictionary does."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalinglib.text.histories import sort_histories

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 3))


def grouped(blocks, k, kept):
    """Positions that end the same k tokens, gathered in a dictionary."""
    found = defaultdict(set)
    for row in kept:
        for column in range(blocks.shape[1]):
            position = row * blocks.shape[1] + column
            begin = column - k + 1
            gram = tuple(blocks[row, begin : column + 1]) if begin >= 0 else position
            found[gram].add(position)
    return sorted(map(sorted, found.values()))


def groups(histories, k):
    """The same as the sorted positions have it."""
    parts = np.split(histories.positions, histories.grams(k)[1:])
    return sorted(sorted(part.tolist()) for part in parts)


@given(SHAPES, st.integers(1, 12), st.randoms(use_true_random=False))
def test_groups_are_those_of_a_dictionary(shape, most, random):
    """For every length of n-grams, of all blocks and of some."""
    rows, length, V = shape
    blocks = np.array(
        [[random.randrange(V) for _ in range(length)] for _ in range(rows)]
    )
    histories = sort_histories(blocks, most)
    chosen = np.array([random.random() < 0.7 for _ in range(rows)])
    chosen[0] = True
    some = histories.of_blocks(chosen)
    for k in range(1, most + 1):
        assert groups(histories, k) == grouped(blocks, k, range(rows))
        assert groups(some, k) == grouped(blocks, k, np.flatnonzero(chosen))


@pytest.mark.parametrize("V", [2, 300, 10_000_000])
def test_few_or_many_tokens_in_an_integer(V):
    """Large vocabularies leave room for two tokens in an integer: ranks go on."""
    rng = np.random.default_rng(0)
    blocks = rng.choice([0, 1, V - 1], (20, 40))
    histories = sort_histories(blocks, 9)
    for k in (1, 2, 3, 5, 9):
        assert groups(histories, k) == grouped(blocks, k, range(20))


def test_depth_counts_from_the_start_of_a_block():
    """One at the first token of each."""
    histories = sort_histories(np.zeros((2, 3), int), 2)
    depth = dict(zip(histories.positions, histories.depth, strict=True))
    assert [depth[i] for i in range(6)] == [1, 2, 3, 1, 2, 3]
    assert len(histories) == 6
