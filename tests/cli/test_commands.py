"""The command: what it says, to people and to machines, and what it refuses."""

import json
import re
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from thorough import long
from typer.testing import CliRunner
from undrawn import undraw
from whereabouts import ROOT

from scalinglib import laws
from scalinglib.cli import commands, main
from scalinglib.cli.tables import curve_of
from scalinglib.report import forecasts

X = 2 ** np.arange(6, 14)
RUN = CliRunner()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A long table of two optimizers and three seeds, in no order."""
    rng = np.random.default_rng(0)
    rows = [
        {"N": x, "seed": seed, "optimizer": name, "loss": scale * x**-0.5 * noise}
        for name, scale in (("adam", 1.0), ("sgd", 2.0))
        for x in X
        for seed, noise in enumerate(np.exp(0.02 * rng.standard_normal(3)))
    ]
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    pd.DataFrame(rows).sample(frac=1, random_state=0).to_csv(path, index=False)
    return str(path)


def said(*words):
    """What the command prints, if it succeeds."""
    done = RUN.invoke(commands.app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


ADAM = "--size", "N", "--where", "optimizer=adam"


@long
def test_forecast_is_that_of_the_package(file):
    """Median, ends, shares and warnings, at every size that was asked for."""
    curve = curve_of(file, "N", "loss", where=["optimizer=adam"])
    words = "forecast", file, *ADAM, "--at", "65536", "--at", "1e9", "--level", "0.8"
    found = json.loads(said(*words, "--json"))
    assert found["largest"] == X[-1]
    for row in found["forecasts"]:
        guess = laws.forecast(curve, at=row["at"], level=0.8)
        assert (row["low"], row["high"]) == guess.interval()
        assert row["loss"] == guess.value
        assert row["speak"] == guess.speak
        assert row["warnings"] == list(guess.warnings)
    text = said(*words)
    assert f"{found['forecasts'][0]['loss']:.4g}" in text
    assert "80 % interval" in text
    assert "warning:" in text
    assert "assumed: power 100 %" in said(*words, "--assume", "power")


@long
def test_a_report_is_written_beside_the_answer(file, tmp_path, monkeypatch):
    """The same numbers, what was typed, and what only people know."""
    undraw(monkeypatch, forecasts)
    path = tmp_path / "out.html"
    words = ["forecast", file, *ADAM, "--at", "65536", "--report", str(path)]
    words += ["--note", "data=two = moons"]
    done = RUN.invoke(commands.app, words, obj=words, catch_exceptions=False)
    assert done.exit_code == 0
    assert str(path) in done.stdout
    guess = laws.forecast(curve_of(file, "N", where=["optimizer=adam"]), at=65536)
    html = path.read_text()
    assert f"<strong>{guess.value:.4g}</strong>" in html
    assert "two = moons" in html
    assert f"--report {path}" in html
    assert "forecasts" in json.loads(said(*words, "--json"))


def test_a_wide_table(tmp_path):
    """A column for each trial, named by a pattern; every command has a heading."""
    path = tmp_path / "wide.csv"
    columns = {f"seed_{k}": (1 + 0.02 * k) * X**-0.5 for k in range(3)}
    pd.DataFrame({"D": X} | columns).to_csv(path, index=False)
    for words in (
        ["forecast", "--at", "1e5"],
        ["gain"],
        ["size-for", "--target", "0.01"],
    ):
        assert "3 trials" in said(words[0], str(path), "--loss", "seed_*", *words[1:])


@long
def test_size_for_may_be_unbounded(file):
    """JSON has null for what is infinite, people read more."""
    words = "size-for", file, *ADAM, "--target", "0.005", "--target", "1e-9"
    near, far = json.loads(said(*words, "--json"))["sizes"]
    assert near["low"] < 40_000 < near["high"]
    assert far["size"] is None
    assert "more" in said(*words)


def test_gain_and_compare(file):
    """A square root falls by three tenths, and a power law describes it."""
    found = json.loads(said("gain", file, *ADAM, "--json"))["gain"]
    assert found["low"] < 1 - 2**-0.5 < found["high"]
    assert "falls by" in said("gain", file, *ADAM)
    found = json.loads(said("compare", file, *ADAM, "--json"))["laws"]
    by_name = {row["law"]: row for row in found}
    assert by_name["power"]["fits"] is True
    assert by_name["power"]["parameters"]["exponent"] == pytest.approx(0.5, abs=0.05)
    assert "power" in said("compare", file, *ADAM)


def test_the_readme_shows_what_is_printed(monkeypatch):
    """The command of its third paragraph, to the letter."""
    readme = (ROOT / "README.md").read_text()
    (command, shown), *_ = re.findall(
        r"```sh\nscalinglib (.*?)\n```.*?```text\n(.*?)\n```", readme, re.S
    )
    monkeypatch.chdir(ROOT)
    assert said(*shlex.split(command)).rstrip() == shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing.csv", "--at", "1e5"], "no file"),
        ([".", "--at", "1e5"], "directory"),
        (["{file}", "--at", "1e5"], "'D' is no column"),
        (["{file}", "--size", "N", "--at", "1e5"], "optimizer"),
        (["{file}", *ADAM, "--at", "10"], "at must be beyond"),
        (["{file}", *ADAM, "--at", "nan"], "at must be"),
        (["{file}", *ADAM, "--at", "1e5", "--level", "90"], "level must be"),
        (["{file}", *ADAM, "--at", "1e5", "--assume", "moore"], "assume must be"),
        (["{file}", "--size", "N", "--where", "adam", "--at", "1e5"], "--where must"),
        (["{file}", *ADAM, "--at", "1e5", "--report", "{file}"], "must end in .html"),
        (
            ["{file}", *ADAM, "--at", "1e5", "--note", "data=x"],
            "--note is for a report",
        ),
        (["{file}", *ADAM, "--at", "1e5", "--report", "a.html", "--note", "x"], "key"),
        (["{file}", *ADAM, "--at", "1e5", "--report", "a.html", "--note", "x=y"], "x"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(file, words, told):
    """On the error stream, with exit code 1, without a traceback."""
    done = RUN.invoke(commands.app, ["forecast", *(w.format(file=file) for w in words)])
    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_words_that_are_none_are_usage_errors(file):
    """Exit code 2, as everywhere."""
    for words in (["forecast"], ["forecast", file], ["forecast", file, "--at", "x"]):
        assert RUN.invoke(commands.app, words).exit_code == 2


def test_a_binary_file_is_refused(tmp_path):
    """Whatever its name says."""
    path = tmp_path / "runs.csv"
    path.write_bytes(np.random.default_rng(0).bytes(4000))
    done = RUN.invoke(commands.app, ["forecast", str(path), "--at", "10"])
    assert done.exit_code == 1
    assert done.stderr.startswith("scalinglib: ")


@long
def test_it_runs_as_a_module_too(file):
    """As the installed command does."""
    command = [sys.executable, "-m", "scalinglib", "gain", file, *ADAM, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["column"] == "N"


def test_without_its_libraries_it_says_what_to_install(monkeypatch):
    """In a line, with the command that installs them."""
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit, match="pip install typer rich"):
        main()
