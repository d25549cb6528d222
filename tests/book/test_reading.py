"""The built pages in a reader's hands: on a server, in the dark, by keyboard."""

import contextlib

import pytest
from browser import loaded, opened
from test_counts import MAIN
from test_counts import page as named
from thorough import first_of, unless_touched

pytestmark = unless_touched("book/_static", "book/_ext", "_config", "tests/book")


def test_served_page_is_whole(browser, address):
    """From a server, too, MathJax loads its fonts and parts, and nothing is missing.

    What is not found is an error on the console. All pages are tried as files.
    """
    with opened(browser, f"{address}/book/02_variance_limited.html") as (page, heard):
        untypeset = ".math:not(:has(mjx-container)), mjx-merror"
        assert page.locator(".math").count() > 20
        assert page.locator(untypeset).count() == 0
        assert heard.errors == heard.foreign == []


def test_front_page_leads_to_the_book(browser, book):
    """The index.html that the README names opens the book's first page."""
    with contextlib.closing(browser.new_page()) as page:
        page.goto((book / "index.html").as_uri())
        page.wait_for_url("**/book/index.html")
        assert page.locator("article h1").is_visible()


SCREENS = {"laptop": (1280, 900), "phone": (390, 844)}


@pytest.mark.parametrize("path", first_of(MAIN, 2), ids=lambda path: path.stem)
def test_first_screen_shows_the_picture(browser, book, path):
    """The opening figure is whole on a laptop's first screen, begun on a phone's."""
    url = (book / f"{named(path)}.html").as_uri()
    with loaded(browser, url, typeset=False) as (page, _):
        for screen, (width, height) in SCREENS.items():
            page.set_viewport_size({"width": width, "height": height})
            box = page.locator(".cell_output img").first.bounding_box()
            shown = box["height"] if screen == "laptop" else 100
            assert box["y"] + shown <= height, screen


def test_panels_stand_below_each_other_on_a_phone(browser, address):
    """On a phone each panel is as wide as the text, and nothing of it is cut off."""
    url = f"{address}/book/04_random_features.html"
    with loaded(browser, url, typeset=False) as (page, _):
        parts = page.locator(".panels").first.locator("span")
        assert not parts.first.is_visible()
        assert (
            page.locator(".cell_output figure img").first.bounding_box()["width"] > 600
        )
        page.set_viewport_size({"width": 390, "height": 844})
        boxes = [part.bounding_box() for part in parts.all()]
        assert len(boxes) == 2
        for box, after in zip(boxes, [*boxes[1:], None], strict=True):
            assert 0 <= box["x"] <= 390 - box["width"]
            assert box["width"] > 300
            assert after is None or after["y"] >= box["y"] + box["height"]


def test_search_finds_what_stands_on_a_page(browser, address):
    """The field of a page leads to the search, which alone loads the index of words."""
    url = f"{address}/book/03_nearest_neighbours.html"
    with loaded(browser, url, typeset=False) as (page, _):
        page.locator(".search-button-field:visible").click()
        page.locator("input[type=search]:visible").fill("Delaunay")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=Delaunay*")
        page.locator("#search-results li").first.wait_for()
        assert "Nearest neighbours" in page.locator("#search-results").inner_text()
        page.goto(f"{address}/search.html?q=fit_loss_surface")
        page.locator("#search-results li").first.wait_for()
        assert "fit_loss_surface" in page.locator("#search-results").inner_text()


def luminance(page):
    """Return the mean channel of the page's background, between 0 and 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = colour[colour.index("(") + 1 : -1].split(",")[:3]
    return sum(map(float, channels)) / 3


def test_dark_switch_darkens_and_is_remembered(browser, address):
    """The switch turns a light page dark, figures too, and the choice is kept."""
    url = f"{address}/book/01_power_laws.html"
    with loaded(browser, url, typeset=False) as (page, _):
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
    url = f"{address}/book/index.html"
    with loaded(browser, url, typeset=False) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('.skip-link a')")
        page.keyboard.press("Enter")
        assert page.url.endswith("#main-content")


def test_hint_opens_by_keyboard(browser, address):
    """A hint is reached by Tab and opened by Enter."""
    url = f"{address}/book/01_power_laws.html"
    with loaded(browser, url, typeset=False) as (page, _):
        press_tab_until(page, "details.sd-dropdown > summary")
        is_open = "document.activeElement.parentElement.open"
        assert not page.evaluate(is_open)
        page.keyboard.press("Enter")
        assert page.evaluate(is_open)


def test_solution_opens_by_keyboard(browser, address):
    """A solution is closed at first, reached by Tab and opened by Enter."""
    url = f"{address}/book/01_power_laws.html"
    with loaded(browser, url, typeset=False) as (page, _):
        body = page.locator(".solution.dropdown [id^=solution-content]").first
        assert not body.is_visible()
        press_tab_until(page, ".solution .toggle-button")
        page.keyboard.press("Enter")
        assert body.is_visible()
