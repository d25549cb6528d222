"""Conjugate gradients give what the factorisation gives, in few products."""

from functools import partial

import numpy as np
import pytest
from thorough import first_of

from scalinglib import kernels
from scalinglib.learners import kernel_ridge, large_kernel_ridge
from scalinglib.learners.large import _conjugate_gradients

RNG = np.random.default_rng(0)
X, NEW = RNG.random((600, 4)), RNG.random((90, 4))
Y = np.stack([np.sin(3 * X.sum(axis=1)), X[:, 0] ** 2 + RNG.random(600)], axis=1)
MATERN = partial(kernels.matern, nu=1.5, bandwidth=1.0)
KERNELS = {
    "matern": MATERN,
    "laplace": partial(kernels.laplace, bandwidth=1.0),
    "ntk": partial(kernels.ntk, depth=1),
}


@pytest.mark.parametrize("name", first_of(KERNELS))
@pytest.mark.parametrize("ridge", first_of([0.6, 1e-3, 60.0]))
@pytest.mark.parametrize("targets", [Y, Y[:, 0]])
def test_agrees_with_the_factorisation(name, ridge, targets):
    """At new points and to the residual that was asked for, whatever the targets."""
    given = {"ridge": ridge, "rank": 200, "tolerance": 1e-10, "tile": 128, "rng": 0}
    predict = large_kernel_ridge(KERNELS[name], **given)(X, targets)
    exact = kernel_ridge(KERNELS[name], ridge=ridge)(X, targets)
    assert predict(NEW).shape == exact(NEW).shape
    # a residual r moves a by at most |r| / ridge, and f by the norm of k times that
    np.testing.assert_allclose(predict(NEW), exact(NEW), atol=1e-9 * 25 * 20 / ridge)
    assert predict.residual <= 1e-10


def test_residual_is_the_true_one():
    """Of equations that are stored, for the coefficients behind the predictions."""
    predict = large_kernel_ridge(MATERN, ridge=0.5, tolerance=1e-5, rank=20, rng=0)(
        X, Y
    )
    fitted = predict(X)  # K a, so that Y - K a is ridge times a, but for the residual
    K = MATERN(X)
    a = np.linalg.solve(K, fitted)
    left = np.linalg.norm(Y - fitted - 0.5 * a, axis=0) / np.linalg.norm(Y, axis=0)
    assert 1e-9 < predict.residual <= 1e-5
    assert predict.residual == pytest.approx(left.max(), rel=1e-3)


def test_what_rounding_adds_up_is_noticed():
    """A product of seven digits allows no residual of ten, whatever recurrences say."""
    K = (MATERN(X) + 0.1 * np.eye(600)).astype(np.float32)

    def product(V):
        return (K @ V.astype(np.float32)).astype(float)

    solve = partial(_conjugate_gradients, product, Y, lambda R: R)
    A, _, residual = solve(1e-4, 500)
    assert residual <= 1e-4
    np.testing.assert_allclose(product(A), Y, atol=1e-4 * np.linalg.norm(Y))
    with pytest.raises(RuntimeError, match="residual is"):
        solve(1e-12, 500)


def test_nystroms_points_save_products():
    """With many of them at most a third of the products that one needs."""
    few, many = (
        large_kernel_ridge(MATERN, ridge=1e-2, rank=rank, rng=0)(X, Y).products
        for rank in (1, 300)
    )
    assert many < few / 3


def test_targets_share_their_products():
    """Fifty take hardly more than the slowest of them alone."""
    targets = np.random.default_rng(3).standard_normal((600, 50))
    learn = large_kernel_ridge(MATERN, ridge=0.1, rank=100, rng=0)
    together = learn(X, targets).products
    alone = max(learn(X, y).products for y in targets.T[:5])
    assert together <= alone + 2


def test_copies_and_constant_targets_are_no_trouble():
    """Nyström's points may coincide; a target of zeros has the function zero."""
    twice = np.concatenate([X[:200], X[:200]])
    targets = np.stack([np.zeros(400), np.ones(400)], axis=1)
    predict = large_kernel_ridge(MATERN, ridge=0.1, rank=400, rng=0)(twice, targets)
    exact = kernel_ridge(MATERN, ridge=0.1)(twice, targets)
    assert (predict(NEW)[:, 0] == 0).all()
    np.testing.assert_allclose(predict(NEW), exact(NEW), atol=1e-4)


def test_the_seed_is_the_result():
    """To the bit."""
    one, same = (
        large_kernel_ridge(MATERN, ridge=0.1, rank=50, rng=7)(X, Y)(NEW)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, same)


def test_too_few_steps_are_said():
    """With how far it came, and what would help."""
    learn = large_kernel_ridge(MATERN, ridge=1e-6, rank=1, steps=5, rng=0)
    with pytest.raises(RuntimeError, match=r"after 6 products .* raise steps, rank or"):
        learn(X, Y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ridge": 0}, "ridge must be"),
        ({"ridge": np.nan}, "ridge must be"),
        ({"rank": 0}, "rank must be at least 1"),
        ({"tolerance": 0.0}, "tolerance must be"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"tile": 0}, "tile must be at least 1"),
        ({"rng": "x"}, "rng must be"),
    ],
)
def test_rejects(change, message):
    """Each by its name."""
    with pytest.raises(ValueError, match=message):
        large_kernel_ridge(MATERN, **({"ridge": 1.0} | change))(X, Y)


def test_rejects_data():
    """Targets that do not match, new points that are not finite."""
    learn = large_kernel_ridge(MATERN, ridge=1.0, rank=10, rng=0)
    with pytest.raises(ValueError, match="Y must be finite and"):
        learn(X, Y[:-1])
    with pytest.raises(ValueError, match="X_new must be finite"):
        learn(X, Y)(np.full((2, 4), np.inf))
