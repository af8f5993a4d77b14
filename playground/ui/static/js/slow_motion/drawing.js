// A tab's network as an SVG, drawn once; parts and arrows light up, dots move along the arrows.

/** @import {Diagram, DiagramPhase} from "../protocol.d.ts" */

const UNIT = { x: 7, y: 2.5 }; // pixels of a unit of the declaration: a character is 7 pixels wide
const HALF_HEIGHT = 10;
const GAP = 2; // pixels between an arrow and the parts that it joins
const HEAD = 4;
export const SIZE = { width: 100 * UNIT.x, height: 30 * UNIT.y };

/**
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 * @returns {any} an element of an SVG
 */
function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @typedef {{x: number, y: number, half: number}} Box middle and half width, in pixels */

/**
 * @param {Box} box
 * @param {number} dx towards where
 * @param {number} dy
 * @returns {[number, number]} where a line from its middle leaves it
 */
function edge({ x, y, half }, dx, dy) {
  const share = Math.min((half + GAP) / Math.abs(dx || 1e-9), (HALF_HEIGHT + GAP) / Math.abs(dy || 1e-9));
  return [x + share * dx, y + share * dy];
}

/**
 * @param {Box} from
 * @param {Box} to
 * @returns {{a: [number, number], b: [number, number]}} both ends of an arrow
 */
export function between(from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return { a: edge(from, dx, dy), b: edge(to, -dx, -dy) };
}

export class Drawing {
  /** @param {Diagram} diagram */
  constructor({ parts, arrows }) {
    /** @type {Map<string, {box: Box, element: Element}>} */
    this.parts = new Map();
    /** @type {Map<string, {a: [number, number], b: [number, number], element: Element, dot: Element}>} */
    this.arrows = new Map();
    for (const [name, label, x, y, kind, symbol] of parts) {
      const box = { x: x * UNIT.x, y: y * UNIT.y, half: ((label.length + 2) * UNIT.x) / 2 };
      this.parts.set(name, { box, element: drawnPart(box, label, kind, symbol) });
    }
    for (const [start, end, gradient] of arrows) {
      const ends = between(this.box(start), this.box(end));
      const element = drawnArrow(ends, gradient);
      this.arrows.set(`${start}>${end}`, { ...ends, element, dot: s("circle", { r: 4, class: "dot" }) });
    }
    const lines = [...this.arrows.values()];
    const layers = [
      lines.map((l) => l.element),
      [...this.parts.values()].map((p) => p.element),
      lines.map((l) => l.dot),
    ];
    this.element = s(
      "svg",
      { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, width: SIZE.width, height: SIZE.height, "aria-hidden": "true" },
      ...layers.flat(),
    );
  }

  /** @param {string} name */
  box(name) {
    return /** @type {{box: Box}} */ (this.parts.get(name)).box;
  }

  /**
   * Lights what a phase is about, and nothing else.
   * @param {DiagramPhase | undefined} phase
   * @returns {number} where that is, in pixels from the left
   */
  light(phase) {
    for (const old of this.element.querySelectorAll(".on")) old.classList.remove("on", "back");
    const how = phase?.backward ? ["on", "back"] : ["on"];
    /** @type {number[]} */
    const places = [];
    for (const lit of phase?.lit ?? []) {
      if (typeof lit !== "string") this.arrows.get(lit.join(">"))?.element.classList.add(...how);
      for (const name of [lit].flat()) {
        this.parts.get(name)?.element.classList.add(...how);
        places.push(this.box(name).x);
      }
    }
    return places.length ? (Math.min(...places) + Math.max(...places)) / 2 : 0;
  }

  /**
   * @param {[string, string]} arrow
   * @param {number | null} share of its way that the dot has gone; null: it is not to be seen
   * @param {boolean} backward
   */
  move(arrow, share, backward) {
    const found = this.arrows.get(arrow.join(">"));
    if (!found) return;
    const { a, b, dot } = found;
    dot.classList.toggle("on", share !== null);
    dot.classList.toggle("back", share !== null && backward);
    if (share === null) return;
    const t = backward ? 1 - share : share;
    dot.setAttribute("cx", String(a[0] + t * (b[0] - a[0])));
    dot.setAttribute("cy", String(a[1] + t * (b[1] - a[1])));
  }
}

/**
 * @param {Box} box
 * @param {string} label
 * @param {string} kind
 * @param {string} symbol
 */
function drawnPart({ x, y, half }, label, kind, symbol) {
  const rx = kind === "network" ? 3 : HALF_HEIGHT;
  const size = { x: x - half, y: y - HALF_HEIGHT, width: 2 * half, height: 2 * HALF_HEIGHT, rx };
  const marked = symbol ? { "data-symbol": symbol } : {};
  return s("g", { class: `part ${kind}`, ...marked }, s("rect", size), s("text", { x, y: y + 4 }, label));
}

/**
 * @param {{a: [number, number], b: [number, number]}} ends
 * @param {boolean} gradient
 */
function drawnArrow({ a, b }, gradient) {
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  const wing = (/** @type {number} */ turn) =>
    [b[0] - HEAD * Math.cos(angle + turn), b[1] - HEAD * Math.sin(angle + turn)].map((n) => n.toFixed(1)).join(" ");
  const tip = b.map((n) => n.toFixed(1)).join(" ");
  const line = s("path", { class: "line", d: `M${a.map((n) => n.toFixed(1)).join(" ")}L${tip}` });
  return s(
    "g",
    { class: gradient ? "arrow" : "arrow apart" },
    line,
    s("path", { d: `M${wing(0.6)}L${tip}L${wing(-0.6)}` }),
  );
}
