"""Every objective of a page has a question, and an exercise that is checked."""

import re

import nbformat
import pytest
from counting import count
from test_notebooks import code, directives, printed
from whereabouts import ROOT

from scalinglib import exercises

CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.ipynb"))
PRACTICE = sorted((ROOT / "book/practice").glob("*.ipynb"))
PRACTISED = [p.stem for p in CHAPTERS] + [f"practice/{p.stem}" for p in PRACTICE]
EACH = pytest.mark.parametrize("stem", PRACTISED)
OBJECTIVE = re.compile(r"^(\d+)\. .*$", re.M)


def opened(stem):
    """The notebook of a chapter, or of a page of practice."""
    return nbformat.read(ROOT / f"book/{stem}.ipynb", as_version=4)


def posed(stem, **which):
    """The exercises of a page: of a chapter by its number, of practice by its name."""
    name = stem.removeprefix("practice/")
    return exercises.find(int(stem[:2]) if name == stem else name, **which)


def objectives(notebook):
    """Number of each objective: the labels of its questions and of its exercises."""
    texts = [c.source for c in notebook.cells if "} Objectives\n" in c.source]
    (told,) = re.findall(r"\} Objectives\n(.*?)\*\*Prerequisites", texts[0], re.S)
    return {
        int(line[1]): (
            re.findall(r"{ref}`[^`]*<(q-[\w-]+)>`", line[0]),
            re.findall(r"{ref}`[^`]*<(ex-[\w-]+)>`", line[0]),
        )
        for line in OBJECTIVE.finditer(told)
    }


def graded(notebook):
    """Pairs of an exercise's label and what its grade printed, in order."""
    call = re.compile(r'exercises\.grade\(\s*"([\w-]+)"')
    return [
        (call.search(cell.source)[1], printed(cell.outputs[-1]))
        for cell in code(notebook)
        if call.search(cell.source)
    ]


@EACH
def test_every_objective_is_asked_and_practised(stem):
    """Each names a question of its page and an exercise that is checked."""
    notebook = opened(stem)
    asked = {options["name"] for _, options in directives(notebook, "question")}
    found = objectives(notebook)
    assert [*found] == [*range(1, len(found) + 1)]
    assert len(found) >= 3
    for number, (questions, practised) in found.items():
        assert questions, number
        assert set(questions) <= asked
        checked = {e.id for e in posed(stem, objective=number)}
        assert set(practised) & checked, number
    assert {e.objective for e in posed(stem)} == set(found)


@EACH
def test_five_exercises_know_three_wrong_answers_each(stem):
    """The chapter has that many, or more."""
    found = posed(stem)
    assert len(found) >= 5
    assert all(len(exercise.wrong) >= 3 for exercise in found)


@EACH
def test_an_exercise_stands_in_its_chapter(stem):
    """Under the same label and title: first as a stub, then with its solution."""
    notebook = opened(stem)
    titles = {o["label"]: t for t, o in directives(notebook, "exercise-start")}
    expected = []
    for exercise in posed(stem):
        assert titles[exercise.id] == exercise.title
    for label in titles:
        expected += [(label, "○"), (label, "✓")]
    said = graded(notebook)
    assert [(label, text[0]) for label, text in said] == expected
    assert {"not attempted" in text for _, text in said[::2]} == {True}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_a_figure_to_play_with(path):
    """One each, on the main line."""
    assert count(nbformat.read(path, as_version=4)).explorables == 1


@EACH
def test_no_page_is_only_read(stem):
    """Six questions or more, and never 500 words with nothing to do."""
    counts = count(opened(stem))
    assert counts.questions >= 6
    assert max(counts.stretches) <= 500


@EACH
def test_hints_are_those_of_the_page(stem):
    """As many in the package as in the chapter."""
    text = "\n".join(c.source for c in opened(stem).cells if c.cell_type == "markdown")
    for exercise in posed(stem):
        _, _, after = text.partition(f":label: {exercise.id}\n")
        before, _, _ = after.partition("{solution-start}")
        assert len(re.findall(r"{dropdown} Hint \d", before)) == len(exercise.hints)
