"""Stored sweeps: a part is run again, and what is not the same is refused."""

import numpy as np
import pytest
import xarray as xr

from scalinglib import stored, sweep

GRID = {"D": [4, 9], "kind": ["even", "odd"]}


def trial(rng, D, kind):
    """A curve over P that depends on draw and setting."""
    values = rng.random((2, D)).sum(axis=1) + (kind == "odd")
    return xr.DataArray(values, coords={"P": [1, 2]})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of results with one in it, called curve."""
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    monkeypatch.setenv(stored.VARIABLE, "curve other")
    stored.run("curve", trial, trials=3, seed=5, **GRID)
    monkeypatch.delenv(stored.VARIABLE)
    return tmp_path


def test_result_is_that_of_the_sweep(folder):
    """What was stored comes back to the last bit, labels and attributes too."""
    found = stored.run("curve", trial, trials=3, seed=5, **GRID)
    xr.testing.assert_identical(found, sweep.run(trial, trials=3, seed=5, **GRID))


def test_peek_hands_out_the_same_and_runs_nothing(folder):
    """A picture that comes first shows what `run` will hold a trial against."""
    found = stored.run("curve", trial, trials=3, seed=5, **GRID)
    xr.testing.assert_identical(stored.peek("curve"), found)
    with pytest.raises(ValueError, match=r"name must be one of \['curve'\], got 'no'"):
        stored.peek("no")


def test_one_trial_is_run_again(folder):
    """One trial at one point of the grid is run, and that for which one asks."""
    calls = []

    def told(rng, D, kind):
        calls.append((D, kind))
        return trial(rng, D, kind)

    stored.run("curve", told, trials=3, seed=5, **GRID)
    stored.run("curve", told, trials=3, seed=5, again={"D": 9}, **GRID)
    assert calls == [(4, "even"), (9, "even")]


@pytest.mark.parametrize("factor", [1 + 1e-3, 1 - 1e-3, 0.0])
def test_what_has_changed_is_refused(folder, factor):
    """A trial that gives another number is not the one that was stored."""
    with pytest.raises(ValueError, match=r"at {'D': 9, 'kind': 'odd'} gives .* stored"):
        stored.run(
            "curve",
            lambda rng, D, kind: trial(rng, D, kind) * (factor if D == 9 else 1),
            trials=3,
            seed=5,
            again={"D": 9, "kind": "odd"},
            **GRID,
        )


def test_rounding_is_not_a_change(folder):
    """Another machine rounds in another way."""
    rounded = lambda rng, D, kind: trial(rng, D, kind) * (1 + 1e-6)  # noqa: E731
    stored.run("curve", rounded, trials=3, seed=5, **GRID)
    with pytest.raises(ValueError, match="has changed"):
        stored.run("curve", rounded, trials=3, seed=5, within=1e-7, **GRID)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"trials": 4}, "trials must be that of the stored 'curve', 3, got 4"),
        ({"seed": 6}, "seed must be that .* 5, got 6"),
        ({"D": [4, 16]}, r"grid must be that .*\[4, 9\].* got .*\[4, 16\]"),
        ({"name": "none"}, r"name must be one of \['curve'\], got 'none'"),
        ({"name": 3}, "name must be one of"),
        ({"again": {"D": 5}}, "again must be on the grid, got D = 5"),
        ({"again": {"P": 1}}, "again must be on the grid, got P = 1"),
        ({"within": 0}, "within must be above zero"),
    ],
)
def test_bad_input_is_named(folder, changed, message):
    """What is not the stored sweep is refused, with what is stored."""
    call = {"name": "curve", "trial": trial, "trials": 3, "seed": 5, **GRID} | changed
    with pytest.raises(ValueError, match=message):
        stored.run(call.pop("name"), call.pop("trial"), **call)


def test_other_dimensions_are_refused(folder):
    """A trial that returns another shape is another trial."""
    with pytest.raises(ValueError, match=r"trial returns .*'P': 1"):
        stored.run(
            "curve",
            lambda rng, D, kind: trial(rng, D, kind).isel(P=[0]),
            trials=3,
            seed=5,
            **GRID,
        )


def test_what_ships_is_finite():
    """Every stored result reads, and holds numbers."""
    names = sorted(file.name.removesuffix(".json") for file in stored.FOLDER.iterdir())
    assert names
    for name in names:
        found, grid = stored._read(name)
        assert np.isfinite(found.values).all()
        assert {*grid, "trial"} <= set(found.dims)
