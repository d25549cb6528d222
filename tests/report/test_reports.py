"""Reports: the numbers of the package, in one file that everyone can read."""

import json
import os
import re
import sys
from base64 import b64decode
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from browser import blank, measure
from thorough import first_of, long, sparing
from undrawn import undraw
from whereabouts import ROOT

from scalinglib import data, laws
from scalinglib.plotting.forecasts import plot_forecast
from scalinglib.report import forecast_report, forecasts
from scalinglib.report.checklist import CHECKLIST
from scalinglib.report.pictures import picture, with_legend

LIGHT = ROOT / "book" / "_static" / "forecast-light.svg"
FEW = [64, 128, 256], [5, 4, 3]
HOSTILE = '<script>alert("x")</script> & $x$'


def measured():
    """Random forests on data set 30, as in the README."""
    return data.measured_curve(30, "RandomForest")


@pytest.fixture(scope="module")
def made():
    """A report of two sizes, with what only people know."""
    return forecast_report(
        measured(),
        at=[50000, 10000],
        source={"command": HOSTILE},
        notes={"data": HOSTILE, "metric": "Errors of five splits."},
    )


@pytest.fixture(scope="module")
def far():
    """One of a size far beyond what was tried, with narrow intervals, not drawn."""
    with pytest.MonkeyPatch.context() as patch:
        undraw(patch, forecasts)
        return forecast_report(measured().isel(trial=0), at=1e9, level=0.5)


def cells(html):
    """Text of every cell of every table."""
    found = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html, re.S)
    return [unescape(re.sub(r"<.*?>", "", cell)) for cell in found]


def test_it_tells_the_numbers_of_the_package(made):
    """Median and ends of every size, in the text and for machines."""
    curve = measured()
    (told,) = re.findall(r'id="forecasts">(.*?)</script>', made.html)
    for row, at in zip(json.loads(told), (50000, 10000), strict=True):
        guess = laws.forecast(curve, at=at)
        assert (row["low"], row["high"]) == guess.interval()
        assert row["loss"] == guess.value
        assert f"{guess.value:.4g}" in cells(made.html)
        low, high = guess.interval(0.8)
        assert f"{low:.3g} to {high:.3g}" in cells(made.html)


def test_past_forecasts_stand_beside_what_was_measured(made):
    """Each row of `past`, and how many of them held."""
    past = laws.forecast(measured(), at=50000).past
    told = cells(made.html)
    for loss, value in zip(past["loss"].values, past["value"].values, strict=True):
        assert {f"{loss:.5g}", f"{value:.5g}"} <= set(told)
    right = (past["low"] <= past["loss"]) & (past["loss"] <= past["high"])
    assert f"{int(right.sum())} of {len(right)} intervals" in made.html
    assert told.count("held") == int(right.sum())


def test_a_miss_is_said(far):
    """Where intervals of one half are asked for, some are missed, in words and tone."""
    told = cells(far.html)
    assert told.count("missed") == far.html.count('class="missed"') > 0
    assert told.count("missed") + told.count("held") == 12


def test_laws_stand_with_intervals_and_tests(made):
    """Each law of `compare`, with each of its parameters."""
    found = laws.compare(measured())
    told = " ".join(cells(made.html))
    for name, fit in found.fits.items():
        assert unescape(fit.law.formula) in told, name
        for parameter in fit.parameters:
            assert f"{parameter} " in told
    low, high = found.fits["power"].interval("exponent")
    assert f"({low:.3g} to {high:.3g})" in told


def test_the_checklist_is_filled_in_as_far_as_it_is_known(made):
    """What a table tells is there; what nobody told is asked for by its key."""
    told = cells(made.html)
    for item in CHECKLIST:
        answer = told[told.index(item.question) + 1]
        asked = f"add a note {item.key}" in answer
        only_people = item.known is None or item.key == "subset"
        assert asked == (only_people and item.key != "data"), item.key
    assert "90 runs: 18 sizes with 5 each." in told
    assert "The column error. Errors of five splits." in told
    assert HOSTILE in told


@long
def test_what_users_say_is_escaped(made):
    """Names, notes and sources are text and never markup."""
    assert "<script>alert" not in made.html
    table = {HOSTILE: [64, 128, 256, 512], "loss": [0.5, 0.4, 0.32, 0.26]}
    found = forecast_report(laws.read(table, HOSTILE), at=4096, title=HOSTILE)
    assert "<script>alert" not in found.html


@long
def test_it_needs_no_other_file(made):
    """Nothing is loaded, and the same question makes the same bytes."""
    loaded = re.findall(r'(?:src|srcset|href)="(.{0,60})', made.html)
    assert all(what.startswith(("data:", "https://arxiv.org/abs/")) for what in loaded)
    assert "url(" not in made.html
    assert "@import" not in made.html
    again = [forecast_report(FEW, at=512) for _ in range(2)]
    assert again[0].html == again[1].html


@long
@pytest.mark.parametrize(
    ("sizes", "assume"),
    first_of([(3, None), (4, "power"), (4, None), (5, None), (3, "law")], 2),
)
def test_a_few_points_make_a_report(sizes, assume):
    """Without errors, without a past, without laws to compare: what is left is said."""
    x = 2.0 ** np.arange(6, 6 + sizes)
    found = forecast_report((x, x**-0.5), at=1e5, assume=assume)
    assert ("no past to look at" in found.html) == (sizes == 3)
    assert ("too few sizes to fit laws" in found.html) == (sizes == 3)
    assert ("takes for granted" in found.html) == (assume is not None)
    assert "nan" not in " ".join(cells(found.html))


def test_warnings_come_first(far):
    """A forecast far beyond all that was tried says so above its picture."""
    text, missed = far.forecasts[0].warnings
    assert "this is farther" in text
    assert "missed their 50 % interval" in missed
    assert missed[1:] in unescape(far.html)
    assert 0 < far.html.index("Trust it less") < far.html.index("<figure>")
    assert text[1:] in unescape(far.html)


def test_it_is_saved_where_it_is_asked_for(made, tmp_path):
    """Over a report that is there; nothing else is written over."""
    path = tmp_path / "out.html"
    for _ in range(2):
        assert made.save(path) == path
    assert path.read_text(encoding="utf-8") == made.html
    table = tmp_path / "runs.csv"
    table.write_text("D,loss")
    with pytest.raises(ValueError, match=r"path must end in \.html"):
        made.save(table)
    assert table.read_text() == "D,loss"
    with pytest.raises(ValueError, match="path must be in a folder that exists"):
        made.save(tmp_path / "none" / "out.html")


@sparing("scalinglib/report", "tests/report")
def test_everyone_can_read_it(made, browser, tmp_path):
    """No barrier, nothing wider than the page, on light and dark, wide and narrow."""
    path = made.save(tmp_path / "out.html")
    with blank(browser) as page:
        reports = measure(page, path.as_uri()).values()
    for report in reports:
        assert report.violations == []
        assert report.shown["wide"] == []
        assert report.shown["broken"] == report.shown["images"] == []
        assert report.foreign == report.errors == []


def numbers(svg):
    """The numbers of a drawing, and what stands between them, but for names of parts.

    These are digests of the numbers, and know their last digits.
    """
    svg = re.sub(r"\b[mp][0-9a-f]{10}\b", "part", svg)
    number = r"-?\d+\.?\d*(?:e-?\d+)?"
    return np.array(re.findall(number, svg), float), re.split(number, svg)


def test_the_picture_of_the_readme_is_that_of_the_report():
    """On light and on dark; with SCALINGLIB_STORE=all it is made anew."""
    readme = (ROOT / "README.md").read_text()
    guess = laws.forecast(measured(), at=50000)
    drawn = picture(lambda ax: with_legend(ax, plot_forecast, guess), "as there")
    for theme in ("light", "dark"):
        path = Path(str(LIGHT).replace("light", theme))
        svg = b64decode(getattr(drawn, theme).split(",")[1]).decode()
        if os.environ.get("SCALINGLIB_STORE") == "all":
            path.write_text(svg)
        there, kept = numbers(path.read_text()), numbers(svg)
        assert there[1] == kept[1]
        np.testing.assert_allclose(there[0], kept[0], atol=0.02, rtol=1e-5)
        assert path.name in readme
    low, high = guess.interval()
    assert f"between {low:.3f} and {high:.3f}" in readme


def test_without_its_library_it_says_what_to_install(monkeypatch):
    """In a line, with the command that installs it."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match="pip install jinja2"):
        forecast_report(FEW, at=512)
