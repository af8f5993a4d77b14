// The arithmetic of the columns: shades and numbers on the log scale, sets of cut blocks, where keys lead.

/**
 * @typedef {object} Norms of one kind, at the input of each block, the first block first; null where a norm is not finite
 * @property {(number | null)[]} start at step 0
 * @property {(number | null)[]} now
 */

/**
 * @typedef {object} Arm one of the two networks, as `columns.py` makes it
 * @property {string} name
 * @property {string} title
 * @property {boolean} hasShortcut
 * @property {number} step of the norms
 * @property {number | null} frozen the step on which it diverged
 * @property {{value: number, step: number} | null} accuracy on held-out examples
 * @property {{steps: number[], values: (number | null)[]}} losses on training batches
 * @property {Norms} gradients
 * @property {Norms} activations
 */

/** @typedef {{blocks: number[], whole: number, cut: number, examples: number}} Lesion accuracies, as `cutting.py` makes them */
/** @typedef {[number, number]} Decades the exponents between which all norms lie */
/** @typedef {{arms: Arm[], scale: {gradients: Decades, activations: Decades}, cuts?: Record<string, Lesion>}} Shown */
/** @typedef {Record<string, number[]>} Cuts arm → numbers of its cut blocks, in order */

/**
 * @param {number | null} value
 * @param {Decades} decades
 * @returns {number | null} where it is on the log scale, 0 to 1; null where it is not finite, and for 0, which has no place there
 */
export function place(value, [low, high]) {
  if (value === null || value === 0) return null;
  return Math.min(1, Math.max(0, (Math.log10(value) - low) / (high - low)));
}

/**
 * @param {[number, string][]} stops of a colour scale, "#rrggbb"
 * @param {number} at 0 to 1
 * @returns {string} the colour there
 */
export function shade(stops, at) {
  const next = Math.max(
    1,
    stops.findIndex(([position]) => position >= at),
  );
  const [[from, before], [to, after]] = [stops[next - 1], stops[next]];
  const share = (at - from) / (to - from);
  const mixed = [1, 3, 5].map((i) => {
    const [a, b] = [before, after].map((colour) => Number.parseInt(colour.slice(i, i + 2), 16));
    return Math.round(a + share * (b - a));
  });
  return `rgb(${mixed.join(", ")})`;
}

/**
 * @param {Decades} decades
 * @param {number} most numbers that there is room for
 * @returns {{text: string, at: number}[]} numbers of the legend, and where they stand from 0 to 1
 */
export function legendOf([low, high], most) {
  const stride = Math.ceil((high - low + 1) / most);
  const count = Math.floor((high - low) / stride) + 1;
  return Array.from({ length: count }, (_, i) => ({ text: power(low + i * stride), at: (i * stride) / (high - low) }));
}

/**
 * @param {number} exponent
 * @returns {string} "10⁻²"
 */
export function power(exponent) {
  return `10${[...String(exponent)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("")}`;
}

/**
 * @param {number} value
 * @returns {string} "0.031", "40", "3.1·10⁻⁷"
 */
export function number(value) {
  if (value === 0 || (value >= 0.001 && value < 1000)) return String(Number(value.toPrecision(3)));
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${digits}·${power(Number(exponent))}`;
}

/**
 * @param {number} share
 * @returns {string} in per cent, without the sign of it
 */
export const percent = (share) => (100 * share).toFixed(1);

/**
 * @param {Lesion} lesion
 * @returns {string} by how many points of a per cent the cut changes the accuracy: "−0.4", "+1.0", "0.0"
 */
export function points({ whole, cut }) {
  const change = (100 * (cut - whole)).toFixed(1);
  if (Number(change) === 0) return "0.0";
  return change.startsWith("-") ? `−${change.slice(1)}` : `+${change}`;
}

/**
 * @param {Cuts} cuts
 * @param {string} arm
 * @param {number} block
 * @returns {Cuts} with the block cut, or restored where it was cut
 */
export function toggled(cuts, arm, block) {
  const before = cuts[arm] ?? [];
  const after = before.includes(block) ? before.filter((one) => one !== block) : [...before, block];
  return { ...cuts, [arm]: after.sort((a, b) => a - b) };
}

/**
 * @param {Cuts} cuts
 * @param {Arm[]} arms
 * @returns {Cuts} without blocks that the networks do not have
 */
export function existing(cuts, arms) {
  const kept = arms.map(({ name, gradients }) => [
    name,
    (cuts[name] ?? []).filter((block) => block <= gradients.now.length),
  ]);
  return Object.fromEntries(kept);
}

/** @param {Cuts} cuts */
export const countOf = (cuts) => Object.values(cuts).reduce((sum, blocks) => sum + blocks.length, 0);

/**
 * @param {Cuts} cuts
 * @returns {Record<string, string>} the fields of the question: {plain: "3 12", residual: ""}
 */
export function question(cuts) {
  return Object.fromEntries(Object.entries(cuts).map(([arm, blocks]) => [arm, blocks.join(" ")]));
}

/**
 * @param {Record<string, Lesion>} lesions
 * @returns {Cuts} that they are about
 */
export function cutsOf(lesions) {
  return Object.fromEntries(Object.entries(lesions).map(([arm, { blocks }]) => [arm, blocks]));
}

/**
 * @param {Cuts} some
 * @param {Cuts} others
 */
export function isSame(some, others) {
  const arms = Object.keys({ ...some, ...others });
  return arms.every((arm) => String(some[arm] ?? []) === String(others[arm] ?? []));
}

/**
 * @param {string} key
 * @param {{column: number, block: number}} from blocks are counted from 1, at the bottom
 * @param {number[]} blocks of each column
 * @returns {{column: number, block: number} | null} where a key leads; null for other keys and at the rim
 */
export function moved(key, { column, block }, blocks) {
  if (key === "Home") return { column, block: 1 };
  if (key === "End") return { column, block: blocks[column] };
  const [across, up] = /** @type {Record<string, number[]>} */ ({
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, 1],
    ArrowDown: [0, -1],
  })[key] ?? [0, 0];
  const most = blocks[column + across] ?? 0;
  const to = { column: column + across, block: across ? Math.min(block, most) : block + up };
  return (across || up) && to.block >= 1 && to.block <= most ? to : null;
}
