// "How near is the nearest?": points on a flat torus of d dimensions that lies in n, the
// nearest one to a point of yours, how that distance falls with the number D of points,
// and the loss D^-(c/d) of a learner on rung c of the ladder. Mounted on
// <div class="near-points" data-examples data-dimension data-ambient data-rung>; what the
// div holds is kept for paper.
(() => {
  "use strict";
  const { signed, short, spoken, exact, inWords, decades, figure } = explorables;
  const log = Math.log10;
  const MOST = 3162; // points of a set, half a decade above a thousand
  const SETS = 16; // of points, for the standard error of what is measured

  // ---- the law

  // Stirling's series, from ten on: its next term is below 1e-13 there.
  function logGamma(x) {
    let below = 0;
    for (; x < 10; x += 1) below += Math.log(x);
    const y = 1 / x / x;
    const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
    return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - below;
  }

  const logVolume = (d) => d / 2 * Math.log(Math.PI) - logGamma(d / 2 + 1); // of the unit ball

  // Volume of the part of a ball that lies in the unit cube around its centre, by its
  // radius squared: closed for the square, then slice by slice, on a grid.
  function square(t) {
    if (t >= 0.5) return 1;
    if (t <= 0.25) return Math.PI * t;
    return Math.PI * t - 4 * (t * Math.acos(0.5 / Math.sqrt(t)) - Math.sqrt(t - 0.25) / 2);
  }
  const STEP = 1 / 400;
  // Gauss's two points in each part of (0, 1).
  const gauss = (panels) => Array.from({ length: 2 * panels }, (_, i) =>
    ((i >> 1) + 0.5 + (i % 2 ? 1 : -1) / Math.sqrt(12)) / panels);
  const inCubes = [, (t) => Math.min(1, 2 * Math.sqrt(t)), square];
  function inCube(d) {
    if (!inCubes[d]) {
      const [share, nodes] = [inCube(d - 1), gauss(20)];
      const table = new Float64Array(Math.ceil(d / 4 / STEP) + 3).map((_, i) => {
        const top = Math.min(0.5, Math.sqrt(i * STEP));
        let sum = 0;
        for (const u of nodes) sum += share(i * STEP - (top * u) ** 2);
        return 2 * top * sum / nodes.length;
      });
      inCubes[d] = (t) => {
        if (t >= d / 4) return 1;
        const i = Math.min(Math.max(1, Math.floor(t / STEP)), table.length - 3);
        const [u, a, b] = [t / STEP - i, table[i], table[i + 1]];
        const bend = (table[i - 1] - a - b + table[i + 2]) / 2;
        return a + u * (b - a - (1 - u) / 2 * bend);
      };
    }
    return inCubes[d];
  }

  // Mean distance to the nearest of D points: chapter 3's formula. Balls of a radius above
  // one half meet themselves around the torus; what that adds is an integral, which is
  // nothing where a nearer point is sure.
  function distance(D, d) {
    const mean = Math.exp(logGamma(1 + 1 / d) - logVolume(d) / d
      + logGamma(D + 1) - logGamma(D + 1 + 1 / d));
    const volume = Math.exp(logVolume(d));
    if (d === 1 || (1 - volume / 2 ** d) ** D < 1e-12) return mean;
    const [share, nodes, reach] = [inCube(d), gauss(120), Math.sqrt(d) / 2 - 0.5];
    let beyond = 0;
    for (const u of nodes) {
      const s = 0.5 + reach * u;
      beyond += Math.max(0, 1 - share(s * s)) ** D
        - Math.max(0, 1 - volume * s ** d) ** D;
    }
    return mean + reach * beyond / nodes.length;
  }

  const shrinks = (factor, exponent) => factor ** -exponent; // the loss, with more data
  const price = (factor, exponent) => factor ** (1 / exponent); // a smaller loss, in data

  // ---- the points

  // Numbers between 0 and 1: Marsaglia's shifts.
  function generator(seed) {
    let x = Math.imul(seed + 1, 0x9e3779b1);
    const next = () => {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      return (x >>> 0) / 2 ** 32;
    };
    for (let i = 0; i < 20; i++) next();
    return next;
  }

  const draw = (count, random) => new Float64Array(count).map(random);
  const wrapped = (x) => x - Math.round(x); // the short way around

  // Mean distance from places to the nearest of the first D points, at index D - 1.
  function growing(points, places, d) {
    const count = places.length / d;
    const least = new Float64Array(count).fill(Infinity);
    const means = new Float64Array(points.length / d);
    let total = 0;
    for (let i = 0; i < means.length; i++) {
      for (let q = 0; q < count; q++) {
        let sum = 0;
        for (let k = 0; k < d && sum < least[q]; k++) {
          const x = Math.abs(points[i * d + k] - places[q * d + k]);
          sum += x > 0.5 ? (1 - x) * (1 - x) : x * x;
        }
        if (sum >= least[q]) continue;
        total += Math.sqrt(sum) - (i && Math.sqrt(least[q]));
        least[q] = sum;
      }
      means[i] = total / count;
    }
    return means;
  }

  // Sets of points, each with places of its own at which it is asked: the first set is
  // shown, and all of them are measured.
  const kept = [];
  function sets(d) {
    kept[d] ??= Array.from({ length: SETS }, (_, seed) => {
      const random = generator(seed);
      const points = draw(MOST * d, random);
      const places = draw(Math.ceil(32 / d) * d, random);
      return { points, places, means: growing(points, places, d) };
    });
    return kept[d];
  }

  function measured(D, d) {
    const each = sets(d).map(({ means }) => means[D - 1]);
    const mean = each.reduce((a, b) => a + b) / SETS;
    const squares = each.reduce((a, b) => a + (b - mean) ** 2, 0);
    return { mean, error: Math.sqrt(squares / (SETS - 1) / SETS) };
  }

  // The nearest of D points, by n coordinates: the torus is turned by the reflection that
  // takes v to -v, a direction of all n.
  const directions = draw(1000, generator(SETS)).map((x) => 2 * x - 1);
  function nearest(points, D, place, n) {
    const d = place.length;
    const length = Math.hypot(...directions.subarray(0, n));
    const v = directions.subarray(0, n).map((x) => x / length);
    const away = new Float64Array(d);
    let [found, least] = [0, Infinity];
    for (let i = 0; i < D; i++) {
      let along = 0;
      for (let k = 0; k < d; k++) {
        away[k] = wrapped(points[i * d + k] - place[k]);
        along += 2 * v[k] * away[k];
      }
      let sum = 0;
      for (let k = 0; k < d; k++) sum += (away[k] - along * v[k]) ** 2;
      for (let k = d; k < n; k++) sum += (along * v[k]) ** 2;
      if (sum < least) [found, least] = [i, sum];
    }
    return { found, r: Math.sqrt(least) };
  }

  explorables.neighbours = { logGamma, inCube, distance, sets, nearest, measured };

  // ---- what is shown

  const [END, LOW, HIGH] = [6, -6, 0.3]; // of the law's axes, in decades
  const curves = [];
  const curve = (d) => (curves[d] ??= Array.from({ length: 31 }, (_, i) =>
    [i * END / 30, log(distance(10 ** (i * END / 30), d))]));
  const count = (x) => (x < 1e7 ? Number(x.toPrecision(2)).toLocaleString("en")
    .replaceAll(",", "\u2009") : short(x));
  const three = (x) => exact(Number(x.toPrecision(3)));
  const SLIDERS = {
    D: { label: "Points, <i>D</i>", min: 0.5, max: 3.5, step: 0.05, decades: true,
      text: (x) => `${Math.round(x)}` },
    d: { label: "Dimensions of the torus, <i>d</i>", min: 1, max: 8, step: 1, text: exact },
    n: { label: "Ambient dimensions, <i>n</i>", min: 1.2, max: 3, step: 0.05, decades: true,
      text: (x) => `${Math.round(x)}` },
    t: { label: "Place of your point", min: 0, max: 1, step: 0.01, text: exact },
  };

  figure("near-points", (host) => {
    const { examples, dimension, ambient, rung } = host.dataset;
    const start = { D: Number(examples), d: Number(dimension), n: Number(ambient),
      c: Number(rung), t: 0.5 };

    const content = ({ sliders, button, panels, value, summary, again }) => `
      <p>A flat torus of <i>d</i> dimensions is turned at random into <i>n</i>, with
      <i>D</i> points anywhere on it. Your point is full, its nearest neighbour, by all
      <i>n</i> coordinates, hollow; in the shaded ball between them lies no other.</p>
      ${sliders("D", "d", "n", "t")}
      <p class="law-buttons">${button("<i>c</i> = 1: nearest, error", { c: 1 })}
        ${button("<i>c</i> = 2: nearest, squared", { c: 2 })}
        ${button("<i>c</i> = 4: linear, squared", { c: 4 })}</p>
      <p class="law-buttons">${button("a curve", { d: 1 })}
        ${button("a surface", { d: 2 })}
        ${button("eight dimensions", { d: 8 })}
        ${button("a thousand coordinates", { n: 1000 })}</p>
      ${panels("points", "law")}
      <ul class="law-legend"><li data-mark="curve">mean distance</li>
        <li data-mark="lost">measured</li>
        <li data-mark="along-P"><span>loss, from your <i>D</i> on, in units of its own</span></li>
        <li data-mark="floor">loss, were the bound a law</li>
        <li data-mark="wrong"><span>distance, did <i>n</i> count</span></li></ul>
      <dl class="law-readouts">
        <div><dt>mean distance, E <i>r</i></dt><dd>${value("E")}</dd></div>
        <div><dt>measured, 16 sets</dt><dd>${value("mean")} ± ${value("error")}</dd></div>
        <div><dt>from your point</dt><dd>${value("r")}</dd></div>
        <div><dt>seem nearer</dt><dd>${value("shadow")}</dd></div>
        <div><dt>exponent <i>c</i>/<i>d</i></dt><dd>${value("exponent")}</dd></div>
        <div><dt>twice the data</dt><dd>${value("twice")}</dd></div>
        <div><dt>half the loss takes</dt><dd>${value("half")} points</dd></div>
        <div><dt>a tenth of it</dt><dd>${value("tenth")} points</dd></div>
      </dl>
      ${summary}
      <p>${again}</p>`;

    function measure(state) {
      const { d, c, t } = state;
      const [D, n] = [state.D, state.n].map(Math.round);
      const { points } = sets(d)[0];
      const place = Array.from({ length: d }, (_, k) => (k ? 0.5 : t));
      const { found, r } = nearest(points, D, place, n);
      // On the page there are two coordinates, and for curves there is one.
      const seen = Array.from({ length: D }, (_, i) =>
        [points[i * d], d > 1 ? points[i * d + 1] : 0.5]);
      const away = seen.map(([x, y]) => [wrapped(x - t), wrapped(y - 0.5)]);
      const shadow = away.filter(([x, y], i) => i !== found && Math.hypot(x, y) < r).length;
      return { D, d, n, c, t, r, seen, shadow, neighbour: seen[found], link: away[found],
        ...measured(D, d), E: distance(D, d), exponent: c / d,
        twice: 100 * (shrinks(2, c / d) - 1), half: D * price(2, c / d),
        tenth: D * price(10, c / d) };
    }

    const numbers = (now) => ({
      ...Object.fromEntries(["E", "mean", "r", "exponent"].map((key) => [key, [now[key], three]])),
      error: [now.error, (x) => exact(Number(x.toPrecision(1)))],
      shadow: [now.shadow, exact], twice: [now.twice, (x) => `${signed(x, 1)} %`],
      half: [now.half, count], tenth: [now.tenth, count],
    });

    function sentence({ D, d, n, c, E, exponent, twice, shadow }) {
      const bound = c === 4 ? `The bound promises ${three(2 / d)} only: it is no law, and
        straight lines do better` : `The bound has the same exponent, and the
        nearest neighbour attains it`;
      const looks = shadow ? ` ${shadow} points seem nearer than the neighbour, but are far
        in coordinates that the page does not show.` : "";
      return `The nearest of ${D} points in ${d} dimension${d > 1 ? "s" : ""} is
        ${three(E)} away on average, and ${n} coordinates change nothing about it. On this
        rung the loss has the exponent ${three(exponent)} in the end: twice the data take ${
        Math.abs(twice).toFixed(0)} % off, half of it takes ${
        inWords(price(2, exponent))} times the data. ${bound}.${looks}`;
    }

    function drawPoints(open, { d, t, r, seen, neighbour, link }) {
      const sheet = open({ x: [0, 1], y: [0, 1], left: 46, height: 1 });
      const [X, Y] = [(x) => sheet.X(x).toFixed(1), (y) => sheet.Y(y).toFixed(1)];
      const [w, h] = [sheet.X(r) - sheet.X(0), sheet.Y(0) - sheet.Y(r)];
      // The ball and its images around the torus, in one piece.
      const images = [-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => [t + i, 0.5 + j]));
      sheet.add("path", { "data-mark": "band", ...sheet.clipped, d: images.map(([x, y]) =>
        `M${sheet.X(x) - w} ${Y(y)}a${w} ${h} 0 1 0 ${2 * w} 0a${w} ${h} 0 1 0 ${-2 * w} 0`)
        .join("") });
      const tenths = [0, 0.5, 1].map((x) => [x, exact(x)]);
      sheet.axes(tenths, d > 1 ? tenths : [], d > 1 ? "first coordinate" : "coordinate",
        d > 1 ? "second coordinate" : "");
      if (d === 1) sheet.line("axis", [[0, 0.5], [1, 0.5]]);
      sheet.add("path", { "data-mark": "seen",
        d: seen.map(([x, y]) => `M${X(x)} ${Y(y)}h0`).join("") });
      const [x, y] = neighbour;
      sheet.line("link", [[t, 0.5], [t + link[0], 0.5 + link[1]]]);
      sheet.line("link", [[x, y], [x - link[0], y - link[1]]]);
      sheet.add("circle", { "data-mark": "outside", cx: X(x), cy: Y(y), r: 5 });
      sheet.add("circle", { "data-mark": "best", cx: X(t), cy: Y(0.5), r: 5 });
    }

    function drawLaw(open, { D, d, n, c, E, exponent }) {
      const sheet = open({ x: [0, END], y: [LOW, HIGH], left: 56, height: 1 });
      const [x, y] = [log(D), log(E)];
      const through = (slope, from = 0) =>
        [from, END].map((at) => [at, y - slope * (at - x)]);
      sheet.axes(decades(0, END), decades(LOW, HIGH), "points D",
        "mean distance, and loss");
      sheet.line("wrong", through(1 / n));
      if (c === 4) sheet.line("floor", through(2 / d, x));
      sheet.line("curve", curve(d));
      sheet.line("along-P", through(exponent, x));
      for (let at = 0.5; Math.round(10 ** at) <= D; at += 0.5) {
        sheet.add("circle", { "data-mark": "lost", cx: sheet.X(at),
          cy: sheet.Y(log(measured(Math.round(10 ** at), d).mean)), r: 4 });
      }
      for (const [factor, text] of [[2, "½"], [10, "⅒"]]) {
        const [right, down] = [x + log(price(factor, exponent)), y - log(factor)];
        if (right > END - 0.3 || down < LOW + 0.3) continue;
        sheet.add("circle", { "data-mark": "dot-P", cx: sheet.X(right), cy: sheet.Y(down), r: 4 });
        sheet.add("text", { x: sheet.X(right) - 8, y: sheet.Y(down) + 12,
          "text-anchor": "end" }, text);
      }
      sheet.add("circle", { "data-mark": "best", cx: sheet.X(x), cy: sheet.Y(y), r: 6 });
    }

    return {
      title: "How near is the nearest?",
      sliders: SLIDERS, start, content, measure, numbers, sentence,
      panels: {
        points: { caption: "The points, by their first two coordinates", draw: drawPoints,
          label: `Points on a torus by their first two coordinates, your point, its nearest
            neighbour, and the ball between them; the numbers below say what it shows.` },
        law: { caption: "Distance and loss as points are added", draw: drawLaw,
          label: `Mean distance to the nearest neighbour over the number of points, both
            axes logarithmic, as computed and as measured, and the loss from your number
            of points on; the numbers below say what it shows.` },
      },
      changed({ c }, widget) { // on the other rungs the bound's line is the loss's own
        widget.querySelector("li[data-mark=floor]").hidden = c !== 4;
      },
    };
  });
})();
