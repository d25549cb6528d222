"""What ten answers suggest: where to begin, what to skip, which route.

The directive takes nothing, and stands below its questions::

    ```{placement}
    ```

It writes two tables by which a reader finds the suggestion by hand. ``placement.js``
reads the same rows, and the answers that the browser remembers. The rules are data,
``placement.toml``; `suggest` is what they mean.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import minutes
from docutils import nodes
from docutils.statemachine import StringList
from routes import STYLE
from sittings import ROUTES
from sphinx.util.docutils import SphinxDirective

SOURCE = Path(__file__).with_name("placement.toml")
RULES = tomllib.loads(SOURCE.read_text("utf-8"))
CHAPTERS = RULES["chapters"]
#: Names of the questions: the tools first, then a chapter each.
QUESTIONS = [RULES["tools"]["question"], *(each["question"] for each in CHAPTERS)]


@dataclass(frozen=True)
class Suggestion:
    """Whether to brush up, the chapters to read and to skip, and a route's place."""

    brush_up: bool
    read: tuple
    skip: tuple
    route: int  # among RULES["routes"]
    own_curves: bool  # open at once

    @property
    def begin(self):
        """The chapter to begin with; None if there is none to read."""
        return self.read[0] if self.read else None

    @property
    def minutes(self):
        """Minutes of the main lines that are to be read."""
        known = minutes.pages()
        return sum(known[CHAPTERS[i]["page"]].minutes for i in self.read)


def suggest(known):
    """What to suggest to whoever knew these of the ten answers, in order."""
    tools, *chapters = known
    read = tuple(i for i, right in enumerate(chapters) if not right)
    skip = tuple(i for i, right in enumerate(chapters) if right)
    fits = (
        place
        for place, rule in enumerate(RULES["routes"])
        if len(read) >= rule["missed"] and not (rule.get("first") and chapters[0])
    )
    return Suggestion(not tools, read, skip, next(fits), chapters[0])


# ------------------------------------------------------------ the directive


def tables():
    """Markdown of both tables, and of what stands around them."""
    pages = minutes.pages()
    yield "The same by hand: look up each question that you missed."
    yield ""
    yield "| missed | then read | and you learn | knew it? Skip it if this is easy |"
    yield "|---|---|---|---|"
    yield (
        f"| {{ref}}`{RULES['tools']['question']}` | "
        f"{'; '.join(RULES['tools']['brush'])} | to read the code and the proofs | "
        "the first cells of {doc}`chapter 1 </book/01_power_laws>` |"
    )
    for each in CHAPTERS:
        page = pages[each["page"]]
        sure = minutes.exercises(each["page"])[each["sure"]]
        yield (
            f"| {{ref}}`{each['question']}` | {page.chapter}. {page.link}, "
            f"{page.minutes} minutes | {each['learn']} | {sure.link} |"
        )
    yield ""
    yield "Begin with the first chapter that is left. Then count what was missed."
    yield ""
    yield "| missed of questions 2 to 10 | route | why |"
    yield "|---|---|---|"
    for rule in RULES["routes"]:
        yield f"| {rule['when']} | {route_link(rule['route'])} | {rule['why']} |"
    own = RULES["own"]
    yield f"| question 2 was not | also {route_link(own['route'])} | {own['why']} |"


def route_link(name):
    """A role that leads to a route."""
    return f"{{doc}}`{ROUTES[name]['title'].lower()} </book/routes/{name}>`"


class PlacementDirective(SphinxDirective):
    """``{placement}``: what the answers to the questions above suggest."""

    def run(self):
        """Return the place that the script fills, and the tables."""
        pages = {each["page"] for each in CHAPTERS}
        notebooks = [minutes.BOOK / f"{name}.ipynb" for name in pages]
        for path in (SOURCE, minutes.CONTENTS, *notebooks):
            self.env.note_dependency(str(path))
        rules = {
            "questions": QUESTIONS,
            "minutes": [minutes.pages()[each["page"]].minutes for each in CHAPTERS],
            "routes": [
                {"missed": rule["missed"], "first": rule.get("first", False)}
                for rule in RULES["routes"]
            ],
        }
        told = f"<div class='placement-place' data-rules='{json.dumps(rules)}'></div>"
        place = nodes.raw("", told, format="html")
        box = nodes.container(classes=["placement-tables"])
        lines = StringList(list(tables()), source=str(SOURCE))
        self.state.nested_parse(lines, self.content_offset, box)
        return [place, box]


def load_scripts(app, pagename, templatename, context, doctree):
    """Load script and style on the page that places."""
    if doctree is None or app.builder.name not in ("html", "dirhtml"):
        return
    boxes = doctree.findall(nodes.container)
    if any("placement-tables" in box["classes"] for box in boxes):
        app.add_css_file(STYLE)
        for script in ("memory.js", "questions.js", "placement.js"):
            app.add_js_file(script, loading_method="defer")


def setup(app):
    """Register the directive and the files it needs."""
    app.setup_extension("routes")
    app.setup_extension("questions")
    app.add_directive("placement", PlacementDirective)
    app.connect("html-page-context", load_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
