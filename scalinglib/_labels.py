"""Labels of xarray that pass through a function of arrays."""

import numpy as np


def labelled(value):
    """Whether a value is a DataArray; asked without importing xarray."""
    return hasattr(value, "dims") and hasattr(value, "coords")


def like(template, values, **added):
    """Values with the labels of a template, if it has any.

    Further axes of the values come last: the name of each, and its coordinate.
    """
    if not labelled(template):
        return values
    if taken := {*template.dims, *template.coords} & set(added):
        raise ValueError(
            f"a dimension must not be called {taken.pop()!r}, which is that of what is "
            "returned: rename it, as in D.rename(...)"
        )
    dims, coords = [*template.dims, *added], {**template.coords, **added}
    return type(template)(values, dims=dims, coords=coords)


def over(sizes, values):
    """Values for each of the sizes, which label them if they have a name."""
    if not labelled(sizes):
        return values
    (dim,) = sizes.dims
    coords = {dim: sizes.values, **sizes.coords}
    return type(sizes)(values, dims=[dim], coords=coords)


def broadcast(**named):
    """Arrays that broadcast, and a template for what is computed from all of them.

    DataArrays broadcast by the names of their dimensions, in the order in which these
    occur; beside one stand other DataArrays and numbers.
    """
    if not any(map(labelled, named.values())):
        return [*named.values(), None]
    import xarray as xr  # loaded already by who made the labels

    for name, value in named.items():
        if not labelled(value) and np.ndim(value):
            raise ValueError(
                f"{name} must be a DataArray or a number where another argument is a "
                f"DataArray, got shape {np.shape(value)}: name its dimension, as in "
                f'xr.DataArray({name}, coords={{"{name}": {name}}})'
            )
    arrays = [xr.DataArray(value) for value in named.values()]
    try:
        arrays = xr.broadcast(*xr.align(*arrays, join="exact", copy=False))
    except ValueError as error:
        raise ValueError(
            f"{' and '.join(named)} must agree in the coordinates they share ({error})"
        ) from None
    template = sum(xr.zeros_like(array, dtype=float) for array in arrays)
    return [*(array.values for array in arrays), template]
