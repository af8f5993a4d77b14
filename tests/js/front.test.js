import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { log, moveTo, navigation } from "./browser_stub.js";

const { latest } = await import("../../playground/ui/static/js/bus.js");
const { arrive, greeting, open, setAddress, setToken } = await import("../../playground/ui/static/js/front.js");

const come = (query, type = "navigate") => {
  navigation.type = type;
  window.location.search = query;
  arrive();
};

beforeEach(() => {
  log.length = 0;
});

test("a link opens its tab, which alone is told of it, once", () => {
  come("?tab=two&beta=4");
  assert.equal(latest("front"), "two");
  assert.deepEqual(greeting("one"), { token: "", query: "" });
  assert.deepEqual(greeting("two"), { token: "", query: "?tab=two&beta=4" });
  assert.deepEqual(greeting("two"), { token: "", query: "" });
});

test("a link to a tab that is not there comes to the first one", () => {
  come("?tab=three");
  assert.equal(latest("front"), "one");
  assert.equal(greeting("one").query, "?tab=three");
});

test("only a reload of the same address finds the old page again", () => {
  come("?tab=one");
  setToken("secret");
  setAddress("one", "?tab=one&beta=4");
  come("?tab=one&beta=4", "reload");
  assert.equal(greeting("one").token, "secret");
  come("?tab=one&beta=4", "navigate");
  assert.equal(greeting("one").token, "");
  come("?tab=one&beta=5", "reload");
  assert.equal(greeting("one").token, "", "another address, though reloaded");
});

test("the address follows the tab at once, back and forward lead between tabs", () => {
  come("?tab=one");
  setAddress("one", "?tab=one&beta=4");
  open("two");
  assert.equal(latest("front"), "two");
  setAddress("one", "?tab=one&beta=8"); // a run in a hidden tab does not touch the address
  setAddress("two", "?tab=two&heads=2");
  moveTo("?tab=one&beta=4");
  assert.equal(latest("front"), "one");
  assert.deepEqual(log, [
    "replace ?tab=one&beta=4",
    "push ?tab=two",
    "replace ?tab=two&heads=2",
    "replace ?tab=one&beta=8", // the tab as it stands now
  ]);
  open("one");
  assert.equal(log.length, 4, "it is in front already");
});
