// @ts-check
// Brings the widgets of a static page to life: what a kernel and Jupyter do elsewhere, without either.
// It reads the standard widget state that MyST-NB embeds and mounts every anywidget on it; layout boxes and
// jslinks work too. A classic script, since pages opened from disk may not load module scripts.
(() => {
  "use strict";
  const STATE = "application/vnd.jupyter.widget-state+json", VIEW = "application/vnd.jupyter.widget-view+json";
  const REFERENCE = "IPY_MODEL_";
  const { signal } = new AbortController(); // nothing of a page ends before the page does

  class Model {
    constructor(manager, record) {
      this.widget_manager = manager;
      this.record = record;
      this.state = { ...record.state };
      this.listeners = new Map();
    }
    get(name) {
      return this.state[name];
    }
    set(name, value) {
      const changes = typeof name === "object" ? name : { [name]: value };
      for (const [key, next] of Object.entries(changes)) {
        if (Object.is(this.state[key], next)) continue;
        this.state[key] = next;
        this.emit(`change:${key}`, this, next);
        this.emit("change", this);
      }
    }
    emit(event, ...details) {
      for (const callback of [...(this.listeners.get(event) ?? [])]) callback(...details);
    }
    on(event, callback) {
      if (!this.listeners.has(event)) this.listeners.set(event, new Set());
      this.listeners.get(event).add(callback);
    }
    off(event, callback) {
      if (event === undefined || event === null) this.listeners.clear();
      else if (callback) this.listeners.get(event)?.delete(callback);
      else this.listeners.delete(event);
    }
    save_changes() {} // there is no kernel to tell
    send() {}
  }

  class Manager {
    constructor() {
      this.models = new Map();
      this.modules = new Map();
    }
    // Models are prepared at once: what they import is there when the page has their places.
    add(records) {
      for (const [id, record] of Object.entries(records)) {
        if (this.models.has(id)) continue;
        const model = new Model(this, record);
        this.models.set(id, model);
        if (model.get("_esm")) Promise.resolve().then(() => this.widget(model)).catch(() => {}); // who mounts it says why
      }
    }
    async get_model(id) {
      const model = this.models.get(id.startsWith(REFERENCE) ? id.slice(REFERENCE.length) : id);
      if (!model) throw new Error(`The page holds no widget ${id}`);
      return model;
    }
    // One module per text: figures of the same kind share theirs.
    load(text) {
      if (!this.modules.has(text)) {
        const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
        this.modules.set(text, import(url).finally(() => URL.revokeObjectURL(url)));
      }
      return this.modules.get(text);
    }
    // Loads and initialises what draws a model, once.
    widget(model) {
      return (model.widget ??= this.load(model.get("_esm")).then(async ({ default: definition }) => {
        const widget = typeof definition === "function" ? await definition() : definition;
        await widget.initialize?.({ model, signal });
        return widget;
      }));
    }
    async mount(id, el) {
      const model = await this.get_model(id);
      const { model_name: name } = model.record;
      if (model.get("_esm")) {
        const widget = await this.widget(model);
        await widget.render({ model, el, signal });
      } else if (Array.isArray(model.get("children"))) {
        el.style.display = "flex";
        el.style.flexDirection = name === "VBoxModel" ? "column" : "row";
        el.style.flexWrap = "wrap";
        await Promise.all(model.get("children").map((child) => this.mount(child, el.appendChild(document.createElement("div")))));
      } else {
        el.textContent = "This control needs a running kernel: open the notebook to use it.";
      }
    }
    // jslink and jsdlink: models that carry a value from one widget to another.
    async link() {
      for (const link of this.models.values()) {
        const both = link.record.model_name === "LinkModel";
        if (!both && link.record.model_name !== "DirectionalLinkModel") continue;
        const [source, target] = await Promise.all(
          ["source", "target"].map(async (end) => ({ model: await this.get_model(link.get(end)[0]), name: link.get(end)[1] })),
        );
        const carry = (from, to) => {
          const copy = () => to.model.set(to.name, from.model.get(from.name));
          from.model.on(`change:${from.name}`, copy);
          return copy;
        };
        carry(source, target)();
        if (both) carry(target, source);
      }
    }
  }

  const manager = new Manager();
  /** @type {Map<Element, Promise<void>>} */
  const mounted = new Map();

  function mount(view) {
    if (mounted.has(view)) return;
    const el = document.createElement("div");
    view.after(el);
    const { model_id: id } = JSON.parse(view.textContent);
    const done = manager.mount(id, el).then(
      () => void performance.mark(`lossbook ${id}`),
      (error) => {
        el.textContent = "This figure could not be drawn.";
        console.error(error);
      },
    );
    mounted.set(view, done);
  }

  function prepare() {
    for (const script of document.querySelectorAll(`script[type="${STATE}"]`)) manager.add(JSON.parse(script.textContent).state);
  }

  // The first figure lives before the rest of a long page is there.
  const watch = new MutationObserver(() => {
    const view = document.querySelector(`script[type="${VIEW}"]`);
    if (!view?.nextSibling) return; // not wholly read
    watch.disconnect();
    mount(view);
  });

  function finish() {
    watch.disconnect();
    prepare();
    // Of the others, the figures that the reader sees come first.
    const distance = (/** @type {Element} */ view) => {
      const { top, bottom } = view.parentElement.getBoundingClientRect();
      return bottom >= 0 && top <= innerHeight ? -1 : Math.abs(top);
    };
    const views = [...document.querySelectorAll(`script[type="${VIEW}"]`)].map((view) => ({ view, away: distance(view) }));
    for (const { view } of views.sort((a, b) => a.away - b.away)) mount(view);
    return Promise.all([...mounted.values(), manager.link()]);
  }

  const ready = new Promise((resolve) => {
    if (document.readyState !== "loading") return resolve(finish());
    // All that is parsed, before the scripts that wait for it.
    document.addEventListener("readystatechange", () => resolve(finish()), { once: true });
    prepare();
    if (manager.models.size) watch.observe(document, { childList: true, subtree: true });
  });
  globalThis.lossbookPage = { manager, ready };
})();
