// How the places of the plane stand after each block: read from bytes, interpolated between blocks, found by pointing, drawn.

const LEVELS = 255; // steps of a coordinate from one side of a picture to the other
const MARGIN = 8; // pixels around a picture, so that points at its sides are whole
const POINT = 3; // radius in pixels

/**
 * @param {string} text base64 of (pictures, places, 2) bytes
 * @param {number} count of pictures
 * @returns {Float32Array[]} of each picture x and y of the places in turn, −1 to 1
 */
export function decoded(text, count) {
  const values = Float32Array.from(atob(text), (character) => (2 * character.charCodeAt(0)) / LEVELS - 1);
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

/**
 * @param {Float32Array[]} pictures
 * @param {number} depth number of a picture, or something between two
 * @returns {Float32Array} the places on their straight ways from one picture to the next
 */
export function pictureAt(pictures, depth) {
  const from = Math.min(pictures.length - 1, Math.max(0, Math.floor(depth)));
  const share = Math.min(1, Math.max(0, depth - from));
  if (!share || from === pictures.length - 1) return pictures[from];
  return pictures[from].map((value, i) => value + share * (pictures[from + 1][i] - value));
}

/**
 * @param {{width: number, height: number}} room
 * @returns {(x: number, y: number) => [number, number]} a place from −1 to 1 → pixels: in a square in the middle, y upwards
 */
export function toPixels({ width, height }) {
  const half = Math.max(0, Math.min(width, height) / 2 - MARGIN);
  return (x, y) => [width / 2 + x * half, height / 2 - y * half];
}

/**
 * @param {Float32Array} picture
 * @param {number} count how many of its places are points
 * @param {{width: number, height: number}} room
 * @param {number} px where the pointer is
 * @param {number} py
 * @returns {number} the point that is drawn nearest to it
 */
export function nearest(picture, count, room, px, py) {
  const at = toPixels(room);
  let found = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const [x, y] = at(picture[2 * i], picture[2 * i + 1]);
    const away = Math.hypot(x - px, y - py);
    if (away < least) [found, least] = [i, away];
  }
  return found;
}

/**
 * A number with two or three digits, however large or small it is.
 * @param {number} value
 */
export function brief(value) {
  if (value && (value >= 10000 || value < 0.001)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/**
 * @param {number} from a depth
 * @param {number} to the depth to which it moves
 * @param {number} passed milliseconds since it was last moved
 * @param {number} lasts milliseconds from one block to the next
 * @returns {number} the depth now
 */
export function approached(from, to, passed, lasts) {
  const step = passed / lasts;
  return Math.abs(to - from) <= step ? to : from + Math.sign(to - from) * step;
}

/**
 * @typedef {object} Look
 * @property {number} count how many of the places are points; the others are the grid's
 * @property {number} along places on each line of the grid
 * @property {number[]} labels the class of each point
 * @property {string[]} fills the colour of each class
 * @property {string} edge
 * @property {string} line the colour of the grid
 * @property {string} ring
 * @property {number | null} pointed the point that is pointed at
 * @property {number | null} chosen the point that is followed
 */

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Float32Array} picture
 * @param {{width: number, height: number}} room
 * @param {Look} look
 */
export function drawPlane(pen, picture, room, look) {
  const at = toPixels(room);
  const place = (/** @type {number} */ i) => at(picture[2 * i], picture[2 * i + 1]);
  drawGrid(pen, place, picture.length / 2, look);
  pen.lineWidth = 0.7;
  pen.strokeStyle = look.edge;
  for (let i = 0; i < look.count; i++) {
    pen.fillStyle = look.fills[look.labels[i]];
    circle(pen, place(i), POINT);
    pen.fill();
    pen.stroke();
  }
  pen.strokeStyle = look.ring;
  for (const [one, width] of /** @type {[number | null, number][]} */ ([
    [look.pointed, 1.5],
    [look.chosen, 3],
  ])) {
    // biome-ignore format: pairs
    if (one === null || one >= look.count) continue;
    pen.lineWidth = width;
    circle(pen, place(one), 2.5 * POINT);
    pen.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {(i: number) => [number, number]} place
 * @param {number} all number of places
 * @param {Look} look
 */
function drawGrid(pen, place, all, { count, along, line }) {
  pen.strokeStyle = line;
  pen.globalAlpha = 0.6;
  pen.lineWidth = 0.9;
  pen.beginPath();
  for (let i = count; i < all; i++) {
    const [x, y] = place(i);
    if ((i - count) % along) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number]} middle
 * @param {number} radius
 */
function circle(pen, [x, y], radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}
