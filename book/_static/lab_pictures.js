// The pictures of the game in lab_game.js: what is seen and said, and local exponents. What
// is said can be dragged.
explorables.labPictures = (() => {
  "use strict";
  const { decades, rounds, ticks, count } = explorables;
  const { log10, max, min } = Math;
  const { AT, LARGEST, KINDS, lossOf, exponentOf } = explorables.labRules;
  const PLAYERS = { even: "every octave", small: "small runs" };
  const NAMES = { none: "none", power: "power", floor: "floor", break: "break",
    both: "break and floor" };
  const AXIS = [1.05, 6.35]; // of sizes, in decades
  const GRIP = 13; // pixels from the end of an interval to its arrow

  const digits = (x) => `${Number(x.toPrecision(x < 1e-3 ? 2 : 4))}`;
  const inside = ([low, high], x) => min(high, max(low, x));
  // What is said, as [low, value, high] of the loss and of the size.
  const ends = ({ loss, lossTimes, size, sizeTimes }) => [
    loss / lossTimes, loss, loss * lossTimes, size / sizeTimes, size, size * sizeTimes];

  const fine = Array.from({ length: 107 }, (_, i) => AXIS[0] + i * (AXIS[1] - AXIS[0]) / 106);
  let paper = null; // that of the last picture of the curve, for whoever drags

  function drawCurve(open, now) {
    const { truth, data, range, own, law, kind, done, x, buys, game } = now;
    const target = log10(truth.target);
    const bars = data.points.map(({ x: size, mean, error }) => {
      const [u, v, half] = [log10(size), log10(mean), (error ?? 0) / Math.LN10];
      return { u, v, low: v - half, high: v + half };
    });
    const all = [...range, target, ...(done ? [log10(truth.loss)] : []),
      ...bars.flatMap(({ low, high }) => [low, high])];
    const y = [min(...all) - 0.14, max(...all) + 0.08];
    const sheet = open({ x: AXIS, y, left: 60, height: 0.6 });
    paper = sheet;
    sheet.axes(decades(...AXIS), ticks(...y), "size D", "loss");
    const at = log10(AT);
    const line = (mark, list) => sheet.line(mark, list);
    const note = (px, py, text, anchor = "start") => sheet.add("text",
      { "data-mark": "note", x: px, y: py, "text-anchor": anchor }, text);
    line("level", [[at, y[0]], [at, y[1]]]);
    line("level", [[AXIS[0], target], [AXIS[1], target]]);
    note(sheet.left + 4, sheet.Y(target) - 4, `target ${digits(truth.target)}`);
    if (!done) {
      const here = log10(x);
      line("size", [[here, y[0]], [here, y[1]]]);
      note(sheet.X(here) + 4, sheet.top + 12, buys
        ? `${count(buys)} for ${count(buys * x)}` : "too dear");
    }
    const along = (found) => fine.map((u) => [u, log10(lossOf(found, 10 ** u))]);
    if (done) line("truth", along(truth));
    if (law) line("along-P", along(law));
    else if (kind !== "none") note(sheet.right - 6, sheet.top + 30,
      `“${NAMES[kind]}” needs ${KINDS[kind].length + 1} sizes`, "end");
    // Answers: upright bars at 262 144, level ones at the target; what is endless ends
    // with the axes.
    const answer = (mark, answers, shift) => {
      const logs = answers.map((v) => (v === null ? 9 : inside([-9, 9], log10(v))));
      line(mark, [[at + shift, logs[0]], [at + shift, logs[2]]]);
      const level = target + shift * (y[1] - y[0]) / 3;
      line(mark, [[logs[3], level], [logs[5], level]]);
    };
    if (done) Object.keys(PLAYERS).forEach((who, i) =>
      answer(who, game[who], 0.09 * (i + 1)));
    answer("right", ends(own), 0);
    for (const { u, v, low, high } of bars) {
      line("error", [[u, low], [u, high]]);
      sheet.add("circle", { "data-mark": "best", cx: sheet.X(u), cy: sheet.Y(v), r: 4.5 });
    }
    if (done) {
      sheet.add("circle", { "data-mark": "own", cx: sheet.X(at), r: 6,
        cy: sheet.Y(log10(truth.loss)) });
      sheet.add("circle", { "data-mark": "own", cx: sheet.X(log10(truth.size)), r: 6,
        cy: sheet.Y(target) });
      return;
    }
    // To drag: the middle of each answer, and an arrow beyond each end.
    const hold = (key, px, py, way) => {
      const shape = way ? { d: `M${px - 6 * way[1]} ${py - 6 * way[0]}l${
        6 * (way[1] + way[0])} ${6 * (way[0] + way[1])}l${6 * (way[1] - way[0])} ${
        6 * (way[0] - way[1])}` } : { cx: px, cy: py, r: 6 };
      sheet.add(way ? "path" : "circle", { "data-mark": "grip", ...shape });
      sheet.add("circle", { "data-drag": key, cx: px, cy: py, r: 13 });
    };
    const [low, middle, high, from, size, to] = ends(own).map(log10);
    hold("lossTimes", sheet.X(at), sheet.Y(low) + GRIP, [0, 1]);
    hold("lossTimes", sheet.X(at), sheet.Y(high) - GRIP, [0, -1]);
    hold("sizeTimes", sheet.X(from) - GRIP, sheet.Y(target), [-1, 0]);
    hold("sizeTimes", sheet.X(to) + GRIP, sheet.Y(target), [1, 0]);
    hold("size", sheet.X(size), sheet.Y(target));
    hold("loss", sheet.X(at), sheet.Y(middle));
  }

  function drawExponents(open, { data, law, truth, done }) {
    const steps = data.steps.map((s) => ({ ...s, error: s.error ?? 0 }));
    const y = [max(-0.6, min(0, ...steps.map((s) => s.exponent - s.error))) - 0.05,
      min(1.5, max(0.75, ...steps.map((s) => s.exponent + s.error))) + 0.05];
    const sheet = open({ x: AXIS, y, left: 60, height: 0.6 });
    sheet.axes(decades(...AXIS), rounds(...y), "size D", "local exponent");
    sheet.line("level", [[log10(LARGEST), y[0]], [log10(LARGEST), y[1]]]);
    const along = (found) => fine.map((u) => [u, exponentOf(found, 10 ** u)]);
    if (done) sheet.line("truth", along(truth));
    if (law) sheet.line("along-P", along(law));
    for (const { x, exponent, error } of steps) {
      const u = log10(x);
      sheet.line("error", [[u, exponent - error], [u, exponent + error]]);
      if (exponent > y[0] && exponent < y[1]) sheet.add("circle",
        { "data-mark": "best", cx: sheet.X(u), cy: sheet.Y(exponent), r: 4.5 });
    }
  }

  // Whoever drags moves a slider.
  function draggable(widget) {
    const svg = widget.querySelector("svg[data-panel=curve]");
    let key = null;
    // A finger on a handle moves it, and not the page.
    svg.addEventListener("touchstart", (event) => {
      if (event.target.dataset.drag) event.preventDefault();
    }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      key = event.target.dataset.drag ?? null;
      if (!key) return;
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (!key) return;
      const { left, top, width } = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / width;
      const [px, py] = [(clientX - left) * scale, (clientY - top) * scale];
      const back = (from, to, at) => (at - from(0)) / (to(1) - from(0));
      const [x, y] = [back(paper.X, paper.X, px), back(paper.Y, paper.Y, py)];
      const input = (name) => widget.querySelector(`input[data-key=${name}]`);
      const middle = (name) => Number(input(name).value);
      const beyond = (one, unit) => max(0, Math.abs(one) - GRIP / Math.abs(unit(1) - unit(0)));
      input(key).value = { loss: y, size: x,
        lossTimes: beyond(y - middle("loss"), paper.Y),
        sizeTimes: beyond(x - middle("size"), paper.X) }[key];
      input(key).dispatchEvent(new Event("input", { bubbles: true }));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => { key = null; });
    }
  }

  return { PLAYERS, NAMES, digits, inside, ends, drawCurve, drawExponents, draggable };
})();
