// The one place for what a browser may refuse, and that no other module goes past it.
import "./browser_stub.js";

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as browser from "../../playground/ui/static/js/browser.js";

const ROOT = new URL("../../", import.meta.url);
const REFUSABLE = [
  /\b(session|local)Storage\b/,
  /\bindexedDB\b/,
  /\bhistory\s*\./,
  /\b(push|replace)State\b/,
  /\bBroadcastChannel\b/,
  /\b(getRandomValues|randomUUID)\b/,
  /\bgetEntries(ByType)?\b/,
  /\bmatchMedia\b/,
  /\b(Intersection|Resize)Observer\b/,
  /\b(clipboard|serviceWorker|wakeLock|sendBeacon)\b/,
  /\b(request|exit)(Fullscreen|PictureInPicture|PointerLock)\b/,
  /\b(set|release)PointerCapture\b/,
  /\brequestIdleCallback\b/,
  /\.play\(\)/, // of a sound or a video: its promise may be rejected
  /\.(postMessage|cookie)\b/,
];

/** Without its comments. */
const code = (/** @type {string} */ text) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");

test("no other module uses what a browser may refuse", () => {
  const all = readdirSync(new URL("playground", ROOT), { recursive: true }).map(String);
  const modules = all.filter((path) => path.endsWith(".js") && !path.includes("vendor"));
  assert.ok(modules.length > 50);
  const found = modules
    .filter((path) => path !== "ui/static/js/browser.js")
    .flatMap((path) => {
      const text = code(readFileSync(new URL(`playground/${path}`, ROOT), "utf8"));
      return REFUSABLE.filter((name) => name.test(text)).map((name) => `${path}: ${name}`);
    });
  assert.deepEqual(found, []);
});

test("a store that may not be touched holds its values for this visit", () => {
  const store = new browser.Store(() => {
    throw new Error("SecurityError");
  });
  assert.equal(store.get("a"), null);
  store.set("a", "1");
  assert.equal(store.get("a"), "1");
  assert.deepEqual(store.json("b", { none: true }), { none: true });
});

test("a store that is full holds the newest value, and the browser's when there is room again", () => {
  const kept = new Map([["a", "old"]]);
  let isFull = true;
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
      if (isFull) throw new Error("QuotaExceededError");
      kept.set(key, value);
    },
  };
  const store = new browser.Store(() => /** @type {any} */ (storage));
  store.set("a", "new");
  assert.equal(store.get("a"), "new");
  isFull = false;
  store.set("a", "newer");
  kept.set("a", "of another page");
  assert.equal(store.get("a"), "of another page");
});

test("what is stored and is not JSON counts as nothing", () => {
  const store = new browser.Store(
    () => /** @type {any} */ ({ getItem: (/** @type {string} */ key) => (key === "good" ? "[1]" : "{") }),
  );
  assert.deepEqual(store.json("good", []), [1]);
  assert.deepEqual(store.json("bad", [2]), [2]);
});

test("a refused address is said in the console, and nothing else happens", () => {
  const { error } = console;
  const said = [];
  console.error = (...words) => said.push(words);
  const before = globalThis.history;
  globalThis.history = /** @type {any} */ ({
    replaceState: () => {
      throw new Error("SecurityError");
    },
  });
  browser.setQuery("?tab=one", false);
  browser.setQuery("?tab=one", true);
  globalThis.history = before;
  console.error = error;
  assert.equal(said.length, 2);
});

test("ids differ, with and without the browser's random numbers", () => {
  const own = crypto.getRandomValues;
  const ids = [browser.randomId(), browser.randomId()];
  crypto.getRandomValues = () => {
    throw new Error("none");
  };
  ids.push(browser.randomId(), browser.randomId());
  crypto.getRandomValues = own;
  assert.equal(new Set(ids).size, 4);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("a sound that is refused is no error, and it is told whether it plays", async () => {
  const media = (/** @type {() => any} */ play) => /** @type {any} */ ({ play });
  assert.equal(await browser.playMedia(media(async () => {})), true);
  assert.equal(await browser.playMedia(media(() => Promise.reject(new Error("NotAllowedError")))), false);
  assert.equal(
    await browser.playMedia(
      media(() => {
        throw new Error("none");
      }),
    ),
    false,
  );
});

test("without observers everything is in sight, and sizes are told by the window", async () => {
  /** @type {any[]} */
  const listeners = [];
  window.addEventListener = (/** @type {any} */ _, /** @type {any} */ listener) => listeners.push(listener);
  /** @type {any[]} */
  const seen = [];
  const sight = browser.onSight((entries) => seen.push(...entries));
  const element = /** @type {any} */ ({});
  sight.observe(element);
  let sizes = 0;
  browser.onResize(element, () => {
    sizes += 1;
  });
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(seen, [{ target: element, isIntersecting: true }]);
  assert.equal(sizes, 1);
  listeners[0]();
  assert.equal(sizes, 2);
});

test("without a channel, media queries, idle time or a pointer to grab the page goes on", async () => {
  assert.equal(
    browser.channel("pages", () => {}),
    null,
  );
  assert.equal(browser.matches("(pointer: coarse)"), false);
  await browser.idle(5);
  const lost = () => {
    throw new Error("NotFoundError");
  };
  browser.grabPointer(/** @type {any} */ ({ setPointerCapture: lost }), /** @type {any} */ ({ pointerId: 1 }));
});
