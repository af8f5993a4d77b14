// New digits as they are drawn: every map fills code by code, and under it the picture follows, row by row.

const PLACES_A_SECOND = 12;
const HOLD = 2; // seconds that finished digits stand still before newer ones begin

/**
 * @typedef {object} Filling as `filling.py` makes it
 * @property {number} side
 * @property {number[][]} codes of each digit, in the order in which they were drawn
 * @property {string[]} colours of the codes
 * @property {string} sheet data URL: a row for each number of finished rows, a column a digit
 */

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("vqvae.css", import.meta.url).href);
  const player = new FillingPlayer(element, io);
  io.box.onFigure(({ figure }) => player.take(figure.filling));
  io.draw.onResize(element, () => player.draw());
}

class FillingPlayer {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    this.canvas = h("canvas", { class: "filling", role: "img", "aria-label": io.box.options.title });
    this.nothing = h("p", { class: "no-prior" }, say("no_prior"));
    element.classList.add("code-filling");
    element.replaceChildren(this.canvas, this.nothing);
    this.sheet = new Image();
    this.sheet.onload = () => this.draw();
    /** @type {Filling | null} */
    this.shown = null;
    /** @type {Filling | null} */
    this.next = null;
    this.began = 0;
    this.running = false;
  }

  /** @param {Filling | null} filling */
  take(filling) {
    this.nothing.hidden = Boolean(filling);
    this.canvas.hidden = !filling;
    this.io.box.drawn();
    if (!filling) {
      this.shown = this.next = null;
      return;
    }
    this.next = filling;
    if (!this.running) this.begin(performance.now());
  }

  /** @param {number} now */
  begin(now) {
    if (!this.next) {
      this.running = false;
      return;
    }
    [this.shown, this.next] = [this.next, null];
    this.sheet.src = /** @type {Filling} */ (this.shown).sheet;
    const still = this.io.browser.matches("(prefers-reduced-motion: reduce)");
    this.began = still ? -1e9 : now;
    this.running = true;
    requestAnimationFrame((at) => this.frame(at));
  }

  /** How many places are filled. */
  filled() {
    const all = (this.shown?.side ?? 7) ** 2;
    return Math.min(all, Math.floor(((performance.now() - this.began) / 1000) * PLACES_A_SECOND));
  }

  /** @param {number} now */
  frame(now) {
    this.draw();
    if (!this.shown || !this.canvas.isConnected || this.io.signal.aborted) {
      this.running = false;
      return;
    }
    const seconds = this.shown.side ** 2 / PLACES_A_SECOND + HOLD;
    if (now - this.began > 1000 * seconds) this.begin(now);
    else setTimeout(() => requestAnimationFrame((at) => this.frame(at)), 1000 / PLACES_A_SECOND);
  }

  draw() {
    const { canvas, shown, sheet } = this;
    const room = shown && this.io.draw.fresh(canvas);
    if (!room) return;
    const { pen, width, height } = room;
    pen.imageSmoothingEnabled = false;
    const count = shown.codes.length;
    const across = columnsFor(count, width, height);
    const down = Math.ceil(count / across);
    const size = Math.min(width / across - 8, (height / down - 12) / 2);
    const [done, size0] = [this.filled(), sheet.width / count];
    canvas.dataset.filled = String(done);
    for (const [i, codes] of shown.codes.entries()) {
      const left = (i % across) * (width / across) + (width / across - size) / 2;
      const top = Math.floor(i / across) * (height / down);
      const cell = size / shown.side;
      pen.fillStyle = this.io.draw.colour("grid");
      pen.fillRect(left, top, size, size);
      for (let place = 0; place < done; place++) {
        pen.fillStyle = shown.colours[codes[place]];
        const [x, y] = [(place % shown.side) * cell, Math.floor(place / shown.side) * cell];
        pen.fillRect(left + x, top + y, cell + 0.5, cell + 0.5);
      }
      if (!size0) continue;
      const stage = Math.floor(done / shown.side) * size0;
      pen.drawImage(sheet, i * size0, stage, size0, size0, left, top + size + 3, size, size);
    }
  }
}

/**
 * @param {number} count of digits, each twice as high as wide
 * @param {number} width
 * @param {number} height
 * @returns {number} columns with which they are largest
 */
export function columnsFor(count, width, height) {
  let best = 1;
  let largest = 0;
  for (let across = 1; across <= count; across++) {
    const size = Math.min(width / across, height / Math.ceil(count / across) / 2);
    if (size > largest) [best, largest] = [across, size];
  }
  return best;
}
