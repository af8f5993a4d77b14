// The frame around a figure: title, caption, age; what shows the figure is a medium, a module of its own.
import { subscribe } from "./bus.js";
import { h, setText } from "./dom.js";
import { mediumIO, until } from "./medium_io.js";
import { say } from "./sentences.js";
import { figureTopic, onState, stateOf } from "./tab_state.js";

const GONE = -1; // run of a figure whose run the server no longer has
const LATE = 1500; // milliseconds after which a figure of a model that has trained on says of which step it is

/** @typedef {import("./tab_state.js").ShownFigure} ShownFigure */

/** @typedef {import("./protocol.d.ts").BoxOptions} BoxOptions */

/** @type {WeakMap<HTMLElement, AbortController>} */
const ends = new WeakMap();

/**
 * Ends a box that is no longer shown: its subscriptions, its medium, and all that the medium has started.
 * @param {HTMLElement} box as `figureBox` made it
 */
export function unmountBox(box) {
  ends.get(box)?.abort();
}

/**
 * @param {BoxOptions} options
 * @param {import("./tab.js").TabIO} tab
 * @returns {HTMLElement} a <figure>, which fills as figures come, until `unmountBox`
 */
export function figureBox(options, tab) {
  const parts = partsOf(options);
  const end = new AbortController();
  ends.set(parts.frame, end);
  const showsInstead = follow(options, parts, tab, end.signal);
  const { frame, failure } = parts;
  const fails = (/** @type {string} */ sentence, /** @type {unknown} */ error) => {
    if (error) console.error(`${options.slug}: ${options.name} failed.`, error);
    failure.hidden = !sentence;
    setText(failure, sentence);
  };
  const io = mediumIO({ options, frame, tab, signal: end.signal, showsInstead, fails });
  mountMedium(options.medium, parts.body, io).catch((error) => fails(say("medium_missing"), error));
  return frame;
}

/**
 * @param {string} address of the medium's module
 * @param {HTMLElement} body
 * @param {import("./medium_io.js").MediumIO} io
 */
async function mountMedium(address, body, io) {
  const medium = await import(new URL(address, document.baseURI).href);
  if (io.signal.aborted) return;
  const unmount = await medium.mount(body, io);
  if (typeof unmount !== "function") return;
  if (io.signal.aborted) unmount();
  else until(io.signal, () => unmount);
}

/**
 * @typedef {object} Parts the elements of a box
 * @property {HTMLElement} frame the whole box
 * @property {HTMLElement} age says of which model the figure is
 * @property {HTMLElement} refusal says why there is no answer
 * @property {HTMLElement} failure says that the medium failed
 * @property {HTMLElement} body the medium's
 * @property {HTMLElement} words the caption
 */

/**
 * @param {BoxOptions} options
 * @returns {Parts}
 */
function partsOf({ slug, name, title, caption, clicks, place }) {
  const age = h("span", { class: "age", hidden: true });
  const refusal = h("p", { class: "complaint", role: "alert", hidden: true });
  const failure = h("p", { class: "complaint medium-failed", role: "alert", hidden: true });
  const body = h("div", { class: "plot", role: "group", "aria-label": `${title}: ${caption}` });
  const words = h("p", { class: "caption" }, caption);
  const frame = h(
    "figure",
    { class: `figure-box place-${place}`, "data-concept": slug, "data-view": name, "data-clicks": String(clicks) },
    h("figcaption", {}, h("span", { class: "title" }, title), age),
    refusal,
    failure,
    body,
    h("p", { class: "empty" }, say(place === "answer" ? "empty_answer" : "empty_view")),
    words,
  );
  if (place === "inset") {
    const close = h("button", { type: "button", class: "close", "aria-label": say("close", { title }) }, "×");
    close.addEventListener("click", () => frame.classList.add("closed"));
    frame.querySelector("figcaption").append(close);
  }
  return { frame, age, refusal, failure, body, words };
}

/**
 * Keeps what stands around the medium up to date: the age, a refusal, the caption, whether the box applies to the model.
 * @param {BoxOptions} options
 * @param {Parts} parts
 * @param {import("./tab.js").TabIO} tab
 * @param {AbortSignal} signal
 * @returns {(answer: ShownFigure | null) => void} is told of an answer that the medium shows in its figure's place
 */
function follow({ slug, name, caption, place, probe }, { frame, age, refusal, words }, tab, signal) {
  const isAnswer = place === "inset" || place === "answer";
  /** @type {Shows & Belongs & {isOver: boolean}} isOver: a new run has begun since */
  const shows = { step: 0, version: 0, run: 0, at: 0, isPreTrained: false, isOver: false };
  /** @type {Belongs} */
  let refused = { run: 0 };
  /** @type {Shows | null} an answer in its place */
  let instead = null;
  const tellAge = () => showAge(frame, age, instead ?? shows, isAnswer, tab);
  // What belongs to another run than the one that is there now goes, until this one has its own; what belongs to another
  // setting goes until that one is chosen again.
  const clear = () => {
    const state = stateOf(slug);
    if (!state) return;
    if ((isAnswer || !shows.isPreTrained) && isOfAnotherRun(shows, state)) shows.isOver = true;
    frame.classList.toggle("cleared", shows.isOver || isOfAnotherSetting(shows, state));
    if (isOfAnotherRun(refused, state) || isOfAnotherSetting(refused, state)) refusal.hidden = true;
    if (!state.run && shows.run) shows.run = GONE; // after a restart the server may number its runs from 1 again
  };
  const take = (/** @type {ShownFigure} */ shown) => {
    const { step, version = 0, run = 0, setting, pre_trained = false } = shown;
    frame.classList.remove("closed");
    refusal.hidden = !shown.error;
    setText(refusal, shown.error ?? "");
    refused = { run, setting };
    if (!shown.figure) return;
    const of = { step, version, run, setting, isPreTrained: pre_trained };
    Object.assign(shows, of, { at: performance.now(), isOver: false });
    clear();
    tellAge();
  };
  const takeState = (/** @type {import("./tab_state.js").TabState} */ state) => {
    clear();
    frame.hidden = state.hidden.includes(probe || name);
    setText(words, state.captions[name] ?? caption);
    tellAge();
  };
  until(signal, () => subscribe(figureTopic(slug, name), take));
  until(signal, () => onState(slug, takeState));
  until(signal, () => subscribe(`${slug}/knobs`, tellAge));
  return (answer) => {
    instead = answer && {
      step: answer.step,
      version: answer.version ?? 0,
      isPreTrained: answer.pre_trained ?? false,
      at: performance.now(),
    };
    tellAge();
  };
}

/**
 * @typedef {object} Belongs to which run and setting something belongs
 * @property {number} run 0: to none
 * @property {string} [setting] undefined: to any
 */

/** @typedef {import("./tab_state.js").TabState} TabState */

/**
 * @param {Belongs} what
 * @param {TabState} state
 */
const isOfAnotherRun = ({ run }, state) => state.run !== 0 && run !== state.run;

/**
 * @param {Belongs} what
 * @param {TabState} state
 */
const isOfAnotherSetting = ({ setting }, state) => setting !== undefined && setting !== state.setting;

/**
 * @typedef {object} Shows which model a figure is of, and since when it stands there
 * @property {number} step
 * @property {number} version
 * @property {boolean} isPreTrained
 * @property {number} at
 */

/**
 * Says of which model a figure is, where it is not the one of this moment; an answer of an older one is greyed.
 * @param {HTMLElement} frame
 * @param {HTMLElement} age
 * @param {Shows} shows
 * @param {boolean} isAnswer
 * @param {import("./tab.js").TabIO} tab
 */
function showAge(frame, age, shows, isAnswer, tab) {
  const state = stateOf(tab.slug);
  const isOfStep = shows.step === state?.step;
  const isOld = state !== undefined && !shows.isPreTrained && !(isOfStep && shows.version === state.version);
  const isLate = isOld && (state.state !== "training" || performance.now() - shows.at > LATE);
  const isEmpty = !shows.at || frame.classList.contains("cleared");
  age.hidden = isEmpty || (!shows.isPreTrained && !isLate);
  if (shows.isPreTrained) setText(age, say(preTrainedKey(tab)));
  else if (isLate) setText(age, isOfStep ? say("before_knob") : say("of_step", { step: shows.step }));
  frame.classList.toggle("stale", isAnswer && isLate);
}

/**
 * The sentence for a picture of a pre-trained model; where the knobs differ from the model's it says so.
 * @param {import("./tab.js").TabIO} tab
 */
function preTrainedKey(tab) {
  if (tab.arePreTrained()) return "pre_trained";
  return stateOf(tab.slug)?.setting ? "pre_trained_other" : "pre_trained_default";
}
