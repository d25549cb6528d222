"""Figures to play with, on a page of their own: built, moved and read."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import nbformat
import numpy as np
from questions import EXPLORABLES
from whereabouts import ROOT

BOOK = Path(__file__).parents[2] / "book"

CONF = f"""
import sys
sys.path.insert(0, {str(BOOK / "_ext")!r})
project = copyright = version = "1"
extensions = ["myst_parser", "sphinx-mathjax-offline", "questions"]
myst_enable_extensions = ["colon_fence", "dollarmath", "tasklist"]
html_theme = "sphinx_book_theme"
html_static_path = [{str(BOOK / "_static")!r}]
html_css_files = ["course.css"]
html_favicon = {str(BOOK / "_static" / "favicon.svg")!r}
html_context = {{"default_mode": "auto"}}
"""

# Set sliders of a figure, which may round; return what they hold and all its numbers.
SET = """([kind, values]) => {
  const figure = document.querySelector(`.${kind} .law-widget`);
  const numbers = {};
  for (const [key, value] of Object.entries(values)) {
    const slider = figure.querySelector(`input[data-key=${key}]`);
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    numbers[key] = Number(slider.value);
  }
  figure.querySelectorAll("data").forEach((place) => {
    numbers[place.dataset.value] = place.value === "" ? null : Number(place.value);
  });
  return numbers;
}"""


def hosts():
    """The element that each figure fills, as the book has it: HTML by kind."""
    found = {}
    for path in sorted((ROOT / "book").rglob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for kind in EXPLORABLES if cell.cell_type == "markdown" else ():
                for host in re.findall(
                    rf'<div class="{kind}".*?</div>', cell.source, re.S
                ):
                    found.setdefault(kind, host)
    return found


def given(host, name):
    """What an attribute `data-name` of an element says."""
    return unescape(re.search(rf"""data-{name}=(["'])(.*?)\1""", host, re.S)[2])


def table(host):
    """The rows of the table that an element keeps for paper: texts of their cells."""
    rows = re.findall(r"<tr>(.*?)</tr>", host, re.S)
    cells = [re.findall(r"<td>(.*?)</td>", row, re.S) for row in rows]
    return [row for row in cells if row]


def number(widget, key):
    """A number that is shown, in full."""
    return float(widget.locator(f"data[data-value={key}]").get_attribute("value"))


def sphinx(builder, source, target, *options):
    """Run Sphinx in a process of its own; return it when it is done."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, *options]
    return subprocess.run([*command, source, target], capture_output=True, text=True)


def build(source, target):
    """Build pages strictly; return their folder."""
    process = sphinx("html", source, target, "-W", "-n")
    assert process.returncode == 0, process.stderr
    return target


def page_of(tmp_path_factory, text):
    """Build one page of this text; return the folder."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "pages"))
    (source / "conf.py").write_text(CONF)
    (source / "index.md").write_text(f"# A page\n\n{text}\n")
    return build(source, target)


def play(page, kind, **values):
    """Set sliders of a figure; return what they and all its numbers hold."""
    return page.evaluate(SET, [kind, values])


def pictured(panel, css):
    """Points of a line, read off by the ticks of its axes."""
    ticks = panel.evaluate("""(svg) => [...svg.querySelectorAll("text")].map((text) => [
      ...["text-anchor", "x", "y"].map((name) => text.getAttribute(name)),
      text.textContent, text.querySelector("tspan")?.textContent])""")
    scales = []
    for anchor, place, off in (("middle", 1, 0), ("end", 2, -5)):
        at = [
            (float(tick[place]) + off, float((tick[4] or tick[3]).replace("−", "-")))
            for tick in ticks
            if tick[0] == anchor and tick[3][0].isdigit()
        ]
        scales.append(np.polyfit(*zip(*at, strict=True), 1))
    points = panel.locator(css).get_attribute("points")
    pixels = np.array([pair.split(",") for pair in points.split()], float)
    return [np.polyval(*each) for each in zip(scales, pixels.T, strict=True)]
