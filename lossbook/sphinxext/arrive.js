// @ts-check
// Brings the reader to the place that a link names, and back to the place that they left. The browser goes there
// before the figures are drawn, which then push it off the screen; and it does not open what the place is folded into.
(() => {
  "use strict";
  const left = history.state?.lossbook; // read at once, since a script of Sphinx empties the state
  let acted = false; // from then on the page stays where the reader has put it
  for (const deed of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(deed, () => (acted = true), { capture: true, passive: true });
  }

  /** @param {Element} place */
  function unfold(place) {
    for (let fold = place.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
    for (const fold of document.querySelectorAll(".toggle-hidden")) {
      const button = /** @type {HTMLElement | null} */ (fold.querySelector(".toggle-button"));
      if (fold.contains(place)) button?.click();
    }
  }

  function go() {
    // A figure's state may follow its name.
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1).split("?")[0]));
    if (!place) return;
    unfold(place);
    place.scrollIntoView({ behavior: "instant", block: "start" });
  }

  // Where the reader is, as a place that has a name and the distance to it: heights differ from visit to visit. It is
  // noted at every rest, since an entry of the history cannot be changed any more while its page goes.
  let resting = 0;
  function scrolled() {
    clearTimeout(resting);
    if ("arrived" in document.documentElement.dataset) resting = setTimeout(note, 100);
  }

  function note() {
    let last = null;
    for (const place of document.querySelectorAll("article [id]")) {
      if (!place.checkVisibility?.()) continue;
      if (last && place.getBoundingClientRect().top > 1) break;
      last = place;
    }
    if (last) history.replaceState({ ...history.state, lossbook: [last.id, last.getBoundingClientRect().top] }, "");
  }

  function back() {
    const [name, top] = left ?? [];
    const place = name && document.getElementById(name);
    if (!place) return go();
    scrollBy({ top: place.getBoundingClientRect().top - top, behavior: "instant" });
  }

  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  const arrive = visit?.type === "navigate" ? go : back;
  const stay = () => acted || arrive();
  addEventListener("hashchange", go);
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("load", async () => {
    stay();
    await Promise.allSettled([globalThis.lossbookPage?.ready, document.fonts.ready]);
    stay();
    document.documentElement.dataset.arrived = "";
  });
})();
