import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";

const EVIL = `<img src=x onerror="alert(1)">&amp;`;
const SAFE = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;";

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { figureBox } = await import("../../playground/ui/static/js/figure_box.js");
const { logList } = await import("../../playground/ui/static/js/log.js");
const { sentences } = await import("../../playground/ui/static/js/page_data.js");
const { tabList } = await import("../../playground/ui/static/js/tab_strip.js");

sentences.no_tab = "There is no “{tab}”.";

/** @param {any} element */
const isText = ({ html }) => html.includes(SAFE) && !html.includes("<img");

test("a line of the log is text, whatever a link or a visitor wrote", () => {
  const list = /** @type {any} */ (logList(/** @type {any} */ ({ slug: "log" })));
  const note = { number: 1, time: "12:00", key: "no_tab", values: { tab: EVIL } };
  publish("log/state", { notes: [note] });
  publish("log/state", { notes: [note, { ...note, number: 2, key: EVIL }] });
  const lines = list.children.map((/** @type {any} */ { html }) => html);
  assert.deepEqual(lines, [`<li>12:00  ${SAFE}</li>`, `<li>12:00  There is no “${SAFE}”.</li>`], "newest first");
});

test("titles, captions and refusals of a picture are text, and so are those that come later", () => {
  const medium = "data:text/javascript,export const mount = () => {}";
  const tab = /** @type {any} */ ({ slug: "box", arePreTrained: () => true });
  for (const which of ["title", "caption"]) {
    const about = { slug: "box", name: which, title: "t", caption: "c", place: "support", medium, clicks: false };
    const options = /** @type {any} */ (about);
    assert.ok(isText(figureBox({ ...options, [which]: EVIL }, tab)), which);
  }
  const about = { slug: "box", name: "view", title: "t", caption: "c", place: "support", medium, clicks: false };
  const box = /** @type {any} */ (figureBox(/** @type {any} */ (about), tab));
  assert.ok(!box.html.includes(SAFE));
  publish("box/figure/view", { error: EVIL });
  assert.ok(isText(box), "a refusal");
  publish("box/figure/view", {});
  assert.ok(!box.html.includes(SAFE), "it is gone");
  publish("box/state", { hidden: [], captions: { view: EVIL }, step: 0, run: 0, state: "ready" });
  assert.ok(isText(box), "a caption that depends on the config");
});

test("a tab's title is text", () => {
  assert.ok(isText(tabList("tabs", [EVIL], () => {}).element));
  assert.ok(isText(tabList(EVIL, ["one"], () => {}).element), "and its label cannot end the attribute");
});
