// What the figures to play with share: numbers as text, paper with axes to draw on, and
// the figure itself with its sliders, buttons and sentence. Classic scripts, not modules:
// pages opened from disk may not load modules.
globalThis.explorables = (() => {
  "use strict";
  const signed = (x, digits) => x.toFixed(digits).replace("-", "−");

  // Two digits: 18, 0.33, 7.2·10^10, with `power` to write the exponent.
  function short(x, power = (n) => `<sup>${signed(n, 0)}</sup>`) {
    const [digits, exponent] = x.toExponential(1).split("e").map(Number);
    if (x === 0 || (exponent >= -2 && exponent < 4)) {
      return `${Number(x.toPrecision(2))}`.replace("-", "−");
    }
    return `${signed(digits, 1)}·10${power(exponent)}`;
  }
  const spoken = (x) => short(x, (n) => ` to the ${signed(n, 0)}`).replace("·", " times ");

  // In words, for sentences: 72 billion.
  function inWords(x) {
    const names = ["", " thousand", " million", " billion", " trillion"];
    const rounded = Number(x.toPrecision(2));
    const n = Math.max(0, Math.min(4, Math.floor(Math.log10(rounded) / 3 + 1e-9)));
    const count = rounded / 1000 ** n;
    const plain = count >= 0.01 && count < 1e4;
    return plain ? `${Number(count.toPrecision(2))}${names[n]}` : spoken(x);
  }

  const exact = (x) => `${Number(x.toPrecision(6))}`.replace("-", "−");

  // By how many per cent a number changes; a whole number, with thin spaces.
  const signedPercent = (x) => `${x > 0 ? "+" : ""}${signed(x, Math.abs(x) < 10 ? 1 : 0)} %`;
  const count = (x) => Math.round(x).toLocaleString("en").replaceAll(",", "\u2009");

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
      [(first + i) * step, signed((first + i) * step || 0, digits)]);
  }

  // Ticks of a logarithmic axis of whatever length: powers of ten, or where these are
  // fewer than three the roundest numbers between of which there are.
  function ticks(a, b) {
    const powers = decades(a, b, Math.max(1, Math.ceil((b - a) / 7)));
    if (powers.length > 2) return powers;
    const decade = Array.from({ length: Math.ceil(b) - Math.floor(a) + 1 }, (_, i) =>
      Math.floor(a) + i);
    const between = (digits) => decade.flatMap((n) => digits.map((k) => Number(`${k}e${n}`)))
      .filter((v) => Math.log10(v) >= a && Math.log10(v) <= b);
    const lists = [[1, 3], [1, 2, 5], [1, 2, 3, 4, 6], [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]]
      .map(between);
    return (lists.find((list) => list.length > 2) ?? lists.at(-1))
      .map((v) => [Math.log10(v), exact(v)]);
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
      X, Y, top, bottom, left, right, clipped, add, axes,
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

  // Lines on which values over a grid are at a level: pieces [[x, y], [x, y]], by linear
  // interpolation along the edges of each cell. `values[j][i]` belongs to (xs[i], ys[j]).
  function contour(xs, ys, values, level) {
    const pieces = [];
    for (let j = 0; j + 1 < ys.length; j++) {
      for (let i = 0; i + 1 < xs.length; i++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]
          .map(([p, q]) => [xs[p], ys[q], values[q][p] - level]);
        const met = corners.flatMap(([x, y, v], k) => {
          const [x1, y1, v1] = corners[(k + 1) % 4];
          if ((v > 0) === (v1 > 0)) return [];
          const t = v / (v - v1);
          return [[x + t * (x1 - x), y + t * (y1 - y)]];
        });
        for (let k = 0; k + 1 < met.length; k += 2) pieces.push([met[k], met[k + 1]]);
      }
    }
    return pieces;
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

  // A figure in every element of a class. `make(host, id)` returns what it is:
  //   title     in words
  //   sliders   by key { label, min, max, step, decades, zero, whole, text, spoken }: with
  //             `decades` it moves in the logarithm, with `zero` its lower end is none,
  //             with `whole` what counts is the nearest whole number; `text` is the value
  //             as HTML, `spoken` as a screen reader says it
  //   start     the state: a number for each slider, and whatever buttons may set
  //   panels    by name { caption, label, draw(open, now) }, where open(axes) is `paper`
  //   content   the HTML below the title, from parts: sliders(...keys), panels(...names),
  //             value(key), button(text, values), summary and again
  //   measure   what a state comes to, `now`
  //   numbers   of now: what stands at value(key), [number, text], null without one
  //   sentence  of now: what the figure shows, in words
  //   changed   optional (now, widget): whatever else has to be done
  // What was left is found again: the state is remembered until one starts again.
  const quoted = (values) => JSON.stringify(values).replaceAll('"', "&quot;");

  function figure(kind, make) {
    document.querySelectorAll(`.${kind}`).forEach((host, number) =>
      play(host, `${kind}-${number}`, make(host, `${kind}-${number}`)));
  }

  // Storage may be blocked, full, or of an older edition: then the figure starts anew.
  function storage(action) {
    try { return action(window.localStorage); } catch { return null; }
  }

  function remembered(key, sliders, start) {
    const old = storage((store) => JSON.parse(store.getItem(key))) ?? {};
    const fits = ([k, x]) => typeof x === typeof start[k]
      && (!(k in sliders) || within(sliders[k], x));
    return Object.entries(old).every(fits) ? old : {};
  }

  const place = ({ decades, zero, min }, x) =>
    (zero && x === 0 ? min : decades ? Math.log10(x) : x);
  const valueAt = ({ decades, zero, min }, at) =>
    (zero && at <= min ? 0 : decades ? 10 ** at : at);
  const within = (slider, x) =>
    place(slider, x) >= slider.min - 1e-9 && place(slider, x) <= slider.max + 1e-9;

  function play(host, id, made) {
    const { title, sliders, start, panels, content, measure, numbers, sentence } = made;
    const memory = `explorable ${location.pathname} ${id}`;
    const state = { ...start, ...remembered(memory, sliders, start) };
    const at = (key) => place(sliders[key], state[key]);
    // What counts: what is shown as a whole number is one.
    const counted = () => Object.fromEntries(Object.entries(state).map(([key, x]) =>
      [key, sliders[key]?.whole ? Math.round(x) : x]));
    const slider = (key) => {
      const { label, min, max, step } = sliders[key];
      return `<div class="law-slider"><label for="${id}-${key}">${label}</label>
        <output for="${id}-${key}" data-value="${key}"></output>
        <input type="range" id="${id}-${key}" data-key="${key}" autocomplete="off"
          min="${min}" max="${max}" step="${step}" value="${at(key)}"></div>`;
    };
    const panel = (name) => {
      const { caption, label } = panels[name];
      return `<figure>${caption ? `<figcaption>${caption}</figcaption>` : ""}<svg role="img"
        data-panel="${name}" aria-label="${label.replace(/\s+/g, " ")}"></svg></figure>`;
    };
    const button = (text, values) =>
      `<button type="button" data-take="${quoted(values)}"
        aria-pressed="false">${text}</button>`;
    const widget = mount(host, id, title, content({
      sliders: (...keys) => `<div class="law-sliders">${keys.map(slider).join("")}</div>`,
      panels: (...names) => `<div class="law-panels" data-count="${names.length}">${
        names.map(panel).join("")}</div>`,
      value: (key) => `<data data-value="${key}"></data>`,
      button,
      summary: '<p class="law-summary" aria-live="polite"></p>',
      again: '<button type="button" data-again>Start again</button>',
    }));
    const find = (selector) => widget.querySelector(selector);
    const tell = teller(find(".law-summary"));

    function draw(now) {
      for (const [name, panel] of Object.entries(panels)) {
        const svg = find(`svg[data-panel=${name}]`);
        let sheet;
        panel.draw((axes) => (sheet = paper(svg, `${id}-${name}`, axes)), now);
        sheet.show();
      }
    }

    // A number in full for programs, and as text for readers; null is a dash.
    function show(key, [x, text = short]) {
      const place = find(`data[data-value="${key}"]`);
      place.value = x === null ? "" : String(x);
      place.innerHTML = x === null ? "–" : text(x);
    }

    function update() {
      const values = counted();
      const now = measure(values);
      draw(now);
      for (const [key, { text = exact, spoken: said = text }] of Object.entries(sliders)) {
        find(`output[data-value="${key}"]`).innerHTML = text(values[key]);
        find(`[data-key="${key}"]`).setAttribute("aria-valuetext", said(values[key]));
      }
      Object.entries(numbers(now)).forEach(([key, number]) => show(key, number));
      made.changed?.(now, widget);
      for (const button of widget.querySelectorAll("[aria-pressed]")) {
        const values = Object.entries(JSON.parse(button.dataset.take));
        button.setAttribute("aria-pressed", values.every(([k, v]) => state[k] === v));
      }
      tell(() => sentence(now).replace(/\s+/g, " ").trim());
    }

    // Values may lie between two steps of a slider: what counts is the state.
    function take(values) {
      Object.assign(state, values);
      for (const key of Object.keys(sliders)) {
        find(`[data-key="${key}"]`).value = at(key);
      }
      update();
    }

    const remember = () => storage((store) => store.setItem(memory, JSON.stringify(state)));
    widget.addEventListener("input", ({ target }) => {
      const { key } = target.dataset;
      state[key] = valueAt(sliders[key], Number(target.value));
      update();
      remember();
    });
    widget.addEventListener("click", ({ target }) => {
      const { take: values, again } = target.closest("button")?.dataset ?? {};
      if (values) {
        take(JSON.parse(values));
        remember();
      } else if (again !== undefined) {
        take(start);
        storage((store) => store.removeItem(memory));
      }
    });
    update();
    new ResizeObserver(() => draw(measure(counted()))).observe(host);
  }

  return {
    signed, short, spoken, exact, inWords, signedPercent, count, decades, rounds, ticks,
    contour, figure,
  };
})();
