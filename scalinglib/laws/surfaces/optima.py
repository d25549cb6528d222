r"""The best size of each budget, and the power law through them, as an answer."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from scalinglib._input import above_zero, positive
from scalinglib._labels import like
from scalinglib.laws.surfaces.valleys import vertex
from scalinglib.laws.uncertainty import Estimate, StudentEstimate

__all__ = ["IsoFLOP", "OptimalSize", "Split"]

ROUNDS = 100  # of the search for the true optimum: each leaves a tenth, or less


@dataclass(frozen=True, eq=False)
class OptimalSize(Estimate):
    """The best size for a budget, or for several, an `Estimate`.

    Attributes
    ----------
    value : float or ndarray or DataArray
        Of the shape of the budgets.
    stderr : ndarray
        Standard error of its logarithm.
    freedom : ndarray
        Degrees of freedom.
    """

    value: object
    stderr: np.ndarray
    freedom: np.ndarray

    def _ends(self, level):
        factor = np.exp(stdtrit(self.freedom, (1 + level) / 2) * self.stderr)
        value = np.asarray(self.value, float)
        return value / factor, value * factor


class Split(NamedTuple):
    """The best split of a budget.

    Attributes
    ----------
    P, D : OptimalSize
        Parameters and data, C = flops P D.
    """

    P: OptimalSize
    D: OptimalSize


@dataclass(frozen=True, eq=False, repr=False)
class IsoFLOP:
    r"""Best sizes of several budgets and their power law, :math:`P^* \propto C^a`.

    Attributes
    ----------
    profiles : Dataset
        Along the budgets ``C``: ``P``, ``D`` and ``loss`` of the minimum, ``stderr`` of
        :math:`\ln P`, ``runs`` and ``sizes``, the window's ``half_width`` and its
        ``drift`` from the minimum in :math:`\ln P`, whether it is ``used`` for the
        power law, and a ``note``, empty where nothing is wrong.
    exponent : StudentEstimate
        a, of the power law.
    exponents : tuple of StudentEstimate, or None
        Of the shared surface, of parameters and of data.
    scatter : float
        Standard deviation of :math:`\ln P^*` about its power law beyond the errors.
    shape : str
        What was fitted to each profile.
    flops : float
        Compute for each parameter and example.
    left_over : int
        Runs in none of the profiles.

    See Also
    --------
    scalinglib.laws.surfaces.profiles.fit_isoflop : How it is made.
    """

    profiles: xr.Dataset
    exponent: StudentEstimate
    exponents: tuple | None
    scatter: float
    shape: str
    flops: float
    left_over: int
    _line: object = field(repr=False)
    _profiles: list = field(repr=False)

    def optimal(self, C):
        """Best parameters and data for a budget.

        Parameters
        ----------
        C : float or array_like or DataArray
            Compute, positive.

        Returns
        -------
        Split

        Raises
        ------
        ValueError
            If `C` is not positive.

        Notes
        -----
        The interval knows of noise and of the scatter of the minima. It takes the power
        law to go on, and of parabolas it does not know their bias.
        """
        budget = positive("C", C)
        log_P, error, freedom = self._line.at(np.log(budget))
        log_D = np.log(budget / self.flops) - log_P
        values = (like(C, np.exp(logs)) for logs in (log_P, log_D))
        return Split(*(OptimalSize(value, error, freedom) for value in values))

    def bias(self, alpha_P, alpha_D):
        r"""Bias of the vertex of each parabola, if these are the exponents.

        Parameters
        ----------
        alpha_P, alpha_D : float
            Above zero.

        Returns
        -------
        DataArray
            Vertex less optimum in :math:`\ln P`, along the budgets; nan where there is
            no vertex.

        Raises
        ------
        ValueError
            If an exponent is not positive, or no parabolas were fitted.

        Notes
        -----
        As `parabola_bias`, but of the sizes that were run, wherever these lie. The
        optimum is the place from which a surface without noise, at these sizes, would
        have the vertex that was found.
        """
        if self.shape != "parabola":
            raise ValueError(
                f"shape must be 'parabola' for a bias of parabolas, got {self.shape!r}"
            )
        a, b = above_zero("alpha_P", alpha_P), above_zero("alpha_D", alpha_D)
        found = []
        for profile, P in zip(self._profiles, self.profiles["P"].values, strict=True):
            u = np.log(profile.P)
            best = found_at = np.log(P)
            for _ in range(ROUNDS if np.isfinite(P) else 0):
                loss = np.exp(-a * (u - best)) / a + np.exp(b * (u - best)) / b
                best = found_at - (vertex(u, loss)[0] - best)
            found.append(found_at - best)
        return xr.DataArray(found, coords={"C": self.profiles["C"]}, dims="C")

    def __str__(self):
        rows = ["C         runs        P*        D*   ± ln P*"]
        for C, row in self.profiles.groupby("C", squeeze=False):
            P, D, error = (float(row[name].item()) for name in ("P", "D", "stderr"))
            said = row["note"].item()
            rows.append(
                f"{C:<9.3g} {row['runs'].item():4} {P:9.3g} {D:9.3g} {error:9.2g}"
                + f"  {said}" * bool(said)
            )
        return "\n".join([*rows, f"P* ~ C^a, a = {self.exponent:.3f}"])

    __repr__ = __str__
