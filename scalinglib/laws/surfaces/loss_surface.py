r"""A fitted surface of losses, and what it says of a budget."""

from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import above_zero, one_of, positive
from scalinglib._labels import broadcast, like
from scalinglib.laws.surfaces.judging import Judged
from scalinglib.laws.surfaces.resampling import Optimum, ResampledEstimate
from scalinglib.laws.uncertainty import LEVEL

__all__ = ["LossSurface"]

FAR = np.log(1e200)  # of a budget, from what was run: where a search ends
WIDE = 16.0  # times less and more parameters than the best, in a profile
FINE = 121  # sizes of a profile


@dataclass(frozen=True, eq=False, repr=False)
class LossSurface(Judged):
    r"""A surface fitted to runs; call it with parameters and data to evaluate it.

    Attributes
    ----------
    form : Form
        Its formula, and where that is from.
    parameters : dict of str to float
        By the names of the formula. Those of ``"additive"`` are attributes, too:
        ``E``, ``A``, ``B``, ``alpha_P``, ``alpha_D`` (the literature's α and β).
    objective : float
        What was minimised: the sum of Huber's loss of the log residuals.
    delta : float
        Its elbow.
    condition : float
        Condition number of the fit: the largest over the smallest singular value of
        the derivatives of log L by the logarithms of the terms and by the exponents.
    flops : float
        Compute for each parameter and example.
    runs : Runs
        What was fitted: arrays ``P``, ``D`` and ``loss``.

    See Also
    --------
    scalinglib.laws.surfaces.surface_fits.fit_loss_surface : how it is made.
    """

    form: object
    parameters: dict
    objective: float
    delta: float
    condition: float
    flops: float
    runs: object = field(repr=False)
    _noted: tuple = field(repr=False)
    _theta: np.ndarray = field(repr=False)
    _units: tuple = field(repr=False)
    _resamples: tuple = field(repr=False)
    _linear: object = field(repr=False)

    def __getattr__(self, name):
        # E, A, B, alpha_P, …; asked for when there is no other attribute of that name.
        try:
            return self.__dict__["parameters"][name]
        except KeyError:
            raise AttributeError(f"a surface has no attribute {name!r}") from None

    def estimate(self, parameter):
        """A parameter as an estimate with an interval, by its name."""
        at = self.form.names.index(one_of("parameter", parameter, self.form.names))
        return self._estimate(
            lambda theta: self.form.parameters(theta, self._units)[:, at]
        )

    def interval(self, parameter, level=LEVEL):
        """Interval of a parameter: the widest of several bootstraps.

        Parameters
        ----------
        parameter : str
            Its name, one of `parameters`.
        level : float, default 0.95
            Probability, above 0 and below 1.

        Returns
        -------
        (float, float)

        Raises
        ------
        ValueError
            If the surface has no such parameter, or `level` is out of range.
        """
        return self.estimate(parameter).interval(level)

    def __call__(self, P, D, unique=None):
        """Evaluate the loss at parameters and data, positive, that broadcast.

        `unique`, a number, is how many of the data are different ones; by default all.
        Only a surface of the form ``"repeated"`` asks.
        """
        P, D, template = broadcast(P=P, D=D)
        sizes = self._inner(P, D, unique)
        with np.errstate(over="ignore", under="ignore"):
            loss = self._losses(self._theta[None], sizes.reshape(3, -1))[0]
        return like(template, loss.reshape(sizes.shape[1:])[()])

    def estimate_loss(self, P, D, unique=None):
        """The surface at parameters and data as an estimate; otherwise as a call."""
        P, D, template = broadcast(P=P, D=D)
        sizes = self._inner(P, D, unique)
        flat = sizes.reshape(3, -1)

        def losses(theta):
            found = self._losses(theta, flat)
            return found.reshape(len(theta), *sizes.shape[1:])

        return self._estimate(losses, template)

    def optimal(self, C, unique=None):
        """The split of a budget at which the loss is least.

        Parameters
        ----------
        C : float, array_like or DataArray
            Compute, `flops` times parameters times data; positive.
        unique : float, optional
            Different data that there are, for a surface of the form ``"repeated"``.

        Returns
        -------
        Optimum
        """
        budget, fresh = self._budget(C), self._fresh(unique)
        flat = budget.ravel()
        middle = self.form.log_optimum(self._theta[None, None], np.zeros(1), fresh)
        if not np.isfinite(middle).all():
            said = ", ".join(f"{n} {self.parameters[n]:.3g}" for n in self.form.names)
            raise ValueError(
                "C has no best split on this surface, for its loss does not fall with "
                f"P, or not with D: {said}. Are these losses, and not scores?"
            )

        def best(theta):
            return self.form.log_optimum(theta[:, None], flat, fresh)

        def shaped(values):
            return values.reshape(len(values), *budget.shape)

        P0, D0, _ = self._units
        with np.errstate(over="ignore", under="ignore"):
            return Optimum(
                C,
                self._estimate(lambda t: shaped(np.exp(best(t) + P0)), C),
                self._estimate(lambda t: shaped(np.exp(flat - best(t) + D0)), C),
                self._estimate(lambda t: shaped(self._least(t, flat, fresh)), C),
                self._estimate(
                    lambda t: shaped(np.exp(flat - 2 * best(t) + D0 - P0)), C
                ),
            )

    def tokens_per_parameter(self, C, unique=None):
        """D/P at the optimum of a budget, as an estimate; as `optimal`."""
        return self.optimal(C, unique).tokens_per_parameter

    def compute_for(self, loss, unique=None):
        """The least compute with which a loss is reached, as an estimate.

        Parameters
        ----------
        loss : float
            Positive. One that is not above the floor takes infinite compute.
        unique : float, optional
            As in `optimal`.

        Returns
        -------
        ResampledEstimate
        """
        target = np.log(above_zero("loss", loss)) - self._units[2]
        offset = self._units[0] + self._units[1] + np.log(self.flops)
        fresh = self._fresh(unique)

        def budget(theta):
            low, high = np.full(len(theta), -FAR), np.full(len(theta), FAR)
            for _ in range(80):
                middle = (low + high) / 2
                least = np.log(
                    self._least(theta, middle[:, None], fresh, scaled=False)
                )[:, 0]
                low = np.where(least > target, middle, low)
                high = np.where(least > target, high, middle)
            found = np.exp(high + offset)
            return np.where(high >= FAR * (1 - 1e-9), np.inf, found)

        return self._estimate(budget)

    def isoflop(self, C, level=LEVEL, unique=None):
        """The loss over model sizes at one budget, with a band.

        Parameters
        ----------
        C : float
            Compute.
        level : float, default 0.95
            Probability of the band at each size.
        unique : float, optional
            As in `optimal`.

        Returns
        -------
        Dataset, dims (P,)
            ``D``, ``loss``, ``low`` and ``high``, from a sixteenth to sixteen times
            the best size.
        """
        import xarray as xr

        C = above_zero("C", C)
        P = self.optimal(C, unique).P.value * np.geomspace(1 / WIDE, WIDE, FINE)
        D = C / (self.flops * P)
        found = self.estimate_loss(P, D, unique)
        low, high = found.interval(level)
        columns = {"D": D, "loss": found.value, "low": low, "high": high}
        return xr.Dataset({k: ("P", v) for k, v in columns.items()}, {"P": P})

    def _estimate(self, of, template=None):
        """A positive function of theta, (B, p) to (B, …), as an estimate."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            value = of(self._theta[None])[0]
        value = like(template, value) if np.ndim(value) else float(value)
        return ResampledEstimate(value, of, self._resamples, self._linear)

    def _logs(self, runs):
        """Log of the surface at some runs."""
        sizes = self._sizes(runs)
        return self.form.log_loss(self._theta[None], sizes)[0][0] + self._units[2]

    def _sizes(self, runs):
        """Logs of the sizes of some runs in units of the fit, (3, n)."""
        return scaled(runs.P, runs.D, runs.unique, self._units)

    def _losses(self, theta, sizes):
        return np.exp(self.form.log_loss(theta, sizes)[0] + self._units[2])

    def _least(self, theta, budget, fresh, *, scaled=True):
        """Losses at the optima of budgets, in the units of the runs or of the fit."""
        best = self.form.log_optimum(theta[:, None], budget, fresh)
        sizes = np.stack(np.broadcast_arrays(best, budget - best, fresh))
        value = self.form.log_loss(theta, sizes)[0]
        return np.exp(value + scaled * self._units[2])

    def _inner(self, P, D, unique):
        """Logs of sizes in units of the fit, (3, …)."""
        self._fresh(unique)
        P, D = np.broadcast_arrays(positive("P", P), positive("D", D))
        return scaled(P, D, unique, self._units)

    def _fresh(self, unique):
        """Log of the different data in units of the fit."""
        if unique is None:
            return np.inf
        if self.form.name != "repeated":
            raise ValueError(
                f"unique is for a surface of the form 'repeated', got {unique!r} for "
                f"one of {self.form.name!r}"
            )
        return np.log(above_zero("unique", unique)) - self._units[1]

    def _budget(self, C):
        """Log of P·D in units of the fit."""
        P0, D0, _ = self._units
        return np.log(positive("C", C) / self.flops) - P0 - D0

    def __str__(self):
        said = ", ".join(f"{k} {v:.4g}" for k, v in self.parameters.items())
        unknown = [name for name, known in self.identified.items() if not known]
        told = f"; not determined: {', '.join(unknown)}" if unknown else ""
        return f"{self.form.formula}: {said}{told}"

    __repr__ = __str__


def scaled(P, D, unique, units):
    """Logs of sizes in units of a fit, (3, …); without repetition the last is inf."""
    fresh = np.inf if unique is None else np.log(unique) - units[1]
    rows = np.log(P) - units[0], np.log(D) - units[1], fresh
    return np.stack(np.broadcast_arrays(*rows))
