r"""A fitted surface of losses, and what it says of a budget."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from scalinglib._input import above_zero, one_of, positive
from scalinglib._labels import broadcast, like
from scalinglib.laws.surfaces import judging
from scalinglib.laws.surfaces.resampling import Optimum, ResampledEstimate
from scalinglib.laws.uncertainty import LEVEL

__all__ = ["LossSurface"]

FAR = np.log(1e30)  # of a budget, from what was run: where a search ends
WIDE = 16.0  # times less and more parameters than the best, in a profile
FINE = 121  # sizes of a profile


@dataclass(frozen=True, eq=False, repr=False)
class LossSurface:
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
    warnings : tuple of str
        What to know before one relies on it.
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
    warnings: tuple
    runs: object = field(repr=False)
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

    @cached_property
    def identified(self):
        """Which parameters the runs determine: True or False for each name.

        An exponent and the floor are if the ends of their 95 % intervals differ by less
        than a factor of two; the amplitude of a term is if its exponent is. `reasons`
        says why not.
        """
        return {name: name not in self.reasons for name in self.form.names}

    @cached_property
    def reasons(self):
        """Why parameters are not determined, for those that are not."""
        return judging.reasons(self)

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

    def __call__(self, P, D):
        """Evaluate the loss at parameters and data, positive, that broadcast."""
        P, D, template = broadcast(P=P, D=D)
        sizes = self._inner(P, D)
        with np.errstate(over="ignore", under="ignore"):
            loss = self._losses(self._theta[None], sizes.reshape(2, -1))[0]
        return like(template, loss.reshape(sizes.shape[1:])[()])

    def estimate_loss(self, P, D):
        """The surface at parameters and data as an estimate with an interval."""
        P, D, template = broadcast(P=P, D=D)
        sizes = self._inner(P, D)
        flat = sizes.reshape(2, -1)

        def losses(theta):
            found = self._losses(theta, flat)
            return found.reshape(len(theta), *sizes.shape[1:])

        return self._estimate(losses, template)

    def optimal(self, C):
        """The split of a budget at which the loss is least.

        Parameters
        ----------
        C : float, array_like or DataArray
            Compute, `flops` times parameters times data; positive.

        Returns
        -------
        Optimum
        """
        budget = self._budget(C)
        flat = budget.ravel()

        def best(theta):
            return self.form.log_optimum(theta[:, None], flat)

        def shaped(values):
            return values.reshape(len(values), *budget.shape)

        P0, D0, _ = self._units
        with np.errstate(over="ignore", under="ignore"):
            return Optimum(
                C,
                self._estimate(lambda t: shaped(np.exp(best(t) + P0)), C),
                self._estimate(lambda t: shaped(np.exp(flat - best(t) + D0)), C),
                self._estimate(lambda t: shaped(self._least(t, flat)), C),
                self._estimate(
                    lambda t: shaped(np.exp(flat - 2 * best(t) + D0 - P0)), C
                ),
            )

    def tokens_per_parameter(self, C):
        """D/P at the optimum of a budget, as an estimate; as `optimal`."""
        return self.optimal(C).tokens_per_parameter

    def compute_for(self, loss):
        """The least compute with which a loss is reached, as an estimate.

        Parameters
        ----------
        loss : float
            Positive. One that is not above the floor takes infinite compute.

        Returns
        -------
        ResampledEstimate
        """
        target = np.log(above_zero("loss", loss)) - self._units[2]
        offset = self._units[0] + self._units[1] + np.log(self.flops)

        def budget(theta):
            low, high = np.full(len(theta), -FAR), np.full(len(theta), FAR)
            for _ in range(60):
                middle = (low + high) / 2
                least = np.log(self._least(theta, middle[:, None], scaled=False))[:, 0]
                low = np.where(least > target, middle, low)
                high = np.where(least > target, high, middle)
            found = np.exp(high + offset)
            return np.where(high >= FAR * (1 - 1e-9), np.inf, found)

        return self._estimate(budget)

    def isoflop(self, C, level=LEVEL):
        """The loss over model sizes at one budget, with a band.

        Parameters
        ----------
        C : float
            Compute.
        level : float, default 0.95
            Probability of the band at each size.

        Returns
        -------
        Dataset, dims (P,)
            ``D``, ``loss``, ``low`` and ``high``, from a sixteenth to sixteen times
            the best size.
        """
        import xarray as xr

        C = above_zero("C", C)
        P = self.optimal(C).P.value * np.geomspace(1 / WIDE, WIDE, FINE)
        D = C / (self.flops * P)
        found = self.estimate_loss(P, D)
        low, high = found.interval(level)
        columns = {"D": D, "loss": found.value, "low": low, "high": high}
        return xr.Dataset({k: ("P", v) for k, v in columns.items()}, {"P": P})

    @property
    def residuals(self):
        """Log of each loss over the surface, (n,) in the order of the runs."""
        runs = self.runs
        return np.log(runs.loss / self(runs.P, runs.D))

    def residuals_by(self, size):
        """Mean residuals of the runs of each model size, data size or budget.

        Parameters
        ----------
        size : str
            ``"P"``, ``"D"`` or ``"C"``. Sizes within 2 % of each other are one.

        Returns
        -------
        DataFrame, index the geometric mean of the size
            ``runs``, how many; ``mean`` of log L over the surface; its ``error``, from
            their scatter (nan of one run).
        """
        return judging.residuals_by(self, one_of("size", size, ("P", "D", "C")))

    def hindsight(self, shares=(0.5, 0.25, 0.1, 0.03)):
        """What the runs of small budgets would have said of the larger ones.

        Parameters
        ----------
        shares : (k,) array_like, default (0.5, 0.25, 0.1, 0.03)
            Of the largest compute, above 0 and below 1: runs up to there are fitted,
            and the others forecast.

        Returns
        -------
        DataFrame, index ``C``, the largest compute that was fitted
            ``seen`` and ``ahead``, how many runs; ``bias`` and ``error``, the mean and
            the root mean square of log L over the forecast; ``P``, the best size at the
            largest budget of all by that fit, over that of this surface. A share that
            leaves too few runs on either side has no row.
        """
        return judging.looked_back(self, shares)

    def _estimate(self, of, template=None):
        """A positive function of theta, (B, p) to (B, …), as an estimate."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            value = of(self._theta[None])[0]
        value = like(template, value) if np.ndim(value) else float(value)
        return ResampledEstimate(value, of, self._resamples, self._linear)

    def _losses(self, theta, sizes):
        return np.exp(self.form.log_loss(theta, sizes)[0] + self._units[2])

    def _least(self, theta, budget, *, scaled=True):
        """Losses at the optima of budgets, in the units of the runs."""
        best = self.form.log_optimum(theta[:, None], budget)
        value = self.form.log_loss(theta, np.stack([best, budget - best]))[0]
        return np.exp(value + scaled * self._units[2])

    def _inner(self, P, D):
        """Logs of sizes in units of the fit, (2, …)."""
        P, D = np.broadcast_arrays(positive("P", P), positive("D", D))
        return np.stack([np.log(P) - self._units[0], np.log(D) - self._units[1]])

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
