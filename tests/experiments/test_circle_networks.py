"""Networks on the circle: closed forms, symmetry, and a stored run made again."""

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("torch")

from scalinglib import kernels, stored
from scalinglib.experiments.circle_networks import (
    TIMES,
    circle_eigenvalues,
    circle_exponents,
    circle_target,
    network_on_circle,
)
from scalinglib.theory import gradient_flow


def test_eigenvalues_are_those_of_the_kernel():
    """A Fourier transform of the tangent kernel on 8192 angles, to 1e-6."""
    angles = 2 * np.pi * np.arange(8192) / 8192
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    row = kernels.ntk(X[:1], X, depth=1)[0]
    found = np.fft.rfft(row / row[0]).real / 8192
    m = np.arange(2, 200, 2)
    np.testing.assert_allclose(circle_eigenvalues(m), found[m], atol=1e-7)
    assert np.abs(found[3:200:2]).max() < 1e-7


@pytest.mark.parametrize("beta", [0.25, 0.5, 1.5])
def test_targets_of_lazy_exponent_beta(beta):
    """Power one in all; what lies beyond harmonic K falls as K^(-2β)."""
    m, v2 = circle_target(beta, harmonics=20_000)
    assert abs(v2.sum() - 1) < 1e-9
    assert (m == 2 * np.arange(1, 20_001)).all()
    missed = np.cumsum(v2[::-1])[::-1]
    assert abs(np.log2(missed[20] / missed[40]) / (2 * beta) - 1) < 0.05


@pytest.mark.parametrize("beta", [0.25, 0.5])
def test_the_lazy_network_follows_the_closed_form(beta):
    """Until t = 30 to three per cent, and its kernel stands still."""
    times = [3.0, 10.0, 30.0]
    found = network_on_circle(beta=beta, richness=0.03, times=times)
    m, v2 = circle_target(beta)
    lazy = np.exp(-2 * np.outer(times, circle_eigenvalues(m))) @ v2
    np.testing.assert_allclose(found.sel(of="loss"), lazy, rtol=0.03)
    np.testing.assert_allclose(found.sel(of="trace"), 1, atol=0.02)


def test_a_stored_run_on_the_circle_is_made_again():
    """The rich network until t = 10: the same numbers, and a kernel that has grown."""
    found = stored.load("circle_networks").sel(beta=0.5, richness=1.0)
    again = network_on_circle(beta=0.5, richness=1.0, times=TIMES[:11])
    np.testing.assert_allclose(again, found[:, :11], rtol=2e-3)
    assert again.sel(of="trace")[-1] > 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": 0}, "beta must be above zero, got 0"),
        ({"richness": 0}, "richness must be above zero, got 0"),
        ({"times": []}, "times must be"),
        ({"times": [2, 1]}, "times must be"),
        ({"times": [0, 1]}, "times must be"),
        ({"times": [1, np.nan]}, "times must be"),
        ({"points": 3}, "points must be at least 8"),
        ({"directions": 0}, "directions must be at least 1"),
    ],
)
def test_rejects_runs_on_the_circle(options, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        network_on_circle(**{"beta": 0.5, "richness": 1, "times": [1]} | options)


@pytest.mark.parametrize("m", [[1], [0], [3], [2.0], []])
def test_rejects_harmonics(m):
    """Odd harmonics above one are not learned at all."""
    with pytest.raises(ValueError, match="m must be even whole numbers from 2"):
        circle_eigenvalues(m)


def planted(beta, t, shift=0.0):
    """Runs of one task in which loss and trace are powers of time."""
    values = [[t ** -(0.3 + shift), t**0.2]]
    coords = {"beta": [beta], "of": ["loss", "trace"], "t": t}
    return xr.DataArray(values, coords=coords)


def test_exponents_of_planted_runs():
    """The network's are those put in, whatever the order of what is measured."""
    runs = planted(0.5, np.geomspace(1, 1000, 31))
    for some in (runs, runs.isel(of=[1, 0]), runs.transpose("t", "of", "beta")):
        found = circle_exponents(some, first=100, last=1000).sel(beta=0.5)
        assert found.sel(of="loss", learner="network").item() == pytest.approx(-0.3)
        assert found.sel(of="trace", learner="network").item() == pytest.approx(0.2)
        # The lazy kernel stays, and the exact loss is on its way to t^(-1/2).
        assert found.sel(of="trace", learner="lazy").item() == pytest.approx(0)
        assert -0.52 < found.sel(of="loss", learner="lazy") < -0.42


def test_exponents_of_the_model_depend_on_richness():
    """None is the lazy network; more is faster, as the theory's own loss tells."""
    t = np.geomspace(1, 1000, 31)
    runs, ends = planted(0.5, t), {"first": 100, "last": 1000}
    none, some = (
        circle_exponents(runs, **ends, richness=g).sel(beta=0.5, of="loss")
        for g in (0.0, 3.0)
    )
    assert none.sel(learner="model").item() == none.sel(learner="lazy").item()
    m, v2 = circle_target(0.5)
    known = {"lam": circle_eigenvalues(m), "v2": v2, "richness": 3.0}
    early, late = gradient_flow([100.0, 1000.0], **known).loss
    expected = np.log10(late / early)
    assert some.sel(learner="model").item() == pytest.approx(expected, abs=0.01)
    assert expected < none.sel(learner="lazy") - 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": 0.5}, "first and last must rise within"),
        ({"last": 50}, "first and last must rise within"),
        ({"runs": [1.0]}, "runs must be a DataArray"),
    ],
)
def test_rejects_windows(change, message):
    """Outside of the runs, or none."""
    good = {"runs": planted(0.5, np.geomspace(1, 1000, 31)), "first": 100, "last": 1000}
    arguments = good | change
    runs = arguments.pop("runs")
    with pytest.raises(ValueError, match=message):
        circle_exponents(runs, **arguments)
