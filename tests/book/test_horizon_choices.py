"""Horizon and collapse: its languages and its learners, one of each at a time."""

import json
import math

import pytest
from playing import given, hosts, number, play
from playwright.sync_api import expect
from thorough import unless_touched

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/09")

KIND = "horizon-collapse"
PAGE = hosts()[KIND]


@pytest.fixture
def press(widget):
    """Press a button by its name."""
    return lambda name: widget.get_by_role("button", name=name).click()


def test_the_bible_has_no_sliders_of_a_language(widget, press):
    """What it is not made of is hidden, and comes back."""
    amplitude = widget.get_by_label("Amplitude")
    expect(amplitude).to_be_visible()
    press("the Bible")
    expect(amplitude).to_be_hidden()
    expect(widget.get_by_label("Data seen")).to_be_visible()
    press("the chain above")
    expect(amplitude).to_be_visible()
    assert number(widget, "alpha") == pytest.approx(2 / 3)


def test_the_bible_ends_and_so_does_its_slider(page, widget, press):
    """With all of it there is no more data, and a language has its own again."""
    data = widget.locator("input[data-key=D]")
    play(page, KIND, D=9)
    press("the Bible")
    expect(widget.locator("output[data-value=D]")).to_have_text("3.8·106, all of it")
    top = float(data.get_attribute("max"))
    assert 0 <= top - math.log10(json.loads(given(PAGE, "sizes"))[-1]) < 0.05
    data.press("ArrowLeft")
    expect(widget.locator("output[data-value=D]")).not_to_contain_text("all")
    press("one that you make")
    assert float(data.get_attribute("max")) == 9
    assert float(data.input_value()) == pytest.approx(top - 0.05, abs=1e-6)


def test_one_language_and_one_learner(page, widget, press):
    """Whatever is pressed or moved, one button of each group is in."""
    groups = [widget.locator(".law-buttons").nth(i) for i in (0, 1)]

    def pressed():
        return [
            group.locator("[aria-pressed=true]").all_inner_texts() for group in groups
        ]

    yours, chain, bible = "one that you make", "the chain above", "the Bible"
    backs, pays = "one that backs off", "one that pays for every order"
    assert pressed() == [[yours], [backs]]
    for name, expected in (
        (chain, [chain, backs]),
        (pays, [chain, pays]),
        (yours, [yours, pays]),
        (backs, [yours, backs]),
    ):
        press(name)
        assert pressed() == [[each] for each in expected]
    assert number(widget, "alpha") == pytest.approx(0.5 / 3.8)  # that of the start
    press(chain)
    play(page, KIND, gammaH=1)
    assert pressed() == [[yours], [backs]]
    press(bible)
    assert pressed()[0] == [bible]
    expect(groups[1]).to_be_hidden()
    press(yours)
    assert pressed() == [[yours], [backs]]
    assert number(widget, "alpha") == pytest.approx(1 / 3)
