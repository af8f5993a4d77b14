// Arrow keys move the mark on a chart, whichever way its axes run.
import assert from "node:assert/strict";
import test from "node:test";
import { moved, placeIn } from "../../playground/ui/static/js/media/plot_pointer.js";

test("it begins in the middle and goes a fortieth of the axis", () => {
  assert.deepEqual(moved(null, "ArrowRight", [0, 40], [-20, 20]), { x: 21, y: 0 });
  assert.deepEqual(moved({ x: 5, y: 3 }, "ArrowUp", [0, 40], [-20, 20]), { x: 5, y: 4 });
});

test("up is up on the screen where an axis grows downwards", () => {
  assert.deepEqual(moved({ x: 0, y: 10 }, "ArrowUp", [0, 40], [20, 0]), { x: 0, y: 9.5 });
});

test("it stays within the axes, and other keys move nothing", () => {
  assert.deepEqual(moved({ x: 0, y: 0 }, "ArrowLeft", [0, 40], [0, 1]), { x: 0, y: 0 });
  assert.equal(moved({ x: 0, y: 0 }, "a", [0, 1], [0, 1]), null);
});

/**
 * @param {string} _id
 * @param {number} _offset
 * @param {number} _length
 * @param {number} from the value at its beginning
 * @param {number} to
 */
const axis = (_id, _offset, _length, from, to) => ({
  _id,
  _offset,
  _length,
  p2d: (/** @type {number} */ pixel) => from + (pixel / _length) * (to - from),
});

test("a place is in the units of the chart that the pointer is in, the first one of those that share a room", () => {
  const charts = [
    { xaxis: axis("x", 10, 100, 0, 50), yaxis: axis("y", 20, 40, 8, 0) },
    { xaxis: axis("x", 10, 100, 0, 50), yaxis: axis("y3", 20, 40, 1, 0) },
    { xaxis: axis("x2", 160, 200, -1, 1), yaxis: axis("y2", 20, 40, 300, 100) },
  ];
  assert.deepEqual(placeIn(charts, 30, 30), { x: 10, y: 6, xref: "x", yref: "y" });
  assert.deepEqual(placeIn(charts, 310, 40), { x: 0.5, y: 200, xref: "x2", yref: "y2" });
  for (const [px, py] of [
    [130, 30],
    [9, 30],
    [30, 61],
    [361, 40],
    [310, 19],
  ]) {
    assert.equal(placeIn(charts, px, py), null);
  }
});

test("a place that has no number is none", () => {
  const nowhere = { xaxis: axis("x", 0, 100, Number.NaN, 1), yaxis: axis("y", 0, 100, 0, 1) };
  assert.equal(placeIn([nowhere], 5, 5), null);
});

test("keys begin in the middle of the first chart after a click into the second one", () => {
  assert.deepEqual(moved({ x: 5, y: 3, xref: "x2" }, "ArrowRight", [0, 40], [-20, 20]), { x: 21, y: 0 });
});
