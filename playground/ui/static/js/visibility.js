// Which views are in sight, so that the server draws no others, and which tab is: its run goes first.
import { onSight } from "./browser.js";
import { subscribe } from "./bus.js";

const SETTLE = 120; // milliseconds without a change before the server is told
const MARGIN = "80px"; // views about to scroll into sight count as well

export class Visibility {
  /** @param {import("./tab.js").TabIO} io */
  constructor(io) {
    this.io = io;
    /** @type {Set<string>} */
    this.views = new Set();
    this.panel = false;
    this.told = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {WeakMap<Element, string>} */
    this.names = new WeakMap();
    this.observer = onSight((entries) => this.note(entries), MARGIN);
    document.addEventListener("visibilitychange", () => this.later());
    // Only a server that knows which page this is can make use of it.
    subscribe(`${io.slug}/settled`, () => {
      this.told = "";
      this.later();
    });
  }

  /** @param {import("./browser.js").Sight[]} entries */
  note(entries) {
    for (const { target, isIntersecting } of entries) {
      const name = this.names.get(target);
      if (name === undefined) this.panel = isIntersecting;
      else if (isIntersecting) this.views.add(name);
      else this.views.delete(name);
    }
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), SETTLE);
  }

  tell() {
    const inSight = this.panel && !document.hidden;
    const message = { views: inSight ? [...this.views].sort() : [], in_sight: inSight };
    const told = JSON.stringify(message);
    if (told === this.told) return;
    this.told = told;
    this.io.act("look", message);
  }

  /**
   * @param {string} name of the view that the element shows
   * @param {Element} element
   */
  watchView(name, element) {
    this.names.set(element, name);
    this.observer.observe(element);
  }

  /** @param {Element} panel the whole tab */
  watchTab(panel) {
    this.observer.observe(panel);
  }
}
