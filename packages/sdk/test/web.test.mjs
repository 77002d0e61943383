// The build for the web, as far as Node can run it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, it } from "node:test";
import { createClient, init, InvalidConfigurationError, Secrets } from "@opwire/sdk/web";
import { configuration, startServer } from "./support/server.mjs";

const server = await startServer();
const recipe = { type: "Pin", parameters: { length: 6 } };

it("says how to load the module", async () => {
  assert.throws(
    () => Secrets.generatePassword(recipe),
    (error) => error instanceof InvalidConfigurationError && /await init\(\)/.test(error.message),
  );
  // Node's fetch does not open files, as a browser's may not find the file where a bundler left it.
  await assert.rejects(init(), (error) => {
    assert.ok(error instanceof InvalidConfigurationError);
    assert.match(error.message, /core\.wasm.*pass the module as the option "wasm", or to init\(\)/);
    return true;
  });
  await assert.rejects(init({}), InvalidConfigurationError);
  await assert.rejects(init(new Uint8Array(8)), (error) => {
    assert.ok(error instanceof InvalidConfigurationError);
    assert.match(error.message, /the bytes in `wasm` cannot be compiled/);
    return true;
  });
});

it("says so when something else is at the module's address", async () => {
  // Development servers answer unknown addresses with the page of the program.
  const pages = createServer((_, response) => response.end("<!doctype html>")).listen(0);
  await once(pages, "listening");
  after(() => pages.close());
  const address = `http://127.0.0.1:${pages.address().port}/core.wasm`;
  await assert.rejects(init(address), (error) => {
    assert.ok(error instanceof InvalidConfigurationError);
    assert.ok(error.message.includes(`could not be loaded from ${address}`), error.message);
    return true;
  });
});

it("refuses a module that is not this version's", async () => {
  const foreign = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  const config = { ...configuration(server), wasm: foreign };
  await assert.rejects(createClient(config), InvalidConfigurationError);
});

it("runs on a module that is passed in", async () => {
  const bytes = readFileSync(createRequire(import.meta.url).resolve("@opwire/sdk/core.wasm"));
  let arrive;
  const wasm = new Promise((resolve) => {
    arrive = resolve;
  });
  const aborted = createClient({
    ...configuration(server),
    wasm,
    signal: AbortSignal.timeout(20),
  });
  await assert.rejects(aborted, { name: "TimeoutError" });
  arrive(WebAssembly.compile(bytes));
  const client = await createClient({ ...configuration(server), wasm });
  assert.ok((await client.vaults.list()).some(({ title }) => title === "Development"));
  assert.match(Secrets.generatePassword(recipe).password, /^\d{6}$/);
});
