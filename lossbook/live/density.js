// @ts-check
// Whose noise a loss is: exp(−ℓ) as a density, with its integral, mean and tails, or why there is none.

import { careful, minimum, power10 } from "./analysis.js";
import { add, attempt, from, minus, near, times } from "./exact.js";

/**
 * @typedef {import("./analysis.js").Loss} Loss
 * @typedef {import("./analysis.js").Place} Place
 * @typedef {import("./exact.js").Big} Big
 */

// Nodes and weights of Gauss's rule with eight points, for the right half.
const GAUSS = [
  [0.1834346424956498, 0.362683783378362], [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745], [0.9602898564975363, 0.1012285362903763],
];

/** How exp(−ℓ) goes on: the power of 1/distance with which it falls, per factor ten. @type {(values: (Big | null)[]) => (number | null)[]} */
const powers = (values) => values.slice(1).map((y, i) => {
  const before = values[i], step = y && before && attempt(() => add(y, minus(before)));
  if (!y || !before) return null;
  return step ? Math.max(-1e300, Math.min(1e300, near(step))) / Math.LN10 : 0;
});

/** Whether a tail that falls like 1/x^c has a finite integral of x^moment. @type {(list: (number | null)[], moment?: number) => boolean | null} */
function summable(list, moment = 0) {
  const end = list.indexOf(null), known = /** @type {number[]} */ (end < 0 ? list : list.slice(0, end)), last = known.slice(-6).map((c) => c - moment - 1);
  if (last.length < 3) return null;
  // The power 1 itself, or ever nearer to it: the integral is a logarithm.
  if (last.every((c, i) => Math.abs(c) < 1e-13 || (i > 0 && Math.abs(c) <= 0.5 * Math.abs(last[i - 1]) && Math.abs(c) < 1e-3) || (i === 0 && Math.abs(c) < 1e-3))) return false;
  if (last.every((c, i) => c > 1e-3 && (!i || c >= 0.99 * last[i - 1]))) return true;
  if (last.every((c) => c < -1e-3)) return false;
  return null;
}

/**
 * exp(−ℓ) as the density of a residual: its integral, mean and tails, or why there is none.
 * @param {Loss} loss
 * @param {Place[]} special places where it has corners, poles or ends
 */
function* density(loss, special) {
  if (loss.letter !== "r") return { kind: /** @type {const} */ ("not of a residual") };
  const tails = [];
  for (const side of [-1, 1]) {
    const values = [];
    for (let k = 1; k <= 20; k++) {
      values.push(loss.exact(times(from(side), power10(k))));
      yield;
    }
    // Beyond the end of a domain there is nothing.
    const none = values.every((y) => y === null) && [10, 1e3, 1e5].every((x) => !Number.isFinite(loss.f(side * x)) && loss.f(side * x) !== Infinity);
    tails.push({ none, powers: powers(values) });
  }
  const whole = tails.map(({ none, powers: list }) => none || summable(list));
  const local = [];
  for (const { at, kind } of special) {
    if (kind !== "pole" && kind !== "edge") continue;
    for (const side of [-1, 1]) {
      // Towards a point the distance shrinks: the integral is finite where exp(−ℓ) grows more slowly than 1/distance.
      const values = [];
      for (let k = 1; k <= 16; k++) {
        values.push(loss.exact(add(from(at), times(from(side), power10(-k)))));
        yield;
      }
      const list = powers(values).map((c) => (c === null ? null : 2 + c));
      local.push(values.every((y) => y === null) || list.every((c) => c !== null && c >= 2) ? true : summable(list));
    }
  }
  const where = whole[0] === false ? "far to the left" : whole[1] === false ? "far to the right" : local.includes(false) ? "close to a point" : "";
  if (where) return { kind: /** @type {const} */ ("none"), where };
  if ([...whole, ...local].includes(null)) return { kind: /** @type {const} */ ("undecided") };
  const cuts = [...new Set([...special.map(({ at }) => at), 0])].sort((a, b) => a - b), lowest = yield* minimum(loss);
  const floor = Number.isFinite(lowest.value) ? lowest.value : 0;
  const g = (/** @type {number} */ x) => {
    const y = careful(loss, x);
    return y === y ? Math.exp(floor - y) : 0;
  };
  const edges = cuts.flatMap((cut) => Array.from({ length: 49 }, (_, i) => 10 ** (i / 2 - 9)).flatMap((h) => [cut - h, cut + h]).concat(cut));
  for (let k = -60; k <= 60; k++) edges.push(k / 4);
  const grid = [...new Set(edges)].sort((a, b) => a - b), sums = /** @type {number[][]} */ ([]);
  for (let i = 1; i < grid.length; i++) {
    const [a, b] = [grid[i - 1], grid[i]], h = (b - a) / 2, sum = [a, b, 0, 0, 0];
    if (!(h > 0)) continue;
    for (const [node, weight] of GAUSS) {
      for (const x of [(a + b) / 2 - node * h, (a + b) / 2 + node * h]) {
        const w = weight * h * g(x);
        if (w) (sum[2] += w), (sum[3] += w * x), (sum[4] += w * x * x);
      }
    }
    sums.push(sum);
    yield;
  }
  // Beyond the last point a tail goes on as a power.
  const [first, last] = [grid[0], grid.at(-1)];
  const rest = (/** @type {number} */ moment) => tails.reduce((all, { powers: list }, i) => {
    const x = i ? last : first, c = list.filter((one) => one !== null).at(-1) ?? 0;
    return c > moment + 1 && c < 40 ? all + (g(x) * x ** moment * Math.abs(x)) / (c - moment - 1) : all;
  }, 0);
  const total = (/** @type {number} */ k) => sums.reduce((all, sum) => all + sum[k], rest(k - 2)), mass = total(2);
  if (!(mass > 0 && mass < Infinity)) return { kind: /** @type {const} */ ("undecided") };
  const finite = (/** @type {number} */ moment) => tails.every(({ none, powers: list }) => none || summable(list, moment) === true);
  const never = (/** @type {number} */ moment) => tails.some(({ none, powers: list }) => !none && summable(list, moment) === false);
  const mean = finite(1) ? total(3) / mass : NaN;
  return {
    kind: /** @type {const} */ ("density"), mass: mass * Math.exp(-floor), shift: Math.log(mass) - floor, mean, noMean: never(1),
    deviation: finite(2) ? Math.sqrt(Math.max(0, total(4) / mass - mean * mean)) : NaN, noDeviation: never(2),
    beyond: sums.reduce((all, [a, b, w]) => (Math.abs((a + b) / 2) > 5 ? all + w : all), rest(0)) / mass,
    tails: tails.map(({ powers: list }) => list.filter((c) => c !== null).at(-1) ?? Infinity),
    at: (/** @type {number} */ x) => g(x) / mass,
  };
}

export { density };
