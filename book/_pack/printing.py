"""From HTML to PDF by Chromium: tags, bookmarks and links come from the document."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from .finishing import finish, places

BROWSERS = "chromium-headless-shell", "chromium", "chromium-browser"
ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to run as root otherwise, as in a container
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # what is printed lies on the disk
]
MINUTES = 60_000
PRINTS = 3  # at most, until the numbers on paper are right
#: Width of the text between the margins of `paper.css`, in CSS pixels: 168 mm.
WIDTH = 635

# MathJax is done, pictures are there. Formulas have their TeX as a text instead. They
# are made of generated content, which Chromium does not tag, and a tag around nothing
# is dropped: so the first sign of each becomes a character, set as it was. In headings
# all do, and there is no TeX: a bookmark is the text of its heading. Between a formula
# and a comma a line might break: they are held together.
READY = r"""async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  const first = [];
  for (const { typesetRoot, math } of window.MathJax?.startup?.document?.math ?? []) {
    const signs = [...typesetRoot.querySelectorAll("mjx-c")];
    if (!typesetRoot.closest("h1, h2, h3, h4, h5, h6")) {
      typesetRoot.setAttribute("role", "img");
      typesetRoot.setAttribute("aria-label", math.trim().replace(/\s+/g, " "));
      signs.splice(1);
    }
    for (const sign of signs) {
      const { content, padding, width, display } = getComputedStyle(sign, "::before");
      first.push([sign, JSON.parse(content), { padding, width, display }]);
    }
  }
  for (const [sign, character, style] of first) {
    const real = document.createElement("span");
    Object.assign(real.style, style);
    real.textContent = character;
    sign.replaceChildren(real);
    sign.classList.add("real");
  }
  for (const formula of document.querySelectorAll("mjx-container:not([display])")) {
    const alone = formula.parentElement.matches("span.math:not(:has(> :nth-child(2)))");
    const whole = alone ? formula.parentElement : formula;
    const [before, after] = [whole.previousSibling, whole.nextSibling];
    const opening = before?.nodeType === 3 && before.data.match(/[(\[“‘]+$/)?.[0];
    const closing = after?.nodeType === 3 && after.data.match(/^[^\s—–-]{0,9}/)[0];
    if (!opening && !closing) continue;
    const held = document.createElement("span");
    held.className = "held";
    whole.replaceWith(held);
    if (opening) {
      before.data = before.data.slice(0, -opening.length);
      held.append(opening);
    }
    held.append(whole);
    if (closing) {
      after.data = after.data.slice(closing.length);
      held.append(closing);
    }
  }
  for (const image of document.images) await image.decode();
}"""

# What is wider than the sheet is made smaller: all would be, if it stood out.
FIT = """() => {
  for (const code of document.querySelectorAll("pre"))
    code.classList.toggle("short", code.textContent.split("\\n").length < 16);
  const shrink = (box, inner, room) => {
    const wide = inner.getBoundingClientRect().width;
    if (wide > room) box.style.fontSize = `${Math.floor((99 * room) / wide)}%`;
  };
  for (const box of document.querySelectorAll("div.math")) {
    const inner = box.querySelector("mjx-math");
    const number = box.querySelector(".eqno")?.getBoundingClientRect().width ?? 0;
    if (inner) shrink(box, inner, box.clientWidth - number - (number ? 12 : 0));
  }
  const tables = [...document.querySelectorAll("table")];
  for (const table of tables)
    if (table.scrollWidth > table.parentElement.clientWidth)
      table.style.zoom = table.parentElement.clientWidth / table.scrollWidth;
  const low = tables.filter(
    (table) => table.rows.length < 16 && table.getBoundingClientRect().height < 450
  );
  for (const table of low) table.classList.add("short");
}"""

WIDE = """() => [...document.body.querySelectorAll("*")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 60)}`)"""

FILL = """(numbers) => {
  for (const entry of document.querySelectorAll("[data-place]"))
    entry.textContent = numbers[entry.dataset.place];
}"""


def chromium():
    """Return the path of a Chromium, the lightest there is."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        names = ", ".join(BROWSERS)
        raise SystemExit(
            f"To print takes Chromium, and none of {names} is there. "
            "On Debian: apt-get install chromium-headless-shell"
        )
    return found


def to_pdf(source, to, about):
    """Print a file of HTML to a PDF; return what stands out at the right.

    Twice: the first time, without tags, tells the numbers of pages that are printed.
    Numbers take room: if places have moved by them, once more.
    """
    raw = Path(source).with_suffix(".raw.pdf")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.set_default_timeout(20 * MINUTES)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(Path(source).as_uri(), wait_until="load")
        page.evaluate(READY)
        page.evaluate(FIT)
        wide = page.evaluate(WIDE)
        options = {"print_background": True, "prefer_css_page_size": True}
        page.pdf(path=raw, tagged=False, outline=False, **options)
        numbers = places(raw)
        for _ in range(PRINTS):
            page.evaluate(FILL, numbers)
            page.pdf(path=raw, tagged=True, outline=True, **options)
            told, numbers = numbers, places(raw)
            if told == numbers:
                break
        browser.close()
    finish(raw, to, about)
    return wide
