// Elements that write themselves as HTML: import it after browser_stub.js and before modules that make elements.
import "./browser_stub.js";

/** @param {string} text */
const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Attributes that set a property of the same name, as far as the modules read it. */
const PROPERTIES = /** @type {Record<string, any>} */ ({
  hidden: true,
  checked: true,
  disabled: true,
  open: true,
  value: undefined,
  type: undefined,
  src: undefined,
  tabindex: undefined,
});

/** As much of an element as the modules need; its `html` is what a browser would write: text escaped, markup not. */
export class StubElement {
  /** @type {Record<string, any>} */
  attributes = {};
  /** @type {any[]} */
  children = [];
  /** @type {Record<string, any>} */
  dataset = {};
  /** @type {Record<string, any>} */
  style = {};
  hidden = false;
  disabled = false;
  /** @type {StubElement | null} */
  parent = null;
  /** @type {Record<string, ((event: any) => void)[]>} */
  listeners = {};

  /** @param {string} tag */
  constructor(tag) {
    this.tag = tag;
    /** @type {Set<string>} */
    const names = new Set();
    this.classList = {
      names,
      add: (/** @type {string[]} */ ...some) => {
        for (const one of some) names.add(one);
      },
      remove: (/** @type {string[]} */ ...some) => {
        for (const one of some) names.delete(one);
      },
      contains: (/** @type {string} */ one) => names.has(one),
      toggle: (/** @type {string} */ one, on = !names.has(one)) => {
        names[on ? "add" : "delete"](one);
        return on;
      },
    };
  }

  /** @param {(string | StubElement)[]} nodes */
  written = (nodes) =>
    nodes.map((node) => {
      if (typeof node === "string") return { html: escaped(node), textContent: node };
      node.parent = this;
      return node;
    });
  setAttribute = (/** @type {string} */ name, /** @type {any} */ value) => {
    this.attributes[name] = value;
    if (name in PROPERTIES) Object.assign(this, { [name]: PROPERTIES[name] ?? value });
    if (name === "class") this.className = value;
    if (name.startsWith("data-"))
      this.dataset[name.slice(5).replace(/-(.)/g, (_, /** @type {string} */ letter) => letter.toUpperCase())] = value;
  };
  getAttribute = (/** @type {string} */ name) => this.attributes[name] ?? null;
  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   * @param {{signal?: AbortSignal}} [options]
   */
  addEventListener = (type, listener, { signal } = {}) => {
    this.listeners[type] = [...(this.listeners[type] ?? []), listener];
    signal?.addEventListener("abort", () => this.removeEventListener(type, listener));
  };
  removeEventListener = (/** @type {string} */ type, /** @type {(event: any) => void} */ listener) => {
    this.listeners[type] = (this.listeners[type] ?? []).filter((one) => one !== listener);
  };

  /**
   * Calls the listeners of an event, of the elements around it as well.
   * @param {string} type
   * @param {Record<string, any>} event
   */
  send(type, event = {}) {
    const sent = { type, target: this, preventDefault() {}, stopPropagation() {}, ...event };
    for (const at of this.around()) for (const listener of at.listeners[type] ?? []) listener(sent);
  }
  click = () => this.disabled || this.send("click");
  focus = () => {
    Object.assign(document, { activeElement: this });
  };
  append = (/** @type {(string | StubElement)[]} */ ...nodes) => this.children.push(...this.written(nodes));
  prepend = (/** @type {(string | StubElement)[]} */ ...nodes) => this.children.unshift(...this.written(nodes));
  replaceChildren = (/** @type {(string | StubElement)[]} */ ...nodes) => {
    this.children = this.written(nodes);
  };
  remove = () => {
    if (this.parent) this.parent.children = this.parent.children.filter((one) => one !== this);
  };
  insertAdjacentHTML = (/** @type {string} */ _, /** @type {string} */ html) => this.children.push({ html });
  hasChildNodes = () => this.children.length > 0;
  scrollIntoView() {}
  getBoundingClientRect = () => ({ top: 0, bottom: 100, left: 0, right: 100, width: 100, height: 100 });
  get childElementCount() {
    return this.children.length;
  }
  get firstChild() {
    return this.children[0];
  }
  get lastChild() {
    return this.children.at(-1);
  }
  get lastElementChild() {
    return this.children.findLast((one) => one instanceof StubElement);
  }
  set className(words) {
    this.classList.names.clear();
    this.classList.add(...words.split(" "));
  }
  get className() {
    return [...this.classList.names].join(" ");
  }
  /** @param {string} html */
  set innerHTML(html) {
    this.children = [{ html, textContent: html.replace(/<[^>]*>/g, "") }];
  }
  set textContent(text) {
    this.children = this.written([text]);
  }
  get textContent() {
    return this.children.map(({ textContent }) => textContent ?? "").join("");
  }
  get html() {
    const attributes = Object.entries(this.attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
    const inside = this.children.map(({ html }) => html).join("");
    return `<${this.tag}${attributes.join("")}>${inside}</${this.tag}>`;
  }

  /** @param {string} selector a list of tags, .classes and [attributes], each alone */
  matches = (selector) =>
    selector.split(",").some((one) => {
      const name = one.trim();
      if (name.startsWith(".")) return this.classList.contains(name.slice(1));
      const [, attribute, value] = name.match(/^\[([\w-]+)(?:="(.*)")?\]$/) ?? [];
      if (attribute)
        return attribute in this.attributes && (value === undefined || this.attributes[attribute] === value);
      return name === this.tag;
    });
  closest = (/** @type {string} */ selector) => this.around().find((at) => at.matches(selector)) ?? null;

  /** @returns {StubElement[]} the element, and those around it from within */
  around() {
    return [this, ...(this.parent?.around() ?? [])];
  }

  /** @type {(selector: string) => any[]} */
  querySelectorAll = (selector) =>
    this.children.flatMap((one) =>
      one instanceof StubElement ? [...(one.matches(selector) ? [one] : []), ...one.querySelectorAll(selector)] : [],
    );
  querySelector = (/** @type {string} */ selector) => this.querySelectorAll(selector)[0] ?? null;
}

Object.assign(document, {
  createElement: (/** @type {string} */ tag) => new StubElement(tag),
  addEventListener: () => {},
  activeElement: null,
  hidden: false,
  baseURI: import.meta.url,
  body: Object.assign(new StubElement("body"), { isConnected: true }),
});
globalThis.requestAnimationFrame = (/** @type {any} */ callback) => Number(setTimeout(callback));
