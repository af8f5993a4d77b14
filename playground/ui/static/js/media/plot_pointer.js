// Pointing at a chart by keys: arrows move a mark, Enter asks what stands there.

const STEPS = 40; // from one side of an axis to the other

/**
 * Where the mark goes.
 * @param {{x: number, y: number} | null} from where it is; null: in the middle
 * @param {string} key
 * @param {[number, number]} xRange of the axis, left to right
 * @param {[number, number]} yRange bottom to top
 * @returns {{x: number, y: number} | null} null for a key that moves nothing
 */
export function moved(from, key, xRange, yRange) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key] ?? [0, 0];
  if (!dx && !dy) return null;
  const start = from ?? { x: (xRange[0] + xRange[1]) / 2, y: (yRange[0] + yRange[1]) / 2 };
  return { x: along(start.x, dx, xRange), y: along(start.y, dy, yRange) };
}

/**
 * @param {number} at
 * @param {number} steps
 * @param {[number, number]} range
 */
function along(at, steps, [from, to]) {
  const next = at + (steps * (to - from)) / STEPS;
  return Math.min(Math.max(from, to), Math.max(Math.min(from, to), next));
}
