// Turns the questions of questions.py into forms that answer back. A classic script,
// not a module: pages opened from disk may not load modules. What was answered is kept
// by memory.js.
globalThis.questions = (() => {
  "use strict";

  const { dayOf, promote, recall, keep, forget } = globalThis.memory;

  function element(tag, attributes = {}, ...children) {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  }

  const PLAIN = /^[-+]?(\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?$/i;
  const THOUSANDS = /^[-+]?[1-9]\d{0,2}((,\d{3})+|(\s\d{3})+)(\.\d*)?$/;
  const POWER = /^([-+]?)([^-+^]+)\^([-+]?\d{1,4})$/;

  // A number without a fraction bar; a comma before three digits separates thousands.
  function readPart(text) {
    const part = text.trim();
    if (THOUSANDS.test(part)) return Number(part.replace(/[,\s]/g, ""));
    if (PLAIN.test(part)) return Number(part.replace(",", "."));
    const [, sign, base, power] = POWER.exec(part.replace(/\s*\^\s*/, "^")) ?? [];
    return power ? Number(`${sign}1`) * readPart(base) ** Number(power) : NaN;
  }

  // As read_number in answers.py: 0.5, 0,5, 1/2, 1e-3, 10^4, 10 000, 10,000, 59 %; NaN for
  // anything else. Where per cent are asked for, 59 % is 59.
  function readNumber(text, percent = false) {
    const [, bare, sign] = /^(.*?)\s*(%?)\s*$/s.exec(text.replaceAll("−", "-"));
    const parts = bare.split("/");
    const [top, bottom = 1] = parts.map(readPart);
    const found = top / bottom / (sign && !percent ? 100 : 1);
    return parts.length < 3 && Number.isFinite(found) ? found : NaN;
  }

  // The answers of a form that is not yet enhanced.
  const answersOf = (form) => [...form.querySelectorAll(".question-answer")].map((node) => ({
    right: "right" in node.dataset,
    unsure: "unsure" in node.dataset,
    value: node.dataset.value,
    label: node.querySelector(".question-label"),
    feedback: node.querySelector(".question-feedback"),
  }));

  // The answer that an attempt comes to: of a choice the chosen one, of a number that of
  // the nearest expected number within reach.
  function judge({ kind, answer, within, percent }, answers, given) {
    if (kind === "choice") return answers.find((_, i) => `${i}` === given);
    const number = readNumber(given, percent);
    if (Number.isNaN(number)) return undefined;
    const reach = Number(within) + 1e-9 * Math.max(Math.abs(answer), within);
    const off = (a) => Math.abs(number - Number(a.right ? answer : a.value));
    const near = answers.filter((a) => off(a) <= reach);
    near.sort((a, b) => b.right - a.right || off(a) - off(b));
    return near[0] ?? answers.find((a) => !a.right && a.value === undefined);
  }

  // What is remembered of a form.
  function remembered(form, answers = answersOf(form)) {
    return recall(form.dataset, form.id, (given) => judge(form.dataset, answers, given));
  }

  // A choice: each answer becomes a radio button, its feedback waits beside it.
  function choice(form, answers, list) {
    const radios = answers.map((answer, i) => {
      const radio = element("input", { type: "radio", name: form.id, value: i });
      const text = element("span", {}, ...answer.label.childNodes);
      answer.label = text;
      answer.home = element("div", {}, element("label", {}, radio, text));
      list.append(answer.home);
      return radio;
    });
    return {
      first: radios[0],
      empty: "Choose an answer first.",
      given: () => radios.find((radio) => radio.checked)?.value,
      give: (value) => radios.forEach((r) => { r.checked = r.value === value; }),
      verdict: (text) => text,
    };
  }

  // A number: answers wait for paper, and to be shown.
  function number(form, answers, list) {
    const input = element("input", { type: "text", id: `${form.id}-input` });
    input.autocomplete = "off";
    const label = element("label", { htmlFor: input.id }, "Your number");
    list.append(element("div", { className: "question-number" }, label, input));
    for (const answer of answers) {
      const text = element("p", { className: "question-label" }, ...answer.label.childNodes);
      answer.label = text;
      list.append(answer.home = element("div", {}, text));
    }
    return {
      first: input,
      empty: "Type a number first, such as 0.5, 1/2, 1e-3 or 10 000.",
      given: () => (Number.isNaN(readNumber(input.value)) ? undefined : input.value.trim()),
      give: (value) => { input.value = value ?? ""; },
      verdict(verdict, text) {
        // A comma may have been meant otherwise, and so may the sign of per cent.
        const number = readNumber(text, form.dataset.percent).toPrecision(12);
        return /[,%]/.test(text) ? `${verdict} (read as ${Number(number)})` : verdict;
      },
    };
  }

  // Turn a form into one that answers back; return it. What was answered is brought
  // back, but when `afresh` only what was answered today: else there is nothing to try.
  function enhance(form, { afresh = false } = {}) {
    const old = form.querySelector(".question-answers");
    const answers = answersOf(form);
    let last = remembered(form, answers); // the entry of the last attempt
    const right = answers.find((answer) => answer.right);
    const list = element("div", { className: "question-choices" });
    const kind = { choice, number }[form.dataset.kind](form, answers, list);
    const button = (textContent, type = "button") =>
      element("button", { textContent, type, className: `question-${type}` });
    const [check, show, clear] =
      [button("Check", "submit"), button("Show the answer"), button("Clear")];
    const reply = element("div", { className: "question-reply", tabIndex: -1 });

    function say(state, verdict, answer) {
      for (const each of answers) each.home.append(each.feedback);
      reply.dataset.state = state;
      reply.replaceChildren(...verdict.length
        ? [element("p", { className: "question-verdict" }, ...verdict)] : []);
      if (answer) reply.append(answer.feedback);
    }

    function respond() {
      const answer = judge(form.dataset, answers, last.given);
      const text = right.label.cloneNode(true);
      for (const node of text.querySelectorAll("[id]")) node.removeAttribute("id");
      if (answer.right) say("yes", [kind.verdict("Yes", last.given)], answer);
      else if (last.shown) say("shown", ["The answer: ", ...text.childNodes], right);
      else if (answer.unsure) say("unsure", ["Then read this"], answer);
      else say("no", [kind.verdict("Not yet", last.given)], answer);
      show.hidden = answer.right || answer.unsure || last.shown;
      clear.hidden = false;
    }

    function remember(attempt) {
      const { right } = judge(form.dataset, answers, attempt.given);
      // What is kept, not what this page knows: another one may have asked since.
      last = promote(remembered(form, answers), { ...attempt, right }, dayOf());
      keep(form.dataset, last);
      respond();
      tell();
    }

    const tell = () => form.dispatchEvent(new Event("answered", { bubbles: true }));

    function reset() {
      say("", [], null);
      kind.give(undefined);
      show.hidden = clear.hidden = true;
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = kind.given();
      if (given !== undefined) return remember({ given });
      say("empty", [kind.empty], null);
      kind.first.focus();
    });
    show.addEventListener("click", () => {
      remember({ given: last.given, shown: true });
      reply.focus(); // the button that had the focus is gone
    });
    clear.addEventListener("click", () => {
      forget(form.dataset);
      last = null;
      reset();
      tell();
      kind.first.focus();
    });

    reset();
    const readable = last && judge(form.dataset, answers, last.given);
    if (readable && (!afresh || last.last === dayOf())) {
      kind.give(last.given);
      respond();
    }
    const buttons = element("div", { className: "question-buttons" }, check, show, clear);
    old.replaceWith(list, buttons, reply);
    reply.setAttribute("aria-live", "polite"); // after the restored reply, not before
    const prompt = form.querySelector(".question-prompt");
    prompt.id = `${form.id}-prompt`;
    form.firstElementChild.setAttribute("aria-describedby", prompt.id);
    return form;
  }

  document.querySelectorAll("form.question").forEach((form) => enhance(form));
  return { enhance, remembered, readNumber };
})();
