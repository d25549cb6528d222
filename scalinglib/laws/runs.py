"""From rows of a table to losses by size and trial, nothing lost and nothing guessed.

The frame `runs` has a row for each loss, in the order of the table: its sizes as
``size D``, ``size N``, …, and the numbers of its size, trial and settings.
"""

import numpy as np
import pandas as pd
import xarray as xr

from scalinglib._input import _short
from scalinglib.laws import tables

MOST = 3 * 10**7  # cells of a curve
LARGEST = 1e300  # of a loss: sums are floats, too


def numeric(table, sizes, loss, names):
    """Rows that hold a loss, and their sizes, losses and errors as floats.

    Where the best of settings is asked for, runs without a loss stay, as diverged.
    """
    values = tables.numbers(table, loss, what="loss")
    if np.isnan(values).all():
        raise ValueError(f"loss {loss!r} must hold numbers, got empty cells alone")
    there = ~np.isnan(values) | bool(names["best"])
    table, values = table[there], values[there]
    bad, rule = abs(values) > LARGEST, f"loss {loss!r} must be finite, up to 1e300"
    _refuse(table, bad, values, rule, "empty the cell of a run that diverged")
    runs = pd.DataFrame({"loss": values})
    for argument, columns in (("sizes", sizes), ("error", names["error"])):
        for name in columns:
            column = tables.numbers(table, name, what=argument)
            bad = ~(np.isfinite(column) & (column > 0))
            rule = f"{argument} {name!r} must be finite and positive"
            _refuse(table, bad, column, rule, "leave out the row, or empty its loss")
            runs[f"size {name}" if argument == "sizes" else "error"] = column
    runs["size"] = runs.groupby([f"size {name}" for name in sizes]).ngroup()
    return table, runs


def as_loss(table, values, loss, score):
    """Losses, from losses or from scores, and what they are called."""
    if score is not None and not isinstance(score, bool | np.bool_):
        raise ValueError(f"score must be True, False or None, got {_short(score)}")
    if not score:
        remedy = "a score that is never positive is turned into a loss by score=True"
        rule = f"loss {loss!r} must not be negative"
        _refuse(table, values < 0, values, rule, remedy)
        return values, loss
    least, most = np.nanmin(values), np.nanmax(values)
    if least >= 0 and most <= 1:
        return 1 - values, f"1 − {loss}"
    if most <= 0:
        return -values, f"−{loss}"
    raise ValueError(
        f"loss {loss!r} with score=True must be from 0 to 1, or never positive, got "
        f"{least:g} to {most:g}; turn it into a loss yourself, as 100 − a for per cent "
        "or 1 − r for R², and leave score out"
    )


def nothing_left_over(table, runs, told, named):
    """Refuse columns that tell rows apart and that no argument mentions.

    A column does if it differs within a size; unless the trials were `named` and it is
    another in every row, as what was measured is. So does text that groups the rows,
    as the names of curves do, and a number that returns from size to size.
    """
    unclear, size = {}, runs["size"].to_numpy()
    one_size = sum(name.startswith("size ") for name in runs) == 1
    for name in table.columns:
        if name in told:
            continue
        found, values = tables.distinct(table[name])
        if len(values) == 1:
            continue
        pairs = pd.DataFrame({"size": size, "code": found}).drop_duplicates()
        within = len(pairs) > len(np.unique(size))
        all_differ = len(values) == len(table)
        in_order = found[np.argsort(size, kind="stable")]
        returns = 1 + (np.diff(in_order) != 0).sum() > len(values)
        # A function of several sizes, such as compute, goes up and down along them.
        groups = one_size and returns and len(values) <= len(table) / 2
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            said = ~pd.isna(values)[found]
            groups = 1 < len(np.unique(found[said])) < said.sum()
        if not (named and all_differ) if within else groups and not all_differ:
            unclear[name] = values
    if unclear:
        name, values = next(iter(unclear.items()))
        listed = [_short(getattr(v, "item", lambda v=v: v)()) for v in values[:3]]
        some = ", ".join(listed) + ", …" * (len(values) > 3)
        others = f" (nor of {[*unclear][1:]})"[:99] if len(unclear) > 1 else ""
        raise ValueError(
            f"column {name!r} ({len(values)} values: {some}) tells rows apart, and no "
            f"argument says what it is{others}. Repetitions? trial={name!r}. Settings, "
            f"of which the best counts? best={name!r}; their mean? mean={name!r}. "
            f"Several curves? Read one, where={{{name!r}: {listed[0]}}}. Measured, or "
            f"nothing? ignore={name!r}"
        )


def codes(table, names):
    """A number for each combination of what stands in some columns, in their order."""
    if not names:
        return np.zeros(len(table), int)
    parts = np.stack([tables.distinct(table[name])[0] for name in names], axis=1)
    if len(names) == 1:
        return parts[:, 0]
    return np.unique(parts, axis=0, return_inverse=True)[1].reshape(-1)


def one_setting(runs, names):
    """Rows of the best setting at each size, averaged over the others."""
    if names["best"]:
        diverged = runs.assign(loss=runs["loss"].fillna(np.inf))
        means = diverged.groupby(["size", "best"])["loss"].mean()
        best = means.groupby("size").idxmin().map(lambda pair: pair[1])
        if np.isinf(means.groupby("size").min()).any():
            size = means.groupby("size").min().idxmax()
            raise ValueError(
                f"best={names['best']}: every setting has an empty loss, a run that "
                f"diverged, at {_said(runs, size)}; leave that size out"
            )
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
        mean["error"] = _norm(runs, ["size", "trial"]) / settings
    return mean.reset_index().set_index("row").rename_axis(None)


def spread(runs, table, sizes, names, loss, of_mean):
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
            f"table has {at.max() + 1} sizes, and {trial.max() + 1} trials in all: "
            f"{cells:.0e} cells, nearly all empty; take means by size first, or ignore "
            "the column of trials"
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
        errors = runs.groupby("size")["error"]
        if of_mean and (errors.nunique() > 1).any():
            raise ValueError(
                f"error {names['error']} must be that of the mean, one at each size"
            )
        norm = errors.first() if of_mean else _norm(runs, ["size"]) / errors.size()
        coords["error"] = along, norm.to_numpy()
    return xr.DataArray(values, dims=[along, "trial"], coords=coords, name=loss)


def plausible(curve, sizes, score):
    """Refuse a mean of zero, and what looks like a score."""
    mean = curve.mean("trial").values
    if (mean == 0).any():
        at = curve.isel({curve.dims[0]: int(np.argmax(mean == 0))})
        said = ", ".join(f"{name} = {at[name].item()}" for name in sizes)
        raise ValueError(
            f"loss must not be zero on average, as at {said}: no power of a size "
            "reaches zero. Leave that size out, or measure on more examples"
        )
    rise = mean[-1] - mean[0]
    if score is None and len(sizes) == 1 and rise > _chance(curve):
        raise ValueError(
            f"loss must fall, and it rises from {mean[0]:.4g} to {mean[-1]:.4g}: if it "
            "is a score, where more is better, say score=True; if not, score=False"
        )


def _chance(curve):
    """How far apart the ends of a curve may be by chance, in its own scatter."""
    ends = curve[[0, -1]]
    many = ends.count("trial")
    error = ends.std("trial", ddof=1).where(many > 1, 0) / np.sqrt(many)
    least = 0.02 * float(ends[0].mean())  # a plateau is no score
    return max(least, 3 * float(np.sqrt((error**2).sum())))


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
    return np.array([", ".join(map(str, row)) for row in rows.to_numpy()])


def _norm(runs, by):
    """Root of the sum of squared errors of each group, without underflow."""
    largest = runs["error"].max()
    squares = runs.assign(square=(runs["error"] / largest) ** 2)
    return largest * np.sqrt(squares.groupby(by)["square"].sum())


def _whole(values):
    """Sizes as integers, where all of them are."""
    values = values.to_numpy()
    exact = values.max() < 2**53 and (values % 1 == 0).all()
    return values.astype(np.int64) if exact else values
