"""Forecasts between two extremes: what they are, and that they cover."""

import numpy as np
import pytest
from thorough import first_of, long, some

from scalinglib.laws import Bracket, bracket, fit_power_law
from scalinglib.laws.uncertainty import stretch

SIZES = np.array([32.0, 64, 128, 256, 512])
SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def noisy(law, seed, trials=20, scatter=0.01):
    """Trials of a law with independent relative scatter."""
    noise = np.random.default_rng(seed).normal(1, scatter, (len(SIZES), trials))
    return law(SIZES)[:, None] * noise


def falling(x):
    """Return a sum of two powers: the exponent falls."""
    return 2 * x**-0.5 + 0.2 * x**-0.1


@SEEDS
def test_extremes_are_the_two_fits(seed):
    """The line through the last three sizes, the floor through the last four."""
    loss = noisy(falling, seed)
    guess = bracket(SIZES, loss, at=8192, rng=seed)
    straight = fit_power_law(SIZES[-3:], loss[-3:])(8192.0)
    floor = fit_power_law(SIZES[-4:], loss[-4:], offset="fit")(8192.0)
    assert guess.straight == pytest.approx(straight)
    assert guess.floor == pytest.approx(floor)
    assert guess.value == pytest.approx((straight * floor) ** 0.5)


@SEEDS
def test_a_pure_power_is_continued(seed):
    """Without a bend both extremes and the forecast are the law itself."""
    guess = bracket(SIZES, noisy(lambda x: 3 * x**-0.3, seed, scatter=1e-5), at=8192)
    assert guess.value == pytest.approx(3 * 8192**-0.3, rel=0.01)


@long
def test_intervals_cover_two_powers():
    """A hundred curves with falling exponents: nine in ten hold the truth, or more."""
    rng, held, seeds = np.random.default_rng(0), 0, some(range(100), 40)
    for seed in seeds:
        a, b = rng.uniform(0.3, 0.8), rng.uniform(0.05, 0.25)
        share = rng.uniform(0.05, 0.5)

        def law(x, a=a, b=b, share=share):
            return (1 - share) * (x / 32) ** -a + share * (x / 32) ** -b

        low, high = bracket(SIZES, noisy(law, seed), at=8192, rng=0).interval(0.9)
        held += low < law(8192.0) < high
    assert held >= 0.9 * len(seeds)


@SEEDS
def test_more_scatter_more_width(seed):
    """Intervals are nested in their level and grow with the noise."""
    guess = bracket(SIZES, noisy(falling, seed), at=8192, rng=0)
    wide = bracket(SIZES, noisy(falling, seed, scatter=0.05), at=8192, rng=0)
    low, high = np.array([guess.interval(p) for p in (0.5, 0.9)]).T
    assert low[1] < low[0] < high[0] < high[1]
    assert np.ptp(wide.interval(0.9)) > np.ptp(guess.interval(0.9))


def test_same_generator_same_draws():
    """One seed, one sample; labels of a DataArray serve as sizes."""
    loss = noisy(falling, 0)
    one, two = (bracket(SIZES, loss, at=1e4, rng=3) for _ in range(2))
    np.testing.assert_array_equal(one.draws, two.draws)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": SIZES[:3]}, "x must hold at least 4 sizes, got 3"),
        ({"at": 512}, "at must be beyond the largest size 512, got 512"),
        ({"at": np.nan}, "at must be a finite number"),
        ({"at": 1e300, "law": lambda x: np.exp(-x / 60)}, "at must be closer to the"),
        ({"scatter": 0.0}, "loss must have at least two trials, and they must differ"),
        ({"trials": 1}, "loss must have at least two trials, and they must differ"),
        ({"law": lambda x: x**0.5}, "loss must fall over the last sizes"),
    ],
)
def test_rejects(change, message):
    """Too little to look at, nowhere to look, nothing that falls."""
    x = change.get("x", SIZES)
    noise = {"trials": change.get("trials", 5), "scatter": change.get("scatter", 0.01)}
    loss = noisy(change.get("law", falling), 0, **noise)
    with pytest.raises(ValueError, match=message):
        bracket(x, loss[: len(x)], at=change.get("at", 8192), rng=0)


def test_rejects_levels():
    """Probabilities are above 0 and below 1."""
    guess = Bracket(0.2, 0.18, 0.22, np.array([0.19, 0.2, 0.21]))
    for level in (0, 1, 1.5):
        with pytest.raises(ValueError, match=f"level must be .* 0 .* 1, got {level};"):
            guess.interval(level)


@SEEDS
def test_draws_by_their_definition(seed):
    """A place between the extremes for each resample, its deviations stretched."""
    loss = noisy(falling, seed, trials=6)
    guess = bracket(SIZES, loss, at=8192, rng=seed)
    rng = np.random.default_rng(seed)
    both = rng.integers(2**32)  # one bootstrap for both fits
    fits = [
        fit_power_law(SIZES[-3:], loss[-3:], rng=both),
        fit_power_law(SIZES[-4:], loss[-4:], offset="fit", rng=both),
    ]
    u, logs = rng.random(1000), 0
    for fit, weight in zip(fits, (1 - u, u), strict=True):
        log_a, alpha, floor = fit.resamples.T
        centre = np.log(fit(8192.0))
        stretched = stretch(0.95, fit.observations, fit.freedom)
        found = np.log(floor + np.exp(log_a - alpha * np.log(8192)))
        logs = logs + weight * (centre + stretched * (found - centre))
    np.testing.assert_allclose(guess.draws, np.exp(logs), rtol=1e-9)


def test_a_tail_that_rises_is_refused():
    """Falling over four sizes does not suffice: the last three must fall too."""
    loss = np.array([9.0, 4.0, 1.0, 1.05, 1.1])[:, None] * [0.99, 1.0, 1.01]
    with pytest.raises(ValueError, match="loss must fall over the last sizes"):
        bracket(SIZES, loss, at=8192, rng=0)
