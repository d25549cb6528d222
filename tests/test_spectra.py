"""Spectra on spheres: closed forms, known zeros, and what the trace must be."""

import numpy as np
import pytest
from scipy.special import eval_gegenbauer, iv, spherical_in

from scalinglib.kernels import nngp
from scalinglib.spectra import sphere

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
    """Bessel functions, on the circle and on the sphere in three dimensions."""
    k = np.arange(41)
    for dim, bessel in ((2, iv(k, 1.0)), (3, spherical_in(k, 1.0))):
        np.testing.assert_allclose(sphere(np.exp, dim, 40).lam, bessel, atol=1e-16)


def test_arc_cosine_kernels_on_the_circle():
    """Closed forms to degree 200; what vanishes is zero to 1e-16 and below."""
    k = np.arange(201)
    square = np.maximum(k, 1) ** 2.0
    expected = np.where(k % 2, 2 / (np.pi**2 * square), 0.0)
    expected[0] = 1 / 2
    np.testing.assert_allclose(sphere(arc_cosine_0, 2, 200).lam, expected, atol=1e-16)
    expected = np.where(k % 2, 0.0, 4 / np.pi**2 / (k**2 - 1.0 + (k == 1)) ** 2)
    expected[1] = 1 / 4
    np.testing.assert_allclose(sphere(arc_cosine_1, 2, 200).lam, expected, atol=1e-16)


@pytest.mark.parametrize("dim", [3, 4, 5])
def test_decay_and_zeros_of_a_relu_layer(dim):
    """Even degrees are positive and fall as k^-(dim + 2), odd ones above 1 vanish."""
    lam = sphere(arc_cosine_1, dim, 200).lam
    even = np.arange(2, 201, 2)
    assert abs(lam[3::2]).max() < 1e-16
    assert (lam[even][: 100 if np.finfo(np.longdouble).eps < 1e-17 else 10] > 0).all()
    slopes = local_exponents(lam, even[:20])
    assert (np.diff(slopes[5:]) > 0).all()
    assert slopes[-1] == pytest.approx(dim + 2, rel=0.05)


@pytest.mark.parametrize("dim", [2, 3, 4, 5])
def test_decay_of_the_laplace_kernel(dim):
    """All degrees are positive and fall as k^-dim."""
    lam = sphere(laplace, dim, 200).lam
    assert (lam > 0).all()
    k = np.arange(20, 201)
    assert local_exponents(lam, k)[-1] == pytest.approx(dim, rel=0.01)


@pytest.mark.parametrize("dim", [2, 3, 4, 7])
def test_reproduces_the_profile(dim):
    """Σ λ_k N_k P_k(t) is the profile; at t = 1, its trace."""
    lam, multiplicity = sphere(np.exp, dim, 30)
    t, k = np.linspace(-1, 1, 9)[:, None], np.arange(31)
    if dim == 2:
        P = np.cos(k * np.arccos(t))
    else:
        a = dim / 2 - 1
        P = eval_gegenbauer(k, a, t) / eval_gegenbauer(k, a, 1.0)
    np.testing.assert_allclose(P @ (lam * multiplicity), np.exp(t[:, 0]), rtol=1e-13)
    assert (lam * multiplicity).sum() == pytest.approx(np.e, rel=1e-13)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sample_gram_matrix_has_the_spectrum(seed):
    """Eigenvalues of K / N at random points are those of the kernel (Nyström)."""
    X = np.random.default_rng(seed).standard_normal((2000, 3))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    found = np.linalg.eigvalsh(nngp(X, depth=1))[::-1] / len(X)
    lam, multiplicity = sphere(arc_cosine_1, 3, 4)
    expected = np.repeat(lam, multiplicity.astype(int))[[0, 1, 2, 3, 4, 5, 6, 7, 8]]
    np.testing.assert_allclose(found[:9], expected, rtol=0.15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.exp, 1, 3), "dim must be at least 2, got 1"),
        ((np.exp, 3, -1), "degrees must be at least 0, got -1"),
        ((np.exp, 3, 2.5), "degrees must be a whole number"),
        ((lambda t: 1.0, 3, 3), "profile must return a finite number for each cosine"),
        ((lambda t: t / 0 * np.nan, 3, 3), "profile must return a finite number"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_rejects(arguments, message):
    """What has no spectrum on a sphere is named."""
    with pytest.raises(ValueError, match=message):
        sphere(*arguments)
