"""Slides: what a deck may hold, and that what is printed is whole."""

import html
import re
import subprocess
import sys

import nbformat
import pytest
from _pack import decks, slides
from thorough import exhaustive, first_of, long
from whereabouts import ROOT

DECKS = slides.meetings()
PAGE = re.compile(rb"/Type\s*/Page\b")

FULL = """--- title
# A deck

## A question
--- discuss
## Too much
{}
--- found
## A formula
$$ {} $$
"""


def deck(tmp_path, *, lines=3, tex="x"):
    """Write a deck of three slides, one with so many lines, one with a formula."""
    path = tmp_path / "1_deck.md"
    listed = "\n".join(f"{n}. A line of this slide" for n in range(1, lines + 1))
    path.write_text(FULL.format(listed, tex))
    return path


@long
@pytest.mark.parametrize("number", first_of(DECKS))
def test_a_deck_is_printed_whole(browser, tmp_path, number):
    """A page for each slide, none overflows; tagged, with an outline and a language."""
    path = tmp_path / "deck.pdf"
    count = decks.print_deck(browser, DECKS[number], path)
    printed = path.read_bytes()
    assert len(PAGE.findall(printed)) == count >= 5
    for part in (rb"/StructTreeRoot", rb"/Outlines", rb"/Lang", rb"/Marked true"):
        assert re.search(part, printed), part
    assert len(printed) < 500_000


@pytest.mark.parametrize("number", DECKS)
def test_a_deck_leads_through_a_meeting(number):
    """A question, a picture, a prediction, what was found, talk, and what is next."""
    deck = slides.slides(DECKS[number].read_text())
    order = ["title", "figure", "predict", "found", "answer", "discuss", "next"]
    assert [kind for kind, _ in deck] == order
    assert [kind for kind, body in deck if "$$" in body] == ["found"]


@pytest.mark.parametrize("number", DECKS)
def test_pictures_are_those_of_the_book(number):
    """Each is the stored output of a figure, with the description that it has there."""
    page = slides.page(DECKS[number], "mathjax.js")
    sources = re.findall(r"!\[\]\((.+)\)", DECKS[number].read_text())
    assert len(sources) == 2
    for source in sources:
        notebook, _, name = source.partition("#")
        stored = nbformat.read(ROOT / "book" / f"{notebook}.ipynb", as_version=4)
        (cell,) = [
            cell
            for cell in stored.cells
            if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == name
        ]
        assert cell.outputs[0].data["image/png"].replace("\n", "") in page
        assert html.escape(cell.metadata.mystnb.image.alt) in page


@long
def test_what_overflows_or_is_no_formula_is_found(browser, tmp_path):
    """Too many lines, too wide a formula, TeX that is none: each with its slide."""
    with decks.shown(browser, deck(tmp_path)) as page:
        assert decks.faults(page) == []
    with decks.shown(browser, deck(tmp_path, lines=12)) as page:
        assert all(said.startswith("Too much: ") for said in decks.faults(page))
        assert decks.faults(page)
    with decks.shown(browser, deck(tmp_path, tex=r"x+\quad" * 60)) as page:
        assert "A formula: svg" in decks.faults(page)
    with decks.shown(browser, deck(tmp_path, tex=r"\frac x")) as page:
        assert decks.faults(page)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("01_power_laws#fig-nowhere", "has no figure 'fig-nowhere'"),
        ("--- title\nNo heading", "must begin with a title"),
        ("--- sermon\n# A deck", "slides begin with"),
        ("# A deck", "slides begin with"),
    ],
)
def test_what_is_no_deck_is_refused(tmp_path, source, told):
    """A figure that is not there, a deck without a title, an unknown kind of slide."""
    path = tmp_path / "1_deck.md"
    figure = f"--- title\n# A deck\n![]({source})"
    path.write_text(figure if "#fig" in source else source)
    with pytest.raises(ValueError, match=told):
        slides.page(path, "mathjax.js")


@exhaustive
def test_the_command_prints_a_meeting(tmp_path):
    """`python book/_pack slides --to FOLDER 2` writes one file; there is no seventh."""
    command = [sys.executable, ROOT / "book/_pack", "slides", "--to", tmp_path / "made"]
    subprocess.run([*command, "2"], check=True)
    assert [p.name for p in (tmp_path / "made").iterdir()] == ["meeting-2.pdf"]
    done = subprocess.run([*command, "7"], capture_output=True, text=True)
    assert done.returncode
    assert "not [7]" in done.stderr
