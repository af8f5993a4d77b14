// What the colours mean, and the heat map of the posterior.
import { inOrder } from "./bound_hand.js";

/** @typedef {import("../../../ui/static/js/medium_io.js").MediumIO} MediumIO */
/** @typedef {import("./bound_hand.js").Shown} Shown */

/**
 * @param {Shown} shown
 * @param {MediumIO} io
 * @param {(name: string) => void} choose
 * @returns {HTMLElement[]} where there are several arms, each is a button that gives it the handles
 */
export function legendParts({ model, arms }, { h, say }, choose) {
  const entry = (/** @type {string} */ kind, /** @type {string} */ text) =>
    h("span", { class: "entry" }, h("span", { class: `swatch ${kind}` }), text);
  const plane = model.size > 1;
  const entries = [
    entry("prior", say("bound_prior")),
    entry("likelihood", say(plane ? "bound_ridge" : "bound_likelihood")),
    entry(plane ? "heat" : "posterior", say("bound_posterior")),
  ];
  const several = arms.length > 1;
  for (const { name, title, colour } of inOrder(arms)) {
    const swatch = h("span", { class: "swatch q", style: `--arm: var(--${colour})` });
    const text = several ? say("bound_arm", { arm: title }) : say("bound_q");
    const button = { class: "entry", type: "button", "data-arm": name, onclick: () => choose(name) };
    entries.push(several ? h("button", button, swatch, text) : h("span", { class: "entry" }, swatch, text));
  }
  return entries;
}

/**
 * @param {HTMLElement} legend
 * @param {string} chosen name of the arm that has the handles
 */
export function press(legend, chosen) {
  for (const button of legend.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset.arm === chosen));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float64Array} shares 0 to 1, row by row
 * @param {number} side
 * @param {[number, string][]} stops of the colour scale
 */
export function paintHeat(canvas, shares, side, stops) {
  Object.assign(canvas, { width: side, height: side });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = pen.createImageData(side, side);
  const shades = Array.from({ length: 256 }, (_, i) => shadeOf(stops, i / 255));
  for (const [i, share] of shares.entries()) image.data.set([...shades[Math.round(255 * share)], 255], 4 * i);
  pen.putImageData(image, 0, 0);
}

/**
 * @param {[number, string][]} stops
 * @param {number} share
 * @returns {number[]} red, green and blue
 */
export function shadeOf(stops, share) {
  const next = Math.max(
    1,
    stops.findIndex(([at]) => at >= share),
  );
  const [[low, from], [high, to]] = [stops[next - 1], stops[next]];
  const part = (share - low) / (high - low);
  return [1, 3, 5].map((i) => {
    const [one, other] = [from, to].map((shade) => Number.parseInt(shade.slice(i, i + 2), 16));
    return Math.round(one + part * (other - one));
  });
}
