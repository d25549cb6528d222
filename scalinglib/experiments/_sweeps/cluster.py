"""Trials on a cluster of Dask: streamed in, streamed out, nothing waits for ever."""

import contextlib
import functools
import pickle
import secrets
import time

import cloudpickle
from distributed import CancelledError, wait
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from scalinglib.experiments._sweeps import workers

#: Trials that are with the cluster at a time, for each of its threads: one runs, and
#: those behind it make up for the way to the client and back.
AHEAD = 4

PATIENCE = 1.0  # seconds between two looks whether scheduler and workers are there


def each(client, task, jobs):
    """As `scalinglib.experiments._sweeps.workers.each`, with a client of Dask.

    The task, which may hold much, goes to the scheduler once, and from there to every
    worker that lacks it, also to those that come later.
    """
    word, jobs = secrets.token_hex(8), enumerate(jobs)
    shared = client.submit(bytes, cloudpickle.dumps(task), key=f"trial-{word}")
    going, room, look = {}, 0, 0.0
    try:
        while True:
            if time.monotonic() > look:
                room = _room(client)
                look = time.monotonic() + PATIENCE
            while len(going) < room and (job := next(jobs, None)):
                key = f"sweep-{word}-{job[0]}"
                future = client.submit(_done, shared, job[1], key=key, pure=False)
                going[future] = job[1]
            if not going:
                return
            ended = _ended([*going])
            results = _results(client, ended, fetch=task.kept is None)
            for future, result in zip(ended, results, strict=True):
                yield going.pop(future), result
    except (CommClosedError, CancelledError):
        raise _gone() from None
    finally:
        with contextlib.suppress(CommClosedError, TimeoutError):
            if client.status == "running":
                client.cancel([shared, *going], force=True)


def _ended(futures):
    """Those that have ended, once there is one or a while has passed."""
    try:
        return wait(futures, timeout=PATIENCE, return_when="FIRST_COMPLETED").done
    except TimeoutError:
        return ()


def _room(client):
    """How many trials may be with the cluster now: workers come and go."""
    comm = getattr(client.scheduler_comm, "comm", None)
    if client.status != "running" or comm is None or comm.closed():
        raise _gone()
    try:
        return max(1, AHEAD * sum(client.nthreads().values()))
    except OSError:
        raise _gone() from None


def _gone():
    return ConnectionError(
        "the scheduler of the cluster is gone; with checkpoint=… every trial that was "
        "finished is kept: start a cluster, and the same call goes on from there"
    )


def _results(client, futures, *, fetch):
    """What came of them; `LOST` if workers died with it each time.

    What is kept lies in its folder, and to fetch that it does would cost as much as
    all the rest.
    """
    if any(future.status in ("cancelled", "lost") for future in futures):
        raise _gone()
    good = [future for future in futures if future.status == "finished"]
    found = dict(zip(good, client.gather(good), strict=True)) if fetch else {}
    found = dict.fromkeys(good) | found
    return [found[f] if f in found else _failure(f) for f in futures]


def _failure(future):
    """What did not end well: raise its error, or say that its workers died."""
    try:
        return future.result()
    except KilledWorker:
        return workers.LOST


def _done(packed, job):
    """Do a job where the task is known."""
    return _unpacked(packed)(*job)


@functools.lru_cache(maxsize=4)
def _unpacked(packed):
    return pickle.loads(packed)
