import assert from "node:assert/strict";
import { test } from "node:test";
import { latest, publish, subscribe } from "../../playground/ui/static/js/bus.js";

test("a late subscriber gets the newest value at once, and every later one", () => {
  publish("topic", 1);
  publish("topic", 2);
  /** @type {any[]} */
  const heard = [];
  subscribe("topic", (value) => heard.push(value));
  publish("topic", 3);
  assert.deepEqual(heard, [2, 3]);
  assert.equal(latest("topic"), 3);
});

test("without a value there is nothing to hear, and topics do not mix", () => {
  /** @type {any[]} */
  const heard = [];
  subscribe("quiet", (value) => heard.push(value));
  publish("loud", 1);
  assert.deepEqual(heard, []);
  assert.equal(latest("quiet"), undefined);
});

test("an ended subscription hears nothing more, even when it ends while values are handed out", () => {
  /** @type {any[]} */
  const heard = [];
  const end = subscribe("ending", (value) => {
    heard.push(value);
    end();
  });
  subscribe("ending", (value) => heard.push(`other ${value}`));
  publish("ending", 1);
  publish("ending", 2);
  assert.deepEqual(heard, [1, "other 1", "other 2"]);
});

test("a listener that fails keeps no other one from hearing, now and later, and is named", () => {
  const before = console.error;
  /** @type {any[]} */
  const said = [];
  /** @type {any[]} */
  const heard = [];
  console.error = (words) => said.push(words);
  const fail = () => {
    throw new Error("broken");
  };
  subscribe("failing", fail);
  subscribe("failing", (value) => heard.push(value));
  publish("failing", 1);
  publish("failing", 2);
  subscribe("failing", fail); // with the newest value, at once
  console.error = before;
  assert.deepEqual(heard, [1, 2]);
  assert.equal(said.length, 3);
  assert.ok(said.every((words) => words.includes("failing")));
});
