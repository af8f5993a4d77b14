// Pointing at a chart: which place of which axes the pointer is at; by keys, arrows move a mark, and Enter asks about it.

const STEPS = 40; // from one side of an axis to the other

/**
 * @typedef {object} Place
 * @property {number} x in the units of its axes
 * @property {number} y
 * @property {string} [xref] name of the axis, of another one than "x"
 * @property {string} [yref]
 */

/**
 * @typedef {object} Axis as Plotly has it
 * @property {string} _id
 * @property {number} _offset pixels from the side of the picture
 * @property {number} _length pixels; an axis of equal units may be shorter than the room that there is, and begin further in
 * @property {(pixel: number) => number} p2d
 */

/**
 * @param {{xaxis: Axis, yaxis: Axis}[]} charts of one picture, those of its first axes first
 * @param {number} px pixels from the left of the picture
 * @param {number} py from its top
 * @returns {Place | null} null between charts
 */
export function placeIn(charts, px, py) {
  for (const { xaxis, yaxis } of charts) {
    const [right, down] = [px - xaxis._offset, py - yaxis._offset];
    if (right < 0 || down < 0 || right > xaxis._length || down > yaxis._length) continue;
    const [x, y] = [xaxis.p2d(right), yaxis.p2d(down)];
    if (Number.isFinite(x) && Number.isFinite(y)) return { x, y, xref: xaxis._id, yref: yaxis._id };
  }
  return null;
}

/**
 * Where the mark goes, in the first axes.
 * @param {{x: number, y: number, xref?: string} | null} from where it is; null: in the middle
 * @param {string} key
 * @param {[number, number]} xRange of the axis, left to right
 * @param {[number, number]} yRange bottom to top
 * @returns {{x: number, y: number} | null} null for a key that moves nothing
 */
export function moved(from, key, xRange, yRange) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key] ?? [0, 0];
  if (!dx && !dy) return null;
  const start =
    from && (from.xref ?? "x") === "x" ? from : { x: (xRange[0] + xRange[1]) / 2, y: (yRange[0] + yRange[1]) / 2 };
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
