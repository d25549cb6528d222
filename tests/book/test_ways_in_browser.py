"""Placement and routes in a reader's hands."""

import itertools
import json
import re

import pytest
from browser import serious, turn
from placement import suggest
from playwright.sync_api import expect
from thorough import unless_touched
from wayside import built
from whereabouts import ROOT

pytestmark = unless_touched(
    "book/_static", "book/_ext", "book/placement", "book/routes", "tests/book"
)
RIGHT = [1, 1, 2, 1, 1, 1, 2, 2, 2, 2]  # places of the right answers


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built pages."""
    return built(tmp_path_factory)


@pytest.fixture
def at(page, url):
    """Open a page by its name."""

    def go(name):
        page.goto(url.replace("index", name))
        return page

    return go


def answer(page, number, place):
    """Answer a question of the placement, by the places of both."""
    form = page.locator("form.question").nth(number)
    form.get_by_role("radio").nth(place).check()
    form.get_by_role("button", name="Check").click()


def answer_all(page, missed=()):
    """Answer all, some of them by the last answer, that one cannot say."""
    for number, place in enumerate(RIGHT):
        answer(page, number, -1 if number in missed else place)


def desk(page):
    """What is suggested."""
    return page.locator(".placement-desk")


def test_script_and_module_suggest_the_same(at):
    """For all 1024 patterns of answers."""
    page = at("book/placement")
    patterns = [*itertools.product([False, True], repeat=10)]
    found = page.evaluate(
        "ps => ps.map(document.querySelector('.placement-place').suggest)", patterns
    )
    for known, it in zip(patterns, found, strict=True):
        expected = suggest(known)
        for name, value in it.items():
            told = getattr(expected, name)
            assert value == (list(told) if isinstance(told, tuple) else told), name


def test_the_suggestion_comes_with_the_last_answer_and_stays(at):
    """It names what was missed, and a reload brings it back."""
    page = at("book/placement")
    place = desk(page)
    expect(place).to_contain_text("0 of 10 answered")
    answer_all(page, missed={0, 4, 9})
    expect(place.get_by_role("status")).to_contain_text("7 of 10 known")
    for text in ("Brush up arrays", "Begin with 4. Random features", "9. Language"):
        expect(place).to_contain_text(text)
    expect(place).to_contain_text("5. Kernel spectra, if this is easy: Two kernels")
    expect(place).to_contain_text("Your route: the whole")
    before = place.inner_text()
    page.reload()
    assert desk(page).inner_text() == before
    place.get_by_role("button", name="Forget these answers").click()
    expect(place).to_contain_text("0 of 10 answered")
    expect(page.locator("form.question input").first).to_be_focused()
    assert not page.evaluate("Object.keys(localStorage).some(k => /^answer/.test(k))")


def test_only_the_first_answer_of_a_day_counts(at):
    """Whoever has read the explanation knows it, and is not asked to prove it."""
    page = at("book/placement")
    answer_all(page, missed={1})
    expect(desk(page)).to_contain_text("9 of 10 known")
    answer(page, 1, RIGHT[1])
    expect(desk(page)).to_contain_text("9 of 10 known")
    expect(desk(page)).to_contain_text("Begin with 1. Power laws")


def test_one_need_not_answer_all(at):
    """What is not answered counts as not known, and that is said."""
    page = at("book/placement")
    now = desk(page).get_by_role("button", name="Suggest now")
    expect(now).to_be_hidden()
    answer(page, 0, RIGHT[0])
    now.focus()
    page.keyboard.press("Enter")
    expect(desk(page)).to_contain_text("What is not answered yet counts as not known")
    expect(desk(page)).to_contain_text("Your route: two hours")
    expect(page.locator(".placement-suggestion")).to_be_focused()


def test_placement_where_storage_is_blocked(browser, url):
    """First answers are then known for as long as the page is open."""
    context = browser.new_context()
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw Error(); }})"
    context.add_init_script(refuse)
    page = context.new_page()
    page.goto(url.replace("index", "book/placement"))
    answer_all(page, missed={1})
    answer(page, 1, RIGHT[1])
    expect(desk(page)).to_contain_text("9 of 10 known")
    page.goto(url.replace("index", "book/routes/weekend"))
    page.get_by_role("checkbox").first.check()
    expect(page.locator(".route-line")).to_contain_text("1 of 9 sittings and 0 of 9")
    context.close()


def test_ticks_are_remembered_and_shared(at):
    """A chapter that is ticked on one route is ticked on all, and one can go on."""
    page = at("book/routes/weekend")
    expect(page.locator(".route-line")).to_contain_text("Begin with: 1. What a scaling")
    first = page.get_by_role("checkbox", name="Done: 1. What a scaling law")
    first.focus()
    page.keyboard.press("Space")
    line = page.locator(".route-line")
    expect(line).to_contain_text("1 of 9 sittings and 0 of 9 exercises done")
    expect(line).to_contain_text("Go on with: 2. One over the other")
    page = at("book/routes/whole")
    expect(page.locator("#tick-01-power-laws input")).to_be_checked()
    expect(page.locator(".route-line")).to_contain_text("1 of 77 done")
    page = at("book/routes/weekend")
    page.get_by_role("checkbox", name="A forecast of your own (20 minutes)").check()
    expect(page.locator(".route-line")).to_contain_text("1 of 9 sittings and 1 of 9")
    page = at("book/routes")
    lines = page.locator(".route-list > li .route-line")
    expect(lines).to_have_count(3)  # two hours are halves of the chapter
    lines.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile("weekend.html#tick-02-variance"))
    page.get_by_role("button", name="Take all ticks away").click()
    expect(page.locator(".route-line")).to_contain_text("0 of 9 sittings")
    expect(page.get_by_role("checkbox").first).to_be_focused()


def test_ticks_are_exported_and_erased_with_the_answers(at):
    """By the page of practice, as all that is remembered."""
    at("book/routes/weekend").get_by_role("checkbox").first.check()
    page = at("book/review")
    text = page.evaluate("memory.exported()")
    assert [*json.loads(text)["kept"]] == ["route ticks"]
    page.evaluate("memory.erase()")
    assert not page.evaluate("Object.keys(localStorage).some(k => /^route/.test(k))")
    assert page.evaluate("text => memory.imported(text)", text) == 1
    boxes = at("book/routes/weekend").get_by_role("checkbox")
    expect(boxes.first).to_be_checked()


def test_placement_is_practised_too(at):
    """Its questions come back as all others do, under their own heading."""
    page = at("book/review")
    assert page.locator("template").count() == 10
    desk = page.locator(".review-desk")
    expect(desk.locator("form.question")).to_contain_text("1. Reading code")


@pytest.mark.parametrize("name", ["placement", "routes/weekend"])
def test_accessible(at, name):
    """Axe finds nothing serious in either theme; nothing is wider than the page."""
    page = at(f"book/{name}")
    if name == "placement":
        answer_all(page, missed={0, 2})
    else:
        page.evaluate(
            "localStorage.setItem('route ticks', '{\"tick-01-power-laws\": 1}')"
        )
        page.reload()
    for scheme, width in (("light", 1280), ("dark", 390)):
        turn(page, scheme=scheme, width=width)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert list(serious(page)) == []


def test_paper_and_no_javascript(browser, url, at):
    """Boxes to tick by hand, and tables that say the same."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url.replace("index", "book/routes/weekend"))
    assert page.locator(".route-box").count() == 18
    expect(page.locator(".route-tick").first).to_have_text("☐ Done")
    page.goto(url.replace("index", "book/placement"))
    expect(page.locator(".placement-tables table")).to_have_count(2)
    context.close()
    page = at("book/placement")
    page.emulate_media(media="print")
    expect(page.locator(".placement-tables table").first).to_be_visible()
    expect(page.locator(".placement-buttons")).to_be_hidden()


def test_scripts_are_small():
    """A few kB each."""
    for name in ("placement.js", "routes.js", "ways.css"):
        assert (ROOT / "book/_static" / name).stat().st_size <= 8_000
