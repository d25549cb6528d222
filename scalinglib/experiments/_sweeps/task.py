"""One trial, wherever it runs: its random numbers, its errors, its place on disk."""

import dataclasses
import time
import traceback
from collections.abc import Callable

import numpy as np
import xarray as xr

from scalinglib.experiments._sweeps.checkpoint import Checkpoint
from scalinglib.experiments._sweeps.plan import key_of
from scalinglib.experiments._sweeps.threads import one_thread


@dataclasses.dataclass(frozen=True)
class Task:
    """What a worker does with a setting and the number of a trial."""

    trial: Callable
    seed: int
    retry: int = 0
    kept: Checkpoint | None = None

    def __call__(self, setting, t):
        """Result of the trial; with a checkpoint only whether it is kept there.

        That is ``"done"``, ``"failed"``, or ``"busy"`` if another process runs it.
        """
        if self.kept is None:
            return self._result(setting, t)
        key, state = key_of(setting, self.seed, t), self.kept.state
        # A worker that was lost may have finished it; on a large cluster to look
        # takes long, so it takes at most a fiftieth of the time.
        state.refresh(pause=50)
        if key in state.done:
            return "done"
        if state.busy(key):
            return "busy"
        state.begin(key)
        began = time.perf_counter()
        try:
            result = self._result(setting, t)
        except Exception as error:
            told = "".join(traceback.format_exception(error))
            state.fail(key, f"{type(error).__name__}: {error}", told)
            return "failed"
        state.finish(key, result, time.perf_counter() - began)
        return "done"

    def _result(self, setting, t):
        """Result of the trial; the error of its last try says where it happened."""
        for again in range(self.retry, -1, -1):
            try:
                with one_thread():
                    rng = np.random.default_rng([self.seed, t])
                    result = self.trial(rng, **setting)
                return _labelled(result)
            except Exception as error:
                if not again:
                    error.add_note(f"in trial {t} of seed {self.seed} at {setting}")
                    raise


def _labelled(result):
    """A number, or an array with names for its dimensions, of numbers."""
    if not isinstance(result, xr.DataArray):
        return xr.DataArray(float(result))
    if result.dtype.kind not in "biufc":
        raise TypeError(f"trial must return numbers, got an array of {result.dtype}")
    return result
