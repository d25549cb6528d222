"""The rules of the readers' notebooks, on a small book with one of everything."""

import nbformat
import pytest
import small_book
from _pack import pieces
from left_over import ill_written, left_over


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Folder of the notebooks of a small book."""
    return small_book.make(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def page(out):
    """The notebook of the first page."""
    return nbformat.read(out / "page.ipynb", as_version=4)


@pytest.fixture(scope="module")
def solutions(out):
    """The notebook of its solutions."""
    path = out / "solutions" / "page_solutions.ipynb"
    return nbformat.read(path, as_version=4)


def text(notebook, kind="markdown"):
    """All cells of one kind, one after the other."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == kind]
    return "\n\n".join(cells)


WRITTEN = {
    "chapter's number": "# 1. A page",
    "special characters": r"snake_case_name, 5 \* 3, \[brackets\] and \$5.",
    "formula in a line": "Text with $a_1*b_1$, `code`, *stress*",
    "citation in prose": "By Able *et al.* (2024)",
    "citations in brackets": "(Able *et al.*, 2024; Dole, 2020)",
    "works cited": "## Works cited\n\n- Ann Able, Ben Baker, and",
    "page with a notebook": "See [The other page](other.ipynb) and Works.",
    "equation": "$$\nL = A D^{-\\alpha}\n+ E\n\\tag{1.1}\n$$",
    "equation here": "(1.1) holds; more in [(2.1)](other.ipynb)",
    "section elsewhere": "in [the other page](other.ipynb).",
    "box": "> **Objectives**\n>\n> After this you can",
    "objective": "> 1. **read** it (predict: *Which?*, practise: Exercise 1.1);",
    "list in a box": "Exercise 1.1);\n>\n> 2. write\n>\n>    $$ x = 1 . $$",
    "theorem": "> **Theorem 1.1 (The *law*)**\n>\n> Let $\\alpha>0$. Then (1.1).",
    "dropdown": "<details><summary>Proof of $L$</summary>\n\n*Proof.* By Theorem 1.1.",
    "table": "| law | value |\n| --- | --- |\n| $\\vert x\\vert $ | 1 |\n| a | 2 |",
    "definition": "**Term**: Its meaning.",
    "choice": "> **Predict: Which?**\n>\n> What is it?\n>\n> - this\n> - that\n>\n",
    "its answers": "> - **that**: *Yes.* Well done.",
    "number": "> - **3 (within 0.5)**: *Yes.* Count.\n> - **7**: *No.* Too many.",
    "figure to play with": "<p><em>On the web page this is a figure to play\nwith.",
    "code in the text": "```python\ndef double(x):\n    return 2 * x\n```",
    "caption": "**Figure 1.1** The law $L$.",
    "figure and glued number": "Figure 1.1 shows it, and it is one third.",
    "exercise": "### Exercise 1.1 (Your own)\n\nWrite it.",
    "hint": "<details><summary>Hint 1</summary>\n\nThink.\n\n</details>",
    "exercise without code": "### Exercise 1.2 (Without code)\n\nHow?",
}


@pytest.mark.parametrize("rule", WRITTEN)
def test_is_written_as_plain_markdown(page, rule):
    """Each kind of thing is written as CommonMark or LaTeX, with its number."""
    assert WRITTEN[rule] in text(page)


def test_nothing_of_myst_is_left(page, solutions, out):
    """No directive, role, target or option is in any notebook."""
    other = nbformat.read(out / "other.ipynb", as_version=4)
    assert [left_over(notebook) for notebook in (page, solutions, other)] == [[]] * 3
    assert [ill_written(notebook) for notebook in (page, solutions, other)] == [[]] * 3


@pytest.mark.parametrize("text", ["so **bold ** it", "a $ b", "<details>\n\nx"])
def test_bad_markdown_would_be_found(text):
    """Signs that CommonMark takes for text, and details left open, are found."""
    cells = [nbformat.v4.new_markdown_cell(text)]
    assert ill_written(nbformat.v4.new_notebook(cells=cells))


@pytest.mark.parametrize(
    "text",
    [
        *("```{dropdown} Hint", ":::{question} Which?", "> ::::", "{eq}`eq-law`"),
        *("(ch-page)=", ":label: ex-own", "  :name: q-1", "{prf:ref}`thm`"),
    ],
)
def test_what_is_left_would_be_found(text):
    """The search itself finds what it is to find."""
    cells = [nbformat.v4.new_markdown_cell(f"Text.\n{text}\nMore.")]
    assert left_over(nbformat.v4.new_notebook(cells=cells))


def test_box_that_folds_is_folded(out):
    """An admonition of the class dropdown becomes details."""
    other = text(nbformat.read(out / "other.ipynb", as_version=4))
    assert "<details><summary>Careful</summary>\n\nIt folds.\n\n</details>" in other


def test_code_is_that_of_the_page_without_solutions(page):
    """Hidden cells stay; glued numbers are printed, and say so; solutions are gone."""
    code = [cell.source for cell in page.cells if cell.cell_type == "code"]
    printed = "# Numbers for the text: hidden on the page.\n"
    printed += "for n in [1]:\n    print('number', f'{n}')"
    stub = "exercises.grade('ex-own', None)"
    assert code[1:] == ["x = 1", "draw(x)", printed, stub]
    assert "It is two" not in text(page)
    assert "So." not in text(page)


def test_solutions_hold_what_they_need(solutions):
    """The code of the page comes first, then exercise, stub, hint, solution, code."""
    cells = [cell.source for cell in solutions.cells[1:]]
    assert cells[:2] == ["# Solutions: 1. A page", "## What the page defines"]
    assert solutions.cells[2].metadata["jp-MarkdownHeadingCollapsed"]
    assert not any("###" in cell for cell in cells)  # such would be folded with it
    order = [
        *("x = 1", "draw(x)", "## Exercise 1.1", "exercises.grade('ex-own', None)"),
        *("<summary>Hint 1", "**Solution**\n\nIt is two.", "grade('ex-own', 2)"),
        *("## Exercise 1.2 (Without code)\n\nHow?\n\n**Solution**\n\nSo.",),
    ]
    places = [next(i for i, c in enumerate(cells) if words in c) for words in order]
    assert places == sorted(places)
    assert "Next" not in text(solutions)


def test_notebooks_are_valid_and_bare(page, solutions):
    """No outputs, no counts, the kernel python3, and the same first cell in both."""
    for notebook in (page, solutions):
        nbformat.validate(notebook)
        assert notebook.metadata["kernelspec"]["name"] == "python3"
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert all(c.outputs == [] and c.execution_count is None for c in code)
        assert not any(cell.metadata for cell in code)
    assert page.cells[0] == solutions.cells[0]
    assert "scalinglib" in page.cells[0].source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from myst_nb import glue\nx = 1", "x = 1"),
        ("glue('a', x,\n     display=False)\ny = 2", "print('a', x)\ny = 2"),
        ("y = 2  # no glue", "y = 2  # no glue"),
    ],
)
def test_glue_becomes_print(source, expected):
    """What only the book can do with a number is to paste it; a notebook prints it."""
    assert pieces.without_glue(source) == expected
