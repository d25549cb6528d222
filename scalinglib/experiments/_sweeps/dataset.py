"""What a folder holds of a sweep, as arrays: also while the sweep still runs."""

import itertools
from pathlib import Path

import numpy as np
import xarray as xr
from xarray.backends import BackendArray, BackendEntrypoint
from xarray.core import indexing

from scalinglib.experiments._sweeps.checkpoint import State, values_of
from scalinglib.experiments._sweeps.identity import IDENTITY, folder_of
from scalinglib.experiments._sweeps.plan import Plan, differing, key_of


def as_dataset(state, plan):
    """Losses, states and seconds of all trials of a plan; nan for what is not there."""
    jobs = plan.jobs()
    found = [state.done.get(key_of(setting, plan.seed, t)) for setting, t in jobs]
    header = _shared_header(state, plan, found)
    values = {
        "loss": _losses(state, plan, found, header),
        "state": ([*plan.front, "trial"], _states(state, plan)),
        "seconds": ([*plan.front, "trial"], _seconds(plan, found)),
    }
    own = {
        name: (part["dims"], np.array(part["values"], dtype=part["dtype"]))
        for name, part in header["coords"].items()
    }
    whole = xr.Dataset(values, coords={**plan.coords(), **own})
    whole.loss.attrs["seed"] = plan.seed
    return whole


def _shared_header(state, plan, found):
    """Dimensions and coordinates of every result; of a number if there is none yet."""
    first = None
    for record, (setting, t) in zip(found, plan.jobs(), strict=True):
        header = record and state.header(record)
        if header and first is None:
            first = header
            plan.fits_names([*header["dims"], *header["coords"]])
        elif header and not _alike(header, first):
            raise differing(_told(header), _told(first), setting, t)
    return first or {"dims": [], "shape": [], "coords": {}, "dtype": "<f8"}


def _alike(header, first):
    """Whether dimensions and coordinates are equal, in value if not in type."""
    if any(header[k] != first[k] for k in ("dims", "shape")):
        return False
    coords = header["coords"], first["coords"]
    return coords[0].keys() == coords[1].keys() and all(
        part["dims"] == other["dims"] and _equal(part["values"], other["values"])
        for part, other in zip(*(c.values() for c in map(_sorted, coords)), strict=True)
    )


def _sorted(coords):
    return dict(sorted(coords.items()))


def _equal(values, others):
    """Equal, nan being equal to nan."""
    return values == others or repr(values) == repr(others)


def _told(header):
    """Dimensions and coordinates of a header, for a message."""
    numbered = {
        dim: {"values": [*range(size)]}
        for dim, size in zip(header["dims"], header["shape"], strict=True)
    }
    places = numbered | header["coords"]
    return {dim: places[dim]["values"] for dim in header["dims"]}


def _losses(state, plan, found, header):
    """The array of all results: in memory, or read when it is asked for."""
    kinds = {state.header(record)["dtype"] for record in found if record}
    kind = np.result_type(*map(np.dtype, kinds or {"<f8"}))
    if None in found and kind.kind in "biu":
        kind = np.dtype(float)
    kept = [record and (record, state.header(record)) for record in found]
    lazy = Results(state.folder, plan, kept, header["shape"], kind)
    dims = [*plan.front, *header["dims"], "trial"]
    if any(record and "file" in record for record in found):
        shared = indexing.CopyOnWriteArray(indexing.LazilyIndexedArray(lazy))
        whole = xr.Variable(dims, shared)
        ones = dict.fromkeys([*plan.front, "trial"], 1)
        own = dict(zip(header["dims"], header["shape"], strict=True))
        whole.encoding["preferred_chunks"] = ones | own
        return whole
    return dims, lazy.read(tuple(slice(None) for _ in lazy.shape))


def _states(state, plan):
    """In words, for each trial."""
    running = state.running()

    def word(key):
        if key in state.done:
            return "done"
        if key in running:
            return "running"
        return "failed" if key in state.failed else "waiting"

    words = [word(key_of(setting, plan.seed, t)) for setting, t in plan.jobs()]
    return np.array(words).reshape(*plan.front.values(), plan.trials)


def _seconds(plan, found):
    seconds = [record["seconds"] if record else np.nan for record in found]
    return np.reshape(seconds, (*plan.front.values(), plan.trials))


class Results(BackendArray):
    """Losses of a plan that are read from their files when they are asked for."""

    def __init__(self, folder, plan, found, own, dtype):
        """Records of all trials in order, with headers; None for what is not there."""
        front = tuple(plan.front.values())
        self.shape = (*front, *own, plan.trials)
        self.dtype = dtype
        self._folder, self._own = folder, tuple(own)
        self._found = np.empty(len(found), dtype=object)
        for i, kept in enumerate(found):  # a pair is no row of an array
            self._found[i] = kept
        self._found = self._found.reshape(*front, plan.trials)

    def __getitem__(self, key):
        """What xarray asks for."""
        outer = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, outer, self.read)

    def read(self, key):
        """Values at an index for each dimension: a number, a slice or an array."""
        axes = [np.arange(n)[k] for n, k in zip(self.shape, key, strict=True)]
        places = [np.atleast_1d(axis) for axis in axes]
        front = self._found.ndim - 1
        own = np.ix_(*places[front:-1])
        missing = np.nan if self.dtype.kind in "fc" else 0  # of these none is missing
        block = np.full([len(part) for part in places], missing, dtype=self.dtype)
        cells = [*places[:front], places[-1]]
        for out, at in zip(
            np.ndindex(*map(len, cells)), itertools.product(*cells), strict=True
        ):
            if kept := self._found[at]:
                values = values_of(self._folder, *kept)
                block[(*out[:-1], ..., out[-1])] = values[own] if self._own else values
        return block.reshape([len(axis) for axis in axes if np.ndim(axis)])


def last_plan(state):
    """What the last call asked for."""
    if not state.calls:
        raise ValueError(
            f"path {state.folder} holds no call of sweep.run yet: ask again soon"
        )
    return Plan.of_told(state.calls[-1]["plan"])


class SweepBackend(BackendEntrypoint):
    """Opens the folder of a sweep: ``xarray.open_dataset(folder)``."""

    description = "Open the checkpoint of scalinglib.sweep.run, also while it runs"

    def open_dataset(
        self,
        filename_or_obj,
        *,
        drop_variables=None,
        mask_and_scale=None,  # how other files are decoded does not matter here
        decode_times=None,
        decode_timedelta=None,
        use_cftime=None,
        concat_characters=None,
        decode_coords=None,
    ):
        """Losses, states and seconds of the last call."""
        state = State(folder_of(filename_or_obj))
        state.refresh()
        found = as_dataset(state, last_plan(state))
        return found.drop_vars(drop_variables or [], errors="ignore")

    def guess_can_open(self, filename_or_obj):
        """Whether it is such a folder."""
        try:
            return (Path(filename_or_obj) / IDENTITY).is_file()
        except TypeError:
            return False
