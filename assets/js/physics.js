// The worlds of the match, in the browser: the same equations of motion as Gymnasium's, which a test compares.
window.playground.worlds ||= (() => {
  const clip = (value, low, high) => Math.min(Math.max(value, low), high);
  const round = (angle) => {
    let turned = angle;
    while (turned > Math.PI) turned -= 2 * Math.PI;
    while (turned < -Math.PI) turned += 2 * Math.PI;
    return turned;
  };
  const near = (spread, count) => Array.from({ length: count }, () => spread * (2 * Math.random() - 1));

  // Barto, Sutton & Anderson 1983, with Gymnasium's constants; Euler steps of 0.02 s.
  const cartPole = {
    rate: 50, rest: null, nudge: [3, 1.0], past: (count) => `fell after ${count} steps`,
    start: () => near(0.05, 4),
    observe: (state) => state,
    step([x, dx, angle, turn], action) {
      const force = action === 1 ? 10 : -10, sin = Math.sin(angle), cos = Math.cos(angle);
      const mass = 1.1, pole = 0.1, half = 0.5, dt = 0.02;
      const pull = (force + pole * half * turn * turn * sin) / mass;
      const bend = (9.8 * sin - cos * pull) / (half * (4 / 3 - (pole * cos * cos) / mass));
      const push = pull - (pole * half * bend * cos) / mass;
      const state = [x + dt * dx, dx + dt * push, angle + dt * turn, turn + dt * bend];
      return { state, over: Math.abs(state[0]) > 2.4 || Math.abs(state[2]) > Math.PI / 15, reward: 1 };
    },
    draw(pen, width, height, [x, , angle], colours) {
      const unit = width / 4.8, ground = height * 0.82, at = width / 2 + x * unit, pole = Math.min(unit, height * 0.62);
      pen.strokeStyle = colours.soft;
      pen.lineWidth = 1.5;
      pen.beginPath(); pen.moveTo(0, ground); pen.lineTo(width, ground); pen.stroke();
      pen.fillStyle = colours.text;
      pen.fillRect(at - 24, ground - 22, 48, 18);
      pen.strokeStyle = colours.pole;
      pen.lineWidth = 7;
      pen.lineCap = "round";
      pen.beginPath(); pen.moveTo(at, ground - 20);
      pen.lineTo(at + pole * Math.sin(angle), ground - 20 - pole * Math.cos(angle)); pen.stroke();
    },
  };

  // Sutton & Barto 2018, section 11.3 of the first edition ("book" equations); one Runge-Kutta step of 0.2 s.
  const acrobot = {
    rate: 15, rest: 1, nudge: [2, 1.0], past: (count) => `there after ${count} steps`,
    start: () => near(0.1, 4),
    observe: ([a, b, da, db]) => [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), da, db],
    step(state, action) {
      const torque = action - 1, dt = 0.2, g = 9.8;
      const slope = ([a, b, da, db]) => {
        const d1 = 0.25 + 1.25 + Math.cos(b) + 2, d2 = 0.25 + 0.5 * Math.cos(b) + 1;
        const hang = 0.5 * g * Math.sin(a + b);
        const swing = -0.5 * db * (db + 2 * da) * Math.sin(b) + 1.5 * g * Math.sin(a) + hang;
        const ddb = (torque + (d2 / d1) * swing - 0.5 * da * da * Math.sin(b) - hang) / (1.25 - (d2 * d2) / d1);
        return [da, db, -(d2 * ddb + swing) / d1, ddb];
      };
      const along = (k, h) => state.map((s, i) => s + h * k[i]);
      const k1 = slope(state), k2 = slope(along(k1, dt / 2)), k3 = slope(along(k2, dt / 2)), k4 = slope(along(k3, dt));
      const next = state.map((s, i) => s + (dt / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
      next[0] = round(next[0]);
      next[1] = round(next[1]);
      next[2] = clip(next[2], -4 * Math.PI, 4 * Math.PI);
      next[3] = clip(next[3], -9 * Math.PI, 9 * Math.PI);
      const over = -Math.cos(next[0]) - Math.cos(next[0] + next[1]) > 1;
      return { state: next, over, reward: over ? 0 : -1 };
    },
    draw(pen, width, height, [a, b], colours) {
      const arm = height / 4.6, x = width / 2, y = height / 2;
      const ex = x + arm * Math.sin(a), ey = y + arm * Math.cos(a);
      pen.strokeStyle = colours.soft;
      pen.lineWidth = 1;
      pen.beginPath(); pen.moveTo(0, y - arm); pen.lineTo(width, y - arm); pen.stroke();
      pen.strokeStyle = colours.pole;
      pen.lineWidth = 7;
      pen.lineCap = "round";
      pen.beginPath(); pen.moveTo(x, y); pen.lineTo(ex, ey);
      pen.lineTo(ex + arm * Math.sin(a + b), ey + arm * Math.cos(a + b)); pen.stroke();
    },
  };

  // Moore 1990, with Gymnasium's constants.
  const mountainCar = {
    rate: 30, rest: 1, nudge: [1, 0.02], past: (count) => `there after ${count} steps`,
    start: () => [-0.5 + 0.1 * (2 * Math.random() - 1), 0],
    observe: (state) => state,
    step([x, v], action) {
      let speed = clip(v + (action - 1) * 0.001 - 0.0025 * Math.cos(3 * x), -0.07, 0.07);
      const at = clip(x + speed, -1.2, 0.6);
      if (at === -1.2 && speed < 0) speed = 0;
      return { state: [at, speed], over: at >= 0.5 && speed >= 0, reward: -1 };
    },
    draw(pen, width, height, [x], colours) {
      const across = (u) => ((u + 1.2) / 1.8) * width, along = (u) => height * (0.9 - 0.28 * (Math.sin(3 * u) + 1));
      pen.strokeStyle = colours.soft;
      pen.lineWidth = 2;
      pen.beginPath();
      for (let u = -1.2; u <= 0.6; u += 0.02) pen.lineTo(across(u), along(u));
      pen.stroke();
      pen.fillStyle = colours.pole;
      pen.fillRect(across(0.5), along(0.5) - 34, 3, 34);
      pen.fillRect(across(0.5), along(0.5) - 34, 18, 11);
      pen.fillStyle = colours.text;
      pen.beginPath(); pen.arc(across(x), along(x) - 9, 9, 0, 2 * Math.PI); pen.fill();
    },
  };
  return { "CartPole-v1": cartPole, "Acrobot-v1": acrobot, "MountainCar-v0": mountainCar };
})();

// A net of linear layers with tanh between them, from the live model's own weights (float32, base64).
window.playground.net ||= (layers) => {
  const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const made = layers.map(({ shape, weight, bias }) => ({ shape, weight: floats(weight), bias: floats(bias) }));
  return (input) => made.reduce((x, { shape: [rows, columns], weight, bias }, depth) => {
    const out = Array.from(bias);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[i] += weight[i * columns + j] * x[j];
    return depth < made.length - 1 ? out.map(Math.tanh) : out;
  }, Array.from(input));
};
