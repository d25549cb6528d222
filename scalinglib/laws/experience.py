r"""What measured learning curves teach about the next one.

The components of `scalinglib.laws.wandering` are weighted by their evidence and by how
often curves of the corpus were like them, and what they say together is stretched until
it held the truth as often as it said. The numbers of both stand in ``experience.json``;
``python -m scalinglib.experiments.experience`` makes them anew.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from scipy.special import ndtr

from scalinglib.laws.wandering import FAMILIES, components

GRID = np.linspace(-3.0, 3.0, 25)  # normal quantiles at which distributions are kept
# The evidence counts in full and, in three parts of ten, for two fifths: the quantiles
# of both are averaged. Where they disagree the model is less sure than it says.
READINGS = (0.7, 1.0), (0.3, 0.4)
# What lies ahead differs from what a component says by these shares of the change that
# it predicts, or of a change with an exponent of 0.2.
SURPRISES, USUAL = np.array([0.03, 0.12, 0.5]), 0.2
# Losses fall by exponents up to 2.5 and rise by up to 0.4, and a little besides.
STEEPEST, RISING, BESIDES = 2.5, 0.4, (0.1, 0.25)
KEPT = 1 - 1e-4  # of the weights of components; the rest is left out
GROUP = np.repeat([0, 1, 1, 2, 2], list(FAMILIES.values()))  # constant, laws, growing
TYPICAL, MIDDLE = 10, np.log(5.5)  # sizes and horizon for which numbers are quoted
HALVINGS = 14  # of the range in which a quantile lies
# Components are alike whose means differ by less than this share of the spread of all,
# and whose own spreads by less than this factor.
ALIKE, WIDTHS = 0.05, 1.3
FINEST = 1e-4  # of log L
FAR = 2.0  # beyond the bounds; what lies farther is as good as there


@dataclass(frozen=True, eq=False)
class Distribution:
    """Of a log loss: quantiles at `GRID`, straight between them and beyond.

    Attributes
    ----------
    quantiles : ndarray, shape (25,)
        Increasing.
    """

    quantiles: np.ndarray

    def at(self, z):
        """Values at these standard normal quantiles, any shape."""
        q = self.quantiles
        inner = np.interp(z, GRID, q)
        low = (z - GRID[0]) * (q[2] - q[0]) / (GRID[2] - GRID[0])
        high = (z - GRID[-1]) * (q[-1] - q[-3]) / (GRID[-1] - GRID[-3])
        return inner + np.minimum(low, 0) + np.maximum(high, 0)

    def score(self, value):
        """The standard normal quantile of a value: the inverse of `at`."""
        q = self.quantiles
        low = (value - q[0]) / (q[2] - q[0]) * (GRID[2] - GRID[0])
        high = (value - q[-1]) / (q[-1] - q[-3]) * (GRID[-1] - GRID[-3])
        return np.interp(value, q, GRID) + np.minimum(low, 0) + np.maximum(high, 0)


@dataclass(frozen=True, eq=False)
class Experience:
    """What the corpus taught.

    Attributes
    ----------
    shapes : ndarray, shape (112,)
        Log prior weights.
    processes : ndarray, shape (3, 16)
        The same, for constant shapes, laws, and growing exponents.
    noise, unknown : ndarray, shape (4,) and (5,)
        The same.
    temper : ndarray, shape (2,)
        Log of the power to which the evidence counts, for ten sizes, and its slope
        with the log of their number.
    surprises : ndarray, shape (3, 3)
        Log weights, for each of the three groups.
    stretch : dict of ndarray, shape (6,)
        Shift, and log stretch below and above the median, and slopes of the three with
        the log of the horizon: with errors that are known, and without.
    horizon : float
        Log ratio of sizes up to which nineteen in twenty forecasts were tried.
    """

    shapes: np.ndarray
    processes: np.ndarray
    noise: np.ndarray
    unknown: np.ndarray
    temper: np.ndarray
    surprises: np.ndarray
    stretch: dict
    horizon: float

    def prior(self, known):
        """Log prior weights of all components, (shapes, processes, noises)."""
        noise = self.noise if known else self.unknown
        return self.shapes[:, None, None] + self.processes[GROUP][..., None] + noise

    def weights(self, evidence, n, known, share=1.0):
        """Posterior weights of the components."""
        power = share * np.exp(self.temper @ (1.0, np.log(n / TYPICAL)))
        logs = self.prior(known) + power * evidence
        weights = np.exp(logs - logs.max())
        return weights / weights.sum()

    def stretched(self, distribution, ahead, known):
        """A distribution as wide as it must be to hold truths as often as it says."""
        shift, low, high = stretch_at(self.stretch[str(known)], ahead, self.horizon)
        scores = shift + np.where(GRID < 0, low, high) * GRID
        return Distribution(distribution.at(scores))


def stretch_at(numbers, ahead, horizon):
    """Shift, and stretch below and above the median, at a horizon."""
    x = np.clip(ahead, np.log(2), horizon) - MIDDLE
    base, slope = np.reshape(numbers, (2, 3))
    shift, low, high = (base[:, None] + slope[:, None] * np.atleast_1d(x)).reshape(
        3, -1
    )
    return shift.squeeze(), np.exp(low).squeeze(), np.exp(high).squeeze()


@cache
def shipped_experience():
    """The experience that ships."""
    text = resources.files("scalinglib.laws").joinpath("experience.json").read_text()
    held = json.loads(text)
    names = "shapes", "processes", "noise", "unknown", "temper", "surprises"
    stretch = {key: np.array(value) for key, value in held["stretch"].items()}
    arrays = [np.array(held[name]) for name in names]
    return Experience(*arrays, stretch, held["horizon"])


@dataclass(frozen=True, eq=False)
class Reading:
    """A curve as the components see it.

    Attributes
    ----------
    distributions : tuple of Distribution
        Of the log loss at each target.
    families : dict of str to float
        Posterior weight of each family of shapes.
    steady : float
        Posterior weight of exponents that do not wander from their shape.
    """

    distributions: tuple
    families: dict
    steady: float


def read_curve(u, y, error, targets, known_to=None):
    """Read a curve by the experience that ships.

    Parameters
    ----------
    u, y : ndarray, shape (n,)
        Log sizes and log losses.
    error : ndarray, shape (n,), or None
        Standard errors of y.
    targets : ndarray, shape (T,)
        Log sizes: beyond the last one a measurement there is forecast, and up to it the
        curve itself is smoothed.
    """
    known_to = shipped_experience() if known_to is None else known_to
    targets = np.asarray(targets, dtype=float)
    found = components(u, y, error, np.append(targets, u[-1]))
    known = error is not None
    weights = [known_to.weights(found.evidence, len(u), known, s) for _, s in READINGS]
    tables = []
    for part in weights:
        chosen = _heaviest(part)
        tables.append(
            [
                _quantiles(known_to, part, chosen, found, k, ahead, y[-1])
                for k, ahead in enumerate(targets - u[-1])
            ]
        )
    averaged = np.tensordot([share for share, _ in READINGS], tables, 1)
    distributions = []
    for table, ahead in zip(averaged, targets - u[-1], strict=True):
        distribution = Distribution(_increasing(table))
        if ahead > 0:
            distribution = known_to.stretched(distribution, ahead, known)
        distributions.append(distribution)
    by_shape = weights[0].sum(axis=(1, 2))
    ends = np.cumsum([0, *FAMILIES.values()])
    families = np.add.reduceat(by_shape, ends[:-1])
    return Reading(
        tuple(distributions),
        dict(zip(FAMILIES, families.tolist(), strict=True)),
        float(weights[0][:, 0].sum()),
    )


def _heaviest(weights):
    """Indices of the components that hold nearly all of the weight."""
    flat = weights.ravel()
    order = np.argsort(flat)[::-1]
    return order[: np.searchsorted(np.cumsum(flat[order]), KEPT) + 1]


def mixed(known_to, weights, chosen, found, k, ahead, last):
    """Weights, means and standard deviations of what the components say at a target."""
    weight = weights.ravel()[chosen]
    mean = found.mean[..., k].ravel()[chosen]
    variance = found.variance[..., k].ravel()[chosen]
    if ahead <= 0:
        return weight, mean, np.sqrt(variance + 1e-10)
    group = GROUP[np.unravel_index(chosen, weights.shape)[0]]
    surprises = np.exp(known_to.surprises)[group]
    change = abs(mean - last) + USUAL * ahead
    noise = np.broadcast_to(found.noise**2, weights.shape).ravel()[chosen]
    variance = (variance + noise)[:, None] + (SURPRISES * change[:, None]) ** 2
    return (
        (weight[:, None] * surprises).ravel(),
        np.repeat(mean, len(SURPRISES)),
        np.sqrt(variance.ravel()),
    )


def _quantiles(known_to, weights, chosen, found, k, ahead, last):
    """Quantiles of the mixture at `GRID`, by halving."""
    weight, mean, spread = mixed(known_to, weights, chosen, found, k, ahead, last)
    low, high = (mean - 8 * spread).min(), (mean + 8 * spread).max()
    if ahead > 0:
        least, most = bounds(found, weights, chosen, ahead, found.pace)
        low, high = np.clip([low, high], least, most)
        mean = np.clip(mean, least - FAR, most + FAR)
    weight, mean, spread = _merged(weight / weight.sum(), mean, spread)
    share = ndtr(GRID)
    low, high = np.full(len(GRID), low), np.full(len(GRID), high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = ndtr((middle[:, None] - mean) / spread) @ weight < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _merged(weight, mean, spread):
    """The same mixture with components that are nearly alike taken together."""
    order = np.argsort(mean)
    within = np.cumsum(weight[order])
    ends = mean[order][np.searchsorted(within, (0.16, 0.84)).clip(max=len(order) - 1)]
    fine = ALIKE * (np.ptp(ends) / 2 + weight @ np.minimum(spread, 1.0))
    place = np.floor((mean - ends[0]) / fine).clip(-1e6, 1e6).astype(np.int64)
    width = np.floor(np.log(spread) / np.log(WIDTHS)).astype(np.int64)
    _, group = np.unique(place * 1000 + width, return_inverse=True)
    total = np.bincount(group, weight)
    kept = total > 0
    mean = np.bincount(group, weight * mean)[kept] / total[kept]
    variance = np.bincount(group, weight * spread**2)[kept] / total[kept]
    return total[kept], mean, np.sqrt(variance)


def bounds(found, weights, chosen, ahead, pace):
    """Lowest and highest log loss that there can be.

    A curve that has fallen or risen faster may go on so, and half as fast again.
    """
    weight = weights.ravel()[chosen] / weights.ravel()[chosen].sum()
    mean = found.mean[..., -1].ravel()[chosen]
    here = weight @ mean
    variance = found.variance[..., -1].ravel()[chosen]
    spread = min(np.sqrt(weight @ ((mean - here) ** 2 + variance)), 1.0)
    fastest = max(STEEPEST, -1.5 * pace[0]), max(RISING, 1.5 * pace[1])
    return (
        here - 2 * spread - fastest[0] * ahead - BESIDES[0],
        here + 2 * spread + fastest[1] * ahead + BESIDES[1],
    )


def _increasing(table):
    """Quantiles that increase, if only by what nobody can measure."""
    return np.maximum.accumulate(table) + FINEST * GRID
