// @ts-check
// Level lines and arrows over a plane: a part of the engine, for the figures that draw them.

/** @typedef {{ lo: number, hi: number, a: number, b: number, at: (t: number) => number, px: (x: number) => number }} Axis */

export default ({ arrowHead, round }) => {
  // Closed outlines of {z ≥ level} on a grid of n × n values, as an SVG path (marching squares).
  // The grid has a rim of −∞ around it, so that outlines are closed along its edge; `z` counts the rim, n + 2 a side.
  /**
   * @param {Float64Array} z
   * @param {number} n
   * @param {number} level
   * @param {Axis} X
   * @param {Axis} Y
   */
  function contourPath(z, n, level, X, Y) {
    const side = n + 2, next = new Map(), spot = new Map();
    const place = (i, axis) => axis.a + (Math.min(Math.max(i - 1, 0), n - 1) / (n - 1)) * (axis.b - axis.a);
    for (let at = 0; at < side * (side - 1); at++) {
      // Corners of a cell, counter-clockwise; quick to tell cells that no outline crosses.
      const first = z[at] >= level, i = at % side;
      if (i === side - 1 || (z[at + 1] >= level === first && z[at + side] >= level === first && z[at + side + 1] >= level === first)) continue;
      const corners = [at, at + 1, at + side + 1, at + side];
      // An edge is named by its lower end, twice, plus one if it goes up.
      const edges = [2 * at, 2 * at + 3, 2 * (at + side), 2 * at + 1];
      const exits = [], entries = [];
      corners.forEach((a, k) => {
        const b = corners[(k + 1) % 4];
        if (z[a] >= level === z[b] >= level) return;
        let t = (level - z[a]) / (z[b] - z[a]);
        if (!(t >= 0 && t <= 1)) t = z[a] >= level ? 0 : 1;
        const mix = (f, axis) => round(place(f(a), axis) + t * (place(f(b), axis) - place(f(a), axis)));
        spot.set(edges[k], `${mix((c) => c % side, X)} ${mix((c) => Math.floor(c / side), Y)}`);
        (z[a] >= level ? exits : entries).push(k);
      });
      // From an exit the outline goes on where it enters next, so that the inside always lies on one side.
      for (const k of exits) {
        const entry = [1, 2, 3].map((turn) => (k + turn) % 4).find((e) => entries.includes(e));
        next.set(edges[k], edges[entry]);
      }
    }
    let path = "";
    while (next.size) {
      let [edge] = next.keys(), pen = "M";
      while (next.has(edge)) {
        path += pen + spot.get(edge);
        pen = "L";
        const follow = next.get(edge);
        next.delete(edge);
        edge = follow;
      }
      path += "Z";
    }
    return path;
  }

  return {
    panel: {
      contour(mark, _, color) {
        const { X, Y, figure } = this, n = mark.grid, side = n + 2, levels = mark.levels.map((level) => figure.number(level));
        // A contour is dear: it is computed anew only when what it depends on has changed.
        const key = figure.key([mark.z], ...levels, X.lo, X.hi, X.a, X.b, Y.lo, Y.hi, Y.a, Y.b);
        if (mark.key !== key) {
          const f = figure.functions[mark.z.f], z = new Float64Array(side * side).fill(-Infinity);
          for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {
            const value = f(figure.p, X.at(i / (n - 1)), Y.at(j / (n - 1)));
            if (!Number.isNaN(value)) z[(j + 1) * side + i + 1] = value;
          }
          mark.paths = levels.map((level) => contourPath(z, n, level, X, Y));
          mark.key = key;
        }
        for (const d of mark.paths) this.marks.put("path", { d, class: `lb-contour${mark.filled ? " lb-fill" : ""} lb-c${color}` });
      },

      field(mark, _, color) {
        const n = mark.grid, { X, Y, figure } = this, fx = figure.functions[mark.dx.f], fy = figure.functions[mark.dy.f];
        const cell = Math.min((X.b - X.a) / n, (Y.a - Y.b) / n), arrows = [];
        let longest = 0;
        for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {
          const x = X.at((i + 0.5) / n), y = Y.at((j + 0.5) / n);
          const dx = (fx(figure.p, x, y) * (X.b - X.a)) / (X.hi - X.lo), dy = (-fy(figure.p, x, y) * (Y.a - Y.b)) / (Y.hi - Y.lo);
          const length = Math.hypot(dx, dy);
          if (!Number.isFinite(length)) continue;
          longest = Math.max(longest, length);
          arrows.push([X.px(x), Y.px(y), dx, dy, length]);
        }
        let d = "";
        for (const [px, py, dx, dy, length] of arrows) {
          if (!(length > 0)) continue;
          const s = (0.9 * cell * Math.sqrt(length / longest)) / length / 2;
          const [x0, y0, x1, y1] = [px - s * dx, py - s * dy, px + s * dx, py + s * dy];
          d += `M${round(x0)} ${round(y0)}L${round(x1)} ${round(y1)}${arrowHead(x0, y0, x1, y1, 5)}`;
        }
        this.line(mark, d, color, " lb-thin");
      },
    },
  };
};
