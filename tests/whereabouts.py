"""Where things are."""

import functools
import re
import subprocess
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


def sampled():
    """Pages that stand for all: the first of each kind, and those that are changed."""
    changed = {name.rsplit(".", 1)[0] for name in touched()}
    kinds = {}
    for page in PAGES:
        kind = re.sub(
            r"/\d\d_.*|(?<=/practice)/.*|(?<=/routes)/.*|(?<=/api)_.*", "", page
        )
        kinds.setdefault(kind, page)
    return [page for page in PAGES if page in changed or page in kinds.values()]


@functools.cache
def touched():
    """Files that differ from the last commit; none where git cannot tell."""
    asked = "git", "status", "--porcelain", "--untracked-files=all"
    try:
        said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return []
    return [line[3:] for line in said.splitlines()]


@functools.cache
def lately(commits=12):
    """Files of the last commits; none where git cannot tell."""
    asked = "git", "log", f"-{commits}", "--name-only", "--format="
    try:
        said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return set()
    return {*said.split("\n")} - {""}
