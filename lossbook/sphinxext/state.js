// @ts-check
// Links to a figure in a certain state: #figure-mean-to-median?delta=3. The state that a link names is set, the state
// that a reader has made comes back with Back and with a reload, and a button below each figure copies the link to it.
(() => {
  "use strict";
  const left = history.state?.figures ?? {}; // read at once, since a script of Sphinx empties the state
  /**
   * @typedef {{ get(name: string): any, set(name: string, value: any): void, on(event: string, callback: () => void): void,
   *   record: { state: Record<string, any> } }} Model
   * @type {Map<string | Element, Model>} by address, on slides by place
   */
  const models = new Map();

  /**
   * A figure's parameters, without buttons and questions.
   * @param {Model} model
   * @returns {any[]}
   */
  const controls = (model) => model.get("spec").controls.filter(({ kind }) => kind === "slider" || kind === "choice" || kind === "toggle");

  /**
   * What differs from the figure's own start, as the texts of a link.
   * @param {Model} model
   */
  const changed = (model) => Object.fromEntries(controls(model).map(({ name }) => [name, model.get(name)])
    .filter(([name, value]) => value !== model.record.state[name]).map(([name, value]) => [name, String(value)]));

  /**
   * Sets what the texts name, and all else as at the start; what they name wrongly is left out.
   * @param {Model} model
   * @param {Record<string, string>} texts
   */
  function put(model, texts) {
    for (const { name, kind, options } of controls(model)) {
      const text = texts[name], start = model.record.state[name];
      const value = kind === "slider" ? Number(text) : kind === "toggle" ? text === "true" : text;
      const known = text !== undefined && (kind === "slider" ? Number.isFinite(value) : !options || options.some(([label]) => label === text));
      model.set(name, known ? value : start);
    }
  }

  // A link to a figure alone leaves it as it is.
  function follow() {
    const [name, query] = location.hash.slice(1).split("?");
    const model = models.get(decodeURIComponent(name));
    if (model && query !== undefined) put(model, Object.fromEntries(new URLSearchParams(query)));
  }

  // A link gets its values when the reader takes it: a script of the theme reads all addresses of a page as selectors.
  for (const deed of ["pointerdown", "focusin"]) {
    document.addEventListener(deed, ({ target }) => {
      /** @type {HTMLElement | null | undefined} */
      const setting = /** @type {HTMLElement} */ (target).closest?.(".lossbook-setting"), link = setting?.querySelector("a");
      if (link && !link.hash.includes("?")) link.href += `?${setting.dataset.values}`;
    }, true);
  }

  // On a slide: the figure there has no address of its own.
  document.addEventListener("click", ({ target }) => {
    /** @type {HTMLElement | null} */
    const link = /** @type {HTMLElement} */ (target).closest(".lossbook-set"), slide = link?.closest("section");
    const model = slide && models.get(slide.querySelector(`[data-figure="${link.dataset.figure}"]`));
    if (model) put(model, Object.fromEntries(new URLSearchParams(link.dataset.values)));
  });

  let resting = 0;
  function keep(after = 200) {
    clearTimeout(resting);
    resting = setTimeout(() => {
      const figures = Object.fromEntries([...models].map(([name, model]) => [name, changed(model)]).filter(([, texts]) => Object.keys(texts).length));
      history.replaceState({ ...history.state, figures }, "");
    }, after);
  }

  /**
   * A button that copies a text, or shows it where nothing may be copied.
   * @param {string} name
   * @param {string} title
   * @param {() => string} text
   * @param {(text: string) => string} shown what the button says where nothing may be copied
   */
  function copier(name, title, text, shown) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "lossbook-link", textContent: name, title });
    button.addEventListener("click", async () => {
      const copy = text();
      const copied = await navigator.clipboard?.writeText(copy).then(() => true, () => false);
      button.textContent = copied ? "Copied" : shown(copy);
      setTimeout(() => (button.textContent = name), 2000);
    });
    return button;
  }

  /** @param {string} text */
  const quoted = (text) => text.replace(/[&"<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

  /**
   * The line that shows a figure as it stands now in another page. Its page is named as `embedding.py` does.
   * @param {HTMLElement} figure
   * @param {Model} model
   * @param {Element} place
   */
  function frame(figure, model, place) {
    const page = (location.pathname.split("/").pop() || "index").replace(/^\d+-|\.html$/g, "");
    const address = new URL(`${document.documentElement.dataset.content_root}figure.html`, location.href);
    address.search = String(new URLSearchParams({ figure: `${page}.${figure.dataset.figure}`, ...changed(model) }));
    const caption = place.querySelector(".caption-text").textContent;
    const height = Math.ceil(place.getBoundingClientRect().height / 10) * 10 + 60;
    return `<iframe src="${quoted(address.href)}" title="${quoted(caption)}" width="100%" height="${height}" loading="lazy"></iframe>`;
  }

  /**
   * @param {HTMLElement} figure
   * @param {Model} model
   */
  function offer(figure, model) {
    const place = figure.closest("figure"), caption = place?.querySelector("figcaption > p");
    if (!caption) return;
    const link = () => {
      const query = String(new URLSearchParams(changed(model)));
      const address = `${location.href.split("#")[0]}#${place.id}${query && "?"}${query}`;
      history.replaceState(history.state, "", address);
      return address;
    };
    // Where nothing may be copied, the address of the page is the link, and the line is shown to be copied by hand.
    const byHand = (/** @type {string} */ line) => (prompt("The line to copy:", line), "Embed");
    caption.append(" ", copier("Copy link", "Copy a link to this figure as it stands now", link, () => "See the address above"));
    caption.append(" ", copier("Embed", "Copy the line of HTML that shows this figure, as it stands now, in another page", () => frame(figure, model, place), byHand));
  }

  globalThis.lossbookState = { put }; // for the page of one figure

  addEventListener("hashchange", follow);
  addEventListener("DOMContentLoaded", async () => {
    const page = globalThis.lossbookPage;
    await page?.ready;
    for (const figure of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lossbook-figure[data-figure]"))) {
      const { model_id: id } = JSON.parse(figure.querySelector("script").textContent), model = page.manager.models.get(id);
      const place = figure.closest("figure");
      models.set(place?.id ?? figure, model);
      if (!place) continue;
      for (const { name } of controls(model)) model.on(`change:${name}`, () => keep());
      offer(figure, model);
    }
    const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    if (visit?.type === "navigate") follow();
    else for (const [name, texts] of Object.entries(left)) if (models.has(name)) put(models.get(name), texts);
    keep(0);
  });
})();
