// @ts-check
// What the workbench is built of: its style, elements, a model without a kernel, the ranges of sliders and axes.

/** @typedef {import("./analysis.js").Loss} Loss */

const STYLE = `
.lw{--lw-ink:var(--pst-color-text-base,var(--jp-ui-font-color1,CanvasText));--lw-quiet:var(--pst-color-text-muted,var(--jp-ui-font-color2,color-mix(in srgb,CanvasText 67%,Canvas)));
 --lw-edge:var(--pst-color-border,var(--jp-border-color2,color-mix(in srgb,CanvasText 22%,Canvas)));--lw-back:var(--pst-color-background,var(--jp-layout-color0,Canvas));
 color:var(--lw-ink);font:14px/1.45 system-ui,sans-serif;max-width:100%}
.lw :is(h3,h4){font:600 16px/1.3 system-ui,sans-serif;margin:1.4rem 0 .3rem;color:inherit}
.lw .lw-line{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:.3rem 0}
.lw label{display:inline-flex;gap:8px;align-items:center;margin:0;max-width:100%}
.lw .lw-text{font:16px/1.4 ui-monospace,monospace;flex:1 1 16rem;min-width:0;padding:4px 8px;border:1px solid var(--lw-quiet);border-radius:5px;background:var(--lw-back);color:var(--lw-ink)}
.lw .lw-text[aria-invalid=true]{border-color:var(--lb-1,#c44e00);border-width:2px;padding:3px 7px}
.lw :is(select,.lw-button){font:inherit;color:var(--lw-ink);background:var(--lw-back);border:1px solid var(--lw-quiet);border-radius:5px;padding:3px 10px;min-height:30px;max-width:100%;margin:0}
.lw .lw-button{cursor:pointer}
.lw input[type=range]{min-height:28px;flex:1 1 110px;min-width:80px;max-width:16rem;margin:0;accent-color:var(--lb-0)}
.lw :is(input,select,button,summary,pre):focus-visible{outline:2px solid var(--lw-ink);outline-offset:2px}
.lw .lw-fault{min-height:2.9em;margin:.1rem 0}
.lw mark{background:none;color:inherit;border-bottom:3px solid var(--lb-1,#c44e00)}
.lw output{font-variant-numeric:tabular-nums;font-weight:600;min-width:3.4em}
.lw .lw-old{filter:grayscale(1)}
.lw:not(:has([data-drawn])) :is(section~section,.lw-verdicts){display:none}
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

export { Model, PIECE, POSITIONS, SLOW, STYLE, element, ends, finer, pause, positionOf, range, valueAt };
