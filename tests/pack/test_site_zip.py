"""The zip of the site: unpacked and opened from the disk, it needs no network."""

import re
import zipfile
from urllib.parse import unquote, urlsplit

import pytest
from _pack import site
from browser import blank, listening
from playwright.sync_api import expect
from thorough import BOOK, unless_touched

pytestmark = unless_touched(*BOOK, "tests/pack")


@pytest.fixture(scope="module")
def place(book, tmp_path_factory):
    """Folder of the unpacked site."""
    folder = tmp_path_factory.mktemp("site")
    site.archive_site(book, folder / "site.zip", {"licences/ONE": b"one"})
    with zipfile.ZipFile(folder / "site.zip") as packed:
        packed.extractall(folder)
    return folder / site.TOP


def test_holds_what_pages_ask_for(place):
    """Every link, script, style and picture of the chapters is in the zip."""
    missing = set()
    for page in [*place.glob("*.html"), *place.glob("book/**/*.html")]:
        text = page.read_text(encoding="utf-8")
        for address in set(re.findall(r'\s(?:href|src)="([^"]+)"', text)):
            parts = urlsplit(address)
            path = page.parent / unquote(parts.path) if parts.path else page
            if not parts.scheme and not path.exists():
                missing.add(address)
    assert missing == set()


def test_is_no_larger_than_it_must_be(place):
    """One kind of MathJax, no notes for developers; the licence is there."""
    bundles = {path.name for path in place.glob("_static/mathjax/tex-*.js")}
    assert bundles == {"tex-chtml.js"}
    assert list(place.rglob("*.map")) == []
    assert (place / "licences" / "ONE").read_bytes() == b"one"
    assert "index.html" in (place / "README.txt").read_text()


def test_works_from_the_disk(browser, place):
    """Formulas are typeset; a question and a figure to play with answer."""
    with blank(browser) as page, listening(page) as report:
        page.goto((place / "index.html").as_uri(), wait_until="commit")  # it leads on
        page.wait_for_url("**/book/index.html")
        page.goto((place / "book" / "01_power_laws.html").as_uri())
        page.evaluate("() => MathJax.startup.promise")
        left = ".math:not(:has(mjx-container)), mjx-merror"
        expect(page.locator(left)).to_have_count(0)
        page.locator("#q-floor input[type=radio]").first.check()
        page.locator("#q-floor .question-submit").click()
        reply = page.locator("#q-floor .question-reply")
        expect(reply).to_have_attribute("data-state", re.compile("yes|no"))
        page.get_by_label("Floor to subtract").fill("0.1")
        expect(page.locator(".law-summary")).to_contain_text("With floor 0.1")
        page.reload()  # and what was answered is remembered
        expect(reply).to_have_attribute("data-state", re.compile("yes|no"))
        assert report.errors == []
        assert report.foreign == []


def test_search_finds_from_the_disk(browser, place):
    """A word leads to its page, and nothing is asked of a server."""
    with blank(browser) as page, listening(page) as report:
        page.goto(f"{(place / 'search.html').as_uri()}?q=octave")
        found = page.locator("ul.search li a")
        expect(found.first).to_be_visible()
        found.first.click()
        page.wait_for_url("**/book/**")
        assert report.errors == []
        assert report.foreign == []
