"""All pages as one document of HTML, to be printed.

It is put together from the pages that were built, not from their sources: so it shows
what the site shows, with the site's numbers. What is different is what paper cannot do:
nothing folds, nothing plays, and a link leads to a place of the same document or to
another site, or is no link.
"""

import html
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from .answers_apart import moderate, number, set_apart, tag, taken, unfold
from .beside import number_links
from .reshaped import reshape

STYLE = Path(__file__).with_name("paper.css")
GONE = "script, template, .headerlink, .toctree-wrapper, .sd-summary-state-marker"
MODERATED = "book/teaching/reading_group"
TOP = 2  # the level of a chapter's heading: that of a part is above
#: Formulas are told by their TeX to whoever does not see them, and have no menu.
MATHJAX = """{
  options: {processHtmlClass: "math", enableMenu: false,
    menuOptions: {settings: {assistiveMml: false}}}
}"""


def key(page, place=""):
    """Name of a place of a page among those of all pages.

    >>> key("book/notation", "n"), key("book/notation")
    ('book-notation--n', 'book-notation')
    """
    return page.replace("/", "-") + (f"--{place}" if place else "")


def article(folder, page, known):
    """Return the article of a built page, as it is on paper."""
    text = (folder / f"{page.name}.html").read_text(encoding="utf-8")
    found = BeautifulSoup(text, "html.parser").select_one("article.bd-article")
    for useless in found.select(GONE):
        useless.decompose()
    unfold(found)
    if page.name == MODERATED:
        moderate(found, level=2)
    set_apart(found, level=2)
    reshape(found, page.name)
    for heading in found.select("h1, h2, h3, h4, h5, h6"):
        level = TOP - 1 + page.depth + int(heading.name[1])
        heading.name = f"h{min(level, 6)}"
    rename(found, page.name)
    for where in found.select("[data-place]"):
        where["data-place"] = key(page.name, where["data-place"])
    for image in found.select("img"):
        image["src"] = _beside(folder, page.name, image["src"]).as_uri()
        if image.parent.name == "a":  # to the picture by itself
            image.parent.unwrap()
    for link in found.select("a[href]"):
        redirect(link, page.name, known)
    number_links(found, page.name)
    return found


def rename(found, name):
    """Make the ids of an article, and what refers to them, unique in the book."""
    seen = set()
    for element in found.select("[id]"):
        if element["id"] in seen:
            del element["id"]
        else:
            seen.add(element["id"])
            element["id"] = key(name, element["id"])


def redirect(link, name, known):
    """Let a link lead to a place of the document, or make it plain text."""
    parts = urlsplit(link["href"])
    if parts.scheme:
        return
    page = name
    if parts.path:
        path = posixpath.join(posixpath.dirname(name), unquote(parts.path))
        page = posixpath.normpath(path).removesuffix(".html")
    if page in known:
        link["href"] = "#" + key(page, unquote(parts.fragment))
        link.attrs.pop("title", None)
    else:
        link.name = "span"
        link.attrs = {}


def _beside(folder, name, path):
    return Path(folder, posixpath.dirname(name), unquote(path)).resolve()


def document(folder, pages, about):
    """Return the document and its dead links.

    Parameters
    ----------
    folder : Path
        Where the pages were built.
    pages : list of Page
        Which, in their order.
    about : dict
        Its `title`, `subtitle`, `author`, `version`, `rights`, `note`, in plain text.
    """
    folder = folder.resolve()
    known = {page.name for page in pages}
    articles = [article(folder, page, known) for page in pages]
    body, rules = tag("body"), []
    for page, found in zip(pages, articles, strict=True):
        heading = found.find(f"h{TOP + page.depth}")
        found.attrs = {"id": key(page.name), "class": f"depth-{page.depth}"}
        found["style"] = f"page: {key(page.name)}"
        rules.append(running_head(page.name, heading.get_text(" ", strip=True)))
        if page.part:
            found.insert(0, tag("h1", page.part, class_="part"))
        body.append(found)
    body.insert(0, contents(pages, articles))
    dead = unlink(body)
    head = _head(folder, about, "\n".join(rules))
    front = _front(about)
    return f"{head}\n{front}\n{body.decode_contents()}\n</body></html>", dead


def unlink(body):
    """Make links to places that are not there plain text; return them."""
    places = {element["id"] for element in body.select("[id]")}
    dead = []
    for link in body.select('a[href^="#"]'):
        if link["href"][1:] not in places:
            dead.append(link["href"])
            link.name = "span"
            link.attrs = {}
    for beside in body.select(".beside"):
        if beside.select_one(".number")["data-place"] not in places:
            beside.decompose()
    return dead


def contents(pages, articles):
    """Return the table of contents: the numbers of pages are filled in later."""
    items = []
    for page, found in zip(pages, articles, strict=True):
        if page.part:
            items.append(tag("li", page.part, class_="part"))
        heading = found.find(f"h{TOP + page.depth}")
        title = BeautifulSoup(heading.decode_contents(), "html.parser")
        link = tag("a", *taken(title), href="#" + key(page.name))
        link = tag("span", link, class_="entry")
        where = number(key(page.name))
        items.append(tag("li", link, where, class_=f"depth-{page.depth}"))
    heading = tag("h1", "Contents")
    return tag("nav", heading, tag("ul", *items), id="contents")


def running_head(name, title):
    """Return the rule that writes a page's title at the top of its sheets."""
    title = re.sub(r"\\\((.*?)\\\)", r"\1", " ".join(title.split()))
    title = title.replace("\\", "\\\\").replace('"', '\\"')
    return f'@page {key(name)} {{ @top-left {{ content: "{title}"; }} }}'


def _front(about):
    text = {name: html.escape(value) for name, value in about.items()}
    return f"""<section class="front">
<p class="front-title">{text["title"]}</p>
<p class="front-subtitle">{text["subtitle"]}</p>
<p class="front-author">{text["author"]}</p>
<p class="front-note">{text["note"]}</p>
<p class="front-rights">{text["version"]} {text["rights"]}</p>
</section>"""


def _head(folder, about, rules):
    static = folder / "_static"
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light">
<head><meta charset="utf-8">
<title>{html.escape(about["title"])}</title>
<meta name="author" content="{html.escape(about["author"])}">
<link rel="stylesheet" href="{(static / "pygments.css").as_uri()}">
<style>{STYLE.read_text(encoding="utf-8")}
{rules}</style>
<script>window.MathJax = {MATHJAX}</script>
<script defer src="{(static / "mathjax" / "tex-chtml.js").as_uri()}"></script>
</head><body>"""
