// What changes quickly is sent now and then: the first value at once, then the newest after each rest.

/**
 * @template T
 * @typedef {object} Sender
 * @property {(value: T) => void} push
 * @property {() => void} flush sends what still waits
 * @property {() => T | null} waiting what has not been sent yet
 */

/**
 * @template T
 * @param {(value: T) => void} send
 * @param {number} rest milliseconds between two sendings
 * @returns {Sender<T>}
 */
export function newestOf(send, rest) {
  /** @type {T | null} */
  let waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === null) return;
    const value = waiting;
    waiting = null;
    timer = setTimeout(flush, rest);
    send(value);
  };
  return {
    push: (value) => {
      waiting = value;
      if (timer === undefined) flush();
    },
    flush,
    waiting: () => waiting,
  };
}
