// "Horizon and collapse": losses of orders n from D tokens, of a language that the reader
// makes or of the Bible, and how well a pair of exponents brings them onto one curve.
// Mounted on <div class="horizon-collapse" data-gamma data-beta data-amplitude data-price
// data-tokens data-chain data-sizes data-losses data-best data-pair data-exponent>: a
// language, D, the same four numbers of the page's chain, and the Bible's stored curves:
// sizes, losses by order from 2 on, those of the best order, the two measured exponents,
// that of the best curve. What the div holds is kept for paper.
(() => {
  "use strict";
  const { signed, short, spoken, exact, inWords, decades, figure, ticks } = explorables;
  const log = Math.log10;
  const ORDERS = [2, 3, 4, 5, 6, 7, 8];

  // ---- a language. Who sees n tokens loses A n^-gamma with data without end, and pays
  // price n^(2 beta - gamma) / D for what it learns: n / 2D for the dense chain, where
  // 2 beta = gamma + 1. Who backs off uses the best order up to n, with n any number.

  const cost = ({ gamma, beta }) => 2 * beta - gamma;
  const lossOf = (law, n, D) =>
    law.A * n ** -law.gamma + law.price * n ** cost(law) / D;

  function horizon(law, D) {
    const { gamma, beta, A, price } = law;
    return (gamma * A * D / (cost(law) * price)) ** (1 / (2 * beta));
  }

  const envelope = (law, D) => lossOf(law, horizon(law, D), D);
  const backedOff = (law, n, D) => lossOf(law, Math.min(n, horizon(law, D)), D);

  // ---- a collapse: how far log(n^gamma L) is from a polynomial in log(D / n^(2 beta)).
  // What the polynomials cannot say of log L and of log n is u and v, and what is left of
  // log L + gamma log n is u + gamma v: its mean square is a parabola in gamma.

  // Polynomials at x, orthonormal over its points, by Gram and Schmidt.
  function polynomials(x, degree) {
    const [low, high] = [Math.min(...x), Math.max(...x)];
    const at = x.map((each) => (2 * each - low - high) / (high - low || 1));
    const basis = [];
    for (let k = 0; k <= degree; k++) {
      const raised = k ? basis[k - 1].map((value, i) => value * at[i]) : x.map(() => 1);
      const next = without(raised, basis);
      const norm = Math.hypot(...next);
      basis.push(next.map((value) => value / norm));
    }
    return basis;
  }

  function dot(a, b) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  function without(values, basis) {
    const left = [...values];
    for (const each of basis) {
      const share = dot(left, each);
      for (let i = 0; i < left.length; i++) left[i] -= share * each[i];
    }
    return left;
  }

  // The parabola of points [n, D, L] for this beta.
  function parabola(points, beta, degree) {
    const logN = points.map(([n]) => Math.log(n));
    const x = points.map(([, D], i) => Math.log(D) - 2 * beta * logN[i]);
    const basis = polynomials(x, degree);
    const u = without(points.map(([, , L]) => Math.log(L)), basis);
    const v = without(logN, basis);
    return [dot(v, v), 2 * dot(u, v), dot(u, u)].map((term) => term / points.length);
  }

  const misfitAt = ([a, b, c], gamma) => Math.sqrt(Math.max(0, (a * gamma + b) * gamma + c));
  const misfit = (points, gamma, beta, degree) =>
    misfitAt(parabola(points, beta, degree), gamma);

  // Between which gammas the misfit is at most this; null if there are none.
  function within([a, b, c], most) {
    const under = b * b - 4 * a * (c - most ** 2);
    return under < 0 ? null : [-1, 1].map((side) => (-b + side * Math.sqrt(under)) / (2 * a));
  }

  explorables.horizon = { lossOf, horizon, envelope, backedOff, parabola, misfit, within };

  // ---- what is shown

  const [FIRST, LAST] = [3, 9]; // sizes of a language, in decades
  const COUNT = 13; // sizes on which a language is measured
  const GOOD = 0.02; // off by less, a collapse looks like one
  const BETAS = Array.from({ length: 81 }, (_, i) => 0.5 + i * 0.05);
  const geometric = (a, b, count) =>
    Array.from({ length: count }, (_, i) => 10 ** (a + i * (b - a) / (count - 1)));

  function percent(x) {
    const size = Math.abs(x);
    return `${signed(100 * x, size < 0.001 ? 2 : size < 0.0995 ? 1 : 0)} %`;
  }
  const change = (x) => `${x > 0 ? "+" : ""}${percent(x)}`;
  const three = (x) => `${Number(x.toPrecision(3))}`;
  const constant = (label, min, max) => ({ label, min, max, step: 0.05, decades: true,
    text: short, spoken });
  const SLIDERS = {
    D: { label: "Data seen, <i>D</i>, up to", min: 4, max: LAST, step: 0.05, decades: true,
      text: short, spoken },
    gammaH: { label: "What context is worth, <i>γ<sub>H</sub></i>", min: 0.1, max: 2,
      step: 0.05 },
    betaC: { label: "How correlations fade, <i>β<sub>C</sub></i>", min: 1.05, max: 3,
      step: 0.05 },
    A: constant("Amplitude, <i>A</i>, in nats", -3, 1),
    price: constant("Price of context", -1, 3),
    gamma: { label: "Your <i>γ</i>", min: 0.05, max: 3, step: 0.01, text: exact },
    beta: { label: "Your <i>β</i>", min: 0.5, max: 4.5, step: 0.01, text: exact },
  };
  const MADE = ["gammaH", "betaC", "A", "price"]; // sliders of a language

  figure("horizon-collapse", (host) => {
    const given = Object.fromEntries(Object.entries(host.dataset)
      .map(([key, text]) => [key, JSON.parse(text)]));
    const { sizes, losses, best, pair: [ownGamma, ownBeta] } = given;
    const chain = Object.fromEntries(MADE.map((key, i) => [key, given.chain[i]]));
    const start = { language: "made", learner: "backs", D: given.tokens, gammaH: given.gamma, betaC: given.beta,
      A: given.amplitude, price: given.price, gamma: 1.5 * given.gamma,
      beta: 1.5 * given.beta };

    const content = (parts) => `
      <p>In the language that you make, who sees <i>n</i> tokens loses
      <i>A n</i><sup>−<i>γ<sub>H</sub></i></sup>, and pays the price times
      <i>n</i><sup>2<i>β<sub>C</sub></i>−<i>γ<sub>H</sub></i></sup>/<i>D</i>: for the chain
      above that is <i>n</i>/2<i>D</i>. Who backs off uses the best order up to
      <i>n</i>.</p>
      <p class="law-buttons"><span>Language:</span>
        ${parts.button("one that you make", {})}
        ${parts.button("the chain above", { language: "made", ...chain })}
        ${parts.button("the Bible", { language: "bible" })}</p>
      <p class="law-buttons"><span>Learner:</span>
        ${parts.button("one that backs off", { learner: "backs" })}
        ${parts.button("one that pays for every order", { learner: "pays" })}</p>
      ${parts.sliders("D", ...MADE)}
      ${parts.panels("curves")}
      <ul class="law-legend"><li data-mark="order-first"><span><i>n</i> = 2</span></li>
        <li data-mark="order"><span><i>n</i> = 3 to 7</span></li>
        <li data-mark="order-last"><span><i>n</i> = 8</span></li>
        <li data-mark="envelope">the best of all orders</li>
        <li data-mark="later">not seen yet</li></ul>
      <p>Now choose two exponents to bring the orders onto one curve.</p>
      ${parts.sliders("gamma", "beta")}
      <p class="law-buttons">${parts.button("its own pair", {})}
        ${parts.button("both 1.5 times", {})}
        ${parts.button("only <i>β</i> 1.5 times", {})}</p>
      ${parts.panels("collapse", "map")}
      <ul class="law-legend"><li data-mark="pair">your pair</li>
        <li data-mark="own">its own pair</li>
        <li data-mark="band">off by 2 % at most</li>
        <li data-mark="ratio"><span><i>γ</i>/2<i>β</i> = <i>α<sub>D</sub></i></span></li></ul>
      <dl class="law-readouts">
        <div><dt>best loss at <i>D</i></dt><dd>${parts.value("loss")}</dd></div>
        <div><dt>horizon <i>n</i>*</dt><dd>${parts.value("horizon")}</dd></div>
        <div><dt>twice the data: loss</dt><dd>${parts.value("twice")}</dd></div>
        <div><dt>twice: horizon</dt><dd>${parts.value("farther")}</dd></div>
        <div><dt>exponent <i>α<sub>D</sub></i></dt><dd>${parts.value("alpha")}</dd></div>
        <div><dt>your <i>γ</i>/2<i>β</i></dt><dd>${parts.value("ratio")}</dd></div>
        <div><dt>off one curve</dt><dd>${parts.value("off")}</dd></div>
        <div><dt>its own pair: off</dt><dd>${parts.value("own")}</dd></div>
      </dl>
      ${parts.summary}
      <p>${parts.again}</p>`;

    // Points [n, D, L], and each order's losses over D, seen and still to come.
    function ofLanguage({ learner, D, gammaH, betaC, A, price }) {
      const law = { gamma: gammaH, beta: betaC, A, price };
      const loss = learner === "pays" ? lossOf : backedOff;
      const rows = (sizes) => ORDERS.map((n) => sizes.map((D) => [D, loss(law, n, D)]));
      const [seen, later] = [[FIRST, log(D)], [log(D), LAST]].map((ends) =>
        rows(geometric(...ends, 41)));
      const measured = rows(geometric(FIRST, log(D), COUNT));
      return { seen, later, measured, degree: 10, alpha: gammaH / (2 * betaC), reach: LAST,
        envelope: geometric(FIRST, LAST, 25).map((D) => [D, envelope(law, D)]),
        loss: envelope(law, D), horizon: horizon(law, D), farther: 2 ** (0.5 / betaC) - 1,
        ownGamma: gammaH, ownBeta: betaC };
    }

    function ofBible({ D }) {
      const count = sizes.filter((size) => size <= D).length;
      const rows = losses.map((row) => row.map((L, i) => [sizes[i], L]));
      const seen = rows.map((row) => row.slice(0, count));
      return { seen, later: rows.map((row) => row.slice(count - 1)), measured: seen,
        degree: 4, alpha: given.exponent, reach: 7, loss: best[count - 1],
        last: sizes[count - 1],
        envelope: best.map((L, i) => [sizes[i], L]), horizon: null, farther: null,
        ownGamma, ownBeta };
    }

    function measure(state) {
      const found = (state.language === "bible" ? ofBible : ofLanguage)(state);
      const points = found.measured.flatMap((row, i) => row.map((each) => [ORDERS[i], ...each]));
      const off = (gamma, beta) => misfit(points, gamma, beta, found.degree);
      return { ...state, ...found, points, ratio: state.gamma / (2 * state.beta),
        twice: 2 ** -found.alpha - 1, off: off(state.gamma, state.beta),
        own: off(found.ownGamma, found.ownBeta) };
    }

    const numbers = (now) => ({
      loss: [now.loss, three], horizon: [now.horizon], twice: [now.twice, change],
      farther: [now.farther, change], alpha: [now.alpha, three],
      ratio: [now.ratio, three], off: [now.off, percent], own: [now.own, percent],
    });

    // Whether two numbers are the same, to a twentieth.
    const near = (a, b) => Math.abs(a / b - 1) < 0.05;

    // Why a wrong pair collapses, and why one of the right ratio does not.
    function excuse({ learner, alpha, gamma, beta, ratio, ownGamma, ownBeta }) {
      if (near(ratio, alpha)) return "the ratio is right, and little of the floors has been seen";
      if (near(gamma, ownGamma)) return "γ is right, and floors alone do not tell β";
      return learner === "pays" && near(2 * beta - gamma, 2 * ownBeta - ownGamma)
        ? "2β − γ is right, and where only the price is seen that will do"
        : "so little of their shape has been seen";
    }

    const harms = ({ seen }) => seen.at(-1)[0][1] > 1.01 * seen.at(-2)[0][1];
    const proof = (now) => (harms(now)
      ? "context beyond the horizon does harm, and more of it more"
      : "orders inside the horizon are near their floors, and those ask for γ itself");

    function sentence(now) {
      const { language: of, D, loss, horizon, farther, alpha, twice, ratio, off, last } = now;
      const less = `lose ${percent(-twice)} less`;
      const reach = horizon < 1 ? "not even one token back" : `${inWords(horizon)} tokens back`;
      const first = of === "bible" ? `With ${inWords(last)} characters of the Bible the best
        order loses ${three(loss)} nats; twice the text would ${less}.` : `With ${inWords(D)}
        tokens it pays to look ${reach}; twice as many reach ${percent(farther)} farther and
        ${less}.`;
      const own = near(now.gamma, now.ownGamma) && near(now.beta, now.ownBeta);
      const lie = `the losses lie within ${percent(off)} of one curve`;
      const text = () => (off > GOOD ? "With your pair they make no one curve."
        : `With your pair ${lie}${own ? "" : ", though it is not the measured one"}.`);
      const made = () => (off < GOOD
        ? (own ? "With the language's own pair all orders make one curve, as they must."
          : `Your pair is wrong, yet ${lie}: ${excuse(now)}.`)
        : near(ratio, alpha) ? `The ratio is right, but the pair is found out: ${proof(now)}.`
        : "Your pair makes no one curve, and its ratio is wrong.");
      const then = of === "bible" ? text() : made();
      return `${first} ${then}`;
    }

    const mark = (i) => (i === 0 ? "order-first" : i === 6 ? "order-last" : "order");
    const logs = (row) => row.map(([x, y]) => [log(x), log(y)]);

    function drawCurves(open, now) {
      const { seen, later, envelope, reach, D } = now;
      const all = [...seen.flat(), ...later.flat(), ...envelope].map(([, L]) => log(L));
      const low = Math.min(...all);
      const top = Math.min(Math.max(...all), log(seen[0][0][1]) + 1);
      const pad = 0.04 * (top - low);
      const y = [low - pad, top + pad];
      const sheet = open({ x: [FIRST, reach], y, left: 60, height: 0.5 });
      sheet.axes(decades(FIRST, reach), ticks(...y), "data D", "loss");
      sheet.line("envelope", logs(envelope));
      later.forEach((row, i) => sheet.line("later", logs(row), { "data-order": ORDERS[i] }));
      seen.forEach((row, i) => sheet.line(mark(i), logs(row), { "data-order": ORDERS[i] }));
      const at = Math.min(log(D), log(later[0].at(-1)[0]));
      sheet.line("level", [[at, y[0]], [at, y[1]]]);
      if (now.horizon) sheet.add("circle", { "data-mark": "best", cx: sheet.X(at),
        cy: sheet.Y(log(now.loss)), r: 5 });
      let before = -Infinity; // labels that would touch are left out
      later.forEach((row, i) => {
        const [x, place] = [log(row.at(-1)[0]), sheet.Y(log(row.at(-1)[1])) - 4];
        if (place - before < 12 || place > sheet.bottom - 2) return;
        before = place;
        sheet.add("text", { "data-mark": "size", x: Math.min(sheet.X(x) + 4, sheet.right - 3),
          y: place, "text-anchor": sheet.X(x) + 60 < sheet.right ? "start" : "end" },
          `n = ${ORDERS[i]}`);
      });
    }

    function drawCollapse(open, { seen, gamma, beta }) {
      const rows = seen.map((row, i) => row.map(([D, L]) =>
        [log(D) - 2 * beta * log(ORDERS[i]), log(L) + gamma * log(ORDERS[i])]));
      const [x, y] = [0, 1].map((k) => {
        const all = rows.flat().map((point) => point[k]);
        const [low, high] = [Math.min(...all), Math.max(...all)];
        const pad = Math.max(0.05, 0.06 * (high - low));
        return [low - pad, high + pad];
      });
      const sheet = open({ x, y, left: 60, height: 0.9 });
      sheet.axes(ticks(...x), ticks(...y), `D / n<tspan dy="-0.4em" font-size="75%">2β</tspan>`,
        `n<tspan dy="-0.4em" font-size="75%">γ</tspan><tspan dy="0.3em"> · loss</tspan>`);
      rows.forEach((row, i) => sheet.line(mark(i), row, { "data-order": ORDERS[i] }));
    }

    // For each beta a misfit is a parabola in gamma: the region below a level has two sides.
    function drawMap(open, now) {
      const { points, degree, alpha, gamma, beta } = now;
      const top = Math.max(1, 1.15 * Math.max(gamma, now.ownGamma, Math.min(2.6, 9 * alpha)));
      const sheet = open({ x: [0.5, 4.5], y: [0, top], left: 60, height: 0.9 });
      const parabolas = BETAS.map((b) => [b, parabola(points, b, degree)]);
      const sides = (most) => parabolas.flatMap(([b, each]) => {
        const ends = within(each, most);
        return ends ? [[b, ...ends]] : [];
      });
      const good = sides(GOOD);
      if (good.length) sheet.area("band", [...good.map(([b, low]) => [b, low]),
        ...good.reverse().map(([b, , high]) => [b, high])]);
      sheet.axes([1, 2, 3, 4].map((b) => [b, `${b}`]), explorables.rounds(0, top),
        "your β", "your γ");
      sheet.line("ratio", [0.5, 4.5].map((b) => [b, 2 * alpha * b]));
      const spot = (name, b, g, r) => sheet.add("circle",
        { "data-mark": name, cx: sheet.X(b), cy: sheet.Y(g), r });
      spot("own", now.ownBeta, now.ownGamma, 8);
      spot("best", beta, gamma, 5);
    }

    return {
      title: "Horizon and collapse",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        curves: { caption: "Loss of each order over data", draw: drawCurves,
          label: `Loss of orders 2 to 8 over data, both axes logarithmic: falling to the
            floor of each, and the best of all orders; the numbers below say what it
            shows.` },
        collapse: { caption: "Rescaled with your pair", draw: drawCollapse,
          label: `The same losses, both axes rescaled by powers of the order with your
            exponents; the numbers below say how far they are off one curve.` },
        map: { caption: "Pairs that collapse them", draw: drawMap,
          label: `Pairs of exponents whose rescaled losses are off one curve by at most two
            per cent, with your pair and the one of the text; the numbers below say what it
            shows.` },
      },
      changed(now, widget) {
        const { language, D, ownGamma, ownBeta } = now;
        const [languages, learners, pairs] = widget.querySelectorAll(".law-buttons");
        // Whoever comes back from the chain finds the language of the start.
        const { A, price, gammaH, betaC } = MADE.every((key) => now[key] === chain[key])
          ? start : now;
        languages.querySelector("button").dataset.take =
          JSON.stringify({ language: "made", A, price, gammaH, betaC });
        const [own, both, one] = pairs.children;
        const take = (button, g, b) => {
          button.dataset.take = JSON.stringify({ gamma: g * ownGamma, beta: b * ownBeta });
        };
        take(own, 1, 1);
        take(both, 1.5, 1.5);
        take(one, 1, 1.5);
        for (const key of MADE) {
          widget.querySelector(`[data-key=${key}]`).closest("div").hidden =
            language === "bible";
        }
        learners.hidden = language === "bible"; // that has been measured with one
        // The Bible ends, and with it the slider.
        const end = language === "bible" ? sizes.at(-1) : 10 ** LAST;
        const input = widget.querySelector("input[data-key=D]");
        input.max = Math.ceil(20 * log(end) - 1e-9) / 20;
        input.value = log(Math.min(D, end));
        const upTo = short(Math.min(D, end));
        widget.querySelector("output[data-value=D]").innerHTML =
          D < end || language === "made" ? upTo : `${upTo}, all of it`;
        input.setAttribute("aria-valuetext", spoken(Math.min(D, end)));
      },
    };
  });
})();
