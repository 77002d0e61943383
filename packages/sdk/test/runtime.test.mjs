// What test runners and bundlers do around the package.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it, mock } from "node:test";
import * as sdk from "@opwire/sdk";
import { configuration, startServer } from "./support/server.mjs";

const { createClient, ResolvingSecretReferenceError, Secrets, TimeoutError } = sdk;
const server = await startServer();
const client = await createClient(configuration(server));
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "opwire-runtime-"));
after(() => rmSync(folder, { recursive: true, force: true }));

it("signs in and works while timers are fakes", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate"] });
  try {
    const own = await createClient(configuration(server));
    assert.equal((await own.vaults.list()).length, 1);
    const byFetch = await createClient({ ...configuration(server), fetch });
    assert.equal((await byFetch.with({ timeoutMs: 60_000 }).vaults.list()).length, 1);
  } finally {
    mock.timers.reset();
  }
});

it("has the caller's line in the stack of an error", async () => {
  const vaultId = server.OP_VAULT_ID;
  const calls = {
    resolve: () => client.secrets.resolve("op://missing/a/b"),
    "with a time limit": () => client.with({ timeoutMs: 60_000 }).items.get(vaultId, "a"),
    "after its time limit": () => client.with({ timeoutMs: 0 }).items.list(vaultId),
    "of bytes": () => client.items.files.read(vaultId, "a", { id: "b", name: "c", size: 1 }),
    "sign-in": () => createClient({ ...configuration(server), auth: "ops_a" }),
  };
  for (const [name, call] of Object.entries(calls)) {
    await (async function theCaller() {
      await call();
    })().then(
      () => assert.fail(`${name} did not fail`),
      (error) => assert.match(error.stack, /theCaller/, name),
    );
  }
  await assert.rejects(calls.resolve(), ResolvingSecretReferenceError);
  await assert.rejects(calls["after its time limit"](), TimeoutError);
});

it("is its own default, as programs for the public package import it", () => {
  assert.equal(sdk.default.createClient, createClient);
  assert.equal(createRequire(import.meta.url)("@opwire/sdk").default.Secrets, Secrets);
});

it("takes core.wasm from beside the code first, then from the package, and says where it looked", () => {
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  const run = () => {
    const program = 'require("./dist/cjs/node.js").Secrets.validateSecretReference("op://a/b/c")';
    const env = { ...process.env, OPWIRE_ENGINE: "wasm" };
    execFileSync(process.execPath, ["-e", program], { cwd: folder, env, stdio: "pipe" });
  };
  run();
  writeFileSync(join(folder, "dist/cjs/core.wasm"), Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  assert.throws(run, /core\.wasm is not the module of this version/);
  cpSync(join(folder, "dist/core.wasm"), join(folder, "dist/cjs/core.wasm"));
  rmSync(join(folder, "dist/core.wasm"));
  run();
  rmSync(join(folder, "dist/cjs/core.wasm"));
  assert.throws(run, /core\.wasm is neither at .*dist.cjs.core\.wasm nor at .*beside the bundle/);
});
