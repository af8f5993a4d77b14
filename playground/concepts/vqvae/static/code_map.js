// A digit's 7×7 codes beside its picture, its reconstruction and what becomes of it when codes are swapped: a place is
// chosen in the map, and the codebook below is pointed at. The page asks the server for every decoding.
import { answered, cellAt, edited, inkOn, moved, written } from "./code_grid.js";

/**
 * @typedef {object} Codes as `probes.py` makes it
 * @property {number} side
 * @property {number[]} encoded the encoder's codes, row by row
 * @property {number[]} swapped with the visitor's swaps
 * @property {number} place
 * @property {number} code under the pointer, −1 for none
 * @property {string} edits the swaps that stay
 * @property {string[]} colours of the codes
 * @property {number[]} use of each code, per cent
 * @property {string} patches data URL of a sheet of decoded codes
 * @property {number} columns of that sheet
 * @property {string} x data URL
 * @property {string} before
 * @property {string} after
 */

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("vqvae.css", import.meta.url).href);
  const map = new CodeMap(element, io);
  io.box.onFigure(({ figure }) => map.take(figure.codes));
  io.draw.onThemeChange(() => map.draw());
  io.draw.onResize(element, () => map.draw());
}

class CodeMap {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    /** @type {Codes | null} */
    this.codes = null;
    this.place = 24;
    this.code = -1;
    this.edits = "";
    /** @type {string[]} */
    this.asked = [];
    this.sheet = new Image();
    this.sheet.onload = () => this.draw();
    this.map = h("canvas", { class: "grid", tabindex: 0, role: "application", "aria-label": say("code_map") });
    this.book = h("canvas", { class: "book", tabindex: 0, role: "application", "aria-label": say("codebook") });
    this.words = h("p", { class: "code-words", "aria-live": "polite" });
    const captions = { x: say("picture_x"), before: say("picture_before"), after: say("picture_after") };
    this.pictures = Object.entries(captions).map(([name, alt]) => h("img", { class: name, alt }));
    const [x, before, after] = Object.values(captions).map((caption, i) =>
      h("figure", {}, this.pictures[i], h("figcaption", {}, caption)),
    );
    const grid = h("figure", {}, this.map, h("figcaption", {}, say("code_map_short")));
    this.undo = h(
      "button",
      { type: "button", class: "small-button undo", onclick: () => this.ask({ code: -1, edits: "" }) },
      say("undo"),
    );
    element.classList.add("code-map");
    element.replaceChildren(
      h("div", { class: "code-row" }, x, grid, before, after),
      h("div", { class: "code-line" }, this.words, this.undo),
      this.book,
    );
    this.listen();
  }

  /** @param {Codes} codes */
  take(codes) {
    const { io, pictures } = this;
    this.codes = codes;
    const { isOld, asked } = answered(this.asked, question(codes));
    this.asked = asked;
    if (!isOld) Object.assign(this, { place: codes.place, code: codes.code, edits: codes.edits });
    for (const [i, name] of /** @type {["x", "before", "after"]} */ (["x", "before", "after"]).entries()) {
      pictures[i].src = codes[name];
    }
    if (this.sheet.src !== codes.patches) this.sheet.src = codes.patches;
    io.box.frame.classList.add("large");
    this.draw();
    io.box.drawn();
  }

  listen() {
    const { map, book } = this;
    map.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const side = this.codes?.side ?? 7;
      this.choose(cellAt(event, map, side, side));
    });
    map.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const side = this.codes?.side ?? 7;
      const next = moved(event.key, this.place, side, side * side);
      if (next === null) return;
      event.preventDefault();
      this.choose(next);
    });
    const pointed = (/** @type {MouseEvent} */ event) => cellAt(event, book, this.across(), this.down());
    book.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.preview(pointed(event)));
    book.addEventListener("pointerleave", () => this.preview(-1));
    book.addEventListener("click", (/** @type {MouseEvent} */ event) => this.keep(pointed(event)));
    book.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") return this.keep(this.code);
      const next = moved(event.key, Math.max(this.code, 0), this.across(), this.count());
      if (next === null) return;
      event.preventDefault();
      this.preview(next);
    });
  }

  count() {
    return this.codes?.colours.length ?? 0;
  }

  /** Codes in a row of the codebook: as many as make the rows fit its height. */
  across() {
    const { offsetWidth: width, offsetHeight: height } = this.book;
    if (!width || !height) return 16;
    return Math.max(8, Math.ceil(Math.sqrt((this.count() * width) / height)));
  }

  down() {
    return Math.ceil(this.count() / this.across());
  }

  /** @param {number} place */
  choose(place) {
    // What was put into the last place from the plane or the bars stays there.
    this.ask({ place, code: -1, edits: edited(this.edits, this.place, this.code) });
  }

  /** @param {number} code */
  preview(code) {
    if (code >= this.count() || code === this.code) return;
    this.ask({ code });
  }

  /** @param {number} code */
  keep(code) {
    if (code < 0 || code >= this.count()) return;
    this.ask({ code: -1, edits: edited(this.edits, this.place, code) });
  }

  /** @param {{place?: number, code?: number, edits?: string}} changes */
  ask(changes) {
    if (!this.codes) return;
    Object.assign(this, changes);
    this.asked.push(question(this));
    this.draw(); // the map at once, the picture when the server has decoded it
    this.io.questions.askAgain(changes);
  }

  /** The codes as they stand, before the server has answered. */
  shown() {
    const { codes } = this;
    if (!codes) return [];
    const all = [...codes.encoded];
    for (const [place, code] of written(this.edits)) all[place] = code;
    if (this.code >= 0) all[this.place] = this.code;
    return all;
  }

  draw() {
    const { codes, io } = this;
    if (!codes || !this.map.offsetWidth) return;
    const shown = this.shown();
    this.drawMap(codes, shown);
    this.drawBook(codes, shown[this.place]);
    const [row, column] = [Math.floor(this.place / codes.side) + 1, (this.place % codes.side) + 1];
    const [from, to] = [codes.encoded[this.place], shown[this.place]];
    const values = { row, column, from, to, use: codes.use[to] };
    this.words.textContent = io.say(from === to ? "place_code" : "place_swapped", values);
    this.undo.hidden = shown.every((code, i) => code === codes.encoded[i]);
  }

  /**
   * @param {Codes} codes
   * @param {number[]} shown
   */
  drawMap(codes, shown) {
    const room = this.io.draw.fresh(this.map);
    if (!room) return;
    const { pen, width } = room;
    const cell = width / codes.side;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `${Math.min(11, cell * 0.5)}px system-ui, sans-serif`;
    for (const [i, code] of shown.entries()) {
      const [x, y] = [(i % codes.side) * cell, Math.floor(i / codes.side) * cell];
      pen.fillStyle = codes.colours[code];
      pen.fillRect(x, y, cell, cell);
      if (cell >= 17) {
        pen.fillStyle = inkOn(codes.colours[code]);
        pen.fillText(String(code), x + cell / 2, y + cell / 2);
      }
      if (code !== codes.encoded[i]) frameCell(pen, x, y, cell, this.io.draw.colour("path"), 2);
    }
    const [x, y] = [(this.place % codes.side) * cell, Math.floor(this.place / codes.side) * cell];
    frameCell(pen, x, y, cell, this.io.draw.colour("ink"), 3);
  }

  /**
   * @param {Codes} codes
   * @param {number} current
   */
  drawBook(codes, current) {
    const room = this.io.draw.fresh(this.book);
    if (!room) return;
    const { pen, width, height } = room;
    const [across, down] = [this.across(), this.down()];
    const [wide, high] = [width / across, height / down];
    const size = this.sheet.width / codes.columns;
    pen.imageSmoothingEnabled = false;
    for (let code = 0; code < codes.colours.length; code++) {
      const [x, y] = [(code % across) * wide, Math.floor(code / across) * high];
      const [left, top] = [(code % codes.columns) * size, Math.floor(code / codes.columns) * size];
      pen.globalAlpha = codes.use[code] > 0 ? 1 : 0.35;
      pen.fillStyle = codes.colours[code];
      pen.fillRect(x, y, wide - 1, high - 1);
      if (size) pen.drawImage(this.sheet, left, top, size, size, x + 2, y + 2, wide - 5, high - 5);
    }
    pen.globalAlpha = 1;
    const at = /** @type {[number, number]} */ ([(current % across) * wide, Math.floor(current / across) * high]);
    pen.strokeStyle = this.io.draw.colour("ink");
    pen.lineWidth = 3;
    pen.strokeRect(at[0] + 0.5, at[1] + 0.5, wide - 2, high - 2);
  }
}

/** @param {{place: number, code: number, edits: string}} asked */
const question = ({ place, code, edits }) => `${place} ${code} ${edits}`;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} cell
 * @param {string} colour
 * @param {number} width
 */
function frameCell(pen, x, y, cell, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.strokeRect(x + width / 2, y + width / 2, cell - width, cell - width);
}
