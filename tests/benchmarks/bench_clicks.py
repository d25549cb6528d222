"""How soon a page answers a reader who does not wait for its formulas.

Run alone on an idle machine, after ``jupyter-book build .``: ``pytest
tests/benchmarks``. One second after the page has been read, while MathJax is still at
work, somebody answers the first question.
"""

import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "book")]

from browser import ARGUMENTS, blank  # noqa: E402

PAGES = "03_nearest_neighbours", "05_kernel_spectra", "07_networks_that_learn", "review"
CLICK = """() => {
  const form = [...document.querySelectorAll("form.question")]
    .find((form) => form.checkVisibility());
  const radio = form.querySelector("input[type=radio]");
  const typeset = document.querySelectorAll("mjx-container").length;
  const all = document.querySelectorAll(".math").length;
  return new Promise((done) => {
    const start = performance.now();
    // As a click of a hand does, this waits for its turn behind what MathJax does.
    setTimeout(() => {
      if (radio) radio.click(); else form.querySelector("input").value = "1";
      form.requestSubmit();
      requestAnimationFrame(() => setTimeout(() => {
        const said = form.querySelector(".question-reply").textContent;
        done({ ms: performance.now() - start, said, typeset, all });
      }));
    });
  });
}"""


@pytest.fixture(scope="module")
def browser():
    """A browser."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.mark.parametrize("name", PAGES)
def test_an_answer_comes_within_a_third_of_a_second(benchmark, browser, name):
    """The slowest of five visits."""
    path, found = ROOT / "_build" / "html" / "book" / f"{name}.html", []

    def visit():
        with blank(browser) as page:
            page.goto(path.as_uri(), wait_until="domcontentloaded")
            page.wait_for_timeout(1000)
            found.append(page.evaluate(CLICK))

    benchmark.pedantic(visit, rounds=5)
    assert all(each["said"] for each in found)
    slowest = max(found, key=lambda each: each["ms"])
    benchmark.extra_info |= {k: v for k, v in slowest.items() if k != "said"}
    assert slowest["ms"] < 300
