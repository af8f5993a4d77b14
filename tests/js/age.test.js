import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { figureBox } = await import("../../playground/ui/static/js/figure_box.js");
const { sentences } = await import("../../playground/ui/static/js/page_data.js");

Object.assign(sentences, { of_step: "step {step}", pre_trained: "pre-trained", pre_trained_default: "the default's" });

const medium = "data:text/javascript,export const mount = (_, io) => { globalThis.mediumIO = io; }";
const figure = { data: [] };

/** @param {string} slug @param {boolean} isDefault */
async function boxOf(slug, isDefault = true) {
  const options = { slug, name: "view", title: "", caption: "", place: "hero", medium, clicks: false };
  const box = /** @type {any} */ (
    figureBox(/** @type {any} */ (options), /** @type {any} */ ({ slug, isDefault: () => isDefault }))
  );
  await import(medium);
  await new Promise((done) => setTimeout(done));
  const age = box.children[0].children[1];
  return { io: /** @type {any} */ (globalThis).mediumIO, says: () => (age.hidden ? "" : age.children[0].html) };
}

/** @param {string} slug @param {number} step @param {string} state */
const at = (slug, step, state) => publish(`${slug}/state`, { hidden: [], captions: {}, step, run: 1, state });

test("a picture of an older step than the model's says of which", async () => {
  const { says } = await boxOf("old");
  publish("old/figure/view", { figure, step: 30, run: 1 });
  at("old", 30, "paused");
  assert.equal(says(), "");
  at("old", 40, "paused");
  assert.equal(says(), "step 30");
});

test("one of the pre-trained model says so, and where the knobs differ, of which", async () => {
  for (const [isDefault, words] of /** @type {[boolean, string][]} */ ([
    [true, "pre-trained"],
    [false, "the default's"],
  ])) {
    const slug = isDefault ? "made" : "other";
    const { says } = await boxOf(slug, isDefault);
    publish(`${slug}/figure/view`, { figure, step: 100, pre_trained: true });
    at(slug, 0, "ready");
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
