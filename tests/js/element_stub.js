// Elements that write themselves as HTML: import it after browser_stub.js and before modules that make elements.
import "./browser_stub.js";

/** @param {string} text */
const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** As much of an element as the modules need; its `html` is what a browser would write: text escaped, markup not. */
export class StubElement {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], dataset: {}, hidden: false });
    this.classList = { add() {}, remove() {}, toggle() {} };
  }

  /** @param {(string | StubElement)[]} nodes */
  written = (nodes) => nodes.map((node) => (typeof node === "string" ? { html: escaped(node) } : node));
  setAttribute = (name, value) => {
    this.attributes[name] = value;
  };
  addEventListener() {}
  append = (...nodes) => this.children.push(...this.written(nodes));
  prepend = (...nodes) => this.children.unshift(...this.written(nodes));
  insertAdjacentHTML = (_, html) => this.children.push({ html });
  get childElementCount() {
    return this.children.length;
  }
  set innerHTML(html) {
    this.children = [{ html }];
  }
  set textContent(text) {
    this.children = this.written([text]);
  }
  get html() {
    const attributes = Object.entries(this.attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
    const inside = this.children.map(({ html }) => html).join("");
    return `<${this.tag}${attributes.join("")}>${inside}</${this.tag}>`;
  }
}

Object.assign(document, {
  createElement: (tag) => new StubElement(tag),
  baseURI: import.meta.url,
  body: { classList: { contains: () => false } },
});
