"""The notebooks keep the rules of a chapter, and the gate on their outputs is real.

Each rule takes a notebook and returns what is wrong with it, and each rule is tried on
a notebook that breaks it. The mutation test at the end shows that nbval, which compares
every stored output with a new run, notices one changed digit.
"""

import ast
import copy
import re
import statistics
import subprocess
import sys
from collections import Counter

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from thorough import first_of, long
from whereabouts import ROOT, chapters

CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.ipynb"))
PRACTICE = sorted((ROOT / "book/practice").glob("*.ipynb"))
NOTEBOOKS = [*CHAPTERS, *PRACTICE, *sorted((ROOT / "book/further").glob("*.ipynb"))]

# ------------------------------------------------------------------ reading


def code(notebook):
    """Code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    """Every (cell, output) of a notebook."""
    return [(cell, output) for cell in code(notebook) for output in cell.outputs]


def printed(output):
    """Text that an output holds, however it got there."""
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def lines(cell):
    """Lines of a cell that are not blank."""
    return [line for line in cell.source.splitlines() if line.strip()]


DIRECTIVE = re.compile(r"^[`:]{3,}\{(?P<name>[\w-]+)\} *(?P<argument>.*)$")


def directives(notebook, *names):
    """Return the (argument, options) of the directives with one of these names."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        options = {}  # what stands before the first directive belongs to none
        for line in cell.source.splitlines():
            if start := DIRECTIVE.match(line):
                options = {}
                if start["name"] in names:
                    found.append((start["argument"].strip(), options))
            elif option := re.match(r":([\w-]+): *(.*)$", line):
                options[option[1]] = option[2].strip()
    return found


# -------------------------------------------------------------------- rules


def executed_in_order(notebook):
    """Cells are numbered 1 to n: executed once, in order, in a fresh kernel."""
    counts = [cell.execution_count for cell in code(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else counts


def no_complaint(notebook):
    """No output is an error or went to standard error."""
    bad = [o for _, o in outputs(notebook) if o.output_type == "error"]
    return bad + [o for _, o in outputs(notebook) if o.get("name") == "stderr"]


def holds_a_claim(notebook):
    """At least one output is a claim that was checked."""
    checked = any("✓" in printed(output) for _, output in outputs(notebook))
    return [] if checked else ["no ✓ in any output"]


def plain_python(notebook):
    """Cells are Python and nothing else: no magics, no shell, no question marks."""
    bad = []
    for cell in code(notebook):
        try:
            ast.parse(cell.source)
        except SyntaxError:
            bad.append(cell.source)
    return bad


def no_semicolon(notebook):
    """No cell ends in a semicolon: nbval compares what it would hide."""
    return [c.source for c in code(notebook) if c.source.rstrip().endswith(";")]


def no_timestamps(notebook):
    """No cell holds the time of its execution: two runs are the same file."""
    return [c.source for c in notebook.cells if "execution" in c.metadata]


def no_styling(notebook):
    """Size and title of a figure are not a cell's affair."""
    words = re.compile(r"figsize|set_title|suptitle|plt\.title|set_size_inches")
    return [cell.source for cell in code(notebook) if words.search(cell.source)]


def figures_speak(notebook):
    """Every image has a name, a caption, and a full sentence for who cannot see it."""
    bad = []
    for cell, output in outputs(notebook):
        if not any(kind.startswith("image/") for kind in output.get("data", {})):
            continue
        mystnb = cell.metadata.get("mystnb", {})
        alt, figure = mystnb.get("image", {}).get("alt", ""), mystnb.get("figure", {})
        sentence = len(alt.split()) >= 8 and alt.endswith(".")
        if not (sentence and figure.get("caption") and figure.get("name")):
            bad.append((cell.source, mystnb))
    return bad


def set_up_is_hidden(notebook):
    """The first code cell sets up, in six lines at most, and is folded away."""
    first = code(notebook)[0]
    hidden = "hide-cell" in first.metadata.get("tags", [])
    return [] if hidden and len(lines(first)) <= 6 else [first.source]


def cells_are_short(notebook):
    """Half the code cells have at most 5 lines and nine in ten at most 12."""
    sizes = [len(lines(cell)) for cell in code(notebook)]
    long = sum(size > 12 for size in sizes)
    fine = statistics.median(sizes) <= 5 and long <= 0.1 * len(sizes)
    return [] if fine else sizes


def exercises_are_solved(notebook):
    """There are exercises, one solution for each and none for another."""
    asked = directives(notebook, "exercise", "exercise-start")
    labels = Counter(options.get("label") for _, options in asked)
    solved = Counter(a for a, _ in directives(notebook, "solution", "solution-start"))
    fine = asked and labels == solved and set(labels.values()) == {1}
    return [] if fine and None not in labels else [labels, solved]


RULES = [
    executed_in_order,
    no_complaint,
    holds_a_claim,
    plain_python,
    no_semicolon,
    no_timestamps,
    no_styling,
    figures_speak,
    set_up_is_hidden,
    cells_are_short,
    exercises_are_solved,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_rule(path, rule):
    """Each notebook of the book keeps each rule."""
    assert rule(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("rule", RULES[:-2], ids=lambda rule: rule.__name__)
def test_front_page_keeps_rule(rule):
    """The front page, with one long cell for its figure, keeps the others."""
    assert RULES[-2:] == [cells_are_short, exercises_are_solved]
    assert rule(nbformat.read(ROOT / "book/index.ipynb", as_version=4)) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_has_five_exercises(path):
    """A chapter has five exercises or more."""
    notebook = nbformat.read(path, as_version=4)
    assert len(directives(notebook, "exercise", "exercise-start")) >= 5


def test_every_notebook_is_in_the_book():
    """There are notebooks, and each is a page of the book."""
    assert CHAPTERS
    files = {str(path.relative_to(ROOT).with_suffix("")) for path in NOTEBOOKS}
    assert files <= set(chapters())


# ------------------------------------------------------- the rules can fail


def exemplary():
    """Return a small notebook that keeps every rule."""
    claim = new_output("stream", name="stdout", text="✓ two halves: 1 (within 0)\n")
    image = new_output("display_data", data={"image/png": "", "text/plain": "<Figure>"})
    figure = {
        "image": {"alt": "A line falls from the upper left to the lower right."},
        "figure": {"caption": "A law.", "name": "fig-law"},
    }
    cells = [
        new_code_cell("import numpy as np", metadata={"tags": ["hide-cell"]}),
        new_code_cell("check('two halves', 0.5 + 0.5, 1, within=0)", outputs=[claim]),
        new_code_cell("draw()", outputs=[image], metadata={"mystnb": figure}),
        *[new_markdown_cell(EXERCISE.format(n)) for n in range(4)],
        new_markdown_cell(GATED),
    ]
    notebook = new_notebook(cells=cells)
    for count, cell in enumerate(code(notebook), 1):
        cell.execution_count = count
    return notebook


EXERCISE = """\
:::{{exercise}} Number {0}
:label: ex-{0}
Why?
:::
:::{{solution}} ex-{0}
:label: sol-{0}
Because.
:::"""

GATED = EXERCISE.format("gated").replace("e}", "e-start}").replace("n}", "n-start}")


def breaking(rule, *changes):
    """Pair a rule with each change that breaks it."""
    return [pytest.param(rule, c, id=f"{rule.__name__}-{c.__name__}") for c in changes]


def sets(path, value):
    """Return a change that sets one attribute; path as in ``1.metadata.tags``."""

    def change(notebook):
        *way, last = path.split(".")
        place = code(notebook)[int(way[0])]
        for step in way[1:]:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value

    change.__name__ = f"{path}={str(value)[:12]!r}"
    return change


def replaces(old, new):
    """Return a change that rewrites the text around the code."""

    def change(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = cell.source.replace(old, new)

    change.__name__ = f"{old!r}-{new!r}"
    return change


BREAKS = [
    *breaking(
        executed_in_order,
        sets("1.execution_count", None),
        sets("1.execution_count", 7),
        sets("0.execution_count", 0),
    ),
    *breaking(
        no_complaint,
        sets(
            "1.outputs", [new_output("stream", name="stderr", text="✓ and a warning")]
        ),
        sets("0.outputs", [new_output("error", ename="E", evalue="", traceback=[])]),
    ),
    *breaking(holds_a_claim, sets("1.outputs", [])),
    *breaking(
        plain_python,
        sets("0.source", "%matplotlib inline"),
        sets("0.source", "!pip install numpy"),
        sets("0.source", "np.sin?"),
    ),
    *breaking(no_semicolon, sets("1.source", "ax.plot(x, y);\n")),
    *breaking(no_timestamps, sets("1.metadata.execution", {"iopub.status": "2024"})),
    *breaking(
        no_styling,
        sets("1.source", "plt.subplots(figsize=(9, 9))"),
        sets("1.source", "ax.set_title('A law')"),
        sets("1.source", "plt.title('A law')"),
    ),
    *breaking(
        figures_speak,
        sets("2.metadata.mystnb", {}),
        sets("2.metadata.mystnb.image.alt", "A falling line."),
        sets("2.metadata.mystnb.image.alt", "a b c d e f g h i without a stop"),
        sets("2.metadata.mystnb.figure.name", ""),
        sets("2.metadata.mystnb.figure.caption", ""),
    ),
    *breaking(
        set_up_is_hidden,
        sets("0.metadata.tags", []),
        sets("0.source", "a = 1\n" * 7),
    ),
    *breaking(cells_are_short, sets("2.source", "a = 1\n" * 13)),
    *breaking(
        exercises_are_solved,
        replaces("{solution} ex-1", "{solution} ex-none"),
        replaces(":label: ex-1", ":label: ex-2"),
        replaces(":label: ex-gated", ":class: dropdown"),
        replaces("{exercise} Number 3", "{note} Number 3"),
        replaces("{solution-start} ex-gated", "{note} ex-gated"),
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_accepts_the_exemplary(rule):
    """A notebook without fault is found without fault."""
    assert rule(exemplary()) == []


@pytest.mark.parametrize(("rule", "change"), BREAKS)
def test_rule_sees_the_fault(rule, change):
    """A notebook with one fault is rejected by the rule against that fault."""
    notebook = exemplary()
    change(notebook)
    assert rule(notebook) != []


def test_every_rule_can_fail():
    """No rule is without a notebook that breaks it."""
    assert {case.values[0] for case in BREAKS} == set(RULES)


# ----------------------------------------------------------------- mutation


def short():
    """Return a small notebook, executed here and now."""
    cells = [new_code_cell(s) for s in ("x = 2**0.5", "print(f'{x:.3f}')", "x > 1")]
    return NotebookClient(new_notebook(cells=cells)).execute()


def beginning():
    """Return the first chapter up to the first cell that shows a number."""
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    for end, cell in enumerate(notebook.cells, 1):
        if any(re.search(r"\d", printed(o)) for o in cell.get("outputs", [])):
            notebook.cells = notebook.cells[:end]
            return notebook
    pytest.fail(f"{NOTEBOOKS[0].name} shows no number at all")


def mutate(notebook):
    """Return a copy in which the last digit of the first number shown is another."""
    mutant = copy.deepcopy(notebook)
    for _, output in outputs(mutant):
        holder, key = (
            (output, "text") if "text" in output else (output.data, "text/plain")
        )
        if number := re.search(r"\d+\.?\d*", holder.get(key, "")):
            digit = number.end() - 1 - number[0].endswith(".")
            text, other = holder[key], (int(holder[key][digit]) + 1) % 10
            holder[key] = f"{text[:digit]}{other}{text[digit + 1 :]}"
            return mutant
    pytest.fail("the notebook shows no number to change")


def compare(notebooks, folder):
    """Run the gate of this project on notebooks; return the finished process."""
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    gate = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml"]
    alone = ["--rootdir", folder, "-p", "no:cacheprovider", "-n", "0", folder]
    return subprocess.run([*gate, *alone], capture_output=True, text=True)


@long
@pytest.mark.parametrize("make", first_of([short, beginning]))
def test_one_changed_digit_is_noticed(make, tmp_path):
    """Nbval passes a notebook and fails its copy with one digit changed."""
    notebook = make()
    done = compare({"same": notebook, "changed": mutate(notebook)}, tmp_path)
    assert done.returncode == 1, done.stdout
    assert re.search(r"\b1 failed, \d+ passed", done.stdout), done.stdout
    (failed,) = re.findall(r"^FAILED (\S+)", done.stdout, re.M)
    assert "/changed.ipynb::" in f"/{failed}"
