import assert from "node:assert/strict";
import { test } from "node:test";
import { between } from "../../playground/ui/static/js/slow_motion/drawing.js";
import { ends, passed, phaseAt, waves } from "../../playground/ui/static/js/slow_motion/timing.js";
import { LASTS } from "../../playground/ui/static/js/tab_state.js";

test("forward, the batch passes arrows in the order of the network, branches side by side", () => {
  /** @type {[string, string][]} */
  const pairs = [["a", "b"], ["b", "c"], ["p", "q"], ["q", "c"], ["c", "d"]]; // biome-ignore format: a table
  assert.deepEqual(waves(pairs, false), [0, 1, 0, 1, 2]);
});

test("a loop begins with the arrow that is listed first", () => {
  assert.deepEqual(waves([["world", "s"], ["s", "a"], ["a", "world"]], false), [0, 1, 2]); // biome-ignore format: a table
});

test("gradients begin at the loss, however the arrows are listed, and a fork waits for its later branch", () => {
  /** @type {[string, string][]} */
  const arrows = [["x", "z"], ["kl", "loss"], ["fit", "loss"], ["z", "kl"], ["z", "x̂"], ["x̂", "fit"]]; // biome-ignore format: a table
  assert.deepEqual(waves(arrows, true), [3, 0, 0, 1, 2, 1]);
});

test("a phase of three waves lasts twice as long as one of one, and the last ends with the step", () => {
  assert.deepEqual(ends([1, 3, 1]), [0.25, 0.75, 1]);
  assert.deepEqual(ends([0]), [1]);
});

test("phases come one after the other, and none is left when the step is over", () => {
  const until = [0.25, 0.75, 1];
  const seen = [0, 0.2, 0.25, 0.5, 0.74, 0.75, 0.99].map((share) => phaseAt(until, share));
  assert.deepEqual(seen.map(({ phase }) => phase), [0, 0, 1, 1, 1, 2, 2]); // biome-ignore format: a table
  assert.equal(phaseAt(until, 0.5).within, 0.5);
  assert.equal(phaseAt(until, 1).phase, -1);
  assert.equal(phaseAt([], 0).phase, -1);
});

test("each wave has its share of the phase", () => {
  assert.equal(passed(0.25, 0, 2), 0.5);
  assert.equal(passed(0.25, 1, 2), null);
  assert.equal(passed(0.75, 1, 2), 0.5);
  assert.equal(passed(0.75, 0, 2), null);
});

test("a step is over before the next one comes", () => {
  assert.ok(LASTS["1"] < 1000 && LASTS["5"] < 200);
  assert.deepEqual(Object.keys(LASTS), ["1", "5"]);
});

test("arrows begin and end at the edges of their parts", () => {
  const { a, b } = between({ x: 100, y: 40, half: 30 }, { x: 300, y: 40, half: 50 });
  assert.deepEqual([a, b], [[132, 40], [248, 40]]); // biome-ignore format: a table
  const down = between({ x: 100, y: 10, half: 30 }, { x: 100, y: 60, half: 50 });
  assert.ok(Math.abs(down.a[1] - 22) < 1e-6 && Math.abs(down.b[1] - 48) < 1e-6);
});
