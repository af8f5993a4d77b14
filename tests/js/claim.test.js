// Two pages with one token: whoever comes later hears of the other.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Claim } from "../../playground/ui/static/js/claim.js";

let open = new Set();
globalThis.BroadcastChannel = /** @type {any} */ (
  class {
    constructor() {
      open.add(this);
    }
    /** @param {any} data */
    postMessage(data) {
      for (const other of open) if (other !== this) setTimeout(() => other.onmessage({ data }));
    }
    close() {
      open.delete(this);
    }
  }
);
beforeEach(() => {
  open = new Set();
});

test("a copy of a page that lives is not alone, and does not answer for the token", async () => {
  new Claim("first").hold("secret");
  const copy = new Claim("copy");
  assert.equal(await copy.isAlone("secret"), false);
  assert.equal(copy.token, "");
  copy.hold("its own");
  assert.equal(await new Claim("third").isAlone("its own"), false);
});

test("nobody answers for another token, or when the page is left: after 150 ms the page is alone", async () => {
  const other = new Claim("other");
  other.hold("another");
  const began = performance.now();
  assert.equal(await new Claim("page").isAlone("secret"), true);
  const took = performance.now() - began;
  assert.ok(took > 140 && took < 400, `${took} ms`);
  other.release();
  assert.equal(await new Claim("reloaded").isAlone("another"), true);
});

test("of two pages that ask at once one gives way", async () => {
  const pages = ["a", "b"].map((page) => new Claim(page));
  for (const page of pages) page.hold("secret"); // each hears the other ask
  const answers = await Promise.all(pages.map((page) => page.isAlone("secret")));
  assert.deepEqual(answers, [true, false]);
});

test("a page that comes back asks again", async () => {
  const page = new Claim("page");
  page.hold("secret");
  page.release();
  assert.equal(open.size, 0);
  new Claim("copy").hold("secret");
  assert.equal(await page.isAlone("secret"), false);
});
