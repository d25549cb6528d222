"""How forecasts did on sizes of a curve that were run, and what that warns of."""

import numpy as np
import xarray as xr
from scipy.special import ndtri

from scalinglib.laws.experience import shipped_experience

FEWEST, PAST = 3, 12  # sizes to forecast from; forecasts that are made at most
ROBUST = 0.6745 * 6**0.5  # median of |y - 2y' + y''|, in standard deviations of y
# A curve is warned of whose own past forecasts missed so often, and so many times.
MISSED, TIMES = 0.3, 3


def past_forecasts(predicted, points, ratio, level, noise=0.0):
    """Rolling-origin forecasts, at most a dozen, by a function of points and a size.

    What is forecast may be a law's value: then the noise of a measurement, a standard
    error of log loss at each size, is added to its interval.
    """
    n, rows = len(points.x), []
    origins = np.unique(np.linspace(FEWEST, n - 1, PAST).round().astype(int))
    z = -ndtri((1 - level) / 2)
    for origin in origins[(origins >= FEWEST) & (origins < n)]:
        u = np.log(points.x[origin:] / points.x[origin - 1])
        target = origin + int(np.argmin(abs(u - np.log(ratio))))
        try:
            seen = points.first(origin)
            found = predicted(seen, points.x[target])
        except ValueError:  # too few sizes for the law
            continue
        low, value, high = found.at(np.array([-z, 0.0, z]))
        more = z * np.broadcast_to(noise, n)[target]
        low = value - np.hypot(value - low, more)
        high = value + np.hypot(high - value, more)
        with np.errstate(over="ignore", under="ignore"):
            low, value, high = np.exp([low, value, high])
        rows.append((origin, points.x[target], value, low, high, points.mean[target]))
    columns = np.array(rows).reshape(-1, 6).T
    names = "at", "value", "low", "high", "loss"
    return xr.Dataset(
        {
            name: ("origin", column)
            for name, column in zip(names, columns[1:], strict=True)
        },
        {"origin": columns[0].astype(int)},
    )


def noise_of(points):
    """Standard errors of log loss: told by trials, or by second differences."""
    if points.freedom:
        return points.error
    bends = np.diff(np.log(points.mean), 2)
    return np.median(abs(bends)) / ROBUST if len(bends) else 0.0


def held(past):
    """Which of the past forecasts held the loss that was measured."""
    return (past["low"] <= past["loss"]) & (past["loss"] <= past["high"])


def reasons(found):
    """Sentences on why to trust a forecast less."""
    if found.beyond:
        tried = np.exp(shipped_experience().horizon)
        yield (
            f"{found.ratio:.3g} times the largest size; nineteen in twenty forecasts "
            f"that were tried went up to {tried:.0f} times, and this is farther"
        )
    past = found.past
    missed = int((~held(past)).sum())
    if missed >= TIMES and missed >= MISSED * past.sizes["origin"]:
        yield (
            f"{missed} of {past.sizes['origin']} forecasts of this curve's own later "
            f"sizes missed their {100 * found.level:g} % interval"
        )
