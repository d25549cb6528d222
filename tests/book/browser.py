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

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to run as root otherwise, as in a container
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

# Loading style sheets a second time, from its own place, makes requests of its own.
AXE = {"resultTypes": ["violations"], "preload": False}

# MathJax is done, where there is one.
TYPESET = "() => window.MathJax?.startup?.promise"

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
  };
}"""


# Mark one element for every style in which text is set: colours, size, weight, and
# what lies behind. axe measures the contrast of these alone; the others look the same.
# It does not see formulas: returned are those in colours that no text has. A style that
# is known, from another page or look, is not marked again.
REPRESENT = r"""(known) => {
  const seen = new Map(), colours = new Set(), formulas = new Map();
  const old = new Set(known);
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
    const style =
      [colour, fontSize, fontWeight, textShadow, link && around(link)].join();
    if (!old.has(style) && !seen.has(style)) seen.set(style, link ?? parent);
    colours.add(colour);
  }
  for (const formula of document.querySelectorAll("mjx-container")) {
    const colour = `${getComputedStyle(formula).color} on ${backdrop(formula)}`;
    if (!colours.has(colour)) formulas.set(colour, formula.outerHTML.slice(0, 99));
  }
  seen.forEach((element) => (element.dataset.style = ""));
  return [[...seen.keys()], [...formulas]];
}"""

# axe reads every element each time it is called, and nine tenths of them are parts of
# formulas and coloured words of code. These keep their parts where one is marked or of
# a new kind (by its name and attributes, in code by its class): to axe, and in other
# colours, all others are the same again, but that some formulas scroll. They still do.
CLEAR = """() => {
  const seen = new Set();
  const old = (box, kind) => {
    const kinds = [...box.querySelectorAll("*")].map(kind);
    const known = kinds.every((kind) => seen.has(kind));
    kinds.forEach((kind) => seen.add(kind));
    return known && !box.querySelector("[data-style]");
  };
  for (const code of document.querySelectorAll("pre"))
    if (old(code, (part) => part.className)) code.textContent = code.textContent;
  const named = (part) => [part.tagName, ...part.getAttributeNames()].join();
  for (const box of document.querySelectorAll("mjx-container")) {
    const known = old(box, named);
    const scrolls = getComputedStyle(box).overflowX !== "visible"
      && box.scrollWidth > box.clientWidth + 1;
    if (!known) continue;
    const width = box.scrollWidth;
    box.replaceChildren();
    if (scrolls) {
      const one = box.appendChild(document.createElement("span"));
      one.textContent = "formula";
      one.style = `display: inline-block; width: ${width}px`;
    }
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

# Rules about how text is set: one element of each style is enough for them. The slowest
# of the others finds nothing that is serious.
OF_STYLE = ["color-contrast", "link-in-text-block"]
NOT_OF_STYLE = {rule: {"enabled": False} for rule in [*OF_STYLE, "region"]}

#: Ways of looking at a page that is open: the first is how it was opened.
LOOKS = {
    "light": {"scheme": "light", "width": 1280},
    "phone": {"scheme": "light", "width": 390},
    "dark": {"scheme": "dark", "width": 1280},
}


@dataclass
class Report:
    """What a page asked for, complained about, and shows."""

    asked: list = field(default_factory=list)
    foreign: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    shown: dict = field(default_factory=dict)
    violations: list = field(default_factory=list)

    def take(self):
        """Requests, those to other hosts, and complaints since the last time."""
        heard = [*self.asked], [*self.foreign], [*self.errors]
        for list_ in (self.asked, self.foreign, self.errors):
            list_.clear()
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
        page.evaluate(TYPESET)
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
    with blank(browser, scheme=scheme, width=width) as page, listening(page) as report:
        if not typeset:
            page.add_init_script(UNSET)
        page.goto(url, wait_until="load")
        yield page, report


@contextlib.contextmanager
def blank(browser, *, scheme="light", width=1280):
    """Yield an empty page of a reader of whom nothing is remembered."""
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",  # what fades in is pale for a moment
    )
    with contextlib.closing(context):
        yield context.new_page()


@contextlib.contextmanager
def listening(page):
    """Write down what a page asks for and complains about; yield the report."""
    report = Report()

    def asked(request):
        report.asked.append(request.url)
        parts = urlsplit(request.url)
        home = parts.hostname in ("127.0.0.1", None)
        if not home or parts.scheme not in ("http", "file", "data", "blob"):
            report.foreign.append(request.url)

    def said(message):
        if message.type in ("error", "warning"):
            report.errors.append(f"{message.text} ({message.location.get('url')})")

    def thrown(error):
        report.errors.append(str(error))

    heard = {"request": asked, "console": said, "pageerror": thrown}
    for event, listener in heard.items():
        page.on(event, listener)
    try:
        yield report
    finally:
        for event, listener in heard.items():
            page.remove_listener(event, listener)


def measure(page, url, *, known=None):
    """Open a page once, unfold it, look at it in every way; return a report for each.

    The page is a blank one, or one that was measured: to go on from there is faster.
    What it asks for and says when it is opened stands in the first report; what it does
    when scheme or width change, in the report of that look. The contrast of a style of
    text is measured where it is met first: `known`, a list, collects them over pages.
    """
    reports, known = {}, [] if known is None else known
    before = len(known)
    page.goto("about:blank")  # what the last page says when it is turned is not heard
    turn(page, **LOOKS["light"])
    with listening(page) as heard:
        page.goto(url, wait_until="load")
        page.evaluate(TYPESET)
        page.evaluate(OPEN_ALL)
        for name, look in LOOKS.items():
            turn(page, **look)
            report = reports[name] = Report(shown=page.evaluate(MEASURE))
            styles, formulas = page.evaluate(REPRESENT, known)
            known += styles
            for colours, formula in formulas:
                why = f"of a formula, and of no text, is {colours}"
                report.violations.append(("color-contrast", formula, why))
            if name == "phone":  # where most formulas scroll
                page.evaluate(CLEAR)
            if name != "light":  # both widths: other things show
                report.violations += serious(page, rules=NOT_OF_STYLE)
            report.asked, report.foreign, report.errors = heard.take()
        page.evaluate(PRUNE)
        for name, look in LOOKS.items() if len(known) > before else ():
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
    script = AXE_SCRIPT if page.evaluate("() => !window.axe") else "0"  # it is long
    found = Axe(script).run(page, context=context, options=AXE | options).response
    for violation in found["violations"]:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                target = " ".join(map(str, node["target"]))
                yield violation["id"], target, node["failureSummary"]
