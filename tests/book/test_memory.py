"""What a reader answered is remembered, comes back in time, and can be taken along."""

import json
import re

import pytest
from browser import blank
from playwright.sync_api import expect
from reviewing import answer, built, counts, entries, kept, opener, press
from thorough import unless_touched

pytestmark = unless_touched("book/_static", "book/_ext", "book/review", "tests/book")
FIGURE = ["explorable /book/page.html law-explorer-0", '{"alpha":0.5}']


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


# ------------------------------------------------------------------ memory


def test_a_question_has_one_memory(at):
    """What is answered on a page counts here, and what is answered here shows there."""
    answer(at("one"), "a", "wrong a")
    page = at("review")
    assert counts(page) == (0, 4, 1)
    expect(page.locator(".review-where")).to_have_text("Question 1 of 4")
    answer(page, "number", "0,5")
    assert counts(page) == (0, 3, 2)
    reply = at("one").locator("#q-number .question-reply")
    expect(reply).to_contain_text("It is half.")
    expect(page.locator("#q-number input")).to_have_value("0,5")
    page.locator("#q-number").get_by_role("button", name="Clear").click()
    assert counts(at("review")) == (0, 4, 1)


def test_what_is_asked_again_is_asked_afresh(at):
    """On the day of the answer it stands there; later there is something to try."""
    answer(at("review", "2026-03-01"), "a", "wrong a")
    press(at("review"), "All")
    reply = at("review").locator("#q-a .question-reply")
    press(at("review"), "All")
    expect(reply).to_contain_text("upside down")
    page = at("review", "2026-03-02")
    assert counts(page) == (1, 4, 0)
    expect(reply).to_be_empty()
    expect(page.locator("#q-a").get_by_role("radio", name="wrong")).not_to_be_checked()
    expect(at("one").locator("#q-a .question-reply")).to_contain_text("upside down")


FORMER = {
    "q-a": ({"given": "0"}, {"right": False, "shown": False, "box": 1}),
    "q-b": ({"given": "1"}, {"right": True, "shown": False, "box": 2}),
    "q-c": ({"given": "0", "shown": True}, {"right": False, "shown": True, "box": 1}),
    "q-number": ({"given": "0.52"}, {"right": True, "shown": False, "box": 2}),
}


@pytest.mark.parametrize("first", ["review", "one"])
def test_entries_of_the_former_kind_are_taken_over(at, first):
    """Once, as if given today, from whatever path they were kept under."""
    page = at("genindex")
    html = page.request.get(page.url.replace("genindex", "review")).text()
    digests = re.findall(r'data-digest="(\w+)".*?id="([\w-]+)"', html)
    assert {name for _, name in digests} >= set(FORMER)
    for digest, name in digests:
        if name in FORMER:
            old = [f"question /old/p%20q.html {name} {digest}", FORMER[name][0]]
            page.evaluate("([k, v]) => localStorage.setItem(k, JSON.stringify(v))", old)
    at(first, "2026-03-01")
    page = at("review")
    assert not [key for key in kept(page) if key.startswith("question ")]
    day = {"first": "2026-03-01", "last": "2026-03-01"}
    assert entries(page) == {
        name: {"given": old["given"]} | new | day for name, (old, new) in FORMER.items()
    }
    answer(at("one"), "a", "right a")
    assert entries(at("review", "2026-03-02"))["q-a"]["right"] is True


DAYS = [  # the day, what is done with question a, the box and the day it is due after
    ("2026-02-27", "right a", 2, "2026-03-02"),
    ("2026-02-27", "right a", 2, "2026-03-02"),
    ("2026-03-02", "right a", 3, "2026-03-09"),
    ("2026-03-20", "wrong a", 1, "2026-03-21"),
    ("2026-03-20", "right a", 1, "2026-03-21"),
    ("2026-03-21", "right a", 2, "2026-03-24"),
    ("2026-03-24", "right a", 3, "2026-03-31"),
    ("2026-03-31", "right a", 4, "2026-04-21"),
    ("2026-12-30", "right a", 5, "2027-02-28"),
    ("2027-02-28", "right a", 5, "2027-04-29"),
    ("2027-04-29", "shown", 1, "2027-04-30"),
    ("2027-04-29", "right a", 1, "2027-04-30"),
]


def test_schedule(at):
    """Right leads a box up, once a day; wrong and shown lead back to the first."""
    for day, given, box, due in DAYS:
        page = at("review", day)
        press(page, "All")
        answer(page, "a", "wrong a" if given == "shown" else given)
        if given == "shown":
            page.get_by_role("button", name="Show the answer").click()
        entry = entries(page)["q-a"]
        assert (entry["box"], entry["first"], entry["last"]) == (box, DAYS[0][0], day)
        assert page.evaluate("entry => memory.due(entry)", entry) == due
        assert counts(page) == (0, 4, 1)
    page = at("review", "2027-04-30")
    assert counts(page) == (1, 4, 0)


ENTRY = {"given": "0", "right": True, "shown": False, "box": 2}
ENTRY |= {"first": "2026-03-01", "last": "2026-03-01"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("memory.RESTS", [1, 3, 7, 21, 60]),
        ("memory.later('2028-02-28', 1)", "2028-02-29"),
        ("memory.later('2026-12-31', 60)", "2027-03-01"),
        ("memory.dayOf(new Date(2026, 0, 5, 23, 59))", "2026-01-05"),
        ("memory.dayOf(new Date(2026, 0, 5, 0, 0))", "2026-01-05"),
        ("memory.state(null, '2026-03-01')", "new"),
        ("memory.state(entry, '2026-03-03')", "rest"),
        ("memory.state(entry, '2026-03-04')", "due"),
        ("memory.state(entry, '2026-02-20')", "due"),  # a clock that was wrong
        (
            "memory.count([], '2026-03-01')",
            {"due": 0, "new": 0, "rest": 0, "until": None},
        ),
        (
            "memory.count([null, entry, {...entry, box: 3}], '2026-03-01')",
            {"due": 0, "new": 1, "rest": 2, "until": "2026-03-04"},
        ),
        ("memory.promote(null, {given: '1', right: true}, '2026-03-01').box", 2),
        ("memory.promote(null, {given: '1', right: false}, '2026-03-01').box", 1),
        ("memory.promote(entry, {given: '1', right: true}, '2026-03-01').box", 2),
        ("memory.promote(entry, {given: '1', right: true}, '2026-03-02').box", 3),
        ("memory.promote({...entry, box: 5}, {right: true}, '2026-03-02').box", 5),
        ("memory.promote(entry, {right: true, shown: true}, '2026-03-02').box", 1),
        ("memory.promote(entry, {right: false}, '2026-03-02').first", "2026-03-01"),
        ("memory.isEntry(entry)", True),
        *(
            (f"memory.isEntry({{...entry, {spoiled}}})", False)
            for spoiled in ("box: 6", "box: 1.5", "given: 1", "right: 0", "last: '1'")
        ),
    ],
)
def test_pure_functions(review, call, expected):
    """Days, states, counts and boxes, without a browser's memory."""
    assert review.evaluate(f"entry => {call}", ENTRY) == expected


SPOIL = {
    "blocked": """Object.defineProperty(window, "localStorage", {
      get() { throw Error(); } })""",
    "full": "Storage.prototype.setItem = () => { throw Error(); }",
}


@pytest.mark.parametrize("how", SPOIL)
def test_works_where_nothing_can_be_kept(browser, url, how):
    """A browser that keeps nothing gets its feedback, and is told."""
    with blank(browser) as page:  # of which the theme complains
        page.add_init_script(SPOIL[how])
        forgetful(page, url.replace("index", "review"))


def forgetful(page, url):
    """What can be done on a page of which nothing is kept."""
    page.goto(url)
    expect(page.locator(".review-said")).to_contain_text("forget")
    expect(answer(page, "a", "right a")).to_contain_text("Yes")
    press(page, "Next question")
    expect(answer(page, "number", "0.25")).to_contain_text("A quarter")
    page.get_by_role("button", name="Show the answer").click()
    page.goto(url)
    assert counts(page) == (0, 5, 0)


SPOILED = [ENTRY | each for each in ({"given": "7"}, {"given": "at"}, {"last": "x"})]


@pytest.mark.parametrize(
    "entry",
    ["", "{", "null", "5", "[]", "{}", *map(json.dumps, SPOILED)],
)
def test_what_is_spoiled_is_forgotten(at, entry):
    """Whatever stands in the place of an entry, the question can be answered."""
    answer(at("one"), "a", "wrong a")
    page = at("one")
    (key,) = [key for key in kept(page) if key.startswith("answer ")]
    page.evaluate("([k, v]) => localStorage.setItem(k, v)", [key, entry])
    page = at("one")
    expect(page.locator("#q-a .question-reply")).to_be_empty()
    press(at("review"), "All")
    expect(answer(page, "a", "right a")).to_contain_text("Yes")
    assert entries(page)["q-a"]["right"] is True


# ------------------------------------------------------ take along, or erase


def exported(page):
    """The file that is exported: its path."""
    with page.expect_download() as download:
        press(page, "Export")
    assert re.match(
        r"scaling-laws-answers-\d{4}(-\d\d){2}\.json", download.value.suggested_filename
    )
    return download.value.path()


def bring(page, content):
    """Import a text; return what is said."""
    with page.expect_file_chooser() as chooser:
        press(page, "Import")
    file = {
        "name": "a.json",
        "mimeType": "application/json",
        "buffer": content.encode(),
    }
    said = page.locator(".review-said")
    said.evaluate("said => { said.textContent = ''; }")
    chooser.value.set_files(file)
    expect(said).not_to_be_empty()
    return said.inner_text()


def test_export_erase_import(page, at):
    """Exported, erased, imported: the same as before."""
    answer(at("one", "2026-03-01"), "a", "right a")
    answer(page, "number", "2")
    answer(at("further/deep"), "c", "wrong c")
    page.evaluate("([k, v]) => localStorage.setItem(k, v)", FIGURE)
    page.evaluate("localStorage.setItem('another', 'stays')")
    page = at("review", "2026-03-02")
    before, numbers = kept(page), counts(page)
    assert numbers == (2, 2, 1)
    text = exported(page).read_text()
    page.once("dialog", lambda dialog: dialog.dismiss())
    press(page, "Erase all")
    assert kept(page) == before
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    press(page, "Erase all")
    assert "figures to play with" in asked[0]
    expect(page.locator(".review-said")).to_have_text("All is erased.")
    rest = kept(page)
    assert rest["another"] == "stays"
    assert not [key for key in rest if re.match("answer|explorable|question", key)]
    assert counts(page) == (0, 5, 0)
    assert bring(page, text) == "Imported: 4 entries."
    assert (kept(page), counts(page)) == (before, numbers)


def test_the_later_answer_stays(at):
    """What is imported takes the place of older answers only."""
    answer(at("review", "2026-03-01"), "a", "wrong a")
    text = exported(at("review")).read_text()
    page = at("review", "2026-03-02")
    answer(page, "a", "right a")
    later = kept(page)
    assert bring(page, text) == "Imported: 0 entries."
    assert kept(page) == later


FILE = {"format": "answers to the questions of Explaining Neural Scaling Laws"}
FILE |= {"version": 1, "kept": {"answer q-a 12345678": ENTRY}}
NONSENSE = {
    "empty": "",
    "text": "Once upon a time",
    "number": "5",
    "null": "null",
    "list": "[]",
    "other": '{"kept": {}}',
    "version": json.dumps(FILE | {"version": 2}),
    "kept": json.dumps(FILE | {"kept": [ENTRY]}),
    "foreign": json.dumps(FILE | {"kept": {"theme": {}}}),
    "box": json.dumps(FILE | {"kept": {"answer q-a 12345678": ENTRY | {"box": 0}}}),
    "cut": json.dumps(FILE)[:-3],
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_not_imported(review, name):
    """A file of another kind is refused in words, and nothing is changed."""
    answer(review, "a", "wrong a")
    before = kept(review)
    said = bring(review, NONSENSE[name])
    assert said == "This is not a file that was exported here. Nothing was changed."
    assert kept(review) == before


def test_an_import_without_room_changes_nothing(review):
    """Where the browser has room for a part only, that part is taken back."""
    answer(review, "a", "wrong a")
    before = kept(review)
    review.evaluate("""() => {
      const set = Storage.prototype.setItem;
      Storage.prototype.setItem = function (key, value) {
        if (key.includes("second")) throw Error("full");
        set.call(this, key, value);
      };
    }""")
    two = {f"answer {name} 12345678": ENTRY for name in ("first", "second")}
    said = bring(review, json.dumps(FILE | {"kept": two}))
    assert said == "This browser has no room for it. Nothing was changed."
    assert kept(review) == before
