// Handles in a picture: under the hand at once, told to the page now and then, and back where the server says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";

const { h } = await import("../../playground/ui/static/js/dom.js");
const { Handles } = await import("../../playground/ui/static/js/media/handles.js");

const pause = (/** @type {number} */ milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const KNOBS = /** @type {Record<string, any>} */ ({
  mean: { name: "mean", label: "Mean", low: -2, high: 2, step: 0.1, value: 0.5 },
  width: { name: "width", label: "Width", low: 0, high: 4, step: 0.5, value: 1 },
});
const BOTH = { name: "target", label: "Target", x: { knob: "mean" }, y: { knob: "width" }, symbol: "μ" };

/**
 * 50 pixels a unit, the mean 0 at pixel 100; widths upwards from pixel 200.
 * @param {any[]} [declared]
 * @param {(changes: any) => void} [moved]
 */
function stage(declared = [BOTH], moved) {
  const values = /** @type {Record<string, any>} */ ({ mean: 0.5, width: 1 });
  /** @type {any[]} */
  const sent = [];
  let changed = () => {};
  const io = {
    h,
    say: (/** @type {string} */ key, /** @type {any} */ given) => (given ? `${given.label} ${given.value}` : key),
    browser: { grabPointer: () => {} },
    knobs: {
      set: (/** @type {any} */ changes) => {
        sent.push({ ...changes });
        Object.assign(values, changes);
      },
      get: () => values,
      about: (/** @type {string} */ name) => KNOBS[name],
      onChange: (/** @type {() => void} */ listener) => {
        changed = listener;
      },
    },
  };
  const places = {
    toPixels: (/** @type {any} */ { x = 0, y = 0 }) => /** @type {[number, number]} */ ([100 + 50 * x, 200 - 50 * y]),
    toValue: (/** @type {[number, number]} */ [left, top]) => ({ x: (left - 100) / 50, y: (200 - top) / 50 }),
    moved,
  };
  const plot = /** @type {any} */ (new StubElement("div"));
  const handles = new Handles(plot, /** @type {any} */ (io), places);
  handles.show(declared);
  const [element] = plot.querySelectorAll(".handle");
  return {
    element,
    handles,
    plot,
    sent,
    values,
    at: () => [element.style.left, element.style.top],
    says: (/** @type {string} */ name) => element.getAttribute(name),
    pointer: (/** @type {string} */ kind, /** @type {number} */ clientX, /** @type {number} */ clientY) =>
      element.send(kind, { clientX, clientY, button: 0, pointerId: 1 }),
    key: (/** @type {string} */ key, shiftKey = false) => element.send("keydown", { key, shiftKey }),
    server: (/** @type {any} */ knobs) => {
      Object.assign(values, knobs);
      changed();
    },
  };
}

test("a handle stands where its knobs are, and says so", () => {
  const { at, says, element } = stage();
  assert.deepEqual(at(), ["125px", "150px"]);
  const said = ["role", "tabindex", "aria-label", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"];
  assert.deepEqual(said.map((name) => String(says(name))), ["slider", "0", "Target", "-2", "2", "0.5", "Mean 0.5, Width 1"]); // biome-ignore format: short
  assert.equal(element.textContent, "μ");
});

test("dragged, it follows at once; the newest values are told now and then, the last ones in any case", async () => {
  const { pointer, at, sent, handles } = stage();
  pointer("pointerdown", 127, 149); // not quite in its middle: it does not jump there
  pointer("pointermove", 137, 149);
  assert.deepEqual([at(), sent], [["135px", "150px"], [{ mean: 0.7, width: 1 }]]);
  pointer("pointermove", 147, 124);
  pointer("pointermove", 152, 99);
  assert.deepEqual(at(), ["150px", "100px"]);
  assert.equal(sent.length, 1);
  await pause(70);
  assert.deepEqual(sent.slice(1), [{ mean: 1, width: 2 }]);
  pointer("pointermove", 9000, 99);
  assert.deepEqual(at(), ["200px", "100px"], "no further than the bound");
  handles.show([BOTH]);
  pointer("pointerup", 9000, 99);
  assert.deepEqual(sent.at(-1), { mean: 2, width: 2 });
  await pause(70);
  assert.equal(sent.length, 3, "and not twice");
});

test("a picture that draws under the hand knows of each move, and of the handles that are held", () => {
  /** @type {any[]} */
  const moves = [];
  const { pointer, key, handles, sent } = stage([BOTH], (changes) => moves.push({ ...changes }));
  assert.deepEqual(handles.held(), []);
  pointer("pointerdown", 125, 150);
  assert.deepEqual(handles.held(), ["target"]);
  for (const left of [130, 135, 140]) pointer("pointermove", left, 150);
  assert.deepEqual([moves.map(({ mean }) => mean), sent.length], [[0.6, 0.7, 0.8], 1]);
  pointer("pointerup", 140, 150);
  assert.deepEqual([handles.held(), sent.at(-1)], [[], { mean: 0.8, width: 1 }]);
  key("ArrowRight");
  assert.deepEqual(moves.at(-1), { mean: 0.9 });
});

test("what comes from the server pulls it out of no hand, and counts when it is let go", () => {
  const { pointer, at, server, handles, sent, values } = stage();
  pointer("pointerdown", 125, 150);
  pointer("pointermove", 150, 150);
  server({ mean: -1, width: 1 });
  handles.show([{ ...BOTH, label: "Of a newer figure" }]);
  assert.deepEqual(at(), ["150px", "150px"]);
  pointer("pointerup", 150, 150);
  assert.deepEqual([sent.at(-1), values.mean], [{ mean: 1, width: 1 }, 1]);
  server({ mean: 0 }); // which may not take what the hand has set
  assert.deepEqual(at(), ["100px", "150px"]);
});

test("keys go a step, ten with Shift, to the bounds of what was moved last, and to the defaults", async () => {
  const { key, values, sent, at } = stage();
  key("ArrowRight");
  assert.deepEqual([sent, at()], [[{ mean: 0.6 }], ["130px", "150px"]]);
  key("ArrowLeft", true);
  key("ArrowUp");
  assert.deepEqual(at(), ["80px", "125px"], "at once, though the page is told later");
  await pause(70);
  assert.deepEqual(values, { mean: -0.4, width: 1.5 });
  key("End");
  await pause(70);
  assert.deepEqual(values, { mean: -0.4, width: 4 });
  key("Delete");
  await pause(70);
  assert.deepEqual(values, { mean: 0.5, width: 1 });
  key("Tab");
  await pause(70);
  assert.equal(sent.length, 4);
});

test("a double click is back to the default", () => {
  const { element, values } = stage();
  Object.assign(values, { mean: 2, width: 3 });
  element.send("dblclick");
  assert.deepEqual(values, { mean: 0.5, width: 1 });
});

test("a coordinate that is no knob stays, and needs none", () => {
  const { pointer, at, sent } = stage([{ name: "m", label: "m", x: { knob: "mean" }, y: { at: 3 } }]);
  assert.deepEqual(at(), ["125px", "50px"]);
  pointer("pointerdown", 125, 50);
  pointer("pointermove", 105, 190);
  assert.deepEqual([at(), sent], [["105px", "50px"], [{ mean: 0.1 }]]);
});

test("a handle of the next figure is the same element; one that it does not have goes", () => {
  const { handles, plot, element } = stage();
  handles.show([
    { ...BOTH, symbol: "m" },
    { name: "more", label: "More", x: { knob: "mean" } },
  ]);
  const shown = plot.querySelectorAll(".handle");
  assert.ok(shown.length === 2 && shown[0] === element && element.textContent === "m");
  handles.show([]);
  assert.equal(plot.querySelectorAll(".handle").length, 0);
});
