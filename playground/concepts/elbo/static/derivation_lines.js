// What is said of the lines of a derivation: pure functions of what Python has evaluated.

/**
 * @typedef {object} Worth of an equality, in nats; null: no finite number
 * @property {string} tex
 * @property {number | null} left
 * @property {number | null} right
 * @property {boolean} holds
 * @property {number | null} off right − left
 */

/** @typedef {Worth & {mended: (Worth & {note: string}) | null}} Line */
/** @typedef {{title: string, lines: Line[]}} Part */
/** @typedef {(key: string, values?: Record<string, any>) => string} Say */

const LARGE = 1e6;
const SMALL = 1e-3;

/**
 * @param {number} value in nats
 * @returns {string} four digits behind the point, or a power of ten where these say nothing
 */
export function nats(value) {
  const size = Math.abs(value);
  const isPlain = size < LARGE && (size >= SMALL || size === 0);
  const written = isPlain ? size.toFixed(4) : size.toExponential(1);
  return (value < 0 ? "−" : "") + written.replace("e+", "e").replace("e-", "e−");
}

/**
 * @param {Worth} line
 * @param {Say} say
 * @returns {string} both sides, and whether they are equal
 */
export function verdict({ left, right, holds, off }, say) {
  const side = (/** @type {number | null} */ value) => (value === null ? say("line_not_finite") : nats(value));
  const sides = { left: side(left), right: side(right) };
  if (holds) return say("line_holds", sides);
  if (off === null) return say("line_fails", sides);
  return say("line_off", { ...sides, off: nats(Math.abs(off)) });
}

/**
 * @param {Part} part
 * @param {Say} say
 * @returns {string} how many of its lines hold, as they stand in the notes
 */
export const summary = ({ lines }, say) =>
  say("lines_hold", { count: lines.filter(({ holds }) => holds).length, lines: lines.length });

/**
 * @param {Part[]} parts
 * @returns {string} the same for figures whose formulas are the same
 */
export const formulasOf = (parts) =>
  parts.map(({ lines }) => lines.map(({ tex, mended }) => `${tex} ${mended?.tex ?? ""}`).join("\n")).join("\n");
