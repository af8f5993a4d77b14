// How each block moves the plane, in both networks: points and a grid as they stand after the block that a slider chooses.
import { approached, brief, decoded, drawPlane, nearest, pictureAt } from "./flow_drawing.js";

/**
 * @typedef {object} Arm as `flow.py` makes it
 * @property {string} name
 * @property {string} title
 * @property {string} pictures base64: the plane, after the first layer, after each block
 * @property {(number | null)[]} extents half of each picture's side; 0: all places are one; null: not finite
 * @property {number[]} shares of the variance that each picture holds
 *
 * @typedef {object} Flow
 * @property {Arm[]} arms
 * @property {number[][]} places of the points in the plane
 * @property {number[]} labels their classes
 * @property {number[]} colours number of each class' colour in the palette
 * @property {number} along places on each line of the grid
 */

const LASTS = 260; // milliseconds from one block to the next
const PLAY_LASTS = { least: 180, most: 700, all: 9000 }; // milliseconds while it plays: a block, and the whole way
const COLOURS = { plain: "notes", residual: "standard" };

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("flow.css", import.meta.url).href);
  const view = new FlowView(element, io);
  io.box.onFigure(({ figure }) => view.take(figure.flow));
  io.questions.onAnswer("follow_point", ({ question, clicked }) => view.noteAnswer(question?.example, clicked));
  io.draw.onThemeChange(() => view.draw());
  io.draw.onResize(element, () => view.draw());
  return () => view.stop();
}

export class FlowView {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    /** @type {Flow | null} */
    this.flow = null;
    /** @type {Float32Array[][]} of each arm */
    this.pictures = [];
    /** @type {number | null} the depth that the visitor chose; null: the last one */
    this.target = null;
    this.depth = 0; // that is drawn: on its way to the target
    this.isPlaying = false;
    this.movedAt = 0;
    /** @type {number | null} */
    this.pointed = null;
    /** @type {number | null} */
    this.chosen = null;
    this.panels = Object.entries(COLOURS).map(([name, colour]) => this.panel(name, colour));
    this.slider = h("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": say("flow_depth"),
      oninput: () => this.choose(Number(this.slider.value)),
    });
    this.words = h("output", { class: "flow-depth" });
    this.play = this.button(say("flow_play"), null, () => (this.isPlaying ? this.stop() : this.start()));
    element.classList.add("flow");
    element.replaceChildren(
      h("div", { class: "flow-panels" }, ...this.panels.map(({ box }) => box)),
      h(
        "div",
        { class: "flow-bar" },
        this.play,
        this.button("◀", say("flow_back"), () => this.choose(this.goal - 1)),
        this.slider,
        this.button("▶", say("flow_on"), () => this.choose(this.goal + 1)),
        this.words,
      ),
    );
  }

  /**
   * @param {string} text
   * @param {string | null} label
   * @param {() => void} onclick
   */
  button(text, label, onclick) {
    return this.io.h("button", { type: "button", class: "small-button", "aria-label": label, onclick }, text);
  }

  /**
   * @param {string} name of an arm
   * @param {string} colour
   */
  panel(name, colour) {
    const { h } = this.io;
    const title = h("b", {});
    const about = h("span", {});
    const canvas = h("canvas", { tabindex: 0, role: "application", "data-arm": name });
    const head = h("div", { class: "flow-title" }, title, " ", about);
    head.style.borderColor = `var(--${colour})`;
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) =>
      this.point(this.pointAt(name, event)),
    );
    canvas.addEventListener("pointerleave", () => this.point(null));
    canvas.addEventListener("click", (/** @type {PointerEvent} */ event) => this.follow(this.pointAt(name, event)));
    canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.pointByKey(event));
    return { name, title, about, canvas, box: h("div", { class: "flow-panel" }, head, canvas) };
  }

  get last() {
    return Math.max(0, (this.pictures[0]?.length ?? 1) - 1);
  }

  get goal() {
    return Math.min(this.last, this.target ?? this.last);
  }

  /** @param {Flow} flow */
  take(flow) {
    const isFirst = !this.flow;
    this.flow = flow;
    this.pictures = flow.arms.map(({ pictures, extents }) => decoded(pictures, extents.length));
    if (isFirst || this.depth > this.last || this.target === null) this.depth = this.goal;
    this.io.draw.inTurn(() => this.draw());
    this.io.box.drawn();
  }

  /** @param {number} depth */
  choose(depth) {
    this.isPlaying = false;
    this.target = Math.min(this.last, Math.max(0, depth));
    if (Math.abs(this.target - this.depth) > 1 || this.isStill()) this.depth = this.target;
    this.move();
  }

  /** Whether the visitor wants no motion: blocks follow one another without anything between them. */
  isStill() {
    return this.io.browser.matches("(prefers-reduced-motion: reduce)");
  }

  start() {
    if (!this.last) return;
    this.isPlaying = true;
    if (this.goal === this.last) this.depth = 0;
    this.target = this.last;
    this.move();
  }

  stop() {
    if (this.isPlaying) this.target = Math.ceil(this.depth);
    this.isPlaying = false;
    this.draw();
  }

  /** Draws on until the depth has come to its goal. */
  move() {
    this.draw();
    this.movedAt = performance.now();
    if (this.isMoving) return;
    this.isMoving = true;
    const next = () => {
      if (this.io.signal.aborted) return;
      const now = performance.now();
      this.advance(now - this.movedAt);
      this.isMoving = this.depth !== this.goal;
      if (!this.isMoving) this.isPlaying = false;
      this.draw();
      if (this.isMoving) setTimeout(() => requestAnimationFrame(next), 20); // leaves the processor some rest
    };
    requestAnimationFrame(next);
  }

  /** @param {number} passed milliseconds since it was last moved */
  advance(passed) {
    const { least, most, all } = PLAY_LASTS;
    const lasts = this.isPlaying ? Math.min(most, Math.max(least, all / this.last)) : LASTS;
    const isStill = this.isStill();
    if (isStill && passed < most) return;
    this.depth = isStill ? Math.min(this.goal, this.depth + 1) : approached(this.depth, this.goal, passed, lasts);
    this.movedAt += passed;
  }

  draw() {
    const { flow, io } = this;
    if (!flow || document.hidden) return;
    const look = {
      count: flow.places.length,
      along: flow.along,
      labels: flow.labels,
      fills: flow.colours.map((number) => io.draw.colour(`class-${number}`)),
      edge: io.draw.colour("card"),
      line: io.draw.colour("ink-soft"),
      ring: io.draw.colour("ink"),
      pointed: this.pointed,
      chosen: this.chosen,
    };
    for (const [i, { canvas }] of this.panels.entries()) {
      const paper = io.draw.fresh(canvas);
      if (paper) drawPlane(paper.pen, pictureAt(this.pictures[i], this.depth), paper, look);
    }
    this.say(flow);
  }

  /** @param {Flow} flow */
  say(flow) {
    const { io, slider, words } = this;
    const shown = this.isPlaying ? Math.round(this.depth) : this.goal;
    const where = this.whereIs(shown);
    for (const [i, { title, about, canvas }] of this.panels.entries()) {
      const arm = flow.arms[i];
      const text = this.aboutPicture(arm, shown);
      setText(title, arm.title);
      setText(about, text);
      canvas.setAttribute("aria-label", io.say("flow_panel", { title: arm.title, words: `${where}, ${text}` }));
      canvas.dataset.depth = String(shown);
    }
    slider.max = String(this.last);
    slider.value = String(shown);
    slider.setAttribute("aria-valuetext", where);
    setText(words, where);
    setText(this.play, this.isPlaying ? io.say("flow_stop") : io.say("flow_play"));
  }

  /** @param {number} depth */
  whereIs(depth) {
    const { say } = this.io;
    if (depth < 2) return depth ? say("flow_first") : say("flow_input");
    return say("flow_block", { block: depth - 1, blocks: this.last - 1 });
  }

  /**
   * @param {Arm} arm
   * @param {number} depth
   */
  aboutPicture({ extents, shares }, depth) {
    const { say } = this.io;
    const extent = extents[depth];
    if (extent === null) return say("flow_not_finite");
    if (!extent) return say("flow_one_place");
    return say("flow_share", { share: `${Math.round(100 * shares[depth])} %`, side: brief(2 * extent) });
  }

  /**
   * @param {string} name of an arm
   * @param {PointerEvent} event
   * @returns {number | null} the point that is drawn nearest to the pointer
   */
  pointAt(name, event) {
    if (!this.flow) return null;
    const i = this.panels.findIndex((panel) => panel.name === name);
    const box = this.panels[i].canvas.getBoundingClientRect();
    const picture = pictureAt(this.pictures[i], this.depth);
    return nearest(picture, this.flow.places.length, box, event.clientX - box.left, event.clientY - box.top);
  }

  /** @param {number | null} number of a point */
  point(number) {
    if (number === this.pointed) return;
    this.pointed = number;
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  pointByKey(event) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key] ?? 0;
    const count = this.flow?.places.length ?? 0;
    if (event.key === "Enter") this.follow(this.pointed);
    else if (by * count) this.point(((this.pointed ?? (by < 0 ? 0 : -1)) + by + count) % count);
    else return;
    event.preventDefault();
  }

  /** @param {number | null} number of the point whose way through the blocks is asked for */
  follow(number) {
    if (!this.flow || number === null) return;
    const [x, y] = this.flow.places[number];
    this.io.questions.click(x, y);
  }

  /**
   * @param {number | undefined} example of the question
   * @param {boolean | undefined} isClicked whether the question came from a picture; else the picture can't know its point
   */
  noteAnswer(example, isClicked) {
    if (example === undefined && isClicked) return;
    this.chosen = example ?? null;
    this.draw();
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
