"""Intervals from a bootstrap, as long as few observations make them."""

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student_t

RESAMPLES = 1000
TAIL = 0.025  # of the resamples, beyond each end of a 95 % interval


def _resample(loss, fitted, parameters, rng):
    """Bootstrap curves (B, n), and how far to stretch their percentile interval."""
    n, trials = loss.shape
    # Trials without scatter carry no information on the error; residuals may.
    if np.ptp(loss / fitted[:, None], axis=1).max() > 1e-12:
        counts = rng.multinomial(trials, np.full(trials, 1 / trials), size=RESAMPLES)
        return counts @ loss.T / trials, _stretch(trials - 1) * _unbias(trials, 1)
    residual = np.log(loss[:, 0] / fitted)  # one curve, or copies of it
    draws = rng.choice(residual, size=(RESAMPLES, n))
    if n == parameters:
        return fitted * np.exp(draws), np.inf
    return fitted * np.exp(draws), _stretch(n - parameters) * _unbias(n, parameters)


def _stretch(freedom):
    """Student's quantile over the normal one."""
    return student_t.ppf(1 - TAIL, freedom) / norm.ppf(1 - TAIL)


def _unbias(n, parameters):
    """The factor by which n resampled residuals are too small."""
    return np.sqrt(n / (n - parameters))


def _interval(estimate, resampled, stretch):
    """Percentiles of the resamples, moved away from the estimate by `stretch`."""
    if np.isinf(stretch):
        return -np.inf, np.inf
    # inverted_cdf: no interpolation, which between a number and inf would be nan.
    ends = np.quantile(resampled, [TAIL, 1 - TAIL], method="inverted_cdf")
    low, high = estimate + stretch * (ends - estimate)
    return float(min(low, estimate)), float(max(high, estimate))


def _identified(low, high):
    """Ends within a factor of two of each other, or both within 0.05."""
    nearest_to_zero = max(low, -high, 0.0)
    return bool(high - low <= max(nearest_to_zero, 0.05))
