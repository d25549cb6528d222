"""Sweeps that were cut off go on, and what has changed is run anew."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from functools import partial

import joblib
import numpy as np
import pytest
import xarray as xr
from thorough import exhaustive, first_of, long

from scalinglib.experiments import sweep
from scalinglib.experiments._sweeps.fingerprint import fingerprint_of
from scalinglib.kernels import laplace
from scalinglib.learners import kernel_ridge

FACTOR, UNUSED = np.arange(3.0), 0


def helper(x):
    """What the trial uses."""
    return x + 1


def curve(rng, D, scale=1.0):
    """A trial with a dimension of its own."""
    values = scale * FACTOR * rng.standard_normal(3) / helper(D)
    return xr.DataArray(values, coords={"n": ["a", "b", "c"]})


def logged(rng, D, log):
    """A trial that tells that it was run."""
    with open(log, "a") as file:
        file.write(f"{D}\n")
    return curve(rng, D)


def test_a_second_call_runs_nothing_again(tmp_path):
    """It returns the same to the bit; more trials and sizes run only what is new."""
    log = tmp_path / "log"
    trial = partial(logged, log=str(log))
    kept = {"seed": 3, "checkpoint": tmp_path / "kept"}
    first = sweep.run(trial, trials=2, D=[4, 8], **kept)
    again = sweep.run(trial, trials=2, D=[4, 8], **kept)
    xr.testing.assert_identical(first, again)
    xr.testing.assert_identical(first, sweep.run(curve, trials=2, seed=3, D=[4, 8]))
    assert len(log.read_text().split()) == 4
    more = sweep.run(trial, trials=3, D=[4, 8, 16], **kept)
    xr.testing.assert_identical(first, more.sel(D=[4, 8]).isel(trial=slice(2)))
    assert len(log.read_text().split()) == 9
    sweep.run(trial, trials=2, D=[4, 8], **(kept | {"seed": 4}))
    assert len(log.read_text().split()) == 13


def done_in(folder):
    """How many results are safe, as the files say."""
    journals = folder.glob("*.jsonl") if folder.is_dir() else ()
    return sum(path.read_text().count('{"done":') for path in journals)


SCRIPT = """
import sys, time
import xarray as xr
from scalinglib.experiments import sweep

def trial(rng, D):
    time.sleep(0.05)
    with open(sys.argv[2], "a") as log:
        log.write(f"{D}\\n")
    return xr.DataArray(rng.standard_normal(3) / D, dims="n")

loss = sweep.run(trial, trials=10, seed=0, D=[4, 8], checkpoint=sys.argv[1])
print(loss.values.tobytes().hex())
"""


@long
def test_a_killed_sweep_goes_on(tmp_path):
    """After kill -9 the same program does the rest, with the same numbers."""
    script, folder, log = (tmp_path / name for name in ("run.py", "kept", "log"))
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(folder), str(log)]
    cut_off = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while done_in(folder) < 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    cut_off.send_signal(signal.SIGKILL)
    assert cut_off.wait() == -signal.SIGKILL
    done = done_in(folder)
    assert 5 <= done < 20
    started = len(log.read_text().split())

    resumed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(log.read_text().split()) == started + 20 - done
    fresh = [*command[:2], str(tmp_path / "other"), str(log)]
    whole = subprocess.run(fresh, capture_output=True, text=True, check=True)
    assert resumed.stdout == whole.stdout != ""


WORKERS = [(backend, n) for n in (2, 4, 1) for backend in ("loky", "threading")]


@long
@pytest.mark.parametrize(("backend", "jobs"), first_of(WORKERS, 2))
def test_workers_share_a_checkpoint(tmp_path, backend, jobs):
    """Processes and threads write what one process reads, to the bit."""
    setting = {"trials": 4, "seed": 0, "D": [2, 3]}
    with joblib.parallel_config(backend=backend, n_jobs=jobs):
        found = sweep.run(curve, checkpoint=tmp_path, **setting)
    assert done_in(tmp_path) == 8
    xr.testing.assert_identical(found, sweep.run(curve, **setting))
    xr.testing.assert_identical(found, sweep.run(curve, checkpoint=tmp_path, **setting))


@pytest.mark.parametrize(
    "values",
    [
        np.array([np.nan, np.inf, -0.0, 1 / 3, 5e-324]),
        np.arange(3, dtype=np.int64) + 2**60,
        np.float32([0.1, 1e30]),
        np.array([True, False]),
        np.array(2.5),
    ],
)
def test_results_survive_unchanged(tmp_path, values):
    """Every bit and the type, coordinates too."""
    coords = {"n": 0.1 * np.arange(len(values)), "name": "x"} if values.ndim else {}
    result = xr.DataArray(values, dims="n" if values.ndim else (), coords=coords)
    given = {"trials": 1, "seed": 0, "checkpoint": tmp_path}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "1 of 1 losses are not finite")
        first = sweep.run(lambda rng: result, **given)
        found = sweep.run(lambda rng: result, **given)
    assert done_in(tmp_path) == 1
    xr.testing.assert_identical(found, first)
    xr.testing.assert_identical(
        found.isel(trial=0, drop=True).drop_attrs(), result.rename("loss")
    )
    assert found.dtype == result.dtype
    assert found.values.tobytes() == result.values.tobytes()


def ridge_trial(ridge, bandwidth=1.0):
    """A trial that closes over a learner of the package."""
    learn = kernel_ridge(partial(laplace, bandwidth=bandwidth), ridge=ridge)
    return lambda rng: learn(np.eye(2), [1.0, 2.0])(np.eye(2)).sum()


def shifted(by):
    """A trial that closes over a number, with a set for a default."""

    def trial(rng, names={"a", "b"}):  # noqa: B006
        return by + len(names)

    return trial


class Rule:
    """An object of the user's."""

    def __init__(self, order):
        self.order = order

    def __call__(self, rng):
        """Be a trial."""
        return self.order


def exec_trial(text):
    """A trial of which no source is kept."""
    space = {"np": np, "FACTOR": 1}
    exec(text, space)
    return space["trial"]


CHANGES = {
    "closure": (shifted(1), shifted(2)),
    "learner's ridge": (ridge_trial(0.1), ridge_trial(0.2)),
    "kernel's bandwidth": (ridge_trial(0.1), ridge_trial(0.1, 2.0)),
    "partial": (partial(curve, scale=1.0), partial(curve, scale=2.0)),
    "one entry": (partial(curve, scale=np.eye(2)), partial(curve, scale=-np.eye(2))),
    "attribute": (Rule(1), Rule(2)),
    "method": (Rule(1).__call__, Rule(2).__call__),
    "constant": (lambda rng: 1.0, lambda rng: 2.0),
    "no source": (
        exec_trial("def trial(rng): return 1"),
        exec_trial("def trial(rng): return 2"),
    ),
    "named in C": (np.sin, np.cos),
}


@pytest.mark.parametrize("pair", CHANGES.values(), ids=CHANGES)
def test_changes_are_seen(pair):
    """What a trial would do otherwise changes its fingerprint."""
    assert fingerprint_of(pair[0]) != fingerprint_of(pair[1])


def test_globals_and_helpers_are_seen(monkeypatch):
    """Those that the trial names, and those that its helpers name; no others."""
    before = fingerprint_of(curve)
    monkeypatch.setitem(globals(), "UNUSED", 1)
    assert fingerprint_of(curve) == before
    monkeypatch.setitem(globals(), "FACTOR", FACTOR + 1)
    assert fingerprint_of(curve) != before
    monkeypatch.undo()
    monkeypatch.setitem(globals(), "helper", lambda x: x + 2)
    assert fingerprint_of(curve) != before
    monkeypatch.undo()
    assert fingerprint_of(curve) == before


@exhaustive
def test_fingerprints_are_those_of_other_processes(tmp_path):
    """Neither addresses nor the order of sets nor what ran before enters."""
    folder = os.path.dirname(__file__)
    probe = textwrap.dedent(
        f"""
        import sys
        sys.path[:0] = [{folder!r}, {os.path.dirname(folder)!r}]
        import test_checkpoints as t
        print(*(t.fingerprint_of(f) for pair in t.CHANGES.values() for f in pair))
        print(t.fingerprint_of(t.curve), t.fingerprint_of(t.logged))
        """
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", before + probe],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, before in (("1", ""), ("2", "x = [object() for _ in range(999)]\n"))
    ]
    assert found[0] == found[1] != ""


def test_points_are_those_of_the_grid():
    """They share the random numbers of the trial, and carry their coordinates."""

    def trial(rng, D, P, noise):
        return D * P + noise * rng.standard_normal()

    grid = sweep.run(trial, trials=3, seed=1, D=[1, 2], P=[10, 20], noise=[0.0, 1.0])
    named = [{"P": 20, "D": 1}, {"D": 2, "P": 10}]
    line = sweep.run(trial, trials=3, seed=1, points=named, noise=[0.0, 1.0])
    assert line.dims == ("point", "noise", "trial")
    assert line.D.values.tolist() == [1, 2]
    assert line.P.values.tolist() == [20, 10]
    for i, (D, P) in enumerate([(1, 20), (2, 10)]):
        np.testing.assert_array_equal(line.isel(point=i), grid.sel(D=D, P=P))
    tuples = sweep.run(trial, trials=3, seed=1, points=[(1, 20), (2, 10)], noise=[0, 1])
    np.testing.assert_array_equal(tuples, line)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": []}, "points must be a sequence of settings"),
        ({"points": 3}, "points must be a sequence of settings"),
        ({"points": [{"D": 1}, {"D": 1}]}, "points must be distinct"),
        ({"points": [{"D": 1}, {"scale": 1}]}, "must all have the names"),
        ({"points": [(1,), (2, 3.0)]}, "must all have the names"),
        ({"points": [(1, 2.0, 3)]}, "must all have the names"),
        ({"points": [{"X": 1}]}, "unknown grid name 'X'"),
        ({"points": [{"D": 1}], "D": [1]}, "must not both give"),
        ({"points": [{"D": 1}, {"D": "a"}]}, "D must hold numbers, strings"),
        ({"points": [{"scale": 1.0}]}, "grid must give 'D'"),
        ({"D": [1], "checkpoint": __file__}, "checkpoint must be a folder"),
    ],
)
def test_rejects(change, message):
    """Bad points and a file in the place of a folder, by name and with the remedy."""
    with pytest.raises(ValueError, match=message):
        sweep.run(curve, trials=1, seed=0, **change)


def test_damage_is_named(tmp_path):
    """A line that changed is neither taken for a result nor run anew in silence."""
    given = {"trials": 2, "seed": 0, "D": [1], "checkpoint": tmp_path}
    whole = sweep.run(curve, **given)
    (file,) = tmp_path.glob("*.jsonl")
    text = file.read_text()
    place = text.rindex('"values":[') + 12
    digit = "1" if text[place] != "1" else "2"
    file.write_text(text[:place] + digit + text[place + 1 :])
    for ask in (lambda: sweep.run(curve, **given), lambda: sweep.status(tmp_path)):
        with pytest.raises(ValueError, match=f"damaged line in .*{file.name}.*delete"):
            ask()
    file.write_text("".join(text.splitlines(keepends=True)[:-1]))
    assert sweep.status(tmp_path).waiting == 1
    xr.testing.assert_identical(sweep.run(curve, **given), whole)


def test_what_cannot_be_known_is_refused(tmp_path):
    """A trial that uses an open file might be any trial."""
    with open(tmp_path / "open", "w") as file:
        trial = partial(curve, scale=file)
        with pytest.raises(ValueError, match=r"cannot tell whether .*as a setting"):
            sweep.run(trial, trials=1, seed=0, D=[1], checkpoint=tmp_path / "kept")
