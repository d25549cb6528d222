"""Figures of what a text says: correlations, losses of n-grams, entropies."""

import numpy as np
from matplotlib.ticker import LogLocator
from scipy.optimize import isotonic_regression

from scalinglib.plotting.style import COLOURS, log_axes

__all__ = ["plot_correlations", "plot_entropies", "plot_ngram_curves"]

FOUND, OTHER, LAW = COLOURS[0], COLOURS[1], COLOURS[2]
ERRORS = 2.0  # standard errors of a bar; what is no more above zero is lost in noise
DECADES = 2.5  # from which on an axis of correlations has no ticks within them
LINE = 0.055  # of the height of the axes, which a label takes
ROOM = 2.0  # below the lowest entropy, as a factor


def plot_correlations(ax, correlations, *, exponent=None):
    r"""Draw how strongly tokens are correlated over distances.

    Points are the strength with two standard errors, hollow those within blocks alone;
    the faint line is what counts say without a second half of the text, which ends on
    the dashed one, the noise :math:`c / \sqrt D`. A lag at which the strength is not
    two standard errors above zero has a triangle at the foot instead: a logarithmic
    axis has no place for it.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    correlations : Correlations
        Of :func:`scalinglib.text.covariance.correlations`.
    exponent : OctaveExponent, optional
        Its power law, drawn over its range of lags.

    Raises
    ------
    ValueError
        If not even counts are correlated at any lag.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.text import characters, correlations
    >>> ax = subplots()
    >>> plot_correlations(ax, correlations(characters("to be or not " * 500), rng=0))
    >>> plt.close(ax.figure)
    """
    table = correlations.lags
    n, raw = table.index.to_numpy(), table["raw"].to_numpy()
    if not (raw > 0).any():
        raise ValueError(
            "correlations must be above zero at some lag to have a place on a "
            f"logarithmic axis, got {raw.max():g}"
        )
    log_axes(ax)
    ax.plot(n, raw, "-", marker="", color=FOUND, lw=1, alpha=0.4, label="all counts")
    floor = correlations.noise / np.sqrt(correlations.D)
    ax.axhline(
        floor, ls="--", marker="", color="gray", lw=1, label=r"noise, $c / \sqrt{D}$"
    )
    lowest = [floor]
    for column, errors, label, style in (
        ("strength", "error", "strength", {"color": FOUND, "marker": "o"}),
        ("local", "local_error", "within blocks", {"color": OTHER, "marker": "s"}),
    ):
        strength, bars = (table[name].to_numpy() for name in (column, errors))
        seen = strength > ERRORS * bars
        fill = {"mfc": FOUND, "zorder": 3} if column == "strength" else {"mfc": "none"}
        if seen.any():
            ax.errorbar(
                n[seen], strength[seen], ERRORS * bars[seen], ls="none", ms=4,
                lw=1.2, label=label, **style, **fill,
            )  # fmt: skip
            lowest.append(strength[seen].min())
        if column == "strength" and not seen.all():
            ax.plot(
                n[~seen], np.full((~seen).sum(), 0.025), ls="none", marker="v", ms=4,
                color=FOUND, mfc="none", transform=ax.get_xaxis_transform(),
                label="lost in noise",
            )  # fmt: skip
    _law(ax, exponent, n, table["strength"].to_numpy(), "n")
    ax.set_ylim(bottom=min(lowest) / 3)
    if np.ptp(np.log10(ax.get_ylim())) > DECADES:
        ax.yaxis.set_major_locator(LogLocator())
    ax.set(xlabel="lag n", ylabel="correlation")


def plot_ngram_curves(ax, curves, *, exponent=None):
    r"""Draw the losses of n-gram models over the data, and their envelope.

    A thin line for each of some orders, with its n at the end: how many tokens a model
    knows before the one it predicts. The thick line is the best of all orders.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    curves : NGramCurves
        Of :func:`scalinglib.text.learning.ngram_curves`.
    exponent : OctaveExponent, optional
        Its power law, drawn over its range of sizes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.text import characters, ngram_curves
    >>> text = characters("to be or not to be. " * 500)
    >>> ax = subplots()
    >>> plot_ngram_curves(ax, ngram_curves(text, orders=4, rng=0))
    >>> plt.close(ax.figure)
    """
    log_axes(ax)
    orders = orders_shown(int(curves.losses.n[-1]))
    losses = curves.losses.sel(n=orders)
    D = losses.D.to_numpy()
    for n, loss in zip(orders, losses.to_numpy(), strict=True):
        label = "one order n" if n == orders[0] else None
        ax.plot(D, loss, "-", marker="", color=FOUND, lw=1, label=label)
    best = curves.best.to_numpy()
    ax.plot(D, best, "o-", color=OTHER, lw=2.4, ms=4, label="the best of all")
    _law(ax, exponent, D, best, "D")
    ax.set(xlabel="D", ylabel="nats a token")
    _label_ends(ax, D[-1], losses.to_numpy()[:, -1], orders)


def plot_entropies(ax, curves, *, exponent=None):
    r"""Draw conditional entropies between their bounds, over the order.

    The band is between the bounds, the points are what is thought to be the entropy.
    Frequencies taken at their word are dashed, to see what they would have pretended;
    where they leave the picture, they do.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic, so that order 0 has no place.
    curves : NGramCurves
        Of :func:`scalinglib.text.learning.ngram_curves`.
    exponent : OctaveExponent, optional
        Its power law, drawn over its range of orders.

    Raises
    ------
    ValueError
        If no order above 0 has an entropy above zero.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.text import characters, ngram_curves
    >>> text = characters("to be or not to be. " * 500)
    >>> ax = subplots()
    >>> plot_entropies(ax, ngram_curves(text, orders=4, rng=0))
    >>> plt.close(ax.figure)
    """
    table = curves.entropies.loc[1:]
    seen = table[table["value"] > 0]
    if not len(seen):
        raise ValueError(
            "curves must be of orders above 0 with entropies above zero, got "
            f"{curves.entropies['value'].tolist()[:4]}"
        )
    bottom = seen["value"].min() / ROOM
    log_axes(ax)
    n = table.index.to_numpy()
    low, high = (np.maximum(table[end], bottom / 10) for end in ("low", "high"))
    ax.fill_between(n, low, high, color=FOUND, alpha=0.2, lw=0, label="bounds")
    ax.plot(seen.index, seen["value"], "o-", color=FOUND, ms=4, lw=1.2, label="entropy")
    plug_in = curves.plug_in.sel(n=n).to_numpy()
    ax.plot(
        n, np.maximum(plug_in, bottom / 10), "--", marker="", color=OTHER, lw=1.2,
        label="frequencies taken\nat their word",
    )  # fmt: skip
    _law(ax, exponent, seen.index.to_numpy(), seen["value"].to_numpy(), "n")
    ax.set_ylim(bottom=bottom)
    ax.set(xlabel="order n", ylabel="nats a token")


def orders_shown(last):
    """Two orders an octave and the last one: enough to tell lines apart."""
    octaves = 2 ** np.arange(1, max(last, 2).bit_length())
    both = {0, 1, last, *octaves.tolist(), *(3 * octaves // 2).tolist()}
    return sorted(n for n in both if n <= last)


def _law(ax, exponent, x, y, symbol):
    """The power law of an exponent through the points that it was read from."""
    if exponent is None:
        return
    kept = (x >= exponent.first) & (x <= exponent.last) & (y > 0)
    ends = np.array([exponent.first, exponent.last])
    # Least squares pass through the middle of the points.
    middle = np.log(x[kept]).mean(), np.log(y[kept]).mean()
    drawn = np.exp(middle[1] - exponent.value * (np.log(ends) - middle[0]))
    power = f"{-exponent.value:.2f}"
    ax.plot(
        ends, drawn, "-.", marker="", color=LAW, lw=1.8, zorder=4,
        label=rf"$\propto {symbol}^{{{power}}}$",
    )  # fmt: skip


def _label_ends(ax, x, y, orders):
    """The order of each line at its end; labels that would overlap move apart."""
    falling = np.argsort(-y, kind="stable")
    low, high = np.log(ax.get_ylim())
    steps = LINE * (high - low) * np.arange(len(y))
    # The least moves that keep the order and a distance.
    moved = isotonic_regression(np.log(y[falling]) + steps, increasing=False).x - steps
    ax.set_ylim(bottom=min(np.exp(low), np.exp(moved[-1] - LINE * (high - low))))
    for k, i in enumerate(falling):
        ax.annotate(
            f"n = {orders[i]}" if not k else f"{orders[i]}",
            (x, np.exp(moved[k])), xytext=(6, 0), textcoords="offset points",
            va="center", fontsize="small", annotation_clip=False,
        )  # fmt: skip
