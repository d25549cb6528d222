// "From lazy to rich": the loss over time of the model of two layers, whose modes all run
// by one clock. Eigenvalues are k^-2, powers of the target k^(-1 - 2 beta), with the sum 1,
// and modes have no end. Mounted on <div class="lazy-rich" data-beta data-gamma data-t>;
// what the div holds is kept for paper.
(() => {
  "use strict";
  const { short, spoken, exact, inWords, decades, rounds, figure } = explorables;
  const { modes } = explorables.spectrum;
  const log = Math.log10;

  // ---- the model, by the lazy time tau. One table of a task serves every gamma.

  const STEP = Math.LN10 / 8; // of log tau
  const [FIRST, LAST] = [-4, 20].map((n) => n * Math.LN10);
  const GRID = Array.from({ length: 24 * 8 + 1 }, (_, i) => FIRST + i * STEP);
  const GAUSS = [[-Math.sqrt(0.6), 5 / 18], [0, 8 / 18], [Math.sqrt(0.6), 5 / 18]];

  // Modes of a task. The last of them stands for all beyond it: it has their power.
  function powers(beta) {
    const { lam, w } = modes(1);
    const v2 = w.map((weight, j) => weight * lam[j] ** (0.5 + beta));
    v2[v2.length - 1] /= 2 * beta;
    const whole = v2.reduce((sum, one) => sum + one);
    return { beta, lam, v2: v2.map((one) => one / whole) };
  }

  // At log tau: the loss L, its slope -dlog L/dlog tau, and the squared norm S of what has
  // been learned.
  function learned({ lam, v2 }, u) {
    const tau = Math.exp(u);
    let [L, S, speed] = [0, 0, 0];
    for (let j = 0; j < lam.length; j++) {
      const x = lam[j] * tau;
      const gone = x < 1e-5 ? x * (1 - x / 2) : x < 40 ? -Math.expm1(-x) : 1;
      const left = v2[j] * (1 - gone) ** 2;
      L += left;
      S += v2[j] / lam[j] * gone ** 2;
      speed += 2 * lam[j] * left;
    }
    return { tau, L, S, slope: tau * speed / L };
  }

  const kept = new Map();
  function task(beta) {
    if (kept.has(beta)) return kept.get(beta);
    const law = powers(beta);
    const rows = GRID.map((u) => learned(law, u));
    const inside = GRID.slice(1).map((u) => GAUSS.map(([node]) =>
      learned(law, u + (node - 1) / 2 * STEP)));
    if (kept.size > 8) kept.clear();
    kept.set(beta, { ...law, rows, inside });
    return kept.get(beta);
  }

  // The kernel over that at the start, which is the speed of the clock, dtau/dt.
  const growth = (gamma, S) => (1 + Math.hypot(1, 2 * gamma * Math.sqrt(S))) / 2;

  // Time at each tau of the grid: the integral of tau/growth over log tau. Before the grid
  // S = tau^2 sum v2 lam, and growth is 1 + gamma^2 S.
  function clock({ rows, inside }, gamma) {
    const { tau, S } = rows[0];
    const t = [tau * (1 - gamma ** 2 * S / 3)];
    for (const nodes of inside) {
      t.push(t.at(-1) + STEP * nodes.reduce((sum, { tau, S }, i) =>
        sum + GAUSS[i][1] * tau / growth(gamma, S), 0));
    }
    return t;
  }

  // Time at any u within the cell that begins at GRID[i].
  function timeAt(law, gamma, t, i, u) {
    const width = u - GRID[i];
    return t[i] + width * GAUSS.reduce((sum, [node, weight]) => {
      const { tau, S } = learned(law, GRID[i] + (1 + node) / 2 * width);
      return sum + weight * tau / growth(gamma, S);
    }, 0);
  }

  // The lazy time that a rich model has after a time, by Newton's method.
  function lazily(law, gamma, t, time) {
    const i = Math.max(0, t.findIndex((one) => one > time) - 1);
    let u = GRID[i] + STEP * Math.log(time / t[i]) / Math.log(t[i + 1] / t[i]);
    for (let n = 0; n < 20; n++) {
      const { tau, S } = learned(law, u);
      const by = (time - timeAt(law, gamma, t, i, u)) * growth(gamma, S) / tau;
      u += by;
      if (Math.abs(by) < 1e-13) break;
    }
    return u;
  }

  // When the kernel is twice that at the start: a^2 = 2, so that gamma^2 S = 2. None if
  // it is not by the end of the grid, tau = 10^20.
  function doubled(law, gamma, t) {
    const norm = 2 / gamma ** 2;
    const i = law.rows.findIndex(({ S }) => S >= norm) - 1;
    if (i < 0) return null;
    let [low, high] = [GRID[i], GRID[i + 1]];
    for (let n = 0; n < 45; n++) {
      const middle = (low + high) / 2;
      if (learned(law, middle).S < norm) low = middle;
      else high = middle;
    }
    return timeAt(law, gamma, t, i, high);
  }

  // What the kernel comes to: an easy task has a norm, sum v2/lam.
  function inTheEnd({ beta, lam, v2 }, gamma) {
    if (beta <= 1) return null;
    const last = v2.length - 1;
    const norm = v2.reduce((sum, one, j) => sum + one / lam[j] *
      (j < last ? 1 : beta / (beta - 1)), 0);
    return growth(gamma, norm);
  }

  const richExponent = (beta) => beta * Math.max(1, 2 / (1 + beta));

  function solve(beta, gamma, time) {
    const law = task(beta);
    const t = clock(law, gamma);
    const [lazy, rich] = [Math.log(time), lazily(law, gamma, t, time)].map((u) =>
      learned(law, u));
    const kernel = growth(gamma, rich.S);
    const twice = doubled(law, gamma, t);
    const later = twice && doubled(law, gamma / 2, clock(law, gamma / 2));
    return { law, times: t, lazy, rich, kernel, twice, delay: later && later / twice,
      slope: rich.slope * time * kernel / rich.tau, end: inTheEnd(law, gamma) };
  }

  // The tests compare it with the package.
  explorables.lazyRich = { richExponent, solve };

  // ---- what is shown

  const [START, END] = [-1, 7]; // times, in decades
  const SLIDERS = {
    beta: { label: "Lazy exponent, <i>β</i>: small is hard", min: 0.1, max: 2, step: 0.05,
      text: exact },
    gamma: { label: "Richness, <i>γ</i>", min: -2, max: 1, step: 0.05, decades: true,
      text: short, spoken },
    t: { label: "Your training time, <i>t</i>", min: 0, max: END, step: 0.05, decades: true,
      text: short, spoken },
  };

  const three = (x) => x.toFixed(3);
  const by = (x, sign = "×") => `${sign}\u00a0${x < 10 ? x.toFixed(2) : short(x)}`;

  figure("lazy-rich", (host) => {
    const start = Object.fromEntries(["beta", "gamma", "t"].map((key) =>
      [key, Number(host.dataset[key])]));

    const content = ({ sliders, panels, value, button, summary, again }) => `
      <p>Two layers learn a target of power 1, with <i>λ<sub>k</sub></i> = <i>k</i><sup>−2</sup>,
      lazily and richly. Dots are at your <i>t</i>, and at the exponents of your task; the ring
      is the rich slope at your <i>t</i>.</p>
      ${sliders("beta", "gamma")}
      ${sliders("t")}
      <p class="law-buttons">${button("hard", { beta: 0.5, gamma: 0.3 })}
        ${button("hard, nearly lazy", { beta: 0.5, gamma: 0.05 })}
        ${button("very hard", { beta: 0.1, gamma: 0.3 })}
        ${button("easy, very rich", { beta: 1.5, gamma: 10 })}</p>
      ${panels("loss", "exponents")}
      <ul class="law-legend"><li data-mark="along-D">rich</li>
        <li data-mark="along-P">lazy</li>
        <li data-mark="floor">the kernel has doubled</li></ul>
      <table class="law-table"><thead><tr><td></td><th scope="col">lazy</th>
          <th scope="col">rich</th><th scope="col">factor</th></tr></thead><tbody>
        ${[["exponent in the end", "exponent"], ["slope at your <i>t</i>", "slope"],
          ["loss at your <i>t</i>", "loss"], ["time to that rich loss", "time"]].map(
          ([text, key]) => `<tr><th scope="row">${text}</th>${["lazy", "rich", "factor"].map(
            (part) => `<td>${value(`${key}-${part}`)}</td>`).join("")}</tr>`).join("")}
        </tbody></table>
      <dl class="law-readouts">
        <div><dt>kernel at your <i>t</i></dt><dd>${value("kernel")}</dd></div>
        <div><dt>kernel in the end</dt><dd>${value("end")}</dd></div>
        <div><dt>doubled at <i>t</i> =</dt><dd>${value("twice")}</dd></div>
        <div><dt>half of <i>γ</i>: later by</dt><dd>${value("delay")}</dd></div>
      </dl>
      ${summary}
      <p>${again}</p>`;

    const measure = (state) => ({ ...state, exponent: richExponent(state.beta),
      ...solve(state.beta, state.gamma, state.t) });

    const numbers = ({ beta, exponent, slope, lazy, rich, ...now }) => ({
      "exponent-lazy": [beta, three], "exponent-rich": [exponent, three],
      "exponent-factor": [exponent / beta, by],
      "slope-lazy": [lazy.slope, three], "slope-rich": [slope, three],
      "slope-factor": [slope / lazy.slope, by],
      "loss-lazy": [lazy.L], "loss-rich": [rich.L],
      "loss-factor": [lazy.L / rich.L, (x) => by(x, "÷")],
      "time-lazy": [rich.tau], "time-rich": [lazy.tau],
      "time-factor": [rich.tau / lazy.tau, (x) => by(x, "÷")],
      kernel: [now.kernel, by], end: [now.end, by],
      twice: [now.twice], delay: [now.delay, by],
    });

    const small = (x) => (x < 1e-4 ? spoken(x) : `${Number(x.toPrecision(2))}`);

    function sentence({ beta, t, exponent, slope, rich, kernel, twice, delay, end }) {
      const times = inWords(rich.tau / t);
      const sooner = `Lazy training needs ${times === "1" ? "" : `${times} times `}as long for
        the same loss, ${small(rich.L)}.`;
      if (beta > 1 && end < 1.05) return `An easy task: its norm comes to an end, and so small a
        γ makes nothing of it. The kernel stays, and the two curves are one.`;
      if (beta > 1) return `An easy task: its norm comes to an end, and the kernel with it, at
        ${inWords(end)} times what it was. So much learned features save in time, at most, and
        the slope stays. ${sooner}`;
      if (beta === 1) return `On the border the norm grows as a logarithm: rich training runs
        ahead farther and farther, but slower than any power. The exponent stays 1. ${sooner}`;
      const hard = "A hard task: its norm grows without end, the kernel with it.";
      if (!twice) return `${hard} But so near the border, and with so small a γ, the kernel
        does not double in any time that counts.`;
      const turn = `the slope turns from ${exact(beta)} to ${exponent.toFixed(2)}`;
      const half = delay ? `Half of γ would make that ${inWords(delay)} times later, and
        nothing slower before.` : "";
      return t < twice ? `${hard} At your t training is still lazy. The kernel will have
        doubled at t = ${inWords(twice)}: about there ${turn}. ${half}`
        : `${hard} The kernel doubled at t = ${inWords(twice)}: from about there ${turn}. ${half}
        By now the kernel is ${inWords(kernel)} times its start, the slope ${slope.toFixed(2)}.
        ${sooner}`;
    }

    function drawLoss(open, { law, times, lazy, rich, twice }) {
      const points = (at) => law.rows.map(({ L }, i) => [log(at[i]), log(L)])
        .filter(([n]) => n > START - 0.2 && n < END + 0.5);
      const last = law.rows[times.findIndex((one) => one > 10 ** END)];
      const y = [Math.min(-1.25, log(last.L) * 1.03), 0.2];
      const sheet = open({ x: [START, END], y, left: 56, height: 0.9 });
      sheet.axes(decades(START, END, 2), decades(...y, Math.ceil((y[1] - y[0]) / 7)),
        "time t", "loss");
      if (twice) sheet.line("floor", y.map((n) => [log(twice), n]));
      const [now, then] = [log(lazy.tau), log(rich.tau)];
      sheet.line("level", [[now, y[0]], [now, log(rich.L)], [then, log(rich.L)]]);
      sheet.line("along-D", points(times));
      sheet.line("along-P", points(law.rows.map(({ tau }) => tau)));
      for (const [mark, { L }] of [["dot-P", lazy], ["dot-D", rich]]) {
        sheet.add("circle", { "data-mark": mark, cx: sheet.X(now), cy: sheet.Y(log(L)), r: 5 });
      }
    }

    function drawExponents(open, { beta, exponent, slope }) {
      const [x, y] = [[0, 2], [0, 2.4]];
      const sheet = open({ x, y, left: 56, height: 0.9 });
      sheet.axes(rounds(...x), rounds(...y), "lazy exponent β", "exponent");
      sheet.line("level", y.map((n) => [1, n]));
      for (const [side, anchor, text] of [[-6, "end", "hard"], [6, "start", "easy"]]) {
        sheet.add("text", { "data-mark": "size", x: sheet.X(1) + side, y: sheet.bottom - 8,
          "text-anchor": anchor }, text);
      }
      const all = Array.from({ length: 101 }, (_, i) => i / 50);
      sheet.line("along-D", all.map((b) => [b, richExponent(b)]));
      sheet.line("along-P", all.map((b) => [b, b]));
      const at = (mark, value, r) => sheet.add("circle", { "data-mark": mark,
        cx: sheet.X(beta), cy: sheet.Y(value), r });
      at("dot-D", exponent, 5.5);
      at("dot-P", beta, 5.5);
      if (slope < y[1]) at("ring", slope, 9); // it is steeper while a first mode goes
    }

    return {
      title: "From lazy to rich",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        loss: { caption: "Loss over time", draw: drawLoss,
          label: `Loss over training time, lazy and rich, both axes logarithmic, with your
            time and the time at which the kernel has doubled; the numbers below say what it
            shows.` },
        exponents: { caption: "Exponent of each task", draw: drawExponents,
          label: `Exponents of lazy and of rich training over the lazy exponent of a task,
            and those of your task; the numbers below say what it shows.` },
      },
    };
  });
})();
