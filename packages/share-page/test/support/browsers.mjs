// Browsers, and what a person does in them.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer from "puppeteer-core";

/** Those that are tested: both, or those that OPWIRE_TEST_BROWSERS names. */
export const BROWSERS = (process.env.OPWIRE_TEST_BROWSERS ?? "chromium firefox").split(" ");

const PATIENCE_MS = 60_000;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts a browser, and stops it after the tests. */
export async function launch(name) {
  const downloads = mkdtempSync(join(tmpdir(), "opwire-downloads-"));
  const options = {
    chromium: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    },
    firefox: {
      browser: "firefox",
      executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
      extraPrefsFirefox: {
        "browser.download.dir": downloads,
        "browser.download.folderList": 2,
        "browser.download.always_ask_before_handling_new_types": false,
        // So that a test can read the clipboard.
        "dom.events.testing.asyncClipboard": true,
      },
    },
  };
  const timeouts = { timeout: 3 * PATIENCE_MS, protocolTimeout: 3 * PATIENCE_MS };
  const browser = await puppeteer.launch({ ...options[name], ...timeouts });
  after(async () => {
    await browser.close();
    rmSync(downloads, { recursive: true, force: true });
  });
  return { name, browser, downloads };
}

/** Opens an address in a new tab. `before` runs in the page before its program. */
export async function open(
  { name, browser, downloads },
  address,
  { before, isScripted = true, width = 900 } = {},
) {
  const context = await browser.createBrowserContext(
    name === "chromium" ? { downloadBehavior: { policy: "allow", downloadPath: downloads } } : {},
  );
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    // Requests that fail are what some tests are about.
    const text = message.text();
    const isMeant = /Failed to load resource/.test(text);
    if (message.type() === "error" && !isMeant) page.problems.push(text);
  });
  await page.setViewport({ width, height: 800 });
  if (before) await page.evaluateOnNewDocument(before);
  if (!isScripted) await page.setJavaScriptEnabled(false);
  await page.goto(address);
  page.leave = async () => {
    await page.close();
    await context.close();
  };
  return page;
}

/** Waits for the state with this heading. */
export async function headed(page, text) {
  const found = await page
    .waitForFunction((text) => document.querySelector("h1")?.innerText.includes(text), {}, text)
    .catch(() => undefined);
  if (found) return;
  const seen = await page.evaluate(() => document.body.innerText);
  assert.fail(`no heading says “${text}”:\n${seen}\n${page.problems.join("\n")}`);
}

/** The button or link with this name, of which screen readers read more than is seen. */
export async function named(page, name) {
  const handle = await page.waitForFunction(
    (name) =>
      [...document.querySelectorAll("button, a")].find(
        (element) => element.textContent === name && element.checkVisibility(),
      ),
    {},
    name,
  );
  return handle.asElement();
}

export async function press(page, name) {
  await (await named(page, name)).click();
}

/** Enters a text in the only field. */
export async function enter(page, text) {
  const field = await page.waitForSelector("form input");
  await field.evaluate((input) => (input.value = ""));
  await field.type(text);
}

export async function shows(page, text) {
  const found = await page
    .waitForFunction((text) => document.body.innerText.includes(text), {}, text)
    .catch(() => undefined);
  assert.ok(
    found,
    `the page does not say “${text}”:\n${await page.evaluate(() => document.body.innerText)}`,
  );
}

export function text(page) {
  return page.evaluate(() => document.querySelector("main").innerText);
}

/** Fails if axe finds something wrong, or the page is wider than the window. */
export async function assertAccessible(page) {
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

/** The content of the file that the browser saves under this name, once it has this size. */
export async function saved({ downloads }, name, size) {
  for (const start = Date.now(); Date.now() - start < PATIENCE_MS; await sleep(100)) {
    if (readdirSync(downloads).includes(name)) {
      const content = readFileSync(join(downloads, name));
      if (content.length === size) return content;
    }
  }
  throw new Error(`${name} was not saved; there are: ${readdirSync(downloads).join(", ")}`);
}

/** The text in the clipboard, read by another tab that may, at the same address. */
export async function clipboard({ browser, name }, { origin }) {
  const context = await browser.createBrowserContext();
  if (name === "chromium") await context.overridePermissions(origin, ["clipboard-read"]);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${origin}/s`);
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus());
  const text = await page.evaluate(() => navigator.clipboard.readText());
  await context.close();
  return text;
}
