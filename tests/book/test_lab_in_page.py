"""The scaling lab as a reader plays it in the page: the same games as in Python."""

import functools
import json
import re

import numpy as np
import pytest
import xarray as xr
from playing import given, hosts, number, page_of, play, table
from playwright.sync_api import expect
from thorough import exhaustive, some, unless_touched

from scalinglib import forecast, lab, laws
from scalinglib.lab.answers import answer
from scalinglib.lab.cards import points_for, strangers
from scalinglib.lab.games import BUDGET
from scalinglib.laws.families import LAWS

pytestmark = unless_touched(
    "book/_static", "book/_ext", "book/practice", "scalinglib/lab"
)

KIND = "scaling-lab"
SEEDS = range(13, 21)
SMALL = {16: 682, 32: 341, 64: 170, 128: 85, 256: 42, 512: 21}
EVEN = {16 * 2**k: 256 // 2**k for k in range(8)} | {4096: 2, 8192: 1, 16384: 1}
PLAYERS = {"small": SMALL, "even": EVEN}
TEXT = """<p><em>On the web page this is a game: the lab's games 13 to 20, to be played
with sliders and buttons. Two players have played before you, one with small runs only, one
with runs at every octave; both forecast with the package. Their points, up to 100 a
game:</em></p>"""


# ------------------------------------------------------------ what is stored


def played(seed, runs):
    """A game, after these runs were bought."""
    game = lab.start(seed)
    game.buy(list(runs), list(runs.values()))
    return game


def answers(seed, runs):
    """What the package says of these runs if one of its laws holds, and the card."""
    game = played(seed, runs)
    loss = answer("loss", forecast(game.curve, at=game.at, assume="law"))
    size = laws.size_for(game.curve, game.target, assume="law")
    size = answer("size", size)
    return [loss.low, loss.value, loss.high, size.low, size.value, size.high]


def rounded(x, digits):
    """A float with so many digits; None if it is infinite."""
    return float(f"{x:.{digits}g}") if np.isfinite(x) else None


def points(seed, said):
    """Points of answers in a game, by the package."""
    said = [np.inf if x is None else x for x in said]
    card = played(seed, {16: 1, 1024: 1}).submit(said[:3], said[3:])
    return card.total


def written():
    """The element of the page, as the package would have it."""
    games, rows = [], ""
    for seed in SEEDS:
        card = played(seed, EVEN).submit((1, 1, 1), (1, 1, 1))
        game = {
            "seed": seed,
            "expected": [rounded(x, 9) for x in card.expected.values.tolist()],
        }
        for who, runs in PLAYERS.items():
            game[who] = [rounded(x, 4) for x in answers(seed, runs)]
        games.append(game)
        cells = "".join(f"<td>{points(seed, game[who]):.0f}</td>" for who in PLAYERS)
        rows += f"<tr><td>{seed}</td>{cells}</tr>"
    text = json.dumps(games, separators=(",", ":"))
    unknown = [rounded(x, 9) for x in strangers().tolist()]
    head = "<tr><th>game</th><th>small runs</th><th>every octave</th></tr>"
    return (
        f'<div class="{KIND}" data-stranger="{json.dumps(unknown)}" '
        f"data-games='{text}'>{' '.join(TEXT.split())}<table>{head}{rows}</table></div>"
    )


@functools.cache
def host():
    """The element as the book has it."""
    return hosts()[KIND]


@functools.cache
def stored():
    """The games as the book has them, by their seeds."""
    return {game["seed"]: game for game in json.loads(given(host(), "games"))}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built page."""
    return page_of(tmp_path_factory, host())


def test_games_are_others_than_those_of_exercises():
    """None of the seeds that one practises with, and each kind of law among them."""
    assert [*stored()] == [*SEEDS]
    assert not set(SEEDS) & set(lab.PRACTICE)
    kinds = {kind_of(lab.truth_of(seed)) for seed in SEEDS}
    assert kinds == {"power", "floor", "break", "both"}


def test_scores_to_compare_with_are_those_of_the_card():
    """What may be expected, and what a stranger gets, to a millionth."""
    assert json.loads(given(host(), "stranger")) == pytest.approx(strangers(), rel=1e-6)
    for seed, game in stored().items():
        card = played(seed, {16: 1, 1024: 1}).submit((1, 1, 1), (1, 1, 1))
        assert game["expected"] == pytest.approx(card.expected.values, rel=1e-6)


def test_two_players_say_what_the_package_says():
    """Their answers are made anew from their runs, four digits of each."""
    cases = [(seed, who) for seed in SEEDS for who in PLAYERS]
    for seed, who in some(cases[::-3], 1):
        expected = [rounded(x, 4) for x in answers(seed, PLAYERS[who])]
        for x, y in zip(stored()[seed][who], expected, strict=True):
            assert x == (None if y is None else pytest.approx(y, rel=2e-3)), (seed, who)


def test_table_for_paper():
    """Points of both players in each game."""
    rows = table(host())
    assert [int(row[0]) for row in rows] == [*SEEDS]
    for seed, *told in rows:
        for who, text in zip(PLAYERS, told, strict=True):
            assert text == f"{points(int(seed), stored()[int(seed)][who]):.0f}"


# ----------------------------------------------------------- the same hidden laws


def kind_of(truth):
    """What the page calls a kind of law."""
    both = truth.law.name == "break" and truth.parameters["floor"]
    return "both" if both else truth.law.name


RULES = "explorables.labRules"
DESIGN = "({seed, bought}) => [explorables.labRules.truthOf(seed), bought]"


def test_draws_are_those_of_numpy(page):
    """Uniform, normal with their tail, and a shuffle of two, from any seed."""
    for entropy in ([271828, 0, 7], [271828, 1, 13, 16384], [4294967295, 0, 1, 2]):
        found = page.evaluate(
            """(entropy) => {
              const rng = explorables.numpyDraws.generator(entropy);
              const list = (n, draw) => Array.from({ length: n }, draw);
              return [rng.uniform(-1, 3), rng.random(), ...list(20000, rng.normal),
                ...rng.shuffled([0, 1])];
            }""",
            entropy,
        )
        rng = np.random.default_rng(entropy)
        expected = [rng.uniform(-1, 3), rng.random(), *rng.standard_normal(20_000)]
        expected += [*rng.permutation([0.0, 1.0])]
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-13)
        assert max(np.abs(found)) > 3.66  # beyond the last strip


def test_every_seed_hides_the_same_law(page):
    """Kind, parameters, noise, target and both answers, stored games or not."""
    seeds = [*SEEDS, *range(100, 300), 2**31]
    found = page.evaluate(f"(seeds) => seeds.map({RULES}.truthOf)", seeds)
    for seed, law in zip(seeds, found, strict=True):
        truth = lab.truth_of(seed)
        assert law["kind"] == kind_of(truth)
        near = functools.partial(pytest.approx, rel=1e-10)
        for name in ("noise", "target", "loss", "size"):
            assert law[name] == near(getattr(truth, name)), (seed, name)
        floor, amplitude, early, exponent, place, width = law["theta"]
        parameters = {
            "floor": floor,
            "amplitude": np.exp(amplitude),
            "early": early,
            "exponent": exponent,
            "place": np.exp(place),
            "width": np.exp(width),
        }
        for name, value in truth.parameters.items():
            assert parameters[name] == near(value), (seed, name)


def designs():
    """Games and runs: those of both players, and of chance."""
    rng = np.random.default_rng(0)
    for seed in SEEDS:
        share = rng.dirichlet(np.ones(11))
        by_chance = (BUDGET * share / 2 ** np.arange(4, 15)).astype(int)
        lucky = {16 * 2**k: int(n) for k, n in enumerate(by_chance) if n}
        yield from ((seed, runs) for runs in (EVEN, lucky, SMALL))


def asked(page, call, cases):
    """What a function of the page makes of (truth, runs), for each (seed, runs)."""
    listed = [[seed, {str(x): n for x, n in runs.items()}] for seed, runs in cases]
    return page.evaluate(
        f"""(cases) => cases.map(([seed, bought]) => {{
          const rules = {RULES};
          const truth = rules.truthOf(seed);
          return ({call})(rules, truth, bought);
        }})""",
        listed,
    )


def test_runs_are_the_same(page):
    """Means at each size, the scatter of a run, and local exponents with errors."""
    cases = [*designs()]
    call = "(rules, truth, bought) => rules.measured(truth, bought)"
    for (seed, runs), found in zip(cases, asked(page, call, cases), strict=True):
        curve = played(seed, runs).curve
        mean, near = curve.mean("trial"), functools.partial(pytest.approx, rel=1e-9)
        assert [p["x"] for p in found["points"]] == curve.D.values.tolist()
        assert [p["mean"] for p in found["points"]] == near(mean.values)
        squares = float(((curve / mean - 1) ** 2).sum())
        scatter = np.sqrt(squares / (sum(runs.values()) - len(runs)))
        assert found["scatter"] == near(scatter)
        middle, exponents, _ = laws.local_exponents(mean)
        assert [s["x"] for s in found["steps"]] == near(np.asarray(middle))
        assert [s["exponent"] for s in found["steps"]] == near(np.asarray(exponents))
        error = scatter / np.sqrt(list(runs.values()))
        steps = np.hypot(error[1:], error[:-1]) / np.diff(np.log([*runs]))
        assert [s["error"] for s in found["steps"]] == near(steps)


def test_fits_are_those_of_the_package(page):
    """No minimum of the package is deeper; powers and floors agree to a millionth."""
    cases = some(designs(), 6)
    call = """(rules, truth, bought) => Object.keys(rules.KINDS).map((kind) => {
      const data = rules.measured(truth, bought);
      const fit = rules.fit(kind, data);
      return fit && [kind, fit.squares, fit.misfit, data.scatter,
        [...data.points.map(({ x }) => x), rules.AT].map((x) => rules.lossOf(fit, x))];
    })"""
    same = 0
    for (seed, runs), fits in zip(cases, asked(page, call, cases), strict=True):
        mean = played(seed, runs).curve.mean("trial").astype(float)
        error = mean.values / np.sqrt(list(runs.values()))
        curve = mean.assign_coords(error=("D", error))
        assert fits[3] is not None or len(runs) < 7
        for kind, squares, misfit, scatter, losses in filter(None, fits):
            name = "break" if kind == "both" else kind
            known = {"floor": 0.0} if kind == "break" else None
            fit = laws.fit(curve, name, known=known)
            assert squares <= fit.statistic * (1 + 1e-6)
            free = {"power": 2, "floor": 3, "break": 5, "both": 6}[kind]
            root = np.sqrt(squares / (len(runs) - free)) / scatter
            assert misfit == pytest.approx(root, rel=1e-9)
            if squares >= fit.statistic * (1 - 1e-6):
                same += 1
                rel = 1e-6 if kind in ("power", "floor") else 2e-4
                expected = fit(np.array([*runs, 262144.0]))
                assert losses == pytest.approx(expected, rel=rel), (seed, kind)
    assert same >= 0.8 * sum(fit is not None for _ in cases for fit in fits)


def test_what_runs_tell_is_what_the_package_says(page):
    """The error of a design, and its efficiency against the best one."""
    cases = [*designs()]
    call = """(rules, truth, bought) => {
      const error = rules.designError(truth, bought, rules.AT);
      return Number.isFinite(error) ? error : null;
    }"""
    for (seed, runs), found in zip(cases, asked(page, call, cases), strict=True):
        truth = lab.truth_of(seed)
        expected = lab.design_error(truth, runs, truth.at)
        if expected > 100:  # these runs tell nothing
            assert found is None or found > 50
        else:
            assert found == pytest.approx(expected, rel=1e-6)


def test_scores_and_points_are_those_of_the_card(page):
    """Intervals that hold, miss, or have no end; scores without a stranger's room."""
    rng = np.random.default_rng(0)
    for truth, width, shift in rng.uniform([0.1, 0, -1], [3, 1, 1], (40, 3)):
        low, high = truth * np.exp([shift - width, shift + width])
        expected, stranger = np.exp(rng.uniform(-4, 1, 2))
        found = page.evaluate(
            f"""([low, high, truth, expected, stranger]) => {{
              const score = {RULES}.score("loss", low, high, truth);
              return [score, {RULES}.points(score, expected, stranger)];
            }}""",
            [low, high, truth, expected, stranger],
        )
        score = laws.interval_score(*np.log([low, high, truth]), 0.9)
        assert found[0] == pytest.approx(score, rel=1e-9)
        assert found[1] == pytest.approx(
            float(points_for(score, expected, stranger)), rel=1e-6, abs=1e-9
        )
    endless = page.evaluate(f"{RULES}.score('size', Infinity, Infinity, 1e5)")
    far = np.log(16384e4)
    assert endless == pytest.approx(laws.interval_score(far, far, np.log(1e5), 0.9))


# ------------------------------------------------------------------- the game


def press(widget, name):
    """Press a button of the game."""
    widget.locator(f"[data-act={name}]").click()


def buy(page, widget, runs):
    """Buy runs in steps that the slider has; numbers as 1, 2, 3, 4, 6, 8, …"""
    counts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
    for x, n in runs.items():
        play(page, KIND, octave=np.log2(x).round(), runs=counts.index(n))
        press(widget, "buy")


def shown_card(page, who="own"):
    """Both answers of somebody, and the points, as the card shows them."""
    names = [
        f"{end}{q}-{who}" for q in ("loss", "size") for end in ("low-", "", "high-")
    ]
    shown = play(page, KIND)
    return [shown[name] for name in names], shown[f"points-{who}"]


def test_a_whole_game_by_keyboard(page, widget):
    """Buy, fit, take, narrow, hand in; then the card is that of the package."""
    key = lambda name: widget.locator(f"input[data-key={name}]")  # noqa: E731
    act = lambda name: widget.locator(f"[data-act={name}]")  # noqa: E731
    expect(act("hand-in")).to_have_attribute("aria-disabled", "true")
    act("hand-in").press("Enter")
    assert widget.locator("table").is_hidden()
    act("scout").press("Enter")
    bought = {16: 3, 64: 3, 256: 3, 1024: 3}
    key("octave").press("End")
    key("runs").press("Home")
    act("buy").press("Enter")
    key("octave").press("ArrowLeft")
    key("octave").press("ArrowLeft")
    key("runs").press("ArrowRight")
    act("buy").press(" ")
    bought |= {16384: 1, 4096: 2}
    left = BUDGET - sum(x * n for x, n in bought.items())
    assert number(widget, "left") == left
    widget.get_by_role("button", name="floor", exact=True).press("Enter")
    act("middles").press("Enter")
    key("lossTimes").press("PageDown")
    key("size").press("ArrowRight")
    key("sizeTimes").press("Home")
    for _ in range(30):
        key("sizeTimes").press("ArrowRight")
    expect(widget.locator("svg [data-mark=truth]")).to_have_count(0)
    act("hand-in").press("Enter")
    assert widget.locator("table").is_visible()
    said, total = shown_card(page)
    assert total == pytest.approx(points(13, said), rel=1e-6)
    truth = lab.truth_of(13)
    assert number(widget, "loss-truth") == pytest.approx(truth.loss, rel=1e-9)
    assert number(widget, "size-truth") == pytest.approx(truth.size, rel=1e-9)
    best = lab.best_design(truth, BUDGET, truth.at)
    told = (best.error / lab.design_error(truth, bought, truth.at)) ** 2
    assert number(widget, "told") == pytest.approx(told, rel=1e-6)
    for who in PLAYERS:
        answers, total = shown_card(page, who)
        assert answers == stored()[13][who]
        assert total == pytest.approx(points(13, stored()[13][who]), rel=1e-6)
    summary = widget.locator(".law-summary")
    expect(summary).to_contain_text(
        "It was a break near 370, from exponent 0.20 to 0.65"
    )
    expect(summary).to_contain_text("5 octaves beyond it")


def test_what_was_played_is_remembered(page, widget):
    """Runs, answers and cards after a reload, game by game; points are added up."""
    totals = dict.fromkeys(["own", *PLAYERS], 0)
    for seed, runs in ((13, {16: 64, 512: 4}), (16, {16: 256, 256: 64, 2048: 3})):
        widget.get_by_role("button", name=re.compile(f"^{seed}")).click()
        buy(page, widget, runs)
        play(page, KIND, loss=-1.8, lossTimes=0.1, size=5.2, sizeTimes=0.3)
        press(widget, "hand-in")
        for who in totals:
            totals[who] += shown_card(page, who)[1]
    press(widget, "next")
    buy(page, widget, {32: 96})
    play(page, KIND, loss=-0.5, size=5)
    first = widget.inner_text()
    assert "in game 17" in widget.locator(".law-summary").inner_text()
    page.reload()
    expect(widget.locator(".law-summary")).to_contain_text("in game 17")
    assert widget.inner_text() == first
    for who, total in totals.items():
        assert number(widget, f"total-{who}") == pytest.approx(total)
    # What was said of another game comes back with it.
    press(widget, "next")
    widget.get_by_role("button", name=re.compile("^17")).click()
    assert widget.inner_text() == first
    widget.get_by_role("button", name=re.compile("^13: ")).click()
    assert widget.locator("table").is_visible()
    expect(widget.locator("input[data-key=loss]")).to_be_disabled()
    widget.get_by_role("button", name="Start again").click()
    assert number(widget, "left") == BUDGET
    assert widget.locator("table").is_hidden()


def test_nobody_spends_more_than_there_is(page, widget):
    """Of what is too many, as many as can be paid; then nothing; nor after handing in."""
    play(page, KIND, octave=14, runs=5)
    expect(widget.locator("[data-act=buy]")).to_have_text("Buy 4 for 65 536")
    press(widget, "buy")
    assert number(widget, "left") == 0
    for name in ("buy", "scout"):
        expect(widget.locator(f"[data-act={name}]")).to_have_attribute(
            "aria-disabled", "true"
        )
        press(widget, name)
        assert number(widget, "left") == 0
    press(widget, "hand-in")
    press(widget, "next")
    press(widget, "scout")
    press(widget, "hand-in")
    press(widget, "scout")
    assert number(widget, "left") == BUDGET - 4080


def test_nothing_tells_the_truth_before(page, widget, pages):
    """Neither the page's text nor its pictures; both do after it was handed in."""
    press(widget, "scout")
    html = (pages / "index.html").read_text() + widget.evaluate("w => w.outerHTML")
    truth = lab.truth_of(13)
    for x in (truth.loss, truth.size, *truth.parameters.values(), truth.noise):
        assert not x or f"{x:.4g}" not in html
    expect(widget.locator("svg [data-mark=truth]")).to_have_count(0)
    axes = widget.locator("[data-panel=curve] text").all_inner_texts()
    press(widget, "hand-in")
    expect(widget.locator("svg [data-mark=truth]")).to_have_count(2)
    assert axes != []
    assert f"{truth.loss:.4g}" in widget.inner_text()


def test_answers_are_dragged(page, widget):
    """A circle takes the middle along, an arrow the end of the interval."""
    press(widget, "scout")
    for name, dx, dy in (
        ("loss", 0, 60),
        ("size", 60, 0),
        ("lossTimes", 0, 15),
        ("sizeTimes", -20, 0),
    ):
        place = widget.locator(f"svg [data-drag={name}]").first
        place.scroll_into_view_if_needed()
        before = float(widget.locator(f"input[data-key={name}]").input_value())
        box = place.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx / 2, y + dy / 2)
        page.mouse.move(x + dx, y + dy)
        page.mouse.up()
        after = widget.locator(f"svg [data-drag={name}]").first.bounding_box()
        assert after["x"] - box["x"] == pytest.approx(dx, abs=2), name
        assert after["y"] - box["y"] == pytest.approx(dy, abs=2), name
        moved = float(widget.locator(f"input[data-key={name}]").input_value())
        assert np.sign(moved - before) == (-1 if name == "loss" else 1)


@exhaustive
def test_every_game_tells_its_story(page, widget):
    """The kind of the law, and what the runs could see of it."""
    told = {
        "power": "It was a plain power",
        "floor": "only large runs feel that",
        "break": "It was a break near",
        "both": ", on a floor of",
    }
    summary = widget.locator(".law-summary")
    for seed in SEEDS:
        widget.get_by_role("button", name=re.compile(f"^{seed}")).click()
        buy(page, widget, {16: 64, 128: 32})
        press(widget, "hand-in")
        kind = kind_of(lab.truth_of(seed))
        expect(summary).to_contain_text(told[kind])
        if kind in ("break", "both"):
            expect(summary).to_contain_text("all lie before it, and 7 that you could")
