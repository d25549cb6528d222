"""The look of all figures: colours, panels, ticks that are read at a glance."""

import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from PIL import Image

__all__ = ["STYLE", "log_axes", "subplots", "use_style"]

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
    # Margins are cut off, but of panels: a phone cuts the picture between them.
    cut = None if figure.subfigs else "tight"
    figure.savefig(drawn, format="png", dpi=2 * figure.dpi, bbox_inches=cut)
    image = Image.open(drawn).convert("RGB")
    # No dithering: it adds specks, and they do not compress.
    image.quantize(colours, dither=Image.Dither.NONE).save(stored, "PNG", optimize=True)
    width, height = image.size
    return stored.getvalue(), {"width": width // 2, "height": height // 2}


def subplots(columns=1, *, sharex=False):
    """Make a figure with panels side by side, wide enough to be read.

    Panels have equal shares of the width, labels included: on a phone the book shows
    them below each other.

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
    >>> plt.close()
    """
    if isinstance(columns, bool) or columns not in (1, 2, 3, 4):
        raise ValueError(f"columns must be 1, 2, 3 or 4, got {columns!r}")
    width, height = STYLE["figure.figsize"]
    # Beside each other the panels get narrower, not the letters smaller.
    size = width * (1 + 0.1 * (columns - 1)), height * (0.8 if columns > 1 else 1)
    figure = plt.figure(figsize=size)
    if columns == 1:
        return figure.subplots()
    axes = np.array([part.subplots() for part in figure.subfigures(1, columns)])
    for ax in axes[1:]:
        if sharex:
            ax.sharex(axes[0])
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
