"""What several test modules share: the order of files, the book, built once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browser import ARGUMENTS
from playwright.sync_api import sync_playwright
from whereabouts import ROOT


def pytest_collection_modifyitems(items):
    """Longest files first, or at the end one worker is alone with one of them."""
    items.sort(key=_lateness)


def _lateness(item):
    """Notebooks by falling size, then what needs a browser, the rest as collected."""
    if item.path.suffix == ".ipynb":
        return 0, -item.path.stat().st_size
    return (1 if item.path.parent.name == "book" else 2), 0


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """What jupyter-book says when it builds the book from nothing, and the pages.

    Whoever has just built it in the repository names the log in BUILD_LOG.
    """
    if log := os.environ.get("BUILD_LOG"):
        return Path(log).read_text(), ROOT / "_build" / "html"
    place = tmp_path_factory.mktemp("book")
    tool = Path(sys.executable).with_name("jupyter-book")
    process = subprocess.run(
        [tool, "build", ".", "--path-output", place],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.stdout, place / "_build" / "html"


@pytest.fixture(scope="session")
def book(build):
    """Folder with the pages. A build that fails fails one test, not all of them."""
    _, pages = build
    return pages if (pages / "book").is_dir() else pytest.skip("the build failed")


@pytest.fixture(scope="session")
def chromium():
    """Path of Chromium; without one these tests are skipped, but never under CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found and os.environ.get("CI"):
        pytest.fail("Chromium is missing, and CI must not skip what needs it")
    return found or pytest.skip("needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser(chromium):
    """One Chromium for this module only: an open one keeps an event loop running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
