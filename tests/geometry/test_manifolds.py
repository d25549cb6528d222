"""Manifolds: uniform points, distances along them, embeddings."""

import numpy as np
import pytest
from scipy.stats import kstest
from thorough import first_of

from scalinglib import geometry
from scalinglib.geometry import curved

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
ALL = [
    *(make(d) for make in (geometry.torus, geometry.cube) for d in (1, 2, 5)),
    *(make(d) for make in (geometry.sphere, geometry.ball) for d in (1, 2, 5)),
    geometry.swiss_roll(),
]
EACH = pytest.mark.parametrize("manifold", ALL, ids=lambda m: m.name)


@EACH
def test_points_are_rows_of_ambient_coordinates(manifold):
    """A sample has the announced shape, and fewer points are a prefix of more."""
    many, few = manifold.sample(50, rng=3), manifold.sample(20, rng=3)
    assert many.shape == (50, manifold.n_ambient)
    np.testing.assert_array_equal(many[:20], few)


@EACH
@SEEDS
def test_distances_make_a_metric(manifold, seed):
    """Zero to itself, symmetric, never shorter than the chord, triangle inequality."""
    X, Y, Z = manifold.sample(600, rng=seed).reshape(3, 200, -1)
    there = manifold.distance(X, Y)
    np.testing.assert_allclose(manifold.distance(X, X), 0, atol=1e-12)
    np.testing.assert_allclose(there, manifold.distance(Y, X), atol=1e-12)
    detour = manifold.distance(X, Z) + manifold.distance(Z, Y)
    assert (there <= detour + 1e-9).all()
    if manifold.period is None:
        assert (there >= np.linalg.norm(X - Y, axis=1) - 1e-9).all()


@SEEDS
@pytest.mark.parametrize("d", [1, 2, 3])
def test_torus_forgets_whole_turns(seed, d):
    """Whole turns change no distance, and none is longer than half the diagonal."""
    torus = geometry.torus(d)
    X, Y = torus.sample(400, rng=seed).reshape(2, 200, d)
    turns = np.random.default_rng(seed).integers(-3, 4, size=Y.shape)
    there = torus.distance(X, Y)
    np.testing.assert_allclose(torus.distance(X, Y + turns), there, atol=1e-12)
    assert there.max() <= np.sqrt(d) / 2


@SEEDS
@pytest.mark.parametrize("d", [1, 2, 4])
def test_balls_and_spheres_are_uniform(seed, d):
    """r^d is uniform in a ball, a coordinate squared Beta(1/2, d/2) on a sphere."""
    ball = geometry.ball(d).sample(2000, rng=seed)
    radius = np.linalg.norm(ball, axis=1)
    assert kstest(radius**d, "uniform").pvalue > 1e-3
    sphere = geometry.sphere(d).sample(2000, rng=seed)
    np.testing.assert_allclose(np.linalg.norm(sphere, axis=1), 1)
    assert kstest(sphere[:, -1] ** 2, "beta", args=(0.5, d / 2)).pvalue > 1e-3


def test_angles_are_exact_near_and_far():
    """Angles of 1e-9 and of π − 1e-9 keep their digits."""
    at = np.array([1e-9, 1.0, np.pi - 1e-9])
    X = np.tile([1.0, 0.0], (3, 1))
    Y = np.column_stack([np.cos(at), np.sin(at)])
    np.testing.assert_allclose(geometry.sphere(1).distance(X, Y), at, rtol=1e-6)


@SEEDS
def test_swiss_roll_is_uniform_in_area(seed):
    """Arc length and height are uniform; near points are as near as in space."""
    roll = geometry.swiss_roll(turns=1.0, height=4.0)
    X = roll.sample(3000, rng=seed)
    t = np.hypot(X[:, 0], X[:, 2])
    start, end = (curved._arc(v) for v in (1.5 * np.pi, 3.5 * np.pi))
    share = (curved._arc(t) - start) / (end - start)
    assert kstest(share, "uniform").pvalue > 1e-3
    assert kstest(X[:, 1] / 4, "uniform").pvalue > 1e-3
    moved = np.column_stack([X[:, 0], X[:, 1] + 1e-3, X[:, 2]])
    np.testing.assert_allclose(roll.distance(X, moved), 1e-3, rtol=1e-9)


def test_arc_length_is_that_of_the_curve():
    """The spiral's length is the sum of its chords, and its inverse undoes it."""
    t = np.linspace(2.0, 9.0, 20_001)
    curve = np.column_stack([t * np.cos(t), t * np.sin(t)])
    chords = np.linalg.norm(np.diff(curve, axis=0), axis=1).sum()
    assert curved._arc(9.0) - curved._arc(2.0) == pytest.approx(chords, rel=1e-7)
    np.testing.assert_allclose(curved._arc_inverse(curved._arc(t)), t, rtol=1e-14)


@SEEDS
@pytest.mark.parametrize("n_ambient", [3, 10, 50])
def test_straight_embedding_keeps_distances(seed, n_ambient):
    """A rotation into more dimensions changes no distance."""
    X = geometry.cube(3).sample(50, rng=seed)
    Y = geometry.embedding(3, n_ambient, rng=seed)(X)
    assert Y.shape == (50, n_ambient)
    np.testing.assert_allclose(
        np.linalg.norm(Y[:, None] - Y, axis=2), np.linalg.norm(X[:, None] - X, axis=2)
    )


@SEEDS
def test_curved_embedding_stretches_within_its_bounds(seed):
    """Lengths grow by factors from 1 to the stated one, and some do grow."""
    X = geometry.cube(2).sample(300, rng=seed)
    embed = geometry.embedding(2, 20, curvature=0.1, rng=seed)
    near = X + 1e-6 * np.random.default_rng(seed).standard_normal(X.shape)
    chords = np.linalg.norm(embed(near) - embed(X), axis=1)
    stretch = chords / np.linalg.norm(near - X, axis=1)
    most = np.sqrt(1 + (2 * np.pi * 0.1) ** 2 * 2)  # ‖A‖² ≤ 2 for two unit columns
    assert stretch.min() >= 1 - 1e-6
    assert 1.05 < stretch.max() <= most


@SEEDS
@pytest.mark.parametrize("n", [2, 3])
def test_every_wave_bends_as_much(seed, n):
    """Waves along unit vectors: on average each adds (2π c)² / 2 to the stretch."""
    rng = np.random.default_rng(seed)
    X, step = 1e3 * rng.random((20_000, n)), 1e-4 * rng.standard_normal((20_000, n))
    bent = geometry.embedding(n, 3 * n, curvature=0.2, rng=seed)
    ahead, behind = (bent(X + sign * step / 2) for sign in (1, -1))
    stretch = ((ahead - behind) ** 2).sum(axis=1).mean() / (step**2).sum(axis=1).mean()
    assert stretch == pytest.approx(1 + (2 * np.pi * 0.2) ** 2 / 2, rel=0.03)


@SEEDS
@pytest.mark.parametrize("n", [1, 2, 3])
def test_one_wave_stretches_along_its_direction(seed, n):
    """Volumes grow by √(1 + (2πc cos)²): from one to that of the steepest place."""
    embed = geometry.embedding(n, n + 1, curvature=0.1, rng=seed)
    X = geometry.cube(n).sample(4000, rng=seed)
    J = np.stack([(embed(X + h) - embed(X - h)) / 2e-5 for h in 1e-5 * np.eye(n)], 1)
    volume = np.sqrt(np.linalg.det(J @ J.swapaxes(1, 2)))
    assert volume.min() == pytest.approx(1, abs=1e-3)
    assert volume.max() == pytest.approx(np.hypot(1, 2 * np.pi * 0.1), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: geometry.torus(0), "d must be at least 1, got 0"),
        (lambda: geometry.sphere(1.5), "d must be a whole number, got 1.5"),
        (lambda: geometry.ball(2).sample(0), "D must be at least 1, got 0"),
        (lambda: geometry.cube(2).sample(3, rng=-1), "rng must be at least 0, got -1"),
        (lambda: geometry.swiss_roll(turns=0), "turns and height must be above zero"),
        (
            lambda: geometry.swiss_roll(turns=1e9),
            "above zero, at most 1e6, got 1000000000.0",
        ),
        (
            lambda: geometry.sphere(1).distance([[1, 0], [1, 0]], [[0, 1], [0, 2]]),
            "Y must lie on the unit sphere, which row 1 does not",
        ),
        (
            lambda: geometry.swiss_roll().distance([[9, 0, 0]], [[9, 0, 0]]),
            "X must lie on the swiss roll, which row 0 does not",
        ),
        (
            lambda: geometry.embedding(1, 3, curvature=1)([[1e12]]),
            r"X must be at most 1e9 in size, got 1e\+12",
        ),
        (lambda: geometry.embedding(3, 2), "n_ambient must be at least 3, got 2"),
        (lambda: geometry.embedding(3, 3, curvature=1), "must be at least 4, got 3"),
        (lambda: geometry.embedding(3, 4, curvature=-1), "curvature must be .*>= 0"),
        (
            lambda: geometry.embedding(3, 4)([[1.0, 2.0]]),
            r"X must have shape \(D, 3\) .*got \(1, 2\)",
        ),
        (
            lambda: geometry.cube(2).distance([[0, 0]], [[0, np.nan]]),
            r"Y must be finite, got nan at \(0, 1\)",
        ),
        (
            lambda: geometry.cube(1).distance([[0]], [[0], [1]]),
            "X and Y must have as many rows, got 1, 2",
        ),
    ],
)
def test_rejects_what_is_no_manifold(call, message):
    """Dimensions, sizes and points out of range are named."""
    with pytest.raises(ValueError, match=message):
        call()
