// "What to subtract": the loss of least squares on W random features, the last hidden
// layer of a network, of D examples without ridge or noise. One of the two is held fixed,
// the other grows; the reader chooses the axis and the limit that is subtracted. Mounted
// on <div class="variance-crossover" data-alpha data-held data-size>; what the div holds
// is kept for paper.
(() => {
  "use strict";
  const { signed, exact, count, decades, rounds, figure } = explorables;
  const { modes, resolve, loss } = explorables.spectrum;
  const log = Math.log10;
  const [LOW, HIGH] = [0.5, 5]; // sizes D and W, in decades
  const PEAK = 1.5; // within this factor of D = W nothing is drawn
  const SIZES = Array.from({ length: 91 }, (_, i) => LOW + i * (HIGH - LOW) / 90); // decades

  // ---- the model: L(D, W) = m gamma_m / (1 - m / M), m the smaller size and M the larger

  // The loss of m examples or features with endlessly many of the other, m gamma_m, and
  // its local exponent: gamma_m changes by -m / spread of itself for each of m.
  function limit(alpha, m, start) {
    const { u, gamma, spread } = resolve(modes(alpha), m, Infinity, 0, start);
    return { u, value: m * gamma, exponent: m / spread - 1 };
  }

  // The loss at a size x while `held` is fixed, what is left of it when `less` is
  // subtracted, and the local exponents of both. `own` is the limit of x, `rest` that of
  // `held`: "rest" is the limit that the loss tends to, "own" moves with x.
  function point({ own, rest, x, held, less }) {
    const over = Math.min(x, held) / Math.abs(x - held); // excess over the nearer limit
    const far = x > held;
    const near = far ? rest : own;
    const L = near.value * (1 + over);
    const fall = far ? L * over : L * (own.exponent - over); // -dL / d log x
    const taken = { none: 0, rest: rest.value, own: own.value }[less];
    const left = taken === near.value ? near.value * over : L - taken;
    const falls = fall - (less === "own" ? own.value * own.exponent : 0);
    return { L, left, ofLoss: fall / L, exponent: falls / left };
  }

  const at = (alpha, x, held, less) =>
    point({ own: limit(alpha, x), rest: limit(alpha, held), x, held, less });
  const onPeak = (x, held) => Math.abs(log(x / held)) < log(PEAK) - 1e-9;
  const crossover = (held) => 2 * held; // there the excess is as large as the limit

  explorables.crossover = { limit, at, onPeak, crossover };

  // The limits of all sizes of the axis depend on the spectrum alone. Each is sought from
  // the one before: u = log gamma falls by nearly (1 + alpha) times the step of log m.
  let kept = {};
  function limits(alpha) {
    if (kept.alpha !== alpha) {
      const step = (1 + alpha) * Math.LN10 * (SIZES[1] - SIZES[0]);
      let found;
      kept = { alpha, of: SIZES.map((n) =>
        (found = limit(alpha, 10 ** n, found && found.u - step))) };
    }
    return kept.of;
  }

  // ---- what is shown

  // By axis: the letter that grows and the one held, in words; what grows goes like the
  // axis to a power.
  const DATA = { letter: "D", name: "examples" };
  const WIDTH = { letter: "W", name: "width" };
  const AXES = {
    D: { grows: DATA, holds: WIDTH, power: 1, label: "examples D", name: "examples" },
    W: { grows: WIDTH, holds: DATA, power: 1, label: "width W", name: "width" },
    P: { grows: WIDTH, holds: DATA, power: 0.5, label: "parameters P = W²",
      name: "parameters" },
  };

  const plus = (x) => `${x > 0 ? "+" : ""}${signed(x, Math.abs(x) < 10 ? 1 : 0)} %`;
  const two = (x) => signed(x, 2).replace(/^−(0\.00)$/, "$1");
  const size = (label, min, max) => ({ label, min, max, step: 0.05, decades: true,
    whole: true, text: count, spoken: exact });
  const SLIDERS = {
    held: size("Held fixed", 1, 3.5),
    size: size("Your size", LOW, HIGH),
    alpha: { label: "Exponent of the spectrum, <i>α<sub>K</sub></i>", min: 0.1, max: 3,
      step: 0.05, text: exact },
  };

  figure("variance-crossover", (host) => {
    const { alpha, held, size } = host.dataset;
    const start = { axis: "D", endless: "both", held: Number(held), size: Number(size),
      alpha: Number(alpha) };

    const content = (parts) => `
      <p>A network of width <i>W</i>, of which only the last layer learns, from <i>D</i>
      examples whose <i>n</i>th largest variance falls as
      <i>n</i><sup>−(1+<i>α<sub>K</sub></i>)</sup>. Which limit leaves an exponent of one?
      And when does twice the width help more than twice the data?</p>
      <p class="law-buttons"><span>Axis:</span>
        ${parts.button("<i>D</i>", { axis: "D" })}
        ${parts.button("<i>W</i>", { axis: "W" })}
        ${parts.button("<i>P</i> = <i>W</i>²", { axis: "P" })}</p>
      <p class="law-buttons"><span>Subtract the loss with</span>
        ${parts.button("both endless (nothing)", { endless: "both" })}
        ${parts.button("endless <i>D</i>", { endless: "D" })}
        ${parts.button("endless <i>W</i>", { endless: "W" })}</p>
      ${parts.sliders("held", "size", "alpha")}
      ${parts.panels("losses", "exponents")}
      <ul class="law-legend"><li data-mark="along-D">loss</li>
        <li data-mark="floor">what is subtracted</li>
        <li data-mark="along-P">what is left</li></ul>
      <dl class="law-readouts">
        <div><dt>exponent, right end</dt><dd>${parts.value("end")}</dd></div>
        <div><dt>exponent, your size</dt><dd>${parts.value("exponent")}</dd></div>
        <div><dt>loss <i>L</i></dt><dd>${parts.value("L")}</dd></div>
        <div><dt>what is left</dt><dd>${parts.value("left")}</dd></div>
        <div><dt>limit, <i data-word="grows"></i> endless</dt>
          <dd>${parts.value("limit")}</dd></div>
        <div><dt>excess equals limit at</dt><dd>${parts.value("crossover")}</dd></div>
        <div><dt>twice the <span data-word="axis"></span></dt>
          <dd>${parts.value("twice")}</dd></div>
        <div><dt>twice the <span data-word="holds"></span></dt>
          <dd>${parts.value("twiceHeld")}</dd></div>
      </dl>
      ${parts.summary}
      <p>${parts.again}</p>`;

    // A size x stands on the axis at x^(1 / power); exponents there are times the power.
    function measure(state) {
      const axis = AXES[state.axis] ?? AXES.D;
      const { alpha, held, size, endless } = state;
      const less = { both: "none", [axis.grows.letter]: "rest",
        [axis.holds.letter]: "own" }[endless] ?? "none";
      const rest = limit(alpha, held);
      const of = (x, own) => point({ own, rest, x, held, less });
      const here = { ...of(size, limit(alpha, size)), off: onPeak(size, held) };
      const change = (x, other) => (here.off || onPeak(x, other) ? null
        : 100 * (loss(alpha, x, other) / loss(alpha, size, held) - 1));
      return { ...state, axis, less, here, rest,
        end: axis.power * of(10 ** HIGH, limits(alpha).at(-1)).exponent,
        exponent: axis.power * here.exponent,
        crossover: crossover(held) ** (1 / axis.power),
        twice: change(2 ** axis.power * size, held), twiceHeld: change(size, 2 * held) };
    }

    const numbers = ({ here, rest, end, exponent, crossover, twice, twiceHeld }) => {
      const unless = (x) => (here.off ? null : x);
      return { L: [unless(here.L)], left: [unless(here.left)],
        exponent: [unless(exponent), two], end: [end, two], limit: [rest.value],
        crossover: [crossover], twice: [twice, plus], twiceHeld: [twiceHeld, plus] };
    };

    function sentence({ axis, less, here, held, size, exponent, end, twice, twiceHeld }) {
      const [own, other] = [axis.grows.letter, axis.holds.letter];
      if (here.off) return `Here ${own} and ${other} are nearly equal, and the loss shoots
        up: the peak of double descent, which chapter 4 explains.`;
      const buys = (x, what) => `twice the ${what}: ${x === null ? "onto the peak"
        : Math.abs(x) < 0.5 ? "next to nothing"
        : `${Math.abs(x).toFixed(0)} % ${x < 0 ? "less" : "more"}`}`;
      const pair = `${own} = ${count(size)} and ${other} = ${count(held)}`;
      const side = size < held
        ? `With ${pair} it is ${own} that is scarce: the exponent here, ${two(exponent)},
          ${less === "none" ? "comes from the spectrum" : "still depends on the spectrum"}`
        : `With ${pair} it is ${other} that is scarce`;
      const why = {
        none: `With nothing subtracted the curve comes to rest at its limit, so at the right
          end its exponent is ${two(end)}`,
        own: `The loss with endless ${other} is the wrong limit: it goes on falling with
          ${own} while the loss comes to rest, and what is left tends to a constant`,
        rest: axis.power === 1
          ? `What is left falls at the right end as 1/${own}, whatever the spectrum`
          : `What is left falls at the right end as 1/W, whatever the spectrum: over P = W²
            the exponent is one half, for P counts weights, not neurons`,
      }[less];
      return `${side} (${buys(twice, axis.name)}; ${buys(twiceHeld, axis.holds.name)}). ${
        why}.`;
    }

    // What is drawn of all sizes, before the peak and beyond it.
    function sides({ alpha, held, less, axis, rest }) {
      const of = limits(alpha).map((own, i) => ({ n: SIZES[i] / axis.power,
        own, x: 10 ** SIZES[i] })).filter(({ x }) => !onPeak(x, held));
      const drawn = of.map(({ n, own, x }) =>
        ({ n, x, own, ...point({ own, rest, x, held, less }) }));
      return { all: drawn, each: [["before", drawn.filter(({ x }) => x < held)],
        ["beyond", drawn.filter(({ x }) => x > held)]] };
    }

    function sheetOf(open, { axis, held }, y) {
      const x = [LOW / axis.power, HIGH / axis.power];
      const sheet = open({ x, y, left: 60, height: 0.85 });
      const [from, to] = [held / PEAK, held * PEAK].map((s) => log(s) / axis.power);
      sheet.area("band", [[from, y[0]], [from, y[1]], [to, y[1]], [to, y[0]]]);
      return { sheet, x, xTicks: decades(...x, axis.power === 1 ? 1 : 3) };
    }

    // Above the lines of the grid.
    function namePeak(sheet, { axis, held }) {
      const [x, y] = [sheet.X(log(held) / axis.power) + 4, sheet.bottom - 8];
      sheet.add("text", { "data-mark": "note", x, y, transform: `rotate(-90 ${x} ${y})` },
        "peak: chapter 4");
    }

    // Powers of ten, or where there are few 1, 2 and 5 of each.
    function ticksOf(a, b) {
      if (b - a > 2.5) return decades(a, b, [1, 2, 5].find((n) => (b - a) / n < 7));
      return [-4, -3, -2, -1, 0, 1, 2].flatMap((n) => [1, 2, 5].map((k) => k * 10 ** n))
        .filter((v) => log(v) > a && log(v) < b).map((v) => [log(v), exact(v)]);
    }

    function dot(sheet, n, y, [bottom, top]) {
      const shown = Math.max(bottom, Math.min(top, y));
      sheet.add("circle", { "data-mark": shown === y ? "best" : "outside", cx: sheet.X(n),
        cy: sheet.Y(shown), r: 5 });
    }

    function drawLosses(open, now) {
      const { axis, less, held, here, rest, size } = now;
      const { all, each } = sides(now);
      const shown = all.flatMap(({ L, left }) => [log(L), log(left)]);
      const y = [Math.min(...shown) - 0.2, Math.max(...shown) + 0.2];
      const { sheet, x, xTicks } = sheetOf(open, now, y);
      sheet.axes(xTicks, ticksOf(...y), axis.label, "loss");
      namePeak(sheet, now);
      const across = log(crossover(held)) / axis.power;
      sheet.line("level", [[across, y[0]], [across, y[1]]]);
      sheet.add("text", { "data-mark": "size", x: sheet.X(across) + 5, y: sheet.top + 12 },
        `${axis.grows.letter} = 2${axis.holds.letter}`);
      if (less === "rest") sheet.line("floor", x.map((n) => [n, log(rest.value)]));
      if (less === "own") sheet.line("floor", all.map(({ n, own }) => [n, log(own.value)]));
      for (const [side, points] of each) {
        sheet.line("along-D", points.map(({ n, L }) => [n, log(L)]), { "data-side": side });
        sheet.line("along-P", points.map(({ n, left }) => [n, log(left)]),
          { "data-side": side });
      }
      if (!here.off) dot(sheet, log(size) / axis.power, log(here.left), y);
    }

    function drawExponents(open, now) {
      const { axis, alpha, here, size, exponent } = now;
      const { power } = axis;
      const y = [-power, power * Math.max(2, alpha + 0.5)];
      const { sheet, x, xTicks } = sheetOf(open, now, y);
      sheet.axes(xTicks, rounds(...y), axis.label, "local exponent");
      namePeak(sheet, now);
      for (const value of [power, power * alpha]) {
        sheet.line("level", x.map((n) => [n, value]));
      }
      // Names of the two levels, where the curves are not.
      const name = (text, value, end, above) => sheet.add("text", { "data-mark": "size",
        "text-anchor": end, x: end === "start" ? sheet.left + 4 : sheet.right - 4,
        y: sheet.Y(power * value) + (above ? -5 : 14) }, text);
      const variance = power === 1 ? `as 1/${axis.grows.letter}` : "as 1/√P";
      name(variance, 1, alpha < 1 ? "start" : "end", alpha < 1);
      name(power === 1 ? "spectrum" : "spectrum, halved", alpha, "end",
        alpha < 0.6 || alpha >= 1);
      for (const [side, points] of sides(now).each) {
        sheet.line("along-P", points.map(({ n, exponent }) => [n, power * exponent]),
          { "data-side": side });
      }
      if (!here.off) dot(sheet, log(size) / power, exponent, y);
    }

    return {
      title: "What to subtract",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        losses: { caption: "Loss, and what is left", draw: drawLosses,
          label: `The loss over the size that grows, what is subtracted and what is left,
            both axes logarithmic; the numbers below say what it shows.` },
        exponents: { caption: "Local exponent of what is left", draw: drawExponents,
          label: `The local exponent of what is left over the size that grows, with the
            levels of the variance and of the spectrum; the numbers below say what it
            shows.` },
      },
      changed({ axis, less }, widget) {
        widget.querySelector(".law-legend [data-mark=floor]").hidden = less === "none";
        const named = ({ name, letter }) => `${name}, <i>${letter}</i>`;
        const label = (key, text) => {
          widget.querySelector(`label[for$="-${key}"]`).innerHTML = text;
        };
        label("held", `Held fixed: ${named(axis.holds)}`);
        label("size", `Growing, yours: ${named(axis.grows)}`);
        const words = { grows: axis.grows.letter, axis: axis.name, holds: axis.holds.name };
        for (const place of widget.querySelectorAll("[data-word]")) {
          place.textContent = words[place.dataset.word];
        }
      },
    };
  });
})();
