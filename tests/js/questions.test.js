// Questions to the live model: which are asked, which wait, which are asked again.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { StubElement } from "./element_stub.js";
import { part, probe, slider, tabState } from "./wire_data.js";

/** @import {AnswerPart, TabState} from "../../playground/ui/static/js/protocol.d.ts" */

const { publish, subscribe } = await import("../../playground/ui/static/js/bus.js");
const { changesTopic, Questions } = await import("../../playground/ui/static/js/questions.js");

const fields = [slider({ name: "x", value: 0 }), slider({ name: "y", value: 7 })];
const probes = [probe("one", "draw", { clicks: ["hero"], live: true, fields }), probe("one", "sample")];
globalThis.setInterval = /** @type {any} */ (() => 0); // a test looks by itself what is out of date
let clock = 0;
mock.method(performance, "now", () => clock);
Object.assign(window, { innerHeight: 500 });

const settled = () => new Promise((done) => setTimeout(done));

/** @param {string} slug */
function made(slug) {
  /** @type {any[]} */
  const sent = [];
  const act = (/** @type {string} */ kind, /** @type {any} */ data) =>
    new Promise((answer) => sent.push({ kind, ...data, over: answer }));
  const questions = new Questions(/** @type {any} */ ({ slug, about: { probes }, act }));
  const answer = (/** @type {string} */ name, /** @type {Partial<AnswerPart>} */ given) =>
    publish(`${slug}/figure/probe-${name}`, part(given));
  const at = (/** @type {Partial<TabState>} */ state) =>
    publish(`${slug}/state`, tabState({ run: 1, step: 1, state: "training", ...state }));
  return { questions, sent, answer, at, asked: () => sent.map(({ question }) => question) };
}

/** A box in sight that has been drawn. */
function drawnBox() {
  const box = new StubElement("figure");
  box.matches = () => true;
  return /** @type {any} */ (box);
}

test("of several questions that wait for an answer only the newest is asked; probes do not wait for each other", () => {
  const { questions, sent, answer, asked } = made("newest");
  for (const x of [1, 2, 3]) questions.ask("draw", { question: { x }, clicked: false });
  questions.ask("sample", { question: {}, clicked: false });
  assert.deepEqual(sent.map(({ probe }) => probe), ["draw", "sample"]); // biome-ignore format: short
  answer("draw", {});
  assert.deepEqual(asked(), [{ x: 1 }, {}, { x: 3 }]);
  answer("draw", {});
  assert.equal(sent.length, 3);
});

test("a picture changes some fields of the last question, and the controls hear of it", () => {
  const { questions, answer, asked } = made("again");
  /** @type {any[]} */
  const changes = [];
  subscribe(changesTopic("again", "draw"), (change) => changes.push(change));
  questions.ask("draw", { question: { x: 1, y: 2 }, clicked: false });
  questions.askAgain("draw", { x: 5 });
  answer("draw", {});
  assert.deepEqual(asked().at(-1), { x: 5, y: 2 });
  assert.deepEqual(changes, [{ x: 5 }]);
});

test("a click asks the probe of its view, with the other fields as they were", () => {
  const { questions, sent, answer } = made("click");
  questions.click("nothing", 1, 2);
  assert.equal(sent.length, 0);
  questions.ask("draw", { question: { x: 1, y: 2 }, clicked: false });
  answer("draw", {});
  questions.click("hero", 0.5, -0.5);
  const { kind, view, x, y, question } = sent.at(-1);
  assert.deepEqual([kind, view, x, y, question], ["click", "hero", 0.5, -0.5, { x: 1, y: 2 }]);
  answer("draw", { question: { x: 9 }, clicked: true });
  questions.askAgain("draw", {});
  assert.deepEqual(sent.at(-1).question, { x: 9, y: 7 }, "what the click left open is as it is by default");
  assert.equal(sent.at(-1).clicked, true);
});

test("what is in sight is asked again while the model trains on, with rests", () => {
  const { questions, sent, answer, at } = made("live");
  questions.watch("draw", drawnBox());
  at({ step: 1 });
  clock = 5000;
  questions.ask("draw", { question: { x: 1 }, clicked: false });
  clock = 5300; // it took 300 ms, which may be a tenth of the time
  answer("draw", { step: 1 });
  questions.refresh();
  assert.equal(sent.length, 1, "the answer is of the model's step");
  at({ step: 2 });
  clock = 7990;
  questions.refresh();
  assert.equal(sent.length, 1, "it rests");
  clock = 8000;
  questions.refresh();
  assert.equal(sent.length, 2);
});

test("a paused model is asked at once, one that is out of sight or not live never", () => {
  for (const [probe, watched, expected] of /** @type {[string, boolean, number][]} */ ([
    ["draw", true, 2],
    ["draw", false, 1],
    ["sample", true, 1],
  ])) {
    const { questions, sent, answer, at } = made(`paused-${probe}-${watched}`);
    if (watched) questions.watch(probe, drawnBox());
    at({ step: 1 });
    questions.ask(probe, { question: {}, clicked: false });
    answer(probe, { step: 1 });
    at({ step: 2, state: "paused" });
    questions.refresh();
    assert.equal(sent.length, expected, `${probe} ${watched}`);
  }
});

test("a model that a live knob has changed at the same step is asked again", () => {
  const { questions, sent, answer, at } = made("version");
  questions.watch("draw", drawnBox());
  at({ state: "paused", version: 3 });
  questions.ask("draw", { question: {}, clicked: false });
  answer("draw", { step: 1, version: 3 });
  questions.refresh();
  assert.equal(sent.length, 1);
  at({ state: "paused", version: 4 });
  questions.refresh();
  assert.equal(sent.length, 2);
});

test("the parts of an answer are asked for one after the other, with its number, until there is no more", () => {
  const { questions, sent, answer, at } = made("parts");
  questions.watch("draw", drawnBox());
  at({ step: 1 });
  questions.ask("draw", { question: { x: 1 }, clicked: true });
  answer("draw", { number: 5, more: true, clicked: true });
  const { over: _, ...asked } = sent[1];
  assert.deepEqual(asked, { kind: "continue", probe: "draw", number: 5, clicked: true });
  at({ step: 9, state: "paused" });
  questions.refresh();
  assert.equal(sent.length, 2, "what is not complete is not asked again");
  answer("draw", { number: 5, more: true, clicked: true, continues: true });
  answer("draw", { number: 5, more: false, clicked: true, continues: true });
  assert.deepEqual(sent.map(({ kind }) => kind), ["ask", "continue", "continue"]); // biome-ignore format: short
  questions.refresh();
  assert.deepEqual([sent.length, sent.at(-1).question], [4, { x: 1 }], "it is of an older step");
});

test("a newer question ends an answer: its parts are not asked for, and one that still comes is not the newer's", () => {
  const { questions, sent, answer } = made("newer");
  questions.ask("draw", { question: { x: 1 }, clicked: false });
  answer("draw", { number: 1, more: true });
  questions.ask("draw", { question: { x: 2 }, clicked: false });
  answer("draw", { number: 1, more: true, continues: true });
  assert.deepEqual(sent.map(({ kind }) => kind), ["ask", "continue", "ask"]); // biome-ignore format: short
  questions.ask("draw", { question: { x: 3 }, clicked: false });
  assert.equal(sent.length, 3, "the newer one is still awaited");
  answer("draw", { number: 2, more: true });
  assert.deepEqual([sent.length, sent.at(-1).question], [4, { x: 3 }], "a waiting question goes before a part");
  answer("draw", { number: 3, more: true });
  answer("draw", { number: 4, more: true, clicked: true, question: { x: 4 } });
  assert.equal(sent.at(-1).number, 4, "a click asks as well");
  answer("draw", { number: 3, more: true, continues: true });
  assert.equal(sent.length, 6);
});

test("an answer that the server has dropped ends there", async () => {
  const { questions, sent, answer, at } = made("dropped");
  questions.watch("draw", drawnBox());
  at({ step: 1 });
  questions.ask("draw", { question: {}, clicked: false });
  answer("draw", { number: 1, more: true });
  sent[1].over(true); // without a part
  await settled();
  assert.equal(sent.length, 2);
  at({ step: 2, state: "paused" });
  questions.refresh();
  assert.equal(sent.length, 3, "the question may be asked again");
});

test("another run forgets the question, and so does a refusal", () => {
  for (const how of ["run", "refusal"]) {
    const { questions, sent, answer, at } = made(`forgets-${how}`);
    questions.watch("draw", drawnBox());
    at({ step: 1 });
    questions.ask("draw", { question: {}, clicked: false });
    answer("draw", { step: 1, ...(how === "refusal" && { figure: null, error: "no" }) });
    at({ step: 2, state: "paused", run: how === "run" ? 2 : 1 });
    questions.refresh();
    assert.equal(sent.length, 1, how);
  }
});

test("a question whose answer was lost is asked once more, and a newer one is not held up by it", async () => {
  const { questions, sent, asked } = made("lost");
  questions.ask("draw", { question: { x: 1 }, clicked: false });
  sent[0].over(true);
  await settled();
  assert.deepEqual(asked(), [{ x: 1 }, { x: 1 }]);
  sent[1].over(true);
  await settled();
  assert.equal(sent.length, 2, "no endless asking");
  questions.ask("draw", { question: { x: 2 }, clicked: false });
  questions.ask("draw", { question: { x: 3 }, clicked: false });
  sent[2].over(false);
  await settled();
  assert.deepEqual(asked().slice(2), [{ x: 2 }, { x: 3 }]);
});
