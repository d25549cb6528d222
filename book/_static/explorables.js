// What the explorables share: numbers as text, sliders, paper with axes to draw on, and
// a place on the page. Classic scripts, not modules: pages opened from disk may not load
// modules.
globalThis.explorables = (() => {
  "use strict";
  const signed = (x, digits) => x.toFixed(digits).replace("-", "−");

  const slider = (id, key, label, [min, max, step, value]) => `
    <div class="law-slider"><label for="${id}-${key}">${label}</label>
    <output for="${id}-${key}" data-value="${key}"></output>
    <input type="range" id="${id}-${key}" data-key="${key}" autocomplete="off"
      min="${min}" max="${max}" step="${step}" value="${value}"></div>`;

  // Ticks of an axis from a to b: powers of ten of a logarithmic one, each `every` one
  // of them, and at most six round numbers of a linear one.
  function decades(a, b, every = 1) {
    const first = every * Math.ceil(a / every);
    const count = Math.max(0, Math.floor((b - first) / every) + 1);
    return Array.from({ length: count }, (_, i) => first + i * every).map((n) =>
      [n, `10<tspan dy="-0.45em" font-size="75%">${signed(n, 0)}</tspan>`]);
  }

  function rounds(a, b) {
    const size = 10 ** Math.floor(Math.log10((b - a) / 5));
    const step = size * [1, 2, 5, 10].find((n) => n * size >= (b - a) / 5);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const first = Math.ceil(a / step);
    return Array.from({ length: Math.floor(b / step) - first + 1 }, (_, i) =>
      [(first + i) * step, ((first + i) * step).toFixed(digits)]);
  }

  // Paper as wide as its place, with x from x0 to x1, y from y0 to y1 and a margin at
  // the left. What is drawn is shown by `show`; what is clipped ends with the axes.
  function paper(svg, id, { x: [x0, x1], y: [y0, y1], left, height }) {
    const W = Math.max(280, Math.min(720, svg.clientWidth || 640));
    const H = Math.round(Math.max(260, height * W));
    const [right, top, bottom] = [W - 12, 12, H - 46];
    const X = (x) => left + (x - x0) / (x1 - x0) * (right - left);
    const Y = (y) => bottom - (y - y0) / (y1 - y0) * (bottom - top);
    const clipped = { "clip-path": `url(#${id}-clip)` };
    const parts = [];
    const add = (tag, attributes, text = "") => parts.push(`<${tag} ${
      Object.entries(attributes).map(([k, v]) => `${k}="${v}"`).join(" ")}>${text}</${tag}>`);
    add("clipPath", { id: `${id}-clip` }, `<rect x="${left}" y="${top}"
      width="${right - left}" height="${bottom - top}"/>`);
    function axes(xTicks, yTicks, xLabel, yLabel) {
      for (const [x, text] of xTicks) {
        add("path", { "data-mark": "grid", d: `M${X(x)} ${top}V${bottom}` });
        add("text", { x: X(x), y: bottom + 19, "text-anchor": "middle" }, text);
      }
      for (const [y, text] of yTicks) {
        add("path", { "data-mark": "grid", d: `M${left} ${Y(y)}H${right}` });
        add("text", { x: left - 7, y: Y(y) + 5, "text-anchor": "end" }, text);
      }
      add("path", { "data-mark": "axis", d: `M${left} ${top}V${bottom}H${right}` });
      add("text", { x: (left + right) / 2, y: H - 6, "text-anchor": "middle" }, xLabel);
      add("text", { x: 13, y: bottom / 2, "text-anchor": "middle",
        transform: `rotate(-90 13 ${bottom / 2})` }, yLabel);
    }
    const points = (list) => list.map(([x, y]) => `${X(x).toFixed(2)},${Y(y).toFixed(2)}`);
    return {
      X, Y, top, bottom, left, right, add, axes,
      line: (mark, list, more) => add("polyline",
        { "data-mark": mark, points: points(list).join(" "), ...clipped, ...more }),
      area: (mark, list) => add("polygon",
        { "data-mark": mark, points: points(list).join(" "), ...clipped }),
      show() {
        svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
        svg.innerHTML = parts.join("");
      },
    };
  }

  // A group with a title; what the place held is kept for paper.
  function mount(host, id, title, content) {
    const widget = document.createElement("div");
    widget.className = "law-widget";
    widget.setAttribute("role", "group");
    widget.setAttribute("aria-labelledby", `${id}-title`);
    widget.innerHTML = `<p class="law-title" id="${id}-title">${title}</p>${content}`;
    const fallback = document.createElement("div");
    fallback.className = "law-fallback";
    fallback.append(...host.childNodes);
    host.append(widget, fallback);
    return widget;
  }

  // A sentence that is read out once, when a held key is let go.
  function teller(place) {
    let timer = 0;
    return (sentence) => {
      clearTimeout(timer);
      timer = setTimeout(() => { place.textContent = sentence(); }, 250);
    };
  }

  return { signed, slider, decades, rounds, paper, mount, teller };
})();
