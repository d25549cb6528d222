"""The command of texts: the package's numbers, every kind of file, errors in a line."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from made_up_texts import branching
from thorough import exhaustive
from typer.testing import CliRunner
from undrawn import undraw

from scalinglib import text
from scalinglib.cli import texts
from scalinglib.report import texts as report_of_texts
from scalinglib.report.records import digits_for
from scalinglib.report.text_records import text_record

RUN = CliRunner()
PROSE = branching(8000, rng=3)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A text in a file."""
    path = tmp_path_factory.mktemp("text") / "prose.txt"
    path.write_text(PROSE)
    return path


def done(*words):
    """The command, run to its end, whatever that is."""
    typed = ["text", *map(str, words)]
    return RUN.invoke(texts.app, typed, obj=typed)


def said(*words):
    """What it prints, if it succeeds: nothing on the other stream."""
    ran = done(*words)
    assert ran.exit_code == 0, ran.output
    assert ran.stderr == ""
    return ran.stdout


def test_it_says_the_numbers_of_the_package(file):
    """For machines all of them, and JSON that has no words of its own."""
    told = said(file, "--orders", 4, "--level", 0.8, "--seed", 5, "--json")
    assert not {"NaN", "Infinity"} & {*told.replace(",", " ").split()}
    found = text.analyse(text.characters(PROSE), orders=4, rng=5)
    assert json.loads(told) == text_record(found, 0.8)


def test_people_are_told(file):
    """Exponents with what they stand on, horizons, entropies, and the verdict."""
    lines = said(file, "--orders", 4).splitlines()
    found = text.analyse(text.characters(PROSE), orders=4, rng=0)
    assert lines[0] == "8000 characters, 6 different"
    rows = {line.strip().split("  ")[0]: line for line in lines}
    digits = digits_for(*found.measured.interval(), 2)
    value, *ends = (
        f"{x:.{digits}g}" for x in (found.measured.value, *found.measured.interval())
    )
    sizes = f"D {found.measured.first:g} to {found.measured.last:g}"
    status = found.measured.status.removesuffix(" in this range")
    cells = "alpha_D measured", value, " to ".join(ends), sizes, status
    row = re.split("  +", rows["alpha_D measured"].strip())
    assert row == [*cells]
    assert rows["gamma_H"].endswith(found.gamma.status)
    (told,) = found.warnings
    assert f"warning: {told}" in lines
    assert "n 1 to 4" in rows["gamma_H"]
    assert "95 % interval" in rows["exponent"]
    assert rows["beta_C"].endswith(found.beta.status)
    near, far = found.correlations.horizon([1000, 8000])
    assert rows["1000"].endswith(f"{near:.3g}")
    assert rows["8000"].endswith("not known" if np.isnan(far) else f"{far:.3g}")
    entropies = found.curves.entropies
    assert f"{entropies['value'][2]:.3g}" in rows["2"]
    assert lines[-1] == found.verdict()
    assert not any("not determined" in line for line in lines)


def test_what_cannot_be_had_is_told(tmp_path):
    """Letters that know nothing of each other have no correlations to fall."""
    letters = "".join(np.random.default_rng(0).choice([*"abcd"], 5000))
    (tmp_path / "dice.txt").write_text(letters)
    found = text.analyse(text.characters(letters), orders=4, rng=0)
    lines = said(tmp_path / "dice.txt", "--orders", 4).splitlines()
    assert [line for line in lines if "is not determined:" in line] == [
        f"beta_C is not determined: {found.reasons['beta']}",
        "alpha_D predicted is not determined: it takes both beta_C and gamma_H",
    ]


def test_what_is_predicted_is_told(tmp_path):
    """With all that it is made of, if all is determined; no power law is a warning."""
    prose = branching(20_000, rng=3)
    (tmp_path / "long.txt").write_text(prose)
    found = text.analyse(text.characters(prose), orders=4, rng=0)
    lines = said(tmp_path / "long.txt", "--orders", 4).splitlines()
    (row,) = (line for line in lines if "alpha_D predicted" in line)
    told = float(row.removeprefix("alpha_D predicted").split()[0])
    assert told == pytest.approx(found.predicted.value, rel=0.02)
    assert re.search(r"gamma_H / \(2 beta_C\) +predicted *$", row)
    warned = [line for line in lines if line.startswith("warning: ")]
    expected = text_record(found)["warnings"]
    assert warned == [f"warning: {each}" for each in expected]


@pytest.mark.parametrize(
    ("words", "tokens", "orders"),
    [
        (["--lower"], text.characters("Ab " + PROSE, lower=True), 16),
        (["--unit", "words"], text.words("Ab " + PROSE.replace("a", " ")), 6),
    ],
)
def test_units_and_their_orders(tmp_path, words, tokens, orders):
    """Characters are known sixteen at a time, words six."""
    prose = "Ab " + (PROSE.replace("a", " ") if "words" in words else PROSE)
    (tmp_path / "a.txt").write_text(prose)
    record = json.loads(said(tmp_path / "a.txt", *words, "--json"))
    assert record["text"]["unit"] == tokens.unit
    assert record["text"]["tokens"] == len(tokens)
    assert record["text"]["different"] == tokens.V
    assert record["entropies"][-1]["n"] == orders
    assert record["text"]["frequent"][0]["count"] == tokens.counts[0]


def test_byte_pairs_of_a_vocabulary(file):
    """As many as are asked for."""
    pytest.importorskip("tokenizers")
    words = "--unit", "byte-pairs", "--vocabulary", 270, "--orders", 2, "--json"
    record = json.loads(said(file, *words))["text"]
    tokens = text.byte_pairs(PROSE, vocabulary=270)
    assert record["unit"] == "byte pairs"
    assert (record["tokens"], record["different"]) == (len(tokens), tokens.V)


def test_a_report_is_written_beside_the_answer(file, tmp_path, monkeypatch):
    """With the words that made it, the file's name and the verdict."""
    undraw(monkeypatch, report_of_texts)
    path = tmp_path / "out.html"
    told = said(file, "--orders", 3, "--report", path)
    assert f"report: {path}" in told
    html = path.read_text()
    assert "<h1>prose.txt: a text and its learning curve</h1>" in html
    verdict = text.analyse(text.characters(PROSE), orders=3, rng=0).verdict()
    assert f"<b>{verdict}</b>" in html
    assert f"--report {path}</code>" in html


def test_other_encodings(tmp_path):
    """Are named: the same letters, two bytes each."""
    path = tmp_path / "wide.txt"
    path.write_text("ä" + PROSE, encoding="utf-16")
    words = "--encoding", "utf-16", "--orders", 2, "--json"
    record = json.loads(said(path, *words))
    assert record["text"]["tokens"] == len(PROSE) + 1


FILES = {
    "empty": b"",
    "blank": b" \n" * 5000,
    "short": b"In the beginning was the Word.",
    "same": b"a" * 5000,
    "binary": np.random.default_rng(0).bytes(5000),
    "broken": b"abc " * 1000 + b"\xff",
    "zeros": b"abc\0" * 1000,
    "fine": PROSE.encode(),
}
BAD = [
    (["empty"], "path must be a text; empty.txt is empty"),
    (["blank"], "path must be a text; blank.txt is empty"),
    (["short"], "tokens must be at least 1024 tokens"),
    (["same"], "got 5000 with 1 different"),
    (["binary"], "path must be a text in utf-8; binary.txt is not"),
    (["broken"], "byte 4000 is 0xff. Name the encoding"),
    (["broken", "--encoding", "klingon"], "encoding must be that of a text"),
    (["zeros"], "holds a zero at character 3"),
    (["missing"], "No such file"),
    (["fine", "--level", "95"], "level must be a probability"),
    (["fine", "--orders", "-1"], "orders must be"),
    (["fine", "--orders", "500"], "orders must be less than half a block"),
    (["fine", "--seed", "-1"], "rng must be"),
    (["fine", "--vocabulary", "300"], "--vocabulary is for byte pairs"),
    (["fine", "--unit", "byte-pairs", "--vocabulary", "3"], "vocabulary must be"),
    (["fine", "--report", "a.txt"], "path must end in .html"),
    (["fine", "--report", "none/a.html"], "path must be in a folder that exists"),
]


@pytest.mark.parametrize(("words", "told"), BAD)
def test_what_is_wrong_is_said_in_a_line(tmp_path, monkeypatch, words, told):
    """On the error stream, with exit code 1, without a traceback."""
    name, *rest = words
    if name in FILES:
        (tmp_path / f"{name}.txt").write_bytes(FILES[name])
    monkeypatch.chdir(tmp_path)
    ran = done(f"{name}.txt", *rest)
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("scalinglib: ")
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("words", [["--level", "2"], ["--report", "a.txt"]])
def test_what_can_be_seen_at_once_is_not_said_after_a_minute(file, monkeypatch, words):
    """Words are looked at before the text is."""
    monkeypatch.setattr(text, "analyse", lambda *_, **__: pytest.fail("too late"))
    assert done(file, *words).exit_code == 1


def test_words_that_are_none_are_usage_errors(file):
    """Exit code 2, as everywhere."""
    for words in ([], [file, "--unit", "letters"], [file, "--orders", "x"]):
        assert done(*words).exit_code == 2


HOSTILE = [
    "ab" * 2000,
    "abc d" * 800,
    "a" * 2000 + "b",
    "a" * 2000 + "b" * 2000,
    "[bold]<script>:smile:\x1b[31m " * 100,
    "".join(map(chr, range(0x4E00, 0x4E00 + 2000))),
]


@pytest.mark.parametrize("prose", HOSTILE, ids=range(len(HOSTILE)))
def test_odd_texts_have_answers(tmp_path, prose):
    """Periodic ones, and such of which hardly anything is known; nobody warns."""
    path = tmp_path / "odd.txt"
    path.write_text(prose)
    lines = said(path, "--orders", 3).splitlines()
    assert lines[-1].startswith("The formula cannot be tried on this text: ")
    assert " nan" not in " ".join(lines)
    start = next(k for k, line in enumerate(lines) if line.startswith("order n"))
    assert not any(" -" in line for line in lines[start : start + 5])
    assert "\x1b" not in "".join(lines)
    json.loads(said(path, "--orders", 3, "--json"))


@exhaustive
def test_it_runs_as_a_module_too(file):
    """As the installed command does, with nothing on the other stream."""
    command = [sys.executable, "-m", "scalinglib", "text", file, "--orders", "2"]
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("8000 characters, 6 different\n")
