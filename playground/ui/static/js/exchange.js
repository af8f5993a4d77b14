// One request to the server and its answer.

const NO_SERVER = [502, 503, 504]; // a proxy answered in the server's place

/**
 * @typedef {object} Browser
 * @property {typeof fetch} fetch
 * @property {(callback: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} now milliseconds
 * @property {() => boolean} isHidden whether nobody sees the page
 */

/** @import {Event, Reply, Sender} from "./protocol.d.ts" */

/**
 * @typedef {object} Refused of what the server does not take for an event at all
 * @property {number} status
 * @property {string} sentence "" where the server gave none
 */

/** @typedef {{answer?: Reply, refusal?: Refused}} Outcome with neither of them: no server answered */

/**
 * @param {typeof fetch} fetcher
 * @param {string} address
 * @param {RequestInit} how
 * @param {AbortSignal} signal gives the request up
 * @returns {Promise<Outcome>}
 */
export async function exchange(fetcher, address, how, signal) {
  const givenUp = new Promise((/** @type {(outcome: Outcome) => void} */ resolve) => {
    signal.addEventListener("abort", () => resolve({}));
  });
  try {
    return await Promise.race([answerOf(fetcher(address, { ...how, signal })), givenUp]);
  } catch {
    return {}; // no connection, or what answered was not our server
  }
}

/**
 * @param {Promise<Response>} asked
 * @returns {Promise<Outcome>}
 */
async function answerOf(asked) {
  const response = await asked;
  if (NO_SERVER.includes(response.status)) return {};
  if (response.ok) return { answer: await response.json() };
  /** @type {import("./protocol.d.ts").Refusal | null} */
  const said = await response.json().catch(() => null);
  return { refusal: { status: response.status, sentence: String(said?.error ?? "") } };
}

/**
 * @param {Sender & Event} body
 * @returns {RequestInit}
 */
export function posting(body) {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, cache: "no-store", body: JSON.stringify(body) };
}
