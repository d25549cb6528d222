"""A page that gathers all questions of the book, and says which are due today.

The directive takes nothing::

    ```{review}
    ```

It writes links to all questions, by chapter and by wrong belief: that is what paper
and browsers without JavaScript show. For `review.js` the HTML also holds a copy of
each question in a ``<template>``, which costs nothing until it is asked: it is not
drawn, typeset, printed or searched.
"""

import json

from answers import BELIEFS
from docutils import nodes
from questions import INTERACTIVE, question
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import docname_join
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

SCRIPTS = ("memory.js", "questions.js", "review.js")


class review(nodes.General, nodes.Element):
    """Where questions are gathered; `beliefs`, what the script is to know of them."""


class review_copy(nodes.General, nodes.Element):
    """A copy of a question, with the page and the chapter it is of, and its place."""


class ReviewDirective(SphinxDirective):
    """``{review}``: all questions of the book."""

    def run(self):
        """Return the place that is filled when all pages are read."""
        self.env.metadata[self.env.docname]["review"] = True
        return [review(beliefs={})]


# ---------------------------------------------------------------- gathering


def ordered(env):
    """Pages in the order of the contents, each with the chapter it stands below.

    What the root lists is a chapter.
    """
    root, found = env.config.root_doc, {}

    def walk(page, chapter):
        if page not in found:
            found[page] = chapter
            for below in env.toctree_includes.get(page, ()):
                walk(below, below if page == root else chapter)

    walk(root, root)
    return found


def title(env, page):
    """The title of a page, with its number if it has one."""
    number = env.toc_secnumbers.get(page, {}).get("")
    text = env.titles[page].astext()
    return f"{'.'.join(map(str, number))}. {text}" if number else text


class GatherQuestions(SphinxPostTransform):
    """Fill the place with links and copies, before references are resolved."""

    default_priority = 1

    def run(self, **kwargs):
        """Fill each place of the page."""
        for place in list(self.document.findall(review)):
            copies = [
                self.copy(node, page, chapter)
                for page, chapter in ordered(self.env).items()
                if not self.env.metadata[page].get("review")
                for node in list(self.env.get_doctree(page).findall(question))
            ]
            links = nodes.container(classes=["review-links"])
            links += self.by_chapter(copies)
            links += self.by_belief(copies, place["beliefs"])
            if self.app.builder.name in INTERACTIVE:
                place += [links, *copies]
            else:
                place.replace_self(links)

    def copy(self, node, page, chapter):
        """A question as it reads from this page: what it refers to is elsewhere."""
        for reference in node.findall(nodes.reference):
            if "refid" in reference:
                name = reference.attributes.pop("refid")
                reference["refuri"] = f"{self.uri(page)}#{name}"
        for reference in node.findall(nodes.Element):
            if reference.get("reftype") == "doc":  # may be relative to its page
                target = docname_join(page, reference["reftarget"])
                reference["reftarget"] = f"/{target}"
            if "refdoc" in reference:
                reference["refdoc"] = self.env.docname
        place = f"{self.uri(page)}#{node['ids'][0]}"
        names = title(self.env, page), title(self.env, chapter)
        return review_copy("", node, page=page, place=place, titles=names)

    def uri(self, page):
        """Where a page is, seen from this one."""
        return self.app.builder.get_relative_uri(self.env.docname, page)

    def by_chapter(self, copies):
        """Links to the questions of each chapter."""
        part = section("by-chapter", "All questions, by chapter")
        for chapter in dict.fromkeys(copy["titles"][1] for copy in copies):
            part += nodes.paragraph("", "", nodes.strong("", chapter))
            part += self.links(c for c in copies if c["titles"][1] == chapter)
        return part

    def by_belief(self, copies, told):
        """Links to the questions of each wrong belief; note what the script needs."""
        part = section("by-belief", "Questions in which a wrong belief waits")
        labels = self.env.get_domain("std").labels
        for key, belief in BELIEFS.items():
            its = [copy for copy in copies if key in copy[0]["beliefs"]]
            if not its:
                continue
            told[key] = {"says": belief["says"]}
            said = nodes.paragraph("", "", nodes.strong("", belief["says"]))
            if belief["where"] in labels:
                page, name, heading = labels[belief["where"]]
                told[key] |= {"where": f"{self.uri(page)}#{name}", "title": heading}
                said += [nodes.Text(" Refuted in: "), self.link(page, name, heading)]
                said += nodes.Text(".")
            part += [said, self.links(its)]
        return part

    def links(self, copies):
        """A list of links to where questions stand."""
        items = nodes.bullet_list(bullet="-")
        for copy in copies:
            node = copy[0]
            name = nodes.inline("", "", *node[0].deepcopy().children)
            link = self.link(copy["page"], node["ids"][0], name)
            items += nodes.list_item("", nodes.paragraph("", "", link))
        return items

    def link(self, page, name, text):
        """A link to a place of a page."""
        text = nodes.inline("", text) if isinstance(text, str) else text
        here = self.env.docname
        return make_refnode(self.app.builder, here, page, name, text)


def section(name, heading):
    """A section without anything but its heading."""
    return nodes.section("", nodes.title("", heading), ids=[name])


# ------------------------------------------------------------------ writing


def note_pages(app, env):
    """Write pages that gather anew, as any page may have changed; MathJax is needed."""
    pages = [page for page, about in env.metadata.items() if about.get("review")]
    for page in pages:
        env.get_domain("math").data["has_equations"][page] = True
    return pages


def set_aside(app, doctree, page):
    """Take resolved copies out of the tree: the search is to find the originals."""
    for copy in doctree.findall(review_copy):
        copy["aside"], copy.children = copy.children, []


def visit_review(self, node):
    """Open the place."""
    beliefs = json.dumps(node["beliefs"], ensure_ascii=False)
    start = self.starttag(node, "div", CLASS="review", **{"data-beliefs": beliefs})
    self.body.append(start)


def depart_review(self, node):
    """Close the place."""
    self.body.append("</div>\n")


def visit_copy(self, node):
    """Write a question that waits."""
    (copied,), (page, chapter) = node["aside"], node["titles"]
    data = {"place": node["place"], "page": page, "chapter": chapter}
    data["beliefs"] = " ".join(copied["beliefs"])
    data = {f"data-{name}": value for name, value in data.items()}
    self.body.append(self.starttag(node, "template", **data))
    copied.walkabout(self)


def depart_copy(self, node):
    """Close a question that waits."""
    self.body.append("</template>\n")


def load_scripts(app, pagename, templatename, context, doctree):
    """Load what the page needs, where there is one."""
    if doctree is None or app.builder.name not in INTERACTIVE:
        return
    if next(doctree.findall(review), None):
        app.add_css_file("review.css")
        for script in SCRIPTS:
            app.add_js_file(script, loading_method="defer")


def setup(app):
    """Register the directive, its nodes and the files they need."""
    app.setup_extension("questions")
    app.add_directive("review", ReviewDirective)
    app.add_node(review, html=(visit_review, depart_review))
    app.add_node(review_copy, html=(visit_copy, depart_copy))
    app.add_post_transform(GatherQuestions)
    app.connect("env-updated", note_pages)
    app.connect("doctree-resolved", set_aside, priority=999)
    app.connect("html-page-context", load_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
