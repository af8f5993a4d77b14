// Files that the page fetches: again while the server cannot be reached, never when it has no such file.
import "./element_stub.js";

import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchJSON, fileAt } from "../../playground/ui/static/js/page_data.js";

test("addresses begin where the server says", () => {
  assert.equal(fileAt("about/one.json"), "root/about/one.json");
});

test("a file is asked for again after an outage", async () => {
  const answers = [
    () => Promise.reject(new TypeError()),
    () => new Response("", { status: 503 }),
    () => new Response("[1]"),
  ];
  let asked = 0;
  globalThis.fetch = async () => answers[asked++]();
  assert.deepEqual(await fetchJSON("about/one.json", 1), [1]);
  assert.equal(asked, 3);
});

test("a file that the server does not have is not asked for again", async () => {
  let asked = 0;
  globalThis.fetch = async () => {
    asked += 1;
    return new Response("", { status: 404 });
  };
  await assert.rejects(fetchJSON("about/none.json", 1), /about\/none\.json.*404/);
  assert.equal(asked, 1);
});
