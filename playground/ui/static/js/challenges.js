// The challenges of a tab, ticked when the run has solved them.
import { h } from "./dom.js";
import { say } from "./sentences.js";
import { onState } from "./tab_state.js";

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function challengeList({ slug, about }) {
  const rows = about.challenges.map(({ title, hint }) => {
    const tick = h("span", { class: "tick", role: "img" });
    const row = h("li", {}, tick, h("div", {}, h("b", {}, title), h("small", {}, hint)));
    return { title, row, tick };
  });
  /** @param {string[]} solved */
  const show = (solved) => {
    for (const { title, row, tick } of rows) {
      const done = solved.includes(title);
      row.className = done ? "solved" : "open";
      tick.textContent = done ? "✔" : "○";
      tick.setAttribute("aria-label", say(done ? "solved_mark" : "open_mark"));
    }
  };
  show([]);
  onState(slug, (state) => show(state.solved));
  return h("ul", { class: "challenges" }, ...rows.map(({ row }) => row));
}
