// A page, a clock and a server for the wire: time goes only when a test says so, and every request waits for its answer.
import { Wire } from "../../playground/ui/static/js/wire.js";

/** Lets everything run that waits for no timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

export class StubClock {
  time = 0;
  /** @type {{at: number, callback: () => void}[]} */
  timers = [];
  setTimeout = (/** @type {() => void} */ callback, /** @type {number} */ milliseconds) => {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.push(timer);
    return timer;
  };
  clearTimeout = (/** @type {any} */ timer) => {
    this.timers = this.timers.filter((one) => one !== timer);
  };

  /** @param {number} milliseconds that go by */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    await settled();
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.clearTimeout(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settled();
    }
    this.time = end;
  }
}

export class StubSite {
  /** @type {{body: any, keepalive: boolean, answer: (answer: any, status?: number) => Promise<void>, fail: () => Promise<void>}[]} */
  requests = [];
  hidden = false;
  token = "";
  training = new Set();
  /** @type {any[]} */
  taken = [];
  /** @type {[string, number, string][]} */
  complaints = [];
  /** @type {string[]} */
  greeted = [];
  /** @type {boolean[]} */
  told = [];
  /** @type {((body: any) => object | null | undefined) | undefined} answers at once what it has an answer for; null: there is
   *   no connection */
  server;

  constructor() {
    this.clock = new StubClock();
    const { setTimeout, clearTimeout } = this.clock;
    const browser = {
      fetch: /** @type {typeof fetch} */ (this.fetch),
      setTimeout,
      clearTimeout,
      now: () => this.clock.time,
      isHidden: () => this.hidden,
    };
    this.wire = new Wire(browser, {
      address: "here/wire",
      document: "doc",
      token: () => this.token,
      take: (message) => this.take(message),
      isBusy: (tab) => this.training.has(tab),
      query: (tab) => `?tab=${tab}&beta=4`,
      greetedAgain: (tab) => this.greeted.push(tab),
      complain: (tab, { status, sentence }) => this.complaints.push([tab, status, sentence]),
      tell: (isAway) => this.told.push(isAway),
    });
  }

  fetch = (/** @type {any} */ _, /** @type {any} */ { body, keepalive = false, signal }) =>
    new Promise((/** @type {(response: any) => void} */ resolve, reject) => {
      const answer = (/** @type {any} */ given, status = 200) => {
        // Not a Response: reading one takes the machine's time, which a test cannot wait for.
        const json = async () => (typeof given === "string" ? JSON.parse(given) : given);
        resolve({ ok: status < 300, status, json });
        return settled();
      };
      const fail = () => {
        reject(new TypeError("Failed to fetch"));
        return settled();
      };
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      const request = { body: JSON.parse(body), keepalive, answer, fail };
      this.requests.push(request);
      const known = this.server?.(request.body);
      if (known === null) fail();
      else if (known) answer(known);
    });

  /** @param {any} message */
  take(message) {
    if (message.broken) throw new Error("broken");
    if (message.token) this.token = message.token;
    if (message.state) this.training[message.state === "training" ? "add" : "delete"](message.tab);
    this.taken.push(message);
  }

  /** "kind id" of every request so far, frames and renewals left out. */
  events = () =>
    this.requests
      .filter(({ body }) => !["frames", "renew"].includes(body.kind))
      .map(({ body }) => `${body.kind} ${body.id}`);

  /** @param {string} kind of which the requests are wanted */
  of = (kind) => this.requests.filter(({ body }) => body.kind === kind);

  /** The newest request. */
  get last() {
    return /** @type {(typeof this.requests)[0]} */ (this.requests.at(-1));
  }

  /** @param {string[]} tabs that say hello and are answered */
  async open(...tabs) {
    for (const tab of tabs) {
      this.wire.hello(tab, { query: `?tab=${tab}`, alone: true });
      await this.last.answer({ messages: [{ tab, token: "secret", renew: 20 }] });
    }
    this.requests.length = 0;
    return this;
  }
}
