"""The plane of data and features that a reader walks through: its numbers and lines."""

import numpy as np
import pytest
from playing import hosts, number, pictured, play, table
from playwright.sync_api import expect
from scipy.optimize import minimize_scalar
from thorough import some, unless_touched

from scalinglib import spectra, theory

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book")

KIND = "feature-plane"
PAGE = f"""<div class="{KIND}" data-alpha="1.5" data-examples="1000" data-features="100"
data-ridge="0"></div>"""


def loss(D, P, ridge, alpha):
    """The package's."""
    law = spectra.PowerLaw(alpha=alpha)
    return np.asarray(theory.random_feature_loss(law, D, P, ridge=ridge))


def shown(page, **setting):
    """Set the sliders; what they and the numbers hold, sizes in full, as they count."""
    now = play(page, KIND, **setting)
    sizes = {key: round(10 ** now[key]) for key in ("D", "P") if key in setting}
    if "ridge" in setting:
        sizes["ridge"] = 10 ** now["ridge"]
    if setting.get("ridge") == -8:
        sizes["ridge"] = 0.0
    return now | sizes


def test_losses_of_any_pair(page):
    """The formula of the page is that of the package, endless features included."""
    rng = np.random.default_rng(0)
    cases = [
        (*map(float, (rng.uniform(0.1, 3), *10 ** rng.uniform(0.5, 5, 2))), ridge)
        for ridge in [0.0] * 30 + [*map(float, 10 ** rng.uniform(-8, 1, 90))]
    ]
    cases += [
        (1.5, 100.0, 100.0, 0.01),
        (1.5, 100.0, 100.0, 1e-8),
        (0.3, 4.0, 3.0, 0.0),
    ]
    for endless in (False, True):
        found = page.evaluate(
            """([cases, endless]) => cases.map(([alpha, D, P, ridge]) =>
              explorables.spectrum.loss(alpha, D, endless ? Infinity : P, ridge))""",
            [cases, endless],
        )
        expected = [
            loss(D, np.inf if endless else P, r, a).item() for a, D, P, r in cases
        ]
        assert found == pytest.approx(expected, rel=1e-8)


def test_the_table_of_the_page_holds():
    """What paper has: losses, and what twice the examples or features change."""
    rows = table(hosts()[KIND])
    assert len(rows) >= 4
    for D, P, ridge, told, *changes in rows:
        at = float(D), float(P), float(ridge)
        L = loss(*at, 1.5)
        assert float(told) == pytest.approx(L, rel=0.02)
        for change, (k, m) in zip(changes, ((2, 1), (1, 2)), strict=True):
            more = loss(at[0] * k, at[1] * m, at[2], 1.5)
            if np.isfinite(more):
                percent = float(change.removesuffix(" %").replace("−", "-"))
                assert percent == pytest.approx(100 * (more / L - 1), abs=0.5)
            else:
                assert change == "–"


def random_settings(count):
    """Positions of all sliders, anywhere."""
    rng = np.random.default_rng(1)
    for i in range(count):
        ridge = -8 if i % 3 == 0 else rng.uniform(-6, 0)
        yield {
            "D": rng.uniform(0.5, 4.5),
            "P": rng.uniform(0.5, 4.5),
            "ridge": ridge,
            "alpha": rng.uniform(0.1, 3),
        }


def test_numbers_are_those_of_the_package(page):
    """Loss, modes learned, and what twice or endless examples and features change."""
    for setting in some(random_settings(16), 8):
        now = shown(page, **setting)
        pair = D, P, ridge, alpha = [now[key] for key in ("D", "P", "ridge", "alpha")]
        L = loss(*pair)
        assert now["L"] == pytest.approx(L, rel=1e-6)
        kappa, gamma = theory.resolution(
            spectra.PowerLaw(alpha=alpha), D, P, ridge=ridge
        )
        assert now["z"] == pytest.approx(
            P * (1 - kappa / gamma), rel=1e-6, abs=1e-9 * P
        )
        others = {
            "twiceD": (2 * D, P),
            "twiceP": (D, 2 * P),
            "allD": (1e12, P),
            "allP": (D, np.inf),
        }
        for key, (more, features) in others.items():
            change = 100 * (loss(more, features, ridge, alpha) / L - 1)
            assert now[key] == pytest.approx(change, abs=2e-4), key


def test_the_best_ridge_is_the_best(page, widget):
    """No other loses less; its button takes it, where it is not next to none."""
    for setting in some(random_settings(12), 4):
        now = shown(page, **setting)
        D, P, alpha = (now[key] for key in ("D", "P", "alpha"))
        least = minimize_scalar(
            lambda u, at=(D, P, alpha): loss(*at[:2], np.exp(u), at[2]).item(),
            bounds=(np.log(1e-10), np.log(10)),
            method="bounded",
            options={"xatol": 1e-6},
        )
        assert loss(D, P, now["best"], alpha) == pytest.approx(least.fun, rel=1e-7)
        change = 100 * (least.fun / now["L"] - 1)
        assert now["atBest"] == pytest.approx(change, abs=1e-4)
    play(page, KIND, D=2, P=2, ridge=-8, alpha=1.5)
    assert widget.locator("data[data-value=L]").get_attribute("value") == ""
    widget.get_by_role("button", name="the best ridge").click()
    best = number(widget, "best")
    assert number(widget, "L") == pytest.approx(loss(100, 100, best, 1.5), rel=1e-6)


def test_on_the_peak_there_is_no_number(page, widget):
    """With as many examples as features and no ridge the sentence says so."""
    play(page, KIND, D=3, P=3, ridge=-8)
    expect(widget.locator(".law-summary")).to_contain_text("no finite loss")
    assert widget.locator("data[data-value=twiceD]").inner_text() == "–"


def test_what_is_shown_is_what_is_computed(page, widget):
    """Sizes are whole: twice 50 features are 100, and lead onto the peak of 100."""
    for P, says in ((1.7, "lead onto the peak"), (1.65, "add")):
        now = play(page, KIND, D=2, P=P, ridge=-8, alpha=1.5)
        features = {1.7: 50, 1.65: 45}[P]
        shown = widget.locator("output[data-value=P]")
        expect(shown).to_have_text(f"{features}")
        assert now["L"] == pytest.approx(loss(100, features, 0, 1.5), rel=1e-6)
        assert (now["twiceP"] is None) == (features == 50)
        expect(widget.locator(".law-summary")).to_contain_text(
            f"100 examples and {features} features"
        )
        expect(widget.locator(".law-summary")).to_contain_text(
            f"twice the features {says}"
        )
    page.reload()  # what lies between two whole numbers is kept all the same
    play(page, KIND, D=0.5, P=4.5)
    page.reload()
    expect(widget.locator("output[data-value=D]")).to_have_text("3")
    expect(widget.locator("output[data-value=P]")).to_have_text("31\u2009623")


@pytest.mark.parametrize("ridge", [-8, -3])
def test_walks_are_drawn_to_scale(page, widget, ridge):
    """Both lines, read off by the ticks, are the losses along D and along P."""
    now = shown(page, D=3, P=2.5, ridge=ridge, alpha=1.0)
    panel = widget.locator("[data-panel=slices]")
    for mark, along in (("along-D", 0), ("along-P", 1)):
        log_x, drawn = pictured(panel, f"polyline[data-mark={mark}]")
        pair = [np.full_like(log_x, 1000), np.full_like(log_x, 316)]
        pair[along] = 10**log_x
        away = abs(log_x - (2.5, 3)[along]) > (0.15 if ridge == -8 else -1)
        expected = np.log10(loss(*pair, now["ridge"], 1.0))
        assert drawn[away] == pytest.approx(expected[away], abs=0.02)


def test_lines_join_pairs_of_one_loss(page, widget):
    """Along each line of the plane the loss is what it was at its first point."""
    shown(page, D=3, P=2, ridge=-2, alpha=1.0)
    panel = widget.locator("[data-panel=plane]")
    drawn = panel.evaluate("""(svg) => {
      const ticks = [...svg.querySelectorAll("text:not([data-mark])")].map((t) =>
        [t.getAttribute("text-anchor"), t.getAttribute("x"), t.getAttribute("y"),
          t.querySelector("tspan")?.textContent]).filter((t) => t[3]);
      const lines = [...svg.querySelectorAll("[data-mark=contour]")].map((line) =>
        line.getAttribute("d"));
      return { ticks, lines };
    }""")
    x, y = (
        np.polyfit(
            *zip(
                *[
                    (float(t[place]) + off, float(t[3]))
                    for t in drawn["ticks"]
                    if t[0] == anchor
                ],
                strict=True,
            ),
            1,
        )
        for anchor, place, off in (("middle", 1, 0), ("end", 2, -5))
    )
    assert len(drawn["lines"]) >= 5
    levels = []
    for line in drawn["lines"]:
        points = np.array(line.replace("M", " ").replace("L", " ").split(), float)
        D, P = 10 ** np.polyval(x, points[::2]), 10 ** np.polyval(y, points[1::2])
        level = np.log10(loss(D, P, 0.01, 1.0))
        assert np.ptp(level) < 0.05
        levels.append(level.mean())
    assert np.diff(levels) == pytest.approx(np.diff(levels).mean(), abs=0.02)
