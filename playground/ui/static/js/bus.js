// Topics with a memory: a late subscriber (a tab is mounted on its first visit) gets the newest value at once.

/** @type {Map<string, any>} */
const newest = new Map();
/** @type {Map<string, Set<(value: any) => void>>} */
const listeners = new Map();

/**
 * @param {string} topic
 * @param {any} value
 */
export function publish(topic, value) {
  newest.set(topic, value);
  for (const listener of [...(listeners.get(topic) ?? [])]) call(topic, listener, value);
}

/**
 * @param {string} topic
 * @param {(value: any) => void} listener called with the newest value, if there is one, and with every later one
 * @returns {() => void} ends the subscription
 */
export function subscribe(topic, listener) {
  const known = listeners.get(topic) ?? new Set();
  listeners.set(topic, known.add(listener));
  if (newest.has(topic)) call(topic, listener, newest.get(topic));
  return () => known.delete(listener);
}

/**
 * @param {string} topic
 * @returns {any} the newest value, undefined when there was none
 */
export function latest(topic) {
  return newest.get(topic);
}

/**
 * A listener that fails keeps no other one from being called.
 * @param {string} topic
 * @param {(value: any) => void} listener
 * @param {any} value
 */
function call(topic, listener, value) {
  try {
    listener(value);
  } catch (error) {
    console.error(`A listener of ${topic} failed.`, error);
  }
}
