"""Points of one's own, from a file of numbers."""

import re
import zipfile

import numpy as np
import pandas as pd

from scalinglib._input import named_path
from scalinglib.laws.tables import TEXT, frame, has, numbers

__all__ = ["read_points"]

ARRAYS = ".npy", ".npz"


def read_points(path, *, array=None, drop=()):
    """Read a table of numbers, a row for each point.

    Parameters
    ----------
    path : str or path-like
        An array (.npy), one of several (.npz), or a table (.csv, .tsv, .txt, .jsonl,
        .json or .parquet, packed or not). A text may begin with names or with numbers.
    array : str, optional
        Which array of an .npz file; needed if there are several.
    drop : sequence of str, optional
        Columns that are left out: labels, names, an index.

    Returns
    -------
    DataFrame
        Of float64, columns named as in the file or "0", "1", …. What an array has
        beyond its first axis becomes columns.

    Raises
    ------
    ValueError
        If there is no such array or column, a column does not hold numbers, or a cell
        is empty.
    OSError
        If there is no such file.

    Examples
    --------
    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "points.npy")
    ...     np.save(path, np.eye(3))
    ...     read_points(path, drop=["2"]).shape
    (3, 2)
    """
    path = named_path("path", path).expanduser()
    drop = [drop] if isinstance(drop, str) else [*drop]
    if path.suffix.lower() in ARRAYS:
        table = _of_array(_array(path, array))
    elif array is not None:
        raise ValueError(f"array is for .npz files, got {path.name!r}")
    else:
        table = _without_names(path)
        table = frame(path) if table is None else table
    has(table, drop, what="drop:")
    table = table.drop(columns=drop)
    if not table.shape[1]:
        raise ValueError(f"{path.name!r} must have a column that is not dropped")
    found = {name: numbers(table, name, what="column") for name in table}
    found = pd.DataFrame(found, copy=False)
    if len(gaps := np.argwhere(found.isna().to_numpy())):
        row, column = gaps[0]
        raise ValueError(
            f"column {found.columns[column]!r} must hold numbers, but row {row} (the "
            f"first is 0) has none, and {len(gaps)} cells in all: fill them, or drop "
            "the rows or columns"
        )
    return found


def _array(path, name):
    """An array of a file."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    try:
        held = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        first = (str(error).splitlines() or ["nothing in it"])[0]
        raise ValueError(f"{path.name!r} holds no array of numbers: {first}") from None
    if isinstance(held, np.ndarray):
        if name is not None:
            raise ValueError(f"array is for .npz files, got {path.name!r}")
        return held
    with held:
        names = held.files
        if name is None and len(names) != 1:
            raise ValueError(
                f"{path.name!r} holds several arrays: name one of {', '.join(names)}"
            )
        if name is not None and name not in names:
            listed = ", ".join(names)
            raise ValueError(f"array must be one of {listed}, got {name!r}")
        return held[names[0] if name is None else name]


def _of_array(values):
    """Rows of an array, with numbers for the names of columns."""
    if not values.ndim or not values.size:
        raise ValueError(f"the array must have rows, got shape {values.shape}")
    if values.dtype.kind not in "fiu":
        raise ValueError(f"the array must hold real numbers, got {values.dtype}")
    values = values.reshape(len(values), -1)
    return pd.DataFrame(values, columns=map(str, range(values.shape[1])))


def _without_names(path):
    """A text whose first line holds numbers, or None."""
    kinds = {end.lower() for end in path.suffixes}
    if not kinds & {*TEXT} or not path.is_file():
        return None
    try:
        first = pd.read_csv(path, nrows=1, header=None, sep="\x01", dtype=str)
    except (ValueError, OSError, EOFError):
        return None  # whatever is wrong is told by who reads tables
    (line,) = first[0].astype(str)
    mark = next((mark for mark in "\t;,|" if mark in line), r"\s+")
    try:
        [float(cell) for cell in re.split(mark.replace("|", r"\|"), line.strip())]
    except ValueError:
        return None
    table = pd.read_csv(path, header=None, sep=mark)
    return table.rename(columns=str)
