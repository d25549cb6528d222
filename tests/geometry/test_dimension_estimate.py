"""The dimension with its interval: planted, spoiled, and where there is none."""

import numpy as np
import pytest
from thorough import exhaustive, first_of, long, some

from scalinglib import geometry
from scalinglib.geometry import dimension
from scalinglib.geometry.dimension import deviations, scales
from scalinglib.geometry.dimension.balls import Cloud

RESOLVED, UNRESOLVED = "resolved", "unresolved at this N"
FRACTAL = "not a manifold at these scales"


def gaussian(d):
    """Normal points in d dimensions."""
    return lambda rng, N: rng.standard_normal((N, d))


def drawn(manifold):
    """Uniform points of a manifold."""
    return lambda rng, N: manifold.sample(N, rng=rng)


def uneven(rng, N):
    """Normal points whose sides differ by a factor of three."""
    return rng.standard_normal((N, 6)) * np.linspace(1, 0.33, 6)


def curved_torus(rng, N):
    """Product of four circles, each with its second harmonic."""
    angle = 2 * np.pi * rng.random((N, 4))
    waves = [f(j * angle) / j**3 for j in (1, 2) for f in (np.cos, np.sin)]
    return np.hstack(waves)


def rotations(rng, N):
    """Rotations in space as nine numbers."""
    q = rng.standard_normal((N, 4))
    a, b, c, d = (q / np.linalg.norm(q, axis=1, keepdims=True)).T
    return np.stack(
        [
            *(a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)),
            *(2 * (b * c + a * d), a * a - b * b + c * c - d * d, 2 * (c * d - a * b)),
            *(2 * (b * d - a * c), 2 * (c * d + a * b), a * a - b * b - c * c + d * d),
        ],
        axis=1,
    )


PLANTED = {
    "cube": (3, drawn(geometry.cube(3))),
    "sphere": (5, drawn(geometry.sphere(5))),
    "roll": (2, drawn(geometry.swiss_roll())),
    "line": (1, drawn(geometry.cube(1))),
    "normal": (8, gaussian(8)),
    "uneven": (6, uneven),
    "curved torus": (4, curved_torus),
    "rotations": (3, rotations),
}


@pytest.fixture(scope="module")
def found():
    """Estimates of seven draws of each planted set, or two: see `some`."""
    cache = {}

    def of(name):
        if name not in cache:
            draw = PLANTED[name][1]
            sets = (
                draw(np.random.default_rng([seed, 5]), 700)
                for seed in some(range(7), 2)
            )
            cache[name] = [dimension.estimate(X, rng=0) for X in sets]
        return cache[name]

    return of


@long
@pytest.mark.parametrize("name", first_of(PLANTED))
def test_interval_holds_what_was_planted(name, found):
    """Of seven intervals of 95 % at most one misses, and all are resolved."""
    d = PLANTED[name][0]
    missed = sum(not estimate.covers(d) for estimate in found(name))
    assert missed <= len(found(name)) // 7
    assert {estimate.status for estimate in found(name)} == {RESOLVED}


@pytest.mark.parametrize("name", first_of(PLANTED))
def test_interval_says_something(name, found):
    """Half the width is below 4 % for flat ones, 25 % for curved ones of few points."""
    d = PLANTED[name][0]
    most = {1: 0.04, 2: 0.08, 3: 0.1, 4: 0.25, 5: 0.08, 6: 0.15, 8: 0.1}[d]
    widths = [np.ptp(estimate.interval()) / 2 for estimate in found(name)]
    assert np.median(widths) < most * d


@exhaustive
def test_nearer_the_truth_than_two_neighbours(found):
    """The median error is less than half of TwoNN's, over all planted sets."""
    ours, theirs = [], []
    for name, (d, draw) in PLANTED.items():
        ours += [abs(estimate.value / d - 1) for estimate in found(name)]
        for seed in range(7):
            X = draw(np.random.default_rng([seed, 5]), 700)
            theirs.append(abs(geometry.two_nn(X).value / d - 1))
    assert np.median(ours) < np.median(theirs) / 2


@exhaustive
def test_third_moments_see_less_curvature(found):
    """On a curved torus second moments tell more than third ones, these more than 4."""
    for estimate in found("curved torus"):
        large = estimate.scales.loc[64]
        assert large.second > large.third > 4.4


# -- where there is no number ---------------------------------------------------------


@long
@pytest.mark.parametrize("d", first_of([20, 40]))
def test_crowded_points_are_unresolved(d):
    """In many dimensions no ball is small, and the estimate says so."""
    estimate = dimension.estimate(gaussian(d)(np.random.default_rng(0), 1000), rng=0)
    assert estimate.status == UNRESOLVED
    assert np.isfinite(estimate.interval()).all()
    assert "eighth neighbour" in estimate.because


def sierpinski(rng, N):
    """Points of the triangle of triangles: log 3 / log 2."""
    corners = np.array([[0, 0], [1, 0], [0.5, 0.75**0.5]])
    return (
        corners[rng.integers(0, 3, (N, 40))] * 0.5 ** np.arange(1, 41)[:, None]
    ).sum(axis=1)


@long
@pytest.mark.parametrize("seed", first_of(range(4)))
def test_fractal_is_no_manifold(seed):
    """The status says so, and the value is the scaling dimension."""
    X = sierpinski(np.random.default_rng(seed), 2000)
    estimate = dimension.estimate(X, rng=0)
    assert estimate.status == FRACTAL
    assert estimate.covers(np.log(3) / np.log(2))
    assert estimate.value == estimate.radial.value < estimate.tangent.value


@long
@pytest.mark.parametrize("seed", first_of(range(4)))
@pytest.mark.parametrize(("low", "high"), first_of([(1, 3), (2, 5)]))
def test_union_is_no_manifold(low, high, seed):
    """Two sets of different dimension: the dimension differs from place to place."""
    rng = np.random.default_rng(seed)
    X = np.zeros((1000, high + 1))
    X[:500, :low] = rng.random((500, low))
    X[500:, :high] = rng.random((500, high)) + 3
    estimate = dimension.estimate(X, rng=0)
    assert estimate.status == FRACTAL
    assert low < estimate.value < high


# -- what must not matter -------------------------------------------------------------


def test_units_and_axes_do_not_matter():
    """Scaled, shifted, rotated into twenty dimensions: the same to six digits."""
    X = np.random.default_rng(0).random((200, 3))
    one = dimension.estimate(X, rng=0, rounding=0)
    rotated = geometry.embedding(3, 20, rng=0)(X)
    for other in (1e-3 * X, X * 250 + 7, rotated):
        again = dimension.estimate(other, rng=0, rounding=0)
        np.testing.assert_allclose(again.interval(), one.interval(), rtol=1e-6)


def test_same_seed_same_answer():
    """A seed decides all; another one moves the value within the interval."""
    X = geometry.sphere(5).sample(300, rng=0)
    one, same, other = (dimension.estimate(X, rng=seed) for seed in (0, 0, 1))
    assert one.interval() == same.interval()
    assert other.value != one.value
    assert one.covers(other.value, level=0.9)


@long
def test_table_stands_for_the_scales():
    """By number of points; radii grow, errors shrink."""
    table = dimension.estimate(np.random.default_rng(0).random((1000, 3)), rng=0).scales
    assert table.index.tolist() == scales.numbers_of_points(1000).tolist()
    assert (np.diff(table.radius) > 0).all()
    assert table.error.iloc[-1] < table.error.iloc[0] / 3
    assert table.second.to_numpy() == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("N", [40, 100, 1000, 4000, 10**6])
def test_balls_are_a_share_of_the_points(N):
    """Never more than a tenth, but sixteen; up to 128."""
    k = scales.numbers_of_points(N)
    assert k[0] == 8
    assert k[-1] <= min(max(16, N // 10), 128)
    assert len(k) >= 3


def test_intervals_are_nested():
    """A higher level, a wider interval, around the value."""
    X = geometry.sphere(3).sample(200, rng=0)
    estimate = dimension.estimate(X, rng=0)
    ends = np.array([estimate.interval(level) for level in (0.5, 0.9, 0.99)])
    assert (np.diff(ends[:, 0]) < 0).all()
    assert (np.diff(ends[:, 1]) > 0).all()
    assert ends[0, 0] < estimate.value < ends[0, 1]
    assert str(estimate).endswith(", resolved")


def made(y3, *, variance=1e-4):
    """Scales with 1/5 and a straight line in y₂, and this y₃ as a function of r²."""
    k = scales.numbers_of_points(4000)
    x, ones = (k / 64) ** (1 / 3), np.ones(len(k))
    y3 = np.where(k < 12, np.nan, y3(x))
    noise = variance * ones, 1e-4 * ones
    return scales.Scales(k, x, -np.log(5) - 0.4 * x, y3, *noise, ones, 0 * ones)


def test_limit_is_found_below_a_line():
    """A law made for the model: 1/d with a straight line in y₂, a bent one in y₃."""
    log_d = deviations.from_moments(made(lambda x: -np.log(5) - 0.15 * x**2))
    assert np.exp(-log_d.quantile(0.5)) == pytest.approx(5, rel=0.05)
    assert -log_d.quantile(0.025) > np.log(5) > -log_d.quantile(0.975)


def test_third_moments_have_no_straight_line():
    """Beside a straight y₂ a flat y₃ is far more probable than one that is straight."""
    flat, straight = (
        deviations.from_moments(made(y3)).evidence
        for y3 in (lambda x: -np.log(5) + 0 * x, lambda x: -np.log(5) - 0.4 * x)
    )
    assert flat - straight > 2


@exhaustive
def test_noise_of_pairs_is_three_times_as_large_in_third_moments():
    """In forty draws, with a correlation near one; and so in the model."""
    drawn = []
    for seed in range(40):
        balls = Cloud(np.random.default_rng(seed).random((500, 4))).balls(
            np.arange(500), 48
        )
        drawn.append(balls.moments()[0].averaged().logarithms())
    of_2, of_3 = np.std(drawn, axis=0)
    assert of_3 / of_2 == pytest.approx(3, rel=0.2)
    assert np.corrcoef(np.transpose(drawn))[0, 1] > 0.9
    *_, C = deviations._stacked(made(lambda x: -np.log(5) + 0 * x, variance=1.0))
    assert C[8, -1] / C[8, 8] == pytest.approx(3, rel=1e-3)


# -- hostile input --------------------------------------------------------------------

X = np.random.default_rng(0).random((100, 3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"X": X[:39]}, r"X must have shape \(D, n\) with D >= 40"),
        ({"X": X * np.nan}, "X must be finite"),
        ({"X": np.ones((100, 3))}, "at least 40 different rows, got 1 of 100"),
        ({"X": np.repeat(X[:20], 5, axis=0)}, "40 different rows, got 20 of 100"),
        ({"X": X[:, 0]}, "X must have shape"),
        ({"X": X.astype(str)}, "X must hold real numbers"),
        ({"X": X * 1e160}, "X must be in other units"),
        ({"theiler": 3.0}, "theiler needs `times`"),
        ({"times": np.arange(99)}, "times must be 100 finite numbers"),
        ({"times": np.full(100, np.nan)}, "times must be 100 finite numbers"),
        ({"times": np.arange(100), "theiler": 50}, "pass a smaller `theiler`"),
        ({"times": np.zeros(100)}, "times must go on"),
        ({"rounding": -1}, "rounding must be a finite number >= 0"),
        ({"noise": np.inf}, "noise must be a finite number"),
        ({"noise": 1e300}, "noise must be at most the extent of the data"),
        ({"rounding": 1e300}, "rounding must be at most the extent of the data"),
        ({"period": 0}, "period must be above zero"),
        ({"rng": -1}, "rng must be at least 0"),
    ],
)
def test_bad_input_is_named(options, message):
    """What is wrong, and what would be accepted."""
    with pytest.raises(ValueError, match=message):
        dimension.estimate(**{"X": X} | options)


@pytest.mark.parametrize(
    "X",
    [
        X[:40],
        np.arange(200.0)[:, None],
        np.stack(np.meshgrid(*[np.arange(12.0)] * 2), -1).reshape(-1, 2),
        np.random.default_rng(0).integers(0, 2, (300, 12)),
        np.random.default_rng(0).standard_cauchy((300, 3)),
        np.random.default_rng(0).standard_normal((60, 500)),
        1e140 * X,
        np.hstack([X, np.zeros((100, 4)), X]),
        np.random.default_rng(0).integers(0, 256, (200, 30)).astype(np.uint8),
        np.eye(50),
        2.0 ** -np.arange(400.0)[:, None],
        10 ** np.random.default_rng(0).uniform(-8, 0, (300, 3)),
    ],
    ids=[
        "few",
        "grid",
        "lattice",
        "bits",
        "wild",
        "wide",
        "huge",
        "idle",
        "bytes",
        "corners",
        "halves",
        "decades",
    ],
)
def test_odd_data_get_an_interval(X):
    """No nan, no infinity, a value inside."""
    estimate = dimension.estimate(X, rng=0)
    low, high = estimate.interval()
    assert 0 < low <= estimate.value <= high < np.inf


def test_cloud_finds_what_is_nearest():
    """As by sorting all distances."""
    cloud = Cloud(X)
    distance, index = cloud.nearest(X[:5], 7)
    expected = np.sort(np.linalg.norm(X[:5, None] - X, axis=2), axis=1)[:, :7]
    np.testing.assert_allclose(distance, expected, atol=1e-7)
    np.testing.assert_array_equal(index[:, 0], range(5))
