// Finds the modules of the workbench, each of which may import those before it, and the engine that all figures share.
const found = (globalThis.lossbookModules ??= new Map());
const holder = (manager, reference) => manager.get_model(reference.slice("IPY_MODEL_".length));
const address = (source) => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
async function load(manager, reference) {
  const source = (await holder(manager, reference)).get("source");
  if (!found.has(source)) {
    const url = address(source);
    found.set(source, import(url).finally(() => URL.revokeObjectURL(url)));
  }
  return found.get(source);
}
let bench;
async function link(manager, names, references) {
  const texts = await Promise.all(references.map(async (reference) => (await holder(manager, reference)).get("source")));
  const urls = {};
  texts.forEach((text, i) => (urls[names[i]] = address(text.replace(/"\.\/(\w+)\.js"/g, (_, name) => `"${urls[name]}"`))));
  try {
    return await import(urls[names.at(-1)]);
  } finally {
    Object.values(urls).forEach((url) => URL.revokeObjectURL(url));
  }
}
export default {
  async render({ model, el }) {
    const engine = await load(model.widget_manager, model.get("_engine"));
    const { render } = await (bench ??= link(model.widget_manager, model.get("_names"), model.get("_modules")));
    return render({ model, el, engine });
  },
};
