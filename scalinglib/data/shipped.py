"""Arrays that ship with the package."""

from importlib import resources

import numpy as np

__all__ = ["stored_arrays"]


def stored_arrays(name):
    """Read all arrays of a file that ships with the package.

    Parameters
    ----------
    name : str
        Of a file in ``scalinglib/data``.

    Returns
    -------
    dict of ndarray

    Raises
    ------
    ValueError
        If there is no such file.

    Examples
    --------
    >>> sorted(stored_arrays("fashion_mnist_14x14.npz"))
    ['X', 'y']
    """
    files = {
        file.name: file
        for file in resources.files("scalinglib.data").iterdir()
        if file.name.endswith(".npz")
    }
    if not isinstance(name, str) or name not in files:
        raise ValueError(f"name must be one of {sorted(files)}, got {name!r}")
    with files[name].open("rb") as stream, np.load(stream) as stored:
        return dict(stored)
