// Finds the engine, which one model of the kernel carries for all figures, and lets it draw this figure.
const engines = (globalThis.lossbookEngines ??= new Map());
async function load(model) {
  const id = model.get("_engine").slice("IPY_MODEL_".length);
  const holder = await model.widget_manager.get_model(id);
  const source = holder.get("source");
  if (!engines.has(source)) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    engines.set(source, import(url).finally(() => URL.revokeObjectURL(url)));
  }
  return engines.get(source);
}
export default { render: async (context) => (await load(context.model)).render(context) };
