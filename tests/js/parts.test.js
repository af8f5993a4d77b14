import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeWords } from "../../playground/ui/static/js/code_panel.js";
import { numberOr } from "../../playground/ui/static/js/controls.js";
import { stateWords } from "../../playground/ui/static/js/transport.js";
import { tabState } from "./wire_data.js";

test("what is no number stays a text, so that the server can say what is wrong with it", () => {
  assert.deepEqual(["3", " 0.002 ", "1e-3", "two", "", "1,5"].map(numberOr), [3, 0.002, 0.001, "two", "", "1,5"]);
});

test("a stopped run says why, a training one how fast", () => {
  const state = tabState({ state: "stopped", error: "diverged at step 3", step: 3 });
  assert.equal(stateWords(state), "diverged at step 3");
  assert.equal(stateWords({ ...state, state: "training", error: "" }), "starting");
  assert.equal(stateWords({ ...state, state: "paused", error: "" }), "state_paused");
});

test("a line tells the shapes of its own function's tensors only", () => {
  const line = { names: ["mu", "z", "other"], function: "models.vae:encode", html: "", symbols: [] };
  const shapes = { "models.vae:encode": { mu: [128, 2], unused: [1] }, "models.vae:decode": { z: [128, 2] } };
  assert.equal(shapeWords(line, shapes), "shapes_now");
  assert.equal(shapeWords({ ...line, function: "models.vae:nothing" }, shapes), "");
});
