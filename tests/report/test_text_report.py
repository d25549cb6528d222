"""Reports of texts: the numbers of the package, what is not known, for everyone."""

import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from browser import blank, measure
from made_up_texts import branching, of_parts
from thorough import long, sparing

from scalinglib import text
from scalinglib.report import text_report
from scalinglib.report.pictures import Picture
from scalinglib.report.records import digits_for
from scalinglib.report.text_records import text_record

HOSTILE = '<script>alert("x")</script> & $x$'
LEVEL = 0.8


@pytest.fixture(scope="module")
def found():
    """All statistics of a grammar's sentences."""
    return text.analyse(text.characters(branching(20_000, rng=3)), orders=4, rng=0)


@pytest.fixture(scope="module")
def made(found):
    """A report with hostile words."""
    return text_report(found, level=LEVEL, title=HOSTILE, source={"command": HOSTILE})


@pytest.fixture(scope="module")
def periodic():
    """A text of which everything is known after a token."""
    return text.analyse(text.characters("ab" * 1000), orders=3, rng=0)


@pytest.fixture
def undrawn(monkeypatch):
    """Reports in a tenth of the time, where nobody looks at their pictures."""
    monkeypatch.setattr(
        "scalinglib.report.texts.picture",
        lambda draw, says: Picture("data:,", "data:,", says),
    )


def cells(html):
    """Text of every cell of every table."""
    found = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html, re.S)
    return [unescape(re.sub(r"<.*?>", "", cell)) for cell in found]


def seen(html):
    """What a reader sees, without tags."""
    shown = re.sub(r"<(style|script).*?</\1>", "", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<.*?>", "", shown)).split())


def test_the_record_is_what_was_found(found):
    """Exponents with their ends, ranges and octaves; tables; the verdict."""
    record = text_record(found, LEVEL)
    for name in ("beta", "gamma", "measured"):
        told, exponent = record["exponents"][name], getattr(found, name)
        assert told["value"] == exponent.value
        assert (told["low"], told["high"]) == exponent.interval(LEVEL)
        assert (told["first"], told["last"]) == (exponent.first, exponent.last)
        assert told["octaves"] == exponent.octaves.tolist()
        assert told["status"] == exponent.status
    told = record["exponents"]["predicted"]
    assert told["value"] == found.gamma.value / (2 * found.beta.value)
    assert (told["low"], told["high"]) == found.predicted.interval(LEVEL)
    assert record["verdict"] == found.verdict(LEVEL)
    assert record["text"]["tokens"] == 20_000
    assert record["text"]["frequent"][0]["token"] == found.tokens.vocabulary[0]
    shares = [each["count"] for each in record["text"]["frequent"]]
    assert sum(shares) == 20_000  # six letters are all that there are
    horizons = [(row["D"], row["n"]) for row in record["horizons"]]
    assert [D for D, _ in horizons] == [1000, 10_000, 20_000]
    expected = found.correlations.horizon([1000, 10_000, 20_000])
    np.testing.assert_allclose(np.array([n for _, n in horizons], float), expected)
    for row, loss in zip(record["losses"], found.curves.best, strict=True):
        assert row["loss"] == min(row["orders"]) == float(loss)
        assert row["orders"][row["order"]] == row["loss"]
        assert row["D"] == int(loss.D)
    assert [row["plug_in"] for row in record["entropies"]] == [*found.curves.plug_in]
    assert record["correlations"][0]["local"] == found.correlations.lags["local"][1]


def test_it_tells_the_numbers_of_the_package(made, found):
    """For people and for machines, with the verdict."""
    (told,) = re.findall(r'id="text">(.*?)</script>', made.html)
    assert json.loads(told) == text_record(found, LEVEL)
    assert found.verdict(LEVEL) in seen(made.html)
    listed = cells(made.html)
    for exponent in (found.beta, found.gamma, found.measured, found.predicted):
        digits = digits_for(*exponent.interval(LEVEL), 2)
        assert f"{exponent.value:.{digits}g}" in listed
    assert f"n from 1 to {found.beta.last:.0f}" in listed
    for n in (0, 1, 4):
        assert f"{found.curves.entropies['value'][n]:.3g}" in listed
    assert f"{found.curves.best.values[-1]:.4g}" in listed
    for warning in text_record(found)["warnings"]:
        assert warning[1:] in seen(made.html)
    strengths = made.html.split('<th scope="col">strength</th>')[1]
    lags = re.findall(r'<th scope="row">(\d+)</th>', strengths.split("</table>")[0])
    assert lags == [str(2**k) for k in range(8)]
    answer = re.search(r'class="answer">(.*?)</p>', made.html, re.S)[1]
    assert f"<strong>{found.measured.value:.3g}</strong>" in answer
    assert "80 % probability" in answer
    assert made.html.count("<figure>") == 3


def test_texts_are_escaped(made):
    """What a caller says is text."""
    assert HOSTILE not in made.html
    assert made.html.count("&lt;script&gt;") >= 3  # title, heading, command


def test_tokens_are_escaped_and_seen(undrawn):
    """Brackets are no tags, bells do not ring, and a space is seen."""
    odd = text.characters("<b>&\x07 \x1b" * 300)
    html = text_report(text.analyse(odd, orders=2, rng=0)).html
    assert "<code>&lt;</code>" in html
    assert r"<code>\x07</code>" in html
    assert "<code>␣</code>" in html
    assert "\x07" not in html
    assert "\x1b" not in html


def test_what_is_not_determined_has_its_reason(periodic, undrawn):
    """Before the first picture, once each; and no picture of what is zero."""
    html = text_report(periodic).html
    told = seen(html)
    assert f"γH is not determined: {periodic.reasons['gamma']}." in told
    assert "Nothing is predicted: that takes both βC and γH." in told
    assert "none can be predicted" in told
    assert told.count("is not determined:") == 1  # what follows from it has its own
    assert html.index("is not determined") < html.index("<figure>")
    assert html.count("<figure>") == 2
    assert "not determined" in " ".join(cells(html))
    assert "nan" not in told.lower().split()
    record = text_record(periodic)
    missing = record["exponents"]["gamma"]
    assert missing["because"] == periodic.reasons["gamma"]
    assert missing["value"] is missing["low"] is missing["octaves"] is None
    assert record["horizons"][-1]["n"] is None
    assert f"beyond {periodic.correlations.lags.index[-1]}" in cells(html)


@long
def test_no_entropy_is_said_to_be_below_zero():
    """Three errors below nothing is nothing, and bounds do not cross."""
    for written in ("abc d" * 800, "a" * 5000 + "b" * 5000):
        found = text.analyse(text.characters(written), orders=4, rng=0)
        low, high = found.curves.entropies["low"], found.curves.entropies["high"]
        assert low.min() >= 0
        assert (low <= high).all()
        shown = cells(text_report(found).html)[-30:]
        assert not any(cell.startswith("−") for cell in shown)


def test_nothing_at_all_can_be_said():
    """Of a letter that is another one once."""
    found = text.analyse(np.r_[np.zeros(1500, int), 1], orders=2, rng=0)
    record = text_record(found)
    assert all(record["exponents"][n]["value"] is None for n in ("beta", "gamma"))
    assert record["horizons"][0]["n"] == 0
    html = text_report(found).html
    assert "none" in cells(html)
    assert html.count("<figure>") == 1


def test_no_power_law_is_a_warning(found):
    """With the octaves from the least to the largest, unless they agree."""
    kinds = ("beta", "correlations"), ("gamma", "entropies"), ("measured", "best loss")
    for name, said in kinds:
        exponent = getattr(found, name)
        steady = replace(exponent, octaves=np.full(4, exponent.value))
        bent = replace(exponent, octaves=exponent.value * np.array([0.1, 1, 2]))
        for each, times in ((steady, 0), (bent, 1)):
            record = text_record(replace(found, **{name: each}))
            told = [w for w in record["warnings"] if f"{said} fall" in w]
            assert len(told) == times
            assert all(f"from {0.1 * exponent.value:.2g} to" in w for w in told)
            status = record["exponents"][name]["status"]
            assert status == ("no power law in this range" if times else "power law")


def test_parts_that_differ_are_a_warning(found):
    """Letters that are alone but for the part they are in; not a grammar's."""
    parts = text.analyse(text.characters(of_parts(20_000, part=7000, rng=0)), orders=2)
    (told,) = (w for w in text_record(parts)["warnings"] if "parts of the text" in w)
    lag = int(re.search(r"at lag (\d+)", told)[1])
    assert 64 * lag <= parts.correlations.block < 64 * 2 * lag
    row = parts.correlations.lags.loc[lag]
    assert row["local"] < row["strength"] / 2
    assert f"{row['strength']:.2g} is within blocks of 312 tokens" in told
    assert not any("parts of the text" in w for w in text_record(found)["warnings"])


def test_same_text_same_bytes(found, made):
    """No dates, no chance."""
    words = {"title": HOSTILE, "source": {"command": HOSTILE}}
    assert text_report(found, level=LEVEL, **words).html == made.html


@sparing("scalinglib/report", "tests/report")
def test_everyone_can_read_it(made, chromium, browser, tmp_path):
    """On a phone and in the dark: nothing wide, nothing foreign, no barrier."""
    path = made.save(tmp_path / "text.html")
    with blank(browser) as page:
        for look, report in measure(page, path.as_uri()).items():
            assert report.foreign == report.errors == report.violations == [], look
            assert report.shown["wide"] == report.shown["broken"] == [], look
            assert report.shown["images"] == [], look


def test_it_names_itself(found, undrawn):
    """A title says what the text is, if none is given."""
    report = text_report(found)
    assert "<h1>A text of 20\u202f000 characters</h1>" in report.html
    assert repr(report).endswith("20000 characters, 6 different>")
