"""The line that a reader straightens: a planted law, a floor, a truth on request."""

import pytest
from playwright.sync_api import expect
from thorough import unless_touched

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book")

PAGE = """<div class="law-explorer" data-amplitude="1.0" data-exponent="0.5"
data-offset="0.1" data-noise="0.02" data-xmin="10" data-xmax="100000"
data-points="17"></div>"""


def test_explorer_is_straight_at_the_true_floor(page):
    """Both slopes agree at the planted floor, to 0.02, and a step beside it do not."""
    widget = page.locator(".law-widget")
    summary = widget.locator(".law-summary")
    floor = widget.get_by_label("Floor to subtract")

    def slopes():
        text = [widget.locator(f"[data-value={s}]").inner_text() for s in sides]
        return [float(value.replace("−", "-")) for value in text]

    sides = ("left", "right")
    floor.fill("0.1")
    expect(summary).to_contain_text("straight, and the slope is −α")
    assert slopes() == pytest.approx([-0.5, -0.5], abs=0.02)
    assert abs(slopes()[0] - slopes()[1]) < 0.02
    floor.press("ArrowLeft")
    expect(summary).to_contain_text("With floor 0.099")
    expect(summary).to_contain_text("still bending, the tail flattens")
    floor.fill("0.101")
    expect(summary).to_contain_text("still bending, the tail drops away")
    floor.fill("0.105")
    expect(summary).to_contain_text("the floor is too high, 2 points have no excess")
    expect(widget.locator("circle[data-mark=lost]")).to_have_count(2)


def test_explorer_takes_a_trial_line(page):
    """A line with the true exponent and amplitude lies on the points."""
    widget = page.locator(".law-widget")
    summary = widget.locator(".law-summary")
    widget.get_by_label("Floor to subtract").fill("0.1")
    expect(summary).to_contain_text("Your line misses the points by")
    widget.get_by_label("Exponent of your line").fill("0.5")
    widget.get_by_label("Amplitude of your line").fill("0")
    expect(summary).to_contain_text("Your line lies on the points")


def test_explorer_reveals_and_hides_the_truth(page):
    """The truth is drawn and told on request only."""
    truth = page.locator(".law-widget polyline[data-mark=truth]")
    summary = page.locator(".law-summary")
    expect(truth).to_have_count(0)
    page.get_by_role("button", name="Reveal the truth").click()
    expect(truth).to_have_count(1)
    expect(summary).to_contain_text("floor 0.1, exponent 0.5, amplitude 1")
    page.get_by_role("button", name="Hide the truth").click()
    expect(truth).to_have_count(0)
