// What the tests do to a page before axe-core walks over it, and undo after: axe takes its time for every element of the
// document, whether it is asked about or not.
(() => {
  /** Of each element whose children are changed: the nodes that it held, and its style. */
  const held = (globalThis.held ??= new Map());
  const empty = (part, ...instead) => {
    if (!held.has(part)) held.set(part, [[...part.childNodes], part.getAttribute("style")]);
    part.replaceChildren(...instead);
  };

  /** A function that names all that decides about the contrast of a place. */
  const looker = () => {
    const known = new Map();
    const telling = (values) => values.filter((value) => !/^(rgba\(0, 0, 0, 0\)|none|1)$/.test(value)).join();
    const ground = (part) => {
      if (!part) return "";
      if (!known.has(part)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(part);
        const own = telling([backgroundColor, backgroundImage, opacity]);
        known.set(part, (own && `;${own}`) + ground(part.parentElement));
      }
      return known.get(part);
    };
    return (part) => {
      const look = getComputedStyle(part);
      const own = [part.localName, part.parentElement.localName, look.color, look.fill, look.stroke, look.fontSize];
      return telling([...own, look.fontWeight, look.textDecorationLine, look.textShadow]) + ground(part);
    };
  };

  /** Whether an element bears nothing but a look, so that no rule about other than colours asks for it. */
  const LOOKS = /^(class|d|[xyr][12xy]?|c[xy]|width|height|points|transform|fill|stroke|text-anchor|clip-path)$/;
  const bare = (part) => part.getAttributeNames().every((name) => LOOKS.test(name));
  const coloured = (part) => part.localName === "span" && bare(part);
  const SHAPES = "path, line, rect, circle, polyline, polygon, g, clipPath";

  return {
    /** Mark, of the places with text of their own that look alike, two that chance chooses; return how many kinds. */
    mark(context) {
      const kinds = new Map(), look = looker();
      for (const part of document.querySelectorAll(`${context}, ${context} *`)) {
        delete part.dataset.asked;
        if (![...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
        if (part.closest(".math") || !part.checkVisibility()) continue;
        const name = look(part);
        if (!kinds.has(name)) kinds.set(name, []);
        kinds.get(name).push(part);
      }
      for (const parts of kinds.values()) {
        for (let i = 0; i < 2; i++) parts[Math.floor(Math.random() * parts.length)].dataset.asked = "";
      }
      return kinds.size;
    },

    /**
     * Leave of the page the marked places, what lies over or under them, the whole block around a marked link, and of
     * all else the outermost elements, empty: which child something is, and where it stands, stays as it was. Say
     * whether it could be done.
     */
    leaveMarked() {
      const asked = [...document.querySelectorAll("[data-asked]")];
      const looks = () => asked.map(looker()).join("\n"), before = looks();
      const whole = new Set(), above = new Set();
      const keep = (part) => {
        for (; part && !above.has(part); part = part.parentElement) above.add(part);
      };
      for (const part of asked) {
        let block = part;
        if (part.closest("a[href], [role=link]")) {
          while (/^(inline|contents)/.test(getComputedStyle(block).display)) block = block.parentElement;
        }
        whole.add(block);
        keep(block.parentElement);
      }
      const boxes = asked.map((part) => part.getBoundingClientRect());
      const heights = new Map();
      for (const part of document.body.querySelectorAll("*")) {
        if (!part.checkVisibility()) continue; // to measure it, the browser would lay it out
        const box = part.getBoundingClientRect();
        heights.set(part, box.height);
        if (above.has(part) || !box.width || !box.height) continue;
        const meets = ({ left, right, top, bottom }) =>
          left < box.right && box.left < right && top < box.bottom && box.top < bottom;
        if (boxes.some(meets)) keep(part);
      }
      // Of code, words of other colours become text.
      const spared = (node) => node.nodeType !== 1 || whole.has(node) || above.has(node) || !coloured(node);
      const seek = (part) => {
        if (whole.has(part)) return;
        if (above.has(part)) {
          [...part.children].forEach(seek);
          if (part.localName === "pre") empty(part, ...[...part.childNodes].map((node) => (spared(node) ? node : node.textContent)));
        } else if (part.firstElementChild) {
          empty(part);
          part.style.minHeight = `${heights.get(part) ?? 0}px`;
        }
      };
      seek(document.body);
      // A style may ask what an element holds. Then what is gone would be missed, and all stays.
      const same = looks() === before;
      if (!same) this.putBack();
      return same;
    },

    /**
     * Leave of formulas and of code that only has colours its text, and of drawings what bears more than a look: all
     * that a reader without eyes is told stays.
     */
    leaveSpoken() {
      for (const part of document.querySelectorAll(".math")) empty(part, part.textContent);
      for (const part of document.querySelectorAll("pre")) {
        if ([...part.querySelectorAll("*")].every(coloured)) empty(part, part.textContent);
      }
      for (const shape of [...document.querySelectorAll(`svg :is(${SHAPES})`)].reverse()) {
        const around = shape.parentElement;
        if (!shape.firstElementChild && bare(shape)) empty(around, ...[...around.childNodes].filter((one) => one !== shape));
      }
    },

    /** Put all back. */
    putBack() {
      for (const [part, [nodes, style]] of held) {
        part.replaceChildren(...nodes);
        if (part.getAttribute("style") === style) continue;
        part.style.cssText = style ?? ""; // as an attribute a policy may forbid it
        if (style === null) part.removeAttribute("style");
      }
      held.clear();
    },
  };
})()
