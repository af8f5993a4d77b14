// The box around a figure when its medium fails, and when the run changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";
import { tabState } from "./wire_data.js";

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { figureBox } = await import("../../playground/ui/static/js/figure_box.js");

const WORKING = "data:text/javascript,export const mount = (_, io) => { globalThis.io = io; io.box.onFigure((s) => globalThis.show(s)); }"; // biome-ignore format: short
const state = tabState({ run: 1, state: "training" });
const shared = /** @type {any} */ (globalThis);
const settled = () => new Promise((done) => setTimeout(done, 20));

/**
 * @param {string} slug
 * @param {string} medium
 * @param {string} place
 */
async function boxOf(slug, medium = WORKING, place = "hero") {
  const options = { slug, name: "view", title: "t", caption: "c", place, medium, clicks: false, probe: "" };
  const box = /** @type {any} */ (
    figureBox(/** @type {any} */ (options), /** @type {any} */ ({ slug, arePreTrained: () => true }))
  );
  await settled();
  const failure = box.querySelector(".medium-failed");
  return { box, io: shared.io, says: () => (failure.hidden ? "" : failure.textContent), is: (/** @type {string} */ name) => box.classList.contains(name) }; // biome-ignore format: short
}

/** @param {() => Promise<void>} job whose errors are expected in the console */
async function quietly(job) {
  const before = console.error;
  let count = 0;
  console.error = () => {
    count += 1;
  };
  await job();
  console.error = before;
  return count;
}

test("a medium that cannot be loaded is a sentence in its box", async () => {
  for (const medium of ["data:text/javascript,throw new Error()", "data:text/javascript,export const mount = () => { throw new Error() }"]) // biome-ignore format: short
    assert.equal(
      await quietly(async () => {
        const { says } = await boxOf("missing", medium);
        assert.equal(says(), "medium_missing");
      }),
      1,
    );
});

test("a figure that a medium cannot show is a sentence in its box, until one works again", async () => {
  const { says } = await boxOf("broken");
  assert.equal(says(), "");
  shared.show = () => {
    throw new Error("broken");
  };
  const errors = await quietly(async () => {
    publish("broken/figure/view", { figure: {}, step: 1, run: 1 });
    await settled();
  });
  assert.deepEqual([says(), errors], ["medium_failed", 1]);
  shared.show = () => {};
  publish("broken/figure/view", { figure: {}, step: 2, run: 1 });
  await settled();
  assert.equal(says(), "");
});

test("a drawing that fails in its turn is a sentence too, and the next one is drawn", async () => {
  const { says, io } = await boxOf("drawing");
  let drawn = 0;
  await quietly(async () => {
    io.draw.inTurn(async () => {
      throw new Error("broken");
    });
    await settled();
    assert.equal(says(), "medium_failed");
    io.draw.inTurn(() => {
      drawn += 1;
    });
    await settled();
  });
  assert.deepEqual([drawn, says()], [1, ""]);
});

test("a picture of another run goes until this one has its own", async () => {
  const { is } = await boxOf("runs");
  shared.show = () => {};
  publish("runs/figure/view", { figure: {}, step: 9, run: 1 });
  publish("runs/state", { ...state, run: 1 });
  assert.ok(!is("cleared"));
  publish("runs/state", { ...state, run: 2 });
  assert.ok(is("cleared"));
  publish("runs/figure/view", { figure: {}, step: 1, run: 2 });
  assert.ok(!is("cleared"));
});

test("what a run showed that the server no longer has stays until the next one, whatever its number", async () => {
  const { is } = await boxOf("gone");
  shared.show = () => {};
  publish("gone/figure/view", { figure: {}, step: 9, run: 1 });
  publish("gone/state", { ...state, run: 0, state: "ready" });
  assert.ok(!is("cleared"));
  publish("gone/state", { ...state, run: 1 });
  assert.ok(is("cleared"));
});

test("a picture and an answer of another setting go until that one is chosen again", async () => {
  shared.show = () => {};
  for (const place of ["hero", "answer"]) {
    const slug = `settings-${place}`;
    const { box, is } = await boxOf(slug, WORKING, place);
    const choose = (/** @type {string} */ setting) => publish(`${slug}/state`, tabState({ setting }));
    choose("");
    const shown = { figure: {}, step: 9, run: 0, setting: "", pre_trained: true };
    publish(`${slug}/figure/view`, shown);
    assert.ok(!is("cleared"));
    choose("digits");
    assert.ok(is("cleared"));
    publish(`${slug}/figure/view`, shown);
    assert.ok(is("cleared"), "one that comes late is of the other setting still");
    choose("");
    assert.ok(!is("cleared"));
    publish(`${slug}/figure/view`, { step: 9, run: 0, setting: "", error: "no" });
    assert.equal(box.querySelector(".complaint").hidden, false);
    choose("digits");
    assert.equal(box.querySelector(".complaint").hidden, true);
  }
});

test("a pre-trained picture stays until the run of its setting has one, and goes at once in a run of another", async () => {
  const { is } = await boxOf("begun");
  shared.show = () => {};
  publish("begun/state", tabState());
  publish("begun/figure/view", { figure: {}, step: 9, setting: "", pre_trained: true });
  publish("begun/state", { ...state, setting: "" });
  assert.ok(!is("cleared"));
  publish("begun/state", { ...state, run: 2, setting: "digits" });
  assert.ok(is("cleared"));
  publish("begun/figure/view", { figure: {}, step: 1, run: 2, setting: "digits" });
  assert.ok(!is("cleared"));
});

test("the sentence of a refusal stays while its run trains on", async () => {
  const { box } = await boxOf("refused", WORKING, "answer");
  const complaint = box.querySelector(".complaint");
  publish("refused/state", state);
  publish("refused/figure/view", { step: 1, run: 1, setting: "", error: "no" });
  publish("refused/state", { ...state, step: 2 });
  assert.equal(complaint.hidden, false);
  publish("refused/state", { ...state, run: 2 });
  assert.equal(complaint.hidden, true);
});

test("a view that does not apply to the model is hidden", async () => {
  const { box } = await boxOf("applies");
  publish("applies/state", { ...state, hidden: ["view"] });
  assert.equal(box.hidden, true);
  publish("applies/state", state);
  assert.equal(box.hidden, false);
});

test("drawings are counted for whoever watches the page", async () => {
  const { box, io } = await boxOf("count");
  io.box.drawn();
  io.box.drawn();
  assert.equal(box.dataset.draws, "2");
});
