// The scaling lab's rules, as in the package's room `lab`: the law behind a seed, its runs,
// what they tell, fits of laws to them, and what an answer is worth. For lab_game.js.
explorables.labRules = (() => {
  "use strict";
  const { abs, exp, log, log1p, max, min, sqrt } = Math;
  const { generator } = explorables.numpyDraws;
  const [SMALLEST, LARGEST, AT, BUDGET] = [16, 16384, 262144, 65536];
  const TAG = 271828;
  const sum = (list) => list.reduce((a, b) => a + b, 0);

  // ---- laws: E + A x^-early (1 + (x/place)^(1/width))^(-width (late - early))

  // Parameters are [E, log A, early, late, log place, log width]. Without a break late is
  // the only exponent. A kind says which are free.
  const KINDS = { power: [1, 3], floor: [0, 1, 3], break: [1, 2, 3, 4, 5],
    both: [0, 1, 2, 3, 4, 5] };
  const bends = (kind) => KINDS[kind].includes(4);

  // Log L, its derivative by u = log x, and by all parameters.
  function law([E, a, early, late, place, logWidth], u, bent = true) {
    const width = exp(logWidth);
    const z = bent ? (u - place) / width : 0;
    const soft = bent ? max(z, 0) + log1p(exp(-abs(z))) : 0;
    const step = bent ? 1 / (1 + exp(-z)) : 1;
    const first = bent ? early : late;
    const bend = late - first;
    const excess = exp(a - first * u - bend * width * soft);
    const share = excess / (E + excess);
    const slope = share * -(first + bend * step);
    const by = [1 / (E + excess), share, share * (width * soft - u),
      share * (bent ? -width * soft : -u), share * bend * step,
      -share * bend * width * (soft - z * step)];
    return { value: log(E + excess), slope, by };
  }

  const lossOf = ({ theta, kind }, x) => exp(law(theta, log(x), bends(kind)).value);
  const exponentOf = ({ theta, kind }, x) => -law(theta, log(x), bends(kind)).slope;

  // The size at which a law reaches a loss; null where that is beyond any.
  function sizeOf(found, target) {
    let [low, high] = [log(SMALLEST), log(LARGEST * 1e6)];
    if (lossOf(found, exp(high)) > target) return null;
    while (high - low > 1e-13 * high) {
      const u = (low + high) / 2;
      if (u === low || u === high) break;
      if (lossOf(found, exp(u)) > target) low = u;
      else high = u;
    }
    return exp((low + high) / 2);
  }

  // ---- what a seed hides: draw by draw as `scalinglib.lab.truths.truth_of`

  function truthOf(seed) {
    const rng = generator([TAG, 0, seed]);
    const between = (low, high) => exp(rng.uniform(log(low), log(high)));
    const chance = rng.random();
    const name = chance < 0.2 ? "power" : chance < 0.55 ? "floor" : "break";
    let [early, late, place, width] = [0, between(0.12, 0.6), 1, 1];
    if (name === "break") {
      [early, late] = rng.shuffled([rng.uniform(0.05, 0.2), rng.uniform(0.3, 0.7)]);
      place = between(8 * SMALLEST, LARGEST / 8);
      width = between(0.1, 0.5);
    }
    const share = name === "floor" || rng.random() < 0.3 ? rng.uniform(0.2, 0.85) : 0;
    const bent = name === "break";
    const bare = [0, 0, early, late, log(place), log(width)];
    const at = (x) => exp(law(bare, log(x), bent).value);
    const scale = exp(rng.uniform(-0.7, 1.2)) / at(SMALLEST);
    const floor = name === "power" ? 0 : scale * at(LARGEST) * share / (1 - share);
    const noise = between(0.01, 0.1);
    const reached = LARGEST * between(2, 40);
    const kind = bent ? (floor ? "both" : "break") : name;
    const found = { seed, kind, noise, theta: [floor, log(scale), ...bare.slice(2)] };
    const target = Number(lossOf(found, reached).toPrecision(4));
    return { ...found, target, loss: lossOf(found, AT), size: sizeOf(found, target) };
  }

  // ---- runs: the first ones at a size are the same however many are bought

  const drawn = new Map();
  function runs({ seed, noise, ...found }, x, count) {
    const key = `${seed} ${x}`;
    if (!drawn.has(key)) {
      drawn.set(key, { rng: generator([TAG, 1, seed, x]), normals: [] });
    }
    const { rng, normals } = drawn.get(key);
    while (normals.length < count) normals.push(rng.normal());
    const spread = sqrt(log1p(noise ** 2));
    const middle = lossOf(found, x);
    return normals.slice(0, count).map((n) => middle * exp(spread * n - spread ** 2 / 2));
  }

  // Means at the sizes that were bought, and the relative scatter of a run, from all sizes
  // together; null where each has one run. `bought` is { size: number of runs }.
  function measured(truth, bought) {
    let [squares, freedom] = [0, 0];
    const points = Object.entries(bought).map(([size, n]) => {
      const losses = runs(truth, Number(size), n);
      const mean = sum(losses) / n;
      squares += sum(losses.map((loss) => (loss / mean - 1) ** 2));
      freedom += n - 1;
      return { x: Number(size), n, mean };
    }).sort((a, b) => a.x - b.x);
    const scatter = freedom ? sqrt(squares / freedom) : null;
    const error = ({ n }) => (scatter === null ? null : scatter / sqrt(n));
    const steps = points.slice(1).map((b, i) => {
      const [a, gap] = [points[i], log(b.x / points[i].x)];
      return { x: sqrt(a.x * b.x), exponent: log(a.mean / b.mean) / gap,
        error: scatter === null ? null : scatter * sqrt(1 / a.n + 1 / b.n) / gap };
    });
    return { points: points.map((p) => ({ ...p, error: error(p) })), scatter, steps };
  }

  const cost = (bought) => sum(Object.entries(bought).map(([x, n]) => x * n));

  // ---- fits: least squares of log means, each weighted by its number of runs

  // Solve a symmetric positive system by Cholesky's method.
  function solve(matrix, right) {
    const n = right.length;
    const L = matrix.map((row) => [...row]);
    const found = [...right];
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        for (let k = 0; k < j; k++) L[i][j] -= L[i][k] * L[j][k];
        L[i][j] = i === j ? sqrt(max(L[j][j], 1e-300)) : L[i][j] / L[j][j];
      }
    }
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) found[i] -= L[i][k] * found[k];
      found[i] /= L[i][i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) found[i] -= L[k][i] * found[k];
      found[i] /= L[i][i];
    }
    return found;
  }

  // Squares of weighted residuals, their slope and the normal matrix, by free parameters.
  function state(theta, free, bent, { u, y, w }) {
    const slope = free.map(() => 0);
    const normal = free.map(() => free.map(() => 0));
    let squares = 0;
    for (let i = 0; i < u.length; i++) {
      const { value, by } = law(theta, u[i], bent);
      const rest = y[i] - value;
      squares += w[i] * rest * rest;
      free.forEach((k, p) => {
        slope[p] += w[i] * by[k] * rest;
        for (let q = 0; q <= p; q++) normal[p][q] += w[i] * by[k] * by[free[q]];
      });
    }
    free.forEach((_, p) => { for (let q = 0; q < p; q++) normal[q][p] = normal[p][q]; });
    return { theta, squares: squares < 1e300 ? squares : Infinity, slope, normal };
  }

  // Levenberg and Marquardt's descent within limits.
  function descend(start, free, bent, data, { low, high }, rounds) {
    const inside = (x, k) => min(high[k], max(low[k], x));
    let now = state(start.map(inside), free, bent, data);
    let damping = 1e-3;
    for (let round = 0; round < rounds && damping < 1e12; round++) {
      // What pushes against its limit is held; where a step ends at one, so is that.
      let held = free.map((k, p) => (now.theta[k] <= low[k] && now.slope[p] < 0)
        || (now.theta[k] >= high[k] && now.slope[p] > 0));
      const known = free.map(() => 0);
      let trial = now.theta;
      for (let again = 0; again < 2; again++) {
        const matrix = now.normal.map((row, p) => row.map((v, q) => (p === q
          ? (held[p] ? 1 : v + damping * (v + 1e-12)) : held[p] || held[q] ? 0 : v)));
        const right = now.slope.map((v, p) =>
          (held[p] ? 0 : v - sum(now.normal[p].map((m, q) => m * known[q]))));
        const step = solve(matrix, right).map((v, p) => v + known[p]);
        const wanted = [...now.theta];
        free.forEach((k, p) => { wanted[k] += step[p]; });
        trial = wanted.map(inside);
        const cut = free.map((k, p) => !held[p] && trial[k] !== wanted[k]);
        if (again || !cut.includes(true)) break;
        cut.forEach((is, p) => { if (is) known[p] = trial[free[p]] - now.theta[free[p]]; });
        held = held.map((is, p) => is || cut[p]);
      }
      const next = state(trial, free, bent, data);
      if (next.squares < now.squares) {
        const gain = now.squares - next.squares;
        now = next;
        damping = max(damping / 5, 1e-14);
        if (gain <= 1e-14 * now.squares) break;
      } else damping *= 5;
    }
    return now;
  }

  // Regressions of log(L - E) on what is linear in a law, for a grid of the rest.
  function starts(kind, { u, y, w }) {
    const [first, last, least] = [u[0], u.at(-1), exp(min(...y))];
    const bent = bends(kind);
    const shares = !KINDS[kind].includes(0) ? [0]
      : bent ? [0, 0.6, 0.9, 1] : [0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.99, 1];
    const places = bent ? [0, 1, 2, 3, 4, 5, 6, 7].map((i) => first + i / 7 * (last - first))
      : [0];
    const widths = bent ? [0.2, 1] : [1];
    return shares.flatMap((share) => places.flatMap((place) => widths.map((width) => {
      const E = share * least;
      const excess = y.map((v) => max(exp(v) - E, 1e-3 * exp(v)));
      const columns = u.map((x) => {
        if (!bent) return [1, -x];
        const z = (x - place) / width;
        const soft = width * (max(z, 0) + log1p(exp(-abs(z))));
        return [1, soft - x, -soft];
      });
      const weight = excess.map((v, i) => w[i] * (v / exp(y[i])) ** 2);
      const product = (p, q) => sum(columns.map((row, i) => weight[i] * row[p] * q(row, i)));
      const keys = columns[0].map((_, p) => p);
      const trace = sum(keys.map((p) => product(p, (row) => row[p])));
      const normal = keys.map((p) => keys.map((q) =>
        product(p, (row) => row[q]) + (p === q ? 1e-9 * trace : 0)));
      const [a, ...exponents] = solve(normal, keys.map((p) =>
        product(p, (_, i) => log(excess[i]))));
      return [E, a, exponents[0], exponents.at(-1), place, log(width)];
    })));
  }

  // The best law of a kind, { kind, theta, misfit }; the misfit is the root of the mean
  // square of residuals over their errors, null where nothing tells these. Null where there
  // are hardly more sizes than parameters.
  function fit(kind, { points, scatter }) {
    const [free, bent] = [KINDS[kind], bends(kind)];
    if (points.length <= free.length) return null;
    // Sizes in units of the first, losses in units of the least.
    const [origin, unit] = [log(points[0].x), min(...points.map(({ mean }) => log(mean)))];
    const most = max(...points.map(({ n }) => n));
    const data = { u: points.map(({ x }) => log(x) - origin),
      y: points.map(({ mean }) => log(mean) - unit), w: points.map(({ n }) => n / most) };
    const span = data.u.at(-1);
    const steepest = 36 / data.u[1];
    const far = steepest * span + 50;
    const limits = {
      low: [0, -far, -steepest, kind === "power" ? -steepest : 0, data.u[1],
        log(0.2 * span / points.length)],
      high: [exp(max(...data.y)), far, steepest, steepest, data.u.at(-2), log(span)] };
    const go = (list, rounds, keep) => list.map((theta) =>
      descend(theta, free, bent, data, limits, rounds))
      .sort((a, b) => a.squares - b.squares).slice(0, keep);
    let tried = go(starts(kind, data), 5, 8);
    tried = go(tried.map(({ theta }) => theta), 150, 1);
    const { theta: [E, a, early, late, place, width], squares } = tried[0];
    const first = bent ? early : late;
    const freedom = points.length - free.length;
    return { kind, theta: [E * exp(unit), a + unit + first * origin, early, late,
      place + origin, width], squares: squares * most,
      misfit: scatter === null ? null : sqrt(squares * most / freedom) / scatter };
  }

  // ---- what runs tell of log L at a size, for one who knows the form

  // The root of c'(F'F)^-1 c, by Gram and Schmidt; infinite if the runs cannot tell.
  function designError({ kind, theta, noise }, bought, at) {
    const by = (x) => {
      const all = law(theta, log(x), bends(kind)).by;
      return KINDS[kind].map((k) => all[k]);
    };
    const rows = Object.entries(bought).map(([x, n]) =>
      by(Number(x)).map((v) => v * sqrt(n) / noise));
    const c = by(at);
    if (rows.length < c.length) return Infinity;
    const columns = c.map((_, p) => rows.map((row) => row[p]));
    let total = 0;
    const weights = [];
    columns.forEach((column, p) => {
      const scale = sqrt(sum(column.map((v) => v * v)));
      let rest = c[p] / scale;
      let left = column.map((v) => v / scale);
      for (let twice = 0; twice < 2; twice++) {
        weights.forEach(({ unit, weight }) => {
          const along = sum(unit.map((v, i) => v * left[i]));
          left = left.map((v, i) => v - along * unit[i]);
          rest -= along * weight;
        });
      }
      const size = sqrt(sum(left.map((v) => v * v)));
      const weight = size > 1e-12 ? rest / size : Infinity;
      weights.push({ unit: left.map((v) => v / max(size, 1e-300)), weight });
      total += weight ** 2;
    });
    return sqrt(total);
  }

  // ---- what an answer is worth

  const LEVEL = 0.9;
  const FARTHEST = { loss: 1e300, size: LARGEST * 1e4 };

  function score(question, low, high, truth) {
    const end = (x) => log(min(FARTHEST[question], max(x, 1e-300)));
    const [a, b, y] = [end(low), end(high), log(truth)];
    return b - a + 2 / (1 - LEVEL) * (max(a - y, 0) + max(y - b, 0));
  }

  function points(found, expected, stranger) {
    const good = min(expected, stranger / 2);
    return 50 * min(1, max(0, log(stranger / found) / log(stranger / good)));
  }

  // The score to be expected of a normal distribution is 4 phi(z)/(1 - p) errors.
  const Z = 1.6448536269514722;
  const PER_ERROR = 4 / (1 - LEVEL) * exp(-Z * Z / 2) / sqrt(2 * Math.PI);

  // What runs tell of the loss, as a share of what the best ones would.
  const efficiency = (truth, bought, expected) =>
    min(1, (expected / PER_ERROR / designError(truth, bought, AT)) ** 2);

  return { SMALLEST, LARGEST, AT, BUDGET, KINDS, truthOf, runs, measured, cost, fit, lossOf,
    exponentOf, sizeOf, designError, efficiency, score, points };
})();
