// Pictures of the pre-trained models, as the knobs choose between a tab's settings.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";
import { declaration, tabState } from "./wire_data.js";

/** @import {TabState} from "../../playground/ui/static/js/protocol.d.ts" */

const { latest, publish } = await import("../../playground/ui/static/js/bus.js");
const { showPreTrained } = await import("../../playground/ui/static/js/pre_trained.js");

/** @type {string[]} */
const fetched = [];
/** @type {(path: string) => Promise<Response>} */
let answer;
globalThis.fetch = /** @type {any} */ (
  (/** @type {URL} */ address) => {
    const path = String(address).split("/").pop() ?? "";
    fetched.push(path);
    return answer(path);
  }
);
const files = /** @type {Record<string, any>} */ ({
  "points.json": { step: 20, figures: { points: "points", both: "both of points" } },
  "digits.json": { step: 30, figures: { digits: "digits", both: "both of digits" } },
});
const served = async (/** @type {string} */ path) => new Response(JSON.stringify(files[path]));
const settled = () => new Promise((done) => setTimeout(done, 5));

/** @param {string} slug */
function tabOf(slug) {
  fetched.length = 0;
  answer = served;
  const about = (/** @type {string} */ path) => ({ path, knobs: {} });
  const pre_trained = { "": about("points.json"), digits: about("digits.json") };
  showPreTrained(declaration({ slug, pre_trained }));
  const choose = (/** @type {string} */ setting, /** @type {Partial<TabState>} */ more = {}) =>
    publish(`${slug}/state`, tabState({ setting, ...more }));
  return { choose, shown: (/** @type {string} */ view) => latest(`${slug}/figure/${view}`) };
}

test("the setting of the knobs is shown, each file is fetched once, and nothing before the server has said which", async () => {
  const { choose, shown } = tabOf("swap");
  await settled();
  assert.deepEqual(fetched, []);
  choose("");
  await settled();
  assert.deepEqual(shown("points"), { figure: "points", step: 20, setting: "", pre_trained: true });
  choose("digits");
  await settled();
  assert.deepEqual([shown("digits").figure, shown("both").figure], ["digits", "both of digits"]);
  choose("");
  await settled();
  assert.deepEqual([shown("both").figure, shown("both").setting], ["both of points", ""]);
  choose("", { version: 1 });
  choose("digits");
  await settled();
  assert.equal(shown("both").setting, "digits");
  assert.deepEqual(fetched, ["points.json", "digits.json"]);
});

test("a file that comes when another setting was chosen, or a run begun, shows nothing", async () => {
  const { choose, shown } = tabOf("late");
  /** @type {Record<string, () => void>} */
  const come = {};
  answer = async (path) => {
    await new Promise((done) => {
      come[path] = () => done(undefined);
    });
    return served(path);
  };
  choose("");
  choose("digits");
  await settled();
  come["points.json"]();
  await settled();
  assert.deepEqual([shown("points"), shown("both")], [undefined, undefined]);
  choose("digits", { run: 1, state: "training" });
  come["digits.json"]();
  await settled();
  assert.equal(shown("digits"), undefined);
});

test("a run's pictures stay when the server has lost it, and a setting without pictures shows none", async () => {
  const { choose, shown } = tabOf("lost");
  choose("", { run: 1, state: "training" });
  publish("lost/figure/points", { figure: "of the run", step: 5, run: 1, setting: "" });
  choose("");
  await settled();
  assert.deepEqual([shown("points").figure, shown("both").figure], ["of the run", "both of points"]);
  choose("drawn");
  await settled();
  assert.deepEqual(fetched, ["points.json"]);
  assert.equal(shown("both").setting, "", "its box is cleared: see figure_box.test.js");
});

test("a file that is missing is an error in the console, once", async () => {
  const { choose, shown } = tabOf("missing");
  answer = async () => new Response("", { status: 404 });
  const before = console.error;
  let count = 0;
  console.error = () => {
    count += 1;
  };
  choose("");
  await settled();
  choose("");
  await settled();
  console.error = before;
  assert.deepEqual([count, shown("points")], [1, undefined]);
});
