// Shares an item as the public SDK's documentation shows, and prints what a program sees of it that no two runs tell apart:
// example.mjs PACKAGE CALLS, of which it takes the token. With OPWIRE_TEST_AUTH=agent, a person's agent approves it instead.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packageName, callsFile] = process.argv.slice(2);
const sdk = createRequire(import.meta.url)(packageName);
const byAgent = process.env.OPWIRE_TEST_AUTH === "agent";
const { token } = JSON.parse(readFileSync(callsFile, "utf8"));
const client = await sdk.createClient({
  auth: byAgent ? new sdk.DesktopAuth("Acme") : token,
  integrationName: "Example",
  integrationVersion: "v1.0.0",
});

const { id, vaultId } = await client.items.create({
  title: "Example login",
  category: sdk.ItemCategory.Login,
  vaultId: process.env.OP_VAULT_ID,
  fields: [
    {
      id: "password",
      title: "password",
      fieldType: sdk.ItemFieldType.Concealed,
      value: "a weak one",
    },
  ],
});
const item = await client.items.get(vaultId, id);
const policy = await client.items.shares.getAccountPolicy(item.vaultId, item.id);
console.log("policy:", policy);
const recipients = await client.items.shares.validateRecipients(policy, [
  "helloworld@agilebits.com",
  "agilebits.com",
]);
console.log("recipients:", recipients);
for (const params of [
  { expireAfter: sdk.ItemShareDuration.OneHour, oneTimeOnly: false, recipients },
  { expireAfter: policy.defaultExpiry, oneTimeOnly: true },
]) {
  const [page, secret] = (await client.items.shares.create(item, policy, params)).split("#");
  console.log("link:", page, secret.length);
}
await client.items.archive(vaultId, id);
await client.items.delete(vaultId, id);
