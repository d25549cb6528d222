"""Bounds of the objective of a surface: below every parameter, and not far below."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from thorough import examples, exhaustive, first_of, long

from scalinglib.data import load_surface_runs
from scalinglib.laws.surfaces import certify
from scalinglib.laws.surfaces.branching import grid, lowered, quarters
from scalinglib.laws.surfaces.certificate import _posed
from scalinglib.laws.surfaces.observed import runs_of
from scalinglib.laws.surfaces.relaxing import (
    Problem,
    certain,
    columns,
    convexified,
    knots,
    lower_bounds,
)

DELTA = 0.02
TRUTH = 0.35, 0.37
MANY = settings(max_examples=examples(60), deadline=None)
seeds = st.integers(0, 10**6)


def huber(r, delta):
    """Huber's loss, over delta."""
    small = abs(r) <= delta
    return np.where(small, r**2 / (2 * delta), abs(r) - delta / 2)


@functools.cache
def planted(seed=0, n=20, scatter=0.02):
    """Runs near a surface of known exponents."""
    rng = np.random.default_rng(seed)
    P, D = 10 ** rng.uniform(7, 10, n), 10 ** rng.uniform(9, 12, n)
    loss = 1.8 + 400 * P ** -TRUTH[0] + 2000 * D ** -TRUTH[1]
    return runs_of(P, D, loss * np.exp(rng.laplace(scale=scatter, size=n)))


def ratios(runs, E, A, B, a, b):
    """Fitted over measured losses; A and B are terms at the geometric mean size."""
    p, d = (np.log(size / np.exp(np.log(size).mean())) for size in (runs.P, runs.D))
    return (E + A * np.exp(-a * p) + B * np.exp(-b * d)) / runs.loss


def objective(runs, parameters, delta=DELTA):
    """Sum of the losses, over delta."""
    return huber(np.log(ratios(runs, *parameters)), delta).sum()


def drawn(rng, runs, cell, ceilings):
    """Parameters in a cell that pass no ceiling, or nearly touch one."""
    a, b = rng.uniform(cell[:, 0], cell[:, 1])
    shares = rng.dirichlet([0.5, 0.5, 0.5]) * runs.loss.mean()
    scale = (ratios(runs, *shares, a, b) / ceilings).max()
    return *(shares * rng.choice([0.5, 0.8, 1 - 1e-9, rng.random()]) / scale), a, b


def a_cell(rng, widest=0.3):
    """A cell somewhere, of some size."""
    low, side = rng.uniform(0, 1.0, 2), widest * 10 ** rng.uniform(-2, 0, 2)
    return np.stack([low, low + side], axis=1)


def minimum(runs, cell, delta=DELTA, starts=6):
    """Lowest objective of local searches in a cell, and where."""
    rng = np.random.default_rng(0)
    ends = [(-20, 5)] * 3 + [tuple(side) for side in cell]
    found = []
    for _ in range(starts):
        sizes = np.log(runs.loss.min() * rng.uniform(0.05, 0.6, 3))
        x = [*sizes, *rng.uniform(cell[:, 0], cell[:, 1])]
        for _ in range(2):
            found.append(
                minimize(
                    lambda x: objective(runs, (*np.exp(x[:3]), *x[3:]), delta),
                    x,
                    method="Nelder-Mead",
                    bounds=ends,
                    options={"maxiter": 2000, "xatol": 1e-8, "fatol": 1e-10},
                )
            )
            x = found[-1].x
    best = min(found, key=lambda one: one.fun)
    return best.fun, (*np.exp(best.x[:3]), *best.x[3:])


@pytest.mark.parametrize("width", [1.0, 0.3, 0.02, 1e-3])
def test_what_replaces_the_loss_is_convex_and_below_it(width):
    """Below Huber's loss up to the ceiling, where they meet; slopes are slopes."""
    ceilings = np.array([1 + 1e-6, 1.01, 1.1, 1.5, 2.7, 20.0])
    u = np.exp(np.linspace(-4, np.log(ceilings), 4001))
    value, slope, _ = convexified(u, width, ceilings, knots(width, ceilings))
    loss = huber(np.log(u), width)
    assert (value <= loss + 1e-12).all()
    np.testing.assert_allclose(value[-1], loss[-1], atol=1e-9)
    assert (np.diff(slope, axis=0) >= -1e-9).all()
    below = np.log(u) < -width
    np.testing.assert_allclose(value[below], loss[below])
    middle = (value[1:] - value[:-1]) / (u[1:] - u[:-1])
    assert (middle >= slope[:-1] - 1e-8).all()
    assert (middle <= slope[1:] + 1e-8).all()


@MANY
@given(seeds, st.sampled_from([1e-3, 0.02, 0.3]), st.sampled_from([0.05, 0.5, 2.0]))
def test_tangents_anywhere_prove_what_they_say(seed, width, over):
    """Of random points, good or bad, a bound is below all parameters of the cell."""
    rng, runs = np.random.default_rng(seed), planted(seed % 3)
    problem, cell = _posed(runs, 50.0, width, over), a_cell(rng)
    ceilings, n = problem.ceilings, len(runs)
    pull = np.zeros((1, n))
    pull[0, rng.integers(n)] = rng.choice([0.0, 1.0, 4.0])
    Z = columns(problem, cell[None])
    near = ratios(runs, *drawn(rng, runs, cell, ceilings))
    for u in (np.exp(rng.uniform(-1, np.log(ceilings))), near):
        value, slope, _ = convexified(u, width, ceilings, knots(width, ceilings))
        bound, *_ = certain(
            problem, cell[None], Z, u[None], value[None], slope[None], pull
        )
        for _ in range(50):
            parameters = drawn(rng, runs, cell, ceilings)
            told = objective(runs, parameters, width) - pull[0] @ ratios(
                runs, *parameters
            )
            assert bound[0] <= told


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("side", [0.02, 0.1, 0.4])
def test_a_sum_of_powers_is_bounded_within_its_cell(axis, side):
    """Of 2 cosh(x) - 2.5, lowest in the middle: no higher, and tight as cells shrink.

    The run in the middle bounds the coefficient, 2, whatever the exponent.
    """
    logs, middle = np.zeros((2, 3)), 0.7
    logs[axis] = [-1.0, 0, 1]
    problem = Problem(logs, np.ones(3), 0.1, np.array([1e9, 2, 1e9]), 0.0)
    cell = middle + np.array([[(-side / 2, side / 2)] * 2])
    slope = np.array([[np.exp(-middle), -2.5, np.exp(middle)]])
    other, none = slope.sum(), np.zeros((1, 3))
    bound, *_ = certain(problem, cell, columns(problem, cell), none, none, slope, none)
    exact = 2 * (2 - 2.5) + 2 * 2 * min(0, other)
    assert exact - side**3 / 3 < bound[0] <= exact


@pytest.mark.parametrize("axis", [0, 1])
def test_coefficients_reach_what_ceilings_allow_at_either_end(axis):
    """Of falling runs alone, the coefficient is largest at one end of the cell."""
    for p in (-1.5, 1.5):
        logs = np.zeros((2, 3))
        logs[axis] = p
        problem = Problem(logs, np.array([2.0, 1, 1]), 0.1, np.array([1.5, 2, 4]), 0.0)
        cell, none = np.array([[(0.2, 0.8), (0.2, 0.8)]]), np.zeros((1, 3))
        slope = np.array([[-1.0, 0, 0]])
        bound, *_ = certain(
            problem, cell, columns(problem, cell), none, none, slope, none
        )
        # One each of the floor and of the term without its size; the last has its
        # coefficient from one end and its power from the other.
        assert -2 - np.exp(1.5 * 0.6) == pytest.approx(bound[0])


def test_tangents_meet_the_function_where_they_touch():
    """With rising slopes nothing is lost: values less slopes times u."""
    problem = Problem(np.zeros((2, 3)), np.ones(3), 0.1, np.full(3, 2.0), 0.0)
    cell = np.array([[(0.2, 0.3), (0.2, 0.3)]])
    u, value, slope = np.array([[[1.0, 1.2, 1.4]], [[3.0, 4, 5]], [[0.1, 0.2, 0.3]]])
    Z = columns(problem, cell)
    bound, *_ = certain(problem, cell, Z, u, value, slope, 0 * u)
    assert bound[0] == pytest.approx(12 - 0.1 - 0.24 - 0.42, rel=1e-12)


@pytest.mark.parametrize("high", [1e-4, 0.003, 0.01, 0.0101, 0.5, 4.0])
def test_first_ceilings_are_what_one_run_alone_may_cost(high):
    """The loss at the ceiling is the whole objective."""
    ceilings = _posed(planted(), high, DELTA, None).ceilings
    np.testing.assert_allclose(huber(np.log(ceilings), DELTA), high, rtol=1e-6)
    ceilings = _posed(planted(), high, DELTA, 1e-3).ceilings
    np.testing.assert_allclose(ceilings, 1.001)


def test_cells_cover_the_domain_once():
    """Each point lies in one of the first cells, and in one of the quarters of it."""
    cells, known = grid(np.array([(0.1, 1.37), (0, 0.4)]))
    assert len(known) == len(cells) == 11 * 4
    points = np.random.default_rng(0).uniform((0.1, 0), (1.37, 0.4), (500, 2))
    for some in (cells, quarters(cells), quarters(quarters(cells))):
        above, below = (
            (points[:, None] > some[..., 0]),
            (points[:, None] < some[..., 1]),
        )
        assert ((above & below).all(axis=2).sum(axis=1) == 1).all()


@pytest.mark.parametrize("seed", first_of(range(6)))
def test_bounds_are_below_every_minimum_in_the_cell(seed):
    """Local searches find nothing below the bound, and little far above it."""
    rng, runs = np.random.default_rng([seed, 5]), planted(seed)
    problem = _posed(runs, 50.0, DELTA, 2.0)
    cell = TRUTH + rng.uniform(-0.2, 0.2, 2)
    cell = np.stack([cell, cell + 0.1 * rng.random(2)], axis=1)
    bound = lower_bounds(problem, cell[None], enough=np.inf, gap=1e-4)[0]
    low, _ = minimum(runs, cell, starts=2)
    assert bound <= low
    assert bound > 0.5 * low - 0.1


def test_bounds_of_small_cells_are_tight():
    """Where no chord is needed, a bound is the minimum, less the gap."""
    runs = planted(1, scatter=0.005)
    point = np.array([TRUTH, TRUTH]).T
    cell = point + np.array([-1e-6, 1e-6])
    low, at = minimum(runs, point, delta=0.05, starts=4)
    assert ratios(runs, *at).max() < 1.05
    problem = _posed(runs, 50.0, 0.05, 0.05)
    bound = lower_bounds(problem, cell[None], enough=np.inf, gap=1e-5)[0]
    assert low - 5e-5 < bound <= low


def test_bounds_rise_as_cells_shrink():
    """What is lost falls with the square of the side."""
    runs, sides = planted(1, scatter=0.005), 0.2 / 2.0 ** np.arange(5)
    problem = _posed(runs, 50.0, 0.05, 0.05)
    low, at = minimum(runs, np.array([(0, 1.5), (0, 1.5)]), delta=0.05)
    cells = np.array(at[3:])[None, :, None] + sides[:, None, None] * [-0.5, 0.5]
    lost = low - lower_bounds(problem, cells, enough=np.inf, gap=1e-5)
    assert (np.diff(lost) < 0).all()
    assert lost[-1] < lost[0] / 30


@long
@pytest.mark.parametrize("seed", first_of(range(3)))
@pytest.mark.parametrize("over", [None, 0.2])
def test_box_holds_what_is_as_good_as_the_truth(seed, over):
    """Truth and minimum lie in the box; no parameters at all undercut the bound."""
    runs, rng = planted(seed), np.random.default_rng(seed)
    domain = np.array([(0, 1.5), (0, 1.5)])
    low, at = minimum(runs, domain)
    truth, _ = minimum(runs, np.array([TRUTH, TRUTH]).T, starts=2)
    proof = certify(runs, truth * DELTA, delta=DELTA, over=over, target=0.5)
    assert proof.complete
    assert proof.bound <= low * DELTA
    assert proof.share == pytest.approx(proof.bound / (truth * DELTA))
    for exponents in (TRUTH, at[3:]):
        assert all(a <= x <= b for x, (a, b) in zip(exponents, proof.box, strict=True))
    for _ in range(300):
        parameters = drawn(rng, runs, domain, 1 + (over or 1))
        told = objective(runs, parameters) * DELTA
        inside = [
            a <= x <= b for x, (a, b) in zip(parameters[3:], proof.box, strict=True)
        ]
        assert told > (proof.bound if all(inside) else truth * DELTA)


@long
def test_ceilings_hold_where_the_objective_is_low():
    """Parameters found by a walk below the objective pass no ceiling."""
    runs, rng = planted(2), np.random.default_rng(0)
    cell = np.array([(0.3, 0.4), (0.32, 0.42)])
    low, at = minimum(runs, cell)
    high = 1.1 * low
    problem = _posed(runs, high, DELTA, None)
    ceilings = lowered(problem, cell[None], high, 0.01)
    assert (ceilings <= problem.ceilings).all()
    assert np.median(ceilings - 1) < 0.2 * np.median(problem.ceilings - 1)
    here, highest = np.array(at), np.zeros(len(runs))
    for _ in range(6000):
        there = here * np.exp(0.02 * rng.standard_normal(5) * (rng.random(5) < 0.5))
        inside = (there[3:] >= cell[:, 0]) & (there[3:] <= cell[:, 1])
        if inside.all() and objective(runs, there) <= high:
            here = there
            highest = np.maximum(highest, ratios(runs, *there))
    assert (highest <= ceilings).all()
    assert (highest > 0.9 * ceilings).mean() > 0.7  # and they are no empty claim


def test_rounding_is_taken_off():
    """A problem that claims worse rounding has lower bounds."""
    runs, cell = planted(), np.array([[(0.3, 0.4), (0.3, 0.4)]])
    problem = _posed(runs, 50.0, DELTA, 0.5)
    assert 0 < problem.rounding < 1e-7
    bounds = [
        lower_bounds(one, cell, enough=np.inf, gap=1e-3)[0]
        for one in (problem, replace(problem, rounding=1e-4))
    ]
    assert 1e-3 < bounds[0] - bounds[1] < 1.0


def test_units_do_not_matter():
    """Other units of parameters, data and loss prove the same."""
    runs = planted()
    other = runs_of(runs.P * 1e-6, runs.D * 1e3, runs.loss / np.log(2))
    one, two = (
        certify(r, 0.0021, delta=DELTA, over=0.3, target=0.5) for r in (runs, other)
    )
    assert one.bound == pytest.approx(two.bound, rel=1e-5)
    assert one.box == two.box


@long
def test_too_few_cells_prove_less():
    """The bound still holds, and the certificate says that it is not complete."""
    runs = planted()
    low, _ = minimum(runs, np.array([(0, 1.5), (0, 1.5)]))
    full = certify(runs, low * DELTA, delta=DELTA, target=0.98)
    few = certify(runs, low * DELTA, delta=DELTA, target=0.98, cells=100)
    assert full.complete
    assert not few.complete
    assert few.cells < full.cells
    assert few.bound < full.bound <= low * DELTA
    assert all(
        a <= c < d <= b for (a, b), (c, d) in zip(few.box, full.box, strict=True)
    )


def test_an_objective_that_nothing_reaches_is_refused():
    """Too low a number would be certified by an empty box."""
    with pytest.raises(ValueError, match="best must be an objective that some"):
        certify(planted(), 1e-4, delta=DELTA)


def test_a_size_that_does_not_vary_leaves_its_exponent_open():
    """Its term is a second floor: the box keeps every exponent."""
    runs = planted()
    same = runs_of(np.full(20, 1e8), runs.D, runs.loss)
    low, _ = minimum(same, np.array([(0, 1.5), (0, 1.5)]))
    proof = certify(same, low * DELTA, delta=DELTA, target=0.5, cells=300)
    assert proof.box[0] == (0, 1.5)


def chinchilla():
    """The 240 runs that everybody fits."""
    table = load_surface_runs("chinchilla").nsmallest(240, "loss")
    P, C, loss = (table[name].to_numpy() for name in ("N", "C", "loss"))
    return runs_of(P, C=C, loss=loss)


BEST = 1.0182768e-3  # of the fit to these runs, with delta 1e-3


def test_fit_to_240_runs_is_within_seven_percent():
    """Of what over-predicts none by more than a tenth, in a second."""
    proof = certify(chinchilla(), BEST, over=0.10, target=0.93)
    assert proof.complete
    assert 0.93 <= proof.share < 1
    (a, b), (c, d) = proof.box
    assert 0.28 < a < 0.34731 < b < 0.40
    assert 0.31 < c < 0.36717 < d < 0.43


@exhaustive
def test_fit_to_240_runs_is_within_three_percent_of_all():
    """Nothing is assumed of over-predictions; both exponents lie in a small box."""
    proof = certify(chinchilla(), BEST)
    assert proof.complete
    assert 0.97 <= proof.share < 1
    (a, b), (c, d) = proof.box
    assert 0.311 < a < 0.34731 < b < 0.383
    assert 0.332 < c < 0.36717 < d < 0.407
