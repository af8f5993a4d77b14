// The colour key of a figure whose `meta.chips` is set: buttons that switch traces off and on. Plotly's own legend costs
// as much time as all the rest of such a figure.

export class Key {
  /**
   * @param {import("../medium_io.js").MediumIO} io
   * @param {() => void} changed
   */
  constructor(io, changed) {
    this.h = io.h;
    this.changed = changed;
    this.element = io.h("div", { class: "chips" });
    /** @type {Map<string, boolean>} */
    this.on = new Map();
    this.names = "";
  }

  /**
   * @param {any} figure
   * @returns {any[]} its traces, those switched off invisible
   */
  applyTo(figure) {
    const wanted = figure.layout?.meta?.chips;
    const keyed = wanted ? figure.data.filter((/** @type {any} */ trace) => trace.showlegend !== false) : [];
    for (const trace of keyed) if (!this.on.has(trace.name)) this.on.set(trace.name, trace.visible !== "legendonly");
    this.show(keyed);
    return figure.data.map((/** @type {any} */ trace) =>
      keyed.includes(trace) ? { ...trace, visible: this.on.get(trace.name) } : trace,
    );
  }

  /** @param {any[]} traces */
  show(traces) {
    const names = JSON.stringify(traces.map((trace) => trace.name));
    if (names === this.names) return;
    this.names = names;
    this.element.replaceChildren(...traces.map((trace) => this.chip(trace)));
  }

  /** @param {any} trace */
  chip(trace) {
    const { name } = trace;
    const chip = this.h("button", { type: "button", "aria-pressed": String(this.on.get(name)) }, name);
    chip.style.setProperty("--chip", (trace.marker ?? trace.line).color);
    chip.addEventListener("click", () => {
      this.on.set(name, !this.on.get(name));
      chip.setAttribute("aria-pressed", String(this.on.get(name)));
      this.changed();
    });
    return chip;
  }
}
