// What the wire does while the server cannot be reached, and after it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubSite } from "./wire_stub.js";

const opened = (/** @type {string[]} */ ...tabs) => new StubSite().open(...(tabs.length ? tabs : ["one"]));
const silent = { messages: [] };

test("after an outage events are sent in their order, one at a time, with their ids, each once", async () => {
  const site = await opened("one", "two");
  site.wire.send("one", "step", { knobs: {} });
  site.wire.send("two", "step", { knobs: {} });
  await site.requests[0].fail();
  assert.deepEqual(site.told, [true], "the page says that it is away");
  site.wire.send("one", "ask", { probe: "draw", question: {} });
  site.wire.send("two", "pause", { run: 3 });
  assert.equal(site.requests.length, 2, "nothing is sent into the void");
  await site.clock.pass(249);
  assert.equal(site.requests.length, 2);
  await site.clock.pass(1);
  assert.equal(site.last.body.kind, "renew", "a request that is answered quickly tries");
  const { answer } = site.last;
  site.server = ({ kind }) => (["frames", "renew"].includes(kind) ? silent : undefined);
  await answer(silent);
  assert.deepEqual(site.events(), ["step 3", "step 4", "step 3"]);
  for (const sent of [4, 5, 6, 6]) {
    await site.requests.findLast(({ body: { kind } }) => !["frames", "renew"].includes(kind))?.answer(silent);
    assert.equal(site.events().length, sent, "one at a time");
  }
  assert.deepEqual(site.events(), ["step 3", "step 4", "step 3", "step 4", "ask 7", "pause 8"]);
  assert.deepEqual(site.told, [true, false]);
  await site.clock.pass(15_000);
  assert.equal(site.events().length, 6, "nothing comes twice");
});

test("a try follows the other at growing distances, and at once when the browser is online again", async () => {
  const site = await opened();
  site.server = () => null;
  site.wire.send("one", "play", { run: 0, knobs: {} });
  const times = [];
  for (let known = 1; site.clock.time < 9000; await site.clock.pass(10)) {
    if (site.requests.length > known) times.push(site.clock.time);
    known = site.requests.length;
  }
  assert.deepEqual(times, [250, 750, 1750, 3750, 5750, 7750]);
  site.server = () => silent;
  site.wire.tryNow();
  await site.clock.pass(0);
  assert.deepEqual(site.told, [true, false]);
  assert.ok(site.events().every((one) => one === "play 2"));
});

test("a try that hangs is given up when the browser is online again", async () => {
  const site = await opened();
  site.wire.send("one", "play", { run: 0, knobs: {} });
  await site.last.fail();
  await site.clock.pass(250);
  assert.equal(site.requests.length, 2);
  site.wire.tryNow();
  await site.clock.pass(0);
  assert.equal(site.of("renew").length, 2);
});

for (const [what, reply] of /** @type {[string, (site: StubSite) => any][]} */ ([
  ["a proxy's 503", (site) => site.last.answer("<html>", 503)],
  ["a proxy's page", (site) => site.last.answer("<html>", 200)],
  ["no connection", (site) => site.last.fail()],
  ["a connection that hangs", (site) => site.clock.pass(14_000)],
]))
  test(`${what} is an outage`, async () => {
    const site = await opened();
    site.wire.send("one", "play", { run: 0, knobs: {} });
    await reply(site);
    assert.deepEqual(site.told, [true]);
    site.server = ({ kind }) => (kind === "renew" ? silent : undefined);
    await site.clock.pass(250);
    assert.deepEqual(
      [site.told, site.events()],
      [
        [true, false],
        ["play 2", "play 2"],
      ],
    );
  });

test("a hello that was not answered is said again, with its id", async () => {
  const site = new StubSite();
  site.wire.hello("one", { query: "", alone: true });
  await site.last.fail();
  await site.clock.pass(250);
  await site.clock.pass(7000); // nor is this one
  await site.clock.pass(500);
  assert.deepEqual(site.requests.map(({ body: { kind, id } }) => `${kind} ${id}`), Array(3).fill("hello 1")); // biome-ignore format: short
});

test("frames are awaited for as long as the server holds the request (two seconds) and five more", async () => {
  const site = await opened();
  site.training.add("one");
  site.wire.tryNow();
  await site.clock.pass(6999);
  assert.deepEqual(site.told, []);
  await site.clock.pass(1);
  assert.deepEqual(site.told, [true]);
});

test("an event may take long while the server can be reached, which the page then asks", async () => {
  const site = await opened();
  site.wire.send("one", "play", { run: 0, knobs: {} });
  await site.clock.pass(6999);
  assert.equal(site.requests.length, 1);
  await site.clock.pass(1);
  assert.equal(site.last.body.kind, "renew");
  await site.last.answer(silent);
  await site.clock.pass(19_000);
  assert.deepEqual([site.told, site.events()], [[], ["play 2"]]);
  await site.of("play")[0].answer(silent);
  site.server = ({ kind }) => (kind === "renew" ? silent : undefined);
  await site.clock.pass(60_000);
  assert.deepEqual([site.told, site.events()], [[], ["play 2"]], "once");
});

test("an outage while frames are awaited heals from where they ended", async () => {
  const site = await opened();
  site.training.add("one");
  site.wire.tryNow();
  await site.last.answer({ messages: [{ tab: "one" }], since: 41 });
  await site.last.fail();
  await site.clock.pass(250);
  assert.equal(site.last.body.kind, "renew", "a request that is answered at once");
  await site.last.answer(silent);
  assert.deepEqual([site.last.body.kind, site.last.body.since], ["frames", 41]);
});

test("after an outage frames are asked for once although nothing seems to train", async () => {
  const site = await opened();
  site.wire.send("one", "pause", { run: 1 });
  await site.last.fail();
  await site.clock.pass(250);
  await site.last.answer(silent);
  assert.equal(site.of("frames").length, 1);
});
