"""How far a sweep is, and how long the rest will take."""

import dataclasses
import datetime

import numpy as np

from scalinglib.experiments._sweeps.dataset import last_plan
from scalinglib.experiments._sweeps.plan import key_of


@dataclasses.dataclass(frozen=True)
class Status:
    """How many trials of a sweep are done, run, failed and wait, and for how long.

    Attributes
    ----------
    trials, done, running, failed, waiting : int
        The first is the sum of the others. A trial that was cut off waits.
    seconds : float
        What the trials that wait or run would take one after another; nan if none is
        done yet. It grows with the sizes of the setting as those that are done did.
    left : float
        Seconds until the end with as many trials at a time as run now; nan if none
        runs.
    failures : list of dict
        For each trial that failed ``setting``, ``trial``, ``error`` and ``traceback``.
    """

    trials: int
    done: int
    running: int
    failed: int
    waiting: int
    seconds: float
    left: float
    failures: list = dataclasses.field(repr=False, default_factory=list)

    def __str__(self):
        """In a line or two, and a line for each failure."""
        told = (
            f"{self.done} of {self.trials} trials done, {self.running} running, "
            f"{self.failed} failed, {self.waiting} waiting"
        )
        if np.isfinite(self.left):
            told += f"; about {_clock(self.left)} left"
        elif self.waiting and np.isfinite(self.seconds):
            told += f"; nobody works on it: about {_clock(self.seconds)} for one worker"
        return "\n".join(
            [told]
            + [
                f"  trial {f['trial']} at {f['setting']}: {f['error']}"
                for f in self.failures
            ]
        )


def outlook_of(state):
    """Status of what the last call asked for."""
    plan = last_plan(state)
    jobs = {key_of(setting, plan.seed, t): (setting, t) for setting, t in plan.jobs()}
    done = {key for key in jobs if key in state.done}
    running = state.running() & set(jobs) - done
    failed = {key for key in jobs if key in state.failed} - running
    over = done | failed
    rest = [key for key in jobs if key not in over]
    known = [(jobs[key][0], state.done[key]["seconds"]) for key in jobs if key in done]
    expected = _expected(known, [jobs[key][0] for key in rest])
    half = np.where([key in running for key in rest], 0.5, 1.0)
    seconds = float(np.sum(expected * half)) if known or not rest else np.nan
    return Status(
        trials=len(jobs),
        done=len(done),
        running=len(running),
        failed=len(failed),
        waiting=len(rest) - len(running),
        seconds=seconds,
        left=seconds / len(running) if running else np.nan,
        failures=failures_of(plan, {key: state.failed[key] for key in failed}),
    )


def failures_of(plan, failed):
    """Setting, trial, error and traceback of records of failure, in order."""
    return [
        {"setting": setting, "trial": t}
        | {name: failed[key][name] for name in ("error", "traceback")}
        for key, (setting, t) in zip(plan.names(), plan.jobs(), strict=True)
        if key in failed
    ]


def _expected(known, asked):
    """Seconds at settings, by a power law of the sizes in what is known.

    The law is fitted to logarithms by least squares; sizes that do not vary yet add
    nothing, and a setting that was seen takes what it took.
    """
    if not known or not asked:
        return np.zeros(len(asked))
    settings = [setting for setting, _ in known]
    names = [
        name
        for name in settings[0]
        if all(_is_size(setting[name]) for setting in [*settings, *asked])
    ]
    seconds = np.log(np.maximum([took for _, took in known], 1e-6))
    design, wanted = (
        np.array([[1.0, *(np.log(s[name]) for name in names)] for s in rows])
        for rows in (settings, asked)
    )
    law = np.linalg.lstsq(_centred(design, design), seconds - seconds.mean())[0]
    guess = np.exp(seconds.mean() + _centred(wanted, design) @ law)
    seen = {}
    for setting, took in known:
        seen.setdefault(repr(setting), []).append(took)
    means = {setting: np.mean(took) for setting, took in seen.items()}
    return np.array(
        [
            means.get(repr(setting), value)
            for setting, value in zip(asked, guess, strict=True)
        ]
    )


def _centred(design, by):
    return design - by.mean(axis=0)


def _is_size(value):
    return not isinstance(value, bool | str) and value > 0


def _clock(seconds):
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.2g} s"
    return str(datetime.timedelta(seconds=round(seconds)))
