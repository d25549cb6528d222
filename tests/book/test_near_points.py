"""Points and their neighbours that a reader moves: the law, numbers, the picture."""

import itertools
import json
import re

import numpy as np
import pytest
from playing import hosts, number, pictured, play, table
from playwright.sync_api import expect
from scipy.special import gammaln
from thorough import some, unless_touched

from scalinglib import geometry

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/03")

KIND = "near-points"
PAGE = f"""<div class="{KIND}" data-examples="100" data-dimension="2" data-ambient="50"
data-rung="2"></div>"""
RUNGS = (1, 2, 4)


def call(page, script, *values):
    """What an expression of the script's functions, with values `v`, comes to."""
    return page.evaluate(
        f"(v) => {{ const n = explorables.neighbours; {script} }}", values
    )


def points_of(page, d, of=0):
    """The points and the places of a set."""
    found = call(
        page,
        """const { points, places } = n.sets(v[0])[v[1]];
        return JSON.stringify([points, places].map((each) => Array.from(each)));""",
        d,
        of,
    )
    return [np.reshape(each, (-1, d)) for each in json.loads(found)]


def shown(page, widget, c=None, **setting):
    """Set the rung and the sliders; what they and the numbers hold, sizes in full."""
    if c:
        widget.get_by_role("button", name=f"c = {c}").click()
    now = play(page, KIND, **setting)
    sizes = {key: round(10 ** now[key]) for key in ("D", "n") if key in setting}
    return now | sizes


def random_settings(count):
    """A rung, and positions of all sliders, anywhere."""
    rng = np.random.default_rng(1)
    for i in range(count):
        yield {
            "c": RUNGS[i % 3],
            "D": rng.uniform(0.5, 3.5),
            "d": int(rng.integers(1, 9)),
            "n": rng.uniform(1.2, 3),
            "t": rng.uniform(),
        }


# ---------------------------------------------------------------- the law


def test_the_gamma_function(page):
    """Its logarithm is right to ten digits, from small arguments to millions."""
    x = np.geomspace(0.02, 1e7, 400)
    found = call(page, "return v[0].map(n.logGamma)", x.tolist())
    assert np.array(found) == pytest.approx(gammaln(x), rel=1e-10, abs=1e-10)


def test_the_distance_is_that_of_the_package(page):
    """In every dimension, few points included: there balls meet themselves."""
    rng = np.random.default_rng(0)
    D = np.concatenate(
        [[3, 4, 5, 10, 17, 31, 1000, 3162], 10 ** rng.uniform(0.5, 6, 60)]
    )
    for d in range(1, 9):
        found = call(page, "return v[0].map((D) => n.distance(D, v[1]))", D.tolist(), d)
        assert found == pytest.approx(geometry.expected_distance(D, d), rel=1e-6), d


def test_a_ball_in_a_cube(page):
    """Its volume is the share of points of the cube that it holds."""
    rng = np.random.default_rng(0)
    for d in range(1, 9):
        squares = (rng.uniform(-0.5, 0.5, (100_000, d)) ** 2).sum(axis=1)
        t = np.linspace(0.05, 0.98, 25) * d / 4
        found = np.array(call(page, "return v[0].map(n.inCube(v[1]))", t.tolist(), d))
        share = (squares < t[:, None]).mean(axis=1)
        assert found == pytest.approx(share, abs=0.007), d
    assert found[-1] <= 1


# ---------------------------------------------------------------- the points


@pytest.mark.parametrize("d", [1, 2, 8])
def test_points_are_uniform_and_sets_differ(page, d):
    """Every coordinate fills its unit, no two are correlated, no set is another's."""
    first, second = (points_of(page, d, of)[0] for of in (0, 1))
    assert first.shape == (3162, d)
    both = np.hstack([first, second])
    assert (both >= 0).all()
    assert (both < 1).all()
    counts = [np.histogram(each, 10, (0, 1))[0] for each in both.T]
    assert (((np.array(counts) - 316.2) ** 2 / 316.2).sum(axis=1) < 35).all()
    off = np.corrcoef(both.T) - np.eye(2 * d)
    assert abs(off).max() < 4.5 / np.sqrt(3162)


def test_what_is_measured_is_measured(page):
    """Mean and standard error are those of the package's nearest distances."""
    for d, D in some([(2, 100), (8, 3162), (1, 3), (5, 1000)], 2):
        means = []
        for of in range(16):
            points, places = points_of(page, d, of)
            means.append(geometry.nearest(points[:D], period=1)(places)[0].mean())
        found = call(page, "return n.measured(...v)", D, d)
        assert found["mean"] == pytest.approx(np.mean(means), rel=1e-9)
        assert found["error"] == pytest.approx(np.std(means, ddof=1) / 4, rel=1e-9)


def test_what_is_measured_is_the_law(page):
    """From three points to thousands, in every dimension, up to standard errors."""
    off = []
    for d, D in itertools.product(range(1, 9), (3, 10, 32, 100, 316, 1000, 3162)):
        found = call(page, "return n.measured(...v)", D, d)
        exact = geometry.expected_distance(D, d)
        off.append((found["mean"] - exact) / found["error"])
    assert np.max(np.abs(off)) < 4
    assert 0.5 < np.sqrt(np.mean(np.square(off))) < 1.6


def test_ambient_dimensions_do_nothing(page, widget):
    """The neighbour is found by all n coordinates, and is that of the torus."""
    for setting in some(random_settings(12), 6):
        D, d, t = round(10 ** setting["D"]), setting["d"], setting["t"]
        points, _ = points_of(page, d)
        place = np.full(d, 0.5)
        place[0] = t
        r, index = geometry.nearest(points[:D], period=1)(place[None])
        for ambient in (16, 17, 333, 1000):
            found = call(
                page,
                "return n.nearest(n.sets(v[1].length)[0].points, ...v)",
                D,
                place.tolist(),
                ambient,
            )
            assert found["found"] == index.item()
            assert found["r"] == pytest.approx(r.item(), rel=1e-9)
    few, many = (shown(page, widget, c=1, D=2, d=5, n=n, t=0.3) for n in (1.2, 3))
    moves = {key for key in few if few[key] != pytest.approx(many[key], rel=1e-9)}
    assert moves == {"n"}


# ---------------------------------------------------------------- the numbers


def test_numbers_are_those_of_the_package(page, widget):
    """Distances, exponent, and what more data buy, wherever the sliders stand."""
    for setting in some(random_settings(12), 6):
        now = shown(page, widget, **setting)
        c, D, d = setting["c"], now["D"], setting["d"]
        assert now["E"] == pytest.approx(geometry.expected_distance(D, d), rel=1e-6)
        assert now["exponent"] == pytest.approx(c / d, rel=1e-12)
        # Loss A D^-(c/d), with any A.
        assert 1 + now["twice"] / 100 == pytest.approx(
            (2 * D) ** (-c / d) / D ** (-c / d), rel=1e-9
        )
        for key, share in (("half", 2), ("tenth", 10)):
            assert D ** (-c / d) / now[key] ** (-c / d) == pytest.approx(
                share, rel=1e-9
            )
        points = points_of(page, d)[0][:D]
        away = points - np.array([now["t"], *[0.5] * (d - 1)])
        away -= np.round(away)
        lengths = np.linalg.norm(away, axis=1)
        assert now["r"] == pytest.approx(lengths.min(), rel=1e-9)
        near = np.linalg.norm(away[:, :2], axis=1) < lengths.min() * (1 - 1e-9)
        near[lengths.argmin()] = False
        assert now["shadow"] == near.sum()
        found = call(page, "return n.measured(...v)", D, d)
        assert [now["mean"], now["error"]] == [found["mean"], found["error"]]


def test_the_table_of_the_page_holds():
    """What paper has, for 100 points: distances, exponents, and what more data buy."""
    rows = table(hosts()[KIND])
    assert len(rows) == 5
    for row in rows:
        d, c, told, exponent, twice, half = (
            float(cell.replace("−", "-").removesuffix(" %").removesuffix(" points"))
            for cell in row
        )
        E = geometry.expected_distance(100, int(d))
        assert told == pytest.approx(E, rel=0.02)
        assert exponent == pytest.approx(c / d, rel=1e-9)
        assert twice == pytest.approx(100 * (2 ** (-c / d) - 1), abs=0.5)
        assert half == pytest.approx(100 * 2 ** (d / c), rel=0.03)


def test_the_page_asks_what_the_figure_answers(page, widget):
    """Seven is the first dimension at which twice the data take less than a fifth."""
    changes = [shown(page, widget, c=2, d=d)["twice"] for d in range(1, 9)]
    assert [change > -20 for change in changes] == [False] * 6 + [True] * 2
    fewer = shown(page, widget, c=2, d=7, n=1.2)["twice"]
    assert fewer == pytest.approx(changes[6], rel=1e-12)
    assert shown(page, widget, c=4, d=7)["twice"] < -30


# ---------------------------------------------------------------- the pictures


@pytest.mark.parametrize(("d", "c"), [(1, 1), (2, 4), (8, 2), (8, 4)])
def test_the_law_is_drawn_to_scale(page, widget, d, c):
    """Lines read off by the ticks: distance, loss, the bound's slope, and that of n."""
    now = shown(page, widget, c=c, d=d, D=2, n=1.5)
    panel = widget.locator("[data-panel=law]")
    log_D, drawn = pictured(panel, "polyline[data-mark=curve]")
    expected = np.log10(geometry.expected_distance(10**log_D, d))
    assert drawn == pytest.approx(expected, abs=0.02)
    start = np.log10(now["E"])
    slopes = {"along-P": c / d, "wrong": 1 / now["n"]}
    if c == 4:
        slopes["floor"] = 2 / d
    expect(panel.locator("[data-mark=floor]")).to_have_count(int(c == 4))
    expect(widget.locator("li[data-mark=floor]")).to_be_visible(visible=c == 4)
    for mark, slope in slopes.items():
        log_D, drawn = pictured(panel, f"polyline[data-mark={mark}]")
        assert log_D == pytest.approx([0 if mark == "wrong" else 2, 6], abs=0.02)
        assert drawn == pytest.approx(start - slope * (log_D - 2), abs=0.03)


def centres(panel, css, scale):
    """Centres of circles, in the units of a line's two ends."""
    found = panel.locator(css).evaluate_all(
        "(all) => all.map((c) => ['cx', 'cy'].map((k) => Number(c.getAttribute(k))))"
    )
    return [
        [np.polyval(s, v) for s, v in zip(scale, pair, strict=True)] for pair in found
    ]


def scales(panel, css):
    """From pixels to units, by a line that `pictured` reads."""
    points = panel.locator(css).get_attribute("points")
    pixels = np.array([pair.split(",") for pair in points.split()], float).T
    units = pictured(panel, css)
    return [np.polyfit(*pair, 1) for pair in zip(pixels, units, strict=True)]


def test_dots_are_where_they_should_be(page, widget):
    """What is measured at half-decades, your D, where the loss is a half or a tenth."""
    now = shown(page, widget, c=4, d=3, D=2.5)
    panel = widget.locator("[data-panel=law]")
    scale = scales(panel, "polyline[data-mark=curve]")
    start = np.log10(now["E"])
    measured = [
        call(page, "return n.measured(...v)", round(10**at), 3)["mean"]
        for at in (0.5, 1, 1.5, 2, 2.5)
    ]
    expected = {
        "lost": [*zip(np.arange(0.5, 3, 0.5), np.log10(measured), strict=True)],
        "best": [(np.log10(now["D"]), start)],
        "dot-P": [
            (np.log10(now["half"]), start - np.log10(2)),
            (np.log10(now["tenth"]), start - 1),
        ],
    }
    for mark, places in expected.items():
        found = centres(panel, f"circle[data-mark={mark}]", scale)
        assert np.array(found) == pytest.approx(np.array(places), abs=0.03), mark


def test_the_ball_is_drawn_to_scale(page, widget):
    """Its rim goes through the neighbour in two dimensions; all points are drawn."""
    now = shown(page, widget, d=2, D=1.5, t=0.02)
    panel = widget.locator("[data-panel=points]")
    path = panel.locator("[data-mark=band]").get_attribute("d")
    discs = re.findall(r"M(\S+) (\S+)a(\S+) (\S+) ", path)
    assert len(discs) == 9
    x, y, w, h = np.array(discs, float).T
    unit = np.ptp(x) / 2, np.ptp(y) / 2  # images are one torus apart
    assert w / unit[0] == pytest.approx(now["r"], rel=1e-3)
    assert h / unit[1] == pytest.approx(now["r"], rel=1e-3)
    assert unit[0] == pytest.approx(unit[1], rel=0.01)  # a circle is one
    your, near = (
        np.array(panel.locator(f"[data-mark={mark}]").evaluate(
            "(c) => ['cx', 'cy'].map((k) => Number(c.getAttribute(k)))"
        ))
        for mark in ("best", "outside")
    )  # fmt: skip
    away = (near - your) / unit
    away -= np.round(away)
    assert np.hypot(*away) == pytest.approx(now["r"], abs=0.002)
    assert [your[0], your[1]] == pytest.approx([(x + w)[4], y[4]], abs=0.1)
    drawn = panel.locator("[data-mark=seen]").get_attribute("d")
    assert drawn.count("M") == now["D"] == 32


# ---------------------------------------------------------------- the manners


def test_presets_and_sentence(page, widget):
    """The cases that tell, in words: what twice the data buy, what bounds are not."""
    summary = widget.locator(".law-summary")
    expect(summary).to_contain_text("twice the data take 50 % off")
    expect(summary).to_contain_text("attains it")
    widget.get_by_role("button", name="eight dimensions").click()
    expect(summary).to_contain_text("take 16 % off")
    expect(summary).to_contain_text("seem nearer than the neighbour")
    widget.get_by_role("button", name="c = 4").click()
    expect(summary).to_contain_text("promises 0.25 only: it is no law")
    before = number(widget, "E")
    widget.get_by_role("button", name="a thousand coordinates").click()
    expect(summary).to_contain_text("1000 coordinates change nothing")
    assert number(widget, "E") == before
    widget.get_by_role("button", name="a curve").click()
    expect(summary).to_contain_text("in 1 dimension is")
    expect(summary).not_to_contain_text("seem nearer")
