"""What runs can tell of a surface, and what they cannot."""

from functools import cached_property

import numpy as np

from scalinglib._input import one_of
from scalinglib.laws.surfaces.observed import together
from scalinglib.laws.surfaces.retrospect import failed_before, looked_back

__all__ = ["Judged"]

FACTOR = 2.0  # between the ends of an interval of what is determined
ANYTHING = 1e3  # times a value: an end of its interval that is no end
NONE = 1e-3  # of a typical loss: a floor that is lower is none
ASTRAY = 10.0  # times the median residual: of normal ones one in ten billion is
ROUNDING = 1e-6
ENOUGH = 4  # runs for each parameter, or one that is far off is not seen
DISTINCT = 3  # sizes: two powers and a floor pass any two
ALONG = {"P": "alpha_P", "D": "alpha_D"}
AMPLITUDES = {"A": "alpha_P", "B": "alpha_D", "P_c": "alpha_P", "D_c": "alpha_D"}


class Judged:
    """What the runs tell of a surface that was fitted to them."""

    @cached_property
    def warnings(self):
        """What to know before one relies on it: a tuple of sentences.

        Among them, if runs were resampled, that the form has failed before: fitted to
        the smaller budgets alone it misses the losses of the larger ones by more than
        noise explains.
        """
        return self._noted + failed_before(self)

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
        return _reasons(self)

    @property
    def residuals(self):
        """Log of each loss over the surface, (n,) in the order of the runs."""
        return np.log(self.runs.loss) - self._logs(self.runs)

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
        return _residuals_by(self, one_of("size", size, ("P", "D", "C")))

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
        return looked_back(self, shares)

    def certificate(self, **choices):
        """What no other parameters can undercut, proved.

        Parameters
        ----------
        **choices
            Of `scalinglib.laws.surfaces.certificate.certify`: ``box``, ``over``,
            ``target``, ``cells``.

        Returns
        -------
        Certificate

        Raises
        ------
        ValueError
            If the form is not ``"additive"``, delta is above 1, or a choice is out of
            range.
        """
        from scalinglib.laws.surfaces.certificate import certify

        if self.form.name != "additive":
            raise ValueError(
                f"form must be 'additive' for a certificate, got {self.form.name!r}"
            )
        return certify(self.runs, self.objective, delta=self.delta, **choices)


def _reasons(surface):
    """Why parameters are not determined, by their names."""
    found = {}
    runs, form = surface.runs, surface.form
    for size, exponent in ALONG.items():
        many = int(together(getattr(runs, size)).max()) + 1
        if many < DISTINCT:
            found[exponent] = (
                f"{size} has {many} distinct value{'s' * (many > 1)}, and a power with "
                f"a floor needs {DISTINCT}"
            )
    for name in set(form.names) - set(AMPLITUDES) - set(found):
        if said := _open(surface, name):
            found[name] = said
    if "E" in form.names and "E" not in found:
        lost = [name for name in form.exponents if name in found]
        if any("distinct" in found[name] for name in lost):
            found["E"] = "what one size alone would leave cannot be told from the floor"
    for name, exponent in AMPLITUDES.items():
        if name in form.names and exponent in found:
            found[name] = f"{exponent} is not determined"
    # Causes before consequences.
    order = sorted(found, key=lambda name: (name in AMPLITUDES, form.names.index(name)))
    return {name: found[name] for name in order}


def far_off(runs, residual, parameters):
    """What to say of runs that are far off the surface, if there are any."""
    # A fit by Huber's loss goes through as many runs as it has parameters.
    usual = np.median(np.sort(abs(residual))[parameters:])
    far = np.flatnonzero(abs(residual) > max(ASTRAY * usual, ROUNDING))
    if not far.size or len(residual) < ENOUGH * parameters:
        return ()
    at = far[abs(residual[far]).argmax()]
    return (
        f"{far.size} run{'s are' if far.size > 1 else ' is'} more than {ASTRAY:.0f} "
        f"times as far off the surface as half of the runs, the farthest at P = "
        f"{runs.P[at]:.4g} and D = {runs.D[at]:.4g}, where the loss is "
        f"{100 * np.expm1(residual[at]):+.1f} % off: see what the fit is without",
    )


def _residuals_by(surface, size):
    """Mean residuals of groups of runs: a table."""
    import pandas as pd

    runs = surface.runs
    values = {"P": runs.P, "D": runs.D, "C": surface.flops * runs.P * runs.D}[size]
    table = pd.DataFrame({"log": np.log(values), "residual": surface.residuals})
    groups = table.groupby(together(values))
    found = pd.DataFrame(
        {
            size: np.exp(groups["log"].mean()),
            "runs": groups.size(),
            "mean": groups["residual"].mean(),
            "error": groups["residual"].sem(),
        }
    )
    return found.set_index(size)


def _open(surface, name):
    """Why an interval is too wide, or None."""
    if not surface._resamples:
        return "no run was resampled, so nothing tells its error"
    low, high = surface.interval(name)
    loss = np.exp(surface._units[2])
    if name == "E" and low < NONE * loss and high < loss:
        return f"the runs can do without: its 95 % interval is 0 to {high:.3g}"
    if high > ANYTHING * surface.parameters[name]:
        return "the runs leave a direction open along which it may be anything"
    if not high <= FACTOR * low:
        return f"its 95 % interval, {low:.3g} to {high:.3g}, is too wide (factor 2)"
    return None
