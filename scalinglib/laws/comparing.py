"""Laws side by side: which one describes the points, and which one looks ahead best."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from scalinglib._input import increasing, one_of
from scalinglib.laws.families import LAWS
from scalinglib.laws.fitting import fitted
from scalinglib.laws.points import points_of

__all__ = ["Comparison", "compare"]

ORIGINS = 24  # at most


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Laws fitted to one curve, the one that extrapolates best first.

    Attributes
    ----------
    table : Dataset
        Along ``law``: ``parameters`` (how many are fitted), ``freedom``, ``p_value``,
        ``aicc``, and ``ahead``, the root mean square error of log loss of forecasts.
    fits : dict
        The `LawFit` of each law, in the same order.
    origins : ndarray of int
        From how many first sizes the forecasts were made.
    """

    table: object
    fits: dict
    origins: np.ndarray

    @property
    def best(self):
        """The fit of the law that extrapolates best."""
        return next(iter(self.fits.values()))

    def __str__(self):
        rows = ["law          fits        p   ΔAICc  error ahead"]
        table, least = self.table, float(self.table["aicc"].min())
        for name, found in self.fits.items():
            row = table.sel(law=name)
            says = {None: "?", True: "yes", False: "no"}[found.fits]
            more = float(row["aicc"]) - least if np.isfinite(least) else np.nan
            rows.append(
                f"{name:<12} {says:<4} {found.p_value:8.2g} {more:7.1f} "
                f"{100 * float(np.expm1(row['ahead'])):10.3g} %"
            )
        return "\n".join(rows)

    __repr__ = __str__


def compare(curve, laws=None, *, origins=None):
    r"""Fit several laws to a curve and let each forecast what the curve shows later.

    Each law is fitted to the first n sizes and forecasts all later ones, for every n in
    `origins`; ``ahead`` is the root mean square of the log errors over all of these.
    The laws are sorted by it. The corrected criterion of Akaike,

    .. math:: \mathrm{AIC_c} = \chi^2 + 2k + \frac{2k(k+1)}{n-k-1},

    judges the same laws by how they describe the points; where no errors are known,
    :math:`\chi^2` becomes :math:`n\log(S/n)` and k counts the variance.

    Parameters
    ----------
    curve : DataArray, or a pair of array_like
        As in `scalinglib.laws.fitting.fit`.
    laws : iterable of str, optional
        Keys of `LAWS`; by default all for which two forecasts can be made.
    origins : (O,) array_like of int, optional
        Numbers of first sizes, increasing, fewer than there are; by default every
        number from half of the sizes on that is enough for each of the laws, or 24 of
        them evenly.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If `curve` is none, a law does not exist, or there are too few sizes.

    Notes
    -----
    Forecasts from neighbouring origins share points, and one curve is one example: a
    difference of ten per cent between two laws says little.

    References
    ----------
    C. M. Hurvich and C.-L. Tsai, "Regression and time series model selection in small
    samples", Biometrika 76 (1989) 297–307.

    Examples
    --------
    >>> x = 2.0 ** np.arange(6, 18)
    >>> noise = np.random.default_rng(1).normal(1, 0.01, (12, 5))
    >>> found = compare((x, (0.1 + x**-0.5)[:, None] * noise), ["power", "floor"])
    >>> list(found.fits)
    ['floor', 'power']
    """
    data = points_of(curve)
    n = len(data.x)
    chosen = _chosen(laws, n)
    needed = max(len(law.names) for law in chosen) + 1
    if n <= needed:
        raise ValueError(
            f"curve must have more than {needed} sizes to compare these laws, got {n}"
            + "; name laws with fewer parameters, as laws=['power']" * (needed > 3)
        )
    if origins is None:
        first = max(needed, (n + 1) // 2)
        count = min(n - first, ORIGINS)
        origins = np.unique(np.linspace(first, n - 1, count).round().astype(int))
    else:
        origins = increasing("origins", origins, most=n - 1)
        if origins[0] < needed:
            raise ValueError(
                f"origins must be at least {needed}, one size more than the laws have "
                f"parameters, got {origins[0]}"
            )
    found = [fitted(data, law, {}, False) for law in chosen]
    ahead = np.array([_ahead(each._problem, origins) for each in found])
    order = np.argsort(ahead, kind="stable")
    found, ahead = [found[i] for i in order], ahead[order]
    columns = {
        "parameters": [len(each.law.names) for each in found],
        "freedom": [each.freedom for each in found],
        "p_value": [each.p_value for each in found],
        "aicc": [_aicc(each, n) for each in found],
        "ahead": ahead,
    }
    names = [each.law.name for each in found]
    table = xr.Dataset(
        {name: ("law", values) for name, values in columns.items()},
        coords={"law": names},
    )
    return Comparison(table, dict(zip(names, found, strict=True)), origins)


def _chosen(laws, n):
    """The laws of these names, or those for which there are enough sizes."""
    if laws is None:
        return [law for law in LAWS.values() if len(law.names) + 3 <= n] or [
            LAWS["power"]
        ]
    if isinstance(laws, str) or not hasattr(laws, "__iter__"):
        raise ValueError(f"laws must be a list of names of laws, got {laws!r}")
    names = list(dict.fromkeys(one_of("each of laws", name, LAWS) for name in laws))
    if not names:
        raise ValueError(f"laws must name at least one of {', '.join(LAWS)}, got none")
    return [LAWS[name] for name in names]


def _ahead(problem, origins):
    """Root mean square of log errors beyond each origin."""
    theta, _ = problem.prefixes(origins)
    value = problem.law.curve(theta, problem.u)[0]
    later = np.arange(len(problem.u)) >= origins[:, None]
    return float(np.sqrt(np.mean((problem.y - value)[later] ** 2)))


def _aicc(found, n):
    """Akaike's criterion with the correction for few points."""
    k = len(found.law.names)
    if found.test == "chi-square":
        misfit = found.statistic
    else:
        misfit, k = n * np.log(max(found.statistic, 1e-30) / n), k + 1
    return (
        float(misfit + 2 * k + 2 * k * (k + 1) / (n - k - 1)) if n > k + 1 else np.inf
    )
