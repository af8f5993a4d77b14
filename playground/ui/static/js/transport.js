// The bar above the pictures: train, step, reset, speed; where the run is; its newest metrics; what went wrong.
import { challengeCount } from "./challenges.js";
import { h, setText } from "./dom.js";
import { clock, say, short } from "./sentences.js";
import { onState, stateOf } from "./tab_state.js";

/** @typedef {import("./tab_state.js").TabState} TabState */

/**
 * @typedef {object} MetricAbout
 * @property {string} name
 * @property {string} title
 * @property {string} unit
 * @property {string} explain
 */

/**
 * @param {import("./tab.js").TabIO} io
 * @param {() => void} startOrPause
 * @returns {HTMLElement}
 */
export function transportBar(io, startOrPause) {
  const { slug, about, act, knobs, settled } = io;
  const { budget, metrics } = about;
  /** @param {() => void} done */
  const afterSettling = (done) => () => settled.then(done);
  const speed = h("select", { class: "speed", "aria-label": say("speed") });
  speed.append(...about.speeds.map((name) => h("option", { value: name }, name)));
  speed.value = about.speed;
  speed.addEventListener("change", () => act("speed", { speed: speed.value }));
  const train = h("button", { type: "button", class: "train", onclick: afterSettling(startOrPause) }, say("train"));
  const step = h(
    "button",
    { type: "button", class: "step-button", onclick: afterSettling(() => act("step", { knobs: knobs() })) },
    say("step"),
  );
  const reset = h(
    "button",
    { type: "button", class: "reset", onclick: afterSettling(() => act("reset", { knobs: knobs() })) },
    say("reset"),
  );
  const progress = h("progress", { "aria-label": say("progress") });
  const at = h("span", { class: "step" }, h("b"), h("span"));
  const word = h("span", { class: "word", role: "status" });
  const hint = h("span", { class: "hint", hidden: true });
  const status = h("div", { class: "status", "data-concept": slug }, progress, at, word, hint);
  const complaint = h("p", { class: "complaint", role: "alert", hidden: true });
  const strip = h("div", { class: "metrics" });
  /** @type {Map<string, HTMLElement>} */
  const cells = new Map();

  /** @param {TabState} state */
  const show = (state) => {
    setText(train, say(state.state === "training" ? "pause" : "train"));
    Object.assign(progress, { max: state.budget, value: state.step });
    setText(at.firstChild, say("at_step", { step: state.step }));
    setText(at.lastChild, say("of_budget", { budget: state.budget }));
    setText(word, stateWords(state));
    status.dataset.state = state.state;
    if (state !== unsettled) status.dataset.settled = "";
    status.dataset.step = String(state.step);
    hint.hidden = state.restart.length === 0;
    setText(hint, say("needs_restart", { knobs: state.restart }));
    complaint.hidden = !state.complaint;
    if (state.speed) speed.value = state.speed;
    setText(complaint, state.complaint ? say(state.complaint.key, state.complaint.values) : "");
    showMetrics(strip, cells, metrics, state);
  };
  const unsettled = { ...EMPTY, budget };
  show(stateOf(slug) ?? unsettled);
  onState(slug, show);
  return h(
    "div",
    { class: "transport-bar" },
    h("div", { class: "transport" }, train, step, reset, speed, status, challengeCount(io)),
    complaint,
    strip,
  );
}

/** @type {TabState} */
const EMPTY = {
  run: 0,
  state: "ready",
  step: 0,
  budget: 1,
  rate: 0,
  error: "",
  moment: { step: 0, metrics: {} },
  captions: {},
  hidden: [],
  hidden_knobs: [],
  bounds: {},
  solved: [],
  restart: [],
  complaint: null,
  notes: [],
  shapes: {},
  diagram: null,
  speed: "",
};

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
