"""What a forecast is asked for: a size, the worth of more data, a rate of exchange."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr, ndtri

from scalinglib._input import above_zero, generator, number, probability
from scalinglib.laws.experience import shipped_experience
from scalinglib.laws.levels import Levelled
from scalinglib.laws.predicting import FARTHEST, changed, seen
from scalinglib.laws.reaching import REACH, SHARES, of_shares, size_quantiles, sizes_at

__all__ = ["ExchangeRate", "Gain", "SizeFor", "exchange_rate", "gain", "size_for"]


@dataclass(frozen=True, eq=False)
class SizeFor(Levelled):
    """The size at which a loss is reached, an `Estimate`.

    Attributes
    ----------
    value : float
        The size at which the median loss is as low; infinite if none is within ten
        thousand times the largest.
    loss : float
        The loss.
    level : float
        Of the interval, where no other is asked for.
    reached : float
        Probability that it is reached within ten thousand times the largest size.
    beyond : bool
        Whether the size is farther than nineteen in twenty forecasts that were tried.
    """

    value: float
    loss: float
    level: float
    reached: float
    beyond: bool
    _quantiles: np.ndarray = field(repr=False)

    def _ends(self, level):
        tail = (1 - level) / 2
        return of_shares(self._quantiles, tail), of_shares(self._quantiles, 1 - tail)


@dataclass(frozen=True, eq=False)
class ExchangeRate(Levelled):
    """How many times the size of one curve another needs for the same loss.

    Attributes
    ----------
    value : float
        Median.
    loss : float
        The loss at which they are compared.
    level : float
        Of the interval, where no other is asked for.
    """

    value: float
    loss: float
    level: float
    _quantiles: np.ndarray = field(repr=False)

    _ends = SizeFor._ends


@dataclass(frozen=True, eq=False)
class Gain(Levelled):
    """By which share a loss falls if the size grows by a factor, an `Estimate`.

    Attributes
    ----------
    value : float
        Median; negative where the loss rises.
    factor : float
        The factor.
    level : float
        Of the interval, where no other is asked for.
    probability : float
        That the loss falls at all.
    """

    value: float
    factor: float
    level: float
    probability: float
    _distribution: object = field(repr=False)

    def _ends(self, level):
        z = -ndtri((1 - level) / 2)
        return tuple(-np.expm1(self._distribution.at(np.array([z, -z]))))


def size_for(curve, loss, level=0.9, *, assume=None):
    r"""The size at which a loss is reached, with an interval that may be infinite.

    The size at which the loss is as low with probability p is the p-quantile of the
    answer: where the curve of the p-quantiles of `forecast` falls to the loss.

    Parameters
    ----------
    curve : DataArray, or a pair of array_like
        As in `forecast`.
    loss : float
        Above zero.
    level : float, default 0.9
        Probability of the interval.
    assume : str, optional
        As in `forecast`: a law to take for granted, or ``"law"``.

    Returns
    -------
    SizeFor
        A size within those of the curve, if the loss was reached there.

    Raises
    ------
    ValueError
        If `curve` is none that can be forecast, or `loss` or `level` is out of range.

    Examples
    --------
    >>> x, rng = 2.0 ** np.arange(6, 14), np.random.default_rng(0)
    >>> found = size_for((x, x**-0.5 * rng.normal(1, 0.02, 8)), 1 / 128)
    >>> found.covers(16384), found.beyond
    (True, False)
    """
    points, level = seen(curve), probability("level", level)
    loss = above_zero("loss", loss)
    sizes, scores = size_quantiles(points, np.log(loss), assume)
    quantiles = sizes_at(sizes, scores, SHARES)
    value = of_shares(quantiles, 0.5)
    farthest = points.x[-1] * np.exp(shipped_experience().horizon)
    beyond, reached = assume is None and value > farthest, float(ndtr(scores[-1]))
    return SizeFor(value, loss, level, reached, bool(beyond), quantiles)


def exchange_rate(a, b, *, loss=None, level=0.9, rng=None, assume=None):
    r"""How many times the size of `a` the curve `b` needs for the same loss.

    With curves of two methods over data it is what the better one is worth in data:
    4.2 says that `b` needs 4.2 times the samples.

    Parameters
    ----------
    a, b : DataArray, or a pair of array_like
        Curves over sizes of one unit, as in `forecast`.
    loss : float, optional
        Where they are compared; by default the lowest that both have reached, the
        higher of their two last mean losses.
    level : float, default 0.9
        Probability of the interval.
    rng : None, int or numpy.random.Generator
        Pairs quantiles of the two sizes, which are taken to be independent.
    assume : str, optional
        As in `forecast`: a law to take for granted, or ``"law"``.

    Returns
    -------
    ExchangeRate

    Raises
    ------
    ValueError
        If a curve is none that can be forecast, neither reaches the loss within ten
        thousand times its largest size, or `loss` or `level` is out of range.

    Examples
    --------
    >>> x, rng = 2.0 ** np.arange(6, 14), np.random.default_rng(0)
    >>> a, b = (c * x**-0.5 * rng.normal(1, 0.02, 8) for c in (1.0, 2.0))
    >>> exchange_rate((x, a), (x, b)).covers(4.0)
    True
    """
    curves, level = (_named("a", a), _named("b", b)), probability("level", level)
    if loss is None:
        loss = float(max(points.mean[-1] for points in curves))
    loss, rng = above_zero("loss", loss), generator(rng)
    drawn = []
    for name, points in zip("ab", curves, strict=True):
        try:
            sizes, scores = size_quantiles(points, np.log(loss), assume)
        except ValueError as error:
            raise ValueError(f"{error}, in curve {name}") from None
        drawn.append(sizes_at(sizes, scores, rng.permutation(SHARES)))
    neither = np.isinf(drawn[0]) & np.isinf(drawn[1])
    if neither.mean() > 0.5:
        raise ValueError(
            f"loss must be one that a curve probably reaches; {loss:g} is by neither, "
            f"within {np.exp(REACH):.0e} times its largest size: take a higher one"
        )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rates = drawn[1] / drawn[0]
    # Where neither reaches it the rate may be anything.
    rates[neither] = np.where(np.arange(neither.sum()) % 2, np.inf, 0.0)
    quantiles = np.quantile(rates, SHARES, method="inverted_cdf")
    return ExchangeRate(of_shares(quantiles, 0.5), loss, level, quantiles)


def gain(curve, factor, *, level=0.9, assume=None):
    r"""By which share the loss falls if the size grows by a factor.

    .. math:: 1 - \frac{L(f x_n)}{L(x_n)}

    Parameters
    ----------
    curve : DataArray, or a pair of array_like
        As in `forecast`.
    factor : float
        Above one.
    level : float, default 0.9
        Probability of the interval.
    assume : str, optional
        As in `forecast`: a law to take for granted, or ``"law"``.

    Returns
    -------
    Gain

    Raises
    ------
    ValueError
        If `curve` is none that can be forecast, or `factor` or `level` is out of range.

    Notes
    -----
    The loss at the last size is the median of what all sizes say of it. Where a law is
    taken for granted both losses are its values.

    Examples
    --------
    >>> x, rng = 2.0 ** np.arange(6, 14), np.random.default_rng(0)
    >>> doubled = gain((x, x**-0.5 * rng.normal(1, 0.01, 8)), 2)
    >>> doubled.covers(1 - 2**-0.5), doubled.probability > 0.99
    (True, True)
    """
    points, level = seen(curve), probability("level", level)
    factor = number("factor", factor)
    if not 1 < factor <= FARTHEST:
        raise ValueError(
            f"factor must be above 1 and at most {FARTHEST:.0e}, got {factor:g}"
        )
    last = points.x[-1]
    targets = np.log(last) + np.array([0.0, np.log(factor)])
    change = changed(points, targets, assume)
    value, chance = float(-np.expm1(change.at(0.0))), float(ndtr(change.score(0.0)))
    return Gain(value, factor, level, chance, change)


def _named(name, curve):
    """Points of a curve, or an error that says which of two it is about."""
    try:
        return seen(curve)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
