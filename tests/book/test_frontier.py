"""The compute frontier that a reader moves: its numbers and its pictures."""

import ast
import itertools
import json
import re

import nbformat
import numpy as np
import pytest
from playing import given, hosts, number, page_of, pictured, play
from playwright.sync_api import expect
from scipy.optimize import brentq
from thorough import some, unless_touched
from whereabouts import ROOT

from scalinglib import laws

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book")

KIND = "compute-frontier"
NAMES = ("E", "A", "B", "alpha_P", "alpha_D")
KEYS = ("E", "A", "B", "alphaP", "alphaD")  # of the sliders
IN_DECADES = ("C", "percent", "A", "B")


def planted(E, A, B, alpha_P, alpha_D):
    """Fit runs without noise on a surface."""
    P, D = np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 7))
    P, D = P.ravel(), D.ravel()
    loss = E + A * P**-alpha_P + B * D**-alpha_D
    return laws.fit_loss_surface(P, D, loss, resamples=0)


FITS = {
    "usual": planted(1.7, 400, 1500, 0.34, 0.36),
    "steep": planted(0.3, 2000, 9000, 0.6, 0.5),
    "low": planted(0.05, 20, 30, 0.25, 0.15),
}

PAGE = """<div class="compute-frontier" data-budget="5.76e23" data-percent="1"
data-start="usual" data-surfaces='{surfaces}'></div>"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built page."""
    surfaces = {
        name: [fit.parameters[key] for key in NAMES] for name, fit in FITS.items()
    }
    return page_of(tmp_path_factory, PAGE.format(surfaces=json.dumps(surfaces)))


# ---------------------------------------------------------------- the numbers


def solved(C, percent, E, A, B, alphaP, alphaD):
    """What should be shown, by roots: of the slope, and of the loss above a level."""
    k = np.log(C / 6)

    def loss(t):
        return E + A * np.exp(-alphaP * t) + B * np.exp(-alphaD * (k - t))

    def uphill(t):  # sign of the slope
        gain, cost = alphaP * A * np.exp(-alphaP * t), alphaD * B
        return cost - gain * np.exp(alphaD * (k - t))

    def root(f, low, high):
        return brentq(f, low, high, xtol=1e-12, rtol=1e-14)

    if uphill(0) >= 0:
        best = 0.0
    else:
        best = k if uphill(k) <= 0 else root(uphill, 0, k)
    if alphaP == alphaD == 0:
        best = k / 2

    def above(t):
        return loss(t) - (1 + percent / 100) * loss(best)

    ends = [
        end if above(end) <= 0 else root(above, *sorted((best, end))) for end in (0, k)
    ]
    sizes = {"P": best, "D": k - best, "ratio": k - 2 * best}
    sizes |= {"low": ends[0], "high": ends[1], "factor": ends[1] - ends[0]}
    return {key: np.exp(log) for key, log in sizes.items()} | {"loss": loss(best)}


def agree(shown, setting):
    """Every number is the solved one, to a millionth."""
    natural = {k: 10**v if k in IN_DECADES else v for k, v in setting.items()}
    for key, expected in solved(**natural).items():
        assert shown[key] == pytest.approx(expected, rel=1e-6), (key, setting)


EXTREMES = {
    "C": (15, 28), "percent": (-1, 1), "E": (0, 4), "A": (0, 5), "B": (0, 5),
    "alphaP": (0, 0.005, 1), "alphaD": (0, 0.005, 1),
}  # fmt: skip


def random_settings(count):
    """Positions of all sliders, anywhere."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield {key: rng.uniform(ends[0], ends[-1]) for key, ends in EXTREMES.items()}


def test_numbers_of_any_surface(page):
    """Best size, loss, band: to a millionth, wherever the sliders stand."""
    for setting in some(random_settings(24), 20):
        shown = play(page, KIND, **setting)
        agree(shown, {key: shown[key] for key in setting})


def test_numbers_at_the_ends_of_the_sliders(page, widget):
    """The same at corners, with optima at one parameter or one token; no NaN."""
    corners = [*itertools.product(*EXTREMES.values())]
    for corner in corners[::5]:  # every pair of ends is among them
        setting = dict(zip(EXTREMES, corner, strict=True))
        agree(play(page, KIND, **setting), setting)
        html = widget.evaluate("widget => widget.outerHTML")
        assert not re.search("NaN|Infinity|undefined|null", html), setting


@pytest.mark.parametrize("name", FITS)
def test_numbers_are_those_of_the_package(page, widget, name):
    """For a fitted surface the page says what `optimal` and `compute_for` say."""
    fit = FITS[name]
    widget.get_by_role("button", name=name).click()
    for decades in (18, 21.5, 26):
        play(page, KIND, **{"C": decades, "percent": 0})
        C = 10**decades
        best = fit.optimal(C)
        expected = {
            "P": best.P.value,
            "D": best.D.value,
            "loss": best.loss.value,
            "ratio": best.tokens_per_parameter.value,
            "saved": C / fit.compute_for(1.01 * best.loss.value).value,
        }
        for key, value in expected.items():
            assert number(widget, key) == pytest.approx(value, rel=1e-6), key
        ends = np.array([number(widget, "low"), number(widget, "high")])
        loss = fit.estimate_loss(ends, C / (6 * ends)).value
        assert loss == pytest.approx(1.01 * best.loss.value, rel=1e-6)


def test_other_surfaces_lose_what_the_package_says(page, widget):
    """The best size of each surface, and its loss on the one that is taken for true."""
    C, true = 5.76e23, FITS["usual"]
    least = true.optimal(C).loss.value
    for i, fit in enumerate(FITS.values()):
        P = fit.optimal(C).P.value
        loss = true.estimate_loss(P, C / (6 * P)).value
        cost = 100 * (loss / least - 1)
        assert number(widget, f"size-{i}") == pytest.approx(P, rel=1e-6)
        assert number(widget, f"each-{i}") == pytest.approx(C / 6 / P**2, rel=1e-6)
        assert number(widget, f"cost-{i}") == pytest.approx(cost, rel=1e-6, abs=1e-9)


def test_points_of_the_valley(page):
    """The loss along a budget is that of the package's profile."""
    fit, C = FITS["usual"], 1e21
    valley = fit.isoflop(C)
    law = dict(zip(KEYS, (fit.parameters[name] for name in NAMES), strict=True))
    losses = page.evaluate(
        """([law, sizes, C]) => {
          const { budget, loss } = explorables.frontier;
          return sizes.map((P) => loss(law, Math.log(P), budget(C)));
        }""",
        [law, valley.P.values.tolist(), C],
    )
    assert losses == pytest.approx(valley.loss.values, rel=1e-6)


# --------------------------------------------------------------- the pictures


@pytest.mark.parametrize("name", FITS)
def test_valley_is_drawn_to_scale(widget, name):
    """The curve, read off by the ticks, is the loss; the dot is at its bottom."""
    fit, C = FITS[name], 5.76e23
    widget.get_by_role("button", name=name).click()
    panel = widget.locator("[data-panel=valley]")
    log_P, drawn = pictured(panel, "polyline[data-mark=curve]")
    loss = fit.estimate_loss(10**log_P, C / (6 * 10**log_P)).value
    inside = loss < 1.13 * loss.min()
    assert inside.sum() > 20
    assert drawn[inside] == pytest.approx(loss[inside], rel=1e-3)
    log_band, _ = pictured(panel, "polygon[data-mark=band]")
    ends = np.log10([number(widget, "low"), number(widget, "high")])
    assert [log_band.min(), log_band.max()] == pytest.approx(ends, abs=0.01)


def test_a_huge_loss_is_drawn_in_units(page, widget):
    """Losses beyond what an axis can say are divided by a power of ten."""
    play(page, KIND, **{"E": 0, "A": 5, "B": 5, "alphaP": 0.1, "alphaD": 0.1})
    panel = widget.locator("[data-panel=valley]")
    expect(panel).to_contain_text("loss / 1e+4")
    log_P, drawn = pictured(panel, "polyline[data-mark=curve]")
    P = 10**log_P
    loss = 1e5 * (P**-0.1 + (5.76e23 / (6 * P)) ** -0.1)
    assert 1e4 * drawn == pytest.approx(loss, rel=1e-3)


def test_plane_is_drawn_to_scale(widget):
    """The path of the best splits, and the band around it."""
    fit = FITS["usual"]
    panel = widget.locator("[data-panel=plane]")
    log_C, drawn = pictured(panel, "polyline[data-mark=curve]")
    each = fit.tokens_per_parameter(10**log_C).value
    assert drawn == pytest.approx(np.log10(each), abs=0.02)
    log_C, drawn = pictured(panel, "polygon[data-mark=band]")
    P = np.sqrt(10 ** (log_C - drawn) / 6)
    seen = abs(drawn) < 4
    loss = fit.estimate_loss(P[seen], 10 ** log_C[seen] / (6 * P[seen])).value
    least = fit.optimal(10 ** log_C[seen]).loss.value
    assert loss / least == pytest.approx(1.01, abs=2e-3)


def test_no_size_is_drawn_that_cannot_be(page, widget):
    """The valley ends where a model would see less than one token."""
    play(page, KIND, **{"alphaD": 0})
    log_P, _ = pictured(
        widget.locator("[data-panel=valley]"), "polyline[data-mark=curve]"
    )
    assert log_P.max() == pytest.approx(np.log10(5.76e23 / 6), abs=0.05)


def test_what_lies_outside_is_marked(page, widget):
    """An optimum beyond the plane is a hollow dot at its edge."""
    outside = widget.locator("[data-panel=plane] [data-mark=outside]")
    expect(outside).to_have_count(0)
    play(page, KIND, **{"alphaP": 1, "alphaD": 0.005})
    expect(outside).to_have_count(1)
    size = widget.locator("[data-panel=plane]").bounding_box()
    box = outside.bounding_box()
    assert size["y"] <= box["y"] <= size["y"] + size["height"]


# ---------------------------------------------------------------- the manners


def test_presets_are_exact_and_let_go(widget):
    """A preset may lie between steps; a slider lets go of it, and one can return."""
    low = widget.get_by_role("button", name="low")
    low.click()
    expect(low).to_have_attribute("aria-pressed", "true")
    exact = FITS["low"].parameters["alpha_P"]
    shown = widget.locator("output[data-value=alphaP]")
    assert float(shown.inner_text()) == pytest.approx(exact, rel=1e-5)
    slider = widget.get_by_label("Exponent of parameters")
    slider.press("ArrowRight")
    expect(low).to_have_attribute("aria-pressed", "false")
    assert float(shown.inner_text()) == pytest.approx(exact + 0.005, abs=0.003)
    widget.get_by_role("button", name="Start again").click()
    usual = widget.get_by_role("button", name="usual")
    expect(usual).to_have_attribute("aria-pressed", "true")
    assert number(widget, "P") == pytest.approx(FITS["usual"].optimal(5.76e23).P.value)


def test_keyboard_alone(page, widget):
    """Tab reaches sliders and buttons in the order of reading; arrows and Enter act."""
    sliders = ["C", "percent", "alphaP", "alphaD", "A", "B", "E"]
    stops = [*sliders[:2], "0", "1", "2", *sliders[2:], "again"]
    here = """() => {
      const { key, again } = document.activeElement.dataset;
      const row = document.activeElement.closest("tr");
      return key ?? row?.dataset.surface ?? (again === undefined ? null : "again"); }"""
    widget.get_by_role("slider", name="Budget").focus()
    for stop in stops:
        assert page.evaluate(here) == stop
        before = number(widget, "P")
        if stop in sliders:
            page.keyboard.press("ArrowRight")
        elif stop == "1":
            page.keyboard.press("Enter")
        changes = stop not in ("percent", "E", "0", "2", "again")
        assert (number(widget, "P") != before) == changes, stop
        page.keyboard.press("Tab")


def test_sentence_is_announced(page, widget):
    """A live sentence says in words what the numbers say, and what has no optimum."""
    summary = widget.locator(".law-summary")
    expect(summary).to_have_attribute("aria-live", "polite")
    best = FITS["usual"].optimal(5.76e23).P.value
    expect(summary).to_contain_text(f"has {best / 1e9:.2g} billion parameters")
    for setting, said in (
        ({"alphaP": 0}, "the smaller the model, the better"),
        ({"alphaD": 0}, "every size is as good"),
        ({"alphaP": 0.3}, "the larger the model, the better"),
    ):
        play(page, KIND, **setting)
        expect(summary).to_contain_text(said)


def test_page_of_the_book_has_the_constants_it_prints():
    """The surfaces of the figure are the published ones of the page's own code."""
    path = ROOT / "book/practice/your_own_budget.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    host = hosts()[KIND]
    surfaces = json.loads(given(host, "surfaces"))
    printed = re.search(r"^published = (\{.*?\n\})", text, re.M | re.S)[1]
    assert surfaces == {k: list(v) for k, v in ast.literal_eval(printed).items()}
    assert given(host, "start") in surfaces
