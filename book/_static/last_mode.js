// "The last mode": gradient flow on the first P modes of a power law, at a budget C = P t.
// The loss over sizes, what each mode still holds, and what one per cent more of size or
// of time would buy. Mounted on <div class="last-mode" data-a data-b data-budget
// data-size>; what the div holds is kept for paper.
(() => {
  "use strict";
  const { short, spoken, exact, count, decades, rounds, figure } = explorables;
  const log = Math.log10;
  const [SMALLEST, LARGEST] = [1.7, 7.5]; // sizes, in decades
  const [POOR, RICH] = [7, 14]; // budgets, in decades

  // ---- sums over modes: the first ones one by one, then an integral between half whole
  // numbers, by Gauss and Legendre's rule in log k, with the first two corrections of
  // Euler and Maclaurin's midpoint form.

  const DIRECT = 40;
  const GAUSS = [
    [0.1834346424956498, 0.362683783378362], [0.525532409916329, 0.3137066458778873],
    [0.7966664774136267, 0.2223810344533745], [0.9602898564975363, 0.1012285362903763]];

  // Modes to P of k^-a exp(-2 k^-b t), for P above DIRECT.
  function unlearned(a, b, P, t) {
    const at = (k) => k ** -a * Math.exp(-2 * k ** -b * t);
    let sum = 0;
    for (let k = 1; k <= DIRECT; k++) sum += at(k);
    const [start, end] = [DIRECT + 0.5, P + 0.5].map(Math.log);
    const panels = Math.ceil(2 * (end - start));
    const half = (end - start) / panels / 2;
    for (let p = 0; p < panels; p++) {
      for (const [node, weight] of GAUSS) {
        for (const side of [-node, node]) {
          const k = Math.exp(start + (2 * p + 1 + side) * half);
          sum += half * weight * k * at(k);
        }
      }
    }
    return sum + correction(a, b, DIRECT + 0.5, t) - correction(a, b, P + 0.5, t);
  }

  function correction(a, b, K, t) {
    const u = 2 * K ** -b * t;
    const [p, q, r] = [b * u - a, -(b ** 2) * u, b ** 3 * u];
    const third = p ** 3 + 3 * p * q + r - 3 * (p ** 2 + q) + 2 * p;
    return K ** -a * Math.exp(-u) * (p / (24 * K) - 7 * third / (5760 * K ** 3));
  }

  // All modes beyond P of k^-a: the same integral, at time zero.
  const beyond = (a, P) => (P + 0.5) ** (1 - a) / (a - 1) + correction(a, 1, P + 0.5, 0);

  const loss = (a, b, P, t) => unlearned(a, b, P, t) + beyond(a, P);

  // What one per cent more buys, in per cent: of modes, and of time.
  function gains(a, b, P, t) {
    const L = loss(a, b, P, t);
    const next = (P + 0.5) ** -a * -Math.expm1(-2 * (P + 0.5) ** -b * t);
    return { size: P * next / L, time: 2 * t * unlearned(a + b, b, P, t) / L };
  }

  // The size at which both are alike, by bisection in its logarithm.
  function best(a, b, C) {
    let [low, high] = [Math.log(DIRECT + 1), Math.log(C)];
    for (let step = 0; step < 60; step++) {
      const P = Math.exp((low + high) / 2);
      const { size, time } = gains(a, b, P, C / P);
      if (size > time) low = Math.log(P);
      else high = Math.log(P);
    }
    return Math.exp((low + high) / 2);
  }

  // Lanczos's formula for the gamma function, for s > 0.
  function gamma(s) {
    const terms = [676.5203681218851, -1259.1392167224028, 771.32342877765313,
      -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
      1.5056327351493116e-7];
    const x = s - 1;
    const sum = terms.reduce((all, c, i) => all + c / (x + i + 1), 0.99999999999980993);
    const w = x + 7.5;
    return Math.sqrt(2 * Math.PI) * w ** (x + 0.5) * Math.exp(-w) * sum;
  }

  // The sum of two powers, its best size, and its loss.
  function powers(a, b, C) {
    const s = (a - 1) / b;
    const early = gamma(s) / b;
    const size = ((2 * C) ** s / (s * early)) ** (1 / (a - 1 + s));
    return { size, loss: (P) => P ** (1 - a) / (a - 1) + early * (2 * C / P) ** -s };
  }

  explorables.lastMode = { loss, gains, best, powers };

  // ---- what is shown

  const percent = (x) => `${x < 9.95 ? x.toFixed(1) : short(x)} %`;
  const share = (x) => `${(100 * x).toFixed(0)} %`;
  const SLIDERS = {
    C: { label: "Compute, <i>C</i> = <i>P t</i>", min: POOR, max: RICH, step: 0.1,
      decades: true, text: short, spoken },
    P: { label: "Your modes, <i>P</i>", min: SMALLEST, max: LARGEST, step: 0.02,
      decades: true, whole: true, text: (x) => (x < 1e6 ? count(x) : short(x)), spoken },
    a: { label: "Target, <i>a</i>: small is hard", min: 1.1, max: 4, step: 0.05, text: exact },
    b: { label: "Spectrum, <i>b</i>", min: 1, max: 4, step: 0.1, text: exact },
  };

  figure("last-mode", (host) => {
    const { a, b, budget, size } = host.dataset;
    const start = { C: Number(budget), P: Number(size), a: Number(a), b: Number(b) };

    const content = (parts) => `
      <p>Modes with eigenvalues <i>k</i><sup>−<i>b</i></sup> and power
      <i>k</i><sup>−<i>a</i></sup>. You spend the compute on <i>P</i> of them, for the
      time that is left. What does the last one still hold when training ends?</p>
      ${parts.sliders("P", "C", "a", "b")}
      <p class="law-buttons">Go to ${parts.button("the best split", {})}
        ${parts.button("that of two powers", {})}</p>
      ${parts.panels("valley", "front")}
      <ul class="law-legend"><li data-mark="along-D">all modes summed</li>
        <li data-mark="along-P">two powers</li>
        <li data-mark="floor">the best split</li></ul>
      <dl class="law-readouts">
        <div><dt>best size <i>P</i>*</dt><dd>${parts.value("best")}</dd></div>
        <div><dt>your loss</dt><dd>${parts.value("L")}</dd></div>
        <div><dt>above the least</dt><dd>${parts.value("above")}</dd></div>
        <div><dt>left of mode <i>P</i></dt><dd>${parts.value("left")}</dd></div>
        <div><dt>1 % more modes</dt><dd>${parts.value("size")}</dd></div>
        <div><dt>1 % more time</dt><dd>${parts.value("time")}</dd></div>
        <div><dt>two powers: size</dt><dd>${parts.value("other")}</dd></div>
        <div><dt>and loss, above</dt><dd>${parts.value("cost")}</dd></div>
      </dl>
      ${parts.summary}
      <p>${parts.again}</p>`;

    function measure({ C, a, b, P }) {
      const t = C / P;
      const top = Math.round(best(a, b, C));
      const least = loss(a, b, top, C / top);
      const L = loss(a, b, P, t);
      const sum = powers(a, b, C);
      const other = Math.max(DIRECT + 1, Math.round(sum.size));
      return { C, a, b, P, t, L, best: top, least, above: 100 * (L / least - 1),
        left: Math.exp(-2 * P ** -b * t), sum, other,
        cost: 100 * (loss(a, b, other, C / other) / least - 1), ...gains(a, b, P, t) };
    }

    const numbers = (now) => ({
      best: [now.best], L: [now.L, (x) => (x < 1e-3 ? short(x) : x.toPrecision(3))],
      above: [now.above, percent], left: [now.left, share],
      size: [now.size, (x) => `−${x.toPrecision(2)} %`],
      time: [now.time, (x) => `−${x.toPrecision(2)} %`],
      other: [now.other / now.best, (x) => `× ${x.toPrecision(2)}`],
      cost: [now.cost, percent],
    });

    function sentence({ P, best, above, left, size, time, b }) {
      const ratio = P / best;
      const gain = Math.max(size / time, time / size);
      const times = gain < 100 ? `${Number(gain.toPrecision(2))} times` : "far more than";
      const says = ratio > 0.99 && ratio < 1.01 ? "That is the best split: one per cent more "
          + "of either buys the same"
        : ratio > 1 ? `Too many modes: one per cent of time buys ${times} what one of size does`
        : `Too few modes: one per cent of size buys ${times} what one of time does`;
      return `${says}. Mode ${count(P)}, the last,
        still holds ${share(left)} of its power, and the loss is ${percent(above)} above the
        least. Ten times the compute should go into ${
        Number((10 ** (1 / (1 + b))).toPrecision(2))} times the modes.`;
    }

    function drawValley(open, now) {
      const { C, a, b, best, least, sum } = now;
      const middle = log(best);
      const x = [Math.max(SMALLEST, middle - 1.6), middle + 1.6];
      const sizes = Array.from({ length: 97 }, (_, i) => x[0] + i * (x[1] - x[0]) / 96);
      const over = (f) => sizes.map((n) => [n, f(10 ** n) / least]);
      const curve = over((P) => loss(a, b, P, C / P));
      const top = Math.min(6, Math.max(1.6, ...curve.map(([, y]) => y)));
      const low = Math.min(0.95, ...over(sum.loss).map(([, y]) => y)) - 0.02;
      const sheet = open({ x, y: [low, top], left: 52, height: 0.85 });
      sheet.axes(decades(...x), rounds(low, top), "modes P", "loss / least loss");
      sheet.line("floor", [[middle, low], [middle, top]]);
      sheet.line("along-P", over(sum.loss));
      sheet.line("along-D", curve);
      sheet.add("circle", { "data-mark": "dot-P", r: 5,
        cx: sheet.X(Math.min(x[1], Math.max(x[0], log(sum.size)))),
        cy: sheet.Y(Math.min(top, sum.loss(sum.size) / least)) });
      const [px, py] = [log(now.P), now.L / least];
      const outside = px < x[0] || px > x[1] || py > top;
      sheet.add("circle", { "data-mark": outside ? "outside" : "best", r: 6,
        cx: sheet.X(Math.min(x[1], Math.max(x[0], px))), cy: sheet.Y(Math.min(top, py)) });
    }

    function drawFront(open, { b, P, t, best, C }) {
      const x = [0, Math.max(log(P), log(best)) + 0.7];
      const sheet = open({ x, y: [0, 1.08], left: 52, height: 0.85 });
      sheet.axes(decades(...x), rounds(0, 1.08), "mode k", "share of its power left");
      const front = (size, t) => {
        const end = log(size + 0.5);
        const learned = Array.from({ length: 121 }, (_, i) => i * end / 120);
        return [...learned.map((n) => [n, Math.exp(-2 * (10 ** n) ** -b * t)]), [end, 1],
          [x[1], 1]];
      };
      sheet.line("floor", front(best, C / best));
      sheet.line("along-D", front(P, t));
      sheet.add("circle", { "data-mark": "best", r: 6, cx: sheet.X(log(P)),
        cy: sheet.Y(Math.exp(-2 * P ** -b * t)) });
    }

    return {
      title: "The last mode",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        valley: { caption: "One budget: loss of each size", draw: drawValley,
          label: `Loss over the number of modes at the budget, in units of the least: the
            exact sum and the sum of two powers, each with its lowest point, and your own
            size; the numbers below say what it shows.` },
        front: { caption: "What is left of each mode", draw: drawFront,
          label: `Share of each mode's power that is left when training ends, over the
            mode: a step that rises to one, cut off at your last mode; the numbers below
            say what it shows.` },
      },
      changed({ best, other, P }, widget) {
        const buttons = widget.querySelectorAll(".law-buttons button");
        [best, other].forEach((size, i) => {
          const kept = size === P ? size : Math.min(10 ** LARGEST, Math.max(10 ** SMALLEST, size));
          buttons[i].dataset.take = JSON.stringify({ P: kept });
        });
      },
    };
  });
})();
