"""Every checked exercise: its solution passes, its wrong answers are told apart.

The tests are made from the exercises, so that a new one costs none here.
"""

import inspect
import math
import re

import numpy as np
import pytest
from thorough import some, unless_touched

from scalinglib import exercises
from scalinglib.exercises.grading import said_to
from scalinglib.exercises.kinds import Choice, Function, Number

ALL = exercises.find()
HERE = unless_touched("scalinglib/exercises", "tests/exercises")


def each(cases, name):
    """Parameters: every fifth case always, the others while exercises are changed."""
    return [
        pytest.param(*case, id=name(*case), marks=HERE if i % 5 else [])
        for i, case in enumerate(cases)
    ]


EACH = pytest.mark.parametrize("exercise", each(((e,) for e in ALL), lambda e: e.id))
WRONGS = [(e, wrong) for e in ALL for wrong in e.wrong]
EACH_WRONG = pytest.mark.parametrize(
    ("exercise", "wrong"), each(WRONGS, lambda e, w: f"{e.id}: {w.belief}")
)
MARGIN = 3  # tolerances from the right answer to any wrong one


def handed_in(exercise, function):
    """What somebody hands in whose thoughts are this function."""
    if isinstance(exercise.kind, Function):
        return lambda *given: function(*given)
    said = function(**exercise.kind.cases(np.random.default_rng(0))[0])
    return said if isinstance(said, str) else np.asarray(said).tolist()


def told(grade):
    """All that a grade says."""
    return f"{grade!r} {grade._repr_markdown_()} {grade.reason} {grade.belief}"


@EACH
def test_the_solution_is_right(exercise):
    """The reference passes, whatever inputs are drawn."""
    answer = handed_in(exercise, exercise.reference)
    for seed in some(range(40), 8):
        grade = exercises.grade(exercise.id, answer, rng=seed)
        assert grade.state == "right", grade
        assert grade.belief is None
        assert grade.reason == exercise.right


@EACH_WRONG
def test_a_wrong_answer_gets_its_own_message(exercise, wrong):
    """The belief behind it is named, and no other."""
    for seed in some(range(40), 4):
        answer = handed_in(exercise, wrong.answer)
        grade = exercises.grade(exercise.id, answer, rng=seed)
        assert (grade.state, grade.belief) == ("wrong", wrong.belief)
        assert grade.reason == wrong.says


@EACH
def test_an_exercise_is_whole(exercise):
    """Three beliefs or more, two hints, and texts that are sentences."""
    beliefs = [wrong.belief for wrong in exercise.wrong]
    assert len(set(beliefs)) == len(beliefs) >= 3
    assert len({wrong.says for wrong in exercise.wrong}) == len(beliefs)
    assert len(exercise.hints) >= 2
    texts = exercise.asks, exercise.right, exercise.reasoning, *exercise.hints
    for text in (*texts, *(wrong.says for wrong in exercise.wrong)):
        assert re.search(r"[.?]$", text)
    for text in (wrong.says for wrong in exercise.wrong):
        assert 40 <= len(text) <= 300
        assert "$" not in text  # read on a terminal, too
    assert exercise.id.startswith("ex-")
    if isinstance(exercise.kind, Choice):
        assert {w.answer() for w in exercise.wrong} == (
            set(exercise.kind.labels) - {exercise.reference()}
        )


@EACH
def test_functions_take_the_inputs_that_there_are(exercise):
    """Reference and wrong answers have the parameters that are drawn, in order."""
    names = [*exercise.kind.cases(np.random.default_rng(0))[0]]
    for function in (exercise.reference, *(w.answer for w in exercise.wrong)):
        assert [*inspect.signature(function).parameters] == names


@EACH_WRONG
def test_wrong_answers_lie_outside_the_tolerance(exercise, wrong):
    """No wrong answer comes near the right one, or near another wrong one."""
    others = [w.answer for w in exercise.wrong if w is not wrong]
    for seed in some(range(20), 4):
        cases = exercise.kind.cases(np.random.default_rng(seed))
        said = said_to(wrong.answer, cases)
        for other in (exercise.reference, *others):
            off = exercise.kind.off(said, said_to(other, cases))
            assert max(o.max() for o in off) >= MARGIN


@pytest.mark.parametrize(
    "exercise",
    [e for e in ALL if not isinstance(e.kind, Choice)],
    ids=lambda exercise: exercise.id,
)
@pytest.mark.parametrize(("tolerances", "state"), [(0.5, "right"), (2.0, "wrong")])
def test_the_tolerance_is_what_it_says(exercise, tolerances, state):
    """Half of it off is right, twice of it wrong, on both sides."""
    kind = exercise.kind
    for sign in (-1, 1):

        def shifted(*given, sign=sign):
            right = np.asarray(exercise.reference(*given), float)
            return right + sign * tolerances * (
                kind.within * np.abs(right) + kind.absolute
            )

        answer = shifted
        if isinstance(kind, Number):
            answer = shifted(*kind.given.values())
        assert exercises.grade(exercise.id, answer, rng=1).state == state


def stubs(exercise):
    """What stands in the book before anybody has begun."""
    yield from (None, ..., "", [], [None, None], (..., ...))
    if isinstance(exercise.kind, Function):

        def later(*given):
            raise NotImplementedError

        yield from (lambda *given: None, lambda *given: ..., later)


@EACH
def test_a_stub_is_not_an_attempt(exercise):
    """An empty place is called empty, and what to hand in is said."""
    for stub in stubs(exercise):
        grade = exercises.grade(exercise.id, stub)
        assert grade.state == "not attempted"
        assert exercise.asks in grade.reason
        assert exercise.id in grade.reason


def secrets(exercise):
    """What no message may hold: right numbers or words, and the code."""
    code = exercises.solution(exercise.id).code
    lines = {line.strip().removeprefix("return ") for line in code.splitlines()}
    yield from (line for line in lines if len(line) > 5 and '"""' not in line)
    if isinstance(exercise.kind, Choice):
        return  # labels are offered: which is right is another test's affair
    if isinstance(exercise.kind, Number):
        right = np.ravel(exercise.reference(**exercise.kind.given))
        for digits in (2, 3, 4, 5):
            yield from (f"{r:.{digits}g}" for r in right)
            yield from (f"{r:.{digits}f}" for r in right)
        yield from (f"{r:.0f}" for r in right)


def spoiled(exercise):
    """Answers that are off in many ways, known and unknown."""
    turns = [w.answer for w in exercise.wrong]
    ways = (
        *(lambda r: 2 * r, lambda r: -r, lambda r: 1 / r, lambda r: 100 * r),
        *(lambda r: 1.07 * r, lambda r: r + 3e3, lambda r: r**2, lambda r: 1 - r),
        *(np.exp, np.log, lambda r: r / np.log(10), lambda r: np.append(r, 1.0)),
    )
    for way in ways:

        def turned(*given, way=way, **named):
            return way(np.asarray(exercise.reference(*given, **named), float))

        turns.append(turned)
    return turns


@EACH
def test_no_message_leaks(exercise):
    """Neither hints nor any grade of a wrong answer hold the number or the code."""
    texts = [*exercise.hints, exercise.asks]
    texts += [f"{w.belief} {w.says}" for w in exercise.wrong]
    texts += [told(exercises.grade(exercise.id, stub)) for stub in stubs(exercise)]
    if not isinstance(exercise.kind, Choice):
        with np.errstate(all="ignore"):
            for turned in spoiled(exercise):
                grade = exercises.grade(exercise.id, handed_in(exercise, turned), rng=2)
                assert grade.state == "wrong"
                texts.append(told(grade))
    for secret in secrets(exercise):
        alone = re.compile(rf"(?<![\d.]){re.escape(secret)}(?![\d.]*\d)")
        assert [text for text in texts if alone.search(text)] == []


@EACH
def test_a_choice_is_not_named_by_its_messages(exercise):
    """What is said of a wrong word does not hold the right one."""
    if isinstance(exercise.kind, Choice):
        texts = [*exercise.hints, *(f"{w.belief} {w.says}" for w in exercise.wrong)]
        right = exercise.reference()
        assert not any(re.search(rf"\b{right}\b", text) for text in texts)


@EACH
def test_the_solution_shows_reasoning_and_code(exercise):
    """Both are there, in print and in Markdown; the code runs alone, and is right."""
    shown = exercises.solution(exercise.id)
    alone = {"np": np, "math": math}
    exec(shown.code, alone)
    answer = handed_in(exercise, alone[exercise.reference.__name__])
    assert exercises.grade(exercise.id, answer).state == "right"
    for text in (repr(shown), shown._repr_markdown_()):
        assert shown.code in text
        assert exercise.title in text
    assert exercise.reasoning in shown._repr_markdown_()


def test_a_table_cannot_pass():
    """What was right for the inputs of one call is wrong for those of the next."""
    for exercise in ALL:
        if not isinstance(exercise.kind, Function):
            continue
        table = []

        def learns(*given, table=table, exercise=exercise):
            table.append(exercise.reference(*given))
            return table[-1]

        assert exercises.grade(exercise.id, learns).state == "right"
        told_again = iter(table)

        def recites(*given, told_again=told_again):
            return next(told_again)

        assert exercises.grade(exercise.id, recites).state == "wrong"
