// One network as a column of blocks, the input below and the loss above: a button for each block, and what is said of the
// whole network above them; and the legend of both columns.
import { legendOf, place, shade } from "./column_drawing.js";

/** @typedef {import("./column_drawing.js").Arm} Arm */
/** @typedef {"gradients" | "activations"} Kind */

const LEGEND_LINE = 20; // pixels that a number of the legend takes

export class Stack {
  /**
   * @param {Arm} arm
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(arm, { h, say }) {
    this.name = arm.name;
    this.blocks = arm.gradients.now.map((_, i) =>
      h("button", {
        type: "button",
        class: "block",
        "data-block": i + 1,
        tabindex: i ? -1 : 0,
        "aria-pressed": "false",
        "aria-label": say("cut_block", { block: i + 1, arm: arm.title }),
      }),
    );
    this.frozen = h("span", { class: "frozen", hidden: true });
    this.accuracy = h("p", { class: "accuracy" });
    const name = h("span", { class: "name" }, arm.title);
    const stack = h("div", { class: "stack", role: "group", "aria-label": arm.title }, ...this.blocks);
    this.element = h(
      "div",
      { class: `column ${arm.name}${arm.hasShortcut ? " with-shortcuts" : ""}`, "data-arm": arm.name },
      h("div", { class: "head" }, h("p", { class: "names" }, name, this.frozen), this.accuracy),
      h("span", { class: "way" }, say("way_loss")),
      stack,
      h("span", { class: "way" }, say("way_input")),
    );
  }

  /**
   * @param {Arm} arm
   * @param {Kind} kind
   * @param {import("./column_drawing.js").Decades} decades
   * @param {[number, string][]} stops of the colour scale
   */
  paint(arm, kind, decades, stops) {
    const { start, now } = arm[kind];
    for (const [i, block] of this.blocks.entries()) {
      paint(block, "now", now[i], decades, stops);
      paint(block, "start", start[i], decades, stops);
    }
  }

  /** @param {number[]} cut numbers of the blocks that are struck through */
  strike(cut) {
    for (const [i, block] of this.blocks.entries()) set(block, "aria-pressed", String(cut.includes(i + 1)));
  }

  /** @param {number} block is the one to which the tab key leads */
  enter(block) {
    for (const [i, one] of this.blocks.entries()) set(one, "tabindex", i + 1 === block ? "0" : "-1");
  }
}

/**
 * @param {HTMLElement} block
 * @param {"now" | "start"} part
 * @param {number | null} norm
 * @param {import("./column_drawing.js").Decades} decades
 * @param {[number, string][]} stops
 */
function paint(block, part, norm, decades, stops) {
  const at = place(norm, decades);
  block.classList.toggle(`${part}-is-not-finite`, norm === null);
  block.classList.toggle(`${part}-is-zero`, norm === 0);
  const colour = at === null ? "transparent" : shade(stops, at);
  if (block.style.getPropertyValue(`--${part}`) !== colour) block.style.setProperty(`--${part}`, colour);
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} value
 */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * @param {Kind} kind
 * @param {import("./column_drawing.js").Decades} decades
 * @param {number} height in pixels
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 * @returns {HTMLElement[]} which norm the shades are of, which end of the scale is which, its numbers
 */
export function legendParts(kind, decades, height, { h, say }) {
  const numbers = legendOf(decades, Math.max(2, Math.floor(height / LEGEND_LINE)));
  return [
    h("span", { class: "of" }, say(`columns_${kind}_norm`)),
    h("span", {}, say("legend_large")),
    h("div", { class: "legend-bar" }, ...numbers.map(({ text, at }) => h("span", { style: `--at: ${at}` }, text))),
    h("span", {}, say("legend_small")),
  ];
}
