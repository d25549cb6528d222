"""What a sweep costs beside its trials: in sequence, in processes, on a cluster.

Run alone on an idle machine: ``pytest tests/benchmarks``. Each overhead is the time of
a sweep of trials that do nothing, over their number.
"""

import time

import joblib
import numpy as np
import pytest

from scalinglib.experiments import sweep

TRIALS = 400
MOST = 5e-3  # seconds a trial


def nothing(rng, D):
    """As little as a trial can do."""
    return rng.random() / D


def overheads(folder, repeats=5):
    """Seconds a trial that a sweep takes, kept anew each time."""
    times = []
    for i in range(repeats):
        began = time.perf_counter()
        sweep.run(
            nothing,
            trials=TRIALS // 4,
            seed=0,
            D=[1, 2, 3, 4],
            checkpoint=folder / str(i),
        )
        times.append((time.perf_counter() - began) / TRIALS)
    return np.array(times)


@pytest.mark.parametrize(
    ("backend", "jobs"),
    [("sequential", 1), ("threading", 4), ("loky", 2), ("loky", 4)],
)
def test_a_kept_trial(benchmark, tmp_path, backend, jobs):
    """Less than 5 ms, with a line on disk that survives a power cut."""
    with joblib.parallel_config(backend=backend, n_jobs=jobs):
        sweep.run(nothing, trials=4 * jobs, seed=0, D=[1])  # the workers come up
        times = benchmark.pedantic(overheads, (tmp_path,), rounds=1)
    benchmark.extra_info["ms a trial"] = np.round(1e3 * np.median(times), 2)
    assert np.median(times) < MOST


@pytest.mark.filterwarnings("ignore")
def test_a_kept_trial_on_a_cluster(benchmark, tmp_path):
    """Less than 5 ms with Dask and four workers, too."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=None) as them,
        Client(them),
        joblib.parallel_config(backend="dask"),
    ):
        sweep.run(nothing, trials=40, seed=0, D=[1])
        times = benchmark.pedantic(overheads, (tmp_path,), rounds=1)
    benchmark.extra_info["ms a trial"] = np.round(1e3 * np.median(times), 2)
    assert np.median(times) < MOST


def test_a_look_at_many(benchmark, tmp_path):
    """Status and array of 20 000 trials in less than three seconds."""
    sweep.run(nothing, trials=20_000, seed=0, D=[1], checkpoint=tmp_path)

    def look():
        return sweep.status(tmp_path), sweep.read(tmp_path)

    told, found = benchmark.pedantic(look, rounds=3)
    assert told.done == found.loss.size == 20_000
    assert benchmark.stats["median"] < 3
