// As much of a browser as the modules need that read the address: import it before them.

/** @type {string[]} what was done to the history */
export const log = [];
const stored = new Map();
/** @type {Record<string, () => void>} */
const listeners = {};

globalThis.document = /** @type {any} */ ({
  getElementById: () => ({
    textContent: JSON.stringify({
      sentences: {},
      tabs: [
        { slug: "one", title: "One" },
        { slug: "two", title: "Two" },
      ],
    }),
    dataset: { root: "root" },
  }),
});
globalThis.BroadcastChannel = /** @type {any} */ (undefined); // Node's own would keep the tests from ending
globalThis.sessionStorage = /** @type {any} */ ({
  getItem: (/** @type {string} */ key) => stored.get(key) ?? null,
  setItem: (/** @type {string} */ key, /** @type {string} */ value) => stored.set(key, value),
});
globalThis.history = /** @type {any} */ ({
  replaceState: (/** @type {any} */ _, /** @type {string} */ __, /** @type {string} */ address) =>
    go("replace", address),
  pushState: (/** @type {any} */ _, /** @type {string} */ __, /** @type {string} */ address) => go("push", address),
});
globalThis.window = /** @type {any} */ ({
  location: { search: "" },
  addEventListener: (/** @type {string} */ name, /** @type {() => void} */ listener) => {
    listeners[name] = listener;
  },
});

/** @type {{type: string}} */
export const navigation = { type: "navigate" };
performance.getEntriesByType = () => /** @type {any} */ ([navigation]);

/**
 * @param {string} how
 * @param {string} address
 */
function go(how, address) {
  window.location.search = address;
  log.push(`${how} ${address}`);
}

/**
 * The visitor goes back or forward to an address.
 * @param {string} address
 */
export function moveTo(address) {
  window.location.search = address;
  listeners.popstate();
}
