// Many writes at once to one vault over a line of 60 ms: many.mjs PACKAGE CALLS, of which it takes the token. None may fail.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const WRITERS = 40;
const [name, calls] = process.argv.slice(2);
const { createClient, ItemCategory } = createRequire(import.meta.url)(name);
const { token, control } = JSON.parse(await readFile(calls, "utf8"));
const client = await createClient({
  auth: token,
  integrationName: "Many",
  integrationVersion: "v1",
});
const vault = await client.vaults.create({ title: "Many" });
const delay = (ms) =>
  fetch(`${control}/delay`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ms }),
  });
await delay(60);
try {
  const one = async (_, number) => {
    const title = `Item ${number}`;
    const item = await client.items.create({
      category: ItemCategory.SecureNote,
      vaultId: vault.id,
      title,
      notes: "",
    });
    await client.items.put({ ...item, title: `${title} renamed` });
    if (number % 2) await client.items.delete(vault.id, item.id);
  };
  await Promise.all(Array.from({ length: WRITERS }, one));
} finally {
  await delay(0);
}
const left = await client.items.list(vault.id);
if (left.length !== WRITERS / 2) throw new Error(`${left.length} items are left`);
await client.vaults.delete(vault.id);
