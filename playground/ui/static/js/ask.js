// The panel of questions to the live model: a strip of probes, each with its fields on the left and its answer on the right.

import { subscribe } from "./bus.js";
import { field } from "./controls.js";
import { h } from "./dom.js";
import { figureBox } from "./figure_box.js";
import { changesTopic } from "./questions.js";
import { say } from "./sentences.js";
import { figureTopic, onState } from "./tab_state.js";
import { tabStrip } from "./tab_strip.js";

/**
 * @param {import("./tab.js").TabIO} io
 * @param {import("./questions.js").Questions} questions
 * @returns {HTMLElement}
 */
export function askPanel(io, questions) {
  const probes = io.about.probes.map((probe) => ({
    name: probe.name,
    title: probe.title,
    content: () => probePanel(probe, io, questions),
  }));
  const { element, offer } = tabStrip(say("probes"), probes);
  const names = io.about.probes.map(({ name }) => name);
  onState(io.slug, ({ hidden }) => offer(names.filter((name) => !hidden.includes(name))));
  element.className = "probes";
  return element;
}

/**
 * @param {import("./protocol.d.ts").ProbeAbout} probe
 * @param {import("./tab.js").TabIO} io
 * @param {import("./questions.js").Questions} questions
 */
function probePanel({ name, fields, button, box }, io, questions) {
  const ask = () => {
    const question = Object.fromEntries(made.map(({ name: key, get }) => [key, get()]));
    questions.ask(name, { question, clicked: false });
  };
  const made = fields.map((one) => field(one, ask));
  const answer = figureBox(box, io);
  questions.watch(name, answer);
  const follow = (/** @type {Record<string, any>} */ question) => {
    for (const { name: key, set } of made) if (key in question) set(question[key]);
  };
  subscribe(figureTopic(io.slug, box.name), ({ question = {} }) => follow(question));
  subscribe(changesTopic(io.slug, name), follow);
  onState(io.slug, ({ bounds }) => {
    for (const { name: key, bound } of made) if (bounds[name]?.[key]) bound?.(...bounds[name][key]);
  });
  const asker = h("button", { type: "button", class: "ask", onclick: ask }, button);
  const controls = h("div", { class: "question" }, ...made.map((one) => one.element), asker);
  return h("div", { class: "probe" }, controls, answer);
}
