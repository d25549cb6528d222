"""Tests of the kernels of infinitely wide ReLU networks."""

import tracemalloc
from functools import partial

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scalinglib.kernels import (
    arc_cosine,
    brownian,
    from_features,
    gaussian,
    laplace,
    matern,
    nngp,
    ntk,
    profile,
    torus,
)

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
BOTH = pytest.mark.parametrize("kernel", [ntk, nngp])


def points(seed, D=40, n=7, dtype=np.float64):
    """Draw D Gaussian points in n dimensions, of different lengths."""
    rng = np.random.default_rng(seed)
    return (rng.exponential(size=(D, 1)) * rng.standard_normal((D, n))).astype(dtype)


def at_angle(theta):
    """Return two unit vectors with the angle theta between them."""
    return np.array([[1.0, 0.0], [np.cos(theta), np.sin(theta)]])


def exact(x, y, depth, bias=0.0):
    """Evaluate (Σ, Θ) of two vectors as the definition says, in 50 digits."""
    with mpmath.workdps(50):
        x, y = [mpmath.mpf(float(a)) for a in x], [mpmath.mpf(float(b)) for b in y]
        square = mpmath.mpf(bias) ** 2
        xx, yy = mpmath.fdot(x, x) + square, mpmath.fdot(y, y) + square
        sigma = theta = mpmath.fdot(x, y) + square
        for _ in range(depth):
            scale = mpmath.sqrt(xx * yy)
            angle = mpmath.acos(max(-1, min(1, sigma / scale)))
            off = (mpmath.pi - angle) / mpmath.pi
            sigma = scale * (mpmath.sin(angle) / mpmath.pi + off * mpmath.cos(angle))
            sigma += square
            xx, yy = xx + square, yy + square
            theta = sigma + theta * off
        return float(sigma), float(theta)


@pytest.mark.parametrize(
    ("theta", "kappa0", "kappa1"),
    [(0, 1, 1), (np.pi / 2, 1 / 2, 1 / np.pi), (np.pi, 0, 0)],
)
def test_known_values(theta, kappa0, kappa1):
    """One layer gives κ₁ and κ₁ + κ₀ cos θ, known at 0, π/2 and π."""
    x, y = at_angle(theta)[:, None]
    assert nngp(x, y, depth=1).item() == pytest.approx(kappa1, abs=1e-15)
    expected = kappa1 + kappa0 * np.cos(theta)
    assert ntk(x, y, depth=1).item() == pytest.approx(expected, abs=1e-15)


@BOTH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_depth_zero_is_the_inner_product(kernel, dtype):
    """Without hidden layers both kernels are x·y."""
    X, Y = points(0, dtype=dtype), points(1, D=30, dtype=dtype)
    scale = np.outer(np.linalg.norm(X, axis=1), np.linalg.norm(Y, axis=1))
    error = np.abs(kernel(X, Y, depth=0) - X @ Y.T)
    assert (error <= 8 * np.finfo(dtype).eps * scale).all()


@pytest.mark.parametrize("depth", [0, 1, 3, 10])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_diagonal_is_exact(depth, dtype):
    """Θ(x, x) = (depth + 1) |x|² and Σ(x, x) = |x|², to rounding."""
    X = points(0, dtype=dtype)
    square = np.einsum("ij,ij->i", X, X, dtype=np.float64)
    rtol = 4 * np.finfo(dtype).eps
    for K, expected in [(ntk, (depth + 1) * square), (nngp, square)]:
        np.testing.assert_allclose(K(X, depth=depth).diagonal(), expected, rtol)


@BOTH
@SEEDS
def test_homogeneity(kernel, seed):
    """K(ax, by) = ab K(x, y) for a, b > 0, because ReLU is homogeneous."""
    X, Y = points(seed), points(seed + 100)
    a, b = np.exp(np.random.default_rng(seed).normal(size=(2, len(X), 1)))
    scaled, K = kernel(a * X, b * Y, depth=3), kernel(X, Y, depth=3)
    np.testing.assert_allclose(scaled, a * b.T * K, rtol=1e-12, atol=1e-14)


@BOTH
@SEEDS
def test_rotation_invariance_and_permutation_equivariance(kernel, seed):
    """Rotating the inputs changes nothing; permuting them permutes the matrix."""
    X = points(seed, D=300)  # more than one tile
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.standard_normal((7, 7)))[0]
    order = rng.permutation(len(X))
    K = kernel(X, depth=2)
    np.testing.assert_allclose(kernel(X @ rotation, depth=2), K, rtol=1e-9, atol=1e-12)
    permuted = kernel(X[order], depth=2)
    np.testing.assert_allclose(permuted, K[np.ix_(order, order)], rtol=1e-9, atol=1e-12)


@SEEDS
def test_layers_compose(seed):
    """Σ of depth 2 is Σ of depth 1 of the features behind the first layer."""
    X = points(seed, D=20)
    features = np.linalg.cholesky(nngp(X, depth=1))
    np.testing.assert_allclose(nngp(features, depth=1), nngp(X, depth=2), rtol=1e-7)


@SEEDS
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_sum_over_layers(seed, depth):
    """Θ is a sum over layers: Σ_h Σ^h Π_{h' ≥ h} κ₀(θ_h') (Arora et al., eq. 9)."""
    X = points(seed)
    scale = np.outer(*2 * [np.linalg.norm(X, axis=1)])
    sigma = np.array([nngp(X, depth=h) for h in range(depth + 1)])
    kappa0 = 1 - np.arccos(np.clip(sigma / scale, -1, 1)) / np.pi
    theta = sum(sigma[h] * kappa0[h:depth].prod(0) for h in range(depth + 1))
    assert (np.abs(ntk(X, depth=depth) - theta) <= 1e-7 * scale).all()


@BOTH
@pytest.mark.parametrize("D", [1, 255, 256, 257, 600])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_symmetric_path_agrees_with_the_general_one(kernel, D, dtype):
    """K(X) is symmetric and equals K(X, X) to rounding, at the edges of tiles too."""
    X = points(0, D=D, dtype=dtype)
    K = kernel(X, depth=3)
    assert K.dtype == dtype
    np.testing.assert_array_equal(K, K.T)
    scale = np.outer(*2 * [np.linalg.norm(X, axis=1)])
    # The general path sees no equality: its diagonal has an angle of 1e-8.
    assert (np.abs(K - kernel(X, X, depth=3)) <= 1e-6 * scale).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("depth", [1, 3, 10])
def test_duplicates(dtype, depth):
    """Data drawn with replacement: equal points have Θ = (depth + 1) |x|²."""
    X = points(0, D=100, dtype=dtype)
    i = np.random.default_rng(0).integers(len(X), size=500)
    K = ntk(X[i], depth=depth)
    square = np.einsum("ij,ij->i", X, X, dtype=np.float64)[i]
    equal = i[:, None] == i
    expected = np.broadcast_to((depth + 1) * square, K.shape)
    np.testing.assert_allclose(K[equal], expected[equal], rtol=1e-6)


@pytest.mark.parametrize("centre", [0, np.pi], ids=["near", "opposite"])
@pytest.mark.parametrize("log_gap", np.linspace(-8, 0, 17))
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_near_equal_and_near_opposite_points(centre, log_gap, depth):
    """Close to θ = 0 and θ = π float32 agrees with 50 digits to 5e-7 of the scale."""
    x, y = at_angle(abs(centre - 10**log_gap)).astype(np.float32)
    found = [k(x[None], y[None], depth=depth).item() for k in (nngp, ntk)]
    assert found == pytest.approx(exact(x, y, depth), abs=5e-7, rel=0)


@SEEDS
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_float64_agrees_with_fifty_digits(seed, depth):
    """Every entry agrees with the definition evaluated in 50 digits."""
    X, Y = points(seed, D=4), points(seed + 50, D=5)
    expected = np.array([[exact(x, y, depth) for y in Y] for x in X])
    for found, want in zip((nngp, ntk), np.moveaxis(expected, -1, 0), strict=True):
        np.testing.assert_allclose(found(X, Y, depth=depth), want, rtol=1e-12)


@SEEDS
def test_float32_agrees_with_float64(seed):
    """In float32 every entry of the depth-3 NTK is right to 1e-6."""
    X = points(seed, D=400, n=196, dtype=np.float32)
    K = ntk(X, depth=3)
    assert K.dtype == np.float32
    np.testing.assert_allclose(K, ntk(X.astype(np.float64), depth=3), rtol=1e-6)


@BOTH
@SEEDS
def test_positive_semidefinite(kernel, seed):
    """No eigenvalue is negative beyond rounding, with duplicates and antipodes."""
    X = points(seed, D=60)
    lam = np.linalg.eigvalsh(kernel(np.concatenate([X, -X, X]), depth=2))
    assert lam[0] > -1e-7 * lam[-1]


def test_one_layer_has_no_odd_modes():
    """On the circle λ_k(Θ¹) is (2k² + 6) / π²(k² − 1)² for k even, ½ for 1, else 0."""
    theta = np.linspace(0, 2 * np.pi, 4096, endpoint=False)
    X = np.stack([np.cos(theta), np.sin(theta)], axis=1)
    lam = np.fft.rfft(ntk(X[:1], X, depth=1)[0]).real / len(X)
    k = np.arange(8)
    with np.errstate(divide="ignore"):
        even = (2 * k**2 + 6) / (np.pi * (k**2 - 1.0)) ** 2
    expected = np.where(k % 2 == 0, even, np.where(k == 1, 0.5, 0))
    np.testing.assert_allclose(lam[:8], expected, atol=1e-6)


@SEEDS
def test_wide_network_at_initialisation(seed):
    """The gradients of wide networks have inner products Θ, within 4 standard errors.

    In NTK parameterisation, by torch's autograd. The bias at finite width is O(1/W),
    the standard error over T networks O(1/√(TW)): the larger of the two when W > T.
    """
    torch = pytest.importorskip("torch")
    T, W, depth, X = 50, 256, 2, points(seed, D=2, n=3)
    rng = np.random.default_rng(seed)
    fans = [X.shape[1], *depth * [W], 1]
    weights = [
        torch.tensor(rng.standard_normal((T, *shape)), requires_grad=True)
        for shape in zip(fans[1:], fans[:-1], strict=True)
    ]
    gradients = []
    for x in torch.tensor(X):
        h = weights[0] @ x
        for w in weights[1:]:
            h = (w @ torch.relu(h)[..., None])[..., 0] * (2 / w.shape[-1]) ** 0.5
        # The sum over networks separates: each has its own weights.
        gradient = torch.autograd.grad(h.sum(), weights)
        gradients.append(torch.cat([g.flatten(1) for g in gradient], dim=1))
    G = torch.stack(gradients, dim=1)
    theta = (G @ G.mT).numpy()
    mean, error = theta.mean(0), theta.std(0, ddof=1) / np.sqrt(T)
    assert (np.abs(mean - ntk(X, depth=depth)) < 4 * error).all()
    assert (error < 0.05 * np.abs(mean).max()).all()


@pytest.mark.parametrize(
    "kernel",
    [partial(ntk, depth=2), partial(nngp, depth=2), partial(arc_cosine, order=0)],
)
def test_zero_has_no_direction(kernel):
    """A zero input to a homogeneous kernel is refused, by its row; not with a bias."""
    X = np.concatenate([points(0, D=3), np.zeros((1, 7))])
    for arguments in ((X,), (X[:3], X)):
        with pytest.raises(ValueError, match="row 3 is zero: it has no direction"):
            kernel(*arguments)
    if "depth" in kernel.keywords:
        assert np.isfinite(kernel(X, bias=0.5)).all()


@BOTH
@settings(deadline=None)
@given(
    X=arrays(np.float32, (5, 3), elements=st.floats(-100, 100, width=32)),
    depth=st.integers(0, 4),
)
def test_hostile_input(kernel, X, depth):
    """Any finite input gives a symmetric kernel within Cauchy and Schwarz's bound."""
    r = np.linalg.norm(X.astype(np.float64), axis=1)
    if (r**2).min() < np.finfo(np.float32).tiny:
        with pytest.raises(ValueError, match="no direction"):
            kernel(X, depth=depth)
        return
    K = kernel(X, depth=depth)
    np.testing.assert_array_equal(K, K.T)
    assert (np.abs(K) <= np.outer(r, r) * (depth + 1) * (1 + 1e-6) + 1e-40).all()


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.uint8])
def test_other_types_give_float64(dtype):
    """Only float32 with float32 gives float32; the inputs are left alone."""
    X = np.eye(2).astype(dtype)
    before = X.copy()
    assert ntk(X, depth=1).dtype == np.float64
    assert ntk(X.astype(np.float32), X.astype(np.float64), depth=1).dtype == np.float64
    np.testing.assert_array_equal(X, before)


def test_memory():
    """Result and work space together take less than one and a half Gram matrices."""
    X = points(0, D=4000, n=20, dtype=np.float32)
    tracemalloc.start()
    K = ntk(X, depth=3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * K.nbytes


@BOTH
@pytest.mark.parametrize("depth", [-1, 1.0, "2", None, True])
def test_rejects_depth(kernel, depth):
    """The number of hidden layers is an integer ≥ 0."""
    with pytest.raises(
        ValueError, match=r"depth must be (a whole number|at least 0), got"
    ):
        kernel(np.eye(2), depth=depth)


@BOTH
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_rejects_numbers_out_of_range(kernel, bad):
    """Nan, infinity and |x|² beyond the range of the result are named."""
    X = np.array([[1.0, bad]])
    with pytest.raises(ValueError, match="X must be finite"):
        kernel(X, depth=1)
    with pytest.raises(ValueError, match="Y must be finite"):
        kernel(np.eye(2), X, depth=1)


def test_rejects_overflow_of_the_result():
    """Inputs whose kernel overflows float32 are refused in float32 only."""
    X = np.array([[1.5e19]], dtype=np.float32)
    assert np.isfinite(ntk(X, depth=0)).all()
    with pytest.raises(ValueError, match="X must be finite"):
        ntk(X, depth=3)
    assert np.isfinite(ntk(X.astype(np.float64), depth=3)).all()


@BOTH
@pytest.mark.parametrize(
    "X", [np.ones(3), np.ones((0, 3)), np.ones((2, 0)), [["a"]], [[1j]]]
)
def test_rejects_what_is_not_a_matrix(kernel, X):
    """Inputs are rows of a real matrix that is not empty."""
    with pytest.raises(ValueError, match=r"X must (be a|hold real)"):
        kernel(X, depth=1)


@BOTH
def test_rejects_mismatched_dimensions(kernel):
    """X and Y live in the same space."""
    with pytest.raises(ValueError, match="Y has 2 columns; accepted is X's 3"):
        kernel(np.eye(3), np.eye(2), depth=1)


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
    networks = pytest.importorskip("scalinglib.networks")
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
    with pytest.raises(ValueError, match="activation must be 'relu' or 'erf', got"):
        kernel(np.eye(2), depth=1, activation=activation)


@BOTH
def test_erf_rejects_numbers_out_of_range(kernel):
    """Lengths whose squares leave the range are named."""
    with pytest.raises(ValueError, match="X must be finite"):
        kernel(np.array([[1e80, 0.0]]), depth=1, activation="erf")


# -- biases, diagonals, and the other kernels ----------------------------------------

ON_SPHERES = [
    (ntk, {"depth": 3}),
    (ntk, {"depth": 2, "bias": 0.7}),
    (ntk, {"depth": 2, "bias": 0.7, "activation": "erf"}),
    (nngp, {"depth": 3}),
    (nngp, {"depth": 2, "bias": 0.7}),
    (nngp, {"depth": 2, "bias": 0.7, "activation": "erf"}),
    (arc_cosine, {"order": 0}),
    (arc_cosine, {"order": 1}),
    (gaussian, {"bandwidth": 1.5}),
    (laplace, {"bandwidth": 0.5}),
    (matern, {"nu": 1.5, "bandwidth": 2.0}),
    (matern, {"nu": 0.8, "bandwidth": 2.0}),
]
KERNELS = pytest.mark.parametrize(
    ("kernel", "choices"),
    ON_SPHERES,
    ids=lambda value: getattr(value, "__name__", None),
)


def times(seed, D):
    """Draw uniform times, as a column."""
    return np.random.default_rng(seed).random((D, 1))


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


@KERNELS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_diagonal_is_that_of_the_gram_matrix(kernel, choices, dtype):
    """diagonal=True is K(x, x), in the same type, and takes no other inputs."""
    X = points(0, D=300, dtype=dtype)
    found = kernel(X, diagonal=True, **choices)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, kernel(X, **choices).diagonal())
    with pytest.raises(ValueError, match="Y must be left out for a diagonal"):
        kernel(X, X, diagonal=True, **choices)


@KERNELS
@SEEDS
def test_single_precision_and_halves(kernel, choices, seed):
    """Float32 agrees with float64; the symmetric half with the general path."""
    X = points(seed, D=300, n=30, dtype=np.float32)
    single, double = kernel(X, **choices), kernel(X.astype(float), **choices)
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    scale = np.sqrt(np.outer(*2 * [double.diagonal()]))
    assert (abs(single - double) <= 3e-6 * scale).all()
    assert (
        abs(double - kernel(X.astype(float), X[:], **choices)) <= 1e-7 * scale
    ).all()
    np.testing.assert_array_equal(double, double.T)


@KERNELS
def test_profile_is_the_kernel_of_unit_vectors(kernel, choices):
    """Between unit vectors a kernel is its profile; in extended precision if asked."""
    angles = np.linspace(0.1, 3.1, 9)
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = profile(kernel, **choices)(X[:, 0])
    np.testing.assert_allclose(found, kernel([[1.0, 0.0]], X, **choices)[0], atol=1e-14)
    longer = profile(kernel, **choices)(np.longdouble(X[:, 0]))
    assert longer.dtype == np.longdouble
    at_one = profile(kernel, **choices)(np.longdouble([1]))[0]
    own = kernel([[1.0, 0.0]], diagonal=True, **choices)[0]
    assert float(at_one) == pytest.approx(own, rel=4e-16)
    np.testing.assert_allclose(longer.astype(float), found, atol=1e-14)


@pytest.mark.parametrize("nu", [0.3, 1.0, 2.2, 10.0, 50.0, 0.5, 1.5, 2.5])
def test_matern_agrees_with_thirty_digits(nu):
    """Bessel's function at distances from 1e-9 to 30, in 30 digits."""
    r = np.geomspace(1e-9, 30, 40)
    with mpmath.workdps(30):
        z = [mpmath.sqrt(2 * mpmath.mpf(nu)) * mpmath.mpf(x) for x in r]
        front = 2 ** (1 - mpmath.mpf(nu)) / mpmath.gamma(nu)
        expected = [float(front * x**nu * mpmath.besselk(nu, x)) for x in z]
    found = matern([[0.0]], r[:, None], nu=nu, bandwidth=1)[0]
    np.testing.assert_allclose(found, expected, rtol=2e-11, atol=1e-300)


def test_matern_where_the_bessel_function_overflows():
    """For ν = 50 and z = 2e-5 the kernel is 1 − z² / 196, to the last digit."""
    found = matern([[0.0]], [[2e-6]], nu=50, bandwidth=1).item()
    assert 1 - found == pytest.approx(4e-10 / 196, rel=1e-3)


def test_matern_between_laplace_and_gaussian():
    """ν = ½ is Laplace's kernel; for large ν it approaches the Gaussian as 1/ν."""
    X = points(0, n=3)
    np.testing.assert_allclose(
        matern(X, nu=0.5, bandwidth=2), laplace(X, bandwidth=2), rtol=1e-15
    )
    limit = gaussian(X, bandwidth=2)
    gaps = [abs(matern(X, nu=nu, bandwidth=2) - limit).max() for nu in (12.25, 49)]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("n", [2, 8, 9, 40])
@SEEDS
def test_distances(n, seed):
    """On both roads to a distance K is exp(−r) of plain differences, 1 for equals."""
    X, Y = 5 + points(seed, n=n), 5 + points(seed + 9, n=n, D=30)
    Y[:3] = X[:3]
    r = np.sqrt(((X[:, None] - Y) ** 2).sum(axis=2))
    K = laplace(X, Y, bandwidth=1)
    np.testing.assert_allclose(K, np.exp(-r), rtol=1e-12)
    assert (K[range(3), range(3)] == 1).all()


@pytest.mark.parametrize("gap", [1e-9, 1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("far", [0, 1e9])
def test_near_points_in_many_coordinates(gap, far):
    """Small distances keep their digits, also beside a point that is far away."""
    X = points(0, D=30, n=9)
    Y = X + gap * points(1, D=30, n=9)
    X[-1] += far
    r = np.linalg.norm(X - Y, axis=1)
    found = laplace(X, Y, bandwidth=gap).diagonal()
    np.testing.assert_allclose(found, np.exp(-r / gap), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("length", [1.0, 1e3, 1e6])
def test_diagonal_of_erf(length):
    """Θ(x, x) of one layer, where d − 4S² is 1 + 4 ‖x‖², to rounding."""
    square = length**2
    slope = 4 / np.pi / np.sqrt(1 + 4 * square)
    sigma = 2 / np.pi * np.arctan2(2 * square, np.sqrt(1 + 4 * square))
    found = ntk([[length, 0.0]], depth=1, activation="erf").item()
    assert found == pytest.approx(sigma + square * slope, rel=1e-14)


@pytest.mark.parametrize("bandwidth", [1e-300, 1e300])
def test_extreme_bandwidths(bandwidth):
    """Far and near have limits, without a warning or nan."""
    X = points(0, D=4)
    limit = np.eye(4) if bandwidth < 1 else np.ones((4, 4))
    for kernel in (gaussian, laplace, partial(matern, nu=1.5), partial(matern, nu=3)):
        np.testing.assert_array_equal(kernel(X, bandwidth=bandwidth), limit)


@SEEDS
def test_brownian(seed):
    """K = min(x, y), and differences of the motion are independent."""
    x = np.sort(times(seed, 300), axis=0)
    K = brownian(x)
    np.testing.assert_array_equal(K, np.minimum(x, x.T))
    steps = np.diff(np.diff(np.vstack([np.zeros(300), K]), axis=0), axis=1)
    assert abs(np.triu(steps, 1)).max() < 1e-15
    np.testing.assert_array_equal(brownian(x, diagonal=True), x[:, 0])


@SEEDS
def test_kernel_of_features(seed):
    """Random ReLUs have the arc-cosine kernel, within 4 standard errors; no copies."""
    X, Y = points(seed, D=5, n=3), points(seed + 1, D=4, n=3)
    w = np.random.default_rng(seed).standard_normal((3, 40_000))
    kernel = from_features(lambda X: np.sqrt(2) * np.maximum(X @ w, 0))
    f, g = (np.sqrt(2) * np.maximum(Z @ w, 0) for Z in (X, Y))
    error = (f[:, None] * g).std(axis=-1) / np.sqrt(w.shape[1])
    assert (abs(kernel(X, Y) - arc_cosine(X, Y, order=1)) < 4 * error).all()
    np.testing.assert_array_equal(kernel(X), kernel(X).T)
    np.testing.assert_allclose(kernel(X, diagonal=True), kernel(X).diagonal())


@pytest.mark.parametrize("d", [1, 2, 3])
@SEEDS
def test_torus(d, seed):
    """K is a sum of waves; on all points of the grid they are its eigenvectors."""
    size, rng = 5, np.random.default_rng(seed)
    lam = rng.random(d * (size,))
    lam += np.roll(np.flip(lam), 1, axis=range(d))
    kernel = torus(lam)
    grid = np.indices(lam.shape).reshape(d, -1).T
    k = np.fft.fftfreq(size, 1 / size)[grid]
    X, Y = rng.integers(-9, 9, (4, d)), rng.integers(-9, 9, (6, d))
    waves = np.cos(2 * np.pi * (X[:, None] - Y) @ k.T / size)
    np.testing.assert_allclose(kernel(X, Y), waves @ lam.ravel(), atol=1e-12)
    found = np.linalg.eigvalsh(kernel(grid)) / size**d
    np.testing.assert_allclose(found, np.sort(lam.ravel()), rtol=1e-10)
    np.testing.assert_allclose(kernel(X, diagonal=True), lam.sum())
    np.testing.assert_array_equal(kernel(grid), kernel(grid).T)
    turns = size * np.array(2**60) * np.ones((1, d), int)
    np.testing.assert_array_equal(kernel(X + turns, Y - turns), kernel(X, Y))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian([[1.0]], bandwidth=0), "bandwidth must be above zero, got 0"),
        (lambda: laplace([[1.0]], bandwidth=-1), "bandwidth must be above zero"),
        (
            lambda: laplace([[1.0]], bandwidth=np.nan),
            "bandwidth must be a finite number",
        ),
        (lambda: matern([[1.0]], nu=0, bandwidth=1), "nu must be above zero, got 0"),
        (lambda: matern([[1.0]], nu=51, bandwidth=1), "nu must be at most 50, got 51"),
        (lambda: matern([[np.nan]], nu=1, bandwidth=1), "X must be finite"),
        (lambda: gaussian([[1e80]], bandwidth=1), "X must be finite"),
        (lambda: gaussian([1.0], bandwidth=1), r"X must be a \(D, n\) array"),
        (lambda: gaussian([[1.0]], [[1.0, 2.0]], bandwidth=1), "Y has 2 columns"),
        (
            lambda: laplace([[1.0]], bandwidth=1e-310),
            "bandwidth must be at least 1e-300",
        ),
        (lambda: ntk([[1.0]], depth=1, bias=1e20), "bias must be at most 1e15"),
        (lambda: from_features(3), "features must be a function of inputs, got 3"),
        (
            lambda: from_features(np.array)([[1e200]]),
            "features must have inner products",
        ),
        (lambda: torus([1e308] * 3), "lam must have a sum that is a float"),
        (lambda: profile([]), "kernel must be one of ntk, nngp"),
        (lambda: brownian([[-1.0]]), "X must be one column of finite times >= 0"),
        (lambda: brownian([[np.nan]]), "X must be one column of finite times >= 0"),
        (lambda: brownian([[np.inf]]), "X must be one column of finite times >= 0"),
        (lambda: brownian([[1.0, 2.0]]), "X must be one column of finite times >= 0"),
        (lambda: arc_cosine([[1.0]], order=2), "order must be 0 or 1, got 2"),
        (lambda: ntk([[1.0]], depth=1, bias=-1), "bias must be a finite number >= 0"),
        (lambda: from_features(np.ravel)(np.eye(2)), r"features\(X\) must be finite"),
        (lambda: torus([[1.0, 2.0]]), "lam must be finite and of shape"),
        (lambda: torus([1.0, 2.0, 3.0]), "lam must be the same for k and -k"),
        (lambda: torus([1.0, 2.0])([[0.5]]), "X must hold whole numbers"),
        (lambda: torus([1.0, 2.0])([[0, 1]]), r"X must have shape \(D, 1\)"),
        (lambda: profile(brownian), "kernel must be one of ntk, nngp"),
        (lambda: profile(ntk, depth=1)([1.5]), "t must be a cosine"),
        (lambda: profile(ntk, depth=1)([np.nan]), "t must be a cosine"),
    ],
)
def test_rejects_by_name(call, message):
    """What no kernel can take is named, with what is accepted."""
    with pytest.raises(ValueError, match=message):
        call()
