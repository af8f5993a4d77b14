import assert from "node:assert/strict";
import { test } from "node:test";
import { log } from "./browser_stub.js";
import { part, message as whole } from "./wire_data.js";

/** @import {Message} from "../../playground/ui/static/js/protocol.d.ts" */

const { latest, subscribe } = await import("../../playground/ui/static/js/bus.js");
const { arrive, token } = await import("../../playground/ui/static/js/front.js");
const { Inbox } = await import("../../playground/ui/static/js/inbox.js");

arrive();
const message = (/** @type {number} */ order, /** @type {Partial<Message>} */ more) =>
  whole({ order, step: order, ...more });
const shown = (/** @type {number} */ step) => ({ step, version: 0, figure: { of: step } });

test("a late message still brings what no newer one has brought", () => {
  const inbox = new Inbox("one");
  inbox.take(message(3, { run: 7, figures: { hero: shown(3) } }));
  const older = { run: 7, figures: { hero: shown(2), other: shown(2) } };
  inbox.take(message(2, { ...older, address: "?tab=one&beta=4", knobs: { beta: 4 } }));
  assert.equal(latest("one/state").step, 3);
  assert.deepEqual(latest("one/figure/hero"), { ...shown(3), run: 7, setting: "" }, "and a figure knows its run");
  assert.equal(latest("one/figure/other").step, 2);
  assert.deepEqual(latest("one/knobs"), { beta: 4 });
  assert.deepEqual(log, ["replace ?tab=one&beta=4"]);
});

test("a repeated message changes nothing", () => {
  const inbox = new Inbox("one");
  const first = message(5, { answers: { draw: part({ figure: { of: "a" }, clicked: true }) }, address: "?tab=one" });
  inbox.take(first);
  inbox.take(message(6, { answers: { draw: part({ figure: { of: "b" } }) } }));
  log.length = 0;
  inbox.take(first);
  assert.equal(latest("one/figure/probe-draw").figure.of, "b");
  assert.equal(latest("one/figure/inset-draw").figure.of, "a", "only a click's answer stands in the picture");
  assert.deepEqual(log, []);
});

test("the token that a page is known by is kept", () => {
  new Inbox("one").take(message(1, { token: "secret" }));
  assert.equal(token(), "secret");
  assert.equal(latest("one/settled"), true);
});

test("a run that a link asks for begins with the knobs that came with it", () => {
  /** @type {any[]} */
  const heard = [];
  subscribe("linked/knobs", (knobs) => heard.push(knobs));
  subscribe("linked/run-now", () => heard.push("run"));
  new Inbox("linked").take(message(1, { knobs: { beta: 4 }, token: "t", run_now: true }));
  assert.deepEqual(heard, [{ beta: 4 }, "run"]);
});

test("a server that was restarted counts its messages anew, and is heard", () => {
  const inbox = new Inbox("restarted");
  inbox.take(message(900, { token: "old" }));
  inbox.take(message(2, { token: "new" }));
  assert.equal(latest("restarted/state").step, 2);
  inbox.take(message(1, { token: "new" }));
  assert.equal(latest("restarted/state").step, 2, "of the new server's the newest counts");
});

test("what only the wire needs is no state of the tab", () => {
  new Inbox("wired").take(message(1, { tab: "wired", renew: 20, can_undo: true }));
  const state = latest("wired/state");
  assert.ok(state.can_undo && !("tab" in state) && !("renew" in state));
});
