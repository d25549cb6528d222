"""Figures of surfaces: what is drawn is what the surface says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from scalinglib import data, laws
from scalinglib.plotting import (
    plot_frontier,
    plot_isoflops,
    plot_residuals,
    plot_surface,
    subplots,
)


@pytest.fixture(scope="module")
def surface():
    """Of the profiles of one study."""
    table = data.load_surface_runs("llama3")
    columns = (table[name].to_numpy() for name in ("N", "D", "loss"))
    return laws.fit_loss_surface(*columns, rng=0, resamples=100)


@pytest.fixture
def ax():
    """Axes that are closed again."""
    ax = subplots()
    yield ax
    plt.close(ax.figure)


def test_the_line_of_best_splits(ax, surface):
    """Every point of it is the optimum of its own budget; stars lie on it."""
    plot_surface(ax, surface, budgets=[1e21, 1e23])
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    D, P = lines["best split"].T
    best = surface.optimal(6 * P * D)
    np.testing.assert_allclose(best.P.value, P, rtol=1e-6)
    D, P = lines["budgets"].T
    np.testing.assert_allclose(6 * D * P, [1e21, 1e23])
    assert len(lines["runs"]) == len(surface.runs)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_profiles_and_their_runs(ax, surface):
    """A budget's line is the surface on it, and the points are its runs."""
    plot_isoflops(ax, surface, [1e20])
    line, points = ax.lines
    P, loss = line.get_xydata().T
    np.testing.assert_allclose(surface(P, 1e20 / 6 / P), loss)
    near = np.isclose(6 * surface.runs.P * surface.runs.D, 1e20, rtol=0.1)
    assert len(points.get_xydata()) == near.sum() > 5


def test_a_frontier_has_its_band(ax, surface):
    """Line and band are the estimate and its interval."""
    C = np.array([1e20, 1e22])
    plot_frontier(ax, surface, C, level=0.5)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), surface.optimal(C).P.value)
    (band,) = ax.collections
    low, high = surface.optimal(C).P.interval(0.5)
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(low.min())
    assert heights.max() == pytest.approx(high.max())


@pytest.mark.parametrize("size", ["P", "D", "C"])
def test_residuals_in_per_cent(ax, surface, size):
    """Each run once, over the size that was asked for."""
    plot_residuals(ax, surface, size)
    points = next(line for line in ax.lines if len(line.get_xdata()) == 133)
    np.testing.assert_allclose(points.get_ydata(), 100 * surface.residuals)
    assert ax.get_xlabel() == size


def test_no_band_where_nothing_is_known(ax):
    """Without resamples there are lines alone."""
    table = data.load_surface_runs("llama3")
    columns = (table[name].to_numpy() for name in ("N", "D", "loss"))
    found = laws.fit_loss_surface(*columns, resamples=0)
    plot_frontier(ax, found, [1e20, 1e22])
    plot_isoflops(ax, found, [1e20])
    assert not ax.collections
