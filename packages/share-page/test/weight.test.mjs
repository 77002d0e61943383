// How heavy and how fast the page is. What was measured is printed. The goals are 300 ms from the link to the button, and
// 150 ms from there to the item; the limit is for machines that are slow and busy, and finds a page that waits.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { gzipSync } from "node:zlib";
import { headed, launch, open, press } from "./support/browsers.mjs";
import * as items from "./support/items.mjs";
import { proxy, share } from "./support/server.mjs";

const MAX_BYTES = 40_000;
const MAX_MS = 2_000;
const RUNS = 5;

const browser = await launch("chromium");

it("weighs little, and asks little of the server before the button", async () => {
  const [shared] = await share(items.login);
  proxy.requests.length = 0;
  const page = await open(browser, shared.link);
  await headed(page, "shared an item with you");
  assert.deepEqual(proxy.requests.map(({ line }) => line).sort(), [
    "GET /s",
    "GET /s/page.css",
    "GET /s/page.js",
    "POST /api/opwire/v1/share/status",
  ]);
  const bytes = proxy.requests.reduce((sum, request) => sum + request.bytes, 0);
  assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`);
  console.log(`before the button: ${proxy.requests.length} requests, ${bytes} bytes`);
  const files = ["index.html", "page.js", "page.css"].map(
    (file) => gzipSync(asset(file), { level: 9 }).length,
  );
  console.log(`gzip: ${files.join(" + ")} = ${files.reduce((sum, size) => sum + size)} bytes`);
  await page.leave();
});

it("is fast", async () => {
  const times = { ready: [], shown: [] };
  for (const { link } of await share(...Array(RUNS).fill(items.login))) {
    const page = await open(browser, link, { before: watch });
    await headed(page, "shared an item with you");
    await press(page, "Show item");
    await headed(page, "Staging console");
    const { ready, pressed, shown } = await page.evaluate(() => globalThis.seen);
    times.ready.push(ready);
    times.shown.push(shown - pressed);
    await page.leave();
  }
  const [ready, shown] = [median(times.ready), median(times.shown)];
  console.log(`link to button: ${ready} ms; button to item: ${shown} ms (medians of ${RUNS})`);
  // The fastest run, because other tests run beside this one.
  assert.ok(Math.min(...times.ready) <= MAX_MS, times.ready.join(" "));
  assert.ok(Math.min(...times.shown) <= MAX_MS, times.shown.join(" "));
});

/** Runs in the page: notes when the button and the item appear, since the link was opened. */
function watch() {
  const seen = (globalThis.seen = {});
  const note = (name) => (seen[name] ??= Math.round(performance.now()));
  new MutationObserver(() => {
    if (document.querySelector("form .primary")) note("ready");
    if (document.querySelector("header.item")) note("shown");
  }).observe(document, { childList: true, subtree: true });
  document.addEventListener("click", () => note("pressed"), true);
}

function asset(name) {
  return readFileSync(new URL(`../../../crates/op-server/assets/share/${name}`, import.meta.url));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
