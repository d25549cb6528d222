"""A disk that is full, or a file that must not grow: an error, and nothing is lost."""

import errno
import os
import subprocess
import sys

import numpy as np
import pytest
from thorough import long

from scalinglib.experiments import sweep

FULL = """
import resource, signal, sys
import xarray as xr
from scalinglib.experiments import sweep

def trial(rng, D):
    return xr.DataArray(rng.random({values}), dims="x")

def full(size):
    if size:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

full(int(sys.argv[2]))
loss = sweep.run(trial, trials=40, seed=0, D=[1], checkpoint=sys.argv[1])
print(loss.values.tobytes().hex())
"""


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 kB in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fills(folder, values, limit):
    """What a sweep says for which there is no room, and how many trials are kept."""
    program = FULL.format(values=values)
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run([*command, str(limit)], capture_output=True, text=True)
    assert done.returncode != 0
    assert "cannot be written" in done.stderr
    assert "all trials that were finished are kept" in done.stderr
    return [*command, "0"], done.stderr


@long
@pytest.mark.parametrize("values", [100, 5000])
def test_a_full_disk_loses_nothing(small_disk, values, tmp_path):
    """An error says so; with more room the same call goes on to the same numbers."""
    command, said = fills(small_disk / "kept", values, 0)
    assert os.strerror(errno.ENOSPC) in said
    before = sweep.read(small_disk / "kept")
    safe = int((before.state == "done").sum())
    assert 0 < safe < 40
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    resumed = subprocess.run(command, capture_output=True, text=True, check=True)
    command[3] = str(tmp_path / "fresh")
    fresh = subprocess.run(command, capture_output=True, text=True, check=True)
    assert resumed.stdout == fresh.stdout != ""
    after = sweep.read(small_disk / "kept").loss
    kept = before.state.values == "done"
    np.testing.assert_array_equal(
        after.values[..., kept[0]], before.loss.values[..., kept[0]]
    )


@long
def test_a_file_that_must_not_grow_loses_nothing(tmp_path):
    """Half a line that was written is taken back."""
    command, _ = fills(tmp_path / "kept", 100, 20_000)
    assert sweep.status(tmp_path / "kept").done > 3
    for file in (tmp_path / "kept").glob("*.jsonl"):
        assert file.read_bytes().endswith(b"\n")
    subprocess.run(command, capture_output=True, check=True)
    assert sweep.status(tmp_path / "kept").done == 40
