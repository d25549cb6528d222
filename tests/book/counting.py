"""How much a page asks of a reader: cells, lines, words, and minutes by one rule.

The *main line* is what stands outside dropdowns and outside questions, exercises and
solutions. A formula, a citation or a reference is one word; captions are read, so
their words count. A *stretch* is what is read of it with nothing to do: up to the next
question, exercise or figure to play with.
"""

import ast
import math
import re
from dataclasses import dataclass, field

import nbformat

DONE = "\0"  # in a text: here something is to be done
WORDS_A_MINUTE, SECONDS_A_LINE, MINUTES_A_FIGURE, MINUTES_A_QUESTION = 130, 12, 1, 2

ASIDE = {"question", "exercise", "solution"}  # what is done, and not read past
FENCE = re.compile(r"(?P<fence>`{3,}|:{3,})(\{(?P<name>[\w:-]+)\} *(?P<title>.*))?$")
FORMULA = re.compile(
    r"\$\$.+?\$\$( *\([\w-]+\))?|\\begin\{(\w+\*?)\}.+?\\end\{\2\}|\$[^$]+\$", re.S
)
TO_PLAY_WITH = re.compile(r'<div class="[\w-]+" data-')
ROLE = re.compile(r"\{[\w:-]+\}`[^`]*`")


@dataclass
class Counts:
    """What a page holds, most of it on the main line."""

    cells: int = 0
    lines: int = 0
    words: int = 0
    figures: int = 0
    questions: int = 0
    folded_words: int = 0  # in dropdowns outside solutions: proofs and hints
    dropdowns: list = field(default_factory=list)  # their titles
    functions: dict = field(default_factory=dict)  # name: lines, on the main line
    all_cells: int = 0
    explorables: int = 0
    stretches: list = field(default_factory=lambda: [0])  # words with nothing to do

    def read(self, number):
        """Add words of the main line."""
        self.words += number
        self.stretches[-1] += number

    @property
    def minutes(self):
        """Minutes by the rule, to the next five; exercises apart."""
        minutes = (
            self.words / WORDS_A_MINUTE
            + self.lines * SECONDS_A_LINE / 60
            + self.figures * MINUTES_A_FIGURE
            + self.questions * MINUTES_A_QUESTION
        )
        return 5 * math.ceil(round(minutes, 6) / 5)


def count(notebook):
    """Count a notebook, or the text of a Markdown page."""
    if isinstance(notebook, str):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell(notebook)]
        )
    counts, gate = Counts(), None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            gate = _text(cell.source, counts, gate)
        elif cell.cell_type == "code":
            counts.all_cells += 1
            if gate is None:
                _code(cell, counts)
    return counts


def code_lines(source):
    """Lines of code that are neither blank nor a comment."""
    stripped = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith("#") for line in stripped)


def words(text):
    """Words of Markdown text."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
    text = ROLE.sub("role", FORMULA.sub("formula", text))
    text = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", text)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def _code(cell, counts):
    """Add a cell of code on the main line."""
    counts.cells += 1
    counts.lines += code_lines(cell.source)
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.FunctionDef):
            counts.functions[node.name] = code_lines(
                ast.get_source_segment(cell.source, node)
            )
    if any("image/png" in output.get("data", {}) for output in cell.outputs):
        counts.figures += 1
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        counts.read(words(figure.get("caption", "")))


def _text(source, counts, gate):
    """Add a cell of text; return the gate, if any, that it leaves open."""
    open_fences, main, folded = [], [], []

    def place():
        """Where the present line belongs: a list, or nowhere."""
        inside = {name for _, name, *_ in open_fences} | ({gate} if gate else set())
        if "solution" in inside:
            return None
        if "dropdown" in inside:
            return folded
        return None if inside & ASIDE else main

    for line in source.splitlines():
        stripped, at_top = line.strip(), open_fences and open_fences[-1]
        fence = FENCE.match(stripped)
        if fence and fence["name"]:
            name, title = fence["name"], fence["title"].strip()
            bare = re.sub(r"-(start|end)$", "", name)
            if bare in {"question", "exercise"} and place() is main:
                main.append(DONE)
                counts.questions += bare == "question"
            if name.endswith("-start"):
                gate = name.removesuffix("-start")
            elif name.endswith("-end"):
                gate = None
            if bare in {"image", "figure"} and place() is main:
                counts.figures += 1
            open_fences.append([fence["fence"], bare, "options"])
            if bare == "dropdown" and place() is folded:
                counts.dropdowns.append(title)
            if (here := place()) is not None and bare not in {"image", "figure"}:
                here.append(title)
        elif at_top and stripped and set(stripped) == {at_top[0][0]}:
            if len(stripped) >= len(at_top[0]):
                open_fences.pop()
        elif at_top and at_top[2] == "options" and re.match(r":[\w-]+:", stripped):
            if at_top[1] == "admonition" and "dropdown" in stripped:
                at_top[1] = "dropdown"
                counts.dropdowns.append("an admonition")
        else:
            if at_top:
                at_top[2] = "text"
            if fence and not fence["name"]:  # a block of code in the text
                open_fences.append([fence["fence"], "code", "text"])
            elif (here := place()) is not None:
                math = at_top and at_top[1] == "math"
                here.append("$x$" if math else line)
                if here is main and TO_PLAY_WITH.match(stripped):
                    main[-1:] = [DONE]
                    counts.explorables += 1
    first, *others = "\n".join(main).split(DONE)
    counts.read(words(first))
    for other in others:
        counts.stretches.append(0)
        counts.read(words(other))
    counts.folded_words += words("\n".join(folded))
    return gate
