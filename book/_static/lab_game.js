// "Play the lab": games of the scaling lab. Runs are bought from a hidden law, a loss and a
// size are forecast, and a report card compares with two players who have played before.
// Mounted on <div class="scaling-lab" data-stranger data-games>: games are a JSON list of
// { seed, expected, small, even }, with the scores to be expected of loss and size and the
// two players' answers, [low, value, high] of the loss and of the size, null where one is
// infinite. Laws and runs are not stored: they follow from the seed. What the div holds is
// kept for paper.
(() => {
  "use strict";
  const { signed, count, figure } = explorables;
  const { log10, max, min, round } = Math;
  const { AT, BUDGET, LARGEST, truthOf, measured, cost, fit, lossOf, sizeOf, efficiency, score,
    points, designError } = explorables.labRules;
  const { PLAYERS, NAMES, digits, inside, ends, drawCurve, drawExponents, draggable } =
    explorables.labPictures;

  const COUNTS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768,
    1024, 1536, 2048, 3072, 4096];
  const SCOUT = { 16: 3, 64: 3, 256: 3, 1024: 3 };
  const QUESTIONS = ["loss", "size"];

  const few = (x) => `${Number(x.toPrecision(3))}`;
  const wide = (x) => count(Number(x.toPrecision(3)));
  const two = (x) => signed(round(100 * x) / 100 || 0, 2);
  const times = (label, most) => ({ label, min: 0, max: most, step: 0.004, decades: true,
    text: (x) => x.toFixed(2) });
  const SLIDERS = {
    octave: { label: "Size of a run, <i>D</i>", min: 4, max: 14, step: 1,
      text: (k) => count(2 ** k), spoken: (k) => `${2 ** k}` },
    runs: { label: "How many", min: 0, max: COUNTS.length - 1, step: 1,
      text: (i) => `${COUNTS[round(i)]}` },
    loss: { label: `Loss at ${count(AT)}`, min: -5, max: 1, step: 0.001, decades: true,
      text: digits },
    lossTimes: times("give or take a factor of", 0.4),
    size: { label: "Size for the target", min: 4.5, max: 5.83, step: 0.002, decades: true,
      text: wide, spoken: few },
    sizeTimes: times("give or take a factor of", 1),
  };
  const ANSWERS = ["loss", "lossTimes", "size", "sizeTimes"];
  // At first one says the middle of losses that can be, and a size whose handles lie apart
  // from those of the loss.
  const UNSAID = { lossTimes: 1.2, size: 1e5, sizeTimes: 4 };
  const said = (names, all) => Object.fromEntries(names.map((k) => [k, all[k]]));

  // What is kept of each game: { seed: { bought, said, done } }; nothing that cannot be.
  const sound = ({ bought, said: all, done } = {}) => typeof done === "boolean"
    && Object.entries(bought ?? { 0: 1 }).every(([x, n]) => (x & (x - 1)) === 0
      && x >= 16 && x <= LARGEST && Number.isInteger(n) && n > 0) && cost(bought) <= BUDGET
    && ANSWERS.every((k) => all?.[k] > 0 && all[k] < 1e9);
  function read(text) {
    try {
      return Object.fromEntries(Object.entries(JSON.parse(text)).filter(([, v]) => sound(v)));
    } catch { return {}; }
  }

  // A function that remembers what it last made of each text.
  function remembering(make) {
    const known = new Map();
    return (...given) => {
      const key = JSON.stringify(given);
      if (known.size > 40) known.clear();
      if (!known.has(key)) known.set(key, make(...given));
      return known.get(key);
    };
  }

  figure("scaling-lab", (host) => {
    const games = JSON.parse(host.dataset.games);
    const stranger = JSON.parse(host.dataset.stranger);
    const hidden = remembering((seed) => truthOf(seed));
    const seen = remembering((seed, bought) => measured(hidden(seed), bought));
    const fitted = remembering((seed, bought, kind) => fit(kind, seen(seed, bought)));
    // Losses that can be, in decades: by the rules the target is reached between 2 and 40
    // times the largest size, and no exponent is above 0.7.
    const reach = ({ target }) => [2, 40].map((n) =>
      log10(target) - 0.7 * log10(AT / (n * LARGEST)));
    const unsaid = (seed) => {
      const [low, high] = reach(hidden(seed));
      return { loss: 10 ** ((low + high) / 2), ...UNSAID };
    };
    const start = { game: games[0].seed, octave: 4, runs: 3, ...unsaid(games[0].seed),
      kind: "none", kept: "{}" };

    // The factor of one standard error of a fitted law's loss, by the scatter of the runs.
    const standard = ({ kind, theta }, { scatter }, bought) => (scatter === null ? null
      : Math.exp(designError({ kind, theta, noise: scatter }, bought, AT)));

    const asked = (truth) => [truth.loss, truth.size];
    // Answers [low, value, high] of loss and size, judged.
    function judged(answers, truth, { expected }) {
      const each = QUESTIONS.map((question, q) => {
        const [low, value, high] = answers.slice(3 * q, 3 * q + 3).map((x) => x ?? Infinity);
        const is = asked(truth)[q];
        const found = score(question, low, high, is);
        return { low, value, high, score: found, held: low <= is && is <= high,
          points: points(found, expected[q], stranger[q]) };
      });
      return { each, points: each[0].points + each[1].points };
    }

    const card = (game, own) => Object.fromEntries(Object.entries({ own: ends(own), ...game })
      .filter(([who]) => who === "own" || who in PLAYERS)
      .map(([who, answers]) => [who, judged(answers, hidden(game.seed), game)]));

    function measure(state) {
      const game = games.find(({ seed }) => seed === state.game) ?? games[0];
      const { seed } = game;
      const kept = read(state.kept);
      const { bought, done } = kept[seed] ?? { bought: {}, done: false };
      const truth = hidden(seed);
      const data = seen(seed, bought);
      const left = BUDGET - cost(bought);
      const [x, wanted] = [2 ** round(state.octave), COUNTS[round(state.runs)]];
      const buys = min(wanted, Math.floor(left / x));
      const range = reach(truth);
      const own = done ? kept[seed].said
        : { ...said(ANSWERS, state), loss: 10 ** inside(range, log10(state.loss)) };
      const kind = NAMES[state.kind] ? state.kind : "none";
      const law = kind === "none" ? null : fitted(seed, bought, kind);
      const played = games.filter((each) => kept[each.seed]?.done);
      const cards = new Map(played.map((each) =>
        [each.seed, card(each, kept[each.seed].said)]));
      const total = (who) => played.reduce((all, each) =>
        all + cards.get(each.seed)[who].points, 0);
      return { state, game, seed, kept, bought, done, truth, data, left, x, buys, range, own,
        kind, law, factor: law && standard(law, data, bought), played, cards, report: done ? cards.get(seed) : null,
        totals: Object.fromEntries(["own", ...Object.keys(PLAYERS)].map((who) =>
          [who, played.length ? total(who) : null])),
        told: done ? efficiency(truth, bought, game.expected[0]) : null };
    }

    const finite = (x, text) => [Number.isFinite(x) ? x : null, text];
    const whole = (x) => x.toFixed(0);

    function numbers(now) {
      const { truth, left, law, report, totals, told, game } = now;
      const rows = ["own", ...Object.keys(PLAYERS)].flatMap((who) => [
        [`points-${who}`, [report && report[who].points, whole]],
        [`total-${who}`, [totals[who], whole]],
        ...QUESTIONS.flatMap((question, q) => {
          const { low, value, high, score: found, held } = report?.[who].each[q] ?? {};
          const text = q ? wide : digits;
          return [
            [`${question}-${who}`, finite(value, text)],
            [`low-${question}-${who}`, finite(low, q ? wide : few)],
            [`high-${question}-${who}`, finite(high, q ? wide : few)],
            [`score-${question}-${who}`, finite(found, few)],
            [`held-${question}-${who}`, [report ? Number(held) : null,
              (x) => (x ? "held" : "missed")]]];
        })]);
      return {
        left: [left, count], target: [truth.target, digits],
        misfit: [law?.misfit ?? null, two],
        "law-loss": [law && lossOf(law, AT), digits],
        "law-factor": [now.factor, (x) => (x < 10 ? x.toFixed(x < 1.1 ? 3 : 2) : "over 10")],
        "law-size": [law && sizeOf(law, truth.target), wide],
        told: [told, (x) => `${(100 * x).toFixed(0)} %`],
        ...Object.fromEntries(rows),
        ...Object.fromEntries(QUESTIONS.flatMap((question, q) => [
          [`${question}-truth`, [report ? asked(truth)[q] : null, q ? wide : digits]],
          [`full-${question}`, [report ? min(game.expected[q], stranger[q] / 2) : null, few]],
          [`none-${question}`, [report ? stranger[q] : null, few]]])),
      };
    }

    // ---- in words

    const exponents = ({ steps }) => {
      const last = steps.slice(-2).map(({ exponent, error }) =>
        `${two(exponent)}${error === null ? "" : ` ± ${two(error)}`}`);
      return last.length > 1 ? `The last two local exponents are ${last.join(" and ")}.`
        : last.length ? `The local exponent is ${last[0]}.` : "";
    };

    // What was hidden, and what of it the runs could see.
    function story({ kind, theta: [floor, , early, late, place] }, bought) {
      const largest = max(...Object.keys(bought).map(Number));
      const where = 10 ** (place / Math.LN10);
      const spent = (from) => round(100 * cost(Object.fromEntries(Object.entries(bought)
        .filter(([x]) => x >= from))) / BUDGET);
      const ground = `a floor of ${few(floor)}`;
      if (kind === "power") return `It was a plain power, exponent ${two(late)}: nothing
        happens on the way, and many small runs tell it best.`;
      if (kind === "floor") return `It was a power, exponent ${two(late)}, on ${ground}: only
        large runs feel that, and on those from 4096 on you spent ${spent(4096)} % of the
        money.`;
      const beyond = max(0, Math.floor(log10(largest / where) / log10(2) + 1e-9));
      return `It was a break near ${count(Number(where.toPrecision(2)))}, from exponent ${
        two(early)} to ${two(late)}${floor ? `, on ${ground}` : ""}: your runs ${
        largest <= where ? "all lie before it"
        : beyond ? `went ${beyond} octave${beyond > 1 ? "s" : ""} beyond it`
        : "ended at it"}${largest < LARGEST
        ? `, and ${round(log10(LARGEST / largest) / log10(2))} that you could have bought stayed
        unseen` : ""}.`;
    }

    function sentence(now) {
      const { seed, truth, done, data, left, x, buys, own, report, bought } = now;
      const say = `You say that the loss at ${count(AT)} is ${digits(own.loss)}, give or take a
        factor of ${own.lossTimes.toFixed(2)}, and that ${digits(truth.target)} is reached at ${
        wide(own.size)}, give or take ${own.sizeTimes.toFixed(2)}.`;
      if (!done) {
        const { length } = data.points;
        const next = buys ? `${buys} at ${count(x)} would cost ${count(buys * x)}.`
          : `A run at ${count(x)} costs more than that.`;
        return `${length ? `${length} size${length > 1 ? "s" : ""} measured in game ${seed}, ${
          count(left)} left.` : `Nothing is bought in game ${seed} yet; ${count(left)} to spend.`}
          ${next} ${exponents(data)} ${say}`;
      }
      const held = ({ each }) => (each.every((e) => e.held) ? "Both of your intervals held"
        : each.some((e) => e.held)
          ? `Your interval of the ${each[0].held ? "loss" : "size"} held, the other missed`
        : "Both of your intervals missed");
      return `${story(truth, bought)} ${held(report.own)}. Points: ${
        whole(report.own.points)} for you, ${whole(report.even.points)} for every octave, ${
        whole(report.small.points)} for small runs.`;
    }

    // ---- the page

    const content = ({ sliders, panels, value, button, summary, again }) => {
      const act = (name) => `<button type="button" data-act="${name}" data-take="{}"></button>`;
      const cell = (who) => QUESTIONS.map((q) => `<td>${value(`${q}-${who}`)}<small>${
        value(`low-${q}-${who}`)}–<wbr>${value(`high-${q}-${who}`)}</small><small>${
        value(`score-${q}-${who}`)}, ${value(`held-${q}-${who}`)}</small></td>`).join("");
      const row = (who, name) => `<tr><th scope="row">${name}</th>${cell(who)}<td>${
        value(`points-${who}`)}</td></tr>`;
      const scores = (who, name, worth) => `<tr><th scope="row">${name}</th>${QUESTIONS.map((q) =>
        `<td><small>${value(`${who}-${q}`)}</small></td>`).join("")}<td>${worth}</td></tr>`;
      return `
      <p>Buy runs, look, and say two numbers with intervals of 90 %: the loss at ${count(AT)},
        and the size at which it reaches the target. Then hand in.</p>
      <p class="law-buttons" data-choice><span>Game</span>${games.map(({ seed }) =>
        button(seed, { game: seed })).join("")}</p>
      <dl class="law-readouts">
        <div><dt>money left of ${count(BUDGET)}</dt><dd>${value("left")}</dd></div>
        <div><dt>target</dt><dd>${value("target")}</dd></div>
        <div class="law-wide"><dt>your points in <span data-games>0 games</span></dt><dd>${
          value("total-own")} <small>every octave ${value("total-even")}, small runs ${
          value("total-small")}</small></dd></div>
      </dl>
      ${sliders("octave", "runs")}
      <p class="law-buttons">${act("buy")}${act("scout")}</p>
      ${panels("curve")}
      <ul class="law-legend"><li data-mark="excess">mean of your runs</li>
        <li data-mark="along-P">a fitted law</li><li data-mark="right">your answers</li>
        <li data-mark="even" hidden>every octave</li>
        <li data-mark="small" hidden>small runs</li>
        <li data-mark="truth" hidden>the truth</li></ul>
      <div class="law-look">${panels("exponents")}<div>
        <p class="law-bought"></p>
        <p class="law-buttons"><span>Fit</span>${Object.entries(NAMES).map(([kind, name]) =>
          button(name, { kind })).join("")}</p>
        <dl class="law-readouts">
          <div><dt>loss at ${count(AT)}</dt><dd>${value("law-loss")} <small>give\u00a0or\u00a0take\u00a0${
            value("law-factor")}</small></dd></div>
          <div><dt>size for the target</dt><dd>${value("law-size")}</dd></div>
          <div class="law-wide"><dt>misfit, about 1 if the law is right</dt><dd>${
            value("misfit")}</dd></div>
        </dl><p><small>Give or take a factor: one standard error, if this law is the right
          one.</small></p></div></div>
      ${sliders(...ANSWERS)}
      <p class="law-buttons">${act("middles")}${act("hand-in")}${act("next")}</p>
      ${summary}
      <table class="law-table" hidden><caption>Report card. In small print the interval of 90 %,
        its score (lower is better), and whether it held the truth; below, the score to be
        expected of who knows the form of the law (at most half of a stranger’s), and
        that of a stranger.</caption>
        <thead><tr><th scope="col">who</th><th scope="col">loss at ${count(AT)}</th>
          <th scope="col">size for the target</th><th scope="col">points</th></tr></thead>
        <tbody><tr data-row="truth"><th scope="row">the truth</th><td>${value("loss-truth")}</td>
          <td>${value("size-truth")}</td><td></td></tr>
          ${row("own", "you")}${row("even", PLAYERS.even)}${row("small", PLAYERS.small)}
          ${scores("full", "to be expected", 100)}${scores("none", "a stranger", 0)}
        </tbody></table>
      <p data-told hidden>Of the loss, your runs tell ${value("told")} of what the best ones
        would have told.</p>
      <p>${again}</p>`;
    };

    function changed(now, widget) {
      const { state, game, seed, kept, bought, done, truth, data, left, x, buys, range, own,
        law, played, cards } = now;
      const find = (selector) => widget.querySelector(selector);
      if (!widget.dataset.dragged) draggable(widget);
      widget.dataset.dragged = "true";
      // What a game is left with, as it is now or with more.
      const entry = (more) => JSON.stringify({ ...kept,
        [seed]: { bought, done, said: said(ANSWERS, own), ...more } });
      function act(name, text, values) {
        const place = find(`[data-act=${name}]`);
        place.textContent = text;
        place.dataset.take = JSON.stringify(values ?? {});
        place.setAttribute("aria-disabled", values === null);
      }
      const purchase = (more) => ({ kept: entry({ bought: Object.entries(more).reduce(
        (all, [size, n]) => ({ ...all, [size]: (all[size] ?? 0) + n }), bought) }) });
      act("buy", buys ? `Buy ${count(buys)} for ${count(buys * x)}` : "Too dear",
        done || !buys ? null : purchase({ [x]: buys }));
      act("scout", "Send a scout: 3 at 16, 64, 256 and 1024",
        done || cost(SCOUT) > left ? null : purchase(SCOUT));
      const [fitLoss, fitSize] = law ? [lossOf(law, AT), sizeOf(law, truth.target)] : [];
      // A number that no law of the rules has would betray where their range ends.
      const may = { loss: range, size: [SLIDERS.size.min, SLIDERS.size.max] };
      const taken = Object.entries({ loss: fitLoss, size: fitSize }).filter(
        ([key, x]) => x && inside(may[key], log10(x)) === log10(x));
      act("middles", "Take the fit’s numbers, if the rules allow them",
        done || !taken.length ? null : Object.fromEntries(taken));
      act("hand-in", done ? "Handed in" : "Hand in", done || !data.points.length ? null
        : { kept: entry({ done: true }) });
      const to = (other) => ({ game: other, kept: entry(),
        ...(kept[other] ? kept[other].said : unsaid(other)) });
      const seeds = games.map((each) => each.seed);
      const open = [...seeds.slice(seeds.indexOf(seed) + 1), ...seeds.slice(0, seeds.indexOf(seed))]
        .find((each) => !kept[each]?.done);
      act("next", "Next game", open === undefined ? null : to(open));
      widget.querySelectorAll("[data-choice] button").forEach((place, i) => {
        const points = cards.get(seeds[i])?.own.points;
        place.textContent = points === undefined ? seeds[i] : `${seeds[i]}: ${whole(points)}`;
        place.dataset.take = JSON.stringify(seeds[i] === seed ? { game: seed } : to(seeds[i]));
      });
      for (const key of ANSWERS) {
        const input = find(`input[data-key=${key}]`);
        if (key === "loss") [input.min, input.max] = range.map((v) => v.toFixed(3));
        input.disabled = done;
        input.value = log10(own[key]);
        const { text, spoken = text } = SLIDERS[key];
        find(`output[data-value=${key}]`).innerHTML = text(own[key]);
        input.setAttribute("aria-valuetext", spoken(own[key]));
      }
      find("[data-games]").textContent = `${played.length} game${
        played.length === 1 ? "" : "s"}`;
      find(".law-bought").textContent = data.points.length ? `Bought, with mean losses: ${
        data.points.map(({ x: size, n, mean }) =>
          `${n} at ${size}: ${mean.toPrecision(4)}`).join("; ")}.` : "Nothing is bought yet.";
      for (const place of widget.querySelectorAll(
        "table, [data-told], .law-legend :is([data-mark=even], [data-mark=small], [data-mark=truth])")) {
        place.hidden = !done;
      }
      for (const who of done ? Object.keys(PLAYERS) : []) {
        for (const [i, name] of ["low-size", "size", "high-size"].entries()) {
          if (game[who][3 + i] === null) find(`data[data-value=${name}-${who}]`).textContent = "∞";
        }
      }
    }

    return {
      title: "Play the lab", sliders: SLIDERS, start, content, measure, numbers, sentence, changed,
      panels: {
        curve: { caption: "What you see, and what you say", draw: drawCurve,
          label: `Mean losses of the runs that were bought, over their size, both axes
            logarithmic; a fitted law; and your two answers as bars, at ${AT} and at the
            target. The text below says what it shows.` },
        exponents: { caption: "Local exponents", draw: drawExponents,
          label: `Local exponents between neighbouring sizes that were bought, with their
            errors, and those of the fitted law; the sentence below names the last ones.` },
      },
    };
  });
})();
