// Items moved to another vault, on the real server.

import assert from "node:assert/strict";
import { it } from "node:test";
import { BadInputError, createClient, ItemNotActiveError, NotFoundError } from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

it("does not move an item to where it is, or to nowhere", async () => {
  const item = await client.items.create(login(vaultId, "Staying", "hunter2"));
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
