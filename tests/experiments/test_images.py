"""Kernel regression on images: identities, two roads, and the stored results."""

import numpy as np
import pytest
import xarray as xr
from classes_on_sphere import arc, problem
from thorough import exhaustive, first_of

from scalinglib import data, experiments, fit_power_law, learners, stored

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


@pytest.fixture(scope="module")
def shipped():
    """Images and labels that ship with the package."""
    return data.load_fashion_mnist()


@SEEDS
def test_grouped_losses_are_those_of_merged_labels(seed):
    """Merging the labels first gives the same loss as merging the matrix."""
    X, Y = problem(seed)
    groups = [(0, 2), (1,), (3,)]
    merge = np.eye(3)[data.superclasses(np.arange(4), groups)]
    common = {"kernel": arc, "X": X, "sizes": [10, 40], "test": 30}
    E = learners.error_matrices(seed, Y=Y, **common)
    merged = learners.error_matrices(seed, Y=Y @ merge, **common)
    expected = np.einsum("daa->d", merged.values)
    np.testing.assert_allclose(
        experiments.grouped_losses(E, groups), expected, rtol=1e-9
    )


@SEEDS
def test_merging_at_random_keeps_the_shape(seed):
    """Over all ways to make two pairs of four classes: C (k − 1) / k (C − 1) = 2/3."""
    X, Y = problem(seed)
    E = learners.error_matrices(seed, kernel=arc, X=X, Y=Y, sizes=[10, 40], test=30)
    pairs = [[(0, 1), (2, 3)], [(0, 2), (1, 3)], [(0, 3), (1, 2)]]
    mean = sum(experiments.grouped_losses(E, groups) for groups in pairs) / 3
    alone = experiments.grouped_losses(E, [(0,), (1,), (2,), (3,)])
    np.testing.assert_allclose(mean / alone, 2 / 3, rtol=1e-9)


def test_grouped_losses_keep_other_dimensions():
    """Trials stay, in any order of the dimensions."""
    E = xr.DataArray(np.ones((2, 3, 3, 5)), dims=["D", "a", "b", "trial"])
    found = experiments.grouped_losses(E, [(0, 1), (2,)])
    assert found.dims == ("D", "trial")
    assert (found == 5).all()  # four pairs and one
    named = E.assign_coords(a=[7, 8, 9], b=[9, 8, 7])  # by position all the same
    assert (experiments.grouped_losses(named, [(0, 1), (2,)]) == 5).all()


@exhaustive
def test_stored_game_is_played_again(shipped):
    """Sample 0 of the stored games is the images of the package: two trials agree."""
    small, truth = experiments.forecasting_game(*shipped, "tangent", trials=2)
    found = stored.load("forecasts").sel(kernel="tangent").isel(sample=0)
    few = found.small.isel(trial=slice(2)).transpose(*small.dims)
    np.testing.assert_allclose(small, few, rtol=0.01)
    np.testing.assert_allclose(truth, found.truth, rtol=0.002)


@exhaustive
def test_stored_pooling_is_done_again(shipped):
    """The rows of 14 and of 7 pixels, from the images of the package."""
    X, y = shipped
    for side, factor in ((14, 1), (7, 2)):
        found = experiments.summary(data.pool(X, factor), y, trials=2)
        then = stored.load("pooling").sel(side=side)
        few = then.loss.isel(trial=slice(2)).transpose(*found.loss.dims)
        np.testing.assert_allclose(found.loss, few, rtol=0.01)
        np.testing.assert_allclose(found.alpha_K, then.alpha_K, rtol=0.01)
        assert float(found.dimension) == pytest.approx(float(then.dimension), rel=0.01)


def test_stored_results_have_their_claims():
    """Pooling: dimension falls, α_K rises, the labels' exponent falls."""
    pooled = stored.load("pooling")
    assert (np.diff(pooled.dimension) < 0).all()
    assert (np.diff(pooled.alpha_K.sel(of="estimate")) > 0).all()
    exponents = [
        fit_power_law(pooled.loss.sel(side=side), rng=0).exponent for side in (28, 4)
    ]
    assert exponents[0] > exponents[1] + 0.03
    dims = "sample", "kernel", "target", "D", "trial"
    assert stored.load("forecasts").small.dims == dims


def test_test_images_have_no_part_in_training(shipped):
    """Other test images: the same mean is subtracted, the same Gram matrix is seen."""
    seen = []

    class Stop(Exception):
        """Raised when the kernel has been called."""

    def spy(X, X_new=None):
        seen.append(X.copy())
        raise Stop

    X, y = shipped
    other = X.copy()
    other[10_000:] = other[10_000:][:, ::-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(experiments.KERNELS, "tangent", spy)
        for pixels in (X, other):
            with pytest.raises(Stop):
                experiments.forecasting_game(pixels, y, "tangent", trials=1)
            with pytest.raises(Stop):
                experiments.summary(pixels, y, trials=1)
    np.testing.assert_array_equal(seen[0], seen[2])
    np.testing.assert_array_equal(seen[1], seen[3])


def test_other_rejections(shipped):
    """Matrices without their dimensions, unknown kernels, other shapes."""
    X, y = shipped
    with pytest.raises(ValueError, match="E must be a DataArray with dimensions a and"):
        experiments.grouped_losses(np.eye(3), [(0, 1, 2)])
    E = xr.DataArray(np.eye(3), dims=["a", "b"])
    for groups in ([(0, 1)], [(0, 1, 2, 3)], [(0, 1), (1, 2)], None):
        with pytest.raises(ValueError, match="groups must hold each class 0…2 once"):
            experiments.grouped_losses(E, groups)
    with pytest.raises(ValueError, match="E must be finite"):
        experiments.grouped_losses(E * np.nan, [(0, 1, 2)])
    with pytest.raises(ValueError, match=r"kernel must be one of .*, got 'rbf'"):
        experiments.forecasting_game(X, y, "rbf", trials=1)
    with pytest.raises(ValueError, match=r"X must be \(12000, 196\)"):
        experiments.forecasting_game(X[:100], y[:100], "tangent", trials=1)
    with pytest.raises(ValueError, match=r"X must have shape \(D, n\) with D >= 6096"):
        experiments.summary(X[:100], y[:100], trials=1)
