"""Curves of which the law is known."""

import numpy as np

SIZES = 64.0 * 2 ** np.arange(8)


def planted(seed, alpha, floor=0.0, *, trials=20, noise=0.05, memory=0.5):
    """Trials of a known law: relative noise, correlated across neighbouring sizes."""
    rng = np.random.default_rng([seed, 2026])
    lag = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    errors = np.linalg.cholesky(memory**lag) @ rng.standard_normal((8, trials))
    return (floor + (SIZES / 64) ** -alpha)[:, None] * (1 + noise * errors)
