"""Seconds of an estimate of the dimension, and how far it is off, beside TwoNN.

Run ``pytest tests/benchmarks/bench_dimension.py --benchmark-only`` on an idle machine.
"""

import numpy as np
import pytest

from scalinglib import geometry
from scalinglib.geometry import dimension

pytestmark = pytest.mark.filterwarnings("ignore::scalinglib.geometry.DimensionWarning")
SETS = {
    "roll": (2, geometry.swiss_roll()),
    "cube": (6, geometry.cube(6)),
    "sphere": (10, geometry.sphere(10)),
    "many": (20, geometry.cube(20)),
}


@pytest.mark.parametrize("N", [1000, 4000, 8000])
@pytest.mark.parametrize("name", SETS)
def test_estimate(benchmark, name, N):
    """At most five seconds for 8000 points; within 3 % or nearer than TwoNN."""
    d, manifold = SETS[name]
    sets = [manifold.sample(N, rng=seed) for seed in range(3)]
    found = []
    drawn = iter(sets * 2)
    benchmark.pedantic(
        lambda: found.append(dimension.estimate(next(drawn), rng=0).value), rounds=3
    )
    errors = [np.abs(np.array(values) - d) / d for values in (found, _two_nn(sets))]
    ours, theirs = (np.median(error) for error in errors)
    benchmark.extra_info |= {"error": ours, "TwoNN": theirs}
    print(f"\n{name}, N = {N}: error {ours:.1%}, TwoNN {theirs:.1%}")
    assert benchmark.stats.stats.median < 5 * max(N / 8000, 0.3)
    assert ours < max(theirs, 0.03)


def _two_nn(sets):
    return np.array([geometry.two_nn(X).value for X in sets])
