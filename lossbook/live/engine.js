// @ts-check
// Draws a declared figure as SVG and moves it with native controls.
// One figure is one model: its declaration (`spec`), its compiled expressions (`_code`) and its parameters (traits).
// Everything that a formula computes comes from `_code`, which Python compiled from SymPy; nothing here knows a loss.
// What few figures need stands in parts of its own, which travel with those figures.

/**
 * What Python declares (`Evaluation.spec`): a number, or the number of a compiled function; parts of a text.
 * @typedef {number | { f: number }} Reference
 * @typedef {(p: number[], ...bound: number[]) => number} Compiled
 * @typedef {string | [string] | [Reference, string]} TextPart
 * @typedef {{ label: string, min?: Reference, max?: Reference, log?: boolean, bare?: boolean }} AxisSpec
 * @typedef {{ x: AxisSpec, y: AxisSpec, marks: any[], title?: TextPart[], wide?: boolean,
 *   equal?: number }} PanelSpec
 * @typedef {{ names: string[], start: Reference[], step?: Reference[], steps?: Reference, x?: Reference, y?: Reference }} Computation
 * @typedef {{ mathml: string, numbers: [Reference, string][], cases?: Reference[], show?: Reference, tall: number }} FormulaSpec
 * @typedef {{ controls: any[], computed: Computation[], panels: PanelSpec[], description: TextPart[], readout: TextPart[][],
 *   formulas: FormulaSpec[] }} Spec
 * @typedef {{ get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *   on(event: string, callback: () => void): void, off(event: string, callback: () => void): void }} Model
 * @typedef {{ lo: number, hi: number, log: boolean, a: number, b: number, px: (x: number) => number,
 *   inverse: (px: number) => number, at: (t: number) => number }} Axis
 * @typedef {[number, number]} Pair
 * @typedef {SVGElement & { drawn: Record<string, string | number> }} Drawn
 */

// ------------------------------------------------------------------------------------------------- numbers in words
/** @param {number} n */
const superscript = (n) => String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

/**
 * Writes a number as lossbook.live.text.format_number does.
 * @param {number} value
 * @param {string} spec
 */
function formatNumber(value, spec) {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const [, digits = "6", type] = spec.match(/^(?:\.(\d+))?([fge%d])$/);
  const n = Number(digits);
  let text;
  if (type === "d") text = String(Math.round(value));
  else if (type === "f") text = value.toFixed(n);
  else if (type === "%") text = (100 * value).toFixed(n) + "%";
  else if (type === "e") text = value.toExponential(n);
  else {
    const precision = Math.max(n, 1);
    const [mantissa, power] = value.toExponential(precision - 1).split("e");
    const scientific = value !== 0 && (Number(power) < -4 || Number(power) >= precision);
    const trim = (s) => (s.includes(".") ? s.replace(/\.?0+$/, "") : s);
    text = scientific ? `${trim(mantissa)}e${power}` : trim(value.toFixed(Math.max(precision - 1 - Number(power), 0)));
  }
  let [mantissa, power] = text.split("e");
  if (/^-[0.]*%?$/.test(mantissa)) mantissa = mantissa.slice(1);
  mantissa = mantissa.replace("-", "−");
  return power === undefined ? mantissa : `${mantissa} × 10${superscript(Number(power))}`;
}

/**
 * A step of 1, 2 or 5 times a power of ten that is not below `raw`.
 * @param {number} raw
 */
function niceStep(raw) {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((f) => f * power >= raw * (1 - 1e-9));
  return factor * power;
}

// ------------------------------------------------------------------------------------------------------------- axes
/**
 * An axis maps data to pixels, `lo` to `a` and `hi` to `b`.
 * @param {number} lo
 * @param {number} hi
 * @param {boolean} log
 * @returns {Axis}
 */
function makeAxis(lo, hi, log) {
  const forward = log ? Math.log10 : (/** @type {number} */ x) => x;
  const l = forward(lo), h = forward(hi);
  /** @type {Axis} */
  const axis = {
    lo, hi, log, a: 0, b: 1,
    px: (x) => axis.a + ((forward(x) - l) / (h - l)) * (axis.b - axis.a),
    inverse: (px) => {
      const t = l + ((px - axis.a) / (axis.b - axis.a)) * (h - l);
      return log ? 10 ** t : t;
    },
    at: (t) => (log ? 10 ** (l + t * (h - l)) : t === 1 ? hi : lo + t * (hi - lo)),
  };
  return axis;
}

/**
 * Ticks as {value, text}, with a common power of ten for very large or small numbers.
 * @param {Axis} axis
 * @param {number} count
 * @param {boolean} integer
 */
function makeTicks(axis, count, integer) {
  const { lo, hi, log } = axis;
  if (log) {
    const first = Math.ceil(Math.log10(lo) - 1e-9), last = Math.floor(Math.log10(hi) + 1e-9);
    const every = Math.max(1, Math.ceil((last - first + 1) / count));
    const ticks = [];
    for (let e = first; e <= last; e += every) {
      ticks.push({ value: 10 ** e, text: Math.abs(e) <= 3 ? String(Number((10 ** e).toPrecision(1))) : `10${superscript(e)}` });
    }
    return { ticks, power: 0 };
  }
  let step = niceStep((hi - lo) / count);
  if (integer) step = Math.max(1, Math.round(step));
  const largest = Math.max(Math.abs(lo), Math.abs(hi));
  const magnitude = Math.floor(Math.log10(largest));
  const power = magnitude < -2 || magnitude > (lo < 0 ? 2 : 3) ? magnitude : 0; // so that numbers fit the gutter
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + power);
  const ticks = [];
  for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi + step * 1e-9; i++) {
    ticks.push({ value: i * step, text: formatNumber((i * step) / 10 ** power, `.${decimals}f`) });
  }
  return { ticks, power };
}

// --------------------------------------------------------------------------------------------------------- sampling
const BASE_SAMPLES = 96, MAX_DEPTH = 6, EDGE_DEPTH = 14, MAX_POINTS = 1500;

/**
 * Adds points [x, y] to those of a curve where it bends (measured in pixels) and where it leaves the real numbers.
 * @param {Pair[]} coarse
 * @param {(x: number) => Pair} f
 * @param {(t: number) => number} at
 * @param {(point: Pair) => Pair} toPixels
 */
function refine(coarse, f, at, toPixels) {
  /** @type {Pair[]} */
  const points = [];
  const finite = (/** @type {Pair} */ point) => Number.isFinite(point[0]) && Number.isFinite(point[1]);
  /** @type {(t0: number, p0: Pair, t1: number, p1: Pair, depth: number) => void} */
  const add = (t0, p0, t1, p1, depth) => {
    const ok0 = finite(p0), ok1 = finite(p1);
    if ((!ok0 && !ok1) || points.length > MAX_POINTS) return;
    const t = (t0 + t1) / 2;
    if (ok0 !== ok1) {
      if (depth < EDGE_DEPTH) {
        const p = f(at(t));
        add(t0, p0, t, p, depth + 1);
        points.push(p);
        add(t, p, t1, p1, depth + 1);
      }
      return;
    }
    if (depth >= MAX_DEPTH) return;
    const p = f(at(t));
    if (finite(p)) {
      const [x0, y0] = toPixels(p0), [x1, y1] = toPixels(p1), [x, y] = toPixels(p);
      if (!(Math.abs(y - (y0 + y1) / 2) + Math.abs(x - (x0 + x1) / 2) > 0.35)) return;
    }
    add(t0, p0, t, p, depth + 1);
    points.push(p);
    add(t, p, t1, p1, depth + 1);
  };
  coarse.forEach((point, i) => {
    if (i) add((i - 1) / BASE_SAMPLES, coarse[i - 1], i / BASE_SAMPLES, point, 0);
    points.push(point);
  });
  return points;
}

// Pixels beyond which a path is cut off: browsers draw larger numbers badly.
const FAR = 1e5;
/** @param {number} x */
const round = (x) => Math.round(Math.min(FAR, Math.max(-FAR, x)) * 100) / 100;

/**
 * SVG path through the points; a point that is not finite leaves a gap.
 * @param {Pair[]} points
 * @param {Axis} X
 * @param {Axis} Y
 */
function linePath(points, X, Y) {
  let path = "", pen = "M";
  for (const [x, y] of points) {
    const px = X.px(x), py = Y.px(y);
    if (Number.isFinite(px) && Number.isFinite(py)) {
      path += `${pen}${round(px)} ${round(py)}`;
      pen = "L";
    } else pen = "M";
  }
  return path;
}

/** @type {(x0: number, y0: number, x1: number, y1: number, size: number) => string} */
const arrowHead = (x0, y0, x1, y1, size) => {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 0)) return "";
  const ux = (x1 - x0) / length, uy = (y1 - y0) / length, s = Math.min(size, length);
  const wing = (/** @type {number} */ side) => `${round(x1 - s * ux - side * 0.5 * s * uy)} ${round(y1 - s * uy + side * 0.5 * s * ux)}`;
  return `M${wing(1)}L${round(x1)} ${round(y1)}L${wing(-1)}`;
};

// ---------------------------------------------------------------------------------------------------------- drawing
const SVG = "http://www.w3.org/2000/svg";

/**
 * Gives a node attributes; what it has already is not touched.
 * @param {Element} node
 * @param {Record<string, string | number>} attributes
 */
const give = (node, attributes) => {
  for (const name in attributes) {
    const value = String(attributes[name]);
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
};

// Reuses the nodes of the last drawing, so that a redraw touches only what changed.
// Within a layer all nodes of one tag must have the same attributes.
class Layer {
  constructor(parent, attributes = {}) {
    this.node = document.createElementNS(SVG, "g");
    give(this.node, attributes);
    parent.append(this.node);
    this.count = 0;
  }
  /**
   * @param {string} tag
   * @param {Record<string, string | number>} attributes
   * @param {string} [text]
   */
  put(tag, attributes, text) {
    let node = /** @type {Drawn} */ (this.node.childNodes[this.count]);
    if (!node || node.tagName !== tag) {
      const fresh = Object.assign(document.createElementNS(SVG, tag), { drawn: {} });
      if (node) node.replaceWith(fresh);
      else this.node.append(fresh);
      node = fresh;
    }
    this.count++;
    for (const name in attributes) {
      if (node.drawn[name] !== attributes[name]) node.setAttribute(name, String((node.drawn[name] = attributes[name])));
    }
    if (text !== undefined) setText(node, text);
  }
  finish() {
    while (this.node.childNodes.length > this.count) this.node.lastChild.remove();
    this.count = 0;
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {Element | null} parent
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, className, parent, attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  give(node, attributes);
  parent?.append(node);
  return node;
}

// A letter that stands for a number: every small Greek one, and a Latin one by itself that is not an article or "I".
const SYMBOL = /([α-ωϕϵµ]\u0302?|y\u0302|(?<![\p{L}\p{N}’'])(?:[b-zB-HJ-Z]|A(?! [a-zα-ω])|a(?= ?[=−+·²^):‖])|(?<=[±(=·] ?)a)(?![\p{L}\d’']))/u;

/** @type {WeakMap<Element, string>} */
const said = new WeakMap();
/** @type {(node: Element, text: string) => void} */
const setText = (node, text) => {
  if (said.get(node) === text) return;
  said.set(node, text);
  text = text.normalize("NFD"); // the hat of ŷ by itself
  const parts = text.split(SYMBOL);
  if (parts.length === 1) return void (node.textContent = text);
  const name = node.namespaceURI === SVG ? "tspan" : "i";
  node.replaceChildren(...parts.map((part, i) => {
    if (i % 2 === 0) return part;
    const symbol = document.createElementNS(node.namespaceURI, name);
    give(symbol, { class: "lb-symbol" });
    symbol.textContent = part;
    return symbol;
  }));
};

const measure = (() => {
  /** @type {CanvasRenderingContext2D} */
  let context;
  /** @type {Map<string, number>} */
  const widths = new Map();
  return (/** @type {string} */ text, weight = 400) => {
    const key = `${weight}${text}`;
    if (!widths.has(key)) {
      context ??= document.createElement("canvas").getContext("2d");
      context.font = `${weight} 13px system-ui, sans-serif`;
      if (widths.size > 5000) widths.clear();
      widths.set(key, context.measureText(text).width);
    }
    return widths.get(key);
  };
})();

/** @type {<T>(list: T[], most: number) => T[]} */
const thinned = (list, most) => {
  const stride = Math.max(1, (list.length - 1) / (most - 1));
  return list.length <= most ? list : Array.from({ length: most }, (_, i) => list[Math.round(i * stride)]);
};

const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
/** @type {(node: Element, text: string, now: number, min: number, max: number) => void} */
const speak = (node, text, now, min, max) =>
  give(node, { "aria-valuetext": text, "aria-valuenow": now, "aria-valuemin": min, "aria-valuemax": max });

const ACCENT = 1, LEGEND_KINDS = new Set(["curve", "area", "bars", "contour", "field", "trajectory"]);

class PanelView {
  // What the last drawing left.
  drawn; curves; names; ghost; xTicks;

  /**
   * @param {FigureView} figure
   * @param {PanelSpec} spec
   * @param {number} index
   */
  constructor(figure, spec, index) {
    this.figure = figure;
    this.spec = spec;
    this.wide = spec.wide;
    this.root = element("div", "lb-panel", figure.panels);
    this.title = element("div", "lb-title", this.root);
    this.legend = element("div", "lb-legend", this.root, { "aria-hidden": "true" });
    this.yLabel = element("div", "lb-axis lb-y", this.root, { "aria-hidden": "true" });
    this.plot = element("div", "lb-plot", this.root);
    this.xLabel = element("div", "lb-axis lb-x", this.root, { "aria-hidden": "true" });
    this.svg = document.createElementNS(SVG, "svg");
    give(this.svg, { role: "img" });
    this.plot.append(this.svg);
    this.clip = `${figure.id}-clip${index}`;
    const clip = document.createElementNS(SVG, "clipPath");
    clip.id = this.clip;
    this.window = document.createElementNS(SVG, "rect");
    clip.append(this.window);
    this.svg.append(clip);
    this.grid = new Layer(this.svg, { class: "lb-grid" });
    this.past = new Layer(this.svg, { "clip-path": `url(#${this.clip})`, class: "lb-past" });
    this.marks = new Layer(this.svg, { "clip-path": `url(#${this.clip})` });
    this.dots = new Layer(this.svg);
    this.words = new Layer(this.svg, { class: "lb-words" });
    this.hair = new Layer(this.svg, { class: "lb-words lb-hair" });
    let color = 0;
    this.colors = spec.marks.map((mark) => mark.color ?? (LEGEND_KINDS.has(mark.kind) ? color++ % 7 : -1));
    this.drawLegend();
    this.buildReader();
    this.handles = new Map();
    this.grips = [];
    for (const mark of spec.marks) if (mark.drag) this.handles.set(mark, this.makeHandle(mark));
  }

  drawLegend() {
    this.entries = [];
    this.spec.marks.forEach((mark, i) => {
      if (!mark.label || !LEGEND_KINDS.has(mark.kind)) return;
      const entry = element("span", "lb-entry", this.legend);
      const flat = mark.kind === "bars" || mark.kind === "area";
      element("span", `lb-swatch lb-c${this.colors[i]}${flat ? " lb-flat" : ""}${mark.dashed ? " lb-dashed" : ""}`, entry);
      this.entries.push([mark, entry, element("span", "", entry)]);
    });
  }

  // A point that can be dragged, or moved by the arrow keys when it has the focus.
  makeHandle(mark) {
    const { figure } = this;
    const [sx, sy] = mark.drag;
    const controls = [sx, sy].map((one) => one && figure.control(one[0]));
    const main = controls[0] ?? controls[1];
    const label = `Drag: ${controls.filter(Boolean).map((c) => c.label).join(", ")}`;
    const node = element("div", `lb-handle lb-along${sx ? "-x" : ""}${sy ? "-y" : ""}`, this.plot, { role: "slider", tabindex: "0", "aria-label": label });
    const move = (event) => {
      const px = this.pixel(event);
      [this.X, this.Y].forEach((axis, i) => {
        if (!controls[i]) return;
        const at = Math.min(Math.max(axis.inverse(px[i]), axis.lo), axis.hi), meant = mark.drag[i][1];
        figure.set(controls[i].name, meant === undefined ? axis.inverse(px[i]) : figure.number(meant, at));
      });
    };
    const handle = { node, x: 0, y: 0 };
    this.grips.push(handle);
    node.addEventListener("pointerdown", (event) => {
      // Where the reach of several points overlaps, the nearest is meant.
      const [px, py] = this.pixel(event), away = (/** @type {typeof handle} */ grip) => Math.hypot(grip.x - px, grip.y - py);
      const nearest = this.grips.reduce((best, grip) => (away(grip) < away(best) ? grip : best), handle).node;
      nearest.setPointerCapture(event.pointerId);
      nearest.focus({ preventScroll: true });
      event.preventDefault();
    });
    node.addEventListener("pointermove", (event) => node.hasPointerCapture(event.pointerId) && move(event));
    node.addEventListener("keydown", (event) => {
      const value = figure.model.get(main.name), ten = 10 * figure.step(main);
      const there = { Home: figure.number(main.min), End: figure.number(main.max), PageUp: value + ten, PageDown: value - ten }[event.key];
      const direction = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] }[event.key];
      if (there !== undefined) figure.set(main.name, there);
      else if (direction) {
        const control = controls[direction[0]] ?? main;
        figure.set(control.name, figure.model.get(control.name) + direction[1] * figure.step(control) * (event.shiftKey ? 10 : 1));
      } else return;
      event.preventDefault();
    });
    const update = (px, py) => {
      node.hidden = Number.isNaN(px); // a point that is not shown
      [handle.x, handle.y] = [px, py];
      node.style.left = `${px}px`;
      node.style.top = `${py}px`;
      const said = controls.filter(Boolean).map((c) => `${c.label} ${figure.shown(c)}`).join(", ");
      speak(node, said, figure.value(main.name), figure.number(main.min), figure.number(main.max));
    };
    return update;
  }

  // Values are read off where the pointer or a finger is, or by the arrow keys: the whole drawing is one slider.
  buildReader() {
    const { figure, spec, plot } = this, { marks, x: { label } } = spec;
    if (!marks.some((mark) => mark.kind === "bars" || (mark.kind === "curve" && !mark.x))) return;
    const first = !figure.readers.has(label), reader = element("div", "lb-reader", plot);
    const whole = marks.some(({ kind }) => kind === "bars");
    const here = () => (figure.hair?.label === label ? figure.hair.x : (this.X.lo + this.X.hi) / 2);
    const say = () => {
      const { lo, hi } = this.X, x = here(), views = figure.views.filter((view) => view.spec.x.label === label);
      const said = views.flatMap((view) => view.readings(x)).map(({ name, y }) => `, ${name} ${formatNumber(y, ".3g")}`);
      speak(reader, formatNumber(x, ".3g") + said.join(""), x, lo, hi);
    };
    if (first) {
      figure.readers.add(label);
      give(reader, { role: "slider", tabindex: 0, "aria-label": `Read values along ${label}` });
      figure.update.push(say);
    }
    this.read = (/** @type {number | null} */ x) => {
      if (x !== null) x = Math.min(Math.max(whole ? Math.round(x) : x, this.X.lo), this.X.hi);
      figure.hair = x === null ? null : { label, x };
      for (const view of figure.views) view.drawHair();
    };
    for (const kind of ["pointerdown", "pointermove"]) reader.addEventListener(kind, (event) => this.read(this.X.inverse(this.pixel(event)[0])));
    // A finger that is lifted leaves the values to be looked at.
    reader.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.read(null));
    reader.addEventListener("blur", () => this.read(null));
    reader.addEventListener("keydown", (event) => {
      const x = here(), direction = ARROWS[event.key];
      if (event.key === "Escape") return this.read(null);
      const step = this.X.inverse(this.X.px(x) + direction * (event.shiftKey ? 40 : 4));
      const there = { Home: this.X.lo, End: this.X.hi }[event.key] ?? (direction && (whole ? Math.round(x) + direction : step));
      if (there === undefined) return;
      this.read(there);
      say();
      event.preventDefault();
    });
  }

  /**
   * What is drawn at an abscissa.
   * @param {number} x
   */
  readings(x) {
    const { figure, spec } = this;
    return spec.marks.flatMap((mark, i) => {
      const drawn = this.drawn[i], curve = this.curves[i];
      if (!drawn || mark.x || (mark.kind !== "curve" && mark.kind !== "bars")) return [];
      const ends = curve && [curve.at(0), curve.at(1)];
      const y = !curve ? drawn.find(([k]) => k === x)?.[1] : x >= Math.min(...ends) && x <= Math.max(...ends) ? curve.point(x)[1] : NaN;
      const name = (mark.label && figure.text(mark.label)) || (spec.title ? figure.text(spec.title) : spec.y.label);
      return Number.isFinite(y) ? [{ y, name, color: this.colors[i] }] : [];
    });
  }

  // The line through all panels over this abscissa, with a number for each curve.
  drawHair() {
    const { X, Y, hair, figure } = this, x = figure.hair?.x;
    this.root.classList.toggle("lb-read", Boolean(figure.hair));
    if (figure.hair?.label === this.spec.x.label && x >= X.lo && x <= X.hi) {
      const px = round(X.px(x)), found = this.readings(x).sort((a, b) => b.y - a.y);
      hair.put("line", { x1: px, x2: px, y1: round(Y.b), y2: round(Y.a) });
      // Numbers keep 14 px from one another and stay in the drawing.
      const inside = (/** @type {number} */ py) => Math.min(Math.max(py, Y.b), Y.a), places = found.map(({ y }) => inside(Y.px(y)) + 4);
      for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + 14);
      for (let i = places.length - 1, free = Y.a; i >= 0; i--, free -= 14) places[i] = Math.min(places[i], free);
      const texts = found.map(({ y }) => formatNumber(y, ".3g")), turned = px + 10 + Math.max(0, ...texts.map((text) => measure(text, 600))) > X.b;
      const put = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ anchor, /** @type {string} */ text, color = -1) =>
        hair.put("text", { x, y: round(y), "text-anchor": anchor, class: `lb-c${color}` }, text);
      found.forEach(({ y, color }, i) => {
        const py = Y.px(y);
        if (py >= Y.b && py <= Y.a) hair.put("circle", { cx: px, cy: round(py), r: 4, class: `lb-dot lb-c${color}` });
        put(px + (turned ? -8 : 8), places[i], turned ? "end" : "start", texts[i], color);
      });
      put(px, Y.a + 18, "middle", this.names?.[x] ?? formatNumber(x, ".3g"));
    }
    hair.finish();
  }

  // What was drawn before the hand took a control: faint, and only where it has moved since.
  drawPast() {
    const { X, Y, past, ghost } = this;
    ghost?.forEach((before, i) => {
      const mark = this.spec.marks[i], now = this.drawn[i], shade = `lb-c${this.colors[i] < 0 ? ACCENT : this.colors[i]}`;
      if (!before || !now || !["curve", "bars", "point"].includes(mark.kind)) return;
      const still = (/** @type {number[][]} */ a, /** @type {number[][]} */ b) => a.length === b.length && a.every(([x, y], k) => x === b[k][0] && y === b[k][1]);
      // The axes decide where a curve is sampled: it has moved where it has other heights at the same abscissae.
      const plain = mark.kind === "curve" && !mark.x;
      if (plain ? thinned(before, 24).every(([x, y]) => Object.is(this.curves[i].point(x)[1], y)) : mark.kind === "point" ? still([before], [now]) : still(before, now)) return;
      if (mark.kind === "curve") past.put("path", { d: linePath(before, X, Y), class: `lb-line ${shade}` });
      if (mark.kind === "bars") {
        const half = this.barWidth() / 2, zero = Y.px(Math.min(Math.max(0, Y.lo), Y.hi));
        const d = before.map(([k, y]) => `M${round(X.px(k) - half)} ${round(zero)}V${round(Y.px(y))}H${round(X.px(k) + half)}V${round(zero)}`).join("");
        past.put("path", { d, class: `lb-line ${shade}` });
      }
      if (mark.kind === "point") {
        const [cx, cy] = [round(X.px(before[0])), round(Y.px(before[1]))];
        if (Number.isFinite(cx) && Number.isFinite(cy)) past.put("circle", { cx, cy, r: 5, class: `lb-line ${shade}` });
      }
    });
    past.finish();
  }

  // Where in the drawing a pointer is; on a slide a figure is shown larger than it is drawn.
  pixel(event) {
    const box = this.svg.getBoundingClientRect(), shrink = this.svg.width.baseVal.value / box.width;
    return [(event.clientX - box.left) * shrink, (event.clientY - box.top) * shrink];
  }

  /**
   * Everything that depends on the parameters, in data coordinates; then the axes; then pixels.
   * @param {number} width
   */
  draw(width) {
    const { figure, spec } = this;
    /** @type {FigureView["number"]} */
    const number = (reference, ...bound) => figure.number(reference, ...bound);
    // What an axis without fixed ends must show.
    /** @type {number[]} */
    const xs = [], /** @type {number[]} */ ys = [];
    const visible = spec.marks.map((mark) => mark.show === undefined || number(mark.show) !== 0);
    const found = (/** @type {number} */ value, /** @type {number[]} */ list) => Number.isFinite(value) && list.push(value);

    // 1. x-axis, from the marks that know their abscissae before they are drawn.
    /** @type {string[] | undefined} */
    let names;
    let whole = false;
    /** Numbers or points, by the kind of the mark. @type {any[]} */
    const drawn = spec.marks.map((mark, i) => {
      if (!visible[i]) return null;
      if (mark.kind === "bars") {
        if (mark.names) names = mark.names;
        else whole = true;
        const [first, last] = mark.names ? [0, mark.names.length - 1] : mark.range.map((end) => Math.round(number(end)));
        const bars = [];
        for (let k = first; k <= last; k++) bars.push([k, mark.names ? number(mark.heights[k]) : number(mark.y, k)]);
        xs.push(first - 0.6, last + 0.6);
        ys.push(0);
        for (const bar of bars) found(bar[1], ys);
        return bars;
      }
      if (mark.kind === "trajectory") {
        const path = figure.paths[mark.path];
        for (const [x, y] of path) found(x, xs), found(y, ys);
        return path;
      }
      if (mark.kind === "point") {
        const point = [number(mark.x), number(mark.y)];
        found(point[0], xs);
        found(point[1], ys);
        return point;
      }
      if (mark.kind === "segment") {
        const ends = [[number(mark.x1), number(mark.y1)], [number(mark.x2), number(mark.y2)]];
        for (const [x, y] of ends) found(x, xs), found(y, ys);
        return ends;
      }
      if (mark.kind === "rule") return number(mark.x ?? mark.y);
      return null;
    });
    const X = (this.X = this.axis(spec.x, xs, whole || names ? 0 : 0.05));
    X.a = 0;
    X.b = width;

    // 2. Curves, sampled on a provisional y-axis; then the final one.
    // What a curve does not depend on leaves its samples as they are.
    const curves = spec.marks.map((mark, i) => {
      if (!visible[i] || (mark.kind !== "curve" && mark.kind !== "area")) return null;
      const [lo, hi] = mark.range ? mark.range.map((end) => number(end)) : [X.lo, X.hi];
      const f = figure.functions[mark.y.f], p = figure.p, fx = mark.x && figure.functions[mark.x.f];
      const at = mark.range ? makeAxis(lo, hi, false).at : X.at;
      /** @type {(t: number) => Pair} */
      const point = fx ? (t) => [fx(p, t), f(p, t)] : (x) => [x, f(p, x)];
      const key = figure.key([mark.y, mark.x], lo, hi), kept = this.curves?.[i];
      const coarse = kept?.key === key ? kept.coarse : Array.from({ length: BASE_SAMPLES + 1 }, (_, k) => point(at(k / BASE_SAMPLES)));
      // A curve over the axis is read off at the numbers there, any other evenly along its range.
      const places = (/** @type {number[]} */ ticks) => (mark.range || fx ? [0, 1, 2, 3, 4, 5, 6, 7, 8].map((k) => at(k / 8)) : ticks);
      return { point, at, coarse, places, key, drawn: "" };
    });
    const coarse = [...ys];
    for (const curve of curves) if (curve) for (const [, y] of curve.coarse) found(y, coarse);
    const height = figure.height(width);
    const provisional = this.axis(spec.y, coarse, 0.05);
    provisional.a = height;
    provisional.b = 0;
    const toPixels = (/** @type {Pair} */ [x, y]) => /** @type {Pair} */ ([X.px(x), provisional.px(y)]);
    curves.forEach((curve, i) => {
      if (!curve) return;
      curve.drawn = [curve.key, width, height, provisional.lo, provisional.hi, X.lo, X.hi].join();
      drawn[i] = this.curves?.[i]?.drawn === curve.drawn ? this.drawn[i] : refine(curve.coarse, curve.point, curve.at, toPixels);
      for (const [, y] of drawn[i]) found(y, ys);
      if (spec.marks[i].kind === "area") for (const [x] of drawn[i]) found(number(spec.marks[i].base, x), ys);
    });
    const Y = (this.Y = this.axis(spec.y, ys, 0.05));

    // 3. Room for the numbers at the axes.
    const yTicks = spec.y.bare ? { ticks: [], power: 0 } : makeTicks(Y, Math.max(2, height / 48), false);
    const left = (figure.gutter = Math.max(figure.gutter, 10 + Math.max(...yTicks.ticks.map((tick) => measure(tick.text)), 0)));
    const right = 14, top = 10, bottom = 24;
    X.a = left;
    X.b = Math.min(width - right, left + (height - top - bottom) / (spec.equal ?? 0));
    Y.a = height - bottom;
    Y.b = top;
    const integerTicks = whole && X.hi - X.lo < 12;
    const xTicks = names
      ? { ticks: names.map((text, value) => ({ value, text })), power: 0 }
      : spec.x.bare ? { ticks: [], power: 0 } : makeTicks(X, Math.max(2, (width - left) / 70), integerTicks);
    this.frame(width, height, xTicks, yTicks);
    Object.assign(this, { drawn, curves, names, xTicks: xTicks.ticks });

    // 4. Marks and their words.
    this.labels = [];
    this.taken = [];
    this.points = [];
    this.drawPast();
    spec.marks.forEach((mark, i) => (visible[i] ? this[mark.kind](mark, drawn[i], this.colors[i]) : this.handles.get(mark)?.(NaN, NaN)));
    for (const label of this.labels) this.placeLabel(label);
    this.drawHair();
    for (const layer of [this.grid, this.marks, this.dots, this.words]) layer.finish();
    for (const [mark, entry, words] of this.entries) {
      entry.classList.toggle("lb-off", !visible[spec.marks.indexOf(mark)]); // it keeps its room: nothing below moves
      setText(words, figure.text(mark.label));
    }
    if (spec.title) setText(this.title, figure.text(spec.title));
  }

  /** What the panel draws now, as a table: curves at the numbers of the axis, all else as it is. */
  table() {
    const { figure, spec, xTicks } = this, table = element("table", "", null);
    const show = (/** @type {number} */ value) => formatNumber(value, ".4g");
    const name = (/** @type {number} */ k) => this.names?.[k] ?? show(k);
    element("caption", "", table).textContent = spec.title ? figure.text(spec.title) : `${spec.y.label} over ${spec.x.label}`;
    const row = (/** @type {string[]} */ cells, tag = "td") => {
      const line = element("tr", "", table);
      cells.forEach((text, i) => setText(element(i && tag === "td" ? "td" : "th", "", line, { scope: tag === "th" ? "col" : "row" }), text));
    };
    row(["", spec.x.label, spec.y.label], "th");
    spec.marks.forEach((mark, i) => {
      const drawn = this.drawn[i];
      if (drawn === null || mark.kind === "area" && this.spec.marks.some((other) => other.kind === "curve" && other.y.f === mark.y.f)) return;
      const said = (mark.label && figure.text(mark.label)) || mark.kind;
      if (mark.kind === "rule") return row([said, mark.x === undefined ? "" : show(drawn), mark.x === undefined ? show(drawn) : ""]);
      const curve = this.curves[i];
      const points = curve ? curve.places(xTicks.map((tick) => tick.value)).map(curve.point)
        : mark.kind === "point" ? [drawn] : thinned(drawn ?? [], 12);
      for (const [x, y] of points) row([said, mark.kind === "bars" ? name(x) : show(x), show(y)]);
    });
    return table;
  }

  /**
   * An axis with the declared ends, or ends that hold the values with a margin.
   * @param {AxisSpec} spec
   * @param {number[]} values
   * @param {number} margin
   */
  axis(spec, values, margin) {
    const log = Boolean(spec.log);
    if (log) values = values.filter((v) => v > 0);
    let lo = spec.min === undefined ? Math.min(...values) : this.figure.number(spec.min);
    let hi = spec.max === undefined ? Math.max(...values) : this.figure.number(spec.max);
    if (!Number.isFinite(lo)) lo = !Number.isFinite(hi) ? Number(log) : log ? hi / 10 : hi - 1;
    if (!Number.isFinite(hi)) hi = log ? lo * 10 : lo + 1;
    if (!(hi > lo)) {
      const half = (Math.abs(lo) || 1) / 2;
      [lo, hi] = log ? [lo / 2, lo * 2] : [lo - half, lo + half];
    } else if (log) {
      const extra = (hi / lo) ** margin;
      if (spec.min === undefined) lo /= extra;
      if (spec.max === undefined) hi *= extra;
    } else {
      const extra = (hi - lo) * margin;
      if (spec.min === undefined && lo !== 0) lo -= extra;
      if (spec.max === undefined && hi !== 0) hi += extra;
    }
    return makeAxis(lo, hi, log);
  }

  frame(width, height, xTicks, yTicks) {
    const { X, Y, grid, svg, spec } = this;
    give(svg, { width, height });
    give(this.window, { x: round(X.a), y: round(Y.b), width: round(Math.max(0, X.b - X.a)), height: round(Math.max(0, Y.a - Y.b)) });
    for (const tick of yTicks.ticks) {
      const y = round(Y.px(tick.value));
      grid.put("line", { x1: round(X.a), x2: round(X.b), y1: y, y2: y, class: tick.value === 0 ? "lb-zero" : "" });
      grid.put("text", { x: round(X.a - 6), y: y + 4, "text-anchor": "end" }, tick.text);
    }
    let free = -Infinity;
    for (const tick of xTicks.ticks) {
      const x = round(X.px(tick.value)), half = measure(tick.text) / 2;
      grid.put("line", { x1: x, x2: x, y1: round(Y.a), y2: round(Y.a + 4), class: "lb-tick" });
      // No two numbers on top of each other.
      if (x - half < free) continue;
      free = x + half + 6;
      const anchor = x + half > width ? "end" : "middle";
      grid.put("text", { x: anchor === "end" ? width : x, y: round(Y.a + 18), "text-anchor": anchor }, tick.text);
    }
    grid.put("line", { x1: round(X.a), x2: round(X.b), y1: round(Y.a), y2: round(Y.a), class: "lb-base" });
    const times = (label, power) => (power ? `${label} (× 10${superscript(power)})` : label);
    setText(this.yLabel, times(spec.y.label, yTicks.power));
    setText(this.xLabel, times(spec.x.label, xTicks.power));
  }

  line(mark, d, color, extra = "") {
    this.marks.put("path", { d, class: `lb-line lb-c${color}${mark.dashed ? " lb-dashed" : ""}${extra}` });
  }

  curve(mark, points, color) {
    this.line(mark, linePath(points, this.X, this.Y), color);
  }

  area(mark, points, color) {
    const { X, Y, figure } = this;
    let path = "", upper = [];
    const close = () => {
      if (upper.length > 1) {
        const lower = upper.map(([x]) => [x, figure.number(mark.base, x)]).reverse();
        path += linePath([...upper, ...lower], X, Y) + "Z";
      }
      upper = [];
    };
    for (const point of points) {
      if (Number.isFinite(point[1]) && Number.isFinite(figure.number(mark.base, point[0]))) upper.push(point);
      else close();
    }
    close();
    this.marks.put("path", { d: path, class: `lb-fill lb-c${color}` });
  }

  barWidth() {
    return Math.max(1, Math.min(0.8 * (this.X.px(1) - this.X.px(0)), 64));
  }

  bars(mark, bars, color) {
    const { X, Y, figure } = this;
    const thick = this.barWidth(), chosen = mark.highlight === undefined ? NaN : Math.round(figure.number(mark.highlight));
    const zero = Y.px(Math.min(Math.max(0, Y.lo), Y.hi));
    for (const [k, value] of bars) {
      if (!Number.isFinite(value)) continue;
      const y = Y.px(value);
      const shade = k === chosen ? ACCENT : color;
      this.marks.put("rect", { x: round(X.px(k) - thick / 2), width: round(thick), y: round(Math.min(y, zero)), height: round(Math.abs(zero - y)),
        class: `lb-bar lb-c${shade}` });
      if (mark.values) this.labels.push({ x: X.px(k), y: value < 0 ? y + 12 : y - 4, text: formatNumber(value, mark.values), at: "above" });
    }
  }

  point(mark, [x, y], color) {
    const { X, Y } = this, px = X.px(x), py = Y.px(y), shade = color < 0 ? ACCENT : color;
    if (Number.isNaN(px) || Number.isNaN(py)) return;
    // Beyond the axes it becomes an arrow at the edge, with its value.
    const ex = Math.min(Math.max(px, X.a), X.b), ey = Math.min(Math.max(py, Y.b), Y.a), inside = Math.hypot(px - ex, py - ey) < 1;
    const said = mark.label ? this.figure.text(mark.label) : inside ? "" : formatNumber(py === ey ? x : y, ".3g");
    if (inside) this.dot(px, py, mark.drag ? 7 : 5, shade);
    else {
      const [dx, dy] = [Math.sign(px - ex), Math.sign(py - ey)];
      this.marks.put("path", { d: arrowHead(ex - 11 * dx, ey - 11 * dy, ex, ey, 11) + "Z", class: `lb-line lb-c${shade} lb-away` });
    }
    this.handles.get(mark)?.(ex, ey);
    if (said) this.labels.push({ x: ex, y: ey, text: said, at: "beside" });
  }

  dot(x, y, r, color, extra = "") {
    this.dots.put("circle", { cx: round(x), cy: round(y), r, class: `lb-dot lb-c${color}${extra}` });
    if (r > 3) this.points.push({ x, y, r });
  }

  segment(mark, [[x1, y1], [x2, y2]], color) {
    const a = [this.X.px(x1), this.Y.px(y1)], b = [this.X.px(x2), this.Y.px(y2)];
    if (![...a, ...b].every(Number.isFinite)) return;
    const d = `M${round(a[0])} ${round(a[1])}L${round(b[0])} ${round(b[1])}`;
    this.line(mark, mark.arrow ? d + arrowHead(a[0], a[1], b[0], b[1], 9) : d, color);
    if (mark.label) this.labels.push({ x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, text: this.figure.text(mark.label), at: "beside" });
  }

  rule(mark, value, color) {
    const { X, Y } = this, vertical = mark.x !== undefined, axis = vertical ? X : Y, px = round(axis.px(value));
    if (!Number.isFinite(value) || value < axis.lo || value > axis.hi) return;
    const ends = vertical ? { x1: px, x2: px, y1: round(Y.b), y2: round(Y.a) } : { x1: round(X.a), x2: round(X.b), y1: px, y2: px };
    this.marks.put("line", { ...ends, class: `lb-line lb-rule lb-c${color}${mark.dashed ? " lb-dashed" : ""}` });
    if (!mark.label) return;
    const text = this.figure.text(mark.label);
    this.labels.push(vertical ? { x: px, y: Y.b + 10, text, at: "beside" } : { x: X.b - measure(text, 600) / 2 - 4, y: px - 5, text, at: "above" });
  }

  trajectory(mark, path, color) {
    const { X, Y } = this;
    this.line(mark, linePath(path, X, Y), color, " lb-thin");
    let steps = "";
    path.forEach(([x, y], i) => {
      const last = i === path.length - 1;
      if (path.length > 400 && !last && i > 0) return;
      const px = X.px(x), py = Y.px(y);
      if (!Number.isFinite(px) || !Number.isFinite(py)) return;
      if (px < X.a - 1 || px > X.b + 1 || py < Y.b - 1 || py > Y.a + 1) return;
      if (last) this.dot(px, py, 6, color);
      else if (i === 0) this.dot(px, py, 4.5, color, " lb-hollow");
      else steps += `M${round(px)} ${round(py)}h0`;
    });
    this.marks.put("path", { d: steps, class: `lb-line lb-steps lb-c${color}` });
  }

  // Puts a text where it covers neither other text nor a point and stays in the picture.
  placeLabel({ x, y, text, at }) {
    const w = measure(text, 600), { X, Y, taken, points } = this;
    if (taken.some((t) => t.text === text && Math.hypot(t.x - x, t.y - y) < 2)) return; // said already
    const anchors = at === "above" ? [0, -15, 26].map((dy) => [x - w / 2, y + dy])
      : [-8, 18, 36, -26].flatMap((dy) => [[x + 10, y + dy], [x - w - 10, y + dy]]);
    const box = ([bx, by]) => {
      const left = Math.min(Math.max(bx, X.a + 2), Math.max(X.a + 2, X.b - w));
      const base = Math.min(Math.max(by, Y.b + 12), Y.a - 3);
      return { left, base, moved: Math.abs(left - bx) + Math.abs(base - by) };
    };
    const clash = ({ left, base }) => taken.reduce((sum, t) => {
      const dx = Math.min(left + w, t.left + t.w) - Math.max(left, t.left), dy = 13 - Math.abs(base - t.base);
      return sum + Math.max(dx, 0) * Math.max(dy, 0);
    }, 0) + points.reduce((sum, p) => {
      const dx = Math.min(left + w, p.x + p.r) - Math.max(left, p.x - p.r), dy = Math.min(base + 3, p.y + p.r) - Math.max(base - 11, p.y - p.r);
      return sum + Math.max(dx, 0) * Math.max(dy, 0);
    }, 0);
    const cost = (candidate, i) => 10 * clash(candidate) + 4 * candidate.moved + i;
    const boxes = anchors.map(box), costs = boxes.map(cost), best = boxes[costs.indexOf(Math.min(...costs))];
    taken.push({ ...best, w, x, y, text });
    this.words.put("text", { x: round(best.left), y: round(best.base) }, text);
  }
}

// ----------------------------------------------------------------------------------------------------------- figure
const LOG_POSITIONS = 400;
// Room for the numbers at the upright axes, in pixels.
const GUTTER = 48;
// 0.3 rather than 0.30000000000000004.
const clean = (x) => Number(x.toPrecision(12));
let figures = 0;

class FigureView {
  /** Ends what plays, if anything does. @type {(() => void) | undefined} */
  stop;

  /**
   * @param {Model} model
   * @param {HTMLElement} el
   * @param {Compiled[]} functions
   */
  constructor(model, el, functions) {
    this.model = model;
    /** @type {Spec} */
    this.spec = model.get("spec");
    this.functions = functions;
    /** @type {number[][]} */
    this.used = [];
    this.id = `lossbook-${(figures += 1)}`;
    this.controls = this.spec.controls;
    this.parameters = this.controls.filter(({ kind }) => kind === "slider" || kind === "choice" || kind === "toggle");
    const names = [...this.parameters, ...this.spec.computed].flatMap((part) => part.names ?? part.name);
    /** @type {Record<string, number>} */
    this.places = Object.fromEntries(names.map((name, i) => [name, i]));
    /** @type {number[]} */
    this.p = new Array(names.length).fill(NaN);
    this.initial = Object.fromEntries(this.parameters.map((c) => [c.name, model.get(c.name)]));
    this.root = element("div", "lb-figure", el);
    this.buildReset();
    /** @type {Set<string>} */
    this.readers = new Set();
    /** @type {{ label: string, x: number } | null} */
    this.hair = null;
    this.update = [];
    this.panels = element("div", "lb-panels", this.root);
    this.views = this.spec.panels.map((panel, i) => new PanelView(this, panel, i));
    this.buildFormulas();
    this.buildControls();
    // Below the controls, which stay where they are when a line of it breaks.
    this.readout = element("div", "lb-readout", this.root);
    this.lines = this.spec.readout.map(() => element("div", "", this.readout));
    this.buildNumbers();
    this.status = element("div", "lb-hidden", this.root, { role: "status" });
    // JupyterLab would take the arrow keys from what has the focus.
    for (const node of this.root.querySelectorAll("input,select,button,.lb-handle,.lb-reader")) give(node, { "data-lm-suppress-shortcuts": "" });
    // The state at the moment in which a hand takes a control is what is drawn as the past from then on.
    for (const deed of ["pointerdown", "focusin"]) {
      this.root.addEventListener(deed, ({ target }) => (this.taken = /** @type {Element} */ (target).matches("input,select,.lb-handle,[data-play],[data-action]")), true);
    }
    this.taken = false;
    this.pending = false;
    this.width = 0;
    /** @type {Record<string, Pair[]>} */
    this.paths = {};
  }

  control(name) {
    return this.parameters.find((control) => control.name === name);
  }

  // The number that expressions see for a parameter.
  value(name) {
    const control = this.control(name), value = this.model.get(name);
    if (control.kind === "choice") return control.options.find(([label]) => label === value)[1];
    return Number(value);
  }

  /**
   * @param {Reference} reference
   * @param {number[]} bound
   */
  number(reference, ...bound) {
    return typeof reference === "number" ? reference : this.functions[reference.f](this.p, ...bound);
  }

  /**
   * What functions give is the same as long as this is: the parameters that they read, as they themselves say.
   * @param {(Reference | undefined)[]} references
   * @param {(number | boolean)[]} more
   */
  key(references, ...more) {
    const read = references.flatMap((reference) => {
      if (typeof reference !== "object") return reference ?? [];
      return (this.used[reference.f] ??= [...String(this.functions[reference.f]).matchAll(/\bp\[(\d+)]/g)].map(([, k]) => Number(k)))
        .map((k) => this.p[k]);
    });
    return [...read, ...more].join();
  }

  shown(control) {
    const value = this.model.get(control.name);
    if (control.kind === "slider") return formatNumber(value, control.format);
    return control.kind === "toggle" ? (value ? "on" : "off") : value;
  }

  /** @param {TextPart[]} parts */
  text(parts) {
    return parts.map((part) => {
      if (typeof part === "string") return part;
      return part.length === 1 ? this.shown(this.control(part[0])) : formatNumber(this.number(part[0]), part[1]);
    }).join("");
  }

  step(control) {
    if (control.step) return control.step;
    if (control.integer) return 1;
    return niceStep((this.number(control.max) - this.number(control.min)) / 200);
  }

  // Keeps a value in its range, on its step.
  fit(control, value) {
    const low = this.number(control.min), high = this.number(control.max);
    if (control.integer) value = Math.round(value);
    else if (!control.log) {
      const step = this.step(control);
      value = clean(low + Math.round((value - low) / step) * step);
    }
    return Math.min(Math.max(value, low), high);
  }

  set(name, value) {
    const control = this.control(name);
    if (control.kind === "slider") value = this.fit(control, value);
    if (value === this.model.get(name)) return;
    if (this.taken) this.keep((view) => view.drawn);
    this.model.set(name, value);
    this.model.save_changes();
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => setText(this.status, this.text(this.spec.description)), 700);
  }

  /**
   * Sets what each panel shows as its past.
   * @param {(view: PanelView) => any[] | null} past
   */
  keep(past) {
    this.taken = false;
    for (const view of this.views) view.ghost = past(view);
  }

  buildControls() {
    if (!this.controls.some((control) => !control.hidden)) return;
    const bar = element("div", "lb-controls", this.root);
    /** @type {HTMLElement | null} */
    let table = null;
    for (const control of this.controls) {
      if (control.cell) table ??= this.buildTable(bar);
      if (!control.hidden) this[`build_${control.kind}`](control, control.cell ? table : bar);
    }
  }

  // Sliders that belong together: one below the other, or in rows and columns with heads.
  buildTable(bar) {
    const cells = this.controls.flatMap((control) => (control.cell ? [control.cell] : []));
    const [rows, columns] = [0, 1].map((k) => [...new Set(cells.map((cell) => cell[k]))]);
    const heads = columns.length > 1, table = element("div", `lb-table${heads ? " lb-heads" : ""}`, bar);
    const head = (text, row, column) => {
      const span = element("span", "", table, { "aria-hidden": "true" });
      setText(span, text);
      span.style.gridArea = `${row} / ${column}`;
    };
    table.style.setProperty("--lb-rows", String(rows.length));
    if (heads) {
      table.style.setProperty("--lb-sliders", String(columns.length));
      rows.forEach((text, i) => head(text, i + 2, 1));
      columns.forEach((text, i) => head(text, 1, i + 2));
      this.place = (label, [row, column]) => (label.style.gridArea = `${rows.indexOf(row) + 2} / ${columns.indexOf(column) + 2}`);
    }
    return table;
  }

  // At the right end of the head, beside the title of the panel that stands there.
  buildReset() {
    if (!this.controls.some((control) => !control.hidden)) return;
    const reset = this.button("Reset", this.root, () => {
      this.stop?.();
      for (const control of this.parameters) this.set(control.name, this.initial[control.name]);
      this.hair = null;
      this.keep(() => null);
      this.schedule();
    });
    reset.classList.add("lb-reset");
  }

  // Mathematics that Python has set: the engine fills in the numbers and lights the branch that holds.
  buildFormulas() {
    const { formulas } = this.spec;
    if (!formulas.length) return;
    const box = element("div", "lb-formulas", this.root, { tabindex: "0" });
    box.style.minHeight = `${Math.max(...formulas.map(({ tall }) => tall))}px`;
    for (const { mathml, numbers, cases = [], show = 1 } of formulas) {
      const formula = element("div", "", box);
      formula.innerHTML = mathml;
      const places = formula.querySelectorAll(".lb-number"), rows = formula.querySelectorAll(".lb-case");
      this.update.push(() => {
        formula.classList.toggle("lb-off", this.number(show) === 0);
        places.forEach((place, i) => (place.textContent = formatNumber(this.number(numbers[i][0]), numbers[i][1])));
        const holds = cases.findIndex((one) => this.number(one) !== 0);
        rows.forEach((row, i) => row.classList.toggle("lb-faded", holds >= 0 && i !== holds));
      });
    }
  }

  // What is drawn, as a table: folded, and made only while it is open.
  buildNumbers() {
    const fold = element("details", "lb-numbers", this.root), tables = element("div", "lb-tables", fold, { tabindex: "0" });
    const summary = element("summary", "", null);
    summary.textContent = "Numbers of this figure";
    fold.prepend(summary);
    const fill = () => fold.open && tables.replaceChildren(...this.views.map((view) => view.table()));
    fold.addEventListener("toggle", fill);
    this.update.push(fill);
  }

  field(control, bar) {
    const tied = control.color === undefined ? "" : ` lb-ink lb-c${control.color}`;
    const label = element("label", `lb-control lb-${control.kind}${tied}`, bar), headed = control.cell && this.place;
    headed?.(label, control.cell);
    setText(element("span", headed ? "lb-hidden" : "lb-name", label), control.label);
    return label;
  }

  build_slider(control, bar) {
    const label = this.field(control, bar);
    const input = element("input", "", label, { type: "range", "data-parameter": control.name });
    const shown = element("span", "lb-value", label, { "aria-hidden": "true" });
    const ends = () => [this.number(control.min), this.number(control.max)];
    const toValue = () => {
      const [low, high] = ends(), t = Number(input.value);
      if (!control.log) return t;
      const value = t >= LOG_POSITIONS ? high : low * (high / low) ** (t / LOG_POSITIONS);
      return control.integer ? value : Number(value.toPrecision(3));
    };
    input.addEventListener("input", () => this.set(control.name, toValue()));
    // A logarithmic integer slider has positions between two neighbouring numbers: an arrow key must still move it.
    input.addEventListener("keydown", (event) => {
      const direction = ARROWS[event.key];
      if (!direction || !control.log || !control.integer) return;
      const before = this.model.get(control.name), ratio = (ends()[1] / ends()[0]) ** (1 / LOG_POSITIONS);
      this.set(control.name, direction > 0 ? Math.max(before + 1, before * ratio) : Math.min(before - 1, before / ratio));
      event.preventDefault();
    });
    this.update.push(() => {
      const value = this.model.get(control.name), [low, high] = ends();
      give(input, control.log ? { min: 0, max: LOG_POSITIONS, step: 1 } : { min: low, max: high, step: this.step(control) });
      const position = control.log ? Math.round((LOG_POSITIONS * Math.log(value / low)) / Math.log(high / low)) : value;
      if (Number(input.value) !== position) input.value = position;
      const text = this.shown(control);
      setText(shown, text);
      give(input, { "aria-valuetext": text });
    });
  }

  build_choice(control, bar) {
    const select = element("select", "", this.field(control, bar), { "data-parameter": control.name });
    for (const [label] of control.options) element("option", "", select, { value: label }).textContent = label;
    select.addEventListener("change", () => this.set(control.name, select.value));
    this.update.push(() => (select.value = this.model.get(control.name)));
  }

  build_toggle(control, bar) {
    const label = this.field(control, bar);
    const input = element("input", "", null, { type: "checkbox", "data-parameter": control.name });
    label.prepend(input);
    input.addEventListener("change", () => this.set(control.name, input.checked));
    this.update.push(() => (input.checked = Boolean(this.model.get(control.name))));
  }

  /**
   * Moves sliders as a rule says, in which chance is a number from 0 to 1.
   * @param {[string, Reference][]} sets
   */
  apply(sets, times = 1) {
    for (let k = 0; k < times; k++) {
      const chance = Math.random(), values = sets.map(([, rule]) => this.number(rule, chance));
      sets.forEach(([name], i) => {
        this.set(name, values[i]);
        this.read(); // the range of the next one may follow from this one
      });
    }
  }

  button(text, parent, press) {
    const button = element("button", "lb-button", parent, { type: "button" });
    button.textContent = text;
    button.addEventListener("click", press);
    return button;
  }

  build_action({ label, sets, times }, bar) {
    const button = this.button(label, element("span", "lb-control", bar), () => this.apply(sets, times));
    button.dataset.action = label;
  }

  // Reads the parameters, of which one whose range depends on another is brought back into it; then all that is computed.
  read() {
    for (const control of this.parameters) {
      const place = this.places[control.name];
      this.p[place] = this.value(control.name);
      if (control.kind !== "slider") continue;
      const low = this.number(control.min), high = this.number(control.max);
      const fitted = Math.min(Math.max(this.p[place], low), high);
      if (fitted !== this.p[place]) {
        this.p[place] = fitted;
        this.model.set(control.name, fitted);
        this.model.save_changes();
      }
    }
    for (const computation of this.spec.computed) this.compute(computation);
  }

  /**
   * Puts a definition, or the last state of a trajectory, behind the parameters; keeps the trajectory's path.
   * @param {Computation} computation
   */
  compute({ names, start, step, steps, x, y }) {
    const places = names.map((name) => this.places[name]);
    const assign = (/** @type {Reference[]} */ references) => {
      const next = references.map((reference) => this.number(reference));
      next.forEach((value, i) => (this.p[places[i]] = value));
    };
    assign(start);
    if (!step) return;
    const path = (this.paths[names[0]] = [[this.number(x), this.number(y)]]);
    const last = Math.min(this.number(steps), 5000);
    for (let k = 0; k < last; k++) {
      assign(step);
      path.push([this.number(x), this.number(y)]);
    }
  }

  schedule() {
    if (this.pending) return;
    this.pending = true;
    queueMicrotask(() => {
      this.pending = false;
      this.draw();
    });
  }

  draw() {
    if (!this.width) return;
    this.read();
    // One gutter for all panels, which does not shrink again: no axis moves while a number changes.
    const before = this.gutter;
    for (const view of this.views) view.draw(view.wide ? this.width : this.panelWidth);
    if (this.gutter > before) for (const view of this.views) view.draw(view.wide ? this.width : this.panelWidth);
    // Panels that stand one above the other name an abscissa that they share once.
    this.views.forEach(({ xLabel }, i) => {
      const below = this.columns === 1 && this.views[i + 1]?.xLabel;
      xLabel.hidden = Boolean(below) && below.textContent === xLabel.textContent;
    });
    for (const update of this.update) update();
    this.lines.forEach((line, i) => setText(line, this.text(this.spec.readout[i])));
    const description = this.text(this.spec.description);
    this.views.forEach(({ svg, spec }, i) => {
      const said = i === 0 ? description : spec.title ? this.text(spec.title) : `${spec.y.label} over ${spec.x.label}`;
      give(svg, { "aria-label": said });
    });
    this.root.dataset.drawn = String(Number(this.root.dataset.drawn ?? 0) + 1);
  }

  // Of a drawing of this width. On a phone panels stand one above the other, lower, so that more are seen together;
  // where a unit is as long on both axes, that decides.
  height(width) {
    const many = this.views.length, equal = Math.max(...this.spec.panels.map((panel) => panel.equal ?? 0));
    if (equal) return Math.round(Math.min(330, (width - GUTTER - 14) * equal + 34));
    return this.width < 480 && many > 1 ? (many > 2 ? 150 : 180) : Math.round(Math.max(210, Math.min(330, width * 0.62)));
  }

  resize(width) {
    width = Math.floor(width);
    if (!width || width === this.width) return;
    this.width = width;
    const gap = 20, beside = this.views.filter((view) => !view.spec.wide), narrow = beside.length;
    const columns = Math.max(1, Math.min(narrow, Math.floor((width + gap) / (280 + gap))));
    // No panel stands alone in the last row: the first has a row of its own instead.
    const alone = columns > 1 && narrow % columns === 1 ? beside[0] : null;
    for (const view of this.views) {
      view.wide = view.spec.wide || view === alone;
      view.root.classList.toggle("lb-wide", Boolean(view.wide));
    }
    const last = this.views[0].wide ? this.views[0] : beside[columns - 1];
    for (const view of this.views) view.root.classList.toggle("lb-headed", view === last);
    this.columns = columns;
    this.gutter = GUTTER;
    this.panelWidth = Math.floor((width - gap * (columns - 1)) / columns);
    this.panels.style.setProperty("--lb-columns", String(columns));
    this.draw();
  }
}

// ------------------------------------------------------------------------------------------------------------ style
const PALETTES = {
  // Okabe and Ito's colours, darkened or lightened to a contrast of 3:1 with the page.
  light: ["#0072b2", "#c44e00", "#00805e", "#a8457f", "#8a6d00", "#2b83ba", "#5a5a5a"],
  dark: ["#56b4e9", "#ff9e4a", "#2fc59b", "#e48fc0", "#f0e442", "#9ecbff", "#b8b8b8"],
};
const palette = (name) => PALETTES[name].map((color, i) => `--lb-${i}:${color};`).join("");
const COLORS = PALETTES.light.map((_, i) => `.lb-c${i}{--lb-color:var(--lb-${i})}`).join("\n");
const STYLE = `
:root{${palette("light")}}
.lb-figure{--lb-ink:var(--pst-color-text-base,var(--jp-ui-font-color1,var(--vscode-editor-foreground,CanvasText)));
 --lb-quiet:var(--pst-color-text-muted,var(--jp-ui-font-color2,color-mix(in srgb,CanvasText 67%,Canvas)));--lb-back:var(--pst-color-background,var(--jp-layout-color0,var(--vscode-editor-background,Canvas)));
 --lb-edge:var(--pst-color-border,var(--jp-border-color2,color-mix(in srgb,CanvasText 22%,Canvas)));color:var(--lb-ink);font:13px/1.4 system-ui,sans-serif;margin:.5rem 0 1rem;min-width:0;max-width:100%}
:is([data-theme=dark],[data-jp-theme-light=false],.vscode-dark,body.dark){${palette("dark")}}
:is([data-theme=dark],[data-jp-theme-light=false],.vscode-dark) .lb-figure{color-scheme:dark}
${COLORS}
.lb-c-1{--lb-color:var(--lb-quiet)}
.lb-panels{display:grid;grid-template-columns:repeat(var(--lb-columns,1),minmax(0,1fr));gap:0 20px;margin-bottom:-12px}
.lb-panel{min-width:0;display:grid;grid-template:subgrid/minmax(0,1fr);grid-row:span 5;padding-bottom:12px}
.lb-symbol{font-family:"Lossbook Symbols",Cambria,Georgia,serif;font-style:italic}
.lb-y{align-self:end}
.lb-wide{grid-column:1/-1}
.lb-title{font-weight:600;font-size:14px}
.lb-legend{display:flex;flex-wrap:wrap;gap:0 14px}
.lb-entry{display:inline-flex;align-items:center;gap:6px}
:is(.lb-entry,.lb-formulas>*).lb-off{visibility:hidden}
.lb-swatch{width:20px;border-top:3px solid var(--lb-color)}
.lb-swatch.lb-dashed{border-top-style:dashed}
.lb-swatch.lb-flat{border:0;height:10px;width:14px;background:var(--lb-color);opacity:.75}
.lb-axis{color:var(--lb-quiet)}
.lb-x{text-align:center}
.lb-plot{position:relative}
.lb-plot svg{display:block;overflow:visible;max-width:100%}
.lb-plot text{fill:var(--lb-ink);font:13px system-ui,sans-serif}
.lb-grid text{fill:var(--lb-quiet)}
.lb-grid line{stroke:var(--lb-edge);stroke-width:1;opacity:.6}
.lb-grid .lb-base,.lb-grid .lb-tick,.lb-grid .lb-zero{stroke:var(--lb-quiet);opacity:1}
.lb-words text{paint-order:stroke;stroke:var(--lb-back);stroke-width:4px;stroke-linejoin:round;font-weight:600}
.lb-line{fill:none;stroke:var(--lb-color);stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}
.lb-line.lb-dashed{stroke-dasharray:7 6}
.lb-thin,.lb-rule{stroke-width:1.5}
.lb-steps{stroke-width:6}
.lb-fill{fill:var(--lb-color);fill-opacity:.22;stroke:none}
.lb-contour{fill:none;stroke:var(--lb-color);stroke-width:1;stroke-opacity:.7}
.lb-contour.lb-fill{fill:var(--lb-color);fill-opacity:.12}
.lb-bar{fill:var(--lb-color);fill-opacity:.75}
.lb-past>*{stroke-width:2;stroke-opacity:.4;stroke-dasharray:none}
.lb-away{fill:var(--lb-color);stroke-width:1.5}
.lb-reader{position:absolute;inset:0;touch-action:pan-y}
.lb-reader:focus-visible{outline:2px solid var(--lb-ink)}
.lb-hair line{stroke:var(--lb-quiet);stroke-width:1}
.lb-hair text{fill:var(--lb-color)}
.lb-read .lb-words:not(.lb-hair){opacity:.15}
.lb-dot{fill:var(--lb-color);stroke:var(--lb-back);stroke-width:1.5}
.lb-dot.lb-hollow{fill:var(--lb-back);stroke:var(--lb-color);stroke-width:2}
.lb-handle{position:absolute;width:36px;height:36px;margin:-18px 0 0 -18px;border-radius:50%;cursor:grab;touch-action:none}
.lb-along-x{touch-action:pan-y}
.lb-along-y{touch-action:pan-x}
.lb-handle:focus-visible{outline:2px solid var(--lb-ink);outline-offset:-6px}
.lb-readout{margin:.4rem 0 0;font-variant-numeric:tabular-nums;font-size:14px}
.lb-controls{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,290px),1fr));gap:6px 24px;align-items:center;justify-items:start;border-top:1px solid var(--lb-edge);padding-top:8px;margin-top:6px}
.lb-control{display:inline-flex;align-items:center;gap:8px;min-height:32px;margin:0;color:var(--lb-ink);font-size:14px;max-width:100%}
.lb-slider{justify-self:stretch}
.lb-slider input{touch-action:pan-y;flex:1 1 110px;min-width:80px;min-height:28px;margin:0;accent-color:var(--lb-0)}
.lb-name{flex:0 1 auto}
.lb-table{display:grid;grid-template-columns:max-content minmax(80px,1fr) max-content;gap:6px 8px;align-items:center;justify-self:stretch}
.lb-table:not(.lb-heads){grid-row:span var(--lb-rows)}
.lb-table:not(.lb-heads)>.lb-slider{display:grid;grid-template-columns:subgrid;grid-column:1/-1}
.lb-table.lb-heads{grid-template-columns:max-content repeat(var(--lb-sliders),minmax(0,1fr));gap:2px 16px}
.lb-table:is(.lb-heads,:only-child){grid-column:1/-1}
.lb-heads>span{font-size:14px}
.lb-heads .lb-slider input{min-width:60px}
.lb-ink{color:var(--lb-color)}
.lb-slider.lb-ink input{accent-color:var(--lb-color)}
.lb-formulas{display:grid;font-size:17px;margin:12px 0 0;overflow-x:auto;overflow-y:hidden;align-items:center}
.lb-formulas>*{grid-area:1/1}
.lb-formulas math{display:block math;text-align:left}
.lb-number{color:var(--lb-0);font-weight:600}
.lb-case:not(.lb-faded){background:color-mix(in srgb,var(--lb-0) 15%,transparent)}
.lb-faded{opacity:.65}
.lb-predict{box-sizing:border-box;border-left:3px solid var(--lb-1);padding:4px 12px;margin-bottom:10px;font-size:15px;min-height:72px}
.lb-predict p{padding-right:64px;margin:0 0 6px}
.lb-asked{display:flex;flex-wrap:wrap;gap:6px}
.lb-asked[hidden]{display:none}
.lb-skip{border-color:transparent}
.lb-value{flex:0 0 auto;min-width:3.6em;font-variant-numeric:tabular-nums;font-weight:600}
.lb-control select,.lb-button{font:inherit;font-size:14px;color:var(--lb-ink);background:var(--lb-back);border:1px solid var(--lb-quiet);border-radius:5px;padding:3px 10px;min-height:30px;max-width:100%;margin:0}
.lb-button{cursor:pointer}
.lb-figure{position:relative}
.lb-button.lb-reset{position:absolute;top:0;right:0;z-index:1;min-height:26px;padding:0 8px;font-size:13px}
.lb-headed>:is(.lb-title,.lb-legend,.lb-y){padding-right:64px}
.lb-control input[type=checkbox]{width:18px;height:18px;margin:0;accent-color:var(--lb-0)}
.lb-figure :is(input,select,button):focus-visible{outline:2px solid var(--lb-ink);outline-offset:2px}
.lb-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.lb-numbers{font-size:13px;margin-top:2px;color:var(--lb-quiet)}
.lb-numbers>summary{cursor:pointer;min-height:24px;width:max-content;max-width:100%}
.lb-tables{display:flex;flex-wrap:wrap;gap:8px 24px;max-height:22rem;overflow:auto;color:var(--lb-ink)}
.lb-tables table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0;width:auto}
.lb-tables caption{caption-side:top;text-align:left;font-weight:600;color:inherit;padding:2px 0}
.lb-tables :is(th,td){padding:1px 12px 1px 0;text-align:right;font-weight:400;border-bottom:1px solid var(--lb-edge)}
.lb-tables th:first-child{text-align:left}
.jp-OutputArea-child:has(.lb-offline){display:none}
@media (max-width:600px){.lb-controls{position:sticky;bottom:0;z-index:2;background:var(--lb-back)}.lb-formulas{font-size:14px}}
@media (forced-colors:active){.lb-figure{--lb-ink:CanvasText;--lb-quiet:CanvasText;--lb-edge:GrayText;--lb-back:Canvas}.lb-swatch,.lb-plot svg{forced-color-adjust:none}}
@media print{.lb-numbers{display:none}.lb-button,.lb-slider input,.lb-play{display:none}.lb-figure{break-inside:avoid}}
`;

/**
 * Gives the page a style, and a shadow root in it (marimo draws in one), which the page's own sheets do not reach.
 * No style element: a page's security policy may forbid these.
 * @param {string} style
 * @param {HTMLElement} el
 */
function adopt(style, el) {
  for (const root of /** @type {Set<any>} */ (new Set([document, el.getRootNode()]))) {
    const sheets = root.adoptedStyleSheets;
    if (!sheets || sheets.some((sheet) => sheet.lossbook === style)) continue;
    const sheet = Object.assign(new CSSStyleSheet(), { lossbook: style });
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [...sheets, sheet];
  }
}

/** @type {{ codes: string[], modules: Promise<(() => Compiled[])[]> } | null} */
let batch = null;
/** @type {Map<string, Promise<Compiled[]>>} */
const imported = new Map();
/**
 * Imports a figure's compiled expressions; without eval, so that a strict security policy holds.
 * The figures of a page ask at the same moment: one module serves them all, since each import takes its time.
 * @param {string} code
 * @returns {Promise<Compiled[]>}
 */
function importFunctions(code) {
  if (!imported.has(code)) {
    batch ??= { codes: [], modules: Promise.resolve().then(importBatch) };
    const { modules } = batch, place = batch.codes.push(code) - 1;
    imported.set(code, modules.then((made) => made[place]()));
  }
  return imported.get(code);
}

async function importBatch() {
  const functions = batch.codes.map((code) => `() => {${code}}`);
  batch = null;
  const url = URL.createObjectURL(new Blob([`export default [${functions}]`], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** What the parts are given of this module. */
const TOOLS = { arrowHead, element, formatNumber, round, setText };
/** @typedef {(tools: typeof TOOLS) => { panel?: object, figure?: object }} Part */

/**
 * @param {{ model: Model, el: HTMLElement }} context
 * @param {Part[]} parts methods for panels and figures
 * @param {Compiled[]} [given] the functions of a figure that is not compiled but made in the page
 */
async function render({ model, el }, parts = [], given) {
  adopt(STYLE, el);
  for (const { panel, figure } of parts.map((part) => part(TOOLS))) {
    Object.assign(PanelView.prototype, panel);
    Object.assign(FigureView.prototype, figure);
  }
  const functions = given ?? (await importFunctions(model.get("_code")));
  // All figures of a page measure before any of them writes: the browser lays the page out once, not for each.
  const { width } = el.getBoundingClientRect();
  await null;
  const view = new FigureView(model, el, functions);
  const redraw = () => view.schedule();
  for (const { name } of view.parameters) model.on(`change:${name}`, redraw);
  view.resize(width);
  const observer = new ResizeObserver(([entry]) => view.resize(entry.contentRect.width));
  observer.observe(view.root);
  return () => {
    observer.disconnect();
    view.stop?.();
    clearTimeout(view.speaking);
    for (const { name } of view.parameters) model.off(`change:${name}`, redraw);
    view.root.remove();
  };
}

export { adopt, formatNumber, importFunctions, render };
