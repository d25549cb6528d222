"""Tables of losses, as people keep them, as one pandas DataFrame; or an error."""

import difflib
import lzma
import os
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from scalinglib._input import _short

TEXT = {".csv": ",", ".tsv": "\t", ".txt": None}  # and what separates, as a rule
READERS = {
    ".jsonl": lambda path: pd.read_json(path, lines=True, **AS_WRITTEN),
    ".ndjson": lambda path: pd.read_json(path, lines=True, **AS_WRITTEN),
    ".json": lambda path: pd.read_json(path, **AS_WRITTEN),
    ".parquet": pd.read_parquet,
}
AS_WRITTEN = {"dtype": False, "precise_float": True}
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "<na>"}
PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")
BROKEN = ValueError, OSError, EOFError, LookupError, AttributeError
BROKEN += zipfile.BadZipFile, lzma.LZMAError, zlib.error


def frame(table):
    """One row for each run, a column for each thing known of it.

    Rows of a text are labelled with their lines, to be found again.
    """
    if isinstance(table, pd.DataFrame):
        found = table
    elif isinstance(table, str | os.PathLike):
        found = _read(table)
    elif isinstance(table, list) and table and all(isinstance(r, dict) for r in table):
        found = pd.DataFrame(table)
    elif isinstance(table, Mapping) and not hasattr(table, "data_vars"):
        found = _of_columns(table)
    else:
        raise ValueError(
            "table must be a DataFrame (of a Series, its .reset_index()), a path, a "
            "DataArray (of a Dataset, one of its variables), a mapping of columns, a "
            f"list of records or a tuple of arrays (sizes, losses), got {_short(table)}"
        )
    if found.columns.nlevels > 1:
        raise ValueError("table must have one level of column names; join the levels")
    if any(name is not None for name in found.index.names) and _free(found):
        found = found.reset_index()
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
        with np.errstate(over="ignore"):  # an infinity is found later
            return column.to_numpy(float)
    values = column.astype(object).to_numpy()
    found = np.empty(len(values))
    for at, value in enumerate(values):
        try:
            found[at] = _number(value)
        except (TypeError, ValueError, ArithmeticError):
            raise ValueError(
                f"{what} {name!r} must hold numbers, got {_short(value)} in "
                f"{row(table, at)}; write it as a plain number, as in 10000 or 1e4, or "
                "leave the cell empty"
            ) from None
    return found


def distinct(column):
    """A number for each value of a column, and the values, sorted if they can be."""
    try:
        return pd.factorize(column, sort=_alike(column), use_na_sentinel=False)
    except (TypeError, ArithmeticError):  # lists and the like
        return pd.factorize(column.map(repr), sort=True, use_na_sentinel=False)


def row(table, at):
    """Name of a row, for messages."""
    label = table.index[at]
    return f"{table.index.name or 'row'} {getattr(label, 'item', lambda: label)()}"


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


def _free(found):
    """Whether the names of the index are no columns yet."""
    return found.index.names != ["line"] and not {*found.index.names} & {*found.columns}


def _alike(column):
    """Whether the values of a column can be put in an order."""
    kinds = {type(value) for value in column.unique()[:1000]} - {float}
    return len(kinds) < 2 and not kinds & {tuple, dict, list}


def _number(value):
    """A cell as a float; an empty one is nan."""
    if value is None or value is pd.NA or value is pd.NaT:
        return np.nan
    if isinstance(value, str):
        return np.nan if value.strip().lower() in MISSING else float(value)
    if isinstance(value, bool | np.bool_ | complex | np.complexfloating):
        raise TypeError
    return float(value)


def _of_columns(table):
    """A mapping of columns; they must be as long as each other."""
    columns = {}
    for name, values in table.items():
        if (
            np.ndim(values) != 1
            and not hasattr(values, "dtype")
            and np.iterable(values)
        ):
            values = list(values)  # of cells that are lists themselves
        elif np.ndim(values) != 1:
            shape = np.shape(values)
            raise ValueError(f"column {name!r} must have one axis, got shape {shape}")
        if str(name) in columns:
            raise ValueError(f"table must not have two columns {str(name)!r}")
        columns[str(name)] = pd.Series(unmasked(values)).reset_index(drop=True)
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns must be as long as each other, got {lengths}")
    return pd.DataFrame(columns)


def unmasked(values):
    """A masked array with nan for what is masked; others as they are."""
    return values.astype(float).filled(np.nan) if np.ma.isMA(values) else values


def _read(given):
    """A file as a table, the rows of a text labelled with their lines."""
    path = Path(given).expanduser()
    if "\n" in str(given) or not str(given) or len(path.name) > 255:
        raise ValueError(f"table must be a path, or a table, got {_short(given)}")
    if path.is_dir():
        raise ValueError(f"table must be a file, and {str(path)!r} is a directory")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    ends = [end.lower() for end in path.suffixes] or [""]
    kind = ends[-2] if len(ends) > 1 and ends[-1] in PACKED else ends[-1]
    if kind not in TEXT and kind not in READERS:
        raise ValueError(
            f"table must be a file {', '.join([*TEXT, *READERS])} (or one of them "
            f"packed), got {path.name!r}; pass a DataFrame instead"
        )
    try:
        found = _text(path, TEXT[kind]) if kind in TEXT else READERS[kind](path)
    except ImportError as error:
        raise ImportError(f"{path.name!r} needs a further package: {error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name!r} is not a table: no text in UTF-8") from None
    except BROKEN as error:
        first = (str(error).splitlines() or ["nothing in it"])[0]
        raise ValueError(f"{path.name!r} is not a table as {kind}: {first}") from None
    if not isinstance(found, pd.DataFrame):
        raise ValueError(f"{path.name!r} is not a table: its rows must be records")
    return found


def _text(path, separator):
    """Text with a header; what separates is read off the header."""
    lines = {"names": [0], "sep": "\x01", "quoting": 3, "encoding": "utf-8-sig"}
    lines |= {"skip_blank_lines": False, "dtype": str, "keep_default_na": False}
    head = pd.read_csv(path, nrows=20, **lines)[0].str.strip()
    skip = int(np.argmax((head != "").to_numpy()))
    header = head[skip]
    if header.startswith("sep="):  # as a spreadsheet writes it
        skip, header = skip + 1, head[skip + 1]
    if separator is None or separator not in header:
        found = [mark for mark in "\t;,|" if mark in header]
        separator = max(found, key=header.count) if found else (separator or r"\s+")
    options = {"sep": separator, "skipinitialspace": True, "low_memory": False}
    if header.startswith("#"):  # as numpy writes it
        names = re.split(separator, header.lstrip("# "))
        options |= {"names": [name.strip() for name in names], "skiprows": skip + 1}
    else:
        options["skiprows"] = skip
    if separator == ";":
        options["decimal"] = ","
    # What "None" means in a column of optimisers is not for pandas to say.
    options |= {"keep_default_na": False, "na_values": [""]}
    options |= {"encoding": "utf-8-sig", "skip_blank_lines": False}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(path, index_col=False, **options)
        except pd.errors.ParserWarning:
            raise ValueError("rows hold more cells than the header") from None
    names = re.split(re.escape(separator), header) if separator != r"\s+" else []
    if len({*names}) < len(names) and '"' not in header:
        raise ValueError("two columns have the same name")
    table.columns = table.columns.astype(str).str.strip()
    table.index = pd.RangeIndex(skip + 2, skip + 2 + len(table), name="line")
    _complete(path, table, separator, lines)
    table = _plain_points(table) if separator == ";" else table
    return _without_index(table.dropna(how="all"))


def _complete(path, table, separator, lines):
    """Refuse rows with fewer cells than the header."""
    short = table.index[table.iloc[:, -1].isna() & table.notna().any(axis=1)]
    if not len(short):
        return
    whole = pd.read_csv(path, **lines)[0][short - 1]
    cells = whole.str.strip().str.count(separator) + 1
    if (cells < len(table.columns)).any():
        line = short[int(np.argmax((cells < len(table.columns)).to_numpy()))]
        raise ValueError(f"line {line} holds fewer cells than the header")


def _plain_points(table):
    """Points between thousands away, where commas are decimal."""
    thousands, comma = r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", r"-?[\d.]*,\d+"
    texts = [name for name in table if table[name].dtype.kind not in "fiub"]
    fractions = [table[n].dropna() % 1 for n in table if table[n].dtype.kind == "f"]
    european = any((rest != 0).any() for rest in fractions)
    european |= any(table[n].astype(str).str.fullmatch(comma).any() for n in texts)
    for name in texts if european else ():
        cells = table[name].dropna().astype(str)
        pointed = cells[cells.str.contains(".", regex=False)]
        if len(pointed) and pointed.str.fullmatch(thousands).all():
            cells = cells.str.replace(".", "", regex=False)
            table[name] = cells.str.replace(",", ".", regex=False)
    return table


def _without_index(table):
    """Without the nameless index of a frame that was written."""
    first = table.iloc[:, 0]
    nameless = str(table.columns[0]).startswith("Unnamed") and len(table.columns) > 1
    counts = nameless and first.dtype.kind == "i" and first.is_unique
    return table.iloc[:, 1:] if counts else table
