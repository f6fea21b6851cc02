// Lets the reader filter and sort each table of the class lossbook-table. Without scripts it stays a plain table.
// A column with few values, or whose heading says data-choose, gets a menu.
(() => {
  const text = (row, i) => row.cells[i].textContent.trim();
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // ∞ after all numbers, – (nothing known) after everything.
  function compare(a, b) {
    const rank = (t) => (t === "–" ? 2 : t === "∞" ? 1 : 0);
    if (rank(a) || rank(b)) return rank(a) - rank(b);
    return a !== "" && b !== "" && !isNaN(a) && !isNaN(b) ? a - b : order.compare(a, b);
  }

  function enliven(table) {
    const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
    const bar = table.previousElementSibling, count = document.createElement("span");
    count.setAttribute("role", "status");
    const filters = [];

    function control(label, element) {
      const wrap = document.createElement("label");
      wrap.append(label + " ", element);
      bar.append(wrap);
      element.addEventListener("input", filter);
      return element;
    }

    function filter() {
      const words = search.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        const fits = row.textContent.toLowerCase().includes(words) &&
          filters.every(([i, select]) => !select.value || text(row, i) === select.value);
        row.hidden = !fits;
        shown += fits;
      }
      count.textContent = `${shown} of ${rows.length}`;
    }

    const search = control("Search", document.createElement("input"));
    search.type = "search";
    heads.forEach((head, i) => {
      const values = [...new Set(rows.map((row) => text(row, i)))].sort(compare);
      if (i && (values.length <= 4 || "choose" in head.dataset)) {
        const select = document.createElement("select");
        select.append(new Option("all", ""), ...values.map((value) => new Option(value, value)));
        filters.push([i, control(head.textContent, select)]);
      }
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const known = rows.filter((row) => text(row, i) !== "–"), unknown = rows.filter((row) => text(row, i) === "–");
        known.sort((a, b) => compare(text(a, i), text(b, i)) * (up ? 1 : -1));
        body.append(...known, ...unknown);
      });
    });
    bar.append(count);
    filter();
  }

  document.querySelectorAll("table.lossbook-table").forEach(enliven);
})();
