"""What is known of a sweep that is kept in a folder, and how it gets there."""

import contextlib
import dataclasses
import functools
import hashlib
import io
import json
import os
import secrets
import socket
import threading
import time
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np

from scalinglib.experiments._sweeps import journal
from scalinglib.experiments._sweeps.identity import identity_of

#: More values than these of one trial lie in a file of their own, and are read lazily.
INLINE = 4096


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A folder as one call of a sweep sees it, here and in its workers.

    It travels to them as an address. `run` is the call's own word: each process of
    the call writes a journal of its own, and none that another call has written.
    """

    folder: Path
    identity: str
    run: str

    @property
    def state(self):
        """What this process knows of the folder."""
        return _state(self.folder, self.identity, self.run, os.getpid())

    @classmethod
    def of(cls, folder, identity):
        """The folder of a trial, for one call."""
        return cls(folder, identity, secrets.token_hex(8))

    def here(self):
        """Complain if this process does not see the folder: it may be elsewhere."""
        found = identity_of(self.folder)
        if not found or found["fingerprint"] != self.identity:
            raise OSError(
                f"checkpoint {self.folder} is not there for a worker on "
                f"{socket.gethostname()}: give a folder that all machines share"
            )


@functools.lru_cache(maxsize=16)
def _state(folder, identity, run, process):
    """One for each call and process: what is no longer used is closed."""
    state = State(folder)
    Checkpoint(folder, identity, run).here()
    return state


class State:
    """Trials that are done, failed and begun, as the journals of a folder tell."""

    def __init__(self, folder):
        """Know nothing yet, and write nothing before there is something to tell."""
        self.folder = Path(folder)
        self.done, self.failed, self.calls = {}, {}, []
        self._begun = defaultdict(set)
        self._headers, self._told = {}, set()
        self._read = {}
        self._own = None
        self._turn = threading.RLock()
        self._again = 0.0

    def refresh(self, *, pause=0.0):
        """Read what was written since; not if `pause` times as long has not passed."""
        with self._turn:
            began = time.perf_counter()
            if pause and began < self._again:
                return
            for path in sorted(self.folder.glob(journal.PATTERN)):
                start = self._read.get(path.name, 0)
                own = self._own and path == self._own.path
                if own or path.stat().st_size == start:
                    continue
                found, self._read[path.name] = journal.records_in(path, start)
                for record in found:
                    self._learn(record, path.name)
            ended = time.perf_counter()
            self._again = ended + pause * (ended - began)

    def _learn(self, record, writer):
        """Take in one record of a journal."""
        kind, key = next(iter(record.items()))
        if kind == "call":
            self.calls.append(record)
            self.calls.sort(key=lambda call: call["call"])
        elif kind == "header":
            self._headers[key] = record
        elif kind == "begun":
            self._begun[key].add(writer)
        else:
            self._begun[key].discard(writer)
            if kind == "done" and record["header"] in self._headers:
                self.done.setdefault(key, record)
                self.failed.pop(key, None)
            elif kind == "failed" and key not in self.done:
                latest = max(record, self.failed.get(key, record), key=_when)
                self.failed[key] = latest

    def busy(self, key):
        """Whether a process that still runs has begun a trial and not ended it."""
        with self._turn:
            writers = [*self._begun.get(key, ())]
        return any(map(self._alive, writers))

    def cut_off(self):
        """Trials that were begun by processes which are no more."""
        with self._turn:
            begun = {key for key, writers in self._begun.items() if writers}
        return {key for key in begun if not self.busy(key)}

    def forget_cut_off(self):
        """Take those for trials that nobody has begun; return them."""
        found = self.cut_off()
        for key in found:
            self._begun[key].clear()
        return found

    def running(self):
        """Trials that are run now, by whomever."""
        with self._turn:
            begun = [*self._begun]
        return {key for key in begun if self.busy(key)}

    def _alive(self, writer):
        if self._own and writer == self._own.path.name:
            return True
        return journal.alive(self.folder / writer)

    def write(self, record, *, synced=True):
        """Write a record down; once this returns it is there."""
        with self._turn:
            try:
                self._own = self._own or journal.Journal(self.folder)
                self._own.append(record, synced=synced)
            except OSError as error:
                raise self._full(error) from error
            self._learn(record, self._own.path.name)
            if synced:  # who keeps what was read of a folder asks when it changed
                with contextlib.suppress(OSError):
                    os.utime(self.folder)

    def close(self):
        """Write no more: whatever this process had begun, it no longer runs."""
        with self._turn:
            if self._own:
                self._read[self._own.path.name] = self._own.length
                self._own.close()
                self._own, self._told = None, set()

    def _full(self, error):
        """That nothing more can be written, what is safe, and what to do."""
        return type(error)(
            error.errno,
            f"checkpoint {self.folder} cannot be written ({error.strerror or error}); "
            "all trials that were finished are kept: mend that, and the same call "
            "goes on from there",
        )

    def call(self, told, idle):
        """Say what is asked for; a call that has nothing to do adds nothing."""
        if idle and self.calls and self.calls[-1]["plan"] == told:
            return
        number = 1 + max((call["call"] for call in self.calls), default=0)
        self.write({"call": number, "plan": told, "at": time.time()})

    def begin(self, key):
        """Say that this process runs a trial now."""
        self.write({"begun": key, "at": time.time()}, synced=False)

    def fail(self, key, error, traceback):
        """Write down why a trial failed."""
        told = {"failed": key, "error": error, "traceback": traceback}
        self.write(told | {"at": time.time()})

    def finish(self, key, result, seconds):
        """Write down a result, a DataArray."""
        record = {"done": key, "seconds": round(seconds, 6)}
        record["header"] = self._header(result)
        record["finite"] = bool(np.all(np.isfinite(result.values)))
        plain = result.dtype.kind in "biuf" and result.dtype.itemsize <= 8
        if plain and result.size <= INLINE:
            record["values"] = result.values.tolist()
        else:
            packed = _packed(result)
            record["file"] = f"{_short(key)}.npy"
            record["size"], record["crc"] = len(packed), zlib.crc32(packed)
            try:
                journal.write_whole(self.folder / record["file"], packed)
            except OSError as error:
                raise self._full(error) from error
        self.write(record)

    def _header(self, result):
        """Name of what all results share: dimensions, coordinates, type."""
        told = {
            "dims": list(result.dims),
            "shape": list(result.shape),
            "dtype": result.dtype.str,
            "coords": {
                str(name): {
                    "dims": list(part.dims),
                    "dtype": part.dtype.str,
                    "values": _listed(part.values),
                }
                for name, part in result.coords.items()
            },
        }
        name = _short(json.dumps(told))
        if name not in self._told:  # in each journal: none needs another to be read
            self.write({"header": name} | told)
            self._told.add(name)
        return name

    def header(self, record):
        """Dimensions, coordinates and type of what a trial returned."""
        return self._headers[record["header"]]

    def mislaid(self):
        """Take results whose file is gone or cut for not done; return their names."""
        found = {key for key, record in self.done.items() if not self._there(record)}
        for key in found:
            del self.done[key]
        return found

    def _there(self, record):
        """Whether a result is all there, as far as sizes tell."""
        try:
            size = (self.folder / record["file"]).stat().st_size
        except KeyError:
            return True  # it is in the journal
        except OSError:
            return False
        return size == record["size"]


def values_of(folder, record, header):
    """Values that a trial returned, of the folder and of a record in it."""
    if "values" in record:
        values = np.array(record["values"], dtype=header["dtype"])
        return values.reshape(header["shape"])
    path = folder / record["file"]
    try:
        packed = path.read_bytes()
    except OSError as error:
        packed, why = b"", error.strerror
    else:
        why = "it is not what was written"
    if len(packed) != record["size"] or zlib.crc32(packed) != record["crc"]:
        raise ValueError(
            f"checkpoint has lost {path} ({why}): delete what is left of it, and the "
            "same call runs that trial again"
        )
    return np.load(io.BytesIO(packed), allow_pickle=False)


def _listed(values):
    """Values as a list of JSON; times as whole numbers of their unit."""
    return (values.view("i8") if values.dtype.kind in "mM" else values).tolist()


def _when(record):
    return record["at"]


def _packed(result):
    """Bytes of an array as numpy saves it; its own way to a file hides why it fails."""
    packed = io.BytesIO()
    np.save(packed, result.values, allow_pickle=False)
    return packed.getbuffer()


def _short(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]
