"""Every question of the book answers back where it stands: each answer is given once.

One page with the mouse, the next in the dark with keys alone, the next on a phone with
a finger. The pages are served, and there is no other network: of pages from disk
Chromium now and then brings back what it kept before the last answer.
"""

import contextlib
import itertools
import re

import pytest
from browser import DRAWN, UNSET, listening
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from thorough import sparing
from whereabouts import ROOT, chapters

ASKING = [
    page
    for page in chapters()
    for path in [*ROOT.glob(f"{page}.ipynb"), *ROOT.glob(f"{page}.md")]
    if re.search(r":::\s?\{question\}", path.read_text(encoding="utf-8"))
]
WAYS = ["mouse", "keys", "finger"]


def answers(form):
    """Of a question as it is written: what to give, what it will be, the reason."""
    for i, answer in enumerate(form.select(".question-answer")):
        reason = answer.select_one(".question-feedback")
        for formula in reason.select(".math"):
            formula.replace_with("$")
        # The longest stretch of it without a formula.
        said = max(reason.get_text().split("$"), key=len)
        right = answer.has_attr("data-right")
        unsure = answer.has_attr("data-unsure")
        if form["data-kind"] == "choice":
            given = i
        else:  # the last one is whatever nobody expects
            given = form["data-answer"] if right else answer.get("data-value", "1e9")
        state = "yes" if right else "unsure" if unsure else "no"
        yield given, state, " ".join(said.split())


def give(page, form, given, way):
    """Give an answer with the mouse, with keys alone, or with a finger."""
    press = {"mouse": "click", "keys": "press", "finger": "tap"}[way]
    key = ["Enter"] if way == "keys" else []
    if isinstance(given, int):
        radio = form.get_by_role("radio").nth(given)
        getattr(radio, press)(*(["Space"] if key else []))
    else:
        form.get_by_role("textbox").fill("")
        form.get_by_role("textbox").press_sequentially(given)
    getattr(form.get_by_role("button", name="Check"), press)(*key)


@contextlib.contextmanager
def visited(browser, url, way):
    """Yield the open page, on which nothing may go wrong or be asked for."""
    phone = way == "finger"
    context = browser.new_context(
        viewport={"width": 390 if phone else 1280, "height": 900},
        color_scheme="dark" if way == "keys" else "light",
        has_touch=phone,
        is_mobile=phone,
        reduced_motion="reduce",
    )
    with contextlib.closing(context):
        page = context.new_page()
        page.add_init_script(UNSET)  # formulas are not what this is about
        with listening(page) as report:
            page.goto(url, wait_until="load")
            page.evaluate("document.fonts.ready")  # nothing moves below a finger
            page.evaluate(DRAWN)
            yield page
            assert (report.errors, report.foreign) == ([], [])


@sparing("book/_static", "book/_ext/questions", "tests/book/test_every")
@pytest.mark.parametrize(
    ("name", "way"), [*zip(ASKING, itertools.cycle(WAYS), strict=False)]
)
def test_every_answer_gets_its_reason(browser, book, address, name, way):
    """And after a reload the last of them is there again."""
    path = book / f"{name}.html"
    source = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    written = {form["id"]: [*answers(form)] for form in source.select("form.question")}
    assert written
    left = {}
    with visited(browser, f"{address}/{name}.html", way) as page:
        for id, each in written.items():
            form = page.locator(f"form[id='{id}']")
            reply = form.locator(".question-reply")
            for given, state, reason in each:
                give(page, form, given, way)
                expect(reply).to_have_attribute("data-state", state)
                expect(reply).to_contain_text(reason)
            left[id] = state
        page.reload()
        for id, state in left.items():
            reply = page.locator(f"form[id='{id}'] .question-reply")
            expect(reply).to_have_attribute("data-state", state)
