"""What a page of the book asks: minutes of reading, and its exercises.

Minutes of reading stand in the contents, minutes of an exercise in its first line;
tests hold the former to the rule of CONTRIBUTING.md. Nothing here needs Sphinx.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

BOOK = Path(__file__).parents[1]
CONTENTS = BOOK.parent / "_toc.yml"
TITLED = re.compile(r"(?P<title>.+) · (?P<minutes>\d+) min")
EXERCISE = re.compile(
    r"\{exercise(?:-start)?\} (?P<title>.+)\n:label: (?P<label>ex-[\w-]+)\n"
    r"(?:`{3,}\n)?\n*(?P<stars>★+) · (?P<minutes>\d+) minutes"
)

QUESTION = re.compile(r":{3,}\{question\} (?P<title>.+)\n:name: (?P<name>q-[\w-]+)\n")


@dataclass(frozen=True)
class Page:
    """A page with its minutes; its name is the one under ``book/``."""

    name: str
    title: str
    minutes: int
    chapter: int  # of a further page that of its chapter; 0 if there is none

    @property
    def link(self):
        """A role that leads to the page."""
        return f"{{doc}}`{self.title} </book/{self.name}>`"


@dataclass(frozen=True)
class Exercise:
    """An exercise with its minutes."""

    label: str
    title: str
    minutes: int

    @property
    def link(self):
        """A role that leads to the exercise, with its minutes."""
        return f"{{ref}}`{self.title} <{self.label}>` ({self.minutes} minutes)"


@cache
def pages():
    """All pages that state minutes, by name, in the order of the contents."""
    listed = [
        entry
        for part in yaml.safe_load(CONTENTS.read_text("utf-8"))["parts"]
        for top in part["chapters"]
        for entry in (top, *top.get("sections", []))
    ]
    found = {}
    for entry in listed:
        if told := TITLED.fullmatch(entry.get("title", "")):
            name = entry["file"].removeprefix("book/")
            digits = re.match(r"(further/)?(\d\d)_", name)
            number = int(digits[2]) if digits else 0
            found[name] = Page(name, told["title"], int(told["minutes"]), number)
    return found


@cache
def prose(name):
    """The text of a page, without its cells of code."""
    notebook = json.loads((BOOK / f"{name}.ipynb").read_text("utf-8"))
    cells = (c["source"] for c in notebook["cells"] if c["cell_type"] == "markdown")
    return "\n".join("".join(cell) for cell in cells)


@cache
def questions(name):
    """The titles of the questions of a page, by label."""
    return {m["name"]: m["title"] for m in QUESTION.finditer(prose(name))}


@cache
def exercises(name):
    """The exercises of a page, by label."""
    found = EXERCISE.finditer(prose(name))
    each = [Exercise(m["label"], m["title"], int(m["minutes"])) for m in found]
    return {exercise.label: exercise for exercise in each}


def spoken(minutes):
    """Minutes in words: as they are below two hours, else in hours, to the half.

    >>> spoken(85), spoken(120), spoken(765)
    ('85 minutes', 'about 2 hours', 'about 13 hours')
    """
    if minutes < 120:
        return f"{minutes} minutes"
    return f"about {hours(minutes):g} hours"


def hours(minutes):
    """Hours, to the next half."""
    return round(minutes / 30) / 2
