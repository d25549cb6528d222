"""Real curves that a reader opens: what is stored of them, the rules, the pictures."""

import functools
import json
import re

import numpy as np
import pytest
from playing import given, hosts, number, page_of, play, table
from playwright.sync_api import expect
from thorough import some, unless_touched

from scalinglib import bracket, data, fit_power_law, forecast, stored
from scalinglib.laws import local_exponents

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/06")

KIND = "open-curve"
FEWEST, LEVEL = 4, 0.9
FITTED = {"line": {}, "three": {}, "floor": {"offset": "fit"}}
RULES = [*FITTED, "ratio", "between", "forecast"]
NAMES = {"line": "line", "three": "last three", "floor": "floor"}
NAMES |= {"between": "half-way", "forecast": "forecast"}
TEXT = """<p><em>On the web page this is a figure to play with: six measured curves, of
which you choose how much is seen; you forecast the last loss, by hand or by a rule, and
open the rest. Over all six and every number of sizes:</em></p>"""


# ------------------------------------------------------------ what is stored


def octaves(curve):
    """Every second size of a curve that has two an octave, and the last."""
    keep = {*range(0, curve.sizes["D"] - 1, 2), curve.sizes["D"] - 1}
    return curve.isel(D=sorted(keep))


@functools.cache
def curves():
    """Name, what is measured, and the curve itself with its trials."""
    tasks = stored.load("image_kernels")
    priors = stored.peek("own_curves")
    isolet, magic = (
        octaves(data.measured_curve(number, "LogisticRegression"))
        for number in (300, 1120)
    )
    return [
        ("ten kinds of clothes", "loss", octaves(stored.peek("learning_curve"))),
        ("clothes or not", "loss", tasks.sel(task="two", drop=True)),
        ("noisy pixels", "loss", tasks.sel(task="noise 0.3", drop=True)),
        ("targets of a prior", "loss", priors.sel(name="Matérn", drop=True)),
        ("spoken letters", "error rate", isolet),
        ("telescope", "error rate", magic),
    ]


def rounded(x, digits):
    """A float with so many digits; None if there is none."""
    return None if x is None else float(f"{x:.{digits}g}")


def intervals(curve, n):
    """What the package says of the last size from the first n: see the script."""
    seen, at = curve.isel(D=slice(0, n)), float(curve.D[-1])
    said = []
    for rule, options in FITTED.items():
        part = seen.isel(D=slice(-3, None)) if rule == "three" else seen
        fit = fit_power_law(part, rng=0, **options)
        said += fit.band_if_law(at, level=LEVEL)
    try:
        guess = bracket(seen, at=at, rng=0)
        said += [guess.value, *guess.interval(LEVEL)]
    except ValueError:  # one trial
        said += [None] * 3
    guess = forecast(seen, at=at)
    return [*said, guess.value, *guess.interval(LEVEL)]


def written():
    """The element of the page, as the package would have it."""
    listed = [
        {
            "name": name,
            "loss": loss,
            "D": curve.D.values.tolist(),
            "L": [rounded(x, 5) for x in curve.mean("trial").values],
            "said": [
                [rounded(x, 4) for x in intervals(curve, n)]
                for n in range(FEWEST, curve.sizes["D"])
            ],
        }
        for name, loss, curve in curves()
    ]
    text = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    cuts = [cut for i in range(len(listed)) for cut in ruled(listed, i)]
    rows = "".join(
        f"<tr><td>{NAMES[key]}</td><td>{miss:.1f} %</td><td>{held} of {of}</td></tr>"
        for key, (miss, held, of) in records(cuts).items()
        if key in NAMES
    )
    head = "<tr><th>rule</th><th>median miss</th><th>interval held</th></tr>"
    return (
        f'<div class="{KIND}" data-curve="0" data-seen="5" data-curves=\'{text}\'>'
        f"{' '.join(TEXT.split())}<table>{head}{rows}</table></div>"
    )


@functools.cache
def host():
    """The element as the book has it."""
    return hosts()[KIND]


@functools.cache
def attribute():
    """The curves as the book has them."""
    return json.loads(given(host(), "curves"))


# ---------------------------------------------------- the rules, by the package


def ratio_kept(D, L, n):
    """The last loss if local exponents go on with the ratio of the last three."""
    exponents = local_exponents(D[:n], L[:n])[1]
    first, last = exponents[-3], exponents[-1]
    if not (first > 0 and last > 0):
        return None
    steps = np.diff(np.log(D))[n - 1 :]
    kept = last * np.sqrt(last / first) ** np.arange(1, len(steps) + 1)
    return L[n - 1] * np.exp(-steps @ kept)


def rules_of(curve, n):
    """Value and interval that each rule has, from the rounded losses."""
    D, L = np.array(curve["D"], float), np.array(curve["L"])
    said = curve["said"][n - FEWEST]
    found = {}
    for i, (rule, options) in enumerate(FITTED.items()):
        part = slice(n - 3, n) if rule == "three" else slice(0, n)
        fit = fit_power_law(D[part], L[part], resamples=0, **options)
        found[rule] = (float(fit(D[-1])), *said[2 * i : 2 * i + 2])
    found["ratio"] = ratio_kept(D, L, n), None, None
    return found | {"between": tuple(said[6:9]), "forecast": tuple(said[9:12])}


def ruled(listed, i):
    """For each number of sizes seen: (n, rules, truth)."""
    curve = listed[i]
    return [
        (n, rules_of(curve, n), curve["L"][-1]) for n in range(FEWEST, len(curve["L"]))
    ]


def records(cuts):
    """Of each rule: median miss in per cent, how many intervals held, of how many."""
    found = {}
    for rule in RULES:
        said = [(*rules[rule], truth) for _, rules, truth in cuts]
        misses = [100 * abs(v / truth - 1) for v, _, _, truth in said if v is not None]
        held = [low <= truth <= high for _, low, high, truth in said if low is not None]
        found[rule] = np.median(misses), sum(held), len(held)
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built page."""
    return page_of(tmp_path_factory, host())


def choose(widget, page, i, n):
    """Take a curve, and see its first n sizes."""
    widget.locator("[data-choice] button").nth(i).click()
    play(page, KIND, seen=n)


def opener(widget):
    """The button that opens the rest."""
    return widget.get_by_role("button", name=re.compile("^Open"))


CUTS = [
    (i, n) for i, last in enumerate((8, 6, 6, 8, 10, 11)) for n in range(FEWEST, last)
]


def test_curves_are_the_stored_ones():
    """Sizes, and means over trials to five digits; every cut has its intervals."""
    assert len(attribute()) == len(curves())
    for found, (name, loss, curve) in zip(attribute(), curves(), strict=True):
        assert (found["name"], found["loss"]) == (name, loss)
        assert found["D"] == curve.D.values.tolist()
        means = curve.mean("trial").values
        assert found["L"] == pytest.approx(means, rel=6e-5)
    sizes = [
        (i, FEWEST + k)
        for i, found in enumerate(attribute())
        for k in range(len(found["said"]))
    ]
    assert sizes == CUTS


def test_intervals_are_those_of_the_package():
    """Fits, `bracket` and `forecast`, made anew from the trials."""
    for i, n in some(CUTS[::-3], 3):
        expected = intervals(curves()[i][2], n)
        for x, y in zip(attribute()[i]["said"][n - FEWEST], expected, strict=True):
            assert x == (None if y is None else pytest.approx(y, rel=1e-3)), (i, n)


# ----------------------------------------------------------------- the rules


def random_curves(count):
    """Sizes and losses of any kind that falls, with noise."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        n = rng.integers(4, 12)
        x = rng.uniform(1, 100) * np.cumprod(rng.uniform(1.3, 3, n))
        law = rng.choice([0, 0.3, 3]) + x[0] ** 0.5 * x ** -rng.uniform(0.1, 1)
        yield x, law * rng.normal(1, 0.01, n) * 10 ** rng.uniform(-3, 3)


@pytest.mark.parametrize("rule", ["fitLine", "fitFloor"])
def test_fits_are_those_of_the_package(page, rule):
    """The law, at the points and sixteen times beyond, to a millionth."""
    offset = {"fitLine": 0.0, "fitFloor": "fit"}[rule]
    floors = 0
    for x, loss in some(random_curves(80), 30):
        fit = fit_power_law(x, loss, offset=offset, resamples=0)
        sizes = [*x, 4 * x[-1], 16 * x[-1]]
        found = page.evaluate(
            """([rule, xs, Ls, sizes]) => {
              const { [rule]: fit, lossAt } = explorables.openRules;
              const law = fit(xs, Ls);
              return law && [law.E, ...sizes.map((x) => lossAt(law, x))];
            }""",
            [rule, x.tolist(), loss.tolist(), sizes],
        )
        if found is None:  # a spike on a constant
            assert fit.exponent > 10
            continue
        floors += found[0] > 0
        assert found[1:] == pytest.approx([*fit(np.array(sizes))], rel=1e-6)
    assert floors > 5 or rule == "fitLine"


def test_nothing_falls_nothing_is_fitted(page):
    """The package refuses a floor for a curve that rises; the script says null."""
    with pytest.raises(ValueError, match="must fall"):
        fit_power_law([1, 2, 4, 8], [1, 1.1, 1.2, 1.4], offset="fit")
    call = "explorables.openRules.fitFloor([1, 2, 4, 8], [1, 1.1, 1.2, 1.4])"
    assert page.evaluate(call) is None


def test_local_exponents_are_those_of_the_package(page):
    """Between neighbours, at any sizes."""
    for x, loss in random_curves(10):
        found = page.evaluate(
            "([xs, Ls]) => explorables.openRules.exponents(xs, Ls)",
            [x.tolist(), loss.tolist()],
        )
        assert found == pytest.approx(local_exponents(x, loss)[1], rel=1e-9, abs=1e-12)


def test_a_ratio_is_kept(page):
    """Exponents 0.4, 0.2, 0.1 go on 0.05, 0.025, by hand."""
    L = 2.0 ** -np.cumsum([0, 0.4, 0.2, 0.1])
    found = page.evaluate(
        "([Ls]) => explorables.openRules.keepRatio([1, 2, 4, 8], Ls, [16, 64])",
        [L.tolist()],
    )
    assert found == pytest.approx([L[-1] * 2**-0.05, L[-1] * 2**-0.1], rel=1e-12)


def test_numbers_of_every_cut(page, widget):
    """Forecasts and intervals; after opening errors, what held, and all records."""
    everything = [cut for i in range(6) for cut in ruled(attribute(), i)]
    record = records(everything)
    for i, n in some(CUTS[::-2], 5):
        widget.get_by_role("button", name="Start again").click()
        choose(widget, page, i, n)
        rules, truth = rules_of(attribute()[i], n), attribute()[i]["L"][-1]
        assert widget.locator("data[data-value=error-line]").inner_text() == "–"
        assert widget.locator("data[data-value=all-line]").inner_text() == "–"
        opener(widget).click()
        shown = play(page, KIND)
        for rule, (value, low, high) in rules.items():
            near = functools.partial(pytest.approx, rel=1e-6, abs=1e-9)
            assert shown[rule] == (value and near(value)), (rule, i, n)
            assert [shown[f"low-{rule}"], shown[f"high-{rule}"]] == [low, high]
            error = value and 100 * (value / truth - 1)
            assert shown[f"error-{rule}"] == (
                error and pytest.approx(error, rel=1e-6, abs=1e-4)
            )
            held = None if low is None else low <= truth <= high
            assert shown[f"held-{rule}"] == held
            miss, count, of = record[rule]
            assert shown[f"miss-{rule}"] == pytest.approx(miss, rel=1e-6)
            assert shown[f"all-{rule}"] == (count if of else None)
            if of:
                text = widget.locator(f"data[data-value=all-{rule}]").inner_text()
                assert text == f"{count} of {of}"


def test_your_own_forecast(page, widget):
    """A share of the last loss seen, and a factor to both sides; judged when opened."""
    choose(widget, page, 0, 5)
    play(page, KIND, rest=-0.1, factor=0.048)
    curve = attribute()[0]
    value, truth = 10**-0.1 * curve["L"][4], curve["L"][-1]
    shown = play(page, KIND)
    assert shown["own"] == pytest.approx(value, rel=1e-9)
    assert shown["low-own"] == pytest.approx(value / 10**0.048, rel=1e-9)
    assert shown["high-own"] == pytest.approx(value * 10**0.048, rel=1e-9)
    assert shown["error-own"] is None
    opener(widget).click()
    shown = play(page, KIND)
    assert shown["error-own"] == pytest.approx(100 * (value / truth - 1), rel=1e-9)
    assert shown["held-own"] == (value / 10**0.048 <= truth <= value * 10**0.048)


# -------------------------------------------------------------- what is opened


def test_hidden_points_are_not_drawn(page, widget):
    """Before opening neither points nor axes nor words tell what is hidden."""
    hidden = widget.locator("svg [data-mark=outside]")
    truth = widget.locator("svg [data-mark=truth]")
    for i, n in some(CUTS, 4):
        choose(widget, page, i, n)
        expect(hidden).to_have_count(0)
        expect(truth).to_have_count(0)
        before = widget.locator("[data-panel=curve]").inner_html()
        # The picture is that of what is seen: other hidden losses would not change it.
        last = str(attribute()[i]["L"][-1])
        assert last not in widget.inner_text()
        opener(widget).click()
        count = len(attribute()[i]["L"]) - n
        expect(hidden).to_have_count(2 * count)
        expect(truth).to_have_count(1)
        assert widget.locator("[data-panel=curve]").inner_html() != before


def test_axes_do_not_depend_on_what_is_hidden(page, page_with):
    """Other hidden losses, the same picture."""
    pictures = ".law-widget .law-panels"
    for factor in (0.2, 5):
        other = json.loads(json.dumps(attribute()))
        other[4]["L"][7:] = [factor * x for x in other[4]["L"][7:]]
        with page_with(other) as twin:
            there = twin.locator(pictures).inner_html()
            assert there == page.locator(pictures).inner_html()


@pytest.fixture
def page_with(browser, url):
    """A function that opens the page with other curves."""
    from contextlib import contextmanager

    @contextmanager
    def opened(listed):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        twin = context.new_page()
        text = json.dumps(listed)
        twin.add_init_script(
            f"""document.addEventListener("readystatechange", () => {{
              const host = document.querySelector(".{KIND}");
              if (host) host.dataset.curves = {json.dumps(text)};
            }}, {{ capture: true }});"""
        )
        twin.goto(url)
        twin.wait_for_selector(".law-widget")
        yield twin
        context.close()

    return opened


def test_what_is_opened_stays_opened(page, widget):
    """The forecast that was made counts, whatever is moved later; until a new start."""
    choose(widget, page, 4, 7)
    play(page, KIND, rest=-0.4, factor=0.1)
    opener(widget).click()
    made = number(widget, "own")
    rest = widget.locator("input[data-key=rest]")
    expect(rest).to_be_disabled()
    play(page, KIND, rest=0, factor=0)
    assert number(widget, "own") == made
    choose(widget, page, 4, 8)
    expect(rest).to_be_enabled()
    assert widget.locator("data[data-value=error-own]").inner_text() == "–"
    choose(widget, page, 0, 4)
    choose(widget, page, 4, 7)
    assert number(widget, "own") == made
    expect(opener(widget)).to_have_attribute("aria-pressed", "true")
    page.reload()
    assert number(widget, "own") == made
    widget.get_by_role("button", name="Start again").click()
    expect(opener(widget)).to_have_attribute("aria-pressed", "false")
    assert widget.locator("data[data-value=error-own]").inner_text() == "–"


def test_your_record_grows(page, widget):
    """Of what has been opened: how often your interval held, and the median miss."""
    misses, held = [], 0
    for i, n in ((5, 6), (3, 4), (0, 7)):
        choose(widget, page, i, n)
        opener(widget).click()
        shown = play(page, KIND)
        misses.append(abs(shown["error-own"]))
        held += shown["held-own"]
        assert shown["miss-own"] == pytest.approx(np.median(misses))
        text = widget.locator("data[data-value=all-own]").inner_text()
        assert text == f"{held:.0f} of {len(misses)}"


def test_a_rule_is_taken(page, widget):
    """A press on a rule makes its forecast yours, as wide as its interval."""
    choose(widget, page, 4, 7)
    rules = rules_of(attribute()[4], 7)
    for rule, name in NAMES.items():
        button = widget.locator(f"tr[data-rule={rule}] button")
        button.click()
        expect(button).to_have_text(name)
        expect(button).to_have_attribute("aria-pressed", "true")
        value, low, high = rules[rule]
        shown = play(page, KIND)
        assert shown["own"] == pytest.approx(value, rel=1e-6)
        width = shown["high-own"] / shown["low-own"]
        assert width == pytest.approx(high / low, rel=1e-6)
        expect(widget.locator(".law-legend")).to_contain_text(f"{name}, drawn")


# --------------------------------------------------------------- the pictures


def read_off(panel, points, *, logarithmic):
    """Pixels as sizes and values, by the ticks of the axes."""
    ticks = panel.evaluate("""(svg) => [...svg.querySelectorAll("text")].map((text) => [
      ...["text-anchor", "x", "y"].map((name) => text.getAttribute(name)),
      text.textContent, text.querySelector("tspan")?.textContent])""")
    x = [(float(t[1]), float(t[4])) for t in ticks if t[0] == "middle" and t[4]]
    y = [
        (float(t[2]) - 5, float(t[3].replace("−", "-"))) for t in ticks if t[0] == "end"
    ]
    assert len(x) >= 2 <= len(y)
    (px, vx), (py, vy) = np.transpose(x), np.transpose(y)
    vy = np.log10(vy) if logarithmic else vy
    points = np.array(points, float)
    values = np.polyval(np.polyfit(py, vy, 1), points[:, 1])
    sizes = 10 ** np.polyval(np.polyfit(px, vx, 1), points[:, 0])
    return sizes, 10**values if logarithmic else values


def centres(panel, css):
    """Where circles stand."""
    return [
        [circle.get_attribute("cx"), circle.get_attribute("cy")]
        for circle in panel.locator(css).all()
    ]


def corners(panel, css):
    """The corners of a line."""
    return [p.split(",") for p in panel.locator(css).get_attribute("points").split(" ")]


@pytest.mark.parametrize(("i", "n"), [(0, 4), (3, 5), (4, 7), (5, 6)])
def test_pictures_are_to_scale(page, widget, i, n):
    """Points, the rule's law and interval; and the local exponents beside them."""
    choose(widget, page, i, n)
    opener(widget).click()
    curve = attribute()[i]
    D, L = np.array(curve["D"]), np.array(curve["L"])
    panel = widget.locator("[data-panel=curve]")
    for css, part in (("best", slice(0, n)), ("outside", slice(n, None))):
        points = centres(panel, f"circle[data-mark={css}]")
        sizes, losses = read_off(panel, points, logarithmic=True)
        assert sizes == pytest.approx(D[part], rel=1e-2)
        assert losses == pytest.approx(L[part], rel=1e-2)
    for rule in ("line", "floor"):
        widget.locator(f"tr[data-rule={rule}] button").click()
        drawn = corners(panel, "polyline[data-mark=along-P]")
        sizes, losses = read_off(panel, drawn, logarithmic=True)
        fit = fit_power_law(D[:n].astype(float), L[:n], resamples=0, **FITTED[rule])
        assert losses == pytest.approx(fit(sizes), rel=1e-2)
        said = rules_of(curve, n)[rule]
        bar = corners(panel, "polyline[data-mark=left]")
        _, ends = read_off(panel, bar, logarithmic=True)
        assert sorted(ends) == pytest.approx(said[1:], rel=1e-2)
    panel = widget.locator("[data-panel=exponents]")
    points = centres(panel, "circle")
    sizes, exponents = read_off(panel, points, logarithmic=False)
    middle, expected, _ = local_exponents(D.astype(float), L)
    assert sizes == pytest.approx(middle, rel=1e-2)
    assert exponents == pytest.approx(expected, abs=0.01)


def test_words_say_what_is_seen(page, widget):
    """The sentence before and after, with errors and the nearest rule."""
    summary = widget.locator(".law-summary")
    choose(widget, page, 4, 7)
    expect(summary).to_contain_text("You see 7 sizes of 10, up to 1024.")
    expect(summary).to_contain_text("exponent fell, from 0.78 to 0.55")
    opener(widget).click()
    expect(summary).to_contain_text("At 6315 it is 0.0390.")
    expect(summary).to_contain_text("The line was 34 % too low")
    expect(summary).to_contain_text("sure of itself, and wrong")
    expect(summary).to_contain_text("nearest rule was “same ratio”")


# ------------------------------------------------------ what the figure refutes


def test_more_points_make_the_line_worse():
    """Spoken letters: the line's error grows from five sizes to seven."""
    errors = {
        n: abs(rules["line"][0] / truth - 1)
        for n, rules, truth in ruled(attribute(), 4)
    }
    assert errors[5] < 0.03 < 0.25 < errors[6] < errors[7]


def test_a_sure_line_is_wrong():
    """Straight lines miss most cuts though their intervals promise 90 %."""
    record = records([cut for i in range(6) for cut in ruled(attribute(), i)])
    assert record["line"][1] / record["line"][2] < 0.3
    assert record["forecast"][1] / record["forecast"][2] > 0.9


def test_table_for_paper():
    """The rows of the element are the records of the rules."""
    record = records([cut for i in range(6) for cut in ruled(attribute(), i)])
    rows = table(host())
    assert [row[0] for row in rows] == [*NAMES.values()]
    for (rule, _), (_, miss, held) in zip(NAMES.items(), rows, strict=True):
        expected, count, of = record[rule]
        assert miss == f"{expected:.1f} %"
        assert held == f"{count} of {of}"
