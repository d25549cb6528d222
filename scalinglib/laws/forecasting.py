r"""Forecast a loss beyond the sizes that were run, with an interval that was tried."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from scalinglib._input import above_zero, generator, probability, rising
from scalinglib.laws.experience import shipped_experience
from scalinglib.laws.hindsight import noise_of, past_forecasts, reasons
from scalinglib.laws.levels import Levelled
from scalinglib.laws.predicting import FARTHEST, predicted, seen

__all__ = ["Forecast", "forecast"]

DRAWN = 4000
SHARES = 0.05, 0.25, 0.5, 0.75, 0.95
DRAWN_THROUGH = 60  # sizes of a fan


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Levelled):
    """A loss at a size that was not run, an `Estimate`.

    Attributes
    ----------
    value : float
        Median of the predictive distribution.
    at : float
        The size.
    level : float
        Of the interval, where no other is asked for.
    ratio : float
        The size over the largest one of the curve.
    speak : dict of str to float
        Which laws speak for it and how much, the one with most to say first; the shares
        sum to one.
    steady : float
        Share of laws whose exponent does not wander; one if a law was assumed.
    beyond : bool
        Whether the size is farther than nineteen in twenty forecasts that were tried.
    assumed : str or None
        The law that was taken for granted.
    """

    value: float
    at: float
    level: float
    ratio: float
    speak: dict
    steady: float
    beyond: bool
    assumed: str | None
    _distribution: object = field(repr=False)
    _points: object = field(repr=False)
    _seed: int = field(repr=False)

    def quantile(self, share):
        """The loss below which this share of the distribution lies.

        Parameters
        ----------
        share : float
            Above 0 and below 1.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If `share` is out of range.
        """
        return self._at(ndtri(probability("share", share)))

    def probability_below(self, loss):
        """Probability of a loss at most this large.

        Parameters
        ----------
        loss : float
            Above zero.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If `loss` is not above zero.
        """
        loss = np.log(above_zero("loss", loss))
        return float(ndtr(self._distribution.score(loss)))

    def fan(self, sizes=None, shares=SHARES):
        """Quantiles of the loss over many sizes, to be drawn.

        Parameters
        ----------
        sizes : (m,) array_like, optional
            Positive and increasing, within a factor of ten to the 12 from those that
            were seen; by default 60 from the smallest size of the curve to `at`.
        shares : (s,) array_like, default (0.05, 0.25, 0.5, 0.75, 0.95)
            Above 0 and below 1, increasing.

        Returns
        -------
        DataArray, shape (m, s)
            Over the sizes, named as in the curve (or ``x``), and ``share``. Beyond the
            largest size of the curve a measurement is forecast; up to it the curve
            itself is smoothed, without the noise of a measurement.

        Raises
        ------
        ValueError
            If `sizes` or `shares` are out of range.
        """
        points = self._points
        if sizes is None:
            sizes = np.geomspace(points.x[0], self.at, DRAWN_THROUGH)
        sizes = rising("sizes", sizes)
        if max(sizes[-1] / points.x[-1], points.x[0] / sizes[0]) > FARTHEST:
            raise ValueError(
                f"sizes must be within a factor of {FARTHEST:.0e} from those of the "
                f"curve, {points.x[0]:.10g} to {points.x[-1]:.10g}, got "
                f"{sizes[0]:.10g} to {sizes[-1]:.10g}"
            )
        shares = rising("shares", shares)
        scores = ndtri([probability("shares", share) for share in shares])
        found, _, _ = predicted(points, np.log(sizes), self.assumed)
        with np.errstate(over="ignore", under="ignore"):
            values = np.exp([distribution.at(scores) for distribution in found])
        name = "x" if points.labels is None else str(points.labels.dims[0])
        name = "x" if name == "share" else name
        return xr.DataArray(values, {name: sizes, "share": shares}, name="loss")

    @cached_property
    def draws(self):
        """A sample of the predictive distribution, (4000,)."""
        rng = np.random.default_rng(self._seed)
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(self._distribution.at(rng.standard_normal(DRAWN)))

    @cached_property
    def past(self):
        """Forecasts of sizes of this curve that were run, from those before them.

        A Dataset along ``origin``, the number of sizes seen: ``at``, the size forecast,
        as far ahead as this forecast or as far as the curve goes; the median ``value``;
        ``low`` and ``high`` of the interval of `level` for a measurement; and the
        ``loss`` measured.
        """

        def ahead(points, at):
            return predicted(points, np.log([at]), self.assumed)[0][0]

        noise = noise_of(self._points) if self.assumed else 0.0
        return past_forecasts(ahead, self._points, self.ratio, self.level, noise)

    @cached_property
    def warnings(self):
        """Reasons to trust it less, a tuple of sentences; empty if there are none."""
        return tuple(reasons(self))

    def _at(self, z):
        with np.errstate(over="ignore", under="ignore"):
            return float(np.exp(self._distribution.at(z)))

    def _ends(self, level):
        z = -ndtri((1 - level) / 2)
        return self._at(-z), self._at(z)

    def __repr__(self):
        low, high = self.interval()
        shares = [(name, 100 * share) for name, share in self.speak.items()]
        said = [f"{name} {share:.0f} %" for name, share in shares if share >= 0.5]
        lines = [
            f"{self.value:.4g} at {self.at:.10g} ({100 * self.level:g} %: {low:.4g} to "
            f"{high:.4g})",
            f"{self.ratio:.3g} times the largest of {len(self._points.x)} sizes; "
            f"{'assumed' if self.assumed else 'by'} {', '.join(said)}",
            *(f"Warning: {warning}" for warning in self.warnings),
        ]
        return "\n".join(lines)

    __str__ = __repr__


def forecast(curve, *loss, at, level=0.9, rng=None, assume=None):
    r"""Forecast a loss beyond the largest size, without knowing the law.

    Real learning curves follow no law that is known: their exponents wander. So the
    loss is a law from many (constant, a power, a power with a floor, a fall that grows
    or sets in) with an exponent that deviates from it by a Gaussian process, weighted
    by how well this describes the points and how often it described 276 measured
    curves. What follows is then stretched until quantiles held the truth as often as
    they should on curves of data sets that had no part in the weights.

    Parameters
    ----------
    curve : DataArray, or a pair of array_like
        As in `scalinglib.laws.fitting.fit`, of at least three sizes. One run a size
        will do; trials or known errors tell more. More than 48 sizes are averaged in 48
        steps of the logarithm.
    *loss
        Nothing: sizes and losses are one argument, a pair.
    at : float
        Size at which the loss is forecast, above the largest of `curve`.
    level : float, default 0.9
        Probability of the interval.
    rng : None, int or numpy.random.Generator
        For ``draws``; the forecast itself is not random.
    assume : str, optional
        ``"law"`` takes for granted that one of `LAWS` holds exactly, here and there,
        and lets those speak that describe the points; the name of one takes this one
        for granted. The interval is then that of the law's value, without the noise of
        a measurement. On real curves such intervals of 90 % held six truths in ten,
        and less.

    Returns
    -------
    Forecast

    Raises
    ------
    ValueError
        If `curve` is none or has fewer than three sizes, or `at` is not beyond the
        largest or more than 10¹² times as far.

    See Also
    --------
    scalinglib.laws.bracketing.bracket : two extremes and what lies between them.

    Notes
    -----
    *What is promised.* A curve and a horizon that are like a new draw from those of the
    corpus: eight classifiers on 42 tabular data sets, error rates, from 16 samples to
    two millions, forecast 2 to 22 times as far. The interval is that of a mean over as
    many trials as the last sizes have. Other kinds of curves may be more or less
    benign; ``past`` shows how such forecasts did on this very curve, and ``warnings``
    says where they failed.

    *What cannot be foreseen.* Of 276 curves a handful collapse without any sign.

    *Tempering.* Neighbouring sizes share their luck: evidence counts to the power
    0.84 (n/10)^-0.32, in three parts of ten to two fifths of that; the quantiles of
    both readings are averaged.

    References
    ----------
    The corpus: F. Mohr, T. J. Viering, M. Loog and J. N. van Rijn, "LCDB 1.0: an
    extensive learning curves database for classification tasks", ECML PKDD (2022).
    Quantiles that are stretched on what was left out: V. Vovk, "Cross-conformal
    predictors", Annals of Mathematics and Artificial Intelligence 74 (2015) 9–28.
    Evidence to a power: P. Grünwald and T. van Ommen, "Inconsistency of Bayesian
    inference for misspecified linear models, and a proposal for repairing it", Bayesian
    Analysis 12 (2017) 1069–1103.

    Examples
    --------
    >>> x, rng = 2.0 ** np.arange(6, 14), np.random.default_rng(0)
    >>> loss = (0.1 + x**-0.5)[:, None] * rng.normal(1, 0.02, (8, 5))
    >>> guess = forecast((x, loss), at=65536)
    >>> guess.covers(0.1 + 65536**-0.5)
    True
    """
    if loss:
        raise ValueError(
            "curve must be one argument: pass sizes and losses as a pair, as in "
            "forecast((x, loss), at=…); the former rule of two extremes is bracket"
        )
    points = seen(curve)
    at = above_zero("at", at)
    level = probability("level", level)
    largest = points.x[-1]
    if not (largest < at and at / largest <= FARTHEST):
        raise ValueError(
            f"at must be beyond the largest size {largest:.10g} and at most "
            f"{FARTHEST:.0e} times as far, got {at:.10g}"
        )
    seed = int(generator(rng).integers(2**32))
    (distribution,), speak, steady = predicted(points, np.log([at]), assume)
    beyond = np.log(at / largest) > shipped_experience().horizon + 1e-9
    return Forecast(
        float(np.exp(min(distribution.at(0.0), 709.0))),
        at,
        level,
        at / largest,
        dict(sorted(speak.items(), key=lambda item: -item[1])),
        steady,
        bool(beyond and assume is None),
        assume,
        distribution,
        points,
        seed,
    )
