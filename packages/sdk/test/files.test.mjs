// Files and documents on the real server: every byte value, a big file, and what is no bytes.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import { createClient, InvalidInvocationError, ItemCategory, NotFoundError } from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

const all = Uint8Array.from({ length: 256 }, (_, value) => value);

const document = (content) => ({
  category: ItemCategory.Document,
  vaultId,
  title: "Document",
  document: { name: "all.bin", content },
});

async function read(item, file) {
  return client.items.files.read(vaultId, item.id, file);
}

it("keeps every byte of documents and attached files", async () => {
  const params = { name: "b.bin", sectionId: "s", fieldId: "b" };
  const files = [{ ...params, content: all.slice().reverse() }];
  const item = await client.items.create({
    ...document(all),
    sections: [{ id: "s", title: "" }],
    files,
  });
  assert.deepEqual([item.document.name, item.document.size], ["all.bin", 256]);
  const content = await read(item, item.document);
  assert.ok(content instanceof Uint8Array);
  assert.deepEqual(Buffer.from(content), Buffer.from(all));
  assert.deepEqual(
    Buffer.from(await read(item, item.files[0].attributes)),
    Buffer.from(all).reverse(),
  );
  assert.deepEqual(await client.items.get(vaultId, item.id), item);
});

it("attaches, replaces and deletes", async () => {
  let item = await client.items.create(document(new Uint8Array()));
  assert.deepEqual(Buffer.from(await read(item, item.document)), Buffer.alloc(0));
  const big = randomBytes(5 << 20);
  item = await client.items.files.replaceDocument(item, { name: "big", content: big });
  assert.ok(big.equals(await read(item, item.document)));
  const attached = { name: "text", content: Buffer.from("grüße"), sectionId: "s", fieldId: "f" };
  item = await client.items.files.attach(item, attached);
  assert.equal(await client.secrets.resolve(`op://${vaultId}/${item.id}/text`), "grüße");
  const [file] = item.files;
  item = await client.items.files.delete(item, "s", "f");
  assert.deepEqual(item.files, []);
  await assert.rejects(read(item, file.attributes), /document not found in item/);
  await client.items.delete(vaultId, item.id);
  await assert.rejects(read(item, item.document), NotFoundError);
});

it("takes bytes in any form, and only the part that a view shows", async () => {
  const buffer = all.buffer.slice(0);
  for (const [content, expected] of [
    [buffer, all],
    [new Uint8Array(buffer, 10, 5), all.slice(10, 15)],
    [new DataView(buffer, 3, 2), all.slice(3, 5)],
    [Buffer.from(buffer, 250), all.slice(250)],
    [[1, 2, 255], Uint8Array.of(1, 2, 255)],
  ]) {
    const item = await client.items.create(document(content));
    assert.deepEqual(Buffer.from(await read(item, item.document)), Buffer.from(expected));
  }
});

it("does not see what the program does to its array later", async () => {
  const content = all.slice();
  const creating = client.items.create(document(content));
  await Promise.resolve();
  const item = await creating;
  content.fill(0);
  assert.deepEqual(Buffer.from(await read(item, item.document)), Buffer.from(all));
});

it("names the member that is no bytes", async () => {
  for (const content of ["text", 5, { 0: 1 }, null, undefined, [256]]) {
    await assert.rejects(client.items.create(document(content)), (error) => {
      assert.ok(error instanceof InvalidInvocationError, String(error));
      assert.match(error.field, /^params\.document\.content/);
      return true;
    });
  }
  const item = await client.items.create(login(vaultId, "Login", "x"));
  for (const params of [{}, null, { name: "a", content: "x", sectionId: "s", fieldId: "f" }]) {
    await assert.rejects(client.items.files.attach(item, params), InvalidInvocationError);
  }
});
