// Trails join each point's old place to its new one, where the same points are shown.
import assert from "node:assert/strict";
import test from "node:test";
import { trails } from "../../playground/ui/static/js/media/plot_trails.js";

/** @param {number[]} x @param {number[]} y @param {object} [more] */
const figure = (x, y, more = {}) => ({
  data: [{ name: "3", mode: "markers", x, y, marker: { color: "red" } }],
  layout: { uirevision: "plane", meta: { trails: true }, ...more },
});

test("from the old place to the new one, a gap after each", () => {
  const [trail] = trails(figure([1, 5], [2, 6]), figure([3, 7], [4, 8]));
  assert.deepEqual(
    [trail.x, trail.y],
    [
      [1, 3, null, 5, 7, null],
      [2, 4, null, 6, 8, null],
    ],
  );
  assert.equal(trail.line.color, "red");
});

test("none where the figure wants none, is another one, or has other points", () => {
  const now = figure([3], [4]);
  assert.deepEqual(trails(figure([1], [2]), figure([3], [4], { meta: {} })), []);
  assert.deepEqual(trails(figure([1], [2], { uirevision: "other" }), now), []);
  assert.deepEqual(trails(figure([1, 2], [2, 3]), now), []);
  assert.deepEqual(trails(null, now), []);
});
