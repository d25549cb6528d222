"""The scaling lab as a reader plays it in the page: the same games as in Python."""

import json
import re

import numpy as np
import pytest
from lab_players import (
    KIND,
    PLAYERS,
    SEEDS,
    answers,
    host,
    kind_of,
    played,
    points,
    rounded,
    stored,
)
from playing import given, number, page_of, play, table
from playwright.sync_api import expect
from thorough import exhaustive, some, unless_touched

from scalinglib import lab
from scalinglib.lab.cards import strangers
from scalinglib.lab.games import BUDGET

pytestmark = unless_touched(
    "book/_static", "book/_ext", "book/practice", "scalinglib/lab"
)


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


# ------------------------------------------------------------------- the game


def press(widget, name):
    """Press a button of the game, whether or not it can do anything."""
    widget.locator(f"[data-act={name}]").press("Enter")


def buy(page, widget, runs):
    """Buy runs in steps that the slider has; numbers as 1, 2, 3, 4, 6, 8."""
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
    factor = number(widget, "law-factor")
    assert 1 < factor < 3
    expect(widget.locator("dd:has([data-value=law-loss])")).to_contain_text(
        f"give or take {factor:.2f}"
    )
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
    expected, stranger = stored()[13]["expected"], strangers()
    for q, question in enumerate(("loss", "size")):
        full = min(expected[q], stranger[q] / 2)
        assert number(widget, f"full-{question}") == pytest.approx(full)
        assert number(widget, f"none-{question}") == pytest.approx(stranger[q])
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
    summary = widget.locator(".law-summary")
    expect(summary).to_contain_text(re.compile("in game 17.* is 0.3162"))
    first = widget.inner_text()
    page.reload()
    expect(summary).to_contain_text("in game 17")
    assert widget.inner_text() == first
    for who, total in totals.items():
        assert number(widget, f"total-{who}") == pytest.approx(total)
    # What was said of another game comes back with it.
    press(widget, "next")
    expect(summary).to_contain_text("in game 18")
    widget.get_by_role("button", name=re.compile("^17")).click()
    expect(summary).to_contain_text("in game 17")
    assert widget.inner_text() == first
    widget.get_by_role("button", name=re.compile("^13: ")).click()
    assert widget.locator("table").is_visible()
    expect(widget.locator("input[data-key=loss]")).to_be_disabled()
    widget.get_by_role("button", name="Start again").click()
    assert number(widget, "left") == BUDGET
    assert widget.locator("table").is_hidden()


def test_nobody_spends_more_than_there_is(page, widget):
    """Of too many, as many as can be paid; then none; nor after handing in."""
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
    press(widget, "hand-in")
    expect(widget.locator("svg [data-mark=truth]")).to_have_count(2)
    assert f"{truth.loss:.4g}" in widget.inner_text()


PLACE = """(widget, name) => widget.querySelector(`svg [data-drag=${name}]`)
  .getBoundingClientRect().toJSON()"""  # at once, for it may be drawn anew


def test_answers_are_dragged(page, widget):
    """A circle takes the middle along, an arrow the end of the interval."""
    press(widget, "scout")
    for name, dx, dy in (
        ("loss", 0, 30),
        ("size", 60, 0),
        ("lossTimes", 0, 15),
        ("sizeTimes", -20, 0),
    ):
        widget.locator("svg[data-panel=curve]").scroll_into_view_if_needed()
        before = float(widget.locator(f"input[data-key={name}]").input_value())
        box = widget.evaluate(PLACE, name)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx / 2, y + dy / 2)
        page.mouse.move(x + dx, y + dy)
        page.mouse.up()
        after = widget.evaluate(PLACE, name)
        assert after["x"] - box["x"] == pytest.approx(dx, abs=2), name
        assert after["y"] - box["y"] == pytest.approx(dy, abs=2), name
        moved = float(widget.locator(f"input[data-key={name}]").input_value())
        assert np.sign(moved - before) == (-1 if name == "loss" else 1)


def test_games_that_cannot_be_are_forgotten(page, widget):
    """Of what another edition kept, only what could have been played is taken up."""
    said = {"loss": 0.1, "lossTimes": 1.1, "size": 1e5, "sizeTimes": 2}
    sound = {"bought": {"64": 3}, "said": said, "done": True}
    spoiled = [
        {**sound, "bought": {"16384": 5}},
        {**sound, "bought": {"24": 1}},
        {**sound, "bought": {"16": -1}},
        {**sound, "said": {}},
        {"bought": {"16": 1}},
    ]
    kept = dict(zip(map(str, SEEDS), [sound, *spoiled], strict=False))
    press(widget, "scout")
    page.evaluate(
        """(kept) => {
          const key = Object.keys(localStorage).find((k) => k.startsWith("explorable"));
          const old = JSON.parse(localStorage.getItem(key));
          localStorage.setItem(key, JSON.stringify({ ...old, kept }));
        }""",
        json.dumps(kept),
    )
    page.reload()
    assert widget.locator("[data-games]").inner_text() == "1 game"
    assert number(widget, "left") == BUDGET - 192
    press(widget, "next")
    assert number(widget, "left") == BUDGET


def test_handles_lie_apart_at_the_start(page, widget):
    """In a new game every handle can be seen, and sizes are those of the rules."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for seed in (13, 20):
            widget.get_by_role("button", name=re.compile(f"^{seed}")).click()
            places = widget.evaluate("""(widget) =>
              [...widget.querySelectorAll("svg [data-drag]")].map((handle) => {
                const { x, y } = handle.getBoundingClientRect();
                return [x, y];
              })""")
            places = np.array(places)
            apart = np.linalg.norm(places[:, None] - places, axis=-1)
            assert len(places) == 6
            assert apart[~np.eye(6, dtype=bool)].min() > 13  # twice their radius
    size = widget.locator("input[data-key=size]")
    for end, allowed in (("min", 2 * 16384), ("max", 40 * 16384)):
        assert float(size.get_attribute(end)) == pytest.approx(
            np.log10(allowed), abs=0.02
        )


@exhaustive
def test_a_finger_drags_an_answer_and_not_the_page(browser, url):
    """On a phone a circle follows the finger as far as it goes, and nothing scrolls."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(url)
    page.locator("svg[data-panel=curve]").scroll_into_view_if_needed()
    circle = page.locator("svg [data-drag=loss]").first
    box, there = circle.bounding_box(), page.evaluate("scrollY")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = context.new_cdp_session(page)
    for step in range(10):
        kind = {0: "touchStart", 9: "touchEnd"}.get(step, "touchMove")
        points = [{"x": x, "y": y + 5 * step}] if step < 9 else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    moved = circle.bounding_box()["y"] - box["y"]
    assert moved == pytest.approx(40, abs=3)
    assert page.evaluate("scrollY") == there
    context.close()


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
