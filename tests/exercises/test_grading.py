"""Grading: whatever is handed in is told what is wrong with it, and nothing raises."""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import long

from scalinglib import exercises
from scalinglib.exercises import reading
from scalinglib.exercises.grades import escaped
from scalinglib.exercises.kinds import Function, Number, Numbers
from scalinglib.exercises.telling import how_far_off

FORMULA, PAIR, WORD = "ex-heaps", "ex-told", "ex-spelling"
STATES = {"right", "wrong", "not attempted"}


def right(alpha):
    """The solution of the first."""
    return 1 / (1 + alpha)


class Evil:
    """An answer that raises whatever one asks of it."""

    def _no(self, *args, **kwargs):
        raise ArithmeticError("no")

    __eq__ = __array__ = __float__ = __len__ = __iter__ = __repr__ = __str__ = _no
    __getattr__ = __bool__ = __hash__ = __index__ = __getitem__ = _no


class Leaves(Evil):
    """One that tries to end the program."""

    def __array__(self, *args, **kwargs):
        raise SystemExit(3)


class Lies:
    """One that is equal to all."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


def endless():
    """A list that holds itself."""
    inner = []
    inner.append(inner)
    return inner


def raises(error):
    """A function that raises."""

    def function(*given):
        raise error

    return function


STRANGE = {
    "nan": np.nan,
    "infinite": np.array([1.0, np.inf]),
    "huge": np.zeros((1000, 1100)),
    "of no bytes": np.broadcast_to(0.0, (10**12,)),
    "text": "0.5",
    "bytes": b"0.5",
    "yes": True,
    "complex": 1j,
    "masked": np.ma.masked_array([1.0], [True]),
    "ragged": [[1], [1, 2]],
    "endless": endless(),
    "a dict": {"a": 1},
    "a class": Evil,
    "evil": Evil(),
    "leaving": Leaves(),
    "lying": Lies(),
    "a long number": 10**400,
    "a function": lambda: 1,
    "a method": "".join,
    "a builtin": max,
    "a ufunc": np.sin,
    "raising": raises(KeyError("x")),
    "raising evil": raises(type("E", (Exception,), {"__str__": Evil._no})()),
    "leaving later": raises(SystemExit(1)),
    "interrupting all": raises(GeneratorExit()),
    "a generator": lambda *given: (x for x in [1]),
    "evil later": lambda *given: Evil(),
    "nan later": lambda *given: np.nan,
    "text later": lambda *given: "1",
    "huge later": lambda *given: np.zeros(10**6 + 1),
    "a function later": lambda *given: right,
}


@pytest.mark.parametrize("id", [FORMULA, PAIR, WORD])
@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_strange_answers_are_wrong_and_nothing_is_raised(id, answer):
    """Each is told in a few lines."""
    grade = exercises.grade(id, answer)
    assert grade.state == "wrong"
    assert grade.belief is None
    assert 20 < len(grade.reason) < 500
    assert isinstance(repr(grade) + grade._repr_markdown_(), str)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.complex_numbers()
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner)
    ),
    max_leaves=5,
)


@long
@given(ANYTHING, st.sampled_from([FORMULA, PAIR, WORD]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_anything_gets_a_state(value, id):
    """As an answer, and as what a function returns."""
    for answer in (value, lambda *given: value):
        assert exercises.grade(id, answer, rng=0).state in STATES


@long
@given(st.text(), st.integers(0, 3))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_messages_of_errors_are_shown_as_they_are(message, kind):
    """Nothing in them is Markdown, and they do not fill the page."""
    error = (ValueError, TypeError, KeyError, RuntimeError)[kind](message)
    grade = exercises.grade(FORMULA, raises(error))
    assert grade.state == "wrong"
    assert type(error).__name__ in grade.reason
    assert len(grade.reason) < 400
    assert "\n" not in grade.reason


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (0.4, "type float; a function is asked"),
        (lambda: 0.4, "must take these, in order: alpha"),
        (lambda a, b: 0.4, "must take these, in order: alpha"),
        (lambda a: [0.4, 0.2], "Asked is one number; yours is 2 numbers"),
        (lambda a: np.nan, "not finite"),
        (lambda a: 1 / (a * 0), "ZeroDivisionError: float division by zero"),
        (lambda a: "0.4", "is text"),
        (lambda a: right, "is a function"),
        (lambda a: None if a > 0.9 else right(a), "branch without a return"),
        (lambda a: -right(a) - a, "The sign is off, and the size too"),
        (lambda a: 2 * right(a), "A factor of two is off"),
        (lambda a: right(a) / 2, "A factor of two is off"),
        (lambda a: 100 * right(a), "percent"),
        (lambda a: right(a) / np.log(10), "base of a logarithm"),
        (lambda a: right(a) ** 2, "square"),
        (lambda a: np.sqrt(right(a)), "root"),
        (lambda a: np.log(right(a)), "logarithm"),
        (lambda a: right(a) + 1, "One is off"),
        (lambda a: 1.37 * right(a), "dependence is right"),
        (lambda a: right(a) + 1e-3 * a, "too large, by less than a tenth"),
        (lambda a: right(a) - 0.1 * a**0.1, "too small, by less than a factor of two"),
        (lambda a: right(a) + a**-2 / 2, "too large, by less than a factor of ten"),
        (lambda a: right(a) + 50 * a, "too large, by a factor of ten or more"),
        (lambda a: 0.6 + 1e-3 * a, "for some inputs"),
    ],
)
def test_what_is_off_is_told(answer, says):
    """By kind, by a known factor, or by its direction and size."""
    grade = exercises.grade(FORMULA, answer, rng=3)
    assert grade.state == "wrong"
    assert says in grade.reason


def test_numbers_of_both_signs_lie_above_or_below():
    """What is always the higher one is not too large here and too small there."""
    values, rights = np.array([-0.9, 0.3, 2.2]), np.array([-1.0, 0.2, 2.0])
    kind = Function(draw=lambda rng: {})
    bad = [np.array([True] * 3)]
    assert "lies above" in how_far_off([values], [rights], bad, kind)
    assert "lies below" in how_far_off([2 * rights - values], [rights], bad, kind)


def test_the_upside_down_is_told():
    """Where it is no known belief of its own."""
    kind = Number(within=0.01)
    v, r, bad = [np.array(4.0)], [np.array(0.25)], [np.array(True)]
    assert "upside down" in how_far_off(v, r, bad, kind)


def test_a_single_number_is_held_to_few_patterns():
    """Of one number, a square or a logarithm would be found by chance."""
    kind = Number(within=0.01)
    v, r, bad = [np.array(9.0)], [np.array(3.0)], [np.array(True)]
    assert "square" not in how_far_off(v, r, bad, kind)


def test_entries_that_are_wrong_are_named():
    """The right ones are left in peace."""
    kind = Numbers(within=0.01)
    v, r = [np.array([1.0, 5.0, 3.0])], [np.array([1.0, 2.0, 3.0])]
    bad = [o > 1 for o in kind.off(v, r)]
    assert how_far_off(v, r, bad, kind).startswith("Of the 3 numbers, look at number 2")


def test_a_belief_is_found_in_the_entry_that_is_wrong():
    """One entry is right, the other what a belief makes of it."""
    twice = lambda q, s: (2 - 1 / (q * s), (2 * s - 1 / q) / (2 * s - 1 / q + 1))  # noqa: E731
    assert exercises.grade(PAIR, twice, rng=0).belief == "noise falls as 1/D"


def test_a_belief_is_found_where_the_other_entry_is_right():
    """The belief would have made both wrong."""
    half = lambda q, s: (1 - 1 / (2 * s), (2 * s - 1 / q) / (2 * s - 1 / q + 1))  # noqa: E731
    assert exercises.grade(PAIR, half, rng=0).belief == "every lag is copied from"


def test_what_is_no_number_is_near_nothing():
    """A belief may have no answer for some inputs; nobody holds it there."""
    kind = Number(within=0.1)
    assert kind.off([np.array(1.0)], [np.array(np.nan)])[0] > 1


def test_words_are_read_with_good_will():
    """Capitals and spaces do not matter; other words are told what there is."""
    assert exercises.grade(WORD, " Spelling\n").state == "right"
    assert "'grammar'" in exercises.grade(WORD, "syntax").reason


def drawn(rng):
    """Inputs with an array."""
    return {"x": rng.random(5)}


def test_a_function_that_spoils_its_input_is_told():
    """And it is told which."""

    def doubles(x):
        x *= 2
        return x

    cases = Function(draw=drawn).cases(np.random.default_rng(0))
    with pytest.raises(reading.Unread, match=r"changes x.*x\.copy\(\)"):
        reading.run_through(doubles, cases)
    assert reading.run_through(lambda x: 2 * x, cases)[0].shape == (5,)


def test_what_spoils_its_input_is_told_whatever_it_returns():
    """A right number does not make up for a caller's losses that are others now."""

    def spoils(losses):
        losses[0] += 1
        return 0.1

    grade = exercises.grade("ex-forecast", spoils)
    assert grade.state == "wrong"
    assert "changes losses" in grade.reason


@pytest.mark.parametrize("swallows", [False, True])
def test_a_loop_is_stopped(monkeypatch, swallows):
    """Even one that catches what it can."""
    monkeypatch.setattr(reading, "SECONDS", 0.2)

    def loops(alpha):
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                if not swallows:
                    raise

    grade = exercises.grade(FORMULA, loops)
    assert grade.state == "wrong"
    assert "too long" in grade.reason


def test_grading_works_outside_the_main_thread():
    """There without a limit, for signals are the main thread's."""
    found = []
    thread = threading.Thread(
        target=lambda: found.append(exercises.grade(FORMULA, right))
    )
    thread.start()
    thread.join()
    assert found[0].state == "right"


def test_an_interrupt_is_the_readers():
    """Who presses the key stops the cell."""
    with pytest.raises(KeyboardInterrupt):
        exercises.grade(FORMULA, raises(KeyboardInterrupt()))


def test_inputs_differ_from_call_to_call():
    """Unless a generator says which."""
    seen = []
    for rng in (None, None, 7, 7):
        exercises.grade(FORMULA, lambda a: seen.append(a) or right(a), rng=rng)
    calls = np.reshape(seen, (4, -1))
    assert (calls[2] == calls[3]).all()
    assert not np.isin(calls[0], calls[1]).any()


@pytest.mark.parametrize("id", ["ex-heap", "heaps", "EX-HEAPS", "", "x" * 500])
def test_an_unknown_id_is_refused_and_the_nearest_named(id):
    """By every function that takes one."""
    for call in (lambda: exercises.grade(id, 1), lambda: exercises.hint(id)):
        with pytest.raises(ValueError, match=r"^id must be .*ex-\w+") as raised:
            call()
        assert len(str(raised.value)) < 300
    with pytest.raises(ValueError, match=r"^id must be .*type int"):
        exercises.solution(3)


def test_the_nearest_id_is_the_one_that_was_meant():
    """A letter that is missing is found."""
    with pytest.raises(ValueError, match=r"nearest are ex-heaps"):
        exercises.grade("ex-heap", 1)


def test_hints_come_one_at_a_time():
    """And each says how many there are, and all but the last how to get the next."""
    first, last = exercises.hint(FORMULA), exercises.hint(FORMULA, 2)
    assert repr(first) == repr(exercises.hint(FORMULA, 1))
    assert "Hint 2 of 2" in last._repr_markdown_()
    for told in (first._repr_markdown_(), repr(first)):
        assert f'\nexercises.hint("{FORMULA}", 2)' in told
    assert "exercises.hint(" not in repr(last)
    with pytest.raises(ValueError, match="number must be from 1 to 2, got 3"):
        exercises.hint(FORMULA, 3)


def test_a_call_to_be_copied_is_in_one_line():
    """The call for a hint is not broken at a hyphen, wherever the line ends."""
    for exercise in exercises.find():
        said = repr(exercises.grade(exercise.id, None))
        assert f'exercises.hint("{exercise.id}")' in said
        assert max(map(len, said.splitlines())) <= 79


def test_what_there_is_is_listed():
    """By chapter and objective, as text and as a table."""
    found = exercises.find(9, objective=3)
    assert [e.id for e in found] == ["ex-chain-constant"]
    assert (
        repr(found) == "ex-chain-constant (chapter 9, objective 3): " + found[0].title
    )
    assert "| `ex-chain-constant` | 9.3 |" in found._repr_markdown_()
    assert set(found) < set(exercises.find())
    with pytest.raises(ValueError, match=r"chapter must be one of \[.*9"):
        exercises.find(99)


def test_ids_are_unique():
    """An id of two exercises would hide one of them."""
    from scalinglib.exercises import chapters
    from scalinglib.exercises.catalogue import every

    posed = []
    for path in sorted(
        p for place in chapters.__path__ for p in Path(place).glob("*.py")
    ):
        posed += re.findall(r'^ +id="(.*)",$', path.read_text(), re.M)
    assert sorted(posed) == sorted(every())


def test_grades_are_read_in_both_forms():
    """On a terminal in lines of 79, in a notebook with nothing taken for Markdown."""
    grade = exercises.grade(FORMULA, raises(ValueError("x_1 *and* <b> $y$")))
    assert max(map(len, repr(grade).splitlines())) <= 79
    assert r"x\_1 \*and\* \<b\> \$y\$" in grade._repr_markdown_()
    assert repr(exercises.grade(FORMULA, right)).startswith("✓ ex-heaps: right.")
    assert escaped("plain, words.") == "plain, words."
    asks = exercises.grade(FORMULA, None)._repr_markdown_()
    assert asks.endswith('`exercises.hint("ex-heaps")` helps.')  # to be copied


def test_the_room_is_light():
    """To list and grade loads numpy, and nothing of the rooms below."""
    probe = (
        "import sys; from scalinglib import exercises; "
        "exercises.grade('ex-heaps', lambda alpha: 1.0); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert {"scipy", "xarray", "matplotlib", "torch", "pandas"}.isdisjoint(loaded)
