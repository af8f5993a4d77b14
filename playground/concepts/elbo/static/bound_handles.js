// The handles of the picture of q: which there are, where they stand, and what their places mean.
import { axis, correlationAt, correlationPlace, OUTER, placing } from "./bound_drawing.js";

/** @typedef {import("./bound_hand.js").Shown} Shown */
/** @typedef {import("../../../ui/static/js/media/figure_meta.d.ts").HandleMeta} HandleMeta */
/** @typedef {import("../../../ui/static/js/media/handles.js").Place} Place */
/** @typedef {{plot: import("./bound_drawing.js").Area, strip: import("./bound_drawing.js").Area,
 *   bar: import("./bound_drawing.js").Area, tallest: number, low: number, high: number}} Frame */

const PARTS = [
  { mean: "mean", sigma: "sigma" },
  { mean: "mean2", sigma: "sigma2" },
];

/**
 * @param {Shown} shown
 * @param {(key: string) => string} say
 * @returns {HandleMeta[]}
 */
export function handlesOf({ model, arms, fixed }, say) {
  const x = { name: "x", label: say("bound_handle_x"), x: { knob: "x" }, symbol: "x" };
  const [{ mean, correlation }] = arms;
  if (fixed) return [x];
  if (model.size > 1) {
    const middle = { name: "middle", label: say("bound_handle_middle"), x: { knob: "mean" }, y: { knob: "mean2" }, symbol: "μ" }; // biome-ignore format: short
    const right = { name: "right", label: say("bound_handle_right"), x: { knob: "sigma" }, symbol: "σ₁" };
    const top = { name: "top", label: say("bound_handle_top"), y: { knob: "sigma2" }, symbol: "σ₂" };
    const rho = { name: "correlation", label: say("bound_handle_rho"), x: { knob: "correlation" }, symbol: "ρ" };
    return [x, right, top, middle, ...(correlation === null ? [] : [rho])];
  }
  const parts = mean.flatMap((_, k) => {
    const { mean: m, sigma } = PARTS[k];
    const [peak, flank] = k ? ["bound_handle_peak2", "bound_handle_flank2"] : ["bound_handle_peak", "bound_handle_flank"]; // biome-ignore format: short
    return [
      { name: `flank${k}`, label: say(flank), x: { knob: sigma }, symbol: k ? "σ₂" : "σ" },
      { name: `peak${k}`, label: say(peak), x: { knob: m }, y: { knob: sigma }, symbol: k ? "μ₂" : "μ" },
    ];
  });
  const weight = { name: "weight", label: say("bound_handle_weight"), x: { knob: "weight" }, symbol: "" };
  return [x, ...(mean.length > 1 ? [weight] : []), ...parts];
}

/**
 * @param {Shown} shown
 * @param {Frame} frame
 * @param {Place} at values of the handle's knobs
 * @param {HandleMeta} about
 * @returns {[number, number]} pixels
 */
export function pixelsOf(shown, { plot, strip, bar, tallest, low, high }, at, { name }) {
  const place = placing(plot, tallest);
  const [{ mean, weight }] = shown.arms;
  const { x: across = 0, y: upright = 0 } = at;
  if (name === "x") return [axis(strip.left, strip.right, low, high).at(across), strip.bottom];
  if (name === "weight") return [axis(bar.left, bar.right, 0, 1).at(across), (bar.top + bar.bottom) / 2];
  const k = name.endsWith("1") ? 1 : 0;
  if (name.startsWith("peak")) return place.peak(across, upright, weight[k]);
  if (name.startsWith("flank")) return place.flank(mean[k][0], across, weight[k]);
  const [q] = shown.arms;
  if (name === "middle") return place.plane(across, upright);
  if (name === "right") return place.plane(q.mean[0][0] + OUTER * across, q.mean[0][1]);
  if (name === "top") return place.plane(q.mean[0][0], q.mean[0][1] + OUTER * upright);
  return place.plane(...correlationPlace({ ...q, correlation: across }));
}

/**
 * @param {Shown} shown
 * @param {Frame} frame
 * @param {[number, number]} pixels
 * @param {HandleMeta} about
 * @returns {Place} values of the handle's knobs
 */
export function valuesAt(shown, { plot, strip, bar, tallest, low, high }, [left, top], { name }) {
  const place = placing(plot, tallest);
  const [q] = shown.arms;
  if (name === "x") return { x: axis(strip.left, strip.right, low, high).value(left) };
  if (name === "weight") return { x: axis(bar.left, bar.right, 0, 1).value(left) };
  const k = name.endsWith("1") ? 1 : 0;
  // A pointer that leaves the picture holds the handle at its edge.
  const z1 = place.across.value(Math.min(plot.right, Math.max(plot.left, left)));
  const z2 = place.upwards.value(Math.min(plot.bottom, Math.max(plot.top, top)));
  if (name.startsWith("peak")) return { x: z1, y: place.sigmaAt(top, q.weight[k]) };
  if (name.startsWith("flank")) return { x: z1 - q.mean[k][0] };
  if (name === "middle") return { x: z1, y: z2 };
  if (name === "right") return { x: (z1 - q.mean[0][0]) / OUTER };
  if (name === "top") return { y: (z2 - q.mean[0][1]) / OUTER };
  return { x: correlationAt(q, z1, z2) };
}
