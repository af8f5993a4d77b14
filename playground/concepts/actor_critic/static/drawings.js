// Pictures of the environments' states on a canvas.

/** @typedef {{text: string, soft: string, body: string}} Colours */
/** @typedef {(pen: CanvasRenderingContext2D, width: number, height: number, state: number[], colours: Colours) => void} Drawing */

const THICK = 7;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} colour
 * @param {number} width
 * @param {number[][]} points
 */
function line(pen, colour, width, points) {
  Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineCap: "round" });
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
}

/** @type {Drawing} */
function cartPole(pen, width, height, [x, , theta], { text, soft, body }) {
  const unit = width / 4.8;
  const ground = height * 0.82;
  const at = width / 2 + x * unit;
  const pole = Math.min(unit, height * 0.62);
  line(pen, soft, 1.5, [
    [0, ground],
    [width, ground],
  ]);
  pen.fillStyle = text;
  pen.fillRect(at - 24, ground - 22, 48, 18);
  const foot = ground - 20;
  line(pen, body, THICK, [
    [at, foot],
    [at + pole * Math.sin(theta), foot - pole * Math.cos(theta)],
  ]);
}

/** @type {Drawing} */
function acrobot(pen, width, height, [a, b], { soft, body }) {
  const arm = height / 4.6;
  const [x, y] = [width / 2, height / 2];
  const elbow = [x + arm * Math.sin(a), y + arm * Math.cos(a)];
  const hand = [elbow[0] + arm * Math.sin(a + b), elbow[1] + arm * Math.cos(a + b)];
  line(pen, soft, 1, [
    [0, y - arm],
    [width, y - arm],
  ]);
  line(pen, body, THICK, [[x, y], elbow, hand]);
}

/** @type {Drawing} */
function mountainCar(pen, width, height, [x], { text, soft, body }) {
  const across = (/** @type {number} */ u) => ((u + 1.2) / 1.8) * width;
  const along = (/** @type {number} */ u) => height * (0.9 - 0.28 * (Math.sin(3 * u) + 1));
  const hill = Array.from({ length: 91 }, (_, i) => -1.2 + 0.02 * i).map((u) => [across(u), along(u)]);
  line(pen, soft, 2, hill);
  pen.fillStyle = body;
  pen.fillRect(across(0.5), along(0.5) - 34, 3, 34);
  pen.fillRect(across(0.5), along(0.5) - 34, 18, 11);
  pen.fillStyle = text;
  pen.beginPath();
  pen.arc(across(x), along(x) - 9, 9, 0, 2 * Math.PI);
  pen.fill();
}

/** @type {Record<string, Drawing>} */
export const drawings = { "CartPole-v1": cartPole, "Acrobot-v1": acrobot, "MountainCar-v0": mountainCar };
