// Symbols that formulas, code and figures share: pointing at one lights up the others.
import { setText } from "./dom.js";

/** @import {SymbolAbout} from "./protocol.d.ts" */

/**
 * @param {Element} root the tab
 * @param {string[]} names of symbols; none puts all lights out
 * @param {Record<string, SymbolAbout>} symbols
 */
export function light(root, names, symbols) {
  for (const old of root.querySelectorAll(".lit")) old.classList.remove("lit");
  for (const name of names) {
    const views = (symbols[name]?.views ?? []).map((view) => `.figure-box[data-view="${view}"]`);
    const lit = [`[data-symbol="${name}"]`, `.line[data-symbols~="${name}"]`, ...views];
    for (const element of root.querySelectorAll(lit.join())) element.classList.add("lit");
  }
  const words = names
    .filter((name) => name in symbols)
    .map((name) => `${symbols[name].glyph}: ${symbols[name].meaning}`);
  const said = root.querySelector(".symbol-words");
  if (said) setText(said, words.join(" · "));
}

/**
 * @param {Element} element
 * @returns {Element} the tab that it stands in
 */
export const tabOf = (element) => element.closest(".tab-panel") ?? document.body;

/**
 * Lets the symbols in a lesson's formulas light up what they stand for.
 * @param {HTMLElement} text
 * @param {Record<string, SymbolAbout>} symbols
 */
export function lightsUp(text, symbols) {
  text.addEventListener("pointerover", (event) => {
    const glyph = /** @type {Element} */ (event.target).closest("[data-symbol]");
    const name = glyph?.getAttribute("data-symbol");
    light(tabOf(text), name ? [name] : [], symbols);
  });
}
