"""A kept sweep says how far it is, why trials failed, and whether they are the same."""

import contextlib
import json
import os
import pickle
import subprocess
import sys
import time
from functools import partial

import joblib
import numpy as np
import pytest
import xarray as xr
from thorough import exhaustive, long
from typer.testing import CliRunner

from scalinglib.cli.sweeps import app
from scalinglib.experiments import sweep
from scalinglib.experiments._sweeps import checkpoint, identity, journal

OFFSET = 1.0


def shift(x):
    """What the trial uses."""
    return x + OFFSET


def noisy(rng, D, scale=2.0):
    """A loss."""
    return scale * shift(rng.random()) / D


def moody(rng, D, log, cured):
    """A trial that fails at D = 2 until a file says that all is well."""
    with open(log, "a") as file:
        file.write(f"{D}\n")
    if D == 2 and not os.path.exists(cured):
        raise ZeroDivisionError("of all things")
    return rng.random() / D


@pytest.fixture
def failing(tmp_path):
    """A call of which a third of the trials fail, and where it tells what it does."""
    trial = partial(moody, log=str(tmp_path / "log"), cured=str(tmp_path / "cured"))
    call = partial(sweep.run, trial, seed=1, D=[1, 2, 3], checkpoint=tmp_path / "kept")
    return call, tmp_path / "kept", tmp_path / "log", tmp_path / "cured"


@long
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_rest_goes_on(failing, jobs):
    """What failed is told with its place and traceback, once all others are done."""
    call, folder, log, cured = failing
    with joblib.parallel_config(n_jobs=jobs), pytest.raises(sweep.FailedTrials) as told:
        call(trials=2, retry=2)
    assert "2 of 6 trials failed, the first in trial 0 at {'D': 2}" in str(told.value)
    assert "ZeroDivisionError: of all things" in str(told.value)
    assert sorted(log.read_text().split()) == [*"11", *"222222", *"33"]
    found = sweep.status(folder)
    assert (found.done, found.failed, found.running, found.waiting) == (4, 2, 0, 0)
    assert found.failures == told.value.failures
    assert [f["trial"] for f in found.failures] == [0, 1]
    assert 'raise ZeroDivisionError("of all things")' in found.failures[0]["traceback"]
    assert "in trial 0 of seed 1 at {'D': 2}" in found.failures[0]["traceback"]
    assert pickle.loads(pickle.dumps(told.value)).failures == found.failures

    part = sweep.read(folder)
    assert part.state.sel(D=2).values.tolist() == ["failed", "failed"]
    assert np.isnan(part.loss.sel(D=2)).all()
    assert np.isfinite(part.loss.sel(D=[1, 3])).all()

    cured.touch()
    log.write_text("")
    whole = call(trials=2)
    assert log.read_text().split() == [*"22"]
    plain = sweep.run(lambda rng, D: rng.random() / D, trials=2, seed=1, D=[1, 2, 3])
    xr.testing.assert_identical(whole, plain)
    assert sweep.status(folder).failures == []


def test_an_error_ends_a_sweep_that_is_not_kept(failing):
    """After the tries that were asked for, and with the place of the error."""
    call, _, log, _ = failing
    with pytest.raises(ZeroDivisionError) as told:
        call(trials=1, checkpoint=None, retry=1)
    assert told.value.__notes__ == ["in trial 0 of seed 1 at {'D': 2}"]
    assert log.read_text().split() == [*"122"]


@pytest.mark.parametrize("retry", [-1, 1.5, "2", True, None])
def test_retry_is_a_count(retry, tmp_path):
    """Whole, and not below zero."""
    with pytest.raises(ValueError, match="retry must be"):
        sweep.run(noisy, trials=1, seed=0, D=[1], retry=retry)


def exec_trial(text):
    """A trial of which no source is kept."""
    space = {}
    exec(text, space)
    return space["trial"]


def closing(factor):
    """A trial that closes over something."""
    return lambda rng: factor


class Model:
    """Something of the user's."""

    def __init__(self, width):
        self.width = width


def long_one(rng):
    """A trial that will be edited."""
    first = rng.random()
    return first + 1


def long_edited(rng):
    """A trial that will be edited."""
    first = rng.random()
    return first + 2


long_edited.__name__ = long_edited.__qualname__ = "long_one"

CHANGES = {
    "argument": (
        partial(noisy, scale=2.0, D=1),
        partial(noisy, scale=3.0, D=1),
        r"argument scale of trial: 2\.0 → 3\.0",
    ),
    "closure": (closing(1.5), closing(2.5), r"factor: 1\.5 → 2\.5"),
    "array": (
        closing(np.arange(3)),
        closing(np.arange(3) + 1),
        r"factor: array int64 \(3,\) \[0, 1, 2\].* → array int64 \(3,\) \[1, 2, 3\]",
    ),
    "deep in an array": (
        closing(np.arange(500)),
        closing(np.r_[:400, 0, 401:500]),
        r"factor: array .* #\w+ → array .* #\w+",
    ),
    "object": (
        closing(Model(3)),
        closing(Model(4)),
        r"factor: <\S+Model object> #\w+ → <",
    ),
    "source": (
        long_one,
        long_edited,
        r"trial:\n(.*\n)+ +-    return first \+ 1\n +\+    return first \+ 2",
    ),
    "no source": (
        exec_trial("def trial(rng): return 1"),
        exec_trial("def trial(rng): return 2"),
        "trial: code",
    ),
    "package": (np.sin, np.cos, r"trial: sin|trial: <ufunc 'sin'> .*→ <ufunc 'cos'>"),
    "another": (closing(1), closing(np.mean), r"factor: 1 → mean numpy"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_trial_is_refused(change, tmp_path):
    """With what changed, and the ways on; nothing is run or written."""
    before, after, told = change
    identity.claim(tmp_path, before)
    there = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=f"results of another trial.*\n.*{told}") as e:
        identity.claim(tmp_path, after)
    assert "Give another folder" in str(e.value)
    assert "0x" not in str(e.value)  # no addresses: they say nothing
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == there
    sweep.adopt(tmp_path, after)
    identity.claim(tmp_path, after)
    with pytest.raises(ValueError, match="results of another trial"):
        identity.claim(tmp_path, before)


def test_what_a_trial_names_is_compared(tmp_path, monkeypatch):
    """A global of a helper's; and an adopted trial runs nothing again."""
    given = {"trials": 2, "seed": 0, "D": [1, 2], "checkpoint": tmp_path}
    first = sweep.run(noisy, **given)
    monkeypatch.setitem(globals(), "OFFSET", 3.0)
    with pytest.raises(ValueError, match=r"OFFSET: 1\.0 → 3\.0"):
        sweep.run(noisy, **given)
    sweep.adopt(tmp_path, noisy)
    xr.testing.assert_identical(sweep.run(noisy, **given), first)


def test_a_folder_of_another_kind_is_refused(tmp_path):
    """To be read, told of or adopted; and one of a format to come."""
    for ask in (sweep.read, sweep.status, partial(sweep.adopt, trial=noisy)):
        with pytest.raises(ValueError, match=r"path must be a folder that sweep\.run"):
            ask(tmp_path)
    (tmp_path / "trial.json").write_text('{"format": 99}')
    with pytest.raises(ValueError, match="which this version did not write"):
        sweep.run(noisy, trials=1, seed=0, D=[1], checkpoint=tmp_path)


SCRIPT = """
import sys, time
from scalinglib.experiments import sweep

def trial(rng, D):
    with open(sys.argv[2], "a") as log:
        log.write(f"{D} {rng.bit_generator.seed_seq.entropy[1]}\\n")
    time.sleep(float(sys.argv[3]))
    return rng.random() / D

loss = sweep.run(trial, trials=6, seed=0, D=[1, 2], checkpoint=sys.argv[1])
print(loss.values.tobytes().hex())
"""


def started(tmp_path, seconds):
    """A sweep in a process of its own."""
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    words = [sys.executable, script, tmp_path / "kept", tmp_path / "log", seconds]
    return subprocess.Popen([*map(str, words)], stdout=subprocess.PIPE, text=True)


@long
def test_it_is_read_while_it_runs(tmp_path):
    """By this package and by xarray alone: losses, states, seconds, time left."""
    running, folder = started(tmp_path, 0.2), tmp_path / "kept"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.05)
        with contextlib.suppress(ValueError):  # nobody has called it yet
            found, part = sweep.status(folder), xr.open_dataset(folder)
            both = found.running, (part.state == "running").sum()
            if found.done >= 3 and both == (1, 1):  # and not between two trials
                break
    assert running.poll() is None
    assert found.running == 1
    assert found.done + found.running + found.waiting == found.trials == 12
    assert 0.2 <= found.left / (12 - found.done - 0.5) < 0.6
    assert "1 running, 0 failed" in str(found)
    assert "s left" in str(found)
    done = part.state == "done"
    assert 3 <= done.sum() < 12
    assert (part.state == "running").sum() == 1
    assert np.isfinite(part.loss.values).tolist() == done.values.tolist()
    assert part.seconds.values[done.values].min() > 0.2
    running.kill()
    running.communicate()
    found = sweep.status(folder)
    assert found.running == 0
    assert "nobody works on it" in str(found)


@long
def test_processes_share_the_work(tmp_path):
    """Two that are started at once do each trial once, and both have all of it."""
    both = [started(tmp_path, 0.1) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert said[0] == said[1] != ""
    runs = (tmp_path / "log").read_text().split("\n")[:-1]
    assert len(set(runs)) == 12
    assert len(runs) <= 16  # few are begun twice, both times in one millisecond
    assert len(list((tmp_path / "kept").glob("*.jsonl"))) == 2


def wide(rng, D):
    """A trial of many values."""
    return xr.DataArray(rng.random((50, 100)) / D, dims=["x", "y"], name="wide")


def test_large_results_stay_on_disk(tmp_path):
    """They are read in parts, and with dask they need not fit into memory."""
    given = {"trials": 3, "seed": 0, "D": [1, 2]}
    kept = sweep.run(wide, checkpoint=tmp_path, **given)
    assert not kept.variable._in_memory
    plain = sweep.run(wide, **given)
    part = {"D": 1, "x": slice(3, 30, 4), "trial": [2, 0], "y": -1}
    xr.testing.assert_identical(kept.isel(part).load(), plain.isel(part))
    pieces = xr.open_dataset(tmp_path, chunks={}).loss
    assert pieces.data.chunksize == (1, 50, 100, 1)
    xr.testing.assert_identical(pieces.mean("trial").compute(), plain.mean("trial"))
    xr.testing.assert_identical(kept.load(), plain)
    files = [*tmp_path.glob("*.npy")]
    assert len(files) == 6
    assert not [*tmp_path.glob("*.part")]
    inline = sum(path.stat().st_size for path in tmp_path.glob("*.jsonl"))
    assert inline < 4000


def test_half_a_line_is_no_result(tmp_path):
    """As a loss of power leaves it; the trial is run again."""
    whole = sweep.run(noisy, trials=3, seed=0, D=[1], checkpoint=tmp_path)
    (file,) = tmp_path.glob("*.jsonl")
    for cut in (1, 20):
        file.write_bytes(file.read_bytes()[:-cut])
        assert sweep.status(tmp_path).done == 2
        again = sweep.run(noisy, trials=3, seed=0, D=[1], checkpoint=tmp_path)
        xr.testing.assert_identical(again, whole)
        newest = max(tmp_path.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
        if newest != file:
            newest.unlink()


def test_a_folder_that_is_deleted_is_missed(tmp_path):
    """Results written to a file that has no name any more would be lost."""

    def deleting(rng, D, folder=str(tmp_path / "kept")):
        import shutil

        if D == 2:
            shutil.rmtree(folder)
        return 1.0

    with pytest.raises(OSError, match=r"was deleted|cannot be written"):
        sweep.run(deleting, trials=1, seed=0, D=[1, 2, 3], checkpoint=tmp_path / "kept")


def test_a_worker_elsewhere_says_that_it_sees_no_folder(tmp_path):
    """With what it needs, instead of results that nobody finds."""
    kept = checkpoint.Checkpoint(tmp_path / "none", "0" * 64, "run")
    with pytest.raises(OSError, match="a folder that all machines share"):
        _ = kept.state


KILLER = """
import os, signal, sys
import joblib
from scalinglib.experiments import sweep

def trial(rng, D):
    marker = f"{sys.argv[1]}.{D}"
    if D == 3 and sys.argv[2] == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    if D % 2 and not os.path.exists(marker):
        open(marker, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return rng.random() / D

with joblib.parallel_config(n_jobs=2):
    try:
        options = {"checkpoint": sys.argv[1]} if sys.argv[1] != "none" else {}
        loss = sweep.run(trial, trials=1, seed=0, D=[2, 3, 4, 5, 6, 8], **options)
        print(int(loss.notnull().sum()))
    except RuntimeError as error:
        print(error)
"""


@exhaustive
@pytest.mark.parametrize("when", ["once", "always", "not kept"])
def test_a_sweep_outlives_its_workers(when, tmp_path):
    """One that dies is replaced; a trial that kills its worker each time has failed."""
    folder = "none" if when == "not kept" else str(tmp_path / "kept")
    command = [sys.executable, "-c", KILLER, folder, when]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    if when == "once":
        assert done.stdout == "6\n"
    elif when == "not kept":
        assert "with checkpoint=… a sweep survives that" in done.stdout
    else:
        assert "1 of 6 trials failed, the first in trial 0 at {'D': 3}" in done.stdout
        assert "killed, or out of memory?" in done.stdout
        assert sweep.status(tmp_path / "kept").done == 5


def test_time_left_grows_with_sizes(tmp_path):
    """A power law of the sizes in what was timed is continued to what waits."""

    def timed(rng, D, W, kind):
        return 1.0

    sizes = {"D": [1, 2, 4, 8], "W": [1, 3], "kind": ["a"]}
    sweep.run(timed, trials=1, seed=0, checkpoint=tmp_path, **sizes)
    (file,) = tmp_path.glob("*.jsonl")
    records, _ = journal.records_in(file)
    file.unlink()
    log = journal.Journal(tmp_path)
    for record in records:
        if "done" in record:
            setting = json.loads(record["done"])[2]
            record["seconds"] = 0.5 * setting["D"] ** 2 * setting["W"]
            if setting["D"] == 8:
                continue
        if record.get("begun") and json.loads(record["begun"])[2]["D"] == 8:
            continue
        log.append(record)
    found = sweep.status(tmp_path)
    assert (found.done, found.waiting) == (6, 2)
    assert found.seconds == pytest.approx(0.5 * 64 * (1 + 3))
    assert np.isnan(found.left)
    assert "about 0:02:08 for one worker" in str(found)


def test_it_is_told_on_the_command_line(failing):
    """As a table for people and as JSON; the traceback where it is asked for."""
    call, folder, _, _ = failing
    with pytest.raises(sweep.FailedTrials):
        call(trials=1)
    said = CliRunner().invoke(app, ["status", str(folder)]).output
    assert said.splitlines()[0] == "2 of 3 trials done, 0 running, 1 failed, 0 waiting"
    assert "D = 2" in said
    assert "ZeroDivisionError: of all things" in said
    assert "Traceback" not in said
    long = CliRunner().invoke(app, ["status", str(folder), "--tracebacks"]).output
    assert "Traceback (most recent call last)" in long
    told = json.loads(CliRunner().invoke(app, ["status", str(folder), "--json"]).output)
    assert (told["done"], told["failed"], told["left"]) == (2, 1, None)
    assert told["failures"][0]["setting"] == {"D": 2}
    missing = CliRunner().invoke(app, ["status", str(folder / "no")])
    assert missing.exit_code == 1


def test_a_finished_sweep_is_not_written_to_again(tmp_path):
    """To read it a hundred times adds no files; another plan is noted."""
    given = {"seed": 0, "D": [1, 2], "checkpoint": tmp_path}
    sweep.run(noisy, trials=2, **given)
    there = sorted(path.name for path in tmp_path.iterdir())
    sweep.run(noisy, trials=2, **given)
    assert sorted(path.name for path in tmp_path.iterdir()) == there
    sweep.run(noisy, trials=1, **given)
    assert sweep.read(tmp_path).sizes["trial"] == 1


def test_losses_that_are_whole_numbers_may_be_missing(tmp_path):
    """Nothing is no number, and zero is one."""

    def counted(rng, D):
        if D == 2:
            raise ValueError("no")
        return xr.DataArray([D, 0], dims="n")

    with pytest.raises(sweep.FailedTrials):
        sweep.run(counted, trials=1, seed=0, D=[1, 2], checkpoint=tmp_path)
    found = sweep.read(tmp_path).loss.isel(trial=0)
    np.testing.assert_array_equal(found, [[1.0, 0.0], [np.nan, np.nan]])


def test_what_is_no_number_has_failed(tmp_path):
    """Text and objects; the error says what a trial returns."""
    with pytest.raises(TypeError, match=r"trial must return numbers, got .*U1"):
        sweep.run(lambda rng: xr.DataArray(["a"]), trials=1, seed=0)
    with pytest.raises(sweep.FailedTrials, match="trial must return numbers"):
        sweep.run(
            lambda rng: xr.DataArray(["a"]), trials=1, seed=0, checkpoint=tmp_path
        )


def test_forms_that_differ_are_refused_when_they_are_kept_too(tmp_path):
    """With the place of the first that differs."""

    def trial(rng, D):
        return xr.DataArray(np.ones(D), dims="n")

    with pytest.raises(ValueError, match="same dimensions and coordinates everywhere"):
        sweep.run(trial, trials=1, seed=0, D=[1, 2], checkpoint=tmp_path)
    with pytest.raises(ValueError, match="'D', a name taken"):
        sweep.run(
            lambda rng, D: xr.DataArray([1.0], dims="D"),
            trials=1,
            seed=0,
            D=[1],
            checkpoint=tmp_path / "other",
        )
