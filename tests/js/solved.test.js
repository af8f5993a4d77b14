// What counts as just solved, and what the browser keeps of it.
import "./browser_stub.js";

import assert from "node:assert/strict";
import test from "node:test";
import { publish } from "../../playground/ui/static/js/bus.js";
import { onSolved, solvedEver } from "../../playground/ui/static/js/solved.js";
import { challenge } from "./wire_data.js";

const ABC = ["a", "b", "c"].map((name) => challenge(name));

/** @type {Map<string, string>} */
const store = new Map();
globalThis.localStorage = /** @type {any} */ ({
  getItem: (/** @type {string} */ key) => store.get(key) ?? null,
  setItem: (/** @type {string} */ key, /** @type {string} */ value) => store.set(key, value),
});

test("a challenge is news once, when a run solves it, and is kept over runs and visits", () => {
  /** @type {[string[], string[]][]} */
  const told = [];
  onSolved("tab", ABC, (fresh, ever) => told.push([fresh, ever]));
  const tell = (/** @type {number} */ run, /** @type {string[]} */ solved) => publish("tab/state", { run, solved });
  tell(1, []);
  tell(1, ["b"]);
  tell(1, ["b"]);
  tell(2, []);
  tell(2, ["a"]);
  assert.deepEqual(told, [
    [[], []],
    [["b"], ["b"]],
    [[], ["b"]],
    [[], ["b"]],
    [["a"], ["a", "b"]],
  ]);
  assert.deepEqual(solvedEver("tab", ABC), ["a", "b"]);
  assert.deepEqual(solvedEver("other", ABC), []);
});

test("what was solved before the page was reloaded is no news", () => {
  /** @type {string[][]} */
  const news = [];
  publish("late/state", { run: 4, solved: ["x"] });
  onSolved("late", [challenge("x")], (fresh) => news.push(fresh));
  publish("late/state", { run: 4, solved: ["x"] });
  assert.deepEqual(news.flat(), []);
});

test("what was stored under a title, the present one or a former one, still counts, and nothing of it is lost", () => {
  store.set("playground-solved", JSON.stringify({ old: ["Eight modes", "All eight", "Of a challenge that is gone"] }));
  const challenges = [
    challenge("eight-modes", "Eight modes"),
    challenge("all", "Every one of them", ["All eight"]),
    challenge("more", "More"),
  ];
  assert.deepEqual(solvedEver("old", challenges), ["eight-modes", "all"]);
  /** @type {[string[], string[]][]} */
  const told = [];
  publish("old/state", { run: 1, solved: [] });
  onSolved("old", challenges, (fresh, ever) => told.push([fresh, ever]));
  publish("old/state", { run: 1, solved: ["more"] });
  assert.deepEqual(told.at(-1), [["more"], ["eight-modes", "all", "more"]]);
  const kept = JSON.parse(store.get("playground-solved") ?? "").old;
  assert.deepEqual(kept, ["Eight modes", "All eight", "Of a challenge that is gone", "more"]);
});

test("a browser that keeps nothing, or something else, does no harm", () => {
  store.set("playground-solved", "no JSON");
  assert.deepEqual(solvedEver("tab", ABC), []);
});
