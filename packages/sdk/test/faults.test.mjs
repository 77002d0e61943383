// What goes wrong between client and server, over real sockets: the failure has its name, comes in time, holds no
// secret, and the next call works.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, MAX_RESPONSE_BYTES, OpwireError } from "@opwire/sdk";
import { startFaultProxy } from "./support/faults.mjs";
import { configuration, login, startServer } from "./support/server.mjs";
import { vectors } from "./support/vectors.mjs";

const PASSWORD = "a-password-that-no-error-shows";
const TIMEOUT_MS = 500;
// What a busy machine may take on top.
const SLACK_MS = 3_000;

const server = await startServer();
const proxy = await startFaultProxy(server);
const vaultId = server.OP_VAULT_ID;
const config = configuration(proxy.env);
const table = vectors("faults.json");
const brief = table.faults.filter((fault) => !fault.waits);
const waiting = table.faults.filter((fault) => fault.waits);

const owner = await createClient(configuration(server));
const [{ id }, { id: otherId }] = [
  await owner.items.create(login(vaultId, "Faulty", PASSWORD)),
  await owner.items.create(login(vaultId, "Other", PASSWORD)),
];
const byIds = (item) => `op://${vaultId}/${item}/password`;
const calls = {
  VaultsList: (client) => client.vaults.list(),
  VaultsGetOverview: (client) => client.vaults.getOverview(vaultId),
  ItemsList: (client) => client.items.list(vaultId),
  ItemsGet: (client) => client.items.get(vaultId, id),
  ItemsCreate: (client) => client.items.create(login(vaultId, "Created", PASSWORD)),
  "SecretsResolve by ids": (client) => client.secrets.resolve(byIds(id)),
  "SecretsResolve by titles": (client) =>
    client.secrets.resolve("op://Development/Faulty/password"),
  SecretsResolveAll: (client) => client.secrets.resolveAll([byIds(id), byIds(otherId)]),
};

/** A client that has all that it needs to make each call by one request. */
async function warmClient(options) {
  const client = await createClient({ ...config, maxRetries: 0, ...options });
  await allWork(client);
  return client;
}

async function allWork(client) {
  for (const call of Object.values(calls)) await call(client);
}

async function assertFailure(call, expected, context) {
  const error = await call.then(
    () => assert.fail(`${context}: it worked`),
    (error) => error,
  );
  assert.ok(error instanceof OpwireError, `${context}: ${error.stack}`);
  assert.deepEqual(
    { name: error.code, retryable: error.retryable },
    expected,
    `${context}: ${error.message}`,
  );
  const text = `${error.stack} ${JSON.stringify(error)}`;
  for (const secret of [PASSWORD, config.auth.slice(4)]) assert.ok(!text.includes(secret), context);
}

describe("every fault", () => {
  it("in every call has its name, and passes", async () => {
    const client = await warmClient();
    for (const { rule, call: expected } of brief) {
      for (const [name, call] of Object.entries(calls)) {
        const context = `${JSON.stringify(rule)} in ${name}`;
        await proxy.inject({ ...rule, match: table.calls[name] });
        const result = call(client);
        await assertFailure(result, expected, context);
        await proxy.repair();
        await assert.doesNotReject(call(client), `after ${context}`);
      }
    }
  });

  it("in every step of sign-in has its name, and passes", async () => {
    for (const { rule, signIn: expected, waits } of table.faults) {
      if (expected === null) continue;
      const options = waits ? { ...config, requestTimeoutMs: TIMEOUT_MS } : config;
      for (const step of table.signIn) {
        await proxy.inject({ ...rule, match: step });
        const start = Date.now();
        await assertFailure(createClient(options), expected, `${JSON.stringify(rule)} in ${step}`);
        assert.ok(Date.now() - start < TIMEOUT_MS + SLACK_MS);
        await proxy.repair();
      }
      (await createClient(config)).close();
    }
  });

  it("that never ends is ended in time", async () => {
    const client = await warmClient({ requestTimeoutMs: TIMEOUT_MS });
    for (const { rule, call: expected } of waiting) {
      for (const match of ["GET", "P"]) {
        await proxy.inject({ ...rule, match });
        const start = Date.now();
        const stuck = Object.entries(calls).filter(([name]) => table.calls[name].startsWith(match));
        await Promise.all(
          stuck.map(([name, call]) =>
            assertFailure(call(client), expected, `${rule.fault} in ${name}`),
          ),
        );
        const took = Date.now() - start;
        assert.ok(
          took >= TIMEOUT_MS - 5 && took < TIMEOUT_MS + SLACK_MS,
          `${rule.fault}: ${took} ms`,
        );
        await proxy.repair();
        await allWork(client);
      }
    }
  });
});

it("does not read an answer without end to its end", async () => {
  const client = await warmClient();
  await proxy.inject({ match: "GET", fault: "endless" });
  await assertFailure(
    client.vaults.list(),
    { name: "InvalidResponse", retryable: false },
    "an endless answer",
  );
  await proxy.repair();
  await client.vaults.list();
});

it("does not take an endless answer from a fetch of the caller's, either", async () => {
  const arrayBuffer = async () => new ArrayBuffer(MAX_RESPONSE_BYTES + 1);
  const fetch = async () => ({ status: 200, headers: new Map(), arrayBuffer });
  const expected = { name: "InvalidResponse", retryable: false };
  await assertFailure(createClient({ ...config, fetch }), expected, "a fetch's endless answer");
});

it("repeats reads as often as it is told, and writes never", async () => {
  for (const maxRetries of [undefined, 0, 1]) {
    const client = await warmClient({ maxRetries });
    for (const name of ["ItemsList", "ItemsCreate"]) {
      await proxy.inject({ match: table.calls[name], fault: "status", status: 503 });
      await proxy.takeRequests();
      await assert.rejects(calls[name](client), OpwireError);
      const sent = (await proxy.takeRequests()).filter((line) =>
        line.startsWith(table.calls[name]),
      );
      assert.equal(sent.length, name === "ItemsCreate" ? 1 : 1 + (maxRetries ?? 2));
      await proxy.repair();
    }
  }
});

it("signs in once for all calls whose session ended", async () => {
  const items = [];
  for (let n = 0; n < 20; n += 1) {
    items.push(await owner.items.create(login(vaultId, `Login ${n}`, PASSWORD)));
  }
  const client = await warmClient();
  await proxy.takeRequests();
  await proxy.inject({ match: "GET", fault: "end_session" });
  await Promise.all(items.map((item) => client.items.get(vaultId, item.id)));
  await proxy.repair();
  const requests = await proxy.takeRequests();
  assert.equal(requests.filter((line) => line.includes("/auth/start")).length, 1);
});

it("does not try refused credentials again and again", async () => {
  const client = await warmClient();
  await proxy.inject({ fault: "status", status: 401 });
  const refused = { name: "Auth", retryable: false };
  await assertFailure(client.vaults.list(), refused, "refused");
  await proxy.takeRequests();
  for (let n = 0; n < 20; n += 1) await assertFailure(client.items.list(vaultId), refused, "again");
  assert.deepEqual(await proxy.takeRequests(), []);
  await proxy.repair();
});

it("is not disturbed by a clock that is wrong by a day", async (t) => {
  const now = Date.now;
  for (const days of [-1, 1]) {
    t.mock.method(Date, "now", () => now() + days * 86_400_000);
    await allWork(await createClient(config));
    t.mock.restoreAll();
  }
});

it("names a server whose name does not resolve", async () => {
  const token = JSON.parse(Buffer.from(config.auth.slice(4), "base64url"));
  token.signInAddress = "https://no-such-host.invalid";
  const auth = `ops_${Buffer.from(JSON.stringify(token)).toString("base64url")}`;
  const expected = { name: "Network", retryable: true };
  await assertFailure(createClient({ ...config, auth }), expected, "an unknown name");
});

describe("a call that is given up in the middle of a stall", () => {
  const stalls = ["stall_before_headers", "stall_in_body"];
  const AT_ONCE_MS = 2_000;

  it("ends at once, and its connection is closed", async () => {
    const client = await warmClient();
    for (const fault of stalls) {
      for (const [name, call] of Object.entries(calls)) {
        await proxy.inject({ fault });
        const controller = new AbortController();
        const result = call(client.with({ signal: controller.signal }));
        await proxy.stalled(1);
        const start = performance.now();
        controller.abort();
        await assert.rejects(result, { name: "AbortError" }, `${fault} in ${name}`);
        assert.ok(performance.now() - start < AT_ONCE_MS, `${fault} in ${name}`);
        await proxy.stalled(0);
        await proxy.repair();
        await call(client);
      }
    }
  });

  it("by its deadline ends in time", async () => {
    const client = await warmClient();
    await proxy.inject({ fault: "stall_in_body" });
    const start = performance.now();
    await assert.rejects(client.with({ timeoutMs: 100 }).vaults.list(), { code: "Timeout" });
    assert.ok(performance.now() - start < 100 + AT_ONCE_MS);
    await proxy.stalled(0);
    await proxy.repair();
    await client.vaults.list();
  });

  it("leaves those alone that share its read", async () => {
    const client = await warmClient();
    for (const fault of stalls) {
      await proxy.inject({ match: "GET", fault });
      const controller = new AbortController();
      const first = client.with({ signal: controller.signal }).items.list(vaultId);
      await proxy.stalled(1);
      const others = [client.items.list(vaultId), client.items.list(vaultId)];
      await sleep(300);
      controller.abort();
      await assert.rejects(first, { name: "AbortError" });
      await proxy.repair();
      await Promise.all(others);
    }
  });

  it("leaves those alone that share its sign-in", async () => {
    const client = await warmClient();
    const start = { match: "POST /api/v3/auth/start", fault: "stall_before_headers" };
    await proxy.takeRequests();
    await proxy.inject({ match: "GET", fault: "end_session" }, start);
    const controller = new AbortController();
    const first = client.with({ signal: controller.signal }).vaults.list();
    await proxy.stalled(1);
    const others = [client.items.list(vaultId), client.vaults.list()];
    await sleep(300);
    controller.abort();
    await assert.rejects(first, { name: "AbortError" });
    await proxy.repair();
    await Promise.all(others);
    const requests = await proxy.takeRequests();
    assert.equal(requests.filter((line) => line.includes("/auth/start")).length, 1);
  });
});
