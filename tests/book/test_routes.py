"""Routes: their minutes are those of the rule, and what they name is there."""

import re

import minutes
import nbformat
import pytest
import routes
from counting import count
from nbformat.v4 import new_markdown_cell, new_notebook
from routes import ROUTES
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
    return "\n".join([*said, *(week["say"] + week["text"] for week in WEEKS)])


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


@EACH
def test_a_sitting_can_be_finished_and_is_not_only_read(sitting):
    """90 minutes at most, two exercises, code to change that is there."""
    assert routes.length(sitting) <= 90
    assert len(routes.to_do(sitting) + routes.to_do(sitting, "later")) == 2
    assert routes.to_do(sitting)
    assert REFERENCE.search(sitting["say"])
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


def test_what_is_to_be_said_is_asked_on_a_page_that_was_read():
    """The question that checks a sitting or a week stands on one of its pages."""
    every = [(case.values[0]["say"], [case.values[0]["page"]]) for case in SITTINGS]
    for say, pages in every + [(week["say"], week["pages"]) for week in WEEKS]:
        (label,) = REFERENCE.findall(say)
        texts = [(BOOK / f"{name}.ipynb").read_text("utf-8") for name in pages]
        chapter = [p for p in minutes.pages() if p[:2] == pages[0].split("/")[-1][:2]]
        texts += [(BOOK / f"{name}.ipynb").read_text("utf-8") for name in chapter]
        assert any(f":name: {label}\\n" in text for text in texts), label


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
    whole = [s["page"][:2] for s in ROUTES["weekend"]["sittings"] if "short" not in s]
    assert "Chapters {}, {}, {} and {} stay whole".format(*map(int, whole)) in text
    do, read = (routes.sums(ROUTES["whole"])[key] for key in ("do", "read"))
    assert 0.45 < do / (do + read) < 0.55  # "half of the time"


def test_keys_are_ids():
    """No two boxes of a route have one id, and a chapter has one key on all routes."""
    for route in ROUTES.values():
        ids = [routes.identified(key) for key in routes.keys(route)]
        assert len(set(ids)) == len(ids)
    assert set(routes.keys(ROUTES["weekend"])) < set(routes.keys(ROUTES["whole"]))
