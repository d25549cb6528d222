// Random numbers as `numpy.random.default_rng(entropy)` draws them, the same to the last
// digits: SeedSequence (M. E. O'Neill's seed_seq), PCG64 (XSL-RR 128/64, of the same) and
// the ziggurat of 256 strips (G. Marsaglia and W. W. Tsang, 2000). What is hidden behind a
// seed in Python is so hidden in the page. Should numpy draw otherwise one day, a test says so.
explorables.numpyDraws = (() => {
  "use strict";
  const { exp, log, log1p, sqrt } = Math;
  const WORD = (1n << 64n) - 1n;

  // ---- the seed: whole numbers below 2^32 become eight words of 32 bits

  function hasher(constant, factor) {
    let state = constant;
    return (value) => {
      const mixed = value ^ state;
      state = Math.imul(state, factor);
      const found = Math.imul(mixed, state);
      return (found ^ (found >>> 16)) >>> 0;
    };
  }

  function mix(x, y) {
    const found = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0;
    return (found ^ (found >>> 16)) >>> 0;
  }

  function words(entropy) {
    const stir = hasher(0x43b0d7e5, 0x931e8875);
    const pool = [0, 1, 2, 3].map((i) => stir(entropy[i] ?? 0));
    for (let from = 0; from < 4; from++) {
      for (let to = 0; to < 4; to++) {
        if (to !== from) pool[to] = mix(pool[to], stir(pool[from]));
      }
    }
    const draw = hasher(0x8b51f9dd, 0x58f38ded);
    return Array.from({ length: 8 }, (_, i) => BigInt(draw(pool[i % 4])));
  }

  // ---- the generator: a function that returns the next 64 bits

  function pcg64(entropy) {
    const w = words(entropy);
    const wide = (i) => (w[i + 1] << 96n) | (w[i] << 64n) | (w[i + 3] << 32n) | w[i + 2];
    const [seed, stream] = [wide(0), (wide(4) << 1n) | 1n];
    const step = (state) =>
      BigInt.asUintN(128, state * 0x2360ed051fc65da44385df649fccf645n + stream);
    let state = step(step(0n) + seed);
    return () => {
      state = step(state);
      const folded = (state >> 64n) ^ (state & WORD);
      const turn = state >> 122n;
      return ((folded >> turn) | (folded << (64n - turn))) & WORD;
    };
  }

  // ---- strips of equal area under exp(-x^2/2), and a tail

  const EDGE = 3.6541528853610087963519472518;
  const AREA = 4.92867323397465493e-3;
  const SCALE = 2 ** 52;
  const bell = (x) => exp(-x * x / 2);
  const STRIPS = (() => {
    const [inside, width, height] = [[], [], []];
    let x = EDGE;
    inside[0] = x * bell(x) / AREA * SCALE;
    width[0] = AREA / bell(x) / SCALE;
    height[0] = 1;
    for (let i = 255; i > 0; i--) {
      width[i] = x / SCALE;
      height[i] = bell(x);
      const next = i > 1 ? sqrt(-2 * log(AREA / x + bell(x))) : 0;
      inside[i] = next / x * SCALE;
      x = next;
    }
    return { inside, width, height };
  })();

  function generator(entropy) {
    const next = pcg64(entropy);
    const random = () => Number(next() >> 11n) / 2 ** 53;

    function tail(sign) {
      for (;;) {
        const beyond = -log1p(-random()) / EDGE;
        if (-2 * log1p(-random()) > beyond * beyond) return sign * (EDGE + beyond);
      }
    }

    function normal() {
      for (;;) {
        const bits = next();
        const strip = Number(bits & 0xffn);
        const place = Number((bits >> 9n) & 0xfffffffffffffn);
        const sign = (bits >> 8n) & 1n ? -1 : 1;
        const x = sign * place * STRIPS.width[strip];
        if (place < STRIPS.inside[strip]) return x;
        if (!strip) return tail((place / 256) & 1 ? -1 : 1);
        const { [strip]: low, [strip - 1]: high } = STRIPS.height;
        if (low + (high - low) * random() < bell(x)) return x;
      }
    }

    return {
      random, normal,
      uniform: (low, high) => low + (high - low) * random(),
      // As `permutation` of two: one bit says whether they stay as they are.
      shuffled: ([a, b]) => (next() & 1n ? [a, b] : [b, a]),
    };
  }

  return { generator };
})();
