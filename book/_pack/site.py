"""The built pages in a zip, to be unpacked and opened without a server."""

import re
import zipfile
from fnmatch import fnmatch

TOP = "scaling-laws-book"
START = """\
Explaining Neural Scaling Laws: the book
========================================

Unpack this zip and open index.html in a browser. Nothing is installed, nothing is asked
of any other place: formulas, the search, figures to play with and questions work from
the disk. What you answered is remembered by the browser, for this folder.

Text and figures are CC BY 4.0, code is BSD-3-Clause.
"""
#: What no page asks for: notes for developers, other packs, other kinds of MathJax.
USELESS = [
    *("*.map", ".buildinfo", "*.doctree", "objects.inv", "downloads/*"),
    *("_static/locales/*", "_static/mathjax/node-main.js"),
]
BUNDLE = re.compile(r"_static/mathjax/((?:tex|mml)-[\w-]+\.js)")
DOWNLOAD = re.compile(r'<a\b[^>]*href="(?:\.\./)*downloads/[^"]*"[^>]*>(.*?)</a>', re.S)


def files(folder):
    """Yield the name and the content of each file that the pages need."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path: path.relative_to(folder).as_posix() for path in paths}
    pages = [path for path in paths if path.suffix == ".html"]
    asked = {
        name
        for page in pages
        for name in BUNDLE.findall(page.read_text(encoding="utf-8"))
    }
    for path, name in names.items():
        bundle = BUNDLE.fullmatch(name)
        if any(fnmatch(name, useless) for useless in USELESS):
            continue
        if bundle and bundle[1] not in asked:
            continue
        content = path.read_bytes()
        if path.suffix == ".html":  # other packs are not in this one
            content = DOWNLOAD.sub(r"\1", content.decode()).encode()
        yield name, content


def archive_site(folder, to, licences):
    """Zip a folder of built pages; return the number of files.

    Parameters
    ----------
    folder : Path
        The pages; ``index.html`` leads to the first of them.
    to : Path
        The zip.
    licences : dict
        What else is in it: contents by their names.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    extra = {"README.txt": START.encode(), **licences}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in [*extra.items(), *files(folder)]:
            packed.writestr(f"{TOP}/{name}", content)
        return len(packed.namelist())
