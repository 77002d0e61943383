// Items of all vaults searched, on the real server.

import assert from "node:assert/strict";
import { it } from "node:test";
import { createClient, InvalidConfigurationError, ItemBuilder, NotFoundError } from "@opwire/sdk";
import { configuration, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

it("searches items", async () => {
  const params = new ItemBuilder("Login", vaultId, "Searched")
    .username("ada@js.example")
    .tag("js/tests")
    .website("https://app.js.example")
    .build();
  const item = await client.items.create(params);
  const titles = async (query) => (await client.items.search(query)).map(({ title }) => title);
  const updatedSince = new Date(Date.now() - 3_600_000);
  const fitting = { username: "ADA@js", tags: ["js"], website: "js.example", updatedSince };
  assert.deepEqual(await titles(fitting), ["Searched"]);
  assert.deepEqual(await titles({ username: "nobody" }), []);
  await assert.rejects(client.items.search({ vaultIds: ["x"] }), InvalidConfigurationError);
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
