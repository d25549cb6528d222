"""Small repairs to the tools the book is built with.

Pages must ask nothing of another host, weigh little, read well to a screen reader, and
build as ``singlehtml`` and ``epub`` too. Each function repairs one tool and says what
is wrong with it.
"""

import gc
import json
import re
from pathlib import Path

from docutils import nodes
from pygments.formatters import HtmlFormatter
from pygments.token import Name, Punctuation, Whitespace
from sphinx.highlighting import PygmentsBridge

ICON = re.compile(r"\bfa-[a-z0-9-]+")
ARROW = re.compile(r'<summary>(<span class="toctree-toggle")')
SEARCH = re.compile(
    r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"[^>]*>'
    r"</script>\s*"
)
INDEX = re.compile(r"(Search\.setIndex\()(.*)(\)\s*)", re.S)
COMMENT = re.compile(r"^\s*/\*.*?\*/", re.S | re.M)
ICON_RULE = re.compile(r'(?:\.fa-[a-z0-9-]+:before,?)+\{content:"[^"]*"\}')


def drop_thebe(app, config):
    """Keep sphinx-thebe silent: it puts the address of a CDN on every page."""
    for event in ("env-before-read-docs", "doctree-resolved"):
        for listener in list(app.events.listeners[event]):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)


def share_visitors(app, config):
    """Give the other HTML builders the visitors that extensions name ``html``.

    Sphinx falls back on them only while nobody registers anything under the
    builder's own name; one extension that does hides those of all the others.
    """
    handlers = app.registry.translation_handlers
    for builder in ("singlehtml", "epub"):
        handlers[builder] = {**handlers["html"], **handlers.get(builder, {})}


def visit_citation(self, node):
    """Call a reference a list item: its parent is a plain list, not a bibliography."""
    type(self).visit_citation(self, node)
    self.body[-1] = self.body[-1].replace("doc-biblioentry", "listitem")


def depart_citation(self, node):
    """Close what `visit_citation` opened."""
    type(self).depart_citation(self, node)


def drop_icon_script(app, exception):
    """Empty the theme's largest script: a font draws the same icons.

    It replaces each icon by a picture and weighs more than all else on a page.
    """
    script = Path(app.outdir, "_static", "scripts", "fontawesome.js")
    if script.exists():
        script.write_text("// The icons come from a font, through the style sheet.\n")


def drop_unused_icons(app, exception):
    """Leave the icons that pages show in the theme's style sheet: of 1400 a dozen."""
    out = Path(app.outdir)
    sheet = out / "_static" / "styles" / "pydata-sphinx-theme.css"
    if exception or not sheet.exists():
        return
    scripts = (out / "_static").glob("**/*.js")
    used = set()
    for file in [*out.rglob("*.html"), *scripts]:
        used.update(ICON.findall(file.read_text(encoding="utf-8")))
    sheet.write_text(
        ICON_RULE.sub(
            lambda rule: rule[0] if used.intersection(ICON.findall(rule[0])) else "",
            sheet.read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )


def rewrite_pages(app, exception):
    """Repair what the theme writes on every page.

    - The arrows that open a chapter's further pages in the list of contents are icons
      in an empty summary, which a screen reader cannot tell: they get a name.
    - The index of all words is loaded with every page, a quarter of a page's weight.
      Only the page of the search reads it.
    """
    for page in Path(app.outdir).rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        rewritten = ARROW.sub(r'<summary aria-label="Further pages">\1', content)
        if page.name != "search.html":
            rewritten = SEARCH.sub("", rewritten)
        if rewritten != content:
            page.write_text(rewritten, encoding="utf-8")


def lighten_search(app, exception):
    """Leave out of the index of the search what is there twice, and plain numbers.

    Functions and classes are found as objects; that they are also entries of the
    general index is a fifth of its weight. Numbers that a notebook printed are another
    part, and nobody looks for them.
    """
    path = Path(app.outdir, "searchindex.js")
    if exception or not path.exists():
        return
    before, index, after = INDEX.fullmatch(path.read_text(encoding="utf-8")).groups()
    index = json.loads(index) | {"indexentries": {}}
    for terms in (index["terms"], index["titleterms"]):
        for term in [term for term in terms if term.isdecimal()]:
            del terms[term]
    index = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    path.write_text(before + index + after, encoding="utf-8")


def keep_search_silent(app, exception):
    """Let the search quote the pages that it finds only where a server hands them out.

    A page that was opened as a file may not read another: each quote would be an error.
    """
    path = Path(app.outdir, "_static", "documentation_options.js")
    if not exception and path.exists():
        options = path.read_text(encoding="utf-8")
        served = 'SHOW_SEARCH_SUMMARY: location.protocol !== "file:"'
        options = options.replace("SHOW_SEARCH_SUMMARY: true", served)
        path.write_text(options, encoding="utf-8")


def lighten_ours(app, exception):
    """Leave comments, indentation and empty lines of our scripts and styles at home.

    A third of their weight is meant for those who change them.
    """
    for folder in app.config.html_static_path:
        for source in Path(app.confdir, folder).glob("*"):
            built = Path(app.outdir, "_static", source.name)
            if source.suffix in (".js", ".css") and built.exists():
                built.write_text(bare(source.read_text(encoding="utf-8")), "utf-8")


def bare(code):
    r"""Code without comments that have lines of their own, and without indentation.

    >>> bare("// Why.\n  a = 1; // one\n\n/* Two\n   lines. */\nb")
    'a = 1; // one\nb\n'
    """
    lines = (line.strip() for line in COMMENT.sub("", code).splitlines())
    kept = [line for line in lines if line and not line.startswith("//")]
    return "\n".join(kept) + "\n"


class LightFormatter(HtmlFormatter):
    """Mark up only what has a colour of its own: half of a page's code has none."""

    PLAIN = frozenset({Name, Name.Namespace, Punctuation, Whitespace})

    def _get_css_classes(self, ttype):
        return "" if ttype in self.PLAIN else super()._get_css_classes(ttype)


def setup(app):
    """Register the repairs."""
    gc.set_threshold(100_000)  # a tree makes no garbage, and is searched for it
    PygmentsBridge.html_formatter = LightFormatter
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    app.connect("config-inited", drop_thebe, priority=900)
    app.connect("config-inited", share_visitors, priority=900)
    app.connect("build-finished", drop_icon_script)
    app.connect("build-finished", drop_unused_icons)
    app.connect("build-finished", rewrite_pages)
    app.connect("build-finished", lighten_search)
    app.connect("build-finished", keep_search_silent)
    app.connect("build-finished", lighten_ours)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
