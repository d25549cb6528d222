"""Coverage of the intervals of α_K in a hundred cases, and what few modes cost.

Run ``pytest tests/benchmarks/bench_spectra.py --benchmark-only -s``: two minutes.
"""

import statistics
import time

import numpy as np
import pytest

from scalinglib.kernels import laplace
from scalinglib.learners.random_features import gaussian
from scalinglib.spectra import (
    PowerLaw,
    empirical,
    exponent,
    noise_exponent,
    resolution_exponent,
    tail_exponent,
)

ESTIMATORS = [tail_exponent, resolution_exponent, noise_exponent]


def gram(alpha, seed, D=800, S=2500):
    """Return the Gram matrix of D points with Gaussian features, λ = i^-(1 + α)."""
    rng = np.random.default_rng([seed, int(10 * alpha)])
    F = gaussian(PowerLaw(alpha=alpha)(np.arange(1, S + 1)), D, rng=rng)
    return F @ F.T + (S + 0.5) ** -alpha / alpha * np.eye(D)


@pytest.mark.benchmark(group="three estimates from 800 points, a hundred times")
@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
def test_coverage(benchmark, alpha):
    """Each estimator's 95 % intervals cover the planted exponent in 90 to 98 of 100."""

    def count():
        grams = (gram(alpha, seed) for seed in range(100))
        hits = [[e(K).alpha_K.covers(alpha) for e in ESTIMATORS] for K in grams]
        return np.sum(hits, axis=0)

    hits = benchmark.pedantic(count, rounds=1)
    for estimator, n in zip(ESTIMATORS, hits, strict=True):
        print(f"\nα = {alpha}: {estimator.__name__} covers {n} of 100", end="")
        benchmark.extra_info[estimator.__name__] = int(n)
    assert ((hits >= 90) & (hits <= 98)).all()


@pytest.mark.benchmark(group="50 eigenvalues of 3000 points")
def test_few_modes(benchmark):
    """Lanczos's method takes less than half of the time of all eigenvalues."""
    X = np.random.default_rng(0).standard_normal((3000, 3))
    K = laplace(X, bandwidth=1.0)
    whole = []

    def time_all():
        start = time.perf_counter()
        empirical(K)
        whole.append(time.perf_counter() - start)

    some = benchmark.pedantic(
        lambda: empirical(K, modes=50), setup=time_all, rounds=3, warmup_rounds=1
    )
    ratio = benchmark.stats.stats.median / statistics.median(whole)
    print(f"\ntime / all: {ratio:.2f}")
    np.testing.assert_allclose(some.lam, empirical(K).lam[:50], rtol=1e-9)
    assert ratio < 1 / 2


@pytest.mark.benchmark(group="an exponent with its interval")
@pytest.mark.parametrize(("N", "P"), [(4000, 768), (1000, 5000)])
def test_exponent(benchmark, N, P):
    """Beside the eigenvectors it needs, of the smaller of its two matrices."""
    F = np.random.default_rng(0).standard_normal((N, P)) * np.arange(1, P + 1) ** -0.6
    alone = []

    def time_eigenvectors():
        start = time.perf_counter()
        np.linalg.eigh(F.T @ F if P < N else F @ F.T)
        alone.append(time.perf_counter() - start)

    a = benchmark.pedantic(
        lambda: exponent(features=F, centred=True),
        setup=time_eigenvectors,
        rounds=3,
        warmup_rounds=1,
    )
    ratio = benchmark.stats.stats.median / statistics.median(alone)
    print(f"\ntime / eigenvectors: {ratio:.1f}")
    assert a.covers(1.2)
    assert ratio < 6
