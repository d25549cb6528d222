r"""Run a random trial over a grid of settings, reproducibly and in parallel."""

import functools
import inspect
import itertools
import sys
import warnings
from collections.abc import Mapping

import joblib
import numpy as np
import xarray as xr
from threadpoolctl import ThreadpoolController
from tqdm import tqdm

from scalinglib._input import function, whole_number
from scalinglib.experiments.checkpoints import Checkpoint

__all__ = ["run"]


def run(trial, *, trials, seed, checkpoint=None, points=None, **grid):
    r"""Call ``trial(rng, **setting)`` for every setting of a grid, many times.

    Trial :math:`t` gets ``numpy.random.default_rng([seed, t])`` at *every* grid
    point. So the settings share random numbers, which makes their differences sharp,
    and no number depends on the rest of the grid, on how many trials there are, on
    their order or on the number of workers.

    Parameters
    ----------
    trial : callable
        ``trial(rng, **setting) -> loss``: a pure function of a
        :class:`numpy.random.Generator` and of one value for each name of the grid.
        It returns a number, or a :class:`xarray.DataArray` with named dimensions of
        its own where one computation serves many sizes (one factorisation, all D).
    trials : int
        Number of trials, at least 1.
    seed : int
        Not negative.
    checkpoint : path, optional
        A folder. A finished trial is written there at once, and read where it is
        there already: after a crash the same call goes on, and with more trials or
        points it does only these. Trials are known by code, setting and seed: see
        ``Checkpoint`` in the same room.
    points : sequence of dict or tuple, optional
        Settings that need not be a full grid, as ``[{"D": 64, "P": 16}, …]``; tuples
        are in the order of the trial's arguments. Each is run at every point of the
        grid.
    **grid : array_like
        One 1-D sequence of distinct values for each name.

    Returns
    -------
    xarray.DataArray
        The losses: the dimension ``point``, with a coordinate for each name, if there
        are points; one dimension for each name of the grid in the order given; then the
        dimensions that `trial` returned; then ``trial``.

    Raises
    ------
    ValueError
        If a name of the grid is not an argument of `trial`, a sequence is empty, not
        1-D or repeats a value, points repeat or have different names, `trials` or
        `seed` is not a whole number in range, or `checkpoint` is no folder.

    Warns
    -----
    RuntimeWarning
        If a loss is not finite. It is kept: a run that diverged is a result too.

    Notes
    -----
    Trials run through :class:`joblib.Parallel`, one after another unless you say
    otherwise: ``with joblib.parallel_config(n_jobs=2):`` uses two processes, and
    ``backend="dask"`` sends the same sweep to a cluster. Progress is shown on a
    terminal, nowhere else. Within a trial linear algebra has one thread: sums are then
    the same to the last bit on every number of cores, and small matrices are faster,
    for threads that wait for each other cost more than they save. Two processes make
    use of two cores. Streams of fixed length only: for numpy the keys ``[1]`` and
    ``[1, 0]`` are the same, so ``default_rng(seed)`` is the stream of trial 0.

    Examples
    --------
    >>> def spread_of_the_mean(rng, D):
    ...     return rng.standard_normal(D).mean() ** 2
    >>> loss = run(spread_of_the_mean, trials=2000, seed=0, D=[10, 100, 1000])
    >>> loss.dims, loss.shape
    (('D', 'trial'), (3, 2000))
    >>> (loss.mean("trial") * loss.D).round(1).values
    array([1., 1., 1.])

    Two sizes at once, on a line of constant D P:

    >>> line = [{"D": 64, "P": 16}, {"D": 32, "P": 32}]
    >>> run(lambda rng, D, P: D / P, trials=1, seed=0, points=line).dims
    ('point', 'trial')
    """
    trials = whole_number("trials", trials, least=1)
    seed = whole_number("seed", seed, least=0)
    grid = {name: _axis(name, values) for name, values in grid.items()}
    along = {} if points is None else _columns(trial, points, grid)
    _names_fit(trial, [*along, *grid])
    finished = None if checkpoint is None else Checkpoint(checkpoint, trial)

    settings = [
        dict(zip([*along, *grid], [*point, *values], strict=True))
        for point in (zip(*_lists(along), strict=True) if along else [()])
        for values in itertools.product(*_lists(grid))
    ]
    jobs = [(setting, t) for setting in settings for t in range(trials)]
    # The bar counts trials as they are handed out: not every backend of joblib can
    # tell which have come back.
    with _one_thread():  # for workers that are threads; others see to it themselves
        results = joblib.Parallel()(
            joblib.delayed(_call)(trial, seed, t, setting, finished)
            for setting, t in tqdm(jobs, disable=None)
        )
    return _assemble(results, jobs, along, grid, trials, seed)


def _call(trial, seed, t, setting, finished=None):
    """One trial, or what is kept of it; an error in it says where it happened."""
    if finished and (kept := finished.load(setting, seed, t)) is not None:
        return kept
    try:
        with _one_thread():
            result = trial(np.random.default_rng([seed, t]), **setting)
        if not isinstance(result, xr.DataArray):
            result = xr.DataArray(float(result))
        if finished:
            finished.save(setting, seed, t, result)
        return result
    except Exception as error:
        error.add_note(f"in trial {t} of seed {seed} at {setting}")
        raise


def _one_thread():
    """Context in which BLAS and OpenMP do not start threads."""
    return _thread_pools(len(sys.modules)).limit(limits=1)


@functools.lru_cache(maxsize=1)
def _thread_pools(modules):
    """Thread pools of the libraries loaded so far; `modules` says how many that are.

    To find them takes a millisecond, so they are looked for again only after imports.
    """
    return ThreadpoolController()


def _lists(columns):
    """Values as a trial gets them: numbers of Python."""
    return [values.tolist() for values in columns.values()]


def _columns(trial, points, grid):
    """Values of all points for each name."""
    try:
        rows = [row if isinstance(row, Mapping) else tuple(row) for row in points]
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


def _assemble(results, jobs, along, grid, trials, seed):
    """Stack the results, check that they fit together, name the dimensions."""
    first = results[0]
    taken = {*along, *grid, "trial"} | ({"point"} if along else set())
    clash = [n for n in {*first.dims, *first.coords} if n in taken]
    if clash:
        raise ValueError(f"trial returned the dimension {clash[0]!r}, a name taken")
    for result, (setting, t) in zip(results, jobs, strict=True):
        if result.dims != first.dims or not result.coords.equals(first.coords):
            raise ValueError(
                "trial must return the same dimensions and coordinates everywhere; "
                f"trial {t} at {setting} returned {_outline(result)}, "
                f"not {_outline(first)}"
            )
    losses = np.stack([result.values for result in results])
    _warn_not_finite(losses, jobs)
    shape = [len(values) for values in grid.values()]
    front = ["point"] if along else []
    if along:
        shape = [len(next(iter(along.values()))), *shape]
    losses = losses.reshape(*shape, trials, *first.shape)
    at = {name: ("point", values) for name, values in along.items()}
    return xr.DataArray(
        np.moveaxis(losses, len(shape), -1),
        dims=[*front, *grid, *first.dims, "trial"],
        coords={**at, **grid, **first.coords, "trial": np.arange(trials)},
        name="loss",
        attrs={"seed": seed},
    )


def _outline(result):
    """Dimensions and coordinates of a labelled result, for a message."""
    return {dim: result[dim].values.tolist() for dim in result.dims}


def _warn_not_finite(losses, jobs):
    bad = [job for job, loss in zip(jobs, losses, strict=True) if not _finite(loss)]
    if bad:
        setting, t = bad[0]
        warnings.warn(
            f"{len(bad)} of {len(jobs)} losses are not finite, the first in "
            f"trial {t} at {setting}; they are kept in the result",
            RuntimeWarning,
            stacklevel=4,
        )


def _finite(loss):
    return bool(np.all(np.isfinite(loss)))


def _axis(name, values, *, distinct=True):
    """One axis of the grid: what the trial gets is what was given."""
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty(0)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "biufUSO":
        raise ValueError(
            f"{name} must be a 1-D sequence with at least one value, got {values!r}; "
            "for a fixed setting write a list of one value or use functools.partial"
        )
    kinds = {type(value).__name__ for value in values}
    if len(kinds) > 1 or array.dtype.kind == "O":
        raise ValueError(
            f"{name} must hold numbers, strings or booleans of one type, got {values!r}"
        )
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
