// A whole tab against a server of a few lines: what is sent for what the visitor does, and what the page then says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";
import { declaration, message, probe, slider } from "./wire_data.js";

const knob = {
  ...slider({ name: "beta", label: "beta", live: true, value: 1 }),
  kind: /** @type {"number"} */ ("number"),
};
const about = declaration({
  knobs: [knob],
  probes: [probe("one", "draw")],
  presets: [{ name: "strong", title: "S", why: "w", knobs: { beta: 8 } }],
});

let order = 0;
/** @type {any[]} */
const sent = [];
/** @type {(body: any) => any} */
let server;
globalThis.fetch = /** @type {any} */ (
  async (/** @type {string | URL} */ address, /** @type {any} */ how) => {
    if (String(address).endsWith("about/one.json")) return new Response(JSON.stringify(about));
    const body = JSON.parse(how.body);
    if (body.kind === "frames") return new Promise(() => {});
    sent.push(body);
    const state = await server(body);
    const messages = state ? [message({ order: ++order, speed: "full", ...state })] : [];
    return new Response(JSON.stringify({ messages, unknown: state === null }));
  }
);
/** @type {Record<string, () => void>} */
const listeners = {};
Object.assign(window, {
  location: { search: "?tab=one&beta=3" },
  addEventListener: (/** @type {string} */ name, /** @type {() => void} */ listener) => {
    listeners[name] = listener;
  },
});
globalThis.setInterval = /** @type {any} */ (() => 0);
const pause = (milliseconds = 30) => new Promise((done) => setTimeout(done, milliseconds));
const { arrive } = await import("../../playground/ui/static/js/front.js");
const { mount, offered } = await import("../../playground/ui/static/js/tab.js");
const kinds = () => sent.filter(({ kind }) => kind !== "look").map(({ kind }) => kind);

test("a tab says hello, trains, is forgotten by a restarted server, and keeps its knobs", async () => {
  const hello = (/** @type {any} */ body) => ({ token: `for ${body.token || "nobody"}`, renew: 20, knobs: { beta: 3 }, address: "?tab=one&beta=3" }); // biome-ignore format: short
  server = hello;
  arrive();
  const element = /** @type {any} */ (new StubElement("div"));
  await mount(element, { props: { slug: "one" } });
  await pause();
  const part = (/** @type {string} */ selector) => element.querySelector(selector);
  assert.deepEqual([sent[0].kind, sent[0].query, sent[0].alone, sent[0].token], ["hello", "?tab=one&beta=3", true, ""]);
  const beta = part('[data-field="beta"]').querySelector("input");
  assert.equal(beta.value, "3");

  let answer = (/** @type {any} */ _) => {};
  server = () => new Promise((done) => (answer = done));
  part(".train").click();
  await pause();
  assert.equal(part(".word").textContent, "starting", "before any answer");
  assert.deepEqual([sent.at(-1).kind, sent.at(-1).run, sent.at(-1).knobs], ["play", 0, { beta: 3 }]);
  answer({ run: 1, state: "training", rate: 5 });
  await pause();
  assert.equal(part(".word").textContent, "training_rate");

  server = () => ({ run: 1, state: "training" });
  beta.value = "7";
  beta.send("change");
  await pause(200);
  server = ({ kind, token }) => (kind === "hello" ? hello({ token }) : token === "for nobody" ? null : {}); // restarted
  part(".train").click();
  await pause();
  assert.deepEqual(kinds().slice(-4), ["pause", "hello", "pause", "knobs"]);
  assert.equal(beta.value, "7", "the visitor's knob stays");
  assert.deepEqual(sent.findLast(({ kind }) => kind === "knobs").knobs, { beta: 7 });
  for (let waited = 0; waited < 3000 && sent.at(-1).kind !== "look"; waited += 30) await pause();
  assert.equal(sent.at(-1).kind, "look", "the page does something by itself");
  assert.equal(part(".complaint").textContent, "page_gone");
  assert.equal(part(".complaint").hidden, false);
  part(".reset").click();
  await pause();
  assert.equal(part(".complaint").hidden, true, "the next click takes it away");
});

test("a tab below the pictures that would be empty is not offered", () => {
  const tabs = [
    { name: "lesson" },
    { name: "ask", of: [{ name: "cut" }, { name: "swap" }] },
    { name: "more", of: [{ name: "norms" }] },
    { name: "none", of: [] },
  ];
  assert.deepEqual(offered(tabs, []), ["lesson", "ask", "more"]);
  assert.deepEqual(offered(tabs, ["cut", "norms"]), ["lesson", "ask"]);
  assert.deepEqual(offered(tabs, ["cut", "swap"]), ["lesson", "more"]);
});

test("presets are chosen by name", async () => {
  assert.ok(kinds().includes("hello"));
  server = () => ({ run: 2, state: "training" });
  const element = /** @type {any} */ (new StubElement("div"));
  await mount(element, { props: { slug: "one" } });
  await pause();
  const select = element.querySelector("select");
  select.value = "strong";
  select.send("change");
  await pause();
  const { kind, preset } = sent.findLast((one) => one.kind === "preset");
  assert.deepEqual([kind, preset], ["preset", "strong"]);
});

test("a tab whose declaration cannot be had says so", async () => {
  const before = console.error;
  /** @type {string[]} */
  const said = [];
  console.error = (words) => said.push(words);
  globalThis.fetch = /** @type {any} */ (async () => new Response("", { status: 404 }));
  const element = /** @type {any} */ (new StubElement("div"));
  await mount(element, { props: { slug: "one" } });
  console.error = before;
  assert.equal(element.querySelector(".complaint").textContent, "tab_failed");
  assert.equal(said.length, 1);
  listeners.pagehide(); // or renewals would go on
});
