// Losses of the solvable models, from eigenvalues i^-a without an end, a = 1 + alpha: the
// equations at the head of the package's room `theory`, for figures to play with.
explorables.spectrum = (() => {
  "use strict";
  // Gauss and Legendre's ten points on (-1, 1): [node, weight], and their mirror images.
  const HALF = [
    [0.14887433898163122, 0.29552422471475287], [0.4333953941292472, 0.26926671930999635],
    [0.6794095682990244, 0.21908636251598204], [0.8650633666889845, 0.1494513491505806],
    [0.9739065285171717, 0.06667134430868814]];
  const GAUSS = HALF.flatMap(([node, weight]) => [[node, weight], [-node, weight]]);
  const direct = (alpha) => (alpha > 3 ? 400 : 100); // modes that are summed one by one
  const REACH = Math.log(1e7); // sums are right down to the eigenvalue of this mode

  // Modes with weights, whose sums are sums over all modes: eigenvalues, weights
  // and logarithms of i. After the first N an integral from N + 1/2 takes the place of the
  // rest, in panels of log i, with the first correction of Euler and Maclaurin's midpoint
  // rule.
  const kept = new Map();
  function modes(alpha) {
    if (kept.has(alpha)) return kept.get(alpha);
    const [a, N] = [1 + alpha, direct(alpha)];
    const [start, end] = [Math.log(N + 0.5), REACH + 13 * Math.LN10 / a];
    const panels = Math.ceil((end - start) * a / 2);
    const half = (end - start) / panels / 2;
    const [lam, w, logs] = [[], [], []];
    const add = (logX, weight) => {
      logs.push(logX);
      lam.push(Math.exp(-a * logX));
      w.push(weight);
    };
    for (let i = 1; i <= N + 1; i++) add(Math.log(i), i <= N ? 1 : 1 / 24);
    w[N - 1] -= 1 / 24;
    for (let p = 0; p < panels; p++) {
      for (const [node, weight] of GAUSS) {
        const logX = start + (2 * p + 1 + node) * half;
        add(logX, half * weight * Math.exp(logX));
      }
    }
    add(end, Math.exp(end) / alpha);
    if (kept.size > 8) kept.clear();
    kept.set(alpha, { alpha, lam: Float64Array.from(lam), w: Float64Array.from(w), logs });
    return kept.get(alpha);
  }

  // Powers i^-(1 + beta) of a target in these modes, each with its weight; their sum is
  // that over all modes.
  function powers({ w, logs }, beta) {
    const v2 = Float64Array.from(w, (weight, j) => weight * Math.exp(-(1 + beta) * logs[j]));
    v2[v2.length - 1] = Math.exp(-beta * logs.at(-1)) / beta; // all that lies beyond
    return v2;
  }

  // What is learned at a resolution: z = sum of L, spread = sum of L (1 - L).
  function learned({ lam, w }, gamma) {
    let [z, spread] = [0, 0];
    for (let j = 0; j < lam.length; j++) {
      const L = lam[j] / (lam[j] + gamma);
      z += w[j] * L;
      spread += w[j] * L * (1 - L);
    }
    return { z, spread };
  }

  // The resolution of D points and P features. With m the smaller size and M the larger
  // z + gap = m, and gap (gap + M - m) = ridge P / gamma, with infinitely many features
  // gap = ridge / gamma. Newton's method in log gamma, within a bracket.
  function resolve(law, D, P, ridge = 0, start = -(1 + law.alpha) * Math.log(Math.min(D, P))) {
    const [m, between] = [Math.min(D, P), Math.abs(D - P)];
    function at(u) {
      const gamma = Math.exp(u);
      const { z, spread } = learned(law, gamma);
      const c = ridge * (P === Infinity ? 1 : P) / gamma;
      const root = P === Infinity ? 1 : Math.sqrt(between ** 2 + 4 * c);
      const gap = P === Infinity ? c : c && 2 * c / (between + root);
      return { gamma, z, spread, small: gap, large: gap + between,
        off: z + gap - m, slope: spread + (c && c / root) };
    }
    let [low, high, u] = [start - 80, start + 80, start];
    for (let step = 0; step < 100; step++) {
      const { off, slope } = at(u);
      if (off > 0) low = u;
      else high = u;
      const next = u + off / slope;
      const moved = (next > low && next < high ? next : (low + high) / 2) - u;
      u += moved;
      if (Math.abs(moved) < 1e-13 * Math.max(1, Math.abs(u))) break;
    }
    return { u, ...at(u) };
  }

  // L(D, P) of a resolution, for a target that is drawn from the kernel's prior.
  function lossAt({ gamma, spread, small, large }, D, P) {
    if (P === Infinity) return gamma * D / (1 + small / spread);
    return gamma * D * P / (small + large + small * large / spread);
  }

  const loss = (alpha, D, P, ridge = 0) => lossAt(resolve(modes(alpha), D, P, ridge), D, P);

  // The same for a target of any powers v2, those of `powers`.
  function targetLossAt({ lam }, v2, { gamma, spread, small, large }, D, P) {
    let [missed, mixed] = [0, 0];
    for (let j = 0; j < lam.length; j++) {
      const left = gamma / (lam[j] + gamma);
      missed += left * left * v2[j];
      mixed += left * (1 - left) * v2[j];
    }
    const [gapD, gapP] = D <= P ? [small, large] : [large, small];
    if (P === Infinity) return D * missed / (gapD + spread);
    const share = spread / (gapP + spread);
    return D * (missed + share * mixed) / (gapD + gapP * share);
  }

  // L of a kernel of exponent alpha on a target of powers i^-(1 + beta), by default one of
  // its own prior; by default with endless features and without a ridge.
  function lossOf({ alpha, beta = alpha, D, P = Infinity, ridge = 0 }) {
    const law = modes(alpha);
    return targetLossAt(law, powers(law, beta), resolve(law, D, P, ridge), D, P);
  }

  return { modes, powers, resolve, lossAt, targetLossAt, loss, lossOf };
})();
