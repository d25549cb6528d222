"""How far a surface may be off: resampled runs, and resampled groups of runs."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from scalinglib.laws.surfaces.minimum import descend_all
from scalinglib.laws.surfaces.observed import together, together_in_logs
from scalinglib.laws.uncertainty import Estimate, quantile, stretch, tails

__all__ = ["Optimum", "ResampledEstimate"]

LEAST = 1.5  # settings in a group, on average
FLATTER = 3.0  # times the bootstrap's: an error to first order that it did not see
STEP, ROUNDING = 1e-4, 1e-9  # of derivatives; and what is no error
INFINITE = -np.inf, np.inf
ENOUGH = 15  # groups: the scatter of fewer says too little


@dataclass(frozen=True, eq=False)
class Resamples:
    """Fits to resamples of one kind.

    Attributes
    ----------
    kind : str
        What was resampled.
    theta : (B, p) ndarray
    observations, freedom : int
        How many there were, and how many of them the fit left free.
    """

    kind: str
    theta: np.ndarray
    observations: int
    freedom: int


@dataclass(frozen=True, eq=False)
class ResampledEstimate(Estimate):
    """A positive number, or an array of them, with the widest of several intervals.

    Runs that share a model or a budget may share their luck: their bootstrap is wider
    than that of single runs if they do. Of all, the widest counts. Along a direction
    in which the objective is flat a bootstrap stays where it began: where the
    linearised fit has an error several times as large, that is the interval.

    Attributes
    ----------
    value : float, ndarray or DataArray
        The estimate.
    resamples : dict of str to ndarray
        What was resampled, and the same numbers from every resample, (B, …); made when
        it is asked for. Without any, intervals have no ends: zero and infinity.
    """

    value: float
    _of: object = field(repr=False)
    _drawn: tuple = field(repr=False)
    _linear: object = field(repr=False)

    @cached_property
    def resamples(self):
        """The same numbers from every resample, by what was resampled."""
        with np.errstate(all="ignore"):
            return {each.kind: self._of(each.theta) for each in self._drawn}

    def _ends(self, level):
        value = np.asarray(self.value, float)
        if not self._drawn:
            return np.zeros_like(value), np.full_like(value, np.inf)
        ends = np.zeros((2, *value.shape))
        with np.errstate(all="ignore"):
            middle = np.log(value)
            for each in self._drawn:
                factor = stretch(level, each.freedom, each.freedom)
                draws = np.log(self.resamples[each.kind])
                if tails(level)[0] * len(draws) < 1:
                    raise ValueError(
                        f"level must be at most {1 - 2 / len(draws):.6g} with "
                        f"{len(draws)} resamples, got {level}: take more of them"
                    )
                # One that is no number may be anything, on either side.
                sides = (np.where(np.isnan(draws), end, draws) for end in INFINITE)
                off = np.stack(
                    [
                        np.quantile(side, tail, axis=0, method="inverted_cdf")
                        for side, tail in zip(sides, tails(level), strict=True)
                    ]
                )
                off = np.where(off == middle, 0.0, factor * (off - middle))
                off = np.stack([np.minimum(off[0], 0.0), np.maximum(off[1], 0.0)])
                ends = np.where(off[1] - off[0] > ends[1] - ends[0], off, ends)
            half = self._linear.half(self._of, level)
            flat = half > FLATTER * (ends[1] - ends[0]) / 2 + ROUNDING
            ends = np.where(flat, np.stack([-half, half]), ends)
            low, high = value * np.exp(ends)
        return np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), np.inf, high)


@dataclass(frozen=True, eq=False)
class Linearised:
    """A fit to first order: what the bootstrap cannot see.

    Attributes
    ----------
    theta : (p,) ndarray
    covariance : (p, p) ndarray
    freedom : int
    """

    theta: np.ndarray
    covariance: np.ndarray
    freedom: int

    def half(self, of, level):
        """Half of the interval of the logarithm of a function of theta."""
        steps = STEP * np.eye(len(self.theta))
        logs = np.log(of(np.concatenate([self.theta + steps, self.theta - steps])))
        gradient = (logs[: len(steps)] - logs[len(steps) :]) / (2 * STEP)
        variance = np.einsum("p...,pq,q...->...", gradient, self.covariance, gradient)
        found = quantile(level, self.freedom) * np.sqrt(variance)
        return np.where(np.isnan(found), np.inf, found)


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best split of a budget; all of the shape of the budgets.

    Attributes
    ----------
    C : float, ndarray or DataArray
        Compute.
    P, D, loss : ResampledEstimate
        Parameters and data at which the loss is least, and that loss.
    tokens_per_parameter : the same
        D/P.
    """

    C: float
    P: ResampledEstimate
    D: ResampledEstimate
    loss: ResampledEstimate
    tokens_per_parameter: ResampledEstimate


def resampled(form, theta, sizes, log_loss, delta, runs, rng, number):
    """Fits to resamples of settings, of model sizes and of budgets.

    Returns
    -------
    tuple of Resamples
    tuple of str
        What could not be resampled, for there are too few.
    """
    kinds = {
        "runs": runs.setting,
        "model sizes": together(runs.P),
        "budgets": together_in_logs(np.log(runs.P) + np.log(runs.D)),
    }
    settings = runs.setting.max() + 1
    found, few = [], []
    for kind, groups in kinds.items():
        many = groups.max() + 1
        if kind != "runs" and many * LEAST > settings:
            continue  # no groups, but sizes that happen to be near each other
        if kind != "runs" and many < ENOUGH:
            few.append(f"{many} {kind}")
            continue
        drawn = rng.multinomial(many, np.full(many, 1 / many), size=number)
        thetas = descend_all(form, theta, sizes, log_loss, delta, drawn[:, groups])
        free = max(many - len(theta), 0) if kind == "runs" else many - 1
        found.append(Resamples(kind, thetas, int(many), int(free)))
    return tuple(found), tuple(few)
