// The head of the page: its title, and a tab for every concept.
import { subscribe } from "./bus.js";
import { h, setText } from "./dom.js";
import { arrive, open } from "./front.js";
import { tabs } from "./page_data.js";
import { say } from "./sentences.js";
import { connectionTopic } from "./tab_state.js";
import { tabList } from "./tab_strip.js";

/** @param {HTMLElement} element */
export function mount(element) {
  // They came before Gradio's own, which would win where both say something.
  document.head.append(...document.querySelectorAll("style[data-playground]"));
  const list = tabList(
    say("concepts"),
    tabs.map(({ title }) => title),
    (index) => open(tabs[index].slug),
  );
  for (const [index, { slug }] of tabs.entries()) list.buttons[index].setAttribute("aria-controls", `tab-${slug}`);
  const connection = h("p", { class: "connection", role: "status" });
  element.replaceChildren(
    connection,
    h("header", { class: "masthead" }, h("h1", {}, say("title")), h("p", {}, say("tagline"))),
    list.element,
  );
  subscribe(connectionTopic, (where) => setText(connection, where === "away" ? say("reconnecting") : ""));
  arrive();
  subscribe("front", (slug) => list.select(tabs.findIndex((tab) => tab.slug === slug)));
}
