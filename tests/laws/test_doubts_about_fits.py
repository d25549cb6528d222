"""What a sceptic found: failed runs, many sizes, zigzags, scales and absurd errors."""

import numpy as np
import pytest
import xarray as xr
from thorough import first_of, long

from scalinglib.laws import compare, fit

X = 2.0 ** np.arange(6, 18)
FLOOR = 0.2 + 3 * X**-0.5
LEVELS = 0.5, 0.9, 0.99, 0.999


def trials(mean, seed, many=3, noise=0.05):
    """Trials with independent relative scatter."""
    scatter = np.random.default_rng(seed).standard_normal((len(mean), many))
    return mean[:, None] * (1 + noise * scatter)


def test_a_failed_run_costs_its_own_size():
    """One zero among 36 trials hides no floor from the test."""
    refused = []
    for seed in range(20):
        loss = trials(FLOOR, seed)
        loss[4, 1] = 0
        refused.append(not fit((X, loss), "power").fits)
    assert np.mean(refused) > 0.5


@long
def test_more_sizes_tell_more():
    """A floor that five hundred sizes show is not a matter of chance."""
    x = np.logspace(2, 6, 500)
    loss = trials(3 * x**-0.3 + 0.012, 0)
    assert not fit((x, loss), "power").fits
    assert fit((x, loss), "floor").fits


def test_a_zigzag_is_no_law():
    """Residuals that alternate are as suspect as those that go together."""
    assert not fit((X, X**-0.5 * np.where(np.arange(12) % 2, 1, 2)), "power").fits


@pytest.mark.parametrize("law", first_of(["floor", "variance", "break"], 2))
def test_a_wider_level_is_a_wider_interval(law):
    """Also where the misfit has several minima."""
    loss = FLOOR.copy()
    loss[5] *= 3
    found = fit((X, loss), law)
    for name in found.parameters:
        lows, highs = np.transpose([found.interval(name, level) for level in LEVELS])
        assert (lows[1:] <= lows[:-1] * (1 + 1e-6) + 1e-12).all(), name
        assert (highs[1:] >= highs[:-1] * (1 - 1e-6)).all(), name
        assert (np.isinf(highs) | (highs < 1e30)).all(), name


def test_a_short_scale_far_from_zero_is_found():
    """Shifted sizes change the amplitude of an exponential, and nothing else."""
    x = np.arange(1000.0, 1101, 10)
    loss = 0.2 + np.exp(-(x - 1000) / 20)
    for sizes in (x, x - 990):
        found = fit((sizes, loss), "exponential")
        assert found.parameters["scale"] == pytest.approx(20, rel=1e-4)


@pytest.mark.parametrize("error", [1e-200, 1e-10, 1e200])
def test_absurd_errors_are_refused(error):
    """In one size or in all."""
    for errors in (np.full(12, error), np.r_[error, 0.02 * FLOOR[1:]]):
        curve = xr.DataArray(FLOOR, dims="D", coords={"D": X, "error": ("D", errors)})
        with pytest.raises(ValueError, match="curve must have errors"):
            fit(curve)


def test_nearly_identical_trials_are_identical():
    """Rounding is no scatter."""
    loss = trials(FLOOR, 0, noise=1e-8)
    assert fit((X, loss), "floor").p_value == 1
    assert fit((X, loss.astype(np.float32)), "floor").fits


def test_advice_can_be_taken():
    """Of three sizes no laws can be compared, and no others are named."""
    with pytest.raises(ValueError, match=r"got 3$"):
        compare((X[:3], FLOOR[:3]))
