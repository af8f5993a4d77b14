import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsFor } from "../../playground/concepts/vqvae/static/code_filling.js";
import { answered, cellAt, edited, inkOn, moved, written } from "../../playground/concepts/vqvae/static/code_grid.js";

test("cells are counted row by row, and the rim belongs to the last ones", () => {
  const canvas = { offsetWidth: 70, offsetHeight: 140 };
  const at = (/** @type {number} */ x, /** @type {number} */ y) => cellAt({ offsetX: x, offsetY: y }, canvas, 7, 7);
  assert.deepEqual([at(0, 0), at(9.9, 19.9), at(10, 0), at(0, 20), at(35, 70)], [0, 0, 1, 7, 24]);
  assert.deepEqual([at(70, 140), at(71, 0), at(-3, 139), at(12, -1)], [48, 6, 42, 1]);
});

test("a grid need not be square", () => {
  const canvas = { offsetWidth: 160, offsetHeight: 80 };
  assert.equal(cellAt({ offsetX: 155, offsetY: 75 }, canvas, 16, 8), 127);
});

test("arrow keys lead to the neighbours, and not out of the grid", () => {
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
  const from = (/** @type {number} */ at) => keys.map((key) => moved(key, at, 7, 49));
  assert.deepEqual(from(24), [23, 25, 17, 31]);
  assert.deepEqual(from(0), [null, 1, null, 7]);
  assert.deepEqual(from(48), [47, null, 41, null]);
  assert.equal(moved("ArrowDown", 5, 16, 20), null, "the last row is not full");
  assert.equal(moved("Tab", 24, 7, 49), null);
});

test("swaps are read as the server writes them", () => {
  assert.deepEqual([...written("24:17 25:3")], [[24, 17], [25, 3]]); // biome-ignore format: pairs
  assert.equal(written("").size, 0);
  assert.equal(written("  0:0 ").get(0), 0);
});

test("a swap is added, or takes the place of an older one; no code changes nothing", () => {
  assert.equal(edited("", 24, 17), "24:17");
  assert.equal(edited("24:17", 25, 0), "24:17 25:0");
  assert.equal(edited("24:17 25:3", 24, 5), "24:5 25:3");
  assert.equal(edited("24:17", 25, -1), "24:17");
});

test("an answer to an older question is old, one to a question asked elsewhere is not", () => {
  const asked = ["a", "b", "c"];
  assert.deepEqual(answered(asked, "a"), { isOld: true, asked: ["b", "c"] });
  assert.deepEqual(answered(asked, "c"), { isOld: false, asked: [] }, "b was never sent: a newer one took its place");
  assert.deepEqual(answered(asked, "elsewhere"), { isOld: false, asked: [] });
});

test("a number can be read on the colour of its code", () => {
  assert.deepEqual(["#ffffff", "#57e678", "#8c8c8c", "#5757f5", "#000000"].map(inkOn), ["#000", "#000", "#000", "#fff", "#fff"]); // biome-ignore format: short
});

test("digits twice as high as wide are laid out where they are largest", () => {
  assert.equal(columnsFor(12, 1200, 200), 12);
  assert.equal(columnsFor(12, 100, 2400), 1);
  assert.equal(columnsFor(12, 500, 300), 6, "2 rows of 75 × 150 rather than 3 of 50 × 100");
  assert.equal(columnsFor(1, 10, 1000), 1);
});
