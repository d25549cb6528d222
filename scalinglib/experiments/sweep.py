r"""Run a random trial over a grid of settings, reproducibly and in parallel.

`run` does it. With a checkpoint every trial that was finished survives whatever happens
to the machine, `status` tells how far it is, `read` what there is of it so far, and
`adopt` that a trial which was changed still stands for what is kept.
"""

import warnings

import numpy as np

from scalinglib._input import whole_number
from scalinglib.experiments._sweeps.checkpoint import Checkpoint, State
from scalinglib.experiments._sweeps.dataset import as_dataset, last_plan
from scalinglib.experiments._sweeps.engine import finish, results_of
from scalinglib.experiments._sweeps.identity import adopted, claim, folder_of
from scalinglib.experiments._sweeps.outlook import Status, failures_of, outlook_of
from scalinglib.experiments._sweeps.plan import Plan
from scalinglib.experiments._sweeps.task import Task

__all__ = ["FailedTrials", "Status", "adopt", "read", "run", "status"]


class FailedTrials(RuntimeError):
    """Some trials of a sweep failed; all others are done and kept.

    Attributes
    ----------
    failures : list of dict
        As those of `Status`.
    """

    def __init__(self, message, failures=()):
        """Keep what failed."""
        super().__init__(message)
        self.failures = [*failures]

    def __reduce__(self):
        """Travel to other processes with what failed."""
        return type(self), (self.args[0], self.failures)


def run(trial, *, trials, seed, checkpoint=None, retry=0, points=None, **grid):
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
        A folder for this trial, made if it is not there, that all workers can write
        to. A trial that was finished is safe there: after ``kill -9``, a full disk or
        a loss of power the same call goes on, and with more trials or points it does
        only these. Processes that call this at the same time share the work.
    retry : int, default 0
        How often a trial that raises an error is tried again, with the same random
        numbers, before it has failed.
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
        dimensions that `trial` returned; then ``trial``. With a checkpoint, arrays of
        more than 4096 values a trial stay on disk until they are used.

    Raises
    ------
    ValueError
        If a name of the grid is not an argument of `trial`, a sequence is empty, not
        1-D or repeats a value, points repeat or have different names, `trials`, `seed`
        or `retry` is not a whole number in range, `checkpoint` is no folder, or holds
        the results of a trial that has changed since; the message says in what.
    FailedTrials
        If trials failed, once all others are done, with a checkpoint. Without one the
        first error ends the sweep, for nothing would be kept.
    OSError
        If the checkpoint cannot be written, as on a full disk. Nothing is lost.
    ConnectionError
        If the scheduler of a cluster is gone. Nothing is lost.

    Warns
    -----
    RuntimeWarning
        If a loss is not finite. It is kept: a run that diverged is a result too.

    Notes
    -----
    Trials run through :class:`joblib.Parallel`, one after another unless you say
    otherwise: ``with joblib.parallel_config(n_jobs=2):`` uses two processes, and
    ``backend="dask"`` sends the same sweep to a cluster. Progress is shown on a
    terminal and in a notebook, and not in logs. Within a trial linear algebra has one
    thread: sums are then the same to the last bit on every number of cores, and small
    matrices are faster, for threads that wait for each other cost more than they save.
    Two processes make use of two cores. Streams of fixed length only: for numpy the
    keys ``[1]`` and ``[1, 0]`` are the same, so ``default_rng(seed)`` is the stream of
    trial 0.

    A checkpoint knows its trial by its code, by the values that it closes over, by the
    variables and functions of your own that it names, and by theirs; modules of your
    own by their text, installed packages by name and version.

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

    Kept in a folder:

    >>> from tempfile import mkdtemp
    >>> folder = mkdtemp()
    >>> def noise(rng, D):
    ...     return rng.random() / D
    >>> kept = run(noise, trials=3, seed=0, D=[1, 2], checkpoint=folder)
    >>> print(status(folder))
    6 of 6 trials done, 0 running, 0 failed, 0 waiting
    """
    plan = Plan.of(trial, trials, seed, points, grid)
    retry = whole_number("retry", retry, least=0)
    if checkpoint is None:
        results = results_of(Task(trial, plan.seed, retry), plan)
        _warn_not_finite([_finite(result) for result in results], plan)
        return plan.assembled(results)
    kept = Checkpoint.of(*claim(checkpoint, trial))
    state, failed = finish(Task(trial, plan.seed, retry, kept), plan)
    if failed:
        raise _failed(state, plan, failed)
    _warn_not_finite([state.done[key]["finite"] for key in plan.names()], plan)
    return as_dataset(state, plan).loss


def read(path):
    """What there is of a sweep that is kept, also while it runs.

    The same as ``xarray.open_dataset(path)``.

    Parameters
    ----------
    path : path
        The folder given as ``checkpoint``.

    Returns
    -------
    xarray.Dataset
        Of what the last call asked for: ``loss`` as `run` returns it, nan where there
        is none yet; ``state`` of each trial, one of ``done``, ``running``, ``failed``
        and ``waiting``; and the ``seconds`` it took. Arrays of more than 4096 values a
        trial are read when they are used; with ``xarray.open_dataset(path, chunks={})``
        they are arrays of Dask, which may be larger than memory.

    Raises
    ------
    ValueError
        If there is no sweep, or one of its files is damaged.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = mkdtemp()
    >>> loss = run(lambda rng, D: 1 / D, trials=2, seed=0, D=[1, 4], checkpoint=folder)
    >>> found = read(folder)
    >>> found.loss.mean("trial").values, found.state.values.ravel()[0]
    (array([1.  , 0.25]), np.str_('done'))
    """
    state = _state_of(path)
    return as_dataset(state, last_plan(state))


def status(path):
    """How far a sweep is that is kept, and how long the rest will take.

    On the command line: ``scalinglib status FOLDER``.

    Parameters
    ----------
    path : path
        The folder given as ``checkpoint``.

    Returns
    -------
    Status
        Of what the last call asked for; ``print`` shows it in words.

    Raises
    ------
    ValueError
        If there is no sweep, or one of its files is damaged.

    Notes
    -----
    A trial runs if its process holds the lock of the file to which it writes. Where a
    file system has no locks (a few of networks, and Windows), what runs is told as
    waiting.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = mkdtemp()
    >>> loss = run(lambda rng, D: 1 / D, trials=2, seed=0, D=[1, 4], checkpoint=folder)
    >>> status(folder).done, status(folder).failures
    (4, [])
    """
    return outlook_of(_state_of(path))


def adopt(path, trial):
    """Say that a trial, though it was changed, would still return what is kept.

    So a sweep goes on after a change that its results do not depend on: a new version
    of a package, another name, a mistake mended that only the failed trials met.

    Parameters
    ----------
    path : path
        The folder given as ``checkpoint``.
    trial : callable
        As it is now.

    Raises
    ------
    ValueError
        If there is no sweep.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = mkdtemp()
    >>> loss = run(lambda rng: 1.0, trials=2, seed=0, checkpoint=folder)
    >>> adopt(folder, lambda rng: 2.0 / 2.0)
    >>> loss = run(lambda rng: 2.0 / 2.0, trials=2, seed=0, checkpoint=folder)
    """
    adopted(path, trial)


def _state_of(path):
    """What a folder holds now."""
    state = State(folder_of(path))
    state.refresh()
    return state


def _failed(state, plan, failed):
    """The error that says which trials failed, and what there is all the same."""
    failures = failures_of(plan, failed)
    first = failures[0]
    error = FailedTrials(
        f"{len(failures)} of {len(plan.jobs())} trials failed, the first in trial "
        f"{first['trial']} at {first['setting']}: {first['error']}. All others are "
        f"kept: sweep.read({str(state.folder)!r}) gives them, sweep.status(…).failures "
        "the tracebacks, and the same call tries those that failed again",
        failures,
    )
    error.add_note(first["traceback"])
    return error


def _warn_not_finite(finite, plan):
    """Say that losses are no numbers, and where the first is."""
    bad = [job for job, good in zip(plan.jobs(), finite, strict=True) if not good]
    if bad:
        setting, t = bad[0]
        warnings.warn(
            f"{len(bad)} of {len(finite)} losses are not finite, the first in "
            f"trial {t} at {setting}; they are kept in the result",
            RuntimeWarning,
            stacklevel=3,
        )


def _finite(result):
    return bool(np.all(np.isfinite(result.values)))
