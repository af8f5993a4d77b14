import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";

const { blend, drawMixture, nearest, planeIn } = await import(
  "../../playground/concepts/elbo/static/mixture_drawing.js"
);
const { MixtureView } = await import("../../playground/concepts/elbo/static/mixture.js");

test("the plane stands in the middle of its room, its units are square, and up is up", () => {
  const { at, unit } = planeIn({ width: 220, height: 120 }, [-1, 0], [3, 2]);
  assert.equal(unit, 50);
  assert.deepEqual([at(1, 1), at(3, 2), at(-1, 0)], [[110, 60], [210, 10], [10, 110]]); // biome-ignore format: rows
});

test("a point has the colours of its Gaussians, mixed by their shares", () => {
  assert.equal(blend([1, 0], ["#ff8000", "#0000ff"]), "rgb(255, 128, 0)");
  assert.equal(blend([0.25, 0.75], ["#ff8000", "#0040ff"]), "rgb(64, 80, 191)");
});

test("the pointer finds the nearest point", () => {
  const plane = planeIn({ width: 220, height: 120 }, [-1, 0], [3, 2]);
  const points = [[-1, 2], [3, 0], [1, 1]]; // biome-ignore format: rows
  const found = [[10, 10], [205, 100], [120, 50]].map(([x, y]) => nearest(points, plane, x, y)); // biome-ignore format: rows
  assert.deepEqual(found, [0, 1, 2]);
});

test("each Gaussian is drawn at one and two standard deviations, turned anticlockwise, dashed where it has died", () => {
  /** @type {any[]} */
  const ellipses = [];
  /** @type {any[]} */
  const fills = [];
  let dash = 0;
  const pen = {
    beginPath() {},
    arc() {},
    fill() {
      fills.push(/** @type {any} */ (this).fillStyle);
    },
    stroke() {},
    setLineDash: (/** @type {number[]} */ some) => {
      dash = some.length;
    },
    ellipse: (/** @type {number[]} */ ...one) => ellipses.push([...one.slice(0, 5), dash]),
  };
  const plane = planeIn({ width: 220, height: 120 }, [-1, 0], [3, 2]);
  const gaussians = [
    { share: 1, x: 1, y: 1, long: 0.5, short: 0.2, angle: 0.3 },
    { share: 0, x: 3, y: 2, long: 1, short: 1, angle: 0 },
  ];
  const look = { colours: ["#ff0000", "#0000ff"], edge: "", ink: "", pointed: null };
  drawMixture(/** @type {any} */ (pen), plane, [[0, 0]], { r: [[0, 1]], gaussians }, look);
  assert.deepEqual(ellipses, [[110, 60, 25, 10, -0.3, 0], [110, 60, 50, 20, -0.3, 0], [210, 10, 50, 50, -0, 2], [210, 10, 100, 100, -0, 2]]); // biome-ignore format: rows
  assert.deepEqual(fills, ["rgb(0, 0, 255)", "#ff0000", "#0000ff"]);
});

/**
 * @param {"e" | "m"} due
 * @param {number} halves
 * @returns {any}
 */
const figure = (due, halves) => ({
  points: [[-1, 2], [3, 0]], // biome-ignore format: rows
  low: [-1, 0],
  high: [3, 2],
  colours: [0, 4],
  due,
  halves,
  arms: [
    { name: "exact", title: "EXACT", r: [[0.25, 0.75], [1, 0]], gaussians: [{ share: 0.6 }, { share: 0.4 }], logLikelihood: -2.5, bound: -2.5000000001 },
    { name: "restricted", title: "HARD", r: [[0, 1], [1, 0]], gaussians: [{ share: 0.5 }, { share: 0.5 }], logLikelihood: -2.5, bound: -2.75 },
  ], // biome-ignore format: rows
});

function mounted() {
  /** @type {any} */
  const knobs = { e_steps: 4, m_steps: 7 };
  const h = (/** @type {string} */ tag, /** @type {any} */ attributes, /** @type {any[]} */ ...children) => {
    const made = new StubElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  };
  const io = {
    h,
    say: (/** @type {string} */ key, /** @type {any} */ values = {}) => [key, ...Object.values(values)].join(" "),
    box: { drawn() {} },
    knobs: { get: () => knobs, set: (/** @type {any} */ changes) => Object.assign(knobs, changes) },
    draw: { inTurn: (/** @type {() => void} */ draw) => draw(), colour: () => "#000000", fresh: () => null },
  };
  const element = new StubElement("div");
  const view = new MixtureView(/** @type {any} */ (element), /** @type {any} */ (io));
  const [e, m] = element.querySelectorAll("button");
  const [left, right] = element.querySelectorAll("canvas");
  return { view, element, knobs, e, m, left, right, words: () => element.querySelector("output").textContent };
}

test("a button counts its half up, before any figure has come too, and clicks add up", () => {
  const { knobs, e, m } = mounted();
  e.click();
  e.click();
  m.click();
  assert.deepEqual(knobs, { e_steps: 6, m_steps: 8 });
});

test("the half that is due is marked and said, and each panel says its own numbers", () => {
  const { view, element, e, m, words } = mounted();
  const due = () => [e, m].map((one) => one.classList.contains("due"));
  view.take(figure("e", 0));
  assert.deepEqual([due(), words()], [[true, false], "mixture_start"]);
  view.take(figure("m", 1));
  assert.deepEqual([due(), words(), element.dataset.due], [[false, true], "mixture_m_due 1", "m"]);
  view.take(figure("e", 2));
  assert.deepEqual([due(), words(), element.dataset.halves], [[true, false], "mixture_e_due 2", "2"]);
  const said = element.querySelectorAll(".mixture-title").map((/** @type {any} */ one) => one.textContent);
  assert.deepEqual(said, ["EXACT mixture_numbers −2.5000 −2.5000 0.0000", "HARD mixture_numbers −2.5000 −2.7500 0.2500"]); // biome-ignore format: rows
});

test("pointing at a point says its shares in both arms, by pointer and by keys", () => {
  const { view, left, right, words } = mounted();
  view.take(figure("e", 2));
  left.send("pointermove", { clientX: 12, clientY: 30 });
  assert.equal(words(), "mixture_point 1 25 %, 75 % 0 %, 100 %");
  left.send("pointerleave");
  assert.equal(words(), "mixture_e_due 2");
  right.send("keydown", { key: "ArrowLeft" });
  assert.equal(words(), "mixture_point 2 100 %, 0 % 100 %, 0 %");
  right.send("keydown", { key: "ArrowRight" });
  assert.equal(words(), "mixture_point 1 25 %, 75 % 0 %, 100 %");
  right.send("keydown", { key: "Escape" });
  assert.equal(words(), "mixture_e_due 2");
});
