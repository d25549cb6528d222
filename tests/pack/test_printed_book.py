"""The PDF, on a small book with one of everything: tags, bookmarks, links, answers."""

import re
import shutil

import pikepdf
import pypdf
import pytest
import small_book
from _pack import contents, finishing, printing
from _pack.answers_apart import answers, moderate, unfold
from _pack.beside import number_links
from _pack.contents import Page
from _pack.paper import document
from _pack.reshaped import SCREEN, reshape
from bs4 import BeautifulSoup
from thorough import unless_touched
from whereabouts import ROOT, chapters

pytestmark = unless_touched("book/_pack", "tests/pack")

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
    "version": "Version 1.",
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


def test_headings_and_commas(made, tmp_path):
    """A formula is plain text in bookmarks, and keeps the comma after it."""
    lines = "".join(
        f"<p style='width: {width}px'>see \\(xy\\), (\\(xy\\)).</p>"
        for width in range(20, 60, 3)
    )
    body = rf"<body class='math'><h2>As \(1/\sqrt D\), not</h2>{lines}</body>"
    path = tmp_path / "held.html"
    path.write_text(f"<html>{made[0].head}{body}</html>")
    printing.to_pdf(path, tmp_path / "held.pdf", ABOUT)
    read = pypdf.PdfReader(tmp_path / "held.pdf")
    assert [words(entry.title) for entry in read.outline] == ["As1/√D,not"]
    printed = "\n".join(page.extract_text() for page in read.pages).splitlines()
    assert sum("(" in line for line in printed) > 10
    assert [line for line in printed if re.match(r"\s*[.,)]", line)] == []


def test_objectives_name_pages(sheets):
    """Links of the objectives say on which page the question is."""
    (number,) = {n for n, sheet in enumerate(sheets, 1) if "a. this b. that" in sheet}
    assert f"read it (predict p. {number}, practise p. " in " ".join(sheets)


def parsed(text):
    """An article of that HTML."""
    return BeautifulSoup(f"<article>{text}</article>", "html.parser").article


def test_pages_of_links_name_pages():
    """On a route each link has a number, once in an item; in a chapter none has."""
    link = "<a href='#x'>Check</a>"
    text = f"<ul><li>Do {link}; again {link}.</li><li>Go on. ({link})</li></ul>"
    for name, told in (
        ("book/routes/whole", "Do Check (p. 000); again Check.Go on. (Check p. 000)"),
        ("book/01_power_laws", "Do Check; again Check.Go on. (Check)"),
    ):
        number_links(article := parsed(text), name)
        assert article.get_text().replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Not never.", "No. Not never."),
        ("Noise adds.", "No. Noise adds."),
        ("No: it is.", "No: it is."),
    ],
)
def test_verdicts_are_words(said, told):
    """A wrong choice is told to be wrong, whatever its explanation begins with."""
    question = parsed(
        "<form data-kind='choice' id='q'><fieldset><legend class='question-title'>Q"
        "</legend><div class='question-answers'><details class='question-answer'>"
        "<summary class='question-label'>a</summary><div class='question-feedback'>"
        f"<p class='question-verdict'>Not yet</p><p>{said}</p></div></details></div>"
    ).form
    assert answers(question).p.find_next("p").get_text() == told


def test_notes_of_a_moderator_stand_at_the_end():
    """What is to be predicted is not told below; questions stay, with the way there."""
    article = parsed(
        "<section><h2>Meeting 1</h2><p>Predict.</p>"
        "<details><summary>\nFor the moderator: what comes out</summary><p>C.</p>"
        "</details><details><summary>Why?</summary><p>Because.</p></details>"
        "<h2>Meeting 2</h2><p>Bye.</p></section>"
    )
    unfold(article)
    moderate(article, level=2)
    text = " ".join(article.get_text(" ").split())
    before, after = text.split("Bye.")
    assert before.count("Notes: page 000") == 2
    assert "What comes out" in before
    assert "Why?" in before
    for note in ("C.", "Because."):
        assert note not in before
        assert note in after
    places = {element["id"] for element in article.select("[id]")}
    assert {a["href"][1:] for a in article.select("a")} <= places


def test_what_needs_a_screen_is_not_on_paper():
    """Stubs keep what to hand in, tables get a head, and proofs are named once."""
    article = parsed(
        "<ul><li><p>Play: drag.</p></li><li><p>Read: it.</p></li></ul>"
        "<div class='cell_output'><p>○ <strong>not attempted.</strong> There is no "
        "answer yet. Hand in <em>a</em> number. <code>exercises.hint('ex')</code> "
        "helps.</p></div><table><tr><th>D</th></tr><tr><td><code>a.b_c(d)</code></td>"
        "</tr></table><div class='dropdown'><p class='box-title'>Proof</p>"
        "<div class='proof'><p>Proof. Four steps:</p></div></div>"
    )
    reshape(article, "book/routes/whole")
    told = " ".join(article.get_text(" ").split())
    assert told.startswith("Read: it. Hand in a number. D a. b_ c( d)")
    assert told.endswith("Proof Four steps:")
    assert article.select_one("thead th")
    assert len(article.select("wbr")) == 3
    assert article.select("p")[-1]["class"] == ["lead"]


def test_what_is_said_instead_is_still_there_to_replace():
    """Each text that paper replaces begins a paragraph of its page."""
    for page, start, instead in SCREEN:
        if instead:
            sources = [ROOT / f"{page}.md", ROOT / "book/_ext/teaching.py"]
            text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
            assert re.search(rf"""(^|\W){start}""", text), page


def test_the_book_is_printed_whole():
    """Every page of the contents is printed, in order, but for the reference."""
    named = [name for name in chapters() if not name.startswith("book/api")]
    assert [page.name for page in contents.pages(ROOT)] == named


def test_a_missing_browser_is_told(monkeypatch):
    """Without Chromium the error says how to get it."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install chromium-headless-shell"):
        printing.chromium()
