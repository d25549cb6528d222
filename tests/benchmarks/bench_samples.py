"""What it saves to factor a Gram matrix once, and to leave out the resamples.

Run alone on an idle machine: ``pytest tests/benchmarks``. Each ratio is of medians
taken side by side, in turn, in one run.
"""

import time

import numpy as np

from scalinglib import fit_power_law, kernels, learners, theory
from scalinglib.spectra import Sample

SIZES = [64, 128, 256, 512]


def side_by_side(first, second, rounds):
    """Median time of the first over that of the second."""
    times = np.empty((rounds, 2))
    for i in range(rounds):
        for j, call in enumerate((first, second)):
            start = time.perf_counter()
            call()
            times[i, j] = time.perf_counter() - start
    return np.divide(*np.median(times, axis=0))


def ask(K, first, targets):
    """All that chapter 6 asks of a sample, for every target."""
    for y in targets:
        theory.kare(K, y, SIZES)
        theory.extrapolated_loss(K, y, 8192)
        for D in SIZES:
            learners.leave_one_out(first(D), y[:D])


def test_one_factorisation_for_three_targets(benchmark):
    """512 points, three targets: at least 2.5 times faster than with the matrix."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((512, 20))
    K = kernels.laplace(X, bandwidth=5.0)
    targets = [rng.standard_normal((512, C)) for C in (10, 5, 2)]

    def of_matrix():
        ask(K, lambda D: K[:D, :D], targets)

    def of_sample():
        sample = Sample(K)
        ask(sample, sample.first, targets)

    benchmark(of_sample)
    assert side_by_side(of_matrix, of_sample, rounds=9) > 2.5


def test_a_fit_without_resamples(benchmark):
    """A floor fitted to 20 trials: at least twice as fast without an interval."""
    rng, x = np.random.default_rng(0), 64.0 * 2 ** np.arange(8)
    loss = (0.1 + (x / 64) ** -0.5)[:, None] * rng.normal(1, 0.05, (8, 20))

    def fit(resamples):
        return fit_power_law(x, loss, offset="fit", rng=0, resamples=resamples)

    benchmark(fit, 0)
    assert side_by_side(lambda: fit(1000), lambda: fit(0), rounds=15) > 2
