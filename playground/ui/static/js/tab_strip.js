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
 * @param {{title: string, content: () => Node}[]} tabs
 * @returns {{element: HTMLElement, open: (index: number) => void, offer: (isOffered: boolean[]) => void}} shows the first;
 *   `offer` leaves some out
 */
export function tabStrip(label, tabs) {
  const titles = tabs.map(({ title }) => title);
  const panels = titles.map((title) => h("div", { role: "tabpanel", "aria-label": title }));
  let opened = 0;
  const open = (/** @type {number} */ index) => {
    opened = index;
    list.select(index);
    for (const [i, panel] of panels.entries()) panel.hidden = i !== index;
    if (!panels[index].hasChildNodes()) panels[index].append(tabs[index].content());
  };
  const offer = (/** @type {boolean[]} */ isOffered) => {
    for (const [i, button] of list.buttons.entries()) button.hidden = !isOffered[i];
    const first = isOffered.indexOf(true);
    if (!isOffered[opened] && first >= 0) open(first);
  };
  const list = tabList(label, titles, open);
  open(0);
  return { element: h("div", { class: "below" }, list.element, ...panels), open, offer };
}
