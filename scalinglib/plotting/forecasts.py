"""Forecasts of learning curves: what was seen, what is expected, how it went before."""

import numpy as np
from scipy.special import stdtrit

from scalinglib.laws.hindsight import held
from scalinglib.laws.points import points_of
from scalinglib.laws.uncertainty import LEVEL
from scalinglib.plotting.style import COLOURS, log_axes

__all__ = ["plot_forecast", "plot_laws", "plot_past"]

SEEN, AHEAD, MISSED = COLOURS[0], COLOURS[1], COLOURS[1]
DRAWN = 40  # sizes of a fan
STROKES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3))]


def plot_forecast(ax, guess, *, later=None):
    r"""Draw the sizes that were seen, and a forecast as a fan beyond them.

    Points are mean losses with 95 % intervals of the mean; the line is the median. Of
    the two bands one holds half of the probability, the other one the level of the
    forecast: the wider one is the lighter.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    guess : Forecast
        Of :func:`scalinglib.laws.forecasting.forecast`.
    later : DataArray or pair of array_like, optional
        A curve; what it holds beyond the sizes that were seen is drawn hollow.

    Raises
    ------
    ValueError
        If `later` is no curve.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.laws import forecast
    >>> ax = subplots()
    >>> plot_forecast(ax, forecast(([64, 128, 256], [0.5, 0.4, 0.32]), at=2560))
    >>> plt.close(ax.figure)
    """
    points = guess._points
    log_axes(ax)
    _named(ax, points)
    _means(ax, points, "seen", mfc=SEEN)
    inner, outer = sorted((0.5, guess.level))
    if inner == outer:  # apart by what nobody sees
        outer += 1e-9
    shares = np.array([1 - outer, 1 - inner, 1, 1 + inner, 1 + outer]) / 2
    least = points.x[-1] * (guess.at / points.x[-1]) ** 1e-3
    fan = guess.fan(np.geomspace(least, guess.at, DRAWN), shares)
    sizes = fan[fan.dims[0]].values
    low, inner_low, median, inner_high, high = fan.values.T
    ax.fill_between(
        sizes, low, high, color=AHEAD, alpha=0.18, lw=0, label=f"{100 * outer:.8g} %"
    )
    ax.fill_between(sizes, inner_low, inner_high, color=AHEAD, alpha=0.3, lw=0)
    ax.plot(sizes, median, "-", marker="", color=AHEAD, label="forecast")
    if later is not None:
        later = points_of(later)
        beyond = later.x > points.x[-1] * (1 + 1e-9)
        _means(ax, later, "measured later", beyond, mfc="none")


def plot_past(ax, guess):
    r"""Draw how forecasts from a curve's first sizes did on its later ones.

    Over the largest size that such a forecast knew: the loss that was measured later,
    over the median that had been forecast, in the interval that had been given. Those
    that missed are squares, and thick.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    guess : Forecast
        Of :func:`scalinglib.laws.forecasting.forecast`.

    Raises
    ------
    ValueError
        If the curve is too short to have a past.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.laws import forecast
    >>> x = 2.0 ** np.arange(6, 14)
    >>> ax = subplots()
    >>> plot_past(ax, forecast((x, x**-0.5), at=65536))
    >>> plt.close(ax.figure)
    """
    past = guess.past
    if not past.sizes["origin"]:
        raise ValueError("guess must be of a curve of four sizes or more")
    x = guess._points.x[past["origin"].values - 1]
    right, median = held(past).values, past["value"].values
    for kept, color, marker, width, label in (
        (right, SEEN, "o", 1.6, "held"),
        (~right, MISSED, "s", 3.2, "missed"),
    ):
        if not kept.any():
            continue
        low, high, loss = (
            (past[name].values / median)[kept] for name in ("low", "high", "loss")
        )
        ax.vlines(x[kept], low, high, color=color, lw=width, alpha=0.6)
        ax.plot(x[kept], loss, ls="none", marker=marker, color=color, label=label)
    ax.axhline(1, color="gray", lw=1, marker="", zorder=1)
    log_axes(ax)
    _named(ax, guess._points, "largest {} known")
    ax.set_ylabel("measured / forecast")


def plot_laws(ax, guess, fits):
    """Draw several laws through the points of a forecast, on to its size.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    guess : Forecast
        Of :func:`scalinglib.laws.forecasting.forecast`.
    fits : dict of str to LawFit
        Name and fit of each, as ``fits`` of `scalinglib.laws.comparing.compare`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.laws import compare, forecast
    >>> x = 2.0 ** np.arange(6, 14)
    >>> curve = x, 0.1 + x**-0.5
    >>> ax = subplots()
    >>> plot_laws(ax, forecast(curve, at=65536), compare(curve, ["power"]).fits)
    >>> plt.close(ax.figure)
    """
    points = guess._points
    log_axes(ax)
    _named(ax, points)
    _means(ax, points, "seen", mfc=SEEN)
    x = np.geomspace(points.x[0], guess.at, 200)
    for k, (name, found) in enumerate(fits.items()):
        style = STROKES[k % len(STROKES)]
        color = COLOURS[(k + 1) % len(COLOURS)]
        ax.plot(x, found(x), ls=style, marker="", color=color, label=name)
    # A law may shoot off: the picture is that of the points and of the forecast.
    shown = [*points.mean, *guess.interval()]
    low, high = min(shown), max(shown)
    margin = (high / low) ** 0.15
    ax.set_ylim(low / margin, high * margin)


def _means(ax, points, label, kept=slice(None), **style):
    """Mean losses with 95 % intervals, where errors are known."""
    x, mean, error = points.x[kept], points.mean[kept], points.error[kept]
    if points.freedom:
        wide = stdtrit(min(points.freedom, 1e6), (1 + LEVEL) / 2) * error
        ends = np.stack([-np.expm1(-wide), np.expm1(wide)]) * mean
    else:
        ends = np.zeros((2, len(x)))
    ax.errorbar(x, mean, ends, ls="none", marker="o", color=SEEN, label=label, **style)


def _named(ax, points, text="{}"):
    labels = points.labels
    size = "size" if labels is None else _plain(labels.dims[0])
    ax.set_xlabel(text.format(size))
    ax.set_ylabel("loss" if labels is None else _plain(labels.name or "loss"))


def _plain(name):
    """A name as it is, and not as mathematics."""
    return str(name).replace("$", r"\$")
