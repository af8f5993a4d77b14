// The marks of the picture of q: curves over one z, or the plane of two; and x on its strip.
import { axis, curveOfQ, ellipse, OUTER, pathOf, places, REACH } from "./bound_drawing.js";
import { svg } from "./bound_svg.js";

/** @typedef {import("./bound_drawing.js").Area} Area */
/** @typedef {import("./bound_hand.js").Arm} Arm */
/** @typedef {ReturnType<typeof import("./bound_drawing.js").placing>} Placing */

const WHOLE = [-4, -3, -2, -1, 0, 1, 2, 3, 4];

/**
 * @param {Area} area
 * @param {Placing} place
 * @param {{posterior: number[], likelihood: number[]}} curves
 * @param {Arm[]} arms the first one lies on top
 * @returns {SVGElement[]}
 */
export function lineMarks(area, place, curves, arms) {
  const { across, upright } = place;
  const along = (/** @type {[number, number][]} */ points) =>
    points.map(([z, height]) => /** @type {[number, number]} */ ([across.at(z), upright.at(height)]));
  const over = (/** @type {number[]} */ heights) => along(places(heights.length).map((z, i) => [z, heights[i]]));
  const prior = over(places(121).map((z) => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI))); // biome-ignore format: short
  const qs = [...arms].reverse().flatMap((arm) => {
    const points = along(curveOfQ(arm));
    const style = `--arm: var(--${arm.colour})`;
    return [
      svg("path", { class: "q fill", style, d: pathOf(points, area.bottom) }),
      svg("path", { class: "q line", style, d: pathOf(points) }),
    ];
  });
  return [
    ...ticks(area, across, WHOLE, "z"),
    clipped(
      area,
      svg("path", { class: "prior", d: pathOf(prior) }),
      svg("path", { class: "likelihood", d: pathOf(over(curves.likelihood)) }),
      ...qs,
      svg("path", { class: "posterior", d: pathOf(over(curves.posterior)) }),
    ),
  ];
}

/**
 * @param {Area} area
 * @param {Placing} place
 * @param {(z1: number) => number} ridge z₂ at which p(x|z) is largest
 * @param {Arm[]} arms
 * @returns {SVGElement[]}
 */
export function planeMarks(area, place, ridge, arms) {
  const pixels = (/** @type {[number, number][]} */ zs) =>
    zs.map(([z1, z2]) => /** @type {[number, number]} */ ([place.across.at(z1), place.upwards.at(z2)]));
  const prior = { mean: [[0, 0]], sigma: [[1, 1]], weight: [1], correlation: null };
  const qs = [...arms].reverse().flatMap((arm) =>
    [1, OUTER].map((radius) => {
      const [kind, style] = [radius === 1 ? "q inner" : "q outer", `--arm: var(--${arm.colour})`];
      return svg("path", { class: kind, style, d: `${pathOf(pixels(ellipse(arm, radius)))}Z` });
    }),
  );
  const circles = [1, OUTER].map((radius) => svg("path", { class: "prior", d: `${pathOf(pixels(ellipse(prior, radius)))}Z` })); // biome-ignore format: short
  const curve = pathOf(pixels(places(121).map((z) => [z, ridge(z)])));
  return [
    ...ticks(area, place.across, WHOLE, "z₁"),
    svg("text", { class: "tick", x: area.left - 4, y: area.top + 10, "text-anchor": "end" }, "z₂"),
    svg("rect", { class: "frame", x: area.left, y: area.top, width: area.right - area.left, height: area.bottom - area.top }), // biome-ignore format: short
    clipped(area, ...circles, svg("path", { class: "likelihood", d: curve }), ...qs),
  ];
}

/**
 * @param {Area} area
 * @param {[number, number][]} density x and p(x)
 * @param {{low: number, high: number}} bounds of x
 * @param {number} x
 * @returns {SVGElement[]}
 */
export function stripMarks(area, density, { low, high }, x) {
  const across = axis(area.left, area.right, low, high);
  const most = Math.max(...density.map(([, height]) => height));
  const upright = axis(area.bottom, area.top, 0, most);
  const points = density.map(([at, height]) => /** @type {[number, number]} */ ([across.at(at), upright.at(height)]));
  const whole = WHOLE.filter((one) => one >= low && one <= high);
  return [
    svg("path", { class: "density", d: pathOf(points, area.bottom) }),
    ...ticks(area, across, whole, "x"),
    svg("path", { class: "observed", d: `M${across.at(x)} ${area.top - 4}V${area.bottom}` }),
  ];
}

/**
 * @param {Area} area
 * @param {number} weight of the first Gaussian
 * @returns {SVGElement[]}
 */
export function weightMarks({ left, right, top, bottom }, weight) {
  const split = left + weight * (right - left);
  const rect = (/** @type {string} */ kind, /** @type {number} */ from, /** @type {number} */ to) =>
    svg("rect", { class: kind, x: from, y: top, width: Math.max(0, to - from), height: bottom - top, rx: 3 });
  return [rect("first-share", left, split - 1), rect("second-share", split + 1, right)];
}

/**
 * @param {Area} area
 * @param {{at: (value: number) => number}} across
 * @param {number[]} values
 * @param {string} name
 */
function ticks({ left, right, bottom }, across, values, name) {
  const inside = values.filter((value) => Math.abs(value) <= REACH);
  return [
    svg("path", { class: "frame", d: `M${left} ${bottom}H${right}` }),
    ...inside.map((value) => {
      const text = value < 0 ? `−${-value}` : String(value);
      return svg("text", { class: "tick", x: across.at(value), y: bottom + 12, "text-anchor": "middle" }, text);
    }),
    svg("text", { class: "tick name", x: right + 2, y: bottom - 3 }, name),
  ];
}

/**
 * @param {Area} area
 * @param {SVGElement[]} marks
 */
function clipped({ left, right, top, bottom }, ...marks) {
  const [width, height] = [Math.max(0, right - left), Math.max(0, bottom - top)];
  const inner = { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}`, overflow: "hidden" };
  return svg("svg", inner, ...marks);
}
