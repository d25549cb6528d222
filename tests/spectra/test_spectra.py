"""Spectra on spheres: closed forms, known zeros, and what the trace must be."""

from functools import lru_cache

import numpy as np
import pytest
import scipy.stats
from scipy.special import eval_gegenbauer, gamma, iv, spherical_in
from thorough import first_of, long

from scalinglib import kernels
from scalinglib.kernels import laplace as laplace_kernel
from scalinglib.kernels import nngp, ntk, profile
from scalinglib.learners.random_features import gaussian
from scalinglib.spectra import (
    ExponentEstimate,
    PowerLaw,
    empirical,
    noise_exponent,
    resolution_exponent,
    resolutions,
    sphere,
    tail_exponent,
    torus,
)

PI = np.arctan2(np.longdouble(0), np.longdouble(-1))


def arc_cosine_0(t):
    """Fraction of ReLU units that are on for both of two inputs."""
    return 1 - np.arccos(t) / PI


def arc_cosine_1(t):
    """Kernel behind one ReLU layer, in the type of t."""
    theta = np.arccos(t)
    return (np.sin(theta) + (PI - theta) * t) / PI


def laplace(t):
    """Exponential of the distance."""
    return np.exp(-np.sqrt(2 - 2 * t))


def local_exponents(lam, k):
    """Slopes of log λ between neighbouring degrees."""
    return -np.diff(np.log(lam[k])) / np.diff(np.log(k))


def test_exponential_of_the_cosine():
    """Bessel functions, on the circle and on the globe."""
    k = np.arange(41)
    for d, bessel in ((1, iv(k, 1.0)), (2, spherical_in(k, 1.0))):
        lam = sphere(np.exp, d=d, degrees=40).lam
        np.testing.assert_allclose(lam, bessel, atol=1e-16)


def test_arc_cosine_kernels_on_the_circle():
    """Closed forms to degree 200; what vanishes is zero to 1e-16 and below."""
    k = np.arange(201)
    square = np.maximum(k, 1) ** 2.0
    expected = np.where(k % 2, 2 / (np.pi**2 * square), 0.0)
    expected[0] = 1 / 2
    lam = sphere(arc_cosine_0, d=1, degrees=200).lam
    np.testing.assert_allclose(lam, expected, atol=1e-16)
    expected = np.where(k % 2, 0.0, 4 / np.pi**2 / (k**2 - 1.0 + (k == 1)) ** 2)
    expected[1] = 1 / 4
    lam = sphere(arc_cosine_1, d=1, degrees=200).lam
    np.testing.assert_allclose(lam, expected, atol=1e-16)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_decay_and_zeros_of_a_relu_layer(d):
    """Even degrees are positive and fall as k^-(d + 3), odd ones above 1 vanish."""
    lam = sphere(arc_cosine_1, d=d, degrees=200).lam
    even = np.arange(2, 201, 2)
    assert abs(lam[3::2]).max() < 1e-16
    assert (lam[even][: 100 if np.finfo(np.longdouble).eps < 1e-17 else 10] > 0).all()
    slopes = local_exponents(lam, even[:20])
    assert (np.diff(slopes[5:]) > 0).all()
    assert slopes[-1] == pytest.approx(d + 3, rel=0.05)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_decay_of_the_laplace_kernel(d):
    """All degrees are positive and fall as k^-(d + 1)."""
    lam = sphere(laplace, d=d, degrees=200).lam
    assert (lam > 0).all()
    k = np.arange(20, 201)
    assert local_exponents(lam, k)[-1] == pytest.approx(d + 1, rel=0.01)


@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_reproduces_the_profile(d):
    """Σ λ_k N_k P_k(t) is the profile; at t = 1, its trace."""
    lam, multiplicity = sphere(np.exp, d=d, degrees=30)
    t, k = np.linspace(-1, 1, 9)[:, None], np.arange(31)
    if d == 1:
        P = np.cos(k * np.arccos(t))
    else:
        a = (d - 1) / 2
        P = eval_gegenbauer(k, a, t) / eval_gegenbauer(k, a, 1.0)
    np.testing.assert_allclose(P @ (lam * multiplicity), np.exp(t[:, 0]), rtol=1e-13)
    assert (lam * multiplicity).sum() == pytest.approx(np.e, rel=1e-13)


@long
@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_sample_gram_matrix_has_the_spectrum(seed):
    """Eigenvalues of K / N at random points are those of the kernel (Nyström)."""
    X = np.random.default_rng(seed).standard_normal((2000, 3))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    found = np.linalg.eigvalsh(nngp(X, depth=1))[::-1] / len(X)
    lam, multiplicity = sphere(arc_cosine_1, d=2, degrees=4)
    expected = np.repeat(lam, multiplicity.astype(int))[[0, 1, 2, 3, 4, 5, 6, 7, 8]]
    np.testing.assert_allclose(found[:9], expected, rtol=0.15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"d": 0}, "d must be at least 1, got 0"),
        ({"degrees": -1}, "degrees must be at least 0, got -1"),
        ({"degrees": 2.5}, "degrees must be a whole number"),
        ({"profile": lambda t: 1.0}, "profile must return a finite number for each"),
        ({"profile": lambda t: t / 0 * np.nan}, "profile must return a finite number"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_rejects(arguments, message):
    """What has no spectrum on a sphere is named."""
    with pytest.raises(ValueError, match=message):
        sphere(**{"profile": np.exp, "d": 2, "degrees": 3} | arguments)


# -- kernels of networks on spheres --------------------------------------------------


def test_tangent_kernel_on_the_circle():
    """One layer: (2k² + 6) / π²(k² − 1)² for k even, ½ for 1, else 0, to 1e-16."""
    k = np.arange(201)
    expected = np.where(
        k % 2, 0.0, (2 * k**2 + 6) / np.pi**2 / (k**2 - 1.0 + (k == 1)) ** 2
    )
    expected[1] = 1 / 2
    lam = sphere(profile(ntk, depth=1), d=1, degrees=200).lam
    np.testing.assert_allclose(lam, expected, atol=1e-16)


@pytest.mark.parametrize("d", [2, 3, 4])
@pytest.mark.parametrize(("kernel", "order"), [(ntk, 1), (nngp, 3)])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_depth_does_not_change_the_decay(d, kernel, order, depth):
    """Per degree k^-(d + 1) for the tangent kernel and k^-(d + 3) for the NNGP."""
    lam = sphere(profile(kernel, depth=depth), d=d, degrees=200).lam
    for parity in (0, 1)[: 1 if depth == 1 else 2]:  # each has an amplitude of its own
        slopes = local_exponents(lam, np.arange(100, 200, 2) + parity)
        assert slopes[-1] == pytest.approx(d + order, rel=0.01)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_odd_degrees_need_a_bias_or_depth(d):
    """One layer without a bias has none above 1; a bias or a layer more brings all."""

    def eigenvalues(kernel, **choices):
        return sphere(profile(kernel, **choices), d=d, degrees=60).lam

    for kernel in (ntk, nngp):
        assert abs(eigenvalues(kernel, depth=1)[3::2]).max() < 1e-14
        for choices in ({"depth": 1, "bias": 1.0}, {"depth": 2}):
            assert (eigenvalues(kernel, **choices) > 0).all()


# -- tori ----------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5, 1.0])
def test_matern_on_the_torus(d, nu):
    """Matérn's transform at the frequencies of the torus: the kernel and its images.

    By Poisson's formula; the transform is that of Rasmussen and Williams (4.15).
    """
    b = 0.15
    front = 2**d * np.pi ** (d / 2) * gamma(nu + d / 2) * (2 * nu) ** nu
    front /= gamma(nu) * b ** (2 * nu)
    lam = torus(
        lambda k: front * (2 * nu / b**2 + (2 * np.pi * k) ** 2) ** -(nu + d / 2),
        d,
        512,
    )
    rows = np.random.default_rng(0).integers(512, size=(6, d))
    found = kernels.torus(lam)(rows[:1], rows)[0]
    images = np.stack(np.meshgrid(*d * [np.arange(-4, 5)]), axis=-1).reshape(-1, d)
    expected = sum(
        kernels.matern(rows[:1] / 512, rows / 512 + shift, nu=nu, bandwidth=b)[0]
        for shift in images
    )
    # Frequencies beyond the grid are missing: λ ~ k^(-2ν-d), in total 256^(-2ν).
    np.testing.assert_allclose(found, expected, atol=30 * front * 1600.0 ** (-2 * nu))
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)


def test_torus_has_the_lengths_of_whole_vectors():
    """In two dimensions (0, 0), then (±1, 0), (0, ±1), then (±1, ±1)."""
    lam = np.sort(torus(lambda k: 1 / (1 + k**2), 2, 8).ravel())[::-1]
    np.testing.assert_allclose(lam[:9], [1, *4 * [1 / 2], *4 * [1 / 3]])


# -- samples -------------------------------------------------------------------------


@lru_cache(maxsize=20)
def features(alpha, D, seed, S=3000):
    """Return the Gram matrix of Gaussian features; what is beyond S as its mean.

    The last ones are kept, for one estimator after the other.
    """
    rng = np.random.default_rng([seed, int(10 * alpha)])
    F = gaussian(PowerLaw(alpha=alpha)(np.arange(1, S + 1)), D, rng=rng)
    K = F @ F.T + (S + 0.5) ** -alpha / alpha * np.eye(D)
    K.flags.writeable = False
    return K


@pytest.mark.parametrize("alpha", first_of([0.5, 1.0, 2.0]))
def test_sampled_eigenvalues(alpha):
    """All but the first few of 300 agree with random matrices, to 1 % from 100 on."""
    N = 300
    found = np.mean([empirical(features(alpha, N, s)).lam for s in range(20)], axis=0)
    ratio = found / PowerLaw(alpha=alpha).sampled(N)
    np.testing.assert_allclose(ratio, 1, atol=4 * (2 / 300 / 20) ** 0.5)
    np.testing.assert_allclose(ratio[100:290], 1, atol=0.01)


@pytest.mark.parametrize("alpha", [0.25, 1.0, 4.0])
def test_first_order_of_the_bend(alpha):
    """At small n / N it is 1 − (π/a) cot(π/a) n / N."""
    a, N = 1 + alpha, 100_000
    n = np.array([2000, 4000])
    bend = PowerLaw(alpha=alpha).sampled(N)[n - 1] / PowerLaw(alpha=alpha)(n)
    rest = bend - 1 + np.pi / a / np.tan(np.pi / a) * (n - 0.5) / N
    assert (abs(rest) < 5e-3).all()
    assert rest[1] / rest[0] == pytest.approx(4, rel=0.1)


def test_the_sum_of_sampled_eigenvalues():
    """The trace of K / N is that of the kernel, on average: Σ λ̂ = Σ λ."""
    for alpha in (0.5, 1.0, 2.0):
        spectrum = PowerLaw(alpha=alpha)
        # The first few are discrete: the difference is that of a sum and an integral.
        assert spectrum.sampled(20_000).sum() == pytest.approx(spectrum.total, rel=2e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_few_eigenvalues_are_the_first_of_all(dtype):
    """Lanczos's agree with those of all, to rounding of the type."""
    X = np.random.default_rng(0).standard_normal((400, 3)).astype(dtype)
    K = laplace_kernel(X, bandwidth=1.0)
    every, some = empirical(K), empirical(K, modes=20)
    assert some.lam.dtype == dtype
    np.testing.assert_allclose(some.lam, every.lam[:20], rtol=30 * np.finfo(dtype).eps)
    assert (every.trusted, some.trusted) == (40, 20)
    assert every.lam.sum() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_ends_what_is_trusted(dtype):
    """Of a matrix of rank 30 no more are trusted, however many points there are."""
    f = np.random.default_rng(0).standard_normal((1000, 30)).astype(dtype)
    assert empirical(f @ f.T).trusted == 30


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_few_eigenvalues_at_any_scale(scale):
    """Units do not matter."""
    found = empirical(scale * np.diag(np.arange(1, 101.0)), modes=2).lam
    np.testing.assert_allclose(found, [scale, 0.99 * scale], rtol=1e-12)


EYE, ONES = np.eye(400), np.ones((400, 400))
ESTIMATORS = pytest.mark.parametrize(
    "estimator", [tail_exponent, resolution_exponent, noise_exponent]
)


@long
@ESTIMATORS
@pytest.mark.parametrize("alpha", first_of([1.0, 0.5, 2.0]))
def test_intervals_cover_a_planted_exponent(estimator, alpha):
    """Of 20 intervals of 95 % at least 16 contain it (all but 1 case in 400)."""
    estimates = [estimator(features(alpha, 640, s, S=2000)) for s in range(20)]
    assert sum(e.covers(1 + alpha) for e in estimates) >= 16
    mean = np.mean([e.alpha_K.value for e in estimates])
    assert mean == pytest.approx(alpha, rel=0.05)


@long
@ESTIMATORS
def test_intervals_exclude_another_exponent(estimator):
    """α_K = 1 is told from 1.3."""
    estimate = estimator(features(1.0, 1600, 0))
    assert not estimate.covers(2.3)
    low, high = estimate.interval()
    assert low < estimate.value < high


@ESTIMATORS
def test_estimates_do_not_depend_on_units(estimator):
    """A kernel times a constant has the same exponent."""
    K = features(1.0, 640, 0, S=1000)
    first, second = estimator(K), estimator(1e-5 * K)
    np.testing.assert_allclose(first.groups - 1, second.groups - 1, rtol=1e-8)


@ESTIMATORS
def test_interval_is_students(estimator):
    """Mean of the groups, and their standard error times a quantile of Student's t."""
    found = estimator(features(1.0, 640, 0, S=1000))
    test = scipy.stats.ttest_1samp(found.groups, 0.0)
    assert len(found.groups) == 8
    assert found.value == pytest.approx(found.groups.mean(), rel=1e-12)
    np.testing.assert_allclose(found.interval(), test.confidence_interval(), 1e-12)


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_groups_of_noise_are_a_jackknife(seed):
    """The value of a group is 5 times the whole minus 4 times the rest without it."""
    K, D = features(1.0, 200, seed, S=1000), 40

    def sums(K, groups):  # E |w|², which is solved for α
        alpha = noise_exponent(K, groups=groups).groups - 1
        return (alpha**2 + (2 * D - 1) * alpha - 1) / (2 * D)

    whole = sums(K, 5)
    for k in range(5):
        rest = np.delete(np.arange(200), np.arange(k * D, (k + 1) * D))
        without = sums(K[np.ix_(rest, rest)], 4).mean()
        assert whole[k] == pytest.approx(5 * whole.mean() - 4 * without, rel=1e-9)


def test_noise_on_brownian_motion():
    """Linear interpolation has weights u and 1 − u: 2/3 in the mean, not α_K = 1."""
    x = np.random.default_rng(0).random((1600, 1))
    estimate = noise_exponent(kernels.brownian(x))
    assert not estimate.alpha_K.covers(1)
    assert estimate.alpha_K.value == pytest.approx(2 / 3, abs=0.05)


def test_covers():
    """The ends belong to the interval; nan is no exponent."""
    estimate = ExponentEstimate.of_mean([1.9, 2.0, 2.1])
    low, high = estimate.interval()
    ends = (low, high, np.nextafter(low, 0), np.nextafter(high, 3))
    assert [estimate.covers(a) for a in ends] == [True, True, False, False]
    with pytest.raises(ValueError, match="value must be a number"):
        estimate.covers(np.nan)


@ESTIMATORS
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"K": np.ones(3)}, "K must be finite and"),
        ({"K": np.zeros((99, 99))}, "K must not be zero"),
        ({"K": np.full((99, 99), np.nan)}, "K must be finite"),
        ({"K": np.triu(np.ones((99, 99)))}, "K must be symmetric"),
        ({"K": np.eye(99)}, "K must have at least"),
        ({"groups": 1}, "groups must be at least"),
        ({"groups": 2.5}, "groups must be a whole number"),
    ],
)
def test_estimators_reject(estimator, change, message):
    """What has no exponent is named."""
    given = {"K": np.eye(400), "groups": 8} | change
    with pytest.raises(ValueError, match=message):
        estimator(**given)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tail_exponent(EYE), "K must have eigenvalues that fall"),
        (
            lambda: tail_exponent(EYE, window=(0, 9)),
            "window must be at least 1",
        ),
        (
            lambda: tail_exponent(EYE, window=(9, 9)),
            "window must be at least 10",
        ),
        (lambda: tail_exponent(EYE, window=(1, 51)), "window must end within"),
        (lambda: tail_exponent(ONES), "window must end before"),
        (
            lambda: resolution_exponent(ONES),
            "K must be positive",
        ),
        (lambda: noise_exponent(ONES), "K must be positive"),
        (
            lambda: resolution_exponent(EYE, sizes=(3, 51)),
            "sizes must end within",
        ),
        (lambda: tail_exponent(EYE, window=5), "window must be a pair, got 5"),
        (
            lambda: resolution_exponent(np.diag(1.0 + np.arange(400))),
            "K must have a reso",
        ),
        (lambda: resolution_exponent(EYE, sizes=(1, 2, 3)), "sizes must be a pair"),
        (lambda: torus(lambda k: k * 1j, 1, 4), r"eigenvalue\(k\) must hold real"),
        (lambda: empirical(np.eye(9), modes=10), "modes must be at most N = 9"),
        (lambda: empirical(np.eye(9), modes=0), "modes must be at least 1"),
        (lambda: PowerLaw(alpha=1).sampled(0), "N must be at least 1"),
        (lambda: torus(np.exp, 0, 4), "d must be at least 1"),
        (lambda: torus(np.exp, 1, 0), "size must be at least 1"),
        (lambda: torus(lambda k: 1.0, 1, 4), "eigenvalue must return a finite number"),
        (lambda: torus(lambda k: k * np.nan, 1, 4), "eigenvalue must return a finite"),
    ],
)
def test_rejects_samples_and_tori(call, message):
    """What is out of range is named."""
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_resolutions_by_inverses(seed):
    """1 / tr K_D⁻¹ for every D, from one factorisation; in single precision too."""
    F = np.random.default_rng(seed).standard_normal((30, 90))
    K = F @ F.T
    expected = [1 / np.trace(np.linalg.inv(K[:D, :D])) for D in range(1, 31)]
    found = resolutions(K)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert (np.diff(found) < 0).all()
    np.testing.assert_allclose(resolutions(K.astype(np.float32)), expected, 1e-4)


@pytest.mark.parametrize(
    ("K", "message"),
    [
        (np.ones((3, 3)), "K must be positive definite beyond rounding"),
        (np.ones((3, 2)), r"K must be finite and \(D, D\)"),
        ([[1.0, 0.5], [0.1, 1.0]], "K must be symmetric"),
    ],
)
def test_resolutions_reject(K, message):
    """Equal points, and what is no Gram matrix."""
    with pytest.raises(ValueError, match=message):
        resolutions(K)
