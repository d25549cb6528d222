"""References of the exercises of chapter 3, by another road: the package, by force."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import sem
from test_references import posed
from thorough import first_of

from scalinglib import exercises, fit_power_law, geometry, sweep
from scalinglib.learners import fresh_sample, learning_curve

SEEDS = pytest.mark.parametrize("seed", first_of([0, 1, 2]))


def reference(id):
    """The solution of an exercise, to be asked what nobody draws."""
    return {e.id: e.reference for e in exercises.find(3)}[id]


@SEEDS
def test_points_of_the_curse(seed):
    """So many have this mean distance on the torus."""
    number, case = posed("ex-curse", seed)
    r = geometry.expected_distance(number, case["d"])
    assert r == pytest.approx(case["r"], rel=1e-3)


def tilted(tilt, d, number, rng):
    """Points on the torus, denser in the first direction, by rejection."""
    x = rng.random((int(2.2 * number), d))
    density = 1 + tilt * (2 * x[:, 0] - 1)
    return x[rng.random(len(x)) * (1 + tilt) < density][:number]


@pytest.mark.parametrize(("tilt", "d"), [(0.9, 2), (0.9, 3), (0.8, 3)])
def test_distances_of_data_that_are_not_uniform(tilt, d):
    """Searched for among tilted points, in ten draws of them."""
    longer = reference("ex-density")(tilt, d)
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, X = (tilted(tilt, d, number, rng) for number in (4000, 10_000))
        assert len(X) == 10_000
        found.append(geometry.nearest(X, period=1)(x)[0].mean())
    found = np.array(found) / geometry.expected_distance(10_000, d)
    assert abs(found.mean() - longer) < 4 * sem(found)
    assert abs(found.mean() - 1) > 4 * sem(found)


@SEEDS
def test_a_memory_that_chooses(seed):
    """The integrals of the two tails, the second for all sizes up to the last."""
    (least, random), case = posed("ex-memory", seed)
    nu, d, P = case.values()
    full = (nu * P) ** (-1 / d)
    tail, _ = quad(lambda t: 1 - P * nu * t**d, 0, full)
    assert least == pytest.approx(tail, rel=1e-9)
    tail, _ = quad(lambda t: (1 - nu * t**d) ** P, 0, nu ** (-1 / d), points=[full])
    assert random == pytest.approx(tail, rel=2 / P)


def test_even_points_on_the_circle_attain_the_least():
    """Of all memories there they are nearest, and random ones twice as far."""
    P, x = 50, np.linspace(0, 1, 100_001)
    even = geometry.nearest(np.arange(P)[:, None] / P, period=1)(x[:, None])[0]
    least, random = reference("ex-memory")(2, 1, P)
    assert least == pytest.approx(even.mean(), rel=1e-3)
    assert random == pytest.approx(geometry.expected_distance(P, 1), rel=2 / P)


@SEEDS
def test_the_polynomial_that_runs_away(seed):
    """By its formula of Lagrange, on another grid."""
    found, case = posed("ex-runaway", seed)
    x, places = np.sort(case["x"]), np.linspace(0, 1, 7001)
    value = np.zeros(len(places))
    for i, at in enumerate(x):
        others = np.delete(x, i)
        top = np.sin(np.pi * (places[:, None] - others)).prod(axis=1)
        value += np.sin(np.pi * at) * top / np.sin(np.pi * (at - others)).prod()
    steepest = np.abs(np.gradient(value, places)[1:-1]).max()
    assert found == pytest.approx(steepest, rel=2e-3)


def error(k, h):
    """Error of a polynomial of degree k through sines that are h apart."""
    nodes, place = h * np.arange(k + 1), 0.37 * h
    weights = [np.prod([(place - u) / (v - u) for u in nodes if u != v]) for v in nodes]
    return abs(weights @ np.sin(1 + nodes) - np.sin(1 + place))


@SEEDS
def test_the_bill_is_paid(seed):
    """With so many more points on a lattice, the loss is smaller by the factor."""
    more, case = posed("ex-bill", seed)
    factor, k, p, d = case.values()
    before, after = (error(k, h) ** p for h in (0.01, 0.01 * more ** (-1 / d)))
    assert np.log(before / after) == pytest.approx(np.log(factor), rel=0.02)


@SEEDS
def test_smooth_rung(seed):
    """On lattices of two sizes."""
    (smooth, _), case = posed("ex-rungs", seed)
    k, p, _, d = case.values()
    fallen = p * np.log(error(k, 0.02) / error(k, 0.01))
    assert smooth == pytest.approx(fallen / np.log(2**d), rel=0.02)


@pytest.mark.parametrize(("s", "p", "d"), [(0.5, 2, 1), (0.5, 4, 2), (0.7, 2, 1)])
def test_rough_rung(s, p, d):
    """Straight lines through random points of a rough target, measured."""
    _, rough = reference("ex-rungs")(1, p, s, d)
    target = geometry.weierstrass(d, exponent=s, octaves=20, rng=0)
    sizes = 2 ** np.arange(7, 12)
    trial = learning_curve(
        geometry.piecewise_linear(period=1),
        fresh_sample(geometry.torus(d).sample, target, train=sizes[-1], test=1000),
        sizes,
        lambda f, y: (abs(f - y) ** p).mean(),
    )
    law = fit_power_law(sweep.run(trial, trials=6, seed=0), rng=0)
    assert law.exponent == pytest.approx(rough, rel=0.1)


@SEEDS
def test_what_loosens(seed):
    """The package's fit to each trial, and scipy's error of a mean."""
    (grows, error), case = posed("ex-attained", seed)
    D, bound, losses = case.values()
    each = [fit_power_law(D, loss / bound, rng=0).exponent for loss in losses.T]
    assert (grows, error) == pytest.approx((np.mean(each), sem(each)), rel=1e-9)
