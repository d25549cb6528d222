"""Unbiased traces of powers of a covariance, and how much they scatter."""

from itertools import permutations

import numpy as np
import pytest
from thorough import long

from scalinglib.geometry.dimension import scatter
from scalinglib.geometry.dimension.balls import Cloud
from scalinglib.geometry.dimension.moments import Moments, closed_walks, second, third


def traces(Z):
    """The four traces of batches of points (m, n, p), by the package."""
    G = Z @ Z.swapaxes(1, 2)
    g = np.einsum("mii->mi", G).copy()
    H = G - np.einsum("mi,ij->mij", g, np.eye(Z.shape[1]))
    h, e, cubes = (np.sum(H**p, axis=2) for p in (1, 2, 3))
    bridge = np.einsum("mi,mij,mj->m", h, H, h)
    n = Z.shape[1]
    ring = closed_walks(Z, g, e)
    return *second(g, h, e, n), third(h, e, cubes, ring, bridge, n)


@pytest.mark.parametrize(("n", "p"), [(7, 3), (6, 9)])
def test_traces_are_averages_over_different_points(n, p):
    """Of differences of disjoint pairs, all orders of them: by hand."""
    x = np.random.default_rng(n).exponential(size=(n, p))
    pairs = [(x[i] - x[j], x[k] - x[m]) for i, j, k, m in permutations(range(n), 4)]
    first = np.mean([a @ a / 2 for a, _ in pairs])
    first_squared = np.mean([(a @ a) * (b @ b) / 4 for a, b in pairs])
    squares = np.mean([(a @ b) ** 2 / 4 for a, b in pairs])
    cubes = []
    for i, j, k, m, q, r in permutations(range(n), 6):
        a, b, c = x[i] - x[j], x[k] - x[m], x[q] - x[r]
        cubes.append((a @ b) * (b @ c) * (c @ a) / 8)
    expected = first, first_squared, squares, np.mean(cubes)
    np.testing.assert_allclose(np.ravel(traces(x[None])), expected, rtol=1e-9)


def test_traces_do_not_depend_on_the_origin():
    """A shift of all points changes none."""
    Z = np.random.default_rng(0).random((2, 12, 4))
    moved = traces(Z + np.array([1, -1, 0, 2]))
    np.testing.assert_allclose(moved, traces(Z), rtol=1e-6)


@long
@pytest.mark.parametrize("n", [8, 16])
def test_traces_are_unbiased(n):
    """On average those of the covariance, whatever the distribution: four errors."""
    sd = np.array([1.0, 0.7, 0.2])
    Z = np.random.default_rng(n).exponential(size=(40_000, n, 3)) * sd
    expected = [(sd**2).sum(), (sd**2).sum() ** 2, (sd**4).sum(), (sd**6).sum()]
    for found, truth in zip(traces(Z), expected, strict=True):
        error = found.std() / np.sqrt(len(found))
        assert abs(found.mean() - truth) < 4 * error
        assert error < 0.1 * truth
    naive = np.array([np.cov(z.T) for z in Z[:4000]])
    assert np.einsum("mij,mji->m", naive, naive).mean() > 1.2 * expected[2]


def test_noise_is_taken_off():
    """Moments of Σ + s 𝟙 without s are those of Σ."""
    spectrum, s = np.array([3.0, 2.0, 0.5, 0.0]), 0.3
    powers = [
        np.array([(v**p).sum()]) for v in (spectrum, spectrum + s) for p in (1, 2, 3)
    ]
    clean, noisy = powers[:3], powers[3:]
    found = Moments(noisy[0], noisy[0] ** 2, noisy[1], noisy[2]).without_noise(s, 4)
    for value, truth in (
        (found.first, clean[0]),
        (found.first_squared, clean[0] ** 2),
        (found.second, clean[1]),
        (found.third, clean[2]),
    ):
        np.testing.assert_allclose(value, truth)


@pytest.mark.parametrize("d", [2, 5])
def test_logarithms_count_equal_eigenvalues(d):
    """Equal eigenvalues give −log d; small ones count less in the third moment."""
    flat = Moments(*(np.array([1.0 * v]) for v in (d, d**2, d, d)))
    np.testing.assert_allclose(flat.logarithms(), -np.log(d))
    small = np.full(10, 0.05)
    bent = Moments(
        d + small.sum(),
        (d + small.sum()) ** 2,
        d + (small**2).sum(),
        d + (small**3).sum(),
    )
    y2, y3 = bent.logarithms()
    assert np.exp(-y2) > d * (1 + 1.5 * small.sum() / d)
    assert d < np.exp(-y3) < d * (1 + 4 * (small**2).sum() / d)


def test_balls_move_to_where_they_are_full():
    """At the edge of a square the points are half a disc, but for the move."""
    X = np.random.default_rng(0).random((4000, 2))
    edge = np.flatnonzero(X[:, 0] < 0.005)
    balls = Cloud(X).balls(edge, 64)
    assert (balls.centres[:, 0] > 0.6 * np.sqrt(balls.squared)).all()
    moved = balls.moments()[0].averaged().logarithms()[0]
    assert np.exp(-moved) == pytest.approx(2, rel=0.02)
    distance, index = Cloud(X).nearest(X[edge], 64)
    held = type(balls)(balls.cloud, X[edge], index[:, 1:], distance[:, -1] ** 2)
    left = held.moments()[0].averaged().logarithms()[0]
    assert np.exp(-left) < 1.9


def test_moments_of_parts_are_those_of_the_points_in_them():
    """Parts as sets of columns, or the same points alone."""
    X = np.random.default_rng(0).random((300, 3))
    balls = Cloud(X).balls(np.arange(20), 30)
    part = np.random.default_rng(1).random(300) < 0.5
    _, of_parts = balls.moments(parts=part[:, None], part_cubes=True)
    for ball in range(20):
        inside = X[balls.index[ball]][part[balls.index[ball]]]
        Z = inside / np.sqrt(balls.squared[ball])
        expected = np.ravel(traces(Z[None]))
        found = [
            getattr(of_parts, name)[ball, 0]
            for name in ("first", "first_squared", "second", "third")
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize("order", [1, 2])
def test_order_of_a_statistic_is_told_by_parts(order):
    """Variance of a mean over points, and of one over pairs that sees no points."""
    rng, N = np.random.default_rng(order), 400

    def statistic(x):
        if order == 1:
            return x.mean()
        return (x.sum() ** 2 - (x**2).sum()) / (len(x) * (len(x) - 1))

    found = []
    for _ in range(150):
        x = rng.standard_normal(N)
        parts = scatter.labelled_parts(N, rng)
        halves, quarters = (
            np.array([[statistic(x[w]) for w in part.T]]) for part in parts
        )
        two, four = scatter.between(halves, 2)[0], scatter.between(quarters, 4)[0]
        found.append((two, four))
    two, four = np.mean(found, axis=0)
    truth = 1 / N if order == 1 else 2 / N**2
    assert two == pytest.approx(2 ** (order - 1) * truth, rel=0.15)
    assert four == pytest.approx(4 ** (order - 1) * truth, rel=0.15)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_variance_of_the_whole_from_halves_and_quarters(order):
    """Halved for pairs, kept for points; not divided by more for triples."""
    k, rng = np.array([8.0, 16, 32, 64]), np.random.default_rng(order)
    whole = 0.3 * k**-1.5
    of = {
        S: np.sqrt(whole * S ** (order + 1))[:, None] * rng.standard_normal((4, 8000))
        for S in (2, 4)
    }
    found = scatter.order_and_variance(of[2], of[4], k)
    np.testing.assert_allclose(found, whole * 2 ** max(order - 1, 0), rtol=0.1)


def test_halves_are_disjoint_and_blocks_stay_together():
    """Each split covers all points once; a block is in one part."""
    halves, quarters = scatter.labelled_parts(103, np.random.default_rng(0), block=10)
    for parts, count in ((halves, 2), (quarters, 4)):
        assert (parts.reshape(103, -1, count).sum(axis=2) == 1).all()
        blocks = parts[:100].reshape(10, 10, -1)
        assert (blocks == blocks[:, :1]).all()
