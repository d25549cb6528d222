"""How long a surface takes, and against the package `chinchilla` in the same run.

Run alone on an idle machine: ``pytest tests/benchmarks/bench_surfaces.py``. The
comparison wants a Python that has chinchilla 0.2.0, in the variable CHINCHILLA_PYTHON.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from scalinglib.data import load_surface_runs
from scalinglib.laws import fit_loss_surface


@pytest.fixture(scope="module")
def runs():
    """P, D and loss of the 240 runs that everybody fits."""
    table = load_surface_runs("chinchilla").nsmallest(240, "loss")
    P, C, loss = (table[name].to_numpy() for name in ("N", "C", "loss"))
    return P, C / (6 * P), loss


def objective(parameters, runs):
    """The sum of Huber's loss of log L, as published."""
    E, A, B, alpha, beta = parameters
    P, D, loss = runs
    off = np.log(loss) - np.log(E + A * P**-alpha + B * D**-beta)
    inner = np.clip(off, -1e-3, 1e-3)
    return (inner * (off - inner / 2)).sum()


def test_fit(benchmark, runs):
    """The estimate alone: at most ten milliseconds."""
    benchmark(fit_loss_surface, *runs, resamples=0)
    assert benchmark.stats["median"] < 0.010


def test_four_hundred_resamples(benchmark, runs):
    """Of runs, of model sizes and of budgets: 1200 fits in at most three seconds."""
    benchmark.pedantic(fit_loss_surface, args=runs, kwargs={"rng": 0}, rounds=5)
    assert benchmark.stats["median"] < 3


def test_frontier(benchmark, runs):
    """Ten thousand budgets in at most fifty milliseconds."""
    surface = fit_loss_surface(*runs, resamples=0)
    budgets = np.geomspace(1e18, 1e26, 10_000)
    benchmark(surface.optimal, budgets)
    assert benchmark.stats["median"] < 0.050


def test_against_chinchilla(benchmark, runs, tmp_path):
    """A hundred times as fast, and a lower objective."""
    python = os.environ.get("CHINCHILLA_PYTHON")
    if not python:
        pytest.skip("CHINCHILLA_PYTHON is not set")
    rows = [(6 * P * D, P, D, L) for P, D, L in np.array(runs).T.tolist()]
    lines = ["C,N,D,loss", *(",".join(map(repr, row)) for row in rows)]
    (tmp_path / "df.csv").write_text("\n".join(lines))
    worker = Path(__file__).with_name("chinchilla_worker.py")
    done = subprocess.run(
        [python, worker, tmp_path], capture_output=True, text=True, check=True
    )
    seconds, *theirs = map(float, done.stdout.split()[-6:])
    surface = benchmark.pedantic(
        fit_loss_surface, args=runs, kwargs={"resamples": 0}, rounds=20, warmup_rounds=1
    )
    ratio = seconds / benchmark.stats["median"]
    ours = objective(surface.parameters.values(), runs)
    benchmark.extra_info |= {
        "times as fast": ratio,
        "objective": ours,
        "theirs": objective(theirs, runs),
    }
    print(benchmark.extra_info)
    assert ratio > 100
    assert ours < objective(theirs, runs)
