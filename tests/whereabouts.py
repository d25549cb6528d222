"""Where things are."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def chapters():
    """Every page of the table of contents, in order, root first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *listed]
