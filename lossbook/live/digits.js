// @ts-check
// Where a formula overflows, underflows or loses its digits when every operation is rounded, and how it is written better.
// The truth beside it is the same formula at the same number, to a hundred digits (exact.js).

import { float16, toPython, value } from "./formula.js";
import { add, attempt, exact, from, minus, near, over } from "./exact.js";

/**
 * @typedef {import("./formula.js").Tree} Tree
 * @typedef {import("./analysis.js").Letter} Letter
 * @typedef {"right" | "loses" | "nothing" | "overflows" | "underflows" | "too large" | "too small" | "unknown" | "no number"} State
 * @typedef {{ exponent: number, side: number, x: number, state: State, digits: number, value: number, truth: number }} Cell
 */

/** The formats: how they round, decimal digits, the largest number and the smallest with all its digits. */
const FORMATS = {
  float64: { round: (/** @type {number} */ x) => x, digits: 15.95, largest: Number.MAX_VALUE, smallest: 2 ** -1022, least: 2 ** -1074 },
  float32: { round: Math.fround, digits: 7.22, largest: 2 ** 128 - 2 ** 104, smallest: 2 ** -126, least: 2 ** -149 },
  float16: { round: float16, digits: 3.31, largest: 65504, smallest: 2 ** -14, least: 2 ** -24 },
};
/** @typedef {keyof typeof FORMATS} Format */
// Fewer digits than these may be lost before anything is said.
const SPARE = 1.3;

/**
 * What one format makes of the formula at one number.
 * @type {(tree: Tree, letter: Letter, settings: Record<string, number>, format: Format, wanted: number) => { x: number, state: State, digits: number, value: number, truth: number }}
 */
function look(tree, letter, settings, format, wanted) {
  const { round, digits, largest, smallest, least } = FORMATS[format], x = round(wanted);
  const say = (/** @type {State} */ state, right = NaN, y = NaN, truth = NaN) => ({ x, state, digits: right, value: y, truth });
  if (!Number.isFinite(x) || (x === 0 && wanted !== 0) || (letter === "p" && (x <= 0 || x >= 1))) return say("no number");
  const point = Object.fromEntries(Object.entries(settings).map(([name, number]) => [name, round(number)]));
  if (!Object.values(point).every(Number.isFinite)) return say("no number");
  const bigs = Object.fromEntries(Object.entries({ ...point, [letter]: x }).map(([name, number]) => [name, from(number)]));
  const big = exact(tree, bigs), y = value(tree, { ...point, [letter]: x }, round);
  if (!big) return say("unknown", NaN, y);
  const truth = near(big), size = Math.abs(truth);
  if (!Number.isFinite(y)) return say(size > largest ? "too large" : "overflows", 0, y, truth);
  if (big.m === 0n) return say(y === 0 ? "right" : "unknown", digits, y, truth);
  if (size < smallest && Math.abs(y - truth) <= 2 * least) return say("too small", NaN, y, truth);
  if (y === 0) return say("underflows", 0, y, truth);
  // Where they agree in all digits that are known there is no difference.
  const gap = attempt(() => over(add(from(y), minus(big)), big)), off = gap ? Math.abs(near(gap)) : 0, right = Math.min(digits, Math.max(0, -Math.log10(off)));
  return say(right >= digits - SPARE ? "right" : right < 0.5 ? "nothing" : "loses", right, y, truth);
}

const EXPONENTS = Array.from({ length: 81 }, (_, i) => -20 + i / 2);
/**
 * One strip for each format, over residuals or margins from 1e-20 to 1e20 of both signs, or over p and 1 − p.
 * @param {Tree} tree
 * @param {Letter} letter
 * @param {Record<string, number>} settings
 * @returns {Generator<void, Record<Format, Cell[]>, void>}
 */
function* strips(tree, letter, settings) {
  const found = /** @type {Record<Format, Cell[]>} */ ({});
  for (const format of /** @type {Format[]} */ (Object.keys(FORMATS))) {
    found[format] = [];
    for (const side of [-1, 1]) {
      for (const exponent of EXPONENTS) {
        if (letter === "p" && exponent >= 0) continue;
        const small = 10 ** exponent, x = letter === "p" ? (side < 0 ? small : 1 - small) : side * small;
        found[format].push({ exponent, side, ...look(tree, letter, settings, format, x) });
        yield;
      }
    }
  }
  return found;
}

/** Runs of cells of one kind, as they are said: which, from where to where. @param {Cell[]} cells */
function runs(cells) {
  const found = /** @type {{ state: State, side: number, from: Cell, to: Cell, digits: number }[]} */ ([]);
  for (const cell of cells) {
    const last = found.at(-1);
    if (last && last.state === cell.state && last.side === cell.side) {
      last.to = cell;
      last.digits = Math.min(last.digits, cell.digits);
    } else found.push({ state: cell.state, side: cell.side, from: cell, to: cell, digits: cell.digits });
  }
  return found;
}

/**
 * The innermost part whose result is wrong though its own arguments are right; null where none is.
 * @type {(tree: Tree, letter: Letter, settings: Record<string, number>, format: Format, x: number) => Tree | null}
 */
function culprit(tree, letter, settings, format, x) {
  let found = /** @type {Tree | null} */ (null);
  const bad = /** @type {Set<Tree>} */ (new Set()), { round } = FORMATS[format];
  const point = Object.fromEntries(Object.entries({ ...settings, [letter]: x }).map(([name, number]) => [name, round(number)]));
  value(tree, point, round, (part) => {
    if (part.args.some((arg) => bad.has(arg))) return void bad.add(part);
    if (!part.args.length || /^[<>=!]=?$|^(and|or|not|where)$/.test(part.op)) return;
    const { state } = look(part, letter === "p" ? "r" : letter, letter === "p" ? { ...settings, p: x } : settings, format, letter === "p" ? 1 : x);
    if (!/^(loses|nothing|overflows|underflows|too large)$/.test(state)) return;
    bad.add(part);
    found ??= part;
  });
  return found;
}

// -------------------------------------------------------------------------------------------------------- rewriting
const leaf = (/** @type {number} */ value) => ({ op: "number", args: /** @type {Tree[]} */ ([]), at: 0, to: 0, value });
/** @type {(op: string, ...args: Tree[]) => Tree} */
const node = (op, ...args) => ({ op, args, at: 0, to: 0 });
/** @type {(a: Tree, b: Tree) => boolean} */
const same = (a, b) => a.op === b.op && a.value === b.value && a.name === b.name && a.args.every((arg, i) => same(arg, b.args[i]));
const isOne = (/** @type {Tree | undefined} */ tree) => tree?.value === 1;
/** What stands beside 1 in a sum or a difference. @param {Tree} tree @returns {Tree | null} */
function besideOne(tree) {
  const [a, b] = tree.args;
  if (tree.op === "+") return isOne(a) ? b : isOne(b) ? a : null;
  return tree.op === "-" && isOne(a) ? negative(b) : null;
}
/** @param {Tree} tree */
const negative = (tree) => (tree.op === "neg" ? tree.args[0] : node("neg", tree));

/**
 * A part that is written in a better way, if the book knows one.
 * @param {Tree} tree
 * @param {boolean} [primitives] whether by the names that the book's SymPy has and the reader of formulas has not
 * @returns {Tree | null}
 */
function better({ op, args: [a, b] }, primitives) {
  if (op === "log") {
    const rest = besideOne(a);
    if (rest?.op === "exp") return node("softplus", rest.args[0]);
    if (rest) return node("log1p", rest);
    if (a.op === "sigmoid") return node("neg", node("softplus", negative(a.args[0])));
    if (a.op === "+" && a.args.every((arg) => arg.op === "exp")) return node("logsumexp", ...a.args.map((arg) => arg.args[0]));
    if (a.op === "exp") return a.args[0];
    if (a.op === "cosh") {
      if (primitives) return node("logcosh", a.args[0]);
      const [u] = a.args, size = node("abs", u), root = node("sinh", node("/", u, leaf(2)));
      const close = node("log1p", node("*", leaf(2), node("**", root, leaf(2))));
      const far = node("+", size, node("-", node("log1p", node("exp", node("*", node("neg", leaf(2)), size))), node("log", leaf(2))));
      return node("where", node("<", size, leaf(1)), close, far);
    }
  }
  if (op === "-" && isOne(a) && b.op === "exp") return node("neg", node("expm1", b.args[0]));
  if (op === "-" && isOne(b) && a.op === "exp") return node("expm1", a.args[0]);
  if (op === "/" && isOne(a) && besideOne(b)?.op === "exp") return node("sigmoid", negative(besideOne(b).args[0]));
  if (op === "-" && isOne(b) && a.op === "sqrt") {
    const u = besideOne(a.args[0]);
    if (u && primitives) return node("pow1pm1", u, node("/", leaf(1), leaf(2)));
    // Where u is large there is nothing to cancel; where its square overflows, neither way helps.
    if (u) return node("where", node("<", u, leaf(1)), node("/", u, node("+", leaf(1), a)), node("-", a, leaf(1)));
  }
  return null;
}

/**
 * The formula with every part that the book can write better, or null where it knows none.
 * @param {Tree} tree
 * @param {boolean} [primitives]
 * @returns {Tree | null}
 */
function rewritten(tree, primitives) {
  const go = (/** @type {Tree} */ part) => {
    const inner = { ...part, args: part.args.map(go) };
    return better(inner, primitives) ?? inner;
  };
  const found = go(tree);
  return same(found, tree) ? null : found;
}

export { EXPONENTS, FORMATS, better, culprit, leaf, look, node, rewritten, runs, same, strips, toPython };
