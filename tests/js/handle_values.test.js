// The arithmetic of handles: pixels and values, the nearest value, what keys do.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clamped,
  keyMove,
  nearest,
  pixelOf,
  stepped,
  valueAt,
} from "../../playground/ui/static/js/media/handle_values.js";
import { pixelAt, pixelAxes } from "../../playground/ui/static/js/media/plot_handles.js";

const linear = { offset: 40, length: 200, from: -2, to: 2, isLog: false };
const log = { offset: 40, length: 300, from: 0.001, to: 1, isLog: true };

test("pixels and values of a linear axis, of one that runs the other way, and of a logarithmic one", () => {
  assert.deepEqual([-2, 0, 2].map((value) => pixelOf(value, linear)), [40, 140, 240]); // biome-ignore format: short
  assert.deepEqual([40, 140, 290].map((pixel) => valueAt(pixel, linear)), [-2, 0, 3]); // biome-ignore format: short
  const down = { ...linear, from: 2, to: -2 };
  assert.deepEqual([pixelOf(1, down), valueAt(90, down)], [90, 1]);
  for (const [value, pixel] of [
    [0.001, 40],
    [0.01, 140],
    [0.1, 240],
    [1, 340],
  ]) {
    // biome-ignore format: pairs
    assert.ok(Math.abs(pixelOf(value, log) - pixel) < 1e-9);
    assert.ok(Math.abs(valueAt(pixel, log) / value - 1) < 1e-9);
  }
  assert.ok(!Number.isFinite(pixelOf(0, log)));
});

test("a value is brought within the bounds, and to a step that the knob takes", () => {
  assert.deepEqual([clamped(-3, { low: -1, high: 2 }), clamped(1, { low: -1, high: 2 }), clamped(9, { low: -1, high: 2 })], [-1, 1, 2]); // biome-ignore format: short
  const tenths = { low: -1, high: 2, step: 0.1 };
  assert.deepEqual([0.34, 0.349999, 0.36, 7, -7].map((value) => nearest(value, tenths)), [0.3, 0.3, 0.4, 2, -1]); // biome-ignore format: short
  assert.equal(nearest(6, { low: 1, high: 9, step: 4 }), 5, "steps are counted from the lower bound");
  assert.equal(nearest(8.9, { low: 0, high: 8.5, step: 2 }), 8);
  assert.equal(nearest(0.123456, { low: 0, high: 1, step: "any" }), 0.1235);
  assert.equal(nearest(0.123456, { low: 0, high: 0.12345 }), 0.12345, "the bound wins over the digits");
});

test("a key goes a step of the knob; without a step a hundredth of the way, or a factor over decades", () => {
  assert.equal(stepped(0.2, 1, { low: -1, high: 2, step: 0.1 }), 0.3);
  assert.equal(stepped(0.2, -10, { low: -1, high: 2, step: 0.1 }), -0.8);
  assert.equal(stepped(1.95, 1, { low: -1, high: 2, step: 0.1 }), 2);
  assert.equal(stepped(0.5, 1, { low: -1, high: 2, step: "any" }), 0.53);
  assert.equal(stepped(0.01, 50, { low: 0.0001, high: 1 }), 1);
  assert.equal(stepped(0.01, -25, { low: 0.0001, high: 1 }), 0.001);
});

test("arrows move a handle their way on the screen; where no knob is that way, right and up mean more", () => {
  const both = { x: 1, y: 1 };
  assert.deepEqual(keyMove("ArrowRight", false, both), { axis: "x", steps: 1 });
  assert.deepEqual(keyMove("ArrowDown", true, both), { axis: "y", steps: -10 });
  assert.deepEqual(keyMove("ArrowLeft", false, { x: -1, y: 0 }), { axis: "x", steps: 1 }, "the axis runs to the left");
  assert.deepEqual(keyMove("ArrowUp", false, { x: -1, y: 0 }), { axis: "x", steps: 1 });
  assert.deepEqual(keyMove("ArrowLeft", false, { x: 0, y: -1 }), { axis: "y", steps: -1 });
  assert.deepEqual(keyMove("PageUp", false, both), { axis: "y", steps: 10 });
  const ends = ["Home", "End", "Delete", "Backspace"].map((key) => keyMove(key, false, both));
  assert.deepEqual(ends, [{ to: "low" }, { to: "high" }, { to: "default" }, { to: "default" }]);
  assert.equal(keyMove("Tab", false, both), null);
});

test("a chart's axes in pixels: upwards along y, powers of ten on a logarithmic one, any of several charts", () => {
  const fullLayout = {
    xaxis: { _offset: 30, _length: 100, range: [0, 10], type: "linear" },
    yaxis: { _offset: 5, _length: 50, range: [-1, 1], type: "linear" },
    xaxis2: { _offset: 150, _length: 100, range: [-3, 0], type: "log" },
  };
  const about = { name: "mean", label: "Mean" };
  assert.deepEqual(pixelAxes(fullLayout, about), {
    x: { offset: 30, length: 100, from: 0, to: 10, isLog: false },
    y: { offset: 5, length: 50, from: 1, to: -1, isLog: false },
  });
  assert.deepEqual(pixelAxes(fullLayout, { ...about, xaxis: "x2" })?.x, { offset: 150, length: 100, from: 0.001, to: 1, isLog: true }); // biome-ignore format: short
  assert.equal(pixelAxes({}, about), null);
});

test("a handle that a zoom left outside stands at the edge; without a coordinate in the middle", () => {
  assert.deepEqual([-9, 9, 1, undefined].map((value) => pixelAt(value, linear)), [40, 240, 190, 140]); // biome-ignore format: short
});
