"""References of chapter 7's exercises, by another road: the package, or by force."""

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from thorough import first_of

from scalinglib import (
    experiments,
    fit_power_law,
    geometry,
    laws,
    networks,
    stored,
    theory,
)
from scalinglib.exercises.catalogue import look_up

SEEDS = pytest.mark.parametrize("seed", first_of([0, 1, 2]))


def posed(id, seed=0):
    """Reference and inputs of an exercise."""
    exercise = look_up(id)
    case = exercise.kind.cases(np.random.default_rng(seed))[0]
    return exercise.reference(**case), case


@SEEDS
def test_sizes_that_count(seed):
    """Counted up size by size, each pair fitted alone, the package's mean."""
    (mean, error), case = posed("ex-sizes-that-count", seed)
    D, test, train = case.values()
    number = 0
    while test[number].prod() >= 10**8 * train[number].prod():  # of eight pairs
        number += 1
    assert 3 <= number < len(D)
    each = [fit_power_law(D[:number], c[:number], rng=0).exponent for c in test.T]
    estimate = laws.StudentEstimate.of_mean(each)
    assert (mean, error) == pytest.approx((estimate.value, estimate.stderr), rel=1e-9)


@SEEDS
def test_which_mean(seed):
    """A fit to each mean, and shares one by one."""
    (steeper, share), case = posed("ex-which-mean", seed)
    D, losses = case.values()
    typical = losses.prod(axis=1) ** (1 / 8)
    two = [fit_power_law(D, c, rng=0).exponent for c in (losses.mean(axis=1), typical)]
    assert steeper == pytest.approx(two[0] - two[1], rel=1e-9)
    shares = [loss / sum(row) for row in losses.tolist() for loss in row]
    assert share == pytest.approx(max(shares), rel=1e-12)


def test_fifty_coordinates():
    """The losses are those that are stored; pair by pair the exponents have this mean.

    All sizes count.
    """
    found, case = posed("ex-fifty")
    bent = stored.load("bent_cubes").sel(d=6)
    typical = np.exp(np.log(bent).mean("trial"))
    assert case["D"] == tuple(bent.D.values)
    assert case["losses"] == pytest.approx(typical.sel(of="test").values, rel=1e-3)
    assert (typical.sel(of="test") > 10 * typical.sel(of="train")).all()
    curves = bent.sel(of="test").transpose("trial", "D").values
    each = [fit_power_law(case["D"], c, rng=0).exponent for c in curves]
    assert found == pytest.approx(4 / np.mean(each), rel=1e-3)


def test_nearest_line():
    """Measured in three dimensions, the other lines are far."""
    assert posed("ex-nearest-line")[0] == "2/d"
    D, rng = 2 ** np.arange(7, 12), np.random.default_rng(0)
    falls = []
    for _ in range(3):
        X, Y, x, y = experiments.cube_problem(rng, d=3, D=D[-1])
        near = [geometry.nearest(X[:n])(x)[1][:, 0] for n in D]
        logs = [np.log(((Y[i] - y) ** 2).mean()) for i in near]
        falls.append(-np.polyfit(np.log(D), logs, 1)[0])
    assert 3 * np.mean(falls) == pytest.approx(2, abs=0.3)


@SEEDS
def test_twice_as_good(seed):
    """Times at which a solved model has the two losses, lazy and rich."""
    (lazily, richly), case = posed("ex-twice-as-good", seed)
    beta, n = case.values()
    k = np.geomspace(1, 1e9, 4000)  # modes by their density
    lam, v2 = k**-2.0, k ** (-2 * beta)
    t, from_here = np.geomspace(1, 1e9, 400), 1e3
    for factor, richness in ((lazily, 0), (richly, 30)):
        logs = np.log(theory.gradient_flow(t, lam=lam, v2=v2, richness=richness).loss)
        level = np.interp(np.log(from_here), np.log(t), logs) - np.log(n)
        later = np.exp(np.interp(-level, -logs, np.log(t)))
        assert later / from_here == pytest.approx(factor, rel=0.1)


@SEEDS
def test_whole_flow(seed):
    """Torch's gradient of the loss of two layers; and a² − |b|² is conserved."""
    found, case = posed("ex-whole-flow", seed)
    lam, aim, state = map(torch.tensor, case.values())
    state.requires_grad_()
    loss = (lam * (aim - state[0] * state[1:]) ** 2).sum() / 2
    loss.backward()
    assert found == pytest.approx(-state.grad.numpy(), rel=1e-12)
    flow = look_up("ex-whole-flow").reference
    lam, aim, begin = case.values()
    way = solve_ivp(
        lambda _, s: flow(lam, aim, s), (0, 1), begin, rtol=1e-10, atol=1e-10
    )
    kept = [s[0] ** 2 - (s[1:] ** 2).sum() for s in way.y.T[[0, -1]]]
    assert kept[1] == pytest.approx(kept[0], rel=1e-6)


@SEEDS
def test_how_far(seed):
    """Gradient descent of f = J δθ / γ, at a rate with γ², step by step."""
    found, case = posed("ex-how-far", seed)
    J, y, gamma = case.values()
    moved = np.zeros(J.shape[1])
    rate = gamma**2 / np.linalg.norm(J, 2) ** 2
    for _ in range(20_000):
        moved -= rate * J.T @ (J @ moved / gamma - y) / gamma
    assert J @ moved / gamma == pytest.approx(y, abs=1e-9)
    assert found == pytest.approx(np.linalg.norm(moved), rel=1e-9)


def test_how_far_in_a_network():
    """At a small γ the parameters of a network travel so far, with its own kernel."""
    gamma, net = 1 / 256, networks.MLP([2, 64, 1], "tanh")
    X, Y = np.array([[1.0, 0.2], [-0.5, 1.0]]), np.array([[1.0], [-0.5]])
    start = net.initialise(1, rng=0)
    learn = networks.gradient_descent(
        net, rate=0.3, steps=1000, centred=True, scale=1 / gamma
    )
    ends = learn(X, Y, start=start).parameters
    moves = zip(ends, start, strict=True)
    way = np.sqrt(sum(((p - q) ** 2).sum() for p, q in moves))
    J = np.linalg.cholesky(net.tangent_kernel(start, X)[0])  # of the same kernel
    distance = look_up("ex-how-far").reference(J, Y[:, 0], gamma)
    assert way == pytest.approx(distance, rel=0.01)


@SEEDS
def test_refit(seed):
    """The package's solver finds this loss at this D."""
    (D, loss), case = posed("ex-refit", seed)
    lam, v2, noise, _ = case.values()
    said = theory.kernel_loss(lam, D, target=v2, noise=noise)
    assert loss == pytest.approx(float(said), rel=1e-6)


def test_refit_by_force():
    """Interpolation with random features of the lists loses as much, on average."""
    refit, rng = look_up("ex-refit").reference, np.random.default_rng(0)
    i = np.arange(1.0, 201)
    lam, v2, noise = i**-1.5, i**-1.6, 0.2
    kappa = 0.0075
    D, loss = refit(lam, v2, noise, kappa)
    found = []
    for _ in range(300):
        phi = rng.standard_normal((round(D), 200))
        y = phi @ v2**0.5 + noise**0.5 * rng.standard_normal(round(D))
        theta = np.linalg.lstsq(phi * lam**0.5, y)[0]
        found.append(((theta * lam**0.5 - v2**0.5) ** 2).sum() + noise)
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(loss, abs=4 * error + 0.03 * loss)
