// What the pointer brings out of a plot: the sample behind a point (`meta.sprite`), lines from a heat map's row to its
// columns (`meta.links`).

const LEAST_WEIGHT = 0.02; // a line for less would be invisible

export class Hover {
  /**
   * @param {any} plot the element that Plotly draws in
   * @param {import("../figure_box.js").MediumIO} io
   */
  constructor(plot, io) {
    this.plot = plot;
    this.io = io;
    this.tip = io.h("div", { class: "digit-tip" });
    this.halo = io.h("div", { class: "sigma-halo" });
    this.links = io.h("div", { class: "links" });
    /** @type {{curve: number, row: number, column: number} | null} */
    this.linked = null;
    plot.append(this.tip, this.halo, this.links);
    plot.on("plotly_hover", (/** @type {any} */ event) => this.show(event));
    plot.on("plotly_unhover", () => this.hide());
  }

  /** @param {any} event Plotly's */
  show({ points, event }) {
    const point = points?.[0];
    const meta = this.plot.layout?.meta;
    if (!point || !meta) return;
    if (meta.sprite && Array.isArray(point.customdata)) this.showSample(point, event, meta.sprite);
    if (meta.links && point.data.type === "heatmap") {
      const [row, column] = point.pointNumber;
      this.linked = { curve: point.curveNumber, row, column };
      this.showLinks(this.linked);
    }
  }

  hide() {
    this.linked = null;
    for (const shown of [this.tip, this.halo, this.links]) shown.style.display = "none";
  }

  /** The map goes on moving under a resting pointer. */
  refresh() {
    if (this.linked) this.showLinks(this.linked);
  }

  /**
   * From one sheet of all samples; `customdata` is [index, σ across, σ along].
   * @param {any} point
   * @param {PointerEvent} pointer
   * @param {{file: string, columns: number, cell: number}} sprite
   */
  showSample(point, pointer, sprite) {
    const cell = 2 * sprite.cell;
    const [index, across, along] = point.customdata;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const [left, right] = [point.x - across, point.x + across].map((x) => xaxis._offset + xaxis.d2p(x));
    const [bottom, top] = [point.y - along, point.y + along].map((y) => yaxis._offset + yaxis.d2p(y));
    place(this.halo, left, top, right - left, bottom - top);
    const box = this.plot.getBoundingClientRect();
    const x = Math.min(pointer.clientX - box.left + 14, box.width - cell - 4);
    place(this.tip, x, Math.max(pointer.clientY - box.top - cell - 10, 0), cell, cell);
    Object.assign(this.tip.style, {
      backgroundImage: `url("${this.io.asset(sprite.file)}")`,
      backgroundSize: `${sprite.columns * cell}px auto`,
      backgroundPosition: `-${(index % sprite.columns) * cell}px -${Math.floor(index / sprite.columns) * cell}px`,
    });
  }

  /**
   * From a row's label (left) to those of its columns (above): the wider and darker a line, the larger its weight.
   * @param {{curve: number, row: number, column: number}} cell
   */
  showLinks({ curve, row, column }) {
    const weights = this.plot.data[curve]?.z[row];
    if (!weights) return this.hide();
    const { xaxis, yaxis } = this.plot._fullLayout;
    const { _offset: left, _length: width } = xaxis;
    const top = yaxis._offset;
    const y = top + yaxis.d2p(row);
    const cell = Math.abs(yaxis.d2p(1) - yaxis.d2p(0));
    const lines = Array.from(weights, (/** @type {number} */ weight, key) => {
      if (!(weight >= LEAST_WEIGHT)) return "";
      const x = left + xaxis.d2p(key);
      const near = key === column ? ' class="near"' : "";
      return `<path d="M${left} ${y} Q${x} ${y} ${x} ${top}" stroke-width="${1 + 5 * weight}" opacity="${0.25 + 0.75 * weight}"${near}/>`;
    });
    const frame = `<rect x="${left}" y="${y - cell / 2}" width="${width}" height="${cell}"/>`;
    this.links.innerHTML = `<svg width="100%" height="100%">${frame}${lines.join("")}</svg>`;
    this.links.style.display = "block";
  }
}

/**
 * @param {HTMLElement} element
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 */
function place(element, left, top, width, height) {
  Object.assign(element.style, {
    display: "block",
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
}
