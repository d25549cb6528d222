"""Questions: what the builds say, and what a reader can do with them."""

import re

import pytest
from answers import read_number
from browser import serious, turn
from playing import CONF, build, sphinx
from playwright.sync_api import expect
from thorough import unless_touched

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book")

PAGE = r"""# A page

:::{question} A line through a floor, $L_\infty > 0$
:name: q-floor
You fit a straight line. The exponent you read off is …
- [ ] too large: No. The floor *flattens* the tail.
- [x] too small, $\hat\alpha < \alpha$: Yes. The slope is $\alpha\,(1 - L_\infty/L)$;
  see [the next question](#q-number).

  This holds wherever there is a floor.
- [ ] unchanged: Only units leave the slope alone.
- [?] I cannot say yet: Look at the end of the line.

:::

:::{question} Four times the data
:name: q-number
:answer: 1/2
:within: 0.05
By what factor does $x^{-1/2}$ change?

- right: Yes. It is $4^{-1/2}$.
- 0.25: You divided by four.
- 0.32: You divided by the square root of ten.
- otherwise: Write the ratio first.

:::

:::{question} In per cent
:name: q-percent
:answer: 7.5
By how many per cent?

- right: It is.
- otherwise: A hint.
:::

See {ref}`q-floor`.
"""

CHOICE = ":::{{question}} Title\nWhat is it?\n{}\n:::\n"
NUMBER = ":::{{question}} Title\n{}\nWhat is it?\n- right: It is.\n{}\n:::\n"
OTHER = "- otherwise: A hint."
NAMED = (
    ":::{question} Title\n:name: twice\nWhat?\n- [x] a: It is.\n- [ ] b: Not b.\n:::\n"
)

# What is wrong, the words that say so.
MALFORMED = {
    "no_answers": (CHOICE.format(""), "needs two answers or more"),
    "one_answer": (CHOICE.format("- [x] a: It is."), "needs two answers or more"),
    "none_right": (CHOICE.format("- [ ] a: No.  b\n- [ ] b: No c."), "has none"),
    "two_right": (CHOICE.format("- [x] a: It is.\n- [X] b: It is."), "has 2"),
    "no_feedback": (CHOICE.format("- [x] a: It is.\n- [ ] b"), "no feedback .* 'b'"),
    "only_no": (CHOICE.format("- [x] a: It is.\n- [ ] b: No."), "no feedback .* 'b'"),
    "colon_in_maths": (CHOICE.format("- [x] $a: b$\n- [ ] c: d e"), "no feedback"),
    "no_label": (CHOICE.format("- [x] : It is.\n- [ ] b: Not b."), "without text"),
    "no_box": (CHOICE.format("- a: No.\n- [x] b: It is."), "expected an answer"),
    "no_box_later": (CHOICE.format("- [x] b: It is.\n- a: c"), "expected an answer"),
    "text_after": (CHOICE.format("- [x] a: It is.\n\nText."), "text after the answers"),
    "no_prompt": (":::{question} Title\n- [x] a: b\n- [ ] c: d\n:::", "no question"),
    "within_alone": (
        ":::{question} Title\n:within: 1\nWhat?\n- [x] a: b\n- [ ] c: d\n:::",
        "':within:' without ':answer:'",
    ),
    "belief": (
        CHOICE.format("- [x] a: b\n- [ ] c: d").replace("What", ":belief: flat\nWhat"),
        "':belief: flat' is none of slope",
    ),
    "belief_twice": (
        CHOICE.format("- [x] a: b\n- [ ] c: d").replace(
            "What", ":belief: floor floor\nWhat"
        ),
        "names one twice",
    ),
    "not_a_number": (NUMBER.format(":answer: half", OTHER), "'half' is not a number"),
    "infinite": (NUMBER.format(":answer: 1/0", OTHER), "not a finite number"),
    "negative": (NUMBER.format(":answer: 1\n:within: -1", OTHER), "is negative"),
    "no_otherwise": (NUMBER.format(":answer: 1", "- 2: Half."), "one 'otherwise:'"),
    "number_twice": (
        NUMBER.format(":answer: 1", f"- 2: Half.\n- 2.0: Half.\n{OTHER}"),
        "two feedbacks for the same number",
    ),
    "within_reach": (
        NUMBER.format(":answer: 1\n:within: 0.5", f"- 1.5: Half.\n{OTHER}"),
        "within reach of the right",
    ),
    "twice_on_a_page": (NAMED.replace("twice", "page") * 2, "'page' is taken"),
    "twice_in_the_book": (NAMED, None),
    "twice_in_the_book_too": (NAMED, "'twice' is taken"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Folder of a book with one page."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(PAGE)
    return folder


@pytest.fixture(scope="module")
def pages(source, tmp_path_factory):
    """Folder of the built pages; the build is strict."""
    return build(source, tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def warnings(tmp_path_factory):
    """What the build of a book of malformed questions says."""
    source = tmp_path_factory.mktemp("malformed")
    (source / "conf.py").write_text(CONF + "html_theme = 'basic'\n")
    names = "\n".join(MALFORMED)
    (source / "index.md").write_text(f"# Book\n\n```{{toctree}}\n{names}\n```\n")
    for name, (text, _) in MALFORMED.items():
        (source / f"{name}.md").write_text(f"# Page\n\n{text}")
    return sphinx("html", source, tmp_path_factory.mktemp("out")).stderr


@pytest.fixture
def choice(page):
    """The form of the first question."""
    return page.locator("#q-floor")


@pytest.fixture
def number(page):
    """The form of the second question."""
    return page.locator("#q-number")


def answer(form, given):
    """Choose or type an answer and check it; return the place of the reply."""
    if form.get_by_role("textbox").count():
        form.get_by_role("textbox").fill(given)
    else:
        form.get_by_role("radio", name=given).check()
    form.get_by_role("button", name="Check").click()
    return form.locator(".question-reply")


@pytest.mark.parametrize("name", [name for name in MALFORMED if MALFORMED[name][1]])
def test_malformed_question_warns_where_it_stands(warnings, name):
    """A malformed question is a warning with file, line and reason."""
    where = rf"/{name}\.md:\d+: WARNING: question: "
    assert re.search(f"{where}.*{MALFORMED[name][1]}", warnings), warnings


def test_one_warning_for_each_malformed_question(warnings):
    """Nothing else is said, and the line is the one the question starts on."""
    found = re.findall(r"/(\w+)\.md:(\d+): WARNING", warnings)
    lines = {name: "9" if name == "twice_on_a_page" else "3" for name in MALFORMED}
    del lines["twice_in_the_book"]
    assert dict(found) == lines
    assert len(found) == len(lines)


@pytest.mark.parametrize("builder", ["text", "latex", "singlehtml", "epub"])
def test_other_builders_print_every_answer(source, tmp_path, builder):
    """Builders that cannot interact write question, answers and feedback."""
    trees = tmp_path / "trees"
    process = sphinx(builder, source, tmp_path / "out", "-W", "-d", trees)
    assert process.returncode == 0, process.stderr
    suffix = {"text": "txt", "latex": "tex", "singlehtml": "html", "epub": "xhtml"}
    files = (tmp_path / "out").glob(f"*.{suffix[builder]}")
    written = " ".join("".join(file.read_text() for file in files).split())
    for part in ("Predict. Four times", "1/2 (within 0.05)", "You divided by four."):
        assert part in written
    assert "question-answer" not in written


def test_scripts_only_where_needed(pages):
    """A page loads the scripts it has something for, and no others."""
    scripts = re.compile("questions.js")
    assert scripts.search((pages / "index.html").read_text())
    assert not scripts.findall((pages / "genindex.html").read_text())


def test_wrong_answer_gets_its_own_feedback(choice):
    """A wrong choice is answered by what is written beside it, and by no other."""
    reply = answer(choice, "unchanged")
    expect(reply).to_contain_text("Not yet")
    expect(reply).to_contain_text("Only units leave the slope alone.")
    expect(reply).not_to_contain_text("flattens")


def test_wrong_answer_can_be_retried(choice):
    """After a wrong answer another one is possible, and the reply changes."""
    expect(answer(choice, "too large")).to_contain_text("The floor flattens the tail.")
    reply = answer(choice, "too small")
    expect(reply).to_contain_text("Yes")
    expect(reply).to_contain_text("This holds wherever there is a floor.")
    expect(reply).not_to_contain_text("flattens")
    expect(choice.get_by_role("button", name="Show the answer")).to_be_hidden()


def test_whoever_cannot_say_is_told(choice):
    """Neither right nor wrong, and there is nothing left to show."""
    reply = answer(choice, "I cannot say yet")
    expect(reply).to_have_attribute("data-state", "unsure")
    expect(reply).to_contain_text("Then read this")
    expect(reply).to_contain_text("Look at the end of the line.")
    expect(reply).not_to_contain_text("Not yet")
    expect(choice.get_by_role("button", name="Show the answer")).to_be_hidden()


def test_answer_is_shown_only_after_an_attempt(choice):
    """The answer waits for an attempt; checking nothing is none."""
    show = choice.get_by_role("button", name="Show the answer")
    expect(show).to_be_hidden()
    choice.get_by_role("button", name="Check").click()
    expect(choice.locator(".question-reply")).to_have_text("Choose an answer first.")
    expect(show).to_be_hidden()
    answer(choice, "unchanged")
    show.click()
    reply = choice.locator(".question-reply")
    expect(reply).to_contain_text("The answer: too small")
    expect(reply).to_contain_text("This holds wherever there is a floor.")
    expect(reply).to_be_focused()


def replies(form, texts):
    """Type one text after the other into a form; yield each with its reply."""
    for text in texts:
        yield text, answer(form, text)
        if form.get_by_role("button", name="Clear").is_visible():
            form.get_by_role("button", name="Clear").click()


def test_right_numbers(number):
    """A number counts however it is written, up to the tolerance, ends included."""
    written = ["1/2", "0.5", ".5", "0,5", " 5e-1 ", "+0.5", "0.55", "0.45", "2 / 4"]
    for text, reply in replies(number, written):
        expect(reply, text).to_contain_text("Yes")
        expect(reply, text).to_contain_text("It is")


def test_wrong_numbers(number):
    """A wrong number gets the feedback of the nearest expected one, or the hint."""
    feedback = {
        "0.25": "You divided by four.",
        "0.28": "You divided by four.",
        "0.29": "You divided by the square root of ten.",
        "−0.5": "Write the ratio first.",
        "0.56": "Write the ratio first.",
        "1,5": "read as 1.5",
    }
    for text, reply in replies(number, feedback):
        expect(reply, text).to_contain_text("Not yet")
        expect(reply, text).to_contain_text(feedback[text])


# How a reader may write a number, and what is none.
WRITTEN = {
    "10 000": 1e4, "10\u2009000": 1e4, "10\u202f000": 1e4, "10\xa0000.5": 10000.5,
    "1 234 567": 1234567, "10,000": 1e4, "1,234,567": 1234567, "-1,234.5": -1234.5,
    "0,500": 0.5, "1,5": 1.5, "1,50": 1.5, "1,2345": 1.2345, "1,5e3": 1500,
    "012,345": 12.345, "10^4": 1e4, "2^-3": 0.125, "−2 ^ 2": -4, "1/10^4": 1e-4,
    "1,000^2": 1e6, "59 %": 0.59, "59%": 0.59, "−0,5 %": -0.005, "1/2 %": 0.005,
}  # fmt: skip
NONSENSE = [
    "", " ", "half", "1/0", "1/2/2", "1,0,0", "0x1", "10 00", "1 0000", "0 500", "1 2",
    "10,000,00", "1,234 567", "10^", "^4", "10^0.5", "10^4^2", "10^99999", "10^400",
    "0^-1", "%", "5 %%", "5 % / 2", "10**4", "1e", "1e400", "--1", "٣",
]  # fmt: skip


def test_numbers_are_read_as_the_builder_reads_them(page):
    """Thousands, powers and per cent, in the page and in the source of a question."""
    found = page.evaluate(
        "(texts) => texts.map((text) => questions.readNumber(text))", [*WRITTEN]
    )
    assert dict(zip(WRITTEN, found, strict=True)) == pytest.approx(WRITTEN, rel=1e-14)
    assert {text: read_number(text) for text in WRITTEN} == pytest.approx(WRITTEN)
    none = page.evaluate(
        "(texts) => texts.filter((text) => isNaN(questions.readNumber(text)))", NONSENSE
    )
    assert none == NONSENSE
    for text in NONSENSE:
        with pytest.raises(ValueError, match="is not a"):
            read_number(text)


def test_what_is_ambiguous_is_read_out(page, number):
    """A comma and per cent are read out; where per cent are asked, they are kept."""
    read = {"10,000": "(read as 10000)", "59 %": "(read as 0.59)", "7 %": "0.07)"}
    for text, reply in replies(number, read):
        expect(reply, text).to_contain_text(read[text])
    expect(answer(number, "50 %")).to_contain_text("Yes (read as 0.5)")
    expect(answer(page.locator("#q-percent"), "7,5 %")).to_contain_text(
        "Yes (read as 7.5)"
    )


def test_no_number(number):
    """What is no number is no attempt: the reader is told what a number is."""
    for text, reply in replies(number, ["", "half", "1/0", "1/2/2", "1,0,0", "0x1"]):
        expect(reply, text).to_contain_text("Type a number first")
        expect(number.get_by_role("button", name="Show the answer")).to_be_hidden()
        expect(number.get_by_role("textbox")).to_be_focused()


def test_attempts_are_remembered_until_cleared(page, choice, number):
    """A reload brings back attempt and reply, formulas typeset; Clear forgets them."""
    answer(choice, "too large")
    choice.get_by_role("button", name="Show the answer").click()
    answer(number, "0.25")
    page.reload()
    page.evaluate("() => window.MathJax.startup.promise")
    reply = choice.locator(".question-reply")
    expect(choice.get_by_role("radio", name="too large")).to_be_checked()
    expect(reply).to_contain_text("The answer: too small")
    expect(reply.locator(".question-verdict mjx-container")).to_have_count(1)
    expect(number.get_by_role("textbox")).to_have_value("0.25")
    expect(number.locator(".question-reply")).to_contain_text("You divided by four.")
    choice.get_by_role("button", name="Clear").click()
    page.reload()
    expect(choice.get_by_role("radio", name="too large")).not_to_be_checked()
    expect(reply).to_be_empty()
    expect(number.locator(".question-reply")).to_contain_text("You divided by four.")


def test_works_where_storage_is_blocked(browser, url):
    """A browser that refuses to store anything still gets its feedback."""
    context = browser.new_context()
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw Error(); }})"
    context.add_init_script(refuse)
    page = context.new_page()
    page.goto(url)
    form = page.locator("#q-floor")
    expect(answer(form, "too small")).to_contain_text("Yes")
    form.get_by_role("button", name="Clear").click()
    expect(form.locator(".question-reply")).to_be_empty()
    context.close()


def test_keyboard_alone(page, choice):
    """Space, arrows, Enter and Tab suffice, and the focus is never lost."""

    def press(name):
        button = choice.get_by_role("button", name=name)
        for _ in range(5):  # MathJax makes stops of its formulas
            page.keyboard.press("Tab")
            if button.evaluate("node => node === document.activeElement"):
                return page.keyboard.press("Enter")
        raise AssertionError(f"{name} is out of reach")

    choice.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    reply = choice.locator(".question-reply")
    expect(reply).to_contain_text("Not yet")
    press("Show the answer")
    expect(reply).to_contain_text("The answer")
    expect(reply).to_be_focused()
    choice.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(reply).to_contain_text("Yes")
    press("Clear")
    expect(reply).to_be_empty()
    expect(choice.get_by_role("radio").first).to_be_focused()


def test_reply_is_announced(choice):
    """The reply is a live region, and the group carries title and question."""
    expect(choice.locator(".question-reply")).to_have_attribute("aria-live", "polite")
    group = choice.get_by_role("group")
    expect(group).to_have_accessible_name(
        re.compile("Predict · A line through a floor")
    )
    expect(group).to_have_accessible_description(re.compile("You fit a straight line"))


def test_readable_without_javascript(browser, url):
    """Without JavaScript every answer opens to its verdict and feedback."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    page.get_by_text("too large").click()
    expect(page.get_by_text("The floor flattens the tail.")).to_be_visible()
    number = page.locator("#q-number")
    expect(number.get_by_text("1/2 (within 0.05)")).to_be_hidden()
    number.get_by_text("Compare with your number").click()
    number.get_by_text("0.25").click()
    expect(number.get_by_text("You divided by four.")).to_be_visible()
    context.close()


def test_paper_shows_every_reason(page, number):
    """On paper every answer stands there with its reason, and no button."""
    parts = ["1/2 (within 0.05)", "It is", "any other number", "Write the ratio first."]
    for media, visible in (("screen", False), ("print", True)):
        page.emulate_media(media=media)
        for part in parts:
            expect(number.get_by_text(part)).to_be_visible(visible=visible)
    expect(number.get_by_role("button", name="Check")).to_be_hidden()


def test_accessible(page):
    """Axe finds nothing serious in either theme; nothing is wider than the page."""
    answer(page.locator("#q-floor"), "too large")
    answer(page.locator("#q-number"), "1/2")
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            turn(page, scheme=scheme, width=width)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0
            assert list(serious(page)) == []
