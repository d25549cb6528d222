"""The command that splits budgets: what it says, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from thorough import long
from typer.testing import CliRunner
from undrawn import undraw
from whereabouts import ROOT

from scalinglib import data, laws
from scalinglib.cli import budgets
from scalinglib.report import surfaces

RUN = CliRunner()
CHINCHILLA = str(ROOT / "scalinglib" / "data" / "runs_chinchilla.csv")
LLAMA = str(ROOT / "scalinglib" / "data" / "runs_llama3.csv")


def said(*words):
    """What the command prints, if it succeeds."""
    done = RUN.invoke(budgets.app, ["surface", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words):
    """What it says of a fault, on one line."""
    done = RUN.invoke(budgets.app, ["surface", *words])
    assert done.exit_code == 1
    assert done.output.count("\n") == 1
    return done.output


@long
def test_it_says_the_numbers_of_the_package():
    """Parameters, intervals and budgets, for machines."""
    found = json.loads(said(LLAMA, "--budget", "3.8e25", "--budget", "1e22", "--json"))
    table = data.load_surface_runs("llama3")
    columns = (table[name].to_numpy() for name in ("N", "D", "loss"))
    surface = laws.fit_loss_surface(*columns, rng=0)
    for name, told in found["parameters"].items():
        assert told["value"] == pytest.approx(surface.parameters[name], rel=1e-6)
        ends = told["low"], told["high"]
        np.testing.assert_allclose(ends, surface.interval(name), rtol=1e-3)
        assert told["identified"] == surface.identified[name]
    best = surface.optimal(3.8e25)
    first = found["budgets"][0]
    assert first["C"] == 3.8e25
    assert first["P"]["value"] == pytest.approx(best.P.value, rel=1e-5)
    np.testing.assert_allclose(first["D"]["low"], best.D.interval()[0], rtol=1e-2)
    assert first["tokens_per_parameter"]["value"] == pytest.approx(7.92, rel=0.01)
    assert "10 budgets" in found["warnings"][0]
    by_valleys = [each["loss_by_valleys"] for each in found["budgets"]]
    assert by_valleys[1] is None
    assert "times the largest size" in by_valleys[0]["warnings"][0]
    told = said(LLAMA, "--budget", "3.8e25")
    assert "warning: loss by valleys: 3.8e+03 times the largest" in told
    assert by_valleys[0]["low"] < 0.5 < by_valleys[0]["value"] < 0.65


@long
def test_columns_have_names_of_their_own(tmp_path):
    """Parameters, tokens and losses under other names, and one optimizer of two."""
    table = data.load_surface_runs("llama3").assign(optimizer="adam")
    other = table.assign(optimizer="sgd", loss=table["loss"] * 1.1)
    names = {"N": "params", "D": "tokens", "loss": "nll"}
    path = tmp_path / "runs.csv"
    pd.concat([table, other]).rename(columns=names).to_csv(path, index=False)
    words = "--N", "params", "--D", "tokens", "--loss", "nll", "--json"
    where = "--where", "optimizer=adam"
    found = json.loads(said(str(path), *words, *where))
    assert found["runs"] == 133
    assert found["parameters"]["E"]["value"] == pytest.approx(0.5942, rel=1e-3)
    best = json.loads(said(str(path), *words, "--best", "optimizer"))
    assert best["parameters"]["E"]["value"] == pytest.approx(0.5942, rel=1e-3)
    assert "optimizer" in refused(str(path), *words)


@long
def test_people_are_told_what_to_beware_of():
    """Of 245 runs some are far off, and compute stands in place of data."""
    text = " ".join(said(CHINCHILLA, "--C", "C", "--budget", "1e24").split())
    assert "245 runs, E + A P^-alpha_P + B D^-alpha_D" in text
    assert "alpha_D 0.4531" in text
    assert "C = 1e+24 best 95 % interval P 1.62" in text
    assert "4 runs are more than 10 times as far off" in text
    assert "not determined" not in text


def test_what_is_not_determined_is_said(tmp_path):
    """Six models of one data size: a reason for each parameter."""
    P = np.geomspace(1e7, 1e9, 6)
    loss = 1.7 + 400 * P**-0.34
    path = tmp_path / "runs.csv"
    pd.DataFrame({"P": P, "D": 1e10, "loss": loss}).to_csv(path, index=False)
    text = " ".join(said(str(path), "--P", "P", "--budget", "1e19").split())
    assert "alpha_D is not determined: D has 1 distinct value" in text
    assert "B is not determined: alpha_D is not determined" in text
    machine = json.loads(said(str(path), "--P", "P", "--json", "--budget", "1e19"))
    assert machine["parameters"]["alpha_D"]["identified"] is False
    assert machine["budgets"][0]["P"]["high"] is None


@long
def test_a_report_is_written_beside_the_answer(tmp_path, monkeypatch):
    """With the words that made it, and the same numbers."""
    undraw(monkeypatch, surfaces)
    path = tmp_path / "surface.html"
    text = said(LLAMA, "--budget", "1e23", "--report", str(path))
    assert f"report: {path}" in text.replace("\n", "")
    assert "The best split of 10²³ FLOP" in path.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((CHINCHILLA,), "sizes 'D' is no column of the table"),
        ((CHINCHILLA, "--C", "C", "--D", "D"), "--D and --C: name one of them"),
        ((LLAMA, "--budget", "-1"), "C must be finite and positive, got -1.0"),
        ((LLAMA, "--form", "chinchilla"), "form must be one of 'additive', 'joint'"),
        ((LLAMA, "--level", "95"), "level must be a probability"),
        ((LLAMA, "--delta", "0"), "delta must be above zero"),
        ((LLAMA, "--report", "report.txt"), "path must end in .html"),
        (("nowhere.csv",), "there is no file"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words, message):
    """Without a traceback."""
    assert message in refused(*words)
