// Which page of this browser uses a token. Duplicating a browser tab copies what it has stored, its token too: the copy asks
// the other pages, and one that uses the token answers.
import { channel } from "./browser.js";

const NAME = "playground-pages";
const PATIENCE = 150; // milliseconds for which an answer is awaited

export class Claim {
  /** @param {string} page random id of this page */
  constructor(page) {
    this.page = page;
    this.token = "";
    this.isAsking = false;
    /** @type {ReturnType<typeof channel>} */
    this.channel = null;
    /** @type {(isAlone: boolean) => void} */
    this.settle = () => {};
  }

  /** @param {string} token that this page uses from now on */
  hold(token) {
    this.token = token;
    this.channel ??= channel(NAME, (message) => this.hear(message));
  }

  /**
   * @param {string} token that this page would like to use
   * @returns {Promise<boolean | null>} whether no other page uses it; null where pages cannot talk to each other
   */
  async isAlone(token) {
    this.hold(token);
    if (!this.channel) return null;
    this.isAsking = true;
    const answered = new Promise((/** @type {(isAlone: boolean) => void} */ resolve) => {
      this.settle = resolve;
    });
    this.channel.post({ asks: token, from: this.page });
    const timer = setTimeout(() => this.settle(true), PATIENCE);
    const isAlone = await answered;
    clearTimeout(timer);
    this.isAsking = false;
    if (!isAlone && this.token === token) this.token = "";
    return isAlone;
  }

  /** The page is being left: an open channel would keep some browsers from bringing it back as it was. */
  release() {
    this.channel?.close();
    this.channel = null;
  }

  /** @param {{asks?: string, from?: string, uses?: string, to?: string}} message */
  hear({ asks, from = "", uses, to }) {
    // Of two pages that ask at the same time (a browser that restores its windows), one gives way.
    const isOurs = asks && asks === this.token && (!this.isAsking || this.page < from);
    if (isOurs) this.channel?.post({ uses: asks, to: from });
    if (uses && uses === this.token && to === this.page && this.isAsking) this.settle(false);
  }
}
