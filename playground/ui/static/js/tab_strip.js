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
    const offered = buttons.filter((button) => !button.hidden);
    const at = offered.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = offered[(at + by + offered.length) % offered.length];
    opened(buttons.indexOf(next));
    next.focus();
  });
  return { element, buttons, select };
}

/**
 * Tabs with their content under them, which is made on the first visit and kept.
 * @param {string} label
 * @param {{name: string, title: string, content: () => Node}[]} tabs
 * @returns {{element: HTMLElement, open: (name: string) => void, offer: (names: string[]) => void}} shows the first; `offer`
 *   leaves out all but some
 */
export function tabStrip(label, tabs) {
  const panels = tabs.map(({ title }) => h("div", { role: "tabpanel", "aria-label": title }));
  let opened = 0;
  const show = (/** @type {number} */ index) => {
    opened = index;
    list.select(index);
    for (const [i, panel] of panels.entries()) panel.hidden = i !== index;
    if (!panels[index].hasChildNodes()) panels[index].append(tabs[index].content());
  };
  const open = (/** @type {string} */ name) => {
    const index = tabs.findIndex((tab) => tab.name === name);
    if (index >= 0) show(index);
  };
  const offer = (/** @type {string[]} */ names) => {
    for (const [i, button] of list.buttons.entries()) button.hidden = !names.includes(tabs[i].name);
    const first = tabs.findIndex(({ name }) => names.includes(name));
    if (first >= 0 && !names.includes(tabs[opened].name)) show(first);
  };
  const list = tabList(
    label,
    tabs.map(({ title }) => title),
    show,
  );
  show(0);
  return { element: h("div", { class: "below" }, list.element, ...panels), open, offer };
}
