"""Entropies of sources of which they are known."""

import numpy as np
import pytest
import sources
from scipy.special import digamma
from thorough import exhaustive, long

from scalinglib.text import ngram_curves
from scalinglib.text.entropies import _corrected, between, counted_entropies
from scalinglib.text.histories import sort_histories


@pytest.fixture(scope="module")
def known():
    """A source of ten tokens, and curves from 300 000 of them."""
    rng = np.random.default_rng(3)
    transitions = sources.markov(10, concentration=0.4, rng=rng)
    tokens = sources.sample(transitions, 300_000, rng)
    return sources.entropies(transitions), ngram_curves(tokens, orders=4, rng=0)


def test_entropies_of_a_markov_source(known):
    """Within a per cent, also of orders beyond its own, where plug-in is far off."""
    exact, curves = known
    exact = exact[[0, 1, 2, 2, 2]]
    np.testing.assert_allclose(curves.entropies["value"], exact, rtol=0.01)
    assert abs(curves.plug_in[4] / exact[4] - 1) > 0.04
    assert (curves.entropies["low"] <= exact).all()
    assert (curves.entropies["high"] >= exact).all()


@exhaustive
@pytest.mark.parametrize("V", [2, 5, 12, 30])
@pytest.mark.parametrize("seed", range(3))
def test_entropies_of_many_sources(V, seed):
    """A million tokens of small and of large vocabularies."""
    rng = np.random.default_rng(seed)
    transitions = sources.markov(V, concentration=5 / V, rng=rng)
    curves = ngram_curves(sources.sample(transitions, 10**6, rng), orders=4, rng=seed)
    exact = sources.entropies(transitions)[[0, 1, 2, 2, 2]]
    np.testing.assert_allclose(curves.entropies["value"], exact, rtol=0.01)
    assert (curves.entropies["low"] <= exact).all()
    assert (curves.entropies["high"] >= exact).all()


def test_plug_in_is_the_entropy_of_the_counts():
    """Of n-grams within blocks, less that of their contexts."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(3, size=(20, 50))
    plug_in, _, alone = counted_entropies(sort_histories(blocks, 3), orders=2)
    assert alone.tolist() == [0, 0, 0]
    for n in range(3):
        grams = np.lib.stride_tricks.sliding_window_view(blocks, n + 1, axis=1)
        grams = grams.reshape(-1, n + 1)
        _, counts = np.unique(grams, axis=0, return_counts=True)
        total = -(counts / counts.sum() * np.log(counts / counts.sum())).sum()
        if n:
            _, counts = np.unique(grams[:, :-1], axis=0, return_counts=True)
            total += (counts / counts.sum() * np.log(counts / counts.sum())).sum()
        assert plug_in[n] == pytest.approx(total)


def test_correction_is_that_of_grassberger():
    """G_1 = −C − log 2, G_2 = G_1 + 2, then in steps of two: his equations."""
    g = _corrected(np.arange(1, 9))
    assert g[0] == pytest.approx(digamma(1) - np.log(2))
    assert g[1] == pytest.approx(2 + digamma(1) - np.log(2))
    np.testing.assert_allclose(g[2::2], g[1:-1:2])  # G_{2k + 1} = G_{2k}
    np.testing.assert_allclose(g[3::2] - g[1:-2:2], 2 / np.array([3, 5, 7]))


@long
def test_correction_is_nearly_unbiased():
    """Twenty tokens of five: only that their number is fixed remains, 1 / 2D."""
    rng = np.random.default_rng(0)
    p = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    found = np.array(
        [
            counted_entropies(sort_histories(rng.choice(5, (1, 20), p=p), 1), orders=0)
            for _ in range(3000)
        ]
    )[:, :2, 0]
    off = found.mean(axis=0) + (p * np.log(p)).sum()
    error = found.std(axis=0) / np.sqrt(len(found))
    assert off[0] < -20 * error[0]
    assert abs(off[1] - 1 / 40) < 4 * error[1]


def counted(plug_in, corrected, alone=0.0):
    """What is counted in less data and in all; corrected ones in two columns."""
    nothing = np.zeros_like(plug_in)
    before = np.array([plug_in, corrected[:, 0], nothing + alone])
    return np.array([before, [plug_in, corrected[:, 1], nothing + alone]])


def test_between_is_exact_if_both_are_off_by_the_same_power():
    """One too small, one too large, and both by D^-0.7 of different sizes."""
    H, D = np.array([2.0, 1.0, 0.5]), np.array([1000, 3000])
    off = np.array([[0.1], [1.0], [3.0]]) * D**-0.7
    of_counts = counted(H - 0.4, H[:, None] - 3 * off)
    table = between(H[:, None] + off, np.full(3, 0.01), of_counts, least=0.005)
    np.testing.assert_allclose(table["value"], H)
    np.testing.assert_allclose(table["low"], H - 0.435)
    np.testing.assert_allclose(table["high"], H + off[:, 1] + 0.035)


def test_between_stays_between():
    """Noise that makes a loss rise, or nothing that moves at all."""
    corrected = np.array([[0.8, 0.9], [0.8, 0.8]])
    of_counts = counted(np.array([0.7, 0.7]), corrected)
    table = between(np.array([[1.0, 1.1], [1.0, 1.0]]), np.zeros(2), of_counts)
    np.testing.assert_allclose(table["value"], [1.1, 0.9])


def test_entropies_never_rise_with_the_order():
    """Neither do their bounds, and a later order bounds an earlier one."""
    losses = np.array([[2.0, 1.0, 1.5, 0.9]] * 2).T
    plug_in = np.array([0.1, 0.5, 0.2, 0.3])
    of_counts = counted(plug_in, np.array([[0.9, 0.2, 1.0, 0.4]] * 2).T)
    table = between(losses, np.zeros(4), of_counts)
    assert table["high"].tolist() == [2.0, 1.0, 1.0, 0.9]
    assert table["low"].tolist() == [0.5, 0.5, 0.3, 0.3]
    assert (table.diff().iloc[1:] <= 0).all(axis=None)


def test_contexts_that_occur_once_tell_nothing():
    """Then the loss is all there is, though counts do not move any more."""
    losses, none = np.array([[1.0, 1.0]]), np.zeros((1, 2))
    for alone, value in ((0.0, 0.5), (0.5, 0.75), (1.0, 1.0)):
        table = between(losses, np.zeros(1), counted(np.zeros(1), none, alone))
        assert table["value"][0] == value
    tokens = np.random.default_rng(0).integers(4, size=50_000)
    deep = ngram_curves(tokens, orders=16, rng=0).entropies
    np.testing.assert_allclose(deep["value"], np.log(4), rtol=0.02)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [1e-5, 0.002, 0.01])
def test_bounds_hold_where_one_token_is_rare(seed, share):
    """It may occur in one part of the text alone."""
    D = 4096 if share > 1e-4 else 100_000
    tokens = (np.random.default_rng(seed).random(D) < share).astype(int)
    tokens[0], tokens[D // 2] = 0, 1
    exact = -share * np.log(share) - (1 - share) * np.log1p(-share)
    row = ngram_curves(tokens, orders=2, rng=0).entropies.loc[0]
    assert 0 <= row["low"] <= exact <= row["high"]
    assert row["low"] <= row["value"] <= row["high"]


def test_tokens_that_are_new_are_told():
    """Of a language with more words than the text, bounds are those of the text."""
    words = np.random.default_rng(0).zipf(1.5, 50_000) % 10**6
    curves = ngram_curves(words, orders=1, rng=0)
    assert 0.005 < curves.unseen < 0.05
    assert ngram_curves(words % 9, orders=1, rng=0).unseen == 0
