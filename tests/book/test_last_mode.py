"""The last mode: sums, best sizes, gains and pictures of the model of chapter 8."""

import numpy as np
import pytest
from playing import hosts, number, pictured, play, table
from playwright.sync_api import expect
from scipy.special import gamma
from thorough import some, unless_touched

from scalinglib import theory

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book")

KIND = "last-mode"
PAGE = f"""<div class="{KIND}" data-a="1.5" data-b="2" data-budget="1e9"
data-size="10000"></div>"""


def loss(a, b, P, t):
    """The package's."""
    return np.asarray(theory.truncated_loss(a, b, P=P, t=t))


def random_settings(count):
    """Positions of all sliders, anywhere."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield {
            "C": rng.uniform(7, 14),
            "P": rng.uniform(1.7, 5),
            "a": rng.uniform(1.1, 4),
            "b": rng.uniform(1, 4),
        }


def test_losses_are_those_of_the_package(page):
    """All modes summed, wherever the last one stands, learned or not."""
    rng = np.random.default_rng(1)
    low, high = (1.1, 1, 1.7, -2), (4, 4, 7, 12)
    draws = [rng.uniform(low, high).tolist() for _ in range(200)]
    cases = [(a, b, float(round(10**P)), 10**t) for a, b, P, t in draws]
    found = page.evaluate(
        "cases => cases.map((case_) => explorables.lastMode.loss(...case_))", cases
    )
    assert found == pytest.approx([loss(*case).item() for case in cases], rel=1e-8)


def test_the_best_split_is_that_of_the_package(page):
    """Nearest whole number of modes, and its loss."""
    for setting in some(random_settings(16), 10):
        now = play(page, KIND, **setting)
        best = theory.truncated_optimum(now["a"], now["b"], 10 ** now["C"])
        if best.P < 50:
            continue
        assert now["best"] == pytest.approx(best.P, rel=1e-4, abs=1)
        C = 10 ** now["C"]
        least = loss(now["a"], now["b"], now["best"], C / now["best"])
        assert least == pytest.approx(best.loss, rel=1e-8)


def test_numbers_are_those_of_the_package(page):
    """Loss, what is above the least, and what more of either would buy."""
    for setting in some(random_settings(16), 10):
        now = play(page, KIND, **setting)
        a, b, C, P = now["a"], now["b"], 10 ** now["C"], round(10 ** now["P"])
        L = loss(a, b, P, C / P)
        assert now["L"] == pytest.approx(L, rel=1e-8)
        best = now["best"]
        above = 100 * (L / loss(a, b, best, C / best) - 1)
        assert now["above"] == pytest.approx(above, rel=1e-6, abs=1e-6)
        assert now["left"] == pytest.approx(np.exp(-2 * P**-b * C / P), abs=1e-12)
        near = loss(a, b, P, C / P * np.exp([-1e-4, 1e-4]))
        assert now["time"] == pytest.approx(
            -np.diff(np.log(near))[0] / 2e-4, rel=1e-4, abs=1e-7
        )
        # Of one mode more, half a mode on: between the gains before and after it.
        modes = loss(a, b, [P - 1, P, P + 1], C / P)
        gained = np.sort(-np.diff(modes)) * P / L
        assert 0.98 * gained[0] <= now["size"] + 1e-12 <= 1.02 * gained[1] + 1e-9


def test_at_the_best_split_both_gains_are_alike(page, widget):
    """The button leads there, and the sentence says so."""
    widget.get_by_role("button", name="the best split").click()
    assert number(widget, "size") == pytest.approx(number(widget, "time"), rel=2e-3)
    assert number(widget, "above") == pytest.approx(0, abs=1e-6)
    law = theory.truncated_law(1.5, 2)
    assert number(widget, "left") == pytest.approx(np.exp(-law.progress), abs=0.01)
    summary = widget.locator(".law-summary")
    expect(summary).to_contain_text("That is the best split")


def test_the_sum_of_two_powers(page, widget):
    """Its best size and what that costs, by a search on a fine grid."""
    for setting in some(random_settings(12), 8):
        now = play(page, KIND, **setting)
        a, b, C = now["a"], now["b"], 10 ** now["C"]
        s = (a - 1) / b
        P = np.geomspace(1e-3, 1e3, 600_001) * now["best"]
        two = P ** (1 - a) / (a - 1) + gamma(s) / b * (2 * C / P) ** -s
        size = max(41, round(P[two.argmin()]))
        assert now["other"] * now["best"] == pytest.approx(size, rel=1e-3, abs=1)
        told = max(41, round(now["other"] * now["best"]))
        cost = loss(a, b, told, C / told) / loss(a, b, now["best"], C / now["best"])
        assert now["cost"] == pytest.approx(100 * (cost - 1), rel=1e-6, abs=1e-6)
    widget.get_by_role("button", name="Start again").click()
    widget.get_by_role("button", name="that of two powers").click()
    assert number(widget, "above") == pytest.approx(number(widget, "cost"), rel=1e-6)


def test_the_valley_is_drawn_to_scale(page, widget):
    """Both curves, read off by the ticks, in units of the least loss."""
    panel, C = widget.locator("[data-panel=valley]"), 1e9
    best = number(widget, "best")
    least = loss(1.5, 2, best, C / best)
    log_P, drawn = pictured(panel, "polyline[data-mark=along-D]")
    P = np.round(10**log_P)
    assert drawn == pytest.approx(loss(1.5, 2, P, C / P) / least, rel=0.01)
    log_P, drawn = pictured(panel, "polyline[data-mark=along-P]")
    two = 2 * 10 ** (-log_P / 2) + gamma(0.25) / 2 * (2 * C / 10**log_P) ** -0.25
    assert drawn == pytest.approx(two / least, rel=2e-3)


def test_the_front_is_drawn_to_scale(widget):
    """What is left of each mode, and all of it beyond the last."""
    panel = widget.locator("[data-panel=front]")
    log_k, drawn = pictured(panel, "polyline[data-mark=along-D]")
    left = np.exp(-2 * 10 ** (-2 * log_k) * 1e9 / 1e4)
    left[log_k > 4.001] = 1
    assert drawn == pytest.approx(left, abs=0.01)


def test_the_table_of_the_page_holds():
    """What paper has: at one budget, three splits."""
    rows = table(hosts()[KIND])
    assert len(rows) >= 3
    best = theory.truncated_optimum(1.5, 2, 1e9)
    for modes, left, above, size, time in rows:
        P = float(modes)
        L = loss(1.5, 2, P, 1e9 / P)
        assert float(left.removesuffix(" %")) == pytest.approx(
            100 * np.exp(-2 * P**-2 * 1e9 / P), abs=0.5
        )
        assert float(above.removesuffix(" %")) == pytest.approx(
            100 * (L / best.loss - 1), abs=0.06
        )
        after = loss(1.5, 2, P, 1.001 * 1e9 / P)
        gained = 1000 * (1 - after / L)
        assert float(time.strip("− %")) == pytest.approx(gained, abs=6e-3)
        gained = P * P**-1.5 * -np.expm1(-2 * P**-2 * 1e9 / P) / L
        assert float(size.strip("− %")) == pytest.approx(gained, abs=6e-3)
