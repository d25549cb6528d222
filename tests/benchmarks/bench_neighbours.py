"""Speed of nearest neighbours, against scipy's tree and scikit-learn's search.

Run ``pytest tests/benchmarks/bench_neighbours.py --benchmark-only`` on an idle machine,
with scikit-learn installed.
"""

import statistics
import time

import numpy as np
import pytest
from scipy.spatial import cKDTree

from scalinglib import geometry
from scalinglib.geometry import nearest

sklearn_neighbors = pytest.importorskip("sklearn.neighbors")

SIZES = [(10**3, 1), (10**3, 8), (10**3, 64), (10**4, 4), (10**4, 16), (10**5, 1)]
SIZES += [(10**5, 2), (10**5, 4), (10**5, 8), (10**5, 12), (10**5, 16), (10**5, 64)]


def rivals(X):
    """The searches of others, built with their defaults."""
    tree = cKDTree(X)
    search = sklearn_neighbors.NearestNeighbors(n_neighbors=1).fit(X)
    return {"scipy": tree.query, "scikit-learn": search.kneighbors}


@pytest.mark.parametrize(("D", "d"), SIZES)
def test_queries(benchmark, D, d):
    """The same neighbours, never slower than 1.1 times the better of the two."""
    rng = np.random.default_rng(0)
    X, Q = rng.random((D, d)), rng.random((300 if d > 8 else 20_000, d))
    others, times = rivals(X), {"scipy": [], "scikit-learn": []}

    def time_others():  # before every round of ours: what slows one slows the others
        for name, query in others.items():
            start = time.perf_counter()
            query(Q)
            times[name].append(time.perf_counter() - start)

    distance, _ = benchmark.pedantic(
        nearest(X), args=(Q,), setup=lambda: time_others(), rounds=5, warmup_rounds=1
    )
    best = min(map(statistics.median, times.values()))
    ratio = benchmark.stats.stats.median / best
    benchmark.extra_info["ours / best"] = ratio
    print(f"\nD = {D}, d = {d}: ours / best of the others: {ratio:.2f}")
    np.testing.assert_allclose(distance[:, 0], others["scipy"](Q)[0], rtol=1e-9)
    assert ratio <= 1.1


SHEETS = [(10**3, 2, 20), (10**4, 1, 50), (10**4, 2, 20), (10**4, 3, 200)]
SHEETS += [(10**4, 8, 50), (10**5, 2, 50), (10**5, 4, 20), (10**5, 8, 50)]


@pytest.mark.parametrize("k", [3, 11])
@pytest.mark.parametrize(("D", "d", "n"), SHEETS)
def test_sheets_in_many_dimensions(benchmark, D, d, n, k):
    """The glance chooses well: at most twice the time of the better search."""
    X = geometry.embedding(d, n, rng=0)(geometry.cube(d).sample(D + 3000, rng=1))
    X, Q = X[:D], X[D:]
    finds = {how: nearest(X, k=k, method=how) for how in ("tree", "brute")}
    times = {how: [] for how in finds}

    def time_both():
        for how, find in finds.items():
            start = time.perf_counter()
            find(Q)
            times[how].append(time.perf_counter() - start)

    distance, _ = benchmark.pedantic(
        nearest(X, k=k), args=(Q,), setup=lambda: time_both(), rounds=5, warmup_rounds=1
    )
    tree, brute = (statistics.median(times[how]) for how in ("tree", "brute"))
    ratio = benchmark.stats.stats.median / min(tree, brute)
    print(f"\nD = {D}, d = {d} in {n}, k = {k}: brute / tree {brute / tree:.1f}")
    print(f"ours / best {ratio:.2f}")
    np.testing.assert_allclose(distance, finds["tree"](Q)[0], rtol=1e-9)
    assert ratio <= 2
