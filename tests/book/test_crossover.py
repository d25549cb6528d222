"""What a reader subtracts from a loss: its numbers, and the curves that are left."""

import numpy as np
import pytest
from playing import given, hosts, number, pictured, play, table
from playwright.sync_api import expect
from thorough import some, unless_touched

from scalinglib import spectra, theory

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/02")

KIND = "variance-crossover"
PAGE = f"""<div class="{KIND}" data-alpha="0.5" data-held="1000" data-size="10000">
</div>"""
LOW, HIGH, PEAK = 10**0.5, 1e5, 1.5

#: What grows and what is held on each axis, and the power of the axis that grows.
AXES = {"D": ("D", "W", 1), "W": ("W", "D", 1), "P": ("W", "D", 0.5)}
ENDLESS = ("both", "D", "W")


def loss(alpha, D, W):
    """The package's, for W random features."""
    law = spectra.PowerLaw(alpha=alpha)
    return np.asarray(theory.random_feature_loss(law, D, W))


def on(axis, alpha, x, held):
    """Loss with so much of what grows on an axis."""
    D, W = (x, held) if AXES[axis][0] == "D" else (held, x)
    return loss(alpha, D, W)


def taken(axis, alpha, x, held, endless):
    """What is subtracted: the loss with one of the two endless, or with both."""
    if endless == "both":
        return np.zeros_like(np.asarray(x, float))
    endless_x = AXES[axis][0] == endless
    return on(axis, alpha, np.inf if endless_x else x, held if endless_x else np.inf)


def left(axis, alpha, x, held, endless):
    """What is left of the loss."""
    return on(axis, alpha, x, held) - taken(axis, alpha, x, held, endless)


def slope(function, x):
    """Local exponent of a function, by central differences of the fourth order."""
    h = 2e-3
    y = np.log(function(np.multiply.outer(np.exp(h * np.array([-2, -1, 1, 2])), x)))
    return -(y[0] - 8 * y[1] + 8 * y[2] - y[3]) / (12 * h)


def choose(widget, axis, endless):
    """Press a button of each row."""
    for row, choice in enumerate((axis, endless)):
        buttons = widget.locator(".law-buttons").nth(row)
        buttons.locator(f"""[data-take$='"{choice}"}}']""").click()


def off_peak(x, other):
    """Whether two sizes differ by more than the factor within which nothing is told."""
    return abs(np.log(x / other)) >= np.log(PEAK)


# ---------------------------------------------------------------- the formulas


def test_formulas_are_those_of_the_package(page):
    """Loss, what is left and both local exponents, anywhere off the peak."""
    rng = np.random.default_rng(0)
    cases = []
    while len(cases) < 90:
        alpha = rng.uniform(0.1, 3)
        x, held = 10 ** rng.uniform(0.5, 5), 10 ** rng.uniform(1, 3.5)
        if abs(np.log(x / held)) > 0.2:
            cases.append([alpha, x, held, ("none", "rest", "own")[len(cases) % 3]])
    found = page.evaluate(
        "(cases) => cases.map((each) => explorables.crossover.at(...each))", cases
    )
    for (alpha, x, held, less), shown in zip(cases, found, strict=True):
        endless = {"none": "both", "rest": "D", "own": "W"}[less]
        L = on("D", alpha, x, held)
        rest = left("D", alpha, x, held, endless)
        assert shown["L"] == pytest.approx(L, rel=1e-8)
        assert shown["left"] == pytest.approx(rest, rel=1e-8, abs=1e-9 * L)
        exponents = {
            "ofLoss": slope(lambda y, a=alpha, h=held: on("D", a, y, h), x),
            "exponent": slope(
                lambda y, a=alpha, h=held, e=endless: left("D", a, y, h, e), x
            ),
        }
        for key, exponent in exponents.items():
            assert shown[key] == pytest.approx(exponent, rel=1e-6, abs=1e-6), key


def test_limits_are_those_of_the_package(page):
    """With endlessly many of the other, from few to many."""
    cases = [[a, m] for a in (0.1, 0.5, 1.7, 3) for m in (3.2, 47, 1000, 1e5)]
    found = page.evaluate(
        "(cases) => cases.map((each) => explorables.crossover.limit(...each))", cases
    )
    for (alpha, m), shown in zip(cases, found, strict=True):
        assert shown["value"] == pytest.approx(loss(alpha, m, np.inf), rel=1e-8)
        exponent = slope(lambda y, a=alpha: loss(a, y, np.inf), m)
        assert shown["exponent"] == pytest.approx(exponent, rel=1e-6)


def test_at_the_crossover_the_excess_is_as_large_as_the_limit(page):
    """Whatever the spectrum, and twice as much takes a third of the loss."""
    for alpha in (0.2, 1, 2.5):
        x = page.evaluate("explorables.crossover.crossover(250)")
        limit = loss(alpha, np.inf, 250)
        assert loss(alpha, x, 250) - limit == pytest.approx(limit, rel=1e-8)
        twice = loss(alpha, 2 * x, 250) / loss(alpha, x, 250)
        assert twice == pytest.approx(2 / 3, rel=1e-8)


# ----------------------------------------------------------------- the numbers


def random_settings(count):
    """Axis, limit and positions of all sliders, anywhere off the peak."""
    rng = np.random.default_rng(1)
    done = 0
    while done < count:
        held, size = rng.uniform(1, 3.5), rng.uniform(0.5, 5)
        if abs(held - size) > 0.25:
            sliders = {"held": held, "size": size, "alpha": rng.uniform(0.1, 3)}
            yield (*"DWP"[done % 3], ENDLESS[done // 3 % 3], sliders)
            done += 1


def test_numbers_are_those_of_the_package(page, widget):
    """Each of the eight, on every axis and for every limit."""
    for axis, endless, sliders in some(random_settings(14), 9):
        choose(widget, axis, endless)
        now = play(page, KIND, **sliders)
        held, x = (round(10 ** now[key]) for key in ("held", "size"))
        alpha = now["alpha"]
        power = AXES[axis][2]

        def rest(y, at=(axis, alpha, held, endless)):
            return left(at[0], at[1], y, *at[2:])

        L = on(axis, alpha, x, held)
        expected = {
            "L": L,
            "left": rest(x),
            "exponent": power * slope(rest, x),
            "end": power * slope(rest, HIGH),
            "limit": on(axis, alpha, np.inf, held),
            "crossover": (2 * held) ** (1 / power),
        }
        for key, value in expected.items():
            told = now[key]
            assert told == pytest.approx(value, rel=1e-6, abs=1e-6 * min(L, 1)), key
        changes = {"twice": (2**power * x, held), "twiceHeld": (x, 2 * held)}
        for key, pair in changes.items():
            if off_peak(*pair):
                change = 100 * (on(axis, alpha, *pair) / L - 1)
                assert now[key] == pytest.approx(change, abs=1e-5), key
            else:
                assert now[key] is None


def test_only_the_right_limit_leaves_one(page, widget):
    """At the right end, whatever the spectrum; over parameters it leaves one half."""
    for alpha in (0.1, 0.5, 3):
        play(page, KIND, held=2, alpha=alpha)
        for axis, (grows, _, power) in AXES.items():
            for endless in ENDLESS:
                choose(widget, axis, endless)
                end = number(widget, "end")
                if endless == grows:
                    assert end == pytest.approx(power, rel=0.002)
                else:
                    assert -0.15 < end < 0.05


def test_where_examples_are_scarce_the_spectrum_counts(page, widget):
    """With nothing subtracted; and there more examples help, beyond more width."""
    for alpha in (0.5, 1, 2):
        now = play(page, KIND, held=3.5, size=1.75, alpha=alpha)
        assert now["exponent"] == pytest.approx(alpha, abs=0.06)
        assert now["twice"] < -20 < now["twiceHeld"]
        now = play(page, KIND, size=4.5)
        assert now["twiceHeld"] < -20 < now["twice"]


def test_on_the_peak_there_is_no_number(page, widget):
    """Within a factor of one and a half: dashes, and a word on who explains it."""
    for held, size, told in ((3, 3, False), (3, 3.15, False), (3, 3.2, True)):
        now = play(page, KIND, held=held, size=size)
        assert (now["L"] is not None) == told
        assert (now["exponent"] is not None) == told
        if not told:
            assert now["twice"] is None
            assert now["twiceHeld"] is None
            expect(widget.locator(".law-summary")).to_contain_text("chapter 4")
    now = play(page, KIND, held=3, size=2.7)
    assert now["twice"] is None  # that leads onto it
    expect(widget.locator(".law-summary")).to_contain_text("onto the peak")


# ---------------------------------------------------------------- the pictures


@pytest.mark.parametrize(("axis", "endless"), [("D", "D"), ("W", "D"), ("P", "W")])
def test_curves_are_drawn_to_scale(page, widget, axis, endless):
    """Loss, what is subtracted, what is left and its exponent, off the peak alone."""
    choose(widget, axis, endless)
    play(page, KIND, held=2.5, alpha=1.2)
    held, power = 316, AXES[axis][2]
    losses, exponents = (
        widget.locator(f"[data-panel={name}]") for name in ("losses", "exponents")
    )
    log_x, drawn = pictured(losses, "polyline[data-mark=floor]")
    expected = taken(axis, 1.2, 10 ** (power * log_x), held, endless)
    assert drawn == pytest.approx(np.log10(expected) + 0 * drawn, abs=0.02)
    for side in ("before", "beyond"):
        for mark, of in (("along-D", "both"), ("along-P", endless)):
            css = f"polyline[data-mark={mark}][data-side={side}]"
            log_x, drawn = pictured(losses, css)
            x = 10 ** (power * log_x)
            assert len(x) > 15
            near, far = x.max() / held, held / x.min()
            assert (near if side == "before" else far) <= 1 / PEAK * 1.01
            ends = x.min() / LOW if side == "before" else x.max() / HIGH
            assert ends == pytest.approx(1, rel=0.03)
            expected = np.log10(left(axis, 1.2, x, held, of))
            assert drawn == pytest.approx(expected, abs=0.03)
        css = f"polyline[data-mark=along-P][data-side={side}]"
        log_x, drawn = pictured(exponents, css)
        x = 10 ** (power * log_x)
        inner = abs(np.log10(x / held)) > 0.4  # elsewhere it is steep
        expected = power * slope(lambda y: left(axis, 1.2, y, held, endless), x)
        assert drawn[inner] == pytest.approx(expected[inner], abs=0.03)


def test_levels_and_marks_stand_where_they_belong(page, widget):
    """The crossover, the peak, and the exponents of variance and spectrum."""
    for axis, (_, _, power) in AXES.items():
        choose(widget, axis, "both")
        play(page, KIND, held=2, alpha=1.6)
        losses, exponents = (
            widget.locator(f"[data-panel={name}]") for name in ("losses", "exponents")
        )
        log_x, _ = pictured(losses, "polyline[data-mark=level]")
        assert log_x == pytest.approx(np.log10([200, 200]) / power, abs=0.02)
        for panel in (losses, exponents):
            log_x, _ = pictured(panel, "polygon[data-mark=band]")
            ends = [log_x.min(), log_x.max()]
            expected = np.log10([100 / PEAK, 100 * PEAK]) / power
            assert ends == pytest.approx(expected, abs=0.02)
        for i, level in enumerate((power, 1.6 * power)):
            css = f":nth-match(polyline[data-mark=level], {i + 1})"
            _, drawn = pictured(exponents, css)
            assert drawn == pytest.approx([level, level], abs=0.01)


# ----------------------------------------------------------------- the manners


def test_words_follow_the_axis(widget):
    """Labels, legend and sentence name what grows and what is held."""
    summary = widget.locator(".law-summary")
    for axis, endless, held, grows, said in (
        ("D", "both", "width, W", "examples, D", "nothing subtracted"),
        ("D", "D", "width, W", "examples, D", "as 1/D, whatever the spectrum"),
        ("D", "W", "width, W", "examples, D", "the wrong limit"),
        ("W", "D", "examples, D", "width, W", "the wrong limit"),
        ("W", "W", "examples, D", "width, W", "as 1/W, whatever the spectrum"),
        ("P", "W", "examples, D", "width, W", "weights, not neurons"),
    ):
        choose(widget, axis, endless)
        expect(widget.get_by_label(f"Held fixed: {held}")).to_have_count(1)
        expect(widget.get_by_label(f"Growing, yours: {grows}")).to_have_count(1)
        expect(summary).to_contain_text(said)
        floor = widget.locator(".law-legend [data-mark=floor]")
        expect(floor).to_be_visible(visible=endless != "both")
    words = widget.locator("[data-word]")
    assert words.all_inner_texts() == ["W", "parameters", "examples"]
    expect(widget.locator("[data-panel=losses]")).to_contain_text("parameters P = W²")


def test_what_the_sentence_says_is_scarce(page, widget):
    """The smaller of the two; and the numbers that it repeats."""
    summary = widget.locator(".law-summary")
    choose(widget, "D", "both")
    play(page, KIND, held=3, size=2, alpha=1)
    expect(summary).to_contain_text("D = 100 and W = 1 000 it is D that is scarce")
    exponent = slope(lambda D: loss(1, D, 1000), 100)
    expect(summary).to_contain_text(f"the exponent here, {exponent:.2f}, comes from")
    twice = 100 * (1 - loss(1, 200, 1000) / loss(1, 100, 1000))
    expect(summary).to_contain_text(f"twice the examples: {twice:.0f} % less")
    play(page, KIND, size=4)
    expect(summary).to_contain_text("it is W that is scarce")
    choose(widget, "W", "both")
    expect(summary).to_contain_text("W = 10 000 and D = 1 000 it is D that is scarce")


def test_a_choice_is_remembered(page, widget):
    """Axis and limit are found again, and forgotten with the rest."""
    choose(widget, "P", "W")
    page.reload()
    pressed = widget.locator("[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["P = W²", "endless W"]
    widget.get_by_role("button", name="Start again").click()
    assert pressed.all_inner_texts() == ["D", "both endless (nothing)"]


def test_the_table_of_the_page_holds():
    """What paper has: rounded as it says, from the package."""
    host = hosts()[KIND]
    alpha, W = float(given(host, "alpha")), float(given(host, "held"))
    rows = table(host)
    assert len(rows) >= 3
    for D, told, excess, *exponents, twice_D, twice_W in rows:
        x = float(D)
        L, rest = loss(alpha, x, W), left("D", alpha, x, W, "D")
        assert told == f"{L:.2g}"
        assert excess == f"{rest:.2g}"
        expected = [
            slope(lambda y: loss(alpha, y, W), x),
            slope(lambda y: left("D", alpha, y, W, "D"), x),
        ]
        assert exponents == [f"{each:.2f}" for each in expected]
        for change, pair in ((twice_D, (2 * x, W)), (twice_W, (x, 2 * W))):
            if off_peak(*pair):
                percent = float(change.removesuffix(" %").replace("−", "-"))
                exact = 100 * (loss(alpha, *pair) / L - 1)
                assert percent == pytest.approx(exact, abs=0.5 if exact < -10 else 0.05)
            else:
                assert change == "–"
