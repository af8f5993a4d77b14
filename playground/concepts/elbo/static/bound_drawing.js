// The geometry of the picture of q: curves over one z, or the plane of two; where handles stand, and what a place means. Pure.
import { logDensity, logEvidence, logLikelihood, logNormal, logPrior } from "./bound_arithmetic.js";

/** @typedef {import("./bound_arithmetic.js").Model} Model */
/** @typedef {import("./bound_arithmetic.js").Q} Q */
/** @typedef {import("./bound_hand.js").Shown} Shown */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Area in pixels */

export const REACH = 4.3; // the axes of z go from −REACH to REACH
export const OUTER = 2; // standard deviations of the outer ellipse, on which the handles of the plane stand
const PLACES = 601; // on which curves are drawn
const STRIP = 58; // pixels for x at the bottom
const TICKS = 15; // pixels for the numbers under an axis
const BAR = 24; // pixels for the weight at the top
const ROOM = 1.15; // above the tallest curve
const FLANK = Math.exp(-0.5); // height of a Gaussian one σ from its middle, as a share of its peak

/**
 * @param {number} width
 * @param {number} height
 * @param {Shown} shown
 * @returns {{plot: Area, strip: Area, bar: Area}}
 */
export function areasOf(width, height, { model, arms }) {
  const [left, right] = [16, width - 16];
  const strip = { left, right, top: height - STRIP + 16, bottom: height - TICKS };
  const bar = { left, right, top: 9, bottom: 15 };
  const top = arms[0].mean.length > 1 ? BAR + 6 : 8;
  const plot = { left, right, top, bottom: height - STRIP - TICKS };
  if (model.size === 1) return { plot, strip, bar };
  const side = Math.max(0, Math.min(width - 16, plot.bottom - top));
  const middle = width / 2;
  return { plot: { left: middle - side / 2, right: middle + side / 2, top, bottom: top + side }, strip, bar };
}

/**
 * @param {number} from pixel
 * @param {number} to pixel
 * @param {number} low value at the first pixel
 * @param {number} high
 */
export const axis = (from, to, low, high) => ({
  at: (/** @type {number} */ value) => from + ((value - low) / (high - low)) * (to - from),
  value: (/** @type {number} */ pixel) => low + ((pixel - from) / (to - from)) * (high - low),
});

/** @param {number} count */
export const places = (count = PLACES) => Array.from({ length: count }, (_, i) => ((2 * i) / (count - 1) - 1) * REACH);

/**
 * @param {Model} model
 * @param {number} x
 * @param {number} evidence log p(x)
 * @returns {{posterior: number[], likelihood: number[], tallest: number}} over the places: p(z|x), and p(x|z) scaled to the
 *   posterior's peak; tallest: the density at which the vertical axis ends, so that a Gaussian has room that fits one mode
 */
export function curvesOf(model, x, evidence) {
  const zs = places();
  const likely = zs.map((z) => logLikelihood(model, x, [z]));
  const joint = zs.map((z, i) => likely[i] + logPrior([z]));
  const posterior = joint.map((height) => Math.exp(height - evidence));
  const peak = Math.max(...posterior);
  const most = Math.max(...likely);
  const likelihood = likely.map((height) => peak * Math.exp(height - most));
  const step = zs[1] - zs[0];
  let tallest = Math.max(peak, 0.4);
  for (let i = 1; i < zs.length - 1; i++) {
    const isMode = joint[i] > joint[i - 1] && joint[i] >= joint[i + 1] && posterior[i] > 0.02 * peak;
    const bend = (2 * joint[i] - joint[i - 1] - joint[i + 1]) / (step * step); // 1/σ² of the Gaussian that fits the mode
    if (isMode) tallest = Math.max(tallest, Math.sqrt(bend / (2 * Math.PI)));
  }
  return { posterior, likelihood, tallest: ROOM * tallest };
}

/**
 * @param {Q} q
 * @returns {[number, number][]} z and q(z), with enough places where q is narrow
 */
export function curveOfQ(q) {
  const near = q.mean.flatMap(([m], k) => Array.from({ length: 81 }, (_, i) => m + q.sigma[k][0] * (i / 8 - 5)));
  const zs = [...places(121), ...near].filter((z) => Math.abs(z) <= REACH).sort((one, other) => one - other);
  return zs.map((z) => [z, Math.exp(logDensity(q, z))]);
}

/**
 * @param {[number, number][]} points in pixels
 * @param {number} [floor] a pixel down to which the area under the line is closed
 */
export function pathOf(points, floor) {
  const line = points.map(([left, top]) => `${left.toFixed(1)} ${top.toFixed(1)}`).join("L");
  if (floor === undefined) return `M${line}`;
  return `M${points[0][0].toFixed(1)} ${floor}L${line}L${points[points.length - 1][0].toFixed(1)} ${floor}Z`;
}

/**
 * @param {Q} q of two numbers
 * @param {number} radius in standard deviations
 * @returns {[number, number][]} places on the ellipse m + radius · L u
 */
export function ellipse(q, radius) {
  const [[m1, m2], [one, two], r] = [q.mean[0], q.sigma[0], q.correlation ?? 0];
  const slant = Math.sqrt(1 - r * r);
  return Array.from({ length: 73 }, (_, i) => {
    const [u, v] = [Math.cos((i * Math.PI) / 36), Math.sin((i * Math.PI) / 36)];
    return [m1 + radius * one * u, m2 + radius * two * (r * u + slant * v)];
  });
}

/**
 * @param {Model} model of two numbers
 * @param {number} x
 * @param {number} side places along each side
 * @returns {Float64Array} p(z|x) as a share of the highest, row by row from the upper left corner (z₂ upwards)
 */
export function heatOf(model, x, side) {
  const step = (2 * REACH) / side;
  const heights = new Float64Array(side * side);
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < heights.length; i++) {
    const [z1, z2] = [((i % side) + 0.5) * step - REACH, REACH - (Math.floor(i / side) + 0.5) * step];
    heights[i] = logNormal(x, model.a * z1 * z1 + model.b * z1 + z2, model.s) - (z1 * z1 + z2 * z2) / 2;
    most = Math.max(most, heights[i]);
  }
  return heights.map((height) => Math.exp(height - most));
}

/**
 * @param {Model} model
 * @param {number} low
 * @param {number} high
 * @param {number} count
 * @returns {[number, number][]} x and p(x)
 */
export const evidenceCurve = (model, low, high, count = 71) =>
  Array.from({ length: count }, (_, i) => {
    const x = low + (i / (count - 1)) * (high - low);
    return [x, Math.exp(logEvidence(model, x))];
  });

/**
 * Where the handles of q stand, and what their places mean.
 * @param {Area} area of the plot
 * @param {number} tallest density at which a vertical axis ends
 */
export function placing(area, tallest) {
  const across = axis(area.left, area.right, -REACH, REACH);
  const upright = axis(area.bottom, area.top, 0, tallest);
  const upwards = axis(area.bottom, area.top, -REACH, REACH);
  const inside = (/** @type {number} */ left, /** @type {number} */ top) =>
    /** @type {[number, number]} */ ([
      Math.min(area.right, Math.max(area.left, left)),
      Math.min(area.bottom, Math.max(area.top, top)),
    ]);
  const peakOf = (/** @type {number} */ weight, /** @type {number} */ sigma) =>
    weight / (sigma * Math.sqrt(2 * Math.PI));
  return {
    across,
    upright,
    upwards,
    /** @param {number} mean @param {number} sigma @param {number} weight @returns {[number, number]} */
    peak: (mean, sigma, weight) => inside(across.at(mean), upright.at(peakOf(weight, sigma))),
    /** @param {number} mean @param {number} sigma @param {number} weight @returns {[number, number]} */
    flank: (mean, sigma, weight) =>
      inside(across.at(mean + sigma), upright.at(FLANK * Math.min(tallest, peakOf(weight, sigma)))),
    /** @param {number} top pixel of a peak @param {number} weight @returns {number | undefined} σ; undefined over the top */
    sigmaAt: (top, weight) =>
      top <= area.top ? undefined : peakOf(weight, Math.max(upright.value(Math.min(top, area.bottom - 1)), 1e-9)),
    /** @param {number} z1 @param {number} z2 @returns {[number, number]} */
    plane: (z1, z2) => inside(across.at(z1), upwards.at(z2)),
  };
}

/**
 * The handle of the correlation stands on the outer ellipse in the direction of (σ₁, σ₂), at √((1 + ρ) / 2) of its radius.
 * @param {Q} q
 * @returns {[number, number]}
 */
export function correlationPlace(q) {
  const [[m1, m2], [one, two]] = [q.mean[0], q.sigma[0]];
  const share = OUTER * Math.sqrt((1 + (q.correlation ?? 0)) / 2);
  return [m1 + share * one, m2 + share * two];
}

/**
 * @param {Q} q
 * @param {number} z1
 * @param {number} z2
 * @returns {number} the correlation of the place on that direction that is nearest to z, in units of σ
 */
export function correlationAt(q, z1, z2) {
  const [[m1, m2], [one, two]] = [q.mean[0], q.sigma[0]];
  const share = Math.max(0, ((z1 - m1) / one + (z2 - m2) / two) / (2 * OUTER));
  return 2 * share * share - 1;
}
