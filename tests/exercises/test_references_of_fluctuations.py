"""References of chapter 2's checked exercises, by another road."""

import math

import numpy as np
import pytest
from scipy.stats import multinomial
from test_references import SEEDS, posed
from thorough import long

from scalinglib import (
    exercises,
    fit_power_law,
    kernels,
    learners,
    local_exponents,
    networks,
)


def solved(id):
    """The reference of an exercise, for inputs of one's own."""
    (exercise,) = (e for e in exercises.find() if e.id == id)
    return exercise.reference


def counts_of(D, bins):
    """Every way in which D draws fall into so many bins, one a row."""
    if bins == 1:
        return np.array([[D]])
    rows = [
        np.c_[np.full(len(rest), first), rest]
        for first in range(D + 1)
        for rest in [counts_of(D - first, bins - 1)]
    ]
    return np.concatenate(rows)


@SEEDS
def test_logarithm_of_a_mean(seed):
    """Exact mean and variance over all draws, and what is left of 1/D taken off."""
    _, case = posed("ex-log-mean", seed)
    z = case["z"][:3]
    exact = []
    for D in (120, 240):
        counts = counts_of(D, 3)
        chance = multinomial.pmf(counts, D, [1 / 3] * 3)
        off = np.log(counts @ z / D) - np.log(z.mean())
        bias = chance @ off
        exact.append(D * np.array([chance @ (off - bias) ** 2, bias]))
    found = solved("ex-log-mean")(z)
    np.testing.assert_allclose(2 * exact[1] - exact[0], found, rtol=2e-3)


@SEEDS
def test_what_an_ensemble_leaves(seed):
    """Predictions with a variance and a bias, averaged; labels that the limit misses.

    The excess of squares is that of a mean m of T: variance/T, and what the bias does.
    """
    (averaged, wide), case = posed("ex-ensemble", seed)
    T, b = case.values()
    W, label = 1e4, 1.0  # the limit is zero, and misses the label by one
    # A variance v/W and a mean -m/W: the excess is v/W + 2m/W, to first order.
    v, m = 1 - b, b / 2

    def excess(W, networks):
        """Of the average of some networks of one width."""
        mean, variance = -m / W, v / W / networks
        return variance + (mean - label) ** 2 - label**2

    one = excess(W, 1)
    assert averaged == pytest.approx(excess(W, T) / one, abs=1e-3)
    assert wide == pytest.approx(excess(T * W, 1) / one, abs=1e-3)


@SEEDS
def test_smallest_constant(seed):
    """The largest ratio over a fine grid of u, with the loss as an integral."""
    found, case = posed("ex-huber", seed)
    v, h = case.values()
    u = np.linspace(-12 * h, 12 * h, 400_001)

    def loss(u):
        return np.where(abs(u) <= h, u**2 / 2, h * abs(u) - h**2 / 2)

    for at, least in zip(v, found, strict=True):
        slope = (loss(at + 1e-6) - loss(at - 1e-6)) / 2e-6
        step = u - at
        left = loss(u) - loss(at) - slope * step
        ratio = left[abs(step) > 1e-2] / step[abs(step) > 1e-2] ** 2
        assert ratio.max() == pytest.approx(least, rel=1e-4)


@SEEDS
def test_enough(seed):
    """Put back into the law of least squares: the excess, and the loss after."""
    (D, saved), case = posed("ex-enough", seed)
    P, share = case.values()

    def loss(D):
        """Floor one; the mean of an inverse χ², by its density."""
        k = D - P + 1
        inverse = 0.5 * math.exp(math.lgamma(k / 2 - 1) - math.lgamma(k / 2))
        return 1 + P * inverse

    assert loss(D) - 1 == pytest.approx(share, rel=1e-6)
    assert 1 - loss(10 * D) / loss(D) == pytest.approx(saved, rel=1e-6)


@long
def test_enough_by_fitting():
    """Least squares on noise, many times: the excess at D is the share."""
    rng, P, share = np.random.default_rng(0), 6, 0.1
    D, _ = solved("ex-enough")(P, share)
    assert pytest.approx(67) == D
    errors = [
        (learners.least_squares(f, y).theta ** 2).sum()
        for f, y in (
            (rng.standard_normal((67, P)), rng.standard_normal(67)) for _ in range(4000)
        )
    ]
    assert np.mean(errors) == pytest.approx(share, rel=0.04)


@long
@pytest.mark.parametrize(("rho", "n"), [(0.6, 3), (-0.8, 20)])
def test_kernel_of_straight_units(rho, n):
    """Gradients of networks by differences, at two inputs; their products."""
    rng, W, trials = np.random.default_rng(0), 4, 12_000
    x = np.zeros((2, n))
    x[0, 0], x[1, :2] = 1, (rho, np.sqrt(1 - rho**2))
    theta = rng.standard_normal((trials, W, n + 1))  # w and, last, a

    def outputs(theta):
        return np.einsum("tw,twi,xi->tx", theta[..., -1], theta[..., :-1], x) / 2

    kernel = 0
    for j, i in np.ndindex(W, n + 1):
        step = np.zeros((W, n + 1))
        step[j, i] = 0.5  # exact: outputs are linear in each parameter
        slope = outputs(theta + step) - outputs(theta - step)
        kernel = kernel + slope[:, 0] * slope[:, 1]
    mean, deviation = solved("ex-neurons")(rho, W, n)
    assert kernel.mean() == pytest.approx(mean, abs=5 * deviation / trials**0.5)
    assert kernel.std() == pytest.approx(deviation, rel=0.04)


@SEEDS
def test_exponent_over_parameters(seed):
    """Weights of the package's networks, counted; the slope of 1/W over that."""
    _, case = posed("ex-parameters", seed)
    depth, W, ends = case["depth"], 60, case["ends"]
    found = solved("ex-parameters")(depth, W, ends)
    near = np.array([W - 1, W + 1])
    P = []
    for width in near:
        net = networks.MLP([ends - 1, *depth * [int(width)], 1], "erf")
        P.append(sum(np.size(theta[0]) for theta in net.initialise(1, rng=0)))
    local = local_exponents(np.array(P, float), 1.0 / near)[1][0]
    assert found == pytest.approx(local, rel=0.01)


@SEEDS
def test_three_losses(seed):
    """The law goes through all three, and for a pure power it is the package's fit."""
    (alpha, floor), case = posed("ex-unknown", seed)
    losses = case["losses"]
    amplitude = losses[0] - floor
    np.testing.assert_allclose(
        floor + amplitude * np.array([1.0, 2, 4]) ** -alpha, losses, rtol=1e-12
    )
    D = 2.0 ** np.arange(8)
    pure = 0.3 + 0.7 * D**-0.8
    fit = fit_power_law(D, pure, offset="fit", rng=0)
    found = solved("ex-unknown")(pure[3:6])
    assert found == pytest.approx((fit.exponent, fit.offset), rel=1e-3)


@SEEDS
def test_one_example(seed):
    """The formula of the limit for many examples, with draws from the process."""
    (mean, variance), case = posed("ex-one-example", seed)
    s, c, a, y = case.values()
    here, there = (
        np.random.default_rng(seed)
        .multivariate_normal([0, 0], [[s, c], [c, s]], 400_000)
        .T
    )
    limit = here + a * (y - there)
    assert limit.mean() == pytest.approx(mean, abs=0.01)
    assert limit.var() == pytest.approx(variance, rel=0.02)


def test_one_example_of_wide_networks():
    """Trained to the end on one example, they have this mean and this variance."""
    kind = {"depth": 1, "activation": "erf"}
    pair = np.array([[1.0, 0, 0], [0.5, 0.75**0.5, 0]])
    theta, cov = kernels.ntk(pair, **kind), kernels.nngp(pair, **kind)
    given = cov[0, 0], cov[0, 1], theta[0, 1] / theta[0, 0], 2.0
    mean, variance = solved("ex-one-example")(*given)
    net = networks.MLP([3, 256, 8], "erf")
    learn = networks.gradient_descent(
        net, rate=0.4 / theta[0, 0], steps=40, momentum=0.0
    )
    start = net.initialise(400, rng=0)
    f = learn(pair[:1], np.full((1, 8), 2.0), start=start)(pair)[:, 1]
    assert f.mean() == pytest.approx(mean, abs=0.05)
    assert f.var() == pytest.approx(variance, rel=0.1)
