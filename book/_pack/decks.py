"""Decks printed by Chromium: tagged PDF with an outline, nothing from outside."""

import contextlib
import importlib.util
import tempfile
from pathlib import Path

from . import slides
from .printing import ARGUMENTS, chromium

#: What reaches beyond the margins of its slide, by the words that it begins with.
OVERFLOWING = """() => [...document.querySelectorAll("section")].flatMap((slide) => {
  const { right, top } = slide.getBoundingClientRect();
  const { paddingRight, paddingBottom } = getComputedStyle(slide);
  const end = right - parseFloat(paddingRight);
  const bottom = top + slide.clientHeight - parseFloat(paddingBottom);
  return [...slide.querySelectorAll("h1, h2, p, li, pre, code, img, svg")]
    .filter((part) => {
      const box = part.getBoundingClientRect();
      return box.right > end + 1 || box.bottom > bottom + 1;
    })
    .map((part) => `${slide.querySelector("h1, h2").textContent}: `
      + (part.textContent.trim().slice(0, 40) || part.tagName));
})"""
UNSET = """() => [...document.querySelectorAll("mjx-merror, [data-mjx-error]")]
  .map((formula) => formula.textContent)"""


def mathjax():
    """Address of the MathJax that comes with the extension of the book."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    return (Path(found.origin).parent / "static/mathjax/tex-svg.js").as_uri()


@contextlib.contextmanager
def shown(browser, deck):
    """Open a deck in a browser, wait for its formulas and pictures; yield the page."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "deck.html")
        file.write_text(slides.page(deck, mathjax()), encoding="utf-8")
        with contextlib.closing(browser.new_page(viewport=None)) as page:
            page.goto(file.as_uri(), wait_until="load")
            page.evaluate("() => MathJax.startup.promise")
            yield page


def faults(page):
    """What is wrong with a deck that is shown: what overflows, what is no formula."""
    return page.evaluate(OVERFLOWING) + page.evaluate(UNSET)


def print_deck(browser, deck, path):
    """Print one deck, unless it has faults; return the number of slides."""
    with shown(browser, deck) as page:
        if wrong := faults(page):
            raise SystemExit(f"{deck.name}: {wrong}")
        page.pdf(
            path=path,
            prefer_css_page_size=True,
            print_background=True,
            tagged=True,
            outline=True,
        )
        return page.locator("section").count()


def print_decks(to, numbers=()):
    """Print the decks of meetings, or of all, into a folder; return their paths."""
    from playwright.sync_api import sync_playwright

    sources = slides.meetings()
    unknown = {*numbers} - {*sources}
    if unknown:
        raise SystemExit(f"meetings are {[*sources]}, not {sorted(unknown)}")
    to.mkdir(parents=True, exist_ok=True)
    made = {to / f"meeting-{n}.pdf": sources[n] for n in numbers or sources}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for path, deck in made.items():
            print_deck(browser, deck, path)
        browser.close()
    return list(made)
