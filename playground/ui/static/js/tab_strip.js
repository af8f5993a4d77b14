// Tabs inside a tab, by the ARIA pattern: arrow keys move between them; content is made on the first visit and kept.
import { h } from "./dom.js";

/**
 * @param {string} label what the tabs are, for a screen reader
 * @param {{title: string, content: () => Node}[]} tabs
 * @returns {HTMLElement} shows the first
 */
export function tabStrip(label, tabs) {
  const panel = (/** @type {number} */ index) =>
    h("div", { role: "tabpanel", hidden: index > 0, "aria-label": tabs[index].title });
  const panels = tabs.map((_, index) => panel(index));
  const buttons = tabs.map(({ title }, index) =>
    h("button", { type: "button", role: "tab", onclick: () => open(index) }, title),
  );
  const open = (/** @type {number} */ index) => {
    for (const [i, button] of buttons.entries()) {
      button.setAttribute("aria-selected", String(i === index));
      button.tabIndex = i === index ? 0 : -1;
      panels[i].hidden = i !== index;
    }
    if (!panels[index].hasChildNodes()) panels[index].append(tabs[index].content());
  };
  const list = h("div", { role: "tablist", class: "strip-of-tabs", "aria-label": label }, ...buttons);
  list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const next = (buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length;
    open(next);
    buttons[next].focus();
  });
  open(0);
  return h("div", { class: "below" }, list, ...panels);
}
