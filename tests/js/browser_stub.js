// As much of a browser as the modules need that read the address: import it before them.

/** @type {string[]} what was done to the history */
export const log = [];
const stored = new Map();
const listeners = {};

globalThis.document = {
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
};
globalThis.BroadcastChannel = /** @type {any} */ (undefined); // Node's own would keep the tests from ending
globalThis.sessionStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
};
globalThis.history = {
  replaceState: (_, __, address) => go("replace", address),
  pushState: (_, __, address) => go("push", address),
};
globalThis.window = {
  location: { search: "" },
  addEventListener: (name, listener) => {
    listeners[name] = listener;
  },
};

/** @type {{type: string}} */
export const navigation = { type: "navigate" };
performance.getEntriesByType = () => [navigation];

function go(how, address) {
  window.location.search = address;
  log.push(`${how} ${address}`);
}

/** The visitor goes back or forward to an address. */
export function moveTo(address) {
  window.location.search = address;
  listeners.popstate();
}
