// EM on points of the plane: both arms side by side, with a button for each half of a step.
import { drawMixture, nearest, planeIn } from "./mixture_drawing.js";

/**
 * @typedef {object} Arm as `em/views.py` makes it
 * @property {string} name
 * @property {string} title
 * @property {number[][]} r of each point, the shares of the Gaussians
 * @property {import("./mixture_drawing.js").Gaussian[]} gaussians
 * @property {number} logLikelihood nats, mean over the points
 * @property {number} bound
 *
 * @typedef {object} Mixture
 * @property {number[][]} points
 * @property {number[]} low lower ends of both axes
 * @property {number[]} high
 * @property {number[]} colours number of each Gaussian's colour in the palette
 * @property {"e" | "m"} due the half that comes next
 * @property {number} halves half-steps that were done
 * @property {Arm[]} arms
 */

const ARMS = { exact: "standard", restricted: "notes" };
const KNOBS = /** @type {const} */ ({ e: "e_steps", m: "m_steps" });

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("mixture.css", import.meta.url).href);
  const view = new MixtureView(element, io);
  io.box.onFigure(({ figure }) => view.take(figure.mixture));
  io.draw.onThemeChange(() => view.draw());
  io.draw.onResize(element, () => view.draw());
}

export class MixtureView {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h } = io;
    this.io = io;
    /** @type {Mixture | null} */
    this.mixture = null;
    /** @type {number | null} number of the point that is pointed at */
    this.pointed = null;
    this.panels = Object.entries(ARMS).map(([name, colour]) => this.panel(name, colour));
    this.buttons = { e: this.button("e", io.say("mixture_e")), m: this.button("m", io.say("mixture_m")) };
    this.words = h("output", { class: "mixture-words", "aria-live": "polite" });
    element.classList.add("mixture");
    element.replaceChildren(
      h("div", { class: "mixture-room" }, h("div", { class: "mixture-panels" }, ...this.panels.map(({ box }) => box))),
      h("div", { class: "mixture-bar" }, this.buttons.e, this.buttons.m, this.words),
    );
    this.element = element;
  }

  /**
   * @param {"e" | "m"} half
   * @param {string} text
   */
  button(half, text) {
    const onclick = () => this.press(half);
    return this.io.h("button", { type: "button", class: "small-button", "data-half": half, onclick }, text);
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
    const head = h("div", { class: "mixture-title" }, title, " ", about);
    head.style.borderColor = `var(--${colour})`;
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.pointAt(canvas, event));
    canvas.addEventListener("pointerleave", () => this.point(null));
    canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.pointByKey(event));
    return { name, title, about, canvas, box: h("div", { class: "mixture-panel" }, head, canvas) };
  }

  /** @param {"e" | "m"} half the run is asked for it at once: training, paused or not yet begun */
  press(half) {
    const knob = KNOBS[half];
    this.io.knobs.set({ [knob]: Number(this.io.knobs.get()[knob]) + 1 });
  }

  /** @param {Mixture} mixture */
  take(mixture) {
    this.mixture = mixture;
    this.io.draw.inTurn(() => this.draw());
    this.io.box.drawn();
  }

  draw() {
    const { mixture, io } = this;
    if (!mixture || document.hidden) return;
    const look = {
      colours: mixture.colours.map((number) => io.draw.colour(`class-${number}`)),
      edge: io.draw.colour("card"),
      ink: io.draw.colour("ink"),
      pointed: this.pointed,
    };
    for (const [i, { canvas }] of this.panels.entries()) {
      const paper = io.draw.fresh(canvas);
      const plane = paper && planeIn(paper, mixture.low, mixture.high);
      if (paper && plane) drawMixture(paper.pen, plane, mixture.points, mixture.arms[i], look);
    }
    this.say(mixture);
  }

  /** @param {Mixture} mixture */
  say(mixture) {
    const { say } = this.io;
    for (const [i, { title, about, canvas }] of this.panels.entries()) {
      const arm = mixture.arms[i];
      const { logLikelihood, bound } = arm;
      const numbers = {
        likelihood: nats(logLikelihood),
        bound: nats(bound),
        gap: nats(Math.max(0, logLikelihood - bound)),
      };
      const text = say("mixture_numbers", numbers);
      setText(title, arm.title);
      setText(about, text);
      canvas.setAttribute(
        "aria-label",
        say("mixture_panel", { title: arm.title, numbers: text, shares: percents(arm.gaussians.map((g) => g.share)) }),
      );
    }
    for (const [half, button] of Object.entries(this.buttons)) {
      button.classList.toggle("due", half === mixture.due);
    }
    this.element.dataset.due = mixture.due;
    this.element.dataset.halves = String(mixture.halves);
    setText(this.words, this.pointed === null ? this.whatIsDue(mixture) : this.aboutPoint(mixture, this.pointed));
  }

  /** @param {Mixture} mixture */
  whatIsDue({ due, halves }) {
    const { say } = this.io;
    if (!halves) return say("mixture_start");
    return due === "e" ? say("mixture_e_due", { halves }) : say("mixture_m_due", { halves });
  }

  /**
   * @param {Mixture} mixture
   * @param {number} number of a point
   */
  aboutPoint({ arms: [exact, restricted] }, number) {
    return this.io.say("mixture_point", {
      number: number + 1,
      exact: percents(exact.r[number]),
      restricted: percents(restricted.r[number]),
    });
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {PointerEvent} event
   */
  pointAt(canvas, event) {
    if (!this.mixture) return;
    const { points, low, high } = this.mixture;
    const box = canvas.getBoundingClientRect();
    this.point(nearest(points, planeIn(box, low, high), event.clientX - box.left, event.clientY - box.top));
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
    const count = this.mixture?.points.length ?? 0;
    if (event.key === "Escape") this.point(null);
    else if (by * count) this.point(((this.pointed ?? (by < 0 ? 0 : -1)) + by + count) % count);
    else return;
    event.preventDefault();
  }
}

/** @param {number} value */
const nats = (value) => value.toFixed(4).replace("-", "−");

/** @param {number[]} shares */
const percents = (shares) => shares.map((share) => `${Math.round(100 * share)} %`).join(", ");

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
