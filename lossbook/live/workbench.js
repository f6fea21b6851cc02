// @ts-check
// The page's side of the workbench: a line to type in, sliders for the names in it, drawings by the engine of the
// figures, and what analysis.js and its neighbours find out, a little at a time, while nobody waits.

import { compiled, lossOf, read, remembered, verdicts } from "./analysis.js";
import { Model, PIECE, POSITIONS, SLOW, STYLE, element, ends, finer, pause, positionOf, range, valueAt } from "./benchtools.js";
import { density } from "./density.js";
import { NEAR, SURROGATES, chanceFigure, curves, dataFigure, descentFigure, hidden, marginFigure, noiseFigure } from "./benchfigures.js";
import { EXPONENTS, FORMATS, culprit, rewritten, runs, strips, toPython } from "./digits.js";
import { bestBoundary, bestConstant, bestLine, calibration, nearest, properness } from "./fits.js";
import { factsOf, handout } from "./writing.js";
import { OF, chanceLines, nearestLine, noiseLines, scoreLines, superscript, verdictLines } from "./wording.js";

/**
 * @typedef {import("./analysis.js").Loss} Loss
 * @typedef {import("./analysis.js").Typed} Typed
 * @typedef {(p: number[], ...bound: number[]) => number} Compiled
 */

// --------------------------------------------------------------------------------------------------------- the bench
const START = { r: 4, m: 4, p: 1 };
const POINTS = { r: [[-2, -1.6], [-1, -0.5], [0, 0.3], [1, 0.8], [1.6, 1.2], [2, 2.2], [2.6, -3]],
  m: [[-2, -1, -1], [-1, -1.6, -1], [-0.4, 0.6, -1], [0.2, -0.4, 1], [1, 1.5, 1], [2, 0.4, 1]] };
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
    /** Whether the address of the page says what is typed: not before the reader has changed something. */
    this.linked = false;
    this.points = structuredClone(POINTS);
    /** @type {Record<string, { model: Model, place: HTMLElement }>} */
    this.figures = {};
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
    this.choice.addEventListener("change", () => {
      this.linked = true;
      if (this.choice.value) this.type(this.choice.value, {});
    });
    const typed = element("div", "lw-line", this.root), own = element("label", "", typed, {}, "ℓ =");
    own.style.flex = "1 1 100%";
    this.input = element("input", "lw-text", own, { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": "Your loss, a formula of r, m or p", "data-lm-suppress-shortcuts": "" });
    this.fault = element("p", "lw-fault", this.root, { role: "status" });
    this.sliders = element("div", "lw-line", this.root);
    this.input.addEventListener("input", () => {
      this.linked = true;
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
      this.rate = typed.letter === "p" ? 0.01 : 0.5;
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
      this.linked = true;
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
      this.open("curves", curves(this));
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
        else this.show("noise", () => noiseFigure(this));
      } else {
        this.close("noise");
        this.words("noise", noiseLines({ kind: "not of a residual" }, this.say));
      }
      await this.data(round);
      this.show("descent", () => descentFigure(this));
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
    this.figures[name] = { model, place };
    hear?.(model);
    return this.engine.render({ model, el: place }, [], functions);
  }
  close(name) {
    this.figures[name]?.place.remove();
    delete this.figures[name];
  }
  /** Draws a figure anew, or makes it. @type {(name: string, make: () => any) => void} */
  show(name, make) {
    if (this.figures[name]) this.touch(name);
    else this.open(name, make());
    this.parts[name].classList.remove("lw-old");
  }
  touch(name) {
    const model = this.figures[name]?.model;
    if (model) model.set("version", (this.version = Math.max(this.version, model.get("version")) + 1));
  }

  /** @param {number} round */
  async data(round) {
    const { letter } = this.typed;
    if (letter === "r") {
      await this.fit(round);
      this.show("data", () => dataFigure(this));
    } else if (letter === "m") {
      await this.separate(round);
      this.scores = await this.during(calibration(this.loss), round);
      this.words("data", [...this.boundaryLines(), ...scoreLines(this.scores, this.say)]);
      this.show("data", () => marginFigure(this));
    } else {
      this.scores = await this.during(properness(this.loss), round);
      this.words("data", chanceLines(this.scores, this.say));
      this.show("data", () => chanceFigure(this));
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
    const { letter } = this.typed, place = this.parts.codeText, facts = factsOf(this.found, this.loss, letter === "r" ? undefined : /** @type {any} */ (this.scores));
    const { numpy, sympy, torch } = handout(this.typed, this.settings, facts, (part) => compiled(part)({}));
    place.replaceChildren();
    element("p", "", place, {}, "How the book would have it. Its tests decide whether it is right everywhere: how to add a loss stands in CONTRIBUTING.md.");
    for (const [name, text] of [["The class in NumPy", numpy], ["The formula in SymPy", sympy], ["A function in PyTorch", torch]]) {
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
  context.engine.adopt(STYLE, context.el);
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
