"""Texts at full length: what is stored is what they say, there and back."""

import numpy as np
import pytest
from thorough import exhaustive, long

from scalinglib import data, stored, text
from scalinglib.experiments import results, whole_texts
from scalinglib.experiments.whole_texts import (
    correlations_of,
    losses_in_order,
    ngrams_of,
    text_statistics,
)

TEXTS = {
    "king_james_characters": lambda: text.characters(
        data.load_text("king_james"), lower=True
    ),
    "king_james_words": lambda: text.words(data.load_text("king_james"), lower=True),
    "python_characters": lambda: text.characters(
        data.load_text("python_library"), layout=True
    ),
}


def memory(D, lag, rng):
    """Bits, nine in ten of which are those of some tokens before."""
    bits = rng.integers(2, size=D)
    for start in range(lag, D, lag):
        now = bits[start : start + lag]
        then = bits[start - lag : start - lag + len(now)]
        bits[start : start + lag] = np.where(rng.random(len(now)) < 0.9, then, now)
    return bits


@pytest.mark.parametrize(
    "name",
    [
        "king_james_words",
        pytest.param("king_james_characters", marks=exhaustive),
        pytest.param("python_characters", marks=exhaustive),
    ],
)
def test_stored_statistics_are_of_these_texts(name):
    """Two lags and the two smallest sizes, all orders of them, computed again."""
    tokens, then = TEXTS[name](), stored.load(name)
    few = text.correlations(tokens, lags=[3, 48], rng=0)
    for column in few.lags:
        again, kept = few.lags[column], then[column].sel(lag=[3, 48])
        np.testing.assert_allclose(again, kept, rtol=2e-3)
    assert few.noise == pytest.approx(float(then.noise), rel=1e-4)
    sizes = then.D.values[:2].tolist()
    curves = text.ngram_curves(tokens, orders=then.sizes["n"] - 1, sizes=sizes, rng=0)
    np.testing.assert_allclose(curves.losses, then.loss.sel(D=sizes), rtol=1e-5)
    whole = len(tokens) // int(then.far) * int(then.far)
    assert (whole, tokens.V) == (int(then["size"]), int(then.V))


@long
def test_there_and_back():
    """What is read off the arrays is what is read off the text."""
    tokens = memory(80_000, 3, np.random.default_rng(0))
    found = results.unpack(results.pack(text_statistics(tokens, orders=5)))
    over, curves = correlations_of(found), ngrams_of(found)
    fresh = text.correlations(tokens, rng=0)
    again = text.ngram_curves(tokens, orders=5, rng=0)
    np.testing.assert_allclose(over.lags, fresh.lags, rtol=1e-6)
    assert list(over.lags) == list(fresh.lags)
    assert (over.D, over.V, over.block) == (fresh.D, fresh.V, fresh.block)
    np.testing.assert_allclose(curves.entropies, again.entropies, rtol=1e-6)
    for name in ("losses", "errors", "plug_in"):
        one, other = getattr(curves, name), getattr(again, name)
        assert one.dims == other.dims
        assert set(one.coords) == set(other.coords)
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert (curves.V, curves.block) == (again.V, again.block)
    assert curves.exponent().value == pytest.approx(again.exponent().value, rel=1e-4)


def test_order_of_a_text_does_not_matter_where_it_does_not_change():
    """The first tokens are as good as the last ones, up to what blocks scatter."""
    tokens = memory(120_000, 3, np.random.default_rng(1))
    early, late = losses_in_order(tokens, [32_768, 65_536], order=4)
    np.testing.assert_allclose(early, late, rtol=0.02)


def test_all_of_a_text_is_both_its_beginning_and_its_end():
    """Where everything before is learned, the two ways are one."""
    tokens = memory(100 * whole_texts.BLOCK, 3, np.random.default_rng(2))
    early, late = losses_in_order(tokens, [8192, 95 * whole_texts.BLOCK], order=2)
    assert early[1] == late[1]
    assert early[0] != late[0]


def test_where_a_block_stands_does_not_matter_but_for_the_choice():
    """Put the blocks before the tried ones first, and the two ways change places."""
    tokens = memory(100 * whole_texts.BLOCK, 3, np.random.default_rng(2))
    blocks = tokens.reshape(100, -1)
    turned = np.r_[blocks[85:95], blocks[:85], blocks[95:]].ravel()
    sizes = [10 * whole_texts.BLOCK]
    (_, late), (early, _) = (
        losses_in_order(t, sizes, order=2) for t in (tokens, turned)
    )
    assert early[0] == pytest.approx(late[0], rel=1e-12)


def test_a_text_that_turns_is_seen_by_its_order():
    """Another rule in the last third: its own tokens are worth more than older ones."""
    rng = np.random.default_rng(3)
    tokens = np.r_[memory(80_000, 2, rng), memory(40_000, 5, rng)]
    early, late = losses_in_order(tokens, [16_384], order=6)
    entropy = -(0.95 * np.log(0.95) + 0.05 * np.log(0.05))
    assert late[0] == pytest.approx(entropy, abs=0.05)
    assert early[0] > np.log(2) - 0.05


@pytest.mark.parametrize("sizes", [[100], [2**17], [8192, 4096]])
def test_sizes_that_are_not_there(sizes):
    """Parts of a block, more than the text holds, and what does not increase."""
    tokens = memory(50_000, 3, np.random.default_rng(4))
    with pytest.raises(ValueError, match=r"^sizes must be"):
        losses_in_order(tokens, sizes, order=2)


@exhaustive
def test_the_bible_drifts():
    """A quarter of a nat between Genesis and what comes right before Revelation.

    The prototype measured 1.66, 1.50, 1.38 nats against 1.40, 1.22, 1.14.
    """
    then = stored.load("king_james_characters")
    at = {"prefix": [2**16, 2**18, 2**20]}
    np.testing.assert_allclose(then.early.sel(at), [1.66, 1.50, 1.38], atol=0.02)
    np.testing.assert_allclose(then.late.sel(at), [1.40, 1.22, 1.14], atol=0.02)
    tokens = TEXTS["king_james_characters"]()
    early, late = losses_in_order(tokens, [2**16], order=8)
    assert early[0] == pytest.approx(float(then.early[0]), rel=1e-5)
    assert late[0] == pytest.approx(float(then.late[0]), rel=1e-5)
