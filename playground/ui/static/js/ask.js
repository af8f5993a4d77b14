// Questions to the live model: a strip of probes, each with its fields on the left and its answer on the right.

import { subscribe } from "./bus.js";
import { field } from "./controls.js";
import { h } from "./dom.js";
import { figureBox } from "./figure_box.js";
import { say } from "./sentences.js";
import { figureTopic } from "./tab_state.js";
import { tabStrip } from "./tab_strip.js";

/**
 * @typedef {object} ProbeAbout
 * @property {string} name
 * @property {string} title
 * @property {string} button
 * @property {boolean} clicked whether a click in a view asks it
 * @property {import("./controls.js").Control[]} fields
 * @property {import("./figure_box.js").BoxOptions} box
 */

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function askPanel(io) {
  const probes = io.about.probes.map((probe) => ({ title: probe.title, content: () => probePanel(probe, io) }));
  const strip = tabStrip(say("probes"), probes);
  strip.className = "probes";
  return strip;
}

/**
 * @param {ProbeAbout} probe
 * @param {import("./tab.js").TabIO} io
 */
function probePanel({ name, fields, button, box }, io) {
  // While an answer is on its way a newer question waits; of several that wait only the newest is asked.
  let isWaiting = false;
  let isStale = false;
  const ask = () => {
    isStale = isWaiting;
    if (isWaiting) return;
    isWaiting = true;
    io.act("ask", { probe: name, question: Object.fromEntries(made.map(({ name: key, get }) => [key, get()])) });
  };
  const made = fields.map((one) => field(one, ask));
  subscribe(figureTopic(io.slug, box.name), (/** @type {any} */ answer) => {
    isWaiting = false;
    for (const { name: key, set } of made) if (key in (answer.question ?? {})) set(answer.question[key]);
    if (isStale) ask();
  });
  const asker = h("button", { type: "button", class: "ask", onclick: ask }, button);
  const question = h("div", { class: "question" }, ...made.map((one) => one.element), asker);
  return h("div", { class: "probe" }, question, figureBox(box, io));
}
