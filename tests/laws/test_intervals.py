"""Intervals and bands of fitted laws hold what they promise."""

import numpy as np
import pytest
from planted import SIZES, coverage, fits, planted
from scipy.stats import t as student_t
from thorough import first_of

from scalinglib.laws import fit_power_law


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1, 2])
def test_coverage_without_offset(alpha):
    """95 % intervals hold the planted exponent in 90 to 98 % of 200 data sets."""
    assert 0.90 <= coverage(fits(alpha, 0.0, 0.0), alpha) <= 0.98


@pytest.mark.parametrize("alpha", [0.5, 1, 2])
def test_coverage_from_residuals(alpha):
    """Independent noise on a single curve: its residuals carry the interval."""
    found = []
    for seed in range(200):
        curve = planted(seed, alpha, trials=1, memory=0.0)[:, 0]
        found.append(fit_power_law(SIZES, curve, rng=0))
    assert 0.90 <= coverage(found, alpha) <= 0.98


@pytest.mark.parametrize("trials", [2, 3, 5])
def test_coverage_of_few_trials(trials):
    """With few trials the interval is wide, not wrong."""
    found = fits(0.5, 0.0, 0.0, trials=trials)
    assert 0.90 <= coverage(found, 0.5) <= 0.98


def test_band_covers_one_decade_ahead():
    """The band of a true law holds the law beyond the data, 95 times in a hundred."""
    truth = (10 * SIZES[-1] / 64) ** -0.5
    ends = [fit.band_if_law(10 * SIZES[-1]) for fit in fits(0.5, 0.0, 0.0)]
    assert 0.90 <= np.mean([low <= truth <= high for low, high in ends]) <= 0.98


def test_band_of_two_trials_is_wide():
    """Two trials say little about the scatter, and the band knows."""
    found = fits(0.5, 0.0, 0.0, trials=2)
    ends = [fit.band_if_law(SIZES[0]) for fit in found]
    assert 0.85 <= np.mean([low <= 1 <= high for low, high in ends]) <= 0.98


def test_band_far_out_is_not_nan():
    """However far x is from the data, the ends are numbers, zero or infinite."""
    fit = fit_power_law([1, 1.01, 1.02], [3.0, 2.0, 1.0], rng=0)
    assert not np.isnan(fit.band_if_law([1e-300, 1e300])).any()
    assert np.shape(fit.band_if_law(2.0)) == (2,)


def test_interval_is_that_of_student():
    """With little noise the fit is a linear statistic: its interval is Student's."""
    ratios, u = [], np.log(SIZES) - np.log(SIZES).mean()
    for seed in range(60):
        curve = planted(seed, 0.5, trials=10, noise=0.01)
        slopes = u @ np.log(curve) / (u @ u)
        width = 2 * student_t.ppf(0.975, 9) * slopes.std(ddof=1) / np.sqrt(10)
        ratios.append(np.ptp(fit_power_law(SIZES, curve, rng=seed).interval()) / width)
    assert np.mean(ratios) == pytest.approx(1, abs=0.03)


def test_identical_trials_are_one_curve():
    """Copies of one curve hold what the curve holds: its residuals."""
    curve = planted(0, 0.5, trials=1)
    copies = fit_power_law(SIZES, np.tile(curve, 5), rng=0)
    alone = fit_power_law(SIZES, curve, rng=0)
    assert copies.interval() == pytest.approx(alone.interval(), rel=1e-9)


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_interval_holds_its_estimate(seed):
    """The estimate is inside its interval, also where nothing scatters."""
    for curve in (planted(seed, 0.5), 3 * SIZES**-0.3, np.ones(8)):
        fit = fit_power_law(SIZES, curve, rng=0)
        assert fit.covers(fit.exponent)


def test_interval_across_zero_is_not_identified():
    """An exponent of unknown sign is not known; one that is zero to 0.05 is."""
    assert not fit_power_law([1, 2, 3], [3.0, 2.0, 1.0], rng=0).identified_if_law
    flat = 1 + 0.001 * np.cos(np.arange(8))
    assert fit_power_law(SIZES, flat, rng=0).identified_if_law


def test_no_residual_no_interval():
    """As many points as parameters and one curve: the interval is infinite."""
    two = fit_power_law([1, 2], [1, 0.5], rng=0)
    three = fit_power_law([1, 2, 4], [1.1, 0.6, 0.35], offset="fit", rng=0)
    assert two.interval() == (-np.inf, np.inf)
    assert three.interval() == (0.0, np.inf)
    assert not two.identified_if_law
    assert not three.identified_if_law
    assert np.isinf(two.band_if_law(8)[1]).all()


@pytest.mark.parametrize("offset", [0.0, 0.05, "fit"])
def test_without_resamples_there_is_the_estimate_alone(offset):
    """The same numbers, nothing said about their error, no draw taken."""
    rng, curve = np.random.default_rng(0), planted(0, 1, 0.1)
    alone = fit_power_law(SIZES, curve, offset=offset, rng=rng, resamples=0)
    assert rng.random() == np.random.default_rng(0).random()
    assert alone(SIZES) == pytest.approx(
        fit_power_law(SIZES, curve, offset=offset)(SIZES)
    )
    assert alone.interval() == (0 if offset == "fit" else -np.inf, np.inf)
    assert np.isinf(alone.band_if_law(8.0)[1])
    assert not alone.identified_if_law


def test_resamples_are_as_many_as_asked_for():
    """From a hundred on: of fewer there are no percentiles."""
    fit = fit_power_law(SIZES, planted(0, 0.5), rng=0, resamples=123)
    assert fit.resamples.shape == (123, 3)
    curve = planted(0, 0.5, trials=1)
    assert fit_power_law(SIZES, curve, rng=0, resamples=123).resamples.shape == (123, 3)
    assert fit_power_law(SIZES, curve, rng=0).resamples.shape == (1000, 3)
    for few in (1, 99):
        with pytest.raises(ValueError, match=f"resamples must be 0.* got {few}"):
            fit_power_law(SIZES, curve, rng=0, resamples=few)


def test_same_rng_same_interval():
    """The bootstrap draws from the generator it is given and from nothing else."""
    curve = planted(0, 0.5)
    first, again, other = (fit_power_law(SIZES, curve, rng=r) for r in (0, 0, 1))
    assert first.interval() == again.interval()
    assert first.interval() != other.interval()
