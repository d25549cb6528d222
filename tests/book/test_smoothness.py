"""Smoothness over dimension, as a reader moves it: its numbers and its pictures."""

import re

import numpy as np
import pytest
from playing import given, hosts, number, pictured, play, table
from playwright.sync_api import expect
from scipy.special import gamma
from thorough import some, unless_touched

from scalinglib import spectra, theory

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/05")

KIND = "smooth-spectrum"
PAGE = f"""<div class="{KIND}" data-smoothness="1" data-target="1" data-dimension="4"
data-coordinates="784" data-examples="1000"></div>"""


def left(t, target, d, D):
    """What the package's theory leaves, as a share of the target's variance."""
    law, powers = (spectra.PowerLaw(alpha=each / d) for each in (t, target))
    return np.asarray(theory.kernel_loss(law, D, target=powers)) / powers.total


def exponent(t, target, d):
    """Exponent of the loss, as the package has it."""
    return theory.predicted_exponent(t / d, target / d)


def random_settings(count):
    """Positions of all sliders, anywhere."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield {
            "t": rng.uniform(0.5, 6),
            "target": rng.choice([rng.uniform(0.5, 6), rng.uniform(0.5, 16)]),
            "d": int(rng.integers(1, 7)),
            "coordinates": rng.uniform(1, 3),
            "D": rng.uniform(0.5, 5),
        }


# ---------------------------------------------------------------- the formulas


@pytest.mark.parametrize("endless", [False, True])
@pytest.mark.parametrize("ridge", [0.0, None])
def test_losses_on_any_target(page, endless, ridge):
    """With a target, features and a ridge the sums are those of the package."""
    rng = np.random.default_rng(1)
    cases = []
    for _ in range(60):
        alpha, beta = np.exp(rng.uniform(np.log(0.08), np.log(6), 2))
        D, P = 10 ** rng.uniform(0.3, 5, 2)
        r = 10 ** rng.uniform(-8, 0) if ridge is None else ridge
        cases.append([*map(float, (alpha, beta, D, P, r))])
    found = page.evaluate(
        """([cases, endless]) => cases.map(([alpha, beta, D, P, ridge]) =>
          explorables.spectrum.lossOf({ alpha, beta, D, ridge,
            ...(endless ? {} : { P }) }))""",
        [cases, endless],
    )
    expected = [
        theory.random_feature_loss(
            spectra.PowerLaw(alpha=alpha),
            D,
            np.inf if endless else P,
            target=spectra.PowerLaw(alpha=beta),
            ridge=r,
        )
        for alpha, beta, D, P, r in cases
    ]
    assert found == pytest.approx(expected, rel=1e-7)


def test_losses_of_the_own_prior(page):
    """Without a target it is that of the prior, to the formula that needs none."""
    pairs = page.evaluate(
        """() => [[0.2, 30, 90, 0], [1, 500, 20, 0.01], [3, 7, 7, 1e-3]].map(
          ([alpha, D, P, ridge]) => [
            explorables.spectrum.lossOf({ alpha, D, P, ridge }),
            explorables.spectrum.loss(alpha, D, P, ridge)])"""
    )
    for one, other in pairs:
        assert one == pytest.approx(other, rel=1e-9)


def test_steep_spectra(page):
    """The curve of a kernel that expects a very smooth target, on a line."""
    D = np.geomspace(3, 1e5, 40)
    for alpha, beta in ((16, 16), (6, 16), (6, 0.5), (9.25, 9.25)):
        found = page.evaluate(
            "([a, b, D]) => explorables.smoothness.curve(a, b, D)",
            [alpha, beta, D.tolist()],
        )
        assert found == pytest.approx(left(alpha, beta, 1, D), rel=1e-7)


@pytest.mark.parametrize(("d", "size"), [(1, 400), (2, 64), (3, 24), (4, 12), (5, 10)])
def test_levels_are_those_of_a_torus(page, d, size):
    """Sorted, the package's eigenvalues stand on the steps, over a ball's volume."""
    p = d + 1.5
    lam = spectra.torus(lambda k: np.maximum(k, 1.0) ** -p, d, size)
    lam = np.sort(lam.ravel())[::-1]
    ball = np.pi ** (d / 2) / gamma(1 + d / 2)
    last = int(0.4 * ball * (size / 2 - 1) ** d)
    found = page.evaluate(
        "([d, last]) => explorables.smoothness.levels(d, last)", [d, last]
    )
    steps = [
        np.full(int(to - first) + 1, order ** -(p / d)) for first, to, order in found
    ]
    steps = np.concatenate(steps)[:last]
    assert [first for first, *_ in found] == [1, *(to + 1 for _, to, _ in found[:-1])]
    assert steps[0] == 1
    assert steps[1:] * ball ** (p / d) == pytest.approx(lam[1:last], rel=1e-12)


def test_functions_have_the_waves_of_their_smoothness(page):
    """Their power by wave is the torus's, their variance one; phases are shared."""
    spectrums = {}
    for t in (0.5, 1.0, 3.0):
        values = page.evaluate("(t) => [...explorables.smoothness.draw(t)]", t)
        assert np.var(values) == pytest.approx(1)
        spectrums[t] = np.fft.rfft(values)[1:-1]
        lam = spectra.torus(lambda k, t=t: np.maximum(k, 1.0) ** -(1 + t), 1, 512)
        power = abs(spectrums[t]) ** 2
        assert power / power[0] == pytest.approx(lam[1:256], rel=1e-6)
        turned = np.angle(spectrums[t] / spectrums[0.5])
        assert turned == pytest.approx(0, abs=1e-6)
    assert len(np.unique(np.angle(spectrums[0.5]).round(3))) > 200


# ----------------------------------------------------------------- the numbers


def test_numbers_are_those_of_the_package(page):
    """Exponents, what half and a tenth take, what is left: wherever sliders stand."""
    for setting in some(random_settings(24), 12):
        now = play(page, KIND, **setting)
        t, target, d = (now[key] for key in ("t", "target", "d"))
        D, ambient = (round(10 ** now[key]) for key in ("D", "coordinates"))
        alpha_D = exponent(t, target, d)
        own, twice = left(t, target, d, [D, 2 * D])
        expected = {
            "alpha": t / d,
            "ofLoss": alpha_D,
            "half": 2 ** (1 / alpha_D),
            "tenth": 10 ** (1 / alpha_D),
            "left": own,
            "twice": twice / own - 1,
            "best": left(target, target, d, D),
            "ambient": exponent(t, target, ambient),
        }
        for key, value in expected.items():
            assert now[key] == pytest.approx(value, rel=1e-6), (key, setting)


def test_the_exponent_is_that_of_the_curve(page):
    """Twice many examples divide the loss by two to the power of the exponent."""
    for t, target, d in ((1, 1, 2), (1, 2, 2), (1, 16, 2), (4, 1, 2), (3, 10, 3)):
        now = play(page, KIND, t=t, target=target, d=d, D=5)
        assert 1 + now["twice"] == pytest.approx(2 ** -now["ofLoss"], rel=2e-3)


def test_saturation_begins_where_the_sentence_says(page, widget):
    """From twice t + d on, the target's smoothness changes no exponent."""
    at = [play(page, KIND, t=1, d=4, target=x)["ofLoss"] for x in (9, 10, 11, 16)]
    assert at == [2.25, 2.5, 2.5, 2.5]
    expect(widget.locator(".law-summary")).to_contain_text("beyond 10 its smoothness")


def test_coordinates_change_nothing_but_the_wrong_line(page, widget):
    """Neither numbers nor curves know of them."""
    known = ("alpha", "ofLoss", "half", "tenth", "left", "twice", "best")
    lines = "[data-panel=curve] polyline[data-mark={}]"
    seen = []
    for coordinates in (1, 2, 3):
        now = play(page, KIND, coordinates=coordinates)
        drawn = [
            widget.locator(lines.format(mark)).get_attribute("points")
            for mark in ("along-D", "along-P", "floor")
        ]
        seen.append(([now[key] for key in known], drawn[:2], drawn[2]))
    assert seen[0][:2] == seen[1][:2] == seen[2][:2]
    assert len({wrong for *_, wrong in seen}) == 3


def test_no_kernel_is_better_than_the_one_that_expects_the_target(page):
    """Smoother is not better, nor is rougher."""
    for target, d in ((1, 4), (3, 2), (9, 5)):
        for t in (0.5, 1, 2, 3, 6):
            now = play(page, KIND, t=t, target=target, d=d, D=3)
            if t == target:
                assert now["left"] == pytest.approx(now["best"], rel=1e-12)
            else:
                assert now["left"] > (1 + 1e-6) * now["best"]


# ---------------------------------------------------------------- the pictures


def test_curves_are_drawn_to_scale(page, widget):
    """Read off by the ticks: losses of both kernels, and the line of coordinates."""
    play(page, KIND, t=1, target=3, d=2, coordinates=1, D=3)
    panel = widget.locator("[data-panel=curve]")
    for mark, t in (("along-D", 1), ("along-P", 3)):
        log_D, drawn = pictured(panel, f"polyline[data-mark={mark}]")
        expected = np.log10(left(t, 3, 2, 10**log_D))
        assert drawn == pytest.approx(expected, abs=0.02)
    log_D, drawn = pictured(panel, "polyline[data-mark=floor]")
    slope, start = np.polyfit(log_D, drawn, 1)
    assert slope == pytest.approx(-exponent(1, 3, 10), abs=0.005)
    first = np.log10(left(1, 3, 2, 10**0.5))
    assert start + 0.5 * slope == pytest.approx(first, abs=0.02)


def test_a_slow_curve_has_round_ticks(page, widget):
    """Where an axis has no two powers of ten, its ticks are numbers in their place."""
    play(page, KIND, t=0.5, target=0.5, d=6)
    ticks = widget.locator("[data-panel=curve]").evaluate(
        """(svg) => [...svg.querySelectorAll('text[text-anchor=end]')].map((text) =>
          [Number(text.textContent), Number(text.getAttribute("y"))])"""
    )
    assert len(ticks) >= 2
    values, places = np.array(ticks).T
    scale = np.polyfit(np.log10(values), places, 1)
    assert np.polyval(scale, np.log10(values)) == pytest.approx(places, abs=1e-6)


@pytest.mark.parametrize("d", [1, 2, 6])
def test_spectrum_is_drawn_to_scale(page, widget, d):
    """Steps at the levels, the power law through them, and the target's power."""
    play(page, KIND, t=3, target=1, d=d)
    panel = widget.locator("[data-panel=spectrum]")
    for mark, t in (("level", 3), ("along-P", 1)):
        log_n, drawn = pictured(panel, f"polyline[data-mark={mark}]")
        assert drawn == pytest.approx(-(1 + t / d) * log_n, abs=0.03)
    log_n, drawn = pictured(panel, "polyline[data-mark=along-D]")
    found = page.evaluate(
        "(d) => explorables.smoothness.levels(d, 1e4)", d
    )  # these are held above
    steps = [
        (np.log10(n), -(1 + 3 / d) * np.log10(order))
        for first, to, order in found
        for n in (first - 0.5, to + 0.5)
    ]
    at, levels = np.array(steps).T
    for x, y in zip(log_n, drawn, strict=True):
        near = abs(at - x) < 0.01
        assert levels[near].min() - 0.05 < y < levels[near].max() + 0.05
    assert log_n.max() > 3.99


def test_a_loss_below_the_axis_is_marked(page, widget):
    """The point of a loss that cannot be shown is hollow and stands at the edge."""
    outside = widget.locator("[data-panel=curve] [data-mark=outside]")
    expect(outside).to_have_count(0)
    now = play(page, KIND, t=6, target=16, d=1, D=4.5)
    assert now["left"] < 1e-40
    expect(outside).to_have_count(1)


# ----------------------------------------------------------------- the manners


def test_the_button_of_the_prior_follows_the_kernel(page, widget):
    """It makes the target a draw from the prior, whatever the kernel is."""
    prior = widget.get_by_role("button", name="a draw from the prior")
    expect(prior).to_have_attribute("aria-pressed", "true")
    play(page, KIND, t=2.5)
    expect(prior).to_have_attribute("aria-pressed", "false")
    prior.click()
    expect(prior).to_have_attribute("aria-pressed", "true")
    assert number(widget, "ofLoss") == number(widget, "alpha") == 2.5 / 4
    assert number(widget, "left") == number(widget, "best")


def test_the_sentence_tells_the_cases_apart(page, widget):
    """A draw, a rougher target, a smoother one, one that is too smooth, a line."""
    summary = widget.locator(".law-summary")
    share = 1 - left(1, 1, 4, 1000) / left(6, 1, 4, 1000)
    for setting, said in (
        ({}, "takes 16 times the examples"),
        ({"coordinates": 2}, "100 coordinates do not enter"),
        ({"target": 9}, "the kernel can use it"),
        (
            {"target": 12},
            "beyond 10 its smoothness buys nothing, and the exponent stays at 2.5",
        ),
        (
            {"t": 6, "target": 1},
            f"loses {100 * share:.0f} % less here: smoother",
        ),
        ({"d": 1}, "lose more than the theory says"),
    ):
        play(page, KIND, **setting)
        expect(summary).to_contain_text(said)
    play(page, KIND, t=1)
    expect(summary).not_to_contain_text("lose more")


def test_the_table_of_the_page_holds():
    """What paper has: exponents, and what is left of a thousand examples."""
    rows = table(hosts()[KIND])
    assert len(rows) >= 4
    assert given(hosts()[KIND], "examples") == "1000"
    for *setting, _, alpha, alpha_D, half, rest in rows:
        t, target, d = map(float, setting)
        assert float(alpha) == t / d
        assert float(alpha_D) == exponent(t, target, d)
        takes = float(re.fullmatch(r"× ([\d.]+)", half)[1])
        assert takes == pytest.approx(2 ** (1 / float(alpha_D)), rel=0.02)
        percent = float(rest.removesuffix(" %"))
        assert percent == pytest.approx(100 * left(t, target, d, 1000), rel=0.02)
