// The terms of the bound beside the picture of q: the axis in nats, and the bars that add up to the ELBO.
import { boundAxis, splitBars, written } from "./bound_nats.js";
import { svg } from "./bound_svg.js";

/** @typedef {import("./bound_arithmetic.js").Terms} Terms */
/** @typedef {(key: string, values?: Record<string, any>) => string} Say */

const LINE = 15; // pixels between two lines of words
const WORDS = 127; // pixels that the longest of them need

/**
 * @param {{terms: Terms, colour: string}[]} arms
 * @param {number} chosen the arm whose gap is written
 * @param {{width: number, height: number}} room
 * @param {Say} say
 * @returns {SVGElement[]}
 */
export function axisMarks(arms, chosen, { width, height }, say) {
  const { logEvidence, elbo, gap } = arms[chosen].terms;
  const about = boundAxis(
    logEvidence,
    arms.map(({ terms }) => terms.elbo),
    height,
  );
  const left = 32;
  const step = arms.length > 1 ? 13 : 18;
  const x = (/** @type {number} */ i) => left + step * (i + 0.7);
  const beside = Math.min(x(arms.length - 1) + 10, width - WORDS);
  const foot = Math.max(about.elbos[chosen] + 4, about.evidence + 2 * LINE + 2);
  const middle = Math.min(Math.max((about.evidence + about.elbos[chosen]) / 2 + 4, about.evidence + LINE + 1), foot - LINE); // biome-ignore format: short
  const name = { "data-term": "elbo", "data-value": elbo, "data-gap": gap };
  return [
    svg("path", { class: "frame", d: `M${left} ${about.evidence - 10}V${height - 8}` }),
    ...about.ticks.flatMap(({ at, value }) => [
      svg("path", { class: "frame", d: `M${left - 4} ${at}H${left}` }),
      svg("text", { class: "tick", x: left - 6, y: at + 4, "text-anchor": "end" }, tickText(value)),
    ]),
    svg("text", { class: "tick", x: left - 6, y: height - 4, "text-anchor": "end" }, say("bound_nats")),
    svg("path", { class: "evidence", d: `M${left} ${about.evidence}H${width}` }),
    svg("text", { class: "evidence", x: left + 4, y: about.evidence - 7 }, say("bound_evidence", { nats: written(logEvidence) })), // biome-ignore format: short
    ...arms.flatMap(({ colour }, i) => [
      svg("path", {
        class: "gap",
        style: `--arm: var(--${colour})`,
        d: `M${x(i)} ${about.evidence}V${about.elbos[i]}`,
      }),
      svg("circle", { class: "elbo", style: `--arm: var(--${colour})`, cx: x(i), cy: about.elbos[i], r: i === chosen ? 6 : 4.5 }), // biome-ignore format: short
    ]),
    svg("text", { class: "gap", x: beside, y: middle }, say("bound_gap", { nats: written(gap) })),
    svg("text", { ...name, class: "elbo", x: beside, y: foot }, say("bound_elbo", { nats: written(elbo) })),
  ];
}

/** @param {number} value */
const tickText = (value) => (value < 0 ? `−${-value}` : String(value));

/**
 * @param {Terms} terms
 * @param {string} colour
 * @param {{width: number}} room
 * @param {Say} say
 * @returns {SVGElement[]}
 */
export function splitMarks(terms, colour, { width }, say) {
  const { zero, bars } = splitBars(terms, width);
  const words = [
    say("bound_reconstruction", { nats: written(terms.reconstruction) }),
    say("bound_to_prior", { nats: written(-terms.klToPrior) }),
    say("bound_sum", { nats: written(terms.elbo) }),
  ];
  const kinds = ["reconstruction", "prior", "sum"];
  const joints = `M${bars[0].to} ${LINE + 9}V${3 * LINE}M${bars[1].to} ${3 * LINE + 9}V${5 * LINE}`;
  return [
    svg("path", { class: "zero", d: `M${zero} 0V${kinds.length * 2 * LINE + 4}` }),
    svg("path", { class: "joint", d: joints }),
    ...bars.map(({ from, to }, i) => {
      const rect = { x: Math.min(from, to), y: (2 * i + 1) * LINE, width: Math.max(1, Math.abs(to - from)), height: 9 };
      return svg("rect", { ...rect, rx: 2, class: kinds[i], style: `--arm: var(--${colour})` });
    }),
    ...words.map((text, i) => svg("text", { x: 0, y: (2 * i + 1) * LINE - 4 }, text)),
  ];
}
