// "Open the rest": measured learning curves, of which only the first sizes are seen. A
// forecast of the last loss is made, by hand or by a rule, and then the rest is opened.
// Mounted on <div class="open-curve" data-curve data-seen data-curves>: curves are a JSON
// list of { name, loss, D, L, said }, where said[k] holds what only the package can say
// for 4 + k sizes seen: intervals of 90 % of "line", "three" and "floor", then value and
// interval of "between" and of "forecast"; null where there is none. What the div holds
// is kept for paper.
(() => {
  "use strict";
  const { signed, decades, rounds, figure, ticks } = explorables;
  const { log, log10, sqrt, min, max } = Math;
  const { fitLine, fitFloor, lossAt, exponents, keepRatio } = explorables.openRules;
  const FEWEST = 4; // sizes that are seen

  const sum = (list) => list.reduce((a, b) => a + b, 0);

  // ---- what each rule says of a curve of which n sizes are seen

  const RULES = {
    line: "line", three: "last three", floor: "floor", ratio: "same ratio",
    between: "half-way", forecast: "forecast",
  };
  const STORED = { line: 0, three: 2, floor: 4, between: 7, forecast: 10 }; // of intervals

  function rulesOf({ D, L, said }, n) {
    const [xs, Ls, next] = [D.slice(0, n), L.slice(0, n), D.slice(n)];
    const stored = said[n - FEWEST];
    const laws = { line: fitLine(xs, Ls), three: fitLine(xs.slice(-3), Ls.slice(-3)),
      floor: fitFloor(xs, Ls) };
    const recent = fitFloor(xs.slice(-4), Ls.slice(-4));
    const ratio = keepRatio(xs, Ls, next);
    const straight = (x) => lossAt(laws.three, x);
    const curves = {
      ...Object.fromEntries(Object.entries(laws).filter(([, law]) => law)
        .map(([key, law]) => [key, (x) => lossAt(law, x)])),
      between: recent && ((x) => sqrt(straight(x) * lossAt(recent, x))),
      ratio: ratio && ((x) => (x === xs.at(-1) ? Ls.at(-1) : ratio[next.indexOf(x)])),
    };
    return Object.fromEntries(Object.keys(RULES).map((key) => {
      const at = STORED[key];
      const [low, high] = at === undefined ? [null, null] : stored.slice(at, at + 2);
      const value = key === "between" || key === "forecast" ? stored[at - 1]
        : curves[key]?.(D.at(-1)) ?? null;
      return [key, { value, low, high, curve: value === null ? null : curves[key] }];
    }));
  }

  const judged = ({ value, low, high }, truth) => ({
    error: value === null ? null : 100 * (value / truth - 1),
    held: low === null ? null : Number(low <= truth && truth <= high),
  });

  // Over many forecasts: how many intervals held, of how many, and the median miss.
  function tally(judgements) {
    const misses = judgements.map(({ error }) => error).filter((x) => x !== null)
      .map(Math.abs).sort((a, b) => a - b);
    const held = judgements.map((each) => each.held).filter((x) => x !== null);
    const half = misses.length / 2;
    return { held: held.length ? sum(held) : null, of: held.length,
      miss: misses.length ? (misses[Math.ceil(half) - 1] + misses[Math.floor(half)]) / 2
        : null };
  }

  // ---- what is shown

  const MARGIN = 0.15; // of the axis of sizes, in decades
  const SLIDERS = {
    seen: { label: "Sizes that you see", min: FEWEST, max: 10, step: 1 },
    rest: { label: "Your forecast", min: -1.2, max: 0.2, step: 0.002, decades: true },
    factor: { label: "Your interval: times and divided by", min: 0, max: 0.6,
      step: 0.004, decades: true, text: (x) => x.toFixed(2) },
  };
  const within = ({ min: low, max: high }, x) => min(10 ** high, max(10 ** low, x));
  const digits = (x) => (x === 0 ? "0" : x < 1e-3 ? x.toPrecision(2) : x.toPrecision(3));
  const two = (x) => signed(Math.round(100 * x) / 100 || 0, 2);
  const percent = (x) => `${x > 0 ? "+" : ""}${signed(x, Math.abs(x) < 9.95 ? 1 : 0)} %`;

  figure("open-curve", (host) => {
    const curves = JSON.parse(host.dataset.curves);
    const start = { curve: Number(host.dataset.curve), seen: Number(host.dataset.seen),
      rest: 1, factor: 1.1, rule: "line", opened: "" };
    // All that the rules say, of every curve and number of sizes.
    const all = curves.map((curve) =>
      new Map(curve.said.map((_, k) => [k + FEWEST, rulesOf(curve, k + FEWEST)])));
    const tried = Object.fromEntries(Object.keys(RULES).map((key) => [key,
      tally(all.flatMap((each, i) =>
        [...each.values()].map((rules) => judged(rules[key], curves[i].L.at(-1)))))]));
    const cuts = sum(all.map((each) => each.size));

    const row = (key, name, value) => `<tr data-rule="${key}"><th scope="row">${name}</th>
      <td>${value(key)}<small>${value(`low-${key}`)}–${value(`high-${key}`)}</small></td>
      <td>${value(`error-${key}`)}<small>${value(`held-${key}`)}</small></td>
      <td>${value(`miss-${key}`)}<small>${value(`all-${key}`)}</small></td></tr>`;
    const content = ({ sliders, panels, value, button, summary, again }) => `
      <p>Choose a curve, and how much of it you see. Say what the loss is at the last size,
        by hand or by a rule. Then open the rest.</p>
      <p class="law-buttons" data-choice>${curves.map(({ name }, curve) =>
        button(name, { curve })).join("")}</p>
      ${sliders("seen")}${sliders("rest", "factor")}
      <p class="law-buttons">${button("Open the rest", { opened: "" })}</p>
      ${panels("curve", "exponents")}
      <ul class="law-legend"><li data-mark="excess">seen</li>
        <li data-mark="outside">opened</li>
        <li data-mark="along-P">a rule</li><li data-mark="left">its interval of 90 %</li>
        <li data-mark="right">yours, with its middle</li></ul>
      ${summary}
      <table class="law-table"><caption>What the rules say. Press a name to draw a rule and
        to take its forecast for yours.</caption>
        <thead><tr><th scope="col">rule</th><th scope="col">forecast, 90 %</th>
          <th scope="col">error</th><th scope="col">all: median, held</th></tr></thead>
        <tbody>${row("own", "yours", value)}${Object.entries(RULES).map(([key, name]) =>
          row(key, button(name, { rule: key }), value)).join("")}</tbody></table>
      <p><b>line</b>: straight, through all sizes seen; <b>last three</b>: through these
        (the chapter's <i>straight</i>);
        <b>floor</b>: a power law with one; <b>same ratio</b>: each local exponent is so
        many times the one before as the last three were; <b>half-way</b> (its <i>between</i>,
        by bracket for repeated runs): of <i>last three</i> and a floor; <b>forecast</b>: no law is
        taken for granted. At the right: the median error, without its sign, of a rule on all curves
        and numbers of sizes, ${cuts} in all, and how many intervals held; of yours, all
        that you have opened.</p>
      <p>${again}</p>`;

    // What has been opened, with the forecast that was made: "curve/seen=rest/factor".
    const openings = (text) => new Map(text.split(" ").map((entry) =>
      /^(\d+)\/(\d+)=([\d.e-]+)\/([\d.e-]+)$/.exec(entry)).filter((found) =>
      found && all[found[1]]?.has(Number(found[2]))).map(([, curve, n, rest, factor]) =>
      [`${curve}/${n}`, { curve: Number(curve), n: Number(n), rest: Number(rest),
        factor: Number(factor) }]));
    const yours = ({ curve, n, rest, factor }) => {
      const value = rest * curves[curve].L[n - 1];
      return { value, low: value / factor, high: value * factor };
    };

    function measure(state) {
      const curve = curves[state.curve] ? state.curve : start.curve;
      const { D, L, said } = curves[curve];
      const n = min(said.length + FEWEST - 1, max(FEWEST, Math.round(state.seen)));
      const opened = openings(state.opened);
      const before = opened.get(`${curve}/${n}`); // the forecast that counts
      const made = before ?? { curve, n, rest: state.rest, factor: state.factor };
      const own = yours(made);
      const rules = { own, ...all[curve].get(n) };
      const truth = L.at(-1);
      const mine = tally([...opened.values()].map((each) =>
        judged(yours(each), curves[each.curve].L.at(-1))));
      return { state, curve, n, D, L, made, rules, truth, open: Boolean(before),
        rule: rules[state.rule] ? state.rule : "line", local: exponents(D, L),
        record: { own: mine, ...tried } };
    }

    const numbers = ({ rules, truth, open, record }) =>
      Object.fromEntries(Object.entries(rules).flatMap(([key, rule]) => {
        const { error, held } = open ? judged(rule, truth) : { error: null, held: null };
        const { miss, held: count, of } = open ? record[key] : { miss: null, held: null };
        return [
          [key, [rule.value, digits]], [`low-${key}`, [rule.low, digits]],
          [`high-${key}`, [rule.high, digits]], [`error-${key}`, [error, percent]],
          [`held-${key}`, [held, (x) => (x ? "held" : "missed")]],
          [`miss-${key}`, [miss, (x) => percent(x).replace("+", "")]],
          [`all-${key}`, [count, (x) => `${x} of ${of}`]],
        ];
      }));

    const off = (error) => (Math.abs(error) < 0.05 ? "exact" : `${
      Math.abs(error).toFixed(Math.abs(error) < 9.95 ? 1 : 0)} % too ${
      error > 0 ? "high" : "low"}`);

    function sentence({ D, L, n, made, rules, truth, open, local, curve }) {
      const [last, before] = [local[n - 2], local[n - 4]];
      const course = Math.abs(last - before) < 0.02 ? "hardly changed"
        : last < before ? "fell" : "rose";
      if (!open) return `You see ${n} sizes of ${D.length}, up to ${D[n - 1]}. Over their last
        three steps the local exponent ${course}, from ${two(before)} to ${
        two(last)}. You say that the ${curves[curve].loss} is ${digits(rules.own.value)} at ${
        D.at(-1)}, give or take a factor of ${made.factor.toFixed(2)}. Open the rest, and see.`;
      const { own, line } = Object.fromEntries(Object.entries(rules).map(([key, rule]) =>
        [key, judged(rule, truth)]));
      const sure = line.held ? "and its interval held"
        : "and its interval missed: it was sure of itself, and wrong";
      const errors = Object.keys(RULES).map((key) => [key, judged(rules[key], truth).error])
        .filter(([, error]) => error !== null);
      const [nearest] = errors.reduce((a, b) => (Math.abs(b[1]) < Math.abs(a[1]) ? b : a));
      const after = log(L[n - 1] / truth) / log(D.at(-1) / D[n - 1]);
      return `At ${D.at(-1)} it is ${digits(truth)}. You were ${off(own.error)}, and your
        interval ${own.held ? "held" : "missed"}. The line was ${off(line.error)}, ${sure}.
        The nearest rule was “${RULES[nearest]}”. The last local exponent seen was ${
        two(last)}; from there on it was ${two(after)} on average.`;
    }

    // What a rule says at the sizes from `from` on: its law, or a straight way there.
    function way({ D, L, n, rules }, key) {
      const { value, curve } = rules[key];
      if (value === null) return [];
      const [x, end] = [D[n - 1], D.at(-1)];
      if (!curve) return [[x, L[n - 1]], [end, value]];
      const from = key === "line" || key === "floor" ? 0 : key === "ratio" ? n - 1
        : key === "between" ? n - 4 : n - 3;
      if (key === "ratio") return D.slice(from).map((size) => [size, curve(size)]);
      const steps = Array.from({ length: 41 }, (_, i) => D[from] * (end / D[from]) ** (i / 40));
      return [...steps.slice(0, -1), end].map((size) => [size, curve(size)]);
    }

    const logs = (list) => list.map(([x, y]) => [log10(x), log10(y)]);
    const dot = (sheet, mark, x, y) => sheet.add("circle",
      { "data-mark": mark, cx: sheet.X(x), cy: sheet.Y(y), r: 5 });
    const breadth = (D) => [log10(D[0]) - MARGIN, log10(D.at(-1)) + 2 * MARGIN];

    // Axes tell nothing of what is hidden: they hold what is seen and what is said.
    function drawCurve(open, now) {
      const { D, L, n, rules, rule, truth } = now;
      const path = logs(way(now, rule));
      const known = now.open ? L : L.slice(0, n);
      const said = [rules.own, rules[rule]].flatMap(({ value, low, high }) =>
        [value, low, high]).filter((x) => x !== null);
      const values = [...known, ...said].map(log10);
      const y = [max(min(...values), log10(min(...known)) - 1.2) - 0.06,
        min(max(...values), log10(max(...known)) + 0.4) + 0.06];
      const sheet = open({ x: breadth(D), y, left: 60, height: 0.85 });
      sheet.axes(decades(...breadth(D)), ticks(...y), "examples D", curves[now.curve].loss);
      const end = log10(D.at(-1));
      sheet.line("level", [[end, y[0]], [end, y[1]]]);
      const bar = (mark, { low, high }, x) => low !== null && sheet.line(mark,
        logs([[1, max(low, 1e-6)], [1, high]]).map(([, v]) => [x, v]));
      bar("left", rules[rule], end + 0.07);
      bar("right", rules.own, end + 0.2);
      if (path.length) sheet.line("along-P", path);
      sheet.line("trial", [[end + 0.13, log10(rules.own.value)],
        [end + 0.27, log10(rules.own.value)]]);
      known.forEach((loss, i) => dot(sheet, i < n ? "best" : "outside",
        log10(D[i]), log10(loss)));
      if (now.open) sheet.line("truth", [[end, log10(truth)],
        [end + 0.27, log10(truth)]]);
    }

    function drawExponents(open, now) {
      const { D, n, rule, local } = now;
      const middle = (i) => log10(D[i] * D[i + 1]) / 2;
      const known = now.open ? local : local.slice(0, n - 1);
      const path = way(now, rule);
      const implied = exponents(path.map(([x]) => x), path.map(([, L]) => L));
      const [low, high] = [min(0, ...known), max(...known)];
      const y = [low - 0.04, high + 0.12 * (high - low) + 0.02];
      const sheet = open({ x: breadth(D), y, left: 60, height: 0.85 });
      sheet.axes(decades(...breadth(D)), rounds(...y), "examples D", "local exponent");
      const seen = log10(D[n - 1]);
      sheet.line("level", [[seen, y[0]], [seen, y[1]]]);
      const between = implied.map((e, i) => [log10(path[i][0] * path[i + 1][0]) / 2, e]);
      sheet.line("along-P", path.length === 2
        ? path.map(([x]) => [log10(x), implied[0]]) : between);
      sheet.line("curve", known.slice(0, n - 1).map((e, i) => [middle(i), e]));
      known.forEach((e, i) => dot(sheet, i < n - 1 ? "best" : "outside", middle(i), e));
    }

    return {
      title: "Choose what you see, forecast, open",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        curve: { caption: "The curve", draw: drawCurve,
          label: `Loss over examples, both axes logarithmic: what is seen, the chosen rule
            and two intervals at the last size; the table below says what it shows.` },
        exponents: { caption: "Its local exponents", draw: drawExponents,
          label: `Local exponents of the curve over examples, and those of the chosen rule;
            the sentence below says what they do.` },
      },
      changed({ state, curve, n, D, L, made, rules, open, rule }, widget) {
        const find = (selector) => widget.querySelector(selector);
        function say(key, text, spoken = text) {
          find(`output[data-value=${key}]`).innerHTML = text;
          find(`input[data-key=${key}]`).setAttribute("aria-valuetext", spoken);
        }
        const slider = find("input[data-key=seen]");
        slider.max = all[curve].size + FEWEST - 1;
        slider.value = n;
        say("seen", `${n}, up to ${D[n - 1]}`);
        say("rest", digits(rules.own.value));
        say("factor", made.factor.toFixed(2));
        // What has been opened is judged by the forecast that was made before.
        for (const key of ["rest", "factor"]) {
          const input = find(`input[data-key=${key}]`);
          input.disabled = open;
          input.value = log10(made[key]);
        }
        const give = (button, values) => { button.dataset.take = JSON.stringify(values); };
        widget.querySelectorAll("[data-choice] button").forEach((button, i) =>
          give(button, { curve: i }));
        const opener = find("[data-take*=opened]");
        opener.textContent = open ? "Opened" : "Open the rest";
        const entry = `${curve}/${n}=${state.rest}/${state.factor}`;
        give(opener, { opened: open ? state.opened : `${state.opened} ${entry}`.trim() });
        for (const place of widget.querySelectorAll("tr[data-rule] button")) {
          const key = place.closest("tr").dataset.rule;
          const { value, low, high } = rules[key];
          give(place, open || value === null ? { rule: key } : { rule: key,
            rest: within(SLIDERS.rest, value / L[n - 1]),
            factor: within(SLIDERS.factor, low ? sqrt(high / low) : state.factor) });
        }
        find(".law-legend [data-mark=along-P]").textContent = `${RULES[rule]}, drawn`;
        widget.querySelectorAll("tr small").forEach((small) => {
          small.hidden = small.querySelector("data").value === "";
        });
      },
    };
  });
})();
