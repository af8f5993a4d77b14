// A plain and a residual network as columns of blocks, side by side: how large gradients or activations are at each block,
// both training losses, and what is left of the accuracy when blocks are cut, which the probe `cut` answers.
import { countOf, cutsOf, existing, isSame, moved, number, percent, points, question, toggled } from "./column_drawing.js"; // biome-ignore format: short
import { chartOf, lossesPicture } from "./column_losses.js";
import { legendParts, Stack } from "./column_stack.js";

const PROBE = "cut";
const KINDS = /** @type {import("./column_stack.js").Kind[]} */ (["gradients", "activations"]);

/** @typedef {import("./column_drawing.js").Arm} Arm */
/** @typedef {import("./column_drawing.js").Lesion} Lesion */
/** @typedef {import("./column_drawing.js").Shown} Shown */
/** @typedef {import("../../../ui/static/js/tab_state.js").ShownFigure} ShownFigure */
/** @typedef {import("../../../ui/static/js/medium_io.js").MediumIO} MediumIO */

/**
 * @param {HTMLElement} element
 * @param {MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("residual.css", import.meta.url).href);
  const columns = new Columns(element, io);
  io.box.onFigure((figure) => columns.take(figure));
  io.questions.onAnswer(PROBE, (answer) => columns.takeAnswer(answer));
  if (!columns.isAnswer) io.run.onState(({ run }) => columns.follow(run));
  io.draw.onThemeChange(() => columns.redraw());
  io.draw.onResize(columns.losses, () => columns.redraw());
}

class Columns {
  /**
   * @param {HTMLElement} element
   * @param {MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    this.isAnswer = Boolean(io.box.options.probe);
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {Stack[]} */
    this.stacks = [];
    /** @type {import("./column_stack.js").Kind} */
    this.kind = "gradients";
    /** @type {import("./column_drawing.js").Cuts} */
    this.cuts = {};
    /** @type {{lesions: Record<string, Lesion>, step: number} | null} of just these cuts */
    this.answer = null;
    this.isWaiting = false;
    this.run = 0;
    this.shownRun = 0; // that of the columns
    this.isNewRun = false; // whether the cuts are still to be put to the model of a new run
    /** @type {{column: number, block: number} | null} pointed at */
    this.at = null;
    this.waits = false;
    const choose = (/** @type {import("./column_stack.js").Kind} */ kind) => () => this.choose(kind);
    this.kinds = KINDS.map((kind) => h("button", { type: "button", class: "small-button", onclick: choose(kind) }, say(`columns_${kind}`))); // biome-ignore format: short
    this.restore = h("button", { type: "button", class: "small-button restore", disabled: true, onclick: () => this.restoreAll() }, say("restore_all")); // biome-ignore format: short
    this.refusal = h("p", { class: "complaint", role: "alert", hidden: true });
    this.legend = h("div", { class: "legend" });
    this.pair = h("div", { class: "pair" });
    this.words = h("p", { class: "column-words" });
    this.losses = h("div", { class: "column-losses", hidden: this.isAnswer });
    const kinds = h("div", { class: "kinds", role: "group", "aria-label": say("columns_kinds") }, ...this.kinds);
    element.classList.add("residual-columns");
    element.replaceChildren(
      h("div", { class: "column-bar" }, kinds, this.restore),
      this.refusal,
      this.pair,
      this.words,
      this.losses,
    );
    this.choose(this.kind);
    this.listen();
  }

  /** @param {ShownFigure} figure the view's, or the answer in whose box this stands */
  take({ figure, step, run = 0 }) {
    const shown = /** @type {Shown} */ (figure.columns);
    this.show(shown, run);
    if (shown.cuts) {
      this.takeLesions(shown.cuts, step);
    } else {
      this.io.box.showsInstead(null);
      const left = existing(this.cuts, shown.arms);
      const isNewRun = this.isNewRun && run === this.run;
      if (isNewRun) this.isNewRun = false;
      if (countOf(this.cuts) && (isNewRun || !isSame(left, this.cuts))) this.ask(left);
    }
    this.redraw();
  }

  /**
   * @param {Shown} shown
   * @param {number} run
   */
  show(shown, run) {
    const isOther = shapeOf(shown) !== (this.shown && shapeOf(this.shown));
    Object.assign(this, { shown, shownRun: run });
    if (isOther) this.build(shown.arms);
  }

  /** @param {ShownFigure} answer of the probe, to this picture or to a question that was put elsewhere */
  takeAnswer(answer) {
    const { figure, error, step, run = 0 } = answer;
    const isMine = countOf(this.cuts) > 0 && !this.isNewRun && run === this.run;
    if (error && (isMine || this.isAnswer)) {
      Object.assign(this, { answer: null, isWaiting: false });
      if (!this.isAnswer) this.complain(error); // else the box says it
    } else if (figure && isMine && !this.isAnswer) {
      if (run !== this.shownRun) {
        this.show(figure.columns, run); // after a reset the pre-trained model answers
        this.io.box.showsInstead(answer);
      }
      this.takeLesions(/** @type {Shown} */ (figure.columns).cuts ?? {}, step);
    }
    this.redraw();
  }

  /**
   * @param {Record<string, Lesion>} lesions
   * @param {number} step of the model that answered
   */
  takeLesions(lesions, step) {
    const cuts = cutsOf(lesions);
    if (this.isWaiting && !isSame(cuts, this.cuts)) return; // an answer to what was cut before
    Object.assign(this, { cuts, answer: { lesions, step }, isWaiting: false });
    this.complain("");
  }

  /** @param {number} run whose model is asked from now on, once its first picture is there */
  follow(run) {
    if (run === this.run) return;
    Object.assign(this, { run, answer: null, isNewRun: run > 0 && countOf(this.cuts) > 0 });
    this.complain("");
    if (!run) this.restoreAll();
    else if (this.isNewRun) this.io.questions.leave(PROBE);
    this.redraw();
  }

  /** @param {import("./column_drawing.js").Cuts} cuts */
  ask(cuts) {
    Object.assign(this, { cuts, answer: null, isWaiting: true });
    this.complain("");
    if (this.isAnswer) this.io.questions.askAgain(question(cuts));
    else if (!countOf(cuts)) this.leave();
    else if (!this.isNewRun) this.io.questions.ask(PROBE, question(cuts));
    this.redraw();
  }

  restoreAll() {
    if (this.shown) this.ask(existing({}, this.shown.arms));
  }

  leave() {
    Object.assign(this, { isWaiting: false, isNewRun: false });
    this.io.questions.leave(PROBE);
  }

  /** @param {string} sentence */
  complain(sentence) {
    this.refusal.hidden = !sentence;
    this.refusal.textContent = sentence;
  }

  /** @param {import("./column_stack.js").Kind} kind */
  choose(kind) {
    this.kind = kind;
    for (const [i, button] of this.kinds.entries()) button.setAttribute("aria-pressed", String(KINDS[i] === kind));
    this.redraw();
  }

  /** @param {Arm[]} arms */
  build(arms) {
    this.at = null;
    this.stacks = arms.map((arm) => new Stack(arm, this.io));
    this.pair.replaceChildren(...this.stacks.map(({ element }) => element), this.legend);
  }

  redraw() {
    if (this.waits || !this.shown) return;
    this.waits = true;
    this.io.draw.inTurn(() => this.draw());
  }

  draw() {
    this.waits = false;
    const { shown, kind, io } = this;
    const stops = io.draw.scale("heat");
    if (!shown || !stops) return;
    for (const [i, arm] of shown.arms.entries()) {
      const stack = this.stacks[i];
      stack.paint(arm, kind, shown.scale[kind], stops);
      stack.strike(this.cuts[arm.name] ?? []);
      stack.frozen.hidden = arm.frozen === null;
      stack.frozen.textContent = arm.frozen === null ? "" : io.say("frozen_at", { step: arm.frozen });
      say(stack.accuracy, this.accuracyOf(arm), io.run.isTraining());
    }
    this.legend.replaceChildren(...legendParts(kind, shown.scale[kind], this.legend.clientHeight, io));
    this.drawWords(shown);
    const [width, height] = [this.losses.clientWidth, this.losses.clientHeight];
    if (width && height) {
      this.losses.replaceChildren(lossesPicture(chartOf(shown.arms, width, height), width, height, io.say));
    }
    this.restore.disabled = !countOf(this.cuts);
    io.box.drawn();
  }

  /** @param {Shown} shown */
  drawWords({ arms }) {
    const { io, at, answer } = this;
    const arm = at && arms[at.column];
    let words = io.say(this.isAnswer ? "answer_at_rest" : "columns_at_rest");
    if (arm) {
      const i = at.block - 1;
      const written = (/** @type {number | null} */ norm) => (norm === null ? io.say("not_finite") : number(norm));
      const [gradient, gradient_start] = [arm.gradients.now[i], arm.gradients.start[i]].map(written);
      const [activation, activation_start] = [arm.activations.now[i], arm.activations.start[i]].map(written);
      const values = { arm: arm.title, block: at.block, gradient, gradient_start, activation, activation_start };
      words = io.say("at_block", values);
    } else if (answer) {
      words = io.say("cut_at_rest", { examples: answer.lesions[arms[0].name].examples, step: answer.step });
    }
    say(this.words, words, io.run.isTraining());
  }

  /**
   * @param {Arm} arm
   * @returns {string} what is said of its accuracy
   */
  accuracyOf({ name, accuracy }) {
    const { io, answer } = this;
    const lesion = answer?.lesions[name];
    const count = this.cuts[name]?.length ?? 0;
    if (lesion && !count) return io.say("accuracy_whole", { whole: percent(lesion.whole) });
    if (lesion) {
      const values = { whole: percent(lesion.whole), cut: percent(lesion.cut), points: points(lesion), count };
      return io.say(count === 1 ? "accuracy_one_cut" : "accuracy_cut", values);
    }
    if (count) return io.say(this.isWaiting || this.isNewRun ? "accuracy_awaited" : "accuracy_refused");
    if (!accuracy) return io.say("accuracy_unknown");
    return io.say("accuracy_at", { accuracy: percent(accuracy.value), step: accuracy.step });
  }

  listen() {
    const { pair } = this;
    pair.addEventListener("pointerover", (/** @type {PointerEvent} */ event) => this.point(this.placeOf(event)));
    pair.addEventListener("pointerleave", () => this.point(this.placeOf({ target: document.activeElement })));
    pair.addEventListener("focusin", (/** @type {FocusEvent} */ event) => {
      const at = this.placeOf(event);
      if (at) this.stacks[at.column].enter(at.block);
      this.point(at);
    });
    pair.addEventListener("focusout", () => this.point(null));
    pair.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const at = this.placeOf(event);
      if (at && this.shown)
        this.ask(toggled(existing(this.cuts, this.shown.arms), this.stacks[at.column].name, at.block));
    });
    pair.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const from = this.placeOf(event);
      const to = from && moved(event.key, from, this.stacks.map(({ blocks }) => blocks.length)); // biome-ignore format: short
      if (!to) return;
      event.preventDefault();
      this.stacks[to.column].blocks[to.block - 1].focus();
    });
  }

  /** @param {{target: EventTarget | null}} event */
  placeOf({ target }) {
    const block = target instanceof Element && /** @type {HTMLElement | null} */ (target.closest(".block"));
    const column = block ? this.stacks.findIndex(({ element }) => element.contains(block)) : -1;
    return block && column >= 0 ? { column, block: Number(block.dataset.block) } : null;
  }

  /** @param {{column: number, block: number} | null} at */
  point(at) {
    this.at = at;
    if (this.shown) this.drawWords(this.shown); // at once, under the pointer
  }
}

/** @param {Shown} shown */
const shapeOf = ({ arms }) => arms.map(({ name, gradients }) => `${name} ${gradients.now.length}`).join();

/**
 * @param {HTMLElement} element
 * @param {string} words
 * @param {boolean} isTraining what changes all the time is not read aloud
 */
function say(element, words, isTraining) {
  element.setAttribute("aria-live", isTraining ? "off" : "polite");
  if (element.textContent !== words) element.textContent = words;
}
