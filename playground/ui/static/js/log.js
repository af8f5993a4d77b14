// What happened in a tab, newest first.
import { h } from "./dom.js";
import { say } from "./sentences.js";
import { onState } from "./tab_state.js";

const LENGTH = 60;

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function logList({ slug }) {
  const list = h("ol", { class: "log", "aria-label": say("log_about") });
  let known = 0;
  onState(slug, ({ notes }) => {
    if ((notes.at(-1)?.number ?? known) < known) known = 0; // the server was restarted and numbers them anew
    for (const { number, time, key, values } of notes) {
      if (number <= known) continue;
      known = number;
      list.prepend(h("li", {}, `${time}  ${say(key, values)}`));
    }
    while (list.childElementCount > LENGTH) list.lastElementChild.remove();
  });
  return list;
}
