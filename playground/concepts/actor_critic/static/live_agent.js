// The policy that is being learned, at play: the browser has its newest weights and plays on while they change. Beside
// it, in grey, the untrained policy from the same start; the pointer pokes.
import { advantages } from "./advantage.js";
import { drawings } from "./drawings.js";
import { environments } from "./environments.js";
import { choose, network, softmax } from "./network.js";
import { drawLines } from "./rollout_lines.js";

const WINDOW = 250; // steps that the lines under the stage go back
const HOLD = 0.7; // seconds that an ended episode stands still
const FRAME = 30; // milliseconds between two paintings while a run trains, perhaps on this very machine
const BEHIND = 10; // steps that are caught up at most: a page that was hidden does not rush
const SPEEDS = ["0.25", "0.5", "1", "2"];
const STAGE = 0.5; // share of the height, the rest is the lines'

/** @typedef {import("./advantage.js").Step} Step */

/**
 * @typedef {object} Player
 * @property {number[]} state
 * @property {Step[]} steps of this episode
 * @property {boolean} over
 * @property {number} action
 * @property {number[]} policy
 */

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("actor_critic.css", import.meta.url).href);
  const agent = new LiveAgent(element, io);
  io.box.onFigure(({ figure, step }) => agent.take(figure.agent, step));
  return () => agent.play(false);
}

/**
 * @param {number[]} state
 * @returns {Player}
 */
const player = (state) => ({ state: [...state], steps: [], over: false, action: 0, policy: [] });

class LiveAgent {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    this.canvas = h("canvas", { class: "arena", role: "img", "aria-label": io.box.options.title });
    this.words = h("span", { class: "agent-words" });
    this.button = h("button", { type: "button", class: "play", onclick: () => this.play(!this.playing) });
    this.speed = h("select", { "aria-label": say("agent_speed") });
    this.speed.append(...SPEEDS.map((speed) => h("option", { value: speed }, `${speed} ×`)));
    this.speed.value = "1";
    const poke = (/** @type {number} */ way, /** @type {string} */ words) =>
      h("button", { type: "button", class: "poke", onclick: () => this.poke(way) }, words);
    const tools = [
      this.button,
      poke(-1, say("agent_poke_left")),
      poke(1, say("agent_poke_right")),
      this.speed,
      this.words,
    ];
    element.classList.add("live-agent");
    element.replaceChildren(this.canvas, h("div", { class: "tools" }, ...tools));
    /** @type {any} as `policies.live_agent` makes it; null until the first one comes */
    this.agent = null;
    this.environment = environments["CartPole-v1"];
    this.draw = drawings["CartPole-v1"];
    /** @type {{actor: (s: number[]) => number[], critic: (s: number[]) => number[]}[]} */
    this.nets = [];
    /** @type {((s: number[]) => number[]) | null} */
    this.early = null;
    /** @type {Player[]} */
    this.players = [];
    this.ghost = player([]);
    this.update = this.episodes = this.debt = this.clock = this.paintedAt = this.held = this.ghostHeld = 0;
    this.playing = false;
    this.play(!io.browser.matches("(prefers-reduced-motion: reduce)"));
    this.canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.pokeAt(event));
    io.draw.onResize(this.canvas, () => this.paint());
  }

  /**
   * New weights: the episode under way goes on with them.
   * @param {any} agent
   * @param {number} update that they come from
   */
  take(agent, update) {
    const isOther = agent.environment !== this.agent?.environment || agent.actors.length !== this.players.length;
    this.agent = agent;
    this.update = update;
    this.nets = agent.actors.map((/** @type {any} */ one) => ({
      actor: network(one.actor),
      critic: network(one.critic),
    }));
    this.early = network(agent.early.actor);
    if (isOther) {
      this.environment = environments[agent.environment];
      this.draw = drawings[agent.environment];
      this.begin();
    }
    this.io.box.frame.dataset.update = String(update);
    this.paint();
    this.io.box.drawn();
  }

  begin() {
    const start = this.environment.start();
    this.players = this.nets.map(() => player(start));
    this.ghost = player(start);
    this.held = this.ghostHeld = 0;
    this.think();
  }

  /** @param {boolean} playing */
  play(playing) {
    this.button.textContent = playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.io.say(playing ? "agent_pause" : "agent_play"));
    if (playing && !this.playing) {
      this.clock = performance.now();
      requestAnimationFrame((time) => this.tick(time));
    }
    this.playing = playing;
  }

  /** @param {number} time */
  tick(time) {
    if (!this.playing) return;
    const passed = Math.max(0, time - this.clock) / 1000;
    this.clock = time;
    if (this.agent && this.canvas.offsetWidth) {
      this.debt = Math.min(this.debt + passed * this.environment.rate * Number(this.speed.value), BEHIND);
      for (; this.debt >= 1; this.debt -= 1) this.step();
      if (!this.io.run.isTraining() || time - this.paintedAt >= FRAME) {
        this.paintedAt = time;
        this.paint();
      }
    }
    requestAnimationFrame((next) => this.tick(next));
  }

  step() {
    if (this.players.every((one) => one.over)) {
      this.held += 1 / this.environment.rate;
      if (this.held >= HOLD) {
        this.episodes += 1;
        this.begin();
      }
      return;
    }
    for (const [index, one] of this.players.entries()) this.advance(one, this.nets[index].critic);
    this.advance(this.ghost, () => [0]);
    // The untrained policy falls early and begins again, while the other goes on.
    this.ghostHeld = this.ghost.over ? this.ghostHeld + 1 / this.environment.rate : 0;
    if (this.ghostHeld >= HOLD) this.ghost = player(this.environment.start());
    this.think();
  }

  /**
   * @param {Player} one
   * @param {(s: number[]) => number[]} critic
   */
  advance(one, critic) {
    if (one.over) return;
    const [value] = critic(this.environment.observe(one.state));
    const { state, terminated, reward } = this.environment.step(one.state, one.action);
    one.steps.push({ value, reward, terminated });
    one.state = state;
    one.over = terminated || one.steps.length >= this.agent.limit;
  }

  /** What every policy makes of its state: drawn now, so that the bars show what is about to happen. */
  think() {
    const decide = (/** @type {Player} */ one, /** @type {(s: number[]) => number[]} */ actor) => {
      one.policy = softmax(actor(this.environment.observe(one.state)));
      one.action = choose(one.policy, this.agent.sample);
    };
    for (const [index, one] of this.players.entries()) decide(one, this.nets[index].actor);
    if (this.early) decide(this.ghost, this.early);
  }

  /** @param {number} way −1 or 1 */
  poke(way) {
    if (!this.agent) return;
    const [index, strength] = this.environment.nudge;
    for (const one of this.players) if (!one.over) one.state[index] += way * strength;
    this.io.box.frame.dataset.pokes = String(Number(this.io.box.frame.dataset.pokes ?? 0) + 1);
    this.think();
    this.paint();
  }

  /**
   * Away from the pointer.
   * @param {PointerEvent} event
   */
  pokeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    if (event.clientY - box.top > STAGE * box.height) return;
    const at = ((event.clientX - box.left) / box.width - 0.5) * this.environment.width;
    this.poke(at < this.environment.place(this.players[0].state) ? 1 : -1);
  }

  paint() {
    const { io, agent } = this;
    const room = agent && io.draw.fresh(this.canvas);
    if (!room) return;
    const { pen, width, height, ratio } = room;
    const [ink, soft] = [io.draw.colour("ink"), io.draw.colour("ink-soft")];
    const row = (STAGE * height) / this.players.length;
    for (const [index, one] of this.players.entries()) {
      const { title, colour } = agent.actors[index];
      pen.setTransform(ratio, 0, 0, ratio, 0, ratio * row * index);
      pen.globalAlpha = 0.3;
      this.draw(pen, width, row, this.ghost.state, { text: soft, soft, body: soft });
      pen.globalAlpha = one.over ? 0.55 : 1;
      this.draw(pen, width, row, one.state, { text: ink, soft, body: colour });
      pen.globalAlpha = 1;
      this.label(pen, width, one, index, title, colour, ink);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, ratio * STAGE * height);
    this.lines(pen, width, (1 - STAGE) * height);
    this.tell();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {Player} one
   * @param {number} index
   * @param {string} title
   * @param {string} colour
   * @param {string} ink
   */
  label(pen, width, one, index, title, colour, ink) {
    const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
    const shares = one.policy.map((share, i) => `${this.agent.actions[i]} ${percent(share)}`);
    const value = this.nets[index].critic(this.environment.observe(one.state))[0];
    pen.font = "600 12.5px system-ui, sans-serif";
    pen.fillStyle = colour;
    pen.fillRect(4, 6, 9, 9);
    pen.fillStyle = ink;
    pen.textAlign = "left";
    pen.fillText(title, 18, 15);
    pen.font = "12.5px system-ui, sans-serif";
    pen.fillText(this.io.say("agent_step", { step: one.steps.length }), 18, 32);
    pen.textAlign = "right";
    pen.fillText(`π: ${shares.join("  ")}    V ${value.toFixed(1)}`, width - 6, 15);
    pen.textAlign = "left";
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {number} height
   */
  lines(pen, width, height) {
    const { io, agent } = this;
    const longest = Math.max(...this.players.map((one) => one.steps.length));
    const from = Math.max(0, longest - WINDOW);
    const actors = this.players.map((one, index) => {
      const { colour, title, lam } = agent.actors[index];
      const next = this.nets[index].critic(this.environment.observe(one.state))[0];
      const advantage = advantages(one.steps, next, agent.gamma, lam, agent.mask).slice(from);
      const value = one.steps.slice(from).map((step) => step.value);
      return { colour, title, value, advantage, end: "", policy: [], action: [] };
    });
    if (!actors.some((actor) => actor.value.length)) return;
    const look = {
      line: io.draw.colour("line"),
      soft: io.draw.colour("ink-soft"),
      bound: io.draw.colour("notes"),
      boundWords: io.say("greatest_v"),
      advantageWords: io.say("advantage"),
    };
    drawLines(pen, width, height, { actors, bound: agent.bound, steps: Math.max(WINDOW, 2) }, look);
  }

  tell() {
    const { io, update, agent } = this;
    const words = io.say("agent_words", { update, early: agent.early.step });
    if (this.words.textContent !== words) this.words.textContent = words;
    const [first] = this.players;
    Object.assign(io.box.frame.dataset, { episode: this.episodes, step: first.steps.length, over: first.over });
  }
}
