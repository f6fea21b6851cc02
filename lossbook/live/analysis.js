// @ts-check
// What can be said of a loss that a person typed: where it is convex, how its pull grows, where it has corners. Floating
// point looks for what may be so; what is said of a point is then computed to a hundred digits (exact.js). Nothing here
// touches a page. Work that takes long is a generator, which pauses after each piece.

import { COMPUTE, jet, parse } from "./formula.js";
import { add, attempt, compare, exact, from, magnitude, minus, near, over, sign, times } from "./exact.js";

/**
 * @typedef {import("./formula.js").Tree} Tree
 * @typedef {import("./exact.js").Big} Big
 * @typedef {"r" | "m" | "p"} Letter a residual, a margin, or the probability of the label
 * @typedef {{ message: string, at: number, to: number }} Fault
 * @typedef {{ text: string, tree: Tree, letter: Letter, names: string[] }} Typed
 * @typedef {{ letter: Letter, tree: Tree, f: (x: number) => number, slopes: (x: number, side?: number) => { value: number, slope: number, bend: number },
 *   exact: (x: Big) => Big | null, low: number, high: number }} Loss
 * A point that proves what is said.
 * @typedef {{ a: number, b: number, middle: number, chord: number, value: number }} Chord
 * @typedef {"grows" | "bounded" | "fades" | null} Trend
 * @typedef {{ at: number, kind: "kink" | "jump" | "pole" | "edge" | "steep", left: number | null, right: number | null }} Place
 */

// ---------------------------------------------------------------------------------------------------------- reading
/** @type {Letter[]} */
const LETTERS = ["r", "m", "p"];
const MOST_NAMES = 2;
const UNKNOWN = /^“(.+)” is not known here/;

/**
 * Reads a loss: a formula of r, m or p, in which up to two other names stand for numbers that the reader moves.
 * @param {string} text
 * @returns {Typed | Fault}
 */
function read(text) {
  const names = /** @type {string[]} */ ([]);
  for (;;) {
    const tree = parse(text, [...LETTERS, ...names]);
    if ("op" in tree) return of(text, tree, names);
    const name = UNKNOWN.exec(tree.message)?.[1];
    // What stands before a bracket, or has no letter, is a function that is not known.
    if (!name || !/^\p{L}[\p{L}\p{M}0-9_₀-₉]*$/u.test(name) || name.length > 12 || /^\s*\(/.test(text.slice(tree.to))) return tree;
    if (names.length === MOST_NAMES) return { ...tree, message: `“${name}” would be a third name: a formula may have two besides its letter.` };
    names.push(name);
  }
}

/** @type {(text: string, tree: Tree, names: string[]) => Typed | Fault} */
function of(text, tree, names) {
  const used = /** @type {Set<string>} */ (new Set());
  walk(tree, (part) => part.op === "symbol" && used.add(part.name));
  const letters = LETTERS.filter((letter) => used.has(letter)), whole = { at: 0, to: text.length };
  if (!letters.length) return { message: "Nothing varies here: write r for a residual, m for a margin or p for a probability.", ...whole };
  if (letters.length > 1) return { message: `A loss has one letter: this has ${letters.join(" and ")}.`, ...whole };
  return { text, tree, letter: letters[0], names };
}

/** @type {(tree: Tree, see: (part: Tree) => void) => void} */
function walk(tree, see) {
  see(tree);
  for (const arg of tree.args) walk(arg, see);
}

/** The formula as nested functions, which are several times faster than walking the tree. @param {Tree} tree @returns {(point: Record<string, number>) => number} */
function compiled({ op, args, name, value }) {
  if (value !== undefined) return () => value;
  if (op === "symbol") return (point) => point[name];
  const compute = COMPUTE[op], parts = args.map(compiled), [a, b] = parts;
  if (parts.length > 2) return (point) => compute(...parts.map((part) => part(point)));
  return !a ? () => compute() : b ? (point) => compute(a(point), b(point)) : (point) => compute(a(point));
}

/**
 * A loss whose names have values.
 * @param {Typed} typed
 * @param {Record<string, number>} settings
 * @returns {Loss}
 */
function lossOf({ tree, letter }, settings) {
  const point = { ...settings, [letter]: 0 }, bigs = Object.fromEntries(Object.entries(settings).map(([name, x]) => [name, from(x)]));
  const chance = letter === "p", compute = compiled(tree);
  return {
    letter, tree, low: chance ? 0 : -Infinity, high: chance ? 1 : Infinity,
    f: (x) => {
      point[letter] = x;
      return compute(point);
    },
    slopes: (x, side = 1) => {
      point[letter] = x;
      return jet(tree, point, letter, side);
    },
    exact: (x) => exact(tree, { ...bigs, [letter]: x }),
  };
}

/** @type {Map<string, (settings: Record<string, number>) => Loss>} */
const memory = new Map();
/** What makes a loss of settings, for a formula of the book, which is read once. @param {string} text */
function remembered(text) {
  const typed = memory.get(text) ?? read(text);
  if (typeof typed === "function") return typed;
  const make = (/** @type {Record<string, number>} */ settings) => lossOf(/** @type {Typed} */ (typed), settings);
  memory.set(text, make);
  return make;
}

// --------------------------------------------------------------------------------------------------------- sampling
const HALF = from(0.5);
const power2 = (/** @type {number} */ k) => ({ m: 1n, e: BigInt(k), known: Infinity });
const power10 = (/** @type {number} */ k) => (k < 0 ? over(from(1), power10(-k)) : { m: 10n ** BigInt(k), e: 0n, known: Infinity });

/** Where a loss is looked at, from the left to the right: evenly, and over many scales. @param {Loss} loss */
function places({ letter }) {
  const found = new Set([0]);
  if (letter === "p") {
    found.clear();
    for (let k = 1; k < 50; k++) found.add(k / 50);
    for (let k = 2; k <= 40; k++) found.add(2 ** -k).add(1 - 2 ** -k);
  } else {
    for (let k = -24; k <= 24; k++) for (const side of [-1, 1]) found.add(side * Number((10 ** (k / 2)).toPrecision(3)));
    for (let k = -40; k <= 40; k++) found.add(k / 4);
  }
  return [...found].sort((a, b) => a - b);
}

/** The value to a hundred digits, as a number. @type {(loss: Loss, x: number) => number} */
const truth = (loss, x) => {
  const y = loss.exact(from(x));
  return y ? near(y) : NaN;
};
/** The value, and where rounding leaves none, the one that digits enough would give. @type {(loss: Loss, x: number) => number} */
const careful = (loss, x) => {
  const y = loss.f(x);
  return Number.isFinite(y) ? y : truth(loss, x);
};

/** The slope between two points close to x. @type {(loss: Loss, x: Big, step: Big) => Generator<void, Big | null, void>} */
function* slopeAt(loss, x, step) {
  const left = loss.exact(add(x, minus(step)));
  yield;
  const right = loss.exact(add(x, step));
  yield;
  if (!left || !right) return null;
  const found = attempt(() => over(add(right, minus(left)), add(step, step)));
  // Two values that are the same in all their digits: what slope they may have is as nothing.
  const none = Math.min(left.known, right.known) >= 300 && magnitude(left) - magnitude(step) - 90 < -30;
  return found ?? (none ? from(0) : null);
}

// -------------------------------------------------------------------------------------------------------- convexity
/**
 * Looks for a chord that the loss rises above; each that is found is checked to a hundred digits.
 * @param {Loss} loss
 * @returns {Generator<void, { convex: "no" | "none found" | "undecided", chord?: Chord, chords: number }, void>}
 */
function* convexity(loss) {
  const nice = loss.letter === "p" ? [0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9] : [-4, -3, -2, -1, 0, 1, 2, 3, 4];
  let chords = 0, trials = 0;
  /** @type {(a: number, b: number) => Generator<void, Chord | undefined, void>} */
  const test = function* (a, b) {
    const middle = (a + b) / 2, ends = [loss.f(a), loss.f(b)], chord = (ends[0] + ends[1]) / 2, y = loss.f(middle);
    if (![y, chord].every(Number.isFinite)) return;
    chords++;
    if (!(y > chord + 1e-12 * (Math.abs(ends[0]) + Math.abs(ends[1]))) || ++trials > 60) return;
    const exactly = [];
    for (const x of [from(a), from(b), times(HALF, add(from(a), from(b)))]) {
      exactly.push(loss.exact(x));
      yield;
    }
    const [low, high, at] = exactly;
    if (low && high && at && attempt(() => compare(add(at, at), add(low, high))) === 1) return { a, b, middle, chord, value: y };
  };
  for (const xs of [nice, places(loss)]) {
    for (const reach of [4, 3, 2, 1, 5, 8, 13]) {
      for (let i = 0; i + reach < xs.length; i++) {
        const chord = yield* test(xs[i], xs[i + reach]);
        if (chord) return { convex: "no", chord, chords };
        if (i % 8 === 7) yield;
      }
    }
  }
  return { convex: chords ? "none found" : "undecided", chords };
}

// ------------------------------------------------------------------------------------------------------------- pull
/**
 * How numbers go on that belong to 10, 100, 1000 …, as far as the last six tell.
 * @param {(Big | null)[]} numbers
 * @returns {{ trend: Trend, until: number, last: Big | null }} until which power of ten they were known
 */
function trendOf(numbers) {
  const end = numbers.indexOf(null), known = /** @type {Big[]} */ (end < 0 ? numbers : numbers.slice(0, end));
  const last = known.slice(-7), until = known.length, answer = (/** @type {Trend} */ trend) => ({ trend, until, last: last.at(-1) ?? null });
  if (last.length < 3) return answer(null);
  const sizes = last.map(magnitude);
  const steps = last.slice(1).map((x, i) => {
    const step = attempt(() => add(x, minus(last[i])));
    return step ? magnitude(step) : -Infinity; // no digit of a difference is known: it is far below both
  });
  const each = (/** @type {number[]} */ list, /** @type {(before: number, after: number) => boolean} */ holds) =>
    list.slice(1).every((after, i) => (after === -Infinity && list[i] === -Infinity ? holds(0, -1) : holds(list[i], after)));
  if (each(sizes, (before, after) => after <= before - 0.3)) return answer("fades");
  if (steps.every((step) => step === -Infinity) || each(steps, (before, after) => after <= before - 0.3)) return answer("bounded");
  if (sizes.every((after, i) => !i || after > sizes[i - 1]) && steps.slice(1).every((after, i) => after >= steps[i] - 0.03)) return answer("grows");
  return answer(null);
}

/** Points on the way to an end of the axis, and steps that are small there. @type {(loss: Loss, side: number) => [Big, Big][]} */
function wayOut(loss, side) {
  return Array.from({ length: 20 }, (_, i) => {
    if (loss.letter !== "p") {
      const x = times(from(side), power10(i + 1));
      return [x, times(power10(i + 1), power2(-120))];
    }
    const gap = power10(-i - 1);
    return [side < 0 ? gap : add(from(1), minus(gap)), times(gap, power2(-120))];
  });
}

/**
 * How the slope goes on towards both ends of the axis, and the steepest that was seen between.
 * @param {Loss} loss
 */
function* pull(loss) {
  const ends = [];
  for (const side of [-1, 1]) {
    const slopes = [];
    for (const [x, step] of wayOut(loss, side)) {
      slopes.push(yield* slopeAt(loss, x, step));
    }
    const { trend, until, last } = trendOf(slopes);
    ends.push({ trend, until, slope: last ? near(last) : NaN });
  }
  let steepest = { at: NaN, slope: 0 }, looked = 0;
  for (const x of places(loss)) {
    const slope = Math.abs(loss.slopes(x).slope);
    if (!Number.isFinite(slope)) continue;
    if (slope > steepest.slope) steepest = { at: x, slope };
    if (++looked % 16 === 0) yield;
  }
  return { left: ends[0], right: ends[1], steepest, looked };
}

// ---------------------------------------------------------------------------------------------------------- corners
/** What changes its sign where a formula may have a corner, a jump or an edge. @param {Tree} tree @returns {Tree[]} */
function switches(tree) {
  /** @type {Tree[]} */
  const found = [];
  /** @type {(a: Tree, b: Tree) => number} */
  const gap = (a, b) => found.push({ op: "-", args: [a, b], at: 0, to: 0 });
  walk(tree, ({ op, args }) => {
    if (/^(abs|relu|sign|sqrt|log|log2|log10)$/.test(op)) found.push(args[0]);
    if (op === "log1p") gap(args[0], number(-1));
    if (op === "tan") found.push({ op: "cos", args, at: 0, to: 0 });
    if (op === "/") found.push(args[1]);
    if (op === "**" && !(args[1].value >= 0 && args[1].value % 1 === 0)) found.push(args[0]);
    if (/^[<>=!]=?$/.test(op)) gap(args[0], args[1]);
    if (op === "max" || op === "min") args.forEach((a, i) => args.slice(i + 1).forEach((b) => gap(a, b)));
  });
  return found;
}
const number = (/** @type {number} */ x) => ({ op: "number", args: [], at: 0, to: 0, value: x });

const MOST_PLACES = 24;
/**
 * Where a formula has a corner, a jump, a pole or an end, each told by its slopes on both sides to a hundred digits.
 * @param {Loss} loss
 * @param {Record<string, number>} settings
 * @returns {Generator<void, { smooth: boolean, places: Place[], looked: number }, void>}
 */
function* corners(loss, settings) {
  const parts = switches(loss.tree), xs = places(loss), roots = /** @type {Set<number>} */ (new Set());
  for (const part of parts) {
    const point = { ...settings }, compute = compiled(part);
    const g = (/** @type {number} */ x) => ((point[loss.letter] = x), compute(point));
    let before = NaN, sign0 = NaN;
    for (const x of xs) {
      const s = Math.sign(g(x));
      if (s === 0) roots.add(x);
      else if (s === -sign0) roots.add(bisect(g, before, x));
      [before, sign0] = [x, s];
    }
    yield;
    if (roots.size > MOST_PLACES) break;
  }
  /** @type {Place[]} */
  const found = [];
  for (const at of [...roots].sort((a, b) => Math.abs(a) - Math.abs(b)).slice(0, MOST_PLACES)) {
    const place = yield* describe(loss, at);
    if (place) found.push(place);
  }
  found.sort((a, b) => a.at - b.at);
  return { smooth: !parts.length, places: found, looked: roots.size };
}

/** @type {(g: (x: number) => number, a: number, b: number) => number} */
function bisect(g, a, b) {
  const side = Math.sign(g(a));
  for (let i = 0; i < 200; i++) {
    const middle = (a + b) / 2, s = Math.sign(g(middle));
    if (s === 0) return middle;
    if (middle === a || middle === b) break;
    if (s === side) a = middle;
    else b = middle;
  }
  return Math.abs(g(a)) < Math.abs(g(b)) ? a : b;
}

/** What a loss does at a place, from how it goes on when one comes closer. @type {(loss: Loss, at: number) => Generator<void, Place | null, void>} */
function* describe(loss, at) {
  const centre = from(at), scale = Math.max(-40, Math.log2(Math.abs(at) || 1));
  // Two distances, of which the second is 2^20 times closer; both far above the error of a place that was bisected.
  const looks = [-20, -40].map((k) => power2(k + Math.round(scale)));
  const sides = [];
  for (const s of [-1, 1]) {
    const pair = [];
    for (const h of looks) {
      const x = add(centre, times(from(s), h)), y = loss.exact(x), slope = yield* slopeAt(loss, x, times(h, power2(-120)));
      pair.push(y && slope && { y: near(y), slope: near(slope) });
    }
    sides.push(pair);
  }
  const [left, right] = sides, [l, r] = [left[1], right[1]];
  if (!l && !r) return null;
  const slope = (/** @type {typeof l} */ one) => (one ? one.slope : null);
  const place = (/** @type {Place["kind"]} */ kind, /** @type {number | null} */ a = slope(l), /** @type {number | null} */ b = slope(r)) => ({ at, kind, left: a, right: b });
  /** Whether a number grows without bound as one comes closer. @type {(pair: typeof left, what: "y" | "slope") => boolean} */
  const grows = (pair, what) => Boolean(pair[0] && pair[1]) && Math.abs(pair[1][what]) > 1.2 * Math.abs(pair[0][what]) && Math.abs(pair[1][what]) > 1;
  if (grows(left, "y") || grows(right, "y")) return place("pole", l && l.y, r && r.y);
  if (!l || !r) return place("edge");
  const gap = [0, 1].map((i) => (left[i] && right[i] ? Math.abs(left[i].y - right[i].y) : 0));
  if (gap[1] > 0.5 * gap[0] && gap[1] > 1e-12 * (Math.abs(l.y) + Math.abs(r.y))) return place("jump", l.y, r.y);
  if (grows(left, "slope") || grows(right, "slope")) return place("steep");
  const turn = [0, 1].map((i) => (left[i] && right[i] ? Math.abs(left[i].slope - right[i].slope) : 0));
  if (turn[1] > 0.5 * turn[0] && turn[1] > 1e-6 * (Math.abs(l.slope) + Math.abs(r.slope))) return place("kink");
  return null;
}

// ---------------------------------------------------------------------------------------------------------- minimum
/**
 * The lowest value seen and how many valleys; or where the loss falls without end.
 * @param {Loss} loss
 * @returns {Generator<void, { falls: "left" | "right" | "inside" | null, at: number, value: number, valleys: number, flat: boolean, looked: number, end: "left" | "right" | null }, void>}
 */
function* minimum(loss) {
  const xs = places(loss), ys = /** @type {number[]} */ ([]);
  for (const x of xs) {
    const y = loss.f(x), fine = Number.isFinite(y);
    ys.push(fine ? y : truth(loss, x));
    if (!fine || ys.length % 8 === 0) yield;
  }
  let at = -1, looked = 0, valleys = 0;
  ys.forEach((y, i) => {
    if (!(y < Infinity) || y === -Infinity) return;
    looked++;
    if (at < 0 || y < ys[at]) at = i;
    if (y < (ys[i - 1] ?? NaN) && y < (ys[i + 1] ?? NaN)) valleys++;
  });
  // What rounding makes equal may differ.
  const equal = xs.filter((_, i) => ys[i] === ys[at]);
  let best = equal.includes(0) ? 0 : equal[0], flat = false, lowest = equal.length > 1 ? loss.exact(from(best)) : null;
  for (const x of equal.length > 1 ? equal : []) {
    const one = loss.exact(from(x)), order = one && lowest && attempt(() => compare(one, lowest));
    yield;
    if (x !== best && order === 0) flat = true;
    if (order === -1) [best, lowest, flat] = [x, one, false];
  }
  /** @type {"left" | "right" | "inside" | null} */
  let falls = null;
  for (const [side, name] of /** @type {[number, "left" | "right"][]} */ ([[-1, "left"], [1, "right"]])) {
    const values = [];
    for (const [x] of wayOut(loss, side)) {
      values.push(loss.exact(x));
      yield;
    }
    const { trend, last } = trendOf(values);
    if (trend === "grows" && last && sign(last) < 0) falls = name;
  }
  const end = best === xs[0] ? "left" : best === xs.at(-1) ? "right" : null;
  return { falls, at: best ?? NaN, value: ys[at] ?? NaN, valleys, flat, looked, end: flat ? null : end };
}

/**
 * All verdicts.
 * @param {Loss} loss
 * @param {Record<string, number>} settings
 */
function* verdicts(loss, settings) {
  const shape = yield* convexity(loss), slopes = yield* pull(loss), sharp = yield* corners(loss, settings), lowest = yield* minimum(loss);
  const pole = sharp.places.find(({ kind, left, right }) => kind === "pole" && [left, right].some((y) => y !== null && y < 0));
  if (pole && !lowest.falls) lowest.falls = "inside";
  return { shape, slopes, sharp, lowest };
}

/** Runs a generator to its end. @template T @param {Generator<void, T, void>} work @returns {T} */
function finish(work) {
  for (;;) {
    const { done, value: result } = work.next();
    if (done) return /** @type {T} */ (result);
  }
}

export { careful, compiled, convexity, corners, finish, lossOf, minimum, places, power10, pull, read, remembered, verdicts };
