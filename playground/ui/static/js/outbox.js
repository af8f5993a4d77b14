// Events on their way to the server, oldest first. What a visitor does in a tab is done in that order: an event waits until
// the one before it is answered. Questions and looks wait only for their own kind, so that a slow answer delays no Pause.

/** @import {Act, Event} from "./protocol.d.ts" */

/** @typedef {Act["kind"]} Kind of what a visitor does in a tab */

/**
 * @template {Event["kind"]} K
 * @typedef {Omit<Extract<Event, {kind: K}>, "kind">} Fields what an event of a kind says
 */

/**
 * @template {Event["kind"]} K
 * @typedef {Fields<K> | (() => Fields<K>)} EventData a function is called when the event is sent
 */

/**
 * @template {Event["kind"]} K
 * @typedef {{} extends Fields<K> ? [data?: EventData<K>] : [data: EventData<K>]} Said
 */

/** @typedef {Record<string, any> | (() => Record<string, any>)} AnyData */

/**
 * @typedef {object} WaitingEvent
 * @property {number} id 0 until it is sent for the first time, the same from then on: the server acts on an id once
 * @property {string} tab
 * @property {Event["kind"]} kind
 * @property {AnyData} data
 * @property {string} lane events of one lane are sent one after the other
 * @property {boolean} isSent whether its answer is on its way
 * @property {boolean} isAgain whether it is the hello of a tab that has said hello before
 * @property {Promise<boolean>} done fulfilled when it is over: whether the server accepted it
 * @property {(isAccepted: boolean) => void} settle
 */

/** Kinds that do not wait for what else is done in the tab, and what of their data names their lane. */
const OWN_LANE = /** @type {Record<string, string>} */ ({ ask: "probe", click: "view", look: "", continue: "probe" });

/** Kinds of which only the newest counts: it takes the place of one that has not been sent yet. */
const NEWEST = ["knobs", "speed", "look", "click"];

export class Outbox {
  /** @type {WaitingEvent[]} */
  events = [];

  /**
   * @param {string} tab
   * @param {Kind} kind
   * @param {AnyData} data
   * @returns {Promise<boolean>} fulfilled when it is over: whether the server accepted it
   */
  add(tab, kind, data) {
    const made = newEvent(tab, kind, data);
    const last = this.events.findLast((event) => event.lane === made.lane);
    if (last?.kind === kind && !last.id && NEWEST.includes(kind)) {
      last.data = data;
      return last.done;
    }
    this.events.push(made);
    return made.done;
  }

  /**
   * A tab's hello comes before what has been done in it so far.
   * @param {string} tab
   * @param {EventData<"hello">} data
   * @param {boolean} isAgain
   */
  addHello(tab, data, isAgain) {
    const made = Object.assign(newEvent(tab, "hello", data), { isAgain });
    this.events.splice(this.events.filter(({ kind }) => kind === "hello").length, 0, made);
    return made.done;
  }

  /**
   * The next event that may be sent now.
   * @param {"hello" | "in order" | "side by side"} how hello: only the first one, before the server knows the page; in order:
   *   one at a time, after an outage
   * @returns {WaitingEvent | undefined}
   */
  next(how) {
    const [first] = this.events;
    if (how === "hello" && first?.kind !== "hello") return undefined;
    if (how !== "side by side") return first?.isSent ? undefined : first;
    return this.events.find((event, i) => !event.isSent && !this.events.slice(0, i).some((one) => holdsUp(one, event)));
  }

  /**
   * @param {WaitingEvent} event that is over
   * @param {boolean} isAccepted
   */
  finish(event, isAccepted) {
    this.events = this.events.filter((one) => one !== event);
    event.settle(isAccepted);
  }
}

/**
 * @param {WaitingEvent} earlier
 * @param {WaitingEvent} event
 */
const holdsUp = (earlier, event) =>
  earlier.lane === event.lane || (earlier.tab === event.tab && earlier.kind === "hello");

/**
 * @param {string} tab
 * @param {Event["kind"]} kind
 * @param {AnyData} data
 * @returns {WaitingEvent}
 */
function newEvent(tab, kind, data) {
  /** @type {(isAccepted: boolean) => void} */
  let settle = () => {};
  const done = new Promise((/** @type {(isAccepted: boolean) => void} */ resolve) => {
    settle = resolve;
  });
  const named = kind in OWN_LANE ? `${kind} ${typeof data === "function" ? "" : data[OWN_LANE[kind]]}` : "";
  return { id: 0, tab, kind, data, lane: `${tab} ${named}`, isSent: false, isAgain: false, done, settle };
}
