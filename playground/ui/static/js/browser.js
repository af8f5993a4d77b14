// The one place for what a browser may lack or refuse: in a frame of another site with third-party storage blocked, even
// naming `sessionStorage` throws. Every function here does without what is refused, so that no other module has to.

/** Storage that outlives the page where the browser allows it, and this visit otherwise. */
export class Store {
  /** @param {() => Storage} storage may throw */
  constructor(storage) {
    this.storage = storage;
    /** @type {Map<string, string>} what the browser did not take */
    this.memory = new Map();
  }

  /**
   * @param {string} key
   * @returns {string | null}
   */
  get(key) {
    try {
      return this.memory.get(key) ?? this.storage().getItem(key);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    this.memory.delete(key);
    try {
      this.storage().setItem(key, value);
    } catch {
      this.memory.set(key, value);
    }
  }

  /**
   * @param {string} key
   * @param {any} otherwise what is returned where nothing is stored, or something that is not JSON
   * @returns {any}
   */
  json(key, otherwise) {
    try {
      return JSON.parse(this.get(key) ?? "null") ?? otherwise;
    } catch {
      return otherwise;
    }
  }
}

export const session = new Store(() => globalThis.sessionStorage);
export const local = new Store(() => globalThis.localStorage);

/**
 * Sets the address bar's query. The visit goes on where the browser refuses it: in a sandboxed frame, or when an address is
 * set more often than it allows.
 * @param {string} query
 * @param {boolean} isNew whether Back leads to the address before it
 */
export function setQuery(query, isNew) {
  try {
    if (isNew) history.pushState(null, "", query);
    else history.replaceState(null, "", query);
  } catch (error) {
    console.error("The address bar could not be set.", error);
  }
}

/** @returns {string} how the page was reached: "navigate", "reload", "back_forward"; "" where the browser does not say */
export function arrival() {
  try {
    const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    return navigation?.type ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} name
 * @param {(message: any) => void} listener called with what the other pages of this browser say
 * @returns {{post: (message: any) => void, close: () => void} | null} null where pages cannot talk to each other
 */
export function channel(name, listener) {
  try {
    const made = new BroadcastChannel(name);
    made.onmessage = (event) => listener(event.data);
    return { post: (message) => made.postMessage(message), close: () => made.close() };
  } catch {
    return null;
  }
}

/** @returns {string} 32 digits that no other page has; they need not be secret */
export function randomId() {
  const bytes = new Uint8Array(16);
  try {
    crypto.getRandomValues(bytes);
  } catch {
    for (const i of bytes.keys()) bytes[i] = Math.floor(Math.random() * 256);
  }
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} query such as "(prefers-reduced-motion: reduce)"
 * @returns {boolean} false where the browser cannot tell
 */
export function matches(query) {
  try {
    return window.matchMedia(query).matches;
  } catch {
    return false;
  }
}

/**
 * @param {Element} element
 * @param {() => void} listener called when the element's size is first known, and whenever it has changed
 * @returns {() => void} ends the calls
 */
export function onResize(element, listener) {
  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(() => listener());
    observer.observe(element);
    return () => observer.disconnect();
  }
  const resized = () => listener();
  window.addEventListener("resize", resized);
  const first = setTimeout(resized);
  return () => {
    clearTimeout(first);
    window.removeEventListener("resize", resized);
  };
}

/** @typedef {{target: Element, isIntersecting: boolean}} Sight */

/**
 * @param {(entries: Sight[]) => void} listener called when an element that is observed comes into sight or leaves it
 * @param {string} margin of the window within which an element counts as in sight
 * @returns {{observe: (element: Element) => void, disconnect: () => void}} without an observer all are always in sight
 */
export function onSight(listener, margin = "0px") {
  if (typeof IntersectionObserver === "function") return new IntersectionObserver(listener, { rootMargin: margin });
  return {
    observe: (element) => {
      setTimeout(() => listener([{ target: element, isIntersecting: true }]));
    },
    disconnect: () => {},
  };
}

/**
 * @param {HTMLMediaElement} media
 * @returns {Promise<boolean>} whether it plays: a browser may refuse sound before a click, or a format
 */
export async function playMedia(media) {
  try {
    await media.play();
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets an element hear of a pointer until it is released, also outside of the element.
 * @param {Element} element
 * @param {PointerEvent} event
 */
export function grabPointer(element, event) {
  try {
    element.setPointerCapture(event.pointerId);
  } catch {
    // The pointer has already left: the drag ends at the element's edge.
  }
}

/**
 * @param {number} most milliseconds to wait
 * @returns {Promise<void>} fulfilled when the browser has nothing more urgent to do
 */
export function idle(most) {
  return new Promise((resolve) => {
    if (typeof window.requestIdleCallback === "function")
      window.requestIdleCallback(() => resolve(), { timeout: most });
    else setTimeout(resolve);
  });
}
