// What the server's messages bring, handed on to the parts of the page. Requests are answered side by side, so that an older
// message can come after a newer one. Of each thing the newest counts.
import { publish } from "./bus.js";
import { setAddress, setToken } from "./front.js";
import { figureTopic, stateTopic } from "./tab_state.js";

export class Inbox {
  /** @param {string} slug */
  constructor(slug) {
    this.slug = slug;
    /** @type {Map<string, number>} topic → order of the message that brought it last */
    this.orders = new Map();
    this.token = "";
  }

  /** @param {import("./protocol.d.ts").Message} message */
  take({ figures, answers, address, knobs, token, run_now, order, tab: _tab, renew: _renew, ...state }) {
    const { slug } = this;
    if (token) {
      // A server that has been restarted numbers its messages from 1 again.
      if (token !== this.token) this.orders.clear();
      this.token = token;
      setToken(token);
      publish(`${slug}/settled`, true);
    }
    if (address && this.isNew("address", order)) setAddress(slug, address);
    if (knobs && this.isNew("knobs", order)) publish(`${slug}/knobs`, knobs);
    if (run_now) publish(`${slug}/run-now`, true); // with the knobs that have just come
    this.publish(stateTopic(slug), state, order);
    const { run, setting } = state;
    for (const [view, figure] of Object.entries(figures)) {
      this.publish(figureTopic(slug, view), { ...figure, run, setting }, order);
    }
    for (const [probe, { clicked, ...given }] of Object.entries(answers)) {
      const answer = { ...given, run, setting };
      this.publish(figureTopic(slug, `probe-${probe}`), { ...answer, clicked }, order);
      if (clicked && answer.figure) this.publish(figureTopic(slug, `inset-${probe}`), answer, order);
    }
  }

  /**
   * @param {string} topic
   * @param {any} value
   * @param {number} order
   */
  publish(topic, value, order) {
    if (this.isNew(topic, order)) publish(topic, value);
  }

  /**
   * @param {string} topic
   * @param {number} order
   */
  isNew(topic, order) {
    if (order <= (this.orders.get(topic) ?? 0)) return false;
    this.orders.set(topic, order);
    return true;
  }
}
