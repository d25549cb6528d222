"""A small problem for kernel regression: classes of points on a sphere."""

import numpy as np

from scalinglib import data, kernels


def problem(seed, N=80, C=4):
    """Points on a sphere and labels of C classes, the last 30 for the test."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, 5))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    return X, data.one_hot(rng.integers(C, size=N), C)


def arc(X, Y=None):
    """Return the tangent kernel of one hidden layer."""
    return kernels.ntk(X, Y, depth=1)
