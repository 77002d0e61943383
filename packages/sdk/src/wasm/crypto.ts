import { currentPlatform } from "../platform.js";

// Members that describe the purpose of a key are left out, because WebCrypto refuses keys that describe it differently.
const KEY_MEMBERS = ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

/** Encrypts or decrypts with RSA-OAEP and SHA-1, the scheme of the account protocol. docs/decisions/0001 says why. */
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

/** Encrypts or decrypts with AES-256-GCM. The tag follows the ciphertext. docs/decisions/0057 says why. */
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

/** Computes PBKDF2-HMAC-SHA256: 32 bytes, on another thread. */
export async function pbkdf2(
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<ArrayBuffer> {
  const { subtle } = currentPlatform().runtime.crypto;
  const imported = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, imported, 256);
}

/** Computes SHA-256. WebCrypto copies the data before it returns. */
export async function sha256(data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return currentPlatform().runtime.crypto.subtle.digest("SHA-256", data);
}
