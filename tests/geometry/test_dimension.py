"""Intrinsic dimension: planted, embedded, with honest error bars."""

from dataclasses import astuple

import numpy as np
import pytest
from thorough import exhaustive, first_of, long

from scalinglib import geometry
from scalinglib.geometry import levina_bickel, two_nn
from scalinglib.geometry.dimension.ratios import _linked

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
ESTIMATORS = pytest.mark.parametrize(
    "estimate", [two_nn, lambda X, **torus: levina_bickel(X, 5, **torus)]
)


@SEEDS
@ESTIMATORS
@pytest.mark.parametrize("d", [1, 2, 5])
def test_dimension_of_a_torus_is_found(seed, estimate, d):
    """Without edges or curvature the planted dimension is within four errors."""
    found = estimate(geometry.torus(d).sample(3000, rng=seed), period=1)
    assert abs(found.value - d) < 4 * found.stderr
    assert found.stderr < 0.05 * d


@SEEDS
@ESTIMATORS
def test_only_the_intrinsic_dimension_counts(seed, estimate):
    """A rotation into fifty dimensions changes nothing; bending it next to nothing."""
    X = geometry.cube(2).sample(2000, rng=seed)
    flat = estimate(X)
    straight = estimate(geometry.embedding(2, 50, rng=seed)(X))
    bent = estimate(geometry.embedding(2, 50, curvature=0.05, rng=seed)(X))
    assert straight.value == pytest.approx(flat.value, abs=1e-9)
    assert bent.value == pytest.approx(flat.value, abs=3 * flat.stderr)


@ESTIMATORS
def test_units_do_not_matter(estimate):
    """Scaling and shifting the data changes neither estimate nor error."""
    X = geometry.sphere(2).sample(800, rng=0)
    found, other = (astuple(estimate(points)) for points in (X, 1e3 * X + 7))
    np.testing.assert_allclose(other, found, rtol=1e-6)


@long
@pytest.mark.parametrize("d", first_of([2, 5]))
@ESTIMATORS
def test_error_bars_cover_the_truth(d, estimate):
    """Of 100 data sets 90 to 98 intervals of 95 % hold the planted dimension."""
    torus = geometry.torus(d)
    found = [estimate(torus.sample(1000, rng=seed), period=1) for seed in range(100)]
    assert 90 <= sum(f.covers(d) for f in found) <= 98


THOUSANDS = first_of([(2, 20_000), (5, 20_000), (10, 12_000)])


@ESTIMATORS
@pytest.mark.parametrize(("d", "N"), THOUSANDS)
def test_thousands_of_points_are_enough(d, N, estimate):
    """The dimension of a torus is found within five per cent, four errors or more."""
    X = geometry.torus(d).sample(N, rng=0)
    found = estimate(X, period=1)
    assert found.value == pytest.approx(d, rel=0.05)
    assert found.stderr < 0.05 * d / 4


def test_links_go_both_ways():
    """Two points are linked if one is a neighbour of the other, and each to itself."""
    index = np.array([[1], [2], [1], [0]])
    expected = [[1, 1, 0, 1], [1, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]]
    np.testing.assert_array_equal(_linked(index).toarray(), expected)


@pytest.mark.filterwarnings("ignore::scalinglib.geometry.DimensionWarning")
def test_error_is_never_below_the_textbook():
    """Where neighbours happen to repel each other the variance has a floor."""
    errors = []
    for seed in range(40):
        X = geometry.cube(3).sample(12, rng=seed)
        d = two_nn(X)
        errors.append(d.stderr / (d.value / np.sqrt(12)))
    assert min(errors) == pytest.approx(1)
    assert max(errors) > 1.2


@exhaustive
def test_textbook_error_is_too_small():
    """Neighbours share neighbours: d / √(N (k − 1)) is below the scatter by 15 %."""
    torus, k, N = geometry.torus(2), 10, 1000
    found = [
        levina_bickel(torus.sample(N, rng=seed), k, period=1).value
        for seed in range(100)
    ]
    assert np.std(found, ddof=1) > 1.15 * 2 / np.sqrt(N * (k - 1))


def test_two_neighbours_are_the_case_k_2():
    """TwoNN is the Levina–Bickel estimate with two neighbours."""
    X = geometry.ball(3).sample(300, rng=0)
    assert astuple(two_nn(X)) == astuple(levina_bickel(X, 2))
    ratio = [np.sort(np.linalg.norm(X - x, axis=1))[1:3] for x in X]
    mean = np.mean([np.log(r2 / r1) for r1, r2 in ratio])
    assert two_nn(X).value == pytest.approx(1 / mean)


RNG = np.random.default_rng(0)
SPOILED = {
    "look like copies": lambda X: np.vstack([X, X[:20] * (1 + 1e-7)]),
    "rounding makes": lambda X: RNG.permutation(np.unique(np.round(X / 0.05), axis=0)),
    "too few for d near": lambda X: RNG.standard_normal((500, 20)),
    "the one before or after": lambda X: np.cumsum(X - 0.5, axis=0),
}


@pytest.mark.parametrize("doubt", SPOILED)
@ESTIMATORS
def test_what_spoils_an_estimate_is_said(estimate, doubt):
    """A warning for each assumption that fails, with the remedy; else there is none."""
    X = np.random.default_rng(0).random((2000, 3))
    estimate(X)
    with pytest.warns(geometry.DimensionWarning, match=doubt) as said:
        estimate(SPOILED[doubt](X))
    assert all("geometry.dimension.estimate" in str(one.message) for one in said)
    assert said[0].filename == __file__


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X: two_nn(X[:3]), r"X must have shape \(D, n\) with D >= 4"),
        (lambda X: levina_bickel(X, 1), "k must be at least 2, got 1"),
        (lambda X: levina_bickel(X, 49), "k must be at most N - 2 = 48, got 49"),
        (lambda X: levina_bickel(X, 2.0), "k must be a whole number, got 2.0"),
        (lambda X: two_nn(np.vstack([X, X[7:8]])), "distinct rows, got one at row 7"),
        (lambda X: two_nn(X * np.nan), "X must be finite, got nan"),
        (lambda X: two_nn(X, period=0), "period must be above zero"),
        (lambda X: two_nn(np.eye(6)), "X must not be a lattice"),
    ],
)
def test_rejects_what_has_no_dimension(call, message):
    """Too few points, repeated points, k out of range and nan are named."""
    with pytest.raises(ValueError, match=message):
        call(geometry.cube(2).sample(50, rng=0))
