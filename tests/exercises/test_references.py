"""References of the checked exercises, by another road: the package, or by force."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import sem
from thorough import first_of

from scalinglib import exercises, fit_power_law, laws, local_exponents, text

SEEDS = pytest.mark.parametrize("seed", first_of([0, 1, 2]))


def posed(id, seed=0):
    """Reference and inputs of an exercise."""
    (exercise,) = (e for e in exercises.find() if e.id == id)
    case = exercise.kind.cases(np.random.default_rng(seed))[0]
    return exercise.reference(**case), case


@SEEDS
def test_heaps(seed):
    """The number of different items grows so, for a law of Zipf."""
    found, case = posed("ex-heaps", seed)
    law, D = text.ZipfLaw(case["alpha"]), np.array([1e9, 2e9])
    grown = np.diff(np.log2(law.distinct(D)))[0]
    assert found == pytest.approx(grown, abs=0.01)


@SEEDS
def test_flips(seed):
    """There the largest singular value is the noise."""
    n, case = posed("ex-flips", seed)
    q, noise = case["q"], case["c"] / np.sqrt(case["D"])
    step = np.array([[1 - q, q], [q, 1 - q]])
    lam, v = np.linalg.eigh(step)
    after = (v * lam**n) @ v.T  # a power that need not be whole
    covariance = after / 2 - 1 / 4
    assert np.linalg.norm(covariance, 2) == pytest.approx(noise, rel=1e-9)


@SEEDS
def test_best_of_a_chain(seed):
    """No order near it has a smaller loss."""
    (n, loss), case = posed("ex-chain-constant", seed)
    A, gamma, D = case.values()
    least = minimize_scalar(
        lambda u: A * np.exp(-gamma * u) + np.exp(u) / (2 * D),
        bracket=(np.log(n) - 1, np.log(n) + 2),
    )
    assert np.log(n) == pytest.approx(least.x, abs=1e-5)
    assert loss == pytest.approx(least.fun, rel=1e-9)


@SEEDS
def test_told_and_not(seed):
    """The formula of the package's chain, and the balance of a power with n/D."""
    (told, dense), case = posed("ex-told", seed)
    chain = text.AdditiveChain(case["s"], spacing=case["q"])
    assert told == pytest.approx(chain.gamma / (2 * chain.beta), rel=1e-12)
    D, n = np.array([1e8, 1e10]), np.exp(np.linspace(0, 30, 30001))
    least = [(n**-chain.gamma + n / d).min() for d in D]
    assert dense == pytest.approx(-np.diff(np.log(least))[0] / np.log(100), rel=1e-5)


@SEEDS
def test_any_pair(seed):
    """With it, losses at one x are one number for all orders."""
    gamma, case = posed("ex-any-pair", seed)
    n, x = np.arange(1.0, 9), 7.0
    losses = (x * n ** (2 * case["beta"])) ** -case["alpha"]
    assert np.ptp(n**gamma * losses) < 1e-12


def test_price_and_exponent():
    """Put back into their laws, they give the losses that were asked for."""
    found, case = posed("ex-price")
    D, before, after, alpha, floor = case.values()
    for size, base in zip(found, (0, floor), strict=True):
        there = base + (before - base) * (size / D) ** -alpha
        assert there == pytest.approx(after, rel=1e-12)
    alpha, case = posed("ex-read-exponent")
    excess = np.subtract(case["losses"], case["floor"])
    assert alpha == pytest.approx(local_exponents(case["D"], excess)[1][0], rel=1e-12)


@SEEDS
def test_where_half(seed):
    """The local exponent there."""
    x, case = posed("ex-half", seed)
    near = x * np.exp([-1e-3, 1e-3])
    losses = case["floor"] + case["A"] * near ** -case["alpha"]
    local = local_exponents(near, losses)[1][0]
    assert local == pytest.approx(case["alpha"] / 2, rel=1e-5)


@SEEDS
def test_window(seed):
    """By numpy's residuals and the package's fit."""
    found, case = posed("ex-window", seed)
    x, first, second = case.values()

    def scatter(w):
        u, v = np.log(x[w]), np.log(first[w])
        return np.polyfit(u, v, 1, full=True)[1][0] / (len(u) - 2)

    windows = [slice(i, j) for i in range(12) for j in range(i + 5, 13)]
    w = min(windows, key=scatter)
    fit = fit_power_law(x[w], second[w], rng=0)
    assert found == pytest.approx(fit.exponent, rel=1e-9)


@SEEDS
def test_other_loss(seed):
    """A fit to each trial's losses, and scipy's error of a mean."""
    found, case = posed("ex-other-loss", seed)
    D, *both = case.values()
    squared, error = (
        np.array([fit_power_law(D, c, rng=0).exponent for c in losses.T])
        for losses in both
    )
    assert found == pytest.approx(((error - squared).mean(), sem(error - squared)))


@SEEDS
def test_forecast(seed):
    """The package's local exponents, and its interval of a mean."""
    found, case = posed("ex-forecast", seed)
    slopes = [local_exponents([1, 2, 4, 8], c)[1] for c in case["losses"].T]
    falls = np.array([s[0] - s[-1] for s in slopes])
    interval = laws.StudentEstimate.of_mean(falls).interval()
    assert found == pytest.approx(interval[0], rel=1e-9)
