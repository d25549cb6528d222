"""The loss of one pass: limits, a Volterra equation in time, random matrices."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq
from scipy.special import comb, zeta
from thorough import first_of, some

from scalinglib.theory import one_pass_loss, projected_modes, sgd_recursion
from scalinglib.theory.dynamics import _spectrum

PLANE = {"Ia": (2.2, 1.6), "IVa": (2.8, 0.8), "III": (3.8, 1.4), "Ic": (2.4, 0.4)}
SOME = pytest.mark.parametrize("name", first_of(PLANE, 2))


def modes(a, b, count):
    """Eigenvalues and powers, one by one."""
    k = np.arange(1.0, count + 1)
    return k**-b, k**-a


@SOME
def test_at_the_start_nothing_is_learned(name):
    """The loss is the target's power, and for few steps it is near."""
    a, b = PLANE[name]
    power = modes(a, b, 256)[1].sum()
    found = one_pass_loss(a, b, P=64, t=[0, 1e-9], modes=256)
    np.testing.assert_allclose(found, power, rtol=1e-7)
    if min(a, b) > 1:
        np.testing.assert_allclose(one_pass_loss(a, b, P=64, t=0), zeta(a), rtol=1e-7)


@SOME
def test_many_features_are_the_modes_themselves(name):
    """For P → ∞ without noise mode k falls as exp(−2 γ λ_k t)."""
    a, b = PLANE[name]
    lam, v2 = modes(a, b, 3000)
    t = np.geomspace(1, 1 / lam[-1], 6)
    found = one_pass_loss(a, b, P=1e20, t=t, modes=3000, step=0.2, noise=False)
    expected = np.exp(-0.4 * np.outer(t, lam)) @ v2
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@SOME
def test_the_floor_is_what_the_features_cannot_hold(name):
    """At the end F_0 / (1 − γ Σ λ / 2), F_0 = Σ v² κ / (λ + κ), Σ λ / (λ + κ) = P."""
    a, b = PLANE[name]
    lam, v2 = modes(a, b, 2000)
    kappa = brentq(lambda x: (lam / (lam + x)).sum() - 50, 1e-12, 1e3, xtol=1e-15)
    floor = (v2 * kappa / (lam + kappa)).sum()
    for noise, grown in ((False, 1.0), (True, 1 / (1 - 0.25))):
        found = one_pass_loss(a, b, P=50, t=1e25, modes=2000, noise=noise)
        np.testing.assert_allclose(found, floor * grown, rtol=1e-6)


def euler(transforms, t, M=10):
    """Inverse of transforms by the algorithm of Abate and Whitt."""
    xi = np.ones(2 * M + 1)
    xi[0], xi[2 * M] = 0.5, 2.0**-M
    for k in range(1, M):
        xi[2 * M - k] = xi[2 * M - k + 1] + 2.0**-M * comb(M, k)
    k = np.arange(2 * M + 1)
    beta, eta = M * np.log(10) / 3 + 1j * np.pi * k, (-1.0) ** k * xi
    for values in transforms((beta / t[:, None]).ravel()):
        yield 10 ** (M / 3) / t * (values.reshape(len(t), -1).real @ eta)


def kernels(lam, v2, P, step, t):
    """F and K at times t from 0 on, all modes one by one, m by repeated insertion."""

    def transforms(s):
        z, m = -s / (2 * step), np.ones(len(s), complex)
        for _ in range(200):
            R = 1 / (lam * m[:, None] - z[:, None])
            last, m = m, (m + 1 / (1 + R @ lam / P)) / 2
            if abs(m - last).max() < 1e-10:
                break
        return R @ v2 / (2 * step), step / 2 * (lam.sum() + z * P * (1 - m))

    F, K = euler(transforms, t[1:])
    # At the start the mean of the trace of Ĥ² is exact, but for one part in P.
    start = step**2 * ((lam**2).sum() + lam.sum() ** 2 / P)
    return np.r_[v2.sum(), F], np.r_[start, K]


def stepped(F, K, h):
    """The Volterra equation by the trapezoidal rule, step for step."""
    L = np.zeros_like(F)
    L[0] = F[0]
    for n in range(1, len(F)):
        past = K[n] * L[0] / 2 + K[n - 1 : 0 : -1] @ L[1:n]
        L[n] = (F[n] + h * past) / (1 - h * K[0] / 2)
    return L


@SOME
def test_the_transform_against_steps_in_time(name):
    """One equation on two roads: F and K from sums over all modes, then in time.

    The error of the trapezoidal rule falls as h² and is taken off.
    """
    lam, v2 = modes(*PLANE[name], 160)
    step, t = 0.8 / lam.sum(), np.linspace(0, 40, 161)
    F, K = kernels(lam, v2, 32, step, t)
    fine = stepped(F, K, 0.25)[::2]
    loss = (4 * fine - stepped(F[::2], K[::2], 0.5)) / 3
    found = one_pass_loss(*PLANE[name], P=32, t=t[::2], step=step, modes=160)
    np.testing.assert_allclose(found, loss, rtol=1e-4)


@SOME
def test_gradient_flow_of_random_matrices(name):
    """The mean loss of 8 draws of the features and all signs of the target, solved.

    Four standard errors are asked for, and 1 % for the next order in 1/P.
    """
    lam, v2 = modes(*PLANE[name], 600)
    P, t, step = 150, np.geomspace(1, 1e5, 6), 0.5 / lam.sum()
    rng, drawn = np.random.default_rng(0), []
    for _ in range(8):
        W = rng.standard_normal((600, P)) / np.sqrt(P)
        U, singular, _ = np.linalg.svd(np.sqrt(lam)[:, None] * W, full_matrices=False)
        learned = 1 - np.exp(-2 * step * np.outer(t, singular**2))
        drawn.append(v2.sum() - learned @ (v2 @ U**2))
    mean, error = np.mean(drawn, axis=0), np.std(drawn, axis=0, ddof=1) / np.sqrt(8)
    found = one_pass_loss(*PLANE[name], P=P, t=t, modes=600, noise=False)
    assert (np.abs(found - mean) < 4 * error + 0.01 * mean).all()
    assert (error < 0.06 * mean).all()


@pytest.mark.parametrize(("a", "b"), [(2.2, 1.6), (2.8, 0.8), (4.56, 0.56), (1.2, 3)])
def test_sums_in_the_logarithm_are_sums(a, b, monkeypatch):
    """Ten times as many modes one by one, and panels of half the width, say the same.

    From early to late times at sizes at which no sum over all modes could be taken.
    """
    t = np.geomspace(1e2, 1e30, 8)
    coarse = one_pass_loss(a, b, P=1e12, t=t)
    monkeypatch.setattr(_spectrum, "DIRECT", 600)
    monkeypatch.setattr(_spectrum, "WIDTH", 1.0)
    _spectrum.power_law_modes.cache_clear()
    fine = one_pass_loss(a, b, P=1e12, t=t)
    _spectrum.power_law_modes.cache_clear()
    np.testing.assert_allclose(coarse, fine, rtol=1e-8)


def test_modes_without_end_are_the_limit_of_many():
    """With 1e9 modes the loss is the one of all, but for what they miss."""
    t = np.array([1e2, 1e5])
    all_modes = one_pass_loss(3.0, 2.0, P=100, t=t)
    many = one_pass_loss(3.0, 2.0, P=100, t=t, modes=1e9)
    np.testing.assert_allclose(many, all_modes, rtol=1e-6)
    few = one_pass_loss(3.0, 2.0, P=100, t=t, modes=200)
    assert (few < 0.97 * all_modes).any()


def test_slowly_falling_modes_are_not_cut():
    """At exponents near one, all modes: Σ v² = ζ(a), and the step is 1 / 2 ζ(b)."""
    np.testing.assert_allclose(one_pass_loss(1.02, 1.5, P=5, t=0), zeta(1.02), 1e-7)
    given = one_pass_loss(2.0, 1.02, P=5, t=10.0, step=0.5 / zeta(1.02))
    np.testing.assert_allclose(one_pass_loss(2.0, 1.02, P=5, t=10.0), given, rtol=1e-7)


def test_no_time_or_size_of_a_wide_range_fails():
    """Any exponents, sizes to 1e50 and times to 1e80 are solved, and losses fall."""
    rng = np.random.default_rng(0)
    for _ in some(range(12), 4):
        a, b = rng.uniform(1.1, 6), rng.uniform(0.1, 4)
        P, t = 10 ** rng.uniform(0, 50), np.geomspace(1e-3, 1e80, 20)
        loss = one_pass_loss(a, b, P=P, t=t, noise=False)
        assert (np.diff(loss) <= 1e-9 * loss[1:]).all()
        noisy = one_pass_loss(a, b, P=P, t=t)
        assert (noisy >= loss * (1 - 1e-9)).all()


def test_shapes_and_labels_pass_through():
    """Losses have the shape of the times, and their labels."""
    t = xr.DataArray([1.0, 10.0], coords={"t": [1.0, 10.0]})
    found = one_pass_loss(2.0, 1.5, P=10, t=t)
    assert found.dims == ("t",)
    grid = one_pass_loss(2.0, 1.5, P=10, t=[[1.0, 10.0]])
    np.testing.assert_array_equal(grid, [found.values])
    alone = one_pass_loss(2.0, 1.5, P=10, t=10)
    assert isinstance(alone, float)
    np.testing.assert_allclose(alone, grid[0, 1], rtol=1e-12)


def test_what_rounding_spoils_is_refused():
    """Where all modes are learned the loss is below its rounding: it is told."""
    few = {"P": 1e12, "modes": 100, "noise": False}
    assert one_pass_loss(2.0, 0.5, t=200, **few) > 0
    with pytest.raises(ValueError, match="too extreme"):
        one_pass_loss(2.0, 0.5, t=1e6, **few)


def test_a_step_that_diverges_is_refused():
    """Only with noise is there a largest step."""
    largest = 2 / zeta(1.5)
    with pytest.raises(ValueError, match="step must be below"):
        one_pass_loss(2.0, 1.5, P=10, t=1.0, step=1.001 * largest)
    one_pass_loss(2.0, 1.5, P=10, t=1.0, step=0.999 * largest)
    one_pass_loss(2.0, 1.5, P=10, t=1.0, step=10.0, noise=False)


@pytest.mark.parametrize(
    ("a", "b", "start"), first_of([(2.8, 0.8, 1), (2.4, 0.4, 1), (3.8, 1.4, 1000)])
)
def test_exact_expectations_agree_on_average(a, b, start):
    """Over twelve draws of 200 features, at every step; for b > 1 at late ones."""
    P, M, draws = 200, 800, 12
    step = 0.5 / modes(a, b, M)[0].sum()
    t, found = start * np.array([1, 10, 100]), []
    for seed in range(draws):
        W = np.random.default_rng(seed).standard_normal((P, M)) / np.sqrt(P)
        lam, error, floor = projected_modes(W, a=a, b=b)
        found.append(sgd_recursion(lam, error, floor=floor, steps=t, step=step))
    expected = one_pass_loss(a, b, P=P, t=t, step=step, modes=M)
    ratio = np.array(found) / expected
    off = ratio.mean(axis=0) - 1
    assert (abs(off) < 4 * ratio.std(axis=0, ddof=1) / np.sqrt(draws) + 0.01).all()
