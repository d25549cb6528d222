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
  const DIRECT = 100; // modes that are summed one by one
  const REACH = Math.log(1e7); // sums are right down to the eigenvalue of this mode

  // Modes with weights, whose sums are sums over all modes: eigenvalues and weights. The
  // integral from DIRECT + 1/2 takes the place of the rest, in panels of log i, with the
  // first correction of Euler and Maclaurin's midpoint rule.
  const kept = new Map();
  function modes(alpha) {
    if (kept.has(alpha)) return kept.get(alpha);
    const a = 1 + alpha;
    const [start, end] = [Math.log(DIRECT + 0.5), REACH + 13 * Math.LN10 / a];
    const panels = Math.ceil((end - start) * a / 2);
    const half = (end - start) / panels / 2;
    const [lam, w] = [[], []];
    const add = (logX, weight) => {
      lam.push(Math.exp(-a * logX));
      w.push(weight);
    };
    for (let i = 1; i <= DIRECT + 1; i++) add(Math.log(i), i <= DIRECT ? 1 : 1 / 24);
    w[DIRECT - 1] -= 1 / 24;
    for (let p = 0; p < panels; p++) {
      for (const [node, weight] of GAUSS) {
        const logX = start + (2 * p + 1 + node) * half;
        add(logX, half * weight * Math.exp(logX));
      }
    }
    add(end, Math.exp(end) / alpha);
    if (kept.size > 8) kept.clear();
    kept.set(alpha, { alpha, lam: Float64Array.from(lam), w: Float64Array.from(w) });
    return kept.get(alpha);
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

  return { modes, resolve, lossAt, loss };
})();
