"""Curves that broke forecasts: each gives a sensible answer, or says what to do."""

import numpy as np
import pytest
import xarray as xr
from thorough import exhaustive, first_of, long

from scalinglib import laws

X = 2.0 ** np.arange(6, 14)
BASE = 0.1 + X**-0.5
NOISY = BASE * np.random.default_rng(3).normal(1, 0.02, 8)


def width(found):
    """Of the interval, in logarithms."""
    return np.ptp(np.log(found.interval()))


@long
@pytest.mark.parametrize("assume", first_of(["saturating", "break", "floor"]))
def test_a_hair_does_not_move_an_assumed_law(assume):
    """Ends hardly move if losses do by one in ten thousand, in three noisy curves.

    Each is a quantile of a few thousand draws, that follow another each time.
    """
    moved = []
    for seed in range(3):
        rng = np.random.default_rng([107, seed])
        loss = BASE[:, None] * np.exp(0.3 * rng.standard_normal((8, 3)))
        near = loss * (1 + 1e-4 * rng.standard_normal(loss.shape))
        one, other = (
            np.log(laws.forecast((X, each), at=4 * X[-1], assume=assume).interval())
            for each in (loss, near)
        )
        moved.append(abs(one - other).max() / np.ptp(one))
    assert np.median(moved) < 0.12
    assert max(moved) < 0.5


@pytest.mark.parametrize("alpha", [-1.5, 3.0, 5.0])
def test_steep_curves_are_not_cut_off(alpha):
    """Faster than curves of the corpus ever were, the interval follows."""
    truth = (2 * X[-1]) ** -alpha
    found = laws.forecast((X, X**-alpha), at=2 * X[-1])
    assert found.covers(truth, level=0.98)
    assert 0.01 < width(found) < 4
    found = laws.forecast((X, X**-alpha), at=2 * X[-1], assume="law")
    assert found.covers(truth)
    assert max(found.speak, key=found.speak.get) == "power"


@pytest.mark.parametrize("error", [1.0, 10.0, 1e3])
def test_errors_as_large_as_the_loss_run_not_away(error):
    """What is hardly known is not infinite."""
    labels = {"D": X, "error": ("D", error * BASE)}
    found = laws.forecast(xr.DataArray(BASE, labels, ["D"]), at=4 * X[-1])
    low, high = found.interval()
    assert 1e-6 < low < 0.11 < high < 100


@pytest.mark.parametrize(
    "curve",
    [
        (1 + 1e-9 * np.arange(8), BASE),
        (np.array([1, 1 + 1e-9, 2, 4, 8]), BASE[:5]),
        (np.arange(1.0, 30), np.exp(-3 * np.arange(1.0, 30))),
        (X, X**-15.0),
        (X, np.append(BASE[:-1], 1e-7)),
        (X, np.append(BASE[:-1], 1e5)),
        (X, np.ones(8)),
        (X[:3], BASE[:3]),
        (X, np.array([0.7, 5, 3, 1, 0.5, 0.4, 0.35, 0.3])),
        (X, BASE * (1 + 0.3 * (-1.0) ** np.arange(8))),
    ],
)
def test_whatever_the_curve_numbers_are_numbers(curve):
    """Finite, ordered, with past forecasts and a text; and no warning on the way."""
    found = laws.forecast(curve, at=4 * curve[0][-1])
    assert "%" in str(found)
    assert np.isfinite(found.past["value"]).all()
    for each in (found, laws.forecast(curve, at=4 * curve[0][-1], assume="law")):
        low, high = each.interval()
        assert 0 < low < each.value < high < np.inf
        assert each.interval(1 - 1e-16)[1] < np.inf


def test_three_sizes_have_no_past():
    """A forecast from two sizes is none."""
    found = laws.forecast((X[:3], BASE[:3]), at=1e4)
    assert found.past.sizes["origin"] == 0
    assert found.warnings == () or "farther" in found.warnings[0]


@exhaustive
def test_a_loss_that_is_hardly_reached_has_no_rate():
    """What the few draws say that reach it would be no rate."""
    with pytest.raises(ValueError, match="loss must be one that a curve probably"):
        laws.exchange_rate((X, NOISY), (X, NOISY), loss=0.05)
    with pytest.raises(ValueError, match="smaller sizes too, in curve b"):
        laws.exchange_rate((X, NOISY), (X, NOISY / 4), loss=0.11)
    assert laws.exchange_rate((X, NOISY), (X, NOISY)).covers(1.0)


def test_units_near_the_ends_of_floats_are_refused():
    """Sums of squares of such would overflow."""
    with pytest.raises(ValueError, match="another unit"):
        laws.gain((X * 1e302, BASE), 2)
    with pytest.raises(ValueError, match="another unit"):
        laws.forecast((X, BASE * 1e-310), at=1e5)


def test_many_sizes_are_averaged_for_laws_too():
    """Two thousand sizes of a power law tell its value within a per cent."""
    x = np.geomspace(10, 1e5, 2000)
    loss = x**-0.5 * np.exp(0.05 * np.random.default_rng(0).standard_normal(2000))
    found = laws.forecast((x, loss), at=1e6, assume="law")
    assert found.value == pytest.approx(1e-3, rel=0.02)


def test_an_estimator_is_one():
    """What has no fit is refused, and targets that are none."""
    with pytest.raises(ValueError, match="estimator must"):
        laws.from_estimator(None, X[:, None], X, [2])
    from sklearn.naive_bayes import GaussianNB

    with pytest.raises(ValueError, match="y must"):
        laws.from_estimator(GaussianNB(), X[:, None], None, [2])
