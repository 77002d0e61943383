// Items that the apps wrote, served by a real server, read as the public SDK reads them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { createClient } from "@opwire/sdk";
import { command, configuration, startServer } from "./support/server.mjs";
import { vectors } from "./support/vectors.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));
execFileSync(join(dirname(command()), "opwire-items"), ["recorded", vaultId], {
  env: { ...process.env, ...server },
});

// Without what the server and the clock decide; times as JSON has them.
function comparable(value) {
  const { fields, ...rest } = JSON.parse(JSON.stringify({ ...value, vaultId, version: 1 }));
  const of = (field) => ({ sectionId: null, details: null, ...field });
  const withoutCode = (field) =>
    field.details?.type === "Otp" ? { ...field, details: null } : field;
  return { document: null, ...rest, fields: fields?.map(of).map(withoutCode) };
}

it("reads recorded items as the public SDK does", async () => {
  const expected = vectors("recorded/vault-a.expected.json");
  const listed = new Map((await client.items.list(vaultId)).map((item) => [item.id, item]));
  for (const overview of expected.overviews) {
    assert.deepEqual(comparable(listed.get(overview.id)), comparable(overview));
  }
  for (const [id, { content }] of Object.entries(expected.items)) {
    assert.deepEqual(comparable(await client.items.get(vaultId, id)), comparable(content));
  }
});
