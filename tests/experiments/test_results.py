"""Stored results: the registry and the files agree, one command makes them."""

import inspect
import os
import subprocess
import sys

import joblib
import numpy as np
import pytest
import xarray as xr
from thorough import long

from scalinglib import stored
from scalinglib.experiments import (
    circle_networks,
    cube_networks,
    dimension_peers,
    endless_cubes,
    image_networks,
    image_widths,
    images,
    last_layer,
    many_parities,
    mixtures,
    peers,
    pixel_budgets,
    populations,
    rate_transfer,
    repeated_examples,
    results,
    superposition,
    text_networks,
    torus_networks,
    whole_texts,
    width,
)
from scalinglib.experiments.__main__ import main

NAMES = pytest.mark.parametrize("name", results.RESULTS)
IMAGES = ["forecasts", "pixel_networks", "pixels_again", "pixels_later", "pooling"]


@pytest.fixture
def quick(monkeypatch):
    """Registry of results made at once: one of images, one as if it took hours."""

    def make_few():
        """A few numbers."""
        return xr.DataArray([1.5, 2.5], {"D": [4, 8]}, name="few", attrs={"seed": 3})

    def make_seen(source=None):
        """Where the images are from."""
        return make_few().assign_coords(at=str(source))

    monkeypatch.setattr(width, "make_few", make_few, raising=False)
    monkeypatch.setattr(width, "make_seen", make_seen, raising=False)

    def make_long(checkpoint=None):
        """Where trials are kept, and how many processes run them."""
        jobs = joblib.parallel.get_active_backend()[1]
        return make_few().assign_coords(at=str(checkpoint), jobs=int(jobs))

    monkeypatch.setattr(width, "make_long", make_long, raising=False)
    table = {"few": ("width:make_few", 0.1), "seen": ("width:make_seen", 0.2)}
    table["long"] = ("width:make_long", 600)
    monkeypatch.setattr(results, "RESULTS", table)


def read(file):
    """What is in the file of a result."""
    return results.unpack(file.read_bytes())


# ------------------------------------------------------------ registry and files


def test_every_name_has_a_file_and_every_file_a_name():
    """Nothing is stored that no function makes, and the other way round."""
    assert {file.name for file in results.FOLDER.iterdir()} == {
        f"{name}.nc" for name in results.RESULTS
    }


def test_every_maker_is_registered():
    """A function make_… of these modules makes a result of its name."""
    makers = {
        function.__name__
        for module in (
            circle_networks,
            cube_networks,
            dimension_peers,
            endless_cubes,
            image_networks,
            image_widths,
            images,
            last_layer,
            many_parities,
            mixtures,
            peers,
            pixel_budgets,
            populations,
            rate_transfer,
            repeated_examples,
            superposition,
            text_networks,
            torus_networks,
            whole_texts,
            width,
        )
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__name__.startswith("make_")
    }
    assert makers == {results.find(name).__name__ for name in results.RESULTS}
    assert makers == {f"make_{name}" for name in results.RESULTS}


@NAMES
def test_file_describes_itself(name):
    """Labels on what has them, seed, command, all numbers finite, in few bytes."""
    file, found = results.FOLDER / f"{name}.nc", stored.load(name)
    command = f"python -m scalinglib.experiments make {name}"
    command += " --source DIR" if name in IMAGES else ""
    assert set(found.attrs) == {"seed", "command"}
    assert found.attrs["command"] == command
    seed = found.attrs["seed"]
    by_width = name in ("ensemble_means", "one_layer_erf", "one_layer_relu")
    by_width |= name == "two_layers"
    assert seed == (found.W.values.tolist() if by_width else 0)
    for array in found.values() if isinstance(found, xr.Dataset) else [found]:
        assert array.dtype == np.float64
        assert np.isfinite(array).all()
    assert set(found.dims) - set(found.coords) <= {"point", "trial", "sample"}
    assert {c.dtype.kind for c in found.coords.values()} <= set("iUfb")
    assert file.stat().st_size < 6e5


@NAMES
def test_precision_of_the_file(name):
    """Predictions of networks and games are kept in single precision."""
    found = xr.load_dataset(results.FOLDER / f"{name}.nc", engine="scipy")
    double = name in ("learning_curves", "pooling", "torus_networks")
    expected = np.float64 if double else np.float32
    assert {array.dtype for array in found.values()} == {np.dtype(expected)}


def test_names_that_are_not_there():
    """The error lists what there is."""
    for name in ("nope", "adam", "../results/pooling", None, ["pooling"]):
        with pytest.raises(ValueError, match=r"name must be one of .*'two_layers'"):
            stored.load(name)
        with pytest.raises(ValueError, match=r"name must be one of .*'two_layers'"):
            results.find(name)


def test_images_are_needed_for_some():
    """Which results take a directory of images."""
    assert [name for name in results.RESULTS if results.needs_images(name)] == IMAGES


@long
def test_reading_is_light():
    """To read a result loads neither torch nor a module that makes one."""
    probe = (
        "import sys; from scalinglib import stored; stored.load('two_layers');"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "scalinglib.experiments.stored" in loaded
    rooms = {f"scalinglib.experiments.{name}" for name in ("width", "images")}
    assert (rooms | {"torch", "scalinglib.networks"}).isdisjoint(loaded)


# -------------------------------------------------------------- there and back

LABELLED = xr.DataArray(
    np.arange(6.0).reshape(2, 3),
    coords={"kernel": ["tangent", "Matérn"], "D": [4, 8, 16]},
    name="loss",
    attrs={"seed": 0, "command": "make"},
)


@pytest.mark.parametrize(
    "found",
    [
        LABELLED,
        LABELLED.drop_vars("D"),
        LABELLED.assign_coords(D=[0.5, 1.0, 1.5]),
        LABELLED.isel(D=0),
        LABELLED.assign_coords(of=("D", ["a", "bc", "def"])),
        LABELLED.assign_attrs(seed=[32, 64]),
        LABELLED.T,
        xr.Dataset({"loss": LABELLED.drop_attrs(), "truth": 2.5}, attrs={"seed": 0}),
    ],
)
def test_there_and_back(found):
    """Names, order of dimensions, coordinates, their types and attributes return."""
    again = results.unpack(results.pack(found))
    assert again.identical(found)
    for name in found.coords:
        assert again[name].dtype == found[name].dtype
        assert (name in again.indexes) == (name in found.indexes)
    for array in again.values() if isinstance(again, xr.Dataset) else [again]:
        assert array.dtype == np.float64
        assert array.dtype.isnative
    assert again.attrs == found.attrs
    assert {type(value) for value in again.attrs.values()} <= {int, list, str}


def test_single_precision_is_kept_in_the_file():
    """Four bytes a number on disk, the same number in double precision in use."""
    noise = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    found = xr.DataArray(noise, dims="trial", name="f")
    double, single = (results.pack(f) for f in (found.astype(float), found))
    assert len(double) - len(single) == pytest.approx(4000, abs=20)
    again = results.unpack(single)
    assert again.dtype == np.float64
    np.testing.assert_array_equal(again, noise.astype(float))


@long
def test_same_numbers_same_bytes():
    """Attributes of a part do not count, nor does the process that writes."""
    both = xr.Dataset({"a": LABELLED, "b": 2 * LABELLED}, attrs={"seed": 0})
    noted = both.assign(a=both.a.assign_attrs(note="x")).assign_attrs(both.attrs)
    assert results.pack(both.copy(deep=True)) == results.pack(both)
    assert results.pack(noted) == results.pack(both)
    probe = (
        "from scalinglib import stored; from scalinglib.experiments import results;"
        "print(results.pack(stored.load('forecasts')).hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )
    assert bytes.fromhex(done.stdout) == results.pack(stored.load("forecasts"))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (LABELLED.to_dataset(), r"must hold two variables or be a DataArray, got \['l"),
        (LABELLED.rename(None), "without providing an explicit name"),
        (LABELLED.assign_coords(D=[1, 2, 2**40]), "could not safely cast"),
    ],
)
def test_what_would_not_return_is_refused(found, message):
    """Sets of one, arrays without a name, whole numbers of more than 32 bits."""
    with pytest.raises(ValueError, match=message):
        results.pack(found)


# ---------------------------------------------------------------- command line


def test_make_writes_a_file(quick, tmp_path, capsys):
    """One line for each, and the file holds what the function returns."""
    folder = tmp_path / "new" / "folder"
    main(["make", "few", "few", "--folder", str(folder)])
    assert capsys.readouterr().out == f"{folder / 'few.nc'}: 0 kB, 0.0 minutes\n"
    found = read(folder / "few.nc")
    assert found.equals(xr.DataArray([1.5, 2.5], {"D": [4, 8]}))
    command = "python -m scalinglib.experiments make few"
    assert found.attrs == {"seed": 3, "command": command}
    before = (folder / "few.nc").read_bytes()
    main(["make", "few", "--folder", str(folder)])
    assert (folder / "few.nc").read_bytes() == before


def test_all_is_all_and_images_go_where_they_are_needed(quick, tmp_path):
    """Only the result that takes a directory of images gets it."""
    main(["make", "all", "--folder", str(tmp_path), "--source", str(tmp_path)])
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["few.nc", "long.nc", "seen.nc"]
    seen = read(tmp_path / "seen.nc")
    assert seen["at"] == str(tmp_path)
    assert seen.attrs["command"].endswith(" make seen --source DIR")
    main(["make", "seen", "--folder", str(tmp_path)])
    assert read(tmp_path / "seen.nc")["at"] == "None"
    with pytest.raises(ValueError, match="source must be None for 'few', got 'here'"):
        results.make("few", source="here", folder=tmp_path)


def test_runs_of_hours_keep_their_trials(quick, tmp_path, capsys):
    """A folder for the trials and a number of processes reach who asks for them."""
    places = ["--folder", str(tmp_path), "--checkpoint", str(tmp_path / "kept")]
    main(["make", "few", "long", *places, "--jobs", "2"])
    found = read(tmp_path / "long.nc")
    assert found["at"] == str(tmp_path / "kept" / "long")
    assert found["jobs"] == 2
    main(["make", "long", "--folder", str(tmp_path)])
    assert read(tmp_path / "long.nc")["at"] == "None"
    with pytest.raises(ValueError, match="checkpoint must be None for 'few'"):
        results.make("few", checkpoint=tmp_path, folder=tmp_path)
    for wrong, said in [
        (["few", *places], "argument --checkpoint: only for long"),
        (["few", "--jobs", "0"], "must be a whole number above 0, not 0"),
    ]:
        with pytest.raises(SystemExit):
            main(["make", *wrong])
        assert said in capsys.readouterr().err


def test_by_default_it_is_what_is_read(quick, tmp_path, monkeypatch, capsys):
    """Without a folder the file is the one that stored.load reads."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    main(["list"])
    assert "not made" in capsys.readouterr().out
    main(["make", "few"])
    assert stored.load("few").sizes == {"D": 2}
    with pytest.raises(ValueError, match=r"name must be one of \['few'\], got 'seen'"):
        stored.load("seen")


def test_list_says_what_there_is(capsys):
    """Name, size, minutes, dimensions and what the function says of itself."""
    main(["list"])
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == [*results.RESULTS]
    (row,) = [row for row in rows if row.startswith("torus_networks")]
    assert row.split()[1:5] == ["1", "kB", "10", "min"]
    assert "  d 2, D 5, trial 8  " in row
    assert row.endswith(torus_networks.make_torus_networks.__doc__.splitlines()[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: command"),
        (["make"], "required: NAME"),
        (["make", "few", "nope"], "invalid choice: 'nope'"),
        (["make", "seen", "--source", "not/there"], "no directory 'not/there'"),
        (["make", "few", "--source", "."], "argument --source: only for seen"),
    ],
)
def test_bad_commands_are_explained(quick, arguments, said, capsys):
    """Exit status 2, and a message that says what is wrong."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_unknown_name_on_the_command_line():
    """The message lists the names; there is no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "scalinglib.experiments", "make", "nope"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert all(name in done.stderr for name in results.RESULTS)
    assert "Traceback" not in done.stderr
