// A visitor's zoom stays until it is reset. Plotly's own `uirevision` would drop it as soon as the figure's range moves on.
import { isAxis } from "./plot_layout.js";

export class Zoom {
  constructor() {
    /** @type {unknown} */
    this.of = undefined;
    /** @type {Record<string, [number, number]>} */
    this.ranges = {};
  }

  /**
   * Ranges chosen in the figure of this name; another figure begins without any.
   * @param {unknown} figureName its `uirevision`
   */
  rangesIn(figureName) {
    if (figureName !== this.of) {
      this.of = figureName;
      this.ranges = {};
    }
    return this.ranges;
  }

  /**
   * @param {Record<string, unknown>} change what Plotly's event says was changed, such as {"xaxis.range[0]": 1}
   * @param {any} fullLayout Plotly's layout after it
   */
  note(change, fullLayout) {
    for (const key of new Set(Object.keys(change).map((name) => name.split(".")[0]))) {
      const axis = isAxis(key) && fullLayout[key];
      if (!axis) continue;
      const home =
        axis.autorange || (near(axis.range[0], axis._rangeInitial0) && near(axis.range[1], axis._rangeInitial1));
      if (home) delete this.ranges[key];
      else this.ranges[key] = [axis.range[0], axis.range[1]];
    }
  }
}

/**
 * @param {number} a
 * @param {number} b
 */
const near = (a, b) => Math.abs(a - b) < 1e-6 * (1 + Math.abs(b));
