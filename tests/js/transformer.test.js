import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askersOf,
  laidOut,
  linesOf,
  pathOf,
  sharesOf,
  stepped,
  stroke,
  weightsOf,
} from "../../playground/concepts/transformer/static/attended.js";
import { headChoices } from "../../playground/concepts/transformer/static/heads.js";

/** Three layers of two heads, two outputs, five keys: three inputs, then the outputs. Byte i is i, as in the array. */
const bytes = Uint8Array.from({ length: 60 }, (_, i) => i);
const reading = /** @type {any} */ ({
  text: "may 3",
  inputs: ["a", "b", "7"],
  outputs: ["x", "y"],
  words: [[0, 2], [2, 3]], // biome-ignore format: pairs
  isFed: true,
  layers: 3,
  heads: 2,
  weights: btoa(String.fromCharCode(...bytes)),
});
const near = (/** @type {number[][]} */ found, /** @type {number[][]} */ right) => {
  assert.equal(found.length, right.length);
  for (const [i, row] of right.entries())
    for (const [j, value] of row.entries())
      assert.ok(Math.abs(found[i][j] - value) < 1e-12, `${i} ${j}: ${found[i][j]}`);
};

test("a head's weights stand an output a row and a key a column", () => {
  const from = (/** @type {number} */ start) =>
    [0, 5].map((row) => [0, 1, 2, 3, 4].map((key) => (start + row + key) / 255));
  near(weightsOf(reading, [0, 0]), from(0));
  near(weightsOf(reading, [1, 0]), from(20));
  near(weightsOf(reading, [2, 1]), from(50));
});

test("all heads are the mean of the last layer's", () => {
  near(weightsOf(reading, null), [0, 5].map((row) => [0, 1, 2, 3, 4].map((key) => (45 + row + key) / 255))); // biome-ignore format: short
});

const weights = [[0.5, 0.029, 0.471, 0, 0], [0.1, 0.2, 0.3, 0.4, 0]]; // biome-ignore format: rows

test("lines are those of the character pointed at, strong ones on top, and none that would be invisible", () => {
  const drawn = (
    /** @type {import("../../playground/concepts/transformer/static/attended.js").Place | null} */ place,
  ) => linesOf(weights, place).map(({ output, key }) => [output, key]);
  assert.deepEqual(drawn({ row: "output", index: 0 }), [[0, 2], [0, 0]]); // biome-ignore format: pairs
  assert.deepEqual(drawn({ row: "input", index: 0 }), [[1, 0], [0, 0]]); // biome-ignore format: pairs
  assert.deepEqual(drawn({ row: "input", index: 1 }), [[1, 1]]);
  assert.deepEqual(drawn(null), [[1, 0], [1, 1], [1, 2], [1, 3], [0, 2], [0, 0]]); // biome-ignore format: pairs
});

test("the larger a weight, the wider and the darker its line", () => {
  const all = [0.03, 0.1, 0.43, 0.8].map(stroke);
  for (const [i, { width, opacity }] of all.entries()) {
    assert.ok(width >= 0.5 && width <= 6.5 && opacity > 0.1 && opacity <= 1);
    if (i) assert.ok(width > all[i - 1].width && opacity > all[i - 1].opacity);
  }
  assert.deepEqual(stroke(1), { width: 6.5, opacity: 1 });
});

test("what is said takes words of the text together, and names what the model wrote itself", () => {
  assert.deepEqual(sharesOf(reading, weights[0]), [{ name: "ab", share: 53 }, { name: "7", share: 47 }]); // biome-ignore format: pairs
  const [first, ...others] = sharesOf(reading, weights[1]);
  assert.deepEqual(first, { name: "x", share: 40 });
  assert.deepEqual(others.map(({ share }) => share), [30, 30]); // biome-ignore format: short
  const asked = [{ name: "x", share: 50 }, { name: "y", share: 10 }]; // biome-ignore format: pairs
  assert.deepEqual(askersOf(reading, weights, 0), asked);
  assert.deepEqual(askersOf(reading, weights, 4), []);
});

/** @param {string} path of an SVG */
const numbersIn = (path) => Array.from(path.matchAll(/[\d.]+/g), ([number]) => Number(number));

test("both rows stand in the middle, inside the stage and apart, with letters that can be read", () => {
  const row = (/** @type {number} */ length) => Array(length).fill("e");
  for (const [width, height] of [[485, 355], [340, 200], [900, 300]]) // biome-ignore format: sizes
    for (const [inputs, outputs] of [[18, 11], [32, 32], [5, 26]]) // biome-ignore format: sizes
      for (const isFed of [false, true]) {
        const at = laidOut(width, height, { inputs: row(inputs), outputs: row(outputs), isFed });
        for (const [one, count] of /** @type {const} */ ([
          [at.input, inputs],
          [at.output, outputs],
        ])) {
          // biome-ignore format: pairs
          assert.ok(one.x(0) - one.pitch / 2 >= 3.9 && one.x(count - 1) + one.pitch / 2 <= width - 3.9);
          assert.ok(Math.abs(one.x(0) + one.x(count - 1) - width) < 1e-9, "in the middle");
          assert.ok(one.font >= 12 && one.font * 0.6 <= one.pitch, "no letter over the next one");
        }
        assert.ok(at.inputBottom < at.linesTo && at.linesTo < at.outputTop - 13, "the right letter has room above");
        assert.ok(at.outputBottom + 7 < height - 16, "bars end above the name of the row");
        const arc = pathOf(at, { output: outputs - 1, key: inputs, weight: 1 }, inputs);
        const lowest = Math.max(...numbersIn(arc).filter((_, i) => i % 2));
        if (isFed) assert.ok(lowest * 0.75 + 0.25 * (at.outputBottom + 9) < height - 16, "so do arcs");
      }
});

test("a line leads up from the output to the input, an arc from an output down and back to an earlier one", () => {
  const at = laidOut(400, 300, { inputs: ["a", "b", "7"], outputs: ["x", "y"], isFed: true });
  const numbers = (/** @type {import("../../playground/concepts/transformer/static/attended.js").Line} */ line) => numbersIn(pathOf(at, line, 3)); // biome-ignore format: short
  const up = numbers({ output: 1, key: 2, weight: 1 });
  assert.deepEqual([up.slice(0, 2), up.slice(-2)], [[at.output.x(1), at.linesTo], [at.input.x(2), at.inputBottom]]); // biome-ignore format: pairs
  const back = numbers({ output: 1, key: 3, weight: 1 });
  assert.deepEqual([back[0], back[6]], [at.output.x(1), at.output.x(0)]);
  assert.ok(back[1] > at.outputBottom && back[3] > back[1] && back[1] === back[7]);
});

test("arrow keys lead along a row and between the rows, and not out of them", () => {
  const counts = { input: 10, output: 5 };
  const from = (/** @type {"input" | "output"} */ row, /** @type {number} */ index) => ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => stepped(key, { row, index }, counts)); // biome-ignore format: short
  const [left, right, up, down] = from("output", 2);
  assert.deepEqual([left, right], [{ row: "output", index: 1 }, { row: "output", index: 3 }]); // biome-ignore format: pairs
  assert.deepEqual([up?.row, down], ["input", { row: "output", index: 2 }]);
  assert.ok(up?.index === 4 || up?.index === 5, "above it");
  assert.deepEqual(from("input", 9)[1], null);
  assert.deepEqual(from("input", 9)[3], { row: "output", index: 4 });
  assert.deepEqual(from("input", 0)[3], { row: "output", index: 0 });
  assert.deepEqual(stepped("ArrowRight", null, counts), { row: "output", index: 0 });
  assert.equal(stepped("Tab", { row: "input", index: 3 }, counts), null);
});

test("a few heads have a button each, many a list; the sharpest is marked, and the chosen one pressed", () => {
  const io = { h: (/** @type {string} */ tag, /** @type {any} */ attributes, /** @type {any[]} */ ...children) => ({ tag, attributes, children }), say: (/** @type {string} */ key, /** @type {any} */ values) => `${key} ${values ? `${values.layer}.${values.head}` : ""}`.trim() }; // biome-ignore format: short
  /** @type {any[]} */
  const chosen = [];
  const choices = (/** @type {number} */ layers, /** @type {[number, number] | null} */ head) => /** @type {any[]} */ (headChoices({ layers, heads: 3, sharpest: [0, 2] }, head, (one) => chosen.push(one), () => "", io)); // biome-ignore format: short
  const buttons = choices(2, [1, 0]);
  assert.deepEqual(buttons.map(({ children }) => children[0]), ["all_heads", "layer_head 1.1", "layer_head 1.2", "layer_head 1.3 ◆", "layer_head 2.1", "layer_head 2.2", "layer_head 2.3"]); // biome-ignore format: short
  assert.deepEqual(buttons.map(({ attributes }) => attributes["aria-pressed"]).indexOf("true"), 4);
  for (const { attributes } of buttons) attributes.onclick();
  assert.deepEqual(chosen, [null, [0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]); // biome-ignore format: short
  assert.equal(choices(1, null)[1].children[0], "head 1.1");
  const [list, ...others] = choices(4, null);
  assert.ok(list.tag === "select" && list.children.length === 13 && others.length === 0);
  list.attributes.onchange({ target: { value: "5" } });
  assert.deepEqual(chosen.at(-1), [1, 1]);
});
