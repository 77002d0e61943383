// Members that describe the key's purpose are left out: WebCrypto refuses keys whose purpose it would write otherwise.
const KEY_MEMBERS = ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

/** RSA-OAEP with SHA-1, the scheme of the account protocol, by WebCrypto. */
export async function rsaOaep(
  usage: "decrypt" | "encrypt",
  jwk: string,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const given = JSON.parse(jwk) as JsonWebKey;
  const key: JsonWebKey = {};
  for (const member of KEY_MEMBERS) if (given[member] !== undefined) key[member] = given[member];
  const algorithm = { name: "RSA-OAEP", hash: "SHA-1" };
  const imported = await crypto.subtle.importKey("jwk", key, algorithm, false, [usage]);
  return new Uint8Array(await crypto.subtle[usage](algorithm, imported, data));
}
