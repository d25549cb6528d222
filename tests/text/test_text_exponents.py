"""Exponents of a range, the ratio of two, and what follows from them."""

from dataclasses import replace

import numpy as np
import pytest

from scalinglib.laws import StudentEstimate
from scalinglib.text import (
    OctaveExponent,
    analyse,
    correlations,
    ngram_curves,
    predicted_exponent,
)
from scalinglib.text.octaves import falling_exponent


@pytest.mark.parametrize("exponent", [0.1, 1.0, 2.5])
def test_a_power_is_found_exactly(exponent):
    """With nothing left of the interval, over any range."""
    for x in ([1, 2, 3, 4], [3, 5, 9, 17, 30], np.geomspace(7, 9000, 40)):
        found = falling_exponent(x, 3 * np.asarray(x, float) ** -exponent)
        assert found.value == pytest.approx(exponent)
        np.testing.assert_allclose(found.interval(), exponent)
        assert found.status == "power law"
        assert len(found.octaves) == found.freedom + 1 == int(np.log2(x[-1] / x[0]))


def test_interval_holds_the_mean_of_octaves_drawn():
    """Each octave with an exponent of its own: 95 of 100 intervals hold their mean."""
    rng = np.random.default_rng(0)
    held = []
    for _ in range(400):
        steps = rng.normal(1.0, 0.3, 6)
        y = 2.0 ** -np.concatenate([[0], np.cumsum(steps)])
        low, high = falling_exponent(2.0 ** np.arange(7), y).interval()
        held.append(low <= 1.0 <= high)
    assert 0.9 < np.mean(held) < 0.99


def test_a_curve_that_bends_is_no_power_law():
    """An exponential: octaves differ by more than half of the exponent."""
    x = np.arange(1, 17)
    found = falling_exponent(x, np.exp(-0.1 * x))
    assert found.status == "no power law in this range"
    low, high = found.interval()
    assert high - low > 1


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2, 4, 8], [1, 0.5, 0, 0.1], "losses must be above zero.*at 4"),
        ([1, 2, 4, 8], [1, 0.5, np.nan, 0.1], "losses must be above zero.*at 4"),
        ([1, 2, 3], [3, 2, 1], "losses must be known over two octaves.*1, 2, 3"),
        ([1], [3], "losses must be known over two octaves"),
        ([], [], "losses must be known over two octaves.*nothing"),
        ([1, 16, 17], [3, 2, 1], "at least once in each octave.*1, 16, 17"),
    ],
)
def test_what_has_no_exponent_is_said(x, y, said):
    """By the name of what was measured."""
    with pytest.raises(ValueError, match=said):
        falling_exponent(x, y, name="losses")


def test_ratio_of_two_exponents():
    """Quantiles as those of a million draws."""
    gamma, beta = StudentEstimate(0.5, 0.08, 9), StudentEstimate(1.2, 0.2, 12)
    found = predicted_exponent(gamma, beta)
    assert found.value == pytest.approx(0.5 / 2.4)
    rng = np.random.default_rng(0)
    g, b = (
        e.value + e.stderr * rng.standard_t(e.freedom, 10**6) for e in (gamma, beta)
    )
    ratio = (g / (2 * b))[(g > 0) & (b > 0)]
    for level in (0.5, 0.9, 0.95, 0.99):
        ends = np.quantile(ratio, [(1 - level) / 2, (1 + level) / 2])
        np.testing.assert_allclose(found.interval(level), ends, rtol=0.03)


def test_ratio_of_known_exponents_is_known():
    """Without errors there is no interval left."""
    found = predicted_exponent(StudentEstimate(1.0, 0.0), StudentEstimate(2.0, 0.0))
    assert found.value == 0.25
    np.testing.assert_allclose(found.interval(), 0.25)


def test_ratio_of_exponents_that_may_be_zero_has_no_end():
    """At levels at which they may be; and it always holds its value."""
    known, vague = StudentEstimate(0.5, 0.02, 4), StudentEstimate(0.5, 0.3, 1)
    assert predicted_exponent(vague, known).interval()[0] == 0
    assert predicted_exponent(known, vague).interval()[1] == np.inf
    assert predicted_exponent(vague, known).interval(0.3)[0] > 0
    tiny = predicted_exponent(StudentEstimate(0.01, 1, 1), StudentEstimate(1, 0.1, 4))
    assert tiny.covers(tiny.value)


def test_far_tails_are_resolved():
    """Cauchy's: the quantile of its distribution at 1e-4."""
    found = predicted_exponent(StudentEstimate(9.0, 1e-4, 1), StudentEstimate(1, 0.0))
    far = 9 + 1e-4 * np.tan(np.pi * (0.5 - 1e-4))
    assert found.interval(1 - 2e-4)[1] == pytest.approx(far / 2, rel=0.01)


@pytest.mark.parametrize(
    "bad",
    [
        StudentEstimate(1.0, np.nan),
        StudentEstimate(1.0, np.inf),
        StudentEstimate(1.0, -0.1),
        StudentEstimate(np.inf, 0.1),
        StudentEstimate(1.0, 0.1, 0),
        StudentEstimate(np.ones(2), 0.1),
    ],
)
def test_what_is_no_number_with_an_error_predicts_nothing(bad):
    """Either of them, by name."""
    good = StudentEstimate(1.0, 0.1)
    with pytest.raises(ValueError, match="gamma must be"):
        predicted_exponent(bad, good)
    with pytest.raises(ValueError, match="beta must be"):
        predicted_exponent(good, bad)


@pytest.fixture(scope="module")
def analysed():
    """A small text, of which the exponents are replaced."""
    tokens = np.random.default_rng(0).integers(3, size=2000)
    return analyse(tokens, orders=4, rng=0)


def exponent(value, stderr):
    """An exponent of five octaves."""
    return OctaveExponent(value, stderr, 4, 1.0, 32.0, np.full(5, value))


@pytest.mark.parametrize(
    ("gamma", "beta", "measured", "said"),
    [
        ((0.5, 0.01), (1.0, 0.01), (0.1, 0.01), "do not agree: measured is 0.4 of"),
        ((0.5, 0.01), (1.0, 0.01), (0.5, 0.01), "do not agree: measured is 2 of"),
        ((0.5, 0.01), (1.0, 0.01), (0.25, 0.01), "agree as far as both are known"),
        ((0.5, 0.1), (1.0, 0.2), (0.15, 0.01), "little is told: measured is 0.6 of"),
        ((0.5, 0.05), (1.0, 0.1), (0.2, 0.01), "interval of the prediction spans a"),
        ((0.5, 0.5), (1.0, 0.01), (0.2, 0.01), "prediction has no end on one side."),
        ((0.5, 0.01), (1.0, 0.01), (0.25, 0.9), "measurement has no end on one side."),
        ((0.5, 0.01), (1.0, 0.01), (0.25, 0.06), "of the measurement spans a factor"),
        ((0.5, 1e-6), (1.0, 1e-6), (0.25, 0.0338), "little is told"),  # a factor of 2.2
        ((0.5, 1e-6), (1.0, 1e-6), (0.25, 0.0257), "agree as far"),  # of 1.8
        ((0.5, 0.5), (1.0, 0.01), (0.25, 0.9), "side and that of the measurement has"),
    ],
)
def test_verdict_follows_from_the_intervals(analysed, gamma, beta, measured, said):
    """Apart, together and narrow, or so wide that nothing can be said."""
    gamma, beta, measured = (exponent(*e) for e in (gamma, beta, measured))
    predicted = predicted_exponent(gamma, beta)
    found = {"gamma": gamma, "beta": beta, "measured": measured, "reasons": {}}
    found = replace(analysed, predicted=predicted, **found)
    assert said in found.verdict()


def test_verdict_tells_of_exponents_that_are_none(analysed):
    """Before it says what the average of them predicts; the warnings say more."""
    gamma, beta = exponent(0.5, 0.01), exponent(1.0, 0.01)
    changing = replace(beta, octaves=np.array([0.1, 1.0, 1.9]))
    for bent in (beta, changing):
        found = replace(
            analysed,
            gamma=gamma,
            beta=bent,
            predicted=predicted_exponent(gamma, bent),
            measured=exponent(0.25, 0.01),
            reasons={},
        )
        verdict = found.verdict()
        assert verdict.endswith("both are known: measured is 1 of what was predicted.")
        none = verdict.startswith("An exponent of the formula is but a mean here.")
        assert none == (bent is changing) == ("from 0.1 to 1.9" in str(found.warnings))


def test_verdict_is_of_a_level(analysed):
    """Half of the truth is narrow where nearly all of it is wide."""
    gamma, beta = exponent(0.5, 0.05), exponent(1.0, 0.05)
    found = replace(
        analysed,
        gamma=gamma,
        beta=beta,
        predicted=predicted_exponent(gamma, beta),
        measured=exponent(0.25, 0.01),
        reasons={},
    )
    assert "agree as far" in found.verdict(0.5)
    assert "little is told" in found.verdict(0.999)


def test_an_analysis_is_made_of_its_parts():
    """The same numbers as one by one, of the same draws."""
    tokens = np.random.default_rng(1).integers(3, size=20_000).cumsum() % 4
    found = analyse(tokens, orders=2, trials=1, rng=5)
    rng = np.random.default_rng(5)
    curves = ngram_curves(tokens, orders=2, trials=1, rng=rng)
    np.testing.assert_array_equal(found.curves.losses, curves.losses)
    np.testing.assert_array_equal(found.curves.errors, curves.errors)
    lags = correlations(tokens, rng=rng)
    assert found.correlations.lags.equals(lags.lags)
    assert (found.beta is None) == ("beta" in found.reasons)
    assert found.measured.value == curves.exponent().value


def test_doubts_are_told(analysed):
    """Words that are new, halves that do not agree, parts that differ."""
    curves = replace(analysed.curves, unseen=0.03)
    found = replace(analysed, curves=curves)
    assert "3 % of the tokens held out occur nowhere" in str(found.warnings)
    assert not any("occur nowhere" in said for said in analysed.warnings)
    lags = analysed.correlations.lags.copy()
    lags[["strength", "raw", "local", "error"]] = 0.1, 0.5, 0.1, 0.02
    over = replace(analysed.correlations, lags=lags)
    found = replace(analysed, correlations=over, beta=exponent(0.5, 0.1))
    assert "agree on a correlation of 0.1, and all of it shows 0.5" in str(
        found.warnings
    )
    lags["raw"] = 0.4
    assert not any("agree on" in said for said in found.warnings)


def test_verdict_says_why_there_is_none(analysed):
    """A text without correlations predicts nothing."""
    assert analysed.beta is None
    assert analysed.predicted is None
    assert "correlations must be seen from lag 1 to 4" in analysed.reasons["predicted"]
    assert analysed.reasons["predicted"] in analysed.verdict()
    with pytest.raises(ValueError, match="level must be a probability"):
        analysed.verdict(95)
