import assert from "node:assert/strict";
import { test } from "node:test";
import { mark, shaded, themed } from "../../playground/ui/static/js/media/plot_layout.js";
import { Zoom } from "../../playground/ui/static/js/media/plot_zoom.js";
import { parseScale } from "../../playground/ui/static/js/theme.js";

const look = /** @type {any} */ ({
  ink: "#111",
  grid: "#222",
  width: 220,
  height: 120,
  scale: (/** @type {string} */ name) =>
    name === "heat"
      ? [
          [0, "#000"],
          [1, "#fff"],
        ]
      : null,
});

test("the server's axes win over the page's, but for colours of the page", () => {
  const layout = { uirevision: "x", width: 7, xaxis: { title: { text: "step" }, gridcolor: "#abc" }, yaxis2: {} };
  const out = themed(layout, look, {}, []);
  assert.equal(out.xaxis.gridcolor, "#abc");
  assert.equal(out.yaxis2.gridcolor, "#222");
  assert.equal(out.yaxis.gridcolor, "#222", "an axis that was not sent is made");
  assert.equal(out.font.color, "#111");
  assert.equal(out.width, undefined);
  assert.equal(layout.width, 7, "the figure itself is left alone");
});

test("a chosen range holds until it is reset, and belongs to one figure", () => {
  const zoom = new Zoom();
  const axis = { range: [2, 3], autorange: false, _rangeInitial0: 0, _rangeInitial1: 10 };
  assert.deepEqual(zoom.rangesIn("losses"), {});
  zoom.note({ "xaxis.range[0]": 2, "xaxis.range[1]": 3 }, { xaxis: axis });
  assert.deepEqual(themed({ xaxis: { range: [0, 50] } }, look, zoom.rangesIn("losses"), []).xaxis.range, [2, 3]);
  assert.deepEqual(zoom.rangesIn("latents"), {}, "another figure begins without");
  zoom.note({ "xaxis.range[0]": 2 }, { xaxis: axis });
  zoom.note({ "xaxis.autorange": true }, { xaxis: { ...axis, autorange: true } });
  assert.deepEqual(zoom.rangesIn("latents"), {});
});

test("labels go where a cell is smaller than a letter", () => {
  const layout = (/** @type {number} */ cells) => ({
    meta: { room: 10 },
    margin: { l: 10, r: 10, t: 0, b: 0 },
    xaxis: { range: [-0.5, cells - 0.5] },
    yaxis: { range: [0, 5] },
  });
  assert.equal(themed(layout(20), look, {}, []).xaxis.showticklabels, undefined);
  assert.equal(themed(layout(21), look, {}, []).xaxis.showticklabels, false);
  const half = { ...layout(11), xaxis: { range: [-0.5, 10.5], domain: [0, 0.5] } };
  assert.equal(themed(half, look, {}, []).xaxis.showticklabels, false, "a domain leaves less room");
});

test("a trace that names a scale gets the page's", () => {
  const [heat, other] = shaded(
    [
      { meta: "heat", colorscale: "server" },
      { meta: "nothing", colorscale: "server" },
    ],
    look,
  );
  assert.deepEqual(heat.colorscale, [
    [0, "#000"],
    [1, "#fff"],
  ]);
  assert.equal(other.colorscale, "server");
});

test("a click is marked where it was", () => {
  for (const shape of mark({ x: 2, y: -3 }, "#f00"))
    assert.deepEqual([shape.xanchor, shape.yanchor, shape.line.color], [2, -3, "#f00"]);
  const [ring] = mark({ x: 2, y: -3, xref: "x2", yref: "y2" }, "#f00");
  assert.deepEqual([ring.xref, ring.yref], ["x2", "y2"]);
});

test("a colour scale in the style sheet is one for Plotly", () => {
  assert.deepEqual(parseScale("#eef2f7 0%, #bcd8f0 25%, #16324f 100%"), [
    [0, "#eef2f7"],
    [0.25, "#bcd8f0"],
    [1, "#16324f"],
  ]);
  assert.equal(parseScale(""), null);
});
