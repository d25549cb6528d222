"""What of MyST is left in the text of a notebook."""

import re

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
