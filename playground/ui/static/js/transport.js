// The bar above the pictures: train, step, reset, undo, speed; where the run is; its newest metrics; what went wrong.
import { latest, subscribe } from "./bus.js";
import { challengeCount } from "./challenges.js";
import { h, setText } from "./dom.js";
import { clock, say, short } from "./sentences.js";
import { onState, refusedTopic, startingTopic, stateOf } from "./tab_state.js";

const JUST = 600; // milliseconds for which a button that has just changed its meaning ignores clicks

/** @import {MetricAbout, TabState} from "./protocol.d.ts" */

/**
 * @typedef {object} Offer what the one button offers as the run stands
 * @property {"play" | "pause" | "more"} kind of the event that it sends
 * @property {string} words
 * @property {number} steps by which a finished run is trained on
 * @property {string} barrier why it cannot be pressed, "" if it can
 */

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function transportBar(io) {
  const { slug, about, act, knobs } = io;
  const now = () => stateOf(slug) ?? { ...EMPTY, budget: about.budget };
  const isStarting = () => Boolean(latest(startingTopic(slug)));
  const speed = h("select", { class: "speed", "aria-label": say("speed") });
  speed.append(...about.speeds.map(({ name, title }) => h("option", { value: name }, title)));
  speed.value = about.speed;
  speed.addEventListener("change", () => act("speed", { speed: speed.value }));
  let resets = 0; // that are not answered yet: what comes after them is meant for the new run
  let doneAt = Number.NEGATIVE_INFINITY;
  const offered = () => offer(resets ? { ...now(), state: "ready" } : now());
  const press = () => {
    const { kind, steps } = offered();
    if (kind !== "pause" && isStarting()) return; // a second click while the first one is on its way
    if (kind === "more" && performance.now() - doneAt < JUST) return; // it was meant as a pause
    // The run and the knobs are those of the moment at which it is sent: the answers before it may still change them.
    if (kind === "play") act("play", () => ({ run: now().run, knobs: knobs() }));
    else if (kind === "more") act("more", { run: now().run, steps });
    else act("pause", { run: now().run });
  };
  const button = (
    /** @type {string} */ name,
    /** @type {() => void} */ onclick,
    /** @type {(Node | string)[]} */ ...words
  ) => h("button", { type: "button", class: name, onclick }, ...words);
  const train = button("train", press, say("train"));
  const step = button("step-button", () => act("step", () => ({ knobs: knobs() })), say("step"));
  const startOver = async () => {
    resets += 1;
    show();
    await act("reset", () => ({ knobs: knobs() }));
    resets -= 1;
    show();
  };
  const reset = button("reset", startOver, say("reset"));
  const undo = button("undo", () => act("undo"), "↶ ", h("span", {}, say("undo")));
  undo.hidden = true;
  undo.title = say("undo_about");
  const progress = h("progress", { "aria-label": say("progress") });
  const at = h("span", { class: "step" }, h("b"), h("span"));
  const word = h("span", { class: "word", role: "status" });
  const hint = h("span", { class: "hint", hidden: true });
  const status = h("div", { class: "status", "data-concept": slug }, progress, at, word, hint);
  const complaint = h("p", { class: "complaint", role: "alert", hidden: true });
  const frozen = h("p", { class: "frozen-arms", role: "status", hidden: true });
  const strip = h("div", { class: "metrics" });
  /** @type {Map<string, HTMLElement>} */
  const cells = new Map();

  const show = () => {
    const state = now();
    const { words, barrier } = offered();
    if (state.state === "done" && status.dataset.state === "training") doneAt = performance.now();
    setText(train, words);
    train.disabled = barrier !== "";
    train.title = barrier;
    undo.hidden = !state.can_undo;
    Object.assign(progress, { max: state.budget, value: state.step });
    setText(at.firstChild, say("at_step", { step: state.step }));
    setText(at.lastChild, say("of_budget", { budget: state.budget }));
    setText(word, isStarting() && state.state !== "training" ? say("starting") : stateWords(state));
    status.dataset.state = state.state;
    if (stateOf(slug)) status.dataset.settled = "";
    status.dataset.step = String(state.step);
    hint.hidden = state.restart.length === 0;
    setText(hint, say("needs_restart", { knobs: state.restart }));
    if (state.speed) speed.value = state.speed;
    const said = latest(refusedTopic(slug)) || (state.complaint && say(state.complaint.key, state.complaint.values));
    complaint.hidden = !said;
    setText(complaint, said || "");
    const arms = Object.values(state.frozen);
    frozen.hidden = arms.length === 0;
    const key = state.state === "stopped" ? "frozen_last" : "frozen";
    setText(frozen, arms.map((arm) => say(key, arm)).join(" "));
    showMetrics(strip, cells, about.metrics, state);
  };
  show();
  onState(slug, show);
  subscribe(startingTopic(slug), show);
  subscribe(refusedTopic(slug), show);
  return h(
    "div",
    { class: "transport-bar" },
    h("div", { class: "transport" }, train, step, reset, undo, speed, status, challengeCount(io)),
    complaint,
    frozen,
    strip,
  );
}

/** @type {TabState} */
const EMPTY = {
  run: 0,
  state: "ready",
  is_drawing: false,
  setting: "",
  step: 0,
  version: 0,
  budget: 1,
  rate: 0,
  error: "",
  frozen: {},
  moment: { step: 0, metrics: {} },
  captions: {},
  hidden: [],
  hidden_knobs: [],
  bounds: {},
  solved: [],
  can_undo: false,
  more: 0,
  restart: [],
  complaint: null,
  notes: [],
  shapes: {},
  diagram: null,
  speed: "",
};

/**
 * @param {TabState} state
 * @returns {Offer}
 */
export function offer({ state, restart, more, budget }) {
  /** @type {Offer} */
  const play = { kind: "play", words: say(restart.length ? "train_anew" : "train"), steps: 0, barrier: "" };
  if (state === "training") return { ...play, kind: "pause", words: say("pause") };
  if (state !== "done" || restart.length) return play;
  if (more > 0) return { ...play, kind: "more", words: say("train_more", { steps: more }), steps: more };
  return { ...play, barrier: say("steps_limit", { budget }) };
}

/**
 * How the run does, in words.
 * @param {TabState} state
 * @returns {string}
 */
export function stateWords(state) {
  if (state.state === "stopped") return state.error;
  if (state.state !== "training") return say(`state_${state.state}`);
  if (!state.rate) return say("starting");
  return say("training_rate", {
    rate: Math.round(state.rate),
    left: clock((state.budget - state.step) / state.rate),
  });
}

/**
 * Metrics of one moment: where some are measured on every step and some now and then, those of the last time that all
 * were, and the step of it.
 * @param {HTMLElement} strip
 * @param {Map<string, HTMLElement>} cells
 * @param {MetricAbout[]} metrics
 * @param {TabState} state
 */
function showMetrics(strip, cells, metrics, { moment, step }) {
  const values = moment.metrics;
  const when = cells.get("") ?? h("span", { class: "moment" });
  setText(when, moment.step && moment.step < step ? say("moment", { step: moment.step }) : "");
  const known = cells.size;
  cells.set("", when);
  for (const { name, title, unit, explain } of metrics) {
    if (!(name in values)) {
      cells.get(name)?.remove();
      cells.delete(name);
      continue;
    }
    const about = unit ? `${explain} [${unit}]` : explain;
    const made = () => h("span", { class: "metric", title: about, "data-metric": name }, `${title} `, h("b"));
    const cell = cells.get(name) ?? made();
    if (cell.lastElementChild) setText(cell.lastElementChild, short(values[name]));
    cells.set(name, cell);
  }
  if (cells.size !== known) {
    strip.replaceChildren(when, ...metrics.flatMap((metric) => cells.get(metric.name) ?? []));
  }
}
