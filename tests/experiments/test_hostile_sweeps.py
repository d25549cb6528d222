"""What users do to a kept sweep: nothing is false, nothing hangs, errors are told."""

import abc
import copy
import dataclasses
import functools
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import types
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from thorough import long

from scalinglib.cli.sweeps import app
from scalinglib.experiments import sweep
from scalinglib.experiments._sweeps import journal
from scalinglib.experiments._sweeps.fingerprint import fingerprint_of


def named(text, **space):
    """A function of that text, as a user's notebook has it."""
    exec(textwrap.dedent(text), space)
    return space["f"]


@dataclasses.dataclass
class Setup:
    """As people keep their numbers."""

    width: int = 3


class Model(abc.ABC):
    """A class of which there are many."""

    @abc.abstractmethod
    def unused(self):
        """Of those that derive from it."""


class Own(Model):
    """One of them."""

    def unused(self):
        """Nothing."""

    @functools.cached_property
    def size(self):
        """Once."""
        return 3


class Scaled:
    """A callable that looks like the function within."""

    def __init__(self, function, factor):
        functools.update_wrapper(self, function)
        self.factor = factor

    def __call__(self, rng):
        """Be a trial."""
        return self.factor


def plain(rng):
    """Nothing."""
    return 0.0


def closing(value):
    """A trial that uses a value."""
    return lambda rng: value


def attributed(factor):
    """A function that carries a number."""

    def trial(rng):
        return trial.factor

    trial.factor = factor
    return trial


MASKED = [np.ma.array([1.0, 2.0], mask=[0, last]) for last in (0, 1)]
PAIRS = {
    "names of arguments": [
        named("def f(rng, D, P): return D / P"),
        named("def f(rng, P, D): return P / D"),
    ],
    "what an error ends": [
        named("def f(rng):\n y = 7\n try:\n  x = 1\n  y = 3\n except OSError: pass"),
        named("def f(rng):\n y = 7\n x = 1\n try:\n  y = 3\n except OSError: pass"),
    ],
    "wrapped object": [Scaled(plain, 1.0), Scaled(plain, 5.0)],
    "attribute of a function": [attributed(1.0), attributed(2.0)],
    "mask": [closing(values) for values in MASKED],
    "attributes of an array": [
        closing(xr.DataArray([1.0], dims="x", attrs={"unit": unit})) for unit in "ab"
    ],
    "dataclass": [closing(Setup(3)), closing(Setup(4))],
    "long whole number": [closing(10**5000), closing(10**5000 + 1)],
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_another_trial_is_another(pair):
    """Whatever it is that differs."""
    assert fingerprint_of(pair[0]) != fingerprint_of(pair[1])


@pytest.mark.parametrize(
    "value",
    [Setup(), Setup, Own(), Own, Model, types.MappingProxyType({}), range(10**9)],
    ids=["dataclass", "its class", "object", "class", "abstract", "proxy", "range"],
)
def test_what_people_use_is_known(value):
    """Configurations and classes are no reason to refuse; the same is the same."""
    known = fingerprint_of(closing(value))
    if not isinstance(value, types.MappingProxyType):
        assert fingerprint_of(closing(copy.copy(value))) == known
    assert fingerprint_of(closing([value])) != known


def test_attributes_are_no_globals():
    """So that ``loss = sweep.run(…)`` does not change a trial that says ``x.loss``."""
    text = "def f(rng): return M().loss"
    space = {"M": Model}
    assert fingerprint_of(named(text, **space)) == fingerprint_of(
        named(text, loss=3, **space)
    )


def test_tensors_are_known_by_their_values():
    """Not by where they lie: a restart must find its own trial."""
    torch = pytest.importorskip("torch")
    one, same, other = (torch.ones(3) * factor for factor in (2, 2, 3))
    assert fingerprint_of(closing(one)) == fingerprint_of(closing(same))
    assert fingerprint_of(closing(one)) != fingerprint_of(closing(other))
    layers = [torch.nn.Linear(2, 2) for _ in range(2)]
    assert fingerprint_of(closing(layers[0])) != fingerprint_of(closing(layers[1]))
    layers[1].load_state_dict(layers[0].state_dict())
    assert fingerprint_of(closing(layers[0])) == fingerprint_of(closing(layers[1]))


PROBE = """
import sys
sys.path.insert(0, {place!r})
{importing}
from scalinglib.experiments._sweeps.fingerprint import fingerprint_of
print(fingerprint_of(trial))
"""
IMPORTS = {
    "submodule": "import proj.sub\ndef trial(rng): return proj.sub.g()",
    "by another": "import uses\ndef trial(rng): return uses.h()",
    "within": "def trial(rng):\n    from proj.sub import g\n    return g()",
    "named like a standard one": "from profile import g\ndef trial(rng): return g()",
}


@long
@pytest.mark.parametrize("importing", IMPORTS.values(), ids=IMPORTS)
def test_edited_modules_are_seen(importing, tmp_path):
    """Of the user's, however a trial comes by them; what is installed is not read."""
    package = tmp_path / "proj"
    package.mkdir()
    files = package / "sub.py", tmp_path / "profile.py"
    (package / "__init__.py").touch()
    (tmp_path / "uses.py").write_text("from proj.sub import g\ndef h(): return g()\n")
    found = []
    for number in (1, 1, 2):
        for file in files:
            file.write_text(f"def g(): return {number}\n")
        program = PROBE.format(place=str(tmp_path), importing=importing)
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        found.append(done.stdout)
    assert found[0] == found[1] != found[2]


def test_two_trials_that_begin_at_once_are_not_mixed(tmp_path):
    """One of them has the folder, the other is refused, each time."""
    trials = closing(1.0), closing(2.0)
    for turn in range(10):
        start, results, refused = threading.Barrier(2), [None, None], []
        given = start, results, refused, tmp_path / str(turn)

        def begin(i, given=given):
            start, results, refused, folder = given
            start.wait()
            try:
                found = sweep.run(trials[i], trials=3, seed=0, checkpoint=folder)
                results[i] = set(found.values.tolist())
            except ValueError:
                refused.append(i)

        both = [threading.Thread(target=begin, args=(i,)) for i in (0, 1)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert results in ([{1.0}, None], [None, {2.0}])
        assert len(refused) == 1


def test_who_names_a_folder_second_does_not_take_it(tmp_path):
    """However late the first was seen; without `first` a file is replaced."""
    file = tmp_path / "trial.json"
    for content in (b"one", b"two"):
        journal.write_whole(file, content, first=True)
        assert file.read_bytes() == b"one"
    journal.write_whole(file, b"three")
    assert file.read_bytes() == b"three"
    assert [path.name for path in tmp_path.iterdir()] == ["trial.json"]


def wide(rng, D):
    """More values than a line should hold."""
    return xr.DataArray(rng.random(5000) / D, dims="x")


def test_files_that_are_spoiled_or_gone_are_noticed(tmp_path):
    """Read they are refused; what is missing is run again."""
    given = {"trials": 2, "seed": 0, "D": [1, 2], "checkpoint": tmp_path}
    whole = sweep.run(wide, **given).load()
    one, two, *_ = sorted(tmp_path.glob("*.npy"))
    content = one.read_bytes()
    one.write_bytes(content[:20_000] + bytes(1000) + content[21_000:])
    with pytest.raises(ValueError, match=f"has lost .*{one.name}.*delete what is left"):
        sweep.read(tmp_path).load()
    one.unlink()
    two.write_bytes(two.read_bytes()[:500])
    with pytest.raises(ValueError, match="has lost"):
        sweep.read(tmp_path).load()
    xr.testing.assert_identical(sweep.run(wide, **given).load(), whole)


def test_lazy_results_are_arrays_like_others(tmp_path):
    """They are copied, pickled, changed, and computed in other processes."""
    given = {"trials": 2, "seed": 0, "D": [1, 2], "checkpoint": tmp_path}
    kept, mine = (sweep.run(wide, **given) for _ in range(2))
    for same in (kept.copy(), copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
        xr.testing.assert_identical(same.load(), kept)
    mine[0, 0, 0] = 3.0
    assert float(mine[0, 0, 0]) == 3.0 != float(kept[0, 0, 0])
    pieces = xr.open_dataset(tmp_path, chunks={}, decode_times=False).loss
    found = pieces.mean().compute(scheduler="processes", num_workers=1)
    assert float(found) == pytest.approx(float(kept.mean()))


def test_arrays_of_dask_are_of_their_moment(tmp_path):
    """Two looks while a sweep runs are two arrays, not one by name."""
    looks = []

    def looking(rng, D):
        if D in (3, 6):
            looks.append(xr.open_dataset(tmp_path, chunks={}).loss.fillna(0))
        return 1.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{fingerprint_of.__module__}._reduced", lambda value: [])
        sweep.run(looking, trials=1, seed=0, D=range(1, 8), checkpoint=tmp_path)
    assert float((looks[1] - looks[0]).sum().compute()) == 3.0


FORKING = """
import multiprocessing, os, sys, time
from scalinglib.experiments import sweep

def trial(rng, D):
    if D == 2 and not os.path.exists(sys.argv[2]):
        open(sys.argv[2], "w").close()
        child = multiprocessing.get_context("fork").Process
        child(target=time.sleep, args=(30,)).start()
        os.kill(os.getpid(), 9)
    return 1.0 * D

print(sweep.run(trial, trials=1, seed=0, D=[1, 2, 3], checkpoint=sys.argv[1]).values)
"""


@long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_children_do_not_hold_what_their_parent_began(tmp_path):
    """Else a sweep would wait for a trial that nobody runs."""
    words = [sys.executable, "-c", FORKING, str(tmp_path / "kept"), str(tmp_path / "x")]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    assert subprocess.run(words, **silent).returncode == -9
    again = subprocess.run(words, capture_output=True, text=True, timeout=20)
    assert again.stdout == "[[1.]\n [2.]\n [3.]]\n"


@pytest.mark.parametrize("name", ["loss", "state", "seconds", "point"])
def test_names_of_the_result_are_taken(name, tmp_path):
    """In grids, points, and coordinates that a trial returns."""
    trial = named(f"def f(rng, {name}): return 1.0")
    for where in ({name: [1]}, {"points": [{name: 1}]}):
        with pytest.raises(ValueError, match=f"unknown grid name '{name}'"):
            sweep.run(trial, trials=1, seed=0, **where)
    with pytest.raises(ValueError, match="a name taken"):
        sweep.run(
            closing(xr.DataArray([1.0], {name: ("x", [1])}, ["x"])), trials=1, seed=0
        )


@pytest.mark.parametrize(
    "coords",
    [
        np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[s]"),
        np.array([3, 4], dtype="timedelta64[ms]"),
        np.array(["a", "ü\n"]),
        np.array([0.0, np.nan]),
    ],
    ids=["times", "spans", "words", "nan"],
)
def test_coordinates_come_back(coords, tmp_path):
    """Times, words and what is not there."""
    trial = closing(xr.DataArray([1.0, 2.0], {"x": coords}, ["x"]))
    kept = sweep.run(trial, trials=2, seed=0, checkpoint=tmp_path)
    xr.testing.assert_identical(kept, sweep.run(trial, trials=2, seed=0))


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0,)])
def test_results_of_nothing_keep_their_shape(shape, tmp_path):
    """An empty array is one."""
    trial = closing(xr.DataArray(np.ones(shape)))
    assert sweep.run(trial, trials=2, seed=0, checkpoint=tmp_path).shape == (*shape, 2)


@pytest.mark.parametrize(
    "result",
    [
        xr.DataArray(np.ones(1, dtype=np.longdouble), dims="x"),
        xr.DataArray([1.0], {"x": [1j]}, ["x"]),
        xr.DataArray([1.0], {"x": [object()]}, ["x"]),
    ],
    ids=["longdouble", "complex", "object"],
)
def test_what_cannot_be_kept_fails_its_trial(result, tmp_path):
    """And is no end of the sweep."""

    def trial(rng, D):
        return result if D == 2 else xr.DataArray([1.0], {"x": [1]}, ["x"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{fingerprint_of.__module__}._reduced", lambda value: [])
        with pytest.raises(sweep.FailedTrials, match=r"1 of 3 .*trial must return"):
            sweep.run(trial, trials=1, seed=0, D=[1, 2, 3], checkpoint=tmp_path)


class Mute(Exception):
    """An error that cannot be told."""

    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "error",
    [Mute(), SystemExit(3), KeyError("a\ud800")],
    ids=["mute", "exit", "surrogate"],
)
def test_odd_errors_are_failures(error, tmp_path):
    """Of their trial; they are told as far as they can be."""

    def trial(rng, D):
        if D == 2:
            raise error
        return 1.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{fingerprint_of.__module__}._reduced", lambda value: [])
        with pytest.raises(
            sweep.FailedTrials, match=f"1 of 3 .*{type(error).__name__}"
        ):
            sweep.run(trial, trials=1, seed=0, D=[1, 2, 3], checkpoint=tmp_path)
    print(sweep.status(tmp_path))


def test_brackets_in_errors_are_no_markup(tmp_path):
    """On the command line they stand as they were written."""
    from typer.testing import CliRunner

    with pytest.raises(sweep.FailedTrials):
        sweep.run(
            named("def f(rng): raise ValueError('no [/data/x] in [loss]')"),
            trials=1,
            seed=0,
            checkpoint=tmp_path,
        )
    said = CliRunner().invoke(app, ["status", str(tmp_path)])
    assert "no [/data/x] in [loss]" in said.output.replace("\n", "")


def test_zero_is_no_size(tmp_path):
    """The time left is told for grids with zero and below, too."""
    stop = partial(named("def f(rng, D, noise): return 1 / (noise or D - 2)"))
    with pytest.raises(sweep.FailedTrials):
        sweep.run(
            stop,
            trials=2,
            seed=0,
            D=[1, 2],
            noise=[1.0, 0.0, -1.0],
            checkpoint=tmp_path,
        )
    assert sweep.status(tmp_path).failed == 2


def test_many_sweeps_live_at_once(tmp_path):
    """Also one within another: each has its own folder and its own results."""

    def outer(rng, D):
        inner = [
            sweep.run(
                lambda rng: 1.0, trials=1, seed=i, checkpoint=tmp_path / f"{D}-{i}"
            )
            for i in range(20)
        ]
        return sum(float(found.mean()) for found in inner)

    found = sweep.run(outer, trials=1, seed=0, D=[1, 2], checkpoint=tmp_path / "outer")
    assert found.values.ravel().tolist() == [20.0, 20.0]


def test_the_latest_failure_is_told(tmp_path):
    """Whatever the files are called."""
    said = named("def f(rng, path): raise ValueError(P(path).read_text())", P=Path)
    file = tmp_path / "turn"
    given = {"trials": 1, "seed": 0, "path": [str(file)]}
    for turn in range(6):
        file.write_text(f"in turn {turn}")
        with pytest.raises(sweep.FailedTrials, match=f"in turn {turn}"):
            sweep.run(said, checkpoint=tmp_path / "kept", **given)
        assert f"in turn {turn}" in str(sweep.status(tmp_path / "kept"))


def test_files_of_others_are_left_alone(tmp_path, monkeypatch):
    """A table of the user's beside the journals is no damaged line of ours."""
    (tmp_path / "data.jsonl").write_text("mine\n")
    sweep.run(plain, trials=2, seed=0, checkpoint=tmp_path)
    assert sweep.status(tmp_path).done == 2
    monkeypatch.chdir(tmp_path.parent)
    found = sweep.read(tmp_path.name)
    monkeypatch.chdir("/")
    assert found.loss.values.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"checkpoint": ""}, "checkpoint must be a path"),
        ({"checkpoint": 5}, "checkpoint must be a path"),
        ({"D": [-1, 2**63]}, "D must hold whole numbers of 64 bits"),
        ({"D": [b"a"]}, "D must"),
        ({"D": [np.longdouble(1)]}, "D must"),
        ({"points": ["D", "E"]}, "points must be a sequence of settings"),
    ],
)
def test_odd_input_is_named(change, message, tmp_path):
    """Before anything is run."""
    given = {"trials": 1, "seed": 0, "checkpoint": tmp_path} | change
    with pytest.raises(ValueError, match=message):
        sweep.run(lambda rng, D=1: 1.0, **given)


def test_adopt_takes_a_trial(tmp_path):
    """And nothing else."""
    sweep.run(plain, trials=1, seed=0, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="trial must be"):
        sweep.adopt(tmp_path, 5)
    for text in ("[]", "null", '{"format": 1}', "{"):
        (tmp_path / "trial.json").write_text(text)
        with pytest.raises(ValueError, match="which this version did not write"):
            sweep.status(tmp_path)
