"""Tests of kernel ridge regression and its nested learning curve."""

import functools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from thorough import first_of

from scalinglib.kernels import brownian, laplace, nngp, ntk
from scalinglib.learners import (
    kernel_ridge,
    least_squares,
    leave_one_out,
    nested_predictions,
    teacher_average,
)

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
KERNEL = functools.partial(ntk, depth=2)


def problem(seed, D=60, D_test=20, dtype=np.float64):
    """Draw X, Y, X_test, Y_test of a smooth function of points on a sphere."""
    X = np.random.default_rng(seed).standard_normal((D + D_test, 4))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    Y = np.stack([X[:, 0] * X[:, 1], X[:, 2] ** 2 - 1 / 4, X.sum(1)], axis=1)
    X, Y = X.astype(dtype), Y.astype(dtype)
    return X[:D], Y[:D], X[D:], Y[D:]


@SEEDS
def test_interpolation_at_zero_ridge(seed):
    """Without ridge the prediction passes through the training data."""
    X, Y, _, _ = problem(seed)
    assert_allclose(kernel_ridge(KERNEL)(X, Y)(X), Y, atol=1e-7)


@SEEDS
def test_large_and_small_ridge(seed):
    """As δ → ∞, f δ → K Y with an error of order 1/δ; as δ → 0, f interpolates."""
    X, Y, X_test, _ = problem(seed)
    limit = KERNEL(X_test, X) @ Y
    errors = [
        np.abs(kernel_ridge(KERNEL, ridge=delta)(X, Y)(X_test) * delta - limit).max()
        for delta in (1e6, 1e7)
    ]
    assert errors[0] / errors[1] == pytest.approx(10, rel=1e-3)
    small = kernel_ridge(KERNEL, ridge=1e-10)(X, Y)(X_test)
    assert_allclose(small, kernel_ridge(KERNEL)(X, Y)(X_test), atol=1e-7)


@SEEDS
@pytest.mark.parametrize("ridge", [1e-3, 1.0])
def test_primal_equals_dual(seed, ridge):
    """With the kernel x·y it is ridge regression on the features x."""
    X, Y, X_test, _ = problem(seed)
    fit = kernel_ridge(functools.partial(nngp, depth=0), ridge=ridge)
    w = np.linalg.solve(X.T @ X + ridge * np.eye(4), X.T @ Y)
    assert_allclose(fit(X, Y)(X_test), X_test @ w, rtol=1e-9, atol=1e-10)


@SEEDS
def test_planted_truth(seed):
    """A function of the kernel's space, seen at its centres, is recovered."""
    X, _, X_test, _ = problem(seed)
    truth = np.random.default_rng(seed).standard_normal(len(X))
    predict = kernel_ridge(KERNEL)(X, KERNEL(X) @ truth)
    assert_allclose(predict(X_test), KERNEL(X_test, X) @ truth, rtol=1e-6, atol=1e-6)


@SEEDS
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("columns", [0, slice(0, 1), slice(None)])
def test_nested_predictions_are_separate_solves(seed, ridge, columns):
    """One factorisation gives the prediction of a regression alone, for every D."""
    X, Y, X_test, _ = problem(seed)
    Y = Y[:, columns]
    sizes = [1, 2, 17, 18, 60]
    f = nested_predictions(KERNEL(X), KERNEL(X_test, X), Y, sizes, ridge=ridge)
    alone = [kernel_ridge(KERNEL, ridge=ridge)(X[:D], Y[:D])(X_test) for D in sizes]
    assert f.shape == (len(sizes), len(X_test), *Y.shape[1:])
    assert_allclose(f, alone, rtol=1e-9, atol=1e-10)


@settings(deadline=None)
@given(
    sizes=st.sets(st.integers(1, 30), min_size=1).map(sorted),
    ridge=st.floats(0, 1e3),
    seed=st.integers(0, 2**32),
)
def test_nested_predictions_for_any_sizes(sizes, ridge, seed):
    """Whatever the sizes and the ridge, each D is a regression alone."""
    X, Y, X_test, _ = problem(seed, D=30, D_test=3)
    K = KERNEL(X) + 0.01 * np.eye(30)
    K_test = KERNEL(X_test, X)
    f = nested_predictions(K, K_test, Y, sizes, ridge=ridge)
    for D, found in zip(sizes, f, strict=True):
        alpha = np.linalg.solve(K[:D, :D] + ridge * np.eye(D), Y[:D])
        assert_allclose(found, K_test[:, :D] @ alpha, rtol=1e-8, atol=1e-9)


@SEEDS
def test_points_beyond_the_largest_size_do_not_matter(seed):
    """Points which no size reaches leave the predictions alone, whatever they are."""
    X, Y, X_test, _ = problem(seed)
    K, K_test = KERNEL(X), KERNEL(X_test, X)
    K_other, K_test_other, Y_other = K.copy(), K_test.copy(), Y.copy()
    K_other[40:] = K_other[:, 40:] = K_test_other[:, 40:] = Y_other[40:] = 7
    assert_array_equal(
        nested_predictions(K, K_test, Y, [10, 40]),
        nested_predictions(K_other, K_test_other, Y_other, [10, 40]),
    )


@SEEDS
def test_float32_stays_and_agrees(seed):
    """In float32 the learning curve is right to 1e-4 and stays float32."""
    curves = {}
    for dtype in (np.float32, np.float64):
        X, Y, X_test, Y_test = problem(seed, D=300, dtype=dtype)
        f = nested_predictions(KERNEL(X), KERNEL(X_test, X), Y, [30, 100, 300])
        assert f.dtype == dtype
        curves[dtype] = ((f - Y_test) ** 2).mean((1, 2))
    assert_allclose(curves[np.float32], curves[np.float64], rtol=1e-4)


def test_overwrite_makes_no_second_gram_matrix():
    """The factor lies where K was; without overwrite K is left alone."""
    X, Y, X_test, _ = problem(0, D=1000)
    K, K_test = KERNEL(X), KERNEL(X_test, X)
    before, sizes = K.copy(), [500, 1000]
    f = nested_predictions(K, K_test, Y, sizes, ridge=0.1)
    assert_array_equal(K, before)
    tracemalloc.start()
    in_place = nested_predictions(K, K_test, Y, sizes, ridge=0.1, overwrite=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_array_equal(f, in_place)
    assert peak < 0.1 * K.nbytes
    L = np.tril(K.T)
    assert_allclose(L @ L.T, before + 0.1 * np.eye(1000), atol=1e-10)


@SEEDS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_points_are_refused_or_need_a_ridge(seed, dtype):
    """An exactly repeated row makes K singular: an error says what to do, and it helps.

    With a ridge δ, a point seen twice counts as one point with the ridge δ/2.
    """
    X, Y, X_test, _ = problem(seed, dtype=dtype)
    i = np.r_[0:60, 0:60]
    K, K_test, Y = KERNEL(X)[np.ix_(i, i)], KERNEL(X_test, X)[:, i], Y[i]
    with pytest.raises(ValueError, match=r"K must be positive definite.*pass ridge"):
        nested_predictions(K, K_test, Y, [120])
    twice = nested_predictions(K, K_test, Y, [120], ridge=0.2)[0]
    once = nested_predictions(K[:60, :60], K_test[:, :60], Y[:60], [60], ridge=0.1)[0]
    assert_allclose(twice, once, atol=1e4 * np.finfo(dtype).eps)


def test_rejects_an_indefinite_matrix():
    """The point at which K stops being positive definite is named."""
    K = np.diag([1.0, 1.0, -1.0])
    with pytest.raises(ValueError, match="point 2 has no variance"):
        nested_predictions(K, K[:1], np.ones(3), [1, 3])
    with pytest.raises(ValueError, match="point 2 has no variance"):
        kernel_ridge(lambda X: K)(np.ones((3, 1)), np.ones(3))


GOOD = {"K": np.eye(3), "K_test": np.ones((2, 3)), "Y": np.ones(3), "sizes": [1, 3]}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"K": np.eye(3)[:2]}, r"K must be finite and \(D, D\), got shape \(2, 3\)"),
        ({"K": np.empty((0, 0))}, "K must be finite and"),
        ({"K": np.diag([1, 1, np.nan])}, "K must be finite and"),
        ({"K": np.diag([1, np.inf, 1])}, "K must be finite and"),
        ({"K": np.eye(3)[[1, 2, 0]]}, "K must be symmetric"),
        ({"K_test": np.ones((2, 2))}, r"K_test must be finite and \(D_test, 3\)"),
        ({"K_test": np.full((2, 3), np.nan)}, "K_test must be finite and"),
        ({"Y": np.ones(2)}, r"Y must be finite and \(3,\) or \(3, C\)"),
        ({"Y": np.ones((3, 1, 1))}, "Y must be finite and"),
        ({"Y": [0, 1, np.inf]}, "Y must be finite and"),
        ({"sizes": []}, "sizes must be increasing integers from 1 to 3"),
        ({"sizes": [0, 2]}, "sizes must be increasing integers"),
        ({"sizes": [3, 1]}, "sizes must be increasing integers"),
        ({"sizes": np.array([3, 1], np.uint8)}, "sizes must be increasing integers"),
        ({"sizes": [2, 2]}, "sizes must be increasing integers"),
        ({"sizes": [1, 4]}, "sizes must be increasing integers"),
        ({"sizes": [1.0, 3.0]}, "sizes must be increasing integers"),
        ({"sizes": 3}, "sizes must be increasing integers"),
        ({"ridge": -1.0}, "ridge must be a finite number >= 0, got -1"),
        ({"ridge": np.nan}, "ridge must be a finite number >= 0, got nan"),
    ],
)
def test_nested_predictions_rejects(bad, message):
    """Each bad argument is named, with what is accepted."""
    with pytest.raises(ValueError, match=message):
        nested_predictions(**(GOOD | bad))


def test_kernel_ridge_rejects():
    """The learner checks its choices when made and its data when fitted."""
    with pytest.raises(ValueError, match="ridge must be a finite number >= 0"):
        kernel_ridge(KERNEL, ridge=-0.1)
    with pytest.raises(ValueError, match=r"Y must be finite and \(2,\)"):
        kernel_ridge(KERNEL)(np.eye(2), np.ones(3))


def test_learner_keeps_its_own_points():
    """Changing the array after the fit does not change the predictor."""
    x = np.array([[1.0], [2.0]])
    predict = kernel_ridge(lambda X, Y=None: np.minimum(X, (X if Y is None else Y).T))(
        x, [3.0, 5.0]
    )
    x[:] = 7
    assert predict(np.array([[1.5]])) == pytest.approx(4)


def test_kernel_matrix_is_not_overwritten():
    """A kernel that returns the same matrix each time finds it unchanged."""
    K = np.array([[2.0, 1.0], [1.0, 2.0]])
    before = K.copy()
    kernel_ridge(lambda *_: K, ridge=0.1)(np.ones((2, 1)), [1.0, 2.0])
    np.testing.assert_array_equal(K, before)


FEATURES = {
    "few": (30, 5),
    "square": (12, 12),
    "many": (9, 40),
    "of low rank": (20, 10),
    "of low rank, many": (10, 20),
    "one-hot": (7, 3),
}


def features(shape, seed):
    """Draw features and two outputs."""
    rng = np.random.default_rng(seed)
    D, P = FEATURES[shape]
    f = rng.standard_normal((D, P))
    if "low rank" in shape:
        f = f[:, :4] @ rng.standard_normal((4, P))
    if shape == "one-hot":  # the last feature is there for one point only
        f = np.eye(3)[[0, 0, 0, 1, 1, 1, 2]]
    return f, rng.standard_normal((D, 2))


def minimum_norm(f, Y, ridge):
    """Solve by the pseudo-inverse of the augmented matrix."""
    P = f.shape[1]
    augmented = np.vstack([f, np.sqrt(ridge) * np.eye(P)]) if ridge else f
    zeros = np.zeros((len(augmented) - len(Y), Y.shape[1]))
    return np.linalg.pinv(augmented, 1e-13) @ np.vstack([Y, zeros])


@SEEDS
@pytest.mark.parametrize("shape", FEATURES)
@pytest.mark.parametrize("ridge", [0.0, 1e-6, 0.3])
def test_least_squares_and_every_point_left_out(seed, shape, ridge):
    """Closed forms equal the pseudo-inverse, and a fit without each point in turn."""
    f, Y = features(shape, seed)
    theta, residuals, left_out = least_squares(f, Y, ridge=ridge)
    # Rounding of f, 1e-15, is seen through 1 / √ridge, twice where it is left out.
    tolerance = {"rtol": 1e-6, "atol": 1e-7 if 0 < ridge < 1e-3 else 1e-9}
    assert_allclose(theta, minimum_norm(f, Y, ridge), **tolerance)
    assert_allclose(residuals, Y - f @ theta, atol=1e-7 if ridge else 1e-10)
    for i in range(len(f)):
        others = np.arange(len(f)) != i
        alone = minimum_norm(f[others], Y[others], ridge)
        assert_allclose(left_out[i], Y[i] - f[i] @ alone, **tolerance)
    single = least_squares(f, Y[:, 1], ridge=ridge)
    for part, both in zip(single, (theta, residuals, left_out), strict=True):
        assert_allclose(part, both[:, 1], atol=1e-12)


@SEEDS
@pytest.mark.parametrize("shape", FEATURES)
def test_a_tiny_ridge_changes_nothing(seed, shape):
    """δ → 0 is continuous, also where features are dependent and α grows as 1/δ."""
    f, Y = features(shape, seed)
    none, tiny = (least_squares(f, Y, ridge=ridge).theta for ridge in (0, 1e-10))
    assert_allclose(tiny, none, atol=1e-7)


@SEEDS
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_leave_one_out_of_a_kernel(seed, ridge):
    """It is that of the features which make the kernel."""
    f, Y = features("many", seed)
    found = leave_one_out(f @ f.T, Y, ridge=ridge)
    assert_allclose(found, least_squares(f, Y, ridge=ridge).left_out, rtol=1e-9)
    column = leave_one_out(f @ f.T, Y[:, 0], ridge=ridge)
    assert_allclose(column, found[:, 0], rtol=1e-12)


@SEEDS
def test_left_out_points_estimate_the_test_loss(seed):
    """Their mean square is within a few per cent of the loss on fresh points."""
    rng = np.random.default_rng(seed)
    f, theta = rng.standard_normal((4000, 50)), rng.standard_normal(50)
    Y = f @ theta + rng.standard_normal(4000)
    fit = least_squares(f[:400], Y[:400])
    test = ((Y[400:] - f[400:] @ fit.theta) ** 2).mean()
    assert (fit.left_out**2).mean() == pytest.approx(test, rel=0.25)
    assert (fit.residuals**2).mean() < 0.95 * test


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"f": np.ones(3)}, r"f must have shape \(D, n\)"),
        ({"f": np.full((3, 2), np.nan)}, "f must be finite, got nan"),
        ({"Y": np.ones(4)}, r"Y must be finite and \(3,\) or \(3, C\), got"),
        ({"ridge": -1}, "ridge must be a finite number >= 0, got -1"),
        ({"f": np.full((3, 4), 1e-200)}, "must be of a size whose squares are floats"),
    ],
)
def test_least_squares_rejects(arguments, message):
    """What is no problem of least squares is named."""
    given = {"f": np.eye(3), "Y": np.ones(3)} | arguments
    with pytest.raises(ValueError, match=message):
        least_squares(**given)


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e9])
@pytest.mark.parametrize("ridge", [0.0, 1e-6])
def test_a_point_of_high_leverage_left_out(scale, ridge):
    """One that rules the fit is predicted by the others, without loss of digits."""
    f, Y = np.array([[scale], [1.0], [1.0]]), np.array([0.0, 3.0, 5.0])
    expected = Y[0] - scale * 8 / (2 + ridge)
    found = least_squares(f, Y, ridge=ridge).left_out
    assert found[0] == pytest.approx(expected, rel=1e-6)
    assert_allclose(found[1:], [3, 5], rtol=1e-5)


@SEEDS
def test_equal_features_share_their_coefficient(seed):
    """Also where the ridge is hardly more than rounding."""
    g = np.random.default_rng(seed).standard_normal((12, 3))
    f, Y = np.c_[g, g[:, 0]], np.arange(12.0)
    for ridge in (0.0, 1e-16, 1e-14, 1e-12, 1e-6):
        theta = least_squares(f, Y, ridge=ridge).theta
        assert theta[0] == pytest.approx(theta[3], rel=1e-8)


def test_leave_one_out_leaves_the_matrix_alone():
    """K is the caller's."""
    K = np.array([[2.0, 1.0], [1.0, 2.0]])
    before = K.copy()
    leave_one_out(K, [4.0, 1.0], ridge=0.5)
    assert_array_equal(K, before)


@pytest.mark.parametrize("seed", first_of(range(10)))
@pytest.mark.parametrize("scale", [1e4, 1e9, 1e12])
def test_high_leverage_among_several_features(seed, scale):
    """Predicting the point from the others needs what is left of it: 1 / scale."""
    rng = np.random.default_rng(seed)
    f, Y = rng.standard_normal((8, 3)), rng.standard_normal(8)
    f[0] *= scale
    expected = Y[0] - f[0] @ np.linalg.lstsq(f[1:], Y[1:])[0]
    found = least_squares(f, Y).left_out[0]
    assert found == pytest.approx(expected, rel=1e-9)


# -- averages over teachers ----------------------------------------------------------


def on_the_line(seed, D):
    """Draw uniform times, as a column."""
    return np.random.default_rng(seed).random((D, 1))


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_teacher_average_is_the_mean_over_teachers(seed, ridge):
    """Teachers drawn from another prior have this mean loss, within 4 errors."""
    X, X_test, D = on_the_line(seed, 30), on_the_line(seed + 9, 20), [5, 30]
    student, teacher = functools.partial(laplace, bandwidth=0.3), brownian
    both = np.concatenate([X, X_test])
    root = np.linalg.cholesky(teacher(both) + 1e-12 * np.eye(50))
    Y = root @ np.random.default_rng(seed + 99).standard_normal((50, 4000))
    f = nested_predictions(student(X), student(X_test, X), Y[:30], D, ridge=ridge)
    losses = ((f - Y[30:]) ** 2).mean(axis=1)
    found = teacher_average(
        student(X),
        student(X_test, X),
        teacher(X_test, diagonal=True),
        D,
        teacher=(teacher(X), teacher(X_test, X)),
        ridge=ridge,
    )
    error = losses.std(axis=1) / 4000**0.5
    assert (abs(found - losses.mean(axis=1)) < 4 * error).all()


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_teacher_average_by_two_roads(seed):
    """The short way for a shared kernel agrees with the long one."""
    X, X_test = on_the_line(seed, 40), on_the_line(seed + 9, 20)
    K, K_test = brownian(X), brownian(X_test, X)
    own = brownian(X_test, diagonal=True)
    short = teacher_average(K, K_test, own, [1, 7, 40])
    long = teacher_average(K, K_test, own, [1, 7, 40], teacher=(K, K_test))
    assert_allclose(short, long, rtol=1e-8)
    assert (np.diff(short) < 0).all()


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_brownian_loss_is_that_of_bridges(seed):
    """Between neighbours with a gap g the mean loss is g / 6; behind the last g / 2."""
    X, grid = np.sort(on_the_line(seed, 9), axis=0), (np.arange(20_000) + 0.5) / 20_000
    x = grid[:, None]
    found = teacher_average(brownian(X), brownian(x, X), grid, [9])
    gaps = np.diff(np.r_[0, X[:, 0], 1])
    expected = (gaps[:-1] ** 2).sum() / 6 + gaps[-1] ** 2 / 2
    assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"own": [1.0, 1.0]}, r"own must be finite and \(1,\), with"),
        ({"own": [np.nan]}, "own must be finite"),
        ({"K_test": np.ones((1, 3))}, r"K_test must be finite and \(D_test, 2\)"),
        ({"sizes": [3]}, "sizes must be increasing integers from 1 to 2"),
        ({"ridge": -1}, "ridge must be a finite number >= 0"),
        ({"teacher": (np.eye(3), np.ones((1, 2)))}, "teacher must have a Gram matrix"),
        (
            {"teacher": (np.eye(2), np.ones((1, 3)))},
            "teacher's K_test must be finite and",
        ),
        ({"teacher": (np.eye(2), np.ones((2, 2)))}, "teacher must have 1 test points"),
        ({"teacher": 5}, "teacher must be a pair, got 5"),
        (
            {"teacher": (np.triu(np.ones((2, 2))), None)},
            "teacher's K must be symmetric",
        ),
        ({"K_test": np.zeros((0, 2)), "own": []}, "own must be finite"),
        ({"K_test": [[1e200, 0.0]]}, "K, K_test and own must be of a size whose"),
        ({"K": np.ones((2, 2))}, "K must be positive definite"),
    ],
)
def test_teacher_average_rejects(arguments, message):
    """What has no such mean is named."""
    given = {"K": np.eye(2), "K_test": [[0.5, 0.5]], "own": [1.0], "sizes": [1, 2]}
    with pytest.raises(ValueError, match=message):
        teacher_average(**given | arguments)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_teacher_average_by_the_formula(ridge):
    """Own teacher: K(x, x) − 2 w·k + w·K w with w = (K + δ)⁻¹ k, ridge or not."""
    F = np.random.default_rng(0).standard_normal((30, 60))
    G = F @ F.T
    K, k, own = G[:20, :20], G[20:, :20], G.diagonal()[20:]
    w = np.linalg.solve(K + ridge * np.eye(20), k.T)
    expected = (own + (w * (K @ w - 2 * k.T)).sum(axis=0)).mean()
    (found,) = teacher_average(K, k, own, [20], ridge=ridge)
    assert found == pytest.approx(expected, rel=1e-10)
