"""Errors of kernel regression on blocks: identities, two roads."""

import numpy as np
import pytest
from classes_on_sphere import arc, problem
from thorough import first_of

from scalinglib import learners
from scalinglib.learners import kernel_ridge, nested_predictions

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


@SEEDS
def test_error_matrices_average_over_blocks(seed):
    """Every block fitted alone gives the same matrix."""
    X, Y = problem(seed)
    E = learners.error_matrices(seed, kernel=arc, X=X, Y=Y, sizes=[10, 40], test=30)
    drawn = np.random.default_rng(seed).permutation(50)[:40]
    expected = 0
    for block in np.split(drawn, 4):
        error = kernel_ridge(arc)(X[block], Y[block])(X[50:]) - Y[50:]
        expected = expected + error.T @ error / (4 * 30)
    np.testing.assert_allclose(E.sel(D=10), expected, rtol=1e-9, atol=1e-12)
    f = nested_predictions(arc(X[drawn]), arc(X[50:], X[drawn]), Y[drawn], [40])[0]
    loss = ((f - Y[50:]) ** 2).sum(axis=1).mean()
    assert np.trace(E.sel(D=40)) == pytest.approx(loss)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.ones(5)}, r"X and Y must (be \(N, n\), \(N, C\)|have as many rows)"),
        (
            {"Y": np.ones((79, 2))},
            r"X and Y must (be \(N, n\), \(N, C\)|have as many rows)",
        ),
        ({"test": 0}, "test must be at least 1, got 0"),
        ({"test": 80}, "test must be below the 80 rows of X, got 80"),
        ({"sizes": [10, 60]}, "sizes must be increasing integers from 1 to 50"),
        ({"sizes": [10, 5]}, "sizes must be increasing integers"),
        ({"kernel": lambda X, Y=None: np.ones(3)}, r"kernel\(X\) must be finite"),
        ({"kernel": lambda X, Y=None: np.eye(3)}, "kernel must return finite matrices"),
        ({"kernel": lambda X, Y=None: np.eye(10)}, r"\(10, 10\) and \(30, 10\)"),
        ({"kernel": lambda X, Y=None: np.ones((len(X), 10))}, "positive definite"),
        ({"X": np.full((80, 5), np.nan)}, "X and Y must be finite"),
        ({"Y": np.full((80, 4), np.inf)}, "X and Y must be finite"),
        (
            {"Y": np.ones((80, 0))},
            r"X and Y must (be \(N, n\), \(N, C\)|have as many rows)",
        ),
    ],
)
def test_error_matrices_reject(change, message):
    """Shapes, sizes and kernels that do not fit."""
    X, Y = problem(0)
    arguments = {"kernel": arc, "X": X, "Y": Y, "sizes": [10], "test": 30}
    with pytest.raises(ValueError, match=message):
        learners.error_matrices(0, **arguments | change)
