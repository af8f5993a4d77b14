import assert from "node:assert/strict";
import { test } from "node:test";
import { environments } from "../../playground/concepts/actor_critic/static/environments.js";
import { choose, network, softmax } from "../../playground/concepts/actor_critic/static/network.js";
import { across, LEFT, RIGHT, span } from "../../playground/concepts/actor_critic/static/rollout_lines.js";

const base64 = (/** @type {number[]} */ numbers) =>
  btoa(String.fromCharCode(...new Uint8Array(new Float32Array(numbers).buffer)));

test("a net is linear layers with tanh between them", () => {
  const net = network([
    { shape: [2, 3], weight: base64([1, 0, 0, 0, 2, 0]), bias: base64([0.5, -1]) },
    { shape: [1, 2], weight: base64([3, -2]), bias: base64([1]) },
  ]);
  const expected = 3 * Math.tanh(1 * 0.25 + 0.5) - 2 * Math.tanh(2 * 0.5 - 1) + 1;
  assert.ok(Math.abs(net([0.25, 0.5, 9])[0] - expected) < 1e-6);
});

test("softmax is a distribution and does not overflow", () => {
  const policy = softmax([1000, 1001, 999]);
  assert.ok(Math.abs(policy.reduce((a, b) => a + b) - 1) < 1e-12);
  assert.ok(policy[1] > policy[0] && policy[0] > policy[2]);
});

test("actions are drawn from the policy, or its most probable one is taken", () => {
  const policy = [0.2, 0.5, 0.3];
  assert.deepEqual(
    [0, 0.19, 0.21, 0.69, 0.71, 0.999999999].map((at) => choose(policy, true, () => at)),
    [0, 0, 1, 1, 2, 2],
  );
  assert.equal(choose(policy, false), 1);
  assert.equal(
    choose([0.3, 0.7 - 1e-12], true, () => 0.9999999999999),
    1,
    "rounding leaves no action out",
  );
});

test("a nudge changes the speed that the environment says", () => {
  for (const { nudge, start } of Object.values(environments)) assert.ok(nudge[0] < start().length && nudge[1] > 0);
});

test("a flat line is shown flat, others fill their panel", () => {
  assert.deepEqual(span([0, 5, 10]), [0, 10]);
  const [low, high] = span([100, 100.1]);
  assert.ok(Math.abs(high - low - 0.1 * 100.1) < 1e-9 && low < 100 && high > 100.1);
});

test("steps run from the left edge to the right one", () => {
  assert.equal(across(0, 11, 240), LEFT);
  assert.equal(across(10, 11, 240), 240 - RIGHT);
});
