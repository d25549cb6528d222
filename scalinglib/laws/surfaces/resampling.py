"""How far a surface may be off: resampled runs, and resampled groups of runs."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from scalinglib._input import probability
from scalinglib._labels import like
from scalinglib.laws.surfaces.minimum import descend_all
from scalinglib.laws.surfaces.observed import together
from scalinglib.laws.uncertainty import LEVEL, Estimate, stretch, tails

__all__ = ["Optimum", "ResampledEstimate"]

LEAST = 1.5  # settings in a group, on average
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
    than that of single runs if they do. Of all, the widest counts.

    Attributes
    ----------
    value : float, ndarray or DataArray
        The estimate.
    resamples : dict of str to ndarray
        What was resampled, and the same numbers from every resample, (B, …); made when
        it is asked for.
    """

    value: float
    _of: object = field(repr=False)
    _drawn: tuple = field(repr=False)

    @cached_property
    def resamples(self):
        """The same numbers from every resample, by what was resampled."""
        with np.errstate(all="ignore"):
            return {each.kind: self._of(each.theta) for each in self._drawn}

    def interval(self, level=LEVEL):
        """Interval that holds the truth with this probability.

        Parameters
        ----------
        level : float, default 0.95
            Probability, above 0 and below 1.

        Returns
        -------
        (lower, upper)
            Each of the shape of the value. Zero and infinity where there are no
            degrees of freedom, or no resamples.

        Raises
        ------
        ValueError
            If `level` is out of range.
        """
        low, high = self._ends(probability("level", level))
        if not np.ndim(self.value):
            return float(low), float(high)
        return like(self.value, low), like(self.value, high)

    def _ends(self, level):
        value = np.asarray(self.value, float)
        low, high = np.zeros_like(value), np.full_like(value, np.inf)
        widest = np.full_like(value, -np.inf)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            middle = np.log(value)
            for each in self._drawn:
                factor = stretch(level, each.freedom, each.freedom)
                if np.isinf(factor):
                    return low, high
                draws = np.log(self.resamples[each.kind])
                ends = np.quantile(draws, tails(level), axis=0, method="inverted_cdf")
                ends = np.where(ends == middle, 0.0, factor * (ends - middle))
                ends = np.minimum(ends[0], 0.0), np.maximum(ends[1], 0.0)
                wider = ends[1] - ends[0] > widest
                widest = np.where(wider, ends[1] - ends[0], widest)
                low = np.where(wider, value * np.exp(ends[0]), low)
                high = np.where(wider, value * np.exp(ends[1]), high)
        return low, high


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best split of a budget; all of the shape of the budgets.

    Attributes
    ----------
    C : float, ndarray or DataArray
        Compute.
    P, D, loss, tokens_per_parameter : ResampledEstimate
        Parameters and data at which the loss is least, that loss, and D/P.
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
        "budgets": together(runs.P * runs.D),
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
