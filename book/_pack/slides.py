"""Slides for six meetings: Markdown in the repository, pages of 16 : 9 in HTML.

A deck is a file of ``book/teaching/slides``. A line of dashes and the kind of a slide
begins each one::

    --- figure
    ## Four data sets, one learner

    ![](03_nearest_neighbours#fig-four-data-sets)

Pictures are outputs that the notebooks of the book have stored, by the name of a figure
there, with its description there: slides cannot show what the book does not. `decks`
makes a PDF of them.
"""

import base64
import html
import re
from pathlib import Path
from string import Template

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

BOOK = Path(__file__).resolve().parents[1]
SOURCES = BOOK / "teaching" / "slides"
#: Kinds of slides, and what stands small above the heading of each.
KINDS = {
    "title": "",
    "figure": "Look",
    "predict": "Predict, then run",
    "found": "Found",
    "answer": "The answer",
    "discuss": "Discuss",
    "next": "Next",
}
BREAK = re.compile(r"^--- (\w+)$", re.M)
PAGE = Template((SOURCES / "page.html").read_text(encoding="utf-8"))


def meetings():
    """Sources of the decks, by the numbers with which their names begin."""
    paths = sorted(SOURCES.glob("[0-9]_*.md"))
    return {int(path.name[0]): path for path in paths}


def slides(text):
    r"""Kind and Markdown of each slide of a deck.

    >>> slides("--- title\n# One\n--- next\nTwo\n")
    [('title', '# One'), ('next', 'Two')]
    """
    before, *parts = BREAK.split(text)
    kinds, bodies = parts[::2], parts[1::2]
    unknown = {*kinds} - {*KINDS}
    if before.strip() or unknown or not kinds:
        raise ValueError(f"slides begin with '--- ' and one of {', '.join(KINDS)}")
    return [(k, b.strip()) for k, b in zip(kinds, bodies, strict=True)]


def figure(source):
    """A figure of a notebook: its picture, and its description.

    The source is the notebook's name and the figure's, as ``index#fig-hook``.
    """
    page, _, name = source.partition("#")
    notebook = nbformat.read(BOOK / f"{page}.ipynb", as_version=4)
    for cell in notebook.cells:
        about = cell.metadata.get("mystnb", {})
        if about.get("figure", {}).get("name") == name:
            (picture,) = [
                output.data["image/png"]
                for output in cell.outputs
                if "image/png" in output.get("data", {})
            ]
            return base64.b64decode(picture), about["image"]["alt"]
    raise ValueError(f"{page}.ipynb has no figure {name!r}")


def page(path, mathjax):
    """A deck as one page of HTML.

    Parameters
    ----------
    path : Path
        Its source.
    mathjax : str
        Address of the script that sets formulas.
    """
    deck = slides(path.read_text(encoding="utf-8"))
    heading = re.match(r"# (.*)", deck[0][1])
    if deck[0][0] != "title" or not heading:
        raise ValueError(f"{path.name} must begin with a title")
    written = [
        _slide(kind, body, number, heading[1])
        for number, (kind, body) in enumerate(deck, 1)
    ]
    style = (SOURCES / "slides.css").read_text(encoding="utf-8")
    title = html.escape(f"{heading[1]} · Explaining Neural Scaling Laws")
    return PAGE.substitute(
        title=title, style=style, mathjax=mathjax, slides="\n".join(written)
    )


def _slide(kind, body, number, deck):
    """One slide, which a foot tells from the others."""
    above = f'<p class="kind">{KINDS[kind]}</p>\n' if KINDS[kind] else ""
    foot = f"<span>{html.escape(deck)}</span><span>{number}</span>"
    return (
        f'<section class="{kind}">\n{above}{_markdown().render(body)}'
        f"<footer>{foot}</footer>\n</section>"
    )


def _markdown():
    """Markdown with formulas, whose pictures are figures of notebooks."""
    made = MarkdownIt().use(
        dollarmath_plugin,
        allow_labels=False,
        renderer=lambda tex, options: html.escape(
            rf"\[{tex}\]" if options["display_mode"] else rf"\({tex}\)"
        ),
    )
    made.renderer.rules["image"] = _image
    return made


def _image(tokens, index, options, env):
    """A picture, in the page itself; how wide it is for its height says its class."""
    drawn, told = figure(tokens[index].attrs["src"])
    width, height = (int.from_bytes(drawn[i : i + 4], "big") for i in (16, 20))
    address = f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
    shape = "wide" if width > 2 * height else "tall"
    return f'<img class="{shape}" alt="{html.escape(told)}" src="{address}">'
