// Elements from data. Text becomes text nodes, so nothing needs escaping.

/**
 * @param {string} tag
 * @param {Record<string, any>} attributes `on…` are listeners; null, undefined and false leave an attribute out
 * @param {(Node | string)[]} children
 * @returns {any} the element
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children);
  return element;
}

/**
 * Sets an element's text, but leaves a text alone that did not change (a selection in it survives).
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Loads a classic script or a style sheet once, however many ask for it; after a failure whoever asks next tries again.
 * @param {string} address relative to the page
 * @returns {Promise<void>}
 */
export function loadOnce(address) {
  const known = loaded.get(address);
  if (known) return known;
  const url = new URL(address, document.baseURI).href;
  const element = url.endsWith(".css") ? h("link", { rel: "stylesheet", href: url }) : h("script", { src: url });
  const done = new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", () => {
      loaded.delete(address);
      element.remove();
      reject(new Error(`${address} could not be loaded`));
    });
  });
  loaded.set(address, done);
  document.head.append(element);
  return done;
}
