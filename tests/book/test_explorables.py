"""The manners of every figure to play with, as the book has it.

What a figure shows is compared with the package in a file of its own.
"""

import itertools
import re

import numpy as np
import pytest
from browser import opened, serious, turn
from playing import BOOK, CONF, EXPLORABLES, build, hosts, play
from playwright.sync_api import expect
from thorough import some, unless_touched

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book", "book/0")

HOSTS = hosts()
NEVER = re.compile("NaN|Infinity|undefined|null|\\[object")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built pages, one for each figure, and a page without."""
    source = tmp_path_factory.mktemp("source")
    (source / "conf.py").write_text(CONF)
    listed = "\n".join(HOSTS)
    (source / "index.md").write_text(f"# Figures\n\n```{{toctree}}\n{listed}\n```\n")
    for kind, host in HOSTS.items():
        (source / f"{kind}.md").write_text(f"# {kind}\n\nBefore.\n\n{host}\n\nAfter.\n")
    return build(source, tmp_path_factory.mktemp("pages"))


@pytest.fixture(params=EXPLORABLES)
def kind(request):
    """The class of the element that a figure fills."""
    return request.param


@pytest.fixture
def page(browser, url, kind):
    """The page of a figure, on which nothing goes wrong and nothing is asked for."""
    with opened(browser, url.replace("index", kind)) as (page, report):
        yield page
        assert report.errors == []
        assert report.foreign == []


@pytest.fixture
def widget(page, kind):
    """The figure."""
    return page.locator(f".{kind} .law-widget")


def sliders(widget):
    """Each slider by its key."""
    found = widget.get_by_role("slider").all()
    return {slider.get_attribute("data-key"): slider for slider in found}


def ends(widget):
    """Smallest and largest value of each slider."""
    return {
        key: [float(slider.get_attribute(end)) for end in ("min", "max")]
        for key, slider in sliders(widget).items()
    }


def test_each_stands_in_the_book_and_is_small(kind):
    """A page of the book holds it, and each of its scripts is at most 20 kB."""
    assert kind in HOSTS
    sizes = [(BOOK / "_static" / name).stat().st_size for name in EXPLORABLES[kind]]
    assert max(sizes) <= 20_000


def test_paper_has_a_text(kind):
    """What is kept for paper says that there is more on the web, and what it is."""
    inside = re.search(r"<div[^>]*>(.*)</div>", HOSTS[kind], re.S)[1]
    assert "On the web page" in inside
    assert len(re.sub("<[^>]*>", " ", inside).split()) >= 12


def test_scripts_are_loaded_in_order(pages, kind):
    """What is shared comes first and once; a page without a figure loads nothing."""
    found = re.findall(r"(\w+\.js)\?v=", (pages / f"{kind}.html").read_text())
    ours = {"explorables.js", *itertools.chain(*EXPLORABLES.values())}
    assert [n for n in found if n in ours] == ["explorables.js", *EXPLORABLES[kind]]
    assert "explorables" not in (pages / "genindex.html").read_text()


def test_no_setting_breaks_it(page, widget, kind):
    """At the ends of all sliders and anywhere between, there is a number or a dash."""
    reach = ends(widget)
    rng = np.random.default_rng(0)
    corners = [*itertools.product(*reach.values())]
    corners = [*corners[:: -(-len(corners) // 16)], corners[-1]]
    inner = [[rng.uniform(*pair) for pair in reach.values()] for _ in range(12)]
    for setting in [*some(corners, 6), *some(inner, 6)]:
        play(page, kind, **dict(zip(reach, setting, strict=True)))
        html = widget.evaluate("widget => widget.outerHTML")
        assert not NEVER.search(html), setting


def test_every_control_does_something(page, widget):
    """A slider moves what is drawn, and a button that is not pressed changes things."""
    picture = (
        "widget => [...widget.querySelectorAll('svg')].map(s => s.innerHTML).join()"
    )
    for key, slider in sliders(widget).items():
        before = widget.evaluate(picture)
        slider.press("ArrowRight")
        slider.press("ArrowRight")
        if widget.evaluate(picture) == before:  # it stood at its end
            slider.press("Home")
        assert widget.evaluate(picture) != before, key
    for button in widget.locator("button").all():  # some hide others
        if button.is_visible() and button.get_attribute("aria-pressed") == "false":
            before = widget.evaluate(picture)
            button.click()
            assert widget.evaluate(picture) != before, button.inner_text()


def test_keyboard_reaches_all_in_the_order_of_reading(page, widget):
    """Tab goes from control to control as they stand, and leaves; arrows act."""
    controls = widget.locator("input, button")
    for i in range(controls.count()):
        if i == 0:
            controls.first.focus()
        expect(controls.nth(i)).to_be_focused()
        page.keyboard.press("Tab")
    assert not widget.evaluate("widget => widget.contains(document.activeElement)")


def test_sliders_say_what_they_hold(widget):
    """Each has a name, and a value in words that holds no markup; so has the figure."""
    expect(widget).to_have_accessible_name(re.compile(r"\w{4}"))
    for slider in sliders(widget).values():
        expect(slider).to_have_accessible_name(re.compile(r"\w{4}"))
        assert re.fullmatch(
            r"[\w.−,-]+( [\w.−,%-]+)*", slider.get_attribute("aria-valuetext")
        )
    for picture in widget.get_by_role("img").all():
        expect(picture).to_have_accessible_name(re.compile(r"(\S+\s+){5}"))


def test_sentence_is_announced(page, widget, kind):
    """A live sentence says what is shown, and says something else when it changes."""
    summary = widget.locator(".law-summary")
    expect(summary).to_have_attribute("aria-live", "polite")
    expect(summary).to_have_text(re.compile(r"^[A-Z].{30,}\.$"))
    first = summary.inner_text()
    middle = {key: np.mean(pair) for key, pair in ends(widget).items()}
    play(page, kind, **middle)
    expect(summary).not_to_have_text(first)


def test_state_is_remembered_until_one_starts_again(page, widget, kind):
    """A figure is as it was left, after a reload; *Start again* forgets."""
    outputs = "widget => [...widget.querySelectorAll('output')].map(o => o.innerHTML)"
    first = widget.evaluate(outputs)
    play(page, kind, **{key: np.mean(pair) for key, pair in ends(widget).items()})
    left = widget.evaluate(outputs)
    assert left != first
    page.reload()
    assert widget.evaluate(outputs) == left
    widget.get_by_role("button", name="Start again").click()
    assert widget.evaluate(outputs) == first
    page.reload()
    assert widget.evaluate(outputs) == first


def test_a_spoiled_memory_is_left_aside(page, widget, kind):
    """What another edition stored, or nonsense, does not break the figure."""
    outputs = "widget => [...widget.querySelectorAll('output')].map(o => o.innerHTML)"
    first = widget.evaluate(outputs)
    for spoiled in ("{", '"text"', "[1]", '{"other": 1}', "null", "7"):
        page.evaluate(
            """(text) => localStorage.setItem(
              `explorable ${location.pathname} ${document.querySelector(
                ".law-title").id.replace(/-title$/, "")}`, text)""",
            spoiled,
        )
        page.reload()
        assert widget.evaluate(outputs) == first, spoiled


def test_a_finger_moves_it(browser, url, kind):
    """On a phone a tap on a slider sets it, and sliders are a finger high."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(url.replace("index", kind))
    slider = page.locator(f".{kind} input[type=range]").first
    slider.scroll_into_view_if_needed()
    box, before = slider.bounding_box(), slider.input_value()
    assert box["height"] >= 30
    middle = box["y"] + box["height"] / 2
    for share in (0.2, 0.8):
        page.touchscreen.tap(box["x"] + share * box["width"], middle)
    assert slider.input_value() != before
    context.close()


def test_text_is_left_to_paper(browser, url, page, widget, kind):
    """On paper and without JavaScript the text stands where the figure was."""
    fallback = page.locator(f".{kind} .law-fallback")
    expect(fallback).to_be_hidden()
    page.emulate_media(media="print")
    expect(fallback).to_be_visible()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(url.replace("index", kind))
    expect(plain.locator(f".{kind}")).to_contain_text("On the web page")
    expect(plain.locator(".law-widget")).to_have_count(0)
    context.close()


def test_accessible(page, widget):
    """Axe finds nothing serious in either theme; nothing is wider than a phone."""
    for scheme, width in (("light", 1280), ("dark", 1280), ("dark", 390)):
        turn(page, scheme=scheme, width=width)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        assert list(serious(page)) == []
    boxes = [svg.bounding_box() for svg in widget.locator(".law-panels svg").all()]
    assert all(box["width"] > 280 for box in boxes)
    for above, below in itertools.pairwise(boxes):  # one below the other
        assert below["y"] >= above["y"] + above["height"]
