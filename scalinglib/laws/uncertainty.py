"""Intervals from a bootstrap, as long as few observations make them."""

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student_t

from scalinglib.laws.estimators import _law

RESAMPLES = 1000
TAIL = 0.025  # of the resamples, beyond each end of a 95 % interval


def _bootstrap(fit, x, loss, parameters, rng):
    """The estimate, that of every resample, and the stretch of their percentiles."""
    mean = loss.mean(axis=1)[None]
    trials = _resampled_trials(loss, rng)
    if trials is not None:  # all in one call, which takes hardly longer than one fit
        rows = fit(np.vstack([mean, trials[0]]))
        return _existing(rows[0]), rows[1:], trials[1]
    estimate = _existing(*fit(mean))
    law = _law(x, *estimate)
    curves, stretch = _resampled_residuals(loss[:, 0], law, parameters, rng)
    return estimate, fit(curves), stretch


def _existing(estimate):
    """An estimate, or why there is none."""
    if np.isinf(estimate[1]):
        raise ValueError(
            "with an offset the loss must fall beyond the second size; this one is "
            "constant from there on, which bounds no exponent"
        )
    return estimate


def _resampled_trials(loss, rng):
    """Mean curves (B, n) of resampled trials, and how far to stretch an interval.

    None if all trials are the same curve: then its residuals must tell the error.
    """
    trials = loss.shape[1]
    if np.ptp(loss / loss.mean(axis=1, keepdims=True), axis=1).max() <= 1e-12:
        return None
    counts = rng.multinomial(trials, np.full(trials, 1 / trials), size=RESAMPLES)
    return counts @ loss.T / trials, _stretch(trials - 1) * _unbias(trials, 1)


def _resampled_residuals(curve, fitted, parameters, rng):
    """The same from the residuals of one curve around the law fitted to it."""
    n = len(curve)
    draws = rng.choice(np.log(curve / fitted), size=(RESAMPLES, n))
    free = n - parameters
    stretch = _stretch(free) * _unbias(n, parameters) if free else np.inf
    return fitted * np.exp(draws), stretch


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
