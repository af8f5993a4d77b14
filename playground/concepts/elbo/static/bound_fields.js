// Numbers that can be typed: what the handles set, exactly.

/** @typedef {import("../../../ui/static/js/medium_io.js").MediumIO} MediumIO */

/**
 * @param {string} text
 * @param {{low?: number | null, high?: number | null}} bounds
 * @returns {number | null} null where the text is no number within the bounds
 */
export function numberIn(text, { low, high }) {
  const value = Number(text.trim().replace("−", "-").replace(",", "."));
  const isWithin = value >= (low ?? Number.NEGATIVE_INFINITY) && value <= (high ?? Number.POSITIVE_INFINITY);
  return text.trim() && isWithin ? value : null;
}

export class Fields {
  /**
   * @param {MediumIO} io
   * @param {(knob: string, value: number) => void} set
   */
  constructor(io, set) {
    this.io = io;
    this.set = set;
    /** @type {Map<string, HTMLInputElement>} */
    this.inputs = new Map();
    this.complaint = io.h("p", { class: "complaint", role: "alert", hidden: true });
    this.row = io.h("div", { class: "bound-fields" });
  }

  /** @param {Record<string, number>} values of the knobs that there are now */
  show(values) {
    const names = Object.keys(values);
    if (names.join() !== [...this.inputs.keys()].join()) {
      this.inputs = new Map(names.map((name) => [name, this.input(name)]));
      this.row.replaceChildren(...names.map((name) => this.labelled(name)));
      this.complain("");
    }
    for (const [name, input] of this.inputs) {
      const isTyped = document.activeElement === input && input.dataset.typed;
      if (!isTyped && !input.getAttribute("aria-invalid")) input.value = String(Number(values[name].toPrecision(4)));
    }
  }

  /** @param {string} name */
  labelled(name) {
    const symbol = this.io.knobs.about(name)?.symbol || this.io.say("bound_weight");
    return this.io.h("label", {}, this.io.h("i", {}, symbol), /** @type {HTMLInputElement} */ (this.inputs.get(name)));
  }

  /**
   * @param {string} name
   * @returns {HTMLInputElement}
   */
  input(name) {
    const label = this.io.knobs.about(name)?.label;
    const attributes = { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label, "data-knob": name }; // biome-ignore format: short
    const input = this.io.h("input", attributes);
    input.addEventListener("input", () => {
      input.dataset.typed = "yes";
    });
    input.addEventListener("change", () => this.take(name, input));
    return input;
  }

  /**
   * @param {string} name
   * @param {HTMLInputElement} input
   */
  take(name, input) {
    delete input.dataset.typed;
    const { low, high, label } = this.io.knobs.about(name) ?? {};
    const value = numberIn(input.value, { low, high });
    if (value === null) {
      input.setAttribute("aria-invalid", "true"); // what was typed stays, and so does q
      return this.complain(this.io.say("bound_refused", { label, low, high, text: input.value }));
    }
    this.forgive();
    this.set(name, value);
  }

  /** Forgets texts that were no numbers within the bounds. */
  forgive() {
    for (const input of this.inputs.values()) input.removeAttribute("aria-invalid");
    this.complain("");
  }

  /** @param {string} sentence */
  complain(sentence) {
    this.complaint.hidden = !sentence;
    this.complaint.textContent = sentence;
  }
}
