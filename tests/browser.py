"""Open a built page in Chromium and measure what a reader would notice.

`measure` answers with a `Report` in which every field is empty if all is well; the
tests say which field may not be otherwise. The network is cut: only 127.0.0.1 and
files resolve, and whatever else a page asks for is written down.
"""

import contextlib
import functools
import threading
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to run as root otherwise, as in a container
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

# Loading style sheets a second time, from its own place, makes requests of its own.
AXE = {"resultTypes": ["violations"], "preload": False}

# Open whatever opens: faults also hide in hints, proofs and solutions.
OPEN_ALL = """() => {
  document.querySelectorAll("details").forEach((box) => (box.open = true));
  document.querySelectorAll(".toggle-button-hidden").forEach((b) => b.click());
}"""

# Formulas MathJax gave up on, formulas it never touched, markup in the running text.
MEASURE = r"""() => {
  const all = (css) => [...document.querySelectorAll(css)];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const markup = [];
  while (walker.nextNode()) {
    const { nodeValue: text, parentElement: parent } = walker.currentNode;
    if (parent.closest("pre, code, script, style, mjx-container")) continue;
    if (/\\[([a-zA-Z]|\$[^$\s][^$]*\$|\{[a-z:]+\}`/.test(text)) markup.push(text);
  }
  const wide = all("html, body, main, .bd-article-container, .bd-article")
    .filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.tagName}.${box.className}: ${box.scrollWidth}`);
  const bareName = /^\S*\.(png|svg|jpe?g|gif|webp)$/i;
  const loaded = performance.getEntriesByType("resource")
    .concat(performance.getEntriesByType("navigation"))
    .filter((entry) => !entry.name.includes("/mathjax/"));
  return {
    failed: all("mjx-merror, [data-mjx-error]").map((e) => e.textContent),
    untypeset: all(".math").filter((e) => !e.querySelector("mjx-container"))
      .map((e) => e.textContent),
    markup,
    wide,
    images: all("img")
      .filter((i) => (i.alt.trim().split(/\s+/).length < 4) || bareName.test(i.alt))
      .map((i) => i.outerHTML.slice(0, 200)),
    broken: all("img").filter((i) => !i.naturalWidth).map((i) => i.src),
    formulas: all("mjx-container").length,
    bytes: loaded.reduce((sum, entry) => sum + entry.encodedBodySize, 0),
  };
}"""


@dataclass
class Report:
    """What a page asked for, complained about, and shows."""

    foreign: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    shown: dict = field(default_factory=dict)
    violations: list = field(default_factory=list)


@contextlib.contextmanager
def served(folder):
    """Serve a folder on a free port of this machine; yield the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Say nothing: standard error belongs to the tests."""

    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:  # the thread would keep the process alive
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def opened(browser, url, *, scheme="light", width=1280):
    """Open a page, wait until MathJax is done; yield the page and its report."""
    report = Report()
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",  # what fades in is pale for a moment
    )
    page = context.new_page()

    def asked(request):
        parts = urlsplit(request.url)
        home = parts.hostname in ("127.0.0.1", None)
        if not home or parts.scheme not in ("http", "file", "data", "blob"):
            report.foreign.append(request.url)

    def said(message):
        if message.type in ("error", "warning"):
            report.errors.append(f"{message.text} ({message.location.get('url')})")

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: report.errors.append(str(error)))
    with contextlib.closing(context):
        page.goto(url, wait_until="load")
        page.evaluate("() => window.MathJax?.startup?.promise")
        yield page, report


def measure(browser, url, *, axe=True, **look):
    """Open a page with everything on it unfolded; return its report."""
    with opened(browser, url, **look) as (page, report):
        page.evaluate(OPEN_ALL)
        report.shown = page.evaluate(MEASURE)
        if axe:
            report.violations = list(serious(page))
    return report


def serious(page):
    """Yield (rule, target, explanation) of the violations axe calls serious."""
    for violation in Axe().run(page, options=AXE).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                target = " ".join(map(str, node["target"]))
                yield violation["id"], target, node["failureSummary"]
