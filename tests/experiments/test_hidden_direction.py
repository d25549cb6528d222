"""A target along one direction: the problem, and who learns it."""

import numpy as np
import pytest
from scipy.special import gamma
from thorough import first_of, long

pytest.importorskip("torch")

from scalinglib import stored
from scalinglib.experiments.hidden_direction import (
    DIRECTION,
    direction_problem,
    kernel_before_and_after,
    network_with_features,
)


@pytest.mark.parametrize("seed", first_of(range(3)))
def test_labels_depend_on_one_direction(seed):
    """To turn all other coordinates changes no label, and its mean is about zero."""
    X, Y = direction_problem(seed, 4000)
    u = X @ DIRECTION
    mirrored = 2 * np.outer(u, DIRECTION) - X
    np.testing.assert_allclose(np.abs(mirrored @ DIRECTION) - 0.8, Y, atol=1e-12)
    # E|u| of a coordinate on the sphere of radius √n is √(n/π) Γ(n/2) / Γ((n+1)/2).
    mean = np.sqrt(10 / np.pi) * gamma(5) / gamma(5.5) - 0.8
    assert abs(Y.mean() - mean) < 4 * Y.std() / np.sqrt(4000)


@long
def test_a_stored_trial_of_a_direction_is_run_again():
    """The three losses of 64 examples, to a thousandth."""
    found = stored.peek("one_direction").sel(D=64, trial=2)
    again = kernel_before_and_after(np.random.default_rng([0, 2]), D=64)
    np.testing.assert_allclose(again, found, rtol=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: direction_problem(0, 0), "D must be at least 1"),
        (lambda: kernel_before_and_after(0, 0), "D must be at least 1"),
        (lambda: network_with_features(0, np.ones((3, 10)), np.ones(2)), "X and Y"),
    ],
)
def test_rejects_problems_of_a_direction(call, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        call()
