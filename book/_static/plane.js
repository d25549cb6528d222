// "The plane of data and features": test loss of ridge regression on P random features
// of D examples, for a spectrum i^-(1 + alpha) and a target of the kernel's own prior.
// Mounted on <div class="feature-plane" data-alpha data-examples data-features
// data-ridge>; what the div holds is kept for paper.
(() => {
  "use strict";
  const { signed, short, spoken, exact, signedPercent, count, decades, ticks, contour,
    figure } = explorables;
  const { modes, resolve, lossAt, loss } = explorables.spectrum;
  const log = Math.log10;
  const [LOW, HIGH] = [0.5, 4.5]; // sizes, in decades
  const GRID = Array.from({ length: 33 }, (_, i) => LOW + i * (HIGH - LOW) / 32);

  const lossOf = ({ alpha, D, P, ridge }, more = {}) =>
    loss(alpha, more.D ?? D, more.P ?? P, more.ridge ?? ridge);

  // By how many per cent another loss is above one; infinite losses have no ratio.
  const change = (other, one) =>
    (Number.isFinite(other) && Number.isFinite(one) ? 100 * (other / one - 1) : null);

  // The ridge of the least loss, by golden sections in its logarithm.
  function bestRidge(state) {
    const golden = (Math.sqrt(5) - 1) / 2;
    let [low, high] = [-10, 1].map((n) => n * Math.LN10);
    const at = (u) => lossOf(state, { ridge: Math.exp(u) });
    let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    let [atA, atB] = [at(a), at(b)];
    while (high - low > 1e-4) {
      if (atA < atB) {
        [high, b, atB] = [b, a, atA];
        a = high - golden * (high - low);
        atA = at(a);
      } else {
        [low, a, atA] = [a, b, atB];
        b = low + golden * (high - low);
        atB = at(b);
      }
    }
    return Math.exp((low + high) / 2);
  }

  // Logarithms of losses over the grid, each found from its neighbour's resolution.
  function surface({ alpha, ridge }) {
    const law = modes(alpha);
    let below = [];
    return GRID.map((p) => {
      let found;
      const row = GRID.map((d, i) => {
        const [D, P] = [10 ** d, 10 ** p];
        found = resolve(law, D, P, ridge, below[i]?.u ?? found?.u);
        return { u: found.u, L: Math.min(log(lossAt(found, D, P)), 9) };
      });
      below = row;
      return row.map(({ L }) => L);
    });
  }

  explorables.plane = { bestRidge };

  const power = (n) => `10<tspan dy="-0.4em" font-size="75%">${signed(n, 0)}</tspan>`;
  const size = (label, min, max) => ({ label, min, max, step: 0.05, decades: true,
    whole: true, text: count, spoken: exact });
  const SLIDERS = {
    D: size("Examples, <i>D</i>", LOW, HIGH),
    P: size("Features, <i>P</i>", LOW, HIGH),
    ridge: { label: "Ridge, <i>δ</i>", min: -8, max: 0, step: 0.1, decades: true, zero: true,
      text: (x) => (x ? short(x) : "none"), spoken: (x) => (x ? spoken(x) : "none") },
    alpha: { label: "Exponent of the spectrum, <i>α<sub>K</sub></i>", min: 0.1, max: 3,
      step: 0.05, text: exact },
  };

  figure("feature-plane", (host) => {
    const { alpha, examples, features, ridge } = host.dataset;
    const start = { D: Number(examples), P: Number(features), ridge: Number(ridge),
      alpha: Number(alpha) };

    const content = (parts) => `
      <p>Choose examples and features. Each line left joins pairs (<i>D</i>, <i>P</i>) of
      one loss; at the right you walk through your pair, along <i>D</i> and along
      <i>P</i>.</p>
      ${parts.sliders("D", "P", "ridge", "alpha")}
      <p class="law-buttons">${parts.button("no ridge", { ridge: 0 })}
        ${parts.button("the best ridge here", { ridge: -1 })}</p>
      ${parts.panels("plane", "slices")}
      <ul class="law-legend"><li data-mark="along-D">along <i>D</i></li>
        <li data-mark="along-P">along <i>P</i></li>
        <li data-mark="floor">limits, with endless <i>D</i> or <i>P</i></li></ul>
      <dl class="law-readouts">
        <div><dt>loss <i>L</i></dt><dd>${parts.value("L")}</dd></div>
        <div><dt>modes learned, <i>z</i></dt><dd>${parts.value("z")}</dd></div>
        <div><dt>twice the examples</dt><dd>${parts.value("twiceD")}</dd></div>
        <div><dt>twice the features</dt><dd>${parts.value("twiceP")}</dd></div>
        <div><dt>endless examples</dt><dd>${parts.value("allD")}</dd></div>
        <div><dt>endless features</dt><dd>${parts.value("allP")}</dd></div>
        <div><dt>best ridge here</dt><dd>${parts.value("best")}</dd></div>
        <div><dt>loss with it</dt><dd>${parts.value("atBest")}</dd></div>
      </dl>
      ${parts.summary}
      <p>${parts.again}</p>`;

    function measure(state) {
      const L = lossOf(state);
      const best = bestRidge(state);
      const { z } = resolve(modes(state.alpha), state.D, state.P, state.ridge);
      const limits = { D: lossOf(state, { D: 1e12 }), P: lossOf(state, { P: 1e12 }) };
      return { ...state, L, z, best, limits,
        atBest: change(lossOf(state, { ridge: best }), L),
        twiceD: change(lossOf(state, { D: 2 * state.D }), L),
        twiceP: change(lossOf(state, { P: 2 * state.P }), L) };
    }

    const numbers = (now) => ({
      L: [Number.isFinite(now.L) ? now.L : null, (x) => x.toPrecision(3)], z: [now.z],
      twiceD: [now.twiceD, signedPercent], twiceP: [now.twiceP, signedPercent],
      allD: [change(now.limits.D, now.L), signedPercent],
      allP: [change(now.limits.P, now.L), signedPercent],
      best: [now.best], atBest: [now.atBest, signedPercent],
    });

    const small = (x) => (x < 1e-4 ? spoken(x) : `${Number(x.toPrecision(2))}`);

    function sentence({ D, P, ridge, L, twiceD, twiceP }) {
      const pair = `With ${count(D)} examples and ${count(P)} features`;
      if (!Number.isFinite(L)) return `${pair} and no ridge there is no finite loss:
        as many equations as unknowns.`;
      const says = (x, what) => (x === null ? `twice the ${what} lead onto the peak`
        : Math.abs(x) < 1 ? `twice the ${what} change next to nothing`
        : `twice the ${what} ${x < 0 ? "take" : "add"} ${Math.abs(x).toFixed(0)} %`);
      const ratio = D / P;
      const where = ratio < 0.5 ? "Examples are scarce: they limit the resolution"
        : ratio > 2 ? "Features are scarce: they limit the resolution"
        : ridge ? "Neither is scarce, and the ridge holds the peak down"
        : "Neither is scarce: this is the flank of the peak";
      return `${pair} the loss is ${small(L)}; ${says(twiceD, "examples")}, ${
        says(twiceP, "features")}. ${where}.`;
    }

    function drawPlane(open, now) {
      const sheet = open({ x: [LOW, HIGH], y: [LOW, HIGH], left: 56, height: 0.9 });
      const values = surface(now);
      // Levels between the losses of the least and of the most; more lead onto the peak.
      const [lowest, highest] = [Math.min(...values.flat()), values.at(-1)[0]];
      const step = [0.1, 0.2, 0.5, 1, 2, 5].find((n) => (highest - lowest) / n < 10);
      sheet.axes(decades(LOW, HIGH), decades(LOW, HIGH), "examples D", "features P");
      sheet.line("level", [[LOW, LOW], [HIGH, HIGH]]);
      const first = Math.ceil(lowest / step);
      for (let n = first; n * step < highest; n++) {
        const lines = contour(GRID, GRID, values, n * step + 1e-9);
        const d = lines.map((piece) => piece.map(([x, y], k) =>
          `${k ? "L" : "M"}${sheet.X(x).toFixed(1)} ${sheet.Y(y).toFixed(1)}`).join("")).join("");
        sheet.add("path", { "data-mark": "contour", d, "stroke-opacity":
          (1 - 0.6 * (n - first) * step / (highest - lowest)).toFixed(2) });
        const end = lines.flat().find(([x, y]) => x === HIGH && y < HIGH - 0.2);
        if (end) sheet.add("text", { "data-mark": "size", x: sheet.right - 3,
          y: sheet.Y(end[1]) - 3, "text-anchor": "end" },
          step < 1 ? exact(Number((10 ** (n * step)).toPrecision(2))) : power(n * step));
      }
      const [x, y] = [log(now.D), log(now.P)];
      sheet.line("along-D", [[LOW, y], [HIGH, y]]);
      sheet.line("along-P", [[x, LOW], [x, HIGH]]);
      sheet.add("circle", { "data-mark": "best", cx: sheet.X(x), cy: sheet.Y(y), r: 6 });
    }

    function drawSlices(open, now) {
      const fine = Array.from({ length: 129 }, (_, i) => LOW + i * (HIGH - LOW) / 128);
      function walk(key) {
        let found;
        return fine.map((n) => {
          const { D, P } = { ...now, [key]: 10 ** n };
          found = resolve(modes(now.alpha), D, P, now.ridge, found?.u);
          return [n, log(lossAt(found, D, P))];
        });
      }
      const slices = { D: walk("D"), P: walk("P") };
      const low = Math.min(...Object.values(slices).flat().map(([, v]) => v));
      const start = Math.max(slices.D[0][1], slices.P[0][1], log(now.L) || low);
      const y = [low - 0.15, Math.min(start, low + 8) + 0.5];
      const sheet = open({ x: [LOW, HIGH], y, left: 56, height: 0.9 });
      sheet.axes(decades(LOW, HIGH), ticks(...y),
        "examples D, or features P", "loss");
      for (const [key, mark] of [["D", "along-D"], ["P", "along-P"]]) {
        const floor = log(now.limits[key]);
        sheet.line("floor", [[LOW, floor], [HIGH, floor]]);
        sheet.line(mark, slices[key].map(([n, v]) => [n, Math.min(v, y[1] + 1)]));
      }
      const at = Math.min(log(now.L), y[1]);
      sheet.add("circle", { "data-mark": "dot-D", cx: sheet.X(log(now.D)), cy: sheet.Y(at), r: 5 });
      sheet.add("circle", { "data-mark": "dot-P", cx: sheet.X(log(now.P)), cy: sheet.Y(at), r: 5 });
    }

    return {
      title: "The plane of data and features",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        plane: { caption: "Lines of equal loss", draw: drawPlane,
          label: `Lines of equal test loss over examples D and features P, both axes
            logarithmic, and the chosen pair; the numbers below say what it shows.` },
        slices: { caption: "Through your pair", draw: drawSlices,
          label: `Test loss along examples and along features through the chosen pair, all
            axes logarithmic, with the limits of each; the numbers below say what it
            shows.` },
      },
      changed({ best, ridge }, widget) {
        const [, button] = widget.querySelectorAll(".law-buttons button");
        button.dataset.take = JSON.stringify({ ridge: Math.max(best, 1e-8) });
      },
    };
  });
})();
