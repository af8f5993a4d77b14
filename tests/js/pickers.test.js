// Controls that are more than one input: a sound file, a picture of a sheet, a probe's panel.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";
import { declaration, part, probe, slider, tabState } from "./wire_data.js";

globalThis.FileReader = /** @type {any} */ (
  class {
    onload() {}
    /** @param {{name: string}} file */
    readAsDataURL(file) {
      this.result = `data:${file.name}`;
      this.onload();
    }
  }
);
const { askPanel } = await import("../../playground/ui/static/js/ask.js");
const { publish } = await import("../../playground/ui/static/js/bus.js");
const { sentences } = await import("../../playground/ui/static/js/page_data.js");
const { soundPicker } = await import("../../playground/ui/static/js/sound_picker.js");
const { thumbnailPicker } = await import("../../playground/ui/static/js/thumbnails.js");

Object.assign(sentences, { sound_too_large: "{name} has {megabytes} MB" });

test("a sound file is handed on, one that is too large is refused with its size, and it can be taken away", () => {
  /** @type {string[]} */
  const chosen = [];
  const element = /** @type {any} */ (soundPicker("sound", (url) => chosen.push(url)).element);
  const [input, name, remove] = ["input", ".file-name", "button"].map((one) => element.querySelector(one));
  const take = (/** @type {number} */ size) => {
    input.files = [{ name: "a.wav", size }];
    input.send("change");
  };
  take(10_000_001);
  assert.deepEqual([chosen, name.textContent, remove.hidden], [[], "a.wav has 10.0 MB", true]);
  take(10_000_000);
  assert.deepEqual([chosen, name.textContent, remove.hidden], [["data:a.wav"], "a.wav", false]);
  remove.click();
  assert.deepEqual([chosen.at(-1), name.textContent, remove.hidden, input.value], ["", "", true, ""]);
});

test("arrow keys move over a sheet of pictures, not out of it, and Enter closes it", () => {
  let changes = 0;
  const words = { sheet: "digits", chosen: "digit {number}" };
  const sheetOfSeven = { file: "sheet.png", columns: 3, cell: 28 };
  const about = { ...slider(), kind: /** @type {"thumbnails"} */ ("thumbnails"), high: 6, sheet: sheetOfSeven, words };
  const { element, get, set } = thumbnailPicker("t", about, () => {
    changes += 1;
  });
  const [opener, sheet] = ["button", ".thumbnail-sheet"].map((one) => /** @type {any} */ (element).querySelector(one));
  opener.click();
  assert.deepEqual([sheet.hidden, opener.getAttribute("aria-expanded")], [false, "true"]);
  set(4);
  const press = (/** @type {string} */ key) => {
    sheet.send("keydown", { key });
    return get();
  };
  assert.deepEqual(["ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowRight"].map(press), [4, 3, 0, 0, 0, 1]); // biome-ignore format: short
  assert.equal(changes, 3, "what leads out of the sheet changes nothing");
  press("Enter");
  assert.deepEqual([sheet.hidden, opener.textContent], [true, "digit 1"]);
});

test("a probe's panel asks with its fields, which follow clicks and bounds, and goes where it does not apply", () => {
  const about = declaration({
    slug: "ask",
    probes: [probe("ask", "draw", { fields: [slider()] }), probe("ask", "other")],
  });
  /** @type {any[]} */
  const asked = [];
  const questions = /** @type {any} */ ({ ask: (/** @type {any[]} */ ...words) => asked.push(words), watch: () => {} });
  const panel = /** @type {any} */ (askPanel(/** @type {any} */ ({ slug: "ask", about }), questions));
  panel.querySelector(".ask").click();
  assert.deepEqual(asked, [["draw", { question: { x: 2 }, clicked: false }]]);
  publish("ask/figure/probe-draw", part({ question: { x: 5 } }));
  panel.querySelector(".ask").click();
  assert.equal(asked.at(-1)[1].question.x, 5);
  publish("ask/changes-draw", { x: 6, y: 1 });
  panel.querySelector(".ask").click();
  assert.deepEqual(asked.at(-1)[1].question, { x: 6 });
  publish("ask/state", tabState({ bounds: { draw: { x: [0, 4] } }, hidden: ["draw"] }));
  assert.equal(panel.querySelectorAll("input")[1].max, "4");
  const [first, second] = panel.querySelectorAll("button");
  assert.deepEqual([first.hidden, second.hidden, second.getAttribute("aria-selected")], [true, false, "true"]);
});
