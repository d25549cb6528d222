"""Tests of the kernels of infinitely wide ReLU networks."""

import tracemalloc
from functools import partial

import numpy as np
import pytest
from fifty_digits import exact
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from thorough import first_of

from scalinglib.kernels import arc_cosine, nngp, ntk

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
BOTH = pytest.mark.parametrize("kernel", [ntk, nngp])


def points(seed, D=40, n=7, dtype=np.float64):
    """Draw D Gaussian points in n dimensions, of different lengths."""
    rng = np.random.default_rng(seed)
    return (rng.exponential(size=(D, 1)) * rng.standard_normal((D, n))).astype(dtype)


def at_angle(theta):
    """Return two unit vectors with the angle theta between them."""
    return np.array([[1.0, 0.0], [np.cos(theta), np.sin(theta)]])


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
    """Θ is a sum over layers: Σ_h Σ^h Π_{h' ≥ h} κ₀(θ_h') (arXiv:1904.11955)."""
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
