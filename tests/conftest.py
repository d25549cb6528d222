"""What several test modules share: the order of files, the book, built once."""

import gc
import hashlib
import os
import re
import shutil
import subprocess
import sys
import warnings
from importlib.metadata import distributions
from pathlib import Path

import nbval.kernel
import pytest
import thorough
from browser import ARGUMENTS, opened, served
from filelock import FileLock
from hypothesis import settings
from playwright.sync_api import sync_playwright
from whereabouts import ROOT

# Long files, in the order in which they are begun. One worker builds the book for the
# pages; what else needs them comes when they are there.
LONG = ["test_questions", "test_pages"]
LONG += ["test_fits_of_laws", "test_forecasts", "test_doubts_about_forecasts"]
LONG += ["test_spectra", "test_dimension", "test_floors"]

gc.set_threshold(100_000)  # thousands of tests are no garbage, and are searched for it


def pytest_configure(config):
    """Note whether tests were asked for by the name of a file, or their own."""
    nbval.kernel.start_new_kernel = persistent(nbval.kernel.start_new_kernel)
    config.share = thorough.share(os.environ.get("SHARE", "1/1"))
    asked = config.option.markexpr or config.option.keyword
    asked = asked or any(re.search(r"::|\.py$", name) for name in config.args)
    thorough.everything |= bool(asked)
    if not thorough.everything:
        settings.register_profile("sampled", max_examples=thorough.examples(100))
        settings.load_profile("sampled")


def pytest_collection_modifyitems(config, items):
    """Longest files first, or at the end one worker is alone with one of them.

    What is exhaustive runs only under CI or by its name, what is long also while the
    room that it is about is changed. SHARE=k/n leaves a part of both to other runs.
    """
    items.sort(key=_lateness)
    if not thorough.everything:
        left_out = {item for item in items if thorough.spared(item)}
    else:
        left_out = {item for item in items if thorough.kept_back(item, config.share)}
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]


def persistent(start, tries=3):
    """Start a kernel as nbval does, again if it dies before it has said a word.

    Its ports are chosen before it takes them; in between a browser, a cluster or
    another kernel may have them.
    """

    def again(*args, **options):
        for left in reversed(range(tries)):
            try:
                return start(*args, **options)
            except RuntimeError:
                if not left:
                    raise
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what it held open is closed here
                gc.collect()
        return None

    return again


def pytest_report_header(config):
    """Say what is left out."""
    if not thorough.everything:
        return "exhaustive tests are left out: CI=true pytest … runs them too"
    k, n = config.share
    if n > 1:
        return f"of what is long or exhaustive, part {k} of {n}: SHARE=1/1 runs it all"


def _lateness(item):
    """Notebooks by falling size, then what is known as long, the rest as collected."""
    if item.path.suffix == ".ipynb":
        return 0, -item.path.stat().st_size
    if item.path.stem in LONG:
        return 1, LONG.index(item.path.stem)
    return 2, 0


@pytest.fixture(scope="session")
def build(tmp_path_factory, pytestconfig):
    """What jupyter-book says when it builds the book from nothing, and the pages.

    Built once for all workers, and kept for as long as all it is made of stays the
    same, but not under CI. Whoever has just built it in the repository names the log
    in BUILD_LOG.
    """
    if log := os.environ.get("BUILD_LOG"):
        return Path(log).read_text(), ROOT / "_build" / "html"
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # the workers share it
    if not os.environ.get("CI") and hasattr(pytestconfig, "cache"):
        place = pytestconfig.cache.mkdir("book")
    log, made_of, parts = place / "book.log", place / "made_of", _parts()
    failed = parts + os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with FileLock(place / "book.lock"):
        if not made_of.exists() or made_of.read_text() not in (parts, failed):
            made_of.unlink(missing_ok=True)
            shutil.rmtree(place / "book", ignore_errors=True)
            log.write_text(_built(place / "book"))
            kept = "build succeeded." in log.read_text()
            made_of.write_text(parts if kept else failed)  # no other run takes that
    return log.read_text(), place / "book" / "_build" / "html"


def _parts():
    """Hash of all that the book is made of: files, Python and its packages."""
    found = hashlib.sha256(sys.version.encode())
    for package in sorted(f"{d.name} {d.version}" for d in distributions()):
        found.update(package.encode())
    folders = (
        ROOT.glob("_*.yml"),
        *((ROOT / f).rglob("*") for f in ("book", "scalinglib")),
    )
    for path in sorted(path for paths in folders for path in paths if path.is_file()):
        if path.suffix != ".pyc":
            found.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    return found.hexdigest()


def _built(place):
    """Build the book in a folder; return what jupyter-book says."""
    tool = Path(sys.executable).with_name("jupyter-book")
    process = subprocess.run(
        [tool, "build", ".", "--path-output", place],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.stdout


@pytest.fixture(scope="session")
def book(build):
    """Folder with the pages. A build that fails fails one test, not all of them."""
    _, pages = build
    return pages if (pages / "book").is_dir() else pytest.skip("the build failed")


@pytest.fixture(scope="session")
def chromium():
    """Path of Chromium; without one these tests are skipped, but never under CI."""
    names = "chromium-headless-shell", "chromium", "chromium-browser"
    found = next(filter(None, map(shutil.which, names)), None)  # the lightest first
    if not found and os.environ.get("CI"):
        pytest.fail("Chromium is missing, and CI must not skip what needs it")
    return found or pytest.skip("needs Chromium, see README.md")


@pytest.fixture(scope="module")
def browser(chromium):
    """One Chromium for this module only: an open one keeps an event loop running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(book):
    """Where the pages are served."""
    with served(book) as url:
        yield url


@pytest.fixture(scope="module")
def pages(request, tmp_path_factory):
    """Folder of the one page that a module is about, its `PAGE`."""
    from playing import page_of

    return page_of(tmp_path_factory, request.module.PAGE)


@pytest.fixture
def widget(request, page):
    """The figure to play with on that page, of the module's `KIND`."""
    return page.locator(f".{request.module.KIND} .law-widget")


@pytest.fixture(scope="module")
def url(pages):
    """Address of the one page that a module builds: its fixture `pages`, a folder."""
    with served(pages) as address:
        yield f"{address}/index.html"


@pytest.fixture
def page(browser, url):
    """That page, opened afresh, with nothing remembered and nothing gone wrong."""
    with opened(browser, url) as (page, report):
        yield page
        assert report.errors == []
        assert report.foreign == []
