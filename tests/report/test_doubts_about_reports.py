"""What an attack on reports and their command found, one test each."""

import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from test_reports import cells
from thorough import first_of, some, unless_touched
from typer.testing import CliRunner

from scalinglib import laws, plotting
from scalinglib.cli import commands
from scalinglib.report import forecast_report
from scalinglib.report.pictures import Picture
from scalinglib.report.records import digits_for, percent

pytestmark = unless_touched("scalinglib/report", "scalinglib/plotting", "tests/report")

X = 2.0 ** np.arange(6, 14)
LOSS = (0.1 + X**-0.5)[:, None] * np.random.default_rng(0).normal(1, 0.05, (8, 5))


@pytest.fixture
def undrawn(monkeypatch):
    """Reports in a third of the time, where nobody looks at their pictures."""
    monkeypatch.setattr(
        "scalinglib.report.forecasts.picture",
        lambda draw, says: Picture("data:,", "data:,", says),
    )


def text(html):
    """What a reader sees, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<.*?>", " ", html))


def test_a_score_is_not_called_by_its_name(undrawn):
    """What became of it stands in the title, in the tables and in the checklist."""
    curve = laws.read({"D": X, "acc": 1 - LOSS[:, 0]}, loss="acc", score=True)
    assert curve.name == "1 − acc"
    negative = laws.read({"D": X, "neg_loss": -LOSS[:, 0]}, loss="neg_loss", score=True)
    assert negative.name == "−neg_loss"
    html = forecast_report(curve, at=1e5).html
    assert "1 − acc at D" in html
    assert "A score was turned into a loss, 1 − acc." in html


def test_an_assumed_power_that_falls_gains_for_certain():
    """The level is the same at both sizes, and takes no part in what is gained."""
    x = 2.0 ** np.arange(6, 16)
    loss = 3 * x**-0.05 * np.random.default_rng(0).normal(1, 0.02, 10)
    low, high = laws.fit((x, loss), "power").interval("exponent", 0.9)
    found = laws.gain((x, loss), 2, assume="power")
    assert found.interval() == pytest.approx(
        -np.expm1(-np.log(2) * np.array([low, high])), abs=0.004
    )
    assert laws.gain((x, loss), 1.001, assume="power").probability > 0.999


def test_the_past_of_a_law_allows_for_noise():
    """Curves that follow a law, one run each: their past holds as it says."""
    rng, held, warned = np.random.default_rng(0), [], 0
    x = np.geomspace(64, 1e5, 20)
    for _ in some(range(12), 6):
        guess = laws.forecast(
            (x, x**-0.3 * np.exp(0.05 * rng.standard_normal(20))),
            at=4e5,
            assume="power",
        )
        past = guess.past
        held += ((past.low <= past.loss) & (past.loss <= past.high)).values.tolist()
        warned += len(guess.warnings)
    assert 0.75 < np.mean(held) < 0.97
    assert warned <= 4  # late forecasts share their measurement


def test_many_sizes_take_no_longer(undrawn):
    """They are averaged in steps, and the checklist says so."""
    x = np.arange(1, 1001) * 100.0
    html = forecast_report((x, x**-0.3), at=1e6).html
    assert "At most 48: 1000 sizes, averaged in steps of log size." in html
    assert (
        len(laws.compare((x[:200], x[:200] ** -0.3), ["power", "floor"]).origins) == 24
    )


def test_shares_have_no_powers_of_ten(undrawn):
    """Neither all of a law, nor a law that is far off."""
    assert [percent(x, 2) for x in (1.0, 0.054, 57.0, 1e9)] == [
        "100 %", "5.4 %", "5700 %", "over a million %",
    ]  # fmt: skip
    html = forecast_report((X, LOSS), at=65536, assume="power").html
    assert "power 100 %" in html
    assert not re.search(r"\de\+\d+ %", html)


def test_narrow_intervals_keep_their_width(undrawn):
    """Losses that hardly fall are told with as many digits as tell the ends apart."""
    x = np.geomspace(1e8, 1e10, 12).round()
    mean = (1.82 + 406 / x**0.34) * np.random.default_rng(0).normal(1, 2e-4, 12)
    curve = xr.DataArray(mean, {"N": x}, name="loss")
    curve = curve.assign_coords(error=("N", mean * 2e-4))
    made = forecast_report(curve, at=2e10, assume="floor")
    told = cells(made.html)
    for cell in told:
        if found := re.fullmatch(r"([\d.]+) to ([\d.]+)", cell):
            assert float(found[1]) < float(found[2])
    low, high = made.forecasts[0].interval()
    digits = digits_for(low, high)
    assert f"<b>{low:.{digits}g}</b> to <b>{high:.{digits}g}</b>" in made.html


def test_warnings_tell_the_size_they_are_about(undrawn):
    """Where there are several; and every size has its interval of the level."""
    made = forecast_report((X, LOSS), at=[1e5, 1e8], level=0.99)
    assert len(made.forecasts[1].warnings) > 0
    assert re.search(r"Trust it less.</b> At 100\u202f000\u202f000: ", made.html)
    low, high = made.forecasts[1].interval(0.99)
    assert f"{low:.{digits_for(low, high, 3)}g} to " in made.html
    assert "99 %" in cells(made.html)


def test_a_size_barely_beyond_is_drawn():
    """The picture begins where the curve ends, however short the way is."""
    assert "8192.5" in forecast_report((X, LOSS), at=8192.5).html


@pytest.mark.parametrize(("level", "dark", "light"), [(0.3, 30, 50), (0.9, 50, 90)])
def test_the_caption_tells_which_band_is_which(level, dark, light, undrawn):
    """The dark one is the narrower."""
    told = text(forecast_report((X, LOSS), at=65536, level=level).html)
    assert (
        f"the dark band holds {dark} % of the probability, the light one {light} %"
        in told
    )


def test_levels_keep_their_digits(undrawn):
    """Nine hundred thousand in a million is not certain."""
    html = forecast_report((X, LOSS), at=65536, level=0.999999).html
    assert "99.9999 % probability" in html
    assert "100 %" not in text(html)
    ax = plotting.subplots()
    plotting.plot_forecast(ax, laws.forecast((X, LOSS), at=65536, level=1 - 1e-10))


def test_prose_is_of_the_case_at_hand(undrawn):
    """No picture is named that is not there; what is kept of settings is told."""
    three = text(forecast_report((X[:3], LOSS[:3]), at=1e5).html)
    assert "next picture" not in three
    four = text(forecast_report((X[:4], LOSS[:4]), at=1e5).html)
    assert "1 law fitted beside it" in four
    single = text(forecast_report((X, LOSS[:, 0]), at=1e5).html)
    assert "logarithm of the mean loss." in single
    assumed = text(forecast_report((X, LOSS), at=1e5, assume="law").html)
    named = re.search(r"Taken for granted: (.*?)\.", assumed)[1]
    speak = laws.forecast((X, LOSS), at=1e5, assume="law").speak
    assert named == ", ".join(name for name, share in speak.items() if share >= 0.005)
    table = {
        "D": [*X, *X],
        "lr": [1] * 8 + [2] * 8,
        "loss": [*LOSS[:, 0], *LOSS[:, 1] + 1],
    }
    best = text(forecast_report(laws.read(table, best="lr"), at=1e5).html)
    assert "Of lr the best was kept at each size." in best


@pytest.mark.parametrize("name", first_of(["$L_{$", "share", "[bold]"]))
def test_names_are_names(name, tmp_path):
    """Whatever a library would make of them."""
    path, report = tmp_path / "runs.csv", tmp_path / "out.html"
    pd.DataFrame({name: X, "loss [/nats]": LOSS[:, 0]}).to_csv(path, index=False)
    words = ["forecast", str(path), "--size", name, "--loss", "loss [/nats]"]
    done = CliRunner().invoke(
        commands.app,
        [*words, "--at", "1e5", "--report", str(report)],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    assert name in done.stdout
    assert "loss [/nats]" in done.stdout
    assert report.exists()


def test_the_style_of_the_caller_is_not_that_of_the_report():
    """Fonts that are not there, dark backgrounds: the bytes are the same."""
    plain = forecast_report((X[:4], LOSS[:4]), at=1e5).html
    with mpl.rc_context({"text.usetex": True, "axes.facecolor": "k", "font.size": 30}):
        assert forecast_report((X[:4], LOSS[:4]), at=1e5).html == plain


def test_scores_of_labelled_ends():
    """Infinite ends that meet, and sizes that do not agree."""
    assert laws.interval_score(np.inf, np.inf, 1.0) == np.inf
    low = xr.DataArray([0.0, 1.0], {"k": [0, 1]})
    with pytest.raises(ValueError, match="must agree"):
        laws.interval_score(low, low.assign_coords(k=[1, 2]) + 1, 0.5)
    with pytest.raises(ValueError, match="sizes must be within"):
        laws.forecast((X, LOSS), at=1e5).fan([1e-300, 1e5])
