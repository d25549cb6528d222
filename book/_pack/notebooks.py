"""Notebooks made of the pieces of a page: one to work in, one with the solutions."""

from pathlib import Path

from nbformat import v4

FIRST = Path(__file__).with_name("first_cell.py")
METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
DONE = ("exercise", "hint", "solution")
#: Folded in JupyterLab, with all that stands below it.
FOLDED = {"jp-MarkdownHeadingCollapsed": True}


def readers_notebook(pieces):
    """The page without its solutions: a cell for each section of text."""
    made = Made()
    for piece in pieces:
        if piece.role != "solution":
            head = piece.kind == "markdown" and piece.text.startswith("#")
            made.add(piece, apart=head)
    return made.notebook()


def solutions_notebook(pieces):
    """Exercises with hints and solutions, after the code of the page up to there."""
    title = next(piece.text for piece in pieces if piece.role == "heading")
    made, code = Made(), []
    made.add(pieces[0]._replace(kind="markdown", text=f"# Solutions: {title[2:]}"))
    for piece in pieces:
        if piece.role in DONE:
            made.defined(code)
            code = []
            head = piece.kind == "markdown" and piece.text.startswith("#")
            if head:  # not below the heading that is folded, or it were folded too
                piece = piece._replace(text=f"## {piece.text.lstrip('# ')}")
            made.add(piece, apart=head)
        elif piece.kind == "code":
            code.append(piece)
    return made.notebook()


class Made:
    """Cells, as they are made."""

    def __init__(self):
        self.cells = [v4.new_code_cell(FIRST.read_text(encoding="utf-8").strip())]

    def add(self, piece, apart=False, **metadata):
        """Add a piece: to the text before, unless it is code, or to stand apart."""
        last = self.cells[-1]
        if piece.kind == "code":
            self.cells.append(v4.new_code_cell(piece.text))
        elif apart or last.cell_type == "code" or last.metadata:
            cell = v4.new_markdown_cell(piece.text, metadata=metadata)
            self.cells.append(cell)
        else:
            last.source += f"\n\n{piece.text}"

    def defined(self, code):
        """Add what the page defines before an exercise, folded under a heading."""
        if code:
            head = code[0]._replace(kind="markdown", text="## What the page defines")
            self.add(head, apart=True, **FOLDED)
            for piece in code:
                self.add(piece)

    def notebook(self):
        """Return the notebook; the names of cells are their numbers."""
        for i, cell in enumerate(self.cells):
            cell["id"] = f"cell-{i}"
        return v4.new_notebook(cells=self.cells, metadata=METADATA)
