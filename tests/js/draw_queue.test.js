import assert from "node:assert/strict";
import { test } from "node:test";
import { drawInTurn } from "../../playground/ui/static/js/draw_queue.js";

globalThis.requestAnimationFrame = (/** @type {any} */ callback) => Number(setTimeout(callback, 0));
const pause = (/** @type {number} */ milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("figures are drawn one after the other, in order, and one that fails stops no other", async () => {
  /** @type {string[]} */
  const said = [];
  const complain = console.error;
  console.error = (error) => said.push(error.message);
  /** @type {string[]} */
  const log = [];
  const job = (/** @type {string} */ name) => async () => {
    log.push(`${name} begins`);
    await pause(3);
    log.push(`${name} ends`);
  };
  await new Promise((resolve) => {
    drawInTurn(job("a"));
    drawInTurn(() => {
      throw new Error("broken");
    });
    drawInTurn(job("b"));
    drawInTurn(() => resolve(null));
  });
  console.error = complain;
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends"]);
  assert.deepEqual(said, ["broken"]);
});

test("a figure that is never finished holds the others up for a while only", async () => {
  const before = console.error;
  /** @type {string[]} */
  const said = [];
  console.error = (error) => said.push(error.message);
  drawInTurn(() => new Promise(() => {}), { longest: 20 });
  await new Promise((resolve) => drawInTurn(() => resolve(null)));
  console.error = before;
  assert.deepEqual(said, ["A figure was not drawn within 20 ms."]);
});

test("after a picture of a run that trains the page rests longer than after an answer", async () => {
  const slow = () => pause(30);
  const restAfter = async (/** @type {boolean} */ isLive) => {
    const began = performance.now();
    drawInTurn(slow, { isLive });
    await new Promise((resolve) => drawInTurn(() => resolve(null)));
    return performance.now() - began - 30;
  };
  const [live, answer] = [await restAfter(true), await restAfter(false)];
  assert.ok(answer >= 28 && live >= 58, `${live} and ${answer} ms`);
  assert.ok(live > answer + 20, `${live} and ${answer} ms`);
});
