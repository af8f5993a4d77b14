import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countOf,
  cutsOf,
  existing,
  isSame,
  legendOf,
  moved,
  number,
  percent,
  place,
  points,
  power,
  question,
  shade,
  toggled,
} from "../../playground/concepts/residual/static/column_drawing.js";
import { apart, chartOf, pathOf, ticksTo } from "../../playground/concepts/residual/static/column_losses.js";

/**
 * @param {string} name
 * @param {number} blocks
 * @param {Record<string, any>} more
 * @returns {import("../../playground/concepts/residual/static/column_drawing.js").Arm}
 */
function arm(name, blocks, more = {}) {
  const norms = { start: Array(blocks).fill(1), now: Array(blocks).fill(1) };
  const usual = { title: name, hasShortcut: false, step: 0, frozen: null, accuracy: null };
  return { name, ...usual, losses: { steps: [], values: [] }, gradients: norms, activations: norms, ...more };
}

test("norms stand on a log scale, and those out of it at its ends", () => {
  assert.equal(place(1, [-2, 3]), 0.4);
  assert.equal(place(1000, [-2, 3]), 1);
  assert.ok(Math.abs(Number(place(0.02, [-2, 3])) - Math.log10(2) / 5) < 1e-12);
  assert.deepEqual([place(1e9, [-2, 3]), place(1e-9, [-2, 3])], [1, 0]);
  assert.equal(place(0, [-2, 3]), null, "0 has no place on a log scale");
  assert.equal(place(null, [-2, 3]), null);
});

test("a shade lies between the two stops around it", () => {
  /** @type {[number, string][]} */
  const stops = [[0, "#000000"], [0.25, "#640a00"], [1, "#ffc8fa"]]; // biome-ignore format: pairs
  assert.equal(shade(stops, 0), "rgb(0, 0, 0)");
  assert.equal(shade(stops, 0.25), "rgb(100, 10, 0)");
  assert.equal(shade(stops, 0.05), "rgb(20, 2, 0)");
  assert.equal(shade(stops, 0.7), "rgb(193, 124, 150)");
  assert.equal(shade(stops, 1), "rgb(255, 200, 250)");
});

test("the legend has a number for each decade, or fewer where there is no room", () => {
  assert.deepEqual(legendOf([-1, 1], 5), [
    { text: "10⁻¹", at: 0 },
    { text: "10⁰", at: 0.5 },
    { text: "10¹", at: 1 },
  ]);
  assert.deepEqual(legendOf([-12, 0], 5).map(({ text, at }) => `${text} ${at}`), ["10⁻¹² 0", "10⁻⁹ 0.25", "10⁻⁶ 0.5", "10⁻³ 0.75", "10⁰ 1"]); // biome-ignore format: short
  assert.ok(legendOf([0, 38], 7).length <= 7);
});

test("numbers are short, and written with a power of ten where they are very large or small", () => {
  assert.deepEqual([0.0314, 40, 3.1288, 999.4, 0, 0.001].map(number), ["0.0314", "40", "3.13", "999", "0", "0.001"]);
  assert.deepEqual([44200, 3.14e-7, 1000].map(number), ["4.4·10⁴", "3.1·10⁻⁷", "1.0·10³"]);
  assert.equal(power(-38), "10⁻³⁸");
});

test("accuracies are per cent, their changes points with a sign", () => {
  assert.equal(percent(0.912), "91.2");
  const lesion = (/** @type {number} */ whole, /** @type {number} */ cut) => points({ whole, cut, blocks: [], examples: 5 }); // biome-ignore format: short
  assert.deepEqual([lesion(0.912, 0.908), lesion(0.1, 0.2), lesion(0.5, 0.5), lesion(0.5, 0.4999)], ["−0.4", "+10.0", "0.0", "0.0"]); // biome-ignore format: short
});

test("a click cuts a block, another one restores it; the other network and what was before stay", () => {
  const before = { plain: [3], residual: [] };
  const cut = toggled(toggled(before, "plain", 12), "plain", 2);
  assert.deepEqual(cut, { plain: [2, 3, 12], residual: [] });
  assert.deepEqual(before, { plain: [3], residual: [] });
  assert.deepEqual(toggled(cut, "plain", 3), { plain: [2, 12], residual: [] });
  assert.deepEqual(toggled({}, "residual", 1), { residual: [1] });
  assert.equal(countOf(toggled(cut, "residual", 9)), 4);
});

test("cuts are asked as text, and read back from an answer", () => {
  assert.deepEqual(question({ plain: [3, 12], residual: [] }), { plain: "3 12", residual: "" });
  const lesion = { whole: 0.5, cut: 0.25, examples: 7 };
  const lesions = { plain: { ...lesion, blocks: [3, 12] }, residual: { ...lesion, blocks: [] } };
  assert.deepEqual(cutsOf(lesions), { plain: [3, 12], residual: [] });
});

test("cuts are the same whether a network without any is named or not", () => {
  assert.ok(isSame({ plain: [3, 12] }, { plain: [3, 12], residual: [] }));
  assert.ok(!isSame({ plain: [3] }, { plain: [3, 12] }));
  assert.ok(!isSame({ plain: [3] }, { residual: [3] }));
  assert.ok(!isSame({ plain: [1, 2] }, { plain: [12] }));
});

test("blocks that a new network does not have are no longer cut", () => {
  const arms = [arm("plain", 9), arm("residual", 4)];
  assert.deepEqual(existing({ plain: [9, 10, 27], residual: [5], other: [1] }, arms), { plain: [9], residual: [] });
});

test("arrow keys go up towards the loss and to the other network, and not out of it", () => {
  const from = (/** @type {string} */ key, /** @type {number} */ column, /** @type {number} */ block) => moved(key, { column, block }, [7, 5]); // biome-ignore format: short
  assert.deepEqual(from("ArrowUp", 0, 3), { column: 0, block: 4 });
  assert.deepEqual(from("ArrowDown", 0, 3), { column: 0, block: 2 });
  assert.deepEqual(from("ArrowRight", 0, 3), { column: 1, block: 3 });
  assert.deepEqual(from("ArrowRight", 0, 7), { column: 1, block: 5 }, "the other one is shorter");
  assert.deepEqual(from("ArrowLeft", 1, 2), { column: 0, block: 2 });
  assert.deepEqual([from("Home", 1, 4), from("End", 1, 2)], [{ column: 1, block: 1 }, { column: 1, block: 5 }]); // biome-ignore format: short
  const out = [from("ArrowUp", 0, 7), from("ArrowDown", 0, 1), from("ArrowLeft", 0, 3), from("ArrowRight", 1, 3)];
  assert.deepEqual([...out, from("Enter", 0, 3), from("a", 0, 3)], [null, null, null, null, null, null]);
});

test("ticks are round numbers from 0 to one that holds everything", () => {
  assert.deepEqual(ticksTo(2.5, 3), [0, 1, 2, 3]);
  assert.deepEqual(ticksTo(0.3, 3), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticksTo(1000, 4), [0, 500, 1000]);
  assert.deepEqual(ticksTo(7, 4), [0, 2, 4, 6, 8]);
});

test("a line goes through all points and breaks where a loss is no number", () => {
  const y = (/** @type {number} */ value) => 100 - 10 * value;
  assert.equal(pathOf([0, 5, 10, 15, 20], [1, 2, null, 4, 5], y), "M0.0 90.0L5.0 80.0M15.0 60.0L20.0 50.0");
  assert.equal(pathOf([], [], y), "");
});

test("the chart has step 0 at the left and loss 0 at the bottom, and both networks on the same axes", () => {
  const plain = arm("plain", 3, { losses: { steps: [1, 50, 100], values: [2.5, 2.4, 2] } });
  const residual = arm("residual", 3, { frozen: 51, losses: { steps: [1, 50], values: [3, 1] } });
  const chart = chartOf([plain, residual], 500, 120);
  assert.deepEqual(chart.y.map(({ value }) => value), [0, 1, 2, 3]); // biome-ignore format: short
  assert.deepEqual([chart.y[0].at, chart.y[3].at], [chart.bottom, chart.top]);
  assert.deepEqual(chart.x.map(({ value }) => value), [0, 50, 100]); // biome-ignore format: short
  assert.deepEqual([chart.x[0].at, chart.x[2].at], [chart.left, chart.right]);
  const [above, below] = chart.lines;
  assert.deepEqual([above.x, above.value, above.frozen], [chart.right, 2, null]);
  assert.deepEqual([below.x, below.value, below.frozen], [(chart.left + chart.right) / 2, 1, 51]);
  assert.ok(Math.abs(above.y - (chart.bottom - (2 / 3) * (chart.bottom - chart.top))) < 1e-9);
  assert.ok(below.y > above.y, "a smaller loss is lower");
});

test("a loss that explodes leaves the chart, and the other one can still be read", () => {
  const plain = arm("plain", 3, { losses: { steps: [1, 2], values: [2.5, 2] } });
  const residual = arm("residual", 3, { losses: { steps: [1, 2], values: [40, 9e8] } });
  assert.deepEqual(chartOf([plain, residual], 500, 120).y.at(-1)?.value, 6);
});

test("before the first step the chart has axes and no lines", () => {
  const chart = chartOf([arm("plain", 3), arm("residual", 3)], 500, 120);
  assert.deepEqual(chart.lines, []);
  assert.ok(chart.x.every(({ at }) => Number.isFinite(at)) && chart.y.every(({ at }) => Number.isFinite(at)));
});

test("words at the ends of lines do not overlap, stay in the chart, and keep their order", () => {
  assert.deepEqual(apart([20, 80], 10, 100), [20, 80]);
  assert.deepEqual(apart([50, 52], 10, 100), [50, 63]);
  assert.deepEqual(apart([52, 50], 10, 100), [63, 50]);
  assert.deepEqual(apart([99, 100], 10, 100), [87, 100]);
  assert.deepEqual(apart([-500, 0], 10, 100), [10, 23]);
});
