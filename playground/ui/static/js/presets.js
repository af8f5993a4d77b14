// A card for every preset: what to expect, and a button that chooses it.
import { h } from "./dom.js";
import { say } from "./sentences.js";

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function presetCards({ slug, about, runPreset }) {
  const cards = about.presets.map(({ name, title, why }) =>
    h(
      "div",
      { class: "preset-card" },
      h("button", { type: "button", onclick: () => runPreset(name) }, title),
      h("p", {}, why, " ", h("a", { href: `?tab=${slug}&preset=${name}` }, say("preset_link"))),
    ),
  );
  return h("div", { class: "preset-cards" }, ...cards);
}
