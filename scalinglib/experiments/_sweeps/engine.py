"""All trials of a plan, from the first to the last, whatever happens to workers."""

import collections
import time

from scalinglib.experiments._sweeps import workers
from scalinglib.experiments._sweeps.plan import key_of
from scalinglib.experiments._sweeps.progress import bar_of
from scalinglib.experiments._sweeps.threads import one_thread

#: How often a worker may be lost with a trial until that trial is the one to blame.
DEATHS = 3

PAUSE = 0.2  # seconds between two looks at what other processes do

LOST = "the process that ran it was lost each time: killed, or out of memory?"


def results_of(task, plan):
    """Result of every trial in order; the first error ends it."""
    jobs, found = plan.jobs(), {}
    with one_thread(), bar_of(len(jobs), 0) as bar:
        try:
            for (setting, t), result in workers.each(task, jobs):
                if result is workers.LOST:
                    raise workers.WorkerLost
                found[key_of(setting, plan.seed, t)] = result
                bar.update()
        except workers.WorkerLost as error:
            raise RuntimeError(
                "a process that ran trials was lost (killed, or out of memory?) and "
                "with it all that was done: with checkpoint=… a sweep survives that"
            ) from error
    return [found[key_of(setting, plan.seed, t)] for setting, t in jobs]


def finish(task, plan):
    """Do what is not yet done of a plan that is kept; return it, and what failed."""
    state = task.kept.state
    try:
        return state, _failures(task, plan, state)
    finally:
        state.close()


def _failures(task, plan, state):
    """Records of the trials that failed, by name, once all others are done."""
    jobs = {key_of(setting, plan.seed, t): (setting, t) for setting, t in plan.jobs()}
    state.refresh()
    state.mislaid()
    state.forget_cut_off()
    state.call(plan.told(), {*jobs} <= {*state.done})
    earlier = dict(state.failed)
    deaths = collections.Counter()

    def failed():
        return {k for k, told in state.failed.items() if told is not earlier.get(k)}

    with one_thread(), bar_of(len(jobs), len(jobs.keys() & state.done.keys())) as bar:
        while True:
            over = state.done.keys() | failed()
            rest = [key for key in jobs if key not in over]
            bar.update(len(jobs) - len(rest) - bar.n)
            if not rest:
                lost = [key for key in jobs if key not in state.done]
                return {key: state.failed[key] for key in lost}
            ready = _ready(rest, state, deaths)
            if ready:
                _round(task, (jobs[key] for key in ready), state, deaths, bar)
            else:  # other processes run all that is left
                time.sleep(PAUSE)
            state.refresh()


def _ready(keys, state, deaths):
    """Trials that nobody runs; one with which workers were lost comes last, alone."""
    ready = [key for key in keys if not state.busy(key)]
    safe = [key for key in ready if deaths[key] < DEATHS - 1]
    return safe or ready[:1]


def _round(task, jobs, state, deaths, bar):
    """Hand trials out, and see what comes of them."""
    try:
        for (setting, t), outcome in workers.each(task, _fresh(task, jobs, state)):
            bar.update(outcome != "busy")
            if outcome is workers.LOST:
                _blame(key_of(setting, task.seed, t), state, deaths, DEATHS - 1)
    except workers.WorkerLost:
        state.refresh()
        for key in state.forget_cut_off():
            _blame(key, state, deaths, 1)


def _fresh(task, jobs, state):
    """Trials that nobody else has done in the meantime."""
    for setting, t in jobs:
        state.refresh(pause=50)
        if key_of(setting, task.seed, t) not in state.done:
            yield setting, t


def _blame(key, state, deaths, times):
    """Note that a worker was lost with a trial; too often, and the trial has failed."""
    deaths[key] += times
    if deaths[key] >= DEATHS and key not in state.done:
        state.fail(key, LOST, LOST)
