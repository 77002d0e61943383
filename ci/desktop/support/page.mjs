// The prompt as a page, a browser, and what others send to it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { ask } from "./prompt.mjs";
import { until } from "./terminal.mjs";

const PATIENCE_MS = 60_000;
/** A name that resolves to this machine, as an attacker can make theirs. */
export const REBOUND = "rebound.example";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts Chromium, and stops it after the tests. */
export async function launch(args = []) {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`,
      ...args,
    ],
    protocolTimeout: 3 * PATIENCE_MS,
  });
  after(() => browser.close());
  return browser;
}

/** Asks by the page. `link` is what the browser was told to open. */
export async function askByPage(change = {}) {
  const folder = mkdtempSync(join(tmpdir(), "opwire-page-"));
  const [opener, file] = [join(folder, "opener"), join(folder, "link")];
  writeFileSync(opener, `#!/bin/sh\necho "$1" >"${file}.new" && mv "${file}.new" "${file}"\n`, {
    mode: 0o755,
  });
  const env = { BROWSER: opener, DISPLAY: ":99", SSH_CONNECTION: undefined };
  const asked = ask(["page"], { change, env });
  const asks = await asked.asks();
  let link;
  await until(
    () => (link = tryRead(file)?.trim()),
    () => "no browser was opened",
  );
  rmSync(folder, { recursive: true });
  return Object.assign(asked, { link, origin: new URL(link).origin, opened: asks });
}

function tryRead(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Opens an address in a new tab of its own kind of window. `script` runs in the page before its own programs. */
export async function open(browser, address, { width = 900, scheme = "light", script } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  if (script) await page.evaluateOnNewDocument(script);
  await page.goto(address);
  page.leave = () => context.close();
  return page;
}

/** Opens the prompt, and waits until Allow does something. */
export async function openPrompt(browser, asked, options) {
  const page = await open(browser, asked.link, options);
  await page.waitForSelector("#prompt:not([hidden])");
  await page.waitForSelector("#allow:not([aria-disabled])");
  return page;
}

export async function shows(page, text) {
  let seen = "";
  for (const start = Date.now(); Date.now() - start < PATIENCE_MS; await sleep(20)) {
    // A page that is being loaded has nothing to read, or goes meanwhile.
    seen = await page.evaluate(() => document.body?.innerText ?? "").catch(() => "");
    if (seen.includes(text)) return;
  }
  assert.fail(`the page does not say “${text}”:\n${seen}\n${page.problems ?? ""}`);
}

/** Fails if axe finds something wrong, or the page is wider than the window. */
export async function assertAccessible(page) {
  // The page allows no programs but its own; the browser's protocol is not bound by that.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  assert.deepEqual(violations, []);
  const [wide, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  assert.ok(wide <= window, `the page is ${wide} px wide in a window of ${window} px`);
}

/** Sends a request as any program can, and gives its status and body. */
export function send(asked, { method = "POST", path = "/open", headers = {}, body = "" } = {}) {
  const { hostname, port } = new URL(asked.origin);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers, setHost: false };
    const sent = httpRequest(options, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, text, headers: response.headers }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What the page itself sends. */
export function ownHeaders({ origin }) {
  return {
    host: new URL(origin).host,
    origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
  };
}

/** Asks for the page as another user of this machine. Returns the exit status of curl. */
export function curlAsAnotherUser(address) {
  const words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const curl = ["curl", "--silent", "--max-time", "10", address];
  const [program, ...args] = [...(process.getuid() === 0 ? [] : ["sudo", "-n"]), ...words, ...curl];
  try {
    return { status: 0, text: execFileSync(program, args, { encoding: "utf8" }) };
  } catch (error) {
    return { status: error.status, text: error.stdout };
  }
}
