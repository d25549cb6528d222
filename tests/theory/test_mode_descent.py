"""Gradient flow on the first modes: sums one by one, optima tried out, and the law."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy.special import gamma, zeta
from thorough import first_of

from scalinglib.theory.dynamics import (
    truncated_law,
    truncated_loss,
    truncated_optimum,
)

K = np.arange(1, 100_001.0)
PAIRS = [(1.5, 2.0), (1.2, 0.5), (3.0, 1.25), (1.01, 3.0), (2.0, 8.0), (25.0, 30.0)]
EACH = pytest.mark.parametrize(("a", "b"), PAIRS)


@EACH
@pytest.mark.parametrize("P", first_of([1, 2, 400, 401, 402, 1000, 100_000], 6))
def test_sums_over_modes_one_by_one(a, b, P):
    """The same loss from all its terms, at any time, to 1e-13."""
    t, k = np.r_[0, np.geomspace(0.1, 1e12, 14), 1e20, 1e300], K[:P, None]
    terms = k**-a * np.exp(-2 * k**-b * t)
    exact = [math.fsum(column) + zeta(a, P + 1) for column in terms.T]
    np.testing.assert_allclose(truncated_loss(a, b, P=P, t=t), exact, rtol=1e-13)


@pytest.mark.parametrize("P", [10**9, 10**12])
def test_a_sum_of_any_length_costs_the_same_and_has_its_limits(P):
    """Nothing learned: ζ(a). All learned: P^(1-a)/(a-1). Many modes: a power of t."""
    a, b = 1.5, 2.0
    start, early, end = truncated_loss(a, b, P=P, t=[0.0, 1e10, 1e50])
    assert abs(start / zeta(a) - 1) < 1e-14
    s = (a - 1) / b
    missed = P ** (1 - a) / (a - 1)
    assert abs(end / missed - 1) < 1e-8
    # For u = 2t/P^b small, ∫ from P to infinity is P^(1-a)/(a-1) (1 - O(u)).
    assert abs(early / (gamma(s) / b * 2e10**-s) - 1) < 1e-6


@pytest.mark.parametrize("seed", first_of(range(20)))
def test_losses_are_finite_and_fall(seed):
    """In time, and in P, for any exponents, to rounding."""
    rng = np.random.default_rng(seed)
    a, b = 1.001 + 30 * rng.random() ** 4, 0.1 + 30 * rng.random() ** 3
    P = np.sort(np.floor(2 ** rng.uniform(0, 52, 30)))[:, None]
    for most in (40, 300):
        t = np.sort(10 ** rng.uniform(-300, most, 30))
        loss = truncated_loss(a, b, P=P, t=t)
        assert np.isfinite(loss).all()
        assert (np.diff(loss) <= 1e-13 * loss[:, 1:]).all()
        assert (np.diff(loss, axis=0) <= 1e-13 * loss[1:]).all()


def test_modes_and_times_broadcast_with_or_without_labels():
    """Rows of P and columns of t, by position or by name; nothing gives nothing."""
    P, t = np.array([3, 500, 10_000]), np.array([1.0, 1e4])
    table = truncated_loss(1.5, 2.0, P=P[:, None], t=t)
    alone = [[float(truncated_loss(1.5, 2.0, P=p, t=s)) for s in t] for p in P]
    np.testing.assert_array_equal(table, alone)
    named = truncated_loss(
        1.5, 2.0, P=xr.DataArray(P, coords={"P": P}), t=xr.DataArray(t, coords={"t": t})
    )
    assert named.dims == ("P", "t")
    np.testing.assert_array_equal(named, table)
    assert truncated_loss(1.5, 2.0, P=np.empty(0), t=1.0).shape == (0,)
    best = truncated_optimum(1.5, 2.0, xr.DataArray([1.0, 1e6], dims="C"))
    assert best.P.dims == best.loss.dims == ("C",)


@pytest.mark.parametrize(("a", "b"), PAIRS[:-1])
def test_no_other_number_of_modes_is_better(a, b):
    """The best of all P to 4000, tried one by one, is the one that is found."""
    P, C = np.arange(1, 4001.0)[:, None], np.geomspace(1e-2, 1000.0 ** min(1 + b, 2), 9)
    losses = truncated_loss(a, b, P=P, t=C / P)
    best = truncated_optimum(a, b, C)
    assert best.P.max() < 4000
    np.testing.assert_array_equal(best.P, P[losses.argmin(axis=0), 0])
    np.testing.assert_allclose(best.loss, losses.min(axis=0), rtol=1e-14)
    np.testing.assert_allclose(best.P * best.t, C, rtol=1e-15)


@pytest.mark.parametrize(("a", "b"), PAIRS[:4])
def test_one_mode_more_or_less_is_worse(a, b):
    """At 300 budgets whose best P goes from ten to 10⁵, far beyond the first modes."""
    C = np.geomspace(10.0, 1e5, 300) ** (1 + b)
    best = truncated_optimum(a, b, C)
    for P in (best.P - 1, best.P + 1):
        assert (truncated_loss(a, b, P=P, t=C / P) > best.loss * (1 - 1e-15)).all()


@pytest.mark.parametrize(("a", "b"), PAIRS[:4])
def test_the_best_tends_to_its_law(a, b):
    """P* and L* over their laws at 10^24 for the steepest, within 1e-6: closed form."""
    law = truncated_law(a, b)
    C = 1e7 ** (1 + b)
    best = truncated_optimum(a, b, C)
    assert abs(best.P / (law.size_constant * C**law.size_exponent) - 1) < 1e-6
    assert abs(best.t / (law.time_constant * C**law.time_exponent) - 1) < 1e-6
    assert abs(best.loss * C**law.loss_exponent / law.loss_constant - 1) < 1e-6


def test_large_sizes_are_not_lost_in_rounding():
    """At P* near 10^12, where a difference of losses is, P* keeps nine digits."""
    law = truncated_law(1.5, 2.0)
    best = truncated_optimum(1.5, 2.0, 1e36)
    assert abs(best.P / (law.size_constant * 1e12) - 1) < 1e-9


def test_known_numbers():
    """(1.5, 2), exactly: P* = 15 946 at 10^12, and L* C^(1/6) there and at 10^6.

    A grid of P that is a few per cent wide would find neighbours: 15 649 is worse.
    """
    C = np.array([1e6, 1e12])
    best = truncated_optimum(1.5, 2.0, C)
    assert best.P.tolist() == [159, 15946]
    assert np.round(best.loss * C ** (1 / 6), 4).tolist() == [1.8491, 1.8500]
    assert truncated_loss(1.5, 2.0, P=15649, t=1e12 / 15649) > best.loss[1]


@EACH
def test_the_law_is_the_least_of_what_integrals_give(a, b):
    """Other numbers of modes at one compute, by quadrature in log k, are no better."""
    law = truncated_law(a, b)
    x, weight = np.polynomial.legendre.leggauss(100)
    half = (
        np.log(1e4) / b / 2
    )  # modes of rates to 10⁴ that of the last: others are done

    def loss(P):
        y = np.log(P) + half * (x - 1)
        terms = np.exp((1 - a) * y - 2 * np.exp(-b * y) / P)
        return half * weight @ terms + P ** (1 - a) / (a - 1)

    P = law.size_constant
    assert abs(loss(P) / law.loss_constant - 1) < 1e-6
    assert loss(P * 0.99) > loss(P) < loss(P * 1.01)
    assert abs(law.progress - 2 * P ** -(1 + b)) < 1e-12
    assert abs(law.size_exponent + law.time_exponent - 1) < 1e-15
    assert abs(law.loss_exponent - (a - 1) * law.size_exponent) < 1e-15


def test_the_sum_of_two_powers_is_another_law():
    """At the optimum the limits do not hold both: their sum is twice off in P*."""
    a, b = 1.5, 2.0
    s = (a - 1) / b
    early = gamma(s) / b * 2**-s
    of_the_sum = (1 / (s * early)) ** (1 / (s + a - 1))
    assert of_the_sum > 2 * truncated_law(a, b).size_constant
