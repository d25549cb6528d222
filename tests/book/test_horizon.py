"""Horizon and collapse, as a reader tries exponents: its numbers and its pictures."""

import json
import re
from functools import cache

import numpy as np
import pytest
from playing import given, hosts, number, play, table
from playwright.sync_api import expect
from scipy.optimize import minimize_scalar
from thorough import some, unless_touched

from scalinglib import stored, text
from scalinglib.exercises.chapters.chains_of_tokens import CHAIN
from scalinglib.experiments import correlations_of, ngrams_of
from scalinglib.laws import StudentEstimate

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/09")

KIND = "horizon-collapse"
PAGE = hosts()[KIND]
ORDERS = np.arange(2, 9)
LANGUAGE = ("gammaH", "betaC", "A", "price")
IN_DECADES = ("D", "A", "price")
REACH = {
    "D": (4, 9), "gammaH": (0.1, 2), "betaC": (1.05, 3), "A": (-3, 1),
    "price": (-1, 3), "gamma": (0.05, 3), "beta": (0.5, 4.5),
}  # fmt: skip


@cache
def bible():
    """The curves that chapter 9 reads."""
    return ngrams_of(stored.load("king_james_characters"))


@cache
def of_bible():
    """Orders, sizes and losses of the page's two collapses, and its own pair."""
    L = bible().losses.sel(n=slice(2, 8))
    memory = correlations_of(stored.load("king_james_characters"))
    pair = bible().entropy_exponent().value, memory.exponent(1, 32).value
    return L.D.values, L.values, pair


def lose(n, D, gammaH, betaC, A, price):
    """What order n loses: bias and noise."""
    return A * n**-gammaH + price * n ** (2 * betaC - gammaH) / D


def balance(D, *language):
    """The best order, any number, and its loss: found, not derived."""
    slopes = language[0], language[0] - 2 * language[1]
    constants = np.log([language[2], language[3] / D])

    def log_loss(t):
        return np.logaddexp(*(constants - np.multiply(slopes, t)))

    found = minimize_scalar(
        log_loss, bracket=(0, 3), method="brent", options={"xtol": 1e-13}
    )
    return np.exp(found.x), np.exp(found.fun)


def losses_of(of, D, language):
    """Of orders 2 to 8 in rows, from sizes D in columns."""
    n = ORDERS[:, None] * np.ones(len(D))
    if of == "backs":  # the best order up to n
        n = np.minimum(n, [balance(size, *language)[0] for size in D])
    return lose(n, D, *language)


def misfit(D, losses, gamma, beta, degree):
    """As the chapter has it, with the order of its polynomial."""
    x = (np.log(D) - 2 * beta * np.log(ORDERS)[:, None]).ravel()
    y = (np.log(losses) + gamma * np.log(ORDERS)[:, None]).ravel()
    curve = np.polynomial.Polynomial.fit(x, y, degree)
    return np.sqrt(np.mean((y - curve(x)) ** 2))


def off_curve(of, D, language, gamma, beta):
    """Misfit of losses on the sizes that are seen."""
    if of == "bible":
        sizes, losses, _ = of_bible()
        seen = sizes <= D
        return misfit(sizes[seen], losses[:, seen], gamma, beta, 4)
    sizes = np.geomspace(1e3, D, 13)
    return misfit(sizes, losses_of(of, sizes, language), gamma, beta, 10)


def random_settings(count):
    """Positions of all sliders, anywhere."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield {key: rng.uniform(*ends) for key, ends in REACH.items()}


def shown(page, **setting):
    """Set sliders; return what they and the numbers hold, in full."""
    now = play(page, KIND, **setting)
    full = {key: 10 ** now[key] for key in IN_DECADES if key in setting}
    return now | full


LEARNERS = {
    "backs": "one that backs off",
    "pays": "one that pays for every order",
    "bible": "the Bible",
}


def choose(widget, of):
    """Press the button of a learner, or of the Bible."""
    if of != "bible":
        widget.get_by_role("button", name="one that you make").click()
    widget.get_by_role("button", name=LEARNERS[of]).click()


# ---------------------------------------------------------------- the formulas


def in_script(page, name, cases):
    """What a function of the script gives, case by case."""
    return page.evaluate(
        "([name, cases]) => cases.map((each) => explorables.horizon[name](...each))",
        [name, cases],
    )


def law(gamma, beta, A, price):
    """A language as the script has it."""
    return {"gamma": gamma, "beta": beta, "A": A, "price": price}


def test_dense_chains_are_those_of_the_exercise(page):
    """Where 2β = γ + 1 and a weight costs half a nat, it is what readers hand in."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        gamma, A, D = (*rng.uniform((0.3, -3), (3, 1)), 10 ** rng.uniform(3, 9))
        order, loss = CHAIN.reference(10**A, gamma, D)
        case = [law(gamma, (gamma + 1) / 2, 10**A, 0.5), D]
        assert in_script(page, "horizon", [case]) == pytest.approx([order], rel=1e-9)
        assert in_script(page, "envelope", [case]) == pytest.approx([loss], rel=1e-9)


@pytest.mark.parametrize("spacing", [1, 2, 3])
def test_chains_of_the_package_have_this_loss(page, spacing):
    """Told the lags, a learner of a chain of any spacing loses this, for many lags."""
    chain = text.AdditiveChain(1.5, spacing=spacing, reach=20_000)
    learner = text.ChainLearner(chain, told=spacing > 1)
    weights = {1: 64, 2: 24, 3: 10}[spacing]
    n = float(learner.lags[weights - 1])
    A = n**chain.gamma * learner.bias(weights)
    D = np.geomspace(n, 1e6 * n, 9)
    made = law(chain.gamma, chain.beta, float(A), 0.5)
    found = in_script(page, "lossOf", [[made, n, size] for size in D.tolist()])
    assert found == pytest.approx(learner.loss_of_order(weights, D), rel=1e-9)
    if spacing == 1:  # where its bias is a power, so is its best loss
        D = np.array([1e7, 1e8])
        found = in_script(page, "envelope", [[made, size] for size in D.tolist()])
        assert found == pytest.approx(learner.envelope(D), rel=0.02)


def test_the_best_order_is_the_best(page):
    """Horizon, its loss, and the best order up to n, against a search."""
    rng = np.random.default_rng(2)
    for _ in range(40):
        language = [rng.uniform(0.1, 2), rng.uniform(1.05, 3)]
        language += [*(10 ** rng.uniform((-3, -1), (1, 3)))]
        D, n = 10 ** rng.uniform(3, 9), rng.uniform(2, 8)
        order, loss = balance(D, *language)
        made = law(*map(float, language))
        expected = [order, loss, lose(min(n, order), D, *language)]
        found = [
            in_script(page, "horizon", [[made, D]])[0],
            in_script(page, "envelope", [[made, D]])[0],
            in_script(page, "backedOff", [[made, n, D]])[0],
        ]
        assert found[1:] == pytest.approx(expected[1:], rel=1e-9)
        assert found[0] == pytest.approx(order, rel=1e-5)  # as flat as a minimum is


def test_misfits_of_any_pair(page):
    """On losses of any kind, and the pairs that are off by a given misfit."""
    rng = np.random.default_rng(3)
    for degree in (4, 10):
        D = np.sort(10 ** rng.uniform(3, 7, 12))
        losses = np.exp(rng.normal(size=(7, 12)))
        points = [
            [float(n), size, loss]
            for n, row in zip(ORDERS, losses.tolist(), strict=True)
            for size, loss in zip(D.tolist(), row, strict=True)
        ]
        for gamma, beta in rng.uniform((0.05, 0.5), (3, 4.5), (6, 2)).tolist():
            expected = misfit(D, losses, gamma, beta, degree)
            case = [points, gamma, beta, degree]
            found = in_script(page, "misfit", [case])[0]
            assert found == pytest.approx(expected, rel=1e-9)
            least, most = 0.5 * expected, 1.5 * expected
            ends = page.evaluate(
                """([points, beta, degree, levels]) => {
                  const { parabola, within } = explorables.horizon;
                  const each = parabola(points, beta, degree);
                  return levels.map((level) => within(each, level));
                }""",
                [points, beta, degree, [least * 1e-3, most]],
            )
            assert ends[0] is None
            assert ends[1] == sorted(ends[1])
            for end in ends[1]:
                assert misfit(D, losses, end, beta, degree) == pytest.approx(most)


@pytest.mark.parametrize("of", ["backs", "pays"])
def test_a_language_has_one_curve(page, widget, of):
    """Its own pair makes one of all orders, however far; another does not for ever."""
    choose(widget, of)
    for D in (5, 9):
        now = play(page, KIND, D=D, gammaH=0.7, betaC=1.4, A=0, price=0.7,
                   gamma=1.05, beta=2.1)  # fmt: skip
        assert now["own"] < 0.005
    assert now["off"] > 0.05


# ----------------------------------------------------------------- the numbers


def is_right(now, of, own):
    """Every number is the one of the package, or of its curves, to a millionth."""
    D, gamma, beta = (now[key] for key in ("D", "gamma", "beta"))
    language = None if of == "bible" else [now[key] for key in LANGUAGE]
    off = {"off": (gamma, beta), "own": own}
    for key, pair in off.items():
        tolerance = 1e-4 if of == "bible" else 1e-7  # of losses that are rounded
        expected = off_curve(of, D, language, *pair)
        assert now[key] == pytest.approx(expected, abs=tolerance), (key, now)
    assert now["ratio"] == pytest.approx(gamma / beta / 2)
    if of == "bible":
        best = bible().best
        assert now["loss"] == pytest.approx(best[best.D <= D].values[-1], rel=1e-4)
        alpha = bible().exponent().value
        assert now["horizon"] is now["farther"] is None
    else:
        order, loss = balance(D, *language)
        twice = balance(2 * D, *language)
        assert now["loss"] == pytest.approx(loss, rel=1e-6)
        assert now["horizon"] == pytest.approx(order, rel=1e-5)
        assert now["farther"] == pytest.approx(twice[0] / order - 1, abs=1e-5)
        assert now["twice"] == pytest.approx(twice[1] / loss - 1, abs=1e-6)
        estimates = (StudentEstimate(each, 0.1) for each in own)
        alpha = text.predicted_exponent(*estimates).value
    assert now["alpha"] == pytest.approx(alpha, rel=1e-4 if of == "bible" else 1e-9)
    assert now["twice"] == pytest.approx(2**-alpha - 1, abs=1e-5)


@pytest.mark.parametrize("of", ["backs", "pays"])
def test_numbers_of_any_language(page, widget, of):
    """Wherever the sliders stand."""
    choose(widget, of)
    for setting in some(random_settings(16), 8):
        now = shown(page, **setting)
        is_right(now, of, (now["gammaH"], now["betaC"]))


def test_numbers_of_the_bible(page, widget):
    """From whatever part of its sizes, with whatever pair."""
    choose(widget, "bible")
    _, _, own = of_bible()
    for setting in some(random_settings(12), 6):
        now = shown(page, **{key: setting[key] for key in ("D", "gamma", "beta")})
        is_right(now, "bible", own)
    now = shown(page, D=9, gamma=0.64, beta=2.9)
    assert now["off"] == pytest.approx(0.015, abs=0.0005)  # as the page prints
    assert now["own"] == pytest.approx(0.018, abs=0.0005)


def test_the_page_has_the_stored_curves():
    """The attributes of the figure are what the package has, to five digits."""
    host = hosts()[KIND]
    sizes, losses, pair = of_bible()
    expected = {
        "sizes": sizes,
        "losses": losses,
        "best": bible().best.values,
        "pair": pair,
        "exponent": bible().exponent().value,
    }
    for name, values in expected.items():
        assert np.array(json.loads(given(host, name))) == pytest.approx(
            np.array(values), rel=5.1e-5
        ), name


def test_the_chain_of_the_page():
    """Its button takes exponents, amplitude and price of the chain that is solved."""
    chain = text.AdditiveChain(1.5, V=4, epsilon=0.8)
    A = 256**2 * text.ChainLearner(chain).bias(256)
    found = json.loads(given(hosts()[KIND], "chain"))
    assert found == pytest.approx([chain.gamma, chain.beta, A, 0.5], rel=1e-4)


def test_the_table_of_the_page_holds():
    """What paper has: a pair, its ratio, and how far it is off."""
    host = hosts()[KIND]
    names = ("gamma", "beta", "amplitude", "price")
    language = [float(given(host, name)) for name in names]
    rows = table(host)
    assert len(rows) == 6
    for losses, D, *pair, ratio, off in rows:
        of = "bible" if losses == "the Bible" else "backs"
        gamma, beta = map(float, pair)
        found = off_curve(of, float(re.sub(r"\s", "", D)), language, gamma, beta)
        told = float(off.removesuffix(" %"))
        assert told == pytest.approx(100 * found, abs=0.051)
        assert float(ratio) == pytest.approx(gamma / beta / 2, abs=0.0051)


# ---------------------------------------------------------------- the pictures


def scales(panel):
    """Two lines from pixels to values, in decades where an axis is logarithmic."""
    ticks = panel.evaluate("""(svg) => [...svg.querySelectorAll("text")]
      .filter((text) => !text.dataset.mark).map((text) => [
        ...["text-anchor", "x", "y"].map((name) => text.getAttribute(name)),
        text.textContent, text.querySelector("tspan")?.textContent])""")
    linear = panel.get_attribute("data-panel") == "map"
    for anchor, place, off in (("middle", 1, 0), ("end", 2, -5)):
        at = []
        for tick in ticks:
            if tick[0] == anchor and tick[3][0].isdigit():
                plain = float(tick[3]) if not tick[4] else None
                power = float((tick[4] or "0").replace("−", "-"))
                value = plain if linear else power if tick[4] else np.log10(plain)
                at.append((float(tick[place]) + off, value))
        assert len(at) >= 2
        yield np.polyfit(*zip(*at, strict=True), 1)


def drawn(panel, css):
    """Points of each line or area, read off by the ticks."""
    axes = [*scales(panel)]
    for each in panel.locator(css).all():
        points = each.get_attribute("points").split()
        pixels = np.array([point.split(",") for point in points], float)
        yield [np.polyval(*both) for both in zip(axes, pixels.T, strict=True)]


SEEN = "polyline[data-mark^=order]"


@pytest.mark.parametrize("of", ["backs", "pays"])
def test_curves_are_drawn_to_scale(page, widget, of):
    """Each order, up to D and beyond, the best of all, and the dot on it."""
    choose(widget, of)
    now = shown(page, D=6, gammaH=0.5, betaC=1.6, A=0.3, price=1.5)
    language = [now[key] for key in LANGUAGE]
    panel = widget.locator("[data-panel=curves]")
    for css, ends in ((SEEN, (3, 6)), ("polyline[data-mark=later]", (6, 9))):
        lines = [*drawn(panel, css)]
        assert len(lines) == len(ORDERS)
        for i, (log_D, log_L) in enumerate(lines):
            assert log_D[[0, -1]] == pytest.approx(ends, abs=0.02)
            expected = np.log10(losses_of(of, 10**log_D, language)[i])
            assert log_L == pytest.approx(expected, abs=0.02)
    ((log_D, log_L),) = drawn(panel, "polyline[data-mark=envelope]")
    best = [balance(size, *language)[1] for size in 10**log_D]
    assert log_L == pytest.approx(np.log10(best), abs=0.01)
    dot = panel.locator("[data-mark=best]")
    pixels = [float(dot.get_attribute(name)) for name in ("cx", "cy")]
    at = [np.polyval(*both) for both in zip(scales(panel), pixels, strict=True)]
    assert at == pytest.approx([6, np.log10(number(widget, "loss"))], abs=0.01)


def test_curves_of_the_bible_are_drawn_to_scale(page, widget):
    """What is seen of them, and the rest."""
    choose(widget, "bible")
    play(page, KIND, D=5)
    sizes, losses, _ = of_bible()
    panel = widget.locator("[data-panel=curves]")
    count = (sizes <= 1e5).sum()
    for css, part in (
        (SEEN, slice(count)),
        ("[data-mark=later]", slice(count - 1, 99)),
    ):
        for row, (log_D, log_L) in zip(losses, drawn(panel, css), strict=True):
            assert log_D == pytest.approx(np.log10(sizes[part]), abs=0.01)
            assert log_L == pytest.approx(np.log10(row[part]), abs=0.005)


@pytest.mark.parametrize("pair", [(0.5, 1.6), (1.3, 0.8), (0.1, 4.2)])
def test_the_collapse_is_drawn_to_scale(page, widget, pair):
    """Each order over D / n^2β, times n^γ."""
    now = shown(page, D=6, gammaH=0.5, betaC=1.6, A=0.3, price=1.5,
                gamma=pair[0], beta=pair[1])  # fmt: skip
    language = [now[key] for key in LANGUAGE]
    lines = [*drawn(widget.locator("[data-panel=collapse]"), SEEN)]
    for i, (n, (x, y)) in enumerate(zip(ORDERS, lines, strict=True)):
        log_D = x + 2 * pair[1] * np.log10(n)
        assert log_D[[0, -1]] == pytest.approx([3, 6], abs=0.05)
        expected = np.log10(losses_of("backs", 10**log_D, language)[i])
        assert y - pair[0] * np.log10(n) == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("of", ["backs", "bible"])
def test_the_map_holds_pairs_that_collapse(page, widget, of):
    """Around the shaded pairs the misfit is two per cent; the line is the ratio."""
    choose(widget, of)
    now = shown(page, D=7, gamma=0.6, beta=2)
    host = hosts()[KIND]
    names = ("gamma", "beta", "amplitude", "price")
    language = [float(given(host, name)) for name in names]
    own = of_bible()[2] if of == "bible" else language[:2]
    panel = widget.locator("[data-panel=map]")
    ((beta, gamma),) = drawn(panel, "[data-mark=band]")
    assert len(beta) >= 20
    off = [
        off_curve(of, 1e7, language, *pair) for pair in zip(gamma, beta, strict=True)
    ]
    assert off == pytest.approx(np.full(len(off), 0.02), abs=0.0015)
    half = len(gamma) // 2  # first the lower side, then the upper one back
    low, high = gamma[:half], gamma[half:][::-1]
    widest = np.argmax(high - low)
    middle = (low + high)[widest] / 2
    assert off_curve(of, 1e7, language, middle, beta[widest]) < 0.0195
    assert (high - low)[widest] > 0.02
    ((beta, gamma),) = drawn(panel, "[data-mark=ratio]")
    assert gamma / beta / 2 == pytest.approx(np.full(2, now["alpha"]), abs=0.005)
    for mark, pair in (("own", own), ("best", (0.6, 2))):
        dot = panel.locator(f"[data-mark={mark}]")
        pixels = [float(dot.get_attribute(name)) for name in ("cx", "cy")]
        at = [np.polyval(*both) for both in zip(scales(panel), pixels, strict=True)]
        assert at[::-1] == pytest.approx(pair, abs=0.02)


# ---------------------------------------------------------------- what it tells


def test_the_first_state_shows_a_wrong_pair_that_collapses(page, widget):
    """Off by half, right in ratio, within two per cent; more data find it out."""
    assert number(widget, "off") < 0.02
    assert number(widget, "ratio") == pytest.approx(number(widget, "alpha"))
    summary = widget.locator(".law-summary")
    expect(summary).to_contain_text(
        "Your pair is wrong, yet the losses lie within 0.8 %"
    )
    expect(summary).to_contain_text("the ratio is right")
    assert shown(page, D=8)["off"] > 0.05
    expect(summary).to_contain_text("found out: orders inside the horizon")
    choose(widget, "pays")
    expect(summary).to_contain_text("found out: context beyond the horizon does harm")
    assert shown(page, D=8)["farther"] == pytest.approx(2 ** (1 / 3.8) - 1)


@pytest.mark.parametrize(
    ("of", "setting", "said"),
    [
        ("backs", {"gamma": 0.5, "beta": 1.9}, "as they must"),
        ("backs", {"gamma": 2, "beta": 1.9}, "its ratio is wrong"),
        ("backs", {"D": 9, "price": -1, "beta": 2.9, "gamma": 0.5}, "floors alone"),
        ("backs", {"price": 3, "D": 4, "gammaH": 0.1}, "not even one token back"),
        ("pays", {"D": 4, "price": 3, "betaC": 3, "gammaH": 0.1, "gamma": 3,
                  "beta": 4.45}, "where only the price is seen"),
        ("bible", {"D": 9, "gamma": 0.64, "beta": 2.9}, "not the measured one"),
        ("bible", {"D": 9, "gamma": 0.64, "beta": 1.92}, "no one curve"),
    ],
)  # fmt: skip
def test_the_sentence_says_why(page, widget, of, setting, said):
    """In words: what collapses though it is wrong, and what is found out."""
    choose(widget, of)
    play(page, KIND, **setting)
    expect(widget.locator(".law-summary")).to_contain_text(said)


def test_pairs_follow_the_text(page, widget):
    """Three buttons take its own pair, half as much again of both, and of β alone."""
    for of in LEARNERS:
        choose(widget, of)
        own = of_bible()[2] if of == "bible" else (0.5, 1.9)
        for name, times in (("its own pair", (1, 1)), ("both 1.5 times", (1.5, 1.5)),
                            ("only β 1.5 times", (1, 1.5))):  # fmt: skip
            button = widget.get_by_role("button", name=name)
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
            shown = [
                float(widget.locator(f"output[data-value={key}]").inner_text())
                for key in ("gamma", "beta")
            ]
            assert shown == pytest.approx(np.multiply(own, times), rel=1e-4)
    choose(widget, "backs")
    play(page, KIND, gammaH=1, betaC=2)
    widget.get_by_role("button", name="its own pair").click()
    assert number(widget, "ratio") == number(widget, "alpha") == 0.25
