"""Tests of kernels of distances and features, and of what all kernels share."""

from functools import partial

import mpmath
import numpy as np
import pytest
from thorough import first_of

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

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def points(seed, D=40, n=7, dtype=np.float64):
    """Draw D Gaussian points in n dimensions, of different lengths."""
    rng = np.random.default_rng(seed)
    return (rng.exponential(size=(D, 1)) * rng.standard_normal((D, n))).astype(dtype)


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
