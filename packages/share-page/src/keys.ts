// What is derived from the secret in the link. The server sees the id, the token and the proof only.

import { type Bytes, fromBase64url, fromUtf8, toId, toUtf8 } from "./bytes.js";
import {
  ENVELOPE_ALGORITHM,
  ENVELOPE_TYPE,
  INFO,
  PASSWORD_ITERATIONS,
  SECRET_LENGTH,
} from "./generated.js";

export interface LinkKeys {
  readonly uuid: string;
  readonly token: string;
  /** Opens a share without a password. */
  readonly key: CryptoKey;
}

export interface PasswordKeys {
  /** Opens a share with this password. */
  readonly key: CryptoKey;
  /** Proves to the server that the password is known. */
  readonly proof: string;
}

/** Encrypted data, as the server sends it. */
export interface Envelope {
  readonly cty: string;
  readonly kid: string;
  readonly enc: string;
  readonly iv?: string;
  readonly data: string;
}

/**
 * Returns the fragment's secret. Mail gateways turn `#` into `%23`, and mailing tools append parameters of their own.
 */
export function secretIn(link: string): string | undefined {
  const after = (mark: string) => {
    const at = link.lastIndexOf(mark);
    return at < 0 ? undefined : link.slice(at + mark.length);
  };
  const secret = /^[\w-]*/.exec(after("#") ?? after("%23") ?? link)?.[0] ?? "";
  try {
    return fromBase64url(secret).length === SECRET_LENGTH ? secret : undefined;
  } catch {
    return undefined;
  }
}

export async function linkKeys(secret: string): Promise<LinkKeys> {
  const material = await hkdf(fromBase64url(secret));
  const [uuid, token, key] = await Promise.all([
    material(INFO.uuid, 16),
    material(INFO.token, 16),
    material(INFO.key, 32),
  ]);
  return { uuid: toId(uuid), token: toId(token), key: await openingKey(key) };
}

/**
 * Stretches the password, which takes about half a second. It is composed first (NFC), as machines write the same letters in
 * different ways.
 */
export async function passwordKeys(secret: string, password: string): Promise<PasswordKeys> {
  const bytes = fromBase64url(secret);
  const salt = await (await hkdf(bytes))(INFO.passwordSalt, 32);
  const text = await crypto.subtle.importKey(
    "raw",
    toUtf8(password.normalize("NFC")),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: PASSWORD_ITERATIONS };
  const stretched = new Uint8Array(await crypto.subtle.deriveBits(how, text, 256));
  const both = new Uint8Array(bytes.length + stretched.length);
  both.set(bytes);
  both.set(stretched, bytes.length);
  const [key, proof] = await Promise.all([
    hkdf(both).then((material) => material(INFO.key, 32)),
    hkdf(stretched).then((material) => material(INFO.passwordProof, 16)),
  ]);
  return { key: await openingKey(key), proof: toId(proof) };
}

/** Opens an envelope that is sealed with the key of the share `uuid`. Fails for any other. */
export async function openEnvelope(
  key: CryptoKey,
  uuid: string,
  envelope: Envelope,
): Promise<unknown> {
  const { cty, kid, enc, iv, data } = envelope;
  if (cty !== ENVELOPE_TYPE || kid !== uuid || enc !== ENVELOPE_ALGORITHM) {
    throw new TypeError("sealed with another key");
  }
  const how = { name: "AES-GCM", iv: fromBase64url(iv ?? "") };
  return JSON.parse(fromUtf8(await crypto.subtle.decrypt(how, key, fromBase64url(data))));
}

/** Returns a key for AES-256-GCM that can only open. */
export function openingKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
}

async function hkdf(bytes: Bytes): Promise<(info: string, length: number) => Promise<Bytes>> {
  const material = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits"]);
  return async (info, length) => {
    const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: toUtf8(info) };
    return new Uint8Array(await crypto.subtle.deriveBits(how, material, length * 8));
  };
}
