"""What the routes of ``routes.toml`` ask, and what is said of each sitting and week.

Minutes are not written down but added up, from the contents and from the exercises:
`minutes`. `routes` makes pages of it; nothing here needs Sphinx but `identified`.
"""

import tomllib
from pathlib import Path

import minutes
from docutils import nodes

SOURCE = Path(__file__).with_name("routes.toml")
ROUTES = tomllib.loads(SOURCE.read_text("utf-8"))
ROWS = {  # what a line of a sitting is called
    "try": "Change and run",
    "play": "Play",
    "now": "Do",
    "later": "In a week",
    "say": "Say before you go on",
}


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


def waiting(route):
    """What all sittings of a route leave for later."""
    return [each for s in route["sittings"] for each in to_do(s, "later")]


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


def asked(week):
    """Pages whose questions a week may ask: its own, and those of its first chapter."""
    return week["pages"] + [
        name
        for name, page in minutes.pages().items()
        if name[:2] == week["pages"][0].split("/")[-1][:2] and name not in week["pages"]
    ]


def listed(links):
    """Words that join links.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = links
    return f"{', '.join(others)} and {last}" if others else last


def said(place, pages):
    """What is to be said of a sitting or a week, and what to compare it with."""
    titles = {k: v for name in pages for k, v in minutes.questions(name).items()}
    links = [f"{{ref}}`{titles[label]} <{label}>`" for label in place["compare"]]
    return f"{place['say']} Then compare: {listed(links)}."


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
        if drops := [f"*{ROWS[row]}*" for row in short.get("drops", [])]:
            text += f" With it {'fall' if len(drops) > 1 else 'falls'} away: "
            text += f"{listed(drops)}."
        yield "Shorter", text
    yield ROWS["try"], sitting["try"]
    if "play" in sitting:
        yield ROWS["play"], sitting["play"]
    for when in ("now", "later"):
        if links := [each.link for each in to_do(sitting, when)]:
            yield ROWS[when], listed(links) + "."
    yield ROWS["say"], said(sitting, [sitting["page"]])
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
    later = waiting(route) if route.get("week_after") else []
    return [s["key"] for s in route["sittings"]] + [each.label for each in later]


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
