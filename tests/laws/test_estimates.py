"""Numbers with intervals: what all of them do, and what each promises."""

import functools

import numpy as np
import pytest
import scipy.stats
from planted import SIZES, planted
from thorough import first_of, long

from scalinglib import geometry
from scalinglib.laws import (
    BootstrapEstimate,
    Bracket,
    Estimate,
    StudentEstimate,
    bracket,
    fit_power_law,
)
from scalinglib.spectra import ExponentEstimate

NORMAL = np.random.default_rng(0).normal(2, 0.1, 1000)


def on_a_floor(seed=0, floor=0.1, *, trials=20, **offset):
    """Fit to trials of x^-1 on a floor."""
    curve = planted(seed, 1, floor, trials=trials)
    return fit_power_law(SIZES, curve, rng=0, **offset)


KINDS = {
    "Student": lambda: StudentEstimate(2.0, 0.1, 3),
    "bootstrap": lambda: BootstrapEstimate(2.0, NORMAL, 10, 8),
    "exponent": lambda: on_a_floor(floor=0.0),
    "exponent on a floor": lambda: on_a_floor(offset="fit"),
    "floor": lambda: on_a_floor(offset="fit").floor,
    "bracket": lambda: bracket(SIZES, planted(0, 1, 0.1), at=1e5, rng=0),
    "dimension": lambda: geometry.two_nn(geometry.cube(2).sample(200, rng=0)),
    "dimension in balls": lambda: geometry.dimension.estimate(
        geometry.sphere(2).sample(200, rng=0), rng=0
    ),
    "a": lambda: ExponentEstimate.of_mean([1.9, 2.0, 2.2]),
    "alpha_K": lambda: ExponentEstimate.of_mean([1.9, 2.0, 2.2]).alpha_K,
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


@functools.cache
def estimate(kind):
    """One estimate of a kind."""
    return KINDS[kind]()


class Known(Estimate):
    """An estimate of which both ends are known."""

    value = 0.504

    def _ends(self, level):
        return (0.4461, 0.5619) if level == 0.95 else (0.0, 1.0)


# -- what all of them do -------------------------------------------------------------


@EVERY_KIND
def test_intervals_widen_with_the_level(kind):
    """Each holds that of a lower level with room on both sides, and the value."""
    found = estimate(kind)
    low, high = np.array([found.interval(p) for p in (0.5, 0.8, 0.95, 0.99)]).T
    assert (np.diff(low) < 0).all()
    assert (np.diff(high) > 0).all()
    assert low[0] <= found.value <= high[0]
    assert found.interval() == (low[2], high[2])


@EVERY_KIND
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_covers_is_to_lie_in_the_interval(kind, level):
    """The ends belong to it, the next floats outside do not."""
    found = estimate(kind)
    low, high = found.interval(level)
    assert all(found.covers(v, level) for v in (low, (low + high) / 2, high))
    outside = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    assert not any(found.covers(v, level) for v in outside)
    low, high = found.interval(0.95)  # the default
    assert [found.covers(v) for v in (low, np.nextafter(low, -np.inf))] == [True, False]


@EVERY_KIND
@pytest.mark.parametrize(
    ("level", "message"),
    [
        (0, "above 0 and below 1, got 0; 0.95 is a 95 % interval"),
        (1, "above 0 and below 1, got 1; 0.95 is a 95 % interval"),
        (95, "above 0 and below 1, got 95; 0.95 is a 95 % interval"),
        (np.nan, "got nan"),
        ("95 %", "got '95 %'"),
    ],
)
def test_levels_that_are_none_are_refused(kind, level, message):
    """The ends are no probabilities, a number of per cent is none either."""
    for ask in (estimate(kind).interval, functools.partial(estimate(kind).covers, 2)):
        with pytest.raises(ValueError, match=f"level must .*{message}"):
            ask(level)


@pytest.mark.parametrize("level", [0, 1, 95, np.nan])
def test_bands_refuse_the_same_levels(level):
    """A band checks its level as an interval does."""
    with pytest.raises(ValueError, match=f"level must be .*got {level}"):
        estimate("exponent").band_if_law(SIZES, level)


@EVERY_KIND
def test_an_estimate_is_a_number(kind):
    """float() gives the value; formatted, its 95 % interval stands behind it."""
    found = estimate(kind)
    assert float(found) == found.value
    low, high = found.interval(0.95)
    assert f"{found:.4f}" == f"{found.value:.4f} ({low:.4f} to {high:.4f})"


def test_format_with_a_specification_and_without():
    """The specification is that of all three numbers; without one it is str()."""
    known = Known()
    assert f"{known:.2f}" == "0.50 (0.45 to 0.56)"
    assert f"{known:.0%}" == "50% (45% to 56%)"
    assert f"{known}" == str(known) == "0.504 (0.446 to 0.562)"
    fit = estimate("exponent")
    assert f"{fit}" == str(fit)
    assert str(fit).startswith("L = ")
    assert f"{fit:.1f}".startswith("1.0 (")


# -- Student's -----------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.1, 0.5, 0.95, 0.999])
@pytest.mark.parametrize("freedom", [1, 2, 7.5, 40, np.inf])
def test_interval_by_students_distribution(level, freedom):
    """The central one of the t distribution, normal for infinite freedom."""
    found = StudentEstimate(2.0, 0.3, freedom).interval(level)
    expected = scipy.stats.t(freedom, loc=2.0, scale=0.3).interval(level)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_without_freedom_it_is_normal():
    """1.96 standard errors."""
    assert StudentEstimate(0.0, 1.0).interval() == pytest.approx(
        scipy.stats.norm.interval(0.95), rel=1e-12
    )


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_interval_of_a_mean_is_that_of_the_t_test(seed):
    """At every level, with n − 1 degrees of freedom."""
    values = np.random.default_rng(seed).exponential(size=6)
    found, test = StudentEstimate.of_mean(values), scipy.stats.ttest_1samp(values, 0)
    assert found.value == pytest.approx(values.mean(), rel=1e-12)
    for level in (0.5, 0.95):
        expected = test.confidence_interval(level)
        np.testing.assert_allclose(found.interval(level), expected, rtol=1e-12)


@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_interval_of_a_mean_covers(n, level):
    """Of 400 samples of a normal distribution: the level, to 4 binomial errors."""
    samples = np.random.default_rng(n).normal(3, 2, (400, n))
    held = np.mean([StudentEstimate.of_mean(s).covers(3, level) for s in samples])
    assert abs(held - level) < 4 * np.sqrt(level * (1 - level) / 400)


# -- the bootstrap's -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "ends"), [(0.95, (25, 975)), (0.9, (50, 950)), (0.5, (250, 750))]
)
@pytest.mark.parametrize(("observations", "freedom"), [(10, 9), (8, 5)])
def test_ends_of_a_bootstrap_are_moved_apart(level, ends, observations, freedom):
    """From the estimate, by t over normal and the root of observations over freedom."""
    draws = np.random.default_rng(0).permutation(np.arange(1.0, 1001))
    found = BootstrapEstimate(400.0, draws, observations, freedom).interval(level)
    tail = (1 + level) / 2
    by = scipy.stats.t.ppf(tail, freedom) / scipy.stats.norm.ppf(tail)
    by *= np.sqrt(observations / freedom)
    expected = [400 + by * (end - 400) for end in ends]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_bootstrap_holds_its_estimate_and_ends_at_the_least():
    """Resamples on one side of the estimate, and a value that cannot be negative."""
    above = BootstrapEstimate(1.0, np.linspace(2, 3, 100), 20, 19)
    assert above.interval()[0] == 1
    below = BootstrapEstimate(1.0, np.linspace(0, 0.5, 100), 20, 19, least=0.0)
    assert below.interval() == (0, 1)


def test_a_bootstrap_without_freedom_is_infinite():
    """Nothing scatters freely: no end is known but the least."""
    for level in (0.01, 0.95):
        nothing = BootstrapEstimate(1.0, np.ones(100), 2, 0)
        assert nothing.interval(level) == (-np.inf, np.inf)
        nothing = BootstrapEstimate(1.0, np.ones(100), 2, 0, least=0.0)
        assert nothing.interval(level) == (0, np.inf)


def test_interval_of_a_bracket_is_that_of_its_draws():
    """Quantiles, as many draws below as above."""
    guess = Bracket(200.0, 100.0, 300.0, np.arange(1001.0)[::-1])
    np.testing.assert_allclose(guess.interval(0.9), (50, 950), rtol=1e-12)
    np.testing.assert_allclose(guess.interval(), (25, 975), rtol=1e-12)


# -- of fitted laws ------------------------------------------------------------------


def test_a_fit_is_the_estimate_of_its_exponent():
    """With the same resamples, observations and degrees of freedom."""
    fit = estimate("exponent")
    draws = fit.resamples[:, 1]
    alone = BootstrapEstimate(fit.exponent, draws, fit.observations, fit.freedom)
    assert (fit.value, fit.observations, fit.freedom) == (fit.exponent, 20, 19)
    assert [fit.interval(p) for p in (0.5, 0.95)] == [
        alone.interval(p) for p in (0.5, 0.95)
    ]


@long
def test_the_floor_of_a_fit_covers():
    """Of 60 planted floors: nearly all at 95 %, about half at 50 %."""
    floors = [on_a_floor(seed, offset="fit").floor for seed in range(60)]
    for level in (0.5, 0.95):
        held = np.mean([floor.covers(0.1, level) for floor in floors])
        assert abs(held - level) < 4 * np.sqrt(level * (1 - level) / 60)
    assert all(np.ptp(floor.interval()) < 0.05 for floor in floors)


def test_a_floor_is_fitted_down_to_zero():
    """Of two trials the ends are far apart, but the lower one is not below zero."""
    fit = on_a_floor(offset="fit", trials=2)
    assert fit.floor.value == fit.offset > 0
    assert fit.floor.interval(0.999)[0] == 0
    assert fit.floor.covers(0, level=0.999)


@pytest.mark.parametrize("offset", [0.0, 0.05])
def test_a_known_floor_has_no_error(offset):
    """The interval has length zero at every level."""
    floor = on_a_floor(offset=offset).floor
    assert [floor.interval(p) for p in (0.5, 0.999)] == 2 * [(offset, offset)]
    assert floor.covers(offset)
    assert not floor.covers(offset + 1e-9)


@pytest.mark.parametrize("offset", [0.0, 0.05, "fit"])
def test_bands_widen_with_the_level(offset):
    """That of 50 % lies inside that of 95 %, the default, and holds the law."""
    fit, x = on_a_floor(offset=offset), np.geomspace(10, 1e6, 7)
    low, high = fit.band_if_law(x, 0.5)
    lower, higher = fit.band_if_law(x, level=0.95)
    assert (lower < low).all()
    assert (low < fit(x)).all()
    assert (fit(x) < high).all()
    assert (high < higher).all()
    np.testing.assert_array_equal(fit.band_if_law(x), (lower, higher))


def test_band_of_a_line_by_its_resamples():
    """Quantiles of the logarithm, moved apart as the ends of an interval are."""
    fit = estimate("exponent")
    log_a, alpha, _ = fit.resamples.T
    logs = log_a - alpha * np.log(1e4)
    tail = (1 + 0.8) / 2
    by = scipy.stats.t.ppf(tail, 19) / scipy.stats.norm.ppf(tail) * np.sqrt(20 / 19)
    centre = np.log(fit(1e4))
    expected = centre + by * (np.quantile(logs, [0.1, 0.9]) - centre)
    np.testing.assert_allclose(np.log(fit.band_if_law(1e4, 0.8)), expected, rtol=1e-9)
