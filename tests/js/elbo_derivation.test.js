import assert from "node:assert/strict";
import { test } from "node:test";
import { formulasOf, nats, summary, verdict } from "../../playground/concepts/elbo/static/derivation_lines.js";

/** @type {import("../../playground/concepts/elbo/static/derivation_lines.js").Say} */
const say = (key, values = {}) => [key, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join(" ");

/**
 * @param {Partial<import("../../playground/concepts/elbo/static/derivation_lines.js").Line>} [of]
 * @returns {import("../../playground/concepts/elbo/static/derivation_lines.js").Line}
 */
const line = (of) => ({ tex: "a = b", left: 1, right: 1, holds: true, off: 0, mended: null, ...of });

test("nats have four digits behind the point and a true minus sign", () => {
  assert.deepEqual([1.23456, -1.23456, 0, 12345.67891].map(nats), ["1.2346", "−1.2346", "0.0000", "12345.6789"]);
});

test("a zero has no sign", () => {
  assert.equal(nats(-0), "0.0000");
});

test("what four digits do not show is a power of ten", () => {
  assert.deepEqual([6.7e22, -6.7e22, 2e6, 0.0000321, -0.0000321].map(nats), ["6.7e22", "−6.7e22", "2.0e6", "3.2e−5", "−3.2e−5"]); // biome-ignore format: short
  assert.deepEqual([0.001, 999999].map(nats), ["0.0010", "999999.0000"]);
});

test("a line that holds says both sides", () => {
  assert.equal(verdict(line({ left: -1.5, right: -1.5 }), say), "line_holds left=−1.5000 right=−1.5000");
});

test("a line that fails says by how much, without a sign", () => {
  const more = line({ left: -1.5, right: -0.25, holds: false, off: 1.25 });
  assert.equal(verdict(more, say), "line_off left=−1.5000 right=−0.2500 off=1.2500");
  const less = line({ left: 2, right: 0.75, holds: false, off: -1.25 });
  assert.equal(verdict(less, say), "line_off left=2.0000 right=0.7500 off=1.2500");
});

test("a difference that is too small for four digits is still said", () => {
  const close = line({ left: 1, right: 1.00001, holds: false, off: 1e-5 });
  assert.equal(verdict(close, say), "line_off left=1.0000 right=1.0000 off=1.0e−5");
});

test("a side without a finite number has a word", () => {
  const lost = line({ left: null, right: 2, holds: false, off: null });
  assert.equal(verdict(lost, say), "line_fails left=line_not_finite right=2.0000");
  const other = line({ left: 2, right: null, holds: false, off: null });
  assert.equal(verdict(other, say), "line_fails left=2.0000 right=line_not_finite");
});

test("lines that hold are counted as they stand, not as they are mended", () => {
  const mended = { ...line(), note: "" };
  const lines = [line(), line({ holds: false, mended }), line(), line({ mended })];
  assert.equal(summary({ title: "", lines }, say), "lines_hold count=3 lines=4");
});

test("formulas are known by themselves, not by their numbers", () => {
  const parts = (/** @type {any} */ of) => [{ title: "", lines: [line(of)] }];
  assert.equal(formulasOf(parts({ left: 1 })), formulasOf(parts({ left: 2, holds: false })));
  assert.ok(formulasOf(parts({})) !== formulasOf(parts({ tex: "a = c" })));
  assert.ok(formulasOf(parts({})) !== formulasOf(parts({ mended: { ...line(), note: "" } })));
});
