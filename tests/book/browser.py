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
from playwright.sync_api import TimeoutError

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


# Mark one element for every style in which text is set: colours, size, weight, and
# what lies behind. axe measures the contrast of these alone; the others look the same.
# It does not see formulas: returned are those in colours that no text has.
REPRESENT = r"""() => {
  const seen = new Map(), colours = new Set(), formulas = new Map();
  const backdrops = new WeakMap();
  const backdrop = (element) => {
    if (!element) return "";
    if (!backdrops.has(element)) {
      const style = getComputedStyle(element), colour = style.backgroundColor;
      const veil = (style.opacity < 1 ? style.opacity : "")
        + (style.backgroundImage === "none" ? "" : style.backgroundImage);
      const opaque = /^rgb\(/.test(colour) && !veil;
      const clear = colour === "rgba(0, 0, 0, 0)" && !veil;
      const rest = opaque ? "" : backdrop(element.parentElement);
      backdrops.set(element, clear ? rest : `${colour} ${veil} ${rest}`.trim());
    }
    return backdrops.get(element);
  };
  const around = (link) => { // how a link is told from the text around it
    const { textDecorationLine: line } = getComputedStyle(link);
    return line + getComputedStyle(link.parentElement).color;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { nodeValue: text, parentElement: parent } = walker.currentNode;
    if (!text.trim() || parent.closest("script, style, mjx-container")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(parent);
    const colour = `${color} on ${backdrop(parent)}`;
    const link = parent.closest("a[href]");
    const style = [colour, fontSize, fontWeight, textShadow, link && around(link)];
    if (!seen.has(style.join())) seen.set(style.join(), link ?? parent);
    colours.add(colour);
  }
  for (const formula of document.querySelectorAll("mjx-container")) {
    const colour = `${getComputedStyle(formula).color} on ${backdrop(formula)}`;
    if (!colours.has(colour)) formulas.set(colour, formula.outerHTML.slice(0, 99));
  }
  seen.forEach((element) => (element.dataset.style = ""));
  return [...formulas];
}"""

# axe reads every element each time it is called, and nine tenths of them are parts of
# formulas and coloured words of code. What is not marked may go from the code. Formulas
# keep their parts where one of them is of a new kind (by its name and attributes), or
# where they scroll: to axe all others are the same again.
UNCOLOUR = """() => document.querySelectorAll("pre").forEach((code) => {
  if (!code.querySelector("[data-style]")) code.textContent = code.textContent;
})"""
CLEAR = """() => {
  const seen = new Set();
  for (const box of document.querySelectorAll("mjx-container")) {
    const kinds = [...box.querySelectorAll("*")]
      .map((part) => [part.tagName, ...part.getAttributeNames()].join());
    const known = kinds.every((kind) => seen.has(kind));
    kinds.forEach((kind) => seen.add(kind));
    const scrolls = getComputedStyle(box).overflowX !== "visible"
      && box.scrollWidth > box.clientWidth + 1;
    if (known && !scrolls) box.replaceChildren();
  }
}"""
PRUNE = """() => {
  const marked = (e) => e.querySelector("[data-style]") || e.closest("[data-style]");
  [...document.body.querySelectorAll("*")].forEach((e) => marked(e) || e.remove());
}"""

# What was asked for is there, and two frames were drawn since: scripts have been told.
TURNED = """([scheme, width]) => innerWidth === width
  && matchMedia(`(prefers-color-scheme: ${scheme})`).matches"""
DRAWN = """async () => {
  for (const frame of [1, 2]) await new Promise(requestAnimationFrame);
  await new Promise(setTimeout);
  console.log("drawn");
}"""

# Some time after a change of width the theme lets Tab stop at code that scrolls.
IN_REACH = """() => [...document.querySelectorAll("pre")]
  .every((code) => code.scrollWidth <= code.clientWidth || code.tabIndex === 0)"""

# Rules about how text is set: one element of each style is enough for them.
OF_STYLE = ["color-contrast", "link-in-text-block"]
NOT_OF_STYLE = {rule: {"enabled": False} for rule in OF_STYLE}

#: Ways of looking at a page that is open: the first is how it was opened.
LOOKS = {
    "light": {"scheme": "light", "width": 1280},
    "dark": {"scheme": "dark", "width": 1280},
    "phone": {"scheme": "light", "width": 390},
}


@dataclass
class Report:
    """What a page asked for, complained about, and shows."""

    foreign: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    shown: dict = field(default_factory=dict)
    violations: list = field(default_factory=list)

    def take(self):
        """Requests and complaints since the last time."""
        heard = [*self.foreign], [*self.errors]
        self.foreign.clear()
        self.errors.clear()
        return heard


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
    with loaded(browser, url, scheme=scheme, width=width) as (page, report):
        page.evaluate("() => window.MathJax?.startup?.promise")
        yield page, report


# Sphinx's script sets the options of MathJax: one more of them.
UNSET = """Object.defineProperty(window, "MathJax", {
  get() { return this._mathjax; },
  set(value) {
    if (!value.version) value.startup = { ...value.startup, typeset: false };
    this._mathjax = value;
  },
})"""


@contextlib.contextmanager
def loaded(browser, url, *, scheme="light", width=1280, typeset=True):
    """Open a page, do not wait for MathJax; yield the page and its report."""
    report = Report()
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",  # what fades in is pale for a moment
    )
    page = context.new_page()
    if not typeset:
        page.add_init_script(UNSET)

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
        yield page, report


def measure(browser, url):
    """Open a page once, unfold it, look at it in every way; return a report for each.

    What it asks for and says when it is opened stands in the first report; what it does
    when scheme or width change, in the report of that look.
    """
    reports = {}
    with opened(browser, url, **LOOKS["light"]) as (page, heard):
        page.evaluate(OPEN_ALL)
        for name, look in LOOKS.items():
            turn(page, **look)
            report = reports[name] = Report(shown=page.evaluate(MEASURE))
            for colours, formula in page.evaluate(REPRESENT):
                why = f"of a formula, and of no text, is {colours}"
                report.violations.append(("color-contrast", formula, why))
            report.foreign, report.errors = heard.take()
        page.evaluate(UNCOLOUR)
        page.evaluate(CLEAR)  # on a phone, where most formulas scroll
        for name in ("phone", "light"):  # at another width other things show
            turn(page, **LOOKS[name])
            reports[name].violations += serious(page, rules=NOT_OF_STYLE)
            reports[name].errors += heard.take()[1]
        page.evaluate(PRUNE)
        for name, look in LOOKS.items():
            turn(page, **look)
            found = serious(page, context="[data-style]", runOnly=OF_STYLE)
            reports[name].violations += found
    return reports  # what scripts say of a page in pieces is not heard


def turn(page, *, scheme, width):
    """Change scheme and width of an open page, and wait until it is drawn anew."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(TURNED, arg=[scheme, width])
    with page.expect_console_message(lambda said: said.text == "drawn"):
        page.evaluate(DRAWN)  # and what was said before has arrived
    with contextlib.suppress(TimeoutError):  # if it never does, axe will say so
        page.wait_for_function(IN_REACH, timeout=3000)


def serious(page, *, context=None, **options):
    """Yield (rule, target, explanation) of the violations axe calls serious."""
    found = Axe().run(page, context=context, options=AXE | options).response
    for violation in found["violations"]:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                target = " ".join(map(str, node["target"]))
                yield violation["id"], target, node["failureSummary"]
