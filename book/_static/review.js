// The page that gathers all questions (review.py): which are due, filters, one question
// after the other, and what is remembered, to take along or to erase. A classic script,
// not a module: pages opened from disk may not load modules.
(() => {
  "use strict";

  const { dayOf, state, count, works, exported, imported, erase } = globalThis.memory;
  const { enhance, remembered } = globalThis.questions;

  function element(tag, attributes = {}, ...children) {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  }

  const button = (textContent, act) =>
    element("button", { type: "button", textContent, onclick: act });

  // MathJax typesets what stands on the page when it starts. A question that comes later
  // has to be handed to it, once it is there, and one after the other.
  let typesetting = new Promise((ready) => {
    if (document.readyState === "complete") ready();
    else addEventListener("load", ready);
  }).then(() => globalThis.MathJax?.startup?.promise);

  function typeset(node) {
    typesetting = typesetting
      .then(() => globalThis.MathJax?.typesetPromise?.([node]))
      .catch(() => {}); // a formula that fails is shown as text
  }

  const spoken = (day, today) => new Date(`${day}T12:00:00Z`).toLocaleDateString("en-GB", {
    day: "numeric", month: "long", timeZone: "UTC",
    year: day.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric",
  });

  const WHICH = { due: "Due today", new: "Not yet tried", all: "All" };

  function gather(host) {
    const beliefs = JSON.parse(host.dataset.beliefs);
    const all = [...host.querySelectorAll("template")].map((template) => ({
      ...template.dataset,
      beliefs: template.dataset.beliefs.split(" "),
      form: template.content.querySelector("form"), // never enhanced: shown is a copy
    }));
    const wanted = { which: "due", chapter: "", belief: "" };
    let queue = [], at = 0;

    // ------------------------------------------------- what is known of each

    let today, shown; // `shown`: the copies, by question, so that they are typeset once
    function look() {
      today = dayOf();
      for (const each of all) {
        each.entry = remembered(each.form);
        each.state = state(each.entry, today);
      }
    }

    const fits = ({ which, chapter, belief }) => (each) =>
      (which === "all" || each.state === which)
      && (!chapter || each.chapter === chapter)
      && (!belief || each.beliefs.includes(belief));

    // --------------------------------------------------------- the controls

    const counts = element("p", { className: "review-counts" });
    const [refuted, said, where] = ["p", "p", "p"].map((tag) => element(tag));
    refuted.className = "review-refuted";
    said.className = "review-said";
    where.className = "review-where";
    where.setAttribute("aria-live", "polite");
    said.setAttribute("role", "status");

    // Buttons of which one is pressed. `options` are pairs of a value and its text.
    function choice(key, label, options) {
      const group = element("div", { className: `review-filter review-${key}` });
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", label);
      for (const [value, text] of options) {
        const one = button(text, () => { wanted[key] = value; start(); });
        one.dataset.value = value;
        group.append(one);
      }
      return group;
    }

    const folded = (label, group) => element("details", { className: "review-more" },
      element("summary", {}, `${label}: `, element("span")), group);

    const chapters = [...new Set(all.map((each) => each.chapter))];
    const groups = {
      which: choice("which", "Which questions", Object.entries(WHICH)),
      chapter: choice("chapter", "Chapter", [["", "Every chapter"],
        ...chapters.map((chapter) => [chapter, chapter])]),
      belief: choice("belief", "Wrong belief", [["", "Any, or none"],
        ...Object.entries(beliefs).map(([key, { says }]) => [key, says])]),
    };
    const folds = { chapter: folded("Chapter", groups.chapter),
      belief: folded("Wrong belief", groups.belief) };
    const place = element("div", { className: "review-place" });
    const back = button("Previous", () => step(-1));
    const next = button("Next question", () => step(1));
    next.className = "review-next";

    // How many questions each button would lead to, and which is pressed.
    function label() {
      const found = count(all.map((each) => each.entry), today);
      const rest = found.until
        ? `${found.rest} at rest, the first until ${spoken(found.until, today)}`
        : `${found.rest} at rest`;
      counts.textContent = `${found.due} due today · ${found.new} not yet tried · ${rest}`;
      for (const [key, group] of Object.entries(groups)) {
        for (const one of group.children) {
          const { value } = one.dataset;
          const many = all.filter(fits({ ...wanted, [key]: value })).length;
          const text = key === "which" ? WHICH[value] : one.firstChild.textContent;
          one.replaceChildren(text, element("span", { className: "review-many" }, ` ${many}`));
          one.setAttribute("aria-pressed", wanted[key] === value);
          if (wanted[key] !== value || !folds[key]) continue;
          folds[key].querySelector("summary span").textContent = text;
        }
      }
      const { where: url, title } = beliefs[wanted.belief] ?? {};
      refuted.replaceChildren(...url
        ? ["Refuted in: ", element("a", { href: url, textContent: title }), "."] : []);
    }

    // -------------------------------------------- one question after the other

    function start() {
      look();
      label();
      queue = all.filter(fits(wanted));
      at = 0;
      show();
    }

    function show() {
      const each = queue[at];
      const found = count(all.filter(fits({ ...wanted, which: "all" })).map((e) => e.entry), today);
      back.disabled = at === 0;
      next.disabled = at + 1 >= queue.length;
      back.hidden = next.hidden = queue.length < 2;
      where.textContent = each ? `Question ${at + 1} of ${queue.length}`
        : "No question is left in this choice."
          + (wanted.which === "due" && found.until
            ? ` The next one comes back on ${spoken(found.until, today)}.` : "");
      if (!each) return place.replaceChildren();
      if (!shown.has(each)) {
        const form = each.form.cloneNode(true);
        const link = element("a", { href: each.place, textContent: each.page });
        const section = element("section", {},
          element("h2", { textContent: each.chapter, tabIndex: -1 }), form,
          element("p", { className: "review-stands" }, "It stands in: ", link, "."));
        shown.set(each, section);
        place.replaceChildren(section); // a form finds its parts when it is on the page
        enhance(form, { afresh: true });
        typeset(section);
      } else {
        place.replaceChildren(shown.get(each));
      }
    }

    function step(by) {
      at += by;
      show();
      place.querySelector("h2").focus(); // it may be far from the button, and is read out
    }

    place.addEventListener("answered", () => { look(); label(); });

    // ------------------------------------------------------ what is remembered

    // What was asked is asked anew, from the first.
    function again(text = "") {
      shown = new Map();
      start();
      said.textContent = text;
    }

    const file = element("input", { type: "file", accept: ".json,application/json" });
    file.hidden = true;
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      try {
        const many = imported(await chosen.text());
        again(`Imported: ${many} ${many === 1 ? "entry" : "entries"}.`);
      } catch (error) {
        said.textContent = `${error.message}. Nothing was changed.`;
      }
      file.value = ""; // the same file may be chosen again
    });

    function save() {
      const url = URL.createObjectURL(new Blob([exported()], { type: "application/json" }));
      element("a", { href: url, download: `scaling-laws-answers-${dayOf()}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      said.textContent = "Exported, as a file among your downloads.";
    }

    function clear() {
      const sure = confirm("Erase all your answers, the ticks on your routes, and what the "
        + "figures to play with remember, from this browser? This cannot be undone.");
      if (!sure) return;
      erase();
      again("All is erased.");
    }

    const desk = element("div", { className: "review-desk" }, counts, groups.which,
      folds.chapter, folds.belief, refuted, where, place,
      element("div", { className: "review-steps" }, back, next),
      element("h2", { textContent: "What is remembered" }),
      element("p", {}, "Your answers stay in this browser and go nowhere else. Take them to "
        + "another one as a file; of two answers to one question the later one counts."),
      element("div", { className: "review-keep" }, button("Export", save),
        button("Import", () => file.click()), file, button("Erase all", clear)), said);
    host.prepend(desk);
    host.dataset.ready = ""; // the links are for paper now

    look();
    const found = count(all.map((each) => each.entry), today);
    wanted.which = ["due", "new"].find((which) => found[which]) ?? "all";
    again(works() ? "" : "This browser lets the page keep nothing: it will forget your answers.");
    // Another tab may answer, and a page that one comes back to may be of yesterday.
    addEventListener("storage", () => { look(); label(); });
    addEventListener("pageshow", ({ persisted }) => { if (persisted) again(); });
  }

  document.querySelectorAll(".review").forEach(gather);
})();
