import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, fill, say, short, written } from "../../playground/ui/static/js/sentences.js";

test("values are filled in as a reader expects them", () => {
  assert.equal(
    fill("step {step}: {name} → {value}", { step: 12345, name: "beta", value: 0.25 }),
    "step 12,345: beta → 0.25",
  );
  assert.equal(fill("new run: {knobs}", { knobs: { beta: 4, model: "AE" } }), "new run: beta 4, model AE");
  assert.equal(fill("{a} and {unknown}", { a: ["x", "y"] }), "x, y and {unknown}");
});

test("a value is text, not markup or another place to fill", () => {
  assert.equal(fill("{sentence}", { sentence: "<b>{step}</b>", step: 1 }), "<b>{step}</b>");
});

test("an unknown key is shown as it is", () => {
  assert.equal(say("no_such_key"), "no_such_key");
});

test("a strip of metrics has short numbers", () => {
  assert.deepEqual([12345.6, 123.456, 12.345, 0.12345, -0.5].map(short), [
    "12,346",
    "123.5",
    "12.35",
    "0.123",
    "-0.500",
  ]);
});

test("time left in seconds, then in minutes", () => {
  assert.deepEqual([0.2, 59.4, 60, 125, -1].map(clock), ["0 s", "59 s", "1:00 min", "2:05 min", "0 s"]);
});

test("truth values and small numbers", () => {
  assert.deepEqual([true, 0.00002, 1e6].map(written), ["true", "0.00002", "1,000,000"]);
});
