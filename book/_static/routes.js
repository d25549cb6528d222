// Boxes to tick on a route (routes.py), and where to go on. A classic script, not a
// module: pages opened from disk may not load modules.
//
// What is ticked is kept under "route ticks", an object of days by the ids of the boxes:
// a chapter that is ticked on one route is ticked on all. memory.js exports and erases it.
(() => {
  "use strict";

  const { dayOf } = globalThis.memory;
  const KEY = "route ticks";

  function element(tag, attributes = {}, ...children) {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  }

  // Storage may be blocked or spoiled: ticks then last as long as the page.
  let known = {};
  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      if (kept && typeof kept === "object" && !Array.isArray(kept)) known = kept;
      else if (kept === null) known = {};
    } catch { /* as said */ }
    return known;
  }

  function note(id, done) {
    known = { ...recall() };
    if (done) known[id] = dayOf(); else delete known[id];
    try { localStorage.setItem(KEY, JSON.stringify(known)); } catch { /* as said */ }
  }

  const count = (ids) => `${ids.filter((id) => id in known).length} of ${ids.length}`;
  const told = (ids) => `${count(ids)} done`;
  const after = (ids) => ids.find((id) => !(id in known));

  // ------------------------------------------------------- the page of a route

  // What a box is called where one links to it: its sitting, else its own text.
  const called = (place) => (place.closest(".route-step")
    ?.querySelector("h3, h2")?.firstChild ?? place.querySelector("a, .route-label"))
    ?.textContent.trim() ?? "";

  function route(host) {
    const boxes = new Map();
    const line = element("p", { className: "route-line" });
    line.setAttribute("role", "status");
    const forget = element("button", { type: "button", textContent: "Take all ticks away" });

    function show() {
      const ids = [...boxes.keys()], next = after(ids);
      for (const [id, box] of boxes) box.checked = id in known;
      const [first] = ids;
      const text = next === undefined ? "That is the whole route."
        : next === first ? "Begin with: " : "Go on with: ";
      const sittings = ids.filter((id) => document.getElementById(id).closest(".route-step"));
      const others = ids.filter((id) => !sittings.includes(id));
      const soFar = sittings.length && others.length
        ? `${count(sittings)} sittings and ${count(others)} exercises done` : told(ids);
      line.replaceChildren(`${soFar}. ${text}`, ...next === undefined ? []
        : [element("a", { href: `#${next}`, textContent: called(document.getElementById(next)) })]);
      forget.hidden = !ids.some((id) => id in known);
    }

    for (const place of document.querySelectorAll(".route-tick")) {
      const box = element("input", { type: "checkbox" });
      const text = element("span", { className: "route-label" });
      place.querySelector(".route-box").remove();
      text.append(...place.childNodes);
      place.append(element("label", {}, box, text));
      const named = called(place);
      if (text.textContent.trim() === "Done") box.setAttribute("aria-label", `Done: ${named}`);
      box.addEventListener("change", () => { note(place.id, box.checked); show(); });
      boxes.set(place.id, box);
    }
    forget.addEventListener("click", () => {
      for (const id of boxes.keys()) note(id, false);
      show();
      boxes.values().next().value.focus(); // the button that had the focus is gone
    });
    host.append(line, forget);
    addEventListener("storage", () => { recall(); show(); });
    addEventListener("pageshow", ({ persisted }) => { if (persisted) { recall(); show(); } });
    show();
  }

  // ----------------------------------------------------------- the list of all

  function overview(host) {
    for (const place of host.querySelectorAll(".route-known")) {
      const ids = JSON.parse(place.dataset.ticks), item = place.parentNode;
      if (!ids.some((id) => id in known)) continue;
      const { href } = item.querySelector("a"), next = after(ids);
      item.append(element("p", { className: "route-line" }, `${told(ids)}. `,
        ...next === undefined ? []
          : [element("a", { href: `${href}#${next}`, textContent: "Go on where you were" })]));
    }
  }

  recall();
  document.querySelectorAll(".route-progress").forEach(route);
  document.querySelectorAll(".route-overview").forEach(overview);
})();
