"""The placement: what ten answers suggest, for every pattern of answers."""

import itertools
import re

import minutes
import numpy as np
import pytest
from answers import read_answers
from placement import CHAPTERS, QUESTIONS, RULES, suggest, tables
from routes import ROUTES
from whereabouts import ROOT

PAGE = (ROOT / "book/placement.md").read_text("utf-8")
ASKED = re.compile(
    r":::\{question\} (\d+)\. (.*)\n:name: (\S+)\n((?::.*\n)*)((?s:.*?)):::"
)
FOUND = [match.groups() for match in ASKED.finditer(PAGE)]
PATTERNS = [*itertools.product([False, True], repeat=10)]


def improved(known):
    """The pattern with one more answer known, in each way."""
    for place, right in enumerate(known):
        if not right:
            yield (*known[:place], True, *known[place + 1 :])


def test_one_more_right_answer_never_lengthens_the_way():
    """Nothing more to read or to brush up, no earlier beginning, no earlier route."""
    for known in PATTERNS:
        it = suggest(known)
        for better in map(suggest, improved(known)):
            assert set(better.read) <= set(it.read)
            assert better.minutes <= it.minutes
            assert better.brush_up <= it.brush_up
            assert better.route >= it.route
            assert better.own_curves >= it.own_curves
            assert (better.begin is None) or better.begin >= it.begin


def test_every_chapter_is_read_or_may_be_skipped():
    """For every pattern, in order; the beginning is the first that is read."""
    for known in PATTERNS:
        it = suggest(known)
        assert sorted((*it.read, *it.skip)) == [*range(9)]
        assert [known[1 + i] for i in it.read] == [False] * len(it.read)
        assert it.begin == min(it.read, default=None)


def test_who_knows_nothing_begins_at_chapter_1():
    """With the tools to brush up first, and on the shortest route."""
    it = suggest([False] * 10)
    assert it.brush_up
    assert CHAPTERS[it.begin]["page"] == "01_power_laws"
    assert RULES["routes"][it.route]["route"] == "two_hours"
    assert not it.own_curves


def test_who_knows_all_is_sent_beyond():
    """To further pages, the lab and what our own methods miss."""
    it = suggest([True] * 10)
    assert (it.brush_up, it.read, it.minutes) == (False, (), 0)
    why = RULES["routes"][it.route]["why"]
    for word in ("further pages", "practice/scaling_lab", "practice/peers"):
        assert word in why


def test_two_hours_are_for_who_has_not_read_chapter_1():
    """Whoever knows it is sent past it."""
    for known in PATTERNS:
        route = RULES["routes"][suggest(known).route]["route"]
        assert route != "two_hours" or not known[1]
    assert RULES["routes"][suggest([True, True] + [False] * 8).route]["route"] == (
        "weekend"
    )


def test_rules_are_as_the_table_says():
    """Their numbers in words, and the last one takes whatever is left."""
    words = ["seven", "three", "one", "none"]
    for rule, word in zip(RULES["routes"], words, strict=True):
        assert word in rule["when"]
        assert rule["route"] in ROUTES
    numbers = [rule["missed"] for rule in RULES["routes"]]
    assert numbers == sorted(numbers, reverse=True) == [7, 3, 1, 0]
    assert RULES["own"]["route"] in ROUTES


def test_each_chapter_has_its_question():
    """In order, below a number that the tables and the prose count by."""
    assert [label for _, _, label, *_ in FOUND] == QUESTIONS
    assert [int(number) for number, *_ in FOUND] == [*range(1, 11)]
    main = [name for name in minutes.pages() if re.match(r"\d\d_", name)]
    assert [each["page"] for each in CHAPTERS] == main
    for each in CHAPTERS:
        assert minutes.exercises(each["page"])[each["sure"]].minutes <= 15
        (row,) = [row for row in tables() if each["question"] in row]
        assert each["sure"] in row
        assert f"/book/{each['page']}>" in row


@pytest.mark.parametrize("question", FOUND, ids=lambda question: question[2])
def test_each_question_lets_one_say_that_one_cannot(question):
    """One answer is right and none the last, which tells the answer and where next."""
    _, answers = read_answers(question[4].splitlines(), numeric=False)
    *others, last = answers
    assert sum(answer.right for answer in others) == 1
    assert not last.right
    assert last.label == "I cannot say yet"
    assert all(len(answer.feedback.split()) >= 6 for answer in answers)
    if question[2] != "q-place-tools":
        assert "chapter" in last.feedback.lower()
    assert last.unsure


def test_the_right_answer_is_not_known_by_its_length():
    """It is the longest of the answers in three questions of ten at most."""
    longest = 0
    for *_, body in FOUND:
        _, answers = read_answers(body.splitlines(), numeric=False)
        longest += max(answers, key=lambda answer: len(answer.label)).right
    assert longest <= 3


def test_no_question_is_one_of_a_chapter():
    """Neither its title nor its first sentence stands anywhere else."""
    texts = [p.read_text("utf-8") for p in (ROOT / "book").rglob("*.ipynb")]
    for _, title, _, _, body in FOUND:
        said = next(line for line in body.splitlines() if len(line) > 30)
        assert not any(f"{{question}} {title}\\n" in text for text in texts), title
        assert not any(said[:60] in text for text in texts), said


# ------------------------------------------------- what the answers say is so


def test_the_code_returns_what_the_answer_says():
    """Question 1: three eigenvalues within a tenth of one."""
    code = re.search(r"```python\n(.*?)```", PAGE, re.S)[1]
    *before, last = code.strip().splitlines()
    names = {"np": np}
    exec("\n".join(before), names)
    found = eval(last, names)
    assert found.shape == (3,)
    assert abs(found - 1).max() < 0.1


def test_the_loss_is_as_the_answer_says():
    """Question 2: the floor, the exponent, the next loss, and the wrong line's."""
    sizes, losses = np.array([1000, 4000, 16000]), np.array([0.5, 0.35, 0.275])
    law = 0.2 + 0.3 * (sizes / 1000) ** -0.5
    assert np.allclose(law, losses)
    assert round(0.2 + 0.3 * 64**-0.5, 2) == 0.24
    assert round(losses[2] ** 2 / losses[1], 2) == 0.22
    assert np.allclose(losses[1:] / losses[:-1], [0.70, 0.79], atol=0.006)


def test_ten_directions_are_slow():
    """Question 4: with d = 10 twice the data come 7 % nearer."""
    assert round(100 * (1 - 2 ** (-1 / 10))) == 7


def test_the_peak_is_the_largest_of_the_three():
    """Question 5: 500 features, and 100, 500, 2500 examples."""
    rng = np.random.default_rng(0)
    scale = np.arange(1, 1001.0) ** -1.25  # α_K = 3/2
    mix, test = (
        rng.standard_normal((1000, 500)),
        rng.standard_normal((500, 1000)) * scale,
    )
    truth, losses = rng.standard_normal(1000), {}
    for D in (100, 500, 2500):
        X = rng.standard_normal((D, 1000)) * scale
        theta = np.linalg.lstsq(X @ mix, X @ truth)[0]
        losses[D] = (((test @ mix) @ theta - test @ truth) ** 2).mean()
    assert losses[500] > losses[100] > losses[2500]


def test_the_best_split_is_as_the_answer_says():
    """Question 9: exponents 1/2 and 1/4 give P as C^(1/3)."""
    P = np.geomspace(1, 1e12, 400_001)
    best = [P[np.argmin(P**-0.5 + (C / (6 * P)) ** -0.25)] for C in (1e9, 1e15)]
    assert abs(np.log10(best[1] / best[0]) / 6 - 1 / 3) < 1e-3
