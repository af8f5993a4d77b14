// The arithmetic of handles in a picture: values and pixels along an axis, the nearest value that a knob takes, what a key
// does. Pure functions.

/**
 * @typedef {object} Bounds of a knob
 * @property {number} low
 * @property {number} high
 * @property {number | "any" | null} [step] between two values; else every value between the bounds
 */

/**
 * @typedef {object} PixelAxis
 * @property {number} offset pixel at which the axis begins: its left or its upper end
 * @property {number} length pixels
 * @property {number} from the value at its beginning
 * @property {number} to the value at its end
 * @property {boolean} isLog
 */

const FINE = 100; // key steps from one bound to the other, where the knob has no step
const WIDE = 100; // from such a ratio of the bounds on, a knob without a step goes by a factor
const LARGE = 10; // steps with Shift, and of Page Up and Page Down

/**
 * @param {number} value
 * @param {PixelAxis} axis
 * @returns {number} pixel; not finite for a value that a logarithmic axis does not have
 */
export function pixelOf(value, { offset, length, from, to, isLog }) {
  const share = isLog ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return offset + length * share;
}

/**
 * @param {number} pixel
 * @param {PixelAxis} axis
 * @returns {number}
 */
export function valueAt(pixel, { offset, length, from, to, isLog }) {
  const share = (pixel - offset) / length;
  return isLog ? from * (to / from) ** share : from + share * (to - from);
}

/**
 * @param {number} value
 * @param {{low: number, high: number}} bounds
 */
export const clamped = (value, { low, high }) => Math.min(high, Math.max(low, value));

/**
 * @param {number} value
 * @param {Bounds} bounds
 * @returns {number} the nearest value that the knob takes; four significant digits where it has no step
 */
export function nearest(value, bounds) {
  const { low, step } = bounds;
  if (!hasStep(step)) return clamped(Number(value.toPrecision(4)), bounds);
  const stepped = low + Math.round((clamped(value, bounds) - low) / step) * step;
  return clamped(Number(stepped.toPrecision(12)), bounds); // 0.3, not 0.30000000000000004
}

/**
 * @param {number} value
 * @param {number} steps negative: to smaller values
 * @param {Bounds} bounds
 * @returns {number} the value so many key steps further
 */
export function stepped(value, steps, bounds) {
  const { low, high, step } = bounds;
  if (hasStep(step)) return nearest(value + steps * step, bounds);
  if (low > 0 && high / low >= WIDE) return nearest(value * (high / low) ** (steps / FINE), bounds);
  return nearest(value + (steps * (high - low)) / FINE, bounds);
}

/**
 * @param {Bounds["step"]} step
 * @returns {step is number}
 */
const hasStep = (step) => typeof step === "number" && step > 0;

/** @typedef {{axis: "x" | "y", steps: number} | {to: "low" | "high" | "default"}} KeyMove */

/**
 * What a key does to a handle. An arrow moves it that way on the screen; where no knob is along that way, right and up mean
 * more.
 * @param {string} key
 * @param {boolean} isLarge whether Shift is held
 * @param {{x: number, y: number}} ways of each axis: 1 where larger values are further right or up, −1 where they are further
 *   left or down, 0 where the handle has no knob along it
 * @returns {KeyMove | null} null for a key that moves nothing
 */
export function keyMove(key, isLarge, { x, y }) {
  if (key === "Home") return { to: "low" };
  if (key === "End") return { to: "high" };
  if (key === "Delete" || key === "Backspace") return { to: "default" };
  const count = isLarge || key.startsWith("Page") ? LARGE : 1;
  const across = { ArrowLeft: -count, ArrowRight: count }[key];
  const along = { ArrowDown: -count, ArrowUp: count, PageDown: -count, PageUp: count }[key];
  if (across) return x ? { axis: "x", steps: x * across } : { axis: "y", steps: across };
  if (along) return y ? { axis: "y", steps: y * along } : { axis: "x", steps: along };
  return null;
}
