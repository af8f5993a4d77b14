// Controls for the fields of a declaration (a config's knobs, a probe's question): native inputs, help as a tooltip.
import { h } from "./dom.js";
import { drawPad } from "./draw_pad.js";
import { say } from "./sentences.js";
import { soundPicker } from "./sound_picker.js";
import { thumbnailPicker } from "./thumbnails.js";
import { tooltip } from "./tooltip.js";

/** @import {Control} from "./protocol.d.ts" */

/**
 * @typedef {object} Field a control on the page
 * @property {string} name
 * @property {HTMLElement} element
 * @property {() => any} get a text that is no number stays a text: the server says what is wrong with it
 * @property {(value: any) => void} set
 * @property {(low: number, high: number) => void} [bound] narrows what can be chosen
 */

const FEW = 3; // so many choices stand side by side
let count = 0;

/**
 * @param {Control} about
 * @param {() => void} changed called after the visitor changed it
 * @returns {Field}
 */
export function field(about, changed) {
  const id = `field-${count++}`;
  const { name } = about;
  const make = /** @type {Maker<any>} */ (MAKERS[about.kind]);
  const { element, get, set, bound } = make(about, id, changed);
  const mark = about.live ? h("span", { class: "live" }, say("live")) : "";
  const symbol = about.symbol ? h("i", {}, about.symbol) : "";
  const label = h("label", { for: id, id: `${id}-label` }, about.label, symbol, mark);
  const help = h("span", { class: "for-screen-readers", id: `${id}-help` }, about.help);
  const row = h("div", { class: `field ${about.kind}`, "data-field": name }, label, element, help);
  for (const input of row.querySelectorAll("input, select, textarea, canvas"))
    input.setAttribute("aria-describedby", `${id}-help`);
  row.hidden = about.kind === "none";
  tooltip(row, about.help);
  set(about.value);
  return { name, element: row, get, set, bound };
}

/**
 * @template {Control["kind"]} K
 * @typedef {(about: Extract<Control, {kind: K}>, id: string, changed: () => void) => Omit<Field, "name">} Maker of the controls
 *   of a kind
 */

/** @param {string} text */
export const numberOr = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

/** @type {Maker<"choice">} */
function choice({ choices }, id, changed) {
  if (choices.length > FEW) {
    const box = h(
      "select",
      { id, onchange: changed },
      ...choices.map(({ value, title }) => h("option", { value }, title)),
    );
    return {
      element: box,
      get: () => box.value,
      set: (value) => {
        box.value = value;
      },
    };
  }
  const radios = choices.map(({ value }) => h("input", { type: "radio", name: id, value, onchange: changed }));
  const element = h("div", { class: "radios", role: "radiogroup", id, "aria-labelledby": `${id}-label` });
  element.append(...radios.map((radio, i) => h("label", {}, radio, choices[i].title)));
  return {
    element,
    get: () => radios.find((radio) => radio.checked)?.value,
    set: (value) => {
      for (const radio of radios) radio.checked = radio.value === value;
    },
  };
}

/** @type {Maker<"switch">} */
function toggle(_, id, changed) {
  const box = h("input", { type: "checkbox", id, role: "switch", onchange: changed });
  return {
    element: box,
    get: () => box.checked,
    set: (value) => {
      box.checked = Boolean(value);
    },
  };
}

/** @type {Maker<"slider">} */
function slider({ low, high, step, label }, id, changed) {
  const bounds = { min: low, max: high, step };
  const range = h("input", { type: "range", id, ...bounds, "aria-label": label });
  const exact = h("input", { type: "number", ...bounds, "aria-label": label });
  range.addEventListener("input", () => {
    exact.value = range.value;
    changed();
  });
  exact.addEventListener("change", () => {
    range.value = exact.value;
    changed();
  });
  return {
    element: h("div", { class: "slider-row" }, range, exact),
    get: () => numberOr(exact.value),
    set: (value) => {
      range.value = String(value);
      exact.value = String(value);
    },
    bound: (least, most) => {
      for (const box of [range, exact]) Object.assign(box, { min: String(least), max: String(most) });
      if (Number(exact.value) > most || Number(exact.value) < least) exact.value = range.value;
    },
  };
}

/** @type {Maker<"number">} */
function number({ low, high, step }, id, changed) {
  const box = h("input", { type: "number", id, min: low, max: high, step, onchange: changed });
  return {
    element: box,
    get: () => numberOr(box.value),
    set: (value) => {
      box.value = String(value);
    },
  };
}

/** @type {Maker<"ladder">} Round values to pick from, or any other to type. */
function ladder({ rungs }, id, changed) {
  const box = h("input", { type: "text", inputmode: "decimal", list: `${id}-rungs`, id, onchange: changed });
  const climb = (/** @type {number} */ by) => {
    const now = Number(box.value);
    const next = by > 0 ? rungs.find((rung) => rung > now) : rungs.findLast((rung) => rung < now);
    if (next === undefined) return;
    box.value = String(next);
    changed();
  };
  const button = (/** @type {number} */ by, /** @type {string} */ mark) =>
    h("button", { type: "button", "aria-label": say(by > 0 ? "more" : "less"), onclick: () => climb(by) }, mark);
  const element = h("div", { class: "ladder-row" }, button(-1, "−"), box, button(1, "+"));
  return {
    element,
    get: () => numberOr(box.value),
    set: (value) => {
      box.value = String(value);
    },
  };
}

/** @type {Maker<"text">} */
function text({ longest }, id, changed) {
  // A text longer than allowed is refused with a sentence, not cut off: the field takes a little more.
  const box = h("input", {
    type: "text",
    id,
    maxlength: longest && longest + 100,
    onchange: changed,
    spellcheck: "false",
  });
  return {
    element: box,
    get: () => box.value,
    set: (value) => {
      box.value = String(value);
    },
  };
}

/**
 * A file's data URL, from a part of the page that makes or takes one.
 * @param {(chosen: (url: string) => void) => {element: HTMLElement, clear: () => void}} picker
 * @param {() => void} changed
 * @returns {Omit<Field, "name">}
 */
function fromPicker(picker, changed) {
  let url = "";
  const { element, clear } = picker((chosen) => {
    url = chosen;
    changed();
  });
  return { element, get: () => url, set: (value) => value || clear() };
}

/** @type {Maker<"drawing">} */
const drawing = ({ words }, id, changed) => fromPicker((chosen) => drawPad(id, words, chosen), changed);

/** @type {Maker<"sound">} */
const sound = (_, id, changed) => fromPicker((chosen) => soundPicker(id, chosen), changed);

/** @type {Maker<"thumbnails">} */
const pictures = (about, id, changed) => thumbnailPicker(id, about, changed);

/** @type {Maker<"none">} A value that is set elsewhere. */
function none() {
  /** @type {any} */
  let held;
  return {
    element: h("span"),
    get: () => held,
    set: (value) => {
      held = value;
    },
  };
}

/** @type {{[K in Control["kind"]]: Maker<K>}} */
const MAKERS = {
  choice,
  ladder,
  slider,
  number,
  switch: toggle,
  text,
  drawing,
  sound,
  thumbnails: pictures,
  none,
};
