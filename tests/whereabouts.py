"""Where things are."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def chapters():
    """Every page of the table of contents, in order, root first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *listed]


# A page of the source viewer stands for all: the API page links to them.
PAGES = [*chapters(), "genindex", "search", "_modules/scalinglib/experiments/sweep"]
