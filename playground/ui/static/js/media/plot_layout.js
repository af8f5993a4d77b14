// A figure's layout and colours as this page shows them: pure functions. The server sends data and axes; the colours
// of everything else are the page's.

/**
 * @typedef {object} Look
 * @property {string} ink
 * @property {string} grid
 * @property {number} width of the box in pixels
 * @property {number} height
 * @property {(name: string) => [number, string][] | null} scale
 */

/** @param {string} key */
export const isAxis = (key) => /^[xy]axis\d*$/.test(key);

/**
 * @param {any} layout as the server sent it
 * @param {Look} look
 * @param {Record<string, [number, number]>} zoomed axis → range that the visitor has chosen
 * @param {any[]} shapes more to draw on top
 * @returns {any} a new layout
 */
export function themed(layout, look, zoomed, shapes) {
  const { ink, grid } = look;
  const base = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true };
  const out = {
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 16, t: 9, b: 6 }, // room for half a label at the ends of the axes
    hovermode: "closest",
    modebar: { orientation: "v", bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: ink },
    xaxis: {},
    yaxis: {},
    ...layout,
    font: { color: ink, size: 12, family: "system-ui, sans-serif", ...layout.font },
    shapes: [...(layout.shapes ?? []), ...shapes],
  };
  for (const key of Object.keys(out).filter(isAxis)) {
    const chosen = zoomed[key] ? { range: zoomed[key], autorange: false } : {};
    const labels = hasRoom(out[key], key, out, look) ? {} : { showticklabels: false };
    out[key] = { ...base, ...out[key], ...chosen, ...labels };
  }
  delete out.width;
  delete out.height;
  return out;
}

/**
 * Whether the labels of an axis can be read: `layout.meta.room` is the least number of pixels for each unit.
 * @param {any} axis
 * @param {string} key
 * @param {any} layout
 * @param {Look} look
 */
function hasRoom(axis, key, layout, look) {
  const room = layout.meta?.room;
  if (!room || !axis.range) return true;
  const { l = 0, r = 0, t = 0, b = 0 } = layout.margin;
  const [low, high] = axis.domain ?? [0, 1];
  const length = (key[0] === "x" ? look.width - l - r : look.height - t - b) * (high - low);
  return length / Math.abs(axis.range[1] - axis.range[0]) >= room;
}

/**
 * A trace's `meta` may name a colour scale of the palette: heat maps run from the colour of the page to what stands
 * out from it, in light and dark.
 * @param {any[]} data
 * @param {Look} look
 */
export function shaded(data, look) {
  return data.map((trace) => {
    const scale = typeof trace.meta === "string" ? look.scale(trace.meta) : null;
    return scale ? { ...trace, colorscale: scale } : trace;
  });
}

/**
 * A ring and a dot where the visitor clicked.
 * @param {import("./plot_pointer.js").Place} at
 * @param {string} colour
 */
export function mark({ x, y, xref = "x", yref = "y" }, colour) {
  const place = { xref, yref, xsizemode: "pixel", ysizemode: "pixel", xanchor: x, yanchor: y };
  const ring = { ...place, type: "circle", x0: -9, x1: 9, y0: -9, y1: 9, line: { color: colour, width: 2.5 } };
  return [ring, { ...ring, x0: -1.5, x1: 1.5, y0: -1.5, y1: 1.5 }];
}
