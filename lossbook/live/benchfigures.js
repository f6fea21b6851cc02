// @ts-check
// The figures of the workbench, as the engine takes them: declarations with functions that close over the bench. Each
// function reads p[0], the version, so that the engine computes anew when something else has changed.

import { descent } from "./fits.js";

/**
 * @typedef {import("./workbench.js").Bench} Bench
 * @typedef {import("./benchtools.js").Model} Model
 * @typedef {(p: number[], ...bound: number[]) => number} Compiled
 */

/** A hidden number that grows when what the functions close over has changed: the engine computes anew then. */
const VERSION = { kind: "slider", name: "version", label: "", min: 0, max: 1e12, format: "d", integer: true, hidden: true };
/** @type {(name: string, label: string, min: number, max: number, more?: object) => object} */
const hidden = (name, label, min, max, more = {}) => ({ kind: "slider", name, label, min, max, format: ".3g", hidden: true, ...more });
const NEAR = [["squared", (/** @type {number} */ r) => r * r, 1], ["absolute", Math.abs, 2], ["Huber", (/** @type {number} */ r) => (Math.abs(r) < 1 ? (r * r) / 2 : Math.abs(r) - 0.5), 0]];
const SURROGATES = [["logistic", (/** @type {number} */ m) => Math.max(-m, 0) + Math.log1p(Math.exp(-Math.abs(m))), 0], ["hinge", (/** @type {number} */ m) => Math.max(0, 1 - m), 4]];
const OWN = 3;


/** Value, slope and curvature. */
function curves(bench) {
  const { letter } = bench.typed, label = { r: "residual r", m: "margin m", p: "probability p of the label" }[letter];
  /** @type {Compiled[]} */
  const functions = [
    (p) => (p[0], bench.reach.low), (p) => (p[0], bench.reach.high),
    ...[0, 1, 2].flatMap((k) => [0, 1].map((side) => /** @type {Compiled} */ ((p) => (p[0], bench.reach.ends[k][side])))),
    (p, x) => (p[0], bench.loss.f(x)), (p, x) => (p[0], bench.jet(x).slope), (p, x) => (p[0], bench.jet(x).bend),
    (p) => (p[0], bench.proof?.a ?? NaN), (p) => (p[0], bench.proof ? bench.loss.f(bench.proof.a) : NaN),
    (p) => (p[0], bench.proof?.b ?? NaN), (p) => (p[0], bench.proof ? bench.loss.f(bench.proof.b) : NaN),
    (p) => (p[0], bench.proof?.middle ?? NaN), (p) => (p[0], bench.proof?.value ?? NaN),
  ];
  const x = letter === "p" ? { label, min: 0, max: 1 } : { label, min: { f: 0 }, max: { f: 1 } };
  const panel = (/** @type {string} */ title, /** @type {number} */ k, /** @type {number} */ color, /** @type {any[]} */ marks = []) => ({
    x, y: { label: title.toLowerCase(), min: { f: 2 + 2 * k }, max: { f: 3 + 2 * k } }, title: [title],
    marks: [...marks, { kind: "curve", y: { f: 8 + k }, color }],
  });
  const chord = [{ kind: "segment", x1: { f: 11 }, y1: { f: 12 }, x2: { f: 13 }, y2: { f: 14 }, color: 6, dashed: true }, { kind: "point", x: { f: 15 }, y: { f: 16 }, color: 1 }];
  const spec = {
    controls: [VERSION], description: [`Your loss, its slope and its curvature over the ${label}.`],
    panels: [panel("Loss", 0, OWN, chord), panel("Slope", 1, 0), panel("Curvature", 2, 2)],
  };
  return { spec, functions };
}

/** exp(−ℓ) beside the bell curve of the same mean and spread. */
function noiseFigure(bench) {
  /** @type {Compiled[]} */
  const functions = [
    (p, x) => (p[0], bench.noise?.at(x) ?? NaN),
    (p, x) => {
      const { mean = NaN, deviation = NaN } = p[0] ? bench.noise ?? {} : {}, z = (x - mean) / deviation;
      return Math.exp((-z * z) / 2) / (deviation * Math.sqrt(2 * Math.PI));
    },
  ];
  const marks = [{ kind: "curve", y: { f: 0 }, color: OWN, label: ["your noise"] }, { kind: "curve", y: { f: 1 }, color: 6, dashed: true, label: ["bell curve of the same spread"] }];
  return { spec: { controls: [VERSION], description: ["The density that has your loss as its negative logarithm."], panels: [{ x: { label: "residual r", min: -6, max: 6 }, y: { label: "density", min: 0 }, marks, wide: true }] }, functions };
}

function dataFigure(bench) {
  const { controls, state, hear } = bench.dragged("r"), all = [["your loss", null, OWN], ...NEAR];
  /** @type {Compiled[]} */
  const functions = [
    ...all.map((_, k) => /** @type {Compiled} */ ((p, x) => (p[0], bench.fits[k].line ? bench.fits[k].line[0] + bench.fits[k].line[1] * x : NaN))),
    ...all.map((_, k) => /** @type {Compiled} */ ((p) => (p[0], bench.fits[k].constant?.at ?? NaN))),
  ];
  const first = functions.length;
  bench.points.r.forEach((_, i) => functions.push((p) => p[1 + 2 * i], (p) => p[2 + 2 * i]));
  const dots = bench.points.r.map((_, i) => ({ kind: "point", x: { f: first + 2 * i }, y: { f: first + 2 * i + 1 }, drag: [[`x${i}`], [`y${i}`]], color: 6 }));
  const still = dots.map(({ drag, ...dot }) => dot);
  const axes = { x: { label: "x", min: -3.2, max: 3.2 }, y: { label: "y", min: -4.2, max: 4.2 } };
  const spec = {
    controls: [VERSION, ...controls], description: ["Lines and constants that four losses like best, through points that can be dragged."],
    panels: [
      { ...axes, title: ["Best line"], marks: [...all.map(([label, , color], k) => ({ kind: "curve", y: { f: k }, color, label: [label], dashed: k > 0 })), ...dots] },
      { ...axes, title: ["Best constant"], marks: [...all.map(([label, , color], k) => ({ kind: "curve", y: { f: all.length + k }, color, label: [label], dashed: k > 0 })), ...still] },
    ],
  };
  return { spec, functions, state, hear };
}

function marginFigure(bench) {
  const { controls, state, hear } = bench.dragged("m"), all = [["your loss", null, OWN], ...SURROGATES];
  /** Two ends of a boundary, far off. @type {(k: number, side: number, axis: number) => number} */
  const end = (k, side, axis) => {
    const w = bench.boundaries[k];
    if (!w) return NaN;
    const size = Math.hypot(w[0], w[1]), unit = [w[0] / size, w[1] / size], foot = -w[2] / size, along = [-unit[1], unit[0]];
    return foot * unit[axis] + side * 20 * along[axis];
  };
  /** @type {Compiled[]} */
  const functions = all.flatMap((_, k) => [[-1, 0], [-1, 1], [1, 0], [1, 1]].map(([side, axis]) => /** @type {Compiled} */ ((p) => (p[0], end(k, side, axis)))));
  const first = functions.length;
  bench.points.m.forEach((_, i) => functions.push((p) => p[1 + 2 * i], (p) => p[2 + 2 * i]));
  const best = functions.push((p, eta) => (p[0], scored(bench, eta, "score"))) - 1;
  functions.push((p) => (p[0], 0));
  const dots = bench.points.m.map(([, , label], i) => ({ kind: "point", x: { f: first + 2 * i }, y: { f: first + 2 * i + 1 }, drag: [[`x${i}`], [`y${i}`]], color: label < 0 ? 6 : 2 }));
  const lines = all.map(([label, , color], k) => ({ kind: "segment", x1: { f: 4 * k }, y1: { f: 4 * k + 1 }, x2: { f: 4 * k + 2 }, y2: { f: 4 * k + 3 }, color, dashed: k > 0 }));
  const key = all.map(([label, , color], k) => ({ kind: "curve", y: { f: functions.length - 1 }, range: [9, 10], color, label: [label], dashed: k > 0 }));
  const spec = {
    controls: [VERSION, ...controls], description: ["Boundaries between two classes of points that can be dragged; the best score for each probability."],
    panels: [
      { x: { label: "x₁", min: -3.2, max: 3.2 }, y: { label: "x₂", min: -4.2, max: 4.2 }, title: ["Boundary"], marks: [...key, ...lines, ...dots] },
      { x: { label: "probability η of the label 1", min: 0, max: 1 }, y: { label: "best score", min: -6, max: 6 }, title: ["Best score f*(η)"], marks: [{ kind: "curve", y: { f: best }, color: OWN }] },
    ],
  };
  return { spec, functions, state, hear };
}

/** Between the probabilities that were tried. @type {(bench: Bench, eta: number, what: "score" | "said") => number} */
function scored(bench, eta, what) {
  const { best } = bench.scores, place = eta * 50 - 1, i = Math.min(best.length - 2, Math.max(0, Math.floor(place))), t = place - i;
  return t < -0.01 || t > 1.01 ? NaN : best[i][what] * (1 - t) + best[i + 1][what] * t;
}
function chanceFigure(bench) {
  /** @type {Compiled[]} */
  const functions = [(p, eta) => (p[0], scored(bench, eta, "said")), (p, eta) => eta];
  const marks = [{ kind: "curve", y: { f: 1 }, color: 6, dashed: true, label: ["what one believes"] }, { kind: "curve", y: { f: 0 }, color: OWN, label: ["best to say"] }];
  return { spec: { controls: [VERSION], description: ["The best probability to say for each that one believes."], panels: [{ x: { label: "probability η that one believes", min: 0, max: 1 }, y: { label: "probability said", min: 0, max: 1 }, marks, wide: true }] }, functions };
}

/** A walk down the loss, from a start that is dragged. */
function descentFigure(bench) {
  const { letter } = bench.typed, chance = letter === "p", low = chance ? 0.01 : -20, high = chance ? 0.99 : 20, steps = 30;
  /** @type {number[]} */
  let path = [], key = "";
  const walk = (/** @type {number[]} */ p) => {
    if (key !== (key = p.slice(0, 3).join())) path = descent(bench.loss, p[1], p[2], steps);
    return path;
  };
  /** @type {Compiled[]} */
  const functions = [
    (p) => (p[0], bench.reach.low), (p) => (p[0], bench.reach.high), (p) => (p[0], bench.reach.ends[0][0]), (p) => (p[0], bench.reach.ends[0][1]),
    (p, x) => (p[0], bench.loss.f(x)), () => 0, (p) => p[3] + 1,
    (p) => walk(p)[p[3]] ?? NaN, (p) => bench.loss.f(walk(p)[p[3]] ?? NaN), (p) => p[1], (p) => bench.loss.f(p[1] + 0 * p[0]),
    (p) => walk(p).length - 1, (p) => walk(p).at(-1), (p) => bench.loss.f(walk(p).at(-1)), (p, k) => walk(p)[Math.round(k)] ?? NaN,
  ];
  const name = { r: "residual r", m: "margin m", p: "probability p" }[letter];
  const spec = {
    controls: [VERSION, hidden("start", "start", low, high, { step: chance ? 0.01 : 0.1 }), { kind: "slider", name: "rate", label: "learning rate", min: 0.001, max: 100, format: ".3g", log: true }],
    computed: [{ names: ["k"], start: [{ f: 5 }], step: [{ f: 6 }], steps: { f: 11 }, x: { f: 7 }, y: { f: 8 } }],
    description: [`Gradient descent on your loss from `, [{ f: 9 }, ".3g"], `: after `, [{ f: 11 }, "d"], ` steps at `, [{ f: 12 }, ".3g"], `.`],
    readout: [["After ", [{ f: 11 }, "d"], ` steps it is at ${letter} = `, [{ f: 12 }, ".4g"], ", where the loss is ", [{ f: 13 }, ".4g"], ". Drag the start."]],
    panels: [
      { x: { label: name, min: { f: 0 }, max: { f: 1 } }, y: { label: "loss", min: { f: 2 }, max: { f: 3 } }, title: ["Walk on the loss"],
        marks: [{ kind: "curve", y: { f: 4 }, color: OWN }, { kind: "trajectory", path: "k", color: 0 }, { kind: "point", x: { f: 9 }, y: { f: 10 }, color: 1, drag: [["start"], null] }] },
      { x: { label: "step", min: 0, max: steps }, y: { label: name }, title: ["Step by step"], marks: [{ kind: "bars", y: { f: 14 }, range: [0, { f: 11 }], color: 0 }] },
    ],
  };
  return { spec, functions, state: { start: bench.x0, rate: bench.rate }, hear: (/** @type {Model} */ model) => {
    model.on("change:start", () => (bench.x0 = model.get("start")));
    model.on("change:rate", () => (bench.rate = model.get("rate")));
  } };
}

export { NEAR, SURROGATES, chanceFigure, curves, dataFigure, descentFigure, hidden, marginFigure, noiseFigure };
