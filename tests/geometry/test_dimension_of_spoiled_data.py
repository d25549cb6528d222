"""The dimension of data as they come: copies, rounding, noise, outliers, time."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from thorough import exhaustive, first_of, some, unless_touched

from scalinglib import geometry
from scalinglib.geometry import dimension
from scalinglib.geometry.dimension import grain, series

pytestmark = unless_touched("scalinglib/geometry", "tests/geometry")

FRACTAL = "not a manifold at these scales"


def test_copies_are_dropped_and_counted():
    """Copies, exact and to seven digits, in twos and in threes."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1000, 4))
    near = X[:30] * (1 + 1e-7)
    estimate = dimension.estimate(np.vstack([X, X[:50], near, near + 1e-9]), rng=0)
    assert "110 of 1110 rows dropped, copies of others" in estimate.found
    assert estimate.value == pytest.approx(dimension.estimate(X, rng=0).value, rel=0.02)


@pytest.mark.parametrize("d", [1, 4, 12])
def test_no_point_is_taken_for_a_copy(d):
    """Of clean data all rows stay, on a slope of density too."""
    rng = np.random.default_rng(d)
    for X in (rng.standard_normal((2000, d)), np.exp(rng.standard_normal((2000, d)))):
        assert len(grain.without_copies(X)) == 2000


@pytest.mark.parametrize(
    ("times", "jitter"), [(2, 1e-9), (3, 1e-6), (5, 1e-15), (10, 1e-9)]
)
def test_each_row_several_times(times, jitter):
    """Copies of every row are seen beside the distance to other rows."""
    rng = np.random.default_rng(times)
    X = np.repeat(rng.random((200, 3)), times, axis=0)
    X += jitter * rng.standard_normal(X.shape)
    assert len(grain.without_copies(X)) == 200


def test_a_line_beside_a_cloud_is_no_heap_of_copies():
    """Points of a line are nearer to each other than those of a cube, by rights."""
    rng = np.random.default_rng(0)
    line = np.column_stack([5 + 2 * rng.random(300), np.zeros((300, 5))])
    X = np.vstack([rng.random((700, 6)), line])
    assert len(grain.without_copies(X)) == 1000
    assert dimension.estimate(X, rng=0).status == FRACTAL


@pytest.mark.parametrize("step", [0.01, 0.03, 0.5, 1 / 3, 1 / 255, 0.49693])
def test_rounding_is_found(step):
    """The step of each column, wherever it starts, and no step where there is none."""
    X = np.random.default_rng(0).standard_normal((500, 3)) * 40 * step
    X[:, :2] = np.round(X[:, :2] / step) * step + [0, 0.3 * step]
    steps = grain.rounding_steps(X.astype(np.float32))
    assert steps == pytest.approx([step, step, 0], rel=1e-4)


def test_one_large_value_hides_no_small_ones():
    """Beside ten million normal numbers are still no multiples of anything."""
    X = np.random.default_rng(0).standard_normal((1000, 4))
    X[0] = 1e7
    assert not grain.rounding_steps(X)[1:].any()
    estimate = dimension.estimate(X, rng=0)
    assert "1 rows set aside, far away from all others" in estimate.found
    assert estimate.covers(4)


def test_categories_are_not_rounded_numbers():
    """A column of zeros and ones has no rounding to take off."""
    X = np.random.default_rng(0).integers(0, 2, (500, 3)).astype(float)
    assert not grain.rounding_steps(X).any()


@pytest.mark.parametrize(("d", "side"), [(2, 20), (3, 10)])
def test_rounding_coarser_than_the_distances(d, side):
    """A few steps a side, values repeat: spread over the steps, not dropped."""
    X = np.random.default_rng(d).integers(0, side, (3000, d))
    estimate = dimension.estimate(X, rng=0)
    assert "and spread over them" in estimate.found[0]
    assert estimate.covers(d)
    assert estimate.interval()[0] > 0.9 * d


def test_whole_numbers_beside_real_ones_are_layers():
    """Rounding is taken off where it is in all columns alike, else only told."""
    rng = np.random.default_rng(0)
    X = np.hstack([rng.standard_normal((1000, 3)), rng.integers(0, 10, (1000, 1))])
    estimate = dimension.estimate(X, rng=0)
    assert "not taken off" in estimate.found[0]
    assert estimate.covers(3)


def test_units_that_differ_are_told():
    """A column in millimetres beside one in metres."""
    X = np.random.default_rng(0).random((500, 2)) * [1, 1000]
    assert "extents of columns differ" in dimension.estimate(X, rng=0).found[0]


def test_columns_of_small_numbers_are_not_idle():
    """Beside a column of dates all others still span their dimensions."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.standard_normal((200, 3)), 1.6e9 + 1e8 * rng.random(200)])
    assert grain.within_its_span(X).shape == (200, 4)
    assert grain.within_its_span(np.hstack([X[:, :3], X[:, :3]])).shape == (200, 3)


EDGY = {
    "cubes": (3, lambda rng, N: rng.random((N, 3)) ** 3),
    "arc sine": (2, lambda rng, N: np.cos(np.pi * rng.random((N, 2)))),
    "chi squared": (4, lambda rng, N: rng.standard_normal((N, 4)) ** 2),
    "simplex": (4, lambda rng, N: rng.dirichlet(np.ones(5), N)),
}


@pytest.mark.parametrize("name", first_of(EDGY))
def test_density_may_be_singular_at_an_edge(name):
    """All intervals hold but one, where counts fall as the radius, not its square."""
    d, draw = EDGY[name]
    sets = [draw(np.random.default_rng([seed, 9]), 1000) for seed in some(range(5), 2)]
    assert sum(not dimension.estimate(X, rng=0).covers(d) for X in sets) <= 1


def test_no_more_dimensions_than_the_data_span():
    """Neither value nor interval goes beyond the columns, or what they span."""
    X = np.random.default_rng(0).standard_normal((300, 6))
    twice, one = np.hstack([X[:, :2]] * 3), X[:60] @ np.ones((6, 500))
    for rows, most in ((X, 6), (twice, 2), (one, 1)):
        estimate = dimension.estimate(rows, rng=0)
        assert estimate.value <= estimate.interval(0.999)[1] <= most


@exhaustive
def test_rounding_as_large_as_the_distances_is_taken_off():
    """In forty coordinates to two decimals, where TwoNN sees the rounding."""
    rng = np.random.default_rng(0)
    rotated = geometry.embedding(3, 40, rng=0)(rng.random((3000, 3)))
    X = np.round(rotated, 2)
    estimate = dimension.estimate(X, rng=0)
    assert estimate.covers(3)
    assert estimate.interval()[1] < 3.2
    np.testing.assert_allclose(estimate.scales.second, 3, atol=0.08)
    assert "40 columns rounded to multiples of 0.01" in estimate.found
    assert dimension.estimate(X, rng=0, rounding=0).scales.second[8] > 3.3
    with pytest.warns(dimension.DimensionWarning, match="rounding"):
        assert geometry.two_nn(X).value > 4


def test_constant_columns_have_no_rounding():
    """Zeros beside rounded columns change nothing."""
    X = np.round(np.random.default_rng(0).random((1000, 3)), 2)
    alone = dimension.estimate(X, rng=0)
    padded = dimension.estimate(np.hstack([X, np.zeros((1000, 37))]), rng=0)
    np.testing.assert_allclose(padded.scales.second, alone.scales.second, rtol=0.01)


def test_known_noise_is_taken_off():
    """Noise in ten coordinates, as long as neighbours are apart."""
    rng = np.random.default_rng(0)
    X = np.hstack([rng.random((2000, 2)), np.zeros((2000, 8))])
    X += 0.006 * rng.standard_normal(X.shape)
    told = dimension.estimate(X, noise=0.006, rng=0)
    assert told.covers(2)
    assert told.interval()[1] < 2.3
    assert told.scales.second[48] < dimension.estimate(X, rng=0).scales.second[48] - 0.1


def test_noise_alone_is_refused():
    """Nothing is left where all of the mean square is noise."""
    X = np.random.default_rng(0).standard_normal((500, 3))
    with pytest.raises(ValueError, match="X must hold more than noise"):
        dimension.estimate(X, noise=1.0)


def lorenz(seed, N, dt):
    """Points of the butterfly, dt apart in time."""

    def flow(_, v):
        x, y, z = v
        return 10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z

    start = np.random.default_rng(seed).normal(size=3) + np.array([0, 0, 25])
    at = (np.arange(N) + 200) * dt
    return solve_ivp(flow, (0, at[-1]), start, t_eval=at, rtol=1e-7).y.T


def test_points_of_a_path_need_their_times():
    """Densely sampled a trajectory looks like the curve that it is."""
    X, times = lorenz(0, 4000, 0.01), 0.01 * np.arange(4000)
    told = dimension.estimate(X, times=times, rng=0)
    assert told.covers(2.06)
    with pytest.warns(dimension.DimensionWarning, match="pass `times`"):
        assert geometry.two_nn(X).value < 1.9
    shuffled = np.random.default_rng(0).permutation(4000)
    again = dimension.estimate(X[shuffled], times=times[shuffled], rng=0)
    assert again.value == told.value


def test_one_point_of_each_passage():
    """A pick takes one of each run of times, any of them."""
    times, rng = np.arange(100.0), np.random.default_rng(0)
    index = np.tile([3, 50, 4, 5, 90, 49], (2000, 1))
    picked = series.one_per_passage(times, 2.0, rng)(index)
    assert (picked.sum(axis=1) == 3).all()
    share = picked.mean(axis=0)
    np.testing.assert_allclose(share, [1 / 3, 1 / 2, 1 / 3, 1 / 3, 1, 1 / 2], atol=0.05)


def test_torus_has_a_period():
    """On a torus there is no edge; told of the period, the balls go around."""
    X = geometry.torus(2).sample(1000, rng=0)
    for period, rows in ((1.0, X), (2.5, 2.5 * X)):
        estimate = dimension.estimate(rows, period=period, rng=0)
        assert estimate.covers(2)
        assert np.ptp(estimate.interval()) < 0.2
