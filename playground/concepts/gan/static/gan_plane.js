// The duel in the plane: the discriminator's field, real and generated points, the generator's grid of noise. At slow speeds
// a step is shown in its order: the discriminator learns, gradients appear, generated points follow them.
import { bitmapText, CELLS, cellsOf } from "./bitmap.js";
import { between, phaseAt } from "./half_steps.js";
import { drawArrows, drawField, drawMesh, drawPoints, drawRings, drawTrails, fieldAt } from "./plane_drawing.js";

/**
 * @typedef {object} Duel as `plane.py` makes it
 * @property {number} reach the plane is shown from −reach to reach
 * @property {number} side cells of the field in a row
 * @property {string} fieldBefore base64 of side² bytes, the top row first: 255 where D is sure that points are real
 * @property {string} fieldAfter with the discriminator's half of the step
 * @property {number[][]} real
 * @property {number[][]} before generated points before the generator's half of the step
 * @property {number[][]} after
 * @property {number[][]} average points of the averaged generator, which the measures are about
 * @property {number[][]} arrows down the generator's loss, at the points before
 * @property {number[][][]} mesh lines of the noise's grid as the generator maps it
 * @property {number[] | null} styles of CAN's generated points: entropy of their style as a share of its maximum
 * @property {boolean} drawable whether the visitor may draw the distribution
 */

const SLOW = 500; // milliseconds between two figures from which on half-steps are shown
const LAYERS = ["field", "mesh", "arrows", "trails", "average"];

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("gan.css", import.meta.url).href);
  const plane = new DuelPlane(element, io);
  io.box.onFigure((shown) => plane.take(shown));
  io.run.onState(({ run }) => plane.offerPencil(run > 0));
  io.draw.onThemeChange(() => plane.draw());
  io.draw.onResize(plane.canvas, () => plane.draw());
}

class DuelPlane {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    /** @type {Duel | null} */
    this.duel = null;
    this.fields = { before: new Uint8Array(), after: new Uint8Array() };
    /** @type {number[][]} generated points where they stood last */
    this.stood = [];
    this.hasRun = false;
    this.step = 0;
    this.cameAt = 0;
    this.lasts = 0; // milliseconds that the way to the newest figure is shown
    this.isSlow = false;
    this.hidden = new Set(["trails", "average"]);
    /** @type {number[] | null} */
    this.pointer = null;
    /** @type {Set<number> | null} cells that are being drawn */
    this.drawn = null;
    this.canvas = h("canvas", { class: "duel", tabindex: 0, role: "img", "aria-label": io.box.options.title });
    this.words = h("span", { class: "duel-words", "aria-live": "off" });
    this.pencil = h(
      "button",
      {
        type: "button",
        class: "small-button pencil",
        "aria-pressed": "false",
        hidden: true,
        onclick: () => this.toggleDrawing(),
      },
      say("draw"),
    );
    const layers = LAYERS.map((name) =>
      h(
        "button",
        {
          type: "button",
          class: "small-button",
          "aria-pressed": String(!this.hidden.has(name)),
          onclick: (/** @type {Event} */ event) => this.toggle(name, /** @type {HTMLElement} */ (event.currentTarget)),
        },
        say(`layer_${name}`),
      ),
    );
    element.classList.add("duel-plane");
    element.replaceChildren(this.canvas, h("div", { class: "duel-bar" }, this.pencil, ...layers, this.words));
    this.listen();
  }

  /** @param {import("../../../ui/static/js/tab_state.js").ShownFigure} shown */
  take({ figure, step }) {
    const { duel } = figure;
    const now = performance.now();
    const waited = now - this.cameAt;
    const follows = this.duel !== null && step > this.step && duel.after.length === this.stood.length;
    this.stood = follows ? this.pointsNow(now) : duel.before;
    this.isSlow = step > 0 && (step === this.step + 1 || !follows) && (waited > SLOW || !this.io.run.isTraining());
    this.lasts = this.isSlow ? Math.min(1600, Math.max(700, 0.9 * waited)) : follows ? Math.min(200, waited) : 0;
    Object.assign(this, { duel, step, cameAt: now });
    this.fields = { before: bytes(duel.fieldBefore), after: bytes(duel.fieldAfter) };
    this.offerPencil();
    this.io.draw.inTurn(() => this.draw());
    this.keepMoving();
    this.io.box.drawn();
  }

  /** The real data can be drawn where the run has it drawn; before a run, where the knobs do. */
  offerPencil(hasRun = this.hasRun) {
    this.hasRun = hasRun;
    const canDraw = hasRun ? this.duel?.drawable : this.io.knobs.get().data === "drawn";
    this.pencil.hidden = !canDraw;
    if (!canDraw) this.stopDrawing();
  }

  /** Draws on until the newest figure stands. */
  keepMoving() {
    if (this.isMoving) return;
    this.isMoving = true;
    const next = () => {
      this.isMoving = !this.io.signal.aborted && performance.now() - this.cameAt < this.lasts + 40;
      this.draw();
      if (this.isMoving) setTimeout(() => requestAnimationFrame(next), 20); // leaves the processor some rest
    };
    requestAnimationFrame(next);
  }

  /** @param {number} now */
  share(now) {
    return this.lasts ? Math.min(1, (now - this.cameAt) / this.lasts) : 1;
  }

  /** @param {number} now */
  pointsNow(now) {
    const duel = /** @type {Duel} */ (this.duel);
    const share = this.share(now);
    if (!this.isSlow) return between(this.stood, duel.after, share);
    return between(duel.before, duel.after, phaseAt(share).generator);
  }

  draw() {
    const { duel, io, canvas, hidden } = this;
    const paper = duel && !document.hidden && io.draw.fresh(canvas);
    if (!paper) return;
    const { pen, width, height } = paper;
    const now = performance.now();
    const phase = this.isSlow ? phaseAt(this.share(now)) : phaseAt(1);
    const scale = Math.min(width, height) / (2 * duel.reach);
    const at = (/** @type {number[]} */ [x, y]) => [width / 2 + x * scale, height / 2 - y * scale];
    const stops = io.draw.scale("diverging");
    const field =
      phase.discriminator < 1 ? between(this.fields.before, this.fields.after, phase.discriminator) : this.fields.after;
    if (!hidden.has("field") && stops) drawField(pen, field, duel.side, at, duel.reach, stops, io.draw.isDark());
    if (!hidden.has("mesh")) drawMesh(pen, duel.mesh, at, io.draw.colour("ink-soft"));
    const points = this.pointsNow(now);
    drawPoints(pen, duel.real, at, io.draw.colour("standard"), io.draw.colour("card"));
    if (!hidden.has("trails") || this.isSlow)
      drawTrails(pen, this.isSlow ? duel.before : this.stood, points, at, io.draw.colour("notes"));
    if (!hidden.has("arrows")) drawArrows(pen, points, duel.arrows, at, phase.gradients, io.draw.colour("ink"));
    drawPoints(
      pen,
      points,
      at,
      io.draw.colour("notes"),
      io.draw.colour("card"),
      duel.styles,
      io.draw.colour("highlight"),
    );
    if (!hidden.has("average")) drawRings(pen, duel.average, at, io.draw.colour("path"));
    if (this.pointer && document.activeElement === canvas) drawRings(pen, [this.pointer], at, io.draw.colour("ink"));
    if (this.drawn) this.drawCells(pen, at, (2 * duel.reach * scale) / CELLS);
    this.say(phase, field);
    canvas.dataset.step = String(this.step);
    canvas.dataset.phase = this.isSlow ? phase.name : "whole";
  }

  /**
   * @param {import("./half_steps.js").Phase} phase
   * @param {ArrayLike<number>} field
   */
  say(phase, field) {
    const { io, pointer, duel } = this;
    let words = this.isSlow && phase.name !== "whole" ? io.say(`phase_${phase.name}`) : "";
    if (pointer && duel && !this.drawn)
      words = io.say("at_pointer", { p: fieldAt(field, duel.side, duel.reach, pointer).toFixed(2) });
    if (this.drawn) words = io.say("drawing");
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {(at: number[]) => number[]} at
   * @param {number} size
   */
  drawCells(pen, at, size) {
    const { reach } = /** @type {Duel} */ (this.duel);
    pen.fillStyle = this.io.draw.colour("standard");
    pen.globalAlpha = 0.55;
    for (const cell of /** @type {Set<number>} */ (this.drawn)) {
      const [x, y] = at([
        ((cell % CELLS) / CELLS) * 2 * reach - reach,
        reach - (Math.floor(cell / CELLS) / CELLS) * 2 * reach,
      ]);
      pen.fillRect(x, y, size, size);
    }
    pen.globalAlpha = 1;
  }

  /**
   * @param {string} name of a layer
   * @param {HTMLElement} button
   */
  toggle(name, button) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    button.setAttribute("aria-pressed", String(!this.hidden.has(name)));
    this.draw();
  }

  toggleDrawing() {
    if (this.drawn) this.stopDrawing();
    else {
      this.drawn = new Set();
      this.pencil.setAttribute("aria-pressed", "true");
      this.canvas.classList.add("drawing");
    }
    this.draw();
  }

  stopDrawing() {
    this.drawn = null;
    this.pencil.setAttribute("aria-pressed", "false");
    this.canvas.classList.remove("drawing");
  }

  /**
   * @param {PointerEvent} event
   * @returns {number[] | null} (x, y) in the plane
   */
  placeOf(event) {
    if (!this.duel) return null;
    const box = this.canvas.getBoundingClientRect();
    const scale = Math.min(box.width, box.height) / (2 * this.duel.reach);
    const x = (event.clientX - box.left - box.width / 2) / scale;
    const y = (box.top + box.height / 2 - event.clientY) / scale;
    return Math.max(Math.abs(x), Math.abs(y)) <= this.duel.reach ? [x, y] : null;
  }

  listen() {
    const { canvas, io } = this;
    let isDown = false;
    /** @type {number[] | null} */
    let last = null;
    const paint = (/** @type {PointerEvent} */ event) => {
      const place = this.placeOf(event);
      if (!place || !this.drawn || !this.duel) return;
      for (const cell of cellsOf(last ?? place, place, this.duel.reach)) this.drawn.add(cell);
      last = place;
      this.draw();
    };
    canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      if (!this.drawn) return;
      isDown = true;
      last = null;
      this.io.browser.grabPointer(canvas, event);
      paint(event);
    });
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      this.pointer = this.placeOf(event);
      if (isDown) paint(event);
      else this.draw();
    });
    canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.draw();
    });
    canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (!this.duel) return;
      const reach = this.duel.reach;
      const [x, y] = this.pointer ?? [0, 0];
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (by) this.pointer = [x, y].map((at, i) => Math.max(-reach, Math.min(reach, at + (by[i] * reach) / 20)));
      else if (event.key === "Enter") io.questions.click(x, y);
      else return;
      event.preventDefault();
      this.draw();
    });
    canvas.addEventListener("pointerup", () => {
      if (isDown && this.drawn?.size) io.knobs.set({ drawing: bitmapText(this.drawn) });
      isDown = false;
    });
    canvas.addEventListener("click", (/** @type {PointerEvent} */ event) => {
      const place = this.drawn ? null : this.placeOf(event);
      if (place) io.questions.click(place[0], place[1]);
    });
  }
}

/** @param {string} text base64 */
const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
