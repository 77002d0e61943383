// The packed package in Chromium: in a page and in a module worker, by itself and through bundlers.

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after, it } from "node:test";
import { chromium } from "playwright-core";
import * as builds from "./bundlers.mjs";
import { assertFailure, assertReport, inputsForPages, listen, project } from "./support.mjs";

// Not a secure context for browsers, though it is served from here.
const INSECURE_HOST = "insecure.example";
// What a page needs to allow at least: WebAssembly, and the account server.
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' http://127.0.0.1:*";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`],
});
after(() => browser.close());
console.log(`Chromium ${browser.version()}`);

for (const [name, build] of Object.entries({ unbundled, ...builds.forBrowsers })) {
  const { folder, origin = await serve(folder) } = await build();

  for (const [place, run] of Object.entries({ page: "runInPage", worker: "runInWorker" })) {
    it(`${name}: in a ${place}`, async () => {
      const page = await open(origin);
      const report = await page.evaluate(
        ([run, inputs]) => globalThis[run](inputs),
        [run, inputsForPages],
      );
      await assertReport(report);
      assert.deepEqual(page.errors, []);
      assert.deepEqual(report.nodeGlobals, []);
      assertFailure(report.forbidden, "NetworkError");
      for (const { message } of [report.forbidden, report.unreachable]) {
        assert.ok(message.includes(`does not allow pages of ${origin}, see CORS`), message);
      }
    });
  }
}

it("says why it cannot work on an insecure page", async () => {
  const { port } = new URL(await serve((await unbundled()).folder));
  const page = await open(`http://${INSECURE_HOST}:${port}`);
  const run = page.evaluate((inputs) => globalThis.runInPage(inputs), inputsForPages);
  await assert.rejects(run, /InvalidConfigurationError: WebCrypto is missing.*https/);
});

async function open(address) {
  const page = await browser.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  await page.goto(address);
  await page.waitForFunction(() => globalThis.runInPage);
  return page;
}

/** The package's own ES modules, by address. */
async function unbundled() {
  const folder = join(project, "unbundled");
  cpSync(join(project, "program"), folder, { recursive: true });
  cpSync(join(project, "node_modules/@opwire/sdk"), join(folder, "sdk"), { recursive: true });
  const scenario = join(folder, "scenario.js");
  const source = readFileSync(scenario, "utf8");
  writeFileSync(scenario, source.replace('"@opwire/sdk"', '"./sdk/dist/esm/web.js"'));
  return { folder };
}

/** Serves a folder's files, with the least that a page may do. Gives the origin. */
async function serve(folder) {
  const server = await listen(
    createServer(({ url }, response) => {
      const path = normalize(url === "/" ? "/index.html" : new URL(url, "http://x").pathname);
      try {
        const content = readFileSync(join(folder, path));
        response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
        response.setHeader("content-security-policy", CONTENT_SECURITY_POLICY);
        response.end(content);
      } catch {
        response.writeHead(404).end();
      }
    }),
  );
  return `http://localhost:${server.address().port}`;
}
