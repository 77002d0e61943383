// What happens when the WebAssembly instance breaks down. A random source that throws has the same effect as a panic:
// an exception passes through the module, which leaves it in an unknown state.

import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, InternalError, Secrets } from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
let stalling = false;
// With a fetch of its own, a client runs on WebAssembly whichever engine is preferred.
const config = {
  ...configuration(server),
  fetch: (url, init) => (stalling ? new Promise(() => {}) : fetch(url, init)),
};

afterEach(() => mock.restoreAll());

function breakDown() {
  mock.method(crypto, "getRandomValues", () => {
    throw new Error("no randomness");
  });
}

it("fails the calls under way, and the next call works", async () => {
  const client = await createClient(config);
  const other = await createClient(config);
  await client.items.list(vaultId);
  stalling = true;
  const underWay = client.items.list(vaultId);
  await sleep(10);
  stalling = false;
  breakDown();
  const breaking = client.items.create(login(vaultId, "Never", "made"));
  for (const call of [breaking, underWay]) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof InternalError);
      assert.match(error.message, /the engine stopped unexpectedly.*the next call starts it again/);
      assert.equal(error.cause.message, "no randomness");
      return true;
    });
  }
  mock.restoreAll();
  const results = await Promise.all(Array.from({ length: 10 }, () => client.vaults.list()));
  assert.ok(results.every((vaults) => vaults.length > 0));
  assert.ok((await other.vaults.list()).length > 0);
});

it("restarts the engine of methods without a client, too", async (t) => {
  if (process.env.OPWIRE_ENGINE !== "wasm") {
    return t.diagnostic("the addon takes its randomness from the system");
  }
  breakDown();
  const recipe = { type: "Pin", parameters: { length: 6 } };
  assert.throws(() => Secrets.generatePassword(recipe), InternalError);
  mock.restoreAll();
  assert.match(Secrets.generatePassword(recipe).password, /^\d{6}$/);
});
