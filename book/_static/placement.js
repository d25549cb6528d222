// What the answers to the placement's questions suggest (placement.py). A classic
// script, not a module: pages opened from disk may not load modules.
//
// All words and links are those of the tables that the page has for paper; only what
// they come to is reckoned here. Answers are those that memory.js remembers.
(() => {
  "use strict";

  const { recall } = globalThis.memory;

  function element(tag, attributes = {}, ...children) {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  }

  // As suggest in placement.py.
  function suggest([tools, ...chapters], rules) {
    const places = chapters.map((_, i) => i);
    const read = places.filter((i) => !chapters[i]);
    return {
      brush_up: !tools, read, skip: places.filter((i) => chapters[i]),
      route: rules.routes.findIndex(({ missed, first }) =>
        read.length >= missed && !(first && chapters[0])),
      own_curves: chapters[0],
      minutes: read.reduce((sum, i) => sum + rules.minutes[i], 0),
    };
  }

  // Known is what was right as the first attempt of a day, and not shown before: then
  // its entry has left the first box.
  const isKnown = (entry) => !!entry && entry.right && !entry.shown && entry.box > 1;

  // The content of a cell of a table, copied, without the paragraph that it may be in.
  function copied(cell) {
    const inside = cell.cloneNode(true);
    for (const block of inside.querySelectorAll("p")) block.replaceWith(...block.childNodes);
    return [...inside.childNodes];
  }

  function place(host) {
    const rules = JSON.parse(host.dataset.rules);
    const forms = rules.questions.map((name) => document.getElementById(name));
    const [byQuestion, byCount] = host.parentNode
      .querySelectorAll(".placement-tables table");
    const cells = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells]);
    const [tools, ...chapters] = cells(byQuestion);
    const routes = cells(byCount);
    const own = routes.pop();
    const firsts = new Map(); // first attempts, where the browser remembers nothing

    const answers = () => forms.map((form) => {
      const entry = recall(form.dataset, form.id, () => undefined);
      return entry ? { known: isKnown(entry) } : firsts.get(form) ?? null;
    });

    const status = element("p", { className: "placement-status" });
    status.setAttribute("role", "status");
    const suggestion = element("div", { className: "placement-suggestion" });
    const now = element("button", { type: "button", textContent: "Suggest now" });
    const anew = element("button", { type: "button", textContent: "Forget these answers" });
    let asked = false;

    const item = (...parts) => element("li", {}, ...parts);
    const strong = (text) => element("strong", {}, text);

    // The words of a suggestion.
    function told(it) {
      const list = element("ul");
      if (it.brush_up) {
        list.append(item(strong("Brush up"), " ", ...copied(tools[1]), "."));
      }
      if (it.read.length) {
        const first = chapters[it.read[0]];
        list.append(item(strong("Begin with"), " ", ...copied(first[1]), ": there you learn ",
          ...copied(first[2]), "."));
      }
      if (it.read.length > 1) {
        const rest = it.read.slice(1).map((i) => item(...copied(chapters[i][1]), ": ",
          ...copied(chapters[i][2])));
        list.append(item(strong("Then read"), element("ul", {}, ...rest),
          `With the first, that is about ${Math.round(it.minutes / 30) / 2} hours of main lines.`));
      }
      if (it.skip.length) {
        const known = it.skip.map((i) => {
          const title = chapters[i][1].querySelector("a").cloneNode(true);
          return item(`${i + 1}. `, title, ", if this is easy: ", ...copied(chapters[i][3]));
        });
        list.append(item(strong("You may skip"), element("ul", {}, ...known)));
      }
      list.append(item(strong("Your route:"), " ", ...copied(routes[it.route][1]), ". ",
        ...copied(routes[it.route][2]), "."));
      const open = it.own_curves ? "is open to you now" : "is open to you after chapter 1";
      list.append(item(strong("Curves of your own?"), " That route ", open, ": ",
        own[1].querySelector("a").cloneNode(true), "."));
      return list;
    }

    function show() {
      const found = answers(), many = found.filter(Boolean).length;
      const all = many === found.length;
      const ready = all || (asked && many > 0);
      const right = found.filter((each) => each?.known).length;
      status.textContent = ready
        ? `${right} of ${found.length} known. This is where to begin:`
        : `${many} of ${found.length} answered. The suggestion comes with the last answer.`;
      now.hidden = ready || !many;
      anew.hidden = !many;
      const it = suggest(found.map((each) => !!each?.known), rules);
      suggestion.replaceChildren(...ready ? [told(it)] : []);
      if (ready && !all) {
        suggestion.append(element("p", {}, "What is not answered yet counts as not known."));
      }
    }

    document.addEventListener("answered", ({ target }) => {
      if (!forms.includes(target)) return;
      const { state } = target.querySelector(".question-reply").dataset;
      if (!state) firsts.delete(target);
      else if (!firsts.has(target)) firsts.set(target, { known: state === "yes" });
      show();
    });
    now.addEventListener("click", () => {
      asked = true;
      show();
      suggestion.tabIndex = -1;
      suggestion.focus(); // the button that had the focus is gone
    });
    anew.addEventListener("click", () => {
      asked = false;
      for (const form of forms) {
        [...form.querySelectorAll("button")].find((b) => b.textContent === "Clear").click();
      }
      firsts.clear();
      show();
      forms[0].querySelector("input").focus(); // there one begins anew
    });
    addEventListener("storage", show);
    addEventListener("pageshow", ({ persisted }) => { if (persisted) show(); });

    host.append(element("div", { className: "placement-desk" }, status, suggestion,
      element("div", { className: "placement-buttons" }, now, anew)));
    show();
    host.suggest = (known) => suggest(known, rules); // to be looked at by tests
  }

  document.querySelectorAll(".placement-place").forEach(place);
})();
