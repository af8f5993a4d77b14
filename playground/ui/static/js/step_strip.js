// Where a step is shown in slow motion. What shows it is loaded when the visitor first asks for it.
import { subscribe } from "./bus.js";
import { h } from "./dom.js";
import { say } from "./sentences.js";
import { actedTopic, onState } from "./tab_state.js";

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function stepStrip({ slug, about }) {
  const attributes = { class: "step-strip", role: "group", "aria-label": say("strip_about"), "data-phase": "" };
  const element = h("section", { ...attributes, hidden: true });
  let asked = false;
  const load = async () => {
    if (asked) return;
    asked = true;
    const { mount } = await import("./slow_motion/strip.js");
    mount(element, slug);
  };
  subscribe(actedTopic(slug), (kind) => kind === "step" && load());
  onState(slug, ({ speed }) => speed !== about.speed && load());
  return element;
}
