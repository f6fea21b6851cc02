// @ts-check
// Shows one figure of the book by itself, in a frame of another page: figure.html?figure=regression.mean_to_median&delta=3.
// A classic script that loads others as script elements, so that it works from disk as well.
(() => {
  "use strict";
  const page = document.documentElement, { host, figures } = document.body.dataset;
  const values = new URLSearchParams(location.search), name = values.get("figure") ?? "";
  values.delete("figure");

  // A frame is as light or dark as the page around it, which the browser asks the reader's system.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => (page.dataset.theme = dark.matches ? "dark" : "light");
  dark.addEventListener("change", follow);
  follow();

  /**
   * @param {string} address
   * @returns {Promise<void>}
   */
  const load = (address) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error(address)));
    document.head.append(script);
  });

  /** @param {string} text */
  function say(text) {
    document.getElementById("words").textContent = text;
    const book = document.createElement("a");
    Object.assign(book, { href: "index.html", target: "_top", textContent: "The book" });
    document.getElementById("from").replaceChildren(book);
  }

  /**
   * @param {string} type
   * @param {object} content
   */
  function data(type, content) {
    const script = document.createElement("script");
    script.type = `application/vnd.jupyter.widget-${type}+json`;
    script.textContent = JSON.stringify(content);
    document.getElementById("figure").append(script);
  }

  // The page around may make the frame as high as the figure is: it hears what that needs.
  function tell() {
    const height = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
    if (parent !== window) parent.postMessage({ lossbook: name, height }, "*");
  }

  async function show() {
    if (!name) return say("The address names no figure: it ends in ?figure= and a name, which “Embed” below each figure of the book copies.");
    try {
      if (!/^[\w-]+\.\w+$/.test(name)) throw new Error(name);
      await load(`${figures}${name}.js`);
    } catch {
      return say(`The book has no figure “${name}”.`);
    }
    /** @type {{ model: string, place: string, caption: string, state: Record<string, any> }} */
    const { model, place, caption, state } = globalThis.lossbookFigure;
    await Promise.all(Object.values(state).map((part) => typeof part === "string" && load(`${figures}${part}.js`)));
    const whole = Object.entries(state).map(([id, part]) => [id, typeof part === "string" ? globalThis.lossbookParts[part] : part]);
    data("view", { version_major: 2, version_minor: 0, model_id: model });
    data("state", { version_major: 2, version_minor: 0, state: Object.fromEntries(whole) });
    document.title = caption;
    document.querySelector("h1").textContent = caption;
    const link = document.createElement("a");
    const query = String(values);
    Object.assign(link, { href: `${place}${query && "?"}${query}`, target: "_top", textContent: "This figure in the book" });
    document.getElementById("from").replaceChildren(link);
    await load(host);
    const { manager, ready } = globalThis.lossbookPage;
    await ready;
    if (query) globalThis.lossbookState.put(manager.models.get(model), Object.fromEntries(values));
    new ResizeObserver(tell).observe(document.querySelector("main"));
  }
  show();
})();
