"""The seven phases of compute-optimal training: formulas, and the solved model."""

import numpy as np
import pytest
from scipy.optimize import linprog
from thorough import first_of, some

from scalinglib.theory import compute_optimal, one_pass_loss, phase, phase_terms

STRIP = 2 - np.sqrt(2)

# Points on every common line of two phases, and steps to both sides of it.
LINES = {
    "Ia Ib": (1.7, 1.0, 0, 1),
    "III IVa": (2.5, 1.0, 0, 1),
    "Ia II": (2.5, 1.5, 1, 0),
    "II III": (3.0, 1.5, 1, 0),
    "Ib Ic": (1.3, 0.3, 1, 0),
    "Ib IVb": (1.55, 0.55, 1, 0),
    "Ib IVa": (1.8, 0.8, 1, 0),
    "Ic IVb": (2.2, 0.5, 0, 1),
}


@pytest.mark.parametrize("names", LINES)
def test_neighbours_agree_on_their_common_line(names):
    """Either side has its own name, and both tend to the exponents on the line."""
    a, b, along_a, along_b = LINES[names]
    sides = [phase(a + s * along_a, b + s * along_b) for s in (-1e-9, 1e-9)]
    assert {side.name for side in sides} == set(names.split())
    on = phase(a, b)
    assert on.name in names.split()
    for side in sides:
        np.testing.assert_allclose(side[1:3], on[1:3], atol=1e-7)


@pytest.mark.parametrize("a", [1.7, 2.2, 4.0])
def test_the_size_jumps_in_the_strip(a):
    """Between IVa and IVb all sizes from one to the other have the same loss."""
    above, below = (phase(a, STRIP + s) for s in (1e-9, -1e-9))
    assert (above.name, below.name) == ("IVa", "IVb")
    np.testing.assert_allclose(above.loss_exponent, below.loss_exponent, atol=1e-7)
    p, q = phase_terms(a, STRIP)["K_pp"]
    for x in np.linspace(above.size_exponent, below.size_exponent, 5):
        np.testing.assert_allclose(p * x + q * (1 - x), -above.loss_exponent, atol=1e-7)
    assert below.size_exponent > above.size_exponent + 0.01


def test_seven_phases_and_gradient_flow_meet_in_one_point():
    """At a = 2, b = 1 half of the budget's logarithm is the size's and the loss's."""
    for da, db in np.random.default_rng(0).standard_normal((30, 2)) * 1e-8:
        for noise in (True, False):
            at = phase(2 + da, 1 + db, noise=noise)
            np.testing.assert_allclose(at[1:3], 0.5, atol=1e-6)


def planes(count):
    """Points of the plane in which the loss is a power of compute."""
    rng = np.random.default_rng(1)
    return zip(1 + rng.uniform(0, 4, count), rng.uniform(0.02, 2.5, count), strict=True)


@pytest.mark.parametrize("noise", [True, False])
def test_exponents_are_the_least_of_the_largest_term(noise):
    """A linear program over the terms' powers gives the exponents of each phase."""
    seen = set()
    for a, b in some(planes(400), 120):
        terms = phase_terms(a, b, noise=noise)
        powers = np.array([*terms.values()])
        # Least y with p x + q (1 - x) <= y, x the share of the size in log C.
        rows = np.column_stack([powers[:, 0] - powers[:, 1], -np.ones(len(powers))])
        best = linprog([0, 1], rows, -powers[:, 1], bounds=[(0, 1), (None, None)])
        at = phase(a, b, noise=noise)
        seen.add(at.name)
        np.testing.assert_allclose(
            [at.size_exponent, -at.loss_exponent], best.x, atol=1e-9
        )
        for name in at.balance:
            p, q = terms[name]
            left = p * at.size_exponent + q * (1 - at.size_exponent)
            np.testing.assert_allclose(left, -at.loss_exponent, atol=1e-9)
    assert len(seen) == (7 if noise else 4)


def test_what_the_source_does_not_prove():
    """Ic, and Ib as far as b < 1/2; and nothing without noise."""
    assert [phase(a, 0.4).proved for a in (1.3, 2.0)] == [False, False]
    assert phase(1.3, 0.6).proved
    assert not phase(3.0, 1.2, noise=False).proved


@pytest.mark.parametrize("function", [phase, phase_terms])
@pytest.mark.parametrize("a", [1.0, 0.4])
def test_no_power_law_is_told(function, a):
    """At S <= 0 it is said what is wrong, and what to take."""
    with pytest.raises(ValueError, match=r"a must be above 1.*faster decay"):
        function(a, 0.3)


# a, b, logarithms of two budgets, and how far exponents of loss and size may be off.
SOLVED = [
    (2.20, 1.60, 17, 20, 0.0005, 0.0005),  # Ia
    (1.40, 0.80, 17, 20, 0.0005, 0.001),  # Ib
    (2.40, 0.40, 25, 35, 0.0005, 0.0005),  # Ic
    (3.40, 2.00, 17, 20, 0.0005, 0.002),  # II
    (3.80, 1.40, 30, 40, 0.0005, 0.0005),  # III
    (2.80, 0.80, 17, 20, 0.0005, 0.0005),  # IVa
    (4.56, 0.56, 80, 90, 0.0005, 0.0005),  # IVb
    (1.10, 0.20, 35, 40, 0.002, 0.001),  # Ib, α < 1/4
    (1.90, 0.30, 30, 35, 0.0005, 0.0005),  # Ic
    (3.00, 1.20, 35, 40, 0.0005, 0.0005),  # III
    (2.10, 0.90, 25, 35, 0.002, 0.005),  # IVa
    (2.24, 0.64, 35, 40, 0.0005, 0.0005),  # IVa
    (2.94, 0.54, 35, 40, 0.010, 0.005),  # IVb
    (4.56, 0.56, 35, 40, 0.010, 0.005),  # IVb
    (2.12, 0.52, 35, 40, 0.010, 0.005),  # IVb
    (2.94, 0.54, 90, 100, 0.0005, 0.0005),  # IVb
    (1.50, 1.30, 20, 30, 0.0005, 0.0005),  # Ia
    (1.25, 0.60, 20, 30, 0.0005, 0.0005),  # Ib
    (3.00, 0.25, 30, 40, 0.0005, 0.0005),  # Ic
    (3.20, 1.80, 20, 30, 0.0005, 0.0005),  # II
    (5.00, 2.00, 20, 30, 0.0005, 0.0005),  # III
    (2.50, 0.75, 25, 35, 0.0005, 0.0005),  # IVa
]


@pytest.mark.parametrize(("a", "b", "low", "high", "loss", "size"), first_of(SOLVED, 7))
def test_the_solved_model_has_these_exponents(a, b, low, high, loss, size):
    """Local exponents between two budgets of the whole equation, in every phase."""
    best = compute_optimal(a, b, [10.0**low, 10.0**high])
    expected = phase(a, b)
    assert abs(best.loss_exponent[0] - expected.loss_exponent) <= loss
    assert abs(best.size_exponent[0] - expected.size_exponent) <= size
    np.testing.assert_allclose(best.P * best.t, best.C)


FLOWS = [(3.0, 1.25, 16), (1.5, 2.0, 16), (2.5, 0.75, 20), (4.0, 1.25, 16)]
FLOWS += [(2.8, 1.5, 16), (1.5, 1.25, 16), (1.3, 0.6, 16), (3.0, 0.4, 16)]


@pytest.mark.parametrize(("a", "b", "low"), first_of(FLOWS, 3))
def test_gradient_flow_has_its_own(a, b, low):
    """Without noise within 0.002 from 1e16 or 1e20 on, for hard targets and easy."""
    best = compute_optimal(a, b, [10.0**low, 10.0 ** (low + 4)], noise=False)
    expected = phase(a, b, noise=False)
    assert abs(best.loss_exponent[0] - expected.loss_exponent) < 0.002
    assert abs(best.size_exponent[0] - expected.size_exponent) < 0.002


def test_the_best_size_is_the_best():
    """Sizes a hundredth beside it have a larger loss."""
    best = compute_optimal(2.2, 1.6, [1e6, 1e9])
    for P, C, loss in zip(best.P, best.C, best.loss, strict=True):
        for other in (0.99 * P, 1.01 * P):
            assert one_pass_loss(2.2, 1.6, P=other, t=C / other) > loss
        at = one_pass_loss(2.2, 1.6, P=P, t=C / P)
        np.testing.assert_allclose(at, loss, rtol=1e-10)


def test_a_budget_too_small_is_refused():
    """Where the least loss has one parameter there is no best size between."""
    with pytest.raises(ValueError, match=r"C = .*larger budget"):
        compute_optimal(1.1, 0.2, [1e10, 1e12])
