"""The page that gathers all questions: what stands on it, and in all hands."""

import json
import re
from urllib.parse import urldefrag

import pytest
from answers import BELIEFS
from browser import serious, turn
from playing import BOOK, sphinx
from playwright.sync_api import expect
from reviewing import (
    ORDER,
    answer,
    built,
    counts,
    opener,
    press,
    standing,
    walk,
    written,
)
from thorough import unless_touched
from whereabouts import ROOT, chapters

pytestmark = unless_touched("book/_static", "book/_ext", "book/review", "tests/book")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built pages."""
    return built(tmp_path_factory)


@pytest.fixture
def at(page, url):
    """Open a page of the book by its name, on a day at noon if one is given."""
    return opener(page, url)


@pytest.fixture
def review(at):
    """The page that gathers, opened by a reader of whom nothing is known."""
    return at("review")


# --------------------------------------------------------------- gathering


def test_gathers_all_questions_in_the_order_of_the_book(review):
    """One after the other, under the chapter's heading, with a link to its place."""
    assert counts(review) == (0, 5, 0)
    expect(review.locator(".review-where")).to_have_text("Question 1 of 5")
    assert walk(review) == ORDER
    place = review.locator(".review-place")
    expect(place.get_by_role("heading")).to_have_text("Second")
    place.get_by_role("link", name="Deeper").last.click()
    review.wait_for_url("**/further/deep.html#q-again")


def test_references_lead_somewhere_from_here(pages):
    """What a question refers to is found from the page that copies it."""
    html = (pages / "review.html").read_text()
    copies = re.findall(r"<template.*?</template>", html, re.S)
    assert len(copies) == len(ORDER)
    inside = re.findall(r'href="([^"]*)"', "".join(copies))
    links = re.findall(r'href="([^"]*)"', re.search("review-links.*", html, re.S)[0])
    assert len(inside) == 4
    for uri in inside + [link for link in links if "q-" in link]:
        path, name = urldefrag(uri)
        there = (pages / path).read_text()
        assert not name or f'id="{name}"' in there, uri


def test_the_search_finds_the_originals(pages):
    """A word of a question leads to its page, and not to the copy."""
    index = (pages / "searchindex.js").read_text()
    names = json.loads(re.search(r'"docnames":\s*(\[.*?\])', index)[1])
    found = re.search(r'"upsid":\s*(\d+|\[[^]]*\])', index)
    found = found or re.search(r'"upside":\s*(\d+|\[[^]]*\])', index)
    found = {int(number) for number in re.findall(r"\d+", found[1])}
    assert {names[n] for n in found} == {"one", "two", "further/deep"}


@pytest.mark.parametrize("builder", ["text", "latex", "singlehtml", "epub"])
def test_other_builders_print_links(tmp_path_factory, tmp_path, builder):
    """Builders that cannot interact list the questions, and print none twice."""
    trees = tmp_path / "trees"
    source = written(tmp_path_factory)
    process = sphinx(builder, source, tmp_path / "out", "-W", "-d", trees)
    assert process.returncode == 0, process.stderr
    suffix = {"text": "txt", "latex": "tex", "singlehtml": "html", "epub": "xhtml"}
    files = (tmp_path / "out").rglob(f"*.{suffix[builder]}")
    text = " ".join("".join(file.read_text() for file in files).split())
    assert "waits" in text
    assert text.count("What about a?") == 1


def test_filters(review):
    """By what is due, by chapter and by belief, together; each says how many."""
    group = review.get_by_role("group", name="Which questions")
    pressed = group.locator("[aria-pressed=true]")
    expect(pressed).to_have_text("Not yet tried 5")
    press(review, "All")
    expect(pressed).to_have_text("All 5")
    review.locator("summary", has_text="Chapter").click()
    press(review, "Second")
    assert walk(review) == ["q-b", "q-c", "q-again"]
    review.locator("summary", has_text="Wrong belief").click()
    press(review, re.escape(BELIEFS["floor"]["says"]))
    assert walk(review) == ["q-b"]
    expect(review.locator("summary", has_text="Wrong belief")).to_contain_text("floor")
    where = review.locator(".review-refuted a")
    assert where.get_attribute("href") == "one.html#sec-local-exponent"
    expect(group).to_contain_text("Due today 0")
    press(review, "Due today")
    expect(review.locator(".review-where")).to_contain_text("No question is left")
    expect(review.locator(".review-place form")).to_have_count(0)


# ------------------------------------------------------------ in all hands


def test_keyboard_alone(review):
    """Tab, Space and Enter suffice: choose, answer, go on, and be where one reads."""

    def reach(css):
        for _ in range(60):
            review.keyboard.press("Tab")
            if review.evaluate("css => document.activeElement.matches(css)", css):
                return
        raise AssertionError(f"{css} is out of reach")

    reach(".review-which [data-value=all]")
    review.keyboard.press("Space")
    focused = "document.activeElement.dataset.value"
    assert review.evaluate(focused) == "all"
    expect(review.locator(":focus")).to_have_attribute("aria-pressed", "true")
    reach(".review-more summary")
    review.keyboard.press("Enter")
    reach(".review-chapter [data-value=Second]")
    review.keyboard.press("Enter")
    assert standing(review) == "q-b"
    reach("#q-b input")
    review.keyboard.press("Space")
    review.keyboard.press("Enter")
    expect(review.locator("#q-b .question-reply")).to_contain_text("upside down")
    reach(".review-next")
    review.keyboard.press("Enter")
    assert standing(review) == "q-c"
    expect(review.get_by_role("heading", name="Second")).to_be_focused()
    reach("#q-c input")


def test_formulas_of_every_question_are_typeset(review):
    """Of the first one, and of those that come when MathJax is done."""
    review.evaluate("() => MathJax.startup.promise")
    for name in ("a", "number", "b", "c"):
        place = review.locator(".review-place")
        untypeset = place.locator(".math:not(:has(mjx-container))")
        expect(place.locator(f"#q-{name}")).to_be_visible()
        expect(untypeset).to_have_count(0)
        if name != "number":
            expect(place.locator(".math")).to_have_count(2)
        press(review, "Next question")


def test_touch_on_a_phone(browser, url):
    """On 390 pixels with a finger; what is to be touched is large enough."""
    size = {"width": 390, "height": 844}
    context = browser.new_context(has_touch=True, is_mobile=True, viewport=size)
    page = context.new_page()
    page.goto(url.replace("index", "review"))
    page.locator("#q-a").get_by_text("wrong a").tap()
    page.get_by_role("button", name="Check").tap()
    expect(page.locator("#q-a .question-reply")).to_contain_text("upside down")
    page.get_by_role("button", name="Next question").tap()
    assert standing(page) == "q-number"
    page.locator("summary", has_text="Wrong belief").tap()
    for button in page.locator(".review-desk button:visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()


def test_accessible(review):
    """Axe finds nothing serious in either theme; nothing is wider than the page."""
    for fold in review.locator(".review-more summary").all():
        fold.click()
    press(review, re.escape(BELIEFS["floor"]["says"]))
    answer(review, "a", "wrong a")
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            turn(review, scheme=scheme, width=width)
            wide = review.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0
            assert list(serious(review)) == []


def test_without_javascript_there_are_links(browser, url):
    """By chapter and by belief, each to the question's place; no question twice."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url.replace("index", "review"))
    links = page.locator(".review-links")
    expect(links.get_by_role("link", name="About c")).to_have_count(2)
    expect(links.get_by_text(BELIEFS["floor"]["says"])).to_be_visible()
    expect(page.get_by_text("What about a?")).to_have_count(0)
    links.get_by_role("link", name="About c").first.click()
    expect(page.get_by_text("What about c?")).to_be_visible()
    context.close()


def test_paper_shows_links(review):
    """On paper there are the same links, and nothing to press."""
    links = review.locator(".review-links").get_by_role("link", name="About a")
    for media, printed in (("screen", False), ("print", True)):
        review.emulate_media(media=media)
        expect(links.first).to_be_visible(visible=printed)
        expect(review.locator(".review-counts")).to_be_visible(visible=not printed)
        expect(review.locator("#q-a")).to_be_visible(visible=not printed)


def test_what_another_tab_answers_is_counted(page, url):
    """At once, and without a reload."""
    page.goto(url.replace("index", "review"))
    other = page.context.new_page()
    other.goto(url.replace("index", "one"))
    answer(other, "a", "right a")
    expect(page.locator(".review-counts")).to_contain_text("4 not yet tried")


# ------------------------------------------------------------- in the book


def texts():
    """Sources of all pages of the book."""
    paths = [ROOT / name for name in chapters()]
    files = [p.with_suffix(s) for p in paths for s in (".ipynb", ".md")]
    return {file: file.read_text() for file in files if file.exists()}


def test_every_belief_has_questions_and_a_place_where_it_is_refuted():
    """Two questions or more express it, and the label is one of a page."""
    book = "\n".join(texts().values())
    named = " ".join(re.findall(r'":belief: (.*?)\\n"', book)).split()
    assert {key: named.count(key) for key in BELIEFS if named.count(key) < 2} == {}
    assert set(named) == set(BELIEFS)
    for belief in BELIEFS.values():
        assert f"({belief['where']})=" in book
        assert belief["says"].endswith(".")


def test_scripts_are_small():
    """Each script is at most 20 kB."""
    for name in ("memory.js", "questions.js", "review.js"):
        assert (BOOK / "_static" / name).stat().st_size <= 20_000
