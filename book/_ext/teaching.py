"""What pages for groups and teachers take from the chapters: it cannot go stale.

Three directives, each of which reads notebooks::

    ```{objectives} 01_power_laws
    ```

    ```{shown} 01_power_laws#fig-opening
    What one is to see in it. {numref}`fig-opening`
    ```

    ```{beliefs}
    ```

They write the objectives of a page with their links, a picture that a page has stored,
and all wrong beliefs with the questions in which each of them waits.
"""

import os
import re
from pathlib import Path
from typing import ClassVar

import nbformat
from _pack.slides import figure
from answers import BELIEFS
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

BOOK = Path(__file__).resolve().parents[1]
OBJECTIVES = re.compile(r"\{admonition\} Objectives\n.*?^(1\. .*?)\n\n", re.S | re.M)
QUESTION = re.compile(r":::\{question\} (.+)\n((?::[\w-]+: .+\n)+)")


def text(path):
    """Everything that a notebook says, beside its code."""
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(c.source for c in cells if c.cell_type == "markdown")


def objectives(said):
    r"""The numbered list of what one can do after a page.

    >>> objectives("::::{admonition} Objectives\n\nYou can\n\n1. **see** it.\n\nMore")
    '1. **see** it.'
    """
    return OBJECTIVES.search(said)[1]


def waiting(said):
    r"""Each wrong belief and question of a text: (belief, name, title).

    >>> list(waiting(":::{question} Twice\n:name: q-two\n:belief: floor more\n"))
    [('floor', 'q-two', 'Twice'), ('more', 'q-two', 'Twice')]
    """
    for title, options in QUESTION.findall(said):
        named = dict(re.findall(r":([\w-]+): (.+)", options))
        for belief in named.get("belief", "").split():
            yield belief, named["name"], title.strip()


def difficulties(texts):
    """A list of all wrong beliefs: where each is refuted, and where it is met."""
    met = {key: [] for key in BELIEFS}
    for said in texts:
        for belief, name, title in waiting(said):
            plain = re.sub(r"\$.*?\$", "…", title)  # links hold no formulas
            met[belief].append(f"{{ref}}`{plain} <{name}>`")
    return "\n".join(
        f"- **{about['says']}** Refuted in {{ref}}`{about['where']}`. "
        f"Met in: {'; '.join(met[key])}."
        for key, about in BELIEFS.items()
    )


class FromNotebooks(SphinxDirective):
    """A directive that reads notebooks of the book."""

    def read(self, path):
        """What a notebook says; the page is read again when it changes."""
        self.env.note_dependency(str(path))
        return text(path)

    def written(self, markdown):
        """Markdown as nodes."""
        place = nodes.container()
        self.state.nested_parse(
            StringList(markdown.splitlines(), self.get_source_info()[0]), 0, place
        )
        return place.children


class Objectives(FromNotebooks):
    """``{objectives} PAGE``: those that the page states."""

    required_arguments = 1

    def run(self):
        """Return the list."""
        said = self.read(BOOK / f"{self.arguments[0]}.ipynb")
        return self.written(objectives(said))


class Beliefs(FromNotebooks):
    """``{beliefs}``: every wrong belief, and where it is met."""

    def run(self):
        """Return the list."""
        pages = sorted(BOOK.glob("*.ipynb")) + sorted(BOOK.glob("*/*.ipynb"))
        return self.written(difficulties(map(self.read, pages)))


class Shown(FromNotebooks):
    """``{shown} PAGE#FIGURE``: a picture, with the description that it has there."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self):
        """Return the figure, in a box like that of a cell's output."""
        page, _, name = self.arguments[0].partition("#")
        self.env.note_dependency(str(BOOK / f"{page}.ipynb"))
        drawn, told = figure(self.arguments[0])
        file = Path(self.env.doctreedir, "shown", f"{name}.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(drawn)
        size = (int.from_bytes(drawn[i : i + 4], "big") // 2 for i in (16, 20))
        width, height = (f"{side}px" for side in size)
        address = "/" + Path(os.path.relpath(file, self.env.srcdir)).as_posix()
        image = nodes.image(uri=address, alt=told, width=width, height=height)
        # A legend, for a caption would have a number: it is the chapter's figure.
        below = nodes.legend("", *self.written("\n".join(self.content)))
        shown = nodes.figure("", image, below)
        # Pictures of cells are turned over in the dark, and parted on phones.
        return [nodes.container("", shown, classes=["cell_output"])]


def setup(app):
    """Register the directives."""
    app.add_directive("objectives", Objectives)
    app.add_directive("beliefs", Beliefs)
    app.add_directive("shown", Shown)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
