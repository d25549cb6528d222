"""The exact recursion of one-pass SGD: against its steps, and against all examples."""

import itertools

import numpy as np
import pytest
from one_pass_by_step import features, stepped

from scalinglib.theory.dynamics import projected_modes, sgd_recursion

STEPS = [0, 1, 2, 5, 30, 400, 3000]


def expectation(W, a, b, *, steps, step, batch):
    """Mean loss over Gaussian examples, by a quadrature that is exact for degree 5.

    A step has degree four in the numbers of each example: three nodes in each do.
    """
    node = np.sqrt(3) * np.array([-1.0, 0, 1])
    weight = np.array([1, 4, 1]) / 6
    M = W.shape[1]
    k = np.arange(1, M + 1.0)
    A, v = W * k ** (-b / 2), k ** (-a / 2)
    each = np.array([*itertools.product(range(3), repeat=M * batch)])
    x, mass = node[each].reshape(-1, batch, M), weight[each].prod(axis=1)
    theta, share = np.zeros((1, len(W))), np.ones(1)
    for _ in range(steps):
        off = np.einsum("nbm,rm->rnb", x, theta @ A - v)
        moved = np.einsum("rnb,nbm,pm->rnp", off, x, A)
        theta = (theta[:, None] - step / batch * moved).reshape(-1, len(W))
        share = np.outer(share, mass).ravel()
    return share @ ((theta @ A - v) ** 2).sum(axis=1)


@pytest.mark.parametrize(
    ("P", "M", "steps", "batch"),
    [
        (1, 1, 2, 1),
        (2, 3, 1, 1),
        (2, 3, 2, 1),
        (1, 2, 3, 1),
        (2, 3, 1, 2),
        (1, 2, 2, 2),
    ],
)
@pytest.mark.parametrize("step", [0.1, 0.4])
def test_all_examples_weighed_give_the_same(P, M, steps, batch, step):
    """The mean over every example there can be, no simulation: twelve digits."""
    W, powers = features(P, M, seed=3), {"a": 1.2, "b": 0.7}
    lam, error, floor = projected_modes(W, **powers)
    exact = expectation(W, **powers, steps=steps, step=step, batch=batch)
    found = sgd_recursion(
        lam, error, floor=floor, steps=[steps], step=step, batch=batch
    )
    assert abs(found[0] / exact - 1) < 1e-12


@pytest.mark.parametrize("batch", [1, 3, 50])
@pytest.mark.parametrize(("a", "b"), [(1.4, 0.8), (3.4, 2.0), (2.8, 0.8)])
def test_any_step_at_once_is_step_by_step(a, b, batch):
    """One decomposition instead of 3000 steps: to 1e-12."""
    modes = projected_modes(features(40, 160), a=a, b=b)
    step = 0.5 / modes.lam.sum()
    found = sgd_recursion(
        modes.lam, modes.error, floor=modes.floor, steps=STEPS, step=step, batch=batch
    )
    np.testing.assert_allclose(found, stepped(modes, STEPS, step, batch), rtol=1e-12)


def test_settings_broadcast():
    """Features, step sizes and floors by rows, each as if alone."""
    W = np.stack([features(6, 20, seed) for seed in range(3)])
    modes = projected_modes(W, a=1.5, b=1.0)
    steps, sizes = [0, 7, 100], np.array([[0.02], [0.1]])
    found = sgd_recursion(
        modes.lam, modes.error, floor=modes.floor, steps=steps, step=sizes
    )
    assert found.shape == (2, 3, 3)
    for i, j in itertools.product(range(2), range(3)):
        one = projected_modes(W[j], a=1.5, b=1.0)
        alone = stepped(one, steps, sizes[i, 0])
        np.testing.assert_allclose(found[i, j], alone, rtol=1e-12)


def test_modes_are_those_of_least_squares():
    """The floor is what least squares in mode space leaves; nothing else is lost."""
    W, k = features(12, 50), np.arange(1, 51.0)
    modes = projected_modes(W, a=1.5, b=1.2)
    A, v = W * k**-0.6, k**-0.75
    theta, *_ = np.linalg.lstsq(A.T, v)
    assert abs(modes.floor / ((A.T @ theta - v) ** 2).sum() - 1) < 1e-12
    assert abs((modes.floor + modes.error.sum()) / (v @ v) - 1) < 1e-12
    np.testing.assert_allclose(modes.lam, np.linalg.eigvalsh(A @ A.T)[::-1])


def test_large_batches_are_gradient_descent():
    """Without noise each error falls by (1 - γλ)², to 1/B."""
    modes = projected_modes(features(8, 30), a=1.5, b=1.0)
    step = 0.5 / modes.lam.max()
    found = sgd_recursion(
        modes.lam, modes.error, floor=0, steps=STEPS, step=step, batch=10**12
    )
    kept = (1 - step * modes.lam) ** (2 * np.array(STEPS)[:, None])
    np.testing.assert_allclose(found, kept @ modes.error, rtol=1e-8, atol=1e-12)


def test_one_step_may_learn_all():
    """Without noise and with γλ = 1 nothing is left but the floor."""
    given = {"floor": 0.25, "steps": [0, 1, 2], "step": 0.5, "batch": 10**40}
    found = sgd_recursion([2.0], [1.0], **given)
    np.testing.assert_allclose(found, [1.25, 0.25, 0.25], rtol=1e-14)


@pytest.mark.parametrize("batch", [1, 4])
def test_the_loss_stays_finite_up_to_the_largest_step(batch):
    """It grows with a step above, falls to a plateau with one below."""
    modes = projected_modes(features(8, 30), a=1.5, b=1.0)
    lam = modes.lam

    def noise(step):
        return step / batch * (lam / (2 - (1 + 1 / batch) * step * lam)).sum()

    low, high = 0.0, 2 / (1 + 1 / batch) / lam.max()
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if noise(middle) < 1 else (low, middle)
    steps = [10**4, 2 * 10**4]
    given = {"error": modes.error, "floor": modes.floor, "steps": steps, "batch": batch}
    below, above = (sgd_recursion(lam, step=low * x, **given) for x in (0.9, 1.002))
    assert abs(below[1] / below[0] - 1) < 1e-6
    # On the plateau the loss is that without noise of the steps over what they leave.
    assert abs(below[1] * (1 - noise(0.9 * low)) / modes.floor - 1) < 1e-6
    assert above[1] > 2 * above[0]


def test_at_the_very_edge_noise_adds_up():
    """N = 0: one direction of γλ = 2/3, where every step adds (γλ)² F₀."""
    found = sgd_recursion([2.0], [1.0], floor=0.5, steps=[0, 1, 9], step=1 / 3)
    np.testing.assert_allclose(found, 1.5 + 4 / 9 * 0.5 * np.array([0, 1, 9]))
