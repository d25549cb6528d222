"""The PDF, on a small book with one of everything: tags, bookmarks, links, answers."""

import re
import shutil

import pikepdf
import pypdf
import pytest
import small_book
from _pack import contents, finishing, printing
from _pack.contents import Page
from _pack.paper import document
from bs4 import BeautifulSoup
from whereabouts import ROOT, chapters

PAGES = [
    Page("index", part="About"),
    Page("page", part="The course"),
    Page("other", depth=1),
    Page("works", part="Back matter"),
]
ABOUT = {
    "title": "A small book",
    "subtitle": "Of three pages",
    "author": "Ann Able",
    "rights": "CC BY 4.0",
    "note": "All of it.",
}


@pytest.fixture(scope="module")
def made(chromium, tmp_path_factory):
    """The document, its dead links, the PDF, and what is too wide in it."""
    folder = small_book.make(tmp_path_factory.mktemp("small"), "html")
    text, dead = document(folder, PAGES, ABOUT)
    (folder / "book.html").write_text(text, encoding="utf-8")
    wide = printing.to_pdf(folder / "book.html", folder / "small.pdf", ABOUT)
    return BeautifulSoup(text, "html.parser"), dead, folder / "small.pdf", wide


@pytest.fixture(scope="module")
def shown(made):
    """The document that was printed."""
    return made[0]


@pytest.fixture(scope="module")
def pdf(made):
    """The PDF, its structure."""
    with pikepdf.open(made[2]) as pdf:
        yield pdf


@pytest.fixture(scope="module")
def sheets(made):
    """The text of each page of the PDF."""
    read = pypdf.PdfReader(made[2])
    return [" ".join(page.extract_text().split()) for page in read.pages]


def words(text):
    """Text without the spaces that a printer may set elsewhere."""
    return re.sub(r"\s", "", text)


def elements(node):
    """Yield every element of the tree of tags."""
    for kid in node.get("/K", []) if isinstance(node.get("/K"), pikepdf.Array) else []:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)
    if isinstance(node.get("/K"), pikepdf.Dictionary) and "/S" in node.K:
        yield node.K
        yield from elements(node.K)


def test_is_tagged(pdf, shown):
    """Every heading has its tag; pictures and formulas say what they are."""
    assert pdf.Root.MarkInfo.Marked
    found = list(elements(pdf.Root.StructTreeRoot))
    tags = [str(element.S).removeprefix("/") for element in found]
    for level in range(1, 5):
        assert tags.count(f"H{level}") == len(shown.select(f"h{level}")), level
    assert {"P", "L", "LI", "Table", "TH", "Link"} <= set(tags)
    told = {str(element.Alt) for element in found if "/Alt" in element}
    assert {"A line.", "a_1*b_1", r"L = A D^{-\alpha} + E"} <= told


def test_says_what_it_is(pdf):
    """Title, author, licence and language are there; it opens with its bookmarks."""
    assert str(pdf.Root.Lang) == "en"
    assert pdf.Root.PageMode == "/UseOutlines"
    assert pdf.docinfo["/Title"] == "A small book"
    assert pdf.docinfo["/Author"] == "Ann Able"
    with pdf.open_metadata() as data:
        assert data["dc:rights"] == "CC BY 4.0"
        assert data["dc:creator"] == ["Ann Able"]
        assert data["xmpRights:WebStatement"] == finishing.LICENCE


def test_bookmarks_are_the_headings(pdf, shown):
    """Every heading is a bookmark, at its depth and in its order."""

    def flat(items, depth=1):
        for item in items:
            yield depth, words(item.title)
            yield from flat(item.children, depth + 1)

    with pdf.open_outline() as outline:
        bookmarks = list(flat(outline.root))
    headings = shown.select("h1, h2, h3, h4")
    expected = [(int(h.name[1]), words(h.get_text())) for h in headings]
    assert bookmarks == expected
    assert (2, "1.Apage") in bookmarks
    assert (3, "2.Theotherpage") in bookmarks


def test_links_lead_somewhere(made, pdf, shown):
    """All links within the book lead to a place of it, and none to a file."""
    assert made[1] == []
    notes = [note for page in pdf.pages for note in page.get("/Annots", [])]
    within = [note.Dest for note in notes if "/Dest" in note]
    there = {str(name) for name in pdf.Root.Dests}
    assert {f"/{str(name).removeprefix('/')}" for name in within} <= there
    targets = {link["href"][1:] for link in shown.select('a[href^="#"]')}
    assert targets == {name.removeprefix("/") for name in there}
    assert len(within) >= len(targets) > 10
    outside = [str(note.A.URI) for note in notes if "/A" in note and "/URI" in note.A]
    assert [link for link in outside if not link.startswith("http")] == []


def test_sheets_are_numbered_and_the_contents_know(made, sheets):
    """Each sheet but the first bears its number, which the contents name."""
    assert not re.search(r"\d$", sheets[0].replace(ABOUT["rights"], ""))
    for number, sheet in enumerate(sheets[1:], 2):
        assert re.search(rf"(^| ){number}( |$)", sheet), number
    places = finishing.places(made[2])
    for page, title in {"page": "1. A page", "other": "2. The other page"}.items():
        assert re.search(rf"{title} {places[page]}\b", sheets[1])
        assert title in sheets[places[page] - 1]
    assert "000" not in " ".join(sheets)


ANSWERED = {
    "choices": "a. this b. that",
    "choice explained": "a. this — No. It is",
    "right choice": "b. that — Yes. Well done.",
    "number": "3 (within 0.5) — Yes. Count.",
    "wrong number": "7 — No. Too many.",
    "hint": "Hint 1 Think.",
    "solution": "It is two.",
    "solution's code": "exercises.grade('ex-own', 2)",
    "solution without code": "So.",
    "proof": "Proof of",
    "hidden code": "x = 1",
    "fallback of an explorable": "On the web page this is a figure to play with.",
    "caption": "Figure 1.1 The law",
}


@pytest.mark.parametrize("part", ANSWERED)
def test_what_folds_is_printed(sheets, part):
    """Choices, explanations, hints, solutions, proofs and hidden code are all there."""
    assert ANSWERED[part] in " ".join(sheets)


def test_answers_stand_at_the_end(sheets):
    """No answer stands before the end of its page, and the way there has a number."""
    text = " ".join(sheets)
    start = text.rindex("Answers and solutions")
    for name in ("right choice", "number", "hint", "solution"):
        assert text.index(ANSWERED[name]) > start
    (number,) = {n for n, sheet in enumerate(sheets, 1) if "It is two." in sheet}
    assert f"Hints and solution: page {number}" in text
    for dead in ("Open the answer", "Compare with", "Show code", "Hide code"):
        assert dead not in text


def test_nothing_stands_out(made):
    """Nothing is wider than the sheet."""
    assert made[3] == []


def test_wide_formulas_and_code_fit(chromium, made, tmp_path):
    """A formula and a table that are too wide shrink, code wraps; a box is told of."""
    head = str(made[0].head)
    wide = r"<div class='math'>\[" + " + ".join(["abcdefgh"] * 20) + r"\]</div>"
    wide += f"<pre>{'x' * 300}</pre>"
    wide += f"<table><tr>{'<td>unbreakable</td>' * 20}</tr></table>"
    box = "<div style='width: 900px'>box</div>"
    for content, told in ((wide, 0), (wide + box, 1)):
        path = tmp_path / "wide.html"
        path.write_text(f"<html>{head}<body>{content}</body></html>")
        assert len(printing.to_pdf(path, tmp_path / "wide.pdf", ABOUT)) == told


def test_the_book_is_printed_whole():
    """Every page of the contents is printed, in order, but for the reference."""
    named = [name for name in chapters() if not name.startswith("book/api")]
    assert [page.name for page in contents.pages(ROOT)] == named


def test_a_missing_browser_is_told(monkeypatch):
    """Without Chromium the error says how to get it."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install chromium-headless-shell"):
        printing.chromium()
