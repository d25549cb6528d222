"""The texts that ship are those that the package says, and can be made again."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from thorough import long
from whereabouts import ROOT

from scalinglib import data, text
from scalinglib.data.corpora import TEXTS
from scalinglib.experiments import make_texts


@pytest.mark.parametrize("name", TEXTS)
def test_texts_have_the_sums_that_are_told(name):
    """The README beside them states the SHA-256 of each, and how long it is."""
    told = (ROOT / "scalinglib/data/README.md").read_text()
    found = data.load_text(name)
    assert hashlib.sha256(found.encode()).hexdigest() in told
    assert f"{len(found):,}".replace(",", " ") in told


@long
def test_the_bible_is_what_others_counted():
    """4.14 million characters, 37 of them different; 31 102 verses."""
    bible = data.load_text("king_james")
    assert bible.count("\n") == 31_102
    tokens = text.characters(bible, lower=True)
    assert (round(len(tokens) / 1e6, 2), tokens.V) == (4.14, 37)
    assert re.search(r"\d", bible) is None


def test_the_library_is_source():
    """With all its indentation: more than half of the lines begin with white space."""
    lines = data.load_text("python_library").splitlines()
    assert sum(line.startswith("def ") for line in lines) > 1000
    assert sum(line.startswith("    ") for line in lines) > len(lines) / 2


@pytest.mark.skipif(shutil.which("bible") is None, reason="needs bible-kjv")
def test_the_bible_is_made_again():
    """From Debian's package, to the character."""
    assert make_texts.king_james() == data.load_text("king_james")


def test_a_library_is_made_in_the_order_of_names(tmp_path):
    """Modules alone, none of what lies beside them."""
    for name, content in (("b.py", "b = 'é'\n"), ("a.py", "a = 1\n"), ("c.txt", "c")):
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "package").mkdir()
    assert make_texts.python_library(tmp_path) == "a = 1\nb = 'é'\n"
    if (Path(make_texts.PYTHON) / "zipfile.py").exists():
        made = make_texts.python_library()
        assert abs(len(made) / len(data.load_text("python_library")) - 1) < 0.05
