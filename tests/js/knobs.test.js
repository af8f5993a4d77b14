// The column of knobs, and the controls in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { field } = await import("../../playground/ui/static/js/controls.js");
const { knobColumn } = await import("../../playground/ui/static/js/knobs.js");

const common = { help: "h", symbol: "", live: false, advanced: false };
const knobs = [
  { ...common, name: "beta", label: "beta", kind: "slider", value: 1, low: 0, high: 10, step: 0.1 },
  {
    ...common,
    name: "model",
    label: "model",
    kind: "choice",
    value: "AE",
    choices: [
      { value: "AE", title: "AE" },
      { value: "VAE", title: "VAE" },
    ],
  },
  { ...common, name: "lr", label: "lr", kind: "ladder", value: 0.01, rungs: [0.001, 0.01, 0.1], advanced: true },
  { ...common, name: "elsewhere", label: "e", kind: "none", value: "" },
];
const presets = [
  { name: "strong", title: "Strong", why: "w", knobs: { beta: 8, model: "VAE", lr: 0.01, elsewhere: "" } },
];
const pause = (/** @type {number} */ milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** @param {string} slug */
function columnOf(slug) {
  /** @type {any[]} */
  const sent = [];
  /** @type {any[]} */
  const chosen = [];
  const act = (/** @type {string} */ kind, /** @type {() => any} */ data) => sent.push([kind, data()]);
  const io = { slug, about: { knobs, presets }, act, runPreset: (/** @type {string} */ preset) => chosen.push(preset) };
  const column = knobColumn(/** @type {any} */ (io));
  const element = /** @type {any} */ (column.element);
  const input = (/** @type {string} */ name) => element.querySelector(`[data-field="${name}"]`);
  return { ...column, element, sent, chosen, input, preset: element.querySelector("select") };
}

test("knobs begin as declared, and follow the server", () => {
  const { values, are, preset } = columnOf("values");
  assert.deepEqual(values(), { beta: 1, model: "AE", lr: 0.01, elsewhere: "" });
  assert.ok(are({ beta: 1, lr: 0.01 }) && !are({ beta: 2 }));
  publish("values/knobs", { beta: 8, model: "VAE", lr: 0.01, elsewhere: "" });
  assert.deepEqual(values(), { beta: 8, model: "VAE", lr: 0.01, elsewhere: "" });
  assert.deepEqual([are({ beta: 1 }), preset.value], [false, "strong"]);
  publish("values/knobs", { beta: 9, model: "VAE", lr: 0.01, elsewhere: "" });
  assert.equal(preset.value, "own");
  publish("values/knobs", { beta: 1, model: "AE", lr: 0.01, elsewhere: "" });
  assert.deepEqual([are({ beta: 1 }), preset.value], [true, ""]);
});

test("changes are told with rests, the newest of them", async () => {
  const { sent, input } = columnOf("rests");
  const [, exact] = input("beta").querySelectorAll("input");
  for (const value of ["2", "3", "4"]) {
    exact.value = value;
    exact.send("change");
  }
  assert.equal(sent.length, 0);
  await pause(90);
  assert.deepEqual(sent, [["knobs", { knobs: { beta: 4, model: "AE", lr: 0.01, elsewhere: "" } }]]);
});

test("what is set in a picture is told at once, and then the newest after each rest", async () => {
  const { sent, set, preset } = columnOf("picture");
  for (const beta of [2, 3, 4]) set({ beta });
  assert.deepEqual(
    sent.map(([, { knobs: told }]) => told.beta),
    [2],
  );
  assert.equal(preset.value, "own");
  await pause(90);
  assert.deepEqual(
    sent.map(([, { knobs: told }]) => told.beta),
    [2, 4],
  );
  await pause(90);
  set({ beta: 5 });
  assert.equal(sent.length, 3);
});

test("while a knob moves all the time, it is told all along", async () => {
  const { sent, set } = columnOf("moves");
  for (let beta = 1; beta <= 6; beta++) {
    set({ beta });
    await pause(40);
  }
  assert.ok(sent.length >= 2, `${sent.length}`);
  await pause(90);
  assert.equal(sent.at(-1)[1].knobs.beta, 6);
});

test("a preset is run, knobs that do nothing are hidden, and advanced ones are folded away", () => {
  const { chosen, preset, input, element } = columnOf("hidden");
  preset.value = "strong";
  preset.send("change");
  assert.deepEqual(chosen, ["strong"]);
  publish("hidden/state", { hidden_knobs: ["model"] });
  assert.deepEqual(knobs.map(({ name }) => input(name).hidden), [false, true, false, true]); // biome-ignore format: short
  assert.ok(element.querySelector("details").querySelector('[data-field="lr"]'));
});

test("a slider's two inputs agree, and a model may narrow them", () => {
  let changes = 0;
  const { element, get, set, bound } = field(/** @type {any} */ (knobs[0]), () => {
    changes += 1;
  });
  const [range, exact] = /** @type {any} */ (element).querySelectorAll("input");
  range.value = "2.5";
  range.send("input");
  assert.deepEqual([get(), exact.value, changes], [2.5, "2.5", 1]);
  exact.value = "two";
  assert.equal(get(), "two", "the server says what is wrong with it");
  set(7);
  range.value = "5"; // as a browser does when it gets bounds
  bound?.(0, 5);
  assert.deepEqual([range.max, exact.max, get()], ["5", "5", 5]);
});

test("a ladder climbs to the next rung from wherever it stands, and not beyond its ends", () => {
  const { element, get, set } = field(/** @type {any} */ (knobs[2]), () => {});
  const [down, up] = /** @type {any} */ (element).querySelectorAll("button");
  for (const value of [0.02, 0.01]) {
    set(value);
    up.click();
    assert.equal(get(), 0.1);
  }
  up.click();
  assert.equal(get(), 0.1);
  down.click();
  down.click();
  down.click();
  assert.equal(get(), 0.001);
});

test("many choices are a list, few stand side by side", () => {
  const choice = (/** @type {string[]} */ values) => {
    const choices = values.map((value) => ({ value, title: `The ${value}` }));
    return field(/** @type {any} */ ({ ...knobs[1], choices, value: values[1] }), () => {});
  };
  const few = choice(["a", "b", "c"]);
  assert.equal(/** @type {any} */ (few.element).querySelectorAll("input").length, 3);
  assert.equal(few.get(), "b");
  assert.ok(few.element.textContent?.includes("The c"), "a choice shows its title");
  few.set("c");
  assert.equal(few.get(), "c");
  const many = choice(["a", "b", "c", "d"]);
  assert.equal(/** @type {any} */ (many.element).querySelectorAll("option").length, 4);
  assert.equal(many.get(), "b");
  assert.equal(/** @type {any} */ (many.element).querySelector("option").textContent, "The a");
});
