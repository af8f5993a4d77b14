// The order of things in one step, for those who watch it slowly.

/**
 * @typedef {object} Phase
 * @property {"discriminator" | "gradients" | "generator" | "whole"} name
 * @property {number} discriminator share of its half that is done
 * @property {number} gradients how far their arrows have grown
 * @property {number} generator share of its half that is done
 */

/**
 * @param {number} share of the time that a step is shown for, 0 to 1
 * @returns {Phase}
 */
export function phaseAt(share) {
  const part = (/** @type {number} */ from, /** @type {number} */ to) =>
    Math.min(1, Math.max(0, (share - from) / (to - from)));
  const [discriminator, gradients, generator] = [part(0, 0.3), part(0.3, 0.55), part(0.55, 1)];
  const name = share >= 1 ? "whole" : generator ? "generator" : gradients ? "gradients" : "discriminator";
  return { name, discriminator, gradients, generator };
}

/**
 * @template {ArrayLike<number> | number[][]} T
 * @param {T} from
 * @param {T} to of the same shape
 * @param {number} share of the way
 * @returns {any} each number that share of the way; null where one of the two is (the run diverged)
 */
export function between(from, to, share) {
  if (share >= 1) return to;
  return Array.from(/** @type {ArrayLike<any>} */ (from), (one, i) => {
    const other = /** @type {any} */ (to[i]);
    if (one === null || other === null) return null;
    return typeof one === "number" ? one + share * (other - one) : between(one, other, share);
  });
}
