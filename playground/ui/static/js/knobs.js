// The column of knobs: where to start from, the usual knobs, and the advanced ones folded away.
import { subscribe } from "./bus.js";
import { field } from "./controls.js";
import { h } from "./dom.js";
import { say } from "./sentences.js";

const REST = 60; // milliseconds between two changes that are told while a slider moves

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {{element: HTMLElement, values: () => Record<string, any>}}
 */
export function knobColumn(io) {
  const { about, slug, act } = io;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => act("knobs", { knobs: values() }), REST);
  };
  const fields = about.knobs.map((knob) => ({ advanced: knob.advanced, ...field(knob, changed) }));
  const values = () => Object.fromEntries(fields.map(({ name, get }) => [name, get()]));
  const presets = h("select", { id: `${slug}-preset`, onchange: () => act("preset", { preset: presets.value }) });
  presets.append(h("option", { value: "" }, say("default_preset")));
  presets.append(...about.presets.map(({ name, title }) => h("option", { value: name }, title)));
  const usual = fields.filter((one) => !one.advanced).map((one) => one.element);
  const folded = fields.filter((one) => one.advanced).map((one) => one.element);
  const start = h("div", { class: "field" }, h("label", { for: `${slug}-preset` }, say("start_from")), presets);
  const more = h("details", { class: "more-knobs" }, h("summary", {}, say("more_knobs")), ...folded);
  subscribe(`${slug}/knobs`, (/** @type {Record<string, any>} */ knobs) => {
    for (const { name, set } of fields) set(knobs[name]);
  });
  return { element: h("div", { class: "knobs" }, start, ...usual, ...(folded.length ? [more] : [])), values };
}
