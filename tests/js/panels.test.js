// What stands around the pictures: rows of tabs, challenges, presets, the code, the log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";
import { challenge } from "./wire_data.js";

globalThis.localStorage = /** @type {any} */ ({ getItem: () => null, setItem: () => {} });
const { publish } = await import("../../playground/ui/static/js/bus.js");
const { challengeCount, challengeList } = await import("../../playground/ui/static/js/challenges.js");
const { codePanel } = await import("../../playground/ui/static/js/code_panel.js");
const { logList } = await import("../../playground/ui/static/js/log.js");
const { sentences } = await import("../../playground/ui/static/js/page_data.js");
const { presetCards } = await import("../../playground/ui/static/js/presets.js");
const { light } = await import("../../playground/ui/static/js/symbols.js");
const { tabList, tabStrip } = await import("../../playground/ui/static/js/tab_strip.js");
const { tooltip } = await import("../../playground/ui/static/js/tooltip.js");

Object.assign(sentences, { challenge_news: "Solved: {title}", line: "{text}", shapes_now: "{shapes} now" });

test("one tab is selected and in the order of the Tab key, arrow keys lead round the row", () => {
  /** @type {any[]} */
  const opened = [];
  const { element, buttons, select } = tabList("tabs", ["a", "b", "c"], (index) => opened.push(index));
  select(1);
  assert.deepEqual(buttons.map((one) => one.getAttribute("aria-selected")), ["false", "true", "false"]); // biome-ignore format: short
  assert.deepEqual(buttons.map((one) => one.tabIndex), [-1, 0, -1]); // biome-ignore format: short
  buttons[2].focus();
  for (const key of ["ArrowRight", "ArrowLeft", "Enter"]) /** @type {any} */ (element).send("keydown", { key });
  assert.deepEqual(opened, [0, 2]);
  buttons[1].hidden = true;
  /** @type {any} */ (element).send("keydown", { key: "ArrowLeft" });
  assert.deepEqual(opened, [0, 2, 0], "from the last one past what is not offered");
});

test("a tab's content is made on its first visit and kept; one that is no longer offered makes room", () => {
  /** @type {string[]} */
  const made = [];
  const content = (/** @type {string} */ name) => () => {
    made.push(name);
    return /** @type {any} */ (new StubElement("p"));
  };
  const tabs = ["a", "b", "c"].map((name) => ({ name, title: name.toUpperCase(), content: content(name) }));
  const { element, open, offer } = tabStrip("below", tabs);
  const panels = /** @type {StubElement[]} */ (/** @type {any} */ (element).children.slice(1));
  const shown = () => panels.map(({ hidden }) => !hidden);
  assert.deepEqual([made, shown()], [["a"], [true, false, false]]);
  for (const name of ["c", "a", "c", "nothing"]) open(name);
  assert.deepEqual(
    [made, shown()],
    [
      ["a", "c"],
      [false, false, true],
    ],
  );
  offer(["b"]);
  assert.deepEqual(shown(), [false, true, false]);
});

const challenges = [challenge("first", "First"), challenge("second", "Second")];

test("a solved challenge is ticked, counted, and named when a run has just solved it", () => {
  /** @type {any[]} */
  const below = [];
  const io = /** @type {any} */ ({
    slug: "tasks",
    about: { challenges },
    openBelow: (/** @type {string} */ name) => below.push(name),
  });
  const list = /** @type {any} */ (challengeList(io));
  const count = /** @type {any} */ (challengeCount(io));
  const ticks = () => list.querySelectorAll(".tick").map((/** @type {StubElement} */ { textContent }) => textContent);
  assert.deepEqual([ticks(), count.querySelector("b").textContent], [["○", "○"], "0/2"]);
  publish("tasks/state", { run: 1, solved: [] });
  publish("tasks/state", { run: 1, solved: ["second"] });
  assert.deepEqual([ticks(), count.querySelector("b").textContent], [["○", "✔"], "1/2"]);
  assert.equal(count.querySelector(".challenge-news").textContent, "Solved: Second");
  count.querySelector("button").click();
  assert.deepEqual(below, ["presets"]);
});

test("a tab without challenges counts none", () => {
  const io = /** @type {any} */ ({ slug: "idle", about: { challenges: [] }, openBelow: () => {} });
  assert.equal(challengeCount(io).hidden, true);
});

test("a preset's card runs it, and its link leads to it", () => {
  /** @type {any[]} */
  const chosen = [];
  const about = { presets: [{ name: "strong", title: "Strong", why: "because" }] };
  const cards = /** @type {any} */ (presetCards(/** @type {any} */ ({ slug: "vae", about, runPreset: (/** @type {string} */ one) => chosen.push(one) }))); // biome-ignore format: short
  cards.querySelector("button").click();
  assert.deepEqual(chosen, ["strong"]);
  assert.equal(cards.querySelector("a").getAttribute("href"), "?tab=vae&preset=strong");
});

test("a line that is pointed at tells the shapes in it, and the line that runs is marked", () => {
  const line = (/** @type {string} */ html, /** @type {string[]} */ names) => ({
    html,
    names,
    symbols: [],
    function: "m:f",
  });
  const code = [
    { title: "step", place: "a.py:1", open: true, lines: [line("mu = f(x)", ["mu"]), line("return 0", [])] },
  ];
  publish("code/state", { shapes: { "m:f": { mu: [128, 2] } } });
  const panel = /** @type {any} */ (codePanel("code", /** @type {any} */ ({ code, symbols: {} })));
  const shapes = panel.querySelector(".code-shapes");
  const [first, second] = panel.querySelectorAll(".line");
  first.send("pointerover");
  assert.equal(shapes.textContent, "mu (128 × 2) now");
  second.send("pointerover");
  assert.equal(shapes.textContent, "");
  publish("code/running-line", { block: 0, line: 1, follow: false });
  publish("code/running-line", { block: 0, line: 0, follow: false });
  assert.deepEqual([first, second].map(({ classList }) => classList.contains("running")), [true, false]); // biome-ignore format: short
  publish("code/running-line", null);
  assert.equal(panel.querySelector(".running"), null);
});

test("a symbol lights up what stands for it, and only that", () => {
  const root = new StubElement("div");
  const [glyph, other, words] = ["i", "i", "p"].map((tag) => new StubElement(tag));
  glyph.setAttribute("data-symbol", "mu");
  other.setAttribute("data-symbol", "sigma");
  words.setAttribute("class", "symbol-words");
  root.append(glyph, other, words);
  const symbols = {
    mu: { glyph: "μ", meaning: "mean", views: [] },
    sigma: { glyph: "σ", meaning: "width", views: [] },
  };
  const lit = () => [glyph, other].map(({ classList }) => classList.contains("lit"));
  light(/** @type {any} */ (root), ["sigma"], symbols);
  light(/** @type {any} */ (root), ["mu"], symbols);
  assert.deepEqual([lit(), words.textContent], [[true, false], "μ: mean"]);
  light(/** @type {any} */ (root), [], symbols);
  assert.deepEqual([lit(), words.textContent], [[false, false], ""]);
});

test("the log has each line once, the newest first, no more than sixty, and goes on after a restart", () => {
  const list = /** @type {any} */ (logList(/** @type {any} */ ({ slug: "log" })));
  const note = (/** @type {number} */ number, text = String(number)) => ({
    number,
    time: "12:00",
    key: "line",
    values: { text },
  });
  publish("log/state", { notes: [note(1), note(2)] });
  publish("log/state", { notes: [note(2), note(3)] });
  const lines = () => list.children.map((/** @type {StubElement} */ { textContent }) => textContent.split("  ")[1]);
  assert.deepEqual(lines(), ["3", "2", "1"]);
  publish("log/state", { notes: [note(1, "anew")] });
  publish("log/state", { notes: [note(1, "anew"), note(2, "on")] });
  assert.deepEqual(lines(), ["on", "anew", "3", "2", "1"]);
  publish("log/state", { notes: Array.from({ length: 70 }, (_, i) => note(i + 3)) });
  assert.deepEqual([lines().length, lines()[0]], [60, "72"]);
});

test("help shows beside what is pointed at, below it where the window ends, and goes with the pointer", () => {
  Object.assign(window, { innerWidth: 200, innerHeight: 400 });
  const knob = new StubElement("div");
  tooltip(/** @type {any} */ (knob), "what it does");
  knob.send("pointerenter");
  const bubble = /** @type {any} */ (document.body).querySelector(".tooltip");
  Object.assign(bubble, { offsetWidth: 60, offsetHeight: 20 });
  const place = () => [bubble.style.left, bubble.style.top];
  knob.send("pointerenter");
  assert.deepEqual([bubble.textContent, bubble.hidden, ...place()], ["what it does", false, "110px", "0px"]);
  bubble.offsetWidth = 160;
  knob.send("focusin");
  assert.deepEqual(place(), ["30px", "104px"]);
  knob.send("pointerleave");
  assert.equal(bubble.hidden, true);
});
