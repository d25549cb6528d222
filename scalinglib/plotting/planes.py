"""Losses over two sizes, as colours; planes in areas that have names."""

import numpy as np
from matplotlib.colors import ListedColormap, LogNorm
from scipy.ndimage import distance_transform_edt

from scalinglib._input import positive, real_array
from scalinglib._linalg import finite
from scalinglib.plotting.style import _plain_ticks, log_axes

__all__ = ["plot_plane", "plot_regimes"]

#: Of areas, in the order of their names: light enough to be written on.
TINTS = ["#9ecae1", "#a6dba0", "#fdc58a", "#f4a6a6", "#d9c2e9", "#d9d9d9"]


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
    dims = _two_dimensions("loss", loss)
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


def _two_dimensions(name, array):
    """The dimensions of what is drawn over a plane."""
    dims = getattr(array, "dims", ())
    if len(dims) != 2 or any(dim not in array.coords for dim in dims):
        raise ValueError(
            f"{name} must be a DataArray over two dimensions, with coordinates, got "
            f"{dims or type(array)}"
        )
    return dims


def plot_regimes(ax, names):
    """Tint the areas of a plane in which one name holds, and write it into each.

    Parameters
    ----------
    ax : Axes
        Where to draw: the first dimension upwards, the second to the right.
    names : DataArray of str, shape (n, m)
        Over two dimensions with increasing coordinates; at most six names. An area's
        name stands far from the border, on a line for each word.

    Raises
    ------
    ValueError
        If there are not two dimensions with increasing coordinates, or too many names.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> import xarray as xr
    >>> names = [["bias", "bias"], ["bias", "noise"]]
    >>> ax = subplots()
    >>> plot_regimes(ax, xr.DataArray(names, coords={"l": [0, 1], "q": [0.5, 1]}))
    >>> [text.get_text() for text in ax.texts]
    ['bias', 'noise']
    >>> plt.close(ax.figure)
    """
    dims = _two_dimensions("names", names)
    y, x = (real_array(dim, names[dim].values) for dim in dims)
    for dim, values in zip(dims, (y, x), strict=True):
        if not finite(values) or not (np.diff(values) > 0).all():
            raise ValueError(f"{dim} must be finite and increasing, got {values}")
    found, codes = np.unique(names.values, return_inverse=True)
    if len(found) > len(TINTS):
        raise ValueError(f"names must be at most {len(TINTS)}, got {[*found]}")
    codes = codes.reshape(names.shape)
    colours = ListedColormap(TINTS[: len(found)])
    span = {"vmin": -0.5, "vmax": len(found) - 0.5}
    ax.pcolormesh(x, y, codes, cmap=colours, rasterized=True, **span)
    for code, name in enumerate(found):
        inside = np.pad(codes == code, 1)
        depth = distance_transform_edt(inside, sampling=1 / np.array(names.shape))
        deep = np.argwhere(depth >= 0.8 * depth.max())
        row, column = min(deep, key=lambda at: ((at - deep.mean(axis=0)) ** 2).sum())
        words = str(name).replace(" ", "\n")
        style = {"ha": "center", "va": "center", "style": "italic"}
        ax.text(x[column - 1], y[row - 1], words, **style)
    ax.set(xlabel=str(dims[1]), ylabel=str(dims[0]))
    ax.grid(visible=False)


def _cell_edges(name, sizes):
    """Halfway between neighbours on a logarithmic axis, and as far beyond the ends."""
    sizes = positive(name, sizes)
    if len(sizes) < 2 or not (np.diff(sizes) > 0).all():
        raise ValueError(f"{name} must hold at least two increasing sizes, got {sizes}")
    u = np.log(sizes)
    middle = (u[1:] + u[:-1]) / 2
    return np.exp(np.r_[2 * u[0] - middle[0], middle, 2 * u[-1] - middle[-1]])
