"""Regimes of ridge regression on power laws, and the sizes between them."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from thorough import first_of

from scalinglib.spectra import PowerLaw
from scalinglib.theory import (
    feature_regime,
    kernel_crossovers,
    kernel_regime,
    random_feature_loss,
)


def excess(a, b, D, *, P=np.inf, ridge=0.0, noise=0.0):
    """Loss less noise, of the whole equations."""
    laws = PowerLaw(a=b), PowerLaw(a=a)
    loss = random_feature_loss(laws[0], D, P, target=laws[1], ridge=ridge, noise=noise)
    return loss - noise


def local_exponent(curve, D, *, step=0.02):
    """Exponent of a curve about D."""
    ends = [np.log(curve(D * np.exp(s))) for s in (-step, step)]
    return (ends[0] - ends[1]) / (2 * step)


def power(D, exponent):
    """D^-exponent, or nothing at all."""
    return 0.0 if exponent is None else D**-exponent


def scaled(a, b, ridge_exponent, noise_exponent, q=None):
    """The excess as a function of D alone."""
    return lambda D: excess(
        a,
        b,
        D,
        P=np.inf if q is None else D**q,
        ridge=power(D, ridge_exponent),
        noise=power(D, noise_exponent),
    )


KERNELS = [
    (2.0, 2.0, None, None, "noiseless ridgeless"),
    (3.0, 2.0, 0.0, None, "noiseless ridge"),
    (3.0, 2.0, 0.0, 0.0, "noisy ridge"),
    (2.0, 1.5, 2.0, 0.3, "noisy ridgeless"),
    (6.0, 2.0, 0.2, None, "noiseless ridge"),  # saturated
    (4.5, 1.5, None, None, "noiseless ridgeless"),
    (1.5, 2.5, 0.2, 0.4, "noiseless ridge"),
    (1.5, 3.0, -0.5, 0.0, "noiseless ridge"),  # in spite of noise
    (2.5, 1.6, -0.2, 0.0, "noisy ridge"),
    (2.0, 3.0, 0.5, 0.0, "noisy ridge"),
    (3.0, 2.0, None, 0.0, "noisy ridgeless"),
    (1.5, 1.5, -0.3, None, "noiseless ridge"),
    (5.5, 2.0, 1.5, 5.0, "noiseless ridgeless"),
]


@pytest.mark.parametrize(("a", "b", "ridge", "noise", "name"), KERNELS)
def test_kernels_have_these_exponents(a, b, ridge, noise, name):
    """Local exponents of the solved curve at 1e7, in all four regimes."""
    at = kernel_regime(a, b, ridge_exponent=ridge, noise_exponent=noise)
    assert at.name == name
    curve = scaled(a, b, ridge, noise)
    assert abs(local_exponent(curve, 1e7, step=0.5) - at.exponent) < 0.005


FEATURES = [
    (2.0, 2.0, 0.5, None, None, "P", 1e7),
    (4.0, 2.0, 0.5, None, None, "P", 1e7),  # first order in γ
    (4.0, 2.0, 2.0, 0.0, 0.0, "noise", 1e7),
    (4.0, 2.0, 1.5, 0.0, None, "ridge", 1e7),
    (3.5, 1.5, 1.3, None, None, "P", 1e8),  # the features' term at D < P
    (4.0, 2.0, 2.5, None, None, "D", 1e6),
    (4.0, 2.0, 0.3, 0.0, 0.0, "P", 1e8),
    (1.5, 1.5, 0.6, 0.0, 0.0, "P", 1e8),
    (6.0, 2.0, 1.5, -0.2, None, "ridge", 1e7),
    (3.5, 2.0, 0.6, 0.0, 0.0, "noise", 1e8),
    (4.5, 2.0, 0.9, 0.0, None, "P", 1e8),
]


@pytest.mark.parametrize(("a", "b", "q", "ridge", "noise", "what", "D"), FEATURES)
def test_random_features_have_these_exponents(a, b, q, ridge, noise, what, D):
    """Local exponents along P = D^q, for every bottleneck."""
    at = feature_regime(a, b, q, ridge_exponent=ridge, noise_exponent=noise)
    assert at.bottleneck == what
    curve = scaled(a, b, ridge, noise, q)
    assert abs(local_exponent(curve, D, step=0.5) - at.exponent) < 0.01


def best(a, b, D, noise, P=np.inf):
    """Logarithms of the best ridge and of its excess."""
    found = minimize_scalar(
        lambda u: np.log(excess(a, b, D, P=P, ridge=np.exp(u), noise=noise)),
        bounds=(np.log(noise) - 30, np.log(noise) + 12),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return found.x, found.fun


# a, b, ν, q, and from where on the exponents are right to 0.01.
BEST = [
    (3.0, 2.0, 0.5, None, 1e7),
    (6.0, 1.5, 0.0, None, 1e8),
    (4.0, 2.0, 0.0, 0.42, 1e11),  # too few features
    (2.0, 2.0, 0.0, 0.8, 1e8),  # enough
    (2.0, 2.0, 0.0, None, 1e7),
    (1.5, 3.0, 0.0, None, 1e8),
    (3.5, 1.5, 0.0, 0.4, 1e8),
    (6.0, 2.0, 0.2, 0.5, 1e10),
    (4.0, 2.0, 0.0, 0.7, 1e10),
]


@pytest.mark.parametrize(("a", "b", "nu", "q", "D"), first_of(BEST, 4))
def test_the_best_ridge_has_these_exponents(a, b, nu, q, D):
    """Found by minimising the solved loss at two sizes."""
    at = kernel_regime(a, b, noise_exponent=nu)
    if q is not None:
        at = feature_regime(a, b, q, noise_exponent=nu)
    sizes = D * np.exp([-0.5, 0.5])
    ends = [best(a, b, N, N**-nu, np.inf if q is None else N**q) for N in sizes]
    ridge, loss = np.subtract(ends[0], ends[1])
    np.testing.assert_allclose(ridge, at.best_ridge_exponent, atol=0.01)
    np.testing.assert_allclose(loss, at.best_exponent, atol=0.01)


def planes(count=40):
    """Exponents a, b, q and ν."""
    rng = np.random.default_rng(0)
    low, high = [1.05, 1.05, 0.05, 0.0], [8.0, 4.0, 3.0, 3.0]
    return rng.uniform(low, high, (count, 4))


def test_the_best_ridge_exponent_is_the_best():
    """No other of a fine grid has a larger exponent, and it has what is said."""
    for a, b, q, nu in planes():
        for function, more in [(kernel_regime, ()), (feature_regime, (q,))]:
            at = function(a, b, *more, noise_exponent=nu)
            tried = [*np.linspace(-0.999, b, 300), at.best_ridge_exponent]
            etas = [
                function(a, b, *more, ridge_exponent=x, noise_exponent=nu).exponent
                for x in tried
            ]
            assert max(etas) <= at.best_exponent + 1e-12
            np.testing.assert_allclose(etas[-1], at.best_exponent, rtol=1e-9)


def test_a_draw_from_the_prior_wants_the_noise_for_its_ridge():
    """For v² = λ the best ridge is σ² itself."""
    for nu in (0.0, 0.3, 0.9):
        at = kernel_regime(2.2, 2.2, noise_exponent=nu)
        np.testing.assert_allclose(at.best_ridge_exponent, nu, atol=1e-12)


def test_enough_features_are_a_kernel_and_fewer_are_not():
    """From the least number on the kernel's best exponent, below it a smaller one."""
    for a, b, _, nu in planes():
        kernel = kernel_regime(a, b, noise_exponent=nu).best_exponent
        q = feature_regime(a, b, 1.0, noise_exponent=nu).least_features
        r = min((a - 1) / (2 * b), 1.0)
        least = (1 + min(nu, 2 * r * b)) * (1 + b * max(0, 2 * r - 1)) / (1 + 2 * r * b)
        np.testing.assert_allclose(q, least, rtol=1e-12)
        for factor, same in [(0.99, False), (1.01, True), (3.0, True)]:
            at = feature_regime(a, b, factor * q, noise_exponent=nu)
            assert np.isclose(at.best_exponent, kernel, rtol=1e-9) == same


# a, b, σ², δ_0, l, and how many cross-overs there are.
CURVES = [
    (3.0, 2.0, 1e-8, 0.0, 0.0, 1),
    (5.0, 1.5, 1e-10, 0.0, 0.0, 1),
    (2.0, 2.0, 0.0, 1e-5, 0.0, 1),
    (2.0, 2.0, 1e-4, 1e-7, 0.0, 2),
    (2.5, 3.0, 1e-9, 1e-6, 0.5, 2),
    (3.0, 2.0, 1e-6, 1e6, 2.0, 2),
    (2.0, 2.0, 1e-6, 0.1, 1.0, 1),  # the ridge falls as the resolution
    (1.5, 3.0, 3e-3, 1e-30, -0.6, 3),  # bias again in the end
    (3.0, 1.5, 0.0, 1e-3, 0.0, 1),
    (1.5, 1.5, 1e-3, 0.0, 0.0, 1),
    (6.0, 2.0, 1e-26, 1e-2, 0.5, 2),
    (6.0, 1.5, 1e-24, 1e5, 1.8, 2),
]


@pytest.mark.parametrize(
    ("a", "b", "noise", "ridge", "power", "count"), first_of(CURVES, 5)
)
def test_a_cross_over_is_halfway_between_exponents(a, b, noise, ridge, power, count):
    """The solved curve's local exponent passes the middle within 6 % of D."""
    passes = kernel_crossovers(a, b, noise=noise, ridge=ridge, ridge_exponent=power)
    assert len(passes) == count

    def curve(D):
        return excess(a, b, D, noise=noise, ridge=ridge * D**-power)

    for at in passes:
        middle = (at.exponent_before + at.exponent_after) / 2
        found = brentq(
            lambda u, middle=middle: local_exponent(curve, np.exp(u)) - middle,
            np.log(at.D) - 1,
            np.log(at.D) + 1,
        )
        np.testing.assert_allclose(np.exp(found), at.D, rtol=0.06)


@pytest.mark.parametrize(
    ("a", "b", "noise"),
    first_of([(1.5, 2.0, 1e-3), (4.0, 2.0, 1e-10), (2.0, 1.5, 1e-5), (3.0, 3.0, 1e-9)]),
)
def test_so_it_is_at_the_best_ridge(a, b, noise):
    """With the ridge that minimises the solved loss at each D."""
    (at,) = kernel_crossovers(a, b, noise=noise, ridge="best")
    middle = (at.exponent_before + at.exponent_after) / 2

    def halfway(u):
        ends = [best(a, b, np.exp(u + s), noise)[1] for s in (-0.05, 0.05)]
        return (ends[0] - ends[1]) / 0.1 - middle

    found = brentq(halfway, np.log(at.D) - 0.5, np.log(at.D) + 0.5, xtol=1e-4)
    np.testing.assert_allclose(np.exp(found), at.D, rtol=0.02)
    assert at.exponent_before == kernel_regime(a, b, noise_exponent=None).best_exponent
    assert at.exponent_after == kernel_regime(a, b).best_exponent


@pytest.mark.parametrize(("a", "b", "noise", "ridge", "power", "count"), CURVES)
def test_regimes_follow_each_other(a, b, noise, ridge, power, count):
    """Each begins where one ends, and the last is that of large D."""
    passes = kernel_crossovers(a, b, noise=noise, ridge=ridge, ridge_exponent=power)
    for one, other in pairwise(passes):
        assert one.D < other.D
        assert one[2::2] == other[1::2]
    last = kernel_regime(
        a,
        b,
        ridge_exponent=power if ridge else None,
        noise_exponent=0.0 if noise else None,
    )
    assert passes[-1].after == last.name
    np.testing.assert_allclose(passes[-1].exponent_after, last.exponent, atol=1e-12)


def test_two_decades_from_a_cross_over_its_regimes_are_there():
    """Both local exponents, where nothing else happens near."""
    (at,) = kernel_crossovers(2.0, 2.0, noise=1e-6)

    def curve(D):
        return excess(2.0, 2.0, D, noise=1e-6)

    assert abs(local_exponent(curve, at.D / 200) - at.exponent_before) < 0.01
    assert abs(local_exponent(curve, at.D * 200) - at.exponent_after) < 0.01


def test_where_one_regime_rules_nothing_is_passed():
    """No noise and no ridge; or noise that is larger than the loss from the start."""
    assert kernel_crossovers(2.0, 2.0, noise=0.0) == []
    assert kernel_crossovers(2.0, 2.0, noise=0.0, ridge="best") == []
    assert kernel_crossovers(2.0, 2.0, noise=100.0) == []


def test_a_logarithm_is_told():
    """At a = 2 b + 1 the bias is no power of κ."""
    with pytest.raises(ValueError, match=r"a must not be 2 b \+ 1.*another a"):
        kernel_crossovers(5.0, 2.0, noise=1e-3)
