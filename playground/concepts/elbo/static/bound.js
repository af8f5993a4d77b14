// q beside the posterior, under the visitor's hand, with the terms of its bound. What is drawn is computed here, from the q of
// the newest figure or from the one that the hand holds; what is measured comes from the server.
import { logEvidence, termsOf } from "./bound_arithmetic.js";
import { areasOf, curvesOf, evidenceCurve, heatOf, placing } from "./bound_drawing.js";
import { Fields } from "./bound_fields.js";
import { askedFor, caughtUp, chosenFirst, fits, inOrder, KEYS, knobsOf, overruled, remembering, startOf, withHand, withinBounds } from "./bound_hand.js"; // biome-ignore format: short
import { handlesOf, pixelsOf, valuesAt } from "./bound_handles.js";
import { legendParts, paintHeat, press } from "./bound_legend.js";
import { lineMarks, planeMarks, stripMarks, weightMarks } from "./bound_marks.js";
import { svg } from "./bound_svg.js";
import { axisMarks, splitMarks } from "./bound_terms.js";

const SIDE = 121; // places of the heat map along each side
const NOWHERE = { width: 0, height: 0 };

/** @typedef {import("../../../ui/static/js/medium_io.js").MediumIO} MediumIO */
/** @typedef {import("./bound_hand.js").Shown} Shown */
/** @typedef {import("./bound_hand.js").Values} Values */
/** @typedef {import("./bound_handles.js").Frame} Frame */

/**
 * @param {HTMLElement} element
 * @param {MediumIO} io
 */
export async function mount(element, io) {
  const { Handles } = await io.files.handles();
  await io.files.loadOnce(new URL("elbo.css", import.meta.url).href);
  const bound = new Bound(element, io, Handles);
  io.box.onFigure(({ figure, pre_trained }) => bound.take(figure.bound, Boolean(pre_trained)));
  io.run.onState((state) => bound.follow(state));
  io.knobs.onChange(() => bound.overrule());
  io.draw.onThemeChange(() => bound.redraw());
  for (const part of /** @type {const} */ (["stage", "axis", "split"]))
    io.draw.onResize(bound[part], () => bound.resize(part));
}

class Bound {
  /**
   * @param {HTMLElement} element
   * @param {MediumIO} io
   * @param {typeof import("../../../ui/static/js/media/handles.js").Handles} Handles
   */
  constructor(element, io, Handles) {
    const { h, say } = io;
    this.io = io;
    /** @type {(Shown & {isPreTrained: boolean}) | null} */
    this.figure = null;
    /** @type {(Shown & {isPreTrained: boolean}) | null} the newest one, which waits until the hand lets go */
    this.late = null;
    /** @type {import("./bound_hand.js").Hand} */
    this.hand = { q: null, moves: 0, x: null };
    this.run = 0;
    this.chosen = 0;
    this.waits = false;
    /** @type {Values} q before the first move */
    this.start = {};
    this.once = remembering();
    /** Sizes as they were told: to ask for them while a handle moves would lay the page out again. */
    this.rooms = { stage: NOWHERE, axis: NOWHERE, split: NOWHERE };
    this.heat = h("canvas", { class: "bound-heat", "aria-hidden": "true" });
    this.picture = svg("svg", { "aria-hidden": "true" });
    this.stage = h("div", { class: "bound-stage" }, this.heat);
    this.stage.append(this.picture);
    this.axis = svg("svg", { class: "bound-axis", role: "img" });
    this.split = svg("svg", { class: "bound-split", role: "img" });
    this.legend = h("div", { class: "bound-legend" });
    this.fields = new Fields(io, (knob, value) => this.set({ [knob]: value }));
    this.reset = h("button", { type: "button", class: "small-button bound-reset", onclick: () => this.set(this.start) }, say("bound_reset")); // biome-ignore format: short
    const side = h("div", { class: "bound-side" });
    side.append(this.axis, this.split);
    const foot = h("div", { class: "bound-foot" }, this.fields.row, this.reset);
    element.classList.add("elbo-bound");
    element.replaceChildren(this.legend, h("div", { class: "bound-pair" }, this.stage, side), foot, this.fields.complaint); // biome-ignore format: short
    const knobs = { ...io.knobs, get: () => this.values(), set: (/** @type {Values} */ changes) => this.tell(changes) };
    const places = {
      toPixels: (/** @type {any} */ at, /** @type {any} */ about) => this.onStage((now, frame) => pixelsOf(now, frame, at, about)) ?? null, // biome-ignore format: short
      toValue: (/** @type {[number, number]} */ pixels, /** @type {any} */ about) =>
        this.onStage((now, frame) => valuesAt(now, frame, pixels, about)) ?? {},
      moved: (/** @type {Values} */ changes) => this.move(changes),
    };
    this.handles = new Handles(this.stage, { ...io, knobs }, places);
    for (const kind of ["pointerup", "pointercancel"]) this.stage.addEventListener(kind, () => this.released());
    this.overrule();
  }

  /**
   * @param {Shown} shown
   * @param {boolean} isPreTrained
   */
  take(shown, isPreTrained) {
    this.late = { ...shown, isPreTrained };
    this.letGo();
  }

  /** A run that has trained on while the hand held q still goes on from where the hand left it. */
  released() {
    if (this.hand.q && this.io.run.isTraining()) this.tell({});
    this.letGo();
  }

  /** Shows the newest figure; one that comes while the hand holds a q that it has not moved yet waits until it lets go. */
  letGo() {
    if (!this.late) return;
    const names = this.handles.held();
    const holds = { q: names.some((name) => name !== "x"), x: names.includes("x") };
    if (this.hand.q && !fits(this.hand.q, this.late.arms[0])) this.hand = { ...this.hand, q: null };
    this.hand = caughtUp(this.hand, this.late, holds);
    if (holds.q && !this.hand.q && this.figure) return;
    [this.figure, this.late] = [this.late, null];
    this.redraw();
  }

  /** @param {import("../../../ui/static/js/tab_state.js").TabState} state */
  follow({ run, step, version }) {
    this.run = run;
    const isOwn = !run && this.isAskedFor();
    this.io.box.showsInstead(isOwn ? { figure: null, step, version } : null);
    if (!run) this.redraw();
  }

  /** Knobs that the server has set count once the hand lets go, and where q has not been moved yet, they are its start. */
  overrule() {
    const knobs = this.io.knobs.get();
    if (!this.handles.held().length) this.hand = overruled(this.hand, knobs);
    if (!knobs.moves || !this.start.mean) this.start = startOf(knobs, (name) => this.io.knobs.about(name)?.value);
    this.fields.forgive();
    this.redraw();
  }

  /** Whether a run with the knobs as they stand is shown, and not the pre-trained model. */
  isAskedFor() {
    const knobs = this.io.knobs.get();
    return !this.figure?.isPreTrained || KEYS.some((key) => knobs[key] !== this.io.knobs.about(key)?.value);
  }

  /** @returns {Shown | null} */
  now() {
    const asked = !this.run && this.isAskedFor() ? askedFor(this.io.knobs.get()) : null;
    const shown = asked ?? this.figure;
    return shown && withHand(chosenFirst(shown, this.chosen), this.hand);
  }

  /** @returns {Values} of the knobs that can be moved, as they are shown: with four digits */
  values() {
    const now = this.now();
    const values = now ? { ...(now.fixed ? {} : knobsOf(now.arms[0])), x: now.x } : { x: 0 };
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(4))]));
  }

  /**
   * What the hand does, drawn at once.
   * @param {Values} changes
   */
  move(changes) {
    const now = this.now();
    if (!now) return;
    const { x, ...ofQ } = changes;
    if (x !== undefined) this.hand = { ...this.hand, x };
    if (Object.keys(ofQ).length) {
      const q = { ...withinBounds(knobsOf(now.arms[0]), this.io.knobs.about), ...ofQ };
      this.hand = { ...this.hand, q, moves: Number.POSITIVE_INFINITY };
    }
    this.fields.forgive();
    this.draw();
  }

  /**
   * Tells the page what the hand has done.
   * @param {Values} changes
   */
  tell(changes) {
    const { io, hand } = this;
    const arm = this.now()?.arms[0];
    if ("x" in changes) io.knobs.set({ x: changes.x });
    else if (hand.q && arm && fits(hand.q, arm)) {
      const moves = Number(io.knobs.get().moves) + 1;
      this.hand = { ...hand, moves };
      io.knobs.set({ ...hand.q, moves });
    }
  }

  /** @param {Values} changes that are typed, or the start */
  set(changes) {
    this.move(changes);
    this.tell(changes);
  }

  /**
   * @template T
   * @param {(now: Shown, frame: Frame) => T} read
   * @returns {T | undefined}
   */
  onStage(read) {
    const now = this.now();
    const frame = now && this.frame(now);
    return now && frame ? read(now, frame) : undefined;
  }

  /**
   * @param {Shown} now
   * @returns {Frame | null} null where the picture has no room
   */
  frame(now) {
    const { width, height } = this.rooms.stage;
    if (!width || !height) return null;
    const { low, high } = this.io.knobs.about("x") ?? {};
    const tallest = now.model.size === 1 ? this.curves(now).tallest : 1;
    return { ...areasOf(width, height, now), tallest, low: low ?? -3, high: high ?? 4 };
  }

  /** @param {Shown} now */
  evidence({ model, x }) {
    return this.once("evidence", [model, x], () => logEvidence(model, x));
  }

  /** @param {Shown} now */
  curves(now) {
    const { model, x } = now;
    return this.once("curves", [model, x], () => curvesOf(model, x, this.evidence(now)));
  }

  /** @param {"stage" | "axis" | "split"} part */
  resize(part) {
    const { clientWidth: width, clientHeight: height } = this[part];
    this.rooms[part] = { width, height };
    this.redraw();
  }

  redraw() {
    if (this.waits) return;
    this.waits = true;
    this.io.draw.inTurn(() => {
      this.waits = false;
      this.draw();
    });
  }

  draw() {
    const now = this.now();
    const frame = now && this.frame(now);
    if (!now || !frame) return;
    this.drawStage(now, frame);
    this.drawTerms(now);
    this.once("legend", [now.model.size, inOrder(now.arms).map(({ name }) => name)], () =>
      this.legend.replaceChildren(...legendParts(now, this.io, (name) => this.choose(name))),
    );
    press(this.legend, now.arms[0].name);
    this.fields.show(this.values());
    this.reset.hidden = now.fixed;
    this.handles.show(handlesOf(now, this.io.say));
    this.io.box.drawn();
  }

  /**
   * @param {Shown} now
   * @param {Frame} frame
   */
  drawStage(now, { plot, strip, bar, tallest, low, high }) {
    const { model, x, arms } = now;
    const place = placing(plot, tallest);
    const isPlane = model.size > 1;
    const density = this.once("density", [model, low, high], () => evidenceCurve(model, low, high));
    const marks = isPlane
      ? planeMarks(plot, place, (z) => x - model.a * z * z - model.b * z, arms)
      : lineMarks(plot, place, this.curves(now), arms);
    const weight = arms[0].mean.length > 1 ? weightMarks(bar, arms[0].weight[0]) : [];
    const { width, height } = this.rooms.stage;
    for (const [name, value] of Object.entries({ width, height })) this.picture.setAttribute(name, String(value));
    this.picture.replaceChildren(...weight, ...marks, ...stripMarks(strip, density, { low, high }, x));
    this.heat.hidden = !isPlane;
    if (!isPlane) return;
    const heat = this.once("heat", [model, x], () => heatOf(model, x, SIDE));
    const stops = this.io.draw.scale("heat");
    this.once("painted", [model, x, stops], () => stops && paintHeat(this.heat, heat, SIDE, stops));
    const [left, top, side] = [plot.left, plot.top, plot.right - plot.left].map((pixels) => `${pixels}px`);
    Object.assign(this.heat.style, { left, top, width: side, height: side });
  }

  /** @param {Shown} now */
  drawTerms(now) {
    const { io, axis, split } = this;
    const evidence = this.evidence(now);
    const { model, x } = now;
    const arms = inOrder(now.arms).map((arm) => ({ arm, terms: termsOf(model, x, arm, evidence), colour: arm.colour }));
    const chosen = arms.findIndex(({ arm }) => arm === now.arms[0]);
    const first = arms[chosen];
    axis.replaceChildren(...axisMarks(arms, chosen, this.rooms.axis, io.say));
    split.replaceChildren(...splitMarks(first.terms, first.colour, this.rooms.split, io.say));
    const rounded = Object.fromEntries(Object.entries(first.terms).map(([name, value]) => [name, Number(value.toFixed(3))])); // biome-ignore format: short
    axis.setAttribute("aria-label", io.say("bound_axis_label", rounded));
    split.setAttribute("aria-label", io.say("bound_split_label", { ...rounded, prior: -rounded.klToPrior }));
  }

  /** @param {string} name of the arm whose q has the handles */
  choose(name) {
    this.chosen = Math.max(0, this.figure?.arms.findIndex((arm) => arm.name === name) ?? 0);
    this.draw();
  }
}
