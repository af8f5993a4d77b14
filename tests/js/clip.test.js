import assert from "node:assert/strict";
import { test } from "node:test";
import { project } from "../../playground/concepts/clip/static/skeleton.js";

const room = { left: 100, width: 400, height: 210 }; // 100 pixels a metre
const still = [[0, 1, 0.5]];
const near = (/** @type {number[]} */ found, /** @type {number[]} */ expected) =>
  assert.ok(
    found.every((value, i) => Math.abs(value - expected[i]) < 1e-9),
    `${found}`,
  );

test("up is up, the middle is the middle, forward is towards the viewer", () => {
  near(project([still], 0, 0, room)[0], [300, 105.8, 0.5]);
});

test("a quarter turn brings what was forward to the side", () => {
  near(project([still], 0, Math.PI / 2, room)[0], [350, 105.8, 0]);
});

test("between two frames joints go straight, and the end does not glide to the beginning", () => {
  const clip = [[[0, 1, 0]], [[1, 1, 0]]];
  near(project(clip, 0.25, 0, room)[0], [325, 105.8, 0]);
  near(project(clip, 1.75, 0, room)[0], [400, 105.8, 0]);
});
