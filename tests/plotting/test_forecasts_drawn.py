"""Figures of forecasts: fans, what was measured later, and the past."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from thorough import long, some

from scalinglib import data, laws, plotting


@pytest.fixture(autouse=True)
def close():
    """No figure outlives its test."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def curve():
    """Random forests on data set 30."""
    return data.measured_curve(30, "RandomForest")


def band(collection):
    """Sizes, lower and upper end of a filled band."""
    (path,) = collection.get_paths()
    sizes = np.unique(path.vertices[:, 0])
    ends = [path.vertices[path.vertices[:, 0] == x, 1] for x in sizes]
    return sizes, np.array([(part.min(), part.max()) for part in ends])


@pytest.mark.parametrize("level", [0.9, 0.5, 0.3])
def test_a_fan_ends_in_the_intervals_of_the_forecast(curve, level):
    """The line in the median, the wide band in the wider of the level and one half."""
    guess = laws.forecast(curve.sel(D=slice(0, 600)), at=4432, level=level)
    ax = plotting.subplots()
    plotting.plot_forecast(ax, guess, later=curve)
    (line,) = (line for line in ax.lines if line.get_label() == "forecast")
    assert line.get_xydata()[-1] == pytest.approx([4432, guess.value])
    outer, inner = (band(each) for each in ax.collections if each.get_alpha())
    for (sizes, ends), share in ((outer, max(level, 0.5)), (inner, min(level, 0.5))):
        assert sizes[-1] == pytest.approx(4432)
        assert ends[-1] == pytest.approx(guess.interval(share), rel=1e-6)
    seen, later = (each.lines[0].get_xdata() for each in ax.containers)
    assert seen.max() < 600 < later.min()
    assert [*seen, *later] == pytest.approx(curve["D"].values)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("D", "error")


def test_bars_of_the_past_are_held_or_missed(curve):
    """Each past forecast is drawn once, where it knew the curve to."""
    guess = laws.forecast(curve, at=50000, level=0.5)
    ax = plotting.subplots()
    plotting.plot_past(ax, guess)
    past, known = guess.past, curve["D"].values[guess.past["origin"].values - 1]
    right = ((past["low"] <= past["loss"]) & (past["loss"] <= past["high"])).values
    assert 0 < right.sum() < len(right)
    by_label = {line.get_label(): line.get_xydata() for line in ax.lines}
    over = (past["loss"] / past["value"]).values
    for kept, label in ((right, "held"), (~right, "missed")):
        np.testing.assert_allclose(by_label[label].T, [known[kept], over[kept]])
    with pytest.raises(ValueError, match="four sizes"):
        plotting.plot_past(ax, laws.forecast(([1, 2, 4], [4, 3, 2]), at=8))


def test_laws_are_drawn_on_to_the_forecast(curve):
    """Each by its name, through its values; one that shoots off leaves the picture."""
    guess = laws.forecast(curve, at=1e6)
    fits = laws.compare(curve).fits
    ax = plotting.subplots()
    plotting.plot_laws(ax, guess, fits)
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    for name, found in fits.items():
        np.testing.assert_allclose(lines[name][-1], [1e6, found(1e6)])
    low, high = ax.get_ylim()
    assert low < guess.interval()[0] < curve.max() < 2 * high < 1


@long
def test_a_fan_agrees_with_single_forecasts(curve):
    """Whether a law is assumed or not, and with the labels of the curve."""
    sizes, shares = [5000.0, 20000.0, 50000.0], [0.05, 0.5, 0.95]
    for assume in some((None, "floor", "law"), 2):
        guess = laws.forecast(curve, at=50000, assume=assume)
        fan = guess.fan(sizes, shares)
        assert fan.dims == ("D", "share")
        for x in sizes:
            alone = laws.forecast(curve, at=x, assume=assume)
            expected = [alone.quantile(share) for share in shares]
            np.testing.assert_allclose(fan.sel(D=x), expected, rtol=1e-9)
    fan = laws.forecast(([1, 2, 4], [4, 3, 2]), at=8).fan()
    assert fan.dims == ("x", "share")
    assert fan["x"].values[[0, -1]] == pytest.approx([1, 8])
