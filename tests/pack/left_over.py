"""What of MyST is left in the text of a notebook, and what CommonMark cannot read."""

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

READ = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
ESCAPED = re.compile(r"\\[\\$*_`\[\]<]")
SIGN = re.compile(r"\*\*|\$|`|(?<!\w)_\w|\]\(")

FENCED = re.compile(r"^[> ]*(`{3,})[a-z]*\n.*?\n[> ]*\1$", re.S | re.M)
MYST = re.compile(
    r"""^[>\s]*(?:[-*]\s|\d+\.\s)?\s*(?:
        `{3,}\{ | :{3,}            # a directive, or the end of one
        | \([\w-]+\)=\s*$          # a target
        | :[\w-]+:(?:\s|$)         # an option
    ).*$
    | \{[\w:-]+\}`[^`]*`           # a role""",
    re.M | re.X,
)


def left_over(notebook):
    """Return directives, roles, targets and options, outside blocks of code."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = FENCED.sub("", cell.source)
            found += [match[0] for match in MYST.finditer(text)]
    return found


def ill_written(notebook):
    """Return signs of Markdown that are read as text, and details that stay open."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            tokens = READ.parse(ESCAPED.sub("·", cell.source))
            words = [k for token in tokens for k in token.children or ()]
            texts = [word.content for word in words if word.type == "text"]
            found += [text for text in texts if SIGN.search(text)]
            raw = "".join(t.content for t in tokens if t.type == "html_block")
            if raw.count("<details") != raw.count("</details"):
                found.append(cell.source)
    return found
