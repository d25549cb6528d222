"""Intervals where there is a floor: known, fitted or ignored."""

import numpy as np
import pytest
from planted import SIZES, coverage, fits, planted
from thorough import exhaustive, first_of, long

from scalinglib.laws import fit_power_law


@long
@pytest.mark.parametrize("alpha", first_of([0.5, 1, 2]))
def test_coverage_with_fitted_offset(alpha):
    """The same where the floor is fitted too; and the fits say that they know."""
    found = fits(alpha, 0.1, "fit")
    assert 0.90 <= coverage(found, alpha) <= 0.98
    assert all(fit.identified_if_law for fit in found)


@long
@pytest.mark.parametrize("alpha", first_of([0.5, 1]))
def test_coverage_with_known_offset(alpha):
    """The same where the floor is known."""
    assert 0.90 <= coverage(fits(alpha, 0.1, 0.1), alpha) <= 0.98


@pytest.mark.parametrize("alpha", [0.5, 1, 2])
def test_ignored_floor_is_never_covered(alpha):
    """The wrong model fails: no interval of the bare line holds the truth."""
    assert coverage(fits(alpha, 0.1, 0.0, sets=50), alpha) == 0


def test_band_stays_above_a_known_floor():
    """What is known of the floor is known of the band."""
    fit = fit_power_law(SIZES, planted(0, 1, 0.1, trials=3), offset=0.1, rng=0)
    lower, upper = fit.band_if_law(SIZES[-1] * np.array([1.0, 1e3, 1e6]))
    assert (lower >= 0.1).all()
    assert (upper > lower).all()


@exhaustive
def test_coverage_of_five_points_and_a_floor():
    """Three parameters from five points: two degrees of freedom are accounted for."""
    x = 64.0 * 4 ** np.arange(5)
    hits = []
    for seed in range(200):
        noise = 0.01 * np.random.default_rng([seed, 7]).standard_normal(5)
        loss = (0.1 + (x / 64) ** -1) * np.exp(noise)
        hits.append(fit_power_law(x, loss, offset="fit", rng=0).covers(1))
    assert np.mean(hits) >= 0.9


def test_steep_law_on_a_floor():
    """An exponent of twenty is found from three sizes."""
    x = 2.0 ** np.arange(3)
    fit = fit_power_law(x, 1 + 1e3 * x**-20, offset="fit", rng=0)
    assert fit.exponent == pytest.approx(20, rel=1e-3)
