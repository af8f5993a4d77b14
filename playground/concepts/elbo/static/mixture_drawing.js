// Points and Gaussians of a mixture on a canvas: the plane in pixels, blends of colours, ellipses, the nearest point.

const MARGIN = 10; // pixels around the plane
const POINT = 3.2; // radius in pixels
const SIGMAS = [1, 2]; // standard deviations at which ellipses are drawn

/**
 * @typedef {object} Gaussian
 * @property {number} share
 * @property {number} x
 * @property {number} y
 * @property {number} long one standard deviation along the longer axis
 * @property {number} short
 * @property {number} angle of the longer axis, anticlockwise from the x axis, in radians
 */

/**
 * @param {{width: number, height: number}} room
 * @param {number[]} low lower ends of both axes
 * @param {number[]} high
 * @returns {{at: (x: number, y: number) => [number, number], unit: number}} a place → pixels, y upwards, and the pixels of a
 *   unit, the same on both axes
 */
export function planeIn({ width, height }, low, high) {
  const unit = Math.max(
    0,
    Math.min((width - 2 * MARGIN) / (high[0] - low[0]), (height - 2 * MARGIN) / (high[1] - low[1])),
  );
  const [x0, y0] = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  return { at: (x, y) => [width / 2 + (x - x0) * unit, height / 2 - (y - y0) * unit], unit };
}

/**
 * @param {string} colour such as "#3f90da"
 * @returns {number[]} red, green, blue
 */
const channels = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/**
 * @param {number[]} shares of the Gaussians in a point, which sum to 1
 * @param {string[]} colours of the Gaussians
 * @returns {string} the colours, mixed by their shares
 */
export function blend(shares, colours) {
  const mixed = [0, 0, 0];
  for (const [k, colour] of colours.entries()) {
    for (const [i, value] of channels(colour).entries()) mixed[i] += shares[k] * value;
  }
  return `rgb(${mixed.map(Math.round).join(", ")})`;
}

/**
 * @param {number[][]} points
 * @param {ReturnType<typeof planeIn>} plane
 * @param {number} px where the pointer is
 * @param {number} py
 * @returns {number} number of the point that is drawn nearest to it
 */
export function nearest(points, { at }, px, py) {
  let found = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, [x, y]] of points.entries()) {
    const [left, top] = at(x, y);
    const away = Math.hypot(left - px, top - py);
    if (away < least) [found, least] = [i, away];
  }
  return found;
}

/**
 * @typedef {object} Look
 * @property {string[]} colours of the Gaussians
 * @property {string} edge of points
 * @property {string} ink
 * @property {number | null} pointed number of the point that is pointed at
 */

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {ReturnType<typeof planeIn>} plane
 * @param {number[][]} points
 * @param {{r: number[][], gaussians: Gaussian[]}} arm
 * @param {Look} look
 */
export function drawMixture(pen, plane, points, { r, gaussians }, look) {
  pen.lineWidth = 0.6;
  pen.strokeStyle = look.edge;
  for (const [i, [x, y]] of points.entries()) {
    circle(pen, plane.at(x, y), POINT);
    pen.fillStyle = blend(r[i], look.colours);
    pen.fill();
    pen.stroke();
  }
  for (const [k, gaussian] of gaussians.entries()) drawGaussian(pen, plane, gaussian, look.colours[k], look.edge);
  if (look.pointed === null || !points[look.pointed]) return;
  pen.lineWidth = 2;
  pen.strokeStyle = look.ink;
  const [x, y] = points[look.pointed];
  circle(pen, plane.at(x, y), 2.4 * POINT);
  pen.stroke();
}

/**
 * Two ellipses and the centre; dashed where no point has a share in it.
 * @param {CanvasRenderingContext2D} pen
 * @param {ReturnType<typeof planeIn>} plane
 * @param {Gaussian} gaussian
 * @param {string} colour
 * @param {string} edge
 */
function drawGaussian(pen, { at, unit }, { share, x, y, long, short, angle }, colour, edge) {
  const [left, top] = at(x, y);
  pen.setLineDash(share ? [] : [4, 4]);
  pen.strokeStyle = colour;
  for (const sigmas of SIGMAS) {
    pen.lineWidth = 3 / sigmas;
    pen.beginPath();
    pen.ellipse(left, top, sigmas * long * unit, sigmas * short * unit, -angle, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.setLineDash([]);
  circle(pen, [left, top], 6);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = edge;
  pen.stroke();
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
