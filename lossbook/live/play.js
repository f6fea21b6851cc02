// @ts-check
// A run of a slider from its place to its end: a part of the engine, for the figures that have one.

export default ({ element, setText }) => ({
  figure: {
    build_play(control, bar) {
      const slider = this.control(control.name);
      const group = element("span", "lb-control lb-play", bar);
      const play = this.button("Play", group, () => (frame ? stop() : run()));
      const back = this.button("Restart", group, () => {
        stop();
        this.set(control.name, this.number(slider.min));
      });
      play.dataset.play = back.dataset.restart = control.name;
      let frame = 0;
      const stop = () => {
        cancelAnimationFrame(frame);
        frame = 0;
        setText(play, "Play");
      };
      const run = () => {
        const low = this.number(slider.min), high = this.number(slider.max);
        if (this.model.get(control.name) >= high) this.set(control.name, low);
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.set(control.name, high);
        setText(play, "Pause");
        let exact = this.model.get(control.name), put = exact, before = performance.now();
        const tick = (now) => {
          if (this.model.get(control.name) !== put) return stop(); // the reader has taken the slider
          const { top, bottom } = this.root.getBoundingClientRect();
          // Time passes only while the figure is seen: neither off the screen nor behind another tab.
          if (bottom > 0 && top < innerHeight) exact += (Math.min(Math.max(0, now - before), 100) / (1000 * control.seconds)) * (high - low);
          before = now;
          this.set(control.name, Math.min(Math.floor(exact), high));
          put = this.model.get(control.name);
          if (exact < high) frame = requestAnimationFrame(tick);
          else stop();
        };
        frame = requestAnimationFrame(tick);
      };
      this.stop = stop;
      stop();
    },
  },
});
