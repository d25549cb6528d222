"""Routes through the book: sittings, or weeks, with what to do in each.

The directive takes the name of a route of ``routes.toml``, or nothing for a list of
all of them::

    ```{route} weekend
    ```

Minutes are not written down but added up, from the contents and from the exercises:
`minutes`. Each sitting ends in a box to tick: a character on paper, which ``routes.js``
turns into a box of the browser. All nodes are ordinary ones, for every builder.
"""

import itertools
import json
import tomllib
from pathlib import Path

import minutes
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

SOURCE = Path(__file__).with_name("routes.toml")
ROUTES = tomllib.loads(SOURCE.read_text("utf-8"))
SCRIPT, STYLE = "routes.js", "ways.css"


# ------------------------------------------------------------ what it asks


def page_of(sitting):
    """The page of a sitting."""
    return minutes.pages()[sitting["page"]]


def reading(sitting):
    """Minutes of reading: of its page, or of a part of it as noted there."""
    return sitting.get("minutes", page_of(sitting).minutes)


def to_do(sitting, when="now"):
    """The exercises that are to be done now, or later."""
    known = minutes.exercises(sitting["page"])
    return [known[label] for label in sitting.get(when, [])]


def length(sitting):
    """Minutes of a sitting: reading, and the exercises that are done in it."""
    return reading(sitting) + sum(each.minutes for each in to_do(sitting))


def sums(route):
    """Minutes of a route by what they are for; `short`, if its parts are read alone."""
    if "weeks" in route:
        names = [name for week in route["weeks"] for name in week["pages"]]
        return {
            "read": sum(minutes.pages()[name].minutes for name in names),
            "do": sum(each.minutes for name in names for each in all_of(name)),
        }
    read = sum(reading(sitting) for sitting in route["sittings"])
    total = sum(length(sitting) for sitting in route["sittings"])
    cuts = (s.get("short", s).get("minutes", reading(s)) for s in route["sittings"])
    return {"read": read, "do": total - read, "short": sum(cuts)}


def all_of(name):
    """All exercises of a page."""
    return list(minutes.exercises(name).values())


# --------------------------------------------------------- what it says


def listed(links):
    """Words that join links.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = links
    return f"{', '.join(others)} and {last}" if others else last


def of_sitting(sitting):
    """The lines of a sitting: label and Markdown."""
    page, short = page_of(sitting), sitting.get("short")
    part = sitting.get("part", "the main line")
    read = f"{part} of {page.link}, {reading(sitting)} minutes."
    if pause := sitting.get("pause"):
        heading, after = pause
        read += f" There is a rest before *{heading}*, after {after} minutes."
    yield "Read", read
    if short:
        text = f"{short['part']}, {short['minutes']} minutes. You lose {short['lost']}."
        yield "Shorter", text
    yield "Change and run", sitting["try"]
    if "play" in sitting:
        yield "Play", sitting["play"]
    yield "Do", listed([each.link for each in to_do(sitting)]) + "."
    if later := to_do(sitting, "later"):
        yield "In a week", listed([each.link for each in later]) + "."
    yield "Say before you go on", sitting["say"]
    if "skip" in sitting:
        yield "Left out", sitting["skip"]


def of_week(week):
    """The things to tick of a week: key and Markdown."""
    for name in week["pages"]:
        page, practised = minutes.pages()[name], all_of(name)
        more = sum(each.minutes for each in practised)
        many = f"{len(practised)} exercises" if len(practised) > 1 else "an exercise"
        if page.minutes + more <= 90:
            yield (
                name,
                f"{page.link}, {page.minutes} minutes, and {many}, {more} minutes",
            )
        else:
            yield name, f"{page.link}, {page.minutes} minutes"
            text = f"the {many} of *{page.title}*, {spoken_sittings(more)}"
            yield f"{name} exercises", text


def spoken_sittings(many):
    """Minutes of exercises, with the sittings of at most 90 minutes that they take.

    >>> spoken_sittings(65), spoken_sittings(165)
    ('65 minutes', '165 minutes in 2 sittings')
    """
    sittings = -(-many // 90)
    return f"{many} minutes" + f" in {sittings} sittings" * (sittings > 1)


def minutes_of_week(week):
    """Minutes of a week, exercises included."""
    names = week["pages"]
    read = sum(minutes.pages()[name].minutes for name in names)
    return read + sum(each.minutes for name in names for each in all_of(name))


def keys(route):
    """What can be ticked on a route, in order."""
    if "weeks" in route:
        return [key for week in route["weeks"] for key, _ in of_week(week)]
    return [sitting["key"] for sitting in route["sittings"]]


def identified(key):
    """The id of the box of a key, on every page that has it."""
    return nodes.make_id(f"tick-{key}")


def summary(route):
    """How much a route is, in words."""
    total = sums(route)
    if "weeks" in route:
        return (
            f"{len(route['weeks'])} weeks, {minutes.spoken(total['read'])} of reading "
            f"and {minutes.spoken(total['do'])} of exercises"
        )
    whole = total["read"] + total["do"]
    return f"{len(route['sittings'])} sittings, {minutes.spoken(whole)}"


# ------------------------------------------------------------ the directive


class RouteDirective(SphinxDirective):
    """``{route} NAME``: the sittings of a route; without a name all routes."""

    optional_arguments = 1

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
            part += self.parsed(f"**Say before you go on:** {week['say']}")
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
