// Events out, messages in: order, ids, frames, renewals, leaving and coming back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubSite } from "./wire_stub.js";

const opened = (/** @type {string[]} */ ...tabs) => new StubSite().open(...(tabs.length ? tabs : ["one"]));
const silent = { messages: [] };

/**
 * What a test's job writes to the console as errors.
 * @param {() => Promise<void>} job
 */
async function errorsOf(job) {
  const before = console.error;
  /** @type {string[]} */
  const said = [];
  console.error = (...words) => said.push(words.join(" "));
  await job();
  console.error = before;
  return said;
}

test("hello comes first, alone, and everything else when it is answered, with the token it brought", async () => {
  const site = new StubSite();
  site.wire.send("one", "knobs", { knobs: { beta: 1 } });
  site.wire.hello("one", { query: "?tab=one", alone: null });
  site.wire.hello("two", { query: "", alone: null });
  assert.equal(site.requests.length, 1);
  const { body } = site.last;
  assert.deepEqual(body, {
    token: "",
    document: "doc",
    id: 1,
    tab: "one",
    kind: "hello",
    query: "?tab=one",
    alone: null,
  });
  await site.last.answer({ messages: [{ tab: "one", token: "secret", renew: 20 }] });
  assert.deepEqual(site.events(), ["hello 1", "hello 2", "knobs 3"]);
  assert.ok(site.requests.slice(1).every(({ body: { token } }) => token === "secret"));
  assert.deepEqual(site.requests[2].body.knobs, { beta: 1 });
});

test("what is done in a tab is done in that order; questions and other tabs do not wait", async () => {
  const site = await opened("one", "two");
  site.wire.send("one", "reset", { knobs: {} });
  site.wire.send("one", "play", { run: 0, knobs: {} });
  for (const probe of ["draw", "draw", "sample"]) site.wire.send("one", "ask", { probe, question: {} });
  site.wire.send("two", "play", { run: 0, knobs: {} });
  assert.deepEqual(site.events(), ["reset 3", "ask 4", "ask 5", "play 6"]);
  await site.requests[0].answer(silent);
  assert.deepEqual(site.events().slice(4), ["play 7"]);
  await site.requests[1].answer(silent);
  assert.deepEqual(site.events().slice(5), ["ask 8"]);
});

test("what is sent while an answer is taken does not send the answered event again", async () => {
  const site = await opened();
  const { take } = site;
  site.take = (message) => {
    take.call(site, message);
    site.wire.send("one", "continue", { probe: "draw", number: 1, clicked: false });
  };
  site.wire.send("one", "ask", { probe: "draw", question: {}, clicked: false });
  await site.last.answer({ messages: [{ tab: "one" }] });
  assert.deepEqual(site.events(), ["ask 2", "continue 3"]);
});

test("of knobs and looks that wait only the newest is sent, as it stands then", async () => {
  const site = await opened();
  let beta = 1;
  site.wire.send("one", "step", { knobs: {} });
  for (const _ of "123") site.wire.send("one", "knobs", () => ({ knobs: { beta } }));
  for (const views of [["a"], ["b"], ["c"]]) site.wire.send("one", "look", { views });
  beta = 9;
  await site.requests[0].answer(silent);
  await site.of("look")[0].answer(silent);
  assert.deepEqual(site.events(), ["step 2", "look 3", "knobs 4", "look 5"]);
  assert.equal(site.of("knobs")[0].body.knobs.beta, 9);
  assert.deepEqual(site.of("look")[1].body.views, ["c"]);
});

test("what waits in one tab takes no other tab's place, and a tab's hello comes before all that is done in it", async () => {
  const site = await opened("one", "two");
  for (const tab of ["one", "two"]) site.wire.send(tab, "step", { knobs: {} });
  for (const tab of ["one", "two"]) site.wire.send(tab, "knobs", { knobs: {} });
  for (const { answer } of [...site.requests]) await answer(silent);
  assert.deepEqual(site.of("knobs").map(({ body: { tab } }) => tab), ["one", "two"]); // biome-ignore format: short
  site.wire.hello("three", { query: "" });
  site.wire.send("three", "look", { views: [] });
  assert.equal(site.of("look").length, 0);
  await site.of("hello")[0].answer(silent);
  assert.equal(site.of("look").length, 1);
});

test("an older event's answer does not end the waiting for hello", async () => {
  const site = await opened("one", "two");
  for (const tab of ["one", "two"]) site.wire.send(tab, "step", { knobs: {} });
  await site.requests[0].answer({ messages: [], unknown: true });
  await site.requests[1].answer(silent);
  assert.deepEqual(site.events(), ["step 3", "step 4", "hello 5"]);
});

test("frames are asked for while a tab trains, one request at a time, each from where the last one ended", async () => {
  const site = await opened();
  assert.equal(site.of("frames").length, 0);
  site.wire.send("one", "play", { run: 0, knobs: {} });
  await site.last.answer({ messages: [{ tab: "one", state: "training" }] });
  assert.equal(site.of("frames").length, 1);
  await site.clock.pass(3000);
  assert.equal(site.of("frames").length, 1);
  await site.last.answer({ messages: [{ tab: "one", step: 1 }], since: 41 });
  await site.last.answer({ messages: [{ tab: "one", step: 2 }], since: 57 });
  const asked = site.of("frames").map(({ body: { since } }) => since);
  assert.deepEqual(asked, [0, 41, 57]);
  assert.deepEqual(site.taken.slice(-2).map(({ step }) => step), [1, 2]); // biome-ignore format: short
  await site.last.answer({ messages: [{ tab: "one", state: "paused" }], since: 58 });
  assert.equal(site.of("frames").length, 3, "nothing trains any more");
  assert.equal(new Set(site.requests.map(({ body: { id } }) => id)).size, site.requests.length, "ids differ");
});

test("answers without news that come at once are not asked for without a rest", async () => {
  const site = await opened();
  site.training.add("one");
  site.server = ({ kind }) => (kind === "frames" ? { messages: [], since: 1 } : undefined);
  site.wire.tryNow();
  await site.clock.pass(1000);
  assert.ok(site.of("frames").length <= 6, `${site.of("frames").length} requests a second`);
});

test("a hidden page says so at once, asks for no frames, and asks once when it is seen again", async () => {
  const site = await opened();
  site.training.add("one");
  site.wire.tryNow();
  site.hidden = true;
  site.wire.visibilityChanged();
  assert.deepEqual([site.last.body.kind, site.last.body.hidden], ["renew", true]);
  await site.last.answer(silent);
  await site.of("frames")[0].answer({ messages: [{ tab: "one", state: "paused" }], since: 3 });
  site.training.add("one");
  site.wire.tryNow();
  assert.equal(site.of("frames").length, 1);
  site.training.clear();
  site.hidden = false;
  site.wire.visibilityChanged();
  assert.equal(site.of("frames").length, 2);
  await site.last.answer({ messages: [{ tab: "one" }], since: 4 });
  assert.equal(site.of("frames").length, 2);
});

test("a quiet page renews, a busy one does not need to", async () => {
  const site = await opened();
  site.server = () => silent;
  await site.clock.pass(19_900);
  assert.equal(site.requests.length, 0);
  await site.clock.pass(100);
  assert.deepEqual([site.last.body.kind, site.last.body.hidden], ["renew", false]);
  await site.clock.pass(15_000);
  site.wire.send("one", "look", { views: [] });
  await site.clock.pass(19_900);
  assert.equal(site.of("renew").length, 1);
  site.hidden = true;
  await site.clock.pass(100);
  assert.deepEqual(site.of("renew").map(({ body: { hidden } }) => hidden), [false, true]); // biome-ignore format: short
});

test("a server that does not know the page is told hello by every tab, and then what was done", async () => {
  const site = await opened("one", "two");
  site.training.add("one");
  site.wire.tryNow();
  await site.last.answer({ messages: [], since: 41 });
  await site.clock.pass(250);
  site.wire.send("two", "play", { run: 0, knobs: {} });
  await site.of("play")[0].answer({ messages: [], unknown: true });
  await site.of("frames")[1].answer({ messages: [], unknown: true });
  const [first] = site.of("hello");
  assert.deepEqual([first.body.tab, first.body.query, first.body.alone], ["one", "?tab=one&beta=4", true]);
  assert.equal(site.of("hello").length, 1);
  await first.answer({ messages: [{ tab: "one", token: "new", state: "ready", knobs: { beta: 1 } }] });
  assert.deepEqual(site.of("hello").map(({ body: { token } }) => token), ["secret", "new"]); // biome-ignore format: short
  assert.equal(site.taken.at(-1).knobs, null, "the visitor's knobs stay");
  assert.equal(site.of("play").length, 1);
  await site.of("hello")[1].answer({ messages: [{ tab: "two", token: "new" }] });
  assert.deepEqual(site.of("play").map(({ body: { token, id } }) => [token, id]), [["secret", first.body.id - 1], ["new", first.body.id - 1]]); // biome-ignore format: short
  assert.deepEqual(site.greeted, ["one", "two"]);
  site.training.add("one");
  site.wire.tryNow();
  assert.equal(site.last.body.since, 0, "a new server counts anew");
});

test("a server that knows no page ever is not asked without a rest", async () => {
  const site = await opened();
  site.server = ({ kind, tab }) => (kind === "hello" ? { messages: [{ tab, token: "new" }] } : { unknown: true });
  site.wire.send("one", "play", { run: 0, knobs: {} });
  await site.clock.pass(10_000);
  assert.ok(site.of("hello").length <= 7 && site.of("hello").length >= 3, `${site.of("hello").length}`);
});

test("a refused event is a sentence in its tab, and is not sent again", async () => {
  const site = await opened();
  const errors = await errorsOf(async () => {
    const accepted = site.wire.send("one", "play", { run: 0, knobs: {} });
    await site.last.answer({ error: "There is no such run." }, 400);
    assert.equal(await accepted, false);
  });
  assert.equal(errors.length, 1);
  assert.deepEqual(site.complaints, [["one", 400, "There is no such run."]]);
  await site.clock.pass(5000);
  assert.equal(site.requests.length, 1);
  assert.deepEqual(site.told, []);
  const done = site.wire.send("one", "step", { knobs: {} });
  await site.last.answer(silent);
  assert.equal(await done, true);
});

test("refused frames are not asked for again until something else is answered", async () => {
  const site = await opened();
  site.training.add("one");
  await errorsOf(async () => {
    site.wire.tryNow();
    await site.last.answer("not JSON", 404);
  });
  assert.deepEqual(site.complaints, [["one", 404, ""]]);
  await site.clock.pass(5000);
  assert.equal(site.of("frames").length, 1);
  site.wire.send("one", "look", { views: [] });
  await site.last.answer(silent);
  assert.equal(site.of("frames").length, 2);
});

test("one bad message does not stop the others", async () => {
  const site = await opened();
  site.training.add("one");
  const errors = await errorsOf(async () => {
    site.wire.tryNow();
    await site.last.answer({
      messages: [
        { tab: "one", broken: true },
        { tab: "one", step: 7 },
      ],
      since: 2,
    });
  });
  assert.equal(errors.length, 1);
  assert.equal(site.taken.at(-1).step, 7);
  assert.equal(site.of("frames").at(-1)?.body.since, 2);
});

test("a page that is left says so and keeps quiet", async () => {
  const site = await opened();
  site.training.add("one");
  site.wire.tryNow();
  site.wire.leave();
  assert.deepEqual([site.last.body.kind, site.last.keepalive, site.last.body.token], ["leave", true, "secret"]);
  const { length } = site.requests;
  site.hidden = true;
  site.wire.visibilityChanged(); // some browsers hide a page after they have left it
  await site.clock.pass(60_000);
  assert.equal(site.requests.length, length);
  assert.deepEqual(site.told, [], "what was given up is no outage");
});

test("a page that comes back as it was says hello with its token, and sends again what was under way", async () => {
  const site = await opened();
  site.wire.send("one", "step", { knobs: {} });
  site.wire.leave();
  site.wire.comeBack({ alone: false });
  await site.clock.pass(0);
  const [hello] = site.of("hello");
  assert.deepEqual([hello.body.token, hello.body.alone, hello.body.query], ["secret", false, "?tab=one&beta=4"]);
  await hello.answer({ messages: [{ tab: "one", token: "secret", renew: 20 }] });
  assert.deepEqual(site.of("step").map(({ body: { id } }) => id), [2, 2]); // biome-ignore format: short
});
