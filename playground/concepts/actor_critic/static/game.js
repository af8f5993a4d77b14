// A match: the visitor's environment above, the live agent's below, from the same start. Arrow keys or buttons push.
import { drawings } from "./drawings.js";
import { environments } from "./environments.js";
import { choose, network, softmax } from "./network.js";

const KEYS = /** @type {Record<string, string>} */ ({ ArrowLeft: "left", ArrowRight: "right", a: "left", d: "right" });
const SPEEDS = ["0.25", "0.5", "1"];

/**
 * @typedef {object} Player
 * @property {number[]} state
 * @property {number} steps
 * @property {number} reward
 * @property {boolean} over
 * @property {number} action
 * @property {{policy: number[], value: number} | null} mind
 */

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("actor_critic.css", import.meta.url).href);
  const match = new Match(element, io);
  io.box.onFigure(({ figure }) => match.take(figure.game));
  return () => {
    match.running = false;
  };
}

/**
 * @param {number[]} state
 * @returns {Player}
 */
const player = (state) => ({ state: [...state], steps: 0, reward: 0, over: false, action: 0, mind: null });

class Match {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    this.frame = io.box.frame;
    /** @type {any} as `probes.you_play` makes it; null until the first one comes */
    this.game = null;
    this.environment = environments["CartPole-v1"];
    this.draw = drawings["CartPole-v1"];
    this.actor = this.critic = network([]);
    this.you = player([]);
    this.agent = player([]);
    this.held = new Set();
    this.won = [0, 0];
    this.running = false;
    this.clock = this.debt = this.turn = 0;
    this.arena = h("canvas", { class: "arena", tabindex: 0, role: "application", "aria-label": io.box.options.title });
    this.pads = h("span", { class: "pads" });
    this.startButton = h("button", { type: "button", class: "start", onclick: () => this.start() }, say("game_start"));
    const nudge = (/** @type {number} */ way, /** @type {string} */ words) =>
      h("button", { type: "button", class: "nudge", onclick: () => this.nudge(way) }, words);
    this.speed = h("select", { "aria-label": say("game_speed") });
    this.speed.append(...SPEEDS.map((speed) => h("option", { value: speed }, `${speed} ×`)));
    this.speed.value = "0.5";
    this.score = h("p", { class: "score", role: "status" });
    const tools = h(
      "div",
      { class: "tools" },
      this.pads,
      this.startButton,
      nudge(-1, say("game_nudge_left")),
      nudge(1, say("game_nudge_right")),
      this.speed,
    );
    element.classList.add("game");
    element.replaceChildren(this.arena, tools, this.score);
    this.arena.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.keyDown(event));
    this.arena.addEventListener("keyup", (/** @type {KeyboardEvent} */ event) => this.held.delete(KEYS[event.key]));
    this.arena.addEventListener("blur", () => this.held.clear());
    io.draw.onResize(this.arena, () => this.paint());
  }

  /** @param {any} game */
  take(game) {
    this.game = game;
    this.environment = environments[game.environment];
    this.draw = drawings[game.environment];
    this.actor = network(game.actor);
    this.critic = network(game.critic);
    this.running = false;
    this.begin(game.start);
    this.agent.mind = this.think(this.agent.state);
    this.showPads();
    this.startButton.textContent = this.io.say("game_start");
    this.io.box.drawn();
    requestAnimationFrame(() => this.paint());
  }

  /** @param {number[]} state */
  begin(state) {
    this.you = player(state);
    this.agent = player(state);
    this.debt = 0;
    this.clock = performance.now();
  }

  start() {
    if (!this.game) return;
    const isFirst = this.you.steps + this.agent.steps === 0;
    this.begin(isFirst ? this.game.start : this.environment.start());
    this.startButton.textContent = this.io.say("game_restart");
    this.arena.focus({ preventScroll: true });
    if (!this.running) requestAnimationFrame((time) => this.tick(time));
    this.running = true;
  }

  /** @param {number} time */
  tick(time) {
    if (!this.running || !this.arena.isConnected) return;
    const { rate } = this.environment;
    this.debt = Math.min(this.debt + ((time - this.clock) / 1000) * rate * Number(this.speed.value), 10);
    this.clock = time;
    for (; this.debt >= 1 && this.running; this.debt -= 1) {
      this.advance(this.you, this.pushed());
      this.agent.mind = this.think(this.agent.state);
      this.advance(this.agent, choose(this.agent.mind.policy, this.game.sample));
      if (this.you.over && this.agent.over) this.finish();
    }
    this.paint();
    requestAnimationFrame((next) => this.tick(next));
  }

  /** No key: the action that does nothing, or left and right in turn, which cancel out. */
  pushed() {
    if (this.held.has("left") !== this.held.has("right"))
      return this.held.has("left") ? 0 : this.game.actions.length - 1;
    this.turn = 1 - this.turn;
    return this.environment.rest ?? this.turn;
  }

  /** @param {number[]} state */
  think(state) {
    const observation = this.environment.observe(state);
    return { policy: softmax(this.actor(observation)), value: this.critic(observation)[0] };
  }

  /**
   * @param {Player} who
   * @param {number} action
   */
  advance(who, action) {
    if (who.over) return;
    const { state, terminated, reward } = this.environment.step(who.state, action);
    Object.assign(who, { state, action, steps: who.steps + 1, reward: who.reward + reward });
    who.over = terminated || who.steps >= this.game.limit;
  }

  finish() {
    this.running = false;
    if (this.you.reward !== this.agent.reward) this.won[this.you.reward > this.agent.reward ? 0 : 1] += 1;
    this.startButton.textContent = this.io.say("game_again");
  }

  /** @param {Player} who */
  words(who) {
    if (!who.over) return this.io.say("game_steps", { steps: who.steps });
    if (who.steps >= this.game.limit) return this.io.say("game_limit", { steps: who.steps });
    return this.io.say(this.game.falls ? "game_fell" : "game_there", { steps: who.steps });
  }

  tell() {
    const [you, agent] = [this.words(this.you), this.words(this.agent)];
    this.score.textContent = this.io.say("game_score", { you, agent, won: this.won[0], lost: this.won[1] });
    const marks = {
      you: this.you.steps,
      agent: this.agent.steps,
      running: this.running,
      position: this.you.state[0].toFixed(4),
    };
    Object.assign(this.frame.dataset, marks);
  }

  paint() {
    const { io } = this;
    const room = this.game && io.draw.fresh(this.arena);
    if (!room) return;
    const { pen, width, height, ratio } = room;
    const half = height / 2;
    const [text, soft] = [io.draw.colour("ink"), io.draw.colour("ink-soft")];
    const rows = [
      { who: this.you, name: io.say("game_you"), body: io.draw.colour("notes") },
      { who: this.agent, name: this.game.agent, body: io.draw.colour("standard") },
    ];
    for (const [index, { who, name, body }] of rows.entries()) {
      pen.setTransform(ratio, 0, 0, ratio, 0, ratio * half * index);
      pen.globalAlpha = who.over && who.steps < this.game.limit ? 0.45 : 1;
      this.draw(pen, width, half, who.state, { text, soft, body });
      pen.globalAlpha = 1;
      pen.fillStyle = text;
      pen.font = "600 13px system-ui, sans-serif";
      pen.fillText(name, 8, 18);
      pen.font = "13px system-ui, sans-serif";
      pen.fillText(io.say("game_step", { step: who.steps }), 8, 36);
      pen.fillText(this.mindWords(who), 90, 36);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = soft;
    pen.fillRect(0, half, width, 1);
    this.tell();
  }

  /** @param {Player} who */
  mindWords(who) {
    if (!who.mind) return this.running ? this.game.actions[who.action] : "";
    const shares = who.mind.policy.map((share, i) => `${this.game.actions[i]} ${Math.round(100 * share)} %`);
    return `π: ${shares.join("   ")}     V ${who.mind.value.toFixed(1)}`;
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.key in KEYS) {
      event.preventDefault();
      this.hold(KEYS[event.key]);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      this.start();
    } else if (event.key.toLowerCase() === "n") this.nudge(event.shiftKey ? -1 : 1);
  }

  /** @param {string} side */
  hold(side) {
    this.held.add(side);
    if (this.game && !this.running && this.you.steps === 0) this.start();
  }

  /** @param {number} way −1 or 1 */
  nudge(way) {
    if (!this.game || this.agent.over) return;
    const [index, strength] = this.environment.nudge;
    this.agent.state[index] += way * strength;
    this.paint();
  }

  showPads() {
    const { actions } = this.game;
    const sides = [
      ["left", actions[0]],
      ["right", actions[actions.length - 1]],
    ];
    this.pads.replaceChildren(
      ...sides.map(([side, label]) => {
        const pad = this.io.h("button", { type: "button", class: "pad-button" }, label);
        pad.addEventListener("pointerdown", (/** @type {Event} */ event) => {
          event.preventDefault();
          this.hold(side);
        });
        for (const kind of ["pointerup", "pointerleave", "pointercancel"]) {
          pad.addEventListener(kind, () => this.held.delete(side));
        }
        return pad;
      }),
    );
  }
}
