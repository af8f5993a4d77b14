// Arrow keys move the mark on a chart, whichever way its axes run.
import assert from "node:assert/strict";
import test from "node:test";
import { moved } from "../../playground/ui/static/js/media/plot_pointer.js";

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
