"""Sizes at which a curve reaches a loss, as quantiles."""

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri

from scalinglib.laws.predicting import predicted

INSIDE, AHEAD, REACH = 40, 10, np.log(1e4)  # sizes at which curves are read; how far
FINER, SURE = 16, 4.0  # more of them where it is decided, in normal quantiles
BETWEEN = 2000  # sizes of the smooth increasing curve through all
SHARES = (np.arange(1000) + 0.5) / 1000


def size_quantiles(points, loss, assume):
    """Log sizes, and normal quantiles of the chance that it was reached up to each."""
    u = np.log(points.x)
    inside = u[:-1] if len(u) <= INSIDE else np.linspace(u[0], u[-1], INSIDE)[:-1]
    coarse = np.append(inside, u[-1] + np.linspace(0, REACH, AHEAD))
    scores = _scores(points, coarse, loss, assume)
    if scores[0] > 0:
        raise ValueError(
            f"loss must be below that at the smallest size {points.x[0]:.10g}, where "
            f"it is {points.mean[0]:.4g}, got {np.exp(loss):.4g}: run smaller sizes too"
        )
    # Finer where it is decided: as many more for each step of the chance.
    rising = np.maximum.accumulate(scores)
    steps = np.linspace(max(rising[0], -SURE), min(rising[-1], SURE), FINER)
    fine = np.interp(steps, rising, coarse)
    targets, order = np.unique(np.append(coarse, fine), return_index=True)
    scores = np.append(scores, _scores(points, fine, loss, assume))[order]
    fine = np.interp(np.linspace(steps[0], steps[-1], BETWEEN), rising, coarse)
    fine = np.unique(fine)
    smooth = PchipInterpolator(targets, np.maximum.accumulate(scores))(fine)
    return fine, np.maximum.accumulate(smooth)


def _scores(points, targets, loss, assume):
    found, _, _ = predicted(points, targets, assume)
    return np.array([float(each.score(loss)) for each in found])


def sizes_at(sizes, scores, shares):
    """Quantiles of the size, infinite where the loss is not reached."""
    with np.errstate(over="ignore"):
        found = np.exp(np.interp(ndtri(shares), scores, sizes))
    return np.where(ndtri(shares) > scores[-1], np.inf, found)


def of_shares(quantiles, share):
    """A quantile of those at `SHARES`, of which the last may be infinite."""
    place = np.clip(round(share * len(SHARES) - 0.5, 6), 0, len(SHARES) - 1)
    low, high = quantiles[int(np.floor(place))], quantiles[int(np.ceil(place))]
    return float(low if low == high else low + (place % 1) * (high - low))
