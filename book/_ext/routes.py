"""Routes through the book: sittings, or weeks, with what to do in each.

The directive takes the name of a route of ``routes.toml``, or nothing for a list of
all of them::

    ```{route} weekend
    ```

With the option ``:later:`` it lists what its sittings leave for the week after.

What is said, and all minutes, come from `sittings`. Each sitting ends in a box to
tick: a character on paper, which ``routes.js`` turns into a box of the browser. All
nodes are ordinary ones, for every builder.
"""

import itertools
import json
from typing import ClassVar

import minutes
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sittings import (
    ROUTES,
    ROWS,
    SOURCE,
    all_of,
    asked,
    identified,
    keys,
    length,
    minutes_of_week,
    of_sitting,
    of_week,
    said,
    summary,
    waiting,
)
from sphinx.util.docutils import SphinxDirective

SCRIPT, STYLE = "routes.js", "ways.css"


# ------------------------------------------------------------ the directive


class RouteDirective(SphinxDirective):
    """``{route} NAME``: the sittings of a route; without a name all routes."""

    optional_arguments = 1
    option_spec: ClassVar = {"later": directives.flag}

    def run(self):
        """Return a section for each day or week, or a list."""
        for path in (SOURCE, minutes.CONTENTS, *minutes.BOOK.rglob("*.ipynb")):
            if ".ipynb_checkpoints" not in path.parts:
                self.env.note_dependency(str(path))
        if not self.arguments:
            return [self.overview()]
        (name,) = self.arguments
        if name not in ROUTES:
            raise self.error(f"route: {name!r} is none of {', '.join(ROUTES)}")
        self.name_of_route, route = name, ROUTES[name]
        if "later" in self.options:
            return self.week_after(route)
        how = nodes.container(classes=["route-progress"])
        sections = self.weeks(route) if "weeks" in route else self.sittings(route)
        return [how, *sections]

    def overview(self):
        """A list of all routes: a link, how much it is, for whom."""
        items = nodes.bullet_list(bullet="-", classes=["route-list"])
        for name, route in ROUTES.items():
            link = f"{{doc}}`{route['title']} </book/routes/{name}>`"
            text = f"**{link}**: {summary(route)}. {route['for']}"
            item = nodes.list_item()
            item += self.parsed(text)
            ticks = json.dumps([identified(key) for key in keys(route)])
            html = f"<span class='route-known' hidden data-ticks='{ticks}'></span>"
            item += nodes.raw("", html, format="html")
            items += item
        box = nodes.container(classes=["route-overview"])
        box += items
        return box

    def sittings(self, route):
        """A section for each day, in it one for each sitting."""
        sections, each = [], enumerate(route["sittings"], 1)
        days = itertools.groupby(each, lambda pair: pair[1].get("day", "The sittings"))
        for day, its in days:
            its = list(its)
            total = minutes.spoken(sum(length(sitting) for _, sitting in its))
            name = f"day-{len(sections) + 1}"
            sections.append(self.section(name, f"{day} · {total}"))
            sections[-1] += [self.sitting(number, sitting) for number, sitting in its]
        return sections

    def sitting(self, number, sitting):
        """A section for a sitting: what to do, a box to tick, a rest."""
        head = f"{number}. {sitting['title']} · {length(sitting)} minutes"
        step = self.section(f"sitting-{number}", head)
        step["classes"] += ["route-step"]
        rows = nodes.bullet_list(bullet="-", classes=["route-rows"])
        for label, text in of_sitting(sitting):
            rows += self.item(f"**{label}:** {text}")
        step += [rows, self.tick(sitting["key"], "Done")]
        if rest := sitting.get("rest"):
            step += self.parsed(f"*{rest}*")
        return step

    def week_after(self, route):
        """The exercises that wait: how much they are, and a box to tick for each."""
        later = waiting(route)
        total = minutes.spoken(sum(each.minutes for each in later))
        boxes = [self.tick(each.label, each.link) for each in later]
        return [*self.parsed(f"{len(later)} exercises, {total}:"), *boxes]

    def weeks(self, route):
        """A section for each week, with boxes to tick."""
        sections = []
        for number, week in enumerate(route["weeks"], 1):
            total = minutes.hours(minutes_of_week(week))
            head = f"Week {number}: {week['title']} · about {total:g} hours"
            part = self.section(f"week-{number}", head)
            part += self.parsed(week["text"])
            for key, text in of_week(week):
                part += self.tick(key, text)
            known = [e for name in minutes.pages() for e in all_of(name)]
            if again := [e.link for e in known if e.label == week.get("again")]:
                part += self.parsed(f"**Again, from memory:** {again[0]}.")
            part += self.parsed(f"**{ROWS['say']}:** {said(week, asked(week))}")
            sections.append(part)
        return sections

    def section(self, name, heading):
        """A section with nothing but its heading."""
        label = f"{self.name_of_route.replace('_', '-')}-{name}"
        return nodes.section("", nodes.title("", heading), ids=[label])

    def tick(self, key, text):
        """A box for paper, and what the script needs to make it one of the browser."""
        (box,) = self.parsed(text)
        box["classes"] += ["route-tick"]
        box["ids"] += [identified(key)]
        box.insert(0, nodes.inline("", "☐ ", classes=["route-box"]))
        return box

    def item(self, text):
        """An item of a list."""
        item = nodes.list_item()
        item += self.parsed(text)
        return item

    def parsed(self, text):
        """Nodes of a text in Markdown."""
        place = nodes.Element()
        lines = StringList(text.splitlines(), source=str(SOURCE))
        self.state.nested_parse(lines, self.content_offset, place)
        return place.children


def load_scripts(app, pagename, templatename, context, doctree):
    """Load script and style on the pages that have a route."""
    if doctree is None or app.builder.name not in ("html", "dirhtml"):
        return
    wanted = ("route-progress", "route-overview")
    if any(c in wanted for n in doctree.findall(nodes.container) for c in n["classes"]):
        app.add_css_file(STYLE)
        app.add_js_file("memory.js", loading_method="defer")
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    """Register the directive and the files it needs."""
    app.add_directive("route", RouteDirective)
    app.connect("html-page-context", load_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
