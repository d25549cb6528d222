"""The scaling lab: what it hides, what it sells, and how fairly it judges."""

import json

import numpy as np
import pytest
from scipy.stats import norm
from thorough import exhaustive, long, some

from scalinglib import lab, laws
from scalinglib.lab.answers import Answer, answer
from scalinglib.lab.cards import _expected, points_for
from scalinglib.lab.games import BUDGET
from scalinglib.lab.truths import LARGEST, SMALLEST, truth_of
from scalinglib.laws.families import LAWS

OCTAVES = 2 ** np.arange(4, 15)
EVEN = [60, 60, 60, 40, 20, 10, 5, 3, 1, 1, 1]


@pytest.fixture(scope="module")
def truths():
    """Three hundred of them."""
    return [truth_of(seed) for seed in range(300)]


# -- what is hidden --------------------------------------------------------------------


def test_truths_are_what_is_said_of_them(truths):
    """Ranges of noise, exponents, floors and breaks; a target that is reached."""
    for truth in truths:
        known = truth.parameters
        assert 0.01 <= truth.noise <= 0.1
        assert all(
            0.05 <= known[name] <= 0.7 for name in ("early", "exponent") & known.keys()
        )
        assert known.get("floor", 0) <= 0.85 * truth(LARGEST)
        if "place" in known:
            assert 8 * SMALLEST <= known["place"] <= LARGEST / 8
        assert truth(truth.size) == pytest.approx(truth.target, rel=1e-9)
        assert 1.9 < truth.size / LARGEST < 45
        assert (np.diff(truth(OCTAVES)) < 0).all()
    names = [truth.law.name for truth in truths]
    for name, share in (("power", 0.2), ("floor", 0.35), ("break", 0.45)):
        spread = np.sqrt(share * (1 - share) / len(names))
        assert names.count(name) / len(names) == pytest.approx(share, abs=4 * spread)


def test_practice_has_all_kinds():
    """Ten seeds, each law among them, and floors with breaks or without."""
    assert len(lab.PRACTICE) == 10
    assert {truth_of(seed).law.name for seed in lab.PRACTICE} == {
        "power",
        "floor",
        "break",
    }


def test_runs_are_the_law_with_its_noise():
    """Their mean is the law, their spread the noise, and more begin with the same."""
    truth = truth_of(4)
    runs = truth.runs(4, 64, 200_000) / truth(64)
    error = truth.noise / np.sqrt(200_000)
    assert runs.mean() == pytest.approx(1, abs=4 * error)
    assert runs.std() == pytest.approx(truth.noise, rel=4 / np.sqrt(400_000))
    np.testing.assert_array_equal(truth.runs(4, 64, 10), truth.runs(4, 64, 99)[:10])
    assert not np.isin(truth.runs(4, 65, 10) / truth(65), runs).any()


# -- what is best ----------------------------------------------------------------------


def test_the_error_of_a_design_is_that_of_fits():
    """Laws fitted to many draws of the same runs scatter as it says."""
    truth = next(t for t in map(truth_of, range(99)) if t.law.name == "floor")
    quiet = lab.Truth(truth.law, truth.parameters, 0.003, truth.at, truth.target)
    x = OCTAVES.astype(float)
    logs = []
    for seed in some(range(120), 30):
        losses = [quiet.runs(seed, int(size), 12) for size in x]
        fitted = laws.fit((x, np.array(losses)), "floor")
        logs.append(np.log(float(fitted(quiet.at))))
    error = lab.design_error(quiet, dict.fromkeys(OCTAVES.tolist(), 12), quiet.at)
    # The fit weighs sizes by errors that it has to estimate: a little worse.
    assert np.std(logs) == pytest.approx(error, rel=4 / np.sqrt(2 * len(logs)) + 0.05)


def test_no_design_is_better_than_the_best(truths):
    """Neither those of chance nor equal shares of the budget."""
    rng = np.random.default_rng(0)
    for truth in truths[:40]:
        best = lab.best_design(truth, BUDGET, truth.at)
        assert best.cost <= BUDGET
        assert best.bound <= best.error * (1 + 1e-9)
        assert lab.design_error(truth, best.runs, truth.at) == pytest.approx(best.error)
        for _ in range(20):
            sizes = rng.choice(OCTAVES, rng.integers(6, 12), replace=False)
            share = rng.dirichlet(np.ones(len(sizes)))
            runs = dict(zip(sizes.tolist(), share * BUDGET / sizes, strict=True))
            found = lab.design_error(truth, runs, truth.at)
            assert found >= best.bound * (1 - 1e-6)


@exhaustive
def test_every_game_has_a_best_design():
    """Also where a size is so dear that it is bought once, if at all."""
    for seed in (209, 650, 716, 750, 799, 828, 1191, *range(2000, 2200)):
        truth = truth_of(seed)
        for at in (truth.at, truth.size):
            best = lab.best_design(truth, BUDGET, at)
            assert best.cost <= BUDGET
            assert best.bound * (1 - 1e-9) <= best.error < 1.3 * best.bound
    for few in ({"budget": 40}, {"smallest": 16, "largest": 17}):
        asked = {"budget": BUDGET, "at": truth.at} | few
        with pytest.raises(ValueError, match="to tell"):
            lab.best_design(truth, **asked)


def test_the_best_design_of_a_power_is_that_of_two_sizes():
    """Shares as the weights of an extrapolation, times the root of the cost."""
    law = lab.Truth(LAWS["power"], {"amplitude": 1.0, "exponent": 0.3}, 0.05, 2e5, 1.0)
    found = lab.best_design(law, BUDGET, law.at)
    least = np.inf
    u, at = np.log(np.unique(np.geomspace(16, 16384, 400).round())), np.log(law.at)
    for low in range(len(u)):
        high = slice(low + 1, None)
        weights = (at - u[low]) / (u[high] - u[low])
        roots = np.exp(u / 2)
        sums = weights * roots[high] + (weights - 1) * roots[low]
        least = min(least, 0.05 * sums.min(initial=np.inf) / np.sqrt(BUDGET))
    assert found.bound == pytest.approx(least, rel=2e-3)
    assert len(found.runs) == 2


def test_too_few_sizes_tell_nothing():
    """Two sizes do not tell three parameters, however many runs there are."""
    truth = next(t for t in map(truth_of, range(99)) if t.law.name == "floor")
    assert lab.design_error(truth, {16: 1000, 1024: 100}, truth.at) == np.inf
    assert lab.design_error(truth, {}, truth.at) == np.inf


# -- how it is judged ------------------------------------------------------------------


def test_scores_to_be_expected_are_those_of_chance():
    """Of a normal truth in its own interval."""
    draws = np.random.default_rng(0).standard_normal(400_000)
    z = norm.ppf(0.95)
    scores = laws.interval_score(-z, z, draws)
    assert scores.mean() == pytest.approx(_expected(1.0), abs=4 * scores.std() / 632)


@pytest.mark.parametrize(
    ("score", "points"), [(0.0, 50), (0.1, 50), (0.4, 25), (1.6, 0), (9.0, 0)]
)
def test_points_fall_with_the_score(score, points):
    """From what can be expected, 50, to what a stranger would be charged, none."""
    assert points_for(score, 0.1, 1.6) == pytest.approx(points)
    # Where the best runs tell no more than a stranger knows, half of his is asked.
    assert points_for(score, 9.0, 1.6) == (50 if score < 0.8 else 0)
    assert points_for(0.79, 9.0, 1.6) == 50 > points_for(0.81, 9.0, 1.6)


def test_a_stranger_gets_next_to_nothing():
    """Whoever answers without a run that tells, as all games go."""
    totals = []
    for seed in range(20_000, 20_012):
        game = lab.start(seed)
        last = float(game.buy(LARGEST).mean())
        loss = last * np.array([0.2, 0.5, 0.93])
        size = LARGEST * np.array([2.1, 9.0, 38.0])
        totals.append(game.submit(loss, size).total)
    assert np.mean(totals) < 8


@long
def test_a_card_tells_what_was_handed_in():
    """Yours with its scores, and two answers of the package from the same runs."""
    game = lab.start(2)
    curve = game.buy(OCTAVES, EVEN)
    loss, size = (0.27, 0.28, 0.3), (1e5, 2e5, np.inf)
    card = game.submit(loss, size)
    truth = card.truth
    yours = card.table.sel(who="you")
    for question, said, at in (("loss", loss, truth.loss), ("size", size, truth.size)):
        row = yours.sel(question=question)
        assert (row.low, row.value, row.high) == said
        assert row.held == (said[0] <= at <= said[2])
        ends = np.log(np.minimum(said, LARGEST * 1e4))
        expected = laws.interval_score(ends[0], ends[2], np.log(at))
        assert float(row.score) == pytest.approx(expected)
    for who, assume in (("no law assumed", None), ("the form known", truth.law.name)):
        guess = laws.forecast(curve, at=game.at, assume=assume)
        row = card.table.sel(who=who, question="loss")
        assert (float(row.low), float(row.high)) == guess.interval(0.9)
    errors = [
        lab.design_error(truth, runs, truth.at)
        for runs in (card.best.runs, game.bought)
    ]
    assert card.efficiency == pytest.approx((errors[0] / errors[1]) ** 2)
    for text in (f"{truth.loss:.4g}", f"{truth.size:.4g}", f"{card.total:.0f} of 100"):
        assert text in str(card)


def test_knowing_the_truth_is_worth_all_points():
    """And a wild guess next to none."""
    for seed in lab.PRACTICE:
        truth = truth_of(seed)
        for factor, least, most in ((1.0, 100, 100), (3.0, 0, 55)):
            game = lab.start(seed)
            game.buy(16)
            said = [(factor * v,) * 3 for v in (truth.loss, truth.size)]
            assert least <= game.submit(*said).total <= most


@exhaustive
def test_buying_well_is_worth_points():
    """The best runs with the form known beat cheap ones, over the practice seeds."""
    totals = {"best": [], "cheap": []}
    for seed in (1, 2, 6, 9):  # floors are quick to fit
        truth = truth_of(seed)
        best = lab.best_design(truth, BUDGET, truth.at).runs
        for name, runs in (
            ("best", best),
            ("cheap", dict.fromkeys(range(16, 300, 32), 40)),
        ):
            game = lab.start(seed)
            curve = game.buy(list(runs), list(runs.values()))
            form = truth.law.name
            loss = laws.forecast(curve, at=game.at, assume=form)
            totals[name].append(
                game.submit(loss, laws.size_for(curve, game.target, assume=form)).total
            )
    better = np.subtract(totals["best"], totals["cheap"])
    assert better.mean() > 2 * better.std(ddof=1) / np.sqrt(len(better))


# -- the rules -------------------------------------------------------------------------


def test_the_budget_is_a_budget():
    """A purchase that costs too much buys nothing, and what was bought stays."""
    game = lab.start(1)
    first = game.buy([64, 16], [2, 3])
    assert first["D"].values.tolist() == [16, 64]
    assert np.isnan(first.values).sum() == 1
    assert game.left == BUDGET - 2 * 64 - 3 * 16
    with pytest.raises(ValueError, match="D and trials must cost at most"):
        game.buy([16384, 128], [4, 1])
    assert game.bought == {64: 2, 16: 3}
    again = game.buy(16, 4)
    np.testing.assert_array_equal(again.sel(D=16)[:3], first.sel(D=16))
    assert str(game.left) in repr(game)
    assert "7 at 16" in repr(game)


def test_there_is_one_answer():
    """After it, nothing is bought; before a run there is none."""
    game = lab.start(1)
    with pytest.raises(ValueError, match="buy some"):
        game.submit((1, 2, 3), (1, 2, 3))
    with pytest.raises(ValueError, match="buy some"):
        _ = game.curve
    game.buy(16)
    game.submit((0.1, 0.2, 0.3), (1e5, 1e5, 1e5))
    with pytest.raises(ValueError, match="handed in"):
        game.submit((0.1, 0.2, 0.3), (1e5, 1e5, 1e5))
    with pytest.raises(ValueError, match="handed in"):
        game.buy(16)


def test_estimates_are_answers():
    """With their interval of 90 %, whatever their own level is."""
    guess = laws.forecast(([16, 64, 256], [0.5, 0.3, 0.2]), at=1024, level=0.5)
    low, high = guess.interval(0.9)
    assert answer("loss", guess) == Answer(low, guess.value, high)


# -- exams -----------------------------------------------------------------------------


def sat(student, word="a word"):
    """An exam with a fair answer."""
    exam = lab.start_exam(word, student)
    exam.buy(OCTAVES, EVEN)
    return exam.submit((0.1, 0.2, 0.4), (2e4, 1e5, 4e5))


@exhaustive
def test_an_exam_is_marked_as_a_game_is(tmp_path):
    """Each student has a game of their own, always the same; a table tells all."""
    for student in ("Ada", "Emmy", "Sofia"):
        assert "points" not in repr(sat(student)).lower()
        sat(student).save(tmp_path / f"{student}.json")
    found = lab.grade(tmp_path, "a word")
    assert found["student"].tolist() == ["Ada", "Emmy", "Sofia"]
    assert (found["fault"] == "").all()
    exams = [lab.start_exam("a word", name) for name in ("Ada", "Emmy", "Ada")]
    assert exams[0].seed == exams[2].seed != exams[1].seed
    assert "Ada" in repr(exams[0])
    assert str(exams[0].seed) not in repr(exams[0])
    game = lab.start(exams[1].seed)
    game.buy(OCTAVES, EVEN)
    card = game.submit((0.1, 0.2, 0.4), (2e4, 1e5, 4e5))
    row = found.iloc[1]
    assert row["points"] == pytest.approx(card.total)
    assert row["efficiency"] == pytest.approx(card.efficiency)
    assert [row["loss held"], row["size held"]] == card.held.values.tolist()


FAULTS = [
    ({"bought": [[16384, 5]]}, "must cost at most"),
    ({"bought": [[16, 2.5]]}, "whole number"),
    ({"bought": []}, "no run yet"),
    ({"loss": [0.3, 0.2, 0.1]}, "loss must be"),
    ({"size": None}, "size must"),
    ({"check": "0"}, "another word"),
    ({"student": 7}, "student must be text"),
]


def test_receipts_with_a_fault_are_told_apart(tmp_path):
    """They are not marked, and the others are."""
    sat("Ada").save(tmp_path / "a.json")
    said = json.loads((tmp_path / "a.json").read_text())
    for k, (change, _) in enumerate(FAULTS):
        (tmp_path / f"b{k}.json").write_text(json.dumps(said | change))
    (tmp_path / "c.json").write_bytes(b"\xff\x00")
    del said["loss"]
    (tmp_path / "d.json").write_text(json.dumps(said))
    (tmp_path / "e.json").write_text("[1]")
    (tmp_path / "f.json").write_text("[" * 200_000)
    (tmp_path / "g.json").write_text('{"student": "\\ud800"}')
    (tmp_path / "h.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "i.json").mkdir()
    found = lab.grade(tmp_path, "a word")
    for (_, told), fault in zip(FAULTS, found["fault"].iloc[1:8], strict=True):
        assert told in fault
    assert "loss" in found["fault"].iloc[9]
    assert (found["fault"] != "").tolist() == [False] + 14 * [True]
    assert found["points"].notna().tolist() == [True] + 14 * [False]


@exhaustive
def test_spelling_does_not_make_another_game(tmp_path):
    """Capitals, blanks and the way a letter is composed; two receipts are told."""
    same = "Zoë  B", " zoe\u0308 b ", "ZOË B"
    assert len({lab.start_exam("A Word", name).seed for name in same}) == 1
    assert (
        lab.start_exam("a word ", same[0]).seed
        == lab.start_exam("A word", same[0]).seed
    )
    for k, name in enumerate(("Zoë", "zoë", "Ada")):
        sat(name).save(tmp_path / f"{k}.json")
    found = lab.grade(tmp_path, "a word")
    twice = ["another receipt" in fault for fault in found["fault"]]
    assert twice == [True, True, False]
    assert found["points"].notna().all()


def test_receipts_are_files_that_stay(tmp_path):
    """None is written over; what is no receipt is refused."""
    path = sat("Ada").save(tmp_path / "a.json")
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        sat("Emmy").save(path)
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match=r"path must end in \.json"):
        sat("Ada").save(tmp_path / "a.csv")
    for none in (tmp_path / "nothing", [], 3, [tmp_path / "b.json"]):
        with pytest.raises(ValueError, match="receipts must be"):
            lab.grade(none, "a word")
    with pytest.raises(ValueError, match="word must be text"):
        lab.grade(tmp_path, " ")
    assert len(lab.grade([path], "a word")) == 1
