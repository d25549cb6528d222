"""Where things are."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def contents():
    """Entries of the table of contents, in order: each chapter, then what is below."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [entry for part in toc["parts"] for entry in part["chapters"]]
    return [below for entry in listed for below in (entry, *entry.get("sections", []))]


def chapters():
    """Every page of the table of contents, in order, root first."""
    return ["book/index", *(entry["file"] for entry in contents())]


# A page of the source viewer stands for all: the API page links to them.
PAGES = [*chapters(), "genindex", "search", "_modules/scalinglib/experiments/sweep"]
