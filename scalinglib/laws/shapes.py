"""Tables of every shape, wide or labelled or bare, with one loss a row."""

import re

import numpy as np
import pandas as pd
import xarray as xr

from scalinglib._input import _short
from scalinglib.laws import tables

#: Columns of these names tell repetitions apart, where no others are named.
REPETITIONS = ("trial", "seed")


def long(table, sizes, loss, names):
    """The table with one loss a row, the loss's column, and columns of trials added.

    And whether errors are already those of the mean over the trials of a size.
    """
    if isinstance(table, xr.DataArray):
        return _of_array(table, sizes, loss, names), loss, [], True
    if isinstance(table, tuple):
        table, added = _of_pair(table, sizes, loss)
        return table, loss, added, False
    table = tables.frame(table)
    given = [loss] if isinstance(loss, str) else loss
    taken = {*sizes}.union(*names.values())
    columns = [name for text in given for name in _matching(table, text, taken)]
    if not columns:
        raise ValueError(
            f"loss must name a column, got {_short(loss)}, which fits none"
        )
    tables.has(table, columns, what="loss")
    if len(columns) == 1 and "*" not in given[0]:
        return table, columns[0], [], False
    no_trials = [n for n in columns if re.search(r"_(std|sem|mean|err)$", n)]
    no_trials = no_trials or sorted(taken & {*columns})
    if no_trials:
        raise ValueError(
            f"loss must name a column for each trial, got {columns}; {no_trials} are "
            "no losses of trials"
        )
    return *_of_wide(table, columns, [*sizes, *names["trial"]]), True


def repetitions(table):
    """Columns that by their names tell repetitions apart."""
    return [name for name in table.columns if name.lower() in REPETITIONS]


def _matching(table, given, taken):
    """Columns that a name, or a pattern with *, means."""
    if "*" not in given or given in table.columns:
        return [given]
    pattern = ".*".join(map(re.escape, given.split("*")))
    fits = [name for name in table.columns if re.fullmatch(pattern, name)]
    return [name for name in fits if name not in taken]


def _of_wide(table, columns, keys):
    """A row for each cell; the columns are its trials where no row is there twice."""
    rest = table.drop(columns=columns)
    values = [tables.numbers(table, name, what="loss") for name in columns]
    rows = rest.iloc[np.repeat(np.arange(len(table)), len(columns))]
    loss, trial = _free("loss", rest), _free("trial", rest)
    rows = rows.assign(**{loss: np.stack(values, axis=1).ravel()})
    keys = [name for name in {*keys, *repetitions(rest)} if name in rest]
    if rest.duplicated(keys).any():
        return rows, loss, []
    return rows.assign(**{trial: np.tile(columns, len(table))}), loss, [trial]


def _free(name, table):
    """A name like this one that no column has."""
    while name in table.columns:
        name += "_"
    return name


def _of_pair(table, sizes, loss):
    """Two arrays as a table."""
    if len(table) != 2 or len(sizes) != 1 or not isinstance(loss, str):
        raise ValueError(
            "table, a tuple, must be (sizes, losses), with one name in sizes and in "
            f"loss; got {len(table)} parts. Pass more as a mapping of columns"
        )
    indices = [part.index for part in table if isinstance(part, pd.Series)]
    if len(indices) == 2 and not indices[0].equals(indices[1]):
        raise ValueError("table, of two Series, must have the same index in both")
    try:
        x, values = (np.asarray(tables.unmasked(part)) for part in table)
    except ValueError:
        raise ValueError("table, a tuple, must hold arrays, got ragged lists") from None
    if x.ndim != 1 or values.ndim not in (1, 2) or len(values) != len(x) or not len(x):
        raise ValueError(
            "table, a tuple, must hold sizes (n,) and losses (n,) or (n, trials), got "
            f"shapes {x.shape} and {values.shape}"
        )
    n, trials = values.reshape(len(x), -1).shape
    rows = pd.DataFrame(
        {sizes[0]: np.repeat(x, trials), loss: values.ravel()},
        index=pd.Index(np.repeat(np.arange(n), trials)),
    )
    if trials == 1 or pd.Series(x).duplicated().any():
        return rows, []
    return rows.assign(trial=np.tile(np.arange(trials), n)), ["trial"]


def _of_array(table, sizes, loss, names):
    """A labelled array as a table, without coordinates that are not named."""
    runs = not {*sizes} & {*table.dims}  # each size is a coordinate of the runs
    along = {("run",), ()} if runs else {(name,) for name in sizes}
    missing = [n for n in sizes if n not in table.coords or table[n].dims not in along]
    others = {*table.dims} - {"trial"} - {dim for dims in along for dim in dims}
    if missing or others or not isinstance(loss, str) or loss in table.coords:
        raise ValueError(
            f"table, a DataArray, must have the sizes {sizes} as coordinates, no other "
            f"dimension but 'trial', and a loss of another name, got "
            f"{dict(table.sizes)}: name them in sizes, or select one curve with .sel"
        )
    if not table.dims:
        table = table.expand_dims("run")
    keep = {"trial", *sizes, *table.dims}.union(*names.values())
    table = table.drop_vars([name for name in table.coords if name not in keep])
    rows = table.rename(loss).to_dataframe().reset_index()
    return rows.drop(columns=[name for name in rows if name == "run"])
