// A row of numbers for each actor of a video, over its part of the screen.
import { fixed } from "./rollout_lines.js";

/** @typedef {import("./rollout_lines.js").Actor} Actor */

export class ActorRows {
  /** @param {import("../../../ui/static/js/medium_io.js").MediumIO} io */
  constructor(io) {
    this.h = io.h;
    /** @type {{actor: Actor, bars: HTMLElement[], judged: HTMLElement}[]} */
    this.rows = [];
  }

  /**
   * @param {{actors: Actor[], actions: string[]}} rollout
   * @returns {HTMLElement[]}
   */
  show({ actors, actions }) {
    const { h } = this;
    this.rows = [];
    return actors.map((actor, index) => {
      const bars = actions.map((name) =>
        h("span", { class: "act" }, h("b", {}, name), h("meter", { max: 1 }), h("em")),
      );
      const judged = h("span", { class: "judged" });
      const swatch = h("i");
      swatch.style.background = actor.colour;
      this.rows.push({ actor, bars, judged });
      const who = h("span", { class: "who" }, swatch, actor.title);
      const row = h("div", { class: "actor-row" }, who, h("span", { class: "acts" }, ...bars), judged);
      Object.assign(row.style, { top: `${(100 * index) / actors.length}%`, height: `${100 / actors.length}%` });
      return row;
    });
  }

  /** @param {number} at step of the video */
  tell(at) {
    for (const { actor, bars, judged } of this.rows) {
      const last = actor.value.length - 1;
      const i = Math.min(at, last);
      for (const [j, bar] of bars.entries()) {
        const share = actor.policy[i][j];
        const [, meter, percent] = /** @type {any} */ (bar.children);
        meter.value = share;
        percent.textContent = `${Math.round(100 * share)} %`;
        bar.classList.toggle("taken", actor.action[i] === j);
      }
      const advantage = actor.advantage[i];
      const numbers = `V ${fixed(actor.value[i])}   A ${advantage < 0 ? "−" : "+"}${fixed(Math.abs(advantage))}`;
      judged.textContent = at >= last ? actor.end : numbers;
    }
  }
}
