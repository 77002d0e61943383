// A program with the public SDK that a person's agent approves: desktop.mjs [denied | nobody].
// Says what it has checked. `denied` if the person denies it, `nobody` if no agent runs.

import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import sdk from "@1password/sdk";

const MIB = 1 << 20;
const { OPWIRE_BIN, OP_VAULT_ID } = process.env;

function signIn(account) {
  const auth = new sdk.DesktopAuth(account);
  return sdk.createClient({ auth, integrationName: "Interop", integrationVersion: "v1.0.0" });
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error.message;
  }
  return "nothing failed";
}

async function vaults(client) {
  return (await client.vaults.list()).map(({ id }) => id).sort();
}

function checked(what, ok) {
  if (!ok) {
    console.error(`JavaScript: not so: ${what}`);
    process.exit(1);
  }
  console.log(`JavaScript: ${what}`);
}

function withFile(client, content) {
  return client.items.create({
    title: "With a file",
    category: sdk.ItemCategory.Login,
    vaultId: OP_VAULT_ID,
    sections: [{ id: "", title: "" }],
    files: [{ name: "large", content, sectionId: "", fieldId: "large" }],
  });
}

async function files(client) {
  const content = new Uint8Array(Buffer.concat(Array(3).fill(randomBytes(MIB))));
  const read = ({ id, vaultId, files: [{ attributes }] }) =>
    client.items.files.read(vaultId, id, attributes);
  const item = await withFile(client, content);
  checked("a file of 3 MiB comes back", Buffer.compare(await read(item), content) === 0);
  const large = await withFile(client, new Uint8Array(Buffer.concat([content, content])));
  const error = await failure(read(large));
  checked("one of 6 MiB is refused with the limit", error.includes("a file of about 4 MiB"));
  for (const { id, vaultId } of [item, large]) await client.items.delete(vaultId, id);
}

async function denied() {
  // libuv's pool has four threads.
  const waiting = Array.from({ length: 8 }, () => failure(signIn("Acme")));
  await Promise.all([readFile(import.meta.filename), lookup("localhost")]);
  checked("while clients wait for the person, files and names are read", true);
  execFile("python3", [new URL("../deny.py", import.meta.url).pathname]);
  const errors = await Promise.all(waiting);
  const told = errors.every((error) => error.includes("the person denied it"));
  checked("a denied program is told so", told);
}

async function approved() {
  const [acme, other] = [await signIn("Acme"), await signIn("Other")];
  const [ofAcme, ofOther] = [await vaults(acme), await vaults(other)];
  const apart = ofAcme.includes(OP_VAULT_ID) && !ofAcme.some((id) => ofOther.includes(id));
  checked("each client has its own account", apart);
  const error = await failure(signIn("Zoë"));
  checked("an account that is not saved is named", error.includes("no account named Zoë"));
  await files(acme);
  execFileSync(OPWIRE_BIN, ["agent", "revoke", "--all"]);
  // A program gets three prompts a minute. The password says that they are welcome again.
  execFileSync(OPWIRE_BIN, ["agent", "unlock"]);
  const again = `${await vaults(acme)}` === `${ofAcme}`;
  checked("after the approvals have ended, calls sign in again", again);
  checked("and stay with their account", `${await vaults(other)}` === `${ofOther}`);
}

switch (process.argv[2]) {
  case "denied":
    await denied();
    break;
  case "nobody": {
    const error = await failure(signIn("Acme"));
    checked("without an agent, it is told how to start one", error.includes("with `opwire agent`"));
    break;
  }
  default:
    await approved();
}
