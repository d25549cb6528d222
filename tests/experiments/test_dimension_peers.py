"""Dimensions by other means: what is stored, what the page tells, what they are."""

import re

import numpy as np
import pytest
from thorough import first_of, long
from whereabouts import ROOT

from scalinglib import stored
from scalinglib.experiments import dimension_peers as peers

PAGE = (ROOT / "book/practice/dimension_peers.md").read_text()


@pytest.fixture(scope="module")
def found():
    """All that was estimated."""
    return stored.load("dimension_peers")


def told(heading):
    """Rows of the table whose first line begins so, by name."""
    (table,) = re.findall(rf"^\| {heading} .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    rows = [line.strip("| \n").split(" | ") for line in table.splitlines()]
    return {row[0].strip("*`"): row[1:] for row in rows}


def percent(value, digits=0):
    """As the page writes it."""
    return "–" if np.isnan(value) else f"{100 * value:.{digits}f} %"


def test_the_page_tells_what_they_are_worth(found):
    """Errors, shares that hold, seconds, to the last digit."""
    worth = peers.by_peers(found)
    rows = told("way \\| error")
    assert list(rows) == list(peers.PEERS)
    for name, row in rows.items():
        one = worth.sel(peer=name)
        expected = [percent(one.middle.item(), 1), percent(one.worst.item())]
        expected += [percent(one.held.item()), f"{one.seconds.item():.2g}"]
        assert row == expected, name


@pytest.mark.parametrize("first", ["cube 3", "sphere 2", "circles 6"])
def test_the_page_tells_the_error_on_each_set(found, first):
    """The median of five draws, in per cent."""
    error = peers.by_peers(found).error
    (line,) = re.findall(rf"^\| way \| {first}.*\|$", PAGE, re.M)
    sets = line.strip("| ").split(" | ")[1:]
    for name, row in told(f"way \\| {first}").items():
        expected = [f"{100 * x:.1f}" for x in error.sel(peer=name, set=sets).values]
        assert row == expected, name


def test_every_set_is_on_the_page():
    """In one of the three tables."""
    lines = re.findall(r"^\| way \| (?!error)(.*) \|$", PAGE, re.M)
    named = [name for line in lines for name in line.split(" | ")]
    assert sorted(named) == sorted(peers.SETS)


@long
@pytest.mark.parametrize("of", first_of(["sphere 2", "rounded 3", "copies 5"]))
def test_ours_are_estimated_again(found, of):
    """The first draw of three sets; seconds aside."""
    X = peers.SETS[of][1](np.random.default_rng(0))
    for name in ("estimate", "TwoNN", "Levina-Bickel"):
        at = {"set": of, "draw": 0}
        kept = found.value.sel(peer=name, **at), *found.interval.sel(stating=name, **at)
        np.testing.assert_allclose(peers.fitted(name, X)[:3], kept, rtol=2e-3)


@pytest.mark.parametrize("name", [n for n, theirs in peers.PEERS.items() if theirs])
def test_theirs_are_estimated_again(found, name):
    """Where scikit-dimension is installed; but the slowest."""
    pytest.importorskip("skdim")
    if name in ("ESS", "DANCo"):
        pytest.skip("takes long")
    X = peers.SETS["cube 3"][1](np.random.default_rng(0))
    kept = found.value.sel(peer=name, set="cube 3", draw=0).item()
    assert peers.fitted(name, X)[0] == pytest.approx(kept, rel=0.05)


def test_only_those_have_intervals_that_state_one(found):
    """Scikit-dimension's state none."""
    held = peers.by_peers(found).held
    stated = held.peer[held.notnull()].values.tolist()
    assert stated == ["estimate", "TwoNN", "Levina-Bickel"]


def test_what_the_page_says(found):
    """The comparisons of its prose."""
    worth = peers.by_peers(found)
    ours = worth.sel(peer="estimate")
    others = worth.drop_sel(peer="estimate")
    assert ours.held == 1
    assert (ours.worst < others.worst / 4).all()
    assert (worth.held.sel(peer=["TwoNN", "Levina-Bickel"]) < 0.6).all()
    # Nearer on curved circles, and on nothing else, is TwoNN.
    nearer = worth.error.sel(peer="TwoNN") < ours.error
    assert nearer.set[nearer].values.tolist() == ["circles 6"]
    flat = ["cube 3", "cube 10", "cube 20", "normal 5", "normal 20"]
    spheres = ["sphere 2", "sphere 5", "sphere 10"]
    whole = worth.error.sel(peer="local PCA")
    assert (whole.sel(set=flat) == 0).all()
    one_too_many = whole.sel(set=spheres) * found.truth.sel(set=spheres)
    np.testing.assert_allclose(one_too_many, 1, atol=1e-6)


def test_the_numbers_in_its_prose(found):
    """Ranges and sizes that are written out."""
    error = peers.by_peers(found).error
    ratios = ["TwoNN", "Levina-Bickel", "MLE", "correlation", "TLE"]
    ratios += ["method of moments"]
    many = error.sel(peer=ratios, set=["cube 10", "cube 20", "normal 20"])
    assert f"miss {100 * many.min():.0f} to {100 * many.max():.0f} per cent" in PAGE
    spoiled = found.value.sel(peer="TwoNN", set=["copies 5", "rounded 3"])
    fewer, more = spoiled.median("draw") / [1, 3]
    assert fewer == pytest.approx(2, abs=0.1)
    assert more == pytest.approx(1.2, abs=0.02)
    held = peers.by_peers(found).held
    assert held.sel(peer="TwoNN") == pytest.approx(1 / 2, abs=0.06)
    assert held.sel(peer="Levina-Bickel") == pytest.approx(1 / 4, abs=0.06)
    circles = error.sel(peer="local PCA", set="circles 6")
    assert circles == pytest.approx(1, abs=1e-6)
