"""Refits of a last layer: by brute force, in their limits, and as they were stored."""

import numpy as np
import pytest
import xarray as xr
from thorough import exhaustive, first_of, long

from scalinglib import stored, theory
from scalinglib.data import load_fashion_mnist
from scalinglib.experiments import (
    TARGETS,
    features_and_labels,
    last_layer,
    predicted_refits,
    refit_losses,
)

RIDGES = [1e-3, 0.1]


def problem(seed, N=200, S=12):
    """Features and labels of N examples."""
    rng = np.random.default_rng(seed)
    F = rng.standard_normal((N, S)) / np.arange(1, S + 1)
    return F, np.stack([F[:, 0] - F[:, 3] ** 2, rng.standard_normal(N)], axis=1)


def brute_force(F, Y, at, mix, ridge):
    """Ridge regression by its normal equations, and its mean loss over all rows."""
    f = F @ mix.T / np.sqrt(len(mix))
    few = f[at]
    theta = np.linalg.solve(few.T @ few + ridge * np.eye(len(mix)), few.T @ Y[at])
    return ((f @ theta - Y) ** 2).sum(axis=1).mean()


@pytest.mark.parametrize("seed", first_of(range(3)))
def test_refits_are_ridge_regression(seed):
    """More examples than mixtures, as many, and fewer."""
    F, Y = problem(seed)
    found = refit_losses(seed, F, Y, D=[5, 20, 60], P=[5, 20, 40], ridges=RIDGES)
    rng = np.random.default_rng(seed)
    at, mix = rng.integers(200, size=60), rng.standard_normal((40, 12))
    for d, p, ridge in ((5, 5, 0.1), (5, 40, 1e-3), (20, 20, 0.1), (60, 5, 1e-3)):
        expected = brute_force(F, Y, at[:d], mix[:p], ridge)
        assert found.sel(D=d, P=p, ridge=ridge) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("seed", first_of(range(3)))
def test_infinite_sizes(seed):
    """All examples, and the features as they are: what their limits tend to."""
    F, Y = problem(seed)
    sizes = {"D": [40, np.inf], "P": [6, np.inf]}
    found = refit_losses(seed, F, Y, ridges=[1e-8], **sizes).squeeze()
    rng = np.random.default_rng(seed)
    at, mix = rng.integers(200, size=40), rng.standard_normal((6, 12))
    everything = np.arange(200)
    for d, p, rows, mixed in (
        (np.inf, np.inf, everything, np.eye(12)),
        (np.inf, 6, everything, mix),
        (40, np.inf, at, np.eye(12)),
    ):
        ridge = 1e-8 / (12 if p == np.inf else 1)  # brute force divides by √P
        expected = brute_force(F, Y, rows, mixed, ridge)
        assert found.sel(D=d, P=p) == pytest.approx(expected, rel=1e-4)


def test_the_formula_holds_for_gaussian_features():
    """Away from the peak, within four standard errors of twenty draws."""
    F, Y = problem(0, N=4000, S=40)
    Y = Y / 5 + 20 * F[:, 20:22]  # two modes of a small eigenvalue
    known = theory.feature_modes(F, Y)
    sizes = {"D": [30, 200], "P": [20, 80, np.inf]}
    draws = [refit_losses(k, F, Y, ridges=[0.1], **sizes) for k in range(20)]
    draws = xr.concat(draws, "draw").squeeze("ridge")
    D, P = (xr.DataArray(np.array(v, float), {k: v}) for k, v in sizes.items())
    about = {"target": known.v2, "noise": known.noise, "ridge": 0.1}
    formula = theory.random_feature_loss(known.lam, D, P, **about)
    off = (draws.mean("draw") - formula) * np.sqrt(20) / draws.std("draw", ddof=1)
    assert abs(off).max() < 4
    wrong = theory.random_feature_loss(known.lam, D, P, noise=known.noise, ridge=0.1)
    assert (abs(wrong / formula - 1) > 0.1).any()


def test_features_are_of_images_that_were_kept_apart():
    """Shuffled once: both halves together are all images; scales are one."""
    kept = features_and_labels(0, W=4, steps=2)
    seen = features_and_labels(0, W=4, steps=2, seen=True)
    assert [f.shape for f in kept] == [(6000, 4), (6000, 4), (6000, 10)]
    both = np.concatenate([kept[2], seen[2]]).argmax(axis=1)
    assert (np.bincount(both) == np.bincount(load_fashion_mnist()[1])).all()
    for before, after, _ in (kept, seen):
        for F in (before, after):
            assert (F**2).sum(axis=1).mean() == pytest.approx(1, abs=1e-9)


def test_what_it_is_told_changes_nothing_before_training():
    """Same images, same initialisation; only then it learns another thing."""
    few = {"W": 4, "steps": 20}
    ten = features_and_labels(0, **few)
    two = features_and_labels(0, groups=TARGETS["two"], **few)
    np.testing.assert_array_equal(ten[0], two[0])
    np.testing.assert_array_equal(ten[2], two[2])
    assert abs(ten[1] - two[1]).max() > 1e-3


@exhaustive
def test_a_stored_network_is_found_again():
    """Modes to rounding of single precision; losses within four standard errors."""
    number = 1
    then = stored.load("last_layer").isel(network=number)
    rng = np.random.default_rng([0, number])
    before, after, Y = features_and_labels(rng)
    sizes = {"D": [64, 512], "P": [64, np.inf], "ridges": [0.1]}
    for when, F in (("before", before), ("after", after)):
        stays = then.sel(when=when)
        lam, v2, noise = theory.feature_modes(F, Y)
        np.testing.assert_allclose(stays.lam[:50], lam[:50], rtol=0.02)
        assert float(stays.v2[:9].sum()) == pytest.approx(v2[:9].sum(), rel=0.02)
        assert float(stays.noise) == pytest.approx(noise, rel=0.02)
        draws = [
            refit_losses(np.random.default_rng([9, k]), F, Y, **sizes) for k in range(8)
        ]
        draws = xr.concat(draws, "draw").squeeze("ridge")
        loss = stays.loss.sel(D=draws.D, P=draws.P, ridge=0.1)
        error = draws.std("draw", ddof=1) * np.sqrt(1 / 8 + 1 / last_layer.DRAWS)
        assert (abs(draws.mean("draw") - loss) < 4 * error).all()


@long
def test_predictions_are_those_of_the_theory():
    """Point by point, and with all the data only the noise is left."""
    found = stored.load("last_layer")
    formula = predicted_refits(found)
    assert formula.dims == found.loss.dims
    of = found.isel(network=2).sel(when="seen")
    kept = of.lam.values > 0
    about = {"target": of.v2.values[kept], "noise": float(of.noise)}
    for ridge in (1e-3, 0.1, 10.0):
        one = theory.random_feature_loss(
            of.lam.values[kept], 64, 256, ridge=ridge, **about
        )
        at = {"when": "seen", "D": 64, "P": 256}
        one_of_it = formula.isel(network=2).sel(at).sel(ridge=ridge)
        assert one_of_it.item() == pytest.approx(float(one), rel=1e-9)
    for P in (512, np.inf):  # more mixtures than modes
        rest = formula.sel(D=np.inf, P=P).isel(ridge=0)
        np.testing.assert_allclose(rest, found.noise.transpose(*rest.dims))
    assert (formula.sel(D=np.inf, P=128) > 1.01 * found.noise).all()


def test_dead_networks_are_refused():
    """One unit in each layer: of some seeds it says nothing of any image."""
    with pytest.raises(ValueError, match="W must be larger"):
        [features_and_labels(seed, W=1, steps=1) for seed in range(8)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda F, Y: refit_losses(0, F, Y[:3], D=[5], P=[5], ridges=[1]), "Y must be"),
        (lambda F, Y: refit_losses(0, F, Y, D=[5, 5], P=[5], ridges=[1]), "D must"),
        (lambda F, Y: refit_losses(0, F, Y, D=[5], P=[2.5], ridges=[1]), "P must"),
        (lambda F, Y: refit_losses(0, F, Y, D=[0], P=[5], ridges=[1]), "D must"),
        (lambda F, Y: refit_losses(0, F, Y, D=[5], P=[np.nan], ridges=[1]), "P must"),
        (lambda F, Y: refit_losses(0, F, Y, D=[5], P=[5], ridges=[0.0]), "ridges must"),
        (lambda F, Y: features_and_labels(0, W=0), "W must be at least 1"),
        (lambda F, Y: features_and_labels(0, seen="no"), "seen must be"),
        (lambda F, Y: features_and_labels(0, groups=[(0, 1)]), "groups must hold"),
        (lambda F, Y: predicted_refits(xr.Dataset({"loss": 1.0})), "found must be"),
    ],
)
def test_rejects_refits(call, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        call(*problem(0))
