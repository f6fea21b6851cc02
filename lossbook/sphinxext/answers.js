// @ts-check
// Answers that are typed into a page: read by formula.js, judged as lossbook.pages.answers judges them (a test compares),
// and remembered on this device, if it lets us, once they are right.
(() => {
  "use strict";
  /**
   * What `asked` of lossbook.sphinxext.answers says of an exercise.
   * @typedef {{ symbols: string[], rtol: number, exact: boolean, total: boolean, rows: number[], sizes: number[][],
   *   numbers: string }} Asked
   */
  const { parse, value } = globalThis.lossbookFormula ?? {};

  // ------------------------------------------------------------------------------------------------------ judging
  const HALF = "twice or half the one asked for: where does a factor ½ belong?";
  /** @type {[number, string][]} */
  const SLIPS = [
    [Math.LN2, "ln 2 times the one asked for: bits or nats?"],
    [1 / Math.LN2, "1/ln 2 times the one asked for: bits or nats?"],
    [2, HALF],
    [0.5, HALF],
    [-1, "the one asked for but for its sign."],
  ];
  const SIZE = "off by a size of the data as a factor: is a sum asked for, or a mean, and over what?";
  const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

  /** @type {(got: number, right: number, rtol: number) => boolean} */
  const near = (got, right, rtol) =>
    got === right || (Number.isFinite(got) && Number.isFinite(right) && Math.abs(got - right) <= rtol * Math.abs(right));

  /** How many digits are right, and whether the number ends with them. @type {(got: number, right: number) => [number, boolean]} */
  function rightDigits(got, right) {
    if (!Number.isFinite(got) || !Number.isFinite(right) || !right) return [0, false];
    let digits = 0, unit = 10 ** (+right.toExponential().split("e")[1] + 1);
    for (; digits < 15 && Math.abs(got - right) <= (unit / 20) * (1 + 1e-9); digits++) unit /= 10;
    return [digits, Math.abs(got / unit - Math.round(got / unit)) < 1e-6];
  }

  /** @type {(got: number, right: number) => boolean} */
  function rounded(got, right) {
    const [digits, ends] = rightDigits(got, right);
    return digits > 3 || (digits === 3 && ends);
  }

  /** A number with so many digits that it is told from another. @type {(x: number, other?: number) => string} */
  function show(x, other = x) {
    if (Number.isNaN(x)) return "no number";
    let digits = 6;
    const text = (/** @type {number} */ y) => String(+y.toPrecision(digits)).replace("Infinity", "∞").replace("-", "−");
    while (digits < 17 && x !== other && text(x) === text(other)) digits++;
    return text(x);
  }

  /**
   * Tells whether an answer is right; if not, for which input, and which slip it is.
   * @param {Asked} asked
   * @param {any} tree of the answer, as `parse` gives it
   * @returns {{ right: boolean, said: string }}
   */
  function judge({ symbols, rtol, exact, total, rows, sizes, numbers }, tree) {
    if (/^([<>]=?|[=!]=|and|or|not)$/.test(tree.op)) return { right: false, said: "This is true or false, and a number is asked for." };
    const data = new DataView(Uint8Array.from(atob(numbers), (c) => c.charCodeAt(0)).buffer);
    const single = !symbols.length, round = single && !exact;
    let at = 0, scale = !single || !exact;
    const next = () => data.getFloat64(8 * at++, true);
    const same = (/** @type {number[]} */ got, /** @type {number[]} */ right) =>
      got.every((y, k) => near(y, right[k], rtol) || (round && rounded(y, right[k])));

    for (let i = 0; i < rows.length; i++) {
      const points = Array.from({ length: rows[i] }, () => Object.fromEntries(symbols.map((name) => [name, next()])));
      let got = points.map((point) => value(tree, point));
      if (total) got = [got.reduce((sum, y) => sum + y, 0)];
      const right = got.map(next), [y] = got, [z] = right;
      if (same(got, right)) {
        if (single && !near(y, z, 1e-9)) {
          const [digits] = rightDigits(y, z), more = String(+z.toPrecision(digits + 1)).replace("-", "−");
          return { right: true, said: `Right to ${WORDS[digits] ?? digits} digits; more exactly ${more}.` };
        }
        // Where one answer is right, no constant factor makes another wrong; unless it is 0 or infinite.
        if (right.some((x) => x && Number.isFinite(x))) scale = false;
        continue;
      }
      const [digits, ends] = round ? rightDigits(y, z) : [0, false];
      if (digits === 2 && ends) return { right: false, said: "Right to two digits; more digits, please." };
      if (digits >= 3) return { right: false, said: "Three digits are right, those after them are not." };
      const said = single ? `${show(y)} is not right.` : difference(points, got, right);
      return { right: false, said: said + slip(got, right, scale ? sizes[i] : null) };
    }
    return { right: true, said: single ? "Right." : `Right: it was tried on ${rows.length} inputs.` };

    /** @type {(got: number[], right: number[], sizes: number[] | null) => string} */
    function slip(got, right, sizes) {
      if (!sizes || !right.some((x) => x && Number.isFinite(x))) return "";
      const times = (/** @type {number} */ factor) => right.map((x) => factor * x);
      const found = SLIPS.find(([factor]) => same(got, times(factor)));
      if (found) return ` Your answer is ${found[1]}`;
      const size = sizes.some((n) => same(got, times(n)) || same(got, right.map((x) => x / n)));
      return size ? ` Your answer is ${SIZE}` : "";
    }

    /** @type {(points: Record<string, number>[], got: number[], right: number[]) => string} */
    function difference(points, got, right) {
      const k = got.findIndex((y, j) => !near(y, right[j], rtol));
      const names = symbols.map((name) => {
        const values = points.map((point) => show(point[name]));
        return `${name} = ${total ? `[${values.join(", ")}]` : values[k]}`;
      });
      const gives = total ? "your terms add up to" : "your formula gives";
      return `For ${names.join(", ")} ${gives} ${show(got[k], right[k])}; ${show(right[k], got[k])} is right.`;
    }
  }

  // --------------------------------------------------------------------------------------------------- remembering
  const KEY = "lossbook: solved";
  let kept = true;
  /** Each exercise that was solved, with the file of its page. @type {Record<string, string>} */
  let solved = {};
  const page = location.pathname.split("/").pop() || "index.html";

  function recall() {
    try {
      solved = { ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
    } catch {
      kept = false;
    }
  }

  function keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(solved));
    } catch {
      kept = false; // then it lasts as long as the page
    }
  }

  // ------------------------------------------------------------------------------------------------------- showing
  const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll(".lossbook-answer")]);
  const bars = document.querySelectorAll(".lossbook-progress");

  /** @type {(name: string, parent: ParentNode, text?: string, tag?: string) => HTMLElement} */
  function element(name, parent, text = "", tag = "span") {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    parent.append(made);
    return made;
  }

  /** Shows what is solved: at each exercise, above them, and in the contents. */
  function mark() {
    for (const form of forms) {
      const name = /** @type {string} */ (form.dataset.name);
      const title = document.getElementById(name.replace(".", "-"))?.querySelector(".admonition-title");
      title?.querySelector(".lossbook-solved")?.remove();
      if (name in solved && title) element("lossbook-solved", title, "✓").append(hidden(" solved"));
    }
    for (const bar of bars) {
      const here = /** @type {HTMLFormElement[]} */ ([.../** @type {Element} */ (bar.parentElement).querySelectorAll(".lossbook-answer")]);
      const done = here.filter((form) => /** @type {string} */ (form.dataset.name) in solved).length;
      const text = `${done} of ${here.length} solved. ${kept ? "Kept on this device only." : "This browser keeps nothing."}`;
      const line = /** @type {Element} */ (bar.querySelector("[role=status]"));
      if (line.textContent !== text) line.textContent = text;
      /** @type {HTMLElement} */ (bar.lastElementChild).hidden = !done;
    }
    const counts = /** @type {Record<string, number>} */ ({});
    for (const name in solved) counts[solved[name]] = (counts[solved[name]] ?? 0) + 1;
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".bd-sidebar-primary nav a.reference.internal"))) {
      link.querySelector(".lossbook-solved")?.remove();
      const count = counts[link.pathname.split("/").pop() ?? ""];
      if (!count) continue;
      const done = element("lossbook-solved", link, "✓"), words = `${count} ${count > 1 ? "exercises" : "exercise"} solved`;
      done.title = words;
      done.append(hidden(` ${words}`));
    }
  }

  /** Words for those who hear the page. @param {string} text */
  const hidden = (text) => element("visually-hidden", document.createDocumentFragment(), text);

  /** @param {HTMLFormElement} form */
  function enliven(form) {
    const input = /** @type {HTMLInputElement} */ (form.querySelector("input")), said = /** @type {Element} */ (form.querySelector(".lossbook-said"));
    const asked = /** @type {Asked} */ (JSON.parse(/** @type {string} */ (form.dataset.asked)));
    const name = /** @type {string} */ (form.dataset.name);
    /** @type {(sign: string, text: string) => void} */
    const say = (sign, text) => {
      const line = element("", said, `${sign} ${text}`.trim(), "p");
      said.replaceChildren(line);
      said.className = `lossbook-said ${sign === "✓" ? "lossbook-right" : sign ? "lossbook-wrong" : ""}`;
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const tree = parse(input.value, asked.symbols);
      input.removeAttribute("aria-invalid");
      if (tree.message) {
        say("", tree.message);
        input.setAttribute("aria-invalid", "true");
        if (input.value.trim()) {
          // As much of the text as a narrow page holds, with a caret below the place.
          const from = Math.max(0, tree.at - 16), [before, after] = [input.value.slice(from, tree.at), input.value.slice(tree.at)];
          const lead = from ? "…" : "", width = [...lead + before].length;
          element("", said, `${lead}${before}${after.slice(0, 16)}${after.length > 16 ? "…" : ""}\n${" ".repeat(width)}^`, "pre").ariaHidden = "true";
        }
        return;
      }
      const verdict = judge(asked, tree);
      say(verdict.right ? "✓" : "✗", verdict.said);
      if (verdict.right) {
        recall();
        solved[name] = page;
        keep();
        mark();
      }
    });
    /** @type {HTMLButtonElement} */ (form.querySelector("button")).disabled = false;
  }

  forms.forEach(enliven);
  for (const bar of bars) {
    const button = /** @type {HTMLButtonElement} */ (element("", bar, "Forget", "button"));
    button.type = "button";
    button.addEventListener("click", () => {
      recall();
      for (const form of forms) delete solved[/** @type {string} */ (form.dataset.name)];
      keep();
      mark();
    });
  }
  recall();
  mark();
  addEventListener("storage", () => (recall(), mark()));
})();
