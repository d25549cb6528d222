"""The readers' notebooks of the book: nothing of MyST is left, the numbers are its own.

Made from what was read for the built pages: some pages take 20 seconds of a processor,
nearly all of them to load the book; all pages 35. A new environment with the wheel and
what it needs takes some minutes and half a gigabyte.
"""

import ast
import builtins
import html
import itertools
import os
import re
import subprocess
import symtable
import sys

import nbformat
import pytest
from left_over import ill_written, left_over
from thorough import exhaustive, of_the_book
from whereabouts import ROOT, chapters

SOME = ["book/09_language", "book/further/04_peak"]
RUN = ["book/01_power_laws", "book/further/08_phases"]
NOTEBOOKS = [page for page in chapters() if (ROOT / f"{page}.ipynb").exists()]


def made(book, to, pages=()):
    """Write notebooks of pages, or of all, from the build of the book."""
    command = [sys.executable, "book/_pack", "notebooks", "--to", to]
    command += ["--build", book.parent, *(f"{page}.ipynb" for page in pages)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return to


@pytest.fixture(scope="module")
def some(book, tmp_path_factory):
    """Folder with the notebooks of one chapter and one further page."""
    return made(book, tmp_path_factory.mktemp("some"), SOME)


@pytest.fixture(scope="module")
def all_of_them(book, tmp_path_factory):
    """Folder with the notebooks of all pages."""
    return made(book, tmp_path_factory.mktemp("all"))


def check(folder, name):
    """Fail unless a notebook is clean, valid and whole."""
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert left_over(notebook) == []
    assert ill_written(notebook) == []
    assert undefined(notebook) == set()
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    links = set(re.findall(r"\]\(([^():]*\.ipynb)\)", text))
    up = "../" if "/" in name else ""
    assert links <= {f"{up}{page.rpartition('/')[2]}.ipynb" for page in NOTEBOOKS}
    return notebook, text


def undefined(notebook):
    """Names that the code reads and nothing in it defines."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    top = symtable.symtable(code, "notebook", "exec")
    given, read, tables = {*dir(builtins), "display"}, set(), [top]
    given |= {s.get_name() for s in top.get_symbols() if s.is_assigned()}
    given |= {s.get_name() for s in top.get_symbols() if s.is_imported()}
    given |= {s.get_name() for s in top.get_symbols() if s.is_namespace()}
    for table in tables:
        tables += table.get_children()
        read |= {
            s.get_name()
            for s in table.get_symbols()
            if s.is_referenced() and (table is top or s.is_global())
        }
    return read - given


def test_undefined_names_would_be_found():
    """The search for undefined names finds one, and no others."""
    code = "import a\n\ndef f(x):\n    return g(x) + a.b\n\n[y for y in range(3)]\nf(z)"
    cells = [nbformat.v4.new_code_cell(code)]
    assert undefined(nbformat.v4.new_notebook(cells=cells)) == {"g", "z"}


@of_the_book
@pytest.mark.parametrize("page", SOME)
@pytest.mark.parametrize("kind", ["{}", "solutions/{}_solutions"])
def test_page_becomes_two_notebooks(some, page, kind):
    """No directive is left, every name is defined, and code is parsed."""
    notebook, text = check(some, kind.format(page.rpartition("/")[2]))
    assert "Exercise" in text
    assert ("**Solution**" in text) == ("solutions" in kind)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
            assert cell.outputs == []


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_removed_cell_follows_code(page):
    """After text it would stand with the next code, perhaps inside an exercise."""
    cells = nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells
    for before, cell in itertools.pairwise(cells):
        if "remove-cell" in cell.metadata.get("tags", []):
            assert before.cell_type == "code"


@of_the_book
@pytest.mark.parametrize("page", SOME)
def test_numbers_are_those_of_the_page(book, some, page):
    """Equations, figures, exercises and theorems have the numbers of the built page."""
    shown = (book / f"{page}.html").read_text(encoding="utf-8")
    name = page.rpartition("/")[2]
    text = check(some, name)[1]
    equations = re.findall(r'<span class="eqno">\(([\d.]+)\)', shown)
    assert re.findall(r"\\tag\{([\d.]+)\}", text) == equations
    captions = re.findall(r'<span class="caption-number">(.*?) *</span>', shown)
    for kind in ("Figure", "Exercise", "Theorem"):
        numbers = [c for c in captions if c.startswith(kind)]
        heads = rf"^(?:#+ |> )?(?:\*\*)?({kind} [\d.]+\d)(?= \(|\*\*| )"
        found = re.findall(heads, text, re.M)
        assert list(dict.fromkeys(found)) == list(dict.fromkeys(numbers)), kind
    title = re.search(r'<h1>(.*?)<a class="headerlink"', shown)[1]
    title = html.unescape(re.sub(r"<.*?>", "", title))
    assert text.startswith(f"# {title}")


@of_the_book
@pytest.mark.parametrize("page", SOME)
def test_references_in_prose_are_those_of_the_page(book, some, page):
    """Each equation that the page refers to is referred to by its number."""
    shown = (book / f"{page}.html").read_text(encoding="utf-8")
    name = page.rpartition("/")[2]
    texts = check(some, name)[1], check(some, f"solutions/{name}_solutions")[1]
    theirs = set(re.findall(r'href="[^"]*#equation-[^>]*>\(([\d.]+)\)</a>', shown))
    assert len(theirs) > 2
    assert theirs <= set(re.findall(r"\((\d+\.\d+)\)", "".join(texts)))


@exhaustive
@pytest.mark.parametrize("page", NOTEBOOKS)
def test_every_page_converts(all_of_them, page):
    """Of every page of the book: nothing is left of MyST, and every name is defined."""
    name = page.rpartition("/")[2]
    check(all_of_them, name)
    source = (ROOT / f"{page}.ipynb").read_text(encoding="utf-8")
    solved = all_of_them / "solutions" / f"{name}_solutions.ipynb"
    assert solved.exists() == ("{solution" in source)
    if solved.exists():
        check(all_of_them, f"solutions/{name}_solutions")


@exhaustive
def test_two_notebooks_run_with_the_wheel_alone(book, tmp_path):
    """In a new environment the first cell installs the wheel, and all cells run."""
    home, folder, packed = tmp_path / "env", tmp_path / "nb", tmp_path / "nb.zip"
    command = [sys.executable, "book/_pack", "zip", "--to", packed]
    command += ["--build", book.parent, *(f"{page}.ipynb" for page in RUN)]
    subprocess.run(command, cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", packed, folder], check=True)
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    python = home / "bin" / "python"
    free = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    pip = [python, "-m", "pip", "install", "--quiet", "nbclient", "ipykernel"]
    subprocess.run(pip, check=True, env=free)
    (place,) = folder.iterdir()
    for name in (page.rpartition("/")[2] for page in RUN):
        run = [home / "bin" / "jupyter-execute", f"{name}.ipynb"]
        done = subprocess.run(run, cwd=place, env=free, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
