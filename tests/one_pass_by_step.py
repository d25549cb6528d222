"""The recursion of one-pass SGD as it is written, a step at a time."""

import numpy as np


def features(P, M, seed=0):
    """Random features as in the theory, of variance 1/P."""
    return np.random.default_rng(seed).standard_normal((P, M)) / np.sqrt(P)


def stepped(modes, steps, step, batch=1, own=1.0):
    """The loss step by step; own = 0 leaves out γ²λ²e/B, as (1 - γλ)² does."""
    rate, error, losses = step * modes.lam, modes.error, []
    for _ in range(max(steps) + 1):
        losses.append(modes.floor + error.sum())
        kept = 1 - 2 * rate + (1 + own / batch) * rate**2
        error = kept * error + rate**2 / batch * losses[-1]
    return np.array(losses)[steps]
