"""The plane of the front page is what it says: ridge regression, honestly tuned."""

import numpy as np
import pytest
from thorough import exhaustive, long

from scalinglib.experiments import feature_plane
from scalinglib.experiments.image_features import RIDGES, _ridge_loss
from scalinglib.learners import feature_ridge


@pytest.fixture(scope="module")
def plane():
    """One draw."""
    return feature_plane(0)


def test_loss_is_that_of_the_ridge_chosen_elsewhere():
    """As `feature_ridge` for each ridge; the test images choose nothing."""
    rng, P = np.random.default_rng(1), 40
    f, choose, test = (rng.standard_normal((n, P)) for n in (20, 30, 40))
    theta = rng.standard_normal((P, 2))
    y, z, w = (g @ theta + rng.standard_normal((len(g), 2)) for g in (f, choose, test))
    learners = [feature_ridge(lambda X: X, ridge=ridge)(f, y) for ridge in RIDGES]
    chosen, losses = (
        np.array([((p(g) - v) ** 2).sum(axis=1).mean() for p in learners])
        for g, v in ((choose, z), (test, w))
    )
    found = _ridge_loss(f, y, (choose, z), (test, w))
    np.testing.assert_allclose(found, losses[chosen.argmin()], rtol=1e-8)
    assert losses.argmin() != chosen.argmin()  # else it could not tell


@exhaustive
def test_each_resource_is_the_bottleneck_where_it_is_scarce(plane):
    """At an edge of the plane the scarce resource matters, the plentiful one hardly."""
    scarce = plane.sel(D=16, P=[256, 1024]), plane.sel(P=16, D=[256, 1024])
    plenty = plane.sel(P=1024, D=[256, 1024]), plane.sel(D=1024, P=[256, 1024])
    for few, many in zip(scarce, plenty, strict=True):
        assert few[0] / few[1] < 1.06 < 1.1 < many[0] / many[1]


@long
def test_sizes_are_nested_and_draws_differ(plane):
    """The same seed is the same plane, another seed another."""
    assert plane.dims == ("P", "D")
    assert plane.P.values.tolist() == plane.D.values.tolist()
    assert 0.2 < plane.min() < plane.max() < 1.0
