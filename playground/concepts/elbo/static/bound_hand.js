// Whose q is drawn: that of the newest figure, or the one that the hand has set and the run has not taken over yet. Pure.
import { MODELS } from "./bound_arithmetic.js";

/** @typedef {import("./bound_arithmetic.js").Q} Q */
/** @typedef {Record<string, number>} Values of knobs */
/** @typedef {Q & {name: string, title: string, colour: string, order?: number}} Arm order: its place among the others */

/**
 * @typedef {object} Shown
 * @property {import("./bound_arithmetic.js").Model} model
 * @property {number} x
 * @property {Arm[]} arms
 * @property {number} moves how often the hand had moved q
 * @property {boolean} fixed whether only x can be moved
 */

/**
 * @typedef {object} Hand what it has set, until a figure shows it
 * @property {Values | null} q
 * @property {number} moves which the figure will have; infinite until the page is told
 * @property {number | null} x
 */

/** Knobs that decide what is shown before a run. */
export const KEYS = ["model", "family", "covariance", "x", "mean", "sigma", "mean2", "sigma2", "weight", "correlation"];

/**
 * @param {Q} q
 * @returns {Values} the knobs that set it
 */
export function knobsOf({ mean, sigma, weight, correlation }) {
  if (mean.length === 1 && mean[0].length === 1) return { mean: mean[0][0], sigma: sigma[0][0] };
  const isPlane = mean[0].length > 1;
  const [means, sigmas] = [mean.flat(), sigma.flat()];
  const both = { mean: means[0], sigma: sigmas[0], mean2: means[1], sigma2: sigmas[1] };
  if (!isPlane) return { ...both, weight: weight[0] };
  return correlation === null ? both : { ...both, correlation };
}

/**
 * @param {Values} knobs
 * @param {Q} like a q of the same family
 * @returns {Q}
 */
export function qOf(knobs, like) {
  const { mean, sigma, mean2, sigma2, weight, correlation } = knobs;
  if (like.mean[0].length > 1) {
    const rho = like.correlation === null ? null : correlation;
    return { mean: [[mean, mean2]], sigma: [[sigma, sigma2]], weight: [1], correlation: rho };
  }
  if (like.mean.length === 1) return { mean: [[mean]], sigma: [[sigma]], weight: [1], correlation: null };
  const weights = [weight, 1 - weight];
  return { mean: [[mean], [mean2]], sigma: [[sigma], [sigma2]], weight: weights, correlation: null };
}

/**
 * @param {Record<string, any>} knobs
 * @returns {Shown | null} what a run with these knobs begins with; null for another kind of run
 */
export function askedFor(knobs) {
  const model = MODELS[knobs.model];
  if (!model) return null;
  const size = model.size;
  const parts = size === 1 && knobs.family === "two-gaussians" ? 2 : 1;
  const rows = Array.from({ length: parts }, () => Array(size).fill(0));
  const correlation = size > 1 && knobs.covariance === "full" ? 0 : null;
  const q = qOf(knobs, { mean: rows, sigma: rows, weight: [], correlation });
  const arm = { name: "", title: "", colour: "standard", ...q };
  return { model, x: knobs.x, arms: [arm], moves: knobs.moves, fixed: false };
}

/**
 * @param {Values} knobs
 * @param {Q} like
 * @returns {boolean} whether they set a q of its family: the visitor may choose another one while the hand holds q
 */
export const fits = (knobs, like) => Object.keys(knobsOf(like)).every((name) => Number.isFinite(knobs[name]));

/**
 * @param {Shown} shown
 * @param {Hand} hand which moves all arms
 * @returns {Shown}
 */
export function withHand(shown, { q, x }) {
  const arms = shown.arms.map((arm) => (q && fits(q, arm) ? { ...arm, ...qOf(q, arm) } : arm));
  return { ...shown, arms, x: x ?? shown.x };
}

/**
 * @param {Hand} hand
 * @param {{x: number, moves: number}} figure
 * @param {{q: boolean, x: boolean}} holds what a pointer holds now
 * @returns {Hand} without what the figure shows already
 */
export function caughtUp({ q, moves, x }, figure, holds) {
  return {
    q: q && (holds.q || figure.moves < moves) ? q : null,
    moves,
    x: x !== null && (holds.x || figure.x !== x) ? x : null,
  };
}

/**
 * @param {Hand} hand
 * @param {Record<string, any>} knobs that the server has set: by a preset, a link, Undo
 * @returns {Hand} without what they overrule
 */
export const overruled = ({ q, moves, x }, knobs) => ({
  q: q && (moves === Number.POSITIVE_INFINITY || knobs.moves === moves) ? q : null,
  moves,
  x: knobs.x === x ? x : null,
});

/**
 * @param {Shown} shown
 * @param {number} chosen
 * @returns {Shown} with the chosen arm first: it has the handles, and lies on top
 */
export function chosenFirst(shown, chosen) {
  const arms = shown.arms.map((arm, order) => ({ ...arm, order }));
  const first = arms[chosen] ?? arms[0];
  return { ...shown, arms: [first, ...arms.filter((arm) => arm !== first)] };
}

/** @param {Arm[]} arms */
export const inOrder = (arms) => [...arms].sort((one, other) => (one.order ?? 0) - (other.order ?? 0));

/**
 * @param {Record<string, any>} knobs
 * @param {(name: string) => any} usual value of a knob
 * @returns {Values} where q begins: as the knobs say before the first move, and by default after it
 */
export function startOf(knobs, usual) {
  const names = ["mean", "sigma", "mean2", "sigma2", "weight", "correlation"];
  return Object.fromEntries(names.map((name) => [name, Number(knobs.moves ? usual(name) : knobs[name])]));
}

/**
 * @param {Values} values of a trained q, which may be outside of what a hand can set
 * @param {(name: string) => {low?: number | null, high?: number | null} | undefined} about
 * @returns {Values}
 */
export function withinBounds(values, about) {
  const inside = Object.entries(values).map(([name, value]) => {
    const { low, high } = about(name) ?? {};
    return [name, Math.min(high ?? value, Math.max(low ?? value, value))];
  });
  return Object.fromEntries(inside);
}

/**
 * @returns {<T>(name: string, of: any[], make: () => T) => T} makes something again only when what it depends on has changed
 */
export function remembering() {
  /** @type {Map<string, {key: string, value: any}>} */
  const known = new Map();
  return (name, of, make) => {
    const key = JSON.stringify(of);
    if (known.get(name)?.key !== key) known.set(name, { key, value: make() });
    return known.get(name)?.value;
  };
}
