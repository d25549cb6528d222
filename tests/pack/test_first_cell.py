"""The first cell of each notebook for readers, run against a pip that only listens."""

import importlib.util
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from whereabouts import ROOT

CELL = (ROOT / "book" / "_pack" / "first_cell.py").read_text()
NEEDS = ["numpy>=2.0", "scipy>=1.15", "tqdm>=4.66", 'torch>=2.5; extra == "networks"']


@pytest.fixture
def cell(monkeypatch, tmp_path, capsys):
    """Run the cell where some packages are there; return commands and what it says."""

    def run(there, wheel="scalinglib-0.1.0-py3-none-any.whl", folder="."):
        commands = []

        def version(name):
            if name not in there:
                raise metadata.PackageNotFoundError(name)
            return there[name]

        monkeypatch.chdir(tmp_path)
        (tmp_path / folder).mkdir(exist_ok=True)
        if wheel:
            (tmp_path / wheel).touch()
        monkeypatch.chdir(tmp_path / folder)
        monkeypatch.setattr(importlib.util, "find_spec", there.get)
        monkeypatch.setattr(metadata, "version", version)
        monkeypatch.setattr(metadata, "requires", lambda name: NEEDS)
        monkeypatch.setattr(
            subprocess, "run", lambda command, check: commands.append(command[3:])
        )
        exec(compile(CELL, "first_cell.py", "exec"), {})
        return commands, capsys.readouterr().out

    return run


def test_does_nothing_where_the_package_is_there(cell):
    """With scalinglib there is no command, and one line is said."""
    commands, said = cell({"scalinglib": "0.1.0"})
    assert commands == []
    assert said == "scalinglib is there.\n"


def test_installs_only_what_is_missing(cell):
    """The wheel comes without its requirements, then the one that is missing."""
    there = {"numpy": "2.0.1", "scipy": "1.15.0", "torch": "2.6.0+cu124"}
    (wheel, needs), said = cell(there)
    name = "scalinglib-0.1.0-py3-none-any.whl"
    assert wheel == ["install", "--quiet", "--no-deps", name]
    assert needs == [
        *("install", "--quiet", "tqdm>=4.66"),
        *("numpy==2.0.1", "torch==2.6.0+cu124"),
    ]
    assert said == f"Installed {name}, tqdm>=4.66.\n"


@pytest.mark.parametrize("there", [{}, {"numpy": "2.0.1"}, {"torch": "2.6.0"}])
def test_never_upgrades_numpy_or_torch(cell, there):
    """What is there is asked for in the version that is there, and never --upgrade."""
    commands, said = cell(there)
    words = [word for command in commands for word in command]
    for name in ("numpy", "torch"):
        asked = {word for word in words if word.startswith(name)}
        if name in there:
            assert asked == {f"{name}=={there[name]}"}
        else:
            assert asked == ({"numpy>=2.0"} if name == "numpy" else set())
    assert not {"--upgrade", "-U"}.intersection(words)
    assert ("torch is for you to install" in said) == ("torch" not in there)
    assert said.count("\n") == 1


def test_asks_pip_once_where_nothing_else_is_missing(cell):
    """With all requirements there, the wheel alone is installed."""
    there = dict.fromkeys(("numpy", "scipy", "tqdm", "torch"), "9")
    commands, _ = cell(there)
    assert len(commands) == 1


def test_finds_the_wheel_above_the_solutions(cell):
    """From the folder of the solutions the wheel is one folder up."""
    ((*_, wheel), _), _ = cell({"torch": "9"}, folder="solutions")
    assert Path(wheel) == Path("..", "scalinglib-0.1.0-py3-none-any.whl")


def test_says_what_is_missing_without_a_wheel(cell):
    """Without wheel and package the error says what to do."""
    with pytest.raises(ModuleNotFoundError, match=r"put scalinglib.*beside this"):
        cell({}, wheel=None)
