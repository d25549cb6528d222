"""A page asks of its reader what it says it asks, and no more than one can finish.

A chapter is a main line of at most 75 minutes; what leads further has pages of its own,
of 15 to 40 minutes. `counting` says what is counted, and CONTRIBUTING why.
"""

import re

import nbformat
import pytest
from counting import Counts, code_lines, count, words
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from thorough import long
from whereabouts import ROOT, contents

CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.ipynb"))
PRACTICE = sorted((ROOT / "book/practice").glob("*.ipynb"))
MAIN = [*CHAPTERS, *PRACTICE]
FURTHER = sorted((ROOT / "book/further").glob("*.ipynb"))
TITLES = {entry["file"]: entry.get("title", "") for entry in contents()}
FOLDED = re.compile(r"Proof|Derivation|Hint \d|Solution")


def page(path):
    """Return the page of a path as the table of contents names it."""
    return str(path.relative_to(ROOT).with_suffix(""))


def pages(paths):
    """Parametrise a test by pages."""
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def text(notebook):
    """Everything a notebook says, beside its code."""
    return "\n".join(c.source for c in notebook["cells"] if c.cell_type == "markdown")


def opening(notebook):
    """Cells of a page up to the second one of text."""
    texts = [i for i, c in enumerate(notebook.cells) if c.cell_type == "markdown"]
    return notebook.cells[: texts[1] + 1]


def too_much(counts, **limits):
    """Return what exceeds its limit."""
    over = {name: getattr(counts, name) for name in limits}
    return {name: n for name, n in over.items() if n > limits[name]}


@pages(MAIN)
def test_a_main_line_can_be_finished(path):
    """Cells, lines, words and minutes of a main line, and what it folds away."""
    counts = count(nbformat.read(path, as_version=4))
    limits = {"cells": 45, "lines": 400, "words": 3200, "minutes": 75}
    assert too_much(counts, **limits, folded_words=1500) == {}
    assert counts.minutes >= (45 if path in CHAPTERS else 15)


@pages(FURTHER)
def test_a_further_page_is_a_sitting(path):
    """At most 25 cells, solutions included, and between 15 and 40 minutes."""
    counts = count(nbformat.read(path, as_version=4))
    assert too_much(counts, all_cells=25, folded_words=1500, minutes=40) == {}
    assert counts.minutes >= 15


@pages([*MAIN, *FURTHER])
def test_a_page_and_the_contents_tell_its_minutes(path):
    """The rule's minutes stand at the top of the page and in the contents."""
    notebook = nbformat.read(path, as_version=4)
    minutes = count(notebook).minutes
    top = text({"cells": opening(notebook)})
    assert re.findall(r"\*\*Time:\*\* (\d+) minutes", top) == [str(minutes)]
    assert TITLES[page(path)].endswith(f" · {minutes} min")


@pages([*MAIN, *FURTHER])
def test_dropdowns_hold_proofs_and_hints(path):
    """What is folded away is a proof, a derivation, a hint or a solution."""
    titles = count(nbformat.read(path, as_version=4)).dropdowns
    assert [title for title in titles if not FOLDED.match(title)] == []


@long
def test_the_front_page_tells_the_whole():
    """Hours of all main lines and of all further pages, to the next half."""
    front = text(nbformat.read(ROOT / "book/index.ipynb", as_version=4))
    hours = [
        sum(count(nbformat.read(p, as_version=4)).minutes for p in paths) / 60
        for paths in (CHAPTERS, FURTHER, PRACTICE)
    ]
    told = [float(told) for told in re.findall(r"about ([\d.]+) hours", front)]
    assert told == [round(2 * hour) / 2 for hour in hours]
    assert f"{len(FURTHER)} sittings" in front


@pages(MAIN)
def test_machinery_is_not_on_the_main_line(path):
    """No cell of a main line defines a function of more than 12 lines."""
    functions = count(nbformat.read(path, as_version=4)).functions
    assert {name: n for name, n in functions.items() if n > 12} == {}


@pages(MAIN)
def test_the_picture_comes_first(path):
    """A figure follows the set-up, before any heading, prediction or objective.

    What it shows may be measured in a folded cell between them.
    """
    title, *code = opening(nbformat.read(path, as_version=4))
    *folded, figure, asks = code
    assert 1 <= len(folded) <= 2
    assert all("hide-cell" in cell.metadata["tags"] for cell in folded)
    assert [o.output_type for o in figure.outputs] == ["display_data"]
    assert "hide-input" in figure.metadata["tags"]
    assert "?" in title.source + asks.source
    assert "Objectives" not in title.source


@pages(CHAPTERS)
def test_a_chapter_says_what_comes_next(path):
    """The next chapter, two further pages, and an exercise to come back to."""
    _, _, after = text(nbformat.read(path, as_version=4)).rpartition("\n## Next\n")
    following = [f"{{doc}}`{p.stem}`" for p in CHAPTERS if p > path][:1]
    following += [f"<{p.stem}>`" for p in CHAPTERS if p > path][:1]
    assert not following or any(link in after for link in following)
    assert len(set(re.findall(r"further/\d\d_\w+", after))) >= 2
    assert re.search(r"{ref}`[^`]*ex-[\w-]+>?`", after)


@pages(CHAPTERS)
def test_each_further_page_is_reached_from_its_chapter(path):
    """What stands below a chapter in the contents is linked where the thought leads."""
    before, _, _ = text(nbformat.read(path, as_version=4)).rpartition("\n## Next\n")
    below = [f"further/{p.stem}" for p in FURTHER if p.stem[:2] == path.stem[:2]]
    assert below
    assert [name for name in below if name not in before] == []


def test_further_pages_stand_below_their_chapter():
    """The two digits of a further page's name are its chapter's."""
    order = [p for p in TITLES if re.match(r"book/(further/)?\d\d_", p)]
    assert sorted(order) == sorted(map(page, [*CHAPTERS, *FURTHER]))
    digits = [re.search(r"\d\d", name)[0] for name in order]
    assert digits == sorted(digits)


# ------------------------------------------------------------ the counter counts

PAGE = r"""# A title

Three plain words, $a + b$ and {cite:t}`someone2020so`.[^1]

```{math}
:label: eq-one
a = b + c + d
```

$$
x = y
$$ (eq-two)

:::{question} Not counted here
:name: q-none
- [x] yes: No.
:::

<div class="law-explorer" data-points="17"><p>On paper a picture.</p></div>

::::{dropdown} Proof, in one step
:icon: light-bulb
Two words.
```{math}
y
```
::::

````{exercise} Hidden
:label: ex-hidden
Words in an exercise.
```{dropdown} Hint 1
One two three.
```
````

````{solution-start} ex-hidden
:label: sol-hidden
````
A solution in
"""

SOLUTION_ENDS = """more words.

````{solution-end}
````

Seen again.
"""


def example():
    """Return a notebook with one thing of each kind."""
    figure = new_code_cell(
        "# a comment\n\ndef f(x):\n    # why\n    return x\ndraw(f)",
        outputs=[new_output("display_data", data={"image/png": ""})],
        metadata={"mystnb": {"figure": {"caption": "A law."}}},
    )
    cells = [new_markdown_cell(PAGE), new_code_cell("a = 1"), figure]
    return new_notebook(cells=[*cells[:2], new_markdown_cell(SOLUTION_ENDS), figure])


def test_the_counter_counts_what_it_says():
    """Each part of a page is counted once, where it belongs."""
    counts = count(example())
    # Title, sentence, two equations, the last sentence, the caption.
    assert counts.words == 2 + 6 + 2 + 2 + 2
    assert (counts.cells, counts.all_cells, counts.lines) == (1, 2, 3)
    assert (counts.figures, counts.questions) == (1, 1)
    assert counts.functions == {"f": 2}
    # Up to the question, to the figure to play with, to the exercise, and what is left.
    assert counts.stretches == [2 + 6 + 2, 0, 0, 2 + 2]
    assert counts.explorables == 1
    assert counts.dropdowns == ["Proof, in one step", "Hint 1"]
    assert counts.folded_words == 4 + 2 + 1 + 2 + 3


def test_minutes_follow_the_rule():
    """Each term of the rule is a minute here, and the sum goes to the next five."""
    assert Counts(words=1300).minutes == 10
    assert Counts(words=1301).minutes == 15
    assert Counts(words=130, lines=5, figures=1, questions=1).minutes == 5
    assert Counts(lines=51).minutes == 15


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("one two", 2),
        ("$a + b$ and $$c$$ (eq-c)", 3),
        ("see {doc}`a page <page>` now", 3),
        ("[a link](https://example.org/a) – here", 3),
        ("\\begin{align}a &= b\\\\ c &= d\\end{align}", 1),
        ("| a | b |\n|---|---|", 2),
    ],
)
def test_words_are_words(written, number):
    """A formula or a reference is one word; dashes and rules are none."""
    assert words(written) == number


def test_lines_of_code_are_lines_of_code():
    """Neither blank lines nor comments count."""
    assert code_lines("# a\n\nx = 1  # b\n    # c\ny = 2\n") == 2


def test_what_is_too_much_is_told():
    """A count above its limit is named, one at its limit is not."""
    assert too_much(Counts(cells=46, lines=400), cells=45, lines=400) == {"cells": 46}
