"""Nearest neighbours: found, far away as theory says, and learned from."""

from math import gamma, pi

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial import distance_matrix
from thorough import first_of

from scalinglib import geometry
from scalinglib.geometry import (
    expected_distance,
    k_nearest,
    lipschitz_constant,
    nearest,
    piecewise_linear,
)
from scalinglib.geometry.distances import _volume_in_cube
from scalinglib.geometry.searching import _dimension_at_a_glance, _fastest

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
NAN = [[0.0, np.nan]]


def by_hand(X, Q, k, period=None):
    """Distances and indices of the k nearest, from all distances."""
    if period is None:
        gap = distance_matrix(Q, X)
    else:
        apart = np.abs(Q[:, None] - X) % period
        gap = np.linalg.norm(np.minimum(apart, period - apart), axis=2)
    index = np.argsort(gap, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(gap, index, 1), index


@SEEDS
@pytest.mark.parametrize("method", ["auto", "tree", "brute"])
@pytest.mark.parametrize("n", [1, 2, 5, 30])
@pytest.mark.parametrize("k", [1, 3, 40])
def test_finds_what_all_distances_find(seed, method, n, k):
    """Both methods against all distances, few neighbours and all."""
    rng = np.random.default_rng(seed)
    X, Q = rng.standard_normal((40, n)), rng.standard_normal((70, n))
    distance, index = nearest(X, k=k, method=method)(Q)
    expected = by_hand(X, Q, k)
    np.testing.assert_allclose(distance, expected[0], rtol=1e-12)
    np.testing.assert_array_equal(index, expected[1])


@SEEDS
@pytest.mark.parametrize("d", [1, 2, 3])
def test_finds_neighbours_around_the_torus(seed, d):
    """With a period distances go around, whichever cell the coordinates are in."""
    rng = np.random.default_rng(seed)
    X, Q = rng.uniform(-2, 2, (50, d)), rng.uniform(-2, 2, (60, d))
    distance, index = nearest(X, k=4, period=0.7)(Q)
    expected = by_hand(X, Q, 4, 0.7)
    np.testing.assert_allclose(distance, expected[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(index, expected[1])


@SEEDS
@pytest.mark.parametrize(("d", "n"), [(1, 50), (2, 20)])
@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e30])
def test_a_sheet_in_many_dimensions_is_seen(seed, d, n, unit):
    """A glance tells the planted dimension, in any unit, and a sheet gets the tree."""
    X = geometry.embedding(d, n, rng=seed)(geometry.cube(d).sample(2000, rng=seed))
    assert _dimension_at_a_glance(unit * X) == pytest.approx(d, rel=0.4)
    assert _fastest(unit * X, None) == "tree"


@SEEDS
def test_what_fills_its_space_is_searched_by_brute_force(seed):
    """Twenty dimensions are twenty, of points that all coincide nothing is known."""
    X = geometry.cube(20).sample(2000, rng=seed)
    assert _dimension_at_a_glance(X) > 10
    assert _fastest(X, None) == _fastest(np.ones((2000, 20)), None) == "brute"


@SEEDS
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
@pytest.mark.parametrize("size", [1e-30, 1e-3, 1.0, 1e30])
def test_single_precision_hides_no_neighbour(seed, offset, size):
    """Clusters finer than single precision resolves, far from the origin, any unit."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((5, 20))
    X = np.repeat(centres, 40, axis=0) + 1e-7 * rng.standard_normal((200, 20))
    Q = np.repeat(centres, 3, axis=0) + 1e-7 * rng.standard_normal((15, 20))
    X, Q = size * (X + offset), size * (Q + offset)
    with np.errstate(over="ignore"):
        expected = by_hand(X, Q, 2)
    distance, index = nearest(X, k=2, method="brute")(Q)
    np.testing.assert_array_equal(index, expected[1])
    np.testing.assert_allclose(distance, expected[0])


def test_queries_far_away_and_all_points_equal():
    """What overflows single precision is still answered, and ties are ties."""
    find = nearest(np.random.default_rng(0).random((50, 20)), method="brute")
    distance, _ = find(np.full((1, 20), 1e60))
    np.testing.assert_allclose(distance, np.sqrt(20) * 1e60)
    distance, _ = nearest(np.ones((9, 20)), k=3, method="brute")(np.ones((2, 20)))
    assert (distance == 0).all()


@pytest.mark.parametrize("d", [1, 2, 3])
def test_blocks_do_not_matter(d, monkeypatch):
    """Searching a few queries at a time gives what searching all gives."""
    X, Q = geometry.cube(d).sample(300, rng=0).reshape(2, 150, d)
    whole = nearest(X, k=3, method="brute")(Q)
    monkeypatch.setattr("scalinglib.geometry.searching._BLOCK", 1000)
    parts = nearest(X, k=3, method="brute")(Q)
    np.testing.assert_array_equal(whole[1], parts[1])


@pytest.mark.parametrize(("d", "D"), [(1, 1), (1, 30), (2, 200), (3, 2000)])
def test_expected_distance_is_the_integral(d, D):
    """Where the ball fits it is the integral of the chance that no point is nearer."""
    V = pi ** (d / 2) / gamma(d / 2 + 1)
    integral, _ = quad(lambda s: (1 - V * s**d) ** D, 0, V ** (-1 / d))
    assert expected_distance(D, d) == pytest.approx(integral, rel=1e-8)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_expected_distance_of_one_point(d):
    """One point: the mean length of a vector in the cube around the origin."""
    x, weight = np.polynomial.legendre.leggauss(14)
    grid = np.stack(np.meshgrid(*[x / 2] * d), axis=-1).reshape(-1, d)
    weights = np.prod(np.stack(np.meshgrid(*[weight / 2] * d), axis=-1), axis=-1)
    mean = weights.ravel() @ np.linalg.norm(grid, axis=1)
    assert expected_distance(1, d) == pytest.approx(mean, rel=2e-3)


@pytest.mark.parametrize("d", [2, 3, 4, 8])
def test_volume_in_the_cube(d):
    """A ball inside fills its own volume; one that holds the cube fills the cube."""
    share = _volume_in_cube(d)
    V = pi ** (d / 2) / gamma(d / 2 + 1)
    small = np.array([0.1, 0.3, 0.5])
    np.testing.assert_allclose(share(small), V * small**d, rtol=1e-5, atol=1e-9)
    assert share(np.sqrt(d) / 2) == pytest.approx(1, abs=1e-6)
    X = np.random.default_rng(0).random((100_000, d)) - 0.5
    for s in (0.6, 0.8):
        inside = (np.linalg.norm(X, axis=1) < s).mean()
        assert share(s) == pytest.approx(inside, abs=4 * 0.5 / np.sqrt(100_000))


@SEEDS
@pytest.mark.parametrize(
    ("d", "D"),
    [(1, 10), (1, 10_000), (2, 1), (2, 100), (3, 10), (4, 1000), (6, 10), (8, 10)],
)
def test_expected_distance_is_measured(seed, d, D):
    """The mean over fresh points and fresh data agrees within four standard errors."""
    rng, trials = np.random.default_rng([seed, d]), 30
    means = []
    for _ in range(trials):
        X, Q = rng.random((D, d)), rng.random((200, d))
        means.append(nearest(X, period=1)(Q)[0].mean())
    error = np.std(means, ddof=1) / np.sqrt(trials)
    assert abs(np.mean(means) - expected_distance(D, d)) < 4 * error


def test_expected_distance_tends_to_its_law():
    """For many points it is D^(−1/d) with the constant stated, to 1/D."""
    D = np.array([1e3, 1e6, 1e13])
    for d in (1, 2, 16):
        V = np.pi ** (d / 2) / gamma(d / 2 + 1)
        law = gamma(1 + 1 / d) * (V * D) ** (-1 / d)
        np.testing.assert_allclose(expected_distance(D, d) / law, 1, atol=2 / D[0])
        assert expected_distance(1e13, d) == pytest.approx(law[-1], rel=1e-11)


@SEEDS
@pytest.mark.parametrize("k", [1, 4])
def test_k_nearest_averages_targets(seed, k):
    """The prediction is the mean target of the neighbours; one target or several."""
    rng = np.random.default_rng(seed)
    X, Q, Y = rng.random((40, 3)), rng.random((9, 3)), rng.random((40, 2))
    index = by_hand(X, Q, k)[1]
    predict = k_nearest(k=k)(X, Y)
    np.testing.assert_allclose(predict(Q), Y[index].mean(axis=1))
    np.testing.assert_allclose(k_nearest(k=k)(X, Y[:, 0])(Q), predict(Q)[:, 0])


@SEEDS
@pytest.mark.parametrize("learn", [k_nearest(), piecewise_linear()])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_interpolators_interpolate(seed, learn, d):
    """At the training points the prediction is the target."""
    X = geometry.ball(d).sample(60, rng=seed)
    Y = np.random.default_rng(seed).standard_normal((60, 2))
    np.testing.assert_allclose(learn(X, Y)(X), Y, atol=1e-9)


@SEEDS
@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_piecewise_linear_reproduces_linear_functions(seed, d):
    """Inside of the hull a linear target is reproduced; outside nothing is nan."""
    rng = np.random.default_rng(seed)
    X, slope = geometry.cube(d).sample(80, rng=seed), rng.standard_normal(d)
    predict = piecewise_linear()(X, X @ slope + 1)
    inside = rng.dirichlet(np.ones(80), size=30) @ X
    np.testing.assert_allclose(predict(inside), inside @ slope + 1)
    assert np.isfinite(predict(rng.uniform(-1, 2, (50, d)))).all()


@SEEDS
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("D", [4, 12, 200])
def test_piecewise_linear_goes_around_the_torus(seed, d, D):
    """The same as with all 3^d images, and as after a shift of data and queries."""
    torus = geometry.torus(d)
    X, Q = torus.sample(D, rng=seed), torus.sample(100, rng=seed + 9)
    Y = np.random.default_rng(seed).standard_normal(D)
    predict = piecewise_linear(period=1)(X, Y)
    shifts = np.stack(np.meshgrid(*[[-1, 0, 1]] * d), axis=-1).reshape(-1, 1, d)
    images, targets = (X + shifts).reshape(-1, d), np.tile(Y, 3**d)
    np.testing.assert_allclose(predict(Q), piecewise_linear()(images, targets)(Q))
    moved = piecewise_linear(period=1)(X + 0.3, Y)(Q + 0.3 - 2)
    np.testing.assert_allclose(predict(Q), moved, atol=1e-9)


@SEEDS
@pytest.mark.parametrize("offset", [0, 1e5, 1e8])
def test_piecewise_linear_far_from_the_origin(seed, offset):
    """A triangulation loses no point to rounding where coordinates are large."""
    X = geometry.cube(2).sample(300, rng=seed) + offset
    Y = np.random.default_rng(seed).standard_normal(300)
    np.testing.assert_allclose(piecewise_linear()(X, Y)(X), Y, atol=1e-4)


def test_clustered_points_cover_the_torus():
    """Points in one corner of a torus predict everywhere, as with all images."""
    cluster = np.stack(np.meshgrid(*[np.linspace(0.45, 0.55, 12)] * 2), -1)
    X = cluster.reshape(-1, 2) + 1e-3 * np.random.default_rng(0).random((144, 2))
    Q = geometry.torus(2).sample(50, rng=0)
    f = piecewise_linear(period=1)(X, X[:, 0])(Q)
    assert np.isfinite(f).all()
    assert (f >= X[:, 0].min()).all()
    assert (f <= X[:, 0].max()).all()


@pytest.mark.parametrize("seed", first_of(range(4)))
def test_few_points_beside_a_clump_are_connected_around_the_torus(seed):
    """Gaps far wider than the mean distance: the same as with all images."""
    rng = np.random.default_rng(seed)
    X = np.vstack([0.4 + 0.1 * rng.random((600, 2)), rng.random((10, 2))])
    Y, Q = rng.standard_normal(610), rng.random((200, 2))
    shifts = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 1, 2)
    expected = piecewise_linear()((X + shifts).reshape(-1, 2), np.tile(Y, 9))(Q)
    np.testing.assert_allclose(piecewise_linear(period=1)(X, Y)(Q), expected, atol=1e-9)


@SEEDS
@pytest.mark.parametrize(
    ("learn", "power", "c"),
    [(k_nearest, 1, 1), (k_nearest, 2, 2), (piecewise_linear, 2, 4)],
)
@pytest.mark.parametrize("d", [1, 2])
def test_ladder(seed, learn, power, c, d):
    """The mean error to a power falls as D^(−c/d), and the next rung is rejected."""
    torus, sizes = geometry.torus(d), 2 ** np.arange(7, 13)
    f = geometry.fourier(d, smoothness=3, modes=4, rng=seed)
    Q = torus.sample(4000, rng=100 + seed)
    X = torus.sample(sizes[-1], rng=seed)
    loss = []
    for D in sizes:
        predict = learn(period=1)(X[:D], f(X[:D]))
        loss.append(np.mean(np.abs(predict(Q) - f(Q)) ** power))
    slope = -np.polyfit(np.log(sizes), np.log(loss), 1)[0]
    assert slope == pytest.approx(c / d, rel=0.1)


@SEEDS
def test_exact_error_on_the_circle(seed):
    """1-NN, f = √2 sin 2πx: the mean absolute error is 4√2 / (2 (D + 1)), nearly."""
    rng, D, trials = np.random.default_rng(seed), 200, 60
    errors = []
    for _ in range(trials):
        X, Q = rng.random((D, 1)), rng.random((500, 1))
        f = [np.sqrt(2) * np.sin(2 * np.pi * Z[:, 0]) for Z in (X, Q)]
        predict = k_nearest(period=1)(X, f[0])
        errors.append(np.abs(predict(Q) - f[1]).mean())
    error = np.std(errors, ddof=1) / np.sqrt(trials)
    assert abs(np.mean(errors) - 4 * np.sqrt(2) / (2 * (D + 1))) < 4 * error


@SEEDS
def test_lipschitz_constant_is_reached_and_not_exceeded(seed):
    """From below, and near to the largest gradient where points are dense."""
    X = geometry.torus(1).sample(4000, rng=seed)
    f = geometry.fourier(1, smoothness=2, modes=5, rng=seed)
    steepest = np.abs(f.gradient(np.linspace(0, 1, 10_001)[:, None])).max()
    found = lipschitz_constant(f(X), X, distance=geometry.torus(1).distance)
    assert 0.98 * steepest < found <= steepest * (1 + 1e-6)


def test_lipschitz_constant_looks_beyond_the_nearest():
    """The steepest pair is found where each point has a flatter one nearer by."""
    x = np.array([0.0, 0.1, 1.0, 1.1, 2.0, 2.1])  # pairs of equal values
    f = np.array([0.0, 0.0, 9.0, 9.0, 0.0, 0.0])
    assert lipschitz_constant(f, x[:, None]) == pytest.approx(9 / 0.9)


@SEEDS
def test_lipschitz_constant_by_all_distances(seed):
    """The steepest of all points to their ten nearest, whichever end is higher."""
    rng = np.random.default_rng(seed)
    X = np.vstack([rng.standard_normal((30, 2)), [[20.0, 0.0]]])
    f = np.r_[rng.standard_normal(30), 1000.0]
    gap = np.linalg.norm(X[:, None] - X, axis=2)
    ten = np.argsort(gap, axis=1)[:, 1:11]
    rows = np.repeat(np.arange(31), 10), ten.ravel()
    expected = (np.abs(f[rows[0]] - f[rows[1]]) / gap[rows]).max()
    seen = []

    def distance(A, B):
        seen.append((A, B))
        return np.linalg.norm(A - B, axis=1)

    for values in (f, -f):
        found = lipschitz_constant(values, X, distance=distance)
        assert found == pytest.approx(expected, rel=1e-12)
    for A, B in seen:
        pairs = sorted(map(tuple, np.hstack([A, B])))
        assert pairs == sorted(map(tuple, np.hstack([X[i] for i in rows])))


@pytest.mark.parametrize("x", [-1e-20, 1 - 1e-20, 1.0, -3.0])
def test_wrapping_stays_in_the_cell(x):
    """What rounding would put at the far end of the period is at its beginning."""
    distance, index = nearest([[0.0], [0.4]], period=1)([[x]])
    assert (distance[0, 0], index[0, 0]) == (0, 0)
    distance, index = nearest([[0.0, x], [0.4, 0.4]], period=1)([[x, 0.0]])
    assert (distance[0, 0], index[0, 0]) == (0, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nearest(np.empty((0, 2))), r"X must have shape .*got \(0, 2\)"),
        (lambda: nearest([1.0, 2.0]), r"X must have shape \(D, n\) .*got \(2,\)"),
        (lambda: nearest(NAN), r"X must be finite, got nan at \(0, 1\)"),
        (lambda: nearest([[0.0]], k=2), "k must be at most D = 1, got 2"),
        (lambda: nearest([[0.0]], k=0), "k must be at least 1, got 0"),
        (lambda: nearest([[0.0]], period=0), "period must be above zero, got 0"),
        (
            lambda: nearest([[0.0]], method="ball"),
            "method must be one of 'auto', 'tree'",
        ),
        (
            lambda: nearest([[0.0]], method="brute", period=1),
            "method must not be 'brute' where there is a period",
        ),
        (
            lambda: nearest([[0.0]])([[0.0, 1.0]]),
            r"X_new must have shape \(D, 1\) .*got \(1, 2\)",
        ),
        (lambda: nearest([[0.0, 1.0]])(NAN), "X_new must be finite, got nan"),
        (lambda: k_nearest(k=0), "k must be at least 1, got 0"),
        (lambda: k_nearest()([[0.0]], [1.0, 2.0]), r"Y must be \(D,\) or .*D = 1"),
        (lambda: k_nearest()([[0.0]], [np.inf]), "Y must be finite, got nan or inf"),
        (lambda: piecewise_linear(period=-1), "period must be above zero, got -1"),
        (
            lambda: piecewise_linear()([[0, 0], [1, 0]], [1, 2]),
            "X must hold at least 3 points in 2 dimensions, got 2",
        ),
        (
            lambda: piecewise_linear()([[0, 0], [1, 1], [2, 2]], [1, 2, 3]),
            "X must not lie in a plane of lower dimension",
        ),
        (
            lambda: piecewise_linear()([[0.0], [0.0]], [1, 2]),
            "X must hold distinct rows",
        ),
        (
            lambda: piecewise_linear()(np.eye(9, 7), np.ones(9)),
            "X must have at most 6 columns, got 7",
        ),
        (lambda: expected_distance(0, 1), "D must be finite and positive, got 0"),
        (lambda: expected_distance(0.5, 1), "D must be at least 1, got 0.5"),
        (lambda: expected_distance(1, 0), "d must be at least 1, got 0"),
        (lambda: lipschitz_constant([1.0], [[0.0]]), "X must have .*D >= 2"),
        (
            lambda: piecewise_linear(period=1)([[0.25], [1.25]], [0, 1]),
            "X must hold distinct rows",
        ),
        (
            lambda: lipschitz_constant([[1.0], [2.0]], [[0.0], [1.0]]),
            r"f must be \(N,\) with N = 2, got \(2, 1\)",
        ),
        (lambda: nearest([[1e160], [2e160]]), "X must be in other units.*1e150"),
        (lambda: nearest([[0.0], [1e-150]]), "X must be in other units.*1e-140"),
        (lambda: nearest(np.eye(3))([[1e200] * 3]), "X_new must be at most 1e150"),
        (lambda: expected_distance(1, 101), "d must be at most 100, got 101"),
        (
            lambda: lipschitz_constant([1.0, 2.0, 3.0], [[1.0], [0.0], [0.0]]),
            "X must hold distinct rows, got one at row 1",
        ),
        (
            lambda: lipschitz_constant(
                [1.0, 2.0], [[0.0], [1.0]], distance=lambda X, Y: X - Y
            ),
            r"distance must return a positive number .* \(2,\), got \(2, 1\)",
        ),
        (lambda: lipschitz_constant([1.0], [[0.0], [1.0]]), r"f must be \(D,\)"),
    ],
)
def test_rejects_what_has_no_neighbours(call, message):
    """Empty sets, duplicates, k above D, wrong dimensions, nan: each is named."""
    with pytest.raises(ValueError, match=message):
        call()
