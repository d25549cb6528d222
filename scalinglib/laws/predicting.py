"""What a curve says of losses at sizes, seen or not: the one way to all forecasts."""

import numpy as np

from scalinglib.laws.assuming import assumed, assumed_change
from scalinglib.laws.experience import read_curve
from scalinglib.laws.points import coarse, points_of

FEWEST = 3  # sizes
FARTHEST = 1e12  # times the largest size


def seen(curve):
    """Points of a curve, of enough sizes."""
    points = points_of(curve)
    if len(points.x) < FEWEST:
        raise ValueError(
            f"curve must have at least {FEWEST} sizes for a forecast, got "
            f"{len(points.x)}; run it at smaller sizes too"
        )
    return points


def read_points(points, targets):
    """What the curve says of the log loss at log sizes, by experience."""
    few = coarse(points)
    error = few.error if few.freedom else None
    return read_curve(np.log(few.x), np.log(few.mean), error, targets)


def predicted(points, targets, assume):
    """Distributions of the log loss at log sizes, which laws speak, and how steadily.

    By experience, or by a law that is taken for granted if `assume` is one.
    """
    if assume is not None:
        distributions, speak = assumed(points, assume, targets)
        return distributions, speak, 1.0
    found = read_points(points, targets)
    return found.distributions, found.families, found.steady


def changed(points, targets, assume):
    """Distribution of the change of the log loss between two log sizes."""
    if assume is not None:
        return assumed_change(points, assume, targets)
    now, then = read_points(points, targets).distributions
    return type(then)(then.quantiles - now.at(0.0))
