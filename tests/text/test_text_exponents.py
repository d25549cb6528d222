"""Exponents of a range, the ratio of two, and what follows from them."""

from dataclasses import replace

import numpy as np
import pytest

from scalinglib.laws import StudentEstimate
from scalinglib.text import OctaveExponent, analyse, predicted_exponent
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
    gamma, beta = StudentEstimate(0.5, 0.1, 3), StudentEstimate(1.2, 0.2, 5)
    found = predicted_exponent(gamma, beta)
    assert found.value == pytest.approx(0.5 / 2.4)
    rng = np.random.default_rng(0)
    g, b = (
        e.value + e.stderr * rng.standard_t(e.freedom, 10**6) for e in (gamma, beta)
    )
    ratio = (g / (2 * b))[(g > 0) & (b > 0)]
    for level in (0.5, 0.9, 0.95):
        ends = np.quantile(ratio, [(1 - level) / 2, (1 + level) / 2])
        np.testing.assert_allclose(found.interval(level), ends, rtol=0.03)


def test_ratio_of_known_exponents_is_known():
    """Without errors there is no interval left."""
    found = predicted_exponent(StudentEstimate(1.0, 0.0), StudentEstimate(2.0, 0.0))
    assert found.value == 0.25
    np.testing.assert_allclose(found.interval(), 0.25)


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
        ((0.5, 0.1), (1.0, 0.2), (0.1, 0.01), "little is told: measured is 0.4 of"),
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


def test_verdict_says_why_there_is_none(analysed):
    """A text without correlations predicts nothing."""
    assert analysed.beta is None
    assert analysed.predicted is None
    assert "correlations must be above zero" in analysed.reasons["predicted"]
    assert analysed.reasons["predicted"] in analysed.verdict()
    with pytest.raises(ValueError, match="level must be a probability"):
        analysed.verdict(95)
