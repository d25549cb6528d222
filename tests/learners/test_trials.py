"""Learning curves of any learner: by hand, nested or not, and what is refused."""

import functools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from thorough import first_of

from scalinglib import geometry
from scalinglib.geometry import k_nearest
from scalinglib.kernels import laplace
from scalinglib.learners import (
    error_rate,
    feature_ridge,
    fresh_sample,
    kernel_ridge,
    learning_curve,
    least_squares,
    random_split,
    squared_error,
)

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
KERNEL = functools.partial(laplace, bandwidth=1.0)
SIZES = [3, 8, 20]


def data(seed=0, N=40):
    """Points and two smooth targets."""
    X = np.random.default_rng([seed, 1]).standard_normal((N, 3))
    return X, np.stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]], axis=1)


def trial(learn, seed=0, sizes=SIZES, draw=None, **measure):
    """One trial on a random split."""
    draw = draw or random_split(*data(seed), test=15)
    return learning_curve(learn, draw, sizes, **measure)(np.random.default_rng(seed))


def plain(learn):
    """The same learner without its extras."""
    return lambda X, Y: learn(X, Y)


# -- learning curves -----------------------------------------------------------------


@SEEDS
@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_nested_or_not_it_is_the_same_curve(seed, ridge):
    """One factorisation for all sizes, and a fit for each."""
    learn = kernel_ridge(KERNEL, ridge=ridge)
    nested, one_by_one = trial(learn, seed), trial(plain(learn), seed)
    np.testing.assert_allclose(nested, one_by_one, rtol=1e-10)


@SEEDS
@pytest.mark.parametrize("learn", [kernel_ridge(KERNEL), k_nearest()])
def test_curve_is_a_loop_over_sizes(seed, learn):
    """The first D training examples, all test examples, for every D."""
    X, Y, X_test, Y_test = random_split(*data(seed), test=15)(
        np.random.default_rng(seed)
    )
    expected = []
    for D in SIZES:
        f = learn(X[:D], Y[:D])(X_test)
        expected.append(((f - Y_test) ** 2).sum() / 15)
    found = trial(learn, seed)
    assert found.dims == ("D",)
    assert found.D.values.tolist() == SIZES
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_nested_learners_are_asked_once():
    """With the examples that the largest size needs; `learn` itself is not called."""
    asked = []

    def learn(X, Y):
        raise AssertionError

    def nested(X, Y, X_test, sizes):
        asked.append((len(X), len(Y), len(X_test), list(sizes)))
        return np.zeros((len(sizes), len(X_test), 2))

    learn.nested = nested
    trial(learn)
    assert asked == [(20, 20, 15, SIZES)]


def test_a_matrix_that_the_kernel_keeps_is_left_alone():
    """A kernel may return the same matrix each time: two trials are equal."""
    K = np.array([[2.0, 1.0], [1.0, 2.0]])
    before, Y = K.copy(), np.array([4.0, 1.0])
    run = learning_curve(
        kernel_ridge(lambda *_: K), lambda rng: (np.eye(2), Y, np.eye(2), Y), [1, 2]
    )
    first = run(None)
    np.testing.assert_array_equal(K, before)
    xr.testing.assert_identical(run(None), first)


def test_several_learners_and_measures():
    """Dimensions before that of sizes, in this order; each curve as if alone."""
    learners = {"kernel": kernel_ridge(KERNEL), "copy": k_nearest()}
    measures = {"loss": squared_error, "error": error_rate}
    found = trial(learners, measure=measures)
    assert found.dims == ("learner", "measure", "D")
    assert found.shape == (2, 2, 3)
    assert found.measure.values.tolist() == ["loss", "error"]
    for name, learn in learners.items():
        for said, measure in measures.items():
            alone = trial(learn, measure=measure)
            assert set(alone.coords) == {"D"}
            xr.testing.assert_allclose(
                found.sel(learner=name, measure=said, drop=True), alone
            )


def test_one_alone_has_no_dimension_and_one_of_a_dict_has():
    """Names make the dimension, not their number."""
    measures = {"loss": squared_error, "error": error_rate}
    assert trial({"copy": k_nearest()}).dims == ("learner", "D")
    assert trial(k_nearest(), measure=measures).dims == ("measure", "D")
    assert trial(k_nearest(), measure={"e": error_rate}).shape == (1, 3)


def test_sizes_name_their_dimension():
    """Called P by the sizes, it is called P in the curve."""
    P = xr.DataArray(SIZES, coords={"P": SIZES})
    found = trial(k_nearest(), sizes=P)
    xr.testing.assert_identical(found, trial(k_nearest()).rename(D="P"))


def test_one_generator_one_trial():
    """The generator makes the split, and nothing else is random."""
    run = learning_curve(k_nearest(), random_split(*data(), test=15), SIZES)
    first, again, other = (run(np.random.default_rng(s)) for s in (0, 0, 1))
    xr.testing.assert_identical(first, again)
    assert not first.equals(other)


# -- splits and samples --------------------------------------------------------------


@given(st.data())
def test_a_split_is_a_partition(data):
    """Every example once, in training or in the test, inputs beside their targets."""
    N = data.draw(st.integers(2, 20))
    test = data.draw(st.integers(1, N - 1))
    seed = data.draw(st.integers(0, 99))
    i = np.arange(N)
    draw = random_split(i[:, None] * [1, 2], 3 * i, test=test)
    X, Y, X_test, Y_test = draw(np.random.default_rng(seed))
    assert len(X_test) == test
    assert sorted([*X[:, 0], *X_test[:, 0]]) == i.tolist()
    for inputs, targets in ((X, Y), (X_test, Y_test)):
        np.testing.assert_array_equal(inputs[:, 1], 2 * inputs[:, 0])
        np.testing.assert_array_equal(targets, 3 * inputs[:, 0])


@SEEDS
def test_fewer_training_examples_are_the_first_of_more(seed):
    """However many are asked for, the test is the same."""
    X, Y = data(seed)
    some, every = (
        random_split(X, Y, test=15, train=train)(np.random.default_rng(seed))
        for train in (7, None)
    )
    assert [len(part) for part in some] == [7, 7, 15, 15]
    assert len(every[0]) == 25
    for few, many in zip(some, every, strict=True):
        np.testing.assert_array_equal(few, many[: len(few)])


def test_every_example_is_as_likely_anywhere():
    """In the test or first in training, in 600 splits, to 4 standard errors."""
    draw = random_split(np.arange(6), np.arange(6), test=2)
    parts = [draw(np.random.default_rng(seed)) for seed in range(600)]
    tested = np.bincount(np.concatenate([p[2] for p in parts]), minlength=6) / 600
    first = np.bincount([p[0][0] for p in parts], minlength=6) / 600
    assert abs(tested - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 600)
    assert abs(first - 1 / 6).max() < 4 * np.sqrt(5 / 36 / 600)


@SEEDS
def test_fresh_points_are_labelled_and_never_seen(seed):
    """The test first, so that it is the same whatever the number for training."""
    torus, target = geometry.torus(2), geometry.fourier(2, smoothness=1, rng=0)
    small, large = (
        fresh_sample(torus.sample, target, train=train, test=9)(
            np.random.default_rng(seed)
        )
        for train in (5, 50)
    )
    X, Y, X_test, Y_test = large
    assert (X.shape, X_test.shape) == ((50, 2), (9, 2))
    np.testing.assert_array_equal(Y, target(X))
    np.testing.assert_array_equal(Y_test, target(X_test))
    np.testing.assert_array_equal(X_test, small[2])
    assert len({*X[:, 0], *X_test[:, 0]}) == 59


# -- measures ------------------------------------------------------------------------


def test_squared_error_by_hand():
    """Summed over outputs, averaged over points; of one output too."""
    f, Y = [[1.0, 2.0], [0.0, 4.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    assert squared_error(f, Y) == pytest.approx((1 + 4 + 9) / 3)
    assert squared_error([1, 2, 3], [1, 0, 0]) == pytest.approx(13 / 3)


def test_error_rate_by_hand():
    """The largest output decides, however small it is; labels or one-hot targets."""
    f = [[0.1, 0.2, 0.0], [-3.0, -2.0, -4.0], [5.0, 4.0, 4.9], [0.0, 0.0, 0.1]]
    for labels, expected in (([1, 2, 0, 0], 0.5), ([1, 1, 0, 2], 0.0)):
        assert error_rate(f, np.eye(3)[labels]) == expected
        assert error_rate(f, labels) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: squared_error([1.0], [[1.0]]), r"same shape.* got \(1,\) and \(1, 1"),
        (lambda: squared_error([], []), "not empty"),
        (lambda: squared_error(["a"], [1]), "f must hold real numbers"),
        (lambda: error_rate([1, 0], [1, 0]), "f must be .* two classes, got .2,.$"),
        (lambda: error_rate([[1], [0]], [[1], [0]]), "f must be .* two classes"),
        (lambda: error_rate(np.ones((0, 2)), np.ones((0, 2))), "f must be .* two cla"),
        (lambda: error_rate(np.eye(2), np.eye(3)), r"Y must be \(2, 2\) or labels"),
        (lambda: error_rate(np.eye(2), [[1], [0]]), r"Y must be \(2, 2\) or labels"),
        (lambda: error_rate(np.eye(2), [1, 2]), "Y must hold labels .*got 1 to 2"),
        (lambda: error_rate(np.eye(2), [-1, 1]), "Y must hold labels .*got -1 to 1"),
        (lambda: error_rate(np.eye(2), [0.5, 1]), "Y must hold labels 0, …, 1, got"),
    ],
)
def test_measures_reject(call, message):
    """Shapes that differ would broadcast to a wrong number."""
    with pytest.raises(ValueError, match=message):
        call()


# -- ridge regression on features ----------------------------------------------------


def waves(X):
    """Features of points."""
    return np.hstack([np.cos(X), np.sin(2 * X), X**2])


@SEEDS
@pytest.mark.parametrize("D", [4, 30])
@pytest.mark.parametrize("ridge", [1e-2, 1.0])
def test_ridge_on_features_is_that_with_their_kernel(seed, D, ridge):
    """K = f fᵀ with the same ridge, for fewer points than features and for more."""

    def kernel(X, Y=None):
        return waves(X) @ waves(X if Y is None else Y).T

    X, Y = data(seed)
    for targets in (Y, Y[:, 0]):
        primal, dual = (
            learn(X[:D], targets[:D])(X[D:])
            for learn in (
                feature_ridge(waves, ridge=ridge),
                kernel_ridge(kernel, ridge=ridge),
            )
        )
        assert primal.shape == targets[D:].shape
        np.testing.assert_allclose(primal, dual, rtol=1e-8, atol=1e-10)


@SEEDS
def test_without_a_ridge_it_is_least_squares(seed):
    """Of minimum norm, which passes through fewer points than features."""
    X, Y = data(seed)
    learn = feature_ridge(waves)
    np.testing.assert_allclose(learn(X[:5], Y[:5])(X[:5]), Y[:5], atol=1e-9)
    expected = waves(X) @ least_squares(waves(X[:30]), Y[:30]).theta
    np.testing.assert_allclose(learn(X[:30], Y[:30])(X), expected, rtol=1e-12)


def test_feature_ridge_rejects_when_made():
    """Before there are any data."""
    with pytest.raises(ValueError, match="ridge must be a finite number >= 0, got -1"):
        feature_ridge(waves, ridge=-1)


# -- bad input -----------------------------------------------------------------------


class Mean:
    """An estimator in the style of scikit-learn."""

    def fit(self, X, Y):
        """Remember the mean."""
        self.mean = np.mean(Y, axis=0)
        return self

    def predict(self, X):
        """The same everywhere."""
        return np.tile(self.mean, (len(X), 1))


def test_an_estimator_is_refused_with_the_remedy_and_it_works():
    """What the message says to pass is a learner."""
    remedy = r"pass lambda X, Y: clone\(estimator\).fit\(X, Y\).predict"
    for learn in (Mean(), {"copy": k_nearest(), "mean": Mean()}):
        with pytest.raises(ValueError, match=f"learn must be a function .*: {remedy}"):
            trial(learn)
    found = trial(lambda X, Y: Mean().fit(X, Y).predict)
    _, Y, _, Y_test = random_split(*data(), test=15)(np.random.default_rng(0))
    expected = [squared_error(0 * Y_test + Y[:D].mean(axis=0), Y_test) for D in SIZES]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learn": 5}, "learn must be a function or a dict of functions, got 5$"),
        ({"learn": {}}, "learn must not be empty"),
        ({"measure": {}}, "measure must not be empty"),
        ({"measure": {"loss": "mse"}}, "measure must be a function .*got 'mse'"),
        ({"draw": 5}, "draw must be a function of rng, got 5"),
        ({"sizes": [4, 4]}, r"sizes must be increasing .*got \[4, 4\]"),
        ({"sizes": [8, 4]}, "sizes must be increasing integers from 1"),
        ({"sizes": [0, 4]}, "sizes must be increasing integers from 1"),
        ({"sizes": [2.5]}, "sizes must be increasing integers from 1"),
        ({"sizes": []}, "sizes must be increasing integers from 1"),
        ({"sizes": 5}, "sizes must be increasing integers from 1, got 5"),
        ({"sizes": xr.DataArray(5)}, "sizes must be increasing integers from 1"),
    ],
)
def test_learning_curve_rejects_when_made(change, message):
    """Before anything is drawn."""
    given = {"learn": k_nearest(), "draw": lambda rng: None, "sizes": SIZES} | change
    with pytest.raises(ValueError, match=message):
        learning_curve(**given)


ONES = np.ones((20, 1))


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (None, r"draw must return \(X, Y, X_test, Y_test\), got NoneType"),
        ((ONES, ONES, ONES), r"draw must return \(X, Y, X_test, Y_test\), got"),
        ((ONES, ONES[1:], ONES, ONES), "as many targets as inputs.* 20 and 19, 20 and"),
        ((ONES, ONES, ONES, ONES[1:]), "as many targets as inputs.* 20 and 20, 20 and"),
        ((ONES, ONES, ONES[:0], ONES[:0]), "test examples.* 0 and 0"),
        (4 * (ONES[1:],), "sizes must be at most the 19 training examples.* got 20"),
    ],
)
def test_trial_rejects_what_is_drawn(drawn, message):
    """What is no training set and test set, or too small for the largest size."""
    with pytest.raises(ValueError, match=message):
        trial(k_nearest(), draw=lambda rng: drawn)


def test_predictions_of_another_shape_are_refused():
    """(D,) beside (D, 1) would broadcast to (D, D)."""
    with pytest.raises(ValueError, match="f and Y must have the same shape"):
        trial(lambda X, Y: lambda X_new: X_new[:, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_split(ONES, ONES[1:], test=1), "X and Y must have as many row"),
        (lambda: random_split(1.0, 1.0, test=1), "X and Y must have as many rows"),
        (lambda: random_split(ONES, ONES, test=0), "test must be at least 1, got 0"),
        (lambda: random_split(ONES, ONES, test=20), "below the 20 rows of X, got 20"),
        (lambda: random_split(ONES, ONES, test=5, train=16), "at most the 15 .* 16"),
        (lambda: random_split(ONES, ONES, test=5, train=0), "train must be at least 1"),
        (lambda: random_split(ONES, ONES, test=0.2), "test must be a whole number"),
        (lambda: fresh_sample(len, len, train=0, test=1), "train must be at least 1"),
        (lambda: fresh_sample(len, len, train=1, test=0), "test must be at least 1"),
    ],
)
def test_splits_reject(call, message):
    """Numbers of examples that are not there."""
    with pytest.raises(ValueError, match=message):
        call()
