// The page's one wire, with what the browser tells it: hidden, left, back, online.
import { publish } from "./bus.js";
import { addressOf, documentId, leaveToken, returnToToken, token } from "./front.js";
import { say } from "./sentences.js";
import { connectionTopic, refusedTopic, stateOf } from "./tab_state.js";
import { Wire } from "./wire.js";

/**
 * @typedef {object} TabEnd where a tab's messages go
 * @property {(message: import("./protocol.d.ts").Message) => void} take
 * @property {() => void} greetedAgain called when the tab had to say hello anew: its knobs are newer than the server's
 */

/** @type {Map<string, TabEnd>} */
const ends = new Map();

/** @type {Wire | undefined} */
let wire;

/**
 * @param {string} slug
 * @param {TabEnd} end
 * @returns {Wire}
 */
export function connect(slug, end) {
  ends.set(slug, end);
  wire ??= made();
  return wire;
}

function made() {
  const browser = {
    fetch: (/** @type {RequestInfo | URL} */ address, /** @type {RequestInit | undefined} */ how) =>
      fetch(address, how),
    setTimeout: (/** @type {() => void} */ callback, /** @type {number} */ after) => setTimeout(callback, after),
    clearTimeout: (/** @type {any} */ timer) => clearTimeout(timer),
    now: () => performance.now(),
    isHidden: () => document.hidden,
  };
  const made = new Wire(browser, {
    address: new URL("playground/wire", document.baseURI).href,
    document: documentId,
    token,
    take: (message) => ends.get(message.tab)?.take(message),
    isBusy: (slug) => stateOf(slug)?.state === "training" || Boolean(stateOf(slug)?.is_drawing),
    query: addressOf,
    greetedAgain: (slug) => ends.get(slug)?.greetedAgain(),
    complain: (slug, { status, sentence }) =>
      publish(refusedTopic(slug), sentence || say("refused_status", { status: String(status) })),
    tell: (isAway) => publish(connectionTopic, isAway ? "away" : "here"),
  });
  document.addEventListener("visibilitychange", () => made.visibilityChanged());
  window.addEventListener("online", () => made.tryNow());
  window.addEventListener("pagehide", () => {
    made.leave();
    leaveToken();
  });
  window.addEventListener("pageshow", async ({ persisted }) => {
    if (persisted) made.comeBack({ alone: await returnToToken() });
  });
  return made;
}
