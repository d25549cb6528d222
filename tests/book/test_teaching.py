"""Pages for groups and teachers: their code runs, minutes and lists are true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from _pack import slides
from answers import BELIEFS
from teaching import BOOK, difficulties, objectives, text
from test_counts import MAIN, TITLES, page
from thorough import exhaustive, first_of, sparing
from whereabouts import ROOT

GROUP = (BOOK / "teaching/reading_group.md").read_text()
TEACHERS = (BOOK / "teaching/instructors.md").read_text()
INTRODUCTION, *MEETINGS = re.split(r"^\(meeting-\d\)=\n", GROUP, flags=re.M)
LINKED = re.compile(r"\{doc\}`(?:[^`<]*<)?\.\./([\w/]+)>?`")
EXERCISE = re.compile(r"<(ex-[\w-]+)>`")
ASKED = re.compile(
    r"\{exercise-start\} .*\n:label: (ex-[\w-]+)\n(?:.*\n)*?```\n\n★+ · (\d+) minutes"
)


@pytest.fixture(scope="module")
def asked():
    """Minutes of every exercise of the main pages, and the page that it stands on."""
    return {
        label: (int(minutes), path.stem)
        for path in MAIN
        for label, minutes in ASKED.findall(text(path))
    }


def rows(markdown):
    """Cells of each row of the tables of a page, without their heads."""
    lines = re.findall(r"^\| (.*) \|$", markdown, re.M)
    return [line.split(" | ") for line in lines]


def minutes(name):
    """Minutes of a page as the table of contents states them."""
    return int(TITLES[f"book/{name}"].split(" · ")[1].removesuffix(" min"))


def reading(markdown):
    """Minutes of the pages to which a piece of text links."""
    return [minutes(name) for name in LINKED.findall(markdown)]


# ------------------------------------------------------------------ minutes


def test_the_plan_of_the_meetings_is_true():
    """All main pages once, their minutes as counted, and 150 a week at most."""
    plan = [row for row in rows(INTRODUCTION) if "{ref}" in row[0]]
    assert len(plan) == len(MEETINGS) == 6
    for (_, read, told), meeting in zip(plan, MEETINGS, strict=True):
        assert [int(n) for n in told.split(" + ")] == reading(read)
        assert sum(reading(read)) <= 150
        before = re.search(r"\*\*Before:\*\* (.*?)\. ", meeting)[1]
        assert LINKED.findall(before) == LINKED.findall(read)
        assert [int(n) for n in re.findall(r"\((\d+) minutes", before)] == reading(read)
    read = [f"book/{name}" for row in plan for name in LINKED.findall(row[1])]
    assert sorted(read) == sorted(map(page, MAIN))


def test_timetables_tell_minutes_of_reading_and_of_homework(asked):
    """Those of the contents and of the exercises; the term has all main pages."""
    term = [row for row in rows(TEACHERS) if len(row) == 6 and row[0].isdecimal()]
    assert len(term) == 12
    for _, read, told, _, homework, long in term:
        assert reading(read) == [int(told)]
        found = [asked[label] for label in EXERCISE.findall(homework)]
        assert {stem for _, stem in found} == {LINKED.search(read)[1].split("/")[-1]}
        assert sum(n for n, _ in found) == int(long)
    assert sorted(f"book/{LINKED.search(row[1])[1]}" for row in term) == sorted(
        map(page, MAIN)
    )
    week = [row for row in rows(TEACHERS) if len(row) == 4 and row[0].isdecimal()]
    assert [sum(reading(row[1])) for row in week] == [int(row[2]) for row in week]
    assert len(week) == 5


def test_exercises_of_the_exam_are_not_homework(asked):
    """One for each page, with its minutes, and none that was set before."""
    term = [row for row in rows(TEACHERS) if len(row) == 6]
    set_before = {label for row in term for label in EXERCISE.findall(row[4])}
    exam = [row for row in rows(TEACHERS) if len(row) == 3 and EXERCISE.search(row[1])]
    labels = [EXERCISE.search(row[1])[1] for row in exam]
    assert set_before.isdisjoint(labels)
    assert [asked[label][0] for label in labels] == [int(row[2]) for row in exam]
    assert sorted(asked[label][1] for label in labels) == sorted(p.stem for p in MAIN)


# ----------------------------------------------------------------- meetings


@pytest.mark.parametrize("number", range(1, 7))
def test_a_meeting_is_whole(number, asked):
    """An hour without gaps; a picture, a run, talk, a blackboard and a decision."""
    meeting = MEETINGS[number - 1]
    times = [row[0].split("–") for row in rows(meeting) if "–" in row[0]]
    starts, ends = zip(*(map(int, pair) for pair in times), strict=True)
    assert (*starts, 60) == (0, *ends)
    assert meeting.count("{shown}") == 1
    assert "**Predict and run.**" in meeting
    assert "**Decide:**" in meeting
    (board,) = [row[1] for row in rows(meeting) if "At the blackboard" in row[1]]
    assert EXERCISE.search(board)[1] in asked
    questions = re.findall(r"^:::\{dropdown\} (.*)$", meeting, re.M)
    assert 4 <= len(questions) <= 5


@pytest.mark.parametrize("number", slides.meetings())
def test_slides_ask_what_the_page_asks(number):
    """The same questions in the same order, the same pictures, the same minutes."""
    meeting = MEETINGS[number - 1]
    deck = dict(slides.slides(slides.meetings()[number].read_text()))
    questions = re.findall(r"^:::\{dropdown\} (.*)$", meeting, re.M)
    assert re.findall(r"^\d\. (.*)$", deck["discuss"], re.M) == questions
    (shown,) = re.findall(r"\{shown\} (.*)", meeting)
    assert f"]({shown})" in deck["figure"]
    answer = re.search(r"#(.*)\)", deck["answer"])[1]
    assert f"{{numref}}`{answer}`" in meeting
    told = re.findall(r"(\d+) minutes by the rule", deck["next"])
    after = MEETINGS[number:][:1]
    before = [re.search(r"\*\*Before:\*\* (.*?)\. ", m)[1] for m in after]
    assert told == [str(sum(reading(read))) for read in before]


# ---------------------------------------------------------------- code runs


def blocks(markdown):
    """Code of a page, and what it says that it prints, each in one piece."""
    parts = re.findall(r"^```(python|text)\n(.*?)^```", markdown, re.S | re.M)
    return ["".join(b for kind, b in parts if kind == k) for k in ("python", "text")]


def bare(text):
    """Lines that are not empty, without what stands at their ends."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@sparing("book/teaching", "book/_ext/teaching", "tests/book/test_teaching")
@pytest.mark.parametrize(
    "part", first_of([*MEETINGS, TEACHERS]), ids=[*"123456", "teachers"]
)
def test_code_prints_what_the_page_says(part, tmp_path):
    """All blocks, one after the other in a fresh Python, print what stands below."""
    code, said = blocks(part)
    assert code
    here = f"import sys\nsys.path[:0] = [{str(ROOT)!r}]\n"
    command = [sys.executable, "-c", here + code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert bare(done.stdout) == bare(said)
    assert max(map(len, code.splitlines())) <= 77


# ------------------------------------------------------- what is collected


@pytest.mark.parametrize("path", MAIN, ids=lambda path: path.stem)
def test_objectives_are_those_of_the_page(path):
    """Each main page's are listed, every one with its question and its exercise."""
    name = page(path).removeprefix("book/")
    assert f"```{{objectives}} {name}\n" in TEACHERS
    listed = objectives(text(path)).splitlines()
    assert len(listed) >= 3
    for number, line in enumerate(listed, 1):
        assert line.startswith(f"{number}. **")
        assert "<q-" in line
        assert "<ex-" in line


def test_difficulties_are_met_somewhere():
    """Every wrong belief is told with the questions in which it waits, two or more."""
    pages = [*BOOK.glob("*.ipynb"), *BOOK.glob("*/*.ipynb")]
    listed = difficulties(map(text, pages)).splitlines()
    assert len(listed) == len(BELIEFS) == 14
    assert "Fourteen wrong beliefs" in TEACHERS
    for line, belief in zip(listed, BELIEFS.values(), strict=True):
        assert belief["says"] in line
        assert len(re.findall(r"<q-[\w-]+>`", line)) >= 2
        assert "$" not in line.split("Met in")[1]


# ---------------------------------------------------------- parts of a book


@exhaustive
def test_a_part_of_the_book_is_built(tmp_path):
    """The contents of the page name pages that exist, and make a book of them."""
    contents = re.search(r"```yaml\n(.*?)```", TEACHERS, re.S)[1]
    tool = Path(sys.executable).with_name("jupyter-book")
    toc = tmp_path / "two_weeks.yml"
    toc.write_text(contents)
    command = [tool, "build", ".", "--toc", toc, "--path-output", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    chapters = [c for p in yaml.safe_load(contents)["parts"] for c in p["chapters"]]
    built = tmp_path / "_build/html"
    assert [c for c in chapters if not (built / f"{c['file']}.html").exists()] == []
    assert not (built / "book/05_kernel_spectra.html").exists()
