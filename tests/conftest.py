"""What several test modules share: where things are, and the book, built once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from browser import ARGUMENTS
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]


def chapters():
    """Every page of the table of contents, in order, root first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *listed]


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Build the book from nothing, strictly; return the process and the pages."""
    place = tmp_path_factory.mktemp("book")
    tool = Path(sys.executable).with_name("jupyter-book")
    strict = ["-W", "-n", "--keep-going", "--path-output", place]
    process = subprocess.run(
        [tool, "build", ".", *strict], cwd=ROOT, capture_output=True, text=True
    )
    return process, place / "_build" / "html"


@pytest.fixture(scope="session")
def book(build):
    """Folder with the pages. A build that fails fails one test, not all of them."""
    process, pages = build
    return pages if process.returncode == 0 else pytest.skip("the build failed")


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
