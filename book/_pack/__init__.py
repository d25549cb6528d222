"""What readers take along: ``python book/_pack all --to FOLDER``.

The pages, in a zip that opens without a server (`site`); the book as one tagged PDF,
put together from the built pages (`paper`) and printed (`printing`); slides for the
meetings of a group (`slides`, `decks`); and notebooks, most of what is here.

The chapters are notebooks of MyST: in JupyterLab they show directives and roles that
only the book understands, and the solutions. Here each becomes a notebook of plain
Markdown and LaTeX, with its exercises to be done, and a second one with the solutions.

How: a Sphinx builder, from the resolved tree of a page to Markdown, and not from text
to text. The tree is what the pages of the book are written from, so whatever has a
number has the book's number, references and citations and glued numbers are resolved,
gated exercises are put together, and nothing of MyST is left that could be overlooked.
From text to text all that would have to be done again. What the tree does not know is
code: it comes from the notebook, by the index that each cell carries.
"""
