// Which views are in sight, as the server is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";

/** @type {(entries: {target: any, isIntersecting: boolean}[]) => void} */
let note = () => {};
globalThis.IntersectionObserver = /** @type {any} */ (
  class {
    /** @param {typeof note} listener */
    constructor(listener) {
      note = listener;
    }
    observe() {}
  }
);
/** @type {Record<string, () => void>} */
const documentListeners = {};
Object.assign(document, {
  addEventListener: (/** @type {string} */ name, /** @type {() => void} */ listener) => {
    documentListeners[name] = listener;
  },
});
const { publish } = await import("../../playground/ui/static/js/bus.js");
const { Visibility } = await import("../../playground/ui/static/js/visibility.js");
const pause = (/** @type {number} */ milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

test("views in sight are told when it is quiet, once, and again to a server that does not know them", async () => {
  /** @type {any[]} */
  const told = [];
  const act = (/** @type {string} */ kind, /** @type {any} */ data) => told.push([kind, data]);
  const visibility = new Visibility(/** @type {any} */ ({ slug: "seen", act }));
  const [panel, hero, losses] = ["section", "figure", "figure"].map((tag) => /** @type {any} */ (new StubElement(tag)));
  visibility.watchTab(panel);
  visibility.watchView("losses", losses);
  visibility.watchView("hero", hero);
  for (const target of [panel, losses]) note([{ target, isIntersecting: true }]);
  await pause(80);
  note([{ target: hero, isIntersecting: true }]);
  await pause(80);
  assert.deepEqual(told, [], "something may still come into sight");
  await pause(100);
  const both = ["look", { views: ["hero", "losses"], in_sight: true }];
  assert.deepEqual(told, [both]);
  note([{ target: hero, isIntersecting: true }]);
  await pause(160);
  assert.equal(told.length, 1, "nothing has changed");
  note([{ target: losses, isIntersecting: false }]);
  await pause(160);
  assert.deepEqual(told[1][1], { views: ["hero"], in_sight: true });
  publish("seen/settled", true);
  await pause(160);
  assert.deepEqual(told[2], told[1]);
  Object.assign(document, { hidden: true });
  documentListeners.visibilitychange();
  await pause(160);
  Object.assign(document, { hidden: false });
  assert.deepEqual(told[3][1], { views: [], in_sight: false });
});
