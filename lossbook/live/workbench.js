// @ts-check
// The page's side of the workbench: a line to type in, sliders for the names in it, drawings by the engine of the
// figures, and what analysis.js and its neighbours find out, a little at a time, while nobody waits.

import { compiled, density, lossOf, read, remembered, verdicts } from "./analysis.js";
import { EXPONENTS, FORMATS, culprit, rewritten, runs, strips, toPython } from "./digits.js";
import { bestBoundary, bestConstant, bestLine, calibration, descent, nearest, properness } from "./fits.js";
import { factsOf, handout } from "./writing.js";
import { OF, chanceLines, nearestLine, noiseLines, scoreLines, superscript, verdictLines } from "./wording.js";

/**
 * @typedef {import("./analysis.js").Loss} Loss
 * @typedef {import("./analysis.js").Typed} Typed
 * @typedef {(p: number[], ...bound: number[]) => number} Compiled
 */

const STYLE = `
.lw{--lw-ink:var(--pst-color-text-base,var(--jp-ui-font-color1,#222));--lw-quiet:var(--pst-color-text-muted,var(--jp-ui-font-color2,#555));
 --lw-edge:var(--pst-color-border,var(--jp-border-color2,#c8c8c8));--lw-back:var(--pst-color-background,var(--jp-layout-color0,#fff));
 color:var(--lw-ink);font:14px/1.45 system-ui,sans-serif;max-width:100%}
.lw :is(h3,h4){font:600 16px/1.3 system-ui,sans-serif;margin:1.4rem 0 .3rem;color:inherit}
.lw .lw-line{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:.3rem 0}
.lw label{display:inline-flex;gap:8px;align-items:center;margin:0;max-width:100%}
.lw .lw-text{font:16px/1.4 ui-monospace,monospace;flex:1 1 16rem;min-width:0;padding:4px 8px;border:1px solid var(--lw-quiet);border-radius:5px;background:var(--lw-back);color:var(--lw-ink)}
.lw .lw-text[aria-invalid=true]{border-color:var(--lb-1);border-width:2px;padding:3px 7px}
.lw :is(select,.lw-button){font:inherit;color:var(--lw-ink);background:var(--lw-back);border:1px solid var(--lw-quiet);border-radius:5px;padding:3px 10px;min-height:30px;max-width:100%;margin:0}
.lw .lw-button{cursor:pointer}
.lw input[type=range]{min-height:28px;flex:1 1 110px;min-width:80px;max-width:16rem;margin:0;accent-color:var(--lb-0)}
.lw :is(input,select,button,summary,pre):focus-visible{outline:2px solid var(--lw-ink);outline-offset:2px}
.lw .lw-fault{min-height:2.9em;margin:.1rem 0}
.lw mark{background:none;color:inherit;border-bottom:3px solid var(--lb-1)}
.lw output{font-variant-numeric:tabular-nums;font-weight:600;min-width:3.4em}
.lw .lw-old{opacity:.45}
.lw p{margin:.25rem 0;max-width:44rem}
.lw table{border-collapse:collapse;margin:.3rem 0;width:100%}
.lw :is(th,td){text-align:left;vertical-align:top;padding:3px 12px 3px 0;border-bottom:1px solid var(--lw-edge);font-weight:400;background:none;overflow-wrap:anywhere}
.lw tbody th{font-weight:600;width:5.5em}
.lw td:nth-child(2){width:30%}
.lw .lw-verdicts{min-height:12rem}
.lw .lw-strip{display:grid;grid-template-columns:5em repeat(81,minmax(0,1fr));row-gap:4px;align-items:center;margin:.4rem 0;font-size:13px}
.lw .lw-strip>i{height:20px;background:var(--lb-color,transparent)}
.lw .lw-strip>b{font-weight:400;color:var(--lw-quiet)}
.lw .lw-right{--lb-color:color-mix(in srgb,var(--lb-0) 30%,transparent)}
.lw .lw-loses{--lb-color:repeating-linear-gradient(45deg,var(--lb-1) 0 3px,transparent 3px 6px)}
.lw :is(.lw-nothing,.lw-overflows,.lw-underflows){--lb-color:var(--lb-1)}
.lw .lw-too{--lb-color:repeating-linear-gradient(90deg,var(--lb-6) 0 1px,transparent 1px 4px)}
.lw .lw-key{display:flex;flex-wrap:wrap;gap:4px 16px}
.lw .lw-key span{display:inline-flex;gap:6px;align-items:center}
.lw .lw-key i{width:22px;height:14px;background:var(--lb-color)}
.lw .lw-key .lw-no{border:1px dotted var(--lw-quiet)}
.lw pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 ui-monospace,monospace;color:inherit;background:none;border:1px solid var(--lw-edge);padding:8px;margin:.3rem 0;max-height:24rem;overflow:auto}
.lw summary{cursor:pointer;min-height:28px;width:max-content;max-width:100%}
.lw code{font:inherit;font-family:ui-monospace,monospace;background:none;border:0;padding:0;color:inherit;overflow-wrap:anywhere}
@media (max-width:600px){.lw tr{display:grid;grid-template-columns:5em 1fr}.lw :is(td,th){border:0}.lw td:nth-child(2){width:auto}.lw td:nth-child(3){grid-column:2;padding-top:0;border-bottom:1px solid var(--lw-edge)}}
@media print{.lw :is(.lw-button,select,input[type=range]){display:none}}
`;

function addStyle() {
  const page = /** @type {Document & { lossbookBench?: string }} */ (document);
  if (page.lossbookBench === STYLE) return;
  page.lossbookBench = STYLE;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** @type {(tag: string, className?: string, parent?: Element | null, attributes?: Record<string, string>, text?: string) => any} */
function element(tag, className = "", parent = null, attributes = {}, text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  if (text) node.textContent = text;
  parent?.append(node);
  return node;
}

/** What the engine takes for a model: it has no kernel behind it. */
class Model {
  /** @param {Record<string, any>} state */
  constructor(state) {
    this.state = state;
    /** @type {Map<string, Set<() => void>>} */
    this.heard = new Map();
  }
  get(name) {
    return this.state[name];
  }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    for (const call of this.heard.get(`change:${name}`) ?? []) call();
  }
  on(event, call) {
    if (!this.heard.has(event)) this.heard.set(event, new Set());
    this.heard.get(event).add(call);
  }
  off(event, call) {
    this.heard.get(event)?.delete(call);
  }
  save_changes() {}
}

// ------------------------------------------------------------------------------------------------------ little tools
/** A hidden number that grows when what the functions close over has changed: the engine computes anew then. */
const VERSION = { kind: "slider", name: "version", label: "", min: 0, max: 1e12, format: "d", integer: true, hidden: true };
/** @type {(name: string, label: string, min: number, max: number, more?: object) => object} */
const hidden = (name, label, min, max, more = {}) => ({ kind: "slider", name, label, min, max, format: ".3g", hidden: true, ...more });
const SLOW = 2; // milliseconds for the slopes at a hundred places, beyond which not all are computed at each letter
const PIECE = 4; // milliseconds of work before the page may do something else
const pause = () => new Promise((go) => ("requestIdleCallback" in globalThis ? requestIdleCallback(go, { timeout: 100 }) : setTimeout(go)));

/** Slopes at eight times as many places. @type {(loss: Loss, grid: { low: number, high: number, jets: any[] }) => Generator<void, { low: number, high: number, jets: any[] }, void>} */
function* finer(loss, { low, high, jets }) {
  const found = [], n = 8 * (jets.length - 1);
  for (let i = 0; i <= n; i++) {
    found.push(loss.slopes(low + (i / n) * (high - low)));
    yield;
  }
  return { low, high, jets: found };
}

/** Ends of an axis that show most of the values: what is wild is cut off. @param {number[]} values @returns {[number, number]} */
function ends(values) {
  const ys = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!ys.length) return [0, 1];
  const at = (/** @type {number} */ t) => ys[Math.round(t * (ys.length - 1))], [low, high] = [at(0.06), at(0.94)], room = high - low || Math.abs(high) || 1;
  const lo = Math.max(ys[0], low - 3 * room), hi = Math.min(ys.at(-1), high + 3 * room), margin = 0.06 * (hi - lo) || 1;
  return [lo - margin, hi + margin];
}

/** Where a name's slider begins and ends, and where it stands at first; a logarithmic one where that is natural. @param {string} name */
function range(name) {
  if (/^(q|tau|τ|eta|η)$/.test(name)) return { low: 0.01, high: 0.99, usual: 0.7, log: false };
  if (/^(alpha|α|a)$/.test(name)) return { low: -4, high: 4, usual: 1, log: false };
  if (/^(gamma|γ)$/.test(name)) return { low: 0, high: 6, usual: 2, log: false };
  return { low: 0.05, high: 20, usual: 1, log: true };
}
const POSITIONS = 400;
/** @type {(name: string, value: number) => number} */
const positionOf = (name, value) => {
  const { low, high, log } = range(name), t = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.round(POSITIONS * Math.min(1, Math.max(0, t)));
};
/** @type {(name: string, position: number) => number} */
const valueAt = (name, position) => {
  const { low, high, log } = range(name), t = position / POSITIONS;
  return Number((log ? low * (high / low) ** t : low + t * (high - low)).toPrecision(3));
};

// --------------------------------------------------------------------------------------------------------- the bench
const START = { r: 4, m: 4, p: 1 };
const POINTS = { r: [[-2, -1.6], [-1, -0.5], [0, 0.3], [1, 0.8], [1.6, 1.2], [2, 2.2], [2.6, -3]],
  m: [[-2, -1, -1], [-1, -1.6, -1], [-0.4, 0.6, -1], [0.2, -0.4, 1], [1, 1.5, 1], [2, 0.4, 1]] };
const NEAR = [["squared", (/** @type {number} */ r) => r * r, 1], ["absolute", Math.abs, 2], ["Huber", (/** @type {number} */ r) => (Math.abs(r) < 1 ? (r * r) / 2 : Math.abs(r) - 0.5), 0]];
const SURROGATES = [["logistic", (/** @type {number} */ m) => Math.max(-m, 0) + Math.log1p(Math.exp(-Math.abs(m))), 0], ["hinge", (/** @type {number} */ m) => Math.max(0, 1 - m), 4]];
const OWN = 3;

class Bench {
  constructor({ model, el, engine }) {
    this.model = model;
    this.engine = engine;
    this.say = (/** @type {number} */ x) => engine.formatNumber(x, ".3g");
    this.round = 0;
    this.view = START.r;
    this.x0 = 3;
    this.rate = 0.5;
    /** @type {Record<string, number>} */
    this.settings = {};
    this.points = structuredClone(POINTS);
    this.root = element("div", "lw lossbook-workbench", el);
    this.buildHead();
    this.parts = Object.fromEntries(["curves", "book", "noise", "data", "descent", "digits", "code"].map((name) => [name, element("section", "", this.root)]));
    const around = element("div", "lw-verdicts", null);
    this.parts.curves.after(around);
    this.verdicts = element("table", "", around);
    const heads = { noise: "Whose noise it is", data: "What it does to data", descent: "How gradient descent walks on it", digits: "Where it loses its digits", code: "To copy", book: "Which of the book’s it is" };
    for (const [name, head] of Object.entries(heads)) {
      element("h3", "", this.parts[name], {}, head);
      this.parts[`${name}Text`] = element("div", "", this.parts[name], name === "book" ? { role: "status" } : {});
    }
  }

  buildHead() {
    const line = element("div", "lw-line", this.root), label = element("label", "", line, {}, "Start from");
    this.choice = element("select", "", label);
    element("option", "", this.choice, { value: "" }, "your own");
    for (const { name, text } of this.model.get("book")) element("option", "", this.choice, { value: text }, name);
    this.choice.addEventListener("change", () => this.choice.value && this.type(this.choice.value, {}));
    const typed = element("div", "lw-line", this.root), own = element("label", "", typed, {}, "ℓ =");
    own.style.flex = "1 1 100%";
    this.input = element("input", "lw-text", own, { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": "Your loss, a formula of r, m or p", "data-lm-suppress-shortcuts": "" });
    this.fault = element("p", "lw-fault", this.root, { role: "status" });
    this.sliders = element("div", "lw-line", this.root);
    this.input.addEventListener("input", () => {
      this.choice.value = "";
      this.change(this.input.value);
    });
    if (globalThis.lossbookPage) {
      this.copy = element("button", "lw-button", line, { type: "button" }, "Copy link");
      this.copy.addEventListener("click", () => this.copyLink());
    }
  }

  /** @type {(text: string, settings: Record<string, number>) => void} */
  type(text, settings) {
    this.input.value = text;
    this.change(text, settings);
  }

  /** What happens at each letter: read, draw; the rest waits until nobody types. @type {(text: string, settings?: Record<string, number>) => void} */
  change(text, settings = {}) {
    const typed = read(text), wrong = "message" in typed;
    this.input.setAttribute("aria-invalid", String(wrong));
    this.root.classList.toggle("lw-wrong", wrong);
    this.stop();
    if (wrong) {
      const { message, at, to } = typed, before = text.slice(Math.max(0, at - 30), at), part = text.slice(at, Math.min(to, at + 60));
      this.fault.replaceChildren(message, ...(part ? [" ", element("code", "", null, {}, before)] : []));
      if (part) this.fault.lastChild.append(element("mark", "", null, {}, part), text.slice(to, to + 20));
      for (const part of [this.verdicts, ...Object.values(this.parts)]) part.classList.add("lw-old");
      return;
    }
    this.fault.replaceChildren(`A loss of the ${OF[typed.letter]} ${typed.letter}` + (typed.names.length ? `, with ${typed.names.join(" and ")} to move.` : "."));
    const before = this.typed?.letter;
    this.typed = typed;
    this.settings = Object.fromEntries(typed.names.map((name) => [name, settings[name] ?? this.settings[name] ?? range(name).usual]));
    if (before !== typed.letter) {
      this.view = START[typed.letter];
      this.x0 = typed.letter === "p" ? 0.2 : typed.letter === "m" ? -2 : 3;
    }
    this.buildSliders();
    this.renew(before !== typed.letter);
  }

  /** A slider for each name, and one for how far the drawings reach. */
  buildSliders() {
    const { names, letter } = this.typed, key = [...names, letter].join();
    if (this.sliders.dataset.key !== key) {
      this.sliders.dataset.key = key;
      this.sliders.replaceChildren();
      for (const name of names) {
        this.slider(name, { min: 0, max: POSITIONS }, () => positionOf(name, this.settings[name]), (position) => (this.settings[name] = valueAt(name, position)), () => this.say(this.settings[name]));
      }
      if (letter !== "p") {
        this.slider("drawn to ±", { min: -4, max: 12 }, () => Math.round(4 * Math.log10(this.view / 4)) * 1, (position) => (this.view = Number((4 * 10 ** (position / 4)).toPrecision(2))), () => this.say(this.view));
      }
    }
    for (const { update } of this.moved ?? []) update();
  }

  /** @type {(name: string, ends: { min: number, max: number }, get: () => number, set: (position: number) => void, words: () => string) => void} */
  slider(name, { min, max }, get, set, words) {
    if (!this.sliders.childNodes.length) this.moved = [];
    const label = element("label", "", this.sliders, {}, name);
    const input = element("input", "", label, { type: "range", min: String(min), max: String(max), "data-parameter": name, "data-lm-suppress-shortcuts": "" }), shown = element("output", "", label, { "aria-hidden": "true" });
    const update = () => {
      input.value = String(get());
      shown.textContent = words();
      input.setAttribute("aria-valuetext", words());
    };
    this.moved.push({ update });
    input.addEventListener("input", () => {
      set(Number(input.value));
      update();
      this.renew(false);
    });
  }

  /** The loss as it is now: drawn at once, thought about later. @param {boolean} other whether its letter is another one */
  renew(other) {
    this.stop();
    this.loss = lossOf(this.typed, this.settings);
    this.version = (this.version ?? 0) + 1;
    /** @type {Map<number, { slope: number, bend: number }>} */
    this.jets = new Map();
    this.coarse = null;
    const { letter } = this.typed, [low, high] = letter === "p" ? [0, 1] : [-this.view, this.view];
    const xs = Array.from({ length: 97 }, (_, i) => low + (i / 96) * (high - low)), begun = performance.now(), jets = xs.map((x) => this.jet(x));
    // Of a long formula the slopes are drawn between these places at first, and between more as soon as nobody types.
    if (performance.now() - begun > SLOW) this.coarse = { low, high, jets };
    this.reach = { low, high, ends: [ends(xs.map(this.loss.f)), ends(jets.map(({ slope }) => slope)), ends(jets.map(({ bend }) => bend))] };
    this.proof = null;
    this.noise = null;
    if (other) {
      for (const name of ["curves", "noise", "data", "descent"]) this.close(name);
      this.open("curves", this.curves());
    } else this.touch("curves");
    for (const part of [this.verdicts, ...Object.values(this.parts)]) part.classList.toggle("lw-old", part !== this.parts.curves);
    const round = this.round;
    this.waiting = setTimeout(() => this.think(round), other && !this.thought ? 0 : 250);
  }

  jet(/** @type {number} */ x) {
    if (this.coarse) {
      const { low, high, jets } = this.coarse, place = ((x - low) / (high - low)) * (jets.length - 1), i = Math.min(jets.length - 2, Math.max(0, Math.floor(place)));
      const [a, b] = [jets[i], jets[i + 1]], t = Math.min(1, Math.max(0, place - i)), between = (/** @type {"slope" | "bend"} */ what) => (t ? a[what] + t * (b[what] - a[what]) : a[what]);
      return { slope: between("slope"), bend: between("bend") };
    }
    let found = this.jets.get(x);
    if (!found) this.jets.set(x, (found = this.loss.slopes(x)));
    return found;
  }

  // ------------------------------------------------------------------------------------------------ work while idle
  stop() {
    this.round++;
    clearTimeout(this.waiting);
  }

  /** Does some work in pieces; gives nothing when something else was typed meanwhile. @template T @param {Generator<void, T, void>} work @param {number} round @returns {Promise<T>} */
  async during(work, round) {
    for (;;) {
      await pause();
      if (round !== this.round) throw this;
      const begun = performance.now();
      do {
        const { done, value } = work.next();
        if (done) return /** @type {T} */ (value);
      } while (performance.now() - begun < PIECE);
    }
  }

  /** @param {number} round */
  async think(round) {
    try {
      const { loss, settings, typed } = this, { letter } = typed;
      if (this.coarse) {
        this.coarse = await this.during(finer(loss, this.coarse), round);
        this.touch("curves");
      }
      const found = await this.during(verdicts(loss, settings), round);
      this.found = found;
      this.proof = found.shape.chord ?? null;
      this.tell(found);
      this.touch("curves");
      this.words("book", [nearestLine(await this.during(nearest(loss, this.model.get("book"), remembered), round), this.say)]);
      if (letter === "r") {
        const noise = await this.during(density(loss, found.sharp.places), round);
        this.noise = noise.kind === "density" ? noise : null;
        this.words("noise", noiseLines(noise, this.say));
        if (!this.noise) this.close("noise");
        else this.show("noise", () => this.noiseFigure());
      } else {
        this.close("noise");
        this.words("noise", noiseLines({ kind: "not of a residual" }, this.say));
      }
      await this.data(round);
      this.show("descent", () => this.descentFigure());
      this.words("descent", []);
      this.digits(await this.during(strips(typed.tree, letter, settings), round), await this.better(round));
      this.code();
      this.thought = true;
      this.keep();
    } catch (fault) {
      if (fault !== this) throw fault;
    }
  }

  /** @type {(name: string, lines: string[]) => void} */
  words(name, lines) {
    this.parts[`${name}Text`].replaceChildren(...lines.map((text) => element("p", "", null, {}, text)));
    for (const part of [this.parts[name], this.parts[`${name}Text`]]) part.classList.remove("lw-old");
  }

  /** @param {any} found */
  tell(found) {
    const body = element("tbody");
    for (const { name, verdict, proof } of verdictLines(found, this.typed.letter, this.say)) {
      const row = element("tr", "", body);
      element("th", "", row, { scope: "row" }, name);
      element("td", "", row, {}, verdict);
      element("td", "", row, {}, proof);
    }
    this.verdicts.replaceChildren(body);
    this.verdicts.classList.remove("lw-old");
  }

  // -------------------------------------------------------------------------------------------------------- figures
  /** @type {(name: string, figure: { spec: any, functions: Compiled[], state?: Record<string, any>, hear?: (model: Model) => void }) => void} */
  open(name, { spec, functions, state = {}, hear }) {
    this.close(name);
    const model = new Model({ spec: { computed: [], readout: [], formulas: [], description: [""], ...spec }, version: this.version, ...state });
    const place = element("div", "", null);
    if (name === "curves") this.parts[name].append(place);
    else this.parts[`${name}Text`].before(place);
    this.figures ??= {};
    this.figures[name] = { model, place };
    hear?.(model);
    return this.engine.render({ model, el: place }, [], functions);
  }
  close(name) {
    this.figures?.[name]?.place.remove();
    if (this.figures) delete this.figures[name];
  }
  /** Draws a figure anew, or makes it. @type {(name: string, make: () => any) => void} */
  show(name, make) {
    if (this.figures?.[name]) this.touch(name);
    else this.open(name, make());
    this.parts[name].classList.remove("lw-old");
  }
  touch(name) {
    const model = this.figures?.[name]?.model;
    if (model) model.set("version", (this.version = Math.max(this.version, model.get("version")) + 1));
  }

  /** Value, slope and curvature. */
  curves() {
    const { letter } = this.typed, label = { r: "residual r", m: "margin m", p: "probability p of the label" }[letter];
    /** @type {Compiled[]} */
    const functions = [
      (p) => (p[0], this.reach.low), (p) => (p[0], this.reach.high),
      ...[0, 1, 2].flatMap((k) => [0, 1].map((side) => /** @type {Compiled} */ ((p) => (p[0], this.reach.ends[k][side])))),
      (p, x) => (p[0], this.loss.f(x)), (p, x) => (p[0], this.jet(x).slope), (p, x) => (p[0], this.jet(x).bend),
      (p) => (p[0], this.proof?.a ?? NaN), (p) => (p[0], this.proof ? this.loss.f(this.proof.a) : NaN),
      (p) => (p[0], this.proof?.b ?? NaN), (p) => (p[0], this.proof ? this.loss.f(this.proof.b) : NaN),
      (p) => (p[0], this.proof?.middle ?? NaN), (p) => (p[0], this.proof?.value ?? NaN),
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
  noiseFigure() {
    /** @type {Compiled[]} */
    const functions = [
      (p, x) => (p[0], this.noise?.at(x) ?? NaN),
      (p, x) => {
        const { mean = NaN, deviation = NaN } = p[0] ? this.noise ?? {} : {}, z = (x - mean) / deviation;
        return Math.exp((-z * z) / 2) / (deviation * Math.sqrt(2 * Math.PI));
      },
    ];
    const marks = [{ kind: "curve", y: { f: 0 }, color: OWN, label: ["your noise"] }, { kind: "curve", y: { f: 1 }, color: 6, dashed: true, label: ["bell curve of the same spread"] }];
    return { spec: { controls: [VERSION], description: ["The density that has your loss as its negative logarithm."], panels: [{ x: { label: "residual r", min: -6, max: 6 }, y: { label: "density", min: 0 }, marks, wide: true }] }, functions };
  }

  /** @param {number} round */
  async data(round) {
    const { letter } = this.typed;
    if (letter === "r") {
      await this.fit(round);
      this.show("data", () => this.dataFigure());
    } else if (letter === "m") {
      await this.separate(round);
      this.scores = await this.during(calibration(this.loss), round);
      this.words("data", [...this.boundaryLines(), ...scoreLines(this.scores, this.say)]);
      this.show("data", () => this.marginFigure());
    } else {
      this.scores = await this.during(properness(this.loss), round);
      this.words("data", chanceLines(this.scores, this.say));
      this.show("data", () => this.chanceFigure());
    }
  }

  /** Constants and lines. @param {number} round */
  async fit(round) {
    const points = /** @type {[number, number][]} */ (this.points.r), ys = points.map(([, y]) => y), falls = this.found.lowest.falls, found = [];
    for (const f of [this.loss.f, ...NEAR.map(([, g]) => /** @type {(r: number) => number} */ (g))]) {
      const own = f === this.loss.f;
      found.push({ constant: own && falls ? null : bestConstant(f, ys), line: own && falls ? null : await this.during(bestLine(f, points), round) });
    }
    this.fits = found;
    const [{ constant, line }, squared, absolute] = found, lines = [];
    if (falls) lines.push("The loss falls without end, and so does its sum over these points: no constant and no line is best.");
    else if (!constant) lines.push("No best constant was found.");
    else {
      lines.push(`The best constant is ${this.say(constant.at)}; the mean is ${this.say(squared.constant.at)}, the median ${this.say(absolute.constant.at)}.`
        + (constant.valleys > 1 ? ` The total loss has ${constant.valleys} valleys: descent may end in the wrong one.` : ""));
    }
    if (line) lines.push(`The best line that was found has slope ${this.say(line[1])}.`);
    this.words("data", [...lines, "Drag the points: one of them lies far off."]);
  }

  dragged(/** @type {"r" | "m"} */ set) {
    const controls = this.points[set].flatMap((_, i) => [hidden(`x${i}`, `point ${i + 1} across`, -3, 3, { step: 0.1 }), hidden(`y${i}`, `point ${i + 1} up`, -4, 4, { step: 0.1 })]);
    const state = Object.fromEntries(this.points[set].flatMap(([x, y], i) => [[`x${i}`, x], [`y${i}`, y]]));
    const hear = (/** @type {Model} */ model) => {
      this.points[set].forEach((point, i) => ["x", "y"].forEach((axis, k) => model.on(`change:${axis}${i}`, () => {
        point[k] = model.get(`${axis}${i}`);
        this.stop();
        const round = this.round;
        // The rest of what is known of the loss stays as it is.
        this.waiting = setTimeout(() => this.refit(set, round), 30);
      })));
    };
    return { controls, state, hear };
  }

  /** @type {(set: "r" | "m", round: number) => Promise<void>} */
  async refit(set, round) {
    try {
      if (set === "r") await this.fit(round);
      else {
        await this.separate(round);
        this.words("data", [...this.boundaryLines(), ...scoreLines(this.scores, this.say)]);
      }
      this.touch("data");
      if (!this.thought) this.waiting = setTimeout(() => this.think(this.round), 250);
    } catch (fault) {
      if (fault !== this) throw fault;
    }
  }

  dataFigure() {
    const { controls, state, hear } = this.dragged("r"), all = [["your loss", null, OWN], ...NEAR];
    /** @type {Compiled[]} */
    const functions = [
      ...all.map((_, k) => /** @type {Compiled} */ ((p, x) => (p[0], this.fits[k].line ? this.fits[k].line[0] + this.fits[k].line[1] * x : NaN))),
      ...all.map((_, k) => /** @type {Compiled} */ ((p) => (p[0], this.fits[k].constant?.at ?? NaN))),
    ];
    const first = functions.length;
    this.points.r.forEach((_, i) => functions.push((p) => p[1 + 2 * i], (p) => p[2 + 2 * i]));
    const dots = this.points.r.map((_, i) => ({ kind: "point", x: { f: first + 2 * i }, y: { f: first + 2 * i + 1 }, drag: [[`x${i}`], [`y${i}`]], color: 6 }));
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

  /** Boundaries. @param {number} round */
  async separate(round) {
    const points = /** @type {[number, number, number][]} */ (this.points.m), found = [];
    for (const f of [this.loss.f, ...SURROGATES.map(([, g]) => /** @type {(m: number) => number} */ (g))]) found.push(await this.during(bestBoundary(f, points), round));
    this.boundaries = found;
  }
  boundaryLines() {
    const wrong = (/** @type {number[] | null} */ w) => w && this.points.m.filter(([x, y, label]) => label * (w[0] * x + w[1] * y + w[2]) <= 0).length, n = wrong(this.boundaries[0]);
    return [n === null ? "No boundary is best: the loss falls without end." : `Its boundary has ${n || "none"} of the six points on the wrong side. (All boundaries pay 0.01 |w|² too, or where all points are right nothing would be best.)`];
  }
  marginFigure() {
    const { controls, state, hear } = this.dragged("m"), all = [["your loss", null, OWN], ...SURROGATES];
    /** Two ends of a boundary, far off. @type {(k: number, side: number, axis: number) => number} */
    const end = (k, side, axis) => {
      const w = this.boundaries[k];
      if (!w) return NaN;
      const size = Math.hypot(w[0], w[1]), unit = [w[0] / size, w[1] / size], foot = -w[2] / size, along = [-unit[1], unit[0]];
      return foot * unit[axis] + side * 20 * along[axis];
    };
    /** @type {Compiled[]} */
    const functions = all.flatMap((_, k) => [[-1, 0], [-1, 1], [1, 0], [1, 1]].map(([side, axis]) => /** @type {Compiled} */ ((p) => (p[0], end(k, side, axis)))));
    const first = functions.length;
    this.points.m.forEach((_, i) => functions.push((p) => p[1 + 2 * i], (p) => p[2 + 2 * i]));
    const best = functions.push((p, eta) => (p[0], this.scored(eta, "score"))) - 1;
    functions.push((p) => (p[0], 0));
    const dots = this.points.m.map(([, , label], i) => ({ kind: "point", x: { f: first + 2 * i }, y: { f: first + 2 * i + 1 }, drag: [[`x${i}`], [`y${i}`]], color: label < 0 ? 6 : 2 }));
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

  /** Between the probabilities that were tried. @type {(eta: number, what: "score" | "said") => number} */
  scored(eta, what) {
    const { best } = this.scores, place = eta * 50 - 1, i = Math.min(best.length - 2, Math.max(0, Math.floor(place))), t = place - i;
    return t < -0.01 || t > 1.01 ? NaN : best[i][what] * (1 - t) + best[i + 1][what] * t;
  }
  chanceFigure() {
    /** @type {Compiled[]} */
    const functions = [(p, eta) => (p[0], this.scored(eta, "said")), (p, eta) => eta];
    const marks = [{ kind: "curve", y: { f: 1 }, color: 6, dashed: true, label: ["what one believes"] }, { kind: "curve", y: { f: 0 }, color: OWN, label: ["best to say"] }];
    return { spec: { controls: [VERSION], description: ["The best probability to say for each that one believes."], panels: [{ x: { label: "probability η that one believes", min: 0, max: 1 }, y: { label: "probability said", min: 0, max: 1 }, marks, wide: true }] }, functions };
  }

  /** A walk down the loss, from a start that is dragged. */
  descentFigure() {
    const { letter } = this.typed, chance = letter === "p", low = chance ? 0.01 : -20, high = chance ? 0.99 : 20, steps = 30;
    /** @type {number[]} */
    let path = [], key = "";
    const walk = (/** @type {number[]} */ p) => {
      if (key !== (key = p.slice(0, 3).join())) path = descent(this.loss, p[1], p[2], steps);
      return path;
    };
    /** @type {Compiled[]} */
    const functions = [
      (p) => (p[0], this.reach.low), (p) => (p[0], this.reach.high), (p) => (p[0], this.reach.ends[0][0]), (p) => (p[0], this.reach.ends[0][1]),
      (p, x) => (p[0], this.loss.f(x)), () => 0, (p) => p[3] + 1,
      (p) => walk(p)[p[3]] ?? NaN, (p) => this.loss.f(walk(p)[p[3]] ?? NaN), (p) => p[1], (p) => this.loss.f(p[1] + 0 * p[0]),
      (p) => walk(p).length - 1, (p) => walk(p).at(-1), (p) => this.loss.f(walk(p).at(-1)), (p, k) => walk(p)[Math.round(k)] ?? NaN,
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
    return { spec, functions, state: { start: this.x0, rate: this.rate }, hear: (/** @type {Model} */ model) => {
      model.on("change:start", () => (this.x0 = model.get("start")));
      model.on("change:rate", () => (this.rate = model.get("rate")));
    } };
  }

  // --------------------------------------------------------------------------------------------------------- digits
  /** The formula as the book would write it, and how it fares. @param {number} round */
  async better(round) {
    const tree = rewritten(this.typed.tree);
    return tree && { text: toPython(tree), found: await this.during(strips(tree, this.typed.letter, this.settings), round) };
  }

  /** @type {(found: any, better: { text: string, found: any } | null) => void} */
  digits(found, better) {
    const place = this.parts.digitsText, { letter, text } = this.typed, show = (/** @type {any} */ all) => {
      const strip = element("div", "lw-strip", place, { role: "img", "aria-label": stripWords(all, letter).join(" ") });
      for (const [format, cells] of Object.entries(all)) {
        for (const side of [-1, 1]) {
          const row = cells.filter((/** @type {any} */ cell) => cell.side === side), name = letter === "p" ? (side < 0 ? "p" : "1 − p") : side < 0 ? `−${letter}` : letter;
          element("b", "", strip, {}, `${side < 0 ? format : ""}`);
          strip.lastChild.style.gridColumn = "1";
          if (side < 0) strip.lastChild.title = name;
          for (const { from, to, state } of runs(row)) {
            const part = element("i", `lw-${state.replace(" ", "-").replace(/^too-.*/, "too")}`, strip), at = (/** @type {any} */ cell) => EXPONENTS.indexOf(cell.exponent) + 2;
            part.style.gridColumn = `${at(from)} / ${at(to) + 1}`;
          }
        }
      }
      const axis = element("b", "", strip);
      axis.style.gridColumn = "1";
      axis.textContent = "size of";
      for (const exponent of letter === "p" ? [-20, -10, -1] : [-20, -10, 0, 10]) {
        const mark = element("b", "", strip, {}, exponent === 0 ? "1" : `10${superscript(exponent)}`);
        mark.style.gridColumn = `${EXPONENTS.indexOf(exponent) + 2} / span 12`;
      }
      axis.textContent = letter === "p" ? "p, 1 − p" : `|${letter}|`;
    };
    place.replaceChildren();
    element("p", "", place, {}, letter === "p" ? "Upper rows: p close to 0; lower rows: 1 − p close to 0." : `Upper rows: ${letter} below 0; lower rows: above. Each operation is rounded to the format; the truth is the same formula at a hundred digits.`);
    show(found);
    const key = element("p", "lw-key", place);
    for (const [state, words] of [["right", "right"], ["loses", "loses digits"], ["overflows", "nothing left of it"], ["too", "beyond the format’s numbers"], ["no", "no such number, or not decided"]]) {
      const one = element("span", "", key);
      element("i", `lw-${state}`, one);
      one.append(words);
    }
    const lost = runs(found.float64).find(({ state }) => /loses|nothing|flows/.test(state));
    for (const line of stripWords(found, letter)) element("p", "", place, {}, line);
    if (lost) {
      const part = culprit(this.typed.tree, letter, this.settings, "float64", lost.from.x);
      if (part && part.to) {
        const line = element("p", "", place, {}, `At ${letter} = ${this.say(lost.from.x)} it is this part that goes wrong first: `);
        element("code", "", line, {}, text.slice(part.at, part.to));
      }
    }
    if (better) {
      const line = element("p", "", place, {}, "The book writes it so: ");
      element("code", "", line, {}, better.text);
      show(better.found);
    } else if (lost) element("p", "", place, {}, "The book knows no better way to write this.");
    for (const part of [this.parts.digits, place]) part.classList.remove("lw-old");
  }

  // ----------------------------------------------------------------------------------------------------------- code
  code() {
    const { letter } = this.typed, place = this.parts.codeText, facts = factsOf(this.found, this.loss, letter === "m" ? this.scores : undefined);
    const { numpy, sympy, torch } = handout(this.typed, this.settings, facts, (part) => compiled(part)({}));
    place.replaceChildren();
    element("p", "", place, {}, "How the book would have it. Its tests decide whether it is right everywhere: how to add a loss stands in CONTRIBUTING.md.");
    if (!numpy) element("p", "", place, {}, "The book has no base class for a loss of one probability.");
    for (const [name, text] of [["The class in NumPy", numpy], ["The formula in SymPy", sympy], ["A function in PyTorch", torch]]) {
      if (!text) continue;
      const fold = element("details", "", place);
      element("summary", "", fold, {}, name);
      const copy = element("button", "lw-button", fold, { type: "button" }, "Copy"), shown = element("pre", "", fold, { tabindex: "0", "aria-label": name }, text);
      copy.addEventListener("click", async () => {
        const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
        if (!copied) getSelection().selectAllChildren(shown);
        copy.textContent = copied ? "Copied" : "Press Ctrl+C";
        setTimeout(() => (copy.textContent = "Copy"), 2000);
      });
    }
    for (const part of [this.parts.code, place]) part.classList.remove("lw-old");
  }

  // ----------------------------------------------------------------------------------------------------------- link
  link() {
    const query = new URLSearchParams({ loss: this.typed.text, ...Object.fromEntries(Object.entries(this.settings).map(([name, x]) => [name, String(x)])) });
    if (this.typed.letter !== "p" && this.view !== START[this.typed.letter]) query.set("view", String(this.view));
    return `${location.href.split("#")[0]}#workbench?${query}`;
  }
  /** The address of the page holds what is typed, so that a reload brings it back; the kernel hears of it. */
  keep() {
    this.model.set("formula", this.typed.text);
    this.model.set("settings", { ...this.settings });
    this.model.save_changes();
    if (!this.copy || !this.linked) return;
    try {
      history.replaceState(history.state, "", this.link());
    } catch {
      // Where a page may not change its address, the button still copies the link.
    }
  }
  async copyLink() {
    const address = this.link();
    this.linked = true;
    this.keep();
    const copied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
    this.copy.textContent = copied ? "Copied" : "See the address above";
    setTimeout(() => (this.copy.textContent = "Copy link"), 2000);
  }
  /** Takes what a link holds; says whether it holds anything. */
  follow() {
    const [place, query] = location.hash.slice(1).split("?");
    if (!this.copy || place !== "workbench" || !query) return false;
    const told = Object.fromEntries(new URLSearchParams(query)), { loss = "", view, ...rest } = told;
    const settings = Object.fromEntries(Object.entries(rest).map(([name, x]) => [name, Number(x)]).filter(([, x]) => Number.isFinite(x)));
    this.linked = true;
    this.type(loss, settings);
    if (this.typed && Number(view) >= 0.4 && Number(view) <= 4000) {
      this.view = Number(view);
      this.buildSliders();
      this.renew(false);
    }
    return true;
  }
}

/** What the strips show, in words. @type {(found: Record<string, any[]>, letter: string) => string[]} */
function stripWords(found, letter) {
  const verbs = { loses: "loses digits", nothing: "has no right digit", overflows: "overflows", underflows: "comes out as 0" };
  return Object.entries(found).map(([format, cells]) => {
    const said = runs(cells).filter(({ state }) => state in verbs).map(({ state, side, from, to, digits }) => {
      const name = letter === "p" ? (side < 0 ? "p" : "1 − p") : side < 0 ? `−${letter}` : letter, ten = (/** @type {any} */ cell) => `10${superscript(Math.round(cell.exponent))}`;
      return { key: `${state}${from.exponent}${to.exponent}`, name, text: verbs[state] + (state === "loses" ? ` (down to ${digits.toFixed(0)} of ${FORMATS[format].digits.toFixed(0)})` : "") + ` from ${ten(from)} to ${ten(to)}` };
    });
    const both = said.filter(({ key }, i) => said.findIndex((other) => other.key === key) === i).map(({ key, name, text }) => (said.filter((other) => other.key === key).length > 1 && letter !== "p" ? `|${letter}|` : name) + ` ${text}`);
    return `${format}: ${both.length ? both.join("; ") : "right wherever there is a right answer"}.`;
  });
}

/** @param {{ model: any, el: HTMLElement, engine: any }} context */
async function render(context) {
  addStyle();
  const bench = new Bench(context), { model } = context;
  if (!bench.follow()) bench.type(model.get("formula"), model.get("settings"));
  const follow = () => bench.follow(), hear = () => model.get("formula") !== bench.typed?.text && bench.type(model.get("formula"), model.get("settings"));
  addEventListener("hashchange", follow);
  model.on("change:formula", hear);
  return () => {
    bench.stop();
    removeEventListener("hashchange", follow);
    model.off("change:formula", hear);
    bench.root.remove();
  };
}

export { Bench, render };
