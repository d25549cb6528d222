// What a reader answered, kept in the browser, and when it is asked again. A classic
// script, not a module: pages opened from disk may not load modules.
//
// An entry is kept under "answer LABEL DIGEST": a question has one memory wherever it
// stands, and a new one when its text changes. It holds
//   given        the last attempt
//   right, shown whether that was right, and whether the answer was then shown
//   first, last  the days of the first and the last attempt, as 2026-12-31
//   box          1 to 5: the higher, the longer the question rests
globalThis.memory = (() => {
  "use strict";

  const RESTS = [1, 3, 7, 21, 60]; // days, by box
  const FORMAT = "answers to the questions of Explaining Neural Scaling Laws";
  const MINE = /^(answer|question|explorable|route) /; // figures to play with, ticks of routes
  const FORMER = /^question \S+ (\S+) (\S+)$/; // with the path of the page

  // ------------------------------------------------------------ the schedule

  // Days are those of the reader's calendar, so that noon and midnight count as they do
  // for the reader, and a day of 23 hours is a day.
  function dayOf(date = new Date()) {
    const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
    return [year, ...[month, day].map((n) => `${n}`.padStart(2, "0"))].join("-");
  }

  function later(day, days) {
    const date = new Date(`${day}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + days);
    return date.toISOString().slice(0, 10);
  }

  // The day on which an entry is asked again.
  const due = ({ last, box }) => later(last, RESTS[box - 1]);

  // "new", "due" or "rest". An attempt in the future is one of a clock that was wrong.
  function state(entry, today) {
    if (!entry) return "new";
    return due(entry) <= today || entry.last > today ? "due" : "rest";
  }

  // The entry after an attempt. All begin in the first box. Wrong or shown leads back to
  // it; right leads to the next one, but only as the first attempt of a day: whoever has
  // just read the answer knows it.
  function promote(old, { given, right, shown = false }, today) {
    const known = right && !shown;
    const box = !known ? 1 : (old?.box ?? 1) + (old?.last === today ? 0 : 1);
    return {
      given, right, shown, first: old?.first ?? today, last: today,
      box: Math.min(box, RESTS.length),
    };
  }

  // How many are due, new and at rest, and the first day on which one comes back.
  function count(entries, today) {
    const found = { due: 0, new: 0, rest: 0, until: null };
    for (const entry of entries) {
      const now = state(entry, today);
      found[now] += 1;
      if (now === "rest" && !(found.until <= due(entry))) found.until = due(entry);
    }
    return found;
  }

  const isObject = (value) => typeof value === "object" && !!value && !Array.isArray(value);
  const isDay = (text) => typeof text === "string" && /^\d{4}-\d\d-\d\d$/.test(text)
    && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
  const isEntry = (value) => isObject(value) && typeof value.given === "string"
    && [value.right, value.shown].every((flag) => typeof flag === "boolean")
    && [value.first, value.last].every(isDay)
    && Number.isInteger(value.box) && value.box >= 1 && value.box <= RESTS.length;

  // ------------------------------------------------------------- the browser

  // Storage may be blocked, full or spoiled; what was answered is then forgotten.
  function storage(action) {
    try { return action(window.localStorage) ?? null; } catch { return null; }
  }

  const parsed = (key) => storage((store) => JSON.parse(store.getItem(key)));
  const keys = () => storage((store) => Object.keys(store).filter((k) => MINE.test(k))) ?? [];
  const keyOf = ({ label, digest }) => `answer ${label ?? ""} ${digest}`;
  const works = () => storage((store) => {
    store.setItem("answer", "");
    store.removeItem("answer");
    return true;
  }) === true;

  function write(key, entry) {
    return storage((store) => { store.setItem(key, JSON.stringify(entry)); return true; });
  }

  // The entry of a question, by what its form says of itself. One of the former kind is
  // taken over, as if it had been given today: `judge` tells whether it was right.
  function recall(data, id, judge) {
    const key = keyOf(data);
    const entry = parsed(key);
    if (isEntry(entry)) return entry;
    for (const old of keys()) {
      const [, its, digest] = old.match(FORMER) ?? [];
      if (its !== id || digest !== data.digest) continue;
      const { given, shown } = parsed(old) ?? {};
      const right = typeof given === "string" ? judge(given)?.right : undefined;
      if (right === undefined) continue;
      const taken = promote(null, { given, right, shown: !!shown && !right }, dayOf());
      if (write(key, taken)) storage((store) => store.removeItem(old));
      return taken;
    }
    return null;
  }

  const keep = (data, entry) => write(keyOf(data), entry);
  const forget = (data) => storage((store) => store.removeItem(keyOf(data)));

  // All that is kept, as text: answers, what figures to play with remember, ticks of routes.
  function exported() {
    const kept = keys().sort().map((key) => [key, parsed(key)]).filter(([, v]) => isObject(v));
    return JSON.stringify({ format: FORMAT, version: 1, kept: Object.fromEntries(kept) }, null, 1);
  }

  // Take in what was exported; return how many entries. The later attempt at a question
  // stays. An Error says why nothing was changed.
  function imported(text) {
    let file = null;
    try { file = JSON.parse(text); } catch { /* said below */ }
    const fits = ([key, value]) => MINE.test(key)
      && (key.startsWith("answer ") ? isEntry : isObject)(value);
    if (file?.format !== FORMAT || file.version !== 1 || !isObject(file.kept)
        || !Object.entries(file.kept).every(fits)) {
      throw new Error("This is not a file that was exported here");
    }
    const wanted = Object.entries(file.kept).filter(([key, value]) => {
      const mine = key.startsWith("answer ") ? parsed(key) : null;
      return !(isEntry(mine) && mine.last > value.last);
    });
    const before = wanted.map(([key]) => [key, storage((store) => store.getItem(key))]);
    if (wanted.every(([key, value]) => write(key, value))) return wanted.length;
    for (const [key, value] of before) {
      storage((s) => (value === null ? s.removeItem(key) : s.setItem(key, value)));
    }
    throw new Error("This browser has no room for it");
  }

  const erase = () => keys().forEach((key) => storage((store) => store.removeItem(key)));

  return {
    RESTS, dayOf, later, due, state, promote, count, isEntry,
    works, recall, keep, forget, exported, imported, erase,
  };
})();
