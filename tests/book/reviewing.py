"""A small book of questions, its page that gathers them, and a reader's hands."""

import json
import re

from playing import CONF, build

QUESTION = """:::{{question}} {title}
:name: q-{name}
:belief: {beliefs}
What about {name}?
- [ ] wrong {name}: That is {name}, upside down. {more}
- [x] right {name}: Yes. Because $x_{name}$.
:::
"""
NUMBER = """:::{question} A number
:name: q-number
:answer: 1/2
:within: 0.05
How large?
- right: Yes. It is half.
- 0.25: A quarter is too little.
- otherwise: Think of halves.
:::
"""


def asked(name, beliefs="floor", more=""):
    """The text of a question."""
    title = f"About {name}, $y_{name}$"
    return QUESTION.format(title=title, name=name, beliefs=beliefs, more=more)


AGAIN = NUMBER.replace("q-number", "q-again")
REFERS = "See [the number](#q-again), {ref}`q-c`, {eq}`eq-one` and {doc}`deep`."
SOURCES = {
    "index": "# Book\n\n```{toctree}\none\ntwo\nreview\n```\n",
    "one": f"# First\n\n{asked('a')}\n{NUMBER}\n"
    "(sec-local-exponent)=\n## Of floors\n\nText.\n",
    "two": "# Second\n\n```{toctree}\nfurther/deep\n```\n\n"
    f"$$z = 1$$ (eq-one)\n\n{asked('b', 'order floor')}",
    "further/deep": f"# Deeper\n\n{asked('c', 'more', REFERS)}\n{AGAIN}",
    "review": "# What is due\n\n```{review}\n```\n",
}
ORDER = ["q-a", "q-number", "q-b", "q-c", "q-again"]


def written(tmp_path_factory):
    """Folder of the sources: two chapters, one with a further page."""
    folder = tmp_path_factory.mktemp("source")
    conf = CONF.replace('"questions"]', '"questions", "review", "offline"]')
    (folder / "conf.py").write_text(conf)
    (folder / "further").mkdir()
    for name, text in SOURCES.items():
        (folder / f"{name}.md").write_text(text)
    return folder


def built(tmp_path_factory):
    """Folder of the built pages; the build is strict."""
    return build(written(tmp_path_factory), tmp_path_factory.mktemp("pages"))


def opener(page, url):
    """A function that opens a page by its name, on a day at noon if one is given."""

    def go(name, day=None):
        if day:
            page.clock.set_fixed_time(f"{day}T12:00:00")
        page.goto(url.replace("index", name))
        return page

    return go


def answer(page, name, given):
    """Answer a question that is on the page."""
    form = page.locator(f"#q-{name}")
    if form.get_by_role("textbox").count():
        form.get_by_role("textbox").fill(given)
    else:
        form.get_by_role("radio", name=given).check()
    form.get_by_role("button", name="Check").click()
    return form.locator(".question-reply")


def counts(page):
    """Numbers that are due, not yet tried, and at rest."""
    text = page.locator(".review-counts").inner_text()
    return tuple(int(n) for n in re.findall(r"(\d+) (?:due|not|at)", text))


def press(page, name):
    """Press a button of the page, by the words that it begins with."""
    desk = page.locator(".review-desk")
    desk.get_by_role("button", name=re.compile(f"^{name}")).click()


def standing(page):
    """The question that is asked: the id of its form."""
    return page.locator(".review-place form").get_attribute("id")


def kept(page):
    """All that the browser keeps."""
    return page.evaluate("() => ({ ...localStorage })")


def entries(page):
    """Entries of answered questions, by their labels."""
    found = {k.split()[1]: v for k, v in kept(page).items() if k.startswith("answer ")}
    return {label: json.loads(entry) for label, entry in found.items()}


def walk(page):
    """Ids of all questions that follow each other."""
    found, after = [standing(page)], page.locator(".review-next")
    while after.is_visible() and after.is_enabled():
        after.click()
        found.append(standing(page))
    return found
