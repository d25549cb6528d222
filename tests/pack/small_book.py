"""A book of three short pages with one of everything that the chapters hold."""

import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from whereabouts import ROOT

CONF = f"""
import sys
sys.path[:0] = [{str(ROOT / "book")!r}, {str(ROOT / "book" / "_ext")!r}]
project = copyright = version = "1"
extensions = ["myst_nb", "sphinx_proof", "sphinx_exercise", "sphinx_design"]
extensions += ["sphinxcontrib.bibtex", "questions", "_pack.builder"]
extensions += ["sphinx-mathjax-offline"]
html_theme = "sphinx_book_theme"
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath", "tasklist"]
nb_execution_mode = "off"
numfig = True
numfig_format = {{"figure": "Figure %s", "table": "Table %s"}}
bibtex_bibfiles = ["works.bib"]
bibtex_reference_style = "author_year"
"""

WORKS = """
@article{one, author={Ann Able and Ben Baker and Cy Cole}, title={On powers},
journal={Letters}, year={2024}}
@article{two, author={Dee Dole}, title={On floors}, journal={Letters}, year={2020}}
"""

INDEX = """
# Index

```{toctree}
:numbered:
page
other
works
```
"""

FIRST = r"""
(ch-page)=
# A page

Text with $a_1*b_1$, `code`, *stress*, a snake_case_name, 5 * 3, [brackets] and \$5.
By {cite:t}`one`; others know it too {cite}`one,two`. See {doc}`other` and {doc}`works`.

$$
L = A D^{-\alpha}
+ E
$$ (eq-law)

{eq}`eq-law` holds; more in {eq}`eq-other` and in {ref}`the other page <ch-other>`.

::::{admonition} Objectives
:class: tip

After this you can

1. **read** it ({ref}`predict <q-choice>`, {ref}`practise <ex-own>`);
2. write

   $$
   x
   = 1 .
   $$
::::

```{prf:theorem} The *law*
:label: thm-law

Let $\alpha>0$. Then {eq}`eq-law`.
```

````{dropdown} Proof of $L$
```{prf:proof}
By {prf:ref}`thm-law`.
```
````

| law | value |
|---|---:|
| $\|x\|$ | 1 |
| a | 2 |

Term
: Its meaning.

:::{question} Which?
:name: q-choice

What is it?

- [ ] this: No. It is $1$.
- [x] that: Yes. Well done.
:::

:::{question} How many?
:name: q-number
:answer: 3
:within: 0.5

How many?

- right: Yes. Count.
- 7: Too many.
- otherwise: Count again.
:::

<div class="law-explorer" data-a="1"><p><em>On the web page this is a figure to play
with.</em></p></div>

```{literalinclude} code.py
:pyobject: double
:language: python
```
"""

FIGURE = {
    "mystnb": {
        "figure": {"caption": "The law $L$.", "name": "fig-law"},
        "image": {"alt": "A line."},
    }
}
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)

AFTER = r"""
{numref}`fig-law` shows it, and it is {glue:text}`number`. {ref}`ex-own` asks for more.

## Exercises

```{exercise-start} Your own
:label: ex-own
```

Write it.
"""

END = r"""
```{exercise-end}
```

```{dropdown} Hint 1
Think.
```

````{solution-start} ex-own
:class: dropdown
````

It is two.
"""

LAST = r"""
````{solution-end}
````

```{exercise} Without code
:label: ex-bare
How?
```

```{solution} ex-bare
:class: dropdown
So.
```

## Next

{doc}`other`.
"""

OTHER = r"""
(ch-other)=
# The other page

$$
y=2
$$ (eq-other)

```{admonition} Careful
:class: dropdown
It folds.
```
"""


def _cells():
    """The cells of the first page, with outputs stored."""
    picture = nbformat.v4.new_output("display_data", {"image/png": PNG})
    mime, pasted = "application/papermill.record/text/plain", "'one third'"
    glued = nbformat.v4.new_output(
        "display_data",
        {mime: pasted},
        metadata={"scrapbook": {"mime_prefix": mime[:-10], "name": "number"}},
    )
    return [
        new_markdown_cell(FIRST),
        new_code_cell("x = 1", metadata={"tags": ["hide-cell"]}),
        new_code_cell("draw(x)", metadata=FIGURE, outputs=[picture]),
        new_code_cell(
            "from myst_nb import glue\n\nfor n in [1]:\n    glue('number', f'{n}')",
            metadata={"tags": ["remove-cell"]},
            outputs=[glued],
        ),
        new_markdown_cell(AFTER),
        new_code_cell("exercises.grade('ex-own', None)"),
        new_markdown_cell(END),
        new_code_cell("exercises.grade('ex-own', 2)"),
        new_markdown_cell(LAST),
    ]


def make(folder, builder="readers"):
    """Write the book and its readers' notebooks, or its pages; return their folder."""
    source, out = folder / "source", folder / "out"
    source.mkdir()
    texts = {"conf.py": CONF, "works.bib": WORKS, "index.md": INDEX}
    texts |= {"works.md": "# Works\n\n```{bibliography}\n```\n"}
    texts |= {"code.py": "def double(x):\n    return 2 * x\n\n\ny = 3\n"}
    for name, text in texts.items():
        (source / name).write_text(text)
    meta = {
        "kernelspec": {"name": "python3", "display_name": "P", "language": "python"}
    }
    for name, cells in {"page": _cells(), "other": [new_markdown_cell(OTHER)]}.items():
        notebook = new_notebook(cells=cells, metadata=meta)
        nbformat.write(notebook, source / f"{name}.ipynb")
    command = [sys.executable, "-m", "sphinx", "-W", "-b", builder, source, out]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out
