"""Whoever meets a symbol finds what it means: on the page, or in the notation."""

import re

import nbformat
import pytest
from symbols import introduced, symbols, used
from whereabouts import ROOT

PAGES = sorted((ROOT / "book").glob("**/[0-9i]*.ipynb"))
PAGES = [path for path in PAGES if ".ipynb_checkpoints" not in path.parts]
NOTATION = (ROOT / "book/notation.md").read_text()

# What mathematics has named for everybody.
KNOWN = {r"\mathbb R", r"\mathbb Z", r"\mathbb N", r"\pi", "e", "O"}


def unexplained(page, notation=NOTATION):
    """Symbols of a page's formulas that neither it nor the notation introduces."""
    return used(page) - introduced(page) - used(notation) - KNOWN


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_symbol_is_explained(path):
    """No formula holds a symbol that nobody introduces."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    assert used(text)
    assert unexplained(text) == set()


def test_notation_is_sorted():
    """In each table of the notation Latin letters come first, then Greek ones."""
    tables = re.findall(r"(?:^\| \$.*\n)+", NOTATION, re.M)
    assert len(tables) >= 5
    for table in tables:
        rows = [symbols(row.split("|")[1])[0].split()[-1] for row in table.splitlines()]
        letters = [letter.replace("\\ell", "l") for letter in rows]
        latin = [letter.lower() for letter in letters if letter.isalpha()]
        assert latin == sorted(latin)
        assert all(map(str.isalpha, letters[: len(latin)])), letters


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (r"L = L_\infty + A\,x^{-\alpha}", ["L", "L", "A", "x", r"\alpha"]),
        (r"\hat f(x_{\hat n})", [r"\hat f", "x"]),
        (r"\mathcal{K}\mathcal P \dot{\Sigma}", None),
        (r"\sum_{i>S}^\infty \log\lambda_i", [r"\lambda"]),
        (r"\operatorname{Tr} K^{-1} \text{ if } \eta", ["K", r"\eta"]),
        (r"\mathbb E_{x\sim p}[\ell]", [r"\mathbb E", r"\ell"]),
        (r"x_\mathrm{test}+y_{a_{b}}", ["x", "y"]),
    ],
)
def test_symbols_of_a_formula(tex, found):
    """Letters with their accents; no subscripts, words or operators."""
    assert symbols(tex) == (found or [r"\mathcal K", r"\mathcal P", r"\dot \Sigma"])


def test_what_is_not_explained_is_found():
    """A formula's symbol must begin a formula of the text, or be in the notation."""
    page = "Let $\\eta$ be a step, and $u, w = 2$.\n\n$$ x = \\eta\\,u\\,w\\,q $$\n"
    assert unexplained(page, "| $x$ |") == {"q"}
    assert unexplained(page, "") == {"x", "q"}
    assert unexplained("With `$z$` and $2z$.", "") == {"z"}
    assert unexplained("```{math}\n:label: eq\nh = 1\n```\nHere $v$.", "") == {"h"}
