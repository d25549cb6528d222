"""Figures of a dimension and of an exponent: what is drawn is what was found."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from scalinglib import plotting
from scalinglib.geometry import dimension, sphere
from scalinglib.spectra import exponent


@pytest.fixture(autouse=True)
def close():
    """No figure outlives its test."""
    yield
    plt.close("all")


def test_balls_and_their_limit():
    """Counts over the squared radius, and the estimate at zero."""
    d = dimension.estimate(sphere(2).sample(600, rng=0), rng=0)
    ax = plotting.subplots()
    plotting.plot_dimension(ax, d, level=0.8)
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    r2 = d.scales["radius"] ** 2
    np.testing.assert_allclose(
        lines["second moments"], np.stack([r2, d.scales["second"]], axis=1)
    )
    assert lines["estimate"].tolist() == [[0, d.value]]
    (bar,) = ax.collections[0].get_segments()
    assert bar[:, 1].tolist() == [*d.interval(0.8)]


def test_octaves_and_what_they_have_in_common():
    """Those outside of the window are hollow."""
    rng = np.random.default_rng(0)
    n = np.arange(1, 401)
    lam = n**-1.2 * np.exp(-n / 60)
    a = exponent(features=rng.standard_normal((1500, 400)) * np.sqrt(lam), centred=True)
    ax = plotting.subplots()
    plotting.plot_exponent(ax, a)
    drawn = {c.get_label(): c.lines[0] for c in ax.containers}
    within = a.scales["within"].to_numpy()
    assert not within.all()
    for label, some in (("octaves that agree", within), ("others", ~within)):
        np.testing.assert_array_equal(
            drawn[label].get_ydata(), a.scales["exponent"][some]
        )
    assert drawn["others"].get_markerfacecolor() == "none"
    (bars,) = ax.containers[0].lines[2]
    lengths = [np.ptp(bar[:, 1]) for bar in bars.get_segments()]
    np.testing.assert_allclose(lengths, 4 * a.scales["error"][within])
    assert ax.get_xscale() == "log"
