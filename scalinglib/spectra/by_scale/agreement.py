r"""What the exponents of all scales have in common, and how far they agree.

.. math::

   \log a_w = \log a + \sum_h \theta_h \frac{r_{hw}}{a_w} + \tau \varepsilon_w
            + \text{noise}

The θ are of a head with more modes or fewer, of a law that sets in late, of a floor,
and of an end that is not where the columns end; τ is what scales differ by; and outside
of a stretch of scales everything may happen. Amplitudes and stretches are averaged by
evidence.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd

from scalinglib.laws.averaging import Mixture, averaged, combined
from scalinglib.laws.uncertainty import Estimate
from scalinglib.spectra.groups import _check_above_one

__all__ = ["SpectralExponent", "agreed"]

WOBBLES = np.array([0.0, 0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8])
AMPLITUDES = {
    "head": (0.0, 0.5, 2.0, 8.0),
    "late": (0.0, 0.03, 0.1, 0.3),
    "beyond": (0.0, 0.02, 0.05, 0.15),
    "floor": (0.0, 0.01, 0.05, 0.25),
    "longer": (0.0, 0.03, 0.2),
}
ENDLESS, FINITE = ("head", "late", "beyond"), ("head", "late", "floor", "longer")
# Prior probability of no wobble, of none of a nuisance, and of no end if none is said.
STEADY, CLEAN, UNSAID = 0.5, 0.75, 0.25
OUTSIDE = 0.5  # standard deviation of log a where the law does not hold
LEAST = 1e-4  # error of log a that no sample is below
DRIFT = 0.04  # τ beyond which the scales do not agree
WIDE = 0.1  # half an interval, or what exponents differ by, beyond which neither
POWER, NO_POWER = "power law", "no power law at these scales"
SHORT = "too few scales"


@dataclass(frozen=True, eq=False)
class SpectralExponent(Estimate):
    r"""The exponent a of a spectrum, :math:`\lambda_n \propto n^{-a}`, and its grounds.

    Attributes
    ----------
    value : float
        a, the median.
    status : str
        ``"power law"``; ``"no power law at these scales"`` where the exponent differs
        from scale to scale, and the interval tells by how much; ``"too few scales"``,
        less than three octaves: the interval rests on what spectra are like.
    because : str
        Why, in a sentence.
    window : (float, float)
        First and last mode of the scales that most likely follow one law.
    scales : DataFrame
        A row an octave: modes ``first`` to ``last``, the ``resolution`` at its fine end
        in units of the largest eigenvalue, the ``exponent`` and its
        ``error``, and whether it is ``within`` the window.
    mean_share : float
        What the mean of the rows has of the trace; nan if only eigenvalues are known.
    found : tuple of str
        What was found in the data, and what was done about it.

    Examples
    --------
    >>> from scalinglib.spectra import exponent
    >>> rng = np.random.default_rng(0)
    >>> F = rng.standard_normal((1000, 500)) * np.arange(1, 501) ** -0.75
    >>> a = exponent(features=F, centred=True)
    >>> a.status, f"{a:.2f}", f"{a.alpha_K:.2f}"
    ('power law', '1.50 (1.48 to 1.51)', '0.50 (0.48 to 0.51)')
    """

    value: float
    status: str
    because: str
    window: tuple
    scales: pd.DataFrame = field(repr=False)
    mean_share: float = np.nan
    found: tuple = ()
    _log: Mixture = field(default=None, repr=False)

    def _ends(self, level):
        tail = (1 - level) / 2
        return tuple(np.exp(self._log.quantile(share)) for share in (tail, 1 - tail))

    @property
    def alpha_K(self):
        """The theory's exponent, α_K = a − 1, of a spectrum whose sum is finite.

        Returns
        -------
        Estimate
            Its interval ends at zero.

        Raises
        ------
        ValueError
            If a is not above one: then no sum of eigenvalues is finite.
        """
        _check_above_one(self.value)
        return _LessOne(self.value - 1, self)

    def __str__(self):
        low, high = self.interval()
        digits = int(np.clip(1 - np.floor(np.log10((high - low) / 2)), 0, 6))
        return f"a = {self:.{digits}f}, {self.status}"


@dataclass(frozen=True, eq=False)
class _LessOne(Estimate):
    """An exponent less one."""

    value: float
    of: SpectralExponent = field(repr=False)

    def _ends(self, level):
        return tuple(max(end - 1, 0.0) for end in self.of.interval(level))


def agreed(windows, *, mean_share, found, known_end, choose=True):
    """The exponent that the windows have in common.

    Parameters
    ----------
    windows : Windows
        Exponents by scale, all finite.
    mean_share : float
        What the mean of the rows has of the trace.
    found : tuple of str
        What was found in the data.
    known_end : bool
        Whether the features have a finite number of columns.
    choose : bool, default True
        Whether the law may hold in a part of the windows only.

    Returns
    -------
    SpectralExponent
    """
    M = len(windows)
    runs = [(i, j) for i in range(M) for j in range(i + 1, M + 1)]
    runs = [(i, j) for i, j in runs if j - i >= (min(2, M) if choose else M)]
    names = FINITE if known_end else ENDLESS
    calm, wild = _grid(WOBBLES[WOBBLES <= DRIFT], names), _grid(WOBBLES, names)
    wild = wild[wild[:, 0] > DRIFT]
    models = {
        (run, drifts): _told(windows, run, grid)
        for run in runs
        for drifts, grid in ((False, calm), (True, wild))
    }
    log = combined(list(models.values()))
    evidence = {key: np.exp(m.evidence - log.evidence) for key, m in models.items()}
    drifts = sum(share for (_, wide), share in evidence.items() if wide)
    first, last = max(runs, key=lambda run: evidence[run, False] + evidence[run, True])
    within = np.zeros(M, bool)
    within[first:last] = True
    half = (log.quantile(0.975) - log.quantile(0.025)) / 2
    differ = drifts > 0.5 or half > WIDE or _spread(windows, within) > WIDE
    status, because = _judged(windows, within, differ)
    return SpectralExponent(
        float(np.exp(log.quantile(0.5))),
        status,
        because,
        (float(windows.n[first, 0]), float(windows.n[last - 1, 1])),
        _table(windows, within),
        mean_share,
        found,
        log,
    )


def _grid(wobbles, names):
    """Amplitudes: a wobble, then the nuisances; those not named are zero."""
    axes = [AMPLITUDES[name] if name in names else (0.0,) for name in AMPLITUDES]
    return np.array(list(product(wobbles, *axes)))


def _log_prior(grid):
    """Mostly none of each deviation, the rest for all sizes that there are."""
    out = np.zeros(len(grid))
    none = (STEADY, *(UNSAID if name == "beyond" else CLEAN for name in AMPLITUDES))
    sizes = len(WOBBLES), *map(len, AMPLITUDES.values())
    for column, zero, size in zip(grid.T, none, sizes, strict=True):
        out += np.log(np.where(column == 0, zero, (1 - zero) / (size - 1)))
    return out


def _told(windows, run, grid):
    """Distribution of log a if the law holds in a stretch of scales."""
    M, a = len(windows), windows.a
    outside = np.ones(M)
    outside[slice(*run)] = 0
    terms = [np.outer(r, r) for r in windows.responses / a]
    return averaged(
        np.log(a),
        windows.covariance / np.outer(a, a) + np.diag(LEAST**2 + OUTSIDE**2 * outside),
        np.stack([np.eye(M), *terms]),
        grid,
        _log_prior(grid),
        floor=0.0,
    )


def _spread(windows, within):
    """By how much exponents differ for sure, over them."""
    a, error = windows.a[within], np.sqrt(np.diagonal(windows.covariance))[within]
    return ((a - 2 * error).max() - (a + 2 * error).min()) / np.median(a)


def _judged(windows, within, drifts):
    """Status, and why."""
    M, some = len(windows), within.sum()
    (first, last), n = windows.n[[0, -1], [0, 1]], windows.n[within]
    octaves = f"{some} of {M} octaves"
    modes = f"modes {n[0, 0]:.0f} to {n[-1, 1]:.0f}"
    if M < 3:
        many = f"{M} octave{'s' * (M > 1)}, modes {first:.0f} to {last:.0f}"
        return SHORT, f"{many}: too few to compare"
    if drifts or some < 3:
        ends = f"from {windows.a[0]:.3g} to {windows.a[-1]:.3g}"
        goes = f"from mode {first:.0f} to {last:.0f} the exponent goes {ends}"
        at_best = f"; at best {octaves} follow one law, {modes}" if some < M else ""
        return NO_POWER, f"{goes}{at_best}"
    return POWER, f"{octaves} agree, {modes}"


def _table(windows, within):
    """The windows as a table."""
    error = np.sqrt(np.diagonal(windows.covariance))
    columns = {
        "first": windows.n[:, 0],
        "last": windows.n[:, 1],
        "resolution": windows.kappa,
        "exponent": windows.a,
        "error": error,
        "within": within,
    }
    return pd.DataFrame(columns)
