// What console.log shows of results: never a secret, and nothing else differs from plain objects.

import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import { createClient, ItemBuilder, Items, Secrets } from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";

const SECRET = "correct horse battery staple";
const KEY = "JBSWY3DPEHPK3PXP";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));

const params = login(vaultId, "Printed", SECRET);
params.fields.push(
  { id: "code", title: "code", fieldType: "Totp", value: KEY },
  { id: "ccnum", title: "card", fieldType: "CreditCardNumber", value: "4242424242424242" },
);
params.notes = SECRET;
const item = await client.items.create(params);
const reference = `op://${vaultId}/${item.id}/password`;

/** All that can be printed of a value, as a log would have it. */
function printed(value) {
  return inspect({ nested: [value] }, { depth: Infinity, showHidden: true });
}

function assertHidden(value, ...secrets) {
  const text = printed(value);
  for (const secret of secrets) assert.ok(!text.includes(secret), text);
  assert.match(text, /<hidden>/);
}

it("hides values of concealed kinds, and shows the others", () => {
  const code = item.fields.find(({ fieldType }) => fieldType === "Totp").details.content.code;
  assertHidden(item, SECRET, KEY, "4242424242424242", code);
  assert.match(printed(item), /value: 'ada'/);
  assert.match(printed(item.fields[1]), /title: 'password'.*value: <hidden>/s);
  assert.match(inspect(item, { depth: 0 }), /fields: \[Array\]/);
});

it("hides by the kind that a field has when it is printed", async () => {
  const [field] = (await client.items.get(vaultId, item.id)).fields;
  assert.match(printed(field), /'ada'/);
  field.fieldType = "Concealed";
  assertHidden(field, "ada");
});

it("hides what references resolve to, also in results of many", async () => {
  assertHidden(await client.secrets.resolveAll([reference]), SECRET);
  assertHidden(await client.secrets.resolveEnv(`A=${reference}\n`, {}), SECRET);
  assertHidden(await client.secrets.resolveVariables({ A: reference }), SECRET);
  assertHidden(await client.items.getAll(vaultId, [item.id]), SECRET, KEY);
});

it("hides generated passwords, differences, and what a builder built", () => {
  const { password } = Secrets.generatePassword({ type: "Pin", parameters: { length: 12 } });
  assert.match(password, /^\d{12}$/);
  assertHidden(Secrets.generatePassword({ type: "Pin", parameters: { length: 12 } }));
  const fields = item.fields.map((field) => ({ ...field }));
  fields[1].value = "another";
  assertHidden(Items.diff(item, { ...item, fields }, true), SECRET, "another");
  const builder = new ItemBuilder("Login", vaultId, "Built").password(SECRET).notes(SECRET);
  assertHidden(builder.build(), SECRET);
  assert.ok(!printed(builder).includes(SECRET));
});

it("hides the content of files", async () => {
  const document = { name: "a.txt", content: new TextEncoder().encode(SECRET) };
  const params = { vaultId, title: "File", category: "Document", document };
  const file = await client.items.create(params);
  const content = await client.items.files.read(vaultId, file.id, file.document);
  assert.deepEqual(content, document.content);
  assert.equal(printed(content), "{ nested: [ <hidden>, [length]: 1 ] }");
});

it("hides masked variables, and shows the others", async () => {
  const { id } = await client.environments.create({ title: "Printed" });
  await client.environments.setVariables(id, [
    { name: "A", value: SECRET, masked: true },
    { name: "B", value: "shown", masked: false },
  ]);
  const variables = await client.environments.getVariables(id);
  assertHidden(variables, SECRET);
  assert.match(printed(variables), /name: 'B', value: 'shown'/);
});

it("shows nothing of a client's token", async () => {
  const own = await createClient(configuration(server));
  assert.ok(!printed(own).includes("ops_"));
  const wrong = { ...configuration(server), auth: `${server.OP_SERVICE_ACCOUNT_TOKEN}x` };
  await assert.rejects(createClient(wrong), (error) => !printed(error).includes("ops_"));
});

it("leaves results plain objects", async () => {
  const again = await client.items.get(vaultId, item.id);
  const json = JSON.parse(JSON.stringify(again.fields));
  assert.equal(json[1].value, SECRET);
  assert.deepStrictEqual(again.fields, json);
  assert.deepStrictEqual(structuredClone(again.fields), json);
  assert.deepStrictEqual({ ...again.fields[1] }, json[1]);
  assert.deepStrictEqual(Object.entries(again.fields[1]), Object.entries(json[1]));
  assert.equal(Object.getPrototypeOf(again.fields[1]), Object.prototype);
});
