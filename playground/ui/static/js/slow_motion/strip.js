// One step in slow motion, above the pictures: the batch flows through the tab's network, gradients flow back, and the line
// of code that runs is lit. Shown at speeds at which a step can be followed, and for a moment after the button Step.
import { matches } from "../browser.js";
import { publish, subscribe } from "../bus.js";
import { h, setText } from "../dom.js";
import { fetchJSON } from "../page_data.js";
import { say } from "../sentences.js";
import { lightsUp } from "../symbols.js";
import { actedTopic, LASTS, onState } from "../tab_state.js";
import { Drawing } from "./drawing.js";
import { ends, passed, phaseAt, waves } from "./timing.js";

/** @import {Diagram, DiagramPhase, TabState} from "../protocol.d.ts" */

const ONE_STEP = 1800; // milliseconds that a step takes that was asked for by itself
const STAYS = 400; // milliseconds for which the strip stays after it
const READABLE = 500; // milliseconds that a step has to last for its lines to be read

class Strip {
  /**
   * @param {HTMLElement} element
   * @param {string} slug
   */
  constructor(element, slug) {
    this.element = element;
    this.slug = slug;
    this.phaseList = h("ol", { class: "strip-phases" });
    this.line = h("code", { class: "strip-code" });
    this.scroller = h("div", { class: "strip-network" });
    element.replaceChildren(this.scroller, this.phaseList, this.line);
    /** @type {Drawing | null} */
    this.drawing = null;
    this.drawn = "";
    /** @type {DiagramPhase[]} */
    this.phases = [];
    /** @type {{arrows: [string, string][], waves: number[], count: number}[]} of each phase */
    this.ways = [];
    /** @type {number[]} */
    this.until = [];
    this.phase = -1;
    this.frame = 0;
    this.step = 0;
    this.began = 0;
    this.lasts = 0;
    this.next = 0; // milliseconds of a step that came while the one before was still to be seen
    this.asked = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.hiding = undefined;
    this.scroller.addEventListener("pointerenter", () => this.linkSymbols(), { once: true });
  }

  /** @param {TabState} state */
  take({ diagram, speed, step, state }) {
    const came = step > 0 && step !== this.step;
    this.step = step;
    if (diagram) this.draw(diagram);
    const slow = LASTS[speed];
    const alone = came && this.asked && state !== "training";
    if (alone) this.asked = false;
    if (slow || alone) this.show(slow ? 0 : ONE_STEP + STAYS);
    else if (!this.hiding) this.hide();
    if (this.element.hidden || !this.drawing) return;
    if (alone) this.play(ONE_STEP);
    else if (slow && came && state === "training") this.playInTurn(slow);
  }

  /** @param {Diagram} diagram */
  draw(diagram) {
    const text = JSON.stringify(diagram);
    if (text === this.drawn) return;
    this.drawn = text;
    this.stop();
    this.drawing = new Drawing(diagram);
    this.phases = diagram.phases;
    this.ways = diagram.phases.map(({ lit, backward }) => {
      const arrows = /** @type {[string, string][]} */ (lit.filter((one) => typeof one !== "string"));
      const found = waves(arrows, backward);
      return { arrows, waves: found, count: Math.max(0, ...found) + 1 };
    });
    this.until = ends(this.ways.map((way) => way.count));
    this.scroller.replaceChildren(this.drawing.element);
    this.phaseList.replaceChildren(...this.phases.map(({ title }) => h("li", {}, title)));
  }

  /** @param {number} milliseconds after which it is hidden, 0: never */
  show(milliseconds) {
    clearTimeout(this.hiding);
    this.hiding = milliseconds ? setTimeout(() => this.hide(), milliseconds) : undefined;
    this.element.hidden = !this.drawing;
    if (this.phase < 0 && !this.line.textContent) setText(this.line, say("strip_rests"));
  }

  hide() {
    this.hiding = undefined;
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.stop();
  }

  /** @param {number} lasts milliseconds */
  playInTurn(lasts) {
    if (this.phase >= 0 && this.lasts >= READABLE) this.next = lasts;
    else this.play(lasts);
  }

  /** @param {number} lasts milliseconds */
  play(lasts) {
    this.stop();
    this.began = performance.now();
    this.lasts = lasts;
    this.frame = requestAnimationFrame(() => this.move());
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.next = 0;
    this.enter(-1);
  }

  move() {
    const share = (performance.now() - this.began) / this.lasts;
    const due = phaseAt(this.until, share);
    // Where there is time for it, no phase is left out because a frame came late.
    const late = this.lasts >= READABLE && (due.phase < 0 ? this.phases.length : due.phase) > this.phase + 1;
    const phase = late ? this.phase + 1 : due.phase;
    this.enter(phase);
    if (phase < 0) {
      if (this.next) this.play(this.next);
      return;
    }
    this.moveDots(late ? 1 : due.within);
    this.frame = requestAnimationFrame(() => this.move());
  }

  /** @param {number} within share of the phase that has gone by */
  moveDots(within) {
    if (matches("(prefers-reduced-motion: reduce)")) return;
    const { arrows, waves, count } = this.ways[this.phase];
    const { backward } = this.phases[this.phase];
    for (const [i, arrow] of arrows.entries()) this.drawing?.move(arrow, passed(within, waves[i], count), backward);
  }

  /** @param {number} phase the one that begins, -1: none */
  enter(phase) {
    if (phase === this.phase) return;
    this.phase = phase;
    const now = /** @type {DiagramPhase | undefined} */ (this.phases[phase]);
    const readable = this.lasts >= READABLE;
    this.element.dataset.phase = now ? String(phase) : "";
    const place = this.drawing?.light(now) ?? 0;
    for (const [i, item] of [...this.phaseList.children].entries()) {
      item.classList.toggle("on", i === phase);
      item.classList.toggle("back", i === phase && Boolean(now?.backward));
    }
    setText(this.line, now && readable ? now.code : say(readable || !this.lasts ? "strip_rests" : "strip_is_fast"));
    if (now && readable) this.follow(place);
    publish(`${this.slug}/running-line`, now ? { block: now.block, line: now.line, follow: readable } : null);
  }

  /** @param {number} place that should be in sight where the network is wider than the screen */
  follow(place) {
    const { scrollWidth, clientWidth } = this.scroller;
    if (scrollWidth > clientWidth) this.scroller.scrollTo({ left: place - clientWidth / 2 });
  }

  /** What a part stands for lights up where the lesson and the code have it. */
  async linkSymbols() {
    const { symbols } = await fetchJSON(`lesson/${this.slug}.json`);
    lightsUp(this.scroller, symbols);
  }
}

/**
 * @param {HTMLElement} element hidden so far
 * @param {string} slug
 */
export function mount(element, slug) {
  const strip = new Strip(element, slug);
  subscribe(actedTopic(slug), (kind) => {
    strip.asked = kind === "step";
  });
  onState(slug, (state) => strip.take(state));
}
