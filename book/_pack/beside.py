"""Beside a link stands the number of the page that it leads to.

All links of a text would have too many. Those have one that a reader of paper must
follow: on pages that are made of links, and in boxes that name what to read or to do.
"""

import re

from .answers_apart import number, tag

#: Pages that send their readers to others.
GUIDES = re.compile(r"book/(routes|teaching|placement|review)\b")
BOXES = ".tip, .seealso"
#: Where a number would disturb: a heading, a link that has one, a work that is cited.
APART = {"h1", "h2", "h3", "h4", "h5", "h6", ".turn", ".bibtex-citation"}
ITEMS = ["li", "tr"], ["p", "dd", "figcaption"]


def number_links(article, name):
    """Write numbers of pages beside links of an article, once for each item."""
    boxes = [article] if GUIDES.match(name) else article.select(BOXES)
    seen = set()
    for link in [a for box in boxes for a in box.select('a[href^="#"]')]:
        if link.find_parent(_is_apart):
            continue
        item = next(filter(None, map(link.find_parent, ITEMS)), article)
        if (id(item), link["href"]) not in seen:
            seen.add((id(item), link["href"]))
            link.insert_after(_number(link))


def _number(link):
    """The number, in brackets but where it stands in brackets already."""
    before = "".join(sibling.get_text() for sibling in link.previous_siblings)
    opened = before.rfind("(") > before.rfind(")")
    where = number(link["href"][1:])
    told = ("p.\u00a0", where) if opened else ("(p.\u00a0", where, ")")
    return tag("span", "\u00a0", *told, class_="beside")


def _is_apart(element):
    kinds = element.get_attribute_list("class")
    return bool(APART & {element.name, *(f".{kind}" for kind in kinds)})
