// A head's map as a chart; lines run from the query that is pointed at (left) to the keys that it attends to (above).

const LEAST_WEIGHT = 0.02; // a line for less would be invisible

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("attention_map.css", import.meta.url).href);
  const { mount: mountPlot } = await io.files.plot();
  return mountPlot(element, io, [links]);
}

/**
 * @param {any} plot the element that Plotly draws in
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 * @returns {() => void} draws the lines anew: the map goes on changing under a resting pointer
 */
function links(plot, io) {
  const element = io.h("div", { class: "links", hidden: true });
  /** @type {any} the cell that is pointed at, as Plotly has it */
  let cell = null;
  const refresh = () => {
    const weights = cell && plot.data[cell.curveNumber]?.z[cell.pointNumber[0]];
    element.hidden = !weights;
    if (weights) element.innerHTML = linesOf(weights, cell.pointNumber, plot._fullLayout);
  };
  const point = (/** @type {any} */ pointed) => {
    cell = pointed?.data.type === "heatmap" ? pointed : null;
    refresh();
  };
  plot.append(element);
  plot.on("plotly_hover", (/** @type {any} */ { points }) => point(points?.[0]));
  plot.on("plotly_unhover", () => point(null));
  return refresh;
}

/**
 * From a row's label to those of its columns: the wider and darker a line, the larger its weight.
 * @param {ArrayLike<number>} weights
 * @param {[number, number]} cell row and column that are pointed at
 * @param {any} fullLayout Plotly's
 * @returns {string} an SVG
 */
export function linesOf(weights, [row, column], { xaxis, yaxis }) {
  const { _offset: left, _length: width } = xaxis;
  const top = yaxis._offset;
  const y = top + yaxis.d2p(row);
  const height = Math.abs(yaxis.d2p(1) - yaxis.d2p(0));
  const lines = Array.from(weights, (weight, key) => {
    if (!(weight >= LEAST_WEIGHT)) return "";
    const x = left + xaxis.d2p(key);
    const near = key === column ? ' class="near"' : "";
    return `<path d="M${left} ${y} Q${x} ${y} ${x} ${top}" stroke-width="${1 + 5 * weight}" opacity="${0.25 + 0.75 * weight}"${near}/>`;
  });
  const frame = `<rect x="${left}" y="${y - height / 2}" width="${width}" height="${height}"/>`;
  return `<svg width="100%" height="100%">${frame}${lines.join("")}</svg>`;
}
