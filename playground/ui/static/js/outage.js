// Whether the server can be reached. While it cannot, one request after the other tries, at growing distances.

const FIRST_REST = 250; // milliseconds before the first try; twice as long before each later one
const LONGEST_REST = 2000;

export class Outage {
  isAway = false;
  isTrying = false;
  isUrgent = false; // whether to try again at once when the try under way is over
  rest = FIRST_REST;
  /** @type {any} */
  timer;

  /**
   * @param {{setTimeout: (callback: () => void, milliseconds: number) => any, clearTimeout: (timer: any) => void}} timers
   * @param {() => Promise<void>} attempt sends one request; `reached` is called when it is answered
   * @param {(isAway: boolean) => void} tell called when the connection is lost, and when it is back
   */
  constructor(timers, attempt, tell) {
    this.timers = timers;
    this.attempt = attempt;
    this.tell = tell;
  }

  /** A request had no answer. */
  lost() {
    if (this.isAway) return;
    this.isAway = true;
    this.rest = FIRST_REST;
    this.later();
    this.tell(true);
  }

  /** A request was answered. */
  reached() {
    if (!this.isAway) return;
    this.isAway = false;
    this.stop();
    this.tell(false);
  }

  later() {
    this.stop();
    this.timer = this.timers.setTimeout(() => this.retry(), this.rest);
  }

  /** Tries now, if the connection is lost. */
  async retry() {
    if (!this.isAway) return;
    this.isUrgent = this.isTrying;
    if (this.isTrying) return;
    this.isTrying = true;
    this.stop();
    await this.attempt();
    this.isTrying = false;
    if (!this.isAway) return;
    this.rest = Math.min(2 * this.rest, LONGEST_REST);
    if (this.isUrgent) this.retry();
    else this.later();
  }

  stop() {
    this.timers.clearTimeout(this.timer);
  }
}
