"""A Gram matrix that is not stored multiplies as the one that is."""

from functools import partial

import joblib
import numpy as np
import pytest

from scalinglib import kernels

X = np.random.default_rng(0).random((137, 3)) + 0.1
V = np.random.default_rng(1).standard_normal((137, 4))
KERNELS = {
    "laplace": partial(kernels.laplace, bandwidth=0.7),
    "matern": partial(kernels.matern, nu=1.5, bandwidth=0.7),
    "gaussian": partial(kernels.gaussian, bandwidth=0.7),
    "ntk": partial(kernels.ntk, depth=2),
    "typed": lambda X, Y=None: 1 + X @ (X if Y is None else Y).T,
}


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("tile", [1, 20, 137, 500])
def test_products_are_those_of_the_matrix(kernel, tile):
    """For vectors, for several columns, and transposed, with any tiles."""
    K, operator = kernel(X), kernels.GramOperator(kernel, X, tile=tile)
    np.testing.assert_allclose(operator @ V, K @ V, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(operator @ V[:, 0], K @ V[:, 0], rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(operator.T @ V, K @ V, rtol=1e-11, atol=1e-11)
    assert operator.shape == K.shape


def test_columns_and_values_at_new_points():
    """As stored matrices give them."""
    kernel = KERNELS["matern"]
    operator = kernels.GramOperator(kernel, X, tile=20)
    np.testing.assert_array_equal(operator.columns([3, 100]), kernel(X, X[[3, 100]]))
    new = np.random.default_rng(2).random((50, 3))
    np.testing.assert_allclose(operator.predict(new, V), kernel(new, X) @ V, rtol=1e-10)


def test_threads_do_not_change_a_bit():
    """Sums are taken in one order, whoever is done first."""
    operator = kernels.GramOperator(KERNELS["laplace"], X, tile=8)
    alone = operator @ V
    for jobs in (2, 4):
        with joblib.parallel_config(n_jobs=jobs):
            np.testing.assert_array_equal(operator @ V, alone)


def test_kernels_of_singles_are_summed_in_doubles():
    """Entries have the precision of the points, sums have more."""
    kernel, single = KERNELS["laplace"], X.astype(np.float32)
    found = kernels.GramOperator(kernel, single, tile=20) @ V
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, kernel(single).astype(float) @ V, rtol=1e-5)
    assert abs(found - kernel(X) @ V).max() > 1e-9


def test_points_are_kept_as_they_were():
    """What is done to the array afterwards does not matter."""
    mine = X.copy()
    operator = kernels.GramOperator(KERNELS["laplace"], mine, tile=50)
    before = operator @ V
    mine[:] = 0
    np.testing.assert_array_equal(operator @ V, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel": 3}, "kernel must be"),
        ({"X": X[0]}, "X must have shape"),
        ({"X": np.full((3, 2), np.nan)}, "X must be finite"),
        ({"tile": 0}, "tile must be at least 1"),
        ({"tile": 2.5}, "tile must be a whole number"),
    ],
)
def test_rejects(change, message):
    """Each by its name."""
    given = {"kernel": KERNELS["laplace"], "X": X} | change
    with pytest.raises(ValueError, match=message):
        kernels.GramOperator(given.pop("kernel"), given.pop("X"), **given)
