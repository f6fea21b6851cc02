// What the tests ask of a page: numbers, and faults as lines of text.
({
  /** Of the page once it is complete. */
  rest() {
    const first = document.querySelector(".lb-plot")?.getBoundingClientRect();
    return {
      declared: [...(globalThis.lossbookPage?.manager.models.values() ?? [])].filter((model) => model.get("spec")).length,
      places: document.querySelectorAll(".lossbook-figure").length,
      drawn: document.querySelectorAll(".lb-figure[data-drawn]:not(.lossbook-workbench *)").length,
      loaders: document.querySelectorAll("script[src*='require']").length,
      first: first ? first.bottom + scrollY : Infinity,
      // Blocks of code that are higher than their lines, since some are broken.
      broken: [...document.querySelectorAll(".cell_input pre, .cell_output .highlight-python pre")]
        .filter((part) => {
          if (!part.checkVisibility()) return false;
          const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(part);
          const lines = part.textContent.trimEnd().split("\n").length;
          const around = parseFloat(paddingTop) + parseFloat(paddingBottom);
          return part.clientHeight - around > (lines + 0.7) * parseFloat(lineHeight);
        })
        .map((part) => part.textContent.slice(0, 80)),
    };
  },

  /** Tables of the first screen whose columns would move when their rows arrive one after the other. */
  growing() {
    const faults = [];
    // The atlas and the list of names have their own ways.
    for (const table of document.querySelectorAll("article table.table:not(.lossbook-table, .autosummary)")) {
      if (table.getBoundingClientRect().top > innerHeight || !table.checkVisibility()) continue;
      const places = () => [...table.rows[0].cells].map((cell) => cell.getBoundingClientRect().left);
      const later = [...table.tBodies[0].rows].slice(1), whole = places();
      for (const row of later) row.style.display = "none";
      const by = Math.max(...places().map((place, i) => Math.abs(place - whole[i])));
      for (const row of later) row.style.display = "";
      if (by > 8) faults.push(`${table.textContent.trim().slice(0, 60)}: ${Math.round(by)} px`);
    }
    return faults;
  },

  /** How wide the page is; parts of figures beyond it; formulas and code that do not fit, and where they open. */
  wide() {
    return {
      page: document.documentElement.scrollWidth,
      figures: [...document.querySelectorAll(".lb-figure *")]
        .filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest("svg, .lb-formulas"))
        .map((part) => part.className),
      // Matplotlib draws letters of 20 pixels: below a third of that nobody reads them.
      pictures: [...document.querySelectorAll(".cell_output img[width]")]
        .filter((part) => part.checkVisibility() && part.getBoundingClientRect().width < 0.35 * part.getAttribute("width"))
        .map((part) => part.alt.slice(0, 80)),
      scrollers: [...document.querySelectorAll("div.math, .derivation, pre, .lb-formulas")]
        .filter((part) => part.checkVisibility() && part.scrollWidth > part.clientWidth + 1)
        .map((part) => ({ text: part.textContent.trim().slice(0, 80), from: part.scrollLeft })),
    };
  },

  /** Of the figures as they stand: caption, address, room, rows, columns. */
  figures() {
    return [...document.querySelectorAll(".lossbook-figure")].flatMap((host, number) => {
      const faults = [], fault = (text) => faults.push(`figure ${number + 1}: ${text}`);
      const figure = host.querySelector(".lb-figure"), around = host.closest("figure");
      const caption = around?.querySelector("figcaption")?.textContent.trim();
      if (!/^Figure \d+(\.\d+)? \S.{40}/.test(caption ?? "")) fault(`its caption is ${caption}`);
      if (!around?.id.startsWith("figure-")) fault("it has no address");

      // A name in the caption has the colour that the drawing or the slider of this name has.
      for (const name of around?.querySelectorAll("figcaption .lossbook-ink") ?? []) {
        const word = name.textContent.replaceAll("’", "'").toLowerCase(); // Sphinx sets apostrophes as they are printed
        const called = [...figure.querySelectorAll(".lb-entry, .lb-ink .lb-name, .lb-ink .lb-hidden")]
          .filter(({ textContent: text }) => text.toLowerCase() === word || text.split(/[^\p{L}]/u).at(-1) === name.textContent);
        const colors = called.map((part) => getComputedStyle(part.matches(".lb-entry") ? part.firstChild : part.closest(".lb-ink")).getPropertyValue("--lb-color"));
        const own = getComputedStyle(name).getPropertyValue("--lb-color");
        if (!own || !colors.includes(own)) fault(`its caption draws ${name.textContent} in ${own}, the figure in ${colors}`);
      }

      const room = getComputedStyle(host).getPropertyValue(innerWidth < 640 ? "--narrow-room" : "--room");
      const off = figure.getBoundingClientRect().height - parseFloat(room);
      if (!(Math.abs(off) < 32)) fault(`it is ${off} px higher than the room that was left for it`);

      // On a phone each control is seen together with the drawing that it moves.
      const controls = figure.querySelector(".lb-controls");
      if (innerWidth < 640 && controls) {
        const plots = [...figure.querySelectorAll(".lb-plot")].map((plot) => plot.getBoundingClientRect().height);
        const head = document.querySelector(".bd-header-article")?.getBoundingClientRect().height ?? 0;
        const needed = head + controls.getBoundingClientRect().height + Math.max(...plots);
        if (getComputedStyle(controls).position !== "sticky" || needed > innerHeight) fault(`controls and drawing need ${needed} px`);
      }

      const panels = [...figure.querySelectorAll(".lb-panel")];
      const rows = [...Map.groupBy(panels, (panel) => Math.round(panel.getBoundingClientRect().top)).values()];
      const widest = Math.max(...rows.map((row) => row.length));
      for (const row of rows) {
        const narrow = row[0].getBoundingClientRect().width < figure.clientWidth - 2;
        if (row.length === 1 && widest > 1 && narrow) fault("a panel stands alone");
        for (const part of [".lb-title", ".lb-legend", ".lb-plot", ".lb-x"]) {
          const tops = row.map((panel) => panel.querySelector(part).getBoundingClientRect().top);
          if (Math.max(...tops) - Math.min(...tops) > 1) fault(`${part} of a row lie at ${tops}`);
        }
      }
      const axes = panels.map((panel) => Number(panel.querySelector("clipPath rect").getAttribute("x")));
      if (Math.max(...axes) - Math.min(...axes) > 1) fault(`axes lie at ${axes}`);
      const label = (panel) => panel.querySelector(".lb-x:not([hidden])")?.textContent;
      if (widest === 1) {
        panels.slice(1).forEach((panel, i) => {
          if (label(panel) && label(panel) === label(panels[i])) fault(`"${label(panel)}" stands twice`);
        });
      }
      return faults;
    });
  },

  /** Moves every control to its ends: texts that lie over texts or points; controls and axes that move. */
  async moved() {
    const found = { states: 0, texts: [], points: [], faults: [] };
    const over = (a, b, least) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > least &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > least;
    const look = (figure, state) => {
      found.states++;
      for (const plot of figure.querySelectorAll(".lb-plot")) {
        const words = [...plot.querySelectorAll(".lb-words text")];
        const boxes = words.map((word) => word.getBoundingClientRect());
        const dots = [...plot.querySelectorAll("circle")].filter((dot) => dot.r.baseVal.value >= 5);
        boxes.forEach((box, i) => {
          const said = `${state}: ${words[i].textContent}`;
          if (boxes.slice(i + 1).some((other) => over(box, other, 3))) found.texts.push(said);
          if (dots.some((dot) => over(box, dot.getBoundingClientRect(), 4))) found.points.push(said);
        });
      }
    };
    const drawn = () => new Promise((done) => setTimeout(done));
    for (const [number, figure] of [...document.querySelectorAll(".lb-figure")].entries()) {
      const axes = () => [...figure.querySelectorAll("clipPath rect")].map((rect) => rect.getAttribute("x")).join();
      const start = axes(), reset = figure.querySelector(".lb-reset");
      look(figure, `figure ${number + 1}, start`);
      for (const control of figure.querySelectorAll("input, select")) {
        const where = () => control.getBoundingClientRect().top - figure.getBoundingClientRect().top;
        const range = control.type === "range", box = control.type === "checkbox";
        const values = range ? [control.min, control.max] : box ? [!control.checked] : [...control.options].map((o) => o.value);
        for (const value of values) {
          const before = where(), state = `figure ${number + 1}, ${control.dataset.parameter} = ${value}`;
          control[box ? "checked" : "value"] = value;
          control.dispatchEvent(new Event(range ? "input" : "change", { bubbles: true }));
          await drawn();
          look(figure, state);
          if (Math.abs(where() - before) > 1) found.faults.push(`${state}: the control jumps by ${where() - before} px`);
          if (axes() !== start) found.faults.push(`${state}: the axes move from ${start} to ${axes()}`);
        }
        reset.click();
        await drawn();
      }
    }
    return found;
  },

  /** Controls too small for a finger; a label belongs to its control. */
  small() {
    return [...document.querySelectorAll("article :is(button, input, select, summary, [role=slider])")]
      .filter((part) => part.checkVisibility())
      .map((part) => [part.outerHTML.slice(0, 120), (part.labels?.[0] ?? part).getBoundingClientRect()])
      .filter(([, box]) => box.height < 24 || box.width < 24)
      .map(([text, box]) => `${box.width} × ${box.height}: ${text}`);
  },
})
