"""Speed and worth of forecasts, ours and those of others, side by side.

Run ``pytest tests/benchmarks/bench_forecasts.py --benchmark-only`` on an idle machine.
Beside the time of a forecast stand, as extra information, the interval score and the
median error of each way on the curves that are held back, eight times ahead.
"""

import numpy as np
import pytest

from scalinglib import data, laws, stored
from scalinglib.experiments.peers import PEERS, predict, scored

CURVE = data.measured_curve(30, "RandomForest").isel(D=slice(0, 12))
SEEN = CURVE["D"].values.astype(float), CURVE.values


@pytest.mark.parametrize("name", PEERS)
def test_forecast(benchmark, name):
    """A real curve of twelve sizes and five trials, eight times ahead."""
    worth = scored(stored.load("peers")).sel(peer=name, horizon=8)
    benchmark.extra_info |= {
        "interval score": round(float(worth.score), 3),
        "median error": round(float(worth.error), 3),
    }
    said = benchmark(predict, name, SEEN, 8 * SEEN[0][-1])
    assert np.isfinite(said).all()
    if name == "this package":
        assert benchmark.stats.stats.median < 0.1


@pytest.mark.parametrize("what", ["past", "law", "size", "rate"])
def test_what_follows(benchmark, what):
    """Past forecasts, assumed laws, sizes and rates: what a user may wait for."""
    x, loss = SEEN
    calls = {
        "past": lambda: laws.forecast(SEEN, at=8 * x[-1]).past,
        "law": lambda: laws.forecast(SEEN, at=8 * x[-1], assume="law"),
        "size": lambda: laws.size_for(SEEN, 0.8 * loss[-1].mean()),
        "rate": lambda: laws.exchange_rate(SEEN, (x, 1.2 * loss)),
    }
    benchmark.pedantic(calls[what], rounds=5, iterations=1, warmup_rounds=1)
    assert benchmark.stats.stats.median < 1.5
