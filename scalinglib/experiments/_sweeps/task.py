"""One trial, wherever it runs: its random numbers, its errors, its place on disk."""

import contextlib
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
        except (Exception, SystemExit) as error:
            told = traceback.TracebackException.from_exception(error)
            state.fail(key, _brief(told), "".join(told.format()))
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
            except (Exception, SystemExit) as error:
                if not again:
                    with contextlib.suppress(Exception):  # it may allow no notes
                        error.add_note(f"in trial {t} of seed {self.seed} at {setting}")
                    raise


def _brief(told):
    """Kind and message of an error, without its notes."""
    return next(told.format_exception_only()).strip().encode(errors="replace").decode()


def _labelled(result):
    """A number, or an array with names for its dimensions, of what can be kept."""
    if not isinstance(result, xr.DataArray):
        return xr.DataArray(float(result))
    kind, size = result.dtype.kind, result.dtype.itemsize
    if kind not in "biufc" or size > (16 if kind == "c" else 8):
        raise TypeError(f"trial must return numbers, got an array of {result.dtype}")
    for name, part in result.coords.items():
        plain = part.dtype.kind in "biufUmM" and part.dtype.itemsize <= 8
        if not plain and part.dtype.kind != "U" and not _words(part.values):
            raise TypeError(
                f"trial must return coordinates of numbers, times or words, got "
                f"{name!r} of {part.dtype}"
            )
    return result


def _words(values):
    return all(isinstance(value, str) for value in values.ravel().tolist())
