"""The built pages, as a reader meets them: every page, in every way of looking.

They are opened as files, as the README says: a server may add to what a file finds.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from browser import LOOKS, blank, measure
from thorough import BOOK, first_of, of_the_book, unless_touched
from whereabouts import PAGES, sampled


@pytest.fixture(scope="module")
def known():
    """Styles of text whose contrast was measured, on whichever page met them first."""
    return []


@pytest.fixture(scope="module")
def page(browser):
    """The page in which all pages are opened, one after the other."""
    with blank(browser) as page:
        yield page


SAMPLED = [] if unless_touched(*BOOK) else sampled()
REST = [page for page in PAGES if page not in SAMPLED]


@pytest.fixture(scope="module", params=first_of(SAMPLED + REST, len(SAMPLED)))
def reports(request, page, book, known):
    """What one page shows, in every way of looking at it."""
    path = book / f"{request.param}.html"
    return measure(page, path.as_uri(), known=known)


@pytest.fixture(params=LOOKS)
def report(request, reports):
    """What one page shows when looked at in one way."""
    return reports[request.param]


@of_the_book
def test_book_builds_without_a_warning(build):
    """The book builds from nothing; every reference leads somewhere."""
    said = re.sub(r"\x1b\[[\d;]*m", "", build[0])  # without the colours
    everything = re.search(r"^reading sources\.\.\. \[100%\]", said, re.M)
    assert everything, "pages were there already, and were not read again"
    # Warnings, if there were any, would be counted in this line.
    assert re.search(r"^build succeeded\.$", said, re.M), said


def test_asks_no_other_host(report):
    """A page loads without a request to another host."""
    assert report.foreign == []


def test_console_is_silent(report):
    """A page loads without an error or a warning on the console."""
    assert report.errors == []


def test_every_formula_is_typeset(report):
    """MathJax has seen every formula and rejected none."""
    assert report.shown["untypeset"] == []
    assert report.shown["failed"] == []


def test_chapters_and_docstrings_have_formulas(reports, request):
    """A chapter shows many formulas, and so do the equations of the docstrings."""
    name = request.node.callspec.params["reports"]
    few = {
        "book/api_experiments": 10,
        "book/api_networks": 10,
        "book/api_compute": 10,
        "book/api_dimension": 5,
        "book/api_by_scale": 5,
        "book/api_lab": 0,
        "book/api_doctor": -1,
    }
    if re.match(r"book/(\d\d_|api)", name):
        assert reports["light"].shown["formulas"] > few.get(name, 20)


def test_no_markup_is_left_in_the_text(report):
    """No TeX, no dollar formula and no MyST role shows as such in the text."""
    assert report.shown["markup"] == []


def test_every_image_shows_and_says_what_it_shows(report):
    """Every image is there and has an alternative text that is not a file name."""
    assert report.shown["broken"] == []
    assert report.shown["images"] == []


def test_nothing_is_wider_than_the_page(report):
    """What is too wide scrolls inside itself, on a phone too."""
    assert report.shown["wide"] == []


def test_page_is_light(reports):
    """A page, with all that it loads, weighs less than 1.2 MB before MathJax."""
    urls = [url for url in reports["light"].asked if "/mathjax/" not in url]
    paths = [Path(url2pathname(urlsplit(url).path)) for url in urls]
    assert len(paths) > 5
    assert sum(path.stat().st_size for path in paths) < 1_200_000


def test_no_serious_barrier(report):
    """Axe finds no serious or critical barrier, neither ours nor the theme's."""
    assert report.violations == []


BROKEN = r"""<!doctype html><html lang="en"><title>Broken</title><style>
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } }
@media (width < 400px) { .small { color: #eee; } }
.far { display: block; overflow: auto; width: 99px; text-indent: 200px; }</style><body>
<p>Raw \(x\), $y^2$ and a {role}`left over`.</p>
<p>Text, and of the same class <span style="color: #757575">one word</span>.</p>
<p class="small">Fine, but on a phone.</p>
<p>Text with <a href="#" style="text-decoration: none; color: #222">a link</a>.</p>
<img src="https://example.org/figure.png" alt="figure.png">
<span class="math">x</span><mjx-merror>y</mjx-merror>
<mjx-container style="color: #ccc">zeta</mjx-container>
<mjx-container class="far">eta</mjx-container>
<div style="width: 3000px; color: #ddd">Too wide and too pale.</div>
<button></button>
<script>
matchMedia("(prefers-color-scheme: dark)").onchange = () => console.error("dark");
console.error("said"); throw new Error("thrown");
</script></body></html>"""


@pytest.fixture(scope="module")
def broken(page, known, tmp_path_factory):
    """Reports on a page with every fault in it, after all pages that have none."""
    path = tmp_path_factory.mktemp("broken") / "broken.html"
    path.write_text(BROKEN)
    return measure(page, path.as_uri(), known=known)


@pytest.mark.parametrize("look", LOOKS)
def test_measures_find_faults(broken, look):
    """A page with every fault in it is found to have every fault, in every look."""
    for fault in ("failed", "untypeset", "markup", "wide", "images", "broken"):
        assert broken[look].shown[fault], fault


def test_requests_and_complaints_are_heard(broken):
    """Other hosts, errors on the console, thrown ones: at the start and later."""
    assert broken["light"].foreign == ["https://example.org/figure.png"]
    assert "said" in str(broken["light"].errors)
    assert "thrown" in str(broken["light"].errors)
    assert "dark" in str(broken["dark"].errors)


def test_barriers_are_found(broken):
    """Axe sees what is pale in one look alone, a bare button, a link like its text."""

    def found(look):
        return [(rule, target) for rule, target, _ in broken[look].violations]

    pale = {
        look: {target for rule, target in found(look) if rule == "color-contrast"}
        for look in LOOKS
    }
    (formula,) = [target for target in pale["light"] if "mjx-container" in target]
    assert pale["light"] == {"div", formula}
    assert {"span", "a"} <= pale["dark"]
    assert pale["phone"] == {"div", formula, ".small"}
    rules = {look: {rule for rule, _ in found(look)} for look in LOOKS}
    for look in ("dark", "phone"):
        assert {"button-name", "scrollable-region-focusable"} <= rules[look]
    for look in ("light", "phone"):
        assert "link-in-text-block" in rules[look]
