import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";
import { tabState } from "./wire_data.js";

/** @import {TabState} from "../../playground/ui/static/js/protocol.d.ts" */

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { figureBox } = await import("../../playground/ui/static/js/figure_box.js");
const { sentences } = await import("../../playground/ui/static/js/page_data.js");

Object.assign(sentences, {
  of_step: "step {step}",
  before_knob: "before a knob was turned",
  pre_trained: "pre-trained",
  pre_trained_default: "the default's",
  pre_trained_other: "another's",
});

const medium = "data:text/javascript,export const mount = (_, io) => { globalThis.mediumIO = io; }";
const figure = { data: [] };

/** @param {string} slug @param {boolean} arePreTrained @param {string} place */
async function boxOf(slug, arePreTrained = true, place = "hero") {
  const options = { slug, name: "view", title: "", caption: "", place, medium, clicks: false };
  const box = /** @type {any} */ (
    figureBox(/** @type {any} */ (options), /** @type {any} */ ({ slug, arePreTrained: () => arePreTrained }))
  );
  await import(medium);
  await new Promise((done) => setTimeout(done));
  const age = box.children[0].children[1];
  const says = () => (age.hidden ? "" : age.children[0].html);
  const isStale = () => box.classList.contains("stale");
  return { io: /** @type {any} */ (globalThis).mediumIO, says, isStale };
}

/** @param {string} slug @param {number} step @param {TabState["state"]} state @param {Partial<TabState>} more */
const at = (slug, step, state, more = {}) =>
  publish(`${slug}/state`, tabState({ step, run: state === "ready" ? 0 : 1, state, ...more }));

test("a picture of an older step than the model's says of which", async () => {
  const { says } = await boxOf("old");
  publish("old/figure/view", { figure, step: 30, run: 1 });
  at("old", 30, "paused");
  assert.equal(says(), "");
  at("old", 40, "paused");
  assert.equal(says(), "step 30");
});

test("a picture of the same step from before a knob was turned says so", async () => {
  const { says, isStale } = await boxOf("turned");
  publish("turned/figure/view", { figure, step: 30, version: 1, run: 1 });
  at("turned", 30, "paused", { version: 1 });
  assert.equal(says(), "");
  at("turned", 30, "paused", { version: 2 });
  assert.deepEqual([says(), isStale()], ["before a knob was turned", false]);
  publish("turned/figure/view", { figure, step: 30, version: 2, run: 1 });
  assert.equal(says(), "");
  at("turned", 31, "paused", { version: 3 });
  assert.equal(says(), "step 30", "the step says more");
});

test("an answer from before a knob was turned is greyed and says so, in its box or in a picture's place", async () => {
  const { says, isStale } = await boxOf("asked", true, "inset");
  publish("asked/figure/view", { figure, step: 30, version: 0, run: 1 });
  at("asked", 30, "paused", { version: 1 });
  assert.deepEqual([says(), isStale()], ["before a knob was turned", true]);
  publish("asked/figure/view", { figure, step: 30, version: 1, run: 1 });
  assert.deepEqual([says(), isStale()], ["", false]);
  const { io, says: over } = await boxOf("laid");
  publish("laid/figure/view", { figure, step: 30, version: 1, run: 1 });
  at("laid", 30, "paused", { version: 1 });
  io.box.showsInstead({ figure, step: 30, version: 0, run: 1 });
  assert.equal(over(), "before a knob was turned");
});

test("one of the pre-trained model says so, and where the knobs differ, of which", async () => {
  for (const [arePreTrained, setting, words] of /** @type {[boolean, string, string][]} */ ([
    [true, "", "pre-trained"],
    [false, "", "the default's"],
    [true, "digits", "pre-trained"],
    [false, "digits", "another's"],
  ])) {
    const slug = `made-${arePreTrained}-${setting}`;
    const { says } = await boxOf(slug, arePreTrained);
    at(slug, 0, "ready", { setting });
    publish(`${slug}/figure/view`, { figure, step: 100, setting, pre_trained: true });
    assert.equal(says(), words);
  }
});

test("an answer that stands in a picture's place says of which step it is", async () => {
  const { io, says } = await boxOf("instead");
  publish("instead/figure/view", { figure, step: 50, run: 1 });
  at("instead", 50, "paused");
  assert.equal(says(), "");
  io.box.showsInstead({ figure, step: 20, run: 1 });
  assert.equal(says(), "step 20");
  publish("instead/figure/view", { figure, step: 50, run: 1 });
  assert.equal(says(), "step 20", "the picture behind it is not what one sees");
  io.box.showsInstead(null);
  assert.equal(says(), "");
});
