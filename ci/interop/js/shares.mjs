// Opens the links in the results of the run programs, as recipients do, and adds what they get: shares.mjs SERVER RESULTS...
// The links may name other hosts, as the clients that made them reached the server by other names.

import assert from "node:assert/strict";
import { randomBytes, webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const { subtle } = webcrypto;
const [server, ...files] = process.argv.slice(2);
const LINK = /^https?:\/\/.+\/s#[\w-]{43}$/;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

for (const file of files) {
  const results = JSON.parse(readFileSync(file, "utf8"));
  for (const [name, result] of Object.entries(results)) {
    const link = text(result.value);
    if (name.startsWith("share ") && LINK.test(link)) result.opened = await open(link);
  }
  writeFileSync(file, JSON.stringify(results));
}

// The text that a run program described: that for Go says which type of text it is.
function text(value) {
  return value?.$value ?? value;
}

// The plaintexts that a link gives; of a share for recipients, who are sent a code, that it is one.
async function open(link) {
  const secret = await subtle.importKey("raw", decoded(link.split("#")[1]), "HKDF", false, [
    "deriveBits",
  ]);
  const uuid = base32(await derived(secret, "share_item_uuid", 16));
  const token = base32(await derived(secret, "share_item_token", 16));
  const share = { uuid, token, ticket: base32(randomBytes(16)) };
  if ((await post("status", share)).needsEmail) return "(for recipients)";
  const { encOverview, encDetails } = await post("open", { share });
  const bytes = await derived(secret, "share_item_encryption_key", 32);
  const key = await subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
  const plain = async ({ kid, iv, data }) => {
    assert.equal(kid, uuid);
    return JSON.parse(
      Buffer.from(await subtle.decrypt({ name: "AES-GCM", iv: decoded(iv) }, key, decoded(data))),
    );
  };
  return { overview: await plain(encOverview), details: await plain(encDetails) };
}

async function derived(secret, info, bytes) {
  const salt = new Uint8Array();
  const algorithm = { name: "HKDF", hash: "SHA-256", salt, info: Buffer.from(info) };
  return Buffer.from(await subtle.deriveBits(algorithm, secret, 8 * bytes));
}

async function post(action, body) {
  const response = await fetch(`${server}/api/opwire/v1/share/${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  assert.ok(response.ok, `share/${action}: ${answer}`);
  return JSON.parse(answer);
}

function decoded(base64url) {
  return Buffer.from(base64url, "base64url");
}

function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g).map((group) => parseInt(group.padEnd(5, "0"), 2));
  return groups.map((group) => BASE32[group]).join("");
}
