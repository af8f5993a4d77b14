// A box that ends leaves nothing behind: no subscription, no observer, no listener on the window, no question that is asked on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StubElement } from "./element_stub.js";

/** @type {Set<any>} */
const observing = new Set();
const Observer = class {
  observe() {
    observing.add(this);
  }
  disconnect() {
    observing.delete(this);
  }
};
const heard = new StubElement("window");
Object.assign(globalThis, { ResizeObserver: Observer, MutationObserver: Observer });
Object.assign(window, { addEventListener: heard.addEventListener, removeEventListener: heard.removeEventListener });

const { publish } = await import("../../playground/ui/static/js/bus.js");
const { figureBox, unmountBox } = await import("../../playground/ui/static/js/figure_box.js");

const settled = () => new Promise((done) => setTimeout(done, 20));
const state = { hidden: [], captions: {}, step: 0, run: 1, state: "training" };
const shared = /** @type {any} */ (globalThis);
shared.calls = [];

/** @param {string} mount the body of a medium's `mount(element, io)` */
const medium = (mount) =>
  `data:text/javascript,${encodeURIComponent(`export const mount = async (element, io) => { ${mount} }`)}`;

/**
 * @param {string} slug
 * @param {string} module
 */
async function boxOf(slug, module) {
  /** @type {string[]} */
  const asked = [];
  const tab = {
    slug,
    about: { knobs: [] },
    arePreTrained: () => true,
    knobs: () => ({}),
    askAgain: () => {},
    watch: (/** @type {string} */ probe) => asked.push(`watch ${probe}`),
    unwatch: (/** @type {string} */ probe) => asked.push(`unwatch ${probe}`),
  };
  const options = { slug, name: "view", title: "t", caption: "c", place: "hero", medium: module, clicks: false, probe: "" }; // biome-ignore format: short
  const box = figureBox(/** @type {any} */ (options), /** @type {any} */ (tab));
  await settled();
  return { box: /** @type {any} */ (box), asked };
}

/** @param {string} slug everything that a box may hear of */
async function news(slug) {
  publish(`${slug}/figure/view`, { figure: {}, step: 1, run: 1 });
  publish(`${slug}/figure/probe-other`, { figure: {}, step: 1, run: 1 });
  publish(`${slug}/state`, { ...state, hidden: ["view"], step: Math.random() });
  publish(`${slug}/knobs`, {});
  heard.send("resize");
  await settled();
}

test("all that a medium has started through its interface ends with the box", async () => {
  const starts = `
    const note = (name) => () => calls.push(name);
    io.box.onFigure(note("figure"));
    io.questions.onAnswer("other", note("answer"));
    io.questions.ask("other", {});
    io.run.onState(note("state"));
    io.knobs.onChange(note("knobs"));
    io.draw.onResize(element, note("size"));
    io.draw.onThemeChange(note("theme"));
    window.addEventListener("resize", note("window"), { signal: io.signal });
    globalThis.io = io;
    return note("unmount");`;
  const { box, asked } = await boxOf("ends", medium(starts));
  await news("ends");
  for (const name of ["figure", "answer", "state", "knobs", "window"])
    assert.ok(shared.calls.includes(name), `${name} was heard`);
  assert.equal(observing.size, 2);
  unmountBox(box);
  assert.deepEqual(asked, ["watch other", "unwatch other"]);
  assert.equal(shared.calls.at(-1), "unmount");
  assert.equal(observing.size, 0);
  shared.calls = [];
  const hidden = box.hidden;
  await news("ends");
  publish("ends/state", state);
  assert.deepEqual(shared.calls, []);
  assert.equal(box.hidden, hidden, "nor does the box itself hear anything");
  assert.deepEqual(Object.values(heard.listeners).flat(), []);
});

test("what a medium starts after its box has ended does not begin", async () => {
  shared.calls = [];
  const { io } = shared;
  io.box.onFigure(() => shared.calls.push("figure"));
  io.draw.onResize(new StubElement("div"), () => {});
  io.draw.inTurn(() => shared.calls.push("drawn"));
  await news("ends");
  assert.deepEqual([shared.calls, observing.size], [[], 0]);
});

test("a box that ends while its medium is being loaded, or mounted, ends it afterwards", async () => {
  shared.calls = [];
  const slow = medium(`calls.push("mounts"); await new Promise((done) => setTimeout(done, 30));
    io.box.onFigure(() => calls.push("figure")); return () => calls.push("unmount");`);
  const { box } = await boxOf("slow", slow);
  unmountBox(box);
  await settled();
  await settled();
  await news("slow");
  assert.deepEqual(shared.calls, ["mounts", "unmount"]);
  const never = figureBox(
    /** @type {any} */ ({ slug: "never", name: "view", title: "t", caption: "c", place: "hero", medium: slow }),
    /** @type {any} */ ({ slug: "never", unwatch: () => {} }),
  );
  unmountBox(never);
  await settled();
  assert.deepEqual(shared.calls, ["mounts", "unmount"]);
});

test("a chart is purged; its handles and overlays hear nothing any more", async () => {
  shared.calls = [];
  /** @type {Record<string, any>} */
  const events = {};
  shared.Plotly = {
    react: async (/** @type {any} */ plot, /** @type {any} */ _, /** @type {any} */ layout) => {
      const axis = { _offset: 0, _length: 100, range: [0, 1], type: "linear" };
      Object.assign(plot, { layout, _fullLayout: { xaxis: axis, yaxis: axis }, isConnected: true });
    },
    purge: () => shared.calls.push("purge"),
  };
  Object.assign(window, { Plotly: shared.Plotly });
  shared.getComputedStyle = () => ({ getPropertyValue: () => "" });
  const make = document.createElement;
  document.createElement = /** @type {any} */ (
    (/** @type {string} */ tag) =>
      Object.assign(make(tag), {
        offsetWidth: 200,
        offsetHeight: 200,
        isConnected: true,
        on: (/** @type {string} */ kind, /** @type {any} */ listener) => {
          events[kind] = listener;
        },
      })
  );
  const head = { append: (/** @type {any} */ script) => setTimeout(() => script.send("load")) };
  Object.assign(document, { head });
  const plot = new URL("../../playground/ui/static/js/media/plot.js", import.meta.url).href;
  const { box } = await boxOf("chart", plot);
  const handles = [{ name: "mean", label: "Mean", x: { knob: "mean" }, y: { at: 0.5 } }];
  const figure = { data: [], layout: { meta: { handles } } };
  publish("chart/figure/view", { figure, step: 1, run: 1 });
  await settled();
  assert.equal(box.querySelectorAll(".handle").length, 1);
  assert.ok(box.classList.contains("drawn") && events.plotly_hover && observing.size === 2);
  unmountBox(box);
  assert.deepEqual([shared.calls, observing.size], [["purge"], 0]);
  document.createElement = make;
});
