"""Which trials a sweep consists of, and the array that their results make."""

import dataclasses
import inspect
import itertools
import json
from collections.abc import Mapping

import numpy as np
import xarray as xr

from scalinglib._input import function, whole_number

#: What the result of a sweep calls its own.
OWN = {"point", "trial", "loss", "state", "seconds"}


def key_of(setting, seed, t):
    """Name of a trial: equal settings have equal names in whatever order."""
    return json.dumps([seed, t, setting], sort_keys=True)


@dataclasses.dataclass(frozen=True)
class Plan:
    """Points, a grid at each of them, and trials at each setting, all with one seed."""

    along: dict
    grid: dict
    trials: int
    seed: int

    @classmethod
    def of(cls, trial, trials, seed, points, grid):
        """What a call asks for, if it makes sense for this trial."""
        trials = whole_number("trials", trials, least=1)
        seed = whole_number("seed", seed, least=0)
        grid = {name: _axis(name, values) for name, values in grid.items()}
        along = {} if points is None else _columns(trial, points, grid)
        if taken := OWN & {*along, *grid}:
            raise ValueError(
                f"unknown grid name {min(taken)!r}: it names a part of the result; "
                "call this argument of trial otherwise"
            )
        _names_fit(trial, [*along, *grid])
        return cls(along, grid, trials, seed)

    def jobs(self):
        """Setting and number of every trial, in the order of the array."""
        settings = [
            dict(zip([*self.along, *self.grid], [*point, *values], strict=True))
            for point in (zip(*_lists(self.along), strict=True) if self.along else [()])
            for values in itertools.product(*_lists(self.grid))
        ]
        return [(setting, t) for setting in settings for t in range(self.trials)]

    def names(self):
        """Name of every trial, in the order of the array."""
        return [key_of(setting, self.seed, t) for setting, t in self.jobs()]

    @property
    def front(self):
        """Length of each dimension before those that a trial returns."""
        points = {"point": len(next(iter(self.along.values())))} if self.along else {}
        return points | {name: len(values) for name, values in self.grid.items()}

    def coords(self):
        """Coordinates of points, of the grid and of the trials."""
        at = {name: ("point", values) for name, values in self.along.items()}
        return {**at, **self.grid, "trial": np.arange(self.trials)}

    def taken(self):
        """Names that a trial must not give to dimensions of its own."""
        return {*self.along, *self.front} | OWN

    def told(self):
        """Say it in words of JSON; `of_told` is the way back."""
        axes = [
            {name: [v.dtype.str, v.tolist()] for name, v in part.items()}
            for part in (self.along, self.grid)
        ]
        return {
            "along": axes[0],
            "grid": axes[1],
            "trials": self.trials,
            "seed": self.seed,
        }

    @classmethod
    def of_told(cls, told):
        """The plan that was told."""
        along, grid = (
            {name: np.array(v, dtype=kind) for name, (kind, v) in told[part].items()}
            for part in ("along", "grid")
        )
        return cls(along, grid, told["trials"], told["seed"])

    def assembled(self, results):
        """One array of all results, which must fit together."""
        first = results[0]
        self.fits_names([*first.dims, *first.coords])
        for result, (setting, t) in zip(results, self.jobs(), strict=True):
            if result.dims != first.dims or not result.coords.equals(first.coords):
                raise differing(_outline(result), _outline(first), setting, t)
        losses = np.stack([result.values for result in results])
        losses = losses.reshape(*self.front.values(), self.trials, *first.shape)
        return xr.DataArray(
            np.moveaxis(losses, len(self.front), -1),
            dims=[*self.front, *first.dims, "trial"],
            coords={**self.coords(), **first.coords},
            name="loss",
            attrs={"seed": self.seed},
        )

    def fits_names(self, names):
        """Complain if a trial returned a name that the grid has."""
        clash = [name for name in dict.fromkeys(names) if name in self.taken()]
        if clash:
            raise ValueError(f"trial returned the dimension {clash[0]!r}, a name taken")


def differing(found, first, setting, t):
    """The complaint that a trial returned something of another form."""
    return ValueError(
        "trial must return the same dimensions and coordinates everywhere; "
        f"trial {t} at {setting} returned {found}, not {first}"
    )


def _outline(result):
    """Dimensions and coordinates of a labelled result, for a message."""
    return {dim: result[dim].values.tolist() for dim in result.dims}


def _lists(columns):
    """Values as a trial gets them: numbers of Python."""
    return [values.tolist() for values in columns.values()]


def _columns(trial, points, grid):
    """Values of all points for each name."""
    try:
        rows = [row if isinstance(row, Mapping) else tuple(row) for row in points]
        rows = [] if any(isinstance(row, str) for row in points) else rows
    except TypeError:
        rows = []
    if not rows:
        raise ValueError(
            'points must be a sequence of settings, as [{"D": 64, "P": 16}, …], got '
            f"{points!r}"
        )
    free = [name for name in _arguments(trial) if name not in grid]
    named = [
        dict(row) if isinstance(row, Mapping) else dict(zip(free, row, strict=False))
        for row in rows
    ]
    names = list(named[0])
    for row, given in zip(named, rows, strict=True):
        if set(row) != set(names) or len(row) != len(given):
            raise ValueError(
                f"points must all have the names {names}, got {given!r}; "
                f"trial takes {', '.join(free) or '-'}"
            )
    if clash := set(names) & set(grid):
        raise ValueError(f"points and grid must not both give {sorted(clash)}")
    columns = {
        name: _axis(name, [row[name] for row in named], distinct=False)
        for name in names
    }
    if len(set(zip(*_lists(columns), strict=True))) < len(rows):
        raise ValueError(f"points must be distinct, got {points!r}")
    return columns


def _axis(name, values, *, distinct=True):
    """One axis of the grid: what the trial gets is what was given."""
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty(0)
    long = array.dtype.itemsize > 8 and array.dtype.kind == "f"
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "biufUO" or long:
        raise ValueError(
            f"{name} must be a 1-D sequence with at least one value, got {values!r}; "
            "for a fixed setting write a list of one value or use functools.partial"
        )
    kinds = {type(value).__name__ for value in values}
    if len(kinds) > 1 or array.dtype.kind == "O":
        raise ValueError(
            f"{name} must hold numbers, strings or booleans of one type, got {values!r}"
        )
    if kinds == {"int"} and array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold whole numbers of 64 bits, got {values!r}")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must hold finite values, got {values!r}")
    if distinct and len(set(array.tolist())) < array.size:
        raise ValueError(f"{name} must hold distinct values, got {array.tolist()}")
    return array


def _names_fit(trial, given):
    """Every name that is given is an argument of `trial`, and none is missing."""
    parameters = _parameters(trial)
    names = _arguments(trial)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters)
    unknown = [name for name in given if name not in names]
    if parameters and unknown and not open_ended:
        raise ValueError(
            f"unknown grid name {unknown[0]!r}; trial takes {', '.join(names) or '-'}"
        )
    missing = [
        p.name
        for p in parameters
        if p.name in names and p.default is p.empty and p.name not in given
    ]
    if missing:
        raise ValueError(f"the grid must give {missing[0]!r}, which trial requires")


def _arguments(trial):
    """Names of a trial's arguments after the first, which is rng."""
    named = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    return [p.name for p in _parameters(trial)[1:] if p.kind in named]


def _parameters(trial):
    """What a trial takes; nothing is known of a builtin without a signature."""
    function("trial", trial, of="(rng, **setting)")
    try:
        return list(inspect.signature(trial).parameters.values())
    except ValueError:  # calling it will tell
        return []
