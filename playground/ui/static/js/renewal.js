// When the page says that it is still there: after a while without any other request, so that the server keeps its runs.

const LEAST = 1000; // milliseconds between two looks

export class Renewal {
  every = 0; // milliseconds without a request after which the page says so
  askedAt = 0; // when the last request was sent
  /** @type {any} */
  timer;

  /**
   * @param {import("./exchange.js").Browser} browser
   * @param {() => Promise<void>} renew
   */
  constructor(browser, renew) {
    this.browser = browser;
    this.renew = renew;
  }

  /** A request is being sent. */
  note() {
    this.askedAt = this.browser.now();
  }

  /** @param {number} every milliseconds */
  start(every) {
    this.stop();
    this.every = every;
    const due = this.askedAt + every - this.browser.now();
    this.timer = this.browser.setTimeout(() => this.look(), Math.max(due, LEAST));
  }

  async look() {
    const { timer } = this;
    if (this.browser.now() - this.askedAt >= this.every) await this.renew();
    if (this.timer === timer) this.start(this.every); // else it was stopped or started anew meanwhile
  }

  stop() {
    this.browser.clearTimeout(this.timer);
    this.timer = undefined;
  }
}
