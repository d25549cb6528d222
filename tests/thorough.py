"""What is tested always, and what only where nobody waits: see `tests/conftest.py`."""

import os
import re
import zlib

import pytest
from whereabouts import ROOT, lately, touched

exhaustive = pytest.mark.exhaustive
long = pytest.mark.long
everything = bool(os.environ.get("CI"))  # or what is asked for by name


def some(values, count):
    """The first of the values that a test goes through, all of them under CI."""
    return [*values][: None if everything else count]


def examples(count):
    """How many examples hypothesis makes up of a property, all of them under CI."""
    return count if everything else min(count, 25)


def first_of(values, count=1):
    """Parameters of which the first are tried always, the others under CI."""
    values = [*values]
    rest = [
        pytest.param(*(v if isinstance(v, tuple) else (v,)), marks=exhaustive)
        for v in values[count:]
    ]
    return values[:count] + rest


def unless_touched(*places):
    """Marks of what is tested exhaustively, but always while these are changed."""
    here = any(name.startswith(places) for name in touched())
    return [] if here else [exhaustive]


def sparing(*places):
    """Mark a test as exhaustive, but not while these are changed."""

    def marked(test):
        for mark in unless_touched(*places):
            test = mark(test)
        return test

    return marked


def share(text):
    """(k, n) of "k/n": which part of what is long or exhaustive is run, of how many."""
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    k, n = map(int, found.groups()) if found else (0, 0)
    if not 1 <= k <= n:
        msg = f"SHARE={text} is no part of a whole: write 1/4 for the first of four"
        raise pytest.UsageError(msg)
    return k, n


def kept_back(item, part):
    """Whether a long test is another part's; those of a changed file never are.

    Tests of one file and one parameter are of one part: they may share what takes long.
    """
    k, n = part
    rare = any(item.get_closest_marker(name) for name in ("long", "exhaustive"))
    name, _, parameters = item.nodeid.partition("[")
    file, _, _ = name.partition("::")
    shared = file + parameters.split("-")[0] if parameters else name
    mine = zlib.crc32(shared.encode()) % n == k - 1
    return rare and not mine and item.path.relative_to(ROOT).as_posix() not in lately()


def spared(item):
    """Whether a test is left out: `long` ones are run while their room is changed."""
    room = item.path.parent.name
    near = f"scalinglib/{room}", f"tests/{room}"
    far = item.get_closest_marker("long") and not any(
        name.startswith(near) for name in touched()
    )
    return bool(far or item.get_closest_marker("exhaustive"))


# To build the book takes a minute: for whoever has changed what its pages are made of.
BOOK = "book/", "_config.yml", "_toc.yml", "requirements.txt"
of_the_book = sparing(*BOOK)
