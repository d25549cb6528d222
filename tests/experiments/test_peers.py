"""Forecasts by other means: what is stored, what the page tells, what they are."""

import re

import numpy as np
import pytest
from thorough import first_of
from whereabouts import ROOT

from scalinglib import stored
from scalinglib.experiments import peers

X = 2.0 ** np.arange(4, 14)
WORTH = {"held": "{:.0%}", "score": "{:.2f}", "error": "{:.3f}"}


@pytest.fixture(scope="module")
def found():
    """All that was forecast."""
    return stored.load("peers")


def test_the_page_tells_what_is_stored(found):
    """Every number of its three tables."""
    worth = peers.scored(found)
    page = (ROOT / "book/practice/peers.md").read_text()
    rows = re.findall(r"^\| ([^|]+?) \| (.*\d.*) \|$", page, re.M)
    told = [
        line.replace(" %", "%").split(" | ") for name, line in rows if name != "way"
    ]
    expected = [
        [form.format(float(value)) for value in worth[what].sel(peer=peer)]
        for what, form in WORTH.items()
        for peer in peers.PEERS
    ]
    assert told == expected


def test_the_page_says_what_its_tables_say(found):
    """The ranges and the comparisons of its prose."""
    page = (ROOT / "book/practice/peers.md").read_text()
    worth = peers.scored(found)
    held, score, error = worth.held, worth.score, worth.error
    chosen = ["law of least AICc", "law best ahead"]
    far = held.sel(peer=[*chosen, "local slope"], horizon=[8, 16])
    assert f"they hold {far.min():.0%} to {far.max():.0%}".replace("%", "") in (
        page.replace(" %", "")
    )
    fixed = held.sel(peer=["power with floor", "MMF", "Weibull"])
    assert "a quarter to two thirds" in page
    assert 0.25 < fixed.min() < 0.3
    assert 0.6 < fixed.max() < 0.67
    floor = "power with floor"
    assert (score.sel(peer=chosen, horizon=8) > score.sel(peer=floor, horizon=8)).all()
    later = error.sel(peer=chosen, horizon=[8, 16])
    assert (later > error.sel(peer=floor, horizon=[8, 16])).all()
    best = score.sel(peer="this package")
    assert (best < score.sel(peer=[floor, *chosen])).all()
    # Two times ahead, a ruler does as well.
    assert abs(score.sel(peer="local slope") - best).sel(horizon=2) < 0.1


@pytest.mark.parametrize("peer", first_of(peers.PEERS, 3))
def test_a_few_are_forecast_again(found, peer):
    """Of every twentieth curve, eight times ahead."""
    if peers.PEERS[peer] == "past errors":
        found = found.isel(end=[0])
    for k, (name, x, loss) in enumerate(peers.curves_of(True)):
        if k % 20 == 0:
            n = int((x <= x[-1] / 8).sum())
            said = np.atleast_1d(peers.predict(peer, (x[:n], loss[:n]), x[-1]))
            kept = found.said.sel(peer=peer, curve=name, horizon=8).values
            if peers.PEERS[peer] == "past errors":  # the median is moved by theirs
                said = said + np.median(kept - said)
            np.testing.assert_allclose(said, kept, atol=0.02)


def test_fits_find_their_own_law():
    """Curves of each law with small noise: its forecast, within its interval."""
    rng = np.random.default_rng(0)
    truths = {
        "power with floor": lambda x: 0.1 + x**-0.5,
        "MMF": lambda x: (0.5 * 20 + 0.05 * x**0.8) / (20 + x**0.8),
        "Weibull": lambda x: 0.05 + 0.5 * np.exp(-0.05 * x**0.5),
    }
    for name, law in truths.items():
        loss = law(X)[:, None] * np.exp(0.01 * rng.standard_normal((len(X), 5)))
        median, low, high = peers.predict(name, (X, loss), 4 * X[-1])
        assert low < median < high
        assert abs(median - np.log(law(4 * X[-1]))) < 0.1


def test_lines_are_lines():
    """The last value is that, and the slope goes through the last four sizes."""
    curve = X, X[:, None] ** -0.5
    assert peers.predict("last value", curve, 1e5) == pytest.approx(np.log(X[-1]) / -2)
    assert peers.predict("local slope", curve, 1e5) == pytest.approx(np.log(1e5) / -2)
    median, low, high = peers.predict("Gaussian process", curve, 2 * X[-1])
    assert low <= median <= high
    assert median == pytest.approx(np.log(2 * X[-1]) / -2, abs=0.2)


def test_scores_by_hand(found):
    """Widths, twenty times what lies outside, and a failure as bad as the worst."""
    one = found.isel(peer=[0], curve=[0, 1, 2], horizon=[0]).copy(deep=True)
    one.truth[:] = np.array([[0.0], [0.5], [0.0]])
    one.said[:] = np.array([[[[0.1, -1, 1]], [[0.2, -0.1, 0.4]], [[np.nan] * 3]]])
    worth = peers.scored(one).isel(peer=0, horizon=0)
    second = 0.5 + 20 * 0.1
    assert float(worth.score) == pytest.approx((2 + 2 * second) / 3)
    assert float(worth.held) == pytest.approx(1 / 3)
    assert float(worth.error) == pytest.approx(0.3)
    assert float(worth.failed) == pytest.approx(1 / 3)
