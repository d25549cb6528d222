// "Straighten the line": a planted law L = L_inf + A x^-alpha, whose floor L_inf the
// reader subtracts until the excess is straight on log-log paper. Mounted on
// <div class="law-explorer" data-amplitude data-exponent data-offset data-noise
// data-xmin data-xmax data-points>; what the div holds is kept for paper.
(() => {
  "use strict";
  const { signed, decades, figure } = explorables;
  const log = Math.log10;
  const significant = (x) => signed(x, Math.max(0, 1 - Math.floor(log(x))));

  // Standard normal numbers from mulberry32 and Box-Muller: the same on every machine.
  function normals(seed) {
    const uniform = () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return () =>
      Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }

  // The noise multiplies the excess, so that the true floor leaves a straight line.
  function plant({ amplitude, exponent, offset, noise, xmin, xmax, points }) {
    const normal = normals(1);
    return Array.from({ length: points }, (_, i) => {
      const x = xmin * (xmax / xmin) ** (i / (points - 1));
      return { x, loss: offset + amplitude * x ** -exponent * Math.exp(noise * normal()) };
    });
  }

  // Least squares of log excess on log x; null with fewer than two points left.
  function fit(points) {
    if (points.length < 2) return null;
    const mean = (f) => points.reduce((sum, p) => sum + f(p), 0) / points.length;
    const [u, v] = [mean((p) => log(p.x)), mean((p) => log(p.excess))];
    const slope = mean((p) => (log(p.x) - u) * (log(p.excess) - v))
      / mean((p) => (log(p.x) - u) ** 2);
    return { slope, at: (x) => 10 ** (v + slope * (log(x) - u)), ends: points };
  }

  // Both halves, which share the middle point of an odd number.
  function measure(points, floor) {
    const all = points.map((p) => ({ ...p, excess: p.loss - floor }));
    const fitHalf = (half) => fit(half.filter((p) => p.excess > 0));
    const left = fitHalf(all.slice(0, Math.ceil(all.length / 2)));
    const right = fitHalf(all.slice(Math.floor(all.length / 2)));
    return { all, left, right, lost: all.filter((p) => p.excess <= 0).length };
  }

  // Two slopes agree within 0.02, or within the 3 standard errors the noise calls for.
  function tolerance(points, noise) {
    const half = points.slice(0, Math.ceil(points.length / 2)).map((p) => log(p.x));
    const mean = half.reduce((a, b) => a + b) / half.length;
    const spread = half.reduce((sum, u) => sum + (u - mean) ** 2, 0);
    return Math.max(0.02, 3 * (noise / Math.LN10) * Math.sqrt(2 / spread));
  }

  figure("law-explorer", (host) => {
    const law = Object.fromEntries(Object.entries({
      amplitude: 1, exponent: 0.5, offset: 0.1, noise: 0.02,
      xmin: 10, xmax: 1e5, points: 17, ...host.dataset,
    }).map(([key, value]) => [key, Number(value)]));
    const points = plant(law);
    const losses = points.map((p) => p.loss);
    const within = tolerance(points, law.noise);
    const reach = Math.max(0.01, 2 * law.noise / Math.LN10); // of a line on the points

    // The floor goes from 0 to what removes the last third of the points, in steps
    // that meet the true one.
    const top = [...losses].sort((a, b) => b - a)[Math.floor(0.66 * points.length)];
    let digits = 2 - Math.floor(log(top));
    while (digits < 8 && Math.abs(law.offset - law.offset.toFixed(digits)) > 1e-12) digits++;
    const middle = log(law.amplitude);
    const sliders = {
      floor: { label: "Floor to subtract, <i>L</i><sub>∞</sub>", min: 0, max: top,
        step: 10 ** -digits, text: (x) => x.toFixed(digits) },
      alpha: { label: "Exponent of your line, <i>α</i>", min: 0,
        max: Math.max(1.5, 2 * law.exponent), step: 0.01, text: (x) => x.toFixed(2) },
      amp: { label: "Amplitude of your line, <i>A</i>", min: Math.floor(middle) - 1,
        max: Math.ceil(middle) + 1, step: 0.01, decades: true, text: significant },
    };
    const start = { floor: 0, alpha: 0.2, amp: losses[0] * law.xmin ** 0.2, truth: false };

    const content = (parts) => `
      <p>These losses follow <i>L</i> = <i>L</i><sub>∞</sub> + <i>A x</i><sup>−<i>α</i></sup>.
      Slide the floor until both halves have the same slope, then lay your line on the
      points.</p>
      ${parts.panels("excess")}
      <ul class="law-legend"><li data-mark="raw">loss as measured</li>
        <li data-mark="excess">minus the floor</li>
        <li data-mark="left">slope, left half ${parts.value("left")}</li>
        <li data-mark="right">slope, right half ${parts.value("right")}</li>
        <li data-mark="trial">your line, off by ${parts.value("rms")} decades (rms)</li>
        <li data-mark="truth" hidden>the truth</li></ul>
      ${parts.sliders("floor")}
      ${parts.sliders("alpha", "amp")}
      ${parts.summary}
      <p><button type="button" data-take></button> ${parts.again}</p>`;

    function see({ floor, alpha, amp, truth }) {
      const state = { floor, alpha, amp, truth, ...measure(points, floor) };
      const kept = state.all.filter((p) => p.excess > 0);
      const miss = (p) => log(p.excess) - log(amp) + alpha * log(p.x);
      state.rms = Math.sqrt(kept.reduce((s, p) => s + miss(p) ** 2, 0) / kept.length);
      state.bend = state.left && state.right ? state.right.slope - state.left.slope : NaN;
      return state;
    }

    const slope = (half) => [half ? half.slope : null, (x) => signed(x, 3)];
    const numbers = ({ left, right, rms }) => ({
      left: slope(left), right: slope(right), rms: [rms, (x) => signed(x, 3)] });

    function sentence({ floor, left, right, bend, lost, rms, truth }) {
      const slope = (half) => (half ? signed(half.slope, 2) : "not to be had");
      const slopes = `With floor ${floor.toFixed(digits)} the left half has slope `
        + `${slope(left)}, the right half ${slope(right)}`;
      const lies = rms <= reach ? "Your line lies on the points"
        : `Your line misses the points by ${signed(rms, 2)} decades`;
      const gone = lost === 1 ? "1 point has" : `${lost} points have`;
      const verdict = lost ? `the floor is too high, ${gone} no excess left`
        : Math.abs(bend) <= within ? "straight, and the slope is −α"
        : `still bending, the tail ${bend > 0 ? "flattens" : "drops away"}`;
      const told = truth ? ` The truth: floor ${law.offset}, exponent `
        + `${law.exponent}, amplitude ${law.amplitude}.` : "";
      return `${slopes}: ${verdict}. ${lies}.${told}`;
    }

    function draw(open, state) {
      const lows = points.map((p) => p.loss - law.offset);
      const y = [Math.floor(log(Math.min(...lows))) - 0.5,
        Math.ceil(log(Math.max(...losses)) - 0.05)];
      const x = [log(law.xmin) - 0.15, log(law.xmax) + 0.15];
      const sheet = open({ x, y, left: 52, height: 0.58 });
      sheet.axes(decades(...x), decades(...y), "x (data, parameters or compute)",
        "loss − floor");
      const line = (mark, ends, f) => sheet.line(mark, ends.map((x) => [log(x), log(f(x))]));
      const across = (mark, f) => line(mark, x.map((n) => 10 ** n), f);
      for (const mark of ["left", "right"]) {
        const half = state[mark];
        if (half) line(mark, [half.ends[0].x, half.ends.at(-1).x], half.at);
      }
      for (const p of state.all) {
        const [cx, raw, low] = [sheet.X(log(p.x)), sheet.Y(log(p.loss)), sheet.bottom];
        sheet.add("path", { "data-mark": "raw", d: `M${cx - 3} ${raw - 3}l6 6m0 -6l-6 6` });
        const [mark, cy] = p.excess > 0
          ? ["excess", Math.min(sheet.Y(log(p.excess)), low)] : ["lost", low];
        sheet.add("circle", { "data-mark": mark, cx, cy, r: 4.5 });
      }
      if (state.truth) across("truth", (x) => law.amplitude * x ** -law.exponent);
      across("trial", (x) => state.amp * x ** -state.alpha);
    }

    return {
      title: "Straighten the line",
      sliders, start, content, measure: see, numbers, sentence,
      panels: { excess: { draw, label: `Excess loss against x, both axes logarithmic; the
        sentence below the sliders says what it shows.` } },
      changed({ truth, bend, lost }, widget) {
        const button = widget.querySelector("button");
        button.dataset.take = JSON.stringify({ truth: !truth });
        button.textContent = truth ? "Hide the truth" : "Reveal the truth";
        widget.querySelector("li[data-mark=truth]").hidden = !truth;
        widget.dataset.straight = !lost && Math.abs(bend) <= within;
      },
    };
  });
})();
