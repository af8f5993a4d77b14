// Questions to the live model. While it trains on, the last one that is in sight is asked again; of several that wait for
// an answer only the newest is asked. An answer may come in parts, each better than the last: the next one is asked for when
// one has come, until there is no more or a newer question has been asked.
import { publish, subscribe } from "./bus.js";
import { figureTopic, onState, stateOf } from "./tab_state.js";

const REST = 1000; // milliseconds between two askings of the same question, at least
const SHARE = 0.1; // of the time that answers may take while the model trains
const TRIES = 2; // of a question whose answer was lost
const LOOK = 250; // milliseconds between two looks at what is out of date

/** @import {AnswerPart, ProbeAbout} from "./protocol.d.ts" */

/**
 * @typedef {object} Asked
 * @property {Record<string, any>} question
 * @property {boolean} clicked whether the answer stands in the picture as well
 */

/**
 * @typedef {object} Line what is known of one probe
 * @property {Asked | null} last
 * @property {Asked | null} next waits until the last one is answered
 * @property {boolean} isWaiting for the first part of an answer
 * @property {object | null} continued the request for a later part that is on its way
 * @property {number} number of the answer that is there
 * @property {number} tries how often the last one was asked without an answer
 * @property {number} askedAt
 * @property {number} took milliseconds, until the last part
 * @property {number} step of the model that answered
 * @property {number} version of that model
 * @property {Set<HTMLElement>} boxes that show its answer
 */

/**
 * Where the fields of a question are published that were changed in a picture.
 * @param {string} slug
 * @param {string} probe
 */
export const changesTopic = (slug, probe) => `${slug}/changes-${probe}`;

export class Questions {
  /** @param {import("./tab.js").TabIO} io */
  constructor(io) {
    this.io = io;
    this.run = 0;
    /** @type {Map<string, Line>} */
    this.lines = new Map();
    for (const probe of io.about.probes) {
      this.lines.set(probe.name, newLine());
      subscribe(figureTopic(io.slug, `probe-${probe.name}`), (answer) => this.take(probe, answer));
    }
    onState(io.slug, ({ run }) => {
      if (run !== this.run) for (const line of this.lines.values()) line.last = null;
      this.run = run;
    });
    setInterval(() => this.refresh(), LOOK);
  }

  /**
   * @param {string} probe
   * @param {HTMLElement} box that shows its answers
   */
  watch(probe, box) {
    this.lines.get(probe)?.boxes.add(box);
  }

  /**
   * @param {string} probe
   * @param {HTMLElement} box that shows its answers no longer
   */
  unwatch(probe, box) {
    this.lines.get(probe)?.boxes.delete(box);
  }

  /**
   * @param {string} probe
   * @param {Asked} asked
   */
  ask(probe, asked) {
    const line = this.lines.get(probe);
    if (!line) return;
    line.next = asked;
    if (!line.isWaiting) this.send(probe, line);
  }

  /**
   * A click in a view fills in some fields; the others are those of the last question.
   * @param {string} view
   * @param {number} x
   * @param {number} y
   */
  click(view, x, y) {
    const probe = this.io.about.probes.find((one) => one.clicks.includes(view));
    const line = probe && this.lines.get(probe.name);
    if (line) this.io.act("click", { view, x, y, question: line.last?.question ?? {} });
  }

  /**
   * The last question with some fields changed, for a picture in which one points at something.
   * @param {string} probe
   * @param {Record<string, any>} changes
   */
  askAgain(probe, changes) {
    const line = this.lines.get(probe);
    if (!line) return;
    const last = line.next ?? line.last;
    publish(changesTopic(this.io.slug, probe), changes);
    this.ask(probe, { question: { ...last?.question, ...changes }, clicked: last?.clicked ?? false });
  }

  /**
   * @param {string} probe
   * @param {Line} line
   */
  send(probe, line) {
    if (!line.next) return;
    const asked = line.next;
    Object.assign(line, { last: asked, next: null, isWaiting: true, continued: null, askedAt: performance.now() });
    this.io.act("ask", { probe, ...asked }).then((isAccepted) => {
      if (line.isWaiting && line.last === asked) this.miss(probe, line, isAccepted);
    });
  }

  /**
   * The request was over without an answer: an outage took it away. It is asked once more, or the next one is.
   * @param {string} probe
   * @param {Line} line
   * @param {boolean} isAccepted
   */
  miss(probe, line, isAccepted) {
    line.isWaiting = false;
    line.tries += 1;
    if (isAccepted && line.tries < TRIES) line.next ??= line.last;
    this.send(probe, line);
  }

  /**
   * @param {ProbeAbout} probe
   * @param {AnswerPart} part
   */
  take(probe, part) {
    const line = this.lines.get(probe.name);
    if (!line || (part.continues && (!line.continued || part.number !== line.number))) return; // of an older question
    if (line.isWaiting || part.continues) line.took = performance.now() - line.askedAt;
    else if (part.clicked && part.figure) this.noteClick(probe, line, part);
    const { step, version, number } = part;
    Object.assign(line, { isWaiting: false, continued: null, tries: 0, step, version, number });
    if (part.error) line.last = null;
    if (line.next) this.send(probe.name, line);
    else if (part.more) this.goOn(probe.name, line, part);
  }

  /**
   * A click in a picture has asked: what it did not fill in is as it is by default.
   * @param {ProbeAbout} probe
   * @param {Line} line
   * @param {AnswerPart} part
   */
  noteClick(probe, line, { question }) {
    const usual = Object.fromEntries(probe.fields.map((field) => [field.name, field.value]));
    Object.assign(line, { last: { question: { ...usual, ...question }, clicked: true }, askedAt: performance.now() });
    requestAnimationFrame(() => [...line.boxes].filter(isElsewhere).forEach(scrollTo));
  }

  /**
   * Asks for the next part of an answer.
   * @param {string} probe
   * @param {Line} line
   * @param {AnswerPart} part
   */
  goOn(probe, line, { number, clicked }) {
    const request = {};
    line.continued = request;
    this.io.act("continue", { probe, number, clicked }).then(() => {
      if (line.continued === request) line.continued = null; // no part has come: the server has dropped the answer
    });
  }

  /** Asks again what is in sight and out of date. */
  refresh() {
    const state = stateOf(this.io.slug);
    if (!state?.run) return;
    const now = performance.now();
    for (const { name, live } of this.io.about.probes) {
      const line = this.lines.get(name);
      const isCurrent = line?.step === state.step && line.version === state.version;
      if (!live || !line?.last || line.isWaiting || line.continued || isCurrent) continue;
      const rested = now - line.askedAt >= Math.max(REST, line.took / SHARE) || state.state !== "training";
      if (rested && [...line.boxes].some(inSight)) this.ask(name, line.last);
    }
  }
}

/** @returns {Line} */
const newLine = () => ({
  last: null,
  next: null,
  isWaiting: false,
  continued: null,
  number: 0,
  tries: 0,
  askedAt: 0,
  took: 0,
  step: 0,
  version: 0,
  boxes: new Set(),
});

/**
 * Whether an answer stands over pictures that are scrolled away.
 * @param {HTMLElement} box
 */
function isElsewhere(box) {
  const { top, bottom, height } = box.getBoundingClientRect();
  return height > 0 && (bottom < 0 || top > window.innerHeight) && box.matches(".place-inset");
}

/** @param {HTMLElement} box */
const scrollTo = (box) => box.scrollIntoView({ block: "center", behavior: "smooth" });

/** @param {HTMLElement} box */
function inSight(box) {
  const { top, bottom, height } = box.getBoundingClientRect();
  return height > 0 && bottom > 0 && top < window.innerHeight && !document.hidden && box.matches(".drawn:not(.closed)");
}
