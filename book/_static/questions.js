// Turns the questions of questions.py into forms that answer back. A classic script,
// not a module: pages opened from disk may not load modules.
(() => {
  "use strict";

  function element(tag, attributes = {}, ...children) {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  }

  // As read_number in questions.py: 0.5, .5, 0,5, 1/2, 1e-3; NaN for anything else.
  function readNumber(text) {
    const parts = text.replaceAll("−", "-").replaceAll(",", ".").split("/");
    const [top, bottom = 1] = parts.map((part) =>
      /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(part) ? Number(part) : NaN);
    return parts.length < 3 && Number.isFinite(top / bottom) ? top / bottom : NaN;
  }

  // Storage may be blocked or full; a question then simply forgets.
  function storage(action) {
    try { return action(window.localStorage); } catch { return null; }
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
      judge: (value) => answers[value],
      verdict: (text) => text,
    };
  }

  // A number: the feedback is that of the nearest expected number within reach.
  function number(form, answers, list) {
    const input = element("input", { type: "text", id: `${form.id}-input` });
    input.autocomplete = "off";
    const label = element("label", { htmlFor: input.id }, "Your number");
    list.append(element("div", { className: "question-number" }, label, input));
    for (const answer of answers) {
      const text = element("p", { className: "question-label" }, ...answer.label.childNodes);
      answer.label = text; // for paper, and to show the answer
      list.append(answer.home = element("div", {}, text));
    }
    const within = Number(form.dataset.within);
    const reach = within + 1e-9 * Math.max(Math.abs(form.dataset.answer), within);
    const target = (a) => Number(a.right ? form.dataset.answer : a.value);
    function judge(text) {
      const off = (a) => Math.abs(readNumber(text) - target(a));
      const near = answers.filter((a) => off(a) <= reach);
      near.sort((a, b) => b.right - a.right || off(a) - off(b));
      return near[0] ?? answers.find((a) => !a.right && a.value === undefined);
    }
    return {
      first: input,
      empty: "Type a number first, such as 0.5, 1/2 or 1e-3.",
      given: () => (Number.isNaN(readNumber(input.value)) ? undefined : input.value.trim()),
      give: (value) => { input.value = value ?? ""; },
      judge,
      verdict(verdict, text) {
        // A comma may have been meant to separate thousands.
        return text.includes(",") ? `${verdict} (read as ${readNumber(text)})` : verdict;
      },
    };
  }

  function enhance(form) {
    const old = form.querySelector(".question-answers");
    const answers = [...old.querySelectorAll(".question-answer")].map((node) => ({
      right: "right" in node.dataset,
      value: node.dataset.value,
      label: node.querySelector(".question-label"),
      feedback: node.querySelector(".question-feedback"),
    }));
    const right = answers.find((answer) => answer.right);
    const list = element("div", { className: "question-choices" });
    const kind = { choice, number }[form.dataset.kind](form, answers, list);
    const button = (textContent, type = "button") =>
      element("button", { textContent, type, className: `question-${type}` });
    const [check, show, clear] =
      [button("Check", "submit"), button("Show the answer"), button("Clear")];
    const reply = element("div", { className: "question-reply", tabIndex: -1 });
    const key = `question ${location.pathname} ${form.id} ${form.dataset.digest}`;
    let last = null; // {given, shown}: the last attempt

    function say(state, verdict, answer) {
      for (const each of answers) each.home.append(each.feedback);
      reply.dataset.state = state;
      reply.replaceChildren(...verdict.length
        ? [element("p", { className: "question-verdict" }, ...verdict)] : []);
      if (answer) reply.append(answer.feedback);
    }

    function respond() {
      const answer = kind.judge(last.given);
      const text = right.label.cloneNode(true);
      for (const node of text.querySelectorAll("[id]")) node.removeAttribute("id");
      if (answer.right) say("yes", [kind.verdict("Yes", last.given)], answer);
      else if (last.shown) say("shown", ["The answer: ", ...text.childNodes], right);
      else say("no", [kind.verdict("Not yet", last.given)], answer);
      show.hidden = answer.right || last.shown;
      clear.hidden = false;
    }

    function remember(attempt) {
      last = attempt;
      storage((store) => store.setItem(key, JSON.stringify(last)));
      respond();
    }

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
      remember({ ...last, shown: true });
      reply.focus(); // the button that had the focus is gone
    });
    clear.addEventListener("click", () => {
      storage((store) => store.removeItem(key));
      reset();
      kind.first.focus();
    });

    reset();
    last = storage((store) => JSON.parse(store.getItem(key)));
    if (last) {
      kind.give(last.given);
      respond();
    }
    const buttons = element("div", { className: "question-buttons" }, check, show, clear);
    old.replaceWith(list, buttons, reply);
    reply.setAttribute("aria-live", "polite"); // after the restored reply, not before
    const prompt = form.querySelector(".question-prompt");
    prompt.id = `${form.id}-prompt`;
    form.firstElementChild.setAttribute("aria-describedby", prompt.id);
  }

  document.querySelectorAll("form.question").forEach(enhance);
})();
