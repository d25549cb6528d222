r"""Figures of learning curves: one style, one way to draw a sweep."""

import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation
from PIL import Image
from scipy.stats import t as student_t

from scalinglib._input import curve as checked_curve
from scalinglib._input import number, positive, real_array
from scalinglib.fitting import TAIL

__all__ = [
    "STYLE",
    "log_axes",
    "plot_intervals",
    "plot_law",
    "plot_plane",
    "plot_scaled",
    "plot_sweep",
    "subplots",
    "use_style",
]

# Okabe–Ito, the mid-tones: told apart by colour-blind readers, readable on white and
# on dark. Markers repeat the distinction for those who see no colour.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D1F", "#5F6B7A"]
MARKERS = ["o", "s", "^", "D", "v", "P"]

#: What :func:`use_style` hands to matplotlib.
STYLE = {
    "figure.figsize": (6.4, 4.0),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 10.5,
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(marker=MARKERS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#b0b0b0",
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "legend.frameon": False,
    "errorbar.capsize": 2,
}


def use_style():
    """Apply the course's style to all figures that follow.

    In a notebook figures also become sharp, two pixels for each one of the page, and
    small all the same: a drawing needs few colours, so they are stored with a palette.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["axes.spines.top"]
    False
    """
    plt.rcParams.update(STYLE)
    if "inline" in plt.get_backend():  # a notebook; elsewhere IPython need not be there
        from IPython import get_ipython
        from matplotlib_inline import backend_inline  # noqa: F401  has its own format

        png = get_ipython().display_formatter.formatters["image/png"]
        png.for_type(Figure, _palette_png)


def _palette_png(figure, *, colours=128):
    """PNG of a figure, and the size in pixels of the page at which to show it."""
    drawn, stored = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    image = Image.open(drawn).convert("RGB")
    # No dithering: it adds specks, and they do not compress.
    image.quantize(colours, dither=Image.Dither.NONE).save(stored, "PNG", optimize=True)
    width, height = image.size
    return stored.getvalue(), {"width": width // 2, "height": height // 2}


def subplots(columns=1, *, sharex=False):
    """Make a figure with panels side by side, wide enough to be read.

    Parameters
    ----------
    columns : int, default 1
        Number of panels, 1 to 4.
    sharex : bool, default False
        Whether the panels share their horizontal axis.

    Returns
    -------
    Axes or ndarray of Axes, shape (columns,)

    Raises
    ------
    ValueError
        If `columns` is not 1, 2, 3 or 4.

    Examples
    --------
    >>> left, right = subplots(2)
    >>> plt.close(left.figure)
    """
    if isinstance(columns, bool) or columns not in (1, 2, 3, 4):
        raise ValueError(f"columns must be 1, 2, 3 or 4, got {columns!r}")
    width, height = STYLE["figure.figsize"]
    # Beside each other the panels get narrower, not the letters smaller.
    size = width * (1 + 0.1 * (columns - 1)), height * (0.8 if columns > 1 else 1)
    _, axes = plt.subplots(1, columns, sharex=sharex, figsize=size)
    return axes


def log_axes(ax):
    """Make both axes logarithmic, with ticks that are read at a glance.

    Parameters
    ----------
    ax : Axes
        Where; `plot_sweep` does it by itself.

    Examples
    --------
    >>> ax = subplots()
    >>> log_axes(ax)
    >>> ax.get_xscale(), ax.get_yscale()
    ('log', 'log')
    >>> plt.close(ax.figure)
    """
    ax.set(xscale="log", yscale="log")
    _plain_ticks(ax.xaxis, wide=True)
    _plain_ticks(ax.yaxis)


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
        As in :func:`scalinglib.fitting.fit_power_law`: arrays, or one DataArray.
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
        For data that :func:`scalinglib.fitting.fit_power_law` does not take.

    Examples
    --------
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
    >>> from scalinglib.fitting import fit_power_law
    >>> fit = fit_power_law([64, 128, 256], [0.5, 0.4, 0.32], rng=0)
    >>> ax = subplots()
    >>> plot_law(ax, fit, [64, 2560], label="one decade ahead")
    >>> plt.close(ax.figure)
    """
    (line,) = ax.plot(x, fit(x) - offset, "--", marker="", color=color, label=label)
    lower, upper = (end - offset for end in fit.band(x))
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
    """Draw the intervals of many fits; those that miss the truth stand out.

    Parameters
    ----------
    ax : Axes
        Where to draw, one line for each fit.
    fits : sequence of PowerLawFit
        Fits of the same law to different data.
    truth : float
        The exponent that was planted, drawn dotted.

    Examples
    --------
    >>> from scalinglib.fitting import fit_power_law
    >>> fit = fit_power_law([64, 128, 256], [0.5, 0.4, 0.32], rng=0)
    >>> ax = subplots()
    >>> plot_intervals(ax, [fit], truth=0.3)
    >>> plt.close(ax.figure)
    """
    ends = np.array([fit.interval for fit in fits], dtype=float)
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


def plot_plane(ax, loss, *, limits=None, label=None):
    """Draw a loss over two sizes as colours; all three are logarithmic.

    Parameters
    ----------
    ax : Axes
        Where to draw: the first dimension upwards, the second to the right.
    loss : DataArray, shape (n, m)
        Over two dimensions of sizes, with coordinates. Infinity is left blank.
    limits : (float, float), optional
        Losses at the ends of the colours, to compare panels. By default the extremes.
    label : str, optional
        Of a colour bar beside the panel; without it there is none.

    Raises
    ------
    ValueError
        If the dimensions are not these, sizes do not increase, a loss or a limit is not
        above zero, or limits do not increase.

    Examples
    --------
    >>> import xarray as xr
    >>> sizes = {"D": [8, 16], "P": [8, 16, 32]}
    >>> loss = xr.DataArray([[3.0, 2, 1], [2, 1, 0.5]], coords=sizes)
    >>> ax = subplots()
    >>> plot_plane(ax, loss, label="loss")
    >>> plt.close(ax.figure)
    """
    dims = getattr(loss, "dims", ())
    if len(dims) != 2 or any(dim not in loss.coords for dim in dims):
        raise ValueError(
            "loss must be a DataArray over two dimensions of sizes, with coordinates, "
            f"got {dims or type(loss)}"
        )
    down, across = (_cell_edges(dim, loss[dim].values) for dim in dims)
    values = real_array("loss", loss.values).astype(float)
    blank = np.isposinf(values)
    positive("loss", np.where(blank, 1, values))
    values = np.ma.masked_where(blank, values)
    if limits is None:
        if blank.all():
            raise ValueError("loss must be finite somewhere, or limits be given")
        limits = values.min(), values.max()
    limits = positive("limits", limits)
    if limits.shape != (2,) or limits[0] > limits[1]:
        raise ValueError(f"limits must be (lowest, highest), got {limits}")
    colours = LogNorm(*limits)
    mesh = ax.pcolormesh(across, down, values, norm=colours, rasterized=True)
    log_axes(ax)
    ax.set(xlabel=str(dims[1]), ylabel=str(dims[0]))
    ax.grid(visible=False)
    if label is not None:
        bar = ax.figure.colorbar(mesh, ax=ax, label=label)
        bar.ax.yaxis.set_minor_formatter(NullFormatter())


def _cell_edges(name, sizes):
    """Halfway between neighbours on a logarithmic axis, and as far beyond the ends."""
    sizes = positive(name, sizes)
    if len(sizes) < 2 or not (np.diff(sizes) > 0).all():
        raise ValueError(f"{name} must hold at least two increasing sizes, got {sizes}")
    u = np.log(sizes)
    middle = (u[1:] + u[:-1]) / 2
    return np.exp(np.r_[2 * u[0] - middle[0], middle, 2 * u[-1] - middle[-1]])


class _Ticks(LogLocator):
    """Ticks at 1, 2, 3, 5, 10 …: more within a decade, fewer over many.

    Labels of a horizontal axis are beside each other: it takes fewer.
    """

    def __init__(self, *, wide):
        super().__init__()
        self.choices = [(1, 2, 5), (1,)] if wide else [range(1, 10), (1, 2, 3, 5), (1,)]
        self.limits = [1.6] if wide else [1, 4]

    def tick_values(self, vmin, vmax):
        """Locations between two ends."""
        decades = np.log10(vmax / vmin)
        self.set_params(subs=self.choices[np.searchsorted(self.limits, decades)])
        return super().tick_values(vmin, vmax)


def _plain(value, _=None):
    """0.02 and 50 as they are, what is smaller or larger in powers of ten."""
    if 1e-4 <= value < 1e5:
        return f"{value:g}"
    power = int(np.floor(np.log10(value) + 1e-9))
    first = round(value / 10.0**power)
    factor = "" if first == 1 else rf"{first}\times"
    return rf"${factor}10^{{{power}}}$"


def _plain_ticks(axis, *, wide=False):
    """Label a logarithmic axis with numbers that are read at a glance."""
    axis.set_major_locator(_Ticks(wide=wide))
    axis.set_major_formatter(FuncFormatter(_plain))
    axis.set_minor_formatter(NullFormatter())


def _next_style(ax):
    """Colour and marker of the next curve: one entry of the cycle per curve."""
    number = len(ax.containers)
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
    }


def _half_width(loss):
    """Half the 95 % interval of the mean over trials; zero for a single curve."""
    trials = loss.shape[1]
    if trials == 1:
        return np.zeros(len(loss))
    quantile = student_t.ppf(1 - TAIL, trials - 1)
    return quantile * loss.std(axis=1, ddof=1) / np.sqrt(trials)


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
