"""Numbers with intervals, and the bootstrap that makes them for laws."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri, stdtrit

from scalinglib._input import probability, real_array
from scalinglib._labels import like
from scalinglib.laws.estimators import _law

__all__ = ["BootstrapEstimate", "Estimate", "StudentEstimate"]

LEVEL = 0.95
RESAMPLES = 1000


class Estimate:
    """A number with an interval: what every estimate of the package is.

    `scalinglib.laws.PowerLawFit` and its floor, `scalinglib.laws.Forecast`,
    `scalinglib.geometry.Dimension` and `scalinglib.spectra.ExponentEstimate` are
    estimates. Each says by ``_ends(level)`` how its interval is made, the rest is here.
    Formatted, as in ``f"{fit:.2f}"``, it is the number with its 95 % interval.

    Attributes
    ----------
    value : float
        The estimate.

    Examples
    --------
    >>> d = StudentEstimate(2.04, 0.05)
    >>> f"{d:.2f}", d.covers(2), d.covers(2, level=0.5)
    ('2.04 (1.94 to 2.14)', True, False)
    """

    value: float

    def interval(self, level=LEVEL):
        """Interval that holds the truth with this probability.

        Parameters
        ----------
        level : float, default 0.95
            Probability, above 0 and below 1.

        Returns
        -------
        (lower, upper)
            Floats, or of the shape of the value and labelled like it. An end that the
            data do not bound is infinite.

        Raises
        ------
        ValueError
            If `level` is out of range.
        """
        low, high = self._ends(probability("level", level))
        if not np.ndim(self.value):
            return float(low), float(high)
        return like(self.value, low), like(self.value, high)

    def covers(self, value, level=LEVEL):
        """Whether the interval holds a number.

        Parameters
        ----------
        value : float
            The number.
        level : float, default 0.95
            As in `interval`.

        Returns
        -------
        bool
        """
        low, high = self.interval(level)
        if (array := real_array("value", value)).ndim or np.isnan(array):
            raise ValueError(f"value must be a number, got {value!r}")
        return bool(low <= array <= high)

    def __float__(self):
        return float(self.value)

    def __format__(self, spec):
        if not spec:
            return str(self)
        value, low, high = (format(v, spec) for v in (self.value, *self.interval()))
        return f"{value} ({low} to {high})"

    def __str__(self):
        return f"{self:.3g}"

    def _ends(self, level):
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class StudentEstimate(Estimate):
    r"""An estimate with a standard error and Student's interval.

    .. math:: \hat v \pm t_\nu \, s

    Attributes
    ----------
    value : float
        The estimate.
    stderr : float
        Its standard error s, which knows of noise but not of bias.
    freedom : float, default inf
        Degrees of freedom ν; infinite for a normal distribution.

    Examples
    --------
    >>> StudentEstimate(1.0, 0.1).interval()  # doctest: +ELLIPSIS
    (0.804..., 1.195...)
    """

    value: float
    stderr: float
    freedom: float = np.inf

    @classmethod
    def of_mean(cls, values):
        """The mean of a sample.

        Parameters
        ----------
        values : (n,) array_like
            Independent values, n ≥ 2.

        Returns
        -------
        StudentEstimate
            With n − 1 degrees of freedom.

        Raises
        ------
        ValueError
            If there are fewer than two values, or one is not finite.

        Examples
        --------
        >>> StudentEstimate.of_mean([1.0, 2.0, 3.0]).value
        2.0
        """
        values = sample(values)
        mean, error = mean_and_error(values)
        return cls(float(mean), float(error), len(values) - 1)

    def _ends(self, level):
        half = quantile(level, self.freedom) * self.stderr
        return self.value - half, self.value + half


@dataclass(frozen=True, eq=False)
class BootstrapEstimate(Estimate):
    """An estimate with the percentile interval of a bootstrap, as long as it must be.

    Attributes
    ----------
    value : float
        The estimate.
    resamples : (B,) ndarray
        The same from every resample.
    observations : int
        How many were resampled.
    freedom : int
        How many of them the fit left free; with none the interval is infinite.
    least : float
        Smallest value there can be.

    Notes
    -----
    The percentile interval of few observations is too short. Its ends are moved away
    from the estimate by the ratio of a Student quantile to the normal one, and by
    the square root of observations over degrees of freedom.

    References
    ----------
    T. Hesterberg, "What teachers should know about the bootstrap", The American
    Statistician 69 (2015) 371–386.

    Examples
    --------
    >>> draws = np.random.default_rng(0).normal(1, 0.1, 1000)
    >>> round(BootstrapEstimate(1.0, draws, 1000, 999).interval()[1], 1)
    1.2
    """

    value: float
    resamples: np.ndarray = field(repr=False)
    observations: int
    freedom: int
    least: float = -np.inf

    def _ends(self, level):
        stretched = stretch(level, self.observations, self.freedom)
        if np.isinf(stretched):
            return self.least, np.inf
        ends = percentiles(self.resamples, level)
        low, high = self.value + stretched * (ends - self.value)
        return max(min(low, self.value), self.least), max(high, self.value)


def sample(values):
    """At least two finite numbers."""
    values = real_array("values", values).astype(float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(
            "values must be at least two finite numbers, whose scatter tells the error "
            f"of their mean, got {values if values.size < 5 else values.shape}"
        )
    return values


def mean_and_error(values):
    """Mean over the last axis, and its standard error from the scatter there."""
    spread = values.std(axis=-1, ddof=1)
    return values.mean(axis=-1), spread / np.sqrt(values.shape[-1])


def quantile(level, freedom):
    """Half the length of Student's interval, in standard errors."""
    if not freedom:
        return np.inf
    return stdtrit(freedom, (1 + level) / 2)


def percentiles(values, level):
    """Central interval of a sample, of which some may be infinite."""
    # inverted_cdf: no interpolation, which between a number and inf would be nan.
    return np.quantile(values, tails(level), axis=0, method="inverted_cdf")


def tails(level):
    """Shares of a distribution that lie below the ends of its central interval."""
    tail = round((1 - level) / 2, 12)  # a hair above 0.025 is another resample
    return np.array([tail, 1 - tail])


def stretch(level, observations, freedom):
    """How far to move the ends of a bootstrap's interval away from the estimate."""
    if not freedom:
        return np.inf
    short = np.sqrt(observations / freedom)  # by so much resampled errors are too small
    return quantile(level, freedom) / ndtri((1 + level) / 2) * short


def _bootstrap(fit, x, loss, parameters, rng, resamples):
    """The estimate, that of every resample, how many were resampled, how many free."""
    mean = loss.mean(axis=1)[None]
    if not resamples:  # nothing tells the error: as if nothing were free
        return _existing(*fit(mean)), np.empty((0, 3)), 0, 0
    curves = _resampled_trials(loss, rng, resamples)
    if curves is not None:  # all in one call, which takes hardly longer than one fit
        rows, trials = fit(np.vstack([mean, curves])), loss.shape[1]
        return _existing(rows[0]), rows[1:], trials, trials - 1
    estimate, n = _existing(*fit(mean)), len(x)
    curves = _resampled_residuals(loss[:, 0], _law(x, *estimate), rng, resamples)
    return estimate, fit(curves), n, n - parameters


def _existing(estimate):
    """An estimate, or why there is none."""
    if np.isinf(estimate[1]):
        raise ValueError(
            "with an offset the loss must fall beyond the second size; this one is "
            "constant from there on, which bounds no exponent"
        )
    return estimate


def _resampled_trials(loss, rng, resamples):
    """Mean curves (B, n) of resampled trials.

    None if all trials are the same curve: then its residuals must tell the error.
    """
    trials = loss.shape[1]
    if np.ptp(loss / loss.mean(axis=1, keepdims=True), axis=1).max() <= 1e-12:
        return None
    counts = rng.multinomial(trials, np.full(trials, 1 / trials), size=resamples)
    return counts @ loss.T / trials


def _resampled_residuals(curve, fitted, rng, resamples):
    """The same from the residuals of one curve around the law fitted to it."""
    draws = rng.choice(np.log(curve / fitted), size=(resamples, len(curve)))
    return fitted * np.exp(draws)
