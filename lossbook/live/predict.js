// @ts-check
// A question before the answer: a part of the engine, for the figures that ask one.

export default ({ element, setText }) => ({
  figure: {
    // Asks first. What has been answered or skipped is remembered on this device, by the question.
    build_predict({ question, revealed, answer, options, right, sets }) {
      const box = element("div", "lb-predict", null, { role: "group", "aria-label": "Predict first" });
      this.panels.before(box);
      setText(element("p", "", box), question);
      const key = `lossbook: ${question}`, asked = element("div", "lb-asked", box), said = element("p", "lb-said", box, { role: "status" });
      const store = (/** @type {string} */ value) => {
        try {
          if (value) localStorage.setItem(key, value);
          return localStorage.getItem(key);
        } catch {
          return null; // where nothing may be kept, it is asked again next time
        }
      };
      let verdict = "", told = !store(""); // who comes again finds the figure open, and as it was at the start
      const reveal = (/** @type {string} */ guess) => {
        verdict = guess === "" ? "" : guess === options?.[right] ? "Right. " : `You said: ${guess}. `;
        told = true;
        store("seen");
        this.apply(sets);
      };
      if (options) for (const option of options) this.button(option, asked, () => reveal(option));
      else this.button("Show me", asked, () => reveal(""));
      this.button("Skip", asked, () => reveal("")).classList.add("lb-skip");
      if (!told) queueMicrotask(() => this.set(revealed, 1));
      this.update.push(() => {
        const shown = this.model.get(revealed) === 1;
        asked.hidden = shown;
        setText(said, !shown ? "" : told ? verdict + this.text(answer) : "You were here before; Reset asks again.");
      });
    },
  },
});
