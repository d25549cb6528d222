"""A book in which routes, placement and practice are whole, and all else is a stub.

Every page of the contents is there, with the labels that lead to it, so that the build
is strict about references and takes seconds.
"""

import re

from playing import CONF, build
from whereabouts import ROOT, chapters

WAYS = ("book/placement", "book/routes", "book/review")
EXTENSIONS = '"questions", "routes", "placement", "review"]'
LABELS = re.compile(r":(?:name|label): ((?:q|ex)-[\w-]+)|\(((?:ch|sec)-[\w-]+)\)=")


def is_way(page):
    """Whether a page is one of those that are to be seen."""
    return page.startswith(WAYS)


def stub(page):
    """A page of which only the labels are left."""
    (path,) = ROOT.glob(f"{page}.ipynb")
    found = {a or b for a, b in LABELS.findall(path.read_text("utf-8"))}
    marks = "\n\n".join(f"({label})=\nText." for label in sorted(found))
    return f"# {page}\n\n{marks}\n"


def built(tmp_path_factory):
    """Folder of the built pages."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "pages"))
    conf = CONF.replace('"questions"]', EXTENSIONS)
    (source / "conf.py").write_text(conf.replace('["colon', '["linkify", "colon'))
    pages = [page for page in chapters() if not page.startswith("book/api")]
    for page in pages:
        place = source / f"{page}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        notebook = (ROOT / f"{page}.ipynb").exists()
        text = f"# {page}\n"
        if is_way(page):
            text = (ROOT / f"{page}.md").read_text("utf-8")
        elif notebook:
            text = stub(page)
        place.write_text(text, "utf-8")
    listed = "\n".join(pages)
    (source / "index.md").write_text(f"# Book\n\n```{{toctree}}\n{listed}\n```\n")
    return build(source, target)
