"""A page as a list of pieces, text or code, each with the part that it plays."""

import ast
from typing import NamedTuple

from docutils import nodes
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

HIDDEN = "# Numbers for the text: hidden on the page.\n"


class Piece(NamedTuple):
    """Text or code of a page; `role`: page, exercise, hint, solution or heading."""

    kind: str
    text: str
    role: str


class Pieces:
    """Walks over a page with a writer of Markdown and the notebook, for the code."""

    def __init__(self, markdown, notebook):
        self.markdown = markdown
        self.cells = notebook.cells
        self.next = 0  # the first cell whose code may still be to come
        self.found = []

    def of(self, doctree):
        """Return the pieces of a page."""
        self.children(doctree.children, "page", 1)
        self.code(len(self.cells), "page")
        if self.markdown.cited:
            self.add("## Works cited", "heading")
            works = self.markdown.cited.values()
            texts = [self.markdown.inline(work[-1].children) for work in works]
            self.add("\n".join(f"- {text}" for text in sorted(texts)), "page")
        return self.found

    def add(self, text, role, kind="markdown"):
        """Add a piece, unless it is empty."""
        if text.strip():
            self.found.append(Piece(kind, text, role))

    def children(self, children, role, level):
        """Add nodes one after the other; dropdowns after an exercise are its hints."""
        after_exercise = False
        for node in children:
            folded = node.get("design_component") == "dropdown"
            hint = "hint" if after_exercise and folded else role
            self.node(node, hint, level)
            after_exercise = is_exercise_node(node) or (after_exercise and folded)

    def node(self, node, role, level):
        """Add one node."""
        if isinstance(node, nodes.section):
            title, rest = _title(node)
            if title is not None:
                self.heading(title, role, level)
            self.children(rest, role, level + (title is not None))
        elif node.get("nb_element") == "cell_code":
            self.code(node["cell_index"], role)
            for figure in node.findall(nodes.figure):
                self.add(self.markdown.block_figure(figure), role)
            self.removed()
        elif is_exercise_node(node):
            self.add(f"{'#' * level} {self.exercise(node)}", "exercise")
            self.children(node.children[1:], "exercise", level)
        elif is_solution_node(node):
            self.add("**Solution**", "solution")
            self.children(node.children[1:], "solution", level)
        else:
            self.add(self.text(node), role)

    def text(self, node):
        """Return a block as Markdown."""
        return self.markdown.blocks([node])

    def heading(self, title, role, level):
        """Add a heading, with the number that chapters have."""
        number = self.markdown.builder.secnumbers.get("", ()) if level == 1 else ()
        number = "".join(f"{part}. " for part in number)
        text = self.markdown.inline(title.children)
        self.add(f"{'#' * level} {number}{text}", "heading" if role == "page" else role)

    def exercise(self, node):
        """Return the title of an exercise: Exercise 9.1 (New words)."""
        title = self.markdown.inline(node.children[0].children)
        number = self.markdown.number(node)
        form = self.markdown.builder.config.numfig_format["exercise"]
        return f"{form % number}{title}" if number else title

    def code(self, index, role):
        """Add the code of a cell, after that of cells before that pages do not show."""
        while self.next < index:
            self.code(self.next, "page")
        if index < len(self.cells):
            cell, self.next = self.cells[index], index + 1
            if cell.cell_type == "code":
                numbers = "remove-cell" in cell.metadata.get("tags", [])
                text = without_glue(cell.source)
                self.add(HIDDEN * numbers + text, role, "code")

    def removed(self):
        """Add what follows at once and is not shown on the page."""
        for cell in self.cells[self.next :]:
            if "remove-cell" not in cell.metadata.get("tags", []):
                break
            self.code(self.next, "page")


def _title(section):
    """Split a section into its title, if any, and the rest."""
    first = section.children[0] if section.children else None
    if isinstance(first, nodes.title):
        return first, section.children[1:]
    return None, section.children


def without_glue(source):
    r"""Code that prints the numbers which the page pastes into its prose.

    >>> print(without_glue("from myst_nb import glue\nglue('a', 1, display=False)"))
    print('a', 1)
    """
    if "glue" not in source:
        return source
    lines = source.splitlines()
    found = [node for node in ast.walk(ast.parse(source)) if hasattr(node, "lineno")]
    for node in sorted(found, key=lambda node: -node.lineno):
        here = slice(node.lineno - 1, node.end_lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "myst_nb":
            del lines[here]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "glue":
            words = [ast.get_source_segment(source, arg) for arg in node.args]
            lines[here] = [f"{' ' * node.col_offset}print({', '.join(words)})"]
    return "\n".join(lines).strip()
