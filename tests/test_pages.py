"""The built pages, as a reader meets them: every page, in four ways of looking."""

import contextlib
import itertools

import pytest
from browser import measure, opened, served
from conftest import chapters

# A page of the source viewer stands for all: the API page links to them.
PAGES = [*chapters(), "genindex", "search", "_modules/scalinglib/sweep"]
LOOKS = {
    "light": {"scheme": "light"},
    "dark": {"scheme": "dark"},
    "phone": {"scheme": "light", "width": 390},
    "file": {"scheme": "light"},  # as the README says: the file, without a server
}


@pytest.fixture(scope="module")
def address(book):
    """Where the pages are, by way of looking."""
    with served(book) as url:
        yield dict.fromkeys(LOOKS, url) | {"file": book.as_uri()}


@pytest.fixture(scope="module", params=itertools.product(PAGES, LOOKS), ids="-".join)
def report(request, browser, address):
    """What one page shows when looked at in one way."""
    page, look = request.param
    url = f"{address[look]}/{page}.html"
    return measure(browser, url, axe=look != "file", **LOOKS[look])


def test_book_builds_strictly(build):
    """The book builds from nothing, with warnings as errors and every reference."""
    process, _ = build
    assert process.returncode == 0, process.stderr


def test_asks_no_other_host(report):
    """A page loads without a request to another host."""
    assert report.foreign == []


def test_console_is_silent(report):
    """A page loads without an error or a warning on the console."""
    assert report.errors == []


def test_every_formula_is_typeset(report):
    """MathJax has seen every formula and rejected none."""
    assert report.shown["untypeset"] == []
    assert report.shown["failed"] == []


def test_no_markup_is_left_in_the_text(report):
    """No TeX, no dollar formula and no MyST role shows as such in the text."""
    assert report.shown["markup"] == []


def test_every_image_shows_and_says_what_it_shows(report):
    """Every image is there and has an alternative text that is not a file name."""
    assert report.shown["broken"] == []
    assert report.shown["images"] == []


def test_nothing_is_wider_than_the_page(report):
    """What is too wide scrolls inside itself, on a phone too."""
    assert report.shown["wide"] == []


def test_page_is_light(report):
    """A page weighs less than 1.5 MB before MathJax."""
    assert report.shown["bytes"] < 1_500_000


def test_no_serious_barrier(report):
    """Axe finds no serious or critical barrier, neither ours nor the theme's."""
    assert report.violations == []


def test_api_page_has_typeset_maths(browser, address):
    """The equations of the docstrings are formulas on the API page."""
    shown = measure(browser, f"{address['light']}/book/api.html", axe=False).shown
    assert shown["formulas"] > 20


def test_front_page_leads_to_the_book(browser, address):
    """The index.html that the README names opens the book's first page."""
    with contextlib.closing(browser.new_page()) as page:
        page.goto(f"{address['file']}/index.html")
        page.wait_for_url("**/book/index.html")
        assert page.locator("article h1").is_visible()


def luminance(page):
    """Return the mean channel of the page's background, between 0 and 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = colour[colour.index("(") + 1 : -1].split(",")[:3]
    return sum(map(float, channels)) / 3


def test_dark_switch_darkens_and_is_remembered(browser, address):
    """The switch turns a light page dark, figures too, and the choice is kept."""
    url = f"{address['light']}/book/01_power_laws.html"
    with opened(browser, url) as (page, _):
        assert luminance(page) > 250
        for _ in range(3):  # the switch goes round three states
            if page.get_attribute("html", "data-mode") != "dark":
                page.locator(".theme-switch-button:visible").click()
        page.reload()
        assert page.get_attribute("html", "data-theme") == "dark"
        assert luminance(page) < 40
        figure = page.locator(".cell_output img").first
        assert "invert" in figure.evaluate("image => getComputedStyle(image).filter")


def press_tab_until(page, css):
    """Press Tab until the element in focus matches; fail if that never comes."""
    for _ in range(500):
        page.keyboard.press("Tab")
        if page.evaluate("css => document.activeElement.matches(css)", css):
            return
    pytest.fail(f"Tab never reaches {css}")


def test_skip_link_is_the_first_stop(browser, address):
    """The first Tab stop skips the navigation."""
    with opened(browser, f"{address['light']}/book/index.html") as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('.skip-link a')")
        page.keyboard.press("Enter")
        assert page.url.endswith("#main-content")


def test_hint_opens_by_keyboard(browser, address):
    """A hint is reached by Tab and opened by Enter."""
    url = f"{address['light']}/book/01_power_laws.html"
    with opened(browser, url) as (page, _):
        press_tab_until(page, "details.sd-dropdown > summary")
        is_open = "document.activeElement.parentElement.open"
        assert not page.evaluate(is_open)
        page.keyboard.press("Enter")
        assert page.evaluate(is_open)


def test_solution_opens_by_keyboard(browser, address):
    """A solution is closed at first, reached by Tab and opened by Enter."""
    url = f"{address['light']}/book/01_power_laws.html"
    with opened(browser, url) as (page, _):
        body = page.locator(".solution.dropdown [id^=solution-content]").first
        assert not body.is_visible()
        press_tab_until(page, ".solution .toggle-button")
        page.keyboard.press("Enter")
        assert body.is_visible()


BROKEN = r"""<!doctype html><html lang="en"><title>Broken</title><body>
<p>Raw \(x\), $y^2$ and a {role}`left over`.</p>
<img src="https://example.org/figure.png" alt="figure.png">
<span class="math">x</span><mjx-merror>y</mjx-merror>
<div style="width: 3000px; color: #ddd">Too wide and too pale.</div>
<script>console.error("said"); throw new Error("thrown");</script>
</body></html>"""


def test_measures_find_faults(browser, tmp_path):
    """A page with every fault in it is found to have every fault."""
    page = tmp_path / "broken.html"
    page.write_text(BROKEN)
    report = measure(browser, page.as_uri())
    assert report.foreign == ["https://example.org/figure.png"]
    assert [text for text in ("said", "thrown") if text in str(report.errors)] == [
        "said",
        "thrown",
    ]
    for fault in ("failed", "untypeset", "markup", "wide", "images", "broken"):
        assert report.shown[fault], fault
    assert "color-contrast" in [rule for rule, *_ in report.violations]
