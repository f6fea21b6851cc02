// @ts-check
// Reads a formula that a person types, evaluates and differentiates it. Nothing typed is ever run as code.
// lossbook.symbolic.reading reads the same grammar, with the same messages, into SymPy.

/**
 * An operation on other trees, a number or a symbol, and where it stands in the text, so that a page can mark it.
 * @typedef {{ op: string, args: Tree[], at: number, to: number, value?: number, name?: string }} Tree
 * @typedef {{ at: number, to: number }} Place
 * @typedef {{ kind: string, text: string, at: number, to: number }} Token
 * @typedef {Record<string, number>} Point
 * A number and its first and second derivative by the chosen symbol; of what does not depend on it, the number alone.
 * @typedef {number[]} Jet
 * @typedef {{ value: number, slope: number, bend: number }} Slopes
 */

// -------------------------------------------------------------------------------------------------------- functions
// The first four are word for word as in primitives.js; a test compares.
const sigmoid = (x) => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const logsumexp = (...terms) => {
  const largest = Math.max(...terms), at = terms.indexOf(largest);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log1p(terms.reduce((total, x, i) => (i === at ? total : total + Math.exp(x - largest)), 0));
};
const relu = (x) => Math.max(0, x);
const { exp, abs, log, sign, sinh, cosh, sin, cos, max, min } = Math;
const sech2 = (x) => cosh(x) ** -2;
// As IEEE 754 has it: 1 to any power is 1, which JavaScript denies.
const power = (x, p) => (x === 1 || (x === -1 && abs(p) === Infinity) ? 1 : x ** p);
/** @type {(scale: number) => (v: number) => [number, number]} */
const logs = (scale) => (v) => [1 / v / scale, -1 / v / v / scale];

/** First and second derivative at v of a function that is y there. @type {Record<string, (v: number, y: number) => [number, number]>} */
const SLOPES = {
  exp: (v, y) => [y, y],
  log: logs(1),
  log2: logs(Math.LN2),
  log10: logs(Math.LN10),
  sqrt: (v, y) => [0.5 / y, -0.25 / (y * v)],
  sin: (v, y) => [cos(v), -y],
  cos: (v, y) => [-sin(v), -y],
  tan: (v, y) => [1 + y * y, 2 * y * (1 + y * y)],
  sinh: (v, y) => [cosh(v), y],
  cosh: (v, y) => [sinh(v), y],
  tanh: (v, y) => [sech2(v), -2 * y * sech2(v)],
  log1p: (v) => [1 / (1 + v), -1 / (1 + v) / (1 + v)],
  expm1: (v) => [exp(v), exp(v)],
  sigmoid: (v, y) => [y * sigmoid(-v), -y * sigmoid(-v) * Math.tanh(v / 2)],
  softplus: (v) => [sigmoid(v), sigmoid(v) * sigmoid(-v)],
};
/** What each operation computes; without a prototype, whose names are no functions. @type {Record<string, (...args: number[]) => number>} */
const COMPUTE = {
  __proto__: null,
  sigmoid, softplus, abs, sign, relu, max, min, logsumexp,
  // True is what is not 0, as in Python; JavaScript takes NaN for false.
  where: (c, a, b) => (c !== 0 ? a : b), and: (a, b) => +(a !== 0 && b !== 0), or: (a, b) => +(a !== 0 || b !== 0),
  not: (a) => +(a === 0),
  neg: (a) => -a, pi: () => Math.PI, e: () => Math.E, inf: () => Infinity,
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "**": power,
  "<": (a, b) => +(a < b), "<=": (a, b) => +(a <= b), ">": (a, b) => +(a > b), ">=": (a, b) => +(a >= b),
  "==": (a, b) => +(a === b), "!=": (a, b) => +(a !== b),
};
for (const name in SLOPES) COMPUTE[name] ??= Math[name];

// ---------------------------------------------------------------------------------------------------------- reading
const MANY = [1, Infinity];
/** Numbers of arguments that differ from those of JavaScript. @type {Record<string, number[]>} */
const ARITY = { log: [1, 2], max: MANY, min: MANY, logsumexp: MANY };
const NUMPY = {
  max: "maximum", min: "minimum", logsumexp: "logaddexp", and: "logical_and", or: "logical_or", not: "logical_not",
  "==": "equal", "!=": "not_equal",
};
const ALIASES = {
  __proto__: null, ln: "log", Abs: "abs", Max: "max", Min: "min", sigma: "sigmoid", "√": "sqrt", "∞": "inf",
};
for (const op in NUMPY) ALIASES[NUMPY[op]] = op;
const NAMES = Object.keys({ ...COMPUTE, ...ALIASES }).filter((name) => /\w/.test(name));
const SIGNS = {
  "^": "**", "·": "*", "⋅": "*", "×": "*", "÷": "/", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!=", "√": "name", "∞": "name",
};
/** How strongly operators bind. A sign before a term (8) binds less than the term's power. */
const RANK = { if: 1, or: 2, and: 3, "+": 6, "-": 6, "*": 7, "/": 7, "**": 9, power: 10 };
for (const sign of ["<", "<=", ">", ">=", "==", "!="]) RANK[sign] = 5;
const GREEK = `alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau
upsilon phi chi psi omega`.split(/\s/);
/** A name as it is looked up: the letters of formulas upright, Greek ones spelt. @param {string} name */
const plain = (name) => name.normalize("NFKC").replace(/[α-ω]/g, (c) => GREEK[c.charCodeAt(0) - 945]).replace(/^lamda$/, "lambda");

const DIGITS = "[0-9](?:_?[0-9])*";
const TOKEN = new RegExp(
  `\\s*(?:((?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][-+−]?${DIGITS})?)|(⁻?[⁰¹²³⁴-⁹]+)|([¼-¾⅐-⅞])` +
  "|(?:(?:np|numpy|math|torch)\\.)?([\\p{L}_][\\p{L}\\p{M}0-9_₀-₉]*)|([*]{2}|[<>=!]=|.)|$)", "suy");
const KINDS = ["number", "power", "fraction", "name", "sign"];

/** How many letters must change to make one name of another. @param {string} a @param {string} b */
const distance = (a, b) => {
  let row = [...b, 0].map((_, j) => j);
  [...a].forEach((letter, i) => {
    const next = [i + 1];
    [...b].forEach((other, j) => next.push(min(next[j] + 1, row[j + 1] + 1, row[j] + +(letter !== other))));
    row = next;
  });
  return row.pop();
};

/** @type {(message: string, place: Place) => never} */
const fail = (message, { at, to }) => {
  throw { message, at, to };
};
/** @type {(op: string, args: Tree[], from: Place, until?: Place) => Tree} */
const node = (op, args, { at, to }, until) => ({ op, args, at, to: until?.to ?? to });
/** @type {(value: number | string, place: Place) => Tree} */
const leaf = (value, place) => ({ ...node("number", [], place), value: +value });

/**
 * Reads a formula in which the given symbols may occur; gives a tree, or what is wrong and where.
 * @param {string} text
 * @param {string[]} symbols
 * @returns {Tree | { message: string, at: number, to: number }}
 */
function parse(text, symbols) {
  const known = new Map(symbols.map((name) => [plain(name), name]));
  let place = 0, depth = 0, bars = 0, token = /** @type {Token} */ ({ to: 0 });

  const take = () => {
    const taken = token;
    TOKEN.lastIndex = place;
    const groups = TOKEN.exec(text).slice(1), i = groups.findIndex(Boolean), part = groups[i] ?? "";
    place = TOKEN.lastIndex;
    token = { kind: KINDS[i], text: part, at: place - part.length, to: place };
    if (i < 0) token = { kind: "end", text: "", at: taken.to, to: taken.to };
    if (i === 3 && /^(if|else|and|or|not)$/.test(part)) token.kind = part;
    if (i === 4) {
      token.kind = SIGNS[part] ?? part;
      if (part === "=") fail("One = gives a name a value: write == to compare.", token);
      if (!RANK[token.kind] && !/^[()|,√∞]$/.test(part)) fail(`“${part}” has no meaning in a formula.`, token);
    }
    return taken;
  };

  /** @type {(open?: Token) => never} */
  const stray = (open) => {
    const { kind, text } = token;
    if (open && (kind === "end" || (open.kind === "|" && kind === ")"))) fail("This bracket is not closed.", open);
    if (kind === ")") fail("This bracket was never opened.", token);
    if (kind === ",") fail("A comma stands between arguments; a decimal number has a point: 0.5.", token);
    fail(`“${text}” cannot stand here.`, token);
  };

  /** Reads what stands in brackets, up to the closing one. @type {(open: Token, call?: boolean) => Tree[]} */
  const inside = (open, call) => {
    const outer = bars, close = open.kind === "|" ? "|" : ")", args = [];
    bars = close === "|" ? bars + 1 : 0;
    take();
    while (token.kind !== close || args[0] || !call) {
      args.push(terms(1));
      if (token.kind !== "," || !call) break;
      take();
    }
    if (token.kind !== close) stray(open);
    bars = outer;
    return args;
  };

  /** @type {(name: Token) => Tree} */
  const named = (name) => {
    const spelt = plain(name.text), op = ALIASES[spelt] ?? spelt, compute = COMPUTE[op];
    if (known.has(spelt)) return { ...node("symbol", [], name), name: known.get(spelt) };
    if (!compute) {
      const names = [...symbols, ...NAMES];
      const steps = names.map((other) => distance(spelt, plain(other)));
      fail(`“${name.text}” is not known here; the nearest name is “${names[steps.indexOf(min(...steps))]}”.`, name);
    }
    const [least, most = least] = ARITY[op] ?? [compute.length];
    if (!most) return node(op, [], name);
    if (token.kind !== "(") fail(`Write ${name.text}(…), with brackets.`, name);
    const args = inside(token, true), n = args.length, whole = { at: name.at, to: token.to };
    take();
    if (n < least || n > most) {
      const takes = most === least ? least : most > 2 ? `at least ${least}` : `${least} or ${most}`;
      fail(`The number of arguments of ${name.text} is ${takes}, not ${n}.`, whole);
    }
    const base = args[1]?.value;
    if (op !== "log" || n < 2) return node(op, args, whole);
    if (base === 2 || base === 10) return node(op + base, [args[0]], whole);
    return node("/", args.map((arg) => node(op, [arg], arg)), whole);
  };

  /** @type {() => Tree} */
  const operand = () => {
    const first = token, { kind } = first;
    if (kind === "(" || kind === "|") {
      const [tree] = inside(first), closed = take();
      return kind === "|" ? node("abs", [tree], first, closed) : tree;
    }
    if (!/^([-+]|not|number|fraction|name)$/.test(kind)) {
      fail((kind === "end" ? "The formula ends" : `“${first.text}” stands`) + " where a number, a name or a bracket should be.", first);
    }
    take();
    if (kind === "number") return leaf(first.text.replace(/_/g, "").replace("−", "-"), first);
    if (kind === "fraction") return node("/", first.text.normalize("NFKC").split("⁄").map((part) => leaf(part, first)), first);
    if (kind === "name") return named(first);
    const tree = terms(kind === "not" ? 4 : 8);
    return kind === "+" ? tree : node(kind === "-" ? "neg" : kind, [tree], first, tree);
  };

  /** Reads operators that bind at least as strongly as asked. @type {(least: number) => Tree} */
  const terms = (least) => {
    if (++depth > 60) fail("Brackets and signs are nested more than 60 deep here.", token);
    let left = operand(), divided = false;
    /** The right side of a comparison, which may be the left of the next. @type {Tree | undefined} */
    let middle;
    for (;;) {
      const { kind, text } = token, sign = token;
      if (kind === "number" || kind === "fraction") fail(`A sign such as * is missing before “${text}”.`, sign);
      const product = kind === "name" || kind === "(" || (kind === "|" && !bars), rank = product ? 7 : RANK[kind];
      if (!(rank >= least)) break;
      if (!product) take();
      else if (divided) fail("This reads in two ways, as in 1/(2 r) or (1/2) r: write the brackets.", sign);
      divided = kind === "/";
      if (kind === "power") {
        const digits = leaf(text.replace("⁻", "").normalize("NFKC"), sign);
        left = node("**", [left, text[0] === "⁻" ? node("neg", [digits], sign) : digits], left, sign);
        continue;
      }
      const right = terms(kind === "**" ? 8 : rank + 1);
      if (kind === "if") {
        if (token.kind !== "else") fail("This if needs its else: a if r > 1 else b.", sign);
        take();
        const other = terms(1);
        left = node("where", [right, left, other], left, other);
      } else if (rank === 5) {
        // What stands in the middle is computed twice: chains within chains would double the work at every level.
        if (middle?.args[0]) fail("Join comparisons by and: only a number or a name stands between two.", sign);
        const test = node(kind, [middle ?? left, right], middle ?? left, right);
        left = middle ? node("and", [left, test], left, right) : test;
        middle = right;
      } else left = node(product ? "*" : kind, [left, right], left, right);
    }
    depth--;
    return left;
  };

  try {
    const whole = { at: 0, to: text.length };
    if (text.length > 1000 || [...text].length > 500) fail("A formula has at most 500 characters.", whole);
    take();
    if (token.kind === "end") fail("Nothing is written here yet.", whole);
    const tree = terms(1);
    if (token.kind !== "end") stray();
    return tree;
  } catch (fault) {
    if (fault instanceof Error) throw fault;
    return fault;
  }
}

// -------------------------------------------------------------------------------------------------------- computing
/**
 * The value in float64, or with the result of every operation rounded, as by Math.fround or float16.
 * @param {Tree} tree
 * @param {Point} point
 * @param {(x: number) => number} [round]
 * @param {(part: Tree, result: number) => void} [see] is told what every part of the formula gives, from the inside out
 */
function value(tree, point, round = (x) => x, see) {
  const { op, args, name } = tree;
  const found = args.map((arg) => value(arg, point, round, see));
  const result = round(tree.value ?? (op === "symbol" ? point[name] : COMPUTE[op](...found)));
  see?.(tree, result);
  return result;
}

/** The nearest number of float16; of two equally near, the one with an even last digit. @param {number} x */
function float16(x) {
  const size = abs(x);
  if (!size || size === Infinity) return x;
  if (size >= 65520) return sign(x) * Infinity;
  // Numbers of this size have the last digit of float16. Where the logarithm is rounded over a power of two, so is x.
  const shift = 2 ** (max(-14, Math.floor(Math.log2(size))) + 42);
  return sign(x) * (size + shift - shift);
}

// -------------------------------------------------------------------------------------------------- differentiating
/** @type {(u: Jet) => boolean} */
const still = ([, slope, bend]) => !slope && !bend;
/** First and second derivative of u · v. @type {(u: Jet, v: Jet) => number[]} */
const times = (u, v) => {
  if (still(u)) return [u[0] * v[1], u[0] * v[2]];
  return still(v) ? times(v, u) : [u[1] * v[0] + u[0] * v[1], u[2] * v[0] + 2 * u[1] * v[1] + u[0] * v[2]];
};
/** Those of f(u), where f has the derivatives f1 and f2. @type {(u: Jet, f1: number, f2: number) => number[]} */
const chain = (u, f1, f2) => {
  const [, slope, bend] = u;
  // Where f2 is infinite it outweighs f1: √ and ln bend more steeply than they rise.
  return still(u) ? [0, 0] : [f1 * slope, f2 * slope ** 2 + (slope && abs(f2) === Infinity ? 0 : f1 * bend)];
};
/** @type {(u: Jet, p: number) => number[]} */
const raised = (u, p) => {
  const k = p * (p - 1);
  return chain(u, p && p * power(u[0], p - 1), k && k * power(u[0], p - 2));
};

/**
 * Value, slope and bend as the symbol leaves the point to one side.
 * @type {(tree: Tree, point: Point, name: string, side: number, last?: boolean) => Slopes}
 */
function walk(tree, point, name, side, last) {
  const off = (/** @type {number} */ step) => ({ ...point, [name]: point[name] + side * step });

  /** The sign of u next to the point; `a` and `b` are trees whose difference u is. @type {(u: Jet, a?: Tree, b?: Tree) => number} */
  const lean = ([y, slope, bend], a, b) => {
    if (y !== 0) return sign(y);
    const near = off(2 ** -26);
    return sign(slope * side || bend || (a ? value(a, near) - (b ? value(b, near) : 0) : 0));
  };
  /** Of two infinities of one sign neither is the larger. @type {(u: Jet, v: Jet) => Jet} */
  const gap = (u, v) => u.map((x, i) => (x === v[i] ? 0 : x - v[i]));

  /** @type {(part: Tree) => Jet} */
  const go = (part) => {
    const u = part.args[0] ? apply(part) : [value(part, point), +(part.name === name), 0];
    // A zero has the sign that the number takes on at this side.
    if (u[0] === 0) u[0] = lean(u) < 0 ? -0 : 0;
    return u;
  };

  /** @type {(part: Tree) => Jet} */
  const apply = ({ op, args }) => {
    if (op === "where") return go(args[go(args[0])[0] !== 0 ? 1 : 2]);
    const jets = args.map(go), [u, v] = jets;
    if (RANK[op] === 5) return [COMPUTE[op](lean(gap(u, v), ...args), 0), 0, 0];
    if (op === "sign") return [lean(u, args[0]), 0, 0];
    // √, ln and broken powers end at 0.
    const ends = Object.is(u[0], -0) && (/^(sqrt|log\d*)$/.test(op) || (op === "**" && v[0] % 1));
    const y = COMPUTE[op](...jets.map(([x]) => x));
    return ends ? [NaN, NaN, NaN] : [y, ...slopes(op, jets, u, v, y)];
  };

  /** @type {(op: string, jets: Jet[], u: Jet, v: Jet, y: number) => number[]} */
  const slopes = (op, jets, u, v, y) => {
    if (SLOPES[op]) return chain(u, ...SLOPES[op](u[0], y));
    switch (op) {
      case "+": return [u[1] + v[1], u[2] + v[2]];
      case "-": return [u[1] - v[1], u[2] - v[2]];
      case "neg": return [-u[1], -u[2]];
      case "*": return times(u, v);
      case "/": return times(u, [1 / v[0], ...raised(v, -1)]);
      case "**": {
        if (still(v)) return raised(u, v[0]);
        const [slope, bend] = times(v, [log(u[0]), ...chain(u, ...SLOPES.log(u[0], 0))]);
        return [y * slope, y * (bend + slope * slope)];
      }
      case "abs": return times([lean(u), 0, 0], u);
      case "relu": jets.unshift([0, 0, 0]);
      case "max": case "min": { // what holds for max holds for relu, too
        const best = jets.reduce((one, two) => (lean(gap(one, two)) * (op === "min" ? -1 : 1) < 0 ? two : one));
        return y === y ? best.slice(1) : [y, y];
      }
      case "logsumexp": {
        let slope = 0, bend = 0;
        for (const [x, s] of jets) slope += exp(x - y) * s;
        for (const [x, s, b] of jets) bend += exp(x - y) * (b + (s - slope) ** 2);
        return [slope, bend];
      }
    }
    return [0, 0]; // and, or, not
  };

  const u = go(tree), [y] = u;
  if (!last && y === y && u.some(Number.isNaN)) {
    // As 0 · ∞ at the corner of √(r²): what the derivatives come to from this side, if they come to anything.
    const [far, near] = [2 ** -18, 2 ** -19].map((step) => Object.values(walk(tree, off(step), name, side, true)));
    near.forEach((b, i) => {
      if (u[i] !== u[i] && abs(far[i] - b) <= 1e-3 * max(1e-3, abs(b))) u[i] = 2 * b - far[i];
    });
  }
  return { value: y, slope: u[1], bend: u[2] };
}

/**
 * Value, first and second derivative by one symbol: coming from the left (side −1), from the right (1), or of both (0).
 * Of both sides `agree` says how many of the three are the same; what is not is NaN.
 * @param {Tree} tree
 * @param {Point} point
 * @param {string} name
 * @param {number} [side]
 * @returns {Slopes & { agree?: number, left?: Slopes, right?: Slopes }}
 */
function jet(tree, point, name, side = 0) {
  if (side) return walk(tree, point, name, side);
  const left = walk(tree, point, name, -1), right = walk(tree, point, name, 1);
  const ends = Object.values(right);
  const same = Object.values(left).map((a, i) => a === ends[i] || abs(a - ends[i]) < 1e-9 * max(1, abs(a), abs(ends[i])));
  const agree = [...same, false].indexOf(false);
  return { value: value(tree, point), slope: agree > 1 ? ends[1] : NaN, bend: agree > 2 ? ends[2] : NaN, agree, left, right };
}

// --------------------------------------------------------------------------------------------------------- printing
/** @type {(part: Tree) => boolean} */
const isTest = ({ op }) => RANK[op] < 6 || op === "not";

/**
 * The formula as Python with NumPy reads it; what NumPy lacks has the names of lossbook.functions.
 * @param {Tree} tree
 * @param {string} [prefix] as in np.exp
 */
function toPython(tree, prefix = "") {
  /** `test` asks for something true or false, in place of a number. @type {(part: Tree, least?: number, test?: boolean) => string} */
  const print = (part, least = 0, test = false) => {
    const { op, args, value: number, name } = part, [a, b] = args, rank = op === "neg" ? 8 : RANK[op];
    if (test !== isTest(part)) {
      const zero = leaf(0, part), one = leaf(1, part);
      return test ? print(node("!=", [part, zero], part), least, test) : print(node("where", [part, one, zero], part));
    }
    if (op === "symbol") return name === "lambda" ? "lamda" : name;
    if (number < Infinity) return `${number}`;
    if (!a) return prefix + (number ? "inf" : op);
    if (rank > 4 && !NUMPY[op]) {
      const text = op === "neg" ? `-${print(a, 8)}` : op === "**" ? `${print(a, 10)}**${print(b, 8)}`
        : `${print(a, max(rank, 6))} ${op} ${print(b, rank + 1)}`;
      return rank < least ? `(${text})` : text;
    }
    // NumPy compares two at a time.
    const two = ARITY[op]?.[1] > 2;
    if (two && !b) return print(a, least);
    const texts = args.map((arg, i) => print(arg, 0, rank < 4 || op === "not" || (op === "where" && !i)));
    const called = (/sigm|soft|relu/.test(op) ? "" : prefix) + (NUMPY[op] ?? op);
    return two ? texts.reduce((left, right) => `${called}(${left}, ${right})`) : `${called}(${texts.join(", ")})`;
  };
  return print(tree, 0, isTest(tree));
}

export { COMPUTE, float16, jet, parse, toPython, value };
