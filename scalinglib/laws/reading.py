"""Read losses from a table. What is a trial, and what a setting, is not guessed."""

import numpy as np
import pandas as pd

from scalinglib._input import _short
from scalinglib.laws import runs, shapes, tables

__all__ = ["read"]


def read(
    table,
    sizes=("D",),
    loss="loss",
    *,
    trial=None,
    error=None,
    where=None,
    best=None,
    mean=None,
    ignore=None,
    score=None,
):
    r"""Losses of a table, labelled with their sizes and trials: a curve.

    Rows may stand in any order. Rows of the same size are trials; their number may
    differ from size to size. A column that tells such rows apart, and that is not a
    repetition, is never averaged over by accident: say `best`, `mean` or `where`.

    Parameters
    ----------
    table : DataFrame, path, DataArray, mapping, list of records or tuple of arrays
        A row for each run. A path ends in .csv, .tsv, .txt, .jsonl, .ndjson, .json or
        .parquet, packed or not. A tuple holds sizes (n,) and losses (n,) or (n,
        trials). Of a DataArray what is not named is dropped.
    sizes : str or sequence of str, default ("D",)
        Columns of sizes, one or several.
    loss : str or sequence of str, default "loss"
        Column of losses; or a column for each trial (a wide table), their names one by
        one or as a pattern, ``"seed_*"``. The name that is given to a pair's second.
    trial : str or sequence of str, optional
        Columns that tell repetitions apart; by default those called ``trial`` or
        ``seed``. The same label at two sizes is the same trial. If they are named here,
        a further column that is another in every row counts as measured.
    error : str, optional
        Column of known standard errors of the losses, of independent runs: weights for
        a fit. In a wide table, that of the mean of a row.
    where : dict, optional
        Rows to keep, as ``{"optimizer": "adam"}``: a value or a list for each column.
    best, mean : str or sequence of str, optional
        Columns of settings, such as a learning rate. Of `best`, the setting with the
        smallest mean loss at each size is kept, and becomes a coordinate (the best of
        many noisy runs looks better than it is); one with an empty loss there counts
        as diverged. Over those of `mean` is averaged.
    ignore : str or sequence of str, optional
        Columns that may differ between rows and tell nothing.
    score : bool, optional
        If true, `loss` is a score: a from 0 to 1 becomes 1 − a, and one that is never
        positive, as scikit-learn's ``neg_…``, changes its sign; the name tells so. If
        false, it is a loss
        whatever it looks like; by default one that is larger at the largest size than
        at the smallest is refused.

    Returns
    -------
    DataArray
        Of one size, dimensions (size, ``trial``), sizes increasing. Of several,
        (``run``, ``trial``), with each size as a coordinate of ``run``. Missing trials
        are nan.
        Known errors are the coordinate ``error``, that of the mean over trials.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If a Parquet file is read without pyarrow.
    ValueError
        If it is no table, or there is no such column; a size is not finite and
        positive; a loss is infinite, negative, or zero in the mean; two rows are the
        same trial; or a column that no argument mentions tells rows apart.

    Examples
    --------
    >>> table = {"D": [100, 10, 100, 10, 1000], "loss": [0.2, 0.4, 0.3, 0.6, 0.2]}
    >>> curve = read(table)
    >>> curve.D.values, curve.dims, curve.mean("trial").values
    (array([  10,  100, 1000]), ('D', 'trial'), array([0.5 , 0.25, 0.2 ]))

    Three learning rates, of which the best counts at each size:

    >>> table = {"N": [1, 1, 9, 9], "lr": [0.1, 0.2, 0.1, 0.2], "loss": [5, 4, 2, 3.0]}
    >>> curve = read(table, "N", best="lr")
    >>> curve.squeeze().values, curve.lr.values
    (array([4., 2.]), array([0.2, 0.1]))
    """
    sizes, where = _some("sizes", sizes), _wanted(where)
    parts = {"trial": trial, "best": best, "mean": mean, "error": error}
    parts["ignore"] = ignore
    names = {argument: _names(argument, part) for argument, part in parts.items()}
    if len(names["error"]) > 1:
        raise ValueError(f"error must name one column, got {names['error']}")
    # Tables of all shapes, with one loss a row, and every column's part.
    _some("loss", loss)
    table, loss, added, of_mean = shapes.long(table, sizes, loss, names)
    if trial is None:
        told = {*sizes, loss, *where, *added}.union(*names.values())
        names["trial"] += [n for n in shapes.repetitions(table) if n not in told]
    names["trial"] += added
    _all_there(table, {"sizes": sizes, "loss": [loss], **names})
    # Numbers, row by row.
    table, losses = runs.numeric(_kept(table, where), sizes, loss, names)
    values = losses["loss"].to_numpy()
    losses["loss"], named = runs.as_loss(table, values, loss, score)
    told = {*sizes, loss}.union(*names.values())
    runs.nothing_left_over(table, losses, told, named=trial is not None)
    # Losses by size and trial.
    for part in ("trial", "best", "mean"):
        losses[part] = runs.codes(table, names[part])
    losses = runs.one_setting(losses, names)
    curve = runs.spread(losses, table, sizes, names, named, of_mean)
    runs.plausible(curve, sizes, score)
    return curve


def _names(argument, names):
    """Names of columns as a list."""
    if names is None:
        return []
    names = [names] if isinstance(names, str) else names
    try:
        listed = list(names)
    except TypeError:
        listed = [None]
    if not all(isinstance(name, str) for name in listed):
        raise ValueError(
            f"{argument} must be a name of a column, or several, as text, got "
            f"{_short(names)}"
        )
    return listed


def _some(argument, names):
    """One name of a column at least."""
    listed = _names(argument, names)
    if not listed:
        raise ValueError(f"{argument} must name one column at least, got none")
    return listed


def _wanted(where):
    """Columns and the values of theirs that are asked for."""
    if where is None:
        return {}
    if not isinstance(where, dict):
        raise ValueError(
            f"where must be a dict of columns and values, got {_short(where)}"
        )
    listed = (list, tuple, set, np.ndarray)
    return {
        str(name): list(value) if isinstance(value, listed) else [value]
        for name, value in where.items()
    }


def _all_there(table, names):
    """Every column that an argument names is there, and named once."""
    named = {}
    for argument, columns in names.items():
        tables.has(table, columns, what=argument)
        for name in columns:
            if name in named:
                both = " and ".join(dict.fromkeys((named[name], argument)))
                raise ValueError(
                    f"column {name!r} must be named once, got it in {both}"
                )
            named[name] = argument
    own = {"trial", "run", "error"}.intersection(names["sizes"] + names["best"])
    if own:
        raise ValueError(
            f"sizes and best must not name {own.pop()!r}, for a curve has a coordinate "
            "of that name: rename the column"
        )


def _kept(table, where):
    """Rows that are asked for."""
    tables.has(table, where, what="where")
    for name, values in where.items():
        keep = np.zeros(len(table), bool)
        for value in values:
            found = _holding(table[name], value)
            if not found.any():
                some = ", ".join(map(_short, tables.distinct(table[name])[1][:6]))
                raise ValueError(
                    f"where: no row has {name!r} = {value!r}; there are {some}"
                )
            keep |= found.to_numpy(bool)
        table = table[keep]
    return table


def _holding(cells, value):
    """Which cells hold a value, or are empty as it is."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return cells.isna()
    try:
        return cells.isin([value])
    except TypeError:  # lists and the like
        return cells.map(repr) == repr(value)
