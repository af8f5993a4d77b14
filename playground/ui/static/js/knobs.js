// The column of knobs: where to start from, the usual knobs, and the advanced ones folded away.
import { subscribe } from "./bus.js";
import { field } from "./controls.js";
import { h } from "./dom.js";
import { newestOf } from "./media/newest.js";
import { say } from "./sentences.js";
import { onState } from "./tab_state.js";

const REST = 60; // milliseconds between two changes that are told while a slider moves
const PICTURE_REST = 50; // the same of a picture in which knobs are set, whose first change is told at once

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {{element: HTMLElement, values: () => Record<string, any>, are: (values: Record<string, any>) => boolean,
 *   set: (changes: Record<string, any>) => void}}
 */
export function knobColumn(io) {
  const { about, slug, act, runPreset } = io;
  let isToBeTold = false;
  const changed = () => {
    showPreset();
    if (isToBeTold) return;
    isToBeTold = true;
    setTimeout(() => {
      isToBeTold = false;
      tell();
    }, REST);
  };
  const tell = () => act("knobs", () => ({ knobs: values() }));
  const picture = newestOf(tell, PICTURE_REST);
  const fields = about.knobs.map((knob) => ({
    advanced: knob.advanced,
    isElsewhere: knob.kind === "none",
    ...field(knob, changed),
  }));
  const values = () => Object.fromEntries(fields.map(({ name, get }) => [name, get()]));
  const presets = h("select", { id: `${slug}-preset`, onchange: () => runPreset(presets.value) });
  const own = h("option", { value: "own", hidden: true }, say("own_preset"));
  presets.append(h("option", { value: "" }, say("default_preset")));
  presets.append(own, ...about.presets.map(({ name, title }) => h("option", { value: name }, title)));
  const usualValues = Object.fromEntries(about.knobs.map(({ name, value }) => [name, value]));
  const are = (/** @type {Record<string, any>} */ knobs) => {
    const now = values();
    return Object.keys(knobs).every((key) => knobs[key] === now[key]);
  };
  const showPreset = () => {
    const found = about.presets.find(({ knobs }) => are(knobs));
    presets.value = are(usualValues) ? "" : (found?.name ?? "own");
  };
  const usual = fields.filter((one) => !one.advanced).map((one) => one.element);
  const folded = fields.filter((one) => one.advanced).map((one) => one.element);
  const start = h("div", { class: "field" }, h("label", { for: `${slug}-preset` }, say("start_from")), presets);
  const more = h("details", { class: "more-knobs" }, h("summary", {}, say("more_knobs")), ...folded);
  subscribe(`${slug}/knobs`, (/** @type {Record<string, any>} */ knobs) => {
    for (const { name, set } of fields) set(knobs[name]);
    showPreset();
  });
  onState(slug, ({ hidden_knobs }) => {
    for (const one of fields) one.element.hidden = one.isElsewhere || hidden_knobs.includes(one.name);
  });
  const set = (/** @type {Record<string, any>} */ changes) => {
    for (const one of fields) if (one.name in changes) one.set(changes[one.name]);
    showPreset();
    picture.push(true);
  };
  const element = h("div", { class: "knobs" }, start, ...usual, ...(folded.length ? [more] : []));
  return { element, values, are, set };
}
