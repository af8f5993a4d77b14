// V and the advantage of every step of some episodes, as lines; a second canvas has a cursor on top.

export const LEFT = 34; // pixels beside the lines, for the numbers of the axes
export const RIGHT = 6;

/**
 * @typedef {object} Actor
 * @property {string} title
 * @property {string} colour
 * @property {string} end how the episode ended, in words
 * @property {number[]} value
 * @property {number[]} advantage
 * @property {number[][]} policy
 * @property {number[]} action
 */

/** @param {number} value */
export function fixed(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/**
 * The range of an axis. A nearly flat line is shown as such: at least a tenth of its height is the range.
 * @param {number[]} values
 * @returns {[number, number]}
 */
export function span(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const wide = Math.max(0.1 * Math.max(Math.abs(low), Math.abs(high)), 1e-3);
  return high - low < wide ? [(low + high - wide) / 2, (low + high + wide) / 2] : [low, high];
}

/**
 * @param {number} step
 * @param {number} steps
 * @param {number} width
 */
export const across = (step, steps, width) => LEFT + ((width - LEFT - RIGHT) * step) / Math.max(1, steps - 1);

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} height
 * @param {{actors: Actor[], bound: number, steps: number}} video
 * @param {{line: string, soft: string, bound: string, boundWords: string, advantageWords: string}} look
 */
export function drawLines(pen, width, height, video, look) {
  const half = height * 0.56;
  const all = (/** @type {"value" | "advantage"} */ name) => video.actors.flatMap((actor) => actor[name]);
  const value = span(all("value"));
  const { bound } = video;
  if (bound > 0 && value[1] > 0.8 * bound) {
    value[0] = Math.min(value[0], 0.99 * bound);
    value[1] = Math.max(value[1], 1.01 * bound);
  }
  drawPanel(pen, width, 16, half - 6, "value", "V(s)", value, video, look);
  const advantages = span([0, ...all("advantage")]);
  drawPanel(pen, width, half + 16, height - 6, "advantage", look.advantageWords, advantages, video, look);
  if (bound > 0 && value[1] >= bound) {
    const y = half - 6 - ((half - 22) * (bound - value[0])) / (value[1] - value[0]);
    pen.strokeStyle = look.bound;
    pen.fillStyle = look.bound;
    pen.setLineDash([3, 3]);
    stroke(pen, [
      [LEFT, y],
      [width - RIGHT, y],
    ]);
    pen.textAlign = "right";
    pen.fillText(look.boundWords, width - RIGHT, y - 4);
    pen.setLineDash([]);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} top
 * @param {number} bottom
 * @param {"value" | "advantage"} name
 * @param {string} title
 * @param {[number, number]} range
 * @param {{actors: Actor[], steps: number}} video
 * @param {{line: string, soft: string}} look
 */
function drawPanel(pen, width, top, bottom, name, title, range, video, look) {
  const [low, high] = range;
  const y = (/** @type {number} */ v) => bottom - ((bottom - top) * (v - low)) / (high - low);
  const zero = y(Math.min(Math.max(0, low), high));
  pen.font = "11px system-ui, sans-serif";
  pen.lineWidth = 1;
  pen.strokeStyle = look.line;
  stroke(pen, [
    [LEFT, zero],
    [width - RIGHT, zero],
  ]);
  pen.fillStyle = look.soft;
  pen.textAlign = "right";
  for (const tick of range) pen.fillText(fixed(tick), LEFT - 4, y(tick) + 4);
  pen.textAlign = "left";
  pen.fillText(title, LEFT, y(high) - 5);
  pen.lineWidth = 1.6;
  for (const actor of video.actors) {
    pen.strokeStyle = actor.colour;
    stroke(
      pen,
      actor[name].map((v, step) => [across(step, video.steps, width), y(v)]),
    );
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[][]} points
 */
function stroke(pen, points) {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
}
