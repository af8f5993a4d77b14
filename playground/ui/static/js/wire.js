// The page's wire to the server: events go out, messages come in, and an outage loses neither.
import { exchange, posting } from "./exchange.js";
import { Outage } from "./outage.js";
import { Outbox } from "./outbox.js";
import { Renewal } from "./renewal.js";

const HOLD = 2000; // milliseconds for which the server holds a request for frames until there is something new
const QUICK = ["hello", "frames", "renew"];
const PATIENCE = HOLD + 5000; // milliseconds after which an answer to one of them is no longer awaited
const LONG_PATIENCE = HOLD + 25000; // to any other, which may take the server long: a question, a new run in a crowd
const REST = 250; // milliseconds, after an answer that came at once without news
const SOON = 50; // milliseconds that count as at once
const GREET_REST = 2000; // milliseconds between two times that all tabs say hello anew

/** @import {WaitingEvent} from "./outbox.js" */
/** @import {Event, Message, Reply, Sender} from "./protocol.d.ts" */

/**
 * @typedef {object} Page
 * @property {string} address of the wire
 * @property {string} document random id of this loaded document
 * @property {() => string} token by which the server knows the page; "" before the first answer
 * @property {(message: Message) => void} take
 * @property {(tab: string) => boolean} isBusy whether the server has news of it by itself: it trains, or draws
 * @property {(tab: string) => string} query that leads to the tab as it stands
 * @property {(tab: string) => void} greetedAgain called when a tab has said hello anew and its message was taken
 * @property {(tab: string, refusal: import("./exchange.js").Refused) => void} complain
 * @property {(isAway: boolean) => void} tell called when the connection is lost, and when it is back
 */

export class Wire {
  outbox = new Outbox();
  /** @type {Set<string>} tabs that have said hello */
  tabs = new Set();
  /** @type {Set<AbortController>} of the requests under way */
  underWay = new Set();
  count = 0; // of ids
  since = 0; // what the newest answer with frames said
  isKnown = false; // whether the server knows the page by its present token
  isLeft = false; // whether the visitor has left the page
  isCatchingUp = false; // after an outage events are sent one at a time, in order
  isPolling = false;
  pollsOnce = false; // whether frames are asked for although nothing trains
  isRefused = false; // whether the server refused to send frames
  greetedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {import("./exchange.js").Browser} browser
   * @param {Page} page
   */
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    this.outage = new Outage(browser, () => this.attempt(), page.tell);
    this.renewal = new Renewal(browser, async () => {
      if (!this.isAway) await this.signOfLife();
    });
  }

  /** Whether the connection is lost. */
  get isAway() {
    return this.outage.isAway;
  }

  /**
   * @param {string} tab that is shown for the first time
   * @param {import("./outbox.js").EventData<"hello">} data
   * @returns {Promise<boolean>}
   */
  hello(tab, data) {
    this.tabs.add(tab);
    const done = this.outbox.addHello(tab, data, false);
    this.pump();
    return done;
  }

  /**
   * @template {import("./outbox.js").Kind} K
   * @param {string} tab
   * @param {K} kind
   * @param {import("./outbox.js").Said<K>} said a function is called when the event is sent
   * @returns {Promise<boolean>} fulfilled when it was answered: whether the server accepted it
   */
  send(tab, kind, ...[data]) {
    const done = this.outbox.add(tab, kind, data ?? {});
    this.pump();
    return done;
  }

  /** The document is shown again, or hidden. */
  visibilityChanged() {
    if (this.isLeft) return;
    if (this.browser.isHidden()) {
      if (!this.isAway) this.signOfLife();
      return;
    }
    this.pollsOnce = true;
    this.isRefused = false;
    this.tryNow();
  }

  /** There may be a connection again: a try that still waits for the old one is given up. */
  tryNow() {
    if (!this.isAway) this.pump();
    else {
      this.giveUp();
      this.outage.retry();
    }
  }

  /** The page is being left: no answer is awaited. */
  leave() {
    this.isLeft = true;
    this.outage.stop();
    this.renewal.stop();
    this.giveUp();
    const [tab] = this.tabs;
    const how = { ...posting(this.body(tab, "leave", {}, ++this.count)), keepalive: true };
    if (this.page.token()) this.browser.fetch(this.page.address, how).catch(() => {});
  }

  /**
   * The page stands there again as it was left (Back or Forward): what was under way is sent again.
   * @param {import("./outbox.js").EventData<"hello">} data of the tabs' hello
   */
  comeBack(data) {
    this.isLeft = false;
    this.pollsOnce = true;
    this.greetAgain(data);
    this.tryNow();
  }

  /**
   * Every tab says hello anew; a second time within a moment only after a rest.
   * @param {import("./outbox.js").EventData<"hello">} data
   */
  greetAgain(data) {
    if (!this.isKnown) return; // they are at it
    this.isKnown = false;
    this.since = 0;
    const greet = () => {
      for (const tab of this.tabs) {
        const asked = () => ({ query: this.page.query(tab), ...(typeof data === "function" ? data() : data) });
        this.outbox.addHello(tab, asked, true);
      }
      this.pump();
    };
    const now = this.browser.now();
    const isSoon = now - this.greetedAt < GREET_REST;
    this.greetedAt = isSoon ? now + GREET_REST : now;
    if (isSoon) this.browser.setTimeout(greet, GREET_REST);
    else greet();
  }

  /** Sends what may be sent now. */
  pump() {
    if (this.isLeft || this.isAway) return;
    if (!this.outbox.events.length) this.isCatchingUp = false;
    const how = !this.isKnown ? "hello" : this.isCatchingUp ? "in order" : "side by side";
    for (let event = this.outbox.next(how); event; event = this.outbox.next(how)) this.deliver(event);
    this.poll();
  }

  /**
   * Sends an event. Without an answer it waits for the connection, and keeps its id.
   * @param {WaitingEvent} event
   */
  async deliver(event) {
    event.isSent = true;
    event.id ||= ++this.count;
    const token = this.page.token();
    const data = typeof event.data === "function" ? event.data() : event.data;
    const { answer, refusal } = await this.request(event.kind, data, event.tab, event.id);
    const isOver = refusal || (answer && (!answer.unknown || event.kind === "hello"));
    event.isSent = Boolean(isOver); // whoever takes the answer may send more: not this event again
    if (answer && !isOver) {
      if (token === this.page.token()) this.greetAgain({ alone: true }); // else the new one has come meanwhile
    } else if (answer) {
      this.isRefused = false;
      if (event.kind === "hello") this.isKnown = true;
      this.handOn(answer, event.isAgain);
      this.outbox.finish(event, true);
      if (event.isAgain) this.page.greetedAgain(event.tab);
    } else if (refusal) {
      this.page.complain(event.tab, refusal);
      this.outbox.finish(event, false);
    }
    this.pump();
  }

  /**
   * @param {Reply} reply
   * @param {boolean} keepsKnobs whether the visitor's knobs are newer than the messages'
   */
  handOn({ messages }, keepsKnobs = false) {
    for (const message of messages) {
      if (message.renew) this.renewal.start(message.renew * 1000);
      try {
        this.page.take(keepsKnobs ? { ...message, knobs: null } : message);
      } catch (error) {
        console.error("A message could not be taken.", error);
      }
    }
  }

  /** Asks for frames while a tab trains in a page that is seen, one request at a time. */
  async poll() {
    if (this.isPolling) return;
    this.isPolling = true;
    while (this.wantsFrames()) {
      this.pollsOnce = false;
      const [token, began] = [this.page.token(), this.browser.now()];
      const { answer, refusal } = await this.request("frames", { since: this.since });
      if (!this.isKnown || token !== this.page.token()) continue; // of the page that the server knew before
      if (answer?.unknown) this.greetAgain({ alone: true });
      else if (answer) {
        this.handOn(answer);
        this.since = answer.since ?? this.since;
        const isIdle = !answer.messages.length && this.browser.now() - began < SOON;
        if (isIdle) await new Promise((resolve) => this.browser.setTimeout(() => resolve(null), REST));
      } else if (refusal) {
        this.isRefused = true;
        for (const tab of this.tabs) if (this.page.isBusy(tab)) this.page.complain(tab, refusal);
      }
    }
    this.isPolling = false;
  }

  wantsFrames() {
    if (!this.isKnown || this.isLeft || this.isAway || this.isRefused || this.browser.isHidden()) return false;
    return this.pollsOnce || [...this.tabs].some((tab) => this.page.isBusy(tab));
  }

  /** Says that the page is still there, and whether nobody sees it. */
  async signOfLife() {
    if (!this.isKnown && !this.isAway) return;
    const { answer } = await this.request("renew", { hidden: this.browser.isHidden() });
    if (answer?.unknown) this.greetAgain({ alone: true });
    else if (answer) this.handOn(answer);
  }

  /**
   * @param {Event["kind"]} kind
   * @param {Record<string, any>} data
   * @param {string} tab
   * @param {number} id
   */
  async request(kind, data, tab = [...this.tabs][0], id = ++this.count) {
    const { fetch, setTimeout, clearTimeout } = this.browser;
    this.renewal.note();
    const abort = new AbortController();
    this.underWay.add(abort);
    const isQuick = QUICK.includes(kind);
    const timer = setTimeout(() => abort.abort(), isQuick ? PATIENCE : LONG_PATIENCE);
    // The server may be slow, or the connection lost: a quick request finds out.
    const doubt = isQuick ? undefined : setTimeout(() => this.signOfLife(), PATIENCE);
    const outcome = await exchange(fetch, this.page.address, posting(this.body(tab, kind, data, id)), abort.signal);
    clearTimeout(timer);
    clearTimeout(doubt);
    // Taken out of the set, it was given up on purpose: the connection is there, or nobody is.
    const isAwaited = this.underWay.delete(abort);
    if (outcome.refusal) console.error(`The server refused “${kind}”.`, outcome.refusal);
    if (outcome.answer || outcome.refusal) this.reached();
    else if (isAwaited) {
      this.isCatchingUp = true;
      this.outage.lost();
    }
    return outcome;
  }

  /** A request was answered. After an outage those from before it are sent again: their answers may never come. */
  reached() {
    if (!this.isAway) return;
    this.giveUp();
    this.pollsOnce = true;
    this.outage.reached();
    queueMicrotask(() => this.pump());
  }

  giveUp() {
    for (const one of this.underWay) {
      this.underWay.delete(one);
      one.abort();
    }
  }

  /** Sends what is answered quickly, to see whether the server can be reached. */
  async attempt() {
    const hello = this.isKnown ? undefined : this.outbox.next("hello");
    await (hello ? this.deliver(hello) : this.signOfLife());
  }

  /** @type {(tab: string, kind: Event["kind"], data: Record<string, any>, id: number) => Sender & Event} */
  body(tab, kind, data, id) {
    const sender = { token: this.page.token(), document: this.page.document, id, tab };
    return { ...sender, .../** @type {Event} */ ({ ...data, kind }) };
  }
}
