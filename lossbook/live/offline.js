// Beside a figure in the output of a notebook: where that is saved as a page (`jupyter nbconvert --to html`), the
// figure lives there without a network. What draws widgets there else comes from one, and leaves the place blank.
// A page that is still being read is such a page; JupyterLab's is not. `HOST` is host.js, which mounts what it finds.
if (document.readyState === "loading" && !globalThis.lossbookPage) {
  const VIEW = "application/vnd.jupyter.widget-view+json", KEPT = "text/plain";
  const views = () => [...document.querySelectorAll(`script[type="${VIEW}"]`)];
  // Widgets of other makers are left to the network: the host does not see them.
  let others = [];
  const listen = (work) => document.addEventListener("readystatechange", work, { once: true });
  listen(() => {
    const found = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
    const state = found ? JSON.parse(found.textContent).state : {};
    others = views().filter((view) => !state[JSON.parse(view.textContent).model_id]?.state._esm);
    others.forEach((view) => (view.type = KEPT));
  });
  HOST;
  listen(() => {
    views().forEach((view) => (view.type = KEPT)); // drawn: nobody else does it again
    others.forEach((view) => (view.type = VIEW));
  });
}
