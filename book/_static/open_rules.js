// What a rule makes of the first points of a learning curve: straight lines and a power law
// with a floor as `scalinglib.laws.fit_power_law` fits them, and local exponents that go
// on. For open_curve.js.
(() => {
  "use strict";
  const { log, exp, sqrt, min, max } = Math;

  // A law is { A, alpha, E }; xs and Ls are sizes and losses that are seen.
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const mean = (list) => sum(list) / list.length;

  // Least squares of log L on log x.
  function fitLine(xs, Ls) {
    const [u, v] = [xs.map(log), Ls.map(log)];
    const [mu, mv] = [mean(u), mean(v)];
    const slope = sum(u.map((x, i) => (x - mu) * (v[i] - mv)))
      / sum(u.map((x) => (x - mu) ** 2));
    return { A: exp(mv - slope * mu), alpha: -slope, E: 0 };
  }

  // E + A x^-alpha, least squares of relative errors. For each exponent the best A and
  // E >= 0 are a regression with weights 1/L^2; the exponent is searched, first on a grid
  // from a quarter of the line's slope on. Where no floor helps it is the line; null
  // where nothing falls.
  function fitFloor(xs, Ls) {
    const line = fitLine(xs, Ls);
    if (!(line.alpha > 0)) return null;
    const least = min(...Ls);
    const t = xs.map((x) => log(x / xs[0]));
    const y = Ls.map((L) => L / least);
    const total = sum(y.map((v) => v ** -2));
    const weight = y.map((v) => v ** -2 / total);
    const about = (list) => sum(list.map((x, i) => weight[i] * x));

    function fitted(alpha) {
      const p = t.map((x) => exp(-alpha * x));
      const [mp, my] = [about(p), about(y)];
      let A = max(0, about(p.map((x, i) => (x - mp) * y[i]))
        / about(p.map((x) => (x - mp) ** 2)));
      let E = my - A * mp;
      if (E <= 0) {
        A = about(p.map((x, i) => x * y[i])) / about(p.map((x) => x * x));
        E = 0;
      }
      return { A, alpha, E, misfit: sum(y.map((v, i) => (1 - (E + A * p[i]) / v) ** 2)) };
    }

    const lowest = line.alpha / 4;
    const step = log(max(36 / t[1], 2 * lowest) / lowest) / 63;
    const grid = Array.from({ length: 64 }, (_, i) => fitted(lowest * exp(i * step)));
    const best = grid.reduce((a, fit, i) => (fit.misfit < grid[a].misfit ? i : a), 0);
    if (best === 63) return null; // a spike on a constant
    let found = grid[best];
    if (best > 0) { // golden section, in the logarithm of the exponent
      const share = (sqrt(5) - 1) / 2;
      let [low, high] = [log(grid[best - 1].alpha), log(grid[best + 1].alpha)];
      for (let i = 0; i < 60; i++) {
        const [a, b] = [high - share * (high - low), low + share * (high - low)];
        if (fitted(exp(a)).misfit < fitted(exp(b)).misfit) high = b;
        else low = a;
      }
      found = fitted(exp((low + high) / 2));
    }
    if (!(found.A > 0 && found.E > 0)) return line;
    const { A, alpha, E } = found;
    return { A: A * least * xs[0] ** alpha, alpha, E: E * least };
  }

  const lossAt = ({ A, alpha, E }, x) => E + A * x ** -alpha;

  // Exponents between neighbouring sizes.
  const exponents = (xs, Ls) => xs.slice(1).map((x, i) =>
    -log(Ls[i + 1] / Ls[i]) / log(x / xs[i]));

  // Losses at the next sizes if from here on each local exponent is as many times the one
  // before as the last three were on average; null where they have no ratio.
  function keepRatio(xs, Ls, next) {
    const [first, , last] = exponents(xs, Ls).slice(-3);
    if (!(first > 0 && last > 0)) return null;
    const ratio = sqrt(last / first);
    let [x, L, e] = [xs.at(-1), Ls.at(-1), last];
    return next.map((to) => {
      e *= ratio;
      L *= (to / x) ** -e;
      x = to;
      return L;
    });
  }

  // The tests compare them with the package.
  explorables.openRules = { fitLine, fitFloor, lossAt, exponents, keepRatio };
})();
