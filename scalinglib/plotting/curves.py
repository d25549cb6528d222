"""Learning curves with their errors, laws and exponents."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation

from scalinglib._input import number, positive, real_array
from scalinglib.laws.curves import curve as checked_curve
from scalinglib.laws.uncertainty import LEVEL, mean_and_error, quantile
from scalinglib.plotting.style import COLOURS, _next_style, _plain_ticks, log_axes

__all__ = ["plot_intervals", "plot_law", "plot_scaled", "plot_sweep"]


def plot_sweep(
    ax, x, loss=None, *, fit=None, theory=None, offset=0.0, label=None, above=False
):
    r"""Draw a learning curve on log–log axes, with its fitted law and the theory.

    Points are means over trials with 95 % intervals of the mean (Student's). The fit
    is dashed with a shaded 95 % band and a triangle that shows its exponent; the
    theory is a solid line.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    x, loss
        As in :func:`scalinglib.laws.power_law.fit_power_law`: arrays, or one DataArray.
    fit : PowerLawFit, optional
        Drawn over the range of `x`.
    theory : callable, optional
        ``theory(x)`` is a loss.
    offset : float, default 0.0
        Subtracted from all that is drawn, which is then the excess loss. Points that
        are not above it are left out: a logarithmic axis has no place for them.
    label : str, optional
        For the legend.
    above : bool, default False
        Put the triangle above the line, where another curve is below.

    Raises
    ------
    ValueError
        For data that :func:`scalinglib.laws.power_law.fit_power_law` does not take.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> ax = subplots()
    >>> plot_sweep(ax, [64, 128, 256], [0.5, 0.4, 0.32], label="a toy")
    >>> plt.close(ax.figure)
    """
    if hasattr(x, "dims"):
        ax.set_xlabel(next((str(dim) for dim in x.dims if dim != "trial"), ""))
    offset = number("offset", offset)
    x, loss = checked_curve(x, loss)
    mean = loss.mean(axis=1) - offset
    if not (mean > 0).any():
        raise ValueError(f"offset must be below some mean loss, got {offset!r}")
    log_axes(ax)
    style = _next_style(ax)
    kept = mean > 0
    error = _half_width(loss)[kept]
    # A bar that reaches zero has no lower end on a logarithmic axis: cut it short.
    bars = np.stack([np.minimum(error, 0.999 * mean[kept]), error])
    ax.errorbar(x[kept], mean[kept], bars, ls="none", label=label, **style)

    smooth = np.geomspace(x[0], x[-1], 200)
    if fit is not None:
        plot_law(ax, fit, smooth, offset=offset, color=style["color"])
        _triangle(ax, fit, smooth, offset, style["color"], above=above)
    if theory is not None:
        ax.plot(smooth, theory(smooth) - offset, "-", marker="", color=style["color"])


def plot_law(ax, fit, x, *, offset=0.0, label=None, color=None):
    """Draw a fitted law dashed, with its 95 % band, also where nothing was measured.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    fit : PowerLawFit
        What to draw.
    x : array_like, shape (k,)
        Where: positive, increasing.
    offset : float, default 0.0
        Subtracted from all that is drawn.
    label : str, optional
        For the legend.
    color : matplotlib colour, optional
        By default the next of the cycle.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.laws import fit_power_law
    >>> fit = fit_power_law([64, 128, 256], [0.5, 0.4, 0.32], rng=0)
    >>> ax = subplots()
    >>> plot_law(ax, fit, [64, 2560], label="one decade ahead")
    >>> plt.close(ax.figure)
    """
    (line,) = ax.plot(x, fit(x) - offset, "--", marker="", color=color, label=label)
    lower, upper = (end - offset for end in fit.band_if_law(x))
    if np.all(np.isfinite(upper)):
        # Below zero a logarithmic axis has no place: the band runs off the picture.
        lower = np.maximum(lower, 1e-3 * (fit(x) - offset))
        ax.fill_between(x, lower, upper, color=line.get_color(), alpha=0.18, lw=0)


def plot_scaled(ax, curve, *, label=None):
    r"""Draw a curve of either sign with 95 % intervals over a logarithmic axis.

    For a loss times what it falls with: where :math:`D (L - L_\infty)` is horizontal,
    the excess is :math:`\propto 1/D`.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : DataArray
        Over one dimension of sizes, with coordinates, and ``trial``.
    label : str, optional
        For the legend.

    Raises
    ------
    ValueError
        If the dimensions are not these, or a value is not finite.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> import xarray as xr
    >>> sizes = {"D": [64, 128, 256]}
    >>> curve = xr.DataArray(np.ones((3, 5)), dims=["D", "trial"], coords=sizes)
    >>> ax = subplots()
    >>> plot_scaled(ax, curve, label="constant")
    >>> plt.close(ax.figure)
    """
    dims = [dim for dim in getattr(curve, "dims", ()) if dim != "trial"]
    if len(dims) != 1 or "trial" not in curve.dims or dims[0] not in curve.coords:
        raise ValueError(
            "curve must be a DataArray over sizes, with coordinates, and 'trial'; "
            f"got {getattr(curve, 'dims', type(curve))}"
        )
    values = real_array("curve", curve.transpose(dims[0], "trial").values)
    if not np.isfinite(values).all():
        raise ValueError("curve must be finite, got nan or infinity")
    x, style = positive(dims[0], curve[dims[0]].values), _next_style(ax)
    ax.errorbar(x, values.mean(axis=1), _half_width(values), label=label, **style)
    if style["color"] == COLOURS[0]:  # once
        ax.axhline(0, color="gray", lw=1, marker="", zorder=1)
    ax.set(xscale="log", xlabel=dims[0])
    _plain_ticks(ax.xaxis, wide=True)


def plot_intervals(ax, fits, *, truth):
    """Draw the intervals of many estimates; those that miss the truth stand out.

    Parameters
    ----------
    ax : Axes
        Where to draw, one line for each fit.
    fits : sequence of Estimate
        Estimates of the same number from different data, as fits of a law.
    truth : float
        What was planted, drawn dotted.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.laws import fit_power_law
    >>> fit = fit_power_law([64, 128, 256], [0.5, 0.4, 0.32], rng=0)
    >>> ax = subplots()
    >>> plot_intervals(ax, [fit], truth=0.3)
    >>> plt.close(ax.figure)
    """
    ends = np.array([fit.interval() for fit in fits], dtype=float)
    finite = np.r_[ends[np.isfinite(ends)], truth]
    # An end without a bound runs off the picture: a picture's width beyond the others.
    width = np.ptp(finite) or 1.0
    ends = np.clip(ends, finite.min() - width, finite.max() + width)
    for row, fit in enumerate(fits):
        # Missing is told by weight as well as by colour.
        color, weight = (COLOURS[0], 1.2) if fit.covers(truth) else (COLOURS[1], 2.4)
        ax.hlines(row, *ends[row], colors=color, lw=weight)
    ax.axvline(truth, ls=":", marker="", color="gray")
    ax.set(xlabel="exponent", yticks=[])
    ax.grid(visible=False, axis="y")


def _half_width(loss):
    """Half the 95 % interval of the mean over trials; zero for a single curve."""
    trials = loss.shape[1]
    if trials == 1:
        return np.zeros(len(loss))
    return quantile(LEVEL, trials - 1) * mean_and_error(loss)[1]


def _triangle(ax, fit, x, offset, color, *, above):
    """The slope triangle beside the middle of the fitted line, five points away."""
    left, right = x[len(x) * 45 // 100], x[len(x) * 65 // 100]
    if abs(fit.offset - offset) > 1e-9 * fit(right):
        return  # the drawn line is curved: a triangle would say otherwise
    top, bottom = fit(left) - offset, fit(right) - offset
    # The right angle is away from the line, and the number outside of it.
    corner, sign, align = (
        ((right, top), 1, "bottom") if above else ((left, bottom), -1, "top")
    )
    shift = ScaledTranslation(0, sign * 5 / 72, ax.figure.dpi_scale_trans)
    ax.add_line(
        Line2D(
            [left, corner[0], right, left],
            [top, corner[1], bottom, top],
            color=color,
            lw=1,
            transform=ax.transData + shift,
        )
    )
    ax.annotate(
        f"${-fit.exponent + 0.0:.2f}$",
        (np.sqrt(left * right), corner[1]),
        xytext=(0, sign * 8),
        textcoords="offset points",
        ha="center",
        va=align,
        color=color,
        # Readable where it falls on another line.
        path_effects=[withStroke(linewidth=3, foreground=ax.get_facecolor())],
    )
