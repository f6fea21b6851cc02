// @ts-check
// Writes a loss that was typed as the book's own code has it: a class in NumPy, its formula in SymPy, a function in PyTorch.

import { better, leaf, node, rewritten, same } from "./digits.js";
import { golden } from "./fits.js";

/**
 * @typedef {import("./formula.js").Tree} Tree
 * @typedef {import("./analysis.js").Typed} Typed
 * @typedef {"numpy" | "torch" | "sympy" | "latex"} Dialect
 * @typedef {{ convex: boolean, smooth: boolean, steepest: number | null, robust: boolean, scores?: { calibrated: boolean, readable: boolean } }} Facts
 */

// -------------------------------------------------------------------------------------------------- differentiation
const ZERO = leaf(0), ONE = leaf(1);
const is = (/** @type {Tree} */ tree, /** @type {number} */ x) => tree.value === x;
/** @type {(a: Tree, b: Tree) => Tree} */
const plus = (a, b) => (is(a, 0) ? b : is(b, 0) ? a : b.op === "neg" ? node("-", a, b.args[0]) : node("+", a, b));
/** @type {(a: Tree) => Tree} */
const minus = (a) => (is(a, 0) ? a : a.op === "neg" ? a.args[0] : a.value !== undefined ? leaf(-a.value) : node("neg", a));
/** @type {(a: Tree, b: Tree) => Tree} */
function times(a, b) {
  if (is(a, 0) || is(b, 0)) return ZERO;
  if (is(a, 1)) return b;
  if (is(b, 1)) return a;
  if (is(b, -1)) return minus(a);
  if (a.op === "neg") return minus(times(a.args[0], b));
  if (b.op === "neg") return minus(times(a, b.args[0]));
  if (a.op === "*" && a.args[0].value !== undefined && b.value === undefined) return times(a.args[0], times(a.args[1], b));
  if (a.value !== undefined && b.op === "*" && b.args[0].value !== undefined) return times(leaf(a.value * b.args[0].value), b.args[1]);
  return b.value !== undefined ? times(b, a) : node("*", a, b);
}
/** @type {(a: Tree, b: Tree) => Tree} */
function over(a, b) {
  if (is(a, 0) || is(b, 1)) return a;
  if (a.op === "neg") return minus(over(a.args[0], b));
  if (same(a, b)) return ONE;
  // 2 r / 2 is r: no rounding, no overflow on the way.
  if (a.op === "*" && same(a.args[0], b)) return a.args[1];
  if (a.op === "*" && same(a.args[1], b)) return a.args[0];
  if (a.op === "*" && b.op === "*" && same(a.args[0], b.args[0])) return over(a.args[1], b.args[1]);
  return node("/", a, b);
}
/** @type {(a: Tree, n: Tree) => Tree} */
const raised = (a, n) => (is(n, 1) ? a : is(n, 0) ? ONE : node("**", a, n));
/** @type {(name: string, u: Tree) => Tree} */
const call = (name, u) => node(name, u);

/**
 * The derivative by one name, in the form that loses no digits where the book knows one.
 * @param {Tree} tree
 * @param {string} name
 * @returns {Tree}
 */
function derivative(tree, name) {
  const { op, args } = tree, [a, b] = args;
  if (op === "symbol") return tree.name === name ? ONE : ZERO;
  const d = args.map((arg) => derivative(arg, name)), [da, db] = d;
  if (d.every((one) => is(one, 0)) && op !== "where") return ZERO;
  if (op === "log") {
    if (a.op === "cosh") return times(call("tanh", a.args[0]), derivative(a.args[0], name));
    const well = better(tree);
    if (well?.op === "softplus") return derivative(well, name);
  }
  /** @type {Record<string, () => Tree>} */
  const rules = {
    "+": () => plus(da, db), "-": () => plus(da, minus(db)), neg: () => minus(da),
    "*": () => plus(times(da, b), times(a, db)),
    "/": () => (is(db, 0) ? over(da, b) : plus(over(da, b), minus(over(times(a, db), raised(b, leaf(2)))))),
    "**": () => (is(db, 0) ? times(times(b, raised(a, b.value !== undefined ? leaf(b.value - 1) : node("-", b, ONE))), da)
      : times(tree, plus(times(db, call("log", a)), over(times(b, da), a)))),
    exp: () => times(tree, da), log: () => over(da, a), log2: () => over(da, times(a, leaf(Math.LN2))), log10: () => over(da, times(a, leaf(Math.LN10))),
    sqrt: () => over(da, times(leaf(2), tree)),
    sin: () => times(call("cos", a), da), cos: () => minus(times(call("sin", a), da)), tan: () => over(da, raised(call("cos", a), leaf(2))),
    sinh: () => times(call("cosh", a), da), cosh: () => times(call("sinh", a), da), tanh: () => over(da, raised(call("cosh", a), leaf(2))),
    log1p: () => over(da, plus(ONE, a)), expm1: () => times(call("exp", a), da),
    sigmoid: () => times(times(tree, call("sigmoid", minus(a))), da), softplus: () => times(call("sigmoid", a), da),
    abs: () => times(call("sign", a), da), relu: () => node("where", node(">", a, ZERO), da, ZERO),
    where: () => (is(d[1], 0) && is(d[2], 0) ? ZERO : node("where", a, d[1], d[2])),
    logsumexp: () => args.map((arg, i) => times(call("exp", node("-", arg, tree)), d[i])).reduce(plus),
  };
  // At a kink both sides have their part.
  const choose = (/** @type {string} */ sign) => args.slice(1).reduce(([one, slope], other, i) => [
    node(op, one, other),
    same(slope, d[i + 1]) ? slope : node("where", node(sign, one, other), slope, node("where", node(sign, other, one), d[i + 1], node("/", plus(slope, d[i + 1]), leaf(2)))),
  ], [a, da])[1];
  if (op === "max") return choose(">");
  if (op === "min") return choose("<");
  return rules[op] ? rules[op]() : ZERO;
}

// --------------------------------------------------------------------------------------------------------- printing
const RANK = { "+": 6, "-": 6, "*": 7, "/": 7, neg: 8, "**": 9 };
const NUMPY = { abs: "np.abs", sign: "np.sign", max: "np.maximum", min: "np.minimum", where: "np.where", logsumexp: "np.logaddexp", and: "np.logical_and", or: "np.logical_or", not: "np.logical_not" };
const SYMPY = { abs: "Abs", max: "Max", min: "sympy.Min", and: "sympy.And", or: "sympy.Or", not: "sympy.Not", "==": "sympy.Eq", "!=": "sympy.Ne", pi: "sympy.pi", e: "sympy.E" };
const IMPORTED = /^(exp|log|sqrt|expm1|log1p|logcosh|pow1pm1|relu|sigmoid|softplus)$/;
const TESTS = /^[<>=!]=?$/;

/** @param {Tree} tree @param {string} letter @returns {boolean} */
const moves = (tree, letter) => tree.name === letter || tree.args.some((arg) => moves(arg, letter));

/**
 * A formula in one of the languages of the book.
 * @type {(tree: Tree, dialect: Dialect, letter: string) => string}
 */
function write(tree, dialect, letter) {
  const number = (/** @type {number} */ x) => {
    if (dialect !== "sympy" || Number.isInteger(x)) return String(x);
    return `sympy.Rational("${x}")`;
  };
  /** @type {(part: Tree, least?: number) => string} */
  const print = (part, least = 0) => {
    const { op, args, value, name } = part, [a, b] = args, all = () => args.map((arg) => print(arg)).join(", ");
    if (value !== undefined) return value < 0 && least > 6 ? `(${number(value)})` : number(value);
    if (op === "symbol") return name === "lambda" ? "lamda" : name;
    const still = dialect === "numpy" || dialect === "torch" ? !moves(part, letter) : false;
    if (op === "pi" || op === "e") return dialect === "sympy" ? SYMPY[op] : `math.${op}`;
    if (TESTS.test(op)) {
      if (dialect === "sympy" && SYMPY[op]) return `${SYMPY[op]}(${all()})`;
      const text = `${print(a, 6)} ${op} ${print(b, 6)}`;
      return least > 5 ? `(${text})` : text;
    }
    if (RANK[op]) {
      const rank = RANK[op], whole = (/** @type {Tree} */ x) => Number.isInteger(x.value);
      if (dialect === "sympy" && op === "/" && whole(a) && whole(b)) return `sympy.Rational(${a.value}, ${b.value})`;
      const text = op === "neg" ? `-${print(a, 8)}` : op === "**" ? `${print(a, 10)}**${print(b, 9)}`
        : op === "*" || op === "/" ? `${print(a, 7)} ${op} ${print(b, 8)}` : `${print(a, 6)} ${op} ${print(b, 7)}`;
      return rank < least ? `(${text})` : text;
    }
    if (dialect === "sympy") {
      if (op === "where") return `Piecewise((${print(args[1])}, ${print(a)}), (${print(args[2])}, True))`;
      if (op === "logsumexp") return "log(" + args.map((arg) => `exp(${print(arg)})`).join(" + ") + ")";
      if (op === "log2" || op === "log10") return `log(${print(a)}, ${op.slice(3)})`;
      return `${SYMPY[op] ?? (IMPORTED.test(op) ? op : "sympy." + op)}(${all()})`;
    }
    if (still) return op === "abs" || op === "max" || op === "min" ? `${op}(${all()})` : `math.${op}(${all()})`;
    if (op === "softplus" && dialect === "torch") return `torch.logaddexp(${print(a)}, torch.zeros_like(${letter}))`;
    if (/^(sigmoid|softplus)$/.test(op)) return dialect === "numpy" ? `${op}(${all()})` : `torch.${op}(${all()})`;
    if (op === "relu") return dialect === "numpy" ? `np.maximum(0, ${print(a)})` : `torch.relu(${print(a)})`;
    if (dialect === "torch") {
      // PyTorch compares tensors with tensors.
      if (op === "max" || op === "min") {
        return args.slice(1).reduce((one, other) => {
          const second = print(other);
          return `torch.where(${one} ${op === "max" ? ">" : "<"} ${second}, ${one}, ${second})`;
        }, print(a));
      }
      if (op === "where" && !moves(a, letter)) return `(${print(args[1])} if ${print(a)} else ${print(args[2])})`;
      return `torch.${(NUMPY[op] ?? "np." + op).slice(3)}(${all()})`;
    }
    if (args.length > 2 && op !== "where") return args.map((arg) => print(arg)).reduce((one, other) => `${NUMPY[op]}(${one}, ${other})`);
    return `${NUMPY[op] ?? "np." + op}(${all()})`;
  };
  return print(tree);
}

const GREEK = /^(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|chi|psi|omega)$/;
/** LaTeX, or null where the formula has cases. @param {Tree} tree @returns {string | null} */
function latex(tree) {
  let plain = true;
  /** @type {(part: Tree, least?: number) => string} */
  const print = (part, least = 0) => {
    const { op, args, value, name } = part, [a, b] = args;
    if (value !== undefined) return String(value);
    if (op === "symbol") return GREEK.test(name) ? `\\${name}` : name;
    if (op === "pi") return "\\pi";
    if (op === "e") return "e";
    if (op === "/") return `\\frac{${print(a)}}{${print(b)}}`;
    if (op === "sqrt") return `\\sqrt{${print(a)}}`;
    if (op === "exp") return `e^{${print(a)}}`;
    if (op === "abs") return `|${print(a)}|`;
    if (op === "expm1") return print(node("-", node("exp", a), ONE), least);
    if (op === "log1p") return `\\ln(${print(node("+", ONE, a))})`;
    if (op === "softplus") return `\\ln(${print(node("+", ONE, node("exp", a)))})`;
    if (op === "sign") return `\\operatorname{sign}(${print(a)})`;
    if (RANK[op]) {
      const rank = RANK[op], power = (/** @type {Tree} */ base) => (base.op === "symbol" || base.op === "abs" || (base.value >= 0 && base.args.length === 0) ? print(base) : `(${print(base)})`);
      const text = op === "neg" ? `-${print(a, 7)}` : op === "**" ? `${power(a)}^{${print(b)}}` : op === "*" ? `${print(a, 7)} \\cdot ${print(b, 8)}`
        : `${print(a, 6)} ${op} ${print(b, 7)}`;
      return rank < least || (op === "neg" && least > 6) ? `(${text})` : text;
    }
    const names = { log: "\\ln", max: "\\max", min: "\\min", cosh: "\\cosh", sinh: "\\sinh", tanh: "\\tanh", cos: "\\cos", sigmoid: "\\sigma" };
    if (!names[op]) plain = false;
    return `${names[op]}(${args.map((arg) => print(arg)).join(", ")})`;
  };
  const text = print(tree);
  return plain ? text : null;
}

/** Parts without names become numbers: NumPy would make float64 of them where float32 came in. @param {Tree} tree @param {(part: Tree) => number} compute @returns {Tree} */
function folded(tree, compute) {
  if (tree.args.length && !/^[<>=!]|^(and|or|not|where|max|min)/.test(tree.op) && !named(tree) && !(tree.op === "/" || tree.op === "neg")) return leaf(compute(tree));
  return { ...tree, args: tree.args.map((arg) => folded(arg, compute)) };
}
/** The loss of the complement: 1 − p in the place of p. @param {Tree} tree @returns {Tree} */
function flipped(tree) {
  if (tree.op === "-" && is(tree.args[0], 1) && tree.args[1].name === "p") return tree.args[1];
  return tree.name === "p" ? node("-", ONE, tree) : { ...tree, args: tree.args.map(flipped) };
}
/** @param {Tree} tree @returns {boolean} */
const named = (tree) => tree.op === "symbol" || tree.args.some(named);

// ---------------------------------------------------------------------------------------------------------- handout
/**
 * What the class says of the loss, as far as it was found out.
 * @type {(found: any, loss: import("./analysis.js").Loss, scores?: { wrong?: number, readable: boolean }) => Facts}
 */
function factsOf({ shape, slopes, sharp, lowest }, loss, scores) {
  const ends = [slopes.left, slopes.right], wild = ends.some(({ trend }) => trend === "grows") || sharp.places.some((/** @type {any} */ { kind }) => kind !== "kink");
  const { at } = slopes.steepest, chance = loss.letter === "p", near = (/** @type {number} */ x) => (chance ? Math.min(Math.max(x, 0), 1) : x);
  const bend = golden((x) => -Math.abs(loss.slopes(x).slope), near(at - 0.3), near(at + 0.3));
  const sizes = [slopes.steepest.slope, Math.abs(loss.slopes(bend).slope), ...ends.map(({ slope }) => Math.abs(slope))].filter(Number.isFinite);
  return {
    convex: shape.convex !== "no", smooth: !sharp.places.length, robust: !wild && ends.every(({ trend }) => trend) && (loss.letter !== "r" || !(lowest.falls || lowest.end)),
    steepest: wild ? Infinity : ends.every(({ trend }) => trend) ? Math.max(...sizes) : null,
    scores: scores && { calibrated: scores.wrong === undefined, readable: scores.readable },
  };
}

/**
 * Class, formula and function to be copied.
 * @type {(typed: Typed, settings: Record<string, number>, facts: Facts, compute: (part: Tree) => number, name?: string) => { numpy: string, sympy: string, torch: string }}
 */
function handout({ tree, letter, names, text }, settings, facts, compute, name = "MyLoss") {
  // No template stands within another: what makes the scripts small would take the blanks of the inner one.
  const slope = derivative(tree, letter), well = (/** @type {Tree} */ part) => folded(rewritten(part) ?? part, compute), good = well(tree);
  const written = names.map((one) => (one === "lambda" ? "lamda" : one)), values = names.map((one) => settings[one]);
  const each = (/** @type {(one: string, value: number) => string} */ line) => written.map((one, i) => line(one, values[i]));
  const arguments_ = (/** @type {string} */ type) => each((one, value) => `, ${one}: ${type} = ${value}`).join("");
  const exactly = write(rewritten(tree, true) ?? tree, "sympy", letter), snake = name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
  const lines = (/** @type {string[]} */ ...all) => all.join("\n") + "\n";
  const sympy = lines(`def ${name}(${letter}: Any${arguments_("Any")}) -> Expr:  # noqa: N802`, '    """A loss from the workbench."""', "    return " + exactly);
  const kind = { r: "residual", m: "margin", p: "probability of the label" }[letter];
  const torch = lines("import math", "", "import torch", "", "", `def ${snake}(${letter}: torch.Tensor${arguments_("float")}) -> torch.Tensor:`,
    `    """Return the loss of each ${kind}."""`, "    return " + write(good, "torch", letter));
  const residual = letter === "r", truth = (/** @type {boolean} */ x) => (x ? "True" : "False");
  const [formula, gradient] = [tree, slope].map((one) => latex(one)?.replace(/\bm\b/g, "(y f)"));
  const { base, domain, said, methods } = {
    r: { base: "ResidualLoss", domain: "Any real numbers.", said: [`\\ell = ${formula}`, gradient], methods: /** @type {[string, Tree][]} */ ([["_of_residual", tree]]) },
    m: { base: "MarginLoss", domain: "Any real prediction.", said: [`\\ell = ${formula}`, `y \\cdot (${gradient})`], methods: /** @type {[string, Tree][]} */ ([["_of_margin", tree]]) },
    p: {
      base: "ProbabilityLoss", domain: "Probabilities p and targets t from 0 to 1.",
      said: [`t\\, \\ell(p) + (1 - t)\\, \\ell(1 - p)` + "` with :math:`" + `\\ell(p) = ${formula}`, `t\\, \\ell'(p) - (1 - t)\\, \\ell'(1 - p)` + "` with :math:`" + `\\ell'(p) = ${gradient}`],
      methods: /** @type {[string, Tree][]} */ ([["_of_probability", tree], ["_of_complement", flipped(tree)]]),
    },
  }[letter];
  const steepest = facts.steepest === null ? "None" : facts.steepest === Infinity ? "math.inf" : String(facts.steepest);
  const head = [
    `task="${residual ? "regression" : "classification"}"`, `convex=${truth(facts.convex)}`, `smooth=${truth(facts.smooth)}`, `lipschitz=${steepest}`, `robust=${truth(facts.robust)}`,
  ].join(", ");
  const scores = residual ? "" : `proper=${truth(facts.scores?.readable ?? false)}, calibrated=${truth(facts.scores?.calibrated ?? false)}, `;
  const options = !written.length ? [] : [
    "", ...each((one) => `    ${one} = Option(${/^(q|tau)$/.test(one) ? "check_share" : "check_positive"})`), "",
    `    def __init__(self, *${arguments_("float")}, reduction: str = "mean") -> None:`, "        super().__init__(reduction=reduction)", ...each((one) => `        self.${one} = ${one}`),
  ];
  const back = (/** @type {string} */ what) => `np.broadcast_to(${what}, ${letter}.shape).astype(${letter}.dtype)`;
  const numpy = lines(
    `class ${name}(${base}):`, '    r"""A loss from the workbench.', "",
    "    Domain", "        " + domain,
    "    Formula", formula ? "        :math:`" + said[0] + "`." : "        ``" + text + "``.",
    "    Gradient", gradient ? "        :math:`" + said[1] + "`." : "        As the code has it, found by differentiation.",
    "    Model", "        None known.", "    Equivalent", "        Not looked for in PyTorch, scikit-learn, Keras or Optax.", "", "    Parameters", "    ----------",
    ...each((one) => `    ${one} : float\n        As in the formula.`), '    reduction : {"mean", "sum", "none"}', "        What is made of the terms of a batch.", '    """', "",
    "    _facts = Facts(", `        ${head},`, `        ${scores}paper="the workbench", year=${new Date().getFullYear()},`, "    )  # fmt: skip", ...options,
    ...methods.flatMap(([method, value]) => [
      "", `    def ${method}(self, ${letter}: Array) -> tuple[Array, Array]:`, ...each((one) => `        ${one} = self.${one}`),
      '        with np.errstate(all="ignore"):  # what is not chosen may overflow',
      "            terms = " + write(well(value), "numpy", letter), "            slope = " + write(well(derivative(value, letter)), "numpy", letter),
      `        return ${back("terms")}, ${back("slope")}`,
    ]),
  );
  return { numpy, sympy, torch };
}

export { derivative, factsOf, handout, latex, write };
