"""Images: all blocks of a sample at once, all ridges from one decomposition.

Run ``pytest tests/benchmarks/bench_images.py --benchmark-only`` on an idle machine.
"""

import statistics
import time

import numpy as np
import pytest

from scalinglib import data, experiments, learners
from scalinglib.learners import kernel_ridge
from scalinglib.theory import missed_power

X, LABELS = data.load_fashion_mnist()
X = data.centre_and_normalise(X, mean=X[:10_000].mean(axis=0))
Y = data.one_hot(LABELS)
KERNEL = experiments.KERNELS["tangent"]
SIZES = [64, 128, 256, 512]


def side_by_side(benchmark, ours, theirs, rounds):
    """Both in turn; the ratio of medians is printed with the result."""
    times, other = [], []

    def time_theirs():
        start = time.perf_counter()
        other[:] = [theirs()]
        times.append(time.perf_counter() - start)

    found = benchmark.pedantic(ours, setup=time_theirs, rounds=rounds)
    ratio = statistics.median(times) / benchmark.stats.stats.median
    benchmark.extra_info["times faster"] = round(ratio, 1)
    return found, other[0]


@pytest.mark.benchmark(group="error matrices of all blocks")
def test_blocks_at_once(benchmark):
    """One Gram matrix and one product for each size, against a fit for each block."""

    def fit_each():
        drawn = np.random.default_rng(0).permutation(10_000)[:512]
        matrices = []
        for D in SIZES:
            total = 0
            for block in drawn.reshape(-1, D):
                predict = kernel_ridge(KERNEL)(X[block], Y[block])
                error = predict(X[10_000:]) - Y[10_000:]
                total = total + error.T @ error / (2000 * (512 // D))
            matrices.append(total)
        return np.array(matrices)

    def ours():
        return learners.error_matrices(0, kernel=KERNEL, X=X, Y=Y, sizes=SIZES).values

    found, expected = side_by_side(benchmark, ours, fit_each, rounds=7)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.benchmark(group="missed power at forty ridges")
def test_ridges_from_one_decomposition(benchmark):
    """One eigendecomposition, against an inverse for each ridge."""
    K, y = KERNEL(X[:1024].astype(float)), Y[:1024]
    ridges = 1024 * K[0, 0] * np.geomspace(1e-5, 1, 40)

    def invert_each():
        power = []
        for ridge in ridges:
            R = np.linalg.inv(K + ridge * np.eye(len(K)))
            power.append(((R @ y) ** 2).sum() / (R**2).sum())
        return np.array(power)

    found, expected = side_by_side(
        benchmark, lambda: missed_power(K, y, ridges).power, invert_each, rounds=5
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6)
