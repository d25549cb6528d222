"""One-pass SGD, simulated, against its exact expectation."""

import numpy as np
import pytest
from one_pass_by_step import features, stepped
from thorough import first_of

from scalinglib.learners import one_pass_sgd
from scalinglib.theory.dynamics import projected_modes, sgd_recursion

# A point in each of the seven phases of the plane, and one near a line: (a, b).
SETTINGS = [(3.4, 2.0), (3.8, 1.4), (2.8, 0.8), (2.2, 1.6)]
SETTINGS += [(1.4, 0.8), (2.4, 0.4), (2.94, 0.54), (2.1, 0.9)]
TIMES = [1, 3, 10, 30, 100, 300, 1000, 2000]


def stable(M, b):
    """The step at which the noise of a step returns a quarter of the loss."""
    return 0.5 / (np.arange(1, M + 1.0) ** -b).sum()


def scores(losses, expected):
    """Standard errors between the mean of runs and what is expected."""
    error = losses.std(axis=0, ddof=1) / np.sqrt(len(losses))
    return (losses.mean(axis=0) - expected) / error


def compared(P, M, times, runs, *, a, b, batch=1, seed=0):
    """Simulated losses, the modes of the features, and the step."""
    W, step = features(P, M, seed), stable(M, b)
    options = {"steps": times, "step": step, "batch": batch}
    rng = np.random.default_rng([seed, 1])  # not the numbers of which W is made
    losses = one_pass_sgd(W, a=a, b=b, runs=runs, rng=rng, **options)
    modes = projected_modes(W, a=a, b=b)
    exact = sgd_recursion(modes.lam, modes.error, floor=modes.floor, **options)
    return scores(losses, exact), losses, modes, step


@pytest.mark.parametrize(("a", "b", "batch"), [(3.4, 2.0, 1), (1.4, 0.8, 1), (2, 1, 4)])
def test_sgd_is_as_expected(a, b, batch):
    """Small: 12 features of 40 modes, 400 runs, within four standard errors."""
    z, *_ = compared(12, 40, [1, 3, 10, 30, 100, 300], 400, a=a, b=b, batch=batch)
    assert abs(z).max() < 4


@pytest.mark.exhaustive
@pytest.mark.parametrize(("a", "b"), SETTINGS)
def test_sgd_is_as_expected_at_size(a, b):
    """64 features of 256 modes, 128 runs of 2000 steps, within four standard errors."""
    z, *_ = compared(64, 256, TIMES, 128, a=a, b=b, seed=SETTINGS.index((a, b)))
    assert abs(z).max() < 4


@pytest.mark.parametrize(("a", "b"), first_of(SETTINGS[:2]))
def test_the_approximate_form_is_refused(a, b):
    """Without γ²λ²e the loss is 3 to 30 % low where the first modes are learned."""
    times = [3, 10]
    z, losses, modes, step = compared(12, 40, times, 4000, a=a, b=b)
    approximate = stepped(modes, times, step, own=0.0)
    assert abs(z).max() < 4 < scores(losses, approximate).min()
    assert (approximate < 0.97 * stepped(modes, times, step)).all()


def test_a_seed_gives_the_same_runs_and_runs_differ():
    """Losses begin at the target's power, in all runs; then chance takes over."""
    W, given = features(5, 20), {"a": 1.5, "b": 1.0, "step": 0.05, "runs": 3}
    loss = one_pass_sgd(W, steps=[0, 4], rng=1, **given)
    np.testing.assert_allclose(loss[:, 0], (np.arange(1, 21) ** -1.5).sum())
    assert len(set(loss[:, 1])) == 3
    np.testing.assert_array_equal(loss, one_pass_sgd(W, steps=[0, 4], rng=1, **given))
    # What is told between changes no run.
    more = one_pass_sgd(W, steps=[1, 2, 4], rng=1, **given)
    np.testing.assert_array_equal(more[:, -1], loss[:, 1])


def test_one_step_by_hand():
    """A step from zero goes along the features of its examples, each by its target."""
    W, k, step = features(3, 7), np.arange(1, 8.0), 0.1
    loss = one_pass_sgd(W, a=1.5, b=1.0, steps=[1], step=step, batch=2, rng=5)
    x = np.random.default_rng(5).standard_normal((2, 7)) * k**-0.5
    w = k**-0.25  # coefficients: w² times the variance 1/k is k^-1.5
    theta = step / 2 * (x @ W.T).T @ (x @ w)
    expected = ((W.T @ theta - w) ** 2 / k).sum()
    np.testing.assert_allclose(loss, [[expected]])
