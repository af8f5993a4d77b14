// A card for every preset: what to expect, and a button that chooses it.
import { h } from "./dom.js";

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function presetCards({ about, act }) {
  const cards = about.presets.map(({ name, title, why }) =>
    h(
      "div",
      { class: "preset-card" },
      h("button", { type: "button", onclick: () => act("preset", { preset: name }) }, title),
      h("p", {}, why),
    ),
  );
  return h("div", { class: "preset-cards" }, ...cards);
}
