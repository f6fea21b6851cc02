// Finds the engine, and what parts of it this figure needs, and lets it draw: a model of the kernel carries each text
// once for all figures.
const modules = (globalThis.lossbookModules ??= new Map());
async function load(manager, reference) {
  const holder = await manager.get_model(reference.slice("IPY_MODEL_".length));
  const source = holder.get("source");
  if (!modules.has(source)) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    modules.set(source, import(url).finally(() => URL.revokeObjectURL(url)));
  }
  return modules.get(source);
}
const tools = (model) => Promise.all([model.get("_engine"), ...model.get("_parts")].map((reference) => load(model.widget_manager, reference)));
export default {
  async initialize({ model }) {
    const [engine] = await tools(model);
    engine.importFunctions(model.get("_code"));
  },
  async render(context) {
    const [engine, ...parts] = await tools(context.model);
    return engine.render(context, parts.map((part) => part.default));
  },
};
