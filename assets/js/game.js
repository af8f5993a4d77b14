// The visitor's world above, the agent's below, from the same start; after picture.js and physics.js.
const arena = element.querySelector(".arena"), pads = element.querySelector(".pads"), score = element.querySelector(".score");
const speed = element.querySelector("select"), startButton = element.querySelector(".start");
const down = new Set();
let game = null, world = null, mine = null, agent = null, running = false, clock = 0, debt = 0, flip = 0, won = [0, 0];

const player = (state) => ({ state, steps: 0, reward: 0, over: false, pushed: 0 });
function fresh() {
  const start = mine && mine.steps + agent.steps ? world.start() : game.start;
  [mine, agent] = [player([...start]), player([...start])];
  [debt, clock] = [0, performance.now()];
}

// No key: the middle action where there is one, else left and right in turn, which cancel out.
function wish() {
  const last = game.actions.length - 1;
  if (down.has("left") !== down.has("right")) return down.has("left") ? 0 : last;
  if (world.rest !== null) return world.rest;
  flip = 1 - flip;
  return flip;
}

function think(state) {
  const seen = world.observe(state), logits = game.actor(seen), top = Math.max(...logits);
  const raised = logits.map((logit) => Math.exp(logit - top)), sum = raised.reduce((a, b) => a + b);
  return { policy: raised.map((r) => r / sum), value: game.critic(seen)[0] };
}

function choose(policy) {
  if (!game.sample) return policy.indexOf(Math.max(...policy));
  let rest = Math.random();
  return Math.max(0, policy.findIndex((p) => (rest -= p) < 0));
}

function advance(who, action) {
  if (who.over) return;
  const { state, over, reward } = world.step(who.state, action);
  Object.assign(who, { state, over, pushed: action, steps: who.steps + 1, reward: who.reward + reward });
  if (who.steps >= game.limit) who.over = true;
}

function tick(time) {
  if (!element.isConnected) return;
  if (running && game) {
    debt = Math.min(debt + ((time - clock) / 1000) * world.rate * Number(speed.value), 10);
    for (; debt >= 1 && running; debt -= 1) {
      advance(mine, wish());
      agent.mind = think(agent.state);
      advance(agent, choose(agent.mind.policy));
      if (mine.over && agent.over) finish();
    }
    paint();
  }
  clock = time;
  requestAnimationFrame(tick);
}

function finish() {
  running = false;
  if (mine.reward !== agent.reward) won[mine.reward > agent.reward ? 0 : 1] += 1;
  startButton.textContent = "Again";
  tell();
}

function tell() {
  const said = (who, name) => `${name} ${who.over ? (who.steps >= game.limit ? `${who.steps} steps, the limit` : world.past(who.steps)) : `${who.steps} steps`}`;
  score.textContent = `${said(mine, "You:")} · ${said(agent, "agent:")} · won: you ${won[0]}, agent ${won[1]}`;
  Object.assign(frame.dataset, { mine: mine.steps, agent: agent.steps, running, position: mine.state[0].toFixed(4) });
}

function paint() {
  const { width, height } = arena.getBoundingClientRect();
  if (!width || !game) return;
  const ratio = window.devicePixelRatio || 1, pen = arena.getContext("2d"), half = height / 2;
  Object.assign(arena, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const text = dark() ? "#d5d9e0" : "#334155", soft = dark() ? "#5b6676" : "#a3adbb";
  [[mine, "you", "#e76300"], [agent, game.agent, "#3f90da"]].forEach(([who, name, pole], index) => {
    pen.setTransform(ratio, 0, 0, ratio, 0, ratio * half * index);
    pen.globalAlpha = who.over && who.steps < game.limit ? 0.45 : 1;
    world.draw(pen, width, half, who.state, { text, soft, pole });
    pen.globalAlpha = 1;
    pen.fillStyle = text;
    pen.font = "600 13px system-ui, sans-serif";
    pen.fillText(name, 8, 18);
    pen.font = "13px system-ui, sans-serif";
    pen.fillText(`step ${who.steps}`, 8, 36);
    if (who.mind) {
      const percent = who.mind.policy.map((p, i) => `${game.actions[i]} ${Math.round(100 * p)} %`).join("   ");
      pen.fillText(`π: ${percent}     V ${who.mind.value.toFixed(1)}`, 90, 36);
    } else if (running) pen.fillText(game.actions[who.pushed], 90, 36);
  });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.strokeStyle = soft;
  pen.lineWidth = 1;
  pen.beginPath(); pen.moveTo(0, half); pen.lineTo(width, half); pen.stroke();
  tell();
}

function start() {
  if (!game) return;
  fresh();
  running = true;
  startButton.textContent = "Restart";
  arena.focus({ preventScroll: true });
}

const keys = { ArrowLeft: "left", ArrowRight: "right", a: "left", d: "right" };
arena.addEventListener("keydown", (event) => {
  if (keys[event.key]) { down.add(keys[event.key]); event.preventDefault(); if (!running && !mine.steps) start(); }
  else if (event.key === " " || event.key === "Enter") { event.preventDefault(); start(); }
  else if (event.key.toLowerCase() === "n") push(event.shiftKey ? -1 : 1);
});
arena.addEventListener("keyup", (event) => down.delete(keys[event.key]));
arena.addEventListener("blur", () => down.clear());
startButton.addEventListener("click", start);

function push(way) {
  if (!agent || agent.over) return;
  const [index, strength] = world.nudge;
  agent.state = agent.state.map((value, i) => (i === index ? value + way * strength : value));
  paint();
}
for (const button of element.querySelectorAll(".nudge")) button.addEventListener("click", () => push(Number(button.dataset.push)));

function touchPads() {
  const names = [["left", game.actions[0]], ["right", game.actions[game.actions.length - 1]]];
  pads.replaceChildren(...names.map(([side, label]) => {
    const pad = document.createElement("button");
    Object.assign(pad, { type: "button", className: "pad-button", textContent: label });
    pad.addEventListener("pointerdown", (event) => { event.preventDefault(); down.add(side); if (!running && !mine.steps) start(); });
    for (const kind of ["pointerup", "pointerleave", "pointercancel"]) pad.addEventListener(kind, () => down.delete(side));
    return pad;
  }));
}

receive((picture) => {
  const made = picture.game, net = window.playground.net;
  world = window.playground.worlds[made.world];
  game = { ...made, actor: net(made.actor), critic: net(made.critic) };
  [running, mine] = [false, null];
  fresh();
  agent.mind = think(agent.state);
  touchPads();
  startButton.textContent = "Start";
  frame.classList.add("drawn");
  requestAnimationFrame(paint);
});
requestAnimationFrame(tick);
new ResizeObserver(paint).observe(arena);
