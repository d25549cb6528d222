// "What a wrong split costs": for a loss L(P, D) = E + A P^-alphaP + B D^-alphaD and a
// budget C = 6 P D the best size, the sizes that lose little, and what other surfaces
// would have recommended. Mounted on <div class="compute-frontier" data-budget
// data-percent data-surfaces data-start>: surfaces are a JSON object of
// [E, A, B, alphaP, alphaD] by name, start is one of the names. What the div holds is
// kept for paper.
(() => {
  "use strict";
  const { short, spoken, inWords, decades, rounds, figure } = explorables;
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

  // ---- what is shown

  // Marks of the other surfaces, about a point.
  const MARKS = ["M-5-5h10v10h-10z", "M0-6.5L6 4.5H-6z", "M0-7L6 0L0 7L-6 0z"];
  const [DECADES, BELOW, ABOVE] = [2.5, 0.015, 0.135]; // of a valley, about its bottom
  const [SMALLEST, LARGEST] = [15, 28]; // budgets, in decades
  const EACH = [-1.5, 4.2]; // tokens for each parameter, in decades

  const percent = (x) => (x > 0 && x < 0.005 ? "&lt; 0.01" : x < 10 ? x.toFixed(2) : short(x));

  const exponent = (which) => ({
    label: `Exponent of ${which}`, min: 0, max: 1, step: 0.005 });
  const amplitude = (which) => ({
    label: `Amplitude of ${which}`, min: 0, max: 5, step: 0.01, decades: true });
  const SLIDERS = {
    C: { label: "Budget, <i>C</i>, in FLOP", min: SMALLEST, max: LARGEST, step: 0.05,
      decades: true, text: short, spoken },
    percent: { label: "Loss given away, in %", min: -1, max: 1, step: 0.05,
      decades: true, text: short, spoken },
    alphaP: exponent("parameters, <i>α<sub>P</sub></i>"),
    alphaD: exponent("data, <i>α<sub>D</sub></i>"),
    A: amplitude("parameters, <i>A</i>"),
    B: amplitude("data, <i>B</i>"),
    E: { label: "Floor, <i>E</i>", min: 0, max: 4, step: 0.01 },
  };

  figure("compute-frontier", (host) => {
    const surfaces = Object.entries(JSON.parse(host.dataset.surfaces)).map(
      ([name, [E, A, B, alphaP, alphaD]]) => ({ name, law: { E, A, B, alphaP, alphaD } }));
    const start = {
      C: Number(host.dataset.budget), percent: Number(host.dataset.percent),
      ...surfaces.find(({ name }) => name === host.dataset.start).law,
    };

    const row = ({ name, law }, i, { button, value }) => `
      <tr data-surface="${i}"><th scope="row">${button(`<svg viewBox="-8 -8 16 16"
        aria-hidden="true"><path d="${MARKS[i]}"/></svg>${name}`, law)}</th>${
        ["size", "each", "cost"].map((key) => `<td>${value(`${key}-${i}`)}</td>`).join("")}</tr>`;
    const content = (parts) => `
      <p>The surface <i>L</i> = <i>E</i> + <i>A P</i><sup>−<i>α<sub>P</sub></i></sup> +
      <i>B D</i><sup>−<i>α<sub>D</sub></i></sup> at the budget <i>C</i> = 6<i>PD</i>. The
      shaded sizes lose at most so much of the least loss as you give away.</p>
      ${parts.sliders("C", "percent")}
      ${parts.panels("valley", "plane")}
      <dl class="law-readouts">
        <div><dt>best size <i>P</i>*</dt><dd>${parts.value("P")}</dd></div>
        <div><dt>data <i>D</i>*</dt><dd>${parts.value("D")}</dd></div>
        <div><dt>tokens each</dt><dd>${parts.value("ratio")}</dd></div>
        <div><dt>least loss</dt><dd>${parts.value("loss")}</dd></div>
        <div class="law-wide"><dt>sizes that lose at most <b data-value="given"></b></dt>
          <dd>${parts.value("low")} to ${parts.value("high")}, a factor of
          ${parts.value("factor")}</dd></div>
        <div class="law-wide"><dt>what that much loss is worth</dt>
          <dd>${parts.value("saved")}</dd></div>
      </dl>
      ${parts.summary}
      <table class="law-table"><caption>Where others would go. Press a name to take that
        surface for the true one.</caption>
        <thead><tr><th scope="col">surface</th><th scope="col">its best size</th>
          <th scope="col">tokens each</th><th scope="col">loses here, in %</th></tr></thead>
        <tbody>${surfaces.map((each, i) => row(each, i, parts)).join("")}</tbody></table>
      ${parts.sliders("alphaP", "alphaD", "A", "B", "E")}
      <p>${parts.again}</p>`;

    function measure(state) {
      const [k, x] = [budget(state.C), state.percent / 100];
      const best = optimum(state, k);
      const least = loss(state, best, k);
      const [low, high] = band(state, k, x);
      const others = surfaces.map(({ law }) => {
        const t = optimum(law, k);
        return { t, loss: loss(state, t, k), each: Math.exp(k - 2 * t) };
      });
      return { law: { ...state }, k, x, best, least, low, high, others,
        saved: saved(state, k, x) };
    }

    const numbers = ({ k, best, least, low, high, others, saved }) => ({
      P: [Math.exp(best)], D: [Math.exp(k - best)], ratio: [Math.exp(k - 2 * best)],
      loss: [least, (x) => (x < 1000 ? x.toPrecision(4) : short(x))],
      low: [Math.exp(low)], high: [Math.exp(high)], factor: [Math.exp(high - low)],
      saved: [saved, (x) => `a factor of ${short(x)} in compute`],
      ...Object.fromEntries(others.flatMap(({ t, loss, each }, i) => [
        [`size-${i}`, [Math.exp(t)]], [`each-${i}`, [each]],
        [`cost-${i}`, [Math.max(0, 100 * (loss / least - 1)), percent]],
      ])),
    });

    function sentence({ law, k, best, low, high, saved }) {
      const { alphaP, alphaD } = law;
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
        short(law.percent)} % above the least.${worth}`;
    }

    function drawValley(open, { law, k, x, best, least, low, high, others }) {
      const middle = best / Math.LN10;
      const [x0, x1] = [middle - DECADES, middle + DECADES];
      const unit = least < 0.01 || least >= 1e4 ? 10 ** Math.floor(log(least)) : 1;
      const y = [(1 - BELOW) * least / unit, (1 + ABOVE) * least / unit];
      const sheet = open({ x: [x0, x1], y, left: 56, height: 0.85 });
      const level = (1 + x) * least / unit;
      const [left, right] = [low, high].map((t) => t / Math.LN10);
      sheet.area("band", [[left, y[0]], [left, y[1]], [right, y[1]], [right, y[0]]]);
      sheet.axes(decades(x0, x1), rounds(...y), "parameters P",
        unit === 1 ? "loss" : `loss / ${unit.toExponential()}`);
      sheet.line("level", [[x0, level], [x1, level]]);
      const sizes = Array.from({ length: 161 }, (_, i) => x0 + i * (x1 - x0) / 160);
      const possible = sizes.map((n) => n * Math.LN10).filter((t) => t >= 0 && t <= k);
      sheet.line("curve", possible.map((t) => [t / Math.LN10, loss(law, t, k) / unit]));
      others.forEach(({ t, loss }, i) => {
        const n = t / Math.LN10;
        if (n < x0 || n > x1 || loss / unit > y[1]) return;
        sheet.add("path", { "data-mark": "other", "data-surface": i, d: MARKS[i],
          transform: `translate(${sheet.X(n)} ${sheet.Y(loss / unit)})` });
      });
      sheet.add("circle", { "data-mark": "best", cx: sheet.X(middle),
        cy: sheet.Y(least / unit), r: 5 });
    }

    // The plane of log P and log D, turned by 45 degrees: along C = 6 P D, across D/P.
    function drawPlane(open, { law, best, k, x }) {
      const sheet = open({ x: [SMALLEST, LARGEST], y: EACH, left: 56, height: 0.85 });
      const budgets = Array.from({ length: 53 }, (_, i) => SMALLEST + i / 4);
      const each = (t, k) => (k - 2 * t) / Math.LN10;
      const over = (f) => budgets.map((n) => [n, each(f(budget(10 ** n)), budget(10 ** n))]);
      sheet.area("band", [...over((k) => band(law, k, x)[0]),
        ...over((k) => band(law, k, x)[1]).reverse()]);
      sheet.axes(decades(SMALLEST, LARGEST, 3), decades(...EACH), "budget C, in FLOP",
        "tokens for each parameter");
      for (const [n, power] of decades(4, 14, 2)) {
        const [foot, top] = EACH.map((y) => y + 2 * n + log(6)); // budgets of this size
        sheet.line("size", [[foot, EACH[0]], [top, EACH[1]]]);
        if (foot > SMALLEST && foot < LARGEST - 3) sheet.add("text",
          { "data-mark": "size", x: sheet.X(foot) + 9, y: sheet.bottom - 6 }, `P=${power}`);
      }
      sheet.line("level", EACH.map((y) => [log(law.C), y]));
      surfaces.forEach((other, i) =>
        sheet.line("other", over((k) => optimum(other.law, k)), { "data-surface": i }));
      sheet.line("curve", over((k) => optimum(law, k)));
      const found = each(best, k);
      const shown = Math.max(EACH[0], Math.min(EACH[1], found));
      sheet.add("circle", { "data-mark": found === shown ? "best" : "outside",
        cx: sheet.X(log(law.C)), cy: sheet.Y(shown), r: 5 });
    }

    return {
      title: "What a wrong split costs",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        valley: { caption: "One budget: loss of each size", draw: drawValley,
          label: `Loss over parameters at the budget: a valley, its lowest point, and the
            sizes recommended by other surfaces; the numbers below say what it shows.` },
        plane: { caption: "All budgets: the best split", draw: drawPlane,
          label: `Tokens for each parameter at the best size over the budget, both axes
            logarithmic, with the range that loses little; the numbers below say what it
            shows.` },
      },
      changed({ law }, widget) {
        widget.querySelector("[data-value=given]").textContent = `${short(law.percent)} %`;
      },
    };
  });
})();
