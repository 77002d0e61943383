// Changing, archiving and deleting items on the real server, one by one and together.

import assert from "node:assert/strict";
import { it } from "node:test";
import {
  createClient,
  InvalidConfigurationError,
  ItemBuilder,
  ItemNotActiveError,
  ItemOutdatedError,
  Items,
  NotFoundError,
} from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

it("puts an edited item back, and refuses an outdated one", async () => {
  const item = await client.items.create(login(vaultId, "Before", "old"));
  const edited = { ...item, title: "After", tags: ["edited"] };
  const put = await client.items.put(edited);
  assert.equal(put.version, item.version + 1);
  assert.deepEqual(await client.items.get(vaultId, item.id), put);
  assert.deepEqual([put.title, put.tags], ["After", ["edited"]]);
  await assert.rejects(client.items.put(edited), ItemOutdatedError);
});

it("takes null and undefined for the default, and for an empty list", async () => {
  const lists = ["fields", "sections", "tags", "websites", "files"];
  const website = { url: "https://example.com", label: "website" };
  for (const nothing of [null, undefined]) {
    const without = Object.fromEntries(
      [...lists, "notes", "document"].map((name) => [name, nothing]),
    );
    const params = { category: "Login", vaultId, title: "Nothing" };
    const empty = await client.items.create({ ...params, ...without });
    assert.deepEqual(
      lists.map((name) => empty[name]),
      [[], [], [], [], []],
    );
    const batch = await client.items.createAll(vaultId, [{ ...params, ...without }]);
    assert.equal(batch.individualResponses[0].error, null);

    const websites = [{ ...website, autofillBehavior: nothing }];
    const full = await client.items.create({
      ...login(vaultId, "Full", "x"),
      tags: ["a"],
      websites,
    });
    assert.deepEqual(full.websites, [{ ...website, autofillBehavior: "AnywhereOnWebsite" }]);
    const absent = Object.fromEntries(lists.map((name) => [name, nothing]));
    await client.items.put({ ...full, ...absent });
    const put = await client.items.get(vaultId, full.id);
    assert.deepEqual(
      lists.map((name) => put[name]),
      [[], [], [], [], []],
    );
    assert.ok((await client.vaults.list(nothing)).length > 0);
  }
});

it("archives and deletes", async () => {
  const { id } = await client.items.create(login(vaultId, "Going", "away"));
  assert.equal(await client.items.archive(vaultId, id), undefined);
  await assert.rejects(client.items.get(vaultId, id), ItemNotActiveError);
  const archived = { type: "ByState", content: { active: false, archived: true } };
  assert.ok((await client.items.list(vaultId, archived)).some((item) => item.id === id));
  assert.equal(await client.items.delete(vaultId, id), undefined);
  await assert.rejects(client.items.delete(vaultId, id), NotFoundError);
});

it("gives each item of a batch its own outcome", async () => {
  const bad = { ...login(vaultId, "Bad", "x"), tags: [""] };
  const params = [login(vaultId, "One", "1"), bad, login(vaultId, "Two", "2")];
  const { individualResponses: created } = await client.items.createAll(vaultId, params);
  assert.deepEqual(
    [created[0].content.title, created[2].content.title, created[1].error.type],
    ["One", "Two", "itemValidationError"],
  );
  assert.match(created[1].error.message, /empty tags/);

  const missing = "a".repeat(26);
  const ids = [created[2].content.id, missing, created[0].content.id];
  const { individualResponses: got } = await client.items.getAll(vaultId, ids);
  assert.deepEqual(got[0].content, created[2].content);
  assert.deepEqual(got[2].content, created[0].content);
  assert.equal(got[1].error.type, "itemNotFound");

  const { individualResponses: deleted } = await client.items.deleteAll(vaultId, ids);
  assert.deepEqual(deleted[ids[0]], { content: null, error: null });
  assert.equal(deleted[missing].error.type, "itemNotFound");
});

it("builds an item", async () => {
  const builder = (title) =>
    new ItemBuilder("Login", vaultId, title).username("ada").password("hunter2");
  const parts = { street: "1 Main St", city: "X", country: "us", zip: "1", state: "CA" };
  const params = builder("Built")
    .section("API")
    .concealed("token", "t0ken")
    .address("home", parts)
    .build();
  const item = await client.items.create(params);
  assert.equal(await client.secrets.resolve(`op://${vaultId}/${item.id}/API/token`), "t0ken");
  assert.deepEqual(item.fields[3].details, { type: "Address", content: parts });
  assert.throws(
    () => builder(" ").date("born", "yesterday").totp("code", "!").build(),
    (error) => {
      assert.ok(error instanceof InvalidConfigurationError);
      return ["no title", "invalid date format", "field 'code'"].every((part) =>
        error.message.includes(part),
      );
    },
  );
  await client.items.delete(vaultId, item.id);
});

it("compares states of an item", async () => {
  const item = await client.items.create({ ...login(vaultId, "Before", "hunter2"), notes: "hush" });
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
