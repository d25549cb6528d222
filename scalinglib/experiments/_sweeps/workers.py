"""Who runs the trials: this process, others, threads, or a cluster."""

import joblib

DASK = "DaskDistributedBackend"

#: What comes of a job whose workers were killed again and again.
LOST = "lost"


class WorkerLost(Exception):
    """A process that ran trials is no more, and nobody says which."""


def each(task, jobs):
    """Do a task for every job, and yield the job and what came of it as it comes.

    Jobs are taken from their iterator when a worker is nearly free for them. The
    setting of joblib decides who the workers are; with ``backend="dask"`` they are
    those of the cluster, without joblib, so that a lost scheduler is noticed.
    """
    backend, _ = joblib.parallel.get_active_backend()
    if type(backend).__name__ == DASK:
        from scalinglib.experiments._sweeps import cluster

        yield from cluster.each(backend.client, task, jobs)
        return
    streams = backend.supports_return_generator
    parallel = joblib.Parallel(return_as="generator_unordered" if streams else "list")
    try:
        yield from parallel(joblib.delayed(_done)(task, job) for job in jobs)
    except _lost() as error:
        raise WorkerLost from error


def _done(task, job):
    """The job and what came of it: results come back in any order."""
    return job, task(*job)


def _lost():
    """What joblib raises when a worker was killed."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return BrokenProcessPool
