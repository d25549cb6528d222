"""Learning curves on a grid of sizes, against root-finding within root-finding.

Run ``pytest tests/benchmarks/bench_theory.py --benchmark-only`` on an idle machine.
"""

import statistics
import time

import numpy as np
import pytest
from coupled_equations import nested_roots
from scipy.optimize import bisect

from scalinglib.spectra import PowerLaw
from scalinglib.theory import random_feature_loss

SIZES = np.geomspace(10, 1e13, 100)
GRID = SIZES[:, None], SIZES * 1.01  # never equal: there is no ridge


@pytest.mark.benchmark(group="the same finite spectrum, time per point")
def test_per_point(benchmark):
    """A thousand times faster per point than nested bisection, equal to 1e-8."""
    lam = np.arange(1, 10_001) ** -2.0
    sizes = np.geomspace(10, 5000, 100)
    few = [10, 40, 90]
    times, dumb = [], []

    def time_bisection():  # before every round of ours
        start = time.perf_counter()
        dumb[:] = [
            nested_roots(lam, sizes[i], sizes[-1 - i], lam, 1e-3, find=bisect)
            for i in few
        ]
        times.append((time.perf_counter() - start) / len(few))

    loss = benchmark.pedantic(
        lambda: random_feature_loss(lam, sizes[:, None], sizes, ridge=1e-3),
        setup=time_bisection,
        rounds=5,
        warmup_rounds=1,
    )
    ratio = statistics.median(times) / (benchmark.stats.stats.median / loss.size)
    print(f"\n{ratio:.0f} times faster per point")
    benchmark.extra_info["ratio"] = ratio
    np.testing.assert_allclose([loss[i, -1 - i] for i in few], dumb, rtol=1e-8)
    assert ratio > 1000


@pytest.mark.parametrize(
    ("spectrum", "limit"),
    [
        (PowerLaw(alpha=1.0), 2.0),
        (PowerLaw(alpha=0.1), 2.0),
        (PowerLaw(alpha=3.0), 2.0),
    ],
    ids=str,
)
@pytest.mark.benchmark(group="100 × 100 sizes to 1e13, infinitely many modes")
def test_infinite_spectrum(benchmark, spectrum, limit):
    """A hundred sizes by a hundred, up to 1e13."""
    benchmark(random_feature_loss, spectrum, *GRID)
    assert benchmark.stats["median"] < limit


@pytest.mark.benchmark(group="100 × 100 sizes to 1e13, an array of 1e5 modes")
def test_array_spectrum(benchmark):
    """With a ridge, without which no more points than modes can be served."""
    lam = np.arange(1, 100_001) ** -2.0
    benchmark(random_feature_loss, lam, *GRID, ridge=1e-6)
    assert benchmark.stats["median"] < 10
