// Handles in a picture: each stands where live knobs are set, and sets them when it is dragged or moved by keys. For charts see
// plot_handles.js; a medium that draws by itself says how values become pixels and back.
import { keyMove, nearest, stepped } from "./handle_values.js";
import { newestOf } from "./newest.js";

/** @typedef {import("./figure_meta.d.ts").HandleMeta} HandleMeta */
/** @typedef {import("../medium_io.js").MediumIO} MediumIO */
/** @typedef {import("./handle_values.js").Bounds} Bounds */
/** @typedef {{x?: number, y?: number}} Place in the picture's units; a coordinate that the handle does not declare is missing */

/**
 * @typedef {object} Places
 * @property {(place: Place, about: HandleMeta) => [number, number] | null} toPixels from the stage's upper left corner; null
 *   where the picture cannot say now
 * @property {(pixels: [number, number], about: HandleMeta) => Place} toValue
 * @property {(changes: Record<string, number>) => void} [moved] is told of each move by hand at once, before the page is
 */

const REST = 50; // milliseconds between two settings of knobs while a handle moves
const AXES = /** @type {const} */ (["x", "y"]);

export class Handles {
  /**
   * @param {Element} stage over which the handles lie; its style has a position
   * @param {MediumIO} io
   * @param {Places} places
   */
  constructor(stage, io, places) {
    this.io = io;
    this.places = places;
    this.layer = io.h("div", { class: "handles" });
    stage.append(this.layer);
    /** @type {Map<string, Handle>} */
    this.handles = new Map();
    io.knobs.onChange(() => this.place());
  }

  /**
   * Those of the newest figure; one that stays keeps its element, and with it the focus or the pointer that holds it.
   * @param {HandleMeta[]} declared
   */
  show(declared) {
    const names = declared.map(({ name }) => name);
    for (const [name, handle] of this.handles) {
      if (names.includes(name)) continue;
      handle.element.remove();
      this.handles.delete(name);
    }
    for (const about of declared) {
      const known = this.handles.get(about.name);
      if (known) known.about = about;
      else {
        const made = new Handle(about, this.io, this.places, this.layer);
        this.handles.set(about.name, made);
        this.layer.append(made.element);
      }
    }
    this.place();
  }

  /** @returns {string[]} names of those that a pointer holds */
  held() {
    return [...this.handles].filter(([, { held }]) => held).map(([name]) => name);
  }

  /** After a change of knobs, of the picture's size, or of its axes. */
  place() {
    for (const handle of this.handles.values()) handle.place();
  }
}

class Handle {
  /**
   * @param {HandleMeta} about
   * @param {MediumIO} io
   * @param {Places} places
   * @param {HTMLElement} layer
   */
  constructor(about, io, places, layer) {
    this.about = about;
    this.io = io;
    this.places = places;
    this.layer = layer;
    /** @type {Record<string, number> | null} knobs as the hand has set them, until it lets go */
    this.held = null;
    /** @type {[number, number]} from the pointer to the handle's middle */
    this.grip = [0, 0];
    /** @type {"x" | "y"} along which it was moved last */
    this.axis = about.x && "knob" in about.x ? "x" : "y";
    this.sender = newestOf((/** @type {Record<string, number>} */ changes) => io.knobs.set(changes), REST);
    const attributes = { class: "handle", role: "slider", tabindex: 0, title: io.say("handle_keys") };
    this.element = io.h("div", { ...attributes, "data-handle": about.name });
    this.listen();
  }

  listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.grab(event));
    element.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
      element.addEventListener(kind, () => this.release());
    element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    element.addEventListener("dblclick", () => this.turn((bounds) => bounds.value));
  }

  /**
   * @param {"x" | "y"} axis
   * @returns {string} name of the knob that is set along it, "" where there is none
   */
  knobOf(axis) {
    const coordinate = this.about[axis];
    return coordinate && "knob" in coordinate ? coordinate.knob : "";
  }

  /** @returns {("x" | "y")[]} along which it can be moved */
  axes() {
    return AXES.filter((axis) => this.knobOf(axis));
  }

  /**
   * @param {string} knob
   * @returns {Bounds & {value: number, label: string}}
   */
  bounds(knob) {
    const { low, high, step, value, label = knob } = this.io.knobs.about(knob) ?? {};
    return { low: low ?? Number.NEGATIVE_INFINITY, high: high ?? Number.POSITIVE_INFINITY, step, value, label };
  }

  /** @param {string} knob */
  value(knob) {
    const newest = this.held?.[knob] ?? this.sender.waiting()?.[knob] ?? this.io.knobs.get()[knob];
    return Number(newest ?? this.bounds(knob).value);
  }

  /** @returns {Place} */
  at() {
    /** @type {Place} */
    const place = {};
    for (const axis of AXES) {
      const coordinate = this.about[axis];
      if (coordinate) place[axis] = "knob" in coordinate ? this.value(coordinate.knob) : coordinate.at;
    }
    return place;
  }

  place() {
    const pixels = this.places.toPixels(this.at(), this.about);
    const isShown = pixels?.every(Number.isFinite) ?? false;
    this.element.hidden = !isShown;
    if (pixels && isShown) Object.assign(this.element.style, { left: `${pixels[0]}px`, top: `${pixels[1]}px` });
    this.tell();
  }

  /** Says what it is and where it stands to those who do not see it. */
  tell() {
    const { element, about, io } = this;
    const axes = this.axes();
    const knobs = axes.map((axis) => this.knobOf(axis));
    element.dataset.along = axes.join("");
    if (element.textContent !== (about.symbol ?? "")) element.textContent = about.symbol;
    const [{ low, high }] = knobs.map((knob) => this.bounds(knob));
    const words = knobs.map((knob) =>
      io.say("handle_value", { label: this.bounds(knob).label, value: this.value(knob) }),
    );
    const values = {
      "aria-label": about.label,
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-valuenow": this.value(knobs[0]),
      "aria-valuetext": words.join(", "),
    };
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, String(value));
  }

  /** @param {PointerEvent} event */
  grab(event) {
    if (event.button) return;
    event.preventDefault();
    event.stopPropagation();
    this.element.focus({ preventScroll: true });
    this.io.browser.grabPointer(this.element, event);
    const pixels = this.places.toPixels(this.at(), this.about);
    const [left, top] = this.pointed(event);
    this.grip = pixels ? [pixels[0] - left, pixels[1] - top] : [0, 0];
    this.held = Object.fromEntries(this.axes().map((axis) => [this.knobOf(axis), this.value(this.knobOf(axis))]));
    this.element.classList.add("held");
  }

  /**
   * @param {PointerEvent} event
   * @returns {[number, number]} from the stage's upper left corner
   */
  pointed({ clientX, clientY }) {
    const { left, top } = this.layer.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.held) return;
    event.stopPropagation();
    const [left, top] = this.pointed(event);
    const place = this.places.toValue([left + this.grip[0], top + this.grip[1]], this.about);
    const changes = { ...this.held };
    for (const axis of this.axes()) {
      const [knob, value] = [this.knobOf(axis), place[axis]];
      if (value !== undefined && !Number.isNaN(value)) changes[knob] = nearest(value, this.bounds(knob));
    }
    if (Object.keys(changes).every((knob) => changes[knob] === this.held?.[knob])) return;
    this.held = changes;
    this.send(changes);
  }

  /** It stands where the server says from now on; what the hand set last is told in any case. */
  release() {
    const { held } = this;
    if (!held) return;
    this.held = null;
    this.element.classList.remove("held");
    const now = this.io.knobs.get();
    if (Object.keys(held).some((knob) => held[knob] !== now[knob])) this.sender.push(held);
    this.sender.flush();
    this.place();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const move = keyMove(event.key, event.shiftKey, { x: this.way("x"), y: this.way("y") });
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    if (!("to" in move)) {
      this.axis = move.axis;
      this.turn((bounds, now) => stepped(now, move.steps, bounds), [move.axis]);
    } else if (move.to === "default") this.turn((bounds) => bounds.value);
    else {
      const { to } = move;
      this.turn((bounds) => bounds[to], [this.axis]);
    }
  }

  /**
   * @param {"x" | "y"} axis
   * @returns {number} 1 where larger values are further right or up, −1 where they are further left or down, 0 without a knob
   */
  way(axis) {
    const knob = this.knobOf(axis);
    if (!knob) return 0;
    const { low, high } = this.bounds(knob);
    const [from, to] = [low, high].map((value) => this.places.toPixels({ ...this.at(), [axis]: value }, this.about));
    const i = axis === "x" ? 0 : 1;
    const isForward = !from || !to || from[i] < to[i] === (axis === "x");
    return isForward ? 1 : -1;
  }

  /**
   * Sets its knobs.
   * @param {(bounds: Bounds & {value: number}, now: number) => number} value
   * @param {("x" | "y")[]} axes along which
   */
  turn(value, axes = this.axes()) {
    const knobs = axes.map((axis) => this.knobOf(axis));
    const changes = Object.fromEntries(knobs.map((knob) => [knob, value(this.bounds(knob), this.value(knob))]));
    if (Object.values(changes).every(Number.isFinite)) this.send({ ...this.sender.waiting(), ...changes });
  }

  /** @param {Record<string, number>} changes */
  send(changes) {
    this.places.moved?.(changes);
    this.sender.push(changes);
    this.place();
  }
}
