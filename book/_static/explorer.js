// "Straighten the line": a planted law L = L_inf + A x^-alpha, whose floor L_inf the
// reader subtracts until the excess is straight on log-log paper. Mounted on
// <div class="law-explorer" data-amplitude data-exponent data-offset data-noise
// data-xmin data-xmax data-points>; what the div holds is kept for paper.
(() => {
  "use strict";
  const log = Math.log10;
  const signed = (x, digits) => x.toFixed(digits).replace("-", "−");
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

  function explore(host, number) {
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
      floor: ["Floor to subtract, <i>L</i><sub>∞</sub>", 0, top, 10 ** -digits, 0],
      alpha: ["Exponent of your line, <i>α</i>", 0, Math.max(1.5, 2 * law.exponent), 0.01, 0.2],
      amp: ["Amplitude of your line, <i>A</i>", Math.floor(middle) - 1,
        Math.ceil(middle) + 1, 0.01, log(losses[0] * law.xmin ** 0.2)],
    };
    const id = `law-explorer-${number}`;
    const row = ([key, [label, min, max, step, value]]) => `
      <div class="law-slider"><label for="${id}-${key}">${label}</label>
      <output for="${id}-${key}" data-value="${key}"></output>
      <input type="range" id="${id}-${key}" data-key="${key}" autocomplete="off"
        min="${min}" max="${max}" step="${step}" value="${value}"></div>`;
    const readout = (key) => `<b data-value="${key}"></b>`;
    const widget = document.createElement("div");
    widget.className = "law-widget";
    widget.setAttribute("role", "group");
    widget.setAttribute("aria-labelledby", `${id}-title`);
    widget.innerHTML = `
      <p class="law-title" id="${id}-title">Straighten the line</p>
      <p>These losses follow <i>L</i> = <i>L</i><sub>∞</sub> + <i>A x</i><sup>−<i>α</i></sup>.
      Slide the floor until both halves have the same slope, then lay your line on the
      points.</p>
      <svg role="img" aria-label="Excess loss against x, both axes logarithmic; the
        sentence below the sliders says what it shows."></svg>
      <ul class="law-legend"><li data-mark="raw">loss as measured</li>
        <li data-mark="excess">minus the floor</li>
        <li data-mark="left">slope, left half ${readout("left")}</li>
        <li data-mark="right">slope, right half ${readout("right")}</li>
        <li data-mark="trial">your line, off by ${readout("rms")} decades (rms)</li>
        <li data-mark="truth" hidden>the truth</li></ul>
      ${Object.entries(sliders).map(row).join("")}
      <p class="law-summary" aria-live="polite"></p>
      <p><button type="button"></button></p>`;
    const find = (selector) => widget.querySelector(selector);
    const [svg, button, summary] = ["svg", "button", ".law-summary"].map(find);
    let [timer, revealed] = [0, false];

    function read() {
      const [floor, alpha, amp] = ["floor", "alpha", "amp"].map((key) =>
        Number(find(`[data-key=${key}]`).value));
      const state = { floor, alpha, amp: 10 ** amp, ...measure(points, floor) };
      const kept = state.all.filter((p) => p.excess > 0);
      const miss = (p) => log(p.excess) - log(state.amp) + alpha * log(p.x);
      state.rms = Math.sqrt(kept.reduce((s, p) => s + miss(p) ** 2, 0) / kept.length);
      state.bend = state.left && state.right ? state.right.slope - state.left.slope : NaN;
      return state;
    }

    function describe({ floor, left, right, bend, lost, rms }) {
      const slope = (half) => (half ? signed(half.slope, 2) : "not to be had");
      const slopes = `With floor ${floor.toFixed(digits)} the left half has slope `
        + `${slope(left)}, the right half ${slope(right)}`;
      const lies = rms <= reach ? "Your line lies on the points"
        : `Your line misses the points by ${signed(rms, 2)} decades`;
      const gone = lost === 1 ? "1 point has" : `${lost} points have`;
      const verdict = lost ? `the floor is too high, ${gone} no excess left`
        : Math.abs(bend) <= within ? "straight, and the slope is −α"
        : `still bending, the tail ${bend > 0 ? "flattens" : "drops away"}`;
      const truth = revealed ? ` The truth: floor ${law.offset}, exponent `
        + `${law.exponent}, amplitude ${law.amplitude}.` : "";
      return `${slopes}: ${verdict}. ${lies}.${truth}`;
    }

    function draw(state) {
      const W = Math.max(280, Math.min(720, svg.clientWidth || 640));
      const H = Math.round(Math.max(260, 0.58 * W));
      const [l, r, t, b] = [52, 12, 12, 46];
      const lows = points.map((p) => p.loss - law.offset);
      const [y0, y1] = [Math.floor(log(Math.min(...lows))) - 0.5,
        Math.ceil(log(Math.max(...losses)) - 0.05)];
      const [x0, x1] = [log(law.xmin) - 0.15, log(law.xmax) + 0.15];
      const X = (x) => l + (log(x) - x0) / (x1 - x0) * (W - l - r);
      const Y = (y) => H - b - (log(y) - y0) / (y1 - y0) * (H - t - b);
      const parts = [];
      const add = (tag, attributes, text = "") => parts.push(`<${tag} ${
        Object.entries(attributes).map(([k, v]) => `${k}="${v}"`).join(" ")}>${text}</${tag}>`);
      const line = (mark, xa, ya, xb, yb) => add("line", { "data-mark": mark,
        x1: X(xa), y1: Y(ya), x2: X(xb), y2: Y(yb), "clip-path": `url(#${id}-clip)` });
      const power = (n) => `10<tspan dy="-0.45em" font-size="75%">${signed(n, 0)}</tspan>`;

      add("clipPath", { id: `${id}-clip` },
        `<rect x="${l}" y="${t}" width="${W - l - r}" height="${H - t - b}"/>`);
      for (let n = Math.ceil(x0); n <= x1; n++) {
        add("path", { "data-mark": "grid", d: `M${X(10 ** n)} ${t}V${H - b}` });
        add("text", { x: X(10 ** n), y: H - b + 19, "text-anchor": "middle" }, power(n));
      }
      for (let n = Math.ceil(y0); n <= y1; n++) {
        add("path", { "data-mark": "grid", d: `M${l} ${Y(10 ** n)}H${W - r}` });
        add("text", { x: l - 7, y: Y(10 ** n) + 5, "text-anchor": "end" }, power(n));
      }
      add("path", { "data-mark": "axis", d: `M${l} ${t}V${H - b}H${W - r}` });
      add("text", { x: (l + W - r) / 2, y: H - 6, "text-anchor": "middle" },
        "x (data, parameters or compute)");
      add("text", { x: 13, y: (H - b) / 2, "text-anchor": "middle",
        transform: `rotate(-90 13 ${(H - b) / 2})` }, "loss − floor");

      const ends = [10 ** x0, 10 ** x1];
      const across = (mark, f) => line(mark, ends[0], f(ends[0]), ends[1], f(ends[1]));
      for (const mark of ["left", "right"]) {
        const half = state[mark];
        if (!half) continue;
        const [xa, xb] = [half.ends[0].x, half.ends.at(-1).x];
        line(mark, xa, half.at(xa), xb, half.at(xb));
      }
      for (const p of state.all) {
        const [x, raw] = [X(p.x), Y(p.loss)];
        add("path", { "data-mark": "raw", d: `M${x - 3} ${raw - 3}l6 6m0 -6l-6 6` });
        const y = p.excess > 0 ? Math.min(Y(p.excess), H - b) : H - b;
        add("circle", { "data-mark": p.excess > 0 ? "excess" : "lost", cx: x, cy: y, r: 4.5 });
      }
      if (revealed) across("truth", (x) => law.amplitude * x ** -law.exponent);
      across("trial", (x) => state.amp * x ** -state.alpha);
      svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
      svg.innerHTML = parts.join("");
    }

    function update() {
      const state = read();
      const shown = {
        floor: state.floor.toFixed(digits), alpha: state.alpha.toFixed(2),
        amp: significant(state.amp), rms: signed(state.rms, 3),
        left: state.left ? signed(state.left.slope, 3) : "none",
        right: state.right ? signed(state.right.slope, 3) : "none",
      };
      for (const [key, text] of Object.entries(shown)) {
        find(`[data-value=${key}]`).textContent = text;
        find(`[data-key=${key}]`)?.setAttribute("aria-valuetext", text);
      }
      button.textContent = revealed ? "Hide the truth" : "Reveal the truth";
      find("li[data-mark=truth]").hidden = !revealed;
      widget.dataset.straight = !state.lost && Math.abs(state.bend) <= within;
      draw(state);
      clearTimeout(timer); // a held key is read out once, when it is let go
      timer = setTimeout(() => { summary.textContent = describe(state); }, 250);
    }

    button.addEventListener("click", () => {
      revealed = !revealed;
      update();
    });
    widget.addEventListener("input", update);
    const fallback = document.createElement("div");
    fallback.className = "law-fallback";
    fallback.append(...host.childNodes);
    host.append(widget, fallback);
    update();
    new ResizeObserver(() => draw(read())).observe(host);
  }

  document.querySelectorAll(".law-explorer").forEach(explore);
})();
