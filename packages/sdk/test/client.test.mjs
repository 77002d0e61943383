// A client against the real server.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AuthError,
  createClient,
  InvalidConfigurationError,
  ClientClosedError,
  OpwireError,
  NotFoundError,
  ResolvingSecretReferenceError,
} from "@opwire/sdk";
import { startFaultProxy } from "./support/faults.mjs";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

describe("reading and writing", () => {
  it("lists vaults, with times as dates", async () => {
    const vaults = await client.vaults.list();
    const development = vaults.find((vault) => vault.id === vaultId);
    assert.equal(development.title, "Development");
    assert.ok(
      development.createdAt instanceof Date && !Number.isNaN(development.createdAt.getTime()),
    );
    assert.deepEqual((await client.vaults.getOverview(vaultId)).title, "Development");
  });

  it("gives back the item that it created", async () => {
    const created = await client.items.create(login(vaultId, "Round trip £ 🔑", "pässwort"));
    const item = await client.items.get(vaultId, created.id);
    assert.deepEqual(item, created);
    assert.equal(item.fields.find((field) => field.id === "password").value, "pässwort");
    assert.ok(item.updatedAt instanceof Date);
    const overviews = await client.items.list(vaultId);
    assert.ok(
      overviews.some((overview) => overview.id === item.id && overview.createdAt instanceof Date),
    );
  });

  it("leaves texts that look like times alone", async () => {
    const time = "2024-01-01T00:00:00Z";
    const created = await client.items.create(login(vaultId, time, time));
    const item = await client.items.get(vaultId, created.id);
    assert.equal(item.title, time);
    assert.equal(item.fields.find((field) => field.id === "password").value, time);
  });

  it("filters by state", async () => {
    const archived = { type: "ByState", content: { active: false, archived: true } };
    assert.deepEqual(await client.items.list(vaultId, archived), []);
  });

  it("resolves references, one and many", async () => {
    await client.items.create(login(vaultId, "Resolved", "swordfish"));
    const reference = "op://Development/Resolved/password";
    assert.equal(await client.secrets.resolve(reference), "swordfish");
    const missing = "op://Development/Nowhere/password";
    const { individualResponses } = await client.secrets.resolveAll([reference, missing]);
    assert.equal(individualResponses[reference].content.secret, "swordfish");
    assert.equal(individualResponses[missing].error.type, "itemNotFound");
  });

  it("serves 100 calls at once", async () => {
    const item = await client.items.create(login(vaultId, "Busy", "bee"));
    const calls = Array.from({ length: 100 }, (_, i) => {
      if (i % 3 === 0) return client.vaults.list().then((vaults) => vaults.length > 0);
      if (i % 3 === 1)
        return client.items.get(vaultId, item.id).then(({ title }) => title === "Busy");
      return client.secrets
        .resolve(`op://${vaultId}/${item.id}/password`)
        .then((secret) => secret === "bee");
    });
    assert.ok((await Promise.all(calls)).every((ok) => ok));
  });
});

describe("failures", () => {
  it("are typed, and leave the client usable", async () => {
    await assert.rejects(client.secrets.resolve("op://Development/Nowhere/password"), (error) => {
      assert.ok(error instanceof ResolvingSecretReferenceError && error instanceof OpwireError);
      assert.ok(error instanceof Error && error.code === "ResolvingSecretReference");
      assert.equal(error.name, "ResolvingSecretReferenceError");
      assert.equal(error.retryable, false);
      return true;
    });
    await assert.rejects(client.vaults.getOverview("x"), InvalidConfigurationError);
    await assert.rejects(
      client.items.list(vaultId, { type: "ByState", content: { active: 1 } }),
      (error) => {
        assert.match(error.field, /filters\[0\]/);
        return true;
      },
    );
    assert.ok((await client.vaults.list()).length > 0);
  });

  it("say that a sign-in was refused, without the token", async () => {
    const token = JSON.parse(Buffer.from(server.OP_SERVICE_ACCOUNT_TOKEN.slice(4), "base64url"));
    const wrong = { ...token, srpX: "1".repeat(64) };
    const auth = `ops_${Buffer.from(JSON.stringify(wrong)).toString("base64url")}`;
    await assert.rejects(createClient({ ...configuration(server), auth }), (error) => {
      assert.ok(error instanceof AuthError);
      assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(token.srpX));
      return true;
    });
  });

  it("refuse calls on a closed client", async () => {
    const closed = await createClient(configuration(server));
    const view = closed.with({ timeoutMs: 60_000 });
    const underWay = closed.vaults.list();
    closed.close();
    closed.close();
    assert.ok((await underWay).length > 0);
    await assert.rejects(closed.vaults.list(), ClientClosedError);
    await assert.rejects(view.vaults.list(), /the client is closed/);
  });
});

it("remembers what it was told to, and forgets what it writes", async () => {
  const [reference, secret] = ["op://Development/Example/password", "correct-horse-battery"];
  const proxy = await startFaultProxy(server);
  const caching = await createClient({ ...configuration(proxy.env), cache: { staleMs: 60_000 } });
  assert.equal(await caching.secrets.resolve(reference), secret);
  await proxy.takeRequests();
  for (let i = 0; i < 3; i++) assert.equal(await caching.secrets.resolve(reference), secret);
  assert.deepEqual(await proxy.takeRequests(), []);
  const item = await caching.items.create(login(vaultId, "Cached", "hunter2"));
  const got = await caching.items.get(vaultId, item.id);
  await proxy.takeRequests();
  assert.deepEqual(await caching.items.get(vaultId, item.id), got);
  assert.deepEqual(await proxy.takeRequests(), []);
  const put = await caching.items.put({ ...got, title: "Cached anew" });
  assert.deepEqual(await caching.items.get(vaultId, item.id), put);
  await caching.items.delete(vaultId, item.id);
  await assert.rejects(caching.items.get(vaultId, item.id), NotFoundError);
  await assert.rejects(
    createClient({ ...configuration(server), cache: { maxEntries: 0 } }),
    (error) => error.field === "cache.maxEntries",
  );
});

it("tells the limits as the server says them", async () => {
  const headers = {};
  const spoken = await createClient({
    ...configuration(server),
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      const told = new Headers([...answer.headers, ...Object.entries(headers)]);
      return new Response(await answer.arrayBuffer(), { status: answer.status, headers: told });
    },
  });
  await spoken.vaults.list();
  assert.equal((await spoken.account.rateLimit()).reads ?? undefined, undefined);
  headers["ratelimit-policy"] = '"reads";q=100;w=3600';
  headers["ratelimit"] = '"reads";r=7;t=1800';
  await spoken.vaults.list();
  const { reads } = await spoken.account.rateLimit();
  assert.deepEqual([reads.limit, reads.remaining], [100, 7]);
  assert.ok(reads.resetsAt > new Date(Date.now() + 1_500_000));
});
