"""Read losses from a table. What is a trial, and what a setting, is not guessed."""

import fnmatch

import numpy as np
import pandas as pd
import xarray as xr

from scalinglib._input import _short
from scalinglib.laws import runs, tables

__all__ = ["read"]

#: Columns of these names tell repetitions apart, unless `trial` names others.
REPETITIONS = ("trial", "seed")


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
    table : DataFrame, path, DataArray, mapping or pair of arrays
        A row for each run. A path ends in .csv, .tsv, .txt, .jsonl, .ndjson, .json or
        .parquet, packed or not. Of a pair, the first holds sizes (n,), the second
        losses (n,) or (n, trials).
    sizes : str or sequence of str, default ("D",)
        Columns of sizes, one or several.
    loss : str or sequence of str, default "loss"
        Column of losses; or a column for each trial (a wide table), their names one by
        one or as a pattern, ``"seed_*"``. The name that is given to a pair's second.
    trial : str or sequence of str, optional
        Columns that tell repetitions apart; by default those called ``trial`` or
        ``seed``. The same label at two sizes is the same trial.
    error : str, optional
        Column of known standard errors of the losses: weights for a fit.
    where : dict, optional
        Rows to keep, as ``{"optimizer": "adam"}``: a value or a list for each column.
    best, mean : str or sequence of str, optional
        Columns of settings, such as a learning rate. Of `best`, the setting with the
        smallest mean loss at each size is kept, and becomes a coordinate (the best of
        many noisy runs looks better than it is). Over those of `mean` is averaged.
    ignore : str or sequence of str, optional
        Columns that may differ between rows and tell nothing.
    score : bool, optional
        If true, `loss` is a score: a from 0 to 1 becomes 1 − a, and one that is never
        positive, as scikit-learn's ``neg_…``, changes its sign. If false, it is a loss
        whatever it looks like; by default what rises from size to size, between 0 and
        1, is refused.

    Returns
    -------
    DataArray
        Of one size, dimensions (size, ``trial``), sizes increasing. Of several,
        (``run``, ``trial``), with each size as a coordinate of ``run``. Missing trials
        are nan.
        Known errors are the coordinate ``error``, that of the mean over trials.

    Raises
    ------
    ValueError
        If there is no such file or column; a size is not finite and positive; a loss
        is infinite, negative, or zero in the mean; two rows are the same trial; or rows
        of the same size differ in a column that no argument mentions.

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
    sizes = _names("sizes", sizes)
    if not sizes:
        raise ValueError("sizes must name one column at least, got none")
    table, loss = _long(table, sizes, loss)
    names = {
        "trial": _names("trial", trial),
        "best": _names("best", best),
        "mean": _names("mean", mean),
        "error": _names("error", error),
        "ignore": _names("ignore", ignore),
    }
    if len(names["error"]) > 1:
        raise ValueError(f"error must name one column, got {names['error']}")
    if trial is None:
        told = {*sizes, loss, *(where or {})}.union(*names.values())
        names["trial"] = [
            name
            for name in table.columns
            if name.lower() in REPETITIONS and name not in told
        ]
    _all_there(table, {"sizes": sizes, "loss": [loss], **names})
    table = _kept(table, where)
    table, losses = runs.numeric(table, sizes, loss, names["error"])
    losses["loss"] = runs.as_loss(table, losses["loss"].to_numpy(), loss, score)
    told = {*sizes, loss, *(where or {})}.union(*names.values())
    runs.nothing_left_over(table, losses, told, names)
    for part in ("trial", "best", "mean"):
        losses[part] = runs.codes(table, names[part])
    losses = runs.one_setting(losses, names)
    curve = runs.spread(losses, table, sizes, names, loss)
    runs.plausible(curve, score)
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
            f"{argument} must be a name of a column, or several, got {_short(names)}"
        )
    return listed


def _long(table, sizes, loss):
    """The table with one loss a row, and the name of its column."""
    if isinstance(table, xr.DataArray):
        return _of_array(table, sizes, loss), loss
    if isinstance(table, tuple | list):
        return _of_pair(table, sizes, loss), loss
    table, given = tables.frame(table), _names("loss", loss)
    columns = [
        name
        for pattern in given
        for name in (
            fnmatch.filter(map(str, table.columns), pattern)
            if "*" in pattern and pattern not in table.columns
            else [pattern]
        )
    ]
    if not columns:
        raise ValueError(
            f"loss must name a column, got {_short(loss)}, which fits none"
        )
    tables.has(table, columns, what="loss")
    if len(columns) == 1 and isinstance(loss, str) and "*" not in loss:
        return table, columns[0]
    if "trial" in table.columns:
        raise ValueError(
            "loss must name one column where the table has a column 'trial' already: "
            f"got {len(columns)} columns, a trial each"
        )
    rest = [name for name in table.columns if name not in columns]
    label = table.index.name or "row"
    wide = table.reset_index(names="__row")
    long = wide.melt([*rest, "__row"], columns, "trial", "loss")
    return long.set_index("__row").rename_axis(label), "loss"


def _of_pair(table, sizes, loss):
    """Two arrays as a table."""
    if len(table) != 2 or len(sizes) != 1 or not isinstance(loss, str):
        raise ValueError(
            "table must be a pair (sizes, losses) with one name in sizes and in loss, "
            f"got {len(table)} parts; pass several columns as a mapping"
        )
    x, values = (np.asarray(part) for part in table)
    if x.ndim != 1 or values.ndim not in (1, 2) or len(values) != len(x) or not len(x):
        raise ValueError(
            "a pair must hold sizes (n,) and losses (n,) or (n, trials), got shapes "
            f"{x.shape} and {values.shape}"
        )
    if values.ndim == 1:
        return pd.DataFrame({sizes[0]: x, loss: values})
    n, trials = values.shape
    return pd.DataFrame(
        {
            sizes[0]: np.repeat(x, trials),
            "trial": np.tile(np.arange(trials), n),
            loss: values.ravel(),
        },
        index=pd.Index(np.repeat(np.arange(n), trials)),
    )


def _of_array(table, sizes, loss):
    """A labelled array as a table."""
    missing = [name for name in sizes if name not in table.coords]
    others = [dim for dim in table.dims if dim not in ("trial", "run", *sizes)]
    if missing or others:
        raise ValueError(
            f"a DataArray must have the sizes {sizes} as coordinates, and no other "
            f"dimension but 'trial', got {dict(table.sizes)}: name them in sizes, or "
            "select one curve with .sel"
        )
    if not isinstance(loss, str):
        raise ValueError(f"loss must be one name for a DataArray, got {_short(loss)}")
    frame = table.rename(loss).to_dataframe().reset_index()
    return frame.drop(columns=[name for name in frame if name == "run"])


def _all_there(table, names):
    """Every column that an argument names is there, and named once."""
    for argument, columns in names.items():
        tables.has(table, columns, what=argument)
    named = {}
    for argument, columns in names.items():
        for name in columns:
            if name in named:
                both = " and ".join(dict.fromkeys((named[name], argument)))
                raise ValueError(
                    f"column {name!r} must be named once, got it in {both}"
                )
            named[name] = argument


def _kept(table, where):
    """Rows that are asked for."""
    if where is None:
        return table
    if not hasattr(where, "items"):
        raise ValueError(
            f"where must be a dict of columns and values, got {_short(where)}"
        )
    tables.has(table, where, what="where")
    for name, value in where.items():
        values = [value] if isinstance(value, str) or not np.iterable(value) else value
        keep = table[name].isin(list(values))
        if not keep.any():
            there = ", ".join(map(repr, table[name].unique()[:6].tolist()))
            raise ValueError(
                f"where: no row has {name!r} = {value!r}; there are {there}"
            )
        table = table[keep]
    return table
