// Lets live figures and slides share the keyboard: while a control has the focus, keys are its own; after the mouse
// has let go of it, they turn the slides again, as a presenter's remote control expects.
(() => {
  "use strict";
  const inside = (event) => event.target.closest?.(".lossbook-figure");
  const TURNING = ["PageUp", "PageDown", "Escape"];

  // On the way up, before it reaches the document, where reveal.js listens.
  document.body.addEventListener("keydown", (event) => {
    if (inside(event) && !TURNING.includes(event.key)) event.stopPropagation();
  });
  // A list stays open until something is chosen from it.
  document.body.addEventListener("pointerup", (event) => {
    if (inside(event) && event.pointerType === "mouse" && event.target.tagName !== "SELECT") setTimeout(() => document.activeElement.blur());
  });
  document.body.addEventListener("change", (event) => {
    if (inside(event) && event.target.tagName === "SELECT") event.target.blur();
  });
})();
