import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { log, moveTo, navigation } from "./browser_stub.js";

const { latest } = await import("../../playground/ui/static/js/bus.js");
const { arrive, greeting, open, setAddress, setToken, token } = await import("../../playground/ui/static/js/front.js");

const come = (/** @type {string} */ query, type = "navigate") => {
  navigation.type = type;
  window.location.search = query;
  arrive();
};

beforeEach(() => {
  log.length = 0;
});

test("a link opens its tab, which alone is told of it, once", async () => {
  come("?tab=two&beta=4");
  assert.equal(latest("front"), "two");
  assert.deepEqual(await greeting("one"), { query: "", alone: true });
  assert.deepEqual(await greeting("two"), { query: "?tab=two&beta=4", alone: true });
  assert.deepEqual(await greeting("two"), { query: "", alone: true });
});

test("a link to a tab that is not there comes to the first one", async () => {
  come("?tab=three");
  assert.equal(latest("front"), "one");
  assert.equal((await greeting("one")).query, "?tab=three");
});

test("only a reload of the same address finds the old page again, and so does Back", async () => {
  come("?tab=one");
  setToken("secret");
  setAddress("one", "?tab=one&beta=4");
  for (const way of ["reload", "back_forward"]) {
    come("?tab=one&beta=4", way);
    assert.equal(token(), "secret", way);
    assert.equal((await greeting("two")).alone, null, "pages cannot talk to each other here");
    come("?tab=one&beta=5", way);
    assert.equal(token(), "", `another address, though by ${way}`);
  }
  come("?tab=one&beta=4", "navigate");
  assert.equal(token(), "");
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
