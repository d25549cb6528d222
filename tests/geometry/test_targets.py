"""Target functions: their smoothness, slopes and scale."""

import numpy as np
import pytest
from thorough import first_of, long

from scalinglib import geometry
from scalinglib.geometry import targets

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


@SEEDS
@pytest.mark.parametrize("d", [1, 2, 3])
def test_fourier_has_unit_variance_and_its_gradient(seed, d):
    """Mean square one on the torus, period one, and the gradient by differences."""
    f = geometry.fourier(d, smoothness=1.5, modes=20, rng=seed)
    X = geometry.torus(d).sample(20_000, rng=seed)
    grid = np.stack(np.meshgrid(*[np.arange(48) / 48] * d), -1).reshape(-1, d)
    assert np.mean(f(grid) ** 2) == pytest.approx(1, abs=1e-12)  # exact: |k| < 24
    np.testing.assert_allclose(f(X[:50] + 1), f(X[:50]), atol=1e-9)
    for axis, step in enumerate(1e-6 * np.eye(d)):
        slope = (f(X[:50] + step) - f(X[:50] - step)) / 2e-6
        np.testing.assert_allclose(f.gradient(X[:50])[:, axis], slope, atol=1e-6)


@SEEDS
def test_smoothness_is_the_order_of_the_last_derivative(seed):
    """Power in the modes falls as |k|^(−2s−d)."""
    rough, smooth = (
        geometry.fourier(1, smoothness=s, modes=64, rng=seed) for s in (1, 3)
    )
    x = np.arange(512)[:, None] / 512
    for f, s in ((rough, 1), (smooth, 3)):
        power = np.abs(np.fft.rfft(f(x)))[1:65] ** 2
        slope = np.polyfit(np.log(np.arange(1, 65)), np.log(power), 1)[0]
        assert slope == pytest.approx(-(2 * s + 1), abs=1e-6)


@SEEDS
@pytest.mark.parametrize("d", [2, 3])
def test_power_of_modes_depends_on_the_dimension(seed, d):
    """Modes of length 1 and 2 have powers in the ratio 2^(2s+d), in any dimension."""
    s, grid = 1.5, np.arange(8) / 8
    f = geometry.fourier(d, smoothness=s, modes=40, rng=seed)
    X = np.stack(np.meshgrid(*[grid] * d, indexing="ij"), axis=-1).reshape(-1, d)
    power = np.abs(np.fft.fftn(f(X).reshape([8] * d))) ** 2
    one, two = ((k, *[0] * (d - 1)) for k in (1, 2))
    assert np.log2(power[one] / power[two]) == pytest.approx(2 * s + d, abs=1e-9)


@SEEDS
@pytest.mark.parametrize(("d", "s"), [(1, 0.5), (3, 0.3)])
def test_weierstrass_has_its_variance(seed, d, s):
    """The mean square is that of its cosines, ½ Σ 4^(−sj), whatever d."""
    f = geometry.weierstrass(d, exponent=s, octaves=6, rng=seed)
    X = geometry.torus(d).sample(40_000, rng=seed)
    squares = f(X) ** 2
    variance = 0.5 * sum(4.0 ** (-s * j) for j in range(6))
    error = squares.std() / 200
    assert squares.mean() == pytest.approx(variance, abs=4 * error)


@long
@SEEDS
def test_relu_network_keeps_its_scale(seed):
    """Averaged over networks E f² = |x|² + 1 per layer before, + 1 for the last."""
    x = np.array([[0.6, -0.8, 1.0]])
    values = [
        geometry.relu_network(3, width=64, depth=2, rng=t + 2000 * seed)(x)
        for t in range(1500)
    ]
    squares = np.square(values)
    error = squares.std() / np.sqrt(1500)
    assert squares.mean() == pytest.approx((x**2).sum() + 3, abs=4 * error)


def test_many_modes_are_found_quickly():
    """A thousand modes on a line are the first thousand whole numbers."""
    np.testing.assert_array_equal(targets._shortest(1, 1000)[:, 0], np.arange(1, 1001))


@SEEDS
@pytest.mark.parametrize(
    "make",
    [
        lambda seed: geometry.fourier(2, smoothness=1, rng=seed),
        lambda seed: geometry.relu_network(2, rng=seed),
    ],
)
def test_slopes_never_exceed_the_bound(make, seed):
    """No pair of points has a larger slope than ``lipschitz``."""
    f = make(seed)
    X, Y = geometry.cube(2).sample(4000, rng=seed).reshape(2, -1, 2)
    near = X + 1e-5 * (Y - X)
    for Z in (Y, near):
        slope = np.abs(f(X) - f(Z)) / np.linalg.norm(X - Z, axis=1)
        assert slope.max() <= f.lipschitz


@pytest.mark.parametrize("seed", first_of(range(10)))
def test_bound_of_a_chain_of_units_is_reached(seed):
    """One unit: it is the slope on the side where the unit is active."""
    f = geometry.relu_network(1, width=1, depth=1, rng=seed)
    far, farther = np.array([[-1e3], [1e3]]), np.array([[-2e3], [2e3]])
    slopes = np.abs(f(farther) - f(far)) / 1e3
    assert slopes.max() == pytest.approx(f.lipschitz, rel=1e-9)
    assert slopes.min() == 0


@SEEDS
@pytest.mark.parametrize("s", [0.3, 0.5, 0.8])
def test_weierstrass_has_its_exponent(seed, s):
    """Increments are |h|^s over three decades, not |h|."""
    f = geometry.weierstrass(2, exponent=s, octaves=24, rng=seed)
    X = geometry.torus(2).sample(4000, rng=seed)
    h = 10.0 ** np.array([-4, -3, -2])
    sizes = [np.std(f(X + np.array([step, 0])) - f(X)) for step in h]
    slope = np.polyfit(np.log(h), np.log(sizes), 1)[0]
    assert slope == pytest.approx(s, abs=0.05)
    assert f.lipschitz == np.inf


@SEEDS
def test_relu_network_is_piecewise_linear(seed):
    """Second differences vanish nearly everywhere along a line, not everywhere."""
    f = geometry.relu_network(3, rng=seed)
    line = np.linspace(-1, 1, 20_001)[:, None] * np.ones(3)
    bends = np.abs(np.diff(f(line), 2)) > 1e-9
    assert 0 < bends.sum() < 200


@pytest.mark.parametrize("d", [1, 2, 3])
def test_whole_vectors_are_the_shortest(d):
    """Against all vectors of a cube: as many, none longer, no pair ± k."""
    k = targets._shortest(d, 30)
    axes = (
        np.meshgrid(*[np.arange(-40, 41)] * d)
        if d < 3
        else np.meshgrid(*[np.arange(-4, 5)] * d)
    )
    squares = np.sort(sum(a.ravel() ** 2 for a in axes))[1::2][:30]
    np.testing.assert_array_equal((k**2).sum(axis=1), squares)
    assert len(np.unique(np.vstack([k, -k]), axis=0)) == 60


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: geometry.fourier(1, smoothness=0), "smoothness must be above zero"),
        (lambda: geometry.fourier(1, smoothness=1, modes=0), "modes must be at least"),
        (lambda: geometry.weierstrass(1, exponent=1), r"exponent must be in \(0, 1\)"),
        (
            lambda: geometry.weierstrass(1, exponent=0.5, octaves=99),
            "octaves must be at most 40, got 99",
        ),
        (lambda: geometry.relu_network(2, width=0), "width must be at least 1, got 0"),
        (lambda: geometry.relu_network(2)([[1.0]]), r"X must have shape \(D, 2\)"),
        (lambda: geometry.relu_network(1)([[1e200]]), "X must be at most 1e100"),
        (
            lambda: geometry.fourier(1, smoothness=1).gradient([[np.inf]]),
            "X must be finite, got inf",
        ),
    ],
)
def test_rejects_what_is_no_teacher(call, message):
    """Parameters out of range and points of the wrong shape are named."""
    with pytest.raises(ValueError, match=message):
        call()
