"""Speed of fits of laws, against scipy's `curve_fit` from one start.

Run ``pytest tests/benchmarks/bench_laws.py --benchmark-only`` on an idle machine.
"""

import statistics
import time

import numpy as np
import pytest
from scipy.optimize import curve_fit

from scalinglib.laws import LAWS, fit

SIZES = 2.0 ** np.linspace(4, 16, 20)
NOISE = 0.03 * np.random.default_rng(0).standard_normal((20, 5))
LOSS = (0.1 + 2 * SIZES**-0.5)[:, None] * np.exp(NOISE)


def rival(law):
    """The trust region of scipy for the same law, errors, limits and derivatives.

    It starts where our best start is, which it is given for nothing.
    """
    problem = fit((SIZES, LOSS), law)._problem
    low, high = problem.limits()
    loss = np.exp(problem.y)
    starts = problem.law.starts(problem.u, loss, problem.weight, low, high)
    cost = problem.descend(starts, problem.weight, low, high, rounds=0)[1]
    start = np.clip(starts[cost.argmin()], low + 1e-9, high - 1e-9)

    def value(u, *theta):
        with np.errstate(all="ignore"):
            return problem.law.curve(np.array([theta]), u)[0][0]

    def gradient(u, *theta):
        with np.errstate(all="ignore"):
            return problem.law.curve(np.array([theta]), u)[2][0]

    return lambda: curve_fit(
        value,
        problem.u,
        problem.y,
        start,
        1 / problem.weight,
        absolute_sigma=True,
        bounds=(low - 1e-12, high + 1e-12),
        jac=gradient,
    )


@pytest.mark.parametrize("law", LAWS)
def test_fit(benchmark, law):
    """Twenty sizes, five trials: from all starts, in 5 ms, or 20 for a break."""
    other, times = rival(law), []

    def time_other():  # before every round of ours: what slows one slows the other
        start = time.perf_counter()
        other()
        times.append(time.perf_counter() - start)

    benchmark.pedantic(
        fit,
        args=((SIZES, LOSS), law),
        setup=lambda: time_other(),
        rounds=20,
        warmup_rounds=1,
    )
    ratio = benchmark.stats.stats.median / statistics.median(times)
    benchmark.extra_info["ours / scipy, one start"] = ratio
    print(f"\n{law}: ours / scipy's curve_fit from one start: {ratio:.2f}")
    assert benchmark.stats.stats.median < (0.02 if law == "break" else 0.005)
