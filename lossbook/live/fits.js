// @ts-check
// What a loss does to data: the constant, the line and the boundary that it likes best, the best score for each
// probability, steps of gradient descent; and which loss of the book it is, or comes nearest to. Nothing here touches a page.

/**
 * @typedef {import("./analysis.js").Loss} Loss
 * @typedef {[number, number]} Pair
 * A loss of the book: its formula as it is typed, and for each name a usual value and the ends between which it is sought.
 * What its name needs besides stands in `fixed`.
 * @typedef {{ name: string, text: string, fixed: Record<string, string>, settings: Record<string, [number, number, number]> }} Known
 */

/** What is no number is worse than any. @param {number} y */
const worst = (y) => (y === y ? y : Infinity);

/** The lowest point between a and b, where there is one valley. @type {(f: (x: number) => number, a: number, b: number, steps?: number) => number} */
function golden(f, a, b, steps = 70) {
  const part = (Math.sqrt(5) - 1) / 2;
  let x = b - part * (b - a), y = a + part * (b - a), fx = worst(f(x)), fy = worst(f(y));
  for (let i = 0; i < steps && x !== y; i++) {
    if (fx <= fy) [b, y, fy, x] = [y, x, fx, y - part * (y - a)], (fx = worst(f(x)));
    else [a, x, fx, y] = [x, y, fy, x + part * (b - x)], (fy = worst(f(y)));
  }
  const middle = (a + b) / 2;
  return [a, b, middle].reduce((best, one) => (worst(f(one)) < worst(f(best)) ? one : best), fx <= fy ? x : y);
}

/** Nelder and Mead's search from a point. @type {(f: (x: number[]) => number, start: number[], size?: number, steps?: number) => number[]} */
function simplex(f, start, size = 0.5, steps = 120) {
  const n = start.length, at = (/** @type {number[]} */ x) => ({ x, y: worst(f(x)) });
  let all = [at(start), ...start.map((_, i) => at(start.map((v, k) => (k === i ? v + size : v))))];
  for (let step = 0; step < steps; step++) {
    all.sort((a, b) => a.y - b.y);
    const last = all[n], centre = start.map((_, k) => all.slice(0, n).reduce((sum, one) => sum + one.x[k], 0) / n);
    const go = (/** @type {number} */ t) => at(centre.map((c, k) => c + t * (last.x[k] - c)));
    let next = go(-1);
    if (next.y < all[0].y) {
      const further = go(-2);
      if (further.y < next.y) next = further;
    } else if (next.y >= all[n - 1].y) next = go(next.y < last.y ? -0.5 : 0.5);
    if (next.y < last.y) all[n] = next;
    else all = all.map(({ x }, i) => (i ? at(x.map((v, k) => (v + all[0].x[k]) / 2)) : all[0]));
  }
  return all.reduce((best, one) => (one.y < best.y ? one : best)).x;
}

/** Valleys of a function among some places, each at its bottom. @type {(f: (x: number) => number, xs: number[]) => Pair[]} */
function valleys(f, xs) {
  const ys = xs.map((x) => worst(f(x))), found = /** @type {Pair[]} */ ([]);
  xs.forEach((x, i) => {
    if (ys[i] === Infinity || ys[i] > (ys[i - 1] ?? Infinity) || ys[i] >= (ys[i + 1] ?? Infinity)) return;
    // A bottom that is flat counts once.
    const bottom = golden(f, xs[i - 1] ?? x, xs[i + 1] ?? x, 60), best = worst(f(bottom)) < ys[i] ? bottom : x;
    found.push([best, f(best)]);
  });
  return found.sort((a, b) => a[1] - b[1]);
}

// ------------------------------------------------------------------------------------------------------------- data
/**
 * The constant with the least total loss, and how many valleys the total has; null where it falls without end.
 * @type {(f: (r: number) => number, data: number[]) => { at: number, valleys: number } | null}
 */
function bestConstant(f, data) {
  const total = (/** @type {number} */ c) => data.reduce((sum, y) => sum + f(c - y), 0);
  const low = Math.min(...data), high = Math.max(...data), span = high - low || 1;
  const grid = Array.from({ length: 161 }, (_, i) => low - span + (i / 160) * 3 * span), xs = [...new Set([...grid, ...data])].sort((a, b) => a - b);
  const found = valleys(total, xs);
  if (!found.length || [-1e8, -1e4, 1e4, 1e8].some((x) => total(x) < found[0][1] - 1e-9 * Math.abs(found[0][1]) - 1e-12)) return null;
  return { at: found[0][0], valleys: found.filter(([x]) => x > low - 0.9 * span && x < high + 0.9 * span).length };
}

/**
 * The line a + b x with the least total loss, as far as searches from all lines through two points find it.
 * @type {(f: (r: number) => number, points: Pair[]) => Generator<void, Pair | null, void>}
 */
function* bestLine(f, points) {
  const total = (/** @type {number[]} */ [a, b]) => points.reduce((sum, [x, y]) => sum + f(a + b * x - y), 0);
  const starts = points.flatMap(([x1, y1], i) => points.slice(i + 1).flatMap(([x2, y2]) => (Math.abs(x1 - x2) > 1e-9 ? [[y1 - ((y2 - y1) / (x2 - x1)) * x1, (y2 - y1) / (x2 - x1)]] : [])));
  const best = starts.map((line) => ({ line, y: worst(total(line)) })).sort((a, b) => a.y - b.y).slice(0, 4).map(({ line }) => line);
  const ends = [];
  for (const start of best) {
    const first = simplex(total, start, 0.3, 60);
    yield;
    const line = simplex(total, first, 0.02, 60);
    yield;
    ends.push({ line, y: worst(total(line)) });
  }
  const found = ends.sort((a, b) => a.y - b.y)[0];
  const away = [[1e6, 0], [-1e6, 0]].some((line) => total(line) < (found?.y ?? Infinity) - 1);
  return found && Number.isFinite(found.y) && !away && found.line.every((one) => Math.abs(one) < 1e6) ? /** @type {Pair} */ (found.line) : null;
}

const RIDGE = 0.01;
/**
 * The scores w·x + b with the least mean loss of the margins, plus a little of |w|²: without it nothing would end where all are right.
 * @type {(f: (m: number) => number, points: [number, number, number][]) => Generator<void, number[] | null, void>} points with the label −1 or 1
 */
function* bestBoundary(f, points) {
  const total = (/** @type {number[]} */ [u, v, b]) => points.reduce((sum, [x, y, label]) => sum + f(label * (u * x + v * y + b)), 0) / points.length + RIDGE * (u * u + v * v);
  const mean = (/** @type {number} */ k) => points.reduce((sum, point) => sum + point[2] * point[k], 0) / points.length;
  const starts = [1, -1, 0.2].map((s) => [s * mean(0), s * mean(1), 0]);
  const ends = [];
  for (const start of starts) {
    const first = simplex(total, start, 1, 80);
    yield;
    ends.push(simplex(total, first, 0.1, 80));
    yield;
  }
  const found = ends.sort((a, b) => worst(total(a)) - worst(total(b)))[0];
  return Number.isFinite(total(found)) ? found : null;
}

// ---------------------------------------------------------------------------------------------------- probabilities
const SCORES = Array.from({ length: 241 }, (_, i) => Math.sinh((i - 120) / 30));
const CHANCES = [1e-6, 1e-4, 0.001, ...Array.from({ length: 199 }, (_, i) => (i + 1) / 200), 0.999, 0.9999, 1 - 1e-6];
const ETAS = Array.from({ length: 49 }, (_, i) => (i + 1) / 50);

/**
 * The best score for each probability η of the label 1; whether its sign is right and η can be read off.
 * @param {Loss} loss of the margin
 */
function* calibration({ f }) {
  const best = [];
  /** @type {number | undefined} */
  let wrong;
  for (const eta of ETAS) {
    const risk = (/** @type {number} */ score) => eta * f(score) + (1 - eta) * f(-score);
    const found = valleys(risk, SCORES)[0], right = Math.sign(2 * eta - 1);
    const finite = found && Math.abs(found[0]) < SCORES.at(-1) * 0.98;
    best.push({ eta, score: finite ? found[0] : NaN });
    if (right) {
      // What the wrong sign, or none, can do at best; it must be worse than what the right one can.
      const least = (/** @type {boolean} */ good) => [...SCORES, found?.[0] ?? NaN].reduce((low, score) => (score * right > 0 === good && score === score ? Math.min(low, worst(risk(score))) : low), Infinity);
      if (least(false) <= least(true)) wrong ??= eta;
    }
    yield;
  }
  const scores = best.map(({ score }) => score), known = scores.every(Number.isFinite);
  const same = scores.findIndex((score, i) => i > 0 && !(score > scores[i - 1] + 1e-6));
  return { best, wrong, readable: known && same < 0, same: known && same > 0 ? [best[same - 1], best[same]] : null };
}

/**
 * The best probability to say for each true one; whether one says what one believes, and where it decides wrongly.
 * @param {Loss} loss of the probability of the label
 */
function* properness({ f }) {
  const best = [];
  for (const eta of ETAS) {
    const found = valleys((said) => eta * f(said) + (1 - eta) * f(1 - said), CHANCES)[0];
    best.push({ eta, said: found ? found[0] : NaN });
    yield;
  }
  const off = best.reduce((a, b) => (Math.abs(b.said - b.eta) > Math.abs(a.said - a.eta) || b.said !== b.said ? b : a));
  const wrong = best.find(({ eta, said }) => !(Math.sign(said - 0.5) === Math.sign(eta - 0.5) || Math.abs(eta - 0.5) < 1e-9))?.eta;
  return { best, off, wrong, readable: best.every(({ eta, said }) => Math.abs(said - eta) < 1e-4) };
}

// ---------------------------------------------------------------------------------------------------------- descent
/** @type {(loss: Loss, start: number, rate: number, steps?: number) => number[]} */
function descent(loss, start, rate, steps = 30) {
  const path = [start];
  for (let x = start; path.length <= steps; path.push(x)) {
    x -= rate * loss.slopes(x).slope;
    if (!(Math.abs(x) < 1e12) || x <= loss.low || x >= loss.high) break;
  }
  return path;
}

// ------------------------------------------------------------------------------------------------------------- book
const POINTS = { r: [0, ...Array.from({ length: 40 }, (_, i) => Math.sinh((i - 19.7) / 8))], p: Array.from({ length: 41 }, (_, i) => (i + 0.7) / 42) };

/**
 * The loss of the book that is this one, or comes nearest: how it must be stretched and shifted, and how far off it stays.
 * @param {Loss} loss
 * @param {Known[]} book
 * @param {(text: string) => (settings: Record<string, number>) => Loss} reading
 */
function* nearest(loss, book, reading) {
  const points = (loss.letter === "p" ? POINTS.p : POINTS.r).filter((x) => Number.isFinite(loss.f(x)));
  const ys = points.map(loss.f), mean = ys.reduce((a, b) => a + b, 0) / ys.length, spread = Math.hypot(...ys.map((y) => y - mean));
  if (points.length < 10 || !(spread > 0) || spread === Infinity) return null;
  /** Factor and shift with which a loss comes nearest, and what is left. @type {(f: (x: number) => number) => { factor: number, shift: number, off: number }} */
  const compare = (f) => {
    const zs = points.map(f), centre = zs.reduce((a, b) => a + b, 0) / zs.length;
    const both = zs.reduce((sum, z, i) => sum + (z - centre) * (ys[i] - mean), 0), own = zs.reduce((sum, z) => sum + (z - centre) ** 2, 0), factor = both / own;
    if (!(factor > 0) || !Number.isFinite(factor)) return { factor: NaN, shift: NaN, off: Infinity };
    const shift = mean - factor * centre;
    return { factor, shift, off: Math.hypot(...zs.map((z, i) => factor * z + shift - ys[i])) / spread };
  };
  // Far out and close to 0 the same stretch must hold, if it is the same loss.
  const far = loss.letter === "p" ? [1e-6, 1 - 1e-6] : [-1e3, -40, -0.01, 0.01, 40, 1e3];
  /** @type {(f: (x: number) => number, fit: { factor: number, shift: number, off: number }) => boolean} */
  const holds = (f, { factor, shift, off }) => off < 1e-8 && far.every((x) => {
    const [y, z] = [loss.f(x), factor * f(x)];
    return !Number.isFinite(y) || !Number.isFinite(z) || Math.abs(z + shift - y) <= 1e-7 * (Math.abs(y) + Math.abs(z)) + 1e-12 * spread;
  });
  const unstretched = (/** @type {{ factor: number, shift: number }} */ { factor, shift }) => ({
    plain: Math.abs(factor - 1) < 1e-8, level: Math.abs(shift) < 1e-8 * (1 + spread),
  });
  let best = null;
  for (const known of book) {
    const make = reading(known.text), names = Object.keys(known.settings), ends = names.map((name) => known.settings[name]);
    const scale = ([, low, high]) => (low > 0 && high / low > 20 ? [(/** @type {number} */ t) => low * (high / low) ** t] : [(/** @type {number} */ t) => low + t * (high - low)])[0];
    const scales = ends.map(scale), settings = (/** @type {number[]} */ ts) => Object.fromEntries(names.map((name, i) => [name, scales[i](Math.min(1, Math.max(0, ts[i])))]));
    const first = make(Object.fromEntries(names.map((name, i) => [name, ends[i][0]])));
    if (first.letter !== loss.letter) continue;
    let found = { ...compare(first.f), settings: Object.fromEntries(names.map((name, i) => [name, ends[i][0]])) };
    const off = (/** @type {number[]} */ ts) => compare(make(settings(ts)).f).off;
    yield;
    if (names.length && found.off > 1e-10) {
      const n = names.length === 1 ? 25 : 7, starts = /** @type {number[][]} */ ([]);
      for (let i = 0; i < n ** names.length; i++) starts.push(names.map((_, k) => (Math.floor(i / n ** k) % n + 0.5) / n));
      const tried = [];
      for (const ts of starts) {
        tried.push({ ts, off: off(ts) });
        yield;
      }
      let { ts } = tried.reduce((a, b) => (b.off < a.off ? b : a));
      // One step at a time, so that a page can pause between.
      let step = 1 / n, low = off(ts);
      for (let round = 0; round < 400 && step > 1e-14; round++) {
        const tries = names.flatMap((_, k) => [-step, step].map((d) => ts.map((t, j) => (j === k ? t + d : t))));
        const better = tries.map((one) => ({ one, off: off(one) })).reduce((a, b) => (b.off < a.off ? b : a));
        if (better.off < low) [ts, low] = [better.one, better.off];
        else step /= 2;
        yield;
      }
      const fitted = settings(ts);
      if (low < found.off) found = { ...compare(make(fitted).f), settings: fitted };
    }
    const equal = holds(make(found.settings).f, found), one = { ...found, name: known.name, fixed: known.fixed, equal, ...unstretched(found), points: points.length };
    if (equal && one.plain && one.level) return one;
    if (!best || (equal && !best.equal) || (!best.equal && one.off < best.off)) best = one;
  }
  return best;
}

export { bestBoundary, bestConstant, bestLine, calibration, descent, golden, nearest, properness };
