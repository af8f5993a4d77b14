// The chart of the codes; over it the ellipse of one standard deviation of q(z|x) round the digit that is pointed at.

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("autoencoder.css", import.meta.url).href);
  const { mount: mountPlot } = await io.files.plot();
  return mountPlot(element, io, [ellipse]);
}

/**
 * @param {any} plot the element that Plotly draws in
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
function ellipse(plot, io) {
  const element = io.h("div", { class: "sigma-ellipse", hidden: true });
  plot.append(element);
  plot.on("plotly_unhover", () => {
    element.hidden = true;
  });
  plot.on("plotly_hover", (/** @type {any} */ { points }) => {
    const point = points?.[0];
    element.hidden = !Array.isArray(point?.customdata);
    if (!element.hidden) Object.assign(element.style, ellipseBox(point, plot._fullLayout));
  });
}

/**
 * @param {{x: number, y: number, customdata: number[]}} point with [number of the digit, σ across, σ along] as `customdata`, as
 *   `views.latents` makes it
 * @param {any} fullLayout Plotly's
 * @returns {Record<string, string>} styles
 */
export function ellipseBox({ x, y, customdata: [, across, along] }, { xaxis, yaxis }) {
  const [left, right] = [x - across, x + across].map((value) => xaxis._offset + xaxis.d2p(value));
  const [bottom, top] = [y - along, y + along].map((value) => yaxis._offset + yaxis.d2p(value));
  return { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` };
}
