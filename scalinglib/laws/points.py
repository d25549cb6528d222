"""A learning curve as points: mean losses with the errors of their logarithms."""

from dataclasses import dataclass

import numpy as np

from scalinglib._input import real_array
from scalinglib._labels import labelled
from scalinglib.laws.curves import DECADES

WINDOW = 1  # neighbours on each side that lend their scatter to a size
LOCAL = 0.8  # weight of that window; the rest is the scatter over all sizes

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
        Degrees of freedom of the errors: infinite if they were given, 0 if there are
        none.
    labels : DataArray or None
        The curve without its trials, for what is returned.
    """

    x: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    trials: np.ndarray
    freedom: float
    labels: object = None


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
        if np.ptp(np.log10(values)) > DECADES:
            raise ValueError(
                f"curve must span at most {DECADES} decades of {what}, got "
                f"{values.min():g} to {values.max():g}"
            )
    if error is not None:
        return Points(x, mean, error / mean, trials, np.inf, labels)
    error, freedom = _pooled(loss / mean[:, None], trials)
    return Points(x, mean, error, trials, freedom, labels)


def _pooled(relative, trials):
    """Standard errors of the mean from neighbouring sizes, and how well they are known.

    The freedom is Satterthwaite's: that of a sum of variances with these weights.
    """
    n, free = len(trials), trials - 1
    deviation = np.where(np.isnan(relative), 1.0, relative) - 1
    squares = (deviation**2).sum(axis=1)
    if not free.any() or squares.sum() <= 1e-24 * trials.sum():
        return np.full(n, np.nan), 0.0  # one run a size, or all runs the same
    near = abs(np.subtract.outer(np.arange(n), np.arange(n))) <= WINDOW
    local = near * free
    everywhere = np.broadcast_to(free / free.sum(), (n, n))
    total = local.sum(axis=1, keepdims=True)
    shares = LOCAL * local / np.maximum(total, 1) + (1 - LOCAL) * everywhere
    shares = np.where(total > 0, shares, everywhere)
    variance = shares @ (squares / np.maximum(free, 1))
    spread = (shares**2 / np.where(free > 0, free, np.inf)).sum(axis=1)
    return np.sqrt(variance / trials), float(1 / spread.mean())


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
