// Cancellation, time limits and an injected fetch.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClient, NetworkError, TimeoutError } from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();

/** A fetch that can be told to leave requests unanswered, and knows which of those were aborted. */
function stallingFetch() {
  const state = { requests: 0, stalled: 0, aborted: 0, stalling: false };
  state.fetch = (url, init) => {
    state.requests += 1;
    if (!state.stalling) return fetch(url, init);
    state.stalled += 1;
    return new Promise((_, reject) => {
      init.signal.addEventListener("abort", () => {
        state.aborted += 1;
        reject(init.signal.reason);
      });
    });
  };
  return state;
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("takes a time limit that no timer could", async () => {
  const client = await createClient(configuration(server));
  for (const timeoutMs of [2 ** 31, Number.MAX_SAFE_INTEGER, Infinity])
    assert.ok((await client.with({ timeoutMs }).vaults.list()).length > 0);
});

describe("an aborted call", () => {
  it("rejects at once with an AbortError, aborts its request, and leaves the client usable", async () => {
    const network = stallingFetch();
    const client = await createClient({ ...configuration(server), fetch: network.fetch });
    network.stalling = true;
    const controller = new AbortController();
    const call = client.with({ signal: controller.signal }).items.list(server.OP_VAULT_ID);
    await until(() => network.stalled > 0);
    controller.abort();
    await assert.rejects(call, { name: "AbortError" });
    await until(() => network.aborted === network.stalled);
    network.stalling = false;
    assert.ok(Array.isArray(await client.items.list(server.OP_VAULT_ID)));
  });

  it("rejects with the reason that the caller gave", async () => {
    const client = await createClient(configuration(server));
    const reason = new Error("no longer wanted");
    const call = client.with({ signal: AbortSignal.abort(reason) }).vaults.list();
    await assert.rejects(call, reason);
    assert.ok((await client.vaults.list()).length > 0);
  });

  it("can be aborted in flight on every engine", async () => {
    const client = await createClient(configuration(server));
    const controller = new AbortController();
    const calls = Array.from({ length: 20 }, () =>
      client.with({ signal: controller.signal }).vaults.list(),
    );
    const others = Array.from({ length: 20 }, () => client.vaults.list());
    controller.abort();
    for (const call of await Promise.allSettled(calls))
      assert.equal(call.reason?.name, "AbortError");
    for (const vaults of await Promise.all(others)) assert.ok(vaults.length > 0);
  });

  it("ends a sign-in", async () => {
    const network = stallingFetch();
    network.stalling = true;
    const controller = new AbortController();
    const config = { ...configuration(server), fetch: network.fetch, signal: controller.signal };
    const client = createClient(config);
    await until(() => network.stalled > 0);
    controller.abort();
    await assert.rejects(client, { name: "AbortError" });
    await until(() => network.aborted === network.stalled);
  });
});

describe("a time limit", () => {
  it("on a call ends it as a timeout", async () => {
    const network = stallingFetch();
    const client = await createClient({ ...configuration(server), fetch: network.fetch });
    network.stalling = true;
    await assert.rejects(client.with({ timeoutMs: 50 }).items.list(server.OP_VAULT_ID), (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.equal(error.retryable, true);
      return true;
    });
    await until(() => network.aborted === network.stalled);
  });

  it("on requests ends the call as a timeout, even if fetch does not heed its signal", async () => {
    const deaf = () => new Promise(() => {});
    const config = { ...configuration(server), fetch: deaf, requestTimeoutMs: 100 };
    await assert.rejects(createClient(config), TimeoutError);
  });
});

describe("an injected fetch", () => {
  it("sends every request, and need not return the platform's own Response", async () => {
    let requests = 0;
    const client = await createClient({
      ...configuration(server),
      fetch: async (url, init) => {
        requests += 1;
        const response = await fetch(url, init);
        const body = await response.arrayBuffer();
        const headers = new Map(response.headers);
        return { status: response.status, headers, arrayBuffer: async () => body };
      },
    });
    const signIn = requests;
    assert.ok(signIn >= 4);
    const item = await client.items.create(login(server.OP_VAULT_ID, "Injected", "fetch"));
    assert.equal(
      await client.secrets.resolve(`op://${server.OP_VAULT_ID}/${item.id}/password`),
      "fetch",
    );
    assert.ok(requests > signIn);
  });

  it("may fail, even before it returns a promise", async () => {
    const config = configuration(server);
    const failing = () => {
      throw new Error("the proxy is gone");
    };
    await assert.rejects(createClient({ ...config, fetch: failing }), (error) => {
      assert.ok(error instanceof NetworkError);
      assert.match(error.message, /the proxy is gone/);
      assert.equal(error.retryable, true);
      return true;
    });
  });
});

it("says so when nothing listens at the sign-in address", async () => {
  const token = JSON.parse(Buffer.from(server.OP_SERVICE_ACCOUNT_TOKEN.slice(4), "base64url"));
  const elsewhere = { ...token, signInAddress: "http://127.0.0.1:9" };
  const auth = `ops_${Buffer.from(JSON.stringify(elsewhere)).toString("base64url")}`;
  await assert.rejects(createClient({ ...configuration(server), auth }), NetworkError);
});
