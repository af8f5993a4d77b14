// A text, the model's answer below it, and lines from each character of the answer to those it attended to. On the board
// the text can be changed in place: the probe `write` answers, and its answer is shown instead of the example.
import { askersOf, laidOut, sharesOf, stepped, weightsOf } from "./attended.js";
import { headChoices } from "./heads.js";
import { stagePicture } from "./stage.js";

/** @typedef {import("./attended.js").Reading} Reading */
/** @typedef {import("./attended.js").Place} Place */
/** @typedef {import("../../../ui/static/js/medium_io.js").MediumIO} MediumIO */

const PROBE = "write";

/**
 * @param {HTMLElement} element
 * @param {MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("reading.css", import.meta.url).href);
  const picture = new ReadingPicture(element, io);
  io.box.onFigure(({ figure }) => picture.take(figure.reading));
  if (!io.box.options.probe) {
    io.questions.onAnswer(PROBE, (answer) => picture.takeAnswer(answer));
    io.run.onState(({ run }) => picture.follow(run));
  }
  io.draw.onResize(picture.stage, () => picture.redraw());
}

class ReadingPicture {
  /**
   * @param {HTMLElement} element
   * @param {MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    /** @type {Reading | null} of the example */
    this.example = null;
    /** @type {Reading | null} of the visitor's text */
    this.own = null;
    this.asked = ""; // the visitor's text, "" while the example is shown
    this.isRefused = false;
    this.isNewRun = false; // whether the question was put again because there is a new model
    this.run = 0;
    /** @type {[number, number] | null} the layer and the head whose lines are drawn; null: the mean */
    this.head = null;
    /** @type {Place | null} */
    this.place = null;
    this.chips = "";
    this.waits = false;
    this.input = h("input", { type: "text", "aria-label": say("text_label"), maxlength: 80, spellcheck: "false", autocomplete: "off", autocapitalize: "off" }); // biome-ignore format: short
    this.given = h("span", { class: "given" });
    this.answer = h("b", { class: "written" });
    this.verdict = h("span", { class: "verdict" });
    const back = { type: "button", class: "back", "aria-label": say("back_to_example"), title: say("back_to_example") };
    this.back = h("button", { ...back, onclick: () => this.leave() }, say("your_text"));
    this.refusal = h("p", { class: "complaint", role: "alert", hidden: true });
    this.heads = h("div", { class: "heads", role: "group", "aria-label": say("heads") });
    this.stage = h("div", { class: "reading-stage", tabindex: 0, role: "application" });
    this.words = h("p", { class: "reading-words", "aria-live": "polite" });
    const form = h("form", { class: "reading-line" }, io.box.options.probe ? this.given : this.input, h("span", { "aria-hidden": "true" }, " → "), this.answer, this.verdict); // biome-ignore format: short
    element.classList.add("reading");
    element.replaceChildren(
      form,
      this.refusal,
      h("div", { class: "tools" }, this.heads, this.back),
      this.stage,
      this.words,
    );
    this.back.hidden = true;
    form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    const typed = () => this.input.value.trim();
    this.input.addEventListener("input", () => typed() && this.ask(typed()));
    this.input.addEventListener("change", () => typed() || this.leave());
    this.listen();
  }

  /** What is shown. */
  get reading() {
    return this.own ?? this.example;
  }

  /** @param {Reading} reading of the view's figure, or of the answer in whose box this stands */
  take(reading) {
    this.example = reading;
    if (!this.own) this.redraw();
    else this.io.box.drawn();
  }

  /** @param {import("../../../ui/static/js/tab_state.js").ShownFigure} answer */
  takeAnswer(answer) {
    const { figure, error } = answer;
    if (!this.asked) return;
    if (error && this.isNewRun) {
      this.leave();
    } else if (error) {
      // What was read last stays, and the text, to be corrected: the next letter may make it readable.
      this.isRefused = true;
      this.say(error);
    } else if (figure.reading.own) {
      Object.assign(this, { isNewRun: false, isRefused: false });
      this.say("");
      this.own = figure.reading;
      this.io.box.showsInstead(answer);
      this.redraw();
    }
  }

  /** @param {string} text */
  ask(text) {
    if (!text || text === this.example?.text) return this.leave();
    this.asked = text;
    this.isNewRun = false;
    this.io.questions.ask(PROBE, { text });
  }

  /** @param {string} sentence */
  say(sentence) {
    this.refusal.textContent = sentence;
    this.refusal.hidden = !sentence;
    this.input.setAttribute("aria-invalid", String(Boolean(sentence)));
  }

  /** Back to the example. */
  leave() {
    this.io.questions.leave(PROBE);
    this.io.box.showsInstead(null);
    Object.assign(this, { asked: "", own: null, isRefused: false, place: null });
    this.say("");
    this.input.value = this.example?.text ?? "";
    this.redraw();
  }

  /** @param {number} run of a new model, which is asked the same */
  follow(run) {
    if (run && run !== this.run && this.asked) {
      this.isNewRun = true;
      this.io.questions.ask(PROBE, { text: this.asked });
    }
    this.run = run;
  }

  redraw() {
    if (this.waits) return;
    this.waits = true;
    this.io.draw.inTurn(() => this.draw());
  }

  draw() {
    this.waits = false;
    const { reading, stage, io } = this;
    if (!reading || !stage.isConnected) return;
    if (this.head && !(this.head[0] < reading.layers && this.head[1] < reading.heads)) this.head = null;
    if (this.place && this.place.index >= this.count()[this.place.row]) this.place = null;
    this.drawLine(reading);
    this.drawHeads(reading);
    this.drawStage(reading);
    io.box.drawn();
  }

  /** @param {Reading} reading */
  drawLine({ text, answer, marks }) {
    const { input, given, own } = this;
    given.textContent = text;
    if (!this.isRefused && document.activeElement !== input && input.value !== text) input.value = text;
    input.style.width = `${Math.max(8, text.length + 1)}ch`;
    this.answer.textContent = answer;
    const count = marks.filter((mark) => mark === "wrong").length;
    this.verdict.textContent = marks.every((mark) => !mark)
      ? ""
      : this.io.say(count ? "some_wrong" : "all_right", { count });
    this.verdict.classList.toggle("wrong", count > 0);
    this.back.hidden = !own;
    this.io.box.frame.classList.toggle("own-text", Boolean(own));
  }

  /** @param {Reading} reading */
  drawHeads(reading) {
    const chips = JSON.stringify([reading.layers, reading.heads, reading.sharpest, this.head]);
    if (chips === this.chips) return;
    this.chips = chips;
    const isFocused = this.heads.contains(document.activeElement);
    const choose = (/** @type {[number, number] | null} */ head) => {
      this.head = head;
      this.redraw();
    };
    this.heads.replaceChildren(...headChoices(reading, this.head, choose, (head) => this.which(head), this.io));
    if (isFocused) this.heads.querySelector('select, [aria-pressed="true"]')?.focus();
  }

  /** @param {[number, number] | null} head */
  which(head) {
    const { io, reading } = this;
    if (!head) return io.say("which_all");
    const key = String(head) === String(reading?.sharpest) ? "which_sharpest" : "which_head";
    return io.say(key, { layer: head[0] + 1, head: head[1] + 1 });
  }

  /** @param {Reading} reading */
  drawStage(reading) {
    const { stage, io, place } = this;
    const [width, height] = [stage.clientWidth, stage.clientHeight];
    if (!width || height < 60) return;
    const weights = weightsOf(reading, this.head);
    this.layout = laidOut(width, height, reading);
    stage.replaceChildren(stagePicture(reading, weights, this.layout, place, io.say));
    const spoken = io.say("stage", { text: reading.text, answer: reading.answer });
    if (stage.getAttribute("aria-label") !== spoken) stage.setAttribute("aria-label", spoken);
    this.speak(reading, weights);
  }

  /**
   * @param {Reading} reading
   * @param {number[][]} weights
   */
  speak(reading, weights) {
    const { io, place } = this;
    const which = this.which(this.head);
    const list = (/** @type {{name: string, share: number}[]} */ shares) =>
      shares.map(({ name, share }) => io.say("share", { name: this.named(name), share })).join(", ") ||
      io.say("nothing");
    let words = io.say("at_rest", { which });
    if (place?.row === "output") {
      const i = place.index;
      const shares = list(sharesOf(reading, weights[i]));
      const target = this.named(reading.targets[i] || io.say("no_more"));
      const values = {
        output: this.named(reading.outputs[i]),
        sure: Math.round(100 * reading.sure[i]),
        target,
        shares,
        which,
      };
      words = io.say(reading.marks[i] === "wrong" ? "attended_wrong" : "attended", values);
    } else if (place) {
      const shares = list(askersOf(reading, weights, place.index));
      words = io.say("was_attended", { input: this.named(reading.inputs[place.index]), shares, which });
    }
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  /** @param {string} text */
  named(text) {
    const key = { " ": "space", "⊢": "begin", "⊣": "end" }[text];
    return key ? this.io.say(key) : text;
  }

  /** @returns {{input: number, output: number}} */
  count() {
    return { input: this.reading?.inputs.length ?? 0, output: this.reading?.outputs.length ?? 0 };
  }

  /**
   * @param {PointerEvent} event
   * @returns {Place | null}
   */
  placeAt(event) {
    const { layout } = this;
    if (!layout) return null;
    const box = this.stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = y < layout.inputBottom + 14 ? "input" : y > layout.linesTo ? "output" : null;
    if (!row) return null;
    const index = Math.floor((x - layout[row].x(-0.5)) / layout[row].pitch);
    return index >= 0 && index < this.count()[row] ? { row, index } : null;
  }

  listen() {
    const { stage } = this;
    const point = (/** @type {PointerEvent} */ event) => this.point(this.placeAt(event));
    stage.addEventListener("pointermove", point);
    stage.addEventListener("pointerdown", point);
    stage.addEventListener("pointerleave", (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === "mouse") this.point(null); // what a finger touched stays
    });
    stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && this.place) this.point(null);
      const next = stepped(event.key, this.place, this.count());
      if (!next) return;
      event.preventDefault();
      this.point(next);
    });
  }

  /** @param {Place | null} place */
  point(place) {
    if (place?.row === this.place?.row && place?.index === this.place?.index) return;
    this.place = place;
    if (this.reading) this.drawStage(this.reading); // at once, under the pointer
  }
}
