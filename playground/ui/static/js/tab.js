// One tab: built from its declaration on the first visit; messages of the server come in, what the visitor does goes out.
import { askPanel } from "./ask.js";
import { latest, publish, subscribe } from "./bus.js";
import { challengeList } from "./challenges.js";
import { connect } from "./connection.js";
import { h } from "./dom.js";
import { figureBox } from "./figure_box.js";
import { greeting } from "./front.js";
import { Inbox } from "./inbox.js";
import { knobColumn } from "./knobs.js";
import { lessonPanel } from "./lesson.js";
import { logList } from "./log.js";
import { fetchJSON } from "./page_data.js";
import { showPreTrained } from "./pre_trained.js";
import { presetCards } from "./presets.js";
import { Questions } from "./questions.js";
import { say } from "./sentences.js";
import { stepStrip } from "./step_strip.js";
import { actedTopic, onState, refusedTopic, startingTopic, stateOf } from "./tab_state.js";
import { tabStrip } from "./tab_strip.js";
import { transportBar } from "./transport.js";
import { Visibility } from "./visibility.js";

/** @import {Kind, Said} from "./outbox.js" */
/** @import {About, BoxOptions} from "./protocol.d.ts" */

/**
 * @typedef {object} TabIO what the parts of a tab get
 * @property {string} slug
 * @property {About} about
 * @property {<K extends Kind>(kind: K, ...said: Said<K>) => Promise<boolean>} act tells the server what the visitor did;
 *   fulfilled when it was answered: whether the server accepted it
 * @property {(view: string, x: number, y: number) => void} click asks the probe that is about a place in a view
 * @property {(probe: string, changes: Record<string, any>) => void} askAgain
 * @property {(probe: string, box: HTMLElement) => void} watch says that a box shows a probe's answers
 * @property {(probe: string, box: HTMLElement) => void} unwatch
 * @property {() => Record<string, any>} knobs their values now
 * @property {(changes: Record<string, any>) => void} setKnobs
 * @property {(name: string) => void} openBelow opens the tab of that name under the pictures
 * @property {(preset: string) => void} runPreset begins a run with its knobs, "" for the default ones
 * @property {() => boolean} arePreTrained whether they are those of the pre-trained model of the tab's setting
 */

/** Kinds that begin to train: until they are answered the bar says that the run is starting. */
const STARTS = /** @type {Kind[]} */ (["play", "more", "preset"]);
/** Kinds that the page may send by itself: a complaint on the page outlasts them. */
const UNASKED = /** @type {Kind[]} */ (["look", "ask", "continue"]);

/**
 * @param {HTMLElement} element
 * @param {{props: {slug: string}}} io what Gradio gives to the script of an HTML component
 */
export async function mount(element, { props: { slug } }) {
  const panel = h("div", { role: "tabpanel", id: `tab-${slug}`, class: "tab-panel" });
  element.replaceChildren(panel);
  await inFront(slug, panel);
  try {
    await build(slug, panel, await fetchJSON(`about/${slug}.json`));
  } catch (error) {
    console.error(`The tab ${slug} failed.`, error);
    panel.append(h("p", { class: "complaint", role: "alert" }, say("tab_failed")));
  }
}

/**
 * @param {string} slug
 * @param {HTMLElement} panel
 * @param {About} about
 */
async function build(slug, panel, about) {
  const inbox = new Inbox(slug);
  let isRunLost = false;
  const take = (/** @type {import("./protocol.d.ts").Message} */ message) => {
    const before = stateOf(slug)?.run;
    inbox.take(message);
    isRunLost = !stateOf(slug)?.run && (isRunLost || Boolean(before));
  };
  const greetedAgain = () => {
    wire.send(slug, "knobs", () => ({ knobs: io.knobs() }));
    if (isRunLost) publish(refusedTopic(slug), say("page_gone"));
  };
  const wire = connect(slug, { take, greetedAgain });
  /** @type {TabIO["act"]} */
  const act = (kind, ...said) => {
    publish(actedTopic(slug), kind);
    if (!UNASKED.includes(kind)) publish(refusedTopic(slug), "");
    return answered(slug, kind, wire.send(slug, kind, ...said));
  };
  /** @type {TabIO} */
  const io = {
    slug,
    about,
    act,
    knobs: () => knobs.values(),
    click: (view, x, y) => questions.click(view, x, y),
    openBelow: (name) => publish(`${slug}/open-below`, name),
    runPreset: (preset) => {
      panel.scrollIntoView({ block: "start" });
      act("preset", { preset });
    },
    setKnobs: (changes) => knobs.set(changes),
    askAgain: (probe, changes) => questions.askAgain(probe, changes),
    watch: (probe, box) => questions.watch(probe, box),
    unwatch: (probe, box) => questions.unwatch(probe, box),
    arePreTrained: () => knobs.are(about.pre_trained[stateOf(slug)?.setting ?? ""]?.knobs ?? {}),
  };
  const knobs = knobColumn(io);
  subscribe(`${slug}/run-now`, () => act("play", () => ({ run: stateOf(slug)?.run ?? 0, knobs: io.knobs() })));
  const stage = h("div", { class: "stage" }, transportBar(io), stepStrip(io), knobsToggle(knobs.element));
  panel.replaceChildren(h("div", { class: "workbench" }, knobs.element, stage));
  greeting(slug).then((greeted) => wire.hello(slug, greeted));
  await new Promise(requestAnimationFrame); // what can be clicked is shown before what takes longer
  const visibility = new Visibility(io);
  const questions = new Questions(io);
  stage.append(board(io, visibility, questions));
  panel.append(below(io, visibility, questions));
  closeByEscape(panel);
  visibility.watchTab(panel);
  showPreTrained(about);
}

/**
 * Tells the bar what it has to say while an event is on its way.
 * @param {string} slug
 * @param {Kind} kind
 * @param {Promise<boolean>} answer
 */
async function answered(slug, kind, answer) {
  if (!STARTS.includes(kind)) return answer;
  publish(startingTopic(slug), (latest(startingTopic(slug)) ?? 0) + 1);
  const isAccepted = await answer;
  publish(startingTopic(slug), latest(startingTopic(slug)) - 1);
  return isAccepted;
}

/**
 * On a phone the knobs open over the pictures, so that one sees them act.
 * @param {HTMLElement} knobs
 * @returns {HTMLElement} a button
 */
function knobsToggle(knobs) {
  const toggle = () => {
    const isOpen = knobs.classList.toggle("open");
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = say(isOpen ? "knobs_close" : "knobs_open");
  };
  const button = h(
    "button",
    { type: "button", class: "knobs-toggle", "aria-expanded": "false", onclick: toggle },
    say("knobs_open"),
  );
  return button;
}

/**
 * Escape closes the newest of the answers that lie over the pictures.
 * @param {HTMLElement} panel
 */
function closeByEscape(panel) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.classList.contains("in-front")) return;
    const open = [...panel.querySelectorAll(".place-inset.drawn:not(.closed, .cleared, [hidden])")];
    /** @type {HTMLElement | null | undefined} */ (open.at(-1)?.querySelector("button.close"))?.click();
  });
}

/**
 * Shows a tab while it is in front.
 * @param {string} slug
 * @param {Element} panel
 * @returns {Promise<void>} fulfilled when it is shown for the first time
 */
function inFront(slug, panel) {
  return new Promise((resolve) => {
    subscribe("front", (front) => {
      panel.classList.toggle("in-front", front === slug);
      if (front === slug) resolve();
    });
  });
}

/**
 * The figures in sight, and over them the answers to clicks.
 * @param {TabIO} io
 * @param {Visibility} visibility
 * @param {Questions} questions
 */
function board(io, visibility, questions) {
  const { views, probes } = io.about;
  const shown = views.filter((view) => view.place !== "more").map((view) => viewBox(view, io, visibility));
  const clicked = probes.filter((probe) => probe.clicks.length);
  const insets = clicked.map(({ name, box }) => {
    const inset = figureBox({ ...box, name: `inset-${name}`, place: "inset" }, io);
    questions.watch(name, inset);
    return inset;
  });
  return h("div", { class: "boxes-board" }, ...shown, ...insets);
}

/**
 * @param {BoxOptions} options
 * @param {TabIO} io
 * @param {Visibility} visibility
 */
function viewBox(options, io, visibility) {
  const box = figureBox(options, io);
  visibility.watchView(options.name, box);
  return box;
}

/**
 * @param {{name: string, of?: {name: string}[]}[]} tabs each with the probes or views that are in it
 * @param {string[]} hidden names of probes and views that the model at hand does not have
 * @returns {string[]} names of the tabs that are not empty
 */
export function offered(tabs, hidden) {
  return tabs.filter(({ of }) => !of || of.some(({ name }) => !hidden.includes(name))).map(({ name }) => name);
}

/**
 * The strip of tabs under the figures.
 * @param {TabIO} io
 * @param {Visibility} visibility
 * @param {Questions} questions
 */
function below(io, visibility, questions) {
  const { slug, about } = io;
  const more = about.views.filter((view) => view.place === "more");
  const moreBoxes = () => h("div", { class: "boxes-more" }, ...more.map((view) => viewBox(view, io, visibility)));
  const columns = () => h("div", { class: "two-columns" }, presetCards(io), challengeList(io));
  const tabs = [
    { name: "lesson", title: say("tab_lesson"), content: () => lessonPanel(slug) },
    { name: "ask", title: say("tab_ask"), content: () => askPanel(io, questions), of: about.probes },
    { name: "more", title: say("tab_more"), content: moreBoxes, of: more },
    { name: "presets", title: say("tab_presets"), content: columns },
    { name: "log", title: say("tab_log"), content: () => logList(io) },
  ];
  const { element, open, offer } = tabStrip(say("below"), tabs);
  onState(slug, ({ hidden }) => offer(offered(tabs, hidden)));
  subscribe(`${slug}/open-below`, (name) => {
    open(name);
    element.scrollIntoView({ behavior: "smooth" });
  });
  return element;
}
