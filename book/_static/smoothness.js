// "Smoothness over dimension": a kernel of smoothness t on data of dimension d, whose
// eigenvalues fall as n^-(1 + t/d); a target of smoothness tT, whose power in mode n is
// n^-(1 + tT/d); and the learning curve of the one on the other. Mounted on
// <div class="smooth-spectrum" data-smoothness data-target data-dimension
// data-coordinates data-examples>; what the div holds is kept for paper.
(() => {
  "use strict";
  const { signed, short, spoken, exact, inWords, count, decades, figure, ticks } = explorables;
  const { modes, powers, resolve, targetLossAt, lossOf } = explorables.spectrum;
  const log = Math.log10;
  const [LOW, HIGH] = [0.5, 5]; // examples, in decades
  const LAST = 4; // of the modes that are shown, in decades
  const [POINTS, WAVES] = [512, 255]; // of a function that is drawn
  const DEEPEST = -12; // no loss below is shown, in decades

  // A function that remembers what it found.
  function remembering(find) {
    const found = new Map();
    return (...of) => {
      const key = of.join();
      if (!found.has(key)) found.set(key, find(...of));
      return found.get(key);
    };
  }

  // Exponents: of the spectrum, of the target's power less one, and of the loss of the
  // theory, which saturates where the target is smoother than the kernel can use.
  function exponents({ t, target, d }) {
    const [alpha, beta, most] = [t / d, target / d, 2 * (1 + t / d)];
    return { alpha, beta, most, ofLoss: Math.min(beta, most) };
  }

  // Levels of a torus of dimension d up to the mode `last`: all waves of one length are
  // one level. Each is [first mode, last mode, V_d |k|^d], with the volume V_d of the unit
  // ball; the eigenvalue is the third to the power -(1 + t/d), so that n to that power
  // runs through the steps. The constant has the eigenvalue one.
  function levels(d, last) {
    const volume = [1, 2];
    for (let n = 2; n <= d; n++) volume.push(volume[n - 2] * 2 * Math.PI / n);
    const longest = (2 * last / volume[d]) ** (2 / d) + d; // of the squares of lengths
    let counts = new Map([[0, 1]]);
    for (let axis = 0; axis < d; axis++) {
      const more = new Map();
      for (const [square, count] of counts) {
        for (let k = 0; square + k * k <= longest; k++) {
          const at = square + k * k;
          more.set(at, (more.get(at) ?? 0) + count * (k ? 2 : 1));
        }
      }
      counts = more;
    }
    const found = [];
    let before = 0;
    for (const [square, count] of [...counts].sort(([a], [b]) => a - b)) {
      if (before >= last) break;
      found.push([before + 1, before + count, square ? volume[d] * square ** (d / 2) : 1]);
      before += count;
    }
    return found;
  }

  // Corners of their steps on log-log axes: n, and V_d |k|^d. Where steps are closer than a
  // third of a pixel some are left out.
  const stairs = remembering((d) => {
    const kept = [];
    let reached = -1;
    for (const [from, to, order] of levels(d, 10 ** LAST)) {
      const [start, end] = [log(from - 0.5), log(to + 0.5)];
      if (end - reached < 0.004) continue;
      kept.push([start, log(order)], [end, log(order)]);
      reached = end;
    }
    return kept;
  });

  // A function on a circle whose waves k have variances k^-(1 + t), of variance one in
  // all. Its phases are random and always the same, so that functions of two t are
  // brothers. Waves faster than a point of the picture are left out.
  const phases = [];
  for (let k = 0, seed = 29000087; k < WAVES; k++) {
    seed = 16807 * seed % 2147483647;
    phases.push(2 * Math.PI * seed / 2147483647);
  }
  const turn = Array.from({ length: POINTS }, (_, i) => 2 * Math.PI * i / POINTS);
  const [COS, SIN] = [turn.map(Math.cos), turn.map(Math.sin)];
  const draw = remembering((t) => {
    const size = phases.map((_, k) => (k + 1) ** (-(1 + t) / 2));
    const unit = Math.sqrt(2 / size.reduce((sum, c) => sum + c * c, 0));
    const values = new Float64Array(POINTS);
    for (let k = 1; k <= WAVES; k++) {
      const a = unit * size[k - 1] * Math.cos(phases[k - 1]);
      const b = unit * size[k - 1] * Math.sin(phases[k - 1]);
      for (let i = 0; i < POINTS; i++) {
        values[i] += a * COS[k * i % POINTS] - b * SIN[k * i % POINTS];
      }
    }
    return values;
  });

  // What is left of a target, as a share of its variance, at sizes in rising order.
  function curve(alpha, beta, sizes) {
    const law = modes(alpha);
    const v2 = powers(law, beta);
    const variance = v2.reduce((sum, power) => sum + power, 0);
    let found;
    return sizes.map((D) => {
      found = resolve(law, D, Infinity, 0, found?.u);
      return targetLossAt(law, v2, found, D, Infinity) / variance;
    });
  }

  explorables.smoothness = { exponents, levels, draw, curve };

  // ---- what is shown

  const digits = (x) => exact(Number(x.toPrecision(3)));
  const percent = (x) => `${x >= 0.01 ? exact(Number((100 * x).toPrecision(2)))
    : short(100 * x)} %`;
  const change = (x) => `${signed(100 * x, x > -0.1 ? 1 : 0)} %`;
  const times = (x) => `× ${short(x)}`;
  const whole = (x) => `${Math.round(x)}`;
  const SLIDERS = {
    t: { label: "Smoothness of the kernel, <i>t</i>", min: 0.5, max: 6, step: 0.25,
      text: exact },
    target: { label: "Smoothness of the target, <i>t<sub>T</sub></i>", min: 0.5, max: 16,
      step: 0.25, text: exact },
    d: { label: "Dimension of the data, <i>d</i>", min: 1, max: 6, step: 1, text: exact },
    coordinates: { label: "Coordinates of an input", min: 1, max: 3, step: 0.05,
      decades: true, text: whole },
    D: { label: "Examples, <i>D</i>", min: LOW, max: HIGH, step: 0.05, decades: true,
      whole: true, text: count, spoken: exact },
  };

  figure("smooth-spectrum", (host) => {
    const { smoothness, target, dimension, coordinates, examples } = host.dataset;
    const start = { t: Number(smoothness), target: Number(target), d: Number(dimension),
      coordinates: Number(coordinates), D: Number(examples) };

    const kink = { t: 1, target: 1 };
    const content = (parts) => `
      <p>A kernel, the data and a target. The loss is that of the theory, as a share of the
      target's variance.</p>
      ${parts.sliders("t", "target", "d", "coordinates", "D")}
      <p class="law-buttons">
        ${parts.button("a draw from the prior", { target: 0 })}
        ${parts.button("a kink, on a circle", { ...kink, d: 1, coordinates: 10 })}
        ${parts.button("in four dimensions", { ...kink, d: 4, coordinates: 10 })}
        ${parts.button("the same in 784 coordinates", { ...kink, d: 4, coordinates: 784 })}
        ${parts.button("a very smooth target", { t: 1, target: 16, d: 4 })}
        ${parts.button("a very smooth kernel", { t: 6, target: 1, d: 4 })}</p>
      ${parts.panels("cut", "spectrum")}
      ${parts.panels("curve")}
      <ul class="law-legend"><li data-mark="along-D">kernel</li>
        <li data-mark="along-P">target, and the kernel that expects it</li>
        <li data-mark="floor">if coordinates counted</li></ul>
      <dl class="law-readouts">
        <div><dt>spectrum, <i>α<sub>K</sub></i></dt><dd>${parts.value("alpha")}</dd></div>
        <div><dt>loss, <i>α<sub>D</sub></i></dt><dd>${parts.value("ofLoss")}</dd></div>
        <div><dt>if coordinates counted</dt><dd>${parts.value("ambient")}</dd></div>
        <div><dt>half the loss takes</dt><dd>${parts.value("half")}</dd></div>
        <div><dt>loss left at <i>D</i></dt><dd>${parts.value("left")}</dd></div>
        <div><dt>if the kernel expects it</dt><dd>${parts.value("best")}</dd></div>
        <div><dt>twice the examples</dt><dd>${parts.value("twice")}</dd></div>
        <div><dt>a tenth of it takes</dt><dd>${parts.value("tenth")}</dd></div>
      </dl>
      ${parts.summary}
      <p>${parts.again}</p>`;

    function measure(state) {
      const now = { ...state, ...exponents(state) };
      const coordinates = Math.round(state.coordinates);
      const [left, later] = curve(now.alpha, now.beta, [now.D, 2 * now.D]);
      const [best] = curve(now.beta, now.beta, [now.D]);
      return { ...now, coordinates, left, best, twice: later / left - 1,
        half: 2 ** (1 / now.ofLoss), tenth: 10 ** (1 / now.ofLoss),
        ambient: exponents({ ...state, d: coordinates }).ofLoss };
    }

    const numbers = (now) => ({
      alpha: [now.alpha, digits], ofLoss: [now.ofLoss, digits],
      half: [now.half, times], tenth: [now.tenth, times], left: [now.left, percent],
      twice: [now.twice, change], best: [now.best, percent], ambient: [now.ambient, digits],
    });

    function sentence({ t, target, d, coordinates, alpha, most, ofLoss, half, left, best }) {
      const less = Math.round(100 * (1 - best / left));
      const why = target === t ? "The target is a draw from the prior of the kernel: the loss "
        + "falls with the spectrum's exponent"
        : target < t ? `The target is rougher than the kernel expects, and the loss falls with
          the target's exponent, ${digits(ofLoss)}. The kernel that expects it has the same
          exponent${less ? ` and loses ${less} % less here` : ""}: smoother is not better`
        : ofLoss < most ? `The target is smoother than the kernel expects, and the kernel can
          use it: the loss falls faster than the spectrum promises`
        : `The target is smoother than the kernel can use: beyond ${exact(2 * (t + d))} its
          smoothness buys nothing, and the exponent stays at ${digits(most)}`;
      const line = d > 1 || t < 3 ? "" : ` On a line kernels as smooth as this lose more than
        the theory says.`;
      const cost = half < 1e4 ? inWords(half) : spoken(half);
      return `Smoothness ${exact(t)} over dimension ${d} is ${digits(alpha)}. ${why}. Half the
        loss takes ${cost} times the examples. The ${coordinates} coordinates do not enter.${line}`;
    }

    // Both stand apart, each around a level of its own, with a name for a dash.
    function drawCut(open, { t, target }) {
      const sheet = open({ x: [0, 1], y: [-3.4, 9.6], left: 30, height: 0.8 });
      sheet.axes([[0, "0"], [0.5, "0.5"], [1, "1"]], [], "place on a circle", "value");
      for (const [smooth, mark, level, name] of
        [[target, "along-P", 6, "target"], [t, "along-D", 0, "a draw from the prior"]]) {
        const values = draw(smooth);
        const list = Array.from({ length: POINTS + 1 }, (_, i) =>
          [i / POINTS, level + values[i % POINTS]]);
        sheet.line(mark, list, { style: "stroke-width: 1.5; stroke-dasharray: none" });
        sheet.add("text", { "data-mark": "size", x: sheet.right - 4, y: sheet.Y(level + 2.6),
          "text-anchor": "end" }, name);
      }
    }

    function drawSpectrum(open, { d, alpha, beta }) {
      const end = -(1 + Math.max(alpha, beta)) * LAST;
      const foot = Math.max(end, -(1 + Math.min(alpha, beta)) * LAST * 2.5);
      const sheet = open({ x: [0, LAST], y: [foot, 0.4], left: 62, height: 0.8 });
      sheet.axes(decades(0, LAST), ticks(foot, 0.4), "mode n", "eigenvalue, power");
      sheet.line("level", [[0, 0], [LAST, -(1 + alpha) * LAST]]);
      sheet.line("along-P", [[0, 0], [LAST, -(1 + beta) * LAST]]);
      sheet.line("along-D", stairs(d).map(([n, order]) => [n, -(1 + alpha) * order]));
    }

    function drawCurve(open, { target, coordinates, alpha, beta, ambient, D, left }) {
      const at = Array.from({ length: 46 }, (_, i) => LOW + i * (HIGH - LOW) / 45);
      const sizes = at.map((n) => 10 ** n);
      const [own, expecting] = [alpha, beta].map((each) => curve(each, beta, sizes).map(log));
      const least = Math.max(Math.min(own.at(-1), expecting.at(-1)), DEEPEST);
      const most = Math.max(own[0], expecting[0]);
      const y = [least - 0.05 * (most - least), most + 0.05 * (most - least)];
      const sheet = open({ x: [LOW, HIGH], y, left: 56, height: 0.45 });
      sheet.axes(decades(LOW, HIGH), ticks(...y), "examples D", "loss / variance");
      sheet.line("floor", at.map((n) => [n, own[0] - ambient * (n - LOW)]));
      sheet.line("along-D", at.map((n, i) => [n, own[i]]));
      sheet.line("along-P", at.map((n, i) => [n, expecting[i]]));
      const shown = Math.max(log(left), y[0]);
      sheet.add("circle", { "data-mark": shown === log(left) ? "best" : "outside",
        cx: sheet.X(log(D)), cy: sheet.Y(shown), r: 6 });
    }

    return {
      title: "Smoothness over dimension",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        cut: { caption: "How rough: a cut", draw: drawCut,
          label: `Two functions on a circle: the target, and below it a draw from the prior
            of the kernel; the numbers below say what it shows.` },
        spectrum: { draw: drawSpectrum,
          caption: "Levels of a torus, and <i>n</i><sup>−(1+<i>t/d</i>)</sup>",
          label: `Eigenvalues of the kernel by their number, in steps, the power law through
            them, and the power of the target in each mode, both axes logarithmic; the
            numbers below say what it shows.` },
        curve: { caption: "The learning curve", draw: drawCurve,
          label: `Loss over examples, both axes logarithmic, of the kernel, of the kernel
            that expects the target, and as it would be if coordinates counted; the numbers
            below say what it shows.` },
      },
      changed({ t }, widget) {
        const prior = widget.querySelector(".law-buttons button");
        prior.dataset.take = JSON.stringify({ target: t });
      },
    };
  });
})();
