"""Routes: their minutes are those of the rule, and what they name is there."""

import re
from functools import cache

import minutes
import nbformat
import pytest
import sittings as routes
from counting import TO_PLAY_WITH, count
from nbformat.v4 import new_markdown_cell, new_notebook
from sittings import ROUTES
from whereabouts import ROOT, chapters

BOOK = ROOT / "book"
SITTINGS = [
    pytest.param(sitting, id=f"{name}-{sitting['page']}")
    for name, route in ROUTES.items()
    for sitting in route.get("sittings", [])
]
EACH = pytest.mark.parametrize("sitting", SITTINGS)
WEEKS = ROUTES["whole"]["weeks"]
REFERENCE = re.compile(r"{ref}`[^`]*<([\w-]+)>`")
HEADING = re.compile(r"#+ (.*)$")
LATER = re.compile(r"[Ii]n a week\b[^{]*{ref}`[^`]*<(ex-[\w-]+)>`")
LABEL = re.compile(r"(?m)^:(?:name|label): ((?:q|ex)-[\w-]+)$")
OBJECTIVE = re.compile(r"{ref}`predict <([\w-]+)>`((?:, {ref}`[^`]+ <[\w-]+>`)+)")


def opened(page):
    """The notebook of a page."""
    return nbformat.read(BOOK / f"{page}.ipynb", as_version=4)


def stretches(page):
    """Headings of a page, each with the cells below it; the first has none."""
    found = [("", [])]
    for cell in opened(page).cells:
        if cell.cell_type != "markdown":
            found[-1][1].append(cell)
            continue
        for part in re.split(r"(?m)^(?=#+ )", cell.source):
            if heading := HEADING.match(part.split("\n")[0]):
                found.append((heading[1], []))
            if part:
                found[-1][1].append(new_markdown_cell(part))
    return found


def read_of(page, reads):
    """The headings of what is read."""
    headings = [heading for heading, _ in stretches(page)]
    found = set()
    for first, last in reads:
        ends = headings.index(first), headings.index(last) if last else None
        found |= {*headings[slice(*ends)]}
    return found


def code_place(page, code):
    """The heading of the first cell that holds this code."""
    return next(
        heading
        for heading, cells in stretches(page)
        for cell in cells
        if cell.cell_type == "code" and code in cell.source
    )


@cache
def places(page):
    """Headings of questions and exercises by label, of figures under "play".

    An exercise at the end of a page stands for what it practises: it has the place of
    the question of its objective.
    """
    found = {"play": []}
    for heading, cells in stretches(page):
        for cell in cells:
            if cell.cell_type == "markdown":
                found |= dict.fromkeys(LABEL.findall(cell.source), heading)
                lines = cell.source.splitlines()
                found["play"] += [heading for x in lines if TO_PLAY_WITH.match(x)]
    for asked, practised in OBJECTIVE.findall(minutes.prose(page)):
        for label in REFERENCE.findall(practised):
            if found.get(label) == "Exercises":
                found[label] = found[asked]
    return found


def minutes_of(page, reads):
    """Minutes by the rule, from each heading to before another; "" is an end."""
    headings, cells = zip(*stretches(page), strict=True)
    part = []
    for first, last in reads:
        ends = headings.index(first), headings.index(last) if last else None
        part += [cell for each in cells[slice(*ends)] for cell in each]
    return count(new_notebook(cells=part)).minutes


def text_of(sitting):
    """All that is said of a sitting."""
    return "\n".join(text for _, text in routes.of_sitting(sitting))


def all_text():
    """All text of routes, for the references in it."""
    said = [text_of(case.values[0]) for case in SITTINGS]
    weeks = (routes.said(week, routes.asked(week)) + week["text"] for week in WEEKS)
    return "\n".join([*said, *weeks])


@pytest.mark.parametrize("name", list(minutes.pages()))
def test_minutes_of_a_page_are_those_of_the_rule(name):
    """And every exercise of a page is found with its minutes."""
    notebook = opened(name)
    assert minutes.pages()[name].minutes == count(notebook).minutes
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    assert [*minutes.exercises(name)] == re.findall(r"^:label: (ex-.*)$", text, re.M)


@EACH
def test_minutes_of_a_part_are_those_of_the_rule(sitting):
    """What is written down of halves, rests and shorter variants."""
    page = sitting["page"]
    for part in (sitting, sitting.get("short", {})):
        if "minutes" in part:
            assert part["minutes"] == minutes_of(page, part["reads"])
            for heading in {heading for pair in part["reads"] for heading in pair}:
                assert f"*{heading}*" in f"{part['part']}**"
    if "pause" in sitting:
        heading, after = sitting["pause"]
        assert after == minutes_of(page, [["", heading]])
        assert 0.35 < after / routes.reading(sitting) < 0.8
        if (short := sitting.get("short")) and short["minutes"] > 45:
            assert heading in read_of(page, short["reads"])


@EACH
def test_a_sitting_can_be_finished_and_is_not_only_read(sitting):
    """90 minutes at most, two exercises, code to change that is there, and back."""
    assert routes.length(sitting) <= 90
    assert len(routes.to_do(sitting) + routes.to_do(sitting, "later")) == 2
    assert routes.to_do(sitting)
    assert sitting["compare"]
    assert "back" in sitting["try"] or "out again" in sitting["try"]  # for later cells
    code = [c.source for c in opened(sitting["page"]).cells if c.cell_type == "code"]
    assert any(sitting["code"] in source for source in code)


@EACH
def test_headings_that_are_named_are_there(sitting):
    """What stands in italics is the beginning of a heading of the page."""
    headings = [heading for heading, _ in stretches(sitting["page"])]
    fields = [sitting.get(key, "") for key in ("try", "play", "part")]
    prose = re.sub(r"`[^`]*`", "", " ".join(fields))
    for named in re.findall(r"\*([^*]+)\*", prose):
        assert any(heading.startswith(named) for heading in headings), named


def test_references_lead_to_places_of_the_book():
    """Every label is one of a question or of an exercise."""
    found = set()
    for name in minutes.pages():
        text = (BOOK / f"{name}.ipynb").read_text("utf-8")
        found |= set(re.findall(r":(?:name|label): ((?:q|ex)-[\w-]+)", text))
    named = set(REFERENCE.findall(all_text()))
    assert len(named) > 40
    assert named <= found


@EACH
def test_a_figure_to_play_with_stands_where_it_is_said(sitting):
    """Under the heading that is named, or under that of the question."""
    if "play" in sitting:
        (there,) = places(sitting["page"])["play"]
        told = re.findall(r"\*([^*]+)\*", sitting["play"])
        asked = REFERENCE.findall(sitting["play"])
        headings = [places(sitting["page"])[label] for label in asked]
        assert there in told + headings


@EACH
def test_a_shorter_variant_says_what_falls_away_with_it(sitting):
    """Rows that lead to what is skipped, and no others."""
    short, page = sitting.get("short"), sitting["page"]
    if short is None:
        return
    where, read = places(page), read_of(page, short["reads"])
    leads = {
        "try": {code_place(page, sitting["code"])},
        "play": set(where["play"]) if "play" in sitting else set(),
        "now": {where[label] for label in sitting["now"]},
        "later": {where[label] for label in sitting["later"]},
        "say": {where[label] for label in sitting["compare"]},
    }
    assert {row for row, its in leads.items() if its - read} == {
        *short.get("drops", [])
    }


def test_a_week_later_is_the_same_on_page_and_route():
    """What waits on a route is what the page itself keeps for a week later."""
    found = 0
    for case in SITTINGS:
        (sitting,) = case.values
        (told,) = LATER.findall(minutes.prose(sitting["page"])) or [None]
        if told and "later" in sitting:
            assert sitting["later"] == [told]
            found += 1
    assert found == 12


def test_each_route_covers_what_it_claims():
    """Two hours are chapter 1, a weekend all chapters, the whole every page, once."""
    pages = {
        name: [sitting["page"] for sitting in route.get("sittings", [])]
        for name, route in ROUTES.items()
    }
    every = [*minutes.pages()]
    main = [name for name in every if re.match(r"\d\d_", name)]
    assert pages["two_hours"] == [main[0]] * 2
    halves = [s["reads"] for s in ROUTES["two_hours"]["sittings"]]
    assert [halves[0][0][0], halves[1][0][1]] == ["", ""]
    assert halves[0][0][1] == halves[1][0][0]
    assert pages["weekend"] == main
    practice = [name for name in every if name.startswith("practice/")]
    assert pages["own_curves"] == [main[0], *practice]
    whole = [name for week in WEEKS for name in week["pages"]]
    assert sorted(whole) == sorted(every)
    assert [name for name in whole if name in main] == main


def test_nothing_is_read_before_what_it_needs():
    """On a weekend each chapter that a chapter names as needed has been read."""
    read = []
    for sitting in ROUTES["weekend"]["sittings"]:
        text = "\n".join(cell.source for cell in opened(sitting["page"]).cells)
        (needs,) = re.findall(r"\*\*Prerequisites:\*\*(.*)", text)
        for label in re.findall(r"<(ch-[\w-]+)>", needs):
            assert any(f"({label})=" in source for source in read), label
        read.append(text)


def test_weeks_are_weeks():
    """At most five and a half hours; what is done again was done weeks ago."""
    for number, week in enumerate(WEEKS):
        assert 60 <= routes.minutes_of_week(week) <= 330
        past = WEEKS[: max(number - 1, 1)]  # only the second week asks for last week's
        before = [name for each in past for name in each["pages"]]
        known = {label for name in before for label in minutes.exercises(name)}
        assert ("again" in week) == (number > 0)
        assert week.get("again", next(iter(known))) in known
        for _, text in routes.of_week(week):
            told = sum(map(int, re.findall(r"(\d+) minutes", text)))
            assert told <= 90 or re.search(r" in \d sittings$", text)


def test_pages_of_routes_tell_their_hours():
    """What the prose says of hours is right to the half, and each route has a page."""
    for name in ROUTES:
        assert f"```{{route}} {name}\n" in (BOOK / f"routes/{name}.md").read_text()
        assert f"book/routes/{name}" in chapters()
    text = (BOOK / "routes/weekend.md").read_text()
    told = re.search(r"reading is about ([\d.]+) hours in place of ([\d.]+);", text)
    sums = routes.sums(ROUTES["weekend"])
    assert [float(told[1]), float(told[2])] == [
        minutes.hours(sums["short"]),
        minutes.hours(sums["read"]),
    ]
    days = {}
    for sitting in ROUTES["weekend"]["sittings"]:
        length = days.get(sitting["day"], 0) + routes.length(sitting)
        days[sitting["day"]] = length
    assert "two days of nearly six hours" in text
    assert all(330 <= days[day] < 360 for day in ("Saturday", "Sunday"))
    waits = len(routes.waiting(ROUTES["weekend"]))
    assert waits == 9
    assert "They are nine for seven days" in text
    whole = [s["page"][:2] for s in ROUTES["weekend"]["sittings"] if "short" not in s]
    assert "Chapters {}, {}, {} and {} stay whole".format(*map(int, whole)) in text
    do, read = (routes.sums(ROUTES["whole"])[key] for key in ("do", "read"))
    assert 0.45 < do / (do + read) < 0.55  # "half of the time"


def test_keys_are_ids():
    """No two boxes of a route have one id, and a chapter has one key on all routes."""
    for route in ROUTES.values():
        ids = [routes.identified(key) for key in routes.keys(route)]
        assert len(set(ids)) == len(ids)
    chapters = {sitting["key"] for sitting in ROUTES["weekend"]["sittings"]}
    assert chapters < set(routes.keys(ROUTES["whole"]))
    assert len(routes.keys(ROUTES["weekend"])) == 18  # with what waits for the week
