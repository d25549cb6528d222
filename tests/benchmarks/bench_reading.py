"""What it costs to read a table of a million losses, beside what pandas alone takes.

Run alone on an idle machine: ``pytest tests/benchmarks``. Each ratio is of medians
taken side by side, in turn, in one run.
"""

import numpy as np
import pandas as pd
import pytest
from bench_samples import side_by_side

from scalinglib.laws import read


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A million runs, of thirty sizes and a hundred seeds of settings each."""
    rng, rows = np.random.default_rng(0), 10**6
    frame = pd.DataFrame(
        {
            "D": 100 * rng.integers(1, 31, rows),
            "lr": rng.choice([0.1, 0.03, 0.01], rows),
            "host": rng.choice(["a", "b"], rows),
            "loss": rng.random(rows),
        }
    )
    file = tmp_path_factory.mktemp("table") / "runs.csv"
    frame.to_csv(file, index=False)
    return file


def test_a_million_rows(benchmark, path):
    """Less than six times as long as the file alone takes pandas, and under 3 s."""
    curve = benchmark(lambda: read(path, best="lr", ignore="host"))
    assert curve.notnull().sum() > 300_000
    ratio = side_by_side(
        lambda: read(path, best="lr", ignore="host"),
        lambda: pd.read_csv(path),
        rounds=5,
    )
    benchmark.extra_info["times as long as pandas.read_csv"] = round(ratio, 2)
    assert ratio < 6
    assert benchmark.stats["max"] < 3
