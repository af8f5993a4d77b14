// How the layers of the duel's plane are drawn; `at` takes a place in the plane to pixels.

const ARROW = 0.35; // length of the longest gradient arrow, in units of the plane

/** @type {Map<string, Uint8ClampedArray>} colour scale → its 256 colours, red, green, blue */
const tables = new Map();

/**
 * @param {[number, string][]} stops
 * @returns {Uint8ClampedArray} (256 · 3) red, green, blue of the values 0 to 255
 */
function coloursOf(stops) {
  const key = JSON.stringify(stops);
  const known = tables.get(key);
  if (known) return known;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 256, height: 1 });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const gradient = pen.createLinearGradient(0, 0, 256, 0);
  for (const [at, colour] of stops) gradient.addColorStop(at, colour);
  pen.fillStyle = gradient;
  pen.fillRect(0, 0, 256, 1);
  const { data } = pen.getImageData(0, 0, 256, 1);
  const colours = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) colours.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
  tables.set(key, colours);
  return colours;
}

const sheet = document.createElement("canvas");

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {ArrayLike<number>} field side² values from 0 to 255, the top row first
 * @param {number} side
 * @param {(at: number[]) => number[]} at
 * @param {number} reach
 * @param {[number, string][]} stops
 * @param {boolean} isDark
 */
export function drawField(pen, field, side, at, reach, stops, isDark) {
  const colours = coloursOf(stops);
  Object.assign(sheet, { width: side, height: side });
  const brush = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d", { willReadFrequently: true }));
  const image = brush.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const value = Math.round(field[i]);
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = colours[3 * value + c];
    image.data[4 * i + 3] = 255;
  }
  brush.putImageData(image, 0, 0);
  const [left, top] = at([-reach, reach]);
  const [right, bottom] = at([reach, -reach]);
  pen.globalAlpha = isDark ? 0.5 : 0.6;
  pen.imageSmoothingEnabled = true;
  pen.drawImage(sheet, left, top, right - left, bottom - top);
  pen.globalAlpha = 1;
}

/**
 * @param {ArrayLike<number>} field
 * @param {number} side
 * @param {number} reach
 * @param {number[]} place
 * @returns {number} 0 to 1: how sure the discriminator is that a point there is real
 */
export function fieldAt(field, side, reach, [x, y]) {
  const cell = (/** @type {number} */ share) => Math.min(side - 1, Math.max(0, Math.floor(share * side)));
  return field[cell((reach - y) / (2 * reach)) * side + cell((x + reach) / (2 * reach))] / 255;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[][][]} lines
 * @param {(at: number[]) => number[]} at
 * @param {string} colour
 */
export function drawMesh(pen, lines, at, colour) {
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.45;
  pen.lineWidth = 0.8;
  pen.beginPath();
  for (const line of lines) {
    for (const [i, place] of line.entries()) {
      const [x, y] = at(place);
      if (i) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[][]} points
 * @param {(at: number[]) => number[]} at
 * @param {string} fill
 * @param {string} edge
 * @param {number[] | null} [styles] 0 to 1 for each point: the more, the more it has of the colour `mixed`
 * @param {string} [mixed]
 */
export function drawPoints(pen, points, at, fill, edge, styles = null, mixed = fill) {
  pen.lineWidth = 0.7;
  pen.strokeStyle = edge;
  for (const [i, place] of points.entries()) {
    if (!place.every(Number.isFinite)) continue; // null where the run diverged
    const [x, y] = at(place);
    pen.fillStyle = styles && styles[i] > 0.3 ? mixed : fill;
    pen.beginPath();
    pen.arc(x, y, 3.2, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[][]} points
 * @param {(at: number[]) => number[]} at
 * @param {string} colour
 */
export function drawRings(pen, points, at, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  for (const place of points) {
    const [x, y] = at(place);
    pen.beginPath();
    pen.arc(x, y, 4, 0, 2 * Math.PI);
    pen.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[][]} from
 * @param {number[][]} to
 * @param {(at: number[]) => number[]} at
 * @param {string} colour
 */
export function drawTrails(pen, from, to, at, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.globalAlpha = 0.6;
  pen.beginPath();
  for (const [i, place] of to.entries()) {
    if (!from[i]) continue;
    pen.moveTo(...xy(at(from[i])));
    pen.lineTo(...xy(at(place)));
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[][]} points where they begin
 * @param {number[][]} arrows their directions; the longest gets the length ARROW
 * @param {(at: number[]) => number[]} at
 * @param {number} grown share of their lengths
 * @param {string} colour
 */
export function drawArrows(pen, points, arrows, at, grown, colour) {
  const longest = Math.max(1e-9, ...arrows.map(([x, y]) => Math.hypot(x, y)));
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.7;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const [i, arrow] of arrows.entries()) {
    if (!points[i]) continue;
    const [dx, dy] = arrow.map((one) => (one / longest) * ARROW * grown);
    if (Math.hypot(dx, dy) < 0.01) continue;
    const [x, y] = points[i];
    const [fromX, fromY] = at([x, y]);
    const [toX, toY] = at([x + dx, y + dy]);
    const turn = Math.atan2(toY - fromY, toX - fromX);
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    for (const side of [2.6, -2.6]) {
      pen.moveTo(toX, toY);
      pen.lineTo(toX + 4 * Math.cos(turn + side), toY + 4 * Math.sin(turn + side));
    }
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/** @param {number[]} place @returns {[number, number]} */
const xy = ([x, y]) => [x, y];
