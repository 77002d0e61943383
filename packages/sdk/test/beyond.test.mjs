// What goes beyond the public SDK, on the real server.

import assert from "node:assert/strict";
import { it } from "node:test";
import {
  BadInputError,
  createClient,
  InvalidConfigurationError,
  ItemBuilder,
  ItemNotActiveError,
  Items,
  NotFoundError,
  ParsingSecretReferenceError,
  Secrets,
} from "@opwire/sdk";
import { startFaultProxy } from "./support/faults.mjs";
import { configuration, startServer } from "./support/server.mjs";

const EXAMPLE = "op://Development/Example/password";
const SECRET = "correct-horse-battery";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

const login = (title) =>
  new ItemBuilder("Login", vaultId, title).username("ada@js.example").password("hunter2");

it("explains a reference without its secret", async () => {
  const explained = await client.secrets.explain(EXAMPLE);
  assert.equal(explained.problem ?? undefined, undefined);
  assert.deepEqual(
    explained.steps.map((step) => step.part),
    ["vault", "item", "field"],
  );
  assert.equal(await client.secrets.resolve(explained.idReference), SECRET);
  assert.ok(!JSON.stringify(explained).includes(SECRET));
  const missing = await client.secrets.explain("op://Development/Exampel/password");
  assert.equal(missing.problem, "no item matched the secret reference query");
  assert.equal(missing.steps[1].near[0].title, "Example");
  await assert.rejects(client.secrets.explain("nothing"), ParsingSecretReferenceError);
});

it("resolves the text of an .env file, and masks its secrets", async () => {
  const env = `PASSWORD=${EXAMPLE}\nURL=pg://u:\${PASSWORD}@\${HOST}\nGONE=op://Development/Nothing/x`;
  const answer = await client.secrets.resolveEnv(env, { HOST: "db" });
  assert.deepEqual(answer.variables, { PASSWORD: SECRET, URL: `pg://u:${SECRET}@db` });
  assert.deepEqual(Object.keys(answer.errors), ["GONE"]);
  assert.equal(answer.errors.GONE.type, "itemNotFound");
  assert.equal(
    Secrets.mask(answer.variables.URL, answer.secrets),
    "pg://u:<concealed by opwire>@db",
  );
  await assert.rejects(client.secrets.resolveEnv("A=1\nhunter2"), (error) => {
    assert.ok(error instanceof InvalidConfigurationError);
    assert.match(error.message, /line 2/);
    return error.field === "env" && !error.message.includes("hunter2");
  });
  const named = await client.secrets.resolveVariables({ "a b": EXAMPLE });
  assert.deepEqual(named.variables, { "a b": SECRET });
});

it("builds, searches and compares items", async () => {
  const parts = { street: "1 Main St", city: "X", country: "us", zip: "1", state: "CA" };
  const params = login("Built by JS")
    .notes("hush")
    .tag("js/tests")
    .website("https://app.js.example")
    .section("API")
    .concealed("token", "t0ken")
    .address("home", parts)
    .build();
  const item = await client.items.create(params);
  assert.equal(await client.secrets.resolve(`op://${vaultId}/${item.id}/API/token`), "t0ken");
  assert.deepEqual(item.fields[3].details, { type: "Address", content: parts });
  assert.throws(
    () => login(" ").date("born", "yesterday").totp("code", "!").build(),
    (error) => {
      assert.ok(error instanceof InvalidConfigurationError);
      return ["no title", "invalid date format", "field 'code'"].every((part) =>
        error.message.includes(part),
      );
    },
  );

  const titles = async (query) => (await client.items.search(query)).map(({ title }) => title);
  const updatedSince = new Date(Date.now() - 3_600_000);
  const fitting = { username: "ADA@js", tags: ["js"], website: "js.example", updatedSince };
  assert.deepEqual(await titles(fitting), ["Built by JS"]);
  assert.deepEqual(await titles({ username: "nobody" }), []);
  await assert.rejects(client.items.search({ vaultIds: ["x"] }), InvalidConfigurationError);

  const after = { ...item, title: "Renamed", notes: "hushed" };
  const changes = Items.diff(item, after);
  assert.deepEqual(
    changes.map(({ path, after }) => [path, after ?? undefined]),
    [
      ["title", "Renamed"],
      ["notes", undefined],
    ],
  );
  assert.equal(Items.diff(item, after, true)[1].before, "hush");
  assert.throws(() => Items.diff(item, { ...item, id: "a".repeat(26) }), InvalidConfigurationError);
  await client.items.delete(vaultId, item.id);
});

it("gives the items of all vaults as they arrive, and can be stopped", async () => {
  const titles = [];
  for await (const item of client.searchItems()) titles.push(item.title);
  assert.ok(titles.includes("Example"));
  for await (const item of client.searchItems({ title: "example" })) {
    assert.equal(item.title, "Example");
    break;
  }
  await assert.rejects(client.searchItems({ vaultIds: ["a".repeat(26)] }).next(), NotFoundError);
  const reason = new Error("enough");
  const view = client.with({ signal: AbortSignal.abort(reason) });
  await assert.rejects(view.searchItems().next(), reason);
});

it("remembers what it was told to, and forgets what it writes", async () => {
  const proxy = await startFaultProxy(server);
  const caching = await createClient({ ...configuration(proxy.env), cache: { staleMs: 60_000 } });
  assert.equal(await caching.secrets.resolve(EXAMPLE), SECRET);
  await proxy.takeRequests();
  for (let i = 0; i < 3; i++) assert.equal(await caching.secrets.resolve(EXAMPLE), SECRET);
  assert.deepEqual(await proxy.takeRequests(), []);
  const item = await caching.items.create(login("Cached").build());
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

it("does not move an item to where it is, or to nowhere", async () => {
  const item = await client.items.create(login("Staying").build());
  await assert.rejects(client.items.move(vaultId, item.id, vaultId), BadInputError);
  await assert.rejects(client.items.move(vaultId, item.id, "a".repeat(26)), NotFoundError);
  assert.deepEqual(await client.items.get(vaultId, item.id), item);
  await client.items.delete(vaultId, item.id);
});

it("moves an item with its files", async () => {
  const target = await client.vaults.create({ title: "Target" });
  const content = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const document = { name: "all.bin", content };
  const params = { category: "Document", vaultId, title: "Moving", document };
  const item = await client.items.create(params);
  const moved = await client.items.move(vaultId, item.id, target.id);
  assert.deepEqual([moved.original, moved.problem ?? null], ["archived", null]);
  assert.deepEqual([moved.item.vaultId, moved.item.title], [target.id, "Moving"]);
  const copied = await client.items.files.read(target.id, moved.item.id, moved.item.document);
  assert.deepEqual(copied, content);
  await assert.rejects(client.items.get(vaultId, item.id), ItemNotActiveError);
  const back = await client.items.move(target.id, moved.item.id, vaultId, {
    deleteOriginal: true,
  });
  assert.equal(back.original, "deleted");
  await assert.rejects(client.items.get(target.id, moved.item.id), NotFoundError);
  await client.vaults.delete(target.id);
});
