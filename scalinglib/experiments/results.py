r"""Results that take minutes to make: which function makes them, and how they are kept.

A result is a file ``scalinglib/data/results/NAME.nc``, in netCDF, and describes itself:
dimensions, coordinates, the seed and the command that makes it.
:func:`scalinglib.experiments.stored.load` reads it. On the command line

.. code-block:: sh

   python -m scalinglib.experiments list
   python -m scalinglib.experiments make two_layers pooling

lists the results and makes some of them anew. To add one, write a function beside the
trial that it runs, and a line in `RESULTS`. The function returns a DataArray with a
name, or a Dataset of several variables, and the attribute ``seed``. It takes no
argument, or ``source`` as `scalinglib.data.fetch_fashion_mnist`, if it needs images at
full size, or ``checkpoint`` as `scalinglib.experiments.sweep.run`, if it takes so long
that it should go on where it was cut off.
"""

import importlib
import inspect
import io
from importlib import resources
from pathlib import Path

import numpy as np
import xarray as xr

from scalinglib._input import one_of

__all__ = ["RESULTS", "find", "make", "needs_images", "pack", "takes", "unpack"]

#: Where the results lie, a file for each.
FOLDER = Path(str(resources.files("scalinglib") / "data" / "results"))


#: Every stored result: the function that makes it, as ``module:name`` of this room, the
#: module being imported for it and not before, and the minutes it takes on two cores.
#:
#: :meta hide-value:
RESULTS = {
    "bent_cubes": ("cube_networks:make_bent_cubes", 10),
    "circle_networks": ("circle_networks:make_circle_networks", 10),
    "cube_networks": ("cube_networks:make_cube_networks", 60),
    "cube_shapes": ("cube_networks:make_cube_shapes", 20),
    "cube_widths": ("endless_cubes:make_cube_widths", 30),
    "dimension_peers": ("dimension_peers:make_dimension_peers", 60),
    "ensemble_means": ("width:make_ensemble_means", 2),
    "forecasts": ("images:make_forecasts", 3),
    "image_kernels": ("image_networks:make_image_kernels", 5),
    "image_networks": ("image_networks:make_image_networks", 60),
    "image_widths": ("image_widths:make_image_widths", 15),
    "king_james_characters": ("whole_texts:make_king_james_characters", 1),
    "king_james_transformers": ("text_networks:make_king_james_transformers", 60),
    "king_james_words": ("whole_texts:make_king_james_words", 1),
    "last_layer": ("last_layer:make_last_layer", 5),
    "learning_curves": ("populations:make_learning_curves", 3),
    "mixtures": ("mixtures:make_mixtures", 10),
    "normalised_curves": ("rate_transfer:make_normalised_curves", 6),
    "one_layer_erf": ("width:make_one_layer_erf", 1),
    "one_layer_relu": ("width:make_one_layer_relu", 1),
    "parity_data": ("many_parities:make_parity_data", 3),
    "parity_steps": ("many_parities:make_parity_steps", 3),
    "peers": ("peers:make_peers", 4),
    "pixel_networks": ("pixel_budgets:make_pixel_networks", 30),
    "pixels_again": ("pixel_budgets:make_pixels_again", 10),
    "pixels_later": ("pixel_budgets:make_pixels_later", 30),
    "pooling": ("images:make_pooling", 1),
    "python_characters": ("whole_texts:make_python_characters", 1),
    "rate_transfer": ("rate_transfer:make_rate_transfer", 6),
    "repeated_examples": ("repeated_examples:make_repeated_examples", 5),
    "superposition": ("superposition:make_superposition", 3),
    "torus_networks": ("torus_networks:make_torus_networks", 10),
    "transfers": ("mixtures:make_transfers", 4),
    "two_layers": ("width:make_two_layers", 10),
}

#: What files hold in few bytes is used in this precision.
_IN_USE = {"f": np.float64, "i": np.int64, "b": bool, "O": str, "U": str}


def find(name):
    """Return the function that makes a result.

    Parameters
    ----------
    name : str
        Of `RESULTS`.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If there is no result of this name.

    Examples
    --------
    >>> find("pooling").__name__
    'make_pooling'
    """
    module, function = RESULTS[one_of("name", name, RESULTS)][0].split(":")
    return getattr(
        importlib.import_module(f"scalinglib.experiments.{module}"), function
    )


def needs_images(name):
    """Whether a result is made from images at full size, which do not ship.

    Parameters
    ----------
    name : str
        Of `RESULTS`.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If there is no result of this name.

    Examples
    --------
    >>> [name for name in RESULTS if needs_images(name)]
    ['forecasts', 'pixel_networks', 'pixels_again', 'pixels_later', 'pooling']
    """
    return takes(name, "source")


def takes(name, argument):
    """Whether the function that makes a result has this argument.

    Parameters
    ----------
    name : str
        Of `RESULTS`.
    argument : str

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If there is no result of this name.

    Examples
    --------
    >>> takes("cube_networks", "checkpoint")
    True
    """
    return argument in inspect.signature(find(name)).parameters


def make(name, *, source=None, folder=None, checkpoint=None):
    """Make a result anew, and write it.

    Parameters
    ----------
    name : str
        Of `RESULTS`.
    source : path, optional
        Directory of the original images, for a result that needs them; by default they
        are downloaded, as `scalinglib.data.fetch_fashion_mnist` does.
    folder : path, optional
        Where to write; by default in the place of what ships with the package.
    checkpoint : path, optional
        Folder for the trials of a run of hours: cut off, it goes on from there.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        If there is no result of this name, it needs no images and `source` is given,
        or it takes no checkpoint and one is given.

    Examples
    --------
    >>> make("one_layer_erf", folder="elsewhere").name  # doctest: +SKIP
    'one_layer_erf.nc'
    """
    command, options = f"python -m scalinglib.experiments make {name}", {}
    for option, value in {"source": source, "checkpoint": checkpoint}.items():
        if takes(name, option):
            options[option] = value
        elif value is not None:
            raise ValueError(f"{option} must be None for {name!r}, got {value!r}")
    found = find(name)(**options)
    command += " --source DIR" if "source" in options else ""
    file = Path(FOLDER if folder is None else folder) / f"{name}.nc"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(pack(found.assign_attrs(command=command)))
    return file


def pack(found):
    """Bytes of a netCDF file, which depend on what is in it alone.

    Parameters
    ----------
    found : DataArray or Dataset
        An array with a name, or a set of at least two. Of attributes those of the
        whole are kept.

    Returns
    -------
    bytes
        In the classic format, which needs no library but scipy. Its whole numbers have
        32 bits.

    Raises
    ------
    ValueError
        If an array has no name, a set has less than two, or a whole number more bits.

    Examples
    --------
    >>> found = xr.DataArray([1.0, 2.0], coords={"D": [4, 8]}, name="loss")
    >>> pack(found)[:3]
    b'CDF'
    """
    if isinstance(found, xr.DataArray):
        found = found.to_dataset(promote_attrs=True)
    elif len(found.data_vars) < 2:
        raise ValueError(
            f"found must hold two variables or be a DataArray, got {[*found.data_vars]}"
        )
    found = found.drop_attrs().assign_attrs(found.attrs)
    return bytes(found.to_netcdf(engine="scipy"))


def unpack(content):
    """Result from the bytes of its file, in double precision.

    Parameters
    ----------
    content : bytes
        Of `pack`.

    Returns
    -------
    DataArray or Dataset
        What was packed. Real numbers are float64 and whole ones int64, whatever they
        were.

    Examples
    --------
    >>> found = xr.DataArray([1.0, 2.0], coords={"kind": ["a", "b"]}, name="loss")
    >>> unpack(pack(found)).identical(found)
    True
    """
    found = xr.load_dataset(io.BytesIO(content), engine="scipy").drop_encoding()
    found = found.assign_coords(_wide(found.coords)).assign(_wide(found.data_vars))
    found.attrs = {
        name: value.tolist() if isinstance(value, np.generic | np.ndarray) else value
        for name, value in found.attrs.items()
    }
    if len(found.data_vars) > 1:
        return found
    (array,) = found.data_vars.values()
    return array.assign_attrs(found.attrs)


def _wide(arrays):
    """The same arrays in the precision in which they are used."""
    return {
        name: array.variable.astype(_IN_USE[array.dtype.kind])
        for name, array in arrays.items()
    }
