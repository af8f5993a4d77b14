// The picture of the sample behind the point that the pointer is on (`meta.sprite`).

/** @typedef {import("../protocol.d.ts").Sheet} Sheet */

/**
 * @param {any} plot the element that Plotly draws in
 * @param {import("../medium_io.js").MediumIO} io
 */
export function hoverPicture(plot, io) {
  const tip = io.h("div", { class: "sample-tip", hidden: true });
  const hide = () => {
    tip.hidden = true;
  };
  plot.append(tip);
  plot.on("plotly_unhover", hide);
  plot.on("plotly_hover", (/** @type {any} */ { points, event }) => {
    const point = points?.[0];
    const sprite = /** @type {Sheet | null | undefined} */ (plot.layout?.meta?.sprite);
    if (!sprite || !Array.isArray(point?.customdata)) return hide();
    tip.hidden = false;
    Object.assign(tip.style, pictureAt(point.customdata[0], sprite, event, plot.getBoundingClientRect()));
    tip.style.backgroundImage = `url("${io.files.asset(sprite.file)}")`;
  });
}

/**
 * Twice as large, to the right above the pointer, within the chart.
 * @param {number} index number in the sheet
 * @param {Sheet} sprite
 * @param {{clientX: number, clientY: number}} pointer
 * @param {{left: number, top: number, width: number}} box of the chart
 * @returns {Record<string, string>} styles
 */
export function pictureAt(index, { columns, cell }, { clientX, clientY }, box) {
  const size = 2 * cell;
  const [left, top] = [Math.min(clientX - box.left + 14, box.width - size - 4), clientY - box.top - size - 10];
  return {
    left: `${left}px`,
    top: `${Math.max(top, 0)}px`,
    width: `${size}px`,
    height: `${size}px`,
    backgroundSize: `${columns * size}px auto`,
    backgroundPosition: `-${(index % columns) * size}px -${Math.floor(index / columns) * size}px`,
  };
}
