// "What a wrong split costs": for a loss L(P, D) = E + A P^-alphaP + B D^-alphaD and a
// budget C = 6 P D the best size, the sizes that lose little, and what other surfaces
// would have recommended. Mounted on <div class="compute-frontier" data-budget
// data-percent data-surfaces data-start>: surfaces are a JSON object of
// [E, A, B, alphaP, alphaD] by name, start is one of the names. What the div holds is
// kept for paper.
(() => {
  "use strict";
  const { signed, slider, decades, rounds, paper, mount, teller } = explorables;
  const log = Math.log10;

  // ---- the surface. Sizes are logarithms: t = ln P, and budgets k = ln(C/6), so that
  // ln D = k - t. A model has one parameter or more and sees one token or more.

  const budget = (C) => Math.log(C / 6);
  const loss = ({ E, A, B, alphaP, alphaD }, t, k) =>
    E + A * Math.exp(-alphaP * t) + B * Math.exp(-alphaD * (k - t));

  // Without both exponents every size is as good, and the middle stands for them.
  function optimum({ A, B, alphaP, alphaD }, k) {
    const balance = Math.log(alphaP * A) - Math.log(alphaD * B);
    const t = (balance + alphaD * k) / (alphaP + alphaD);
    return Number.isNaN(t) ? k / 2 : Math.min(k, Math.max(0, t));
  }

  // Smallest and largest size whose loss is at most (1 + x) times the least one.
  function band(law, k, x) {
    const best = optimum(law, k);
    const level = (1 + x) * loss(law, best, k);
    return [0, k].map((outside) => {
      if (loss(law, outside, k) <= level) return outside;
      let inside = best;
      for (let i = 0; i < 60; i++) {
        const middle = (inside + outside) / 2;
        if (loss(law, middle, k) <= level) inside = middle;
        else outside = middle;
      }
      return inside;
    });
  }

  // By what factor a budget may shrink until its least loss is 1 + x times as large.
  // The excess over the floor is a power of the budget while the best size is inside.
  function saved(law, k, x) {
    const best = optimum(law, k);
    if (!(best > 0 && best < k)) return null;
    const excess = loss({ ...law, E: 0 }, best, k);
    const factor = (1 + x * (law.E / excess + 1)) ** (1 / law.alphaP + 1 / law.alphaD);
    return Math.log(factor) < k ? factor : null;
  }

  // The tests compare them with the package.
  explorables.frontier = { budget, loss, optimum, band, saved };

  // ---- numbers as text

  // Two digits: 18, 0.33, 7.2·10^10, with `power` to write the exponent.
  function short(x, power = (n) => `<sup>${signed(n, 0)}</sup>`) {
    const [digits, exponent] = x.toExponential(1).split("e").map(Number);
    if (x === 0 || (exponent >= -2 && exponent < 4)) return `${Number(x.toPrecision(2))}`;
    return `${signed(digits, 1)}·10${power(exponent)}`;
  }
  const spoken = (x) => short(x, (n) => ` to the ${n}`).replace("·", " times ");

  // In words, for sentences: 72 billion.
  function inWords(x) {
    const names = ["", " thousand", " million", " billion", " trillion"];
    const rounded = Number(x.toPrecision(2));
    const n = Math.max(0, Math.min(4, Math.floor(log(rounded) / 3 + 1e-9)));
    const count = rounded / 1000 ** n;
    const plain = count >= 0.01 && count < 1e4;
    return plain ? `${Number(count.toPrecision(2))}${names[n]}` : spoken(x);
  }
  const percent = (x) => (x > 0 && x < 0.005 ? "&lt; 0.01" : x < 10 ? x.toFixed(2) : short(x));

  // ---- what is shown

  // Marks of the other surfaces, about a point.
  const MARKS = ["M-5-5h10v10h-10z", "M0-6.5L6 4.5H-6z", "M0-7L6 0L0 7L-6 0z"];
  const [DECADES, BELOW, ABOVE] = [2.5, 0.015, 0.135]; // of a valley, about its bottom
  const [SMALLEST, LARGEST] = [15, 28]; // budgets, in decades
  const EACH = [-1.5, 4.2]; // tokens for each parameter, in decades

  // Label, smallest, largest, step, and whether the slider moves in decades.
  const SLIDERS = {
    C: ["Budget, <i>C</i>, in FLOP", SMALLEST, LARGEST, 0.05, true],
    percent: ["Loss given away, in %", -1, 1, 0.05, true],
    alphaP: ["Exponent of parameters, <i>α<sub>P</sub></i>", 0, 1, 0.005],
    alphaD: ["Exponent of data, <i>α<sub>D</sub></i>", 0, 1, 0.005],
    A: ["Amplitude of parameters, <i>A</i>", 0, 5, 0.01, true],
    B: ["Amplitude of data, <i>B</i>", 0, 5, 0.01, true],
    E: ["Floor, <i>E</i>", 0, 4, 0.01],
  };
  const exact = (x) => `${Number(x.toPrecision(6))}`;
  const DIGITS = { C: short, percent: short };

  function explore(host, number) {
    const id = `compute-frontier-${number}`;
    const surfaces = Object.entries(JSON.parse(host.dataset.surfaces)).map(
      ([name, [E, A, B, alphaP, alphaD]]) => ({ name, law: { E, A, B, alphaP, alphaD } }));
    const start = {
      C: Number(host.dataset.budget), percent: Number(host.dataset.percent),
      ...surfaces.find(({ name }) => name === host.dataset.start).law,
    };
    // A preset may lie between two steps of a slider: what counts stands here.
    const state = { ...start };

    const value = (key) => `<data data-value="${key}"></data>`;
    const sliders = (...keys) => keys.map((key) => {
      const [label, min, max, step, isLog] = SLIDERS[key];
      return slider(id, key, label, [min, max, step, isLog ? log(start[key]) : start[key]]);
    }).join("");
    const row = ({ name }, i) => `
      <tr data-surface="${i}"><th scope="row"><button type="button" data-surface="${i}">
        <svg viewBox="-8 -8 16 16" aria-hidden="true"><path d="${MARKS[i]}"/></svg>${name}
      </button></th>${["size", "each", "cost"].map((key) =>
        `<td>${value(`${key}-${i}`)}</td>`).join("")}</tr>`;
    const widget = mount(host, id, "What a wrong split costs", `
      <p>The surface <i>L</i> = <i>E</i> + <i>A P</i><sup>−<i>α<sub>P</sub></i></sup> +
      <i>B D</i><sup>−<i>α<sub>D</sub></i></sup> at the budget <i>C</i> = 6<i>PD</i>. The
      shaded sizes lose at most so much of the least loss as you give away.</p>
      <div class="law-sliders">${sliders("C", "percent")}</div>
      <div class="law-panels">
        <figure><figcaption>One budget: loss of each size</figcaption>
          <svg role="img" data-panel="valley" aria-label="Loss over parameters at the budget:
            a valley, its lowest point, and the sizes recommended by other surfaces; the
            numbers below say what it shows."></svg></figure>
        <figure><figcaption>All budgets: the best split</figcaption>
          <svg role="img" data-panel="plane" aria-label="Tokens for each parameter at the
            best size over the budget, both axes logarithmic, with the range that loses
            little; the numbers below say what it shows."></svg></figure>
      </div>
      <dl class="law-readouts">
        <div><dt>best size <i>P</i>*</dt><dd>${value("P")}</dd></div>
        <div><dt>data <i>D</i>*</dt><dd>${value("D")}</dd></div>
        <div><dt>tokens each</dt><dd>${value("ratio")}</dd></div>
        <div><dt>least loss</dt><dd>${value("loss")}</dd></div>
        <div class="law-wide"><dt>sizes that lose at most <b data-value="given"></b></dt>
          <dd>${value("low")} to ${value("high")}, a factor of ${value("factor")}</dd></div>
        <div class="law-wide"><dt>what that much loss is worth</dt>
          <dd>${value("saved")}</dd></div>
      </dl>
      <p class="law-summary" aria-live="polite"></p>
      <table class="law-table"><caption>Where others would go. Press a name to take that
        surface for the true one.</caption>
        <thead><tr><th scope="col">surface</th><th scope="col">its best size</th>
          <th scope="col">tokens each</th><th scope="col">loses here, in %</th></tr></thead>
        <tbody>${surfaces.map(row).join("")}</tbody></table>
      <div class="law-sliders">${sliders("alphaP", "alphaD", "A", "B", "E")}</div>
      <p><button type="button" data-reset>Start again</button></p>`);
    const find = (selector) => widget.querySelector(selector);
    const [valley, plane] = ["valley", "plane"].map((name) => find(`[data-panel=${name}]`));
    const tell = teller(find(".law-summary"));

    // A number in full for programs, and as text for readers; null is a dash.
    function show(key, x, text = short) {
      const place = find(`data[data-value="${key}"]`);
      place.value = x === null ? "" : String(x);
      place.innerHTML = x === null ? "–" : text(x);
    }

    function measure() {
      const [k, x] = [budget(state.C), state.percent / 100];
      const best = optimum(state, k);
      const least = loss(state, best, k);
      const [low, high] = band(state, k, x);
      const others = surfaces.map(({ law }) => {
        const t = optimum(law, k);
        return { t, loss: loss(state, t, k), each: Math.exp(k - 2 * t) };
      });
      return { k, x, best, least, low, high, others, saved: saved(state, k, x) };
    }

    function describe({ k, best, low, high, saved }) {
      const { alphaP, alphaD } = state;
      const words = (t) => inWords(Math.exp(t));
      if (alphaP === 0 && alphaD === 0) return "Without exponents every size is as good.";
      if (best === 0 || best === k) return `At this budget the surface has no best size: the ${
        best === 0 ? "smaller the model, the better, down to a single parameter"
          : "larger the model, the better, down to a single token"}.`;
      const worth = saved && saved < 1000 ? ` Yet at the best size that much loss is worth a
        factor of ${inWords(saved)} in compute.` : "";
      return `The best model has ${words(best)} parameters and sees ${
        inWords(Math.exp(k - 2 * best))} tokens for each of them. Between ${words(low)} and ${
        words(high)} parameters, a factor of ${words(high - low)}, the loss is at most ${
        short(state.percent)} % above the least.${worth}`.replace(/\s+/g, " ");
    }

    function drawValley({ k, x, best, least, low, high, others }) {
      const middle = best / Math.LN10;
      const [x0, x1] = [middle - DECADES, middle + DECADES];
      const unit = least < 0.01 || least >= 1e4 ? 10 ** Math.floor(log(least)) : 1;
      const y = [(1 - BELOW) * least / unit, (1 + ABOVE) * least / unit];
      const sheet = paper(valley, `${id}-valley`, { x: [x0, x1], y, left: 56, height: 0.85 });
      const level = (1 + x) * least / unit;
      const [left, right] = [low, high].map((t) => t / Math.LN10);
      sheet.area("band", [[left, y[0]], [left, y[1]], [right, y[1]], [right, y[0]]]);
      sheet.axes(decades(x0, x1), rounds(...y), "parameters P",
        unit === 1 ? "loss" : `loss / ${unit.toExponential()}`);
      sheet.line("level", [[x0, level], [x1, level]]);
      const sizes = Array.from({ length: 161 }, (_, i) => x0 + i * (x1 - x0) / 160);
      const possible = sizes.map((n) => n * Math.LN10).filter((t) => t >= 0 && t <= k);
      sheet.line("curve", possible.map((t) => [t / Math.LN10, loss(state, t, k) / unit]));
      others.forEach(({ t, loss }, i) => {
        const n = t / Math.LN10;
        if (n < x0 || n > x1 || loss / unit > y[1]) return;
        sheet.add("path", { "data-mark": "other", "data-surface": i, d: MARKS[i],
          transform: `translate(${sheet.X(n)} ${sheet.Y(loss / unit)})` });
      });
      sheet.add("circle", { "data-mark": "best", cx: sheet.X(middle),
        cy: sheet.Y(least / unit), r: 5 });
      sheet.show();
    }

    // The plane of log P and log D, turned by 45 degrees: along C = 6 P D, across D/P.
    function drawPlane({ best, k, x }) {
      const sheet = paper(plane, `${id}-plane`,
        { x: [SMALLEST, LARGEST], y: EACH, left: 56, height: 0.85 });
      const budgets = Array.from({ length: 53 }, (_, i) => SMALLEST + i / 4);
      const each = (t, k) => (k - 2 * t) / Math.LN10;
      const over = (f) => budgets.map((n) => [n, each(f(budget(10 ** n)), budget(10 ** n))]);
      sheet.area("band", [...over((k) => band(state, k, x)[0]),
        ...over((k) => band(state, k, x)[1]).reverse()]);
      sheet.axes(decades(SMALLEST, LARGEST, 3), decades(...EACH), "budget C, in FLOP",
        "tokens for each parameter");
      for (const [n, power] of decades(4, 14, 2)) {
        const [foot, top] = EACH.map((y) => y + 2 * n + log(6)); // budgets of this size
        sheet.line("size", [[foot, EACH[0]], [top, EACH[1]]]);
        if (foot > SMALLEST && foot < LARGEST - 3) sheet.add("text",
          { "data-mark": "size", x: sheet.X(foot) + 9, y: sheet.bottom - 6 }, `P=${power}`);
      }
      sheet.line("level", EACH.map((y) => [log(state.C), y]));
      surfaces.forEach(({ law }, i) =>
        sheet.line("other", over((k) => optimum(law, k)), { "data-surface": i }));
      sheet.line("curve", over((k) => optimum(state, k)));
      const found = each(best, k);
      const shown = Math.max(EACH[0], Math.min(EACH[1], found));
      sheet.add("circle", { "data-mark": found === shown ? "best" : "outside",
        cx: sheet.X(log(state.C)), cy: sheet.Y(shown), r: 5 });
      sheet.show();
    }

    function draw() {
      const now = measure();
      drawValley(now);
      drawPlane(now);
      return now;
    }

    function update() {
      const now = draw();
      for (const key of Object.keys(SLIDERS)) {
        const text = (DIGITS[key] ?? exact)(state[key]);
        find(`output[data-value=${key}]`).innerHTML = text;
        find(`[data-key=${key}]`).setAttribute("aria-valuetext",
          DIGITS[key] ? spoken(state[key]) : text);
      }
      const { k, best, least, low, high, others, saved } = now;
      show("P", Math.exp(best));
      show("D", Math.exp(k - best));
      show("ratio", Math.exp(k - 2 * best));
      show("loss", least, (x) => (x < 1000 ? x.toPrecision(4) : short(x)));
      show("low", Math.exp(low));
      show("high", Math.exp(high));
      show("factor", Math.exp(high - low));
      show("saved", saved, (x) => `a factor of ${short(x)} in compute`);
      find("[data-value=given]").textContent = `${short(state.percent)} %`;
      surfaces.forEach(({ law }, i) => {
        const { t, loss, each } = others[i];
        show(`size-${i}`, Math.exp(t));
        show(`each-${i}`, each);
        show(`cost-${i}`, Math.max(0, 100 * (loss / least - 1)), percent);
        find(`button[data-surface="${i}"]`).setAttribute("aria-pressed",
          Object.entries(law).every(([key, value]) => state[key] === value));
      });
      tell(() => describe(now));
    }

    function take(values) {
      Object.assign(state, values);
      for (const key of Object.keys(values)) {
        const isLog = SLIDERS[key][4];
        find(`[data-key=${key}]`).value = isLog ? log(values[key]) : values[key];
      }
      update();
    }

    widget.addEventListener("input", ({ target }) => {
      const { key } = target.dataset;
      state[key] = SLIDERS[key][4] ? 10 ** target.value : Number(target.value);
      update();
    });
    widget.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) take(button.dataset.surface ? surfaces[button.dataset.surface].law : start);
    });
    update();
    new ResizeObserver(draw).observe(host);
  }

  document.querySelectorAll(".compute-frontier").forEach(explore);
})();
