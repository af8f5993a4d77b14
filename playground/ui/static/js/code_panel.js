// The source that runs, line by line: a line lights up its symbols and tells the shapes of its tensors right now.
import { subscribe } from "./bus.js";
import { h, setText } from "./dom.js";
import { say } from "./sentences.js";
import { light, tabOf } from "./symbols.js";
import { stateOf } from "./tab_state.js";

/** @import {CodeLine, Lesson} from "./protocol.d.ts" */

/**
 * @param {string} slug
 * @param {Lesson} lesson
 * @returns {HTMLElement}
 */
export function codePanel(slug, lesson) {
  const shapes = h("p", { class: "code-shapes", role: "status" });
  /** @type {WeakMap<Element, CodeLine>} */
  const lines = new WeakMap();
  const blocks = lesson.code.map((block) => {
    const code = h("code");
    for (const line of block.lines) {
      const attributes = line.symbols.length ? { "data-symbols": line.symbols.join(" "), tabindex: 0 } : {};
      const row = h("span", { class: "line", ...attributes });
      row.innerHTML = `${line.html}\n`;
      lines.set(row, line);
      code.append(row);
    }
    const summary = h("summary", {}, `${block.title} `, h("small", {}, block.place));
    return h("details", { open: block.open }, summary, h("pre", {}, code));
  });
  const hint = h("p", { class: "code-hint" }, say("code_hint"));
  const words = h("p", { class: "symbol-words", role: "status" });
  const panel = h("div", { class: "code-panel" }, hint, words, shapes, ...blocks);
  subscribe(`${slug}/running-line`, (running) => showRunning(panel, blocks, running));
  const point = (/** @type {Event} */ event) => {
    const row = /** @type {Element} */ (event.target).closest(".line");
    const line = row && lines.get(row);
    if (!line) return;
    light(tabOf(panel), line.symbols, lesson.symbols);
    setText(shapes, shapeWords(line, stateOf(slug)?.shapes ?? {}));
  };
  panel.addEventListener("pointerover", point);
  panel.addEventListener("focusin", point);
  panel.addEventListener("pointerleave", () => {
    light(tabOf(panel), [], lesson.symbols);
    setText(shapes, "");
  });
  return panel;
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLElement[]} blocks
 * @param {{block: number, line: number, follow: boolean} | null} running the line that runs in slow motion;
 *   follow: whether it lasts long enough for the panel to scroll there
 */
function showRunning(panel, blocks, running) {
  for (const old of panel.querySelectorAll(".running")) old.classList.remove("running");
  const row = running && blocks[running.block].querySelectorAll(".line")[running.line];
  if (!row) return;
  row.classList.add("running");
  if (!running.follow || panel.matches(":hover")) return;
  const [seen, of] = [row.getBoundingClientRect(), panel.getBoundingClientRect()];
  if (seen.top < of.top || seen.bottom > of.bottom) panel.scrollTop += seen.top - of.top - panel.clientHeight / 3;
}

/**
 * "mu (128 × 2), z (128 × 2)": the tensors among a line's names, with their shapes when its function returned last.
 * @param {CodeLine} line
 * @param {Record<string, Record<string, number[]>>} shapes
 * @returns {string}
 */
export function shapeWords(line, shapes) {
  const known = shapes[line.function] ?? {};
  const found = line.names.filter((name) => name in known);
  if (!found.length) return "";
  return say("shapes_now", { shapes: found.map((name) => `${name} (${known[name].join(" × ") || "1"})`).join(", ") });
}
