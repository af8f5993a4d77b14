// The bar above the pictures: one button sends what the visitor means by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";
import { declaration, tabState } from "./wire_data.js";

/** @import {StubElement} from "./element_stub.js" */
/** @import {TabState} from "../../playground/ui/static/js/protocol.d.ts" */

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { sentences } = await import("../../playground/ui/static/js/page_data.js");
const { offer, transportBar } = await import("../../playground/ui/static/js/transport.js");

Object.assign(sentences, {
  train_more: "▶ Train {steps} more steps",
  steps_limit: "limit {budget}",
  bad: "No {knob}.",
  frozen: "{title} diverged at step {step}.",
});

const about = declaration({ metrics: [{ name: "loss", title: "Loss", unit: "nats", explain: "e" }] });

/** @param {string} slug */
function barOf(slug) {
  /** @type {any[]} */
  const sent = [];
  const act = (/** @type {string} */ kind, /** @type {any} */ data = {}) =>
    sent.push([kind, typeof data === "function" ? data() : data]);
  const knobs = () => ({ beta: 4 });
  const bar = /** @type {any} */ (transportBar(/** @type {any} */ ({ slug, about, act, knobs, openBelow: () => {} })));
  const part = (/** @type {string} */ selector) => bar.querySelector(selector);
  return { sent, part, at: (/** @type {Partial<TabState>} */ state) => publish(`${slug}/state`, tabState(state)) };
}

test("the button means play, pause, more or play anew as the run stands", () => {
  const kind = (/** @type {Partial<TabState>} */ state) => offer(tabState(state)).kind;
  assert.equal(kind({}), "play");
  assert.equal(kind({ state: "paused" }), "play");
  assert.equal(kind({ state: "stopped" }), "play");
  assert.equal(kind({ state: "training", restart: ["latent"] }), "pause");
  assert.equal(kind({ state: "done", more: 1000 }), "more");
  assert.equal(kind({ state: "done", more: 1000, restart: ["latent"] }), "play", "the knobs ask for another run");
  assert.equal(offer(tabState({ state: "paused", restart: ["latent"] })).words, "train_anew");
});

const wait = (/** @type {number} */ milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("it says what it does, and sends it with the run that it is about", async () => {
  const { sent, part, at } = barOf("button");
  const train = part(".train");
  train.click();
  at({ run: 3, state: "training" });
  assert.equal(train.textContent, "pause");
  train.click();
  at({ run: 3, state: "done", more: 1000 });
  assert.equal(train.textContent, "▶ Train 1,000 more steps");
  train.click();
  assert.equal(sent.length, 2, "a click that was meant as a pause does not train on");
  await wait(650);
  train.click();
  at({ run: 3, state: "paused", restart: ["latent"] });
  train.click();
  const knobs = { beta: 4 };
  assert.deepEqual(sent, [
    ["play", { run: 0, knobs }],
    ["pause", { run: 3 }],
    ["more", { run: 3, steps: 1000 }],
    ["play", { run: 3, knobs }],
  ]);
});

test("a click after Reset is meant for the new run, although its answer has not come yet", async () => {
  const { sent, part, at } = barOf("reset");
  at({ run: 3, state: "training" });
  part(".reset").click();
  assert.equal(part(".train").textContent, "train");
  part(".train").click();
  assert.deepEqual(
    sent.map(([kind]) => kind),
    ["reset", "play"],
  );
  await wait(0);
  at({ run: 4, state: "training" });
  assert.equal(part(".train").textContent, "pause");
});

test("at the limit of steps the button is off and says why", () => {
  const { sent, part, at } = barOf("limit");
  at({ run: 1, state: "done", more: 0, step: 50 });
  const train = part(".train");
  assert.deepEqual([train.disabled, train.title], [true, "limit 50"]);
  train.click();
  assert.deepEqual(sent, []);
  at({ run: 1, state: "paused" });
  assert.deepEqual([train.disabled, train.title], [false, ""]);
});

test("until the server has answered, the bar says that the run is starting, and a second click does nothing", () => {
  const { sent, part, at } = barOf("start");
  at({});
  assert.equal(part(".word").textContent, "state_ready");
  publish("start/starting", 1);
  assert.equal(part(".word").textContent, "starting");
  part(".train").click();
  assert.deepEqual(sent, []);
  at({ state: "paused" }); // of an older event
  assert.equal(part(".word").textContent, "starting");
  at({ run: 1, state: "training", rate: 7 });
  assert.equal(part(".word").textContent, "training_rate");
  part(".train").click();
  assert.deepEqual(sent, [["pause", { run: 1 }]]);
  publish("start/starting", 0);
});

test("a run that can come back is offered, others are not", () => {
  const { sent, part, at } = barOf("undo");
  assert.equal(part(".undo").hidden, true);
  at({ can_undo: true });
  assert.equal(part(".undo").hidden, false);
  assert.equal(part(".undo").textContent, "↶ undo");
  part(".undo").click();
  assert.deepEqual(sent, [["undo", {}]]);
  at({ can_undo: false });
  assert.equal(part(".undo").hidden, true);
});

test("the other buttons send the knobs as they stand", () => {
  const { sent, part } = barOf("others");
  part(".step-button").click();
  part(".reset").click();
  const options = part(".speed").querySelectorAll("option");
  const offered = options.map((/** @type {StubElement} */ option) => [
    option.getAttribute("value"),
    option.textContent,
  ]);
  assert.deepEqual(offered, [["1", "slow"], ["full", "fast"]]); // biome-ignore format: short
  part(".speed").value = "1";
  part(".speed").send("change");
  const knobs = { beta: 4 };
  assert.deepEqual(sent, [["step", { knobs }], ["reset", { knobs }], ["speed", { speed: "1" }]]); // biome-ignore format: short
});

test("a complaint is the server's, or that it refused; without one there is none", () => {
  const { part, at } = barOf("complaint");
  const says = () => (part(".complaint").hidden ? "" : part(".complaint").textContent);
  assert.equal(says(), "");
  at({ complaint: { key: "bad", values: { knob: "beta" } } });
  assert.equal(says(), "No beta.");
  publish("complaint/refused", "The server was restarted.");
  assert.equal(says(), "The server was restarted.");
  publish("complaint/refused", "");
  at({});
  assert.equal(says(), "");
});

test("each arm that has diverged is named with its step, and nothing is said where none has", () => {
  const { part, at } = barOf("arms");
  const says = () => (part(".frozen-arms").hidden ? "" : part(".frozen-arms").textContent);
  assert.equal(says(), "");
  const wild = { title: "The wild one", step: 312 };
  at({ state: "training", frozen: { wild } });
  assert.equal(says(), "The wild one diverged at step 312.");
  at({ state: "training", frozen: { wild, other: { title: "The other", step: 1400 } } });
  assert.equal(says(), "The wild one diverged at step 312. The other diverged at step 1,400.");
  at({ run: 2, state: "ready" });
  assert.equal(says(), "");
});

test("tests and style sheets find the state, the step, and whether the server has spoken", () => {
  const { part, at } = barOf("marks");
  const { dataset } = part(".status");
  assert.deepEqual([dataset.state, dataset.step, "settled" in dataset], ["ready", "0", false]);
  at({ state: "training", step: 12 });
  assert.deepEqual([dataset.state, dataset.step, "settled" in dataset], ["training", "12", true]);
  assert.equal(part(".hint").hidden, true);
  at({ restart: ["latent"] });
  assert.equal(part(".hint").hidden, false);
});

test("metrics that were measured are shown, and of which step when that is past", () => {
  const { part, at } = barOf("metrics");
  const words = () => part(".metrics").textContent;
  at({ step: 10, moment: { step: 10, metrics: { loss: 0.5 } } });
  assert.equal(words(), "Loss 0.500");
  at({ step: 20, moment: { step: 10, metrics: { loss: 0.5 } } });
  assert.equal(words(), "momentLoss 0.500");
  at({ step: 0, moment: { step: 0, metrics: {} } });
  assert.equal(words(), "");
});
