"""The teacher–student experiment on a grid of sizes, against one fit per pair of sizes.

Run ``pytest tests/benchmarks/bench_random_features.py --benchmark-only`` on an idle
machine: a few minutes.
"""

import statistics
import time
from functools import partial

import joblib
import numpy as np
import pytest
import xarray as xr

from scalinglib import standard_errors_off, sweep
from scalinglib.learners.random_features import gaussian, projection, teacher_student
from scalinglib.theory import finite_size_loss, random_feature_loss

SPECTRUM = np.arange(1, 2001) ** -2.0
D = np.geomspace(16, 1000, 8).round().astype(int)
P = np.geomspace(22, 960, 8).round().astype(int)
TRIALS = 20


def with_lstsq(rng):
    """Fit every pair of sizes anew, for all S directions of the teacher at once."""
    mix = projection(P[-1], len(SPECTRUM), rng=rng)
    F = gaussian(SPECTRUM, D[-1], rng=rng)
    root = np.diag(np.sqrt(SPECTRUM))
    losses = np.empty((len(D), len(P)))
    for i, d in enumerate(D):
        for j, p in enumerate(P):
            f = F[:d] @ mix[:p].T
            theta = np.linalg.lstsq(f, F[:d], rcond=None)[0]
            losses[i, j] = ((root - (root @ mix[:p].T) @ theta) ** 2).sum()
    return xr.DataArray(losses, coords={"D": D, "P": P}, dims=["D", "P"])


def ours(rng):
    """Two factorisations for every size."""
    return teacher_student(rng, spectrum=SPECTRUM, D=D, P=P)


def on_two_cores(trial, seed):
    """Run the twenty trials: each process has one core, as on a cluster."""
    with joblib.parallel_config(n_jobs=2):
        return sweep.run(trial, trials=TRIALS, seed=seed)


@pytest.mark.benchmark(group="8 × 8 sizes to 1000, S = 2000, 20 trials")
def test_grid_of_sizes(benchmark):
    """It takes less than a tenth of the time and finds the same losses to 1e-8."""
    on_two_cores(ours, 0)  # starts the processes
    times, direct = [], []

    def time_direct():  # before every round of ours: what slows one slows the other
        start = time.perf_counter()
        direct.append(on_two_cores(with_lstsq, 0))
        times.append(time.perf_counter() - start)

    found = benchmark.pedantic(
        on_two_cores, args=(ours, 0), setup=time_direct, rounds=3
    )
    slow, fast = statistics.median(times), benchmark.stats.stats.median
    difference = float(abs(found / direct[0] - 1).max())
    print(f"\n{slow:.1f} s, {fast:.2f} s: {slow / fast:.1f} times faster")
    print(f"largest relative difference {difference:.1e}")
    benchmark.extra_info.update(direct=slow, ratio=slow / fast, difference=difference)
    assert slow / fast > 10
    assert difference < 1e-8


@pytest.mark.benchmark(group="simulation and theory")
@pytest.mark.parametrize("ridge", [0.0, 1e-3])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_theory_on_the_grid(benchmark, ridge, noise):
    """Twenty trials agree with the leading order within four standard errors.

    With more trials its finite-size error would show. Without ridge and noise the next
    order agrees as well.
    """
    settings = {"ridge": ridge, "noise": noise}
    trial = partial(teacher_student, spectrum=SPECTRUM, D=D, P=P, **settings)
    loss = benchmark.pedantic(on_two_cores, args=(trial, 0), rounds=1)
    theory = random_feature_loss(SPECTRUM, D[:, None], P, **settings)
    off = standard_errors_off(loss, theory)
    print(f"\nleading order: at most {abs(off).max():.1f} standard errors")
    assert abs(off).max() < 4
    if not ridge and not noise:
        off = standard_errors_off(loss, finite_size_loss(SPECTRUM, D[:, None], P))
        print(f"next order: at most {abs(off).max():.1f}, on average {off.mean():.1f}")
        assert abs(off).max() < 4
