// @ts-check
// Evaluates a formula that a person typed to a hundred digits and more: the truth that its rounded values are held against.
// A number carries how many of its binary digits are known; what cannot be known to any digit is refused.

/** @typedef {import("./formula.js").Tree} Tree */
/**
 * m · 2^e, of which `known` leading binary digits are right; all of them where it is infinite.
 * @typedef {{ m: bigint, e: bigint, known: number }} Big
 */

// Numbers are kept to DIGITS binary digits, sums of series to FINE.
const DIGITS = 400, FINE = 464n, NONE = "no digit of this is known";
/** @type {() => never} */
const refuse = () => {
  throw NONE;
};
const size = (/** @type {bigint} */ m) => (m < 0n ? -m : m);
/** How many binary digits a positive integer has. @param {bigint} m */
const length = (m) => {
  const text = m.toString(16);
  return text.length * 4 - Math.clz32(parseInt(text[0], 16)) + 28;
};
/** The place above the leading digit. @param {Big} x */
const top = ({ m, e }) => e + BigInt(length(size(m)));
const clamp = (/** @type {bigint} */ n) => Number(n > 100000n ? 100000n : n < -100000n ? -100000n : n);

/** @type {(m: bigint, e: bigint, known?: number) => Big} */
function big(m, e, known = Infinity) {
  if (m === 0n) return known === Infinity ? ZERO : refuse();
  if (known < 2) refuse();
  const spare = length(size(m)) - DIGITS;
  if (spare <= 0) return { m, e, known };
  const shift = BigInt(spare), cut = (m >> shift) << shift !== m;
  return { m: m >> shift, e: e + shift, known: cut ? Math.min(known, DIGITS - 1) : known };
}
const ZERO = { m: 0n, e: 0n, known: Infinity };

/** A number of float64, exactly. @param {number} x */
function from(x) {
  if (!Number.isFinite(x)) refuse();
  let e = 0;
  // 2^k · x is a whole number; the steps are exact.
  while (x % 1) (x *= 2 ** 40), (e -= 40);
  return big(BigInt(x), BigInt(e));
}
const ONE = from(1);

/** The nearest number of float64. @param {Big} x */
function near({ m, e }) {
  if (m === 0n) return 0;
  const spare = BigInt(Math.max(0, length(size(m)) - 64)), lead = Number(m >> spare), at = clamp(e + spare);
  return at < -1000 ? lead * 2 ** Math.max(-1000, at + 1000) * 2 ** -1000 * (at < -2000 ? 0 : 1) : at > 900 ? lead * 2 ** 900 * 2 ** (at - 900) : lead * 2 ** at;
}

/** @type {(a: Big, b: Big) => Big} */
function add(a, b) {
  if (a.m === 0n) return b;
  if (b.m === 0n) return a;
  const [high, low] = a.e >= b.e ? [a, b] : [b, a], gap = top(a) - top(b);
  // One that is too small to be seen beside the other.
  if (gap > 2n * FINE || -gap > 2n * FINE) {
    const large = gap > 0n ? a : b;
    return { ...large, known: Math.min(large.known, DIGITS) };
  }
  const m = (high.m << (high.e - low.e)) + low.m, known = Math.min(a.known, b.known);
  if (known === Infinity) return big(m, low.e);
  if (m === 0n) refuse();
  const at = low.e + BigInt(length(size(m)));
  return big(m, low.e, Math.min(DIGITS, ...[a, b].map((x) => x.known + clamp(at - top(x)) - 1)));
}
/** @type {(a: Big) => Big} */
const minus = (a) => ({ ...a, m: -a.m });
/** @type {(a: Big, b: Big) => Big} */
const times = (a, b) => (a.m && b.m ? big(a.m * b.m, a.e + b.e, Math.min(a.known, b.known) - 1) : ZERO);
/** @type {(a: Big, b: Big) => Big} */
function over(a, b) {
  if (b.m === 0n) refuse();
  if (a.m === 0n) return ZERO;
  const shift = BigInt(DIGITS + Math.max(0, length(size(b.m)) - length(size(a.m))) + 8), m = (a.m << shift) / b.m;
  return big(m, a.e - b.e - shift, m * b.m === a.m << shift ? Math.min(a.known, b.known) - 1 : Math.min(a.known, b.known, DIGITS) - 1);
}
/** −1, 0 or 1. @param {Big} x */
const sign = ({ m }) => (m > 0n ? 1 : m < 0n ? -1 : 0);
/** @type {(a: Big, b: Big) => number} */
const compare = (a, b) => sign(add(a, minus(b)));

// -------------------------------------------------------------------------------------------------------- functions
// Within these an integer n stands for n · 2^−FINE.
const UNIT = 1n << FINE;
/** The sum of terms of which each is made from the one before. @type {(first: bigint, next: (term: bigint, n: bigint) => bigint) => bigint} */
const series = (first, next) => {
  let total = first;
  for (let term = next(first, 1n), n = 2n; term; term = next(term, n++)) total += term;
  return total;
};
/** atanh(1/k), or atan(1/k) where the signs alternate. @type {(k: bigint, alternate: boolean, unit: bigint) => bigint} */
const inverse = (k, alternate, unit) => {
  let total = 0n;
  for (let power = unit / k, n = 1n; power; power = (alternate ? -power : power) / (k * k), n += 2n) total += power / n;
  return total;
};
const WIDE = 1n << (FINE + 256n);
const LN2 = 2n * inverse(3n, false, WIDE), PI = 16n * inverse(5n, true, WIDE) - 4n * inverse(239n, true, WIDE);
/** The whole multiple of a constant that is nearest to x, and what is left of x. @type {(x: Big, unit: bigint) => [bigint, bigint]} */
function reduce(x, unit) {
  if (top(x) > 250n) refuse();
  const shift = x.e + FINE + 256n, fixed = shift < -2n * FINE ? 0n : shift >= 0n ? x.m << shift : x.m >> -shift;
  const times = (2n * fixed + unit) / (2n * unit) - (2n * fixed + unit < 0n ? 1n : 0n);
  return [times, (fixed - times * unit) >> 256n];
}
/** Of what has an error of 2^−FINE or so, beside the error of its argument. @type {(m: bigint, e: bigint, x: Big) => Big} */
const found = (m, e, x) => {
  if (m === 0n) return x.known === Infinity && x.m === 0n ? ZERO : refuse();
  const leading = length(size(m)) - Number(FINE);
  return big(m, e - FINE, Math.min(Number(FINE) - 24 + leading, x.known - clamp(x.m ? top(x) : 0n) + leading - 1));
};

/** @param {Big} x */
function exp(x) {
  if (x.m === 0n) return ONE;
  if (top(x) < -2n * FINE) return { ...add(ONE, x), known: Math.min(x.known, DIGITS) };
  const [k, rest] = reduce(x, LN2), small = rest >> 12n;
  let y = series(UNIT, (term, n) => (term * small) / n >> FINE);
  for (let i = 0; i < 12; i++) y = (y * y) >> FINE;
  return found(y, k, x);
}
/** @param {Big} x */
function log(x) {
  if (x.m <= 0n) refuse();
  // x = 2^k · y with y from ¾ to 3/2: near 1 nothing cancels.
  let k = top(x);
  const lead = near({ ...x, e: x.e - k });
  if (lead < 0.75) k -= 1n;
  const y = { ...x, e: x.e - k }, guess = from(Math.abs(near(y) - 1) < 1e-9 ? 0 : Math.log(near(y)));
  const rest = add(guess.m ? times(y, { ...exp(minus(guess)), known: Infinity }) : y, minus(ONE));
  let total = guess;
  if (rest.m) {
    const terms = Math.ceil(Number(FINE) / Math.max(20, -clamp(top(rest)))) + 1;
    let sum = ZERO;
    const exact = { ...rest, known: Infinity };
    for (let n = terms; n > 0; n--) sum = times(exact, add(over(ONE, from(n)), minus({ ...sum, known: Infinity })));
    total = add({ ...total, known: Infinity }, { ...sum, known: Infinity });
  }
  const whole = k ? big(k * LN2, -FINE - 256n) : ZERO, result = add({ ...whole, known: Infinity }, { ...total, known: Infinity });
  if (result.m === 0n) return x.known === Infinity ? ZERO : refuse();
  const leading = clamp(top(result));
  return { ...result, known: Math.min(DIGITS - 24 + Math.min(0, k || guess.m ? leading : 0), x.known + leading - 1) };
}
/** @param {Big} x */
function sqrt(x) {
  if (x.m < 0n) refuse();
  if (x.m === 0n) return ZERO;
  let shift = BigInt(2 * DIGITS + 16 - length(x.m));
  if ((x.e - shift) % 2n) shift += 1n;
  const m = x.m << shift;
  let root = 1n << BigInt((length(m) + 1) >> 1);
  for (let next = (root + m / root) >> 1n; next < root; next = (root + m / root) >> 1n) root = next;
  return big(root, (x.e - shift) / 2n, root * root === m ? x.known : Math.min(DIGITS, x.known));
}
/** Sine and cosine of the angle that is left. @type {(rest: bigint, turned: boolean) => bigint} */
const wave = (rest, turned) => {
  const square = (rest * rest) >> FINE, odd = turned ? 0n : 1n;
  return series(turned ? UNIT : rest, (term, n) => -((term * square) >> FINE) / ((2n * n - 1n + odd) * (2n * n + odd)));
};
/** @type {(x: Big, quarters: bigint) => Big} */
function sine(x, quarters) {
  if (x.m === 0n && !quarters) return ZERO;
  if (x.m && top(x) < -400n) return quarters ? { ...ONE, known: DIGITS } : { ...x, known: Math.min(x.known, DIGITS) };
  const [k, rest] = reduce(x, PI / 2n), at = (((k + quarters) % 4n) + 4n) % 4n, y = wave(rest, at % 2n === 1n);
  return found(at > 1n ? -y : y, 0n, x);
}
/** @param {Big} x @param {Big} p */
function power(x, p) {
  if (p.m === 0n) return ONE;
  const whole = p.e >= 0n ? p.m << p.e : (p.m >> -p.e) << -p.e === p.m ? p.m >> -p.e : null;
  if (x.m === 0n) return p.m > 0n ? ZERO : refuse();
  if (whole !== null && size(whole) <= 4096n) {
    let result = ONE;
    for (const bit of size(whole).toString(2)) result = bit === "1" ? times(times(result, result), x) : times(result, result);
    return whole < 0n ? over(ONE, result) : result;
  }
  if (x.m > 0n) return exp(times(p, log(x)));
  if (whole === null) refuse();
  const result = power(minus(x), p);
  return whole % 2n ? minus(result) : result;
}

const TWO = from(2), TEN = from(10);
const half = (/** @type {Big} */ x) => ({ ...x, e: x.e - 1n });
const tiny = (/** @type {Big} */ x) => x.m === 0n || top(x) < -300n;
/** x ± x²/2. @type {(x: Big, side: number) => Big} */
const bent = (x, side) => {
  const y = add(x, times(from(side), half(times(x, x))));
  return { ...y, known: Math.min(y.known, 380) };
};
/** @type {Record<string, (a: Big, b: Big) => Big>} */
const FUNCTIONS = {
  "+": add, "-": (a, b) => add(a, minus(b)), "*": times, "/": over, "**": power, neg: minus,
  exp, log, sqrt,
  log2: (x) => over(log(x), log(TWO)), log10: (x) => over(log(x), log(TEN)),
  sin: (x) => sine(x, 0n), cos: (x) => sine(x, 1n), tan: (x) => over(sine(x, 0n), sine(x, 1n)),
  sinh: (x) => half(add(exp(x), minus(exp(minus(x))))), cosh: (x) => half(add(exp(x), exp(minus(x)))),
  tanh: (x) => (x.m > 0n ? minus(FUNCTIONS.tanh(minus(x), x)) : over(FUNCTIONS.expm1({ ...x, e: x.e + 1n }, x), add(ONE, exp({ ...x, e: x.e + 1n })))),
  // Beside 1 the very small would be lost.
  log1p: (x) => (tiny(x) ? bent(x, -1) : log(add(ONE, x))),
  expm1: (x) => (tiny(x) ? bent(x, 1) : add(exp(x), minus(ONE))),
  sigmoid: (x) => over(ONE, add(ONE, exp(minus(x)))), softplus: (x) => FUNCTIONS.log1p(exp(x), x),
  abs: (x) => (x.m < 0n ? minus(x) : x), relu: (x) => (x.m > 0n ? x : ZERO), sign: (x) => from(sign(x)),
};
/** @type {Record<string, (order: number) => boolean>} */
const TESTS = {
  "<": (order) => order < 0, "<=": (order) => order <= 0, ">": (order) => order > 0, ">=": (order) => order >= 0,
  "==": (order) => order === 0, "!=": (order) => order !== 0,
};

/** @type {(tree: Tree, point: Record<string, Big>) => Big} */
function evaluate(tree, point) {
  const { op, args, name } = tree, go = (/** @type {Tree} */ arg) => evaluate(arg, point);
  if (tree.value !== undefined) return from(tree.value);
  if (op === "symbol") return point[name] ?? refuse();
  if (op === "where") return go(args[go(args[0]).m ? 1 : 2]);
  if (op === "pi") return big(PI, -FINE - 256n, DIGITS);
  if (op === "e") return exp(ONE);
  if (op === "inf") refuse();
  const parts = args.map(go), [a, b] = parts;
  if (op === "log" && args[0].op === "+") {
    const [one, other] = args[0].args.map(go);
    if (one.m === 1n && one.e === 0n) return FUNCTIONS.log1p(other, other);
    if (other.m === 1n && other.e === 0n) return FUNCTIONS.log1p(one, one);
  }
  if (op === "-" && args[1].op === "exp" && a.m === 1n && a.e === 0n) return minus(FUNCTIONS.expm1(go(args[1].args[0]), a));
  if (TESTS[op]) return TESTS[op](compare(a, b)) ? ONE : ZERO;
  if (op === "and") return a.m && b.m ? ONE : ZERO;
  if (op === "or") return a.m || b.m ? ONE : ZERO;
  if (op === "not") return a.m ? ZERO : ONE;
  if (op === "max") return parts.reduce((x, y) => (compare(x, y) < 0 ? y : x));
  if (op === "min") return parts.reduce((x, y) => (compare(x, y) > 0 ? y : x));
  if (op === "logsumexp") return log(parts.map(exp).reduce(add));
  return FUNCTIONS[op](a, b);
}

/** What is computed, or null where a digit of it cannot be known. @template T @param {() => T} compute */
function attempt(compute) {
  try {
    return compute();
  } catch (fault) {
    if (fault === NONE || fault instanceof RangeError) return null;
    throw fault;
  }
}

/**
 * The value of a formula at a point, or null where not enough of it is known: where it is infinite, no real number, or lost.
 * @param {Tree} tree
 * @param {Record<string, Big>} point
 */
function exact(tree, point) {
  const y = attempt(() => evaluate(tree, point));
  return y && y.known >= 60 ? y : null;
}

/** The decimal logarithm of how large a number is, without regard to its sign. @param {Big} x */
function magnitude(x) {
  if (x.m === 0n) return -Infinity;
  const at = top(x);
  return Math.log10(Math.abs(near({ ...x, e: x.e - at }))) + Number(at) * Math.log10(2);
}

export { add, attempt, compare, exact, from, magnitude, minus, near, over, sign, times };
