"""Learning curves of n-grams, their errors, and what a text must have for them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sources
from thorough import exhaustive

from scalinglib import text
from scalinglib.text import covariance, learning, ngram_curves
from scalinglib.text.kneser_ney import held_out_losses


def few(seed, D=20_000):
    """Tokens of a small source, always the same one."""
    transitions = sources.markov(4, concentration=1.0, rng=np.random.default_rng(0))
    return sources.sample(transitions, D, np.random.default_rng([1, seed]))


def test_losses_fall_to_the_entropy():
    """More data never hurts, the right order wins in the end, nothing beats H."""
    transitions = sources.markov(4, concentration=1.0, rng=np.random.default_rng(0))
    exact = sources.entropies(transitions)
    curves = ngram_curves(few(0, 400_000), orders=3, rng=0)
    last = curves.losses.isel(D=-1)
    np.testing.assert_allclose(last[:3], exact, rtol=0.01)
    assert int(last.argmin("n")) == 2
    slack = 4 * curves.errors.max()
    assert (curves.losses.diff("D") < slack).all()
    assert (curves.losses > exact[-1] - slack).all()
    np.testing.assert_array_equal(curves.best, curves.losses.min("n"))


@pytest.mark.parametrize("draws", [12, pytest.param(100, marks=exhaustive)])
def test_errors_are_those_of_repetition(draws):
    """Scatter over texts, as large as is said of each of them, at every size."""
    found = [ngram_curves(few(seed), orders=2, rng=seed) for seed in range(draws)]
    losses, errors = (
        np.array([getattr(f, a) for f in found]) for a in ("losses", "errors")
    )
    ratio = losses.std(axis=0, ddof=1) / np.sqrt((errors**2).mean(axis=0))
    slack = 4 / np.sqrt(2 * draws)
    assert (ratio > max(0.7 - slack, 0.2)).all()
    assert (ratio < 1.35 + slack).all()


def test_sizes_are_halves_or_those_asked_for():
    """Whole blocks; by default down to one."""
    tokens = few(0)  # 64 blocks of 312 tokens, 8 held out
    curves = ngram_curves(tokens, orders=1, rng=0)
    assert curves.block == 312
    assert (curves.losses.D / 312).astype(int).values.tolist() == [2, 4, 7, 14, 28, 56]
    asked = ngram_curves(tokens, orders=1, sizes=[700, 5000], rng=0)
    assert asked.losses.D.values.tolist() == [624, 4992]


def test_a_size_is_learned_alike_whatever_else_is_asked():
    """Sets of blocks that lie beyond the largest size are learned from all the same."""
    tokens = few(0, 100_000)
    alone, both = (
        ngram_curves(tokens, orders=2, sizes=sizes, rng=0).losses.isel(D=0)
        for sizes in ([2048], [2048, 65_536])
    )
    np.testing.assert_allclose(alone, both, rtol=1e-12)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([100, 5000], "whole blocks of 312"),
        ([700, 710], "whole blocks of 312"),
        ([700, 20_000], "increasing integers from 1 to 17472"),
    ],
)
def test_sizes_must_be_there(sizes, said):
    """And differ by a block."""
    with pytest.raises(ValueError, match=f"sizes must.*{said}"):
        ngram_curves(few(0), sizes=sizes, orders=1)


def test_a_text_that_changes_is_not_taken_for_one_that_is_hard():
    """Two halves in two alphabets: blocks learned from and tried are of both."""
    tokens = np.concatenate([few(0), few(1) + 4])
    both = ngram_curves(tokens, orders=2, rng=0).losses.isel(D=-1)
    alone = ngram_curves(tokens[:20_000], orders=2, rng=0).losses.isel(D=-1)
    assert abs(both - alone)[1:].max() < 0.03


def test_of_a_long_text_some_blocks_are_drawn(monkeypatch):
    """From all of it: two alphabets occur though a sixth of the blocks is used."""
    for module in (learning, covariance):
        monkeypatch.setattr(module, "MOST", 2**16)
    tokens = np.concatenate([few(0, 200_000), few(1, 200_000) + 4])
    curves = ngram_curves(tokens, orders=1, rng=0)
    assert curves.losses.D[-1] == 56 * 1024  # and eight are held out
    assert float(curves.losses[0, -1]) > np.log(2) + 0.9
    found = text.correlations(tokens, lags=[1, 1000], rng=0)
    assert found.block == 6250
    assert found.lags["strength"][1000] > 0.05


def test_exponent_of_the_curves_is_read_from_the_last_octaves():
    """Eight of them, unless another range is asked for."""
    curves = ngram_curves(few(0, 600_000), orders=3, rng=0)
    D = curves.losses.D.values
    found = curves.exponent()
    assert found.last == D[-1] > 500 * D[0]
    assert len(found.octaves) == 8
    assert curves.exponent(5000, 50_000).first == D[D > 5000][0]
    with pytest.raises(ValueError, match="losses must be known over two octaves"):
        curves.exponent(400_000)


def test_entropy_exponent_needs_known_entropies():
    """Of words it cannot be had, of four tokens it can."""
    curves = ngram_curves(few(0, 100_000), orders=8, rng=0)
    found = curves.entropy_exponent()
    assert found.first == 1
    assert found.last >= 4
    words = np.random.default_rng(0).zipf(1.3, 20_000) % 5000
    with pytest.raises(ValueError, match=r"entropies must be known.*H_1 is from"):
        ngram_curves(words, orders=4, rng=0).entropy_exponent()


def test_uncertain_entropies_make_the_exponent_uncertain():
    """With all orders the bounds are far apart, and so are those of the exponent."""
    curves = ngram_curves(few(0), orders=8, rng=0)
    known, deep = curves.entropy_exponent(), curves.entropy_exponent(last=8)
    assert known.last < 8
    bent = np.std(deep.octaves, ddof=1) / np.sqrt(3)
    last = curves.entropies.loc[8]
    assert deep.stderr > 1.5 * bent
    assert deep.stderr > 0.2 * np.log(last.high / last.low) / np.log(8)


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        ([], "at least 1024 tokens"),
        ([1, 2] * 500, "at least 1024 tokens"),
        (np.zeros(5000, int), "two of them different"),
        (np.zeros((50, 50), int), r"shape \(D,\)"),
        (np.linspace(0, 1, 5000), "whole numbers"),
        ("a text", "split it by text.characters"),
        (["a", "text"], r"np.unique"),
        (b"bytes", "text.read"),
        (np.ones(5000), r"astype\(int\)"),
    ],
)
@pytest.mark.parametrize(
    "statistic", [text.ngram_curves, text.correlations, text.analyse]
)
def test_what_is_no_text_is_refused(statistic, tokens, said):
    """By name, with what is accepted."""
    with pytest.raises(ValueError, match=f"tokens must.*{said}"):
        statistic(tokens)


def test_error_of_the_exponent_knows_the_bounds_at_both_ends():
    """Of a power law without scatter, each end lies evenly between its bounds."""
    n = pd.Index([1, 2, 3, 4], name="n")
    value = n.to_numpy() ** -0.5
    for first, last in ((1.2, 1.0), (1.0, 1.25), (1.1, 1.2)):
        wide = np.array([first, 1, 1, last])
        table = {"value": value, "low": value / wide, "high": value * wide}
        curves = replace(
            ngram_curves(few(0), orders=1), entropies=pd.DataFrame(table, n)
        )
        found = curves.entropy_exponent()
        assert found.value == pytest.approx(0.5)
        even = 2 * np.log(first * last) / np.log(4) / np.sqrt(12)
        assert found.stderr == pytest.approx(even)


def test_an_exponent_that_is_not_there_has_its_own_reason():
    """Too few orders, a text that is certain, a range that is none."""
    curves = ngram_curves(few(0), orders=3, rng=0)
    with pytest.raises(ValueError, match="orders end at 3: ask for more"):
        curves.entropy_exponent()
    with pytest.raises(ValueError, match="entropies must be known over two octaves"):
        curves.entropy_exponent(last=2)
    for name, bad in (("first", 0), ("first", "a"), ("last", 0), ("last", 1.5)):
        with pytest.raises(ValueError, match=f"{name} must be"):
            curves.entropy_exponent(**{name: bad})
    certain = ngram_curves(np.arange(9000) % 3, orders=4, rng=0)
    with pytest.raises(ValueError, match="what comes next is certain"):
        certain.entropy_exponent()


def test_sets_to_learn_from_fit_into_a_quarter():
    """Four of them where a size is a sixteenth, two at an eighth, then one."""
    tokens = few(0, 64 * 1024 + 8 * 1024)
    learned = []

    def recorded(histories, known, *args, **kwargs):
        learned.append(np.flatnonzero(known))
        return held_out_losses(histories, known, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "held_out_losses", recorded)
        ngram_curves(tokens, orders=1, sizes=[4096, 8192, 16_384, 65_536], rng=0)
    sizes = [len(blocks) for blocks in learned]
    assert sizes == [4] * 4 + [8] * 2 + [16, 64]
    assert len(np.unique(np.concatenate(learned[:4]))) == 16


def test_orders_must_fit_into_a_block():
    """Every prediction knows its context within the block."""
    with pytest.raises(ValueError, match="orders must be less than half a block of 64"):
        ngram_curves(few(0, 1100), orders=32)
