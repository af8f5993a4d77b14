import assert from "node:assert/strict";
import { test } from "node:test";
import { latest } from "../../playground/ui/static/js/bus.js";
import { Inbox } from "../../playground/ui/static/js/inbox.js";

const addresses = [];
globalThis.history = { replaceState: (_, __, address) => addresses.push(address) };
const message = (order, more) => ({ order, step: order, figures: {}, answers: {}, address: "", knobs: null, ...more });

test("a late message still brings what no newer one has brought", () => {
  const inbox = new Inbox("late");
  inbox.take(message(3, { figures: { hero: "three" } }));
  inbox.take(message(2, { figures: { hero: "two", other: "two" }, address: "?tab=late", knobs: { beta: 4 } }));
  assert.equal(latest("late/state").step, 3);
  assert.equal(latest("late/figure/hero"), "three");
  assert.equal(latest("late/figure/other"), "two");
  assert.deepEqual(latest("late/knobs"), { beta: 4 });
  assert.deepEqual(addresses, ["?tab=late"]);
});

test("a repeated message changes nothing", () => {
  const inbox = new Inbox("twice");
  const first = message(5, { answers: { draw: { figure: "a", clicked: true } }, address: "?tab=twice" });
  inbox.take(first);
  inbox.take(message(6, { answers: { draw: { figure: "b" } } }));
  addresses.length = 0;
  inbox.take(first);
  assert.equal(latest("twice/figure/probe-draw").figure, "b");
  assert.equal(latest("twice/figure/inset-draw").figure, "a", "only a click's answer stands in the picture");
  assert.deepEqual(addresses, []);
});
