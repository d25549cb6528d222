"""Finished trials on disk, so that a sweep that was cut off goes on where it stood."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import xarray as xr

from scalinglib.experiments._fingerprint import fingerprint

__all__ = ["Checkpoint"]


class Checkpoint:
    """A folder with one file for each finished trial of a function.

    A trial is known by the function's code, its setting and its seed. To the code
    belong the values that the function closes over, the variables and functions of
    your own that it names, and theirs. What it uses of installed packages is known by
    name and version.

    Parameters
    ----------
    folder : path
        Made if it does not exist; several sweeps may share it.
    trial : callable
        As `scalinglib.experiments.sweep.run` takes it.

    Raises
    ------
    ValueError
        If `folder` is a file, or the trial uses an object of which nobody can tell
        whether it has changed.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> finished = Checkpoint(mkdtemp(), lambda rng, D: D)
    >>> finished.save({"D": 3}, 0, 0, xr.DataArray(3.0))
    >>> finished.load({"D": 3}, 0, 0).item(), finished.load({"D": 4}, 0, 0)
    (3.0, None)
    """

    def __init__(self, folder, trial):
        """Make the folder, and find out what the trial is."""
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise ValueError(f"checkpoint must be a folder, got {folder}") from None
        self.trial = fingerprint(trial)

    def load(self, setting, seed, t):
        """Result of a trial, or None if there is none.

        Parameters
        ----------
        setting : dict
            What the trial was called with.
        seed, t : int
            Seed of the sweep, number of the trial.

        Returns
        -------
        DataArray or None

        Raises
        ------
        ValueError
            If the file is damaged.
        """
        file = self._file(setting, seed, t)
        if not file.exists():
            return None
        try:
            content = json.loads(file.read_text())["result"]
        except (ValueError, KeyError):
            raise ValueError(
                f"checkpoint holds a file that is no result, {file}: delete it"
            ) from None
        coords = {
            name: (part["dims"], _array(part))
            for name, part in content["coords"].items()
        }
        return xr.DataArray(_array(content), dims=content["dims"], coords=coords)

    def save(self, setting, seed, t, result):
        """Write a result: after a crash it is there as a whole or not at all.

        Parameters
        ----------
        setting, seed, t
            As in `load`.
        result : DataArray
        """
        content = {
            "setting": setting,
            "seed": seed,
            "trial": t,
            "result": _plain(result),
        }
        content["result"]["coords"] = {
            str(name): _plain(values) for name, values in result.coords.items()
        }
        file = self._file(setting, seed, t)
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(content, default=_number) + "\n")
        os.replace(part, file)

    def _file(self, setting, seed, t):
        known = json.dumps([self.trial, seed, t, setting], default=_number)
        return self.folder / f"{hashlib.sha256(known.encode()).hexdigest()[:32]}.json"


def _plain(array):
    """Numbers of an array as text holds them without loss, with their type."""
    values = {"dtype": array.dtype.str, "values": array.values.tolist()}
    return {"dims": list(array.dims), **values}


def _array(part):
    return np.array(part["values"], dtype=part["dtype"])


def _number(value):
    """Numbers of numpy as those of Python."""
    return value.item()
