import assert from "node:assert/strict";
import { test } from "node:test";
import { bitmapText, CELLS, cellsOf } from "../../playground/concepts/gan/static/bitmap.js";
import { between, phaseAt } from "../../playground/concepts/gan/static/half_steps.js";

globalThis.document = /** @type {any} */ ({ createElement: () => ({}) }); // plane_drawing.js makes its sheet when loaded
const { drawArrows, drawPoints, fieldAt } = await import("../../playground/concepts/gan/static/plane_drawing.js");

const cell = (/** @type {number} */ row, /** @type {number} */ column) => row * 24 + column;

test("a drawing is written as the server reads it: the top row first, four cells a digit", () => {
  assert.equal(CELLS, 24);
  const cells = [cell(0, 0), cell(0, 5), cell(2, 5), cell(10, 3), cell(23, 22), cell(23, 23)];
  const bits = Array.from({ length: 576 }, (_, i) => (cells.includes(i) ? "1" : "0")).join("");
  const expected = BigInt(`0b${bits}`).toString(16).padStart(144, "0");
  assert.equal(bitmapText(new Set(cells)), expected);
  assert.ok(expected.startsWith("840000" + "000000" + "040000") && expected.endsWith("000003"));
  assert.equal(bitmapText(new Set()), "0".repeat(144));
  assert.equal(bitmapText(new Set(Array(576).keys())), "f".repeat(144));
});

test("a touch inks the cell under it; up in the plane is up in the drawing", () => {
  const touch = (/** @type {number} */ x, /** @type {number} */ y) => [...new Set(cellsOf([x, y], [x, y], 3))];
  assert.deepEqual(touch(-2.99, 2.99), [cell(0, 0)]);
  assert.deepEqual(touch(2.99, 2.99), [cell(0, 23)]);
  assert.deepEqual(touch(-2.99, -2.99), [cell(23, 0)]);
  assert.deepEqual(touch(0.1, 1.1), [cell(7, 12)]);
  assert.deepEqual(touch(3, -3), [cell(23, 23)], "the rim belongs to the last cells");
  assert.deepEqual(touch(0.2, 2.2), [cell(3, 12)]);
});

test("a quick stroke leaves no gap", () => {
  const level = new Set(cellsOf([-2.9, 0.1], [2.9, 0.1], 3));
  assert.deepEqual([...level].sort((a, b) => a - b), Array.from({ length: 24 }, (_, i) => cell(11, i))); // biome-ignore format: short
  const upright = new Set(cellsOf([1.6, 2.9], [1.6, -2.9], 3));
  assert.deepEqual([...upright], Array.from({ length: 24 }, (_, i) => cell(i, 18))); // biome-ignore format: short
  const slanted = cellsOf([-2.9, -2.9], [2.9, 1.3], 3).map((one) => [Math.floor(one / 24), one % 24]);
  for (const [i, [row, column]] of slanted.entries()) {
    const [beforeRow, beforeColumn] = slanted[Math.max(0, i - 1)];
    assert.ok(Math.abs(row - beforeRow) <= 1 && Math.abs(column - beforeColumn) <= 1, `${i}`);
  }
  assert.deepEqual([slanted[0], slanted.at(-1)], [[23, 0], [6, 23]]); // biome-ignore format: pairs
});

test("a step is shown in its order: the discriminator, the gradients, the generator", () => {
  const names = ["discriminator", "gradients", "generator", "whole"];
  const shown = Array.from({ length: 101 }, (_, i) => phaseAt(i / 100));
  const order = shown.map(({ name }) => names.indexOf(name));
  assert.deepEqual([...new Set(order)], [0, 1, 2, 3]);
  assert.ok(order.every((one, i) => i === 0 || one >= order[i - 1]));
  for (const { name, discriminator, gradients, generator } of shown) {
    if (name === "discriminator") assert.deepEqual([gradients, generator], [0, 0]);
    if (name === "gradients") assert.deepEqual([discriminator, generator], [1, 0]);
    if (name === "generator") assert.deepEqual([discriminator, gradients], [1, 1]);
  }
  const all = (/** @type {any} */ { discriminator, gradients, generator }) => [discriminator, gradients, generator];
  assert.deepEqual([all(phaseAt(0)), all(phaseAt(1)), all(phaseAt(1.7))], [[0, 0, 0], [1, 1, 1], [1, 1, 1]]); // biome-ignore format: rows
  assert.equal(phaseAt(1.7).name, "whole");
});

test("between two figures every number goes straight from the one to the other", () => {
  assert.deepEqual(between([[0, 10], [4, -2]], [[4, 20], [4, 2]], 0.25), [[1, 12.5], [4, -1]]); // biome-ignore format: rows
  assert.deepEqual(between(Uint8Array.of(0, 200), Uint8Array.of(255, 100), 0.5), [127.5, 150]);
  const to = [[1, 2]];
  assert.equal(between([[0, 0]], to, 1), to);
  assert.deepEqual(between([[0, 3]], to, 0), [[0, 3]]);
});

test("points that are no numbers, as a run that diverged has, stop no drawing and aren't drawn", () => {
  const nowhere = /** @type {any} */ ([[null, null], [0, 2]]); // biome-ignore format: rows
  assert.deepEqual(between(nowhere, [[1, 1], [1, 4]], 0.5), [[null, null], [0.5, 3]]); // biome-ignore format: rows
  assert.deepEqual(between([[1, 1], [1, 4]], nowhere, 0.5), [[null, null], [0.5, 3]]); // biome-ignore format: rows
  /** @type {number[][]} */
  const circles = [];
  const pen = {
    beginPath() {},
    fill() {},
    stroke() {},
    arc: (/** @type {number} */ x, /** @type {number} */ y) => circles.push([x, y]),
  };
  drawPoints(/** @type {any} */ (pen), nowhere, ([x, y]) => [10 + x, 10 - y], "blue", "white");
  assert.deepEqual(circles, [[10, 8]]);
});

test("the pointer reads the field where it is: the top row is the highest y", () => {
  const field = Array.from({ length: 25 }, (_, i) => 10 * i); // 5 × 5 cells of 1.2 each
  const read = (/** @type {number} */ x, /** @type {number} */ y) =>
    Math.round(255 * fieldAt(field, 5, 3, [x, y])) / 10;
  assert.deepEqual([read(-2.9, 2.9), read(2.9, 2.9), read(-2.9, -2.9), read(0, 0), read(0, 1.2)], [0, 4, 20, 12, 7]);
  assert.deepEqual([read(3, -3), read(-3, 3), read(1.7, 2.9)], [24, 0, 3]);
});

test("arrows go where they should, the longest a third of a unit long", () => {
  /** @type {number[][][]} */
  const lines = [];
  let from = [0, 0];
  const pen = {
    beginPath() {},
    stroke() {},
    moveTo: (/** @type {number[]} */ ...place) => {
      from = place;
    },
    lineTo: (/** @type {number[]} */ ...place) => lines.push([from, place]),
  };
  const at = (/** @type {number[]} */ [x, y]) => [100 + 10 * x, 100 - 10 * y];
  const points = [[1, 2], [0, 0], [3, 3]]; // biome-ignore format: rows
  drawArrows(/** @type {any} */ (pen), points, [[0, 2], [-1, 0], [0, 0]], at, 1, "black"); // biome-ignore format: rows
  const shafts = lines.filter(([start]) => points.some((point) => String(at(point)) === String(start)));
  assert.deepEqual(shafts, [[[110, 80], [110, 76.5]], [[100, 100], [98.25, 100]]]); // biome-ignore format: rows
});
