import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";

const drawing = await import("../../playground/concepts/residual/static/flow_drawing.js");
const { approached, brief, decoded, drawPlane, nearest, pictureAt, toPixels } = drawing;
const { FlowView } = await import("../../playground/concepts/residual/static/flow.js");

const base64 = (/** @type {number[]} */ ...bytes) => btoa(String.fromCharCode(...bytes));
const plain = (/** @type {Float32Array} */ numbers) => Array.from(numbers, (one) => Math.round(1000 * one) / 1000);

test("bytes are places from −1 to 1, x and y in turn, one picture after the other", () => {
  const pictures = decoded(base64(0, 255, 51, 204, 255, 0, 102, 153, 255, 255, 0, 51), 2);
  assert.deepEqual(pictures.map(plain), [[-1, 1, -0.6, 0.6, 1, -1], [-0.2, 0.2, 1, 1, -1, -0.6]]); // biome-ignore format: rows
});

test("between two blocks every place is on its straight way; before the first and after the last one it rests", () => {
  const pictures = [Float32Array.of(0, 1), Float32Array.of(1, -1), Float32Array.of(1, 0)];
  const at = (/** @type {number} */ depth) => plain(pictureAt(pictures, depth));
  assert.deepEqual([at(0), at(1), at(2)], [[0, 1], [1, -1], [1, 0]]); // biome-ignore format: rows
  assert.deepEqual([at(0.25), at(1.5)], [[0.25, 0.5], [1, -0.5]]); // biome-ignore format: rows
  assert.deepEqual([at(-1), at(2.5), at(7)], [[0, 1], [1, 0], [1, 0]]); // biome-ignore format: rows
});

test("a picture is a square in the middle of its panel, and up is up", () => {
  const at = toPixels({ width: 216, height: 116 });
  assert.deepEqual([at(0, 0), at(1, 1), at(-1, -0.5)], [[108, 58], [158, 8], [58, 83]]); // biome-ignore format: rows
});

test("the pointer finds the nearest point, and no place of the grid", () => {
  const picture = Float32Array.of(-1, 1, 1, -1, 0, 0.2, 0.9, 0.9); // the last one is the grid's
  const room = { width: 216, height: 116 };
  const at = (/** @type {number} */ px, /** @type {number} */ py) => nearest(picture, 3, room, px, py);
  assert.deepEqual([at(58, 8), at(158, 108), at(108, 58), at(158, 8)], [0, 1, 2, 2]);
});

test("numbers stay short however large they are", () => {
  assert.deepEqual([4.1234, 0, 123.4, 0.0123, 2.6e9, 3e-7].map(brief), ["4.12", "0", "123", "0.0123", "2.6e+9", "3.0e-7"]); // biome-ignore format: short
});

test("the depth moves by one block in its time, and not beyond its goal", () => {
  assert.deepEqual([approached(2, 5, 100, 200), approached(5, 2, 50, 200)], [2.5, 4.75]);
  assert.deepEqual([approached(2, 2.2, 100, 200), approached(2, 1.6, 300, 200), approached(3, 3, 9, 200)], [2.2, 1.6, 3]); // biome-ignore format: short
});

test("points have the colours of their classes, lines of the grid are apart, a followed point has a ring", () => {
  /** @type {any[]} */
  const done = [];
  let circle = [0, 0, 0];
  const pen = {
    beginPath() {},
    moveTo: (/** @type {number[]} */ ...place) => done.push(["from", ...place]),
    lineTo: (/** @type {number[]} */ ...place) => done.push(["to", ...place]),
    arc: (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ radius) => {
      circle = [x, y, radius];
    },
    fill() {
      done.push([/** @type {any} */ (this).fillStyle, circle[0], circle[1]]);
    },
    stroke() {
      const { strokeStyle } = /** @type {any} */ (this);
      if (strokeStyle === "ring") done.push(["ring", circle[0], circle[1]]);
    },
  };
  const picture = Float32Array.of(1, 0, 0, 1, 0, 0, 1, 1, 0, 1, -1, -1, 0, -1, 1, -1);
  const look = {
    count: 2,
    along: 3,
    labels: [1, 0],
    fills: ["zero", "one"],
    edge: "",
    line: "",
    ring: "ring",
    pointed: null,
    chosen: 1,
  };
  drawPlane(/** @type {any} */ (pen), picture, { width: 36, height: 36 }, look);
  assert.deepEqual(done, [["from", 18, 18], ["to", 28, 8], ["to", 18, 8], ["from", 8, 28], ["to", 18, 28], ["to", 28, 28], ["one", 28, 18], ["zero", 18, 8], ["ring", 18, 8]]); // biome-ignore format: rows
});

/**
 * @param {number} blocks
 * @returns {any} a figure with two points and no grid; only the second point moves, in the residual network
 */
const figure = (blocks) => {
  const arm = (/** @type {string} */ name, /** @type {number} */ moves) => ({
    name,
    title: name.toUpperCase(),
    pictures: base64(...Array.from({ length: blocks + 2 }, (_, k) => [0, 0, Math.min(255, moves * k), 255]).flat()),
    extents: [2.5, ...Array(blocks).fill(7), null],
    shares: [1, ...Array(blocks).fill(0.834), 0],
  });
  const places = [[0.5, -1.25], [2, 1.5]]; // biome-ignore format: pairs
  return { arms: [arm("plain", 0), arm("residual", 51)], places, labels: [0, 1], colours: [1, 4], along: 17 };
};

/** @param {boolean} isStill whether the visitor wants no motion */
function mounted(isStill = true) {
  /** @type {any[]} */
  const clicks = [];
  const h = (/** @type {string} */ tag, /** @type {any} */ attributes, /** @type {any[]} */ ...children) => {
    const made = new StubElement(tag);
    made.style.setProperty = () => {};
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null) made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  };
  const io = {
    h,
    say: (/** @type {string} */ key, /** @type {any} */ values = {}) => [key, ...Object.values(values)].join(" "),
    box: { drawn() {} },
    browser: { matches: () => isStill },
    draw: { inTurn: (/** @type {() => void} */ draw) => draw(), colour: (/** @type {string} */ name) => name, fresh: () => null }, // biome-ignore format: short
    questions: { click: (/** @type {number[]} */ ...place) => clicks.push(place) },
    signal: { aborted: false },
  };
  const element = new StubElement("div");
  const view = new FlowView(/** @type {any} */ (element), /** @type {any} */ (io));
  const buttons = element.querySelectorAll("button");
  const canvases = element.querySelectorAll("canvas");
  const words = () => element.querySelector("output").textContent;
  return { view, element, buttons, canvases, clicks, words, slider: element.querySelector("input") };
}

test("the last block is shown until the visitor chooses one, which stays when figures come", () => {
  const { view, buttons, slider, words, canvases } = mounted();
  view.take(figure(3));
  assert.deepEqual([slider.value, slider.max, words()], ["4", "4", "flow_block 3 3"]);
  view.take(figure(5));
  assert.deepEqual([slider.value, words(), view.depth], ["6", "flow_block 5 5", 6]);
  buttons[1].click();
  buttons[1].click();
  assert.deepEqual([words(), canvases.map((/** @type {any} */ one) => one.dataset.depth)], ["flow_block 3 5", ["4", "4"]]); // biome-ignore format: short
  view.take(figure(5));
  assert.equal(words(), "flow_block 3 5");
  view.take(figure(2));
  assert.equal(words(), "flow_block 2 2", "there is no third block");
  slider.value = "1";
  slider.send("input");
  assert.deepEqual([words(), slider.getAttribute("aria-valuetext")], ["flow_first", "flow_first"]);
  buttons[1].click();
  buttons[1].click();
  assert.deepEqual([words(), slider.value], ["flow_input", "0"]);
  buttons[2].click();
  assert.equal(words(), "flow_first");
});

test("each panel says how much of the variance it shows and how wide it is, or why it shows nothing", () => {
  const { view, element, buttons } = mounted();
  const said = () => element.querySelectorAll(".flow-title").map((/** @type {any} */ one) => one.textContent);
  view.take(figure(3));
  assert.deepEqual(said(), ["PLAIN flow_not_finite", "RESIDUAL flow_not_finite"]);
  buttons[1].click();
  assert.deepEqual(said(), ["PLAIN flow_share 83 % 14", "RESIDUAL flow_share 83 % 14"]);
  const collapsed = figure(3);
  collapsed.arms[0].extents[3] = 0;
  view.take(collapsed);
  assert.deepEqual(said(), ["PLAIN flow_one_place", "RESIDUAL flow_share 83 % 14"]);
});

test("a click asks about the point that is drawn nearest, by its place in the plane; so does Enter", () => {
  const { view, buttons, canvases, clicks } = mounted();
  view.take(figure(3));
  const [left, right] = canvases;
  // The second point is at the upper left in the plain network, and in the residual one at 4 · 51 of 255 to the right.
  left.send("click", { clientX: 8, clientY: 9 });
  left.send("click", { clientX: 8, clientY: 70 });
  right.send("click", { clientX: 60, clientY: 58 });
  assert.deepEqual(clicks, [[2, 1.5], [0.5, -1.25], [2, 1.5]]); // biome-ignore format: pairs
  left.send("click", { clientX: 60, clientY: 58 });
  assert.deepEqual(clicks.pop(), [0.5, -1.25]);
  left.send("pointerleave");
  right.send("keydown", { key: "ArrowRight" });
  right.send("keydown", { key: "Enter" });
  right.send("keydown", { key: "ArrowLeft" });
  right.send("keydown", { key: "Enter" });
  assert.deepEqual(clicks.slice(3), [[0.5, -1.25], [2, 1.5]]); // biome-ignore format: pairs
  buttons[1].click();
  assert.equal(clicks.length, 5);
});

test("the point that a picture asked about keeps its ring while its answer is renewed, and loses it to another question", () => {
  const { view } = mounted();
  view.take(figure(3));
  const after = (/** @type {[number | undefined, boolean]} */ ...answer) => {
    view.noteAnswer(...answer);
    return view.chosen;
  };
  assert.deepEqual([after(1, true), after(undefined, true), after(undefined, false)], [1, 1, null]);
});

test("it plays from the first picture to the last one, and stops where it is told to", () => {
  const { view, buttons, words } = mounted(false);
  view.take(figure(3));
  const tick = (/** @type {number} */ passed) => {
    view.advance(passed);
    view.draw();
  };
  view.isMoving = true; // no clock of its own
  buttons[0].click();
  assert.deepEqual([words(), buttons[0].textContent, view.depth], ["flow_input", "flow_stop", 0]);
  tick(700);
  assert.deepEqual([words(), view.depth], ["flow_first", 1]);
  tick(1050);
  assert.equal(view.depth, 2.5);
  buttons[0].click();
  assert.deepEqual([view.goal, buttons[0].textContent, words()], [3, "flow_play", "flow_block 2 3"]);
  tick(10_000);
  assert.equal(view.depth, 3);
});

test("a visitor who wants no motion sees one block after the other, and nothing between them", () => {
  const { view, buttons } = mounted(true);
  view.take(figure(3));
  view.isMoving = true;
  buttons[0].click();
  const seen = [350, 350, 700, 900].map((_, i, all) => {
    view.advance(i === 1 ? all[0] + all[1] : all[i]);
    return view.depth;
  });
  assert.deepEqual(seen, [0, 1, 2, 3]);
});
