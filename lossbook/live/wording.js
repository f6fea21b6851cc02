// @ts-check
// The workbench's verdicts in words. What only was looked for and not found is said so, with how often it was looked.

/**
 * @typedef {import("./analysis.js").Trend} Trend
 * @typedef {import("./analysis.js").Letter} Letter
 * @typedef {(x: number) => string} Say writes a number
 * @typedef {{ name: string, verdict: string, proof: string }} Line
 */

const OF = { r: "residual", m: "margin", p: "probability" };
// No template stands within another: what makes the scripts small would take the blanks of the inner one.
const plural = (/** @type {number} */ n, /** @type {string} */ one) => `${n.toLocaleString("en-GB")} ${one}${n === 1 ? "" : "s"}`;
const superscript = (/** @type {number} */ n) => String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));

/** @type {(found: ReturnType<typeof import("./analysis.js").finish<any>>, letter: Letter, say: Say) => Line[]} */
function verdictLines({ shape, slopes, sharp, lowest }, letter, say) {
  /** @type {Line[]} */
  const lines = [];
  const line = (/** @type {string} */ name, /** @type {string} */ verdict, proof = "") => lines.push({ name, verdict, proof });

  if (shape.convex === "no") {
    const { a, b, middle, value, chord } = shape.chord;
    line("Convex", "no", `Half-way between ${letter} = ${say(a)} and ${say(b)}, at ${say(middle)}, it is ${say(value)}, above the chord’s ${say(chord)}.`);
  } else if (shape.convex === "none found") line("Convex", "no counterexample", `Not one of ${plural(shape.chords, "chord")}, over many scales, runs below it.`);
  else line("Convex", "not decided", "It has no finite values where it was looked at.");

  const ends = letter === "p" ? ["p → 0", "p → 1"] : [`${letter} → −∞`, `${letter} → ∞`];
  const words = { grows: "grows without a bound in sight", bounded: "bounded: it goes to a fixed size", fades: "fades to 0" };
  const pulls = [slopes.left, slopes.right].map(({ trend, until, slope }, i) => {
    const at = letter === "p" ? (i ? "1 − p = 10" : "p = 10") + superscript(-until) : letter + (i ? " = 10" : " = −10") + superscript(until);
    return { trend, words: trend ? words[trend] : "not decided", proof: trend ? `slope ${say(slope)} at ${at}` : "" };
  });
  const alike = pulls[0].trend === pulls[1].trend, steep = sharp.places.filter(({ kind }) => kind === "steep" || kind === "pole" || kind === "jump");
  const pull = alike ? `${pulls[0].words}${pulls[0].trend ? " on both sides" : ""}` : pulls.map(({ words: text }, i) => `${text} for ${ends[i]}`).join("; ");
  const seen = Number.isFinite(slopes.steepest.at) ? `Steepest of ${plural(slopes.looked, "place")}: ${say(slopes.steepest.slope)} at ${letter} = ${say(slopes.steepest.at)}.` : "";
  const unbounded = steep.length ? ` No bound close to ${letter} = ${say(steep[0].at)}.` : "";
  const proofs = pulls.map(({ proof }) => proof).filter(Boolean).join(", ").replace(/^s/, "S");
  line("Pull", pull, proofs + (proofs && ". ") + seen + unbounded);

  const names = { kink: "a kink", jump: "a jump", pole: "a pole", edge: "an end", steep: "a point of infinite slope" };
  if (sharp.smooth) line("Kinks", "none", "No part of the formula can have one.");
  else if (!sharp.places.length) line("Kinks", "none found", sharp.looked ? `The slopes agree at ${plural(sharp.looked, "place")} where a part of it switches.` : "No part of it switches among the places that were looked at.");
  else {
    const some = sharp.places.slice(0, 3).map(({ at, kind, left, right }) => {
      const sides = left === null ? "; it is defined on the right only" : right === null ? "; it is defined on the left only"
        : kind === "kink" ? `: slope ${say(left)} before, ${say(right)} after` : kind === "jump" ? `: from ${say(left)} to ${say(right)}` : "";
      return `${names[kind]} at ${letter} = ${say(at)}${sides}`;
    });
    const more = sharp.places.length - some.length, text = some.join("; ") + (more ? `; and ${more} more.` : ".");
    const kinds = new Set(sharp.places.map(({ kind }) => kind));
    line("Kinks", kinds.size === 1 && kinds.has("kink") ? plural(sharp.places.length, "kink") : kinds.has("kink") ? "yes" : "no kink, but", text[0].toUpperCase() + text.slice(1));
  }

  if (lowest.falls) line("Lowest", "nowhere", lowest.falls === "inside" ? "It falls without end at its pole." : `It falls without end for ${ends[lowest.falls === "left" ? 0 : 1]}.`);
  else if (!Number.isFinite(lowest.value)) line("Lowest", "not decided");
  else if (lowest.end) line("Lowest", "no place found", `It still falls at the last place that was looked at, for ${ends[lowest.end === "left" ? 0 : 1]}.`);
  else {
    const many = lowest.valleys > 1 ? ` ${plural(lowest.valleys, "valley")} were seen.` : "";
    line("Lowest", lowest.flat ? `${say(lowest.value)}, at more than one place` : `${say(lowest.value)} at ${letter} = ${say(lowest.at)}`, `The lowest of ${plural(lowest.looked, "place")}.${many}`);
  }
  return lines;
}

/** @type {(noise: any, say: Say) => string[]} */
function noiseLines(noise, say) {
  if (noise.kind === "not of a residual") return ["Only a residual has a density: noise is what separates a target from its prediction."];
  if (noise.kind === "undecided") return ["Not decided: the tails are too close to the border between a finite integral and an infinite one."];
  if (noise.kind === "none") return [`No density: the integral of exp(−ℓ) grows without bound, ${noise.where}. No noise has this loss as its negative logarithm.`];
  const lines = [`exp(−ℓ) has the integral ${say(noise.mass)}: divided by it, it is a density, and ℓ + ${say(noise.shift)} its negative logarithm.`.replace("+ −", "− ")];
  const moment = (/** @type {string} */ name, /** @type {number} */ value, /** @type {boolean} */ none) => (none ? `no ${name}` : Number.isFinite(value) ? `${name} ${say(value)}` : `${name} not decided`);
  lines.push(`It has ${moment("mean", Math.abs(noise.mean) < 1e-9 ? 0 : noise.mean, noise.noMean)} and ${moment("standard deviation", noise.deviation, noise.noDeviation)}; beyond ±5 lies ${say(noise.beyond)} of it.`);
  const tail = noise.tails.map((/** @type {number} */ power) => (power > 1e3 ? "faster than any power of |r|" : `like 1/|r|^${say(power)}`));
  lines.push(tail[0] === tail[1] ? `Its tails fall ${tail[0]}, as far as |r| = 10²⁰.` : `Its tails fall ${tail[0]} to the left and ${tail[1]} to the right.`);
  return lines;
}

/** @type {(found: any, say: Say) => string} */
function nearestLine(found, say) {
  if (!found) return "Not compared: it has too few finite values, or all the same.";
  const set = [...Object.entries(found.fixed), ...Object.entries(found.settings).map(([name, x]) => [name, say(x)])].map(([name, x]) => `${name}=${x}`).join(", "), name = `${found.name}(${set})`;
  if (!found.equal) {
    return found.off > 0.5 ? `Like no loss of the book: the nearest, ${name}, misses ${say(100 * found.off)} % of its shape.`
      : `Not one of the book’s. The nearest is ${name}, stretched by ${say(found.factor)}: it misses ${say(100 * found.off)} % of the shape at ${found.points} places.`;
  }
  const factor = found.plain ? "" : `${say(found.factor)} times `, shift = found.level ? "" : (found.shift > 0 ? ", plus " : ", minus ") + say(Math.abs(found.shift));
  return `It is ${factor}the book’s ${name}${shift}: they agree at all ${found.points} places, to eight digits.`;
}

/** @type {(found: any, say: Say) => string[]} */
function scoreLines({ wrong, readable, same, best }, say) {
  const lines = [wrong === undefined ? `Calibrated, as far as ${best.length} probabilities tell: the best score has the sign of the likelier class at each.`
    : `Not calibrated: where the label 1 has probability η = ${say(wrong)}, a score of the wrong sign, or 0, is as good as any.`];
  if (readable) lines.push("The probability can be read off: each η that was tried has a best score of its own.");
  else if (same) lines.push(`No probability can be read off: η = ${say(same[0].eta)} and η = ${say(same[1].eta)} have ${same[1].score - same[0].score > -1e-6 ? "the same best score" : "best scores in the wrong order"}, ${say(same[0].score)} and ${say(same[1].score)}.`);
  else lines.push("No probability can be read off: for some η no finite score is best.");
  return lines;
}

/** @type {(found: any, say: Say) => string[]} */
const chanceLines = ({ readable, off, best }, say) => [readable ? `Proper, as far as ${best.length} probabilities tell: it is best to say what one believes.`
  : Number.isFinite(off.said) ? `Not proper: who believes η = ${say(off.eta)} does best to say ${say(off.said)}.` : `Not decided: for η = ${say(off.eta)} no probability was found to be best.`];

export { OF, chanceLines, nearestLine, noiseLines, plural, scoreLines, superscript, verdictLines };
