// Signs in with an older version of the public SDK, and prints what it reads: run.mjs PACKAGE CALLS, of which it takes the
// token.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [name, calls] = process.argv.slice(2);
const sdk = createRequire(import.meta.url)(name);
const { token } = JSON.parse(await readFile(calls, "utf8"));
const client = await sdk.createClient({
  auth: token,
  integrationName: "Older",
  integrationVersion: "v1",
});

// Lists were iterators once.
const titles = async (list) => {
  const titles = [];
  for await (const each of list.elements ?? list) titles.push(each.title);
  return titles;
};

console.log(await client.secrets.resolve("op://Development/Example/password"));
const vault = process.env.OP_VAULT_ID;
const vaults = await (client.vaults.listAll?.() ?? client.vaults.list());
console.log((await titles(vaults)).includes("Development"));
const items = await (client.items.listAll?.(vault) ?? client.items.list(vault));
console.log((await titles(items)).includes("Example"));
