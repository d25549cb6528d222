"""Tests of the kernels of networks with erf units, and with biases."""

import mpmath
import numpy as np
import pytest
from fifty_digits import exact
from thorough import first_of

from scalinglib.kernels import nngp, ntk

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
BOTH = pytest.mark.parametrize("kernel", [ntk, nngp])


def points(seed, D=40, n=7, dtype=np.float64):
    """Draw D Gaussian points in n dimensions, of different lengths."""
    rng = np.random.default_rng(seed)
    return (rng.exponential(size=(D, 1)) * rng.standard_normal((D, n))).astype(dtype)


def exact_erf(x, y, depth):
    """Σ and Θ of erf units by Williams' formula, in 50 digits."""
    with mpmath.workdps(50):
        x, y = ([mpmath.mpf(float(v)) for v in point] for point in (x, y))
        xx, yy = mpmath.fdot(x, x), mpmath.fdot(y, y)
        sigma = theta = mpmath.fdot(x, y)
        for _ in range(depth):
            d = (1 + 2 * xx) * (1 + 2 * yy)
            slope = 4 / mpmath.pi / mpmath.sqrt(d - 4 * sigma**2)
            sigma = 2 / mpmath.pi * mpmath.asin(2 * sigma / mpmath.sqrt(d))
            theta = sigma + theta * slope
            xx, yy = (
                2 / mpmath.pi * mpmath.asin(2 * s / (1 + 2 * s)) for s in (xx, yy)
            )
        return float(sigma), float(theta)


@SEEDS
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_erf_agrees_with_fifty_digits(seed, depth):
    """Every entry of the kernels of erf units, for short and for long inputs."""
    X, Y = points(seed, D=4), 30 * points(seed + 50, D=5)
    expected = np.array([[exact_erf(x, y, depth) for y in Y] for x in X])
    for kernel, want in zip((nngp, ntk), np.moveaxis(expected, -1, 0), strict=True):
        found = kernel(X, Y, depth=depth, activation="erf")
        np.testing.assert_allclose(found, want, rtol=1e-11)


@BOTH
@SEEDS
def test_erf_is_odd_and_positive(kernel, seed):
    """K(−x, y) = −K(x, y); no eigenvalue is negative beyond rounding."""
    X = points(seed, D=300)  # more than one tile
    K = kernel(X, depth=2, activation="erf")
    np.testing.assert_allclose(kernel(-X, X, depth=2, activation="erf"), -K, rtol=1e-9)
    np.testing.assert_array_equal(K, K.T)
    lam = np.linalg.eigvalsh(K)
    assert lam[0] > -1e-10 * lam[-1]


@BOTH
@pytest.mark.parametrize("D", [1, 256, 257])
def test_erf_symmetric_path_and_precision(kernel, D):
    """K(X) equals K(X, X); float32 agrees with float64 to 1e-6 of the diagonal."""
    X = points(0, D=D)
    K = kernel(X, depth=3, activation="erf")
    np.testing.assert_allclose(K, kernel(X, X, depth=3, activation="erf"), atol=1e-12)
    single = kernel(X.astype(np.float32), depth=3, activation="erf")
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, K, atol=1e-6 * K.max())


@BOTH
def test_erf_of_short_inputs_is_linear(kernel):
    """As x → 0 a layer multiplies Σ by 4/π, and Θ by 4/π after adding Σ⁰."""
    X = 1e-4 * points(0)
    factor = (4 / np.pi) ** 2 * (3 if kernel is ntk else 1)
    K = kernel(X, depth=2, activation="erf")
    np.testing.assert_allclose(K, factor * X @ X.T, rtol=1e-4, atol=1e-13)


@SEEDS
def test_erf_networks_of_any_width_have_these_kernels(seed):
    """Means over random networks of one layer agree, within 4 standard errors."""
    networks = pytest.importorskip("scalinglib.networks.mlp")
    net, X, T = networks.MLP([3, 20, 1], "erf"), points(seed, D=3, n=3), 4000
    parameters = net.initialise(T, rng=seed)
    f = net(parameters, X)[..., 0]
    samples = {
        ntk: net.tangent_kernel(parameters, X),
        nngp: f[:, :, None] * f[:, None, :],
    }
    for kernel, sample in samples.items():
        error = sample.std(0, ddof=1) / np.sqrt(T)
        expected = kernel(X, depth=1, activation="erf")
        assert (np.abs(sample.mean(0) - expected) < 4 * error).all()


@BOTH
@pytest.mark.parametrize("length", [0, 1e-160, 1e-3, 1e8, 1e70])
def test_erf_of_any_length_is_finite(kernel, length):
    """Equal, opposite and zero inputs of any accepted length: never nan."""
    x = length * np.array([0.6, 0.8])
    X = np.stack([x, -x, x[::-1], 0 * x])
    K = kernel(X, depth=3, activation="erf")
    assert np.isfinite(K).all()
    assert (K.diagonal() >= 0).all()


@BOTH
@pytest.mark.parametrize("activation", ["tanh", None, 1, "ReLU"])
def test_rejects_activation(kernel, activation):
    """The activation is one of two names."""
    with pytest.raises(
        ValueError, match="activation must be one of 'relu', 'erf', got"
    ):
        kernel(np.eye(2), depth=1, activation=activation)


@BOTH
def test_erf_rejects_numbers_out_of_range(kernel):
    """Lengths whose squares leave the range are named."""
    with pytest.raises(ValueError, match="X must be finite"):
        kernel(np.array([[1e80, 0.0]]), depth=1, activation="erf")


@SEEDS
@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("bias", [1e-3, 0.5, 3.0])
def test_bias_agrees_with_fifty_digits(seed, depth, bias):
    """Every entry with a bias agrees with the definition evaluated in 50 digits."""
    X, Y = points(seed, D=3), points(seed + 50, D=4)
    expected = np.array([[exact(x, y, depth, bias) for y in Y] for x in X])
    for found, want in zip((nngp, ntk), np.moveaxis(expected, -1, 0), strict=True):
        np.testing.assert_allclose(
            found(X, Y, depth=depth, bias=bias), want, rtol=1e-12
        )


@SEEDS
@pytest.mark.parametrize("activation", ["relu", "erf"])
def test_layers_with_a_bias_compose(seed, activation):
    """Σ² comes from features whose inner products are Σ¹ without its last bias."""
    X, same = points(seed, D=20), {"activation": activation, "bias": 0.6, "depth": 1}
    features = np.linalg.cholesky(nngp(X, **same) - 0.6**2)
    np.testing.assert_allclose(
        nngp(features, **same), nngp(X, **same | {"depth": 2}), rtol=1e-7
    )


@SEEDS
def test_tangent_kernel_of_erf_with_a_bias(seed):
    """Θ² = Σ² + Θ¹ Σ̇², with Σ̇² from Williams's formula."""
    X, same = points(seed, D=20), {"activation": "erf", "bias": 0.6}
    sigma = nngp(X, depth=1, **same)
    own = 1 + 2 * sigma.diagonal()
    slope = 4 / np.pi / np.sqrt(np.outer(own, own) - 4 * sigma**2)
    expected = nngp(X, depth=2, **same) + ntk(X, depth=1, **same) * slope
    np.testing.assert_allclose(ntk(X, depth=2, **same), expected, rtol=1e-10)


@BOTH
@SEEDS
def test_bias_of_a_linear_network_is_a_coordinate(kernel, seed):
    """Without hidden layers a bias is one more coordinate of the input."""
    X = points(seed)
    extended = np.column_stack([X, np.full(len(X), 0.3)])
    expected = kernel(extended, depth=0)
    np.testing.assert_allclose(kernel(X, depth=0, bias=0.3), expected, rtol=1e-12)


@pytest.mark.parametrize("length", [1.0, 1e3, 1e6])
def test_diagonal_of_erf(length):
    """Θ(x, x) of one layer, where d − 4S² is 1 + 4 ‖x‖², to rounding."""
    square = length**2
    slope = 4 / np.pi / np.sqrt(1 + 4 * square)
    sigma = 2 / np.pi * np.arctan2(2 * square, np.sqrt(1 + 4 * square))
    found = ntk([[length, 0.0]], depth=1, activation="erf").item()
    assert found == pytest.approx(sigma + square * slope, rel=1e-14)
