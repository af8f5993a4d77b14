// The notes' derivations, typeset line by line: under each line what its sides are worth, and what mends a line that is wrong.
import { formulasOf, summary, verdict } from "./derivation_lines.js";

/** @typedef {import("./derivation_lines.js").Worth} Worth */
/** @typedef {import("./derivation_lines.js").Part} Part */
/** @typedef {import("../../../ui/static/js/medium_io.js").MediumIO} MediumIO */
/** @typedef {{worth: HTMLElement, text: HTMLElement}} Shown of a line */

const MACROS = {
  "\\wrong": "\\htmlClass{wrong}{#1}",
  "\\mended": "\\htmlClass{mended}{#1}",
  "\\marked": "\\htmlClass{marked}{#1}",
};

/**
 * @param {HTMLElement} element
 * @param {MediumIO} io
 */
export async function mount(element, io) {
  const at = (/** @type {string} */ address) => io.files.loadOnce(new URL(address, import.meta.url).href);
  const katexAt = (/** @type {string} */ file) => at(`../../static/vendor/katex/${file}`);
  const script = "katex" in window ? undefined : katexAt("katex.min.js"); // the lesson may have loaded it
  await Promise.all([at("derivation.css"), katexAt("katex.min.css"), script]);
  const derivation = new Derivation(element, io);
  io.box.onFigure(({ figure }) => derivation.take(figure.derivation.parts));
}

class Derivation {
  /**
   * @param {HTMLElement} element
   * @param {MediumIO} io
   */
  constructor(element, io) {
    this.io = io;
    this.element = element;
    /** @type {Part[]} */
    this.parts = [];
    this.waits = false;
    this.formulas = "";
    /** @type {HTMLElement[]} */
    this.summaries = [];
    /** @type {{own: Shown, mended: Shown | null}[]} */
    this.lines = [];
    element.classList.add("derivation");
    element.tabIndex = 0; // so that the keys can scroll it
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", io.say("derivation_region"));
  }

  /** @param {Part[]} parts */
  take(parts) {
    this.parts = parts;
    if (this.waits) return;
    this.waits = true;
    this.io.draw.inTurn(() => this.draw());
  }

  draw() {
    this.waits = false;
    const { parts, io } = this;
    const formulas = formulasOf(parts);
    if (formulas !== this.formulas) this.build(parts);
    this.formulas = formulas;
    for (const [i, part] of parts.entries()) setText(this.summaries[i], summary(part, io.say));
    for (const [i, line] of parts.flatMap(({ lines }) => lines).entries()) {
      const { own, mended } = this.lines[i];
      this.show(own, line);
      if (mended && line.mended) this.show(mended, line.mended);
    }
    io.box.drawn();
  }

  /** @param {Part[]} parts */
  build(parts) {
    const { h } = this.io;
    this.lines = [];
    this.summaries = parts.map(() => h("span", { class: "summary" }));
    const sections = parts.map(({ title, lines }, i) => {
      const items = lines.map((line) => {
        const own = this.line(line);
        const mended = line.mended && this.line(line.mended);
        this.lines.push({ own, mended });
        if (!mended || !line.mended) return h("li", {}, own.worth);
        const label = h("p", { class: "mend" }, this.io.say("line_mended", { note: line.mended.note }));
        return h("li", {}, own.worth, h("div", { class: "correction" }, label, mended.worth));
      });
      return h("section", {}, h("h4", {}, `${title} `, this.summaries[i]), h("ol", {}, ...items));
    });
    this.element.replaceChildren(...sections);
  }

  /**
   * @param {Worth} worth
   * @returns {Shown}
   */
  line({ tex }) {
    const { h } = this.io;
    const formula = h("div", { class: "formula" });
    const { katex } = /** @type {any} */ (window);
    const trust = (/** @type {any} */ context) => context.command === "\\htmlClass";
    katex.render(tex, formula, { macros: { ...MACROS }, throwOnError: false, strict: false, trust });
    const text = h("p", { class: "verdict" });
    return { worth: h("div", { class: "worth" }, formula, text), text };
  }

  /**
   * @param {Shown} shown
   * @param {Worth} of
   */
  show({ worth, text }, of) {
    worth.classList.toggle("holds", of.holds);
    worth.classList.toggle("fails", !of.holds);
    setText(text, verdict(of, this.io.say));
  }
}

/**
 * A text that did not change is left alone: a selection in it survives.
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
