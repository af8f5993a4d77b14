// Gymnasium's classic control problems in the browser: the same equations of motion, which a test compares.

/** @typedef {number[]} State */

/**
 * @typedef {object} Environment
 * @property {number} rate steps a second, as Gymnasium renders them
 * @property {number | null} rest the action that does nothing, where there is one
 * @property {[number, number]} nudge which number of the state a nudge changes, and by how much
 * @property {number} width of what the drawing shows, in the units of `place`
 * @property {(state: State) => number} place of the body across the drawing, 0 in its middle
 * @property {() => State} start a random first state
 * @property {(state: State) => number[]} observe what the agent is given
 * @property {(state: State, action: number) => {state: State, terminated: boolean, reward: number}} step
 */

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/** @param {number} spread */
const near = (spread) => spread * (2 * Math.random() - 1);

/** @type {Environment} Barto, Sutton & Anderson 1983, with Gymnasium's constants; Euler steps of 0.02 s. */
const cartPole = {
  rate: 50,
  rest: null,
  nudge: [3, 1.0],
  width: 4.8,
  place: ([x, , theta]) => x + 0.5 * Math.sin(theta),
  start: () => [near(0.05), near(0.05), near(0.05), near(0.05)],
  observe: (state) => state,
  step([x, xDot, theta, thetaDot], action) {
    const [force, total, pole, half, dt] = [action === 1 ? 10 : -10, 1.1, 0.1, 0.5, 0.02];
    const [sin, cos] = [Math.sin(theta), Math.cos(theta)];
    const pull = (force + pole * half * thetaDot * thetaDot * sin) / total;
    const thetaAcc = (9.8 * sin - cos * pull) / (half * (4 / 3 - (pole * cos * cos) / total));
    const xAcc = pull - (pole * half * thetaAcc * cos) / total;
    const state = [x + dt * xDot, xDot + dt * xAcc, theta + dt * thetaDot, thetaDot + dt * thetaAcc];
    return { state, terminated: Math.abs(state[0]) > 2.4 || Math.abs(state[2]) > Math.PI / 15, reward: 1 };
  },
};

/** @param {number} angle */
function wrap(angle) {
  let wrapped = angle;
  while (wrapped > Math.PI) wrapped -= 2 * Math.PI;
  while (wrapped < -Math.PI) wrapped += 2 * Math.PI;
  return wrapped;
}

/**
 * Accelerations of both arms ("book" equations of Sutton & Barto 1998).
 * @param {State} state
 * @param {number} torque
 * @returns {State} the state's derivative
 */
function acrobotSlope([a, b, aDot, bDot], torque) {
  const g = 9.8;
  const d1 = 0.25 + 1.25 + Math.cos(b) + 2;
  const d2 = 0.25 + 0.5 * Math.cos(b) + 1;
  const phi2 = 0.5 * g * Math.sin(a + b);
  const phi1 = -0.5 * bDot * (bDot + 2 * aDot) * Math.sin(b) + 1.5 * g * Math.sin(a) + phi2;
  const bAcc = (torque + (d2 / d1) * phi1 - 0.5 * aDot * aDot * Math.sin(b) - phi2) / (1.25 - (d2 * d2) / d1);
  return [aDot, bDot, -(d2 * bAcc + phi1) / d1, bAcc];
}

/** @type {Environment} Sutton 1996; one Runge-Kutta step of 0.2 s. */
const acrobot = {
  rate: 15,
  rest: 1,
  nudge: [2, 1.0],
  width: 4.6,
  place: ([a, b]) => Math.sin(a) + Math.sin(a + b),
  start: () => [near(0.1), near(0.1), near(0.1), near(0.1)],
  observe: ([a, b, aDot, bDot]) => [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), aDot, bDot],
  step(state, action) {
    const [torque, dt] = [action - 1, 0.2];
    const along = (/** @type {State} */ k, /** @type {number} */ h) => state.map((s, i) => s + h * k[i]);
    const k1 = acrobotSlope(state, torque);
    const k2 = acrobotSlope(along(k1, dt / 2), torque);
    const k3 = acrobotSlope(along(k2, dt / 2), torque);
    const k4 = acrobotSlope(along(k3, dt), torque);
    const next = state.map((s, i) => s + (dt / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
    next[0] = wrap(next[0]);
    next[1] = wrap(next[1]);
    next[2] = clip(next[2], -4 * Math.PI, 4 * Math.PI);
    next[3] = clip(next[3], -9 * Math.PI, 9 * Math.PI);
    const terminated = -Math.cos(next[0]) - Math.cos(next[0] + next[1]) > 1;
    return { state: next, terminated, reward: terminated ? 0 : -1 };
  },
};

/** @type {Environment} Moore 1990, with Gymnasium's constants. */
const mountainCar = {
  rate: 30,
  rest: 1,
  nudge: [1, 0.02],
  width: 1.8,
  place: ([x]) => x + 0.3,
  start: () => [-0.5 + near(0.1), 0],
  observe: (state) => state,
  step([x, xDot], action) {
    let speed = clip(xDot + (action - 1) * 0.001 - 0.0025 * Math.cos(3 * x), -0.07, 0.07);
    const position = clip(x + speed, -1.2, 0.6);
    if (position === -1.2 && speed < 0) speed = 0;
    return { state: [position, speed], terminated: position >= 0.5 && speed >= 0, reward: -1 };
  },
};

/** @type {Record<string, Environment>} */
export const environments = { "CartPole-v1": cartPole, "Acrobot-v1": acrobot, "MountainCar-v0": mountainCar };
