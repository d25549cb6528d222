"""Reports of surfaces: the numbers of the package, warnings first, for everyone."""

import json
import re
from html import unescape

import numpy as np
import pytest
from browser import blank, measure
from thorough import exhaustive, long, sparing
from undrawn import undraw

from scalinglib import data, laws
from scalinglib.report import surface_report, surfaces
from scalinglib.report.surfaces import surface_record

HOSTILE = '<script>alert("x")</script> & $x$'


@pytest.fixture(scope="module")
def surface():
    """Of the profiles of one study."""
    table = data.load_surface_runs("llama3")
    columns = (table[name].to_numpy() for name in ("N", "D", "loss"))
    return laws.fit_loss_surface(*columns, rng=0)


@pytest.fixture(scope="module")
def made(surface):
    """A report of two budgets."""
    source = {"command": HOSTILE}
    return surface_report(surface, budgets=[3.8e25, 1e22], source=source)


@pytest.fixture
def undrawn(monkeypatch):
    """Reports without their pictures, for their words."""
    undraw(monkeypatch, surfaces)


def cells(html):
    """Text of every cell of every table."""
    found = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html, re.S)
    return [unescape(re.sub(r"<.*?>", "", cell)) for cell in found]


def test_it_tells_the_numbers_of_the_package(made, surface):
    """Best splits with intervals, parameters, and both for machines."""
    (told,) = re.findall(r'id="surface">(.*?)</script>', made.html)
    record = json.loads(told)
    best = surface.optimal(1e22)
    assert record["budgets"][1]["P"]["value"] == pytest.approx(best.P.value)
    np.testing.assert_allclose(
        [record["budgets"][1]["loss"][end] for end in ("low", "high")],
        best.loss.interval(),
    )
    listed = cells(made.html)
    assert f"{surface.alpha_P:.4g}" in listed
    assert f"{best.loss.value:.4g}" in listed
    assert "8.94\u202f·\u202f10¹¹" in listed
    hindsight = surface.hindsight()
    assert listed.count(str(hindsight["seen"].iloc[0])) >= 1


@long
def test_lowest_losses_of_valleys_are_a_forecast_of_their_own(made, surface, undrawn):
    """Beyond the valleys that of the curve; within them, or without any, none."""
    record = surface_record(surface, [3e22, 1e20], 0.9)
    runs = surface.runs
    bottoms = laws.fit_isoflop(runs.P, runs.D, runs.loss).profiles.loss
    expected = laws.forecast(bottoms, at=3e22, level=0.9, rng=0)
    told = record["budgets"][0]["loss_by_valleys"]
    assert told["value"] == pytest.approx(expected.value)
    np.testing.assert_allclose([told["low"], told["high"]], expected.interval(0.9))
    assert record["budgets"][1]["loss_by_valleys"] is None
    assert told["warnings"] == list(expected.warnings) == []
    listed = cells(made.html)
    assert listed.count("loss, by the valleys’ lowest") == 1  # of two budgets
    assert "Trust that line less at C = 3.8" in made.html
    last = surface_report(surface, budgets=[1e20, 3e22]).html
    assert "does not take the surface for granted" in last
    assert "Trust that line less" not in last
    assert "does not take the surface for granted" in made.html
    grid = [side.ravel() for side in np.meshgrid([1e7, 1e8, 1e9], [1e9, 1e10, 1e11])]
    loss = 1.7 + 400 * grid[0] ** -0.34 + 1500 * grid[1] ** -0.36
    other = laws.fit_loss_surface(*grid, loss, resamples=0)
    (found,) = surface_record(other, [1e23], 0.9)["budgets"]
    assert found["loss_by_valleys"] is None
    assert "lowest" not in "".join(cells(surface_report(other, budgets=1e23).html))


def test_warnings_come_first(made, undrawn):
    """Before the first picture; and what is not determined has its reason."""
    warned = made.html.index("too few groups, 10 budgets".capitalize()[1:])
    assert warned < made.html.index("<figure>")
    P = np.geomspace(1e7, 1e9, 8)
    poor = laws.fit_loss_surface(P, np.full(8, 1e10), 2 + 1e3 * P**-0.5, rng=0)
    html = surface_report(poor, budgets=1e20).html
    assert "alpha_D is not determined:</b> D has 1 distinct value" in html
    assert "0 to ∞" in html


def test_texts_are_escaped(made):
    """What a caller says is text, not HTML."""
    assert HOSTILE not in made.html
    assert HOSTILE in unescape(made.html)


@exhaustive
def test_same_surface_same_bytes(surface, made):
    """No dates, no chance."""
    again = surface_report(surface, budgets=[3.8e25, 1e22], source={"command": HOSTILE})
    assert again.html == made.html


@sparing("scalinglib/report", "tests/report")
def test_everyone_can_read_it(made, chromium, browser, tmp_path):
    """On a phone and in the dark: nothing wide, nothing foreign, no barrier."""
    path = made.save(tmp_path / "surface.html")
    with blank(browser) as page:
        for look, report in measure(page, path.as_uri()).items():
            assert report.foreign == report.errors == report.violations == [], look
            assert report.shown["wide"] == report.shown["broken"] == [], look
            assert report.shown["images"] == [], look


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"budgets": [-1.0]}, "budgets must be finite and positive"),
        ({"level": 95}, "level must be a probability"),
        ({"title": 3}, "title must be text"),
        ({"source": "runs.csv"}, "source must be a dict of texts"),
    ],
)
def test_rejects(surface, arguments, message):
    """What is wrong is named."""
    with pytest.raises(ValueError, match=message):
        surface_report(surface, **arguments)
