"""Tables of losses, as people keep them, as one pandas DataFrame; or an error."""

import difflib
import os
from pathlib import Path

import numpy as np
import pandas as pd

from scalinglib._input import _short

#: How a file is read, by the end of its name. Any of them may end in .gz or .zip.
READERS = {
    ".csv": lambda path: _separated(path, ","),
    ".tsv": lambda path: _separated(path, "\t"),
    ".txt": lambda path: _separated(path, r"\s+"),
    ".jsonl": lambda path: pd.read_json(path, lines=True),
    ".ndjson": lambda path: pd.read_json(path, lines=True),
    ".json": lambda path: pd.read_json(path),
    ".parquet": pd.read_parquet,
}
PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")


def frame(table):
    """One row for each run, a column for each thing known of it.

    Rows of a file are labelled with their lines, to be found again.
    """
    if isinstance(table, pd.DataFrame):
        found = table
    elif isinstance(table, str | os.PathLike):
        found = _read(Path(table))
    elif hasattr(table, "keys"):
        found = _of_columns(table)
    else:
        raise ValueError(
            "table must be a DataFrame, a path, a DataArray, a mapping of columns or "
            f"a pair of arrays (sizes, losses), got {_short(table)}"
        )
    found = found.rename(columns=str)
    twice = found.columns[found.columns.duplicated()]
    if len(twice):
        raise ValueError(f"table must not have two columns {twice[0]!r}: rename one")
    if not len(found):
        raise ValueError("table must hold rows, got none")
    return found


def numbers(table, name, *, what):
    """A column as floats, missing cells as nan; text is read if it is a number."""
    column = table[name]
    if column.dtype.kind == "b" or column.dtype.kind in "cmM":
        raise ValueError(f"{what} {name!r} must hold numbers, got {column.dtype}")
    if column.dtype.kind in "fiu" and isinstance(column.dtype, np.dtype):
        return column.to_numpy(float)
    values = column.astype(object).where(column.notna(), None)
    bad = np.fromiter((_no_number(value) for value in values), bool, len(values))
    if bad.any():
        at = int(np.argmax(bad))
        raise ValueError(
            f"{what} {name!r} must hold numbers, got {values.iloc[at]!r} in "
            f"{row(table, at)}; write it as a plain number, as in 10000 or 1e4, or "
            "leave the cell empty"
        )
    return pd.to_numeric(values.map(_plain)).to_numpy(float)


def row(table, at):
    """Name of a row, for messages."""
    return f"{table.index.name or 'row'} {table.index[at]}"


def has(table, names, *, what):
    """Refuse names of columns that are not there, and say which are near."""
    for name in names:
        if name not in table.columns:
            near = difflib.get_close_matches(str(name), table.columns, 3, 0.5)
            listed = ", ".join(map(repr, near or table.columns[:12]))
            said = "did you mean" if near else "there are"
            raise ValueError(
                f"{what} {name!r} is no column of the table; {said} {listed}"
            )


def _no_number(value):
    """Whether a cell is neither empty nor a number, as such or as text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return False
    if isinstance(value, bool | np.bool_ | complex):
        return True
    try:
        float(value)
    except (TypeError, ValueError):
        return True
    return False


def _plain(value):
    return (
        np.nan if value is None or value == "" or str(value).isspace() else float(value)
    )


def _of_columns(table):
    """A mapping of columns; they must be as long as each other."""
    columns = {str(name): np.asarray(table[name]) for name in table.keys()}  # noqa: SIM118
    for name, values in columns.items():
        if values.ndim != 1:
            raise ValueError(
                f"column {name!r} must have one axis, got shape {values.shape}"
            )
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns must be as long as each other, got {lengths}")
    return pd.DataFrame(columns)


def _read(path):
    """A file as a table, its rows labelled with their lines."""
    if path.is_dir():
        raise ValueError(f"table must be a file, and {str(path)!r} is a directory")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    ends = [end.lower() for end in path.suffixes]
    kind = ends[-2] if len(ends) > 1 and ends[-1] in PACKED else (ends or [""])[-1]
    if kind not in READERS:
        raise ValueError(
            f"table must be a file {', '.join(READERS)} (or one of them packed), got "
            f"{path.name!r}; pass a DataFrame instead"
        )
    try:
        found = READERS[kind](path)
    except ImportError as error:
        raise ImportError(f"{path.name!r} needs a further package: {error}") from None
    except (ValueError, OSError, EOFError, LookupError, AttributeError) as error:
        first = (str(error).splitlines() or ["nothing in it"])[0]
        raise ValueError(
            f"{path.name!r} is not a table as {kind} says: {first}"
        ) from None
    if not isinstance(found, pd.DataFrame):
        raise ValueError(f"{path.name!r} is not a table: its rows must be records")
    lines = kind in (".csv", ".tsv", ".txt")
    if lines and str(found.columns[0]).startswith("Unnamed"):
        counted = pd.RangeIndex(len(found))  # the index of a frame that was written
        found = (
            found.iloc[:, 1:] if found.iloc[:, 0].equals(pd.Series(counted)) else found
        )
    first = 2 if lines else 1  # the first line is the header
    found.index = pd.RangeIndex(first, first + len(found), name="line")
    return found


def _separated(path, separator):
    """Text with a header; semicolons and tabs, where these separate, are noticed."""
    found = pd.read_csv(path, sep=separator, skipinitialspace=True, low_memory=False)
    if len(found.columns) > 1:
        return found
    header = str(found.columns[0])
    for other, decimal in ((";", ","), ("\t", ".")):
        if other in header and other != separator:
            return pd.read_csv(path, sep=other, decimal=decimal, skipinitialspace=True)
    return found
