// Rows of tabs by the ARIA pattern: one is selected, arrow keys move between them.
import { h } from "./dom.js";

/**
 * @param {string} label what the tabs are, for a screen reader
 * @param {string[]} titles
 * @param {(index: number) => void} opened called when the visitor opens one
 * @returns {{element: HTMLElement, buttons: HTMLButtonElement[], select: (index: number) => void}}
 */
export function tabList(label, titles, opened) {
  const select = (/** @type {number} */ index) => {
    for (const [i, button] of buttons.entries()) {
      button.setAttribute("aria-selected", String(i === index));
      button.tabIndex = i === index ? 0 : -1;
    }
    buttons[index].scrollIntoView?.({ block: "nearest", inline: "nearest" });
  };
  /** @type {HTMLButtonElement[]} */
  const buttons = titles.map((title, index) =>
    h("button", { type: "button", role: "tab", onclick: () => opened(index) }, title),
  );
  const element = h("div", { role: "tablist", class: "strip-of-tabs", "aria-label": label }, ...buttons);
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = (at + by + buttons.length) % buttons.length;
    opened(next);
    buttons[next].focus();
  });
  return { element, buttons, select };
}

/**
 * Tabs with their content under them, which is made on the first visit and kept.
 * @param {string} label
 * @param {{title: string, content: () => Node}[]} tabs
 * @returns {HTMLElement} shows the first
 */
export function tabStrip(label, tabs) {
  const titles = tabs.map(({ title }) => title);
  const panels = titles.map((title) => h("div", { role: "tabpanel", "aria-label": title }));
  const open = (/** @type {number} */ index) => {
    list.select(index);
    for (const [i, panel] of panels.entries()) panel.hidden = i !== index;
    if (!panels[index].hasChildNodes()) panels[index].append(tabs[index].content());
  };
  const list = tabList(label, titles, open);
  open(0);
  return h("div", { class: "below" }, list.element, ...panels);
}
