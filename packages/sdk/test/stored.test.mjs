// Items as other programs store them: references give what the public SDK gives, never another value.

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

// Puts items as they stand in the vectors, and gives their ids.
function put(items) {
  const text = execFileSync(join(dirname(command()), "opwire-items"), ["put", vaultId], {
    env: { ...process.env, ...server },
    input: JSON.stringify(items),
  });
  return JSON.parse(text);
}

// What references give: the secret, or the error.
async function resolveAll(references) {
  const { individualResponses } = await client.secrets.resolveAll(references);
  return references.map((reference) => individualResponses[reference]);
}

it("resolves references into stored items", async () => {
  const { cases } = vectors("stored-items.json");
  const ids = put(cases);
  for (const [index, { why, references, websites }] of cases.entries()) {
    const keys = Object.keys(references);
    const found = await resolveAll(keys.map((key) => `op://${vaultId}/${ids[index]}/${key}`));
    const values = found.map(({ content }) => content?.secret ?? null);
    assert.deepEqual(values, Object.values(references), why);
    if (websites) {
      const item = await client.items.get(vaultId, ids[index]);
      assert.deepEqual(
        item.websites.map(({ url }) => url),
        websites,
        why,
      );
    }
  }
});

it("reads one-time passwords as they are pasted", async () => {
  const { secret, cases, steam, refused } = vectors("one-time-passwords.json");
  const plain = ({ digits, period, algorithm }) =>
    `otpauth://totp/x?secret=${secret}&digits=${digits}&period=${period}&algorithm=${algorithm}`;
  const pasted = [...cases, ...steam.contents.map((content) => ({ content })), ...refused];
  const contents = [
    ...pasted.map(({ content }) => content),
    ...cases.map(plain),
    `steam://${secret}`,
  ];
  const fields = contents.map((v, at) => ({ n: `TOTP_${at}`, t: `f${at}`, k: "concealed", v }));
  const details = { sections: [{ name: "s", title: "S", fields }] };
  const [id] = put([{ templateUuid: "001", overview: { title: "codes" }, details }]);
  const references = contents.map((_, at) => `op://${vaultId}/${id}/TOTP_${at}?attribute=otp`);
  // The codes may change within a call.
  for (let attempt = 0; ; attempt++) {
    const found = await resolveAll(references);
    const codes = found.map(({ content }) => content?.secret);
    const expected = [
      ...cases.map((_, at) => codes[pasted.length + at]),
      ...steam.contents.map(() => codes.at(-1)),
      ...refused.map(() => undefined),
    ];
    const got = codes.slice(0, pasted.length);
    if (attempt < 2 && got.some((code, at) => code !== expected[at])) continue;
    assert.deepEqual(got, expected);
    assert.deepEqual(
      codes.slice(0, cases.length).map((code) => code.length),
      cases.map(({ digits }) => digits),
    );
    assert.match(codes.at(-1), /^[2-9BCDFGHJKMNPQRTVWXY]{5}$/);
    const errors = found.slice(cases.length + steam.contents.length, pasted.length);
    assert.deepEqual(
      errors.map(({ error }) => error.message),
      refused.map(({ error }) => error),
    );
    break;
  }
});

it("reads private keys as programs store them, and says why it refuses one", async () => {
  const { publicKey, cases, refused } = vectors("ssh-keys.json");
  const create = (value) =>
    client.items.create({
      category: "SshKey",
      vaultId,
      title: "key",
      fields: [{ id: "private_key", title: "private key", fieldType: "SshKey", value }],
    });
  for (const { why, text } of cases) {
    const item = await create(text);
    assert.equal(item.fields[0].details.content.publicKey, publicKey, why);
    const reference = `op://${vaultId}/${item.id}/private key?ssh-format=openssh`;
    assert.match(await client.secrets.resolve(reference), /^-----BEGIN OPENSSH/, why);
  }
  for (const { why, text, says } of refused) {
    await assert.rejects(create(text), (error) => {
      assert.ok(error.message.includes("error parsing private key: "), why);
      assert.ok(error.message.includes(says), `${why}: ${error.message}`);
      return true;
    });
  }
});
