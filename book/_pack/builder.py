"""The Sphinx builder ``readers``: two notebooks from each page that is a notebook."""

from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.builders import Builder
from sphinx.environment.adapters.toctree import global_toctree_for_doc
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

from .markdown import Markdown
from .notebooks import readers_notebook, solutions_notebook
from .pieces import Pieces

ROUND = BracketStyle(left="(", right=")", sep="; ")


class readers_question(nodes.General, nodes.Element):
    """A question as the page of the book has it: title, prompt, answers; its `kind`."""


class KeepQuestions(SphinxPostTransform):
    """Keep questions whole, which other builders get as lists; drop all outputs."""

    default_priority = 3
    builders = ("readers",)

    def run(self, **kwargs):
        """Run before the book's own `PlainQuestions`, and before outputs are chosen."""
        for node in list(self.document.findall(_is_output)):
            node.parent.remove(node)
        for node in list(self.document.findall(_is_question)):
            kept = readers_question("", *node.children, kind=node["data"]["data-kind"])
            kept["ids"] = node["ids"]
            node.parent.replace(node, kept)


def _is_output(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def _is_question(node):
    return type(node).__name__ == "question"


class ReadersBuilder(Builder):
    """Writes ``name.ipynb``, and its solutions, for each page that is a notebook."""

    name = "readers"
    format = "readers"
    allow_parallel = False

    def get_outdated_docs(self):
        """All notebooks: to write them takes seconds."""
        return list(self.notebooks())

    def notebooks(self):
        """Names of the notebooks of readers by the names of the pages."""
        found = {
            name: name.rpartition("/")[2]
            for name in sorted(self.env.found_docs)
            if self.env.doc2path(name).endswith(".ipynb")
        }
        assert len(set(found.values())) == len(found), "two notebooks of one name"
        return found

    def get_target_uri(self, docname, typ=None):
        """Address of a page, for `Markdown` to make a link of."""
        return f"book:{docname}"

    def get_relative_uri(self, from_, to, typ=None):
        """The same, seen from another page."""
        return self.get_target_uri(to)

    def write(self, build_docnames, updated_docnames, method="update"):
        """Write the notebooks among the pages that were asked for."""
        asked = set(build_docnames or self.notebooks())
        self.prepare_writing(asked)
        self._write_serial([name for name in self.notebooks() if name in asked])

    def prepare_writing(self, docnames):
        """Set citations in round brackets, as in prose, and find what is cited."""
        style = AuthorYearReferenceStyle(
            bracket_textual=ROUND, bracket_parenthetical=ROUND
        )
        self.env.get_domain("cite").reference_style = style
        cited = self.env.get_domain("cite").citations
        pages = {citation.bibliography_key.docname for citation in cited}
        trees = [self.env.get_and_resolve_doctree(p, self) for p in sorted(pages)]
        self.works = {
            name: node
            for tree in trees
            for node in tree.findall(nodes.citation)
            for name in node["ids"]
        }

    def write_doc(self, docname, doctree):
        """Write both notebooks of a page; the second only if there are exercises."""
        self.current_docname = docname
        self.fignumbers = self.env.toc_fignumbers.get(docname, {})
        self.secnumbers = self.env.toc_secnumbers.get(docname, {})
        source = nbformat.read(self.env.doc2path(docname), as_version=4)
        name, folder = self.notebooks()[docname], Path(self.outdir)
        if docname == self.config.root_doc:
            page = next(doctree.findall(nodes.section))
            page += self.contents(docname)
        pieces = Pieces(Markdown(self), source).of(doctree)
        _write(readers_notebook(pieces), folder / f"{name}.ipynb")
        if any(piece.role == "solution" for piece in pieces):
            pieces = Pieces(Markdown(self, prefix="../"), source).of(doctree)
            notebook = solutions_notebook(pieces)
            _write(notebook, folder / "solutions" / f"{name}_solutions.ipynb")

    def contents(self, docname):
        """A section that lists all pages."""
        tree = global_toctree_for_doc(
            self.env, docname, self, collapse=False, includehidden=True, maxdepth=2
        )
        section = nodes.section("", nodes.title("", "Contents"))
        section += tree.children
        return section

    def finish(self):
        """Nothing is left to do."""


def _write(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def setup(app):
    """Register the builder."""
    app.add_builder(ReadersBuilder)
    app.add_node(readers_question)
    app.add_post_transform(KeepQuestions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
