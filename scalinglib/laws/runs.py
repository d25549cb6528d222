"""From rows of a table to losses by size and trial, nothing lost and nothing guessed.

The frame `runs` has a row for each loss, in the order of the table: its sizes as
``size D``, ``size N``, …, and the numbers of its size, trial and settings.
"""

import numpy as np
import pandas as pd
import xarray as xr

from scalinglib._input import _short
from scalinglib.laws import tables

MOST = 10**8  # cells of a curve


def numeric(table, sizes, loss, error):
    """Rows that hold a loss, and their sizes, losses and errors as floats."""
    values = tables.numbers(table, loss, what="loss")
    there = ~np.isnan(values)
    if not there.any():
        raise ValueError(f"loss {loss!r} must hold numbers, got empty cells alone")
    table, values = table[there], values[there]
    remedy = "empty the cell of a run that diverged"
    _refuse(table, np.isinf(values), values, f"loss {loss!r} must be finite", remedy)
    runs = pd.DataFrame({"loss": values})
    for argument, names in (("sizes", sizes), ("error", error)):
        for name in names:
            column = tables.numbers(table, name, what=argument)
            bad = ~(np.isfinite(column) & (column > 0))
            rule = f"{argument} {name!r} must be finite and positive"
            _refuse(table, bad, column, rule, "leave out the row, or empty its loss")
            runs[f"size {name}" if argument == "sizes" else "error"] = column
    runs["size"] = runs.groupby([f"size {name}" for name in sizes]).ngroup()
    return table, runs


def as_loss(table, values, loss, score):
    """Losses, from losses or from scores."""
    if score is not None and not isinstance(score, bool | np.bool_):
        raise ValueError(f"score must be True, False or None, got {_short(score)}")
    if not score:
        remedy = "a score that is never positive is turned into a loss by score=True"
        rule = f"loss {loss!r} must not be negative"
        _refuse(table, values < 0, values, rule, remedy)
        return values
    if (values >= 0).all() and (values <= 1).all():
        return 1 - values
    if (values <= 0).all():
        return -values
    raise ValueError(
        f"loss {loss!r} with score=True must be from 0 to 1, or never positive, got "
        f"{values.min():g} to {values.max():g}; turn it into a loss yourself, as "
        "100 − a for per cent, and leave score out"
    )


def nothing_left_over(table, runs, told, names):
    """Refuse columns that tell rows apart and that no argument mentions.

    A column does if it differs within a size; unless the trials are named and it is
    another in every row, as what was measured is, or the name of a run. So does one
    whose values return from size to size, as the names of curves do.
    """
    unclear, size = {}, runs["size"].to_numpy()
    one_size = sum(name.startswith("size ") for name in runs) == 1
    for name in table.columns:
        values = table[name]
        numeric = pd.api.types.is_numeric_dtype(values.dtype)
        found, distinct = pd.factorize(values, use_na_sentinel=False)
        if name in told or len(distinct) == 1:
            continue
        pairs = pd.DataFrame({"size": size, "code": found}).drop_duplicates()
        within = len(pairs) > len(np.unique(size))
        all_differ = len(distinct) == len(table)
        in_order = found[np.argsort(size, kind="stable")]
        returns = 1 + (np.diff(in_order) != 0).sum() > len(distinct)
        # A function of several sizes, such as compute, goes up and down along them.
        few = not numeric or (one_size and len(distinct) <= len(table) / 2)
        groups = not (names["trial"] and all_differ)
        if (within and groups) or (not within and not all_differ and few and returns):
            unclear[name] = distinct
    if unclear:
        name, distinct = next(iter(unclear.items()))
        listed = [_plain(value) for value in distinct[:3]]
        some = ", ".join(map(repr, listed)) + ", …" * (len(distinct) > 3)
        others = f"; so do {[*unclear][1:]}" if len(unclear) > 1 else ""
        raise ValueError(
            f"column {name!r} ({len(distinct)} values: {some}) tells rows apart, and "
            f"no argument says what it is{others}. Repetitions? trial={name!r}. "
            f"Settings, of which the best counts? best={name!r}; their mean? "
            f"mean={name!r}. "
            f"Several curves? Read one, where={{{name!r}: {listed[0]!r}}}. None of "
            f"these? ignore={name!r}"
        )


def codes(table, names):
    """A number for each combination of what stands in some columns."""
    if not names:
        return np.zeros(len(table), int)
    return table.groupby(names, dropna=False).ngroup().to_numpy()


def one_setting(runs, names):
    """Rows of the best setting at each size, averaged over the others."""
    if names["best"]:
        means = runs.groupby(["size", "best"], as_index=False)["loss"].mean()
        best = means.loc[means.groupby("size")["loss"].idxmin()].set_index("size")[
            "best"
        ]
        runs = runs[runs["best"] == runs["size"].map(best)]
    if not names["mean"]:
        return runs
    if not names["trial"]:
        runs = runs.assign(trial=runs.groupby(["size", "mean"]).cumcount())
    settings = runs["mean"].nunique()
    found = runs.groupby(["size", "trial"])["mean"].agg(["nunique", "size"])
    short = (found["nunique"] != settings) | (found["size"] != settings)
    if short.any():
        size, _ = short.idxmax()
        raise ValueError(
            f"mean={names['mean']} needs each of the {settings} settings once in "
            f"every trial of every size, and {_said(runs, size)} has others; choose "
            "some with where, or name the column of trials"
        )
    runs = runs.assign(row=runs.index)
    parts = runs.groupby(["size", "trial"], sort=False)
    mean = parts.first().assign(loss=parts["loss"].mean())
    if "error" in runs:  # errors of independent runs
        squares = runs.assign(error=runs["error"] ** 2).groupby(["size", "trial"])
        mean["error"] = np.sqrt(squares["error"].sum()) / settings
    return mean.reset_index().set_index("row").rename_axis(None)


def spread(runs, table, sizes, names, loss):
    """Losses by size and trial; what is missing is nan."""
    if names["trial"]:
        _once(runs, table, names["trial"])
        labels = _of_first(table, runs, "trial", names["trial"])
    else:
        runs = runs.assign(trial=runs.groupby("size").cumcount())
        labels = np.arange(runs["trial"].max() + 1)
    _, at = np.unique(runs["size"], return_inverse=True)
    _, trial = np.unique(runs["trial"], return_inverse=True)
    if (cells := (at.max() + 1) * (trial.max() + 1)) > MOST:
        raise ValueError(
            f"table has {at.max() + 1} sizes and {trial.max() + 1} trials at one of "
            f"them, {cells:.0e} cells and nearly all empty; take means by size first"
        )
    values = np.full((at.max() + 1, trial.max() + 1), np.nan)
    values[at, trial] = runs["loss"]
    along = sizes[0] if len(sizes) == 1 else "run"
    coords = {"trial": labels}
    for name in sizes:
        coords[name] = along, _whole(runs.groupby("size")[f"size {name}"].first())
    for name in names["best"]:
        coords[name] = along, _of_first(table, runs, "size", [name])
    if "error" in runs:
        squares = np.bincount(at, runs["error"] ** 2)
        coords["error"] = along, np.sqrt(squares) / np.bincount(at)
    return xr.DataArray(values, dims=[along, "trial"], coords=coords, name=loss)


def plausible(curve, score):
    """Refuse a mean of zero, and what looks like a score."""
    along = curve.dims[0]
    mean = curve.mean("trial").values
    if (mean == 0).any():
        at = curve[int(np.argmax(mean == 0))]
        names = [along] if along != "run" else [n for n in at.coords if n != "error"]
        said = ", ".join(f"{name} = {at[name].item()}" for name in names)
        raise ValueError(
            f"loss must not be zero on average, as at {said}: no power of a size "
            "reaches zero. Leave that size out, or measure on more examples"
        )
    rises = along != "run" and len(mean) > 2 and (np.diff(mean) > 0).all()
    if score is None and rises and mean[-1] <= 1:
        raise ValueError(
            f"loss must fall, and it rises from {mean[0]:.4g} to {mean[-1]:.4g}: if it "
            "is a score, where more is better, say score=True; if not, score=False"
        )


def _refuse(table, bad, values, rule, remedy):
    """Name the first row that breaks a rule."""
    if bad.any():
        at = int(np.argmax(bad))
        said = f"{rule}, got {values[at]:g} in {tables.row(table, at)}; {remedy}"
        raise ValueError(said)


def _once(runs, table, names):
    """Refuse two rows of one trial."""
    twice = runs.duplicated(["size", "trial"], keep=False)
    if twice.any():
        first = runs[twice].iloc[0]
        same = (runs["size"] == first["size"]) & (runs["trial"] == first["trial"])
        one, two = (tables.row(table, i) for i in runs.index[same][:2])
        raise ValueError(
            f"{one} and {two} are the same trial, by {names}, of "
            f"{_said(runs, first['size'])}; name what differs between them with trial, "
            "best, mean or where, or drop one"
        )


def _said(runs, size):
    """A size in words."""
    row = runs[runs["size"] == size].iloc[0]
    parts = [name for name in runs if name.startswith("size ")]
    return ", ".join(
        f"{part.removeprefix('size ')} = {row[part]:.10g}" for part in parts
    )


def _of_first(table, runs, code, names):
    """What stands in columns of the table, once for each number, in its order."""
    first = runs.index[~runs.duplicated(code)]
    order = np.argsort(runs[code][first].to_numpy())
    rows = table[names].iloc[first[order]]
    if len(names) == 1:
        return rows[names[0]].to_numpy()
    return rows.astype(str).agg(", ".join, axis=1).to_numpy()


def _plain(value):
    """A value as Python writes it."""
    return value.item() if hasattr(value, "item") else value


def _whole(values):
    """Sizes as integers, where all of them are."""
    values = values.to_numpy()
    exact = values.max() < 2**53 and (values % 1 == 0).all()
    return values.astype(np.int64) if exact else values
