"""A learning curve as points: mean losses with the errors of their logarithms."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import chdtri

from scalinglib._input import real_array
from scalinglib._labels import labelled
from scalinglib.laws.curves import DECADES

NEAR = 2  # neighbours on each side that lend their scatter to a size
OFFSETS = np.arange(-NEAR, NEAR + 1)
PRIOR = 4  # degrees of freedom of what is lent
MOST = 48  # sizes that are taken one by one
HUGE = 1e280  # what is larger, or smaller than its inverse, has another unit
LEAST = 1e-6  # relative error: less is rounding
LARGEST = 1e9  # of a known error, over the loss; and its inverse the smallest
RATIO = 1e6  # of the largest error to the smallest: more, and no step can be solved for

ACCEPTED = (
    "curve must be a DataArray of losses with one dimension of sizes and perhaps "
    "'trial', or a pair of arrays (x, loss)"
)


@dataclass(frozen=True, eq=False)
class Points:
    """What a fit needs of a curve.

    Attributes
    ----------
    x, mean : ndarray, shape (n,)
        Sizes, and means over the trials there.
    error : ndarray, shape (n,)
        Standard errors of log mean; nan where nothing tells them.
    trials : ndarray of int, shape (n,)
        How many there are at each size.
    freedom : float
        Degrees of freedom of an error: infinite if they were given, 0 if there are
        none.
    scatter : (ndarray, ndarray) or None
        Relative variance of the trials at each size, and its degrees of freedom.
    labels : DataArray or None
        The curve without its trials, for what is returned.
    """

    x: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    trials: np.ndarray
    freedom: float
    labels: object = None
    scatter: object = None

    def first(self, n):
        """The first n sizes, with errors that their own trials tell."""
        x, mean, error, trials = (
            self.x[:n],
            self.mean[:n],
            self.error[:n],
            self.trials[:n],
        )
        if self.scatter is None:
            return Points(x, mean, error, trials, self.freedom)
        return _of_scatter(x, mean, trials, *(part[:n] for part in self.scatter))


def points_of(curve):
    """Points of a DataArray or of a pair of arrays, or an error that names `curve`."""
    x, loss, error, labels = _unpacked(curve)
    there = ~np.isnan(loss)
    trials = there.sum(axis=1)
    if not trials.all():
        raise ValueError(
            f"curve must have a loss at every size, got none at {x[trials == 0][0]:g}; "
            "drop such sizes, as in curve.dropna(size, how='all')"
        )
    if np.isinf(loss).any() or (loss < 0).any():
        bad = loss[np.isinf(loss) | (loss < 0)][0]
        raise ValueError(
            f"curve must hold losses that are finite and not negative, got {bad}; "
            "subtract a score from its largest value first"
        )
    mean = np.where(there, loss, 0).sum(axis=1) / trials
    if not mean.all():
        raise ValueError(
            f"curve must have means above zero, got 0 at size {x[mean == 0][0]:g}; "
            "a law in logarithms cannot pass there: leave it out"
        )
    for what, values in (("sizes", x), ("losses", mean)):
        if values.min() < 1 / HUGE or values.max() > HUGE:
            raise ValueError(
                f"curve must have {what} from {1 / HUGE:.0e} to {HUGE:.0e}, got "
                f"{values.min():g} to {values.max():g}; take another unit"
            )
        if np.ptp(np.log10(values)) > DECADES:
            raise ValueError(
                f"curve must span at most {DECADES} decades of {what}, got "
                f"{values.min():g} to {values.max():g}"
            )
    if error is not None:
        relative = error / mean
        least, most = relative.min(), relative.max()
        if most > RATIO * least or least < 1 / LARGEST or most > LARGEST:
            raise ValueError(
                f"curve must have errors within a factor of {RATIO:.0e}, and of the "
                f"loss from {1 / LARGEST:.0e} to {LARGEST:.0e}, got {least:.2g} to "
                f"{most:.2g}; raise the small ones to what the measurement can tell"
            )
        return Points(x, mean, relative, trials, np.inf, labels)
    variance, free = _scatter(loss / mean[:, None], trials)
    return _of_scatter(x, mean, trials, variance, free, labels)


def _of_scatter(x, mean, trials, variance, free, labels=None):
    """Points whose errors are what the scatter of trials tells, or nothing."""
    if not free.any() or variance.max() <= LEAST**2:
        nothing = np.full(len(x), np.nan)  # one run a size, or all runs the same
        return Points(x, mean, nothing, trials, 0.0, labels)
    error = np.sqrt(pooled(variance, free) / trials + LEAST**2)
    freedom = float(np.mean(free) + PRIOR)
    return Points(x, mean, error, trials, freedom, labels, (variance, free))


def coarse(points, most=MOST, *, independent=False):
    """Points averaged in equal steps of log size, if there are more than so many.

    Neighbours that share their luck have a mean that is as sure as each of them.
    """
    n = len(points.x)
    if n <= most:
        return points
    u = np.log(points.x)
    step = np.minimum((u - u[0]) / (u[-1] - u[0]) * most, most - 0.5).astype(int)
    _, group, count = np.unique(step, return_inverse=True, return_counts=True)
    mean = [
        np.exp(np.bincount(group, np.log(each)) / count)
        for each in (points.x, points.mean)
    ]
    error = np.sqrt(np.bincount(group, points.error**2) / count)
    error = error / np.sqrt(count) if independent else error
    trials = np.bincount(group, points.trials)
    return Points(*mean, error, trials, points.freedom)


def _scatter(relative, trials):
    """Relative variance of the trials at each size, and its degrees of freedom."""
    free = trials - 1
    deviation = np.where(np.isnan(relative), 1.0, relative) - 1
    return (deviation**2).sum(axis=1) / np.maximum(free, 1), free


def pooled(variance, free):
    r"""Variances of sizes that lend to each other what few trials do not tell.

    .. math:: \frac{\nu_i s_i^2 + \nu_0 p_i}{\nu_i + \nu_0}

    with four degrees of freedom for :math:`p_i`: the mean of the medians over five
    sizes and over all, so that one failed run costs its own size and no other.

    Parameters
    ----------
    variance : ndarray, shape (..., n)
    free : ndarray of int, shape (n,)
        Degrees of freedom; 0 where a size has one trial.
    """
    known = free > 0
    median = chdtri(np.maximum(free, 1), 0.5) / np.maximum(free, 1)  # of s²/σ²
    typical = np.where(known, variance / median, np.nan)
    edge = np.full((*typical.shape[:-1], NEAR), np.nan)
    near = sliding_window_view(
        np.concatenate([edge, typical, edge], axis=-1), 2 * NEAR + 1, axis=-1
    )
    over_all = _median(typical)[..., None]
    some = known[np.clip(np.arange(len(free))[:, None] + OFFSETS, 0, len(free) - 1)]
    alone = ~some.any(axis=1)
    local = np.where(alone, 0.0, _median(np.where(alone[:, None], 0, near)))
    pool = np.where(alone, over_all, (local + over_all) / 2)
    return (free * np.where(known, variance, 0) + PRIOR * pool) / (free + PRIOR)


def _median(values):
    """As `np.nanmedian` over the last axis, which takes seven times as long."""
    ordered = np.sort(values, axis=-1)  # nan comes last
    last = (~np.isnan(ordered)).sum(axis=-1, keepdims=True) - 1
    middle = np.concatenate([last // 2, (last + 1) // 2], axis=-1)
    return np.take_along_axis(ordered, middle, axis=-1).mean(axis=-1)


def _unpacked(curve):
    """Sizes (n,), losses (n, trials), given errors, and labels."""
    if hasattr(curve, "data_vars"):
        raise ValueError(f"{ACCEPTED}; got a Dataset: select a variable of it")
    if labelled(curve):
        x, loss, error, labels = _from_labels(curve)
    elif isinstance(curve, tuple | list) and len(curve) == 2:
        x, loss = (real_array("curve", part).astype(float) for part in curve)
        error = labels = None
    else:
        raise ValueError(f"{ACCEPTED}; got {type(curve).__name__}")
    if x.ndim != 1 or loss.ndim not in (1, 2) or len(loss) != len(x) or not loss.size:
        raise ValueError(f"{ACCEPTED}; got shapes {x.shape} and {loss.shape}")
    if not (np.isfinite(x) & (x > 0)).all() or not (np.diff(np.log(x)) > 0).all():
        raise ValueError(
            "curve must have sizes that are finite, positive and increasing, got "
            f"{x[:4]}{' …' * (len(x) > 4)}; sort it, as in curve.sortby(size)"
        )
    return x, loss.reshape(len(x), -1), error, labels


def _from_labels(curve):
    sizes = [dim for dim in curve.dims if dim != "trial"]
    if len(sizes) != 1 or sizes[0] not in curve.coords:
        raise ValueError(
            f"{ACCEPTED}, with coordinates; got {dict(curve.sizes)}: select one curve "
            "with .sel"
        )
    (size,) = sizes
    x = real_array("curve", curve[size].values).astype(float)
    loss = real_array("curve", curve.transpose(size, ...).values).astype(float)
    labels = curve.isel(trial=0, drop=True) if "trial" in curve.dims else curve
    if "error" not in curve.coords:
        return x, loss, None, labels
    error = real_array("curve", curve["error"].values).astype(float)
    if curve["error"].dims != (size,) or not (np.isfinite(error) & (error > 0)).all():
        raise ValueError(
            "curve must have errors that are finite and positive, one for each size; "
            "drop the coordinate 'error' if they are not known"
        )
    return x, loss, error, labels
