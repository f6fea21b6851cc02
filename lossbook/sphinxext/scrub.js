// @ts-check
// Numbers in the prose that move a figure: dragged sideways, or by the arrow keys. Each is one more handle of a slider
// of the figure, whose range, step and way of writing numbers it has.
addEventListener("DOMContentLoaded", async () => {
  "use strict";
  await globalThis.lossbookPage?.ready;
  for (const number of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lossbook-scrub"))) {
    const { figure, parameter } = number.dataset;
    const slider = /** @type {HTMLInputElement | null} */ (document.querySelector(`.lossbook-figure[data-figure="${figure}"] input[data-parameter="${parameter}"]`));
    if (!slider) continue;
    const label = slider.closest("label"), shown = label.querySelector(".lb-value");
    const color = [...label.classList].find((name) => /^lb-c\d$/.test(name));
    if (color) number.classList.add(color);
    number.tabIndex = 0;
    number.role = "slider";
    number.ariaLabel = label.querySelector("span").textContent;
    number.title = "Drag sideways: it moves the figure";
    const move = (/** @type {number} */ value) => {
      slider.valueAsNumber = value;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const show = () => {
      number.textContent = shown.textContent;
      [number.ariaValueNow, number.ariaValueMin, number.ariaValueMax, number.ariaValueText] = [slider.value, slider.min, slider.max, shown.textContent];
    };
    new MutationObserver(show).observe(shown, { childList: true, characterData: true, subtree: true });
    show();

    // The whole range is 400 pixels of the hand's way.
    let from = 0, start = 0;
    number.addEventListener("pointerdown", (event) => {
      [from, start] = [event.clientX, slider.valueAsNumber];
      slider.dispatchEvent(new Event("pointerdown", { bubbles: true })); // the figure keeps what it shows, faint
      number.setPointerCapture(event.pointerId);
      number.focus({ preventScroll: true });
      event.preventDefault();
    });
    number.addEventListener("pointermove", (event) => {
      if (!number.hasPointerCapture(event.pointerId)) return;
      move(start + ((event.clientX - from) / 400) * (Number(slider.max) - Number(slider.min)));
    });
    number.addEventListener("keydown", (event) => {
      const range = Number(slider.max) - Number(slider.min), least = Math.max(Number(slider.step) || 0, range / 100);
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }[event.key];
      if (!steps) return;
      move(Math.min(Math.max(slider.valueAsNumber + steps * least, Number(slider.min)), Number(slider.max)));
      event.preventDefault();
    });
  }
});
