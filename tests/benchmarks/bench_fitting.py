"""How long a fit with its thousand resamples takes, without and with a floor.

Run alone on an idle machine: ``pytest tests/benchmarks --benchmark-only`` with
``-o python_files='bench_*.py'``.
"""

import numpy as np
import pytest

from scalinglib.laws import fit_power_law

SIZES = 64.0 * 2 ** np.arange(8)


@pytest.mark.parametrize(("offset", "limit"), [(0.0, 0.1), (0.1, 1.0), ("fit", 1.0)])
def test_fit(benchmark, offset, limit):
    """Eight sizes, twenty trials: the median time stays below the limit."""
    noise = 0.05 * np.random.default_rng(0).standard_normal((8, 20))
    curve = (0.1 + (SIZES / 64) ** -0.5)[:, None] * (1 + noise)
    benchmark(fit_power_law, SIZES, curve, offset=offset, rng=0)
    assert benchmark.stats["median"] < limit
