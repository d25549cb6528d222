r"""Results that take minutes are stored: they are read, and a part is run again.

`load` reads what a command makes (:mod:`scalinglib.experiments.results`), `run` the
sweeps of a chapter, and runs a trial again to compare.
"""

import json
import os
from importlib import resources
from pathlib import Path

import numpy as np
import xarray as xr

from scalinglib._input import above_zero
from scalinglib.experiments import results, sweep

__all__ = ["load", "peek", "run"]

#: Where the sweeps lie, a file for each.
FOLDER = resources.files("scalinglib") / "data" / "sweeps"

#: Names in this environment variable, or ``all``, are run as a whole and stored.
VARIABLE = "SCALINGLIB_STORE"


def load(name):
    """Result that ships with the package, as the command that makes it left it.

    Parameters
    ----------
    name : str
        Of `scalinglib.experiments.results.RESULTS`; on the command line ``python -m
        scalinglib.experiments list`` tells what there is.

    Returns
    -------
    DataArray or Dataset
        In double precision, with the attributes ``seed`` and ``command``.

    Raises
    ------
    ValueError
        If there is no result of this name.

    Examples
    --------
    >>> load("torus_networks").dims
    ('d', 'D', 'trial')
    """
    names = sorted(file.stem for file in results.FOLDER.glob("*.nc"))
    if not isinstance(name, str) or name not in names:
        raise ValueError(
            f"name must be one of {names}, got {name!r}; stored.run hands out sweeps"
        )
    return results.unpack((results.FOLDER / f"{name}.nc").read_bytes())


def run(name, trial, /, *, trials, seed, again=None, within=1e-4, **grid):
    r"""Result of a sweep that is stored, once its first trial has been run again.

    What is returned is what ``sweep.run(trial, trials=trials, seed=seed, **grid)``
    returns, in a fraction of its time: trial 0 at one point of the grid is run here and
    now and compared, the rest is read. That is a test of everything the trial uses,
    since no number of a sweep depends on its grid or on how many trials there are.

    Parameters
    ----------
    name : str
        Of the stored result.
    trial, trials, seed, **grid
        As in :func:`scalinglib.experiments.sweep.run`, which runs all of it anew.
    again : dict, optional
        The point of the grid that is run again, a value for each name; for names left
        out, and by default, the first value.
    within : float, default 1e-4
        Largest relative difference: more than rounding changes on another machine.

    Returns
    -------
    xarray.DataArray

    Raises
    ------
    ValueError
        If there is no such result; it has another grid, seed or number of trials; the
        trial that was run again is not what was stored; or `again` is not on the grid.

    Notes
    -----
    With the name, or ``all``, in the environment variable ``SCALINGLIB_STORE`` all of
    the sweep is run, and written in the place of what is stored:
    ``SCALINGLIB_STORE=all jupyter nbconvert --to notebook --execute CHAPTER.ipynb``
    makes all results of a chapter again.

    Examples
    --------
    Chapter 4's plane of 64 losses, of which one of twenty trials is run here:

    >>> from scalinglib.learners.random_features import teacher_student
    >>> lam = np.arange(1, 2001) ** -2.5
    >>> D, P = (np.geomspace(*ends, 8).round() for ends in ((16, 1000), (22, 960)))
    >>> def plane(rng):
    ...     return teacher_student(rng, spectrum=lam, D=D.astype(int), P=P.astype(int))
    >>> run("sixty_four", plane, trials=20, seed=0).sizes["trial"]
    20
    """
    within = above_zero("within", within)
    chosen = os.environ.get(VARIABLE, "").split()
    if name in chosen or "all" in chosen:
        result = sweep.run(trial, trials=trials, seed=seed, **grid)
        _file(name).write_text(json.dumps({"grid": [*grid]} | result.to_dict()) + "\n")
    found, names = _read(name)
    asked = {"seed": seed, "trials": trials, "grid": _listed(grid)}
    held = {
        "seed": found.attrs["seed"],
        "trials": found.sizes["trial"],
        "grid": _listed({name: found[name] for name in names}),
    }
    for what, value in asked.items():
        if value != held[what]:
            raise ValueError(
                f"{what} must be that of the stored {name!r}, {held[what]}, got "
                f"{value}; sweep.run runs what is not stored"
            )
    point = _point(again, grid)
    _compare(
        name,
        point,
        sweep.run(trial, trials=1, seed=seed, **{n: [v] for n, v in point.items()}),
        found.sel({n: [v] for n, v in point.items()}).isel(trial=[0]),
        within,
    )
    return found


def peek(name):
    """Sweep as it is stored, with nothing run again: for a picture that comes first.

    A page that opens with the result of an experiment has not yet said what the trial
    is. Where it says so, or where its chapter does, `run` holds a trial against it.

    Parameters
    ----------
    name : str
        Of the stored sweep, as for `run`.

    Returns
    -------
    xarray.DataArray
        What `run` returns.

    Raises
    ------
    ValueError
        If there is no such sweep.

    Examples
    --------
    >>> peek("learning_curve").dims
    ('D', 'trial')
    """
    return _read(name)[0]


def _point(again, grid):
    """One value for each name of the grid."""
    again = {} if again is None else dict(again)
    for name, value in again.items():
        if name not in grid or value not in list(grid[name]):
            raise ValueError(f"again must be on the grid, got {name} = {value!r}")
    return {name: again.get(name, next(iter(values))) for name, values in grid.items()}


def _compare(name, point, now, then, within):
    """Refuse what is not the same to a relative difference."""
    if now.dims != then.dims or not now.coords.equals(then.coords):
        raise ValueError(
            f"trial returns {dict(now.sizes)}, of the stored {name!r} it returned "
            f"{dict(then.sizes)}, or others of that shape; sweep.run runs it anew"
        )
    gap = np.abs(now - then).values
    bad = ~(gap <= within * np.abs(then.values))
    if bad.any():
        at = tuple(np.argwhere(bad)[0])
        raise ValueError(
            f"trial 0 at {point} gives {now.values[at]:.8g}, stored as {name!r} is "
            f"{then.values[at]:.8g}: the trial, or what it uses, has changed; "
            f"sweep.run runs it anew, {VARIABLE}={name!r} stores what it gives"
        )


def _listed(grid):
    return {name: np.asarray(values).tolist() for name, values in grid.items()}


def _file(name):
    return Path(str(FOLDER)) / f"{name}.json"


def _read(name):
    """The result, and which of its dimensions were the grid."""
    names = sorted(Path(file.name).stem for file in FOLDER.iterdir())
    if not isinstance(name, str) or name not in names:
        raise ValueError(
            f"name must be one of {names}, got {name!r}; "
            "sweep.run runs what is not stored"
        )
    content = json.loads(_file(name).read_text())  # text: exact, and comparable
    return xr.DataArray.from_dict(content), content["grid"]
