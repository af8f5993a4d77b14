// Which picture of a sheet is under the pointer.
import "./browser_stub.js";

import assert from "node:assert/strict";
import test from "node:test";
import { cellUnder } from "../../playground/ui/static/js/thumbnails.js";

test("pictures are counted row by row from the upper left", () => {
  assert.equal(cellUnder(0, 0, 25, 28), 0);
  assert.equal(cellUnder(27.9, 27.9, 25, 28), 0);
  assert.equal(cellUnder(28, 0, 25, 28), 1);
  assert.equal(cellUnder(3 * 28 + 5, 2 * 28 + 5, 25, 28), 53);
});
