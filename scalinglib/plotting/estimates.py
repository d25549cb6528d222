"""Figures of what data tell: a dimension from balls, an exponent from octaves."""

import numpy as np

from scalinglib.plotting.style import COLOURS, log_axes

__all__ = ["plot_dimension", "plot_exponent"]


def plot_dimension(ax, estimate, *, level=0.95):
    """Draw the dimension that balls of all sizes tell, and the limit.

    Second and third moments over the squared radius, which curvature moves in
    proportion; ratios of distances dashed; the estimate and its interval at zero.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    estimate : DimensionEstimate
        Of :func:`scalinglib.geometry.dimension.estimating.estimate`.
    level : float, default 0.95
        Of the interval.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.geometry import dimension, sphere
    >>> ax = subplots()
    >>> X = sphere(2).sample(500, rng=0)
    >>> plot_dimension(ax, dimension.estimate(X, rng=0))
    >>> plt.close(ax.figure)
    """
    table = estimate.scales
    squared = table["radius"] ** 2
    for name, label, style in (
        ("second", "second moments", "o-"),
        ("third", "third moments", "s-"),
        ("radial", "ratios of distances", "^--"),
    ):
        ax.plot(squared, table[name], style, label=label)
    low, high = estimate.interval(level)
    ax.vlines(0, low, high, color="0.4", lw=3)
    ax.plot(0, estimate.value, "D", color="0.4", label="estimate")
    ax.set(xlabel="squared radius of a ball", ylabel="dimension")
    ax.margins(y=0.2)
    ax.legend()


def plot_exponent(ax, estimate, *, level=0.95):
    """Draw the exponent of each octave of a spectrum, and what they have in common.

    Octaves with two standard errors, hollow where they do not agree with the others.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scale of n becomes logarithmic.
    estimate : SpectralExponent
        Of :func:`scalinglib.spectra.by_scale.estimating.exponent`.
    level : float, default 0.95
        Of the interval.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.spectra import exponent
    >>> F = np.random.default_rng(0).standard_normal((300, 200))
    >>> ax = subplots()
    >>> plot_exponent(ax, exponent(features=F / np.arange(1, 201), centred=True))
    >>> plt.close(ax.figure)
    """
    table = estimate.scales
    n = np.sqrt(table["first"] * table["last"])
    within = table["within"].to_numpy()
    low, high = estimate.interval(level)
    log_axes(ax)
    told = f"estimate, {100 * level:.8g} %"
    ax.axhspan(low, high, color=COLOURS[1], alpha=0.25, lw=0, label=told)
    ax.axhline(estimate.value, color=COLOURS[1], marker="")
    for some, fill, label in (
        (within, COLOURS[0], "octaves that agree"),
        (~within, "none", "others"),
    ):
        if some.any():
            ax.errorbar(
                n[some], table["exponent"][some], 2 * table["error"][some], fmt="o",
                color=COLOURS[0], mfc=fill, label=label,
            )  # fmt: skip
    ax.set(yscale="linear", xlabel="n", ylabel="exponent a of the octave")
    ax.margins(y=0.2)
    ax.legend()
