"""Losses over two sizes, as colours."""

import numpy as np
from matplotlib.colors import LogNorm

from scalinglib._input import positive, real_array
from scalinglib.plotting.style import _plain_ticks, log_axes

__all__ = ["plot_plane"]


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
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
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
        _plain_ticks(bar.ax.yaxis)


def _cell_edges(name, sizes):
    """Halfway between neighbours on a logarithmic axis, and as far beyond the ends."""
    sizes = positive(name, sizes)
    if len(sizes) < 2 or not (np.diff(sizes) > 0).all():
        raise ValueError(f"{name} must hold at least two increasing sizes, got {sizes}")
    u = np.log(sizes)
    middle = (u[1:] + u[:-1]) / 2
    return np.exp(np.r_[2 * u[0] - middle[0], middle, 2 * u[-1] - middle[-1]])
