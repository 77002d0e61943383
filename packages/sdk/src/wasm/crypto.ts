import { currentPlatform } from "../platform.js";

// Members that describe the key's purpose are left out: WebCrypto refuses keys whose purpose it would write otherwise.
const KEY_MEMBERS = ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

/** RSA-OAEP with SHA-1, the scheme of the account protocol, by WebCrypto. */
export async function rsaOaep(
  usage: "decrypt" | "encrypt",
  jwk: string,
  data: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer> {
  const given = JSON.parse(jwk) as JsonWebKey;
  const key: JsonWebKey = {};
  for (const member of KEY_MEMBERS) if (given[member] !== undefined) key[member] = given[member];
  const algorithm = { name: "RSA-OAEP", hash: "SHA-1" };
  const { subtle } = currentPlatform().runtime.crypto;
  const imported = await subtle.importKey("jwk", key, algorithm, false, [usage]);
  return subtle[usage](algorithm, imported, data);
}

/** AES-256-GCM by WebCrypto; the tag stands after the ciphertext. */
export async function aesGcm(
  usage: "decrypt" | "encrypt",
  key: Uint8Array<ArrayBuffer>,
  iv: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer> {
  const { subtle } = currentPlatform().runtime.crypto;
  const imported = await subtle.importKey("raw", key, "AES-GCM", false, [usage]);
  return subtle[usage]({ name: "AES-GCM", iv }, imported, data);
}

/** SHA-256 by WebCrypto, which reads the data before it returns. */
export async function sha256(data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return currentPlatform().runtime.crypto.subtle.digest("SHA-256", data);
}
