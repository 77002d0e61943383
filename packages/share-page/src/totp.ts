// Time-based one-time passwords (RFC 6238), read as the core reads them: crates/op-core/src/plaintext/totp.rs.

import { type Bytes, fromBase32 } from "./bytes.js";

export interface Generator {
  readonly secret: Bytes;
  readonly hash: "SHA-1" | "SHA-256" | "SHA-512";
  /** The number of digits; 0 for Steam's alphabet. */
  readonly digits: number;
  /** In seconds. */
  readonly period: number;
}

export type TotpError =
  | "SecretTooShort"
  | "SecretNotBase32"
  | "NoSecret"
  | "InvalidScheme"
  | "InvalidUriHost"
  | "InvalidAlgorithm";

const STEAM_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY";
const STEAM_LENGTH = 5;
const HASHES = new Map([
  ["sha1", "SHA-1"],
  ["sha256", "SHA-256"],
  ["sha512", "SHA-512"],
] as const);

/** Reads an `otpauth://totp/` or `steam://` URL, or a bare secret in base32. */
export function parseTotp(content: string): Generator | TotpError {
  const value = withoutBlanks(content);
  const scheme = /^(.*?):\/\/(.*)$/s.exec(value);
  if (scheme === null) return withSecret(value);
  const [, name = "", rest = ""] = scheme;
  if (isSteam(name)) {
    const secret = (rest.split(/[?#]/)[0] ?? "").replace(/\/+$/, "");
    return withSecret(secret, { digits: 0 });
  }
  if (name.toLowerCase() !== "otpauth") return "InvalidScheme";
  const [, path = "", query = ""] = /^([^?]*)\??(.*)$/s.exec(rest.split("#")[0] ?? "") ?? [];
  const [, kind = "", label = ""] = /^([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (kind.toLowerCase() !== "totp" && !isSteam(kind)) return "InvalidUriHost";
  const parameter = parametersOf(query);

  const secret = parameter("secret");
  if (secret === undefined) return "NoSecret";
  const algorithm = parameter("algorithm");
  const hash = HASHES.get((algorithm ?? "sha1").toLowerCase() as "sha1");
  const number = (name: string, most: number) => {
    const text = parameter(name) ?? "";
    const number = Number(text);
    return /^\d+$/.test(text) && number >= 1 && number <= most ? number : undefined;
  };
  const issuers = [kind, decoded(label).split(":")[0], parameter("issuer"), parameter("encoder")];
  const read = withSecret(secret, {
    digits: issuers.some(isSteam) ? 0 : (number("digits", 8) ?? 6),
    period: number("period", 600) ?? 30,
    ...(hash && { hash }),
  });
  return typeof read !== "string" && hash === undefined ? "InvalidAlgorithm" : read;
}

/** Returns the code at a time in seconds. */
export async function totpCode(generator: Generator, seconds: number): Promise<string> {
  const counter = new DataView(new ArrayBuffer(8));
  const step = Math.floor(seconds / generator.period);
  counter.setUint32(0, Math.floor(step / 2 ** 32));
  counter.setUint32(4, step >>> 0);
  const how = { name: "HMAC", hash: generator.hash };
  const key = await crypto.subtle.importKey("raw", generator.secret, how, false, ["sign"]);
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter));
  let number = mac.getUint32(mac.getUint8(mac.byteLength - 1) & 15) & 0x7fffffff;
  if (generator.digits > 0) {
    return String(number % 10 ** generator.digits).padStart(generator.digits, "0");
  }
  let code = "";
  for (; code.length < STEAM_LENGTH; number = Math.floor(number / 26)) {
    code += STEAM_ALPHABET[number % 26];
  }
  return code;
}

function withSecret(text: string, rest: Partial<Generator> = {}): Generator | TotpError {
  const secret = fromBase32(text.replace(/[-=]/g, ""));
  if (secret === undefined) return "SecretNotBase32";
  if (secret.length === 0) return "SecretTooShort";
  return { secret, hash: "SHA-1", digits: 6, period: 30, ...rest };
}

function parametersOf(query: string): (name: string) => string | undefined {
  // A URL that was copied from the source of a web page has `&amp;` between the parameters.
  const pairs = query.split("&").map((pair) => /^(?:amp;)?([^=]*)=(.*)$/s.exec(pair));
  return (name) => {
    const found = pairs.find((pair) => pair?.[1]?.toLowerCase() === name);
    return found ? decoded(found[2] ?? "") : undefined;
  };
}

function isSteam(name: string | undefined): boolean {
  return name?.toLowerCase() === "steam";
}

/** Secrets and parameters are ASCII, so that other characters need not be decoded correctly. */
function decoded(part: string): string {
  const bytes = part
    .replace(/\+/g, " ")
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return withoutBlanks(bytes);
}

function withoutBlanks(text: string): string {
  return text.replace(/[\s\u0085\u200b]/g, "");
}
