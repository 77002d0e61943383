// Any item that the types allow comes back from the server as it was made. OPWIRE_GENERATED says how many are tried,
// OPWIRE_SEED which.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { createClient } from "@opwire/sdk";
import { command, configuration, startServer } from "./support/server.mjs";

const { OPWIRE_SEED = "2", OPWIRE_GENERATED = "66" } = process.env;
const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));
const generator = join(dirname(command()), "opwire-items");
const options = { encoding: "utf8", maxBuffer: 1 << 30 };
const cases = JSON.parse(
  execFileSync(generator, [OPWIRE_SEED, OPWIRE_GENERATED, vaultId], options),
  (name, value) => (name === "content" && typeof value === "string" ? bytes(value) : value),
);

function bytes(base64) {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

// What is compared: all but what follows from the rest.
function shown({ fields, files, document, category, title, notes, tags, websites, sections }) {
  const all = fields.map(({ id, title, sectionId, fieldType, value, details }) => {
    const address = fieldType === "Address" ? (details?.content ?? null) : null;
    return { id, title, sectionId: sectionId ?? null, fieldType, value, address };
  });
  const attributes = (file) => file && { name: file.name, size: file.size };
  const ofFields = files.map((file) => ({ ...file, attributes: attributes(file.attributes) }));
  const others = { category, title, notes, tags, websites, sections };
  return { fields: all, files: ofFields, document: attributes(document) ?? null, ...others };
}

// The content of an item's files, a Document's own first.
function contentsOf({ id, files, document }) {
  const all = [...(document ? [document] : []), ...files.map((file) => file.attributes)];
  return Promise.all(all.map((attributes) => client.items.files.read(vaultId, id, attributes)));
}

function given({ files, document }) {
  return [...(document ? [document] : []), ...files].map((file) => file.content);
}

function contents({ individualResponses }) {
  return individualResponses.map(({ content, error }) => {
    assert.equal(error, null);
    return content;
  });
}

function edit(item, { title, field, value }) {
  const fields = item.fields.map((each, at) => (at === field ? { ...each, value } : each));
  return { ...item, title, fields };
}

it("gives any item back as it was made", async () => {
  const params = cases.map((each) => each.params);
  const created = contents(await client.items.createAll(vaultId, params));
  const ids = created.map((item) => item.id);
  const got = contents(await client.items.getAll(vaultId, ids));
  assert.deepEqual(got.map(shown), created.map(shown));
  assert.deepEqual(
    got.map(shown),
    cases.map((each) => shown(each.expected)),
  );

  const puts = got.map((item, at) => client.items.put(edit(item, cases[at].edit)));
  const edited = cases.map((each) => shown(edit(each.expected, each.edit)));
  assert.deepEqual((await Promise.all(puts)).map(shown), edited);
  const again = contents(await client.items.getAll(vaultId, ids));
  assert.deepEqual(again.map(shown), edited);
  assert.deepEqual(await Promise.all(again.map(contentsOf)), params.map(given));
});
