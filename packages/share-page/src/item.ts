// The plaintext of an item, read as the core reads it: crates/op-core/src/plaintext/decode.rs. A value of the wrong type
// counts as missing.

import { CATEGORIES, KINDS } from "./generated.js";

export type FieldType =
  (typeof KINDS)[keyof typeof KINDS] | "CreditCardNumber" | "Totp" | "Unsupported";

export interface Item {
  readonly title: string;
  readonly category: string;
  readonly sections: readonly Section[];
  readonly notes: string;
  readonly tags: readonly string[];
  readonly websites: readonly Website[];
  readonly files: readonly SharedFile[];
}

export interface Section {
  readonly title: string;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly id: string;
  readonly title: string;
  readonly type: FieldType;
  readonly value: string;
  readonly address?: Address | undefined;
  readonly sshKey?: SshKey | undefined;
}

export interface Address {
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  readonly country: string;
}

export interface SshKey {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly keyType: string;
}

export interface Website {
  readonly url: string;
  readonly label: string;
}

export interface SharedFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly encryptedSize: number;
  /** Base64url, like the others; empty if the item does not have it. */
  readonly key: string;
  readonly nonce: string;
  readonly hash: string;
}

/** Reads an item. The first section has the fields that are in none. */
export function readItem(templateUuid: string, overview: unknown, details: unknown): Item {
  const category = text(CATEGORIES, templateUuid) || "Item";
  const sections = list(details, "sections");
  const fields = (section: unknown) => list(section, "fields").filter(isField);
  const files = sections.flatMap(fields).filter((field) => text(field, "k") === "file");
  const document = member(details, "documentAttributes");
  return {
    title: text(overview, "title"),
    category,
    sections: [
      { title: "", fields: builtInFields(category, details) },
      ...sections.map((section) => ({
        title: text(section, "title"),
        fields: fields(section)
          .filter((field) => text(field, "k") !== "file")
          .map(readField),
      })),
    ],
    notes: text(details, "notesPlain"),
    tags: list(overview, "tags").filter((tag) => typeof tag === "string"),
    websites: websites(overview),
    files: [document, ...files.map((field) => member(field, "v"))].filter(isObject).map(readFile),
  };
}

/** Converts `YYYYMM`, or `YYMM` in this century, to year and month. */
export function yearAndMonth(value: string): [year: number, month: number] | undefined {
  const [, month = "", year = ""] = /^(\d\d)\/(\d{4})$/.exec(value) ?? [];
  return year === "" ? undefined : [Number(year), Number(month)];
}

function readField(field: unknown): Field {
  const id = text(field, "n");
  const type = fieldType(text(field, "k"), id);
  const value = member(field, "v");
  return {
    id,
    title: text(field, "t"),
    type,
    value: readValue(type, value),
    ...(type === "Address" && { address: readAddress(value) }),
    ...(type === "SshKey" && { sshKey: readSshKey(field) }),
  };
}

/** The field's id decides between types that share a kind. */
function fieldType(kind: string, id: string): FieldType {
  if (kind === "string" && id.startsWith("ccnum")) return "CreditCardNumber";
  if (kind === "concealed" && id.startsWith("TOTP")) return "Totp";
  if (kind === "gender") return "Text";
  return (text(KINDS, kind) as FieldType) || "Unsupported";
}

function readValue(type: FieldType, value: unknown): string {
  switch (type) {
    case "Unsupported":
      return "";
    case "MonthYear":
      return month(wholeNumber(value));
    case "Date":
      return date(wholeNumber(value));
    case "Address":
      return oneLine(readAddress(value));
    default:
      return typeof value === "string" ? value : "";
  }
}

/** Some programs store numbers as text. */
function wholeNumber(value: unknown): number {
  const number =
    typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : NaN;
}

function month(value: number): string {
  const [year, month] = [Math.floor(value / 100), value % 100];
  const full = year >= 0 && year <= 99 ? 2000 + year : year;
  if (!(full >= 1000 && full <= 2999 && month >= 1 && month <= 12)) return "";
  return `${String(month).padStart(2, "0")}/${full}`;
}

/** The day in UTC, whatever the time zone of the recipient. */
function date(seconds: number): string {
  const time = new Date(seconds * 1000);
  const year = time.getUTCFullYear();
  return year >= 0 && year <= 9999 ? time.toISOString().slice(0, 10) : "";
}

function readAddress(value: unknown): Address | undefined {
  if (!isObject(value)) return undefined;
  const part = (name: string) => text(value, name);
  return {
    street: part("street"),
    city: part("city"),
    state: part("state"),
    zip: part("zip"),
    country: part("country"),
  };
}

function oneLine(address: Address | undefined): string {
  if (address === undefined) return "";
  const { street, city, state, zip, country } = address;
  const place = [city, state, zip].filter(Boolean).join(" ");
  return [street, place, country].filter(Boolean).join(", ");
}

function readSshKey(field: unknown): SshKey | undefined {
  const attributes = member(member(field, "a"), "sshKeyAttributes");
  const kind = member(attributes, "keyType");
  const [algorithm, bits] = [text(kind, "t"), member(kind, "c")];
  const publicKey = text(attributes, "publicKey");
  if (publicKey === "") return undefined;
  const names: Record<string, string> = { ed25519: "Ed25519", rsa: `RSA, ${bits}-bit` };
  return {
    publicKey,
    fingerprint: text(attributes, "fingerprint"),
    keyType: names[algorithm] ?? algorithm,
  };
}

function builtInFields(category: string, details: unknown): Field[] {
  const builtIn = (id: string, value: string): Field => ({
    id,
    title: id,
    type: id === "password" ? "Concealed" : "Text",
    value,
  });
  if (category === CATEGORIES["005"]) return [builtIn("password", text(details, "password"))];
  if (category !== CATEGORIES["001"]) return [];
  return list(details, "fields")
    .filter((field) => ["username", "password"].includes(text(field, "designation")))
    .map((field) => builtIn(text(field, "designation"), text(field, "value")));
}

function websites(overview: unknown): Website[] {
  const urls = list(overview, "URLs").filter(isObject);
  if (urls.length > 0) return urls.map((url) => ({ url: text(url, "u"), label: text(url, "l") }));
  // An older member.
  const url = text(overview, "url");
  return url === "" ? [] : [{ url, label: "" }];
}

function readFile(attributes: unknown): SharedFile {
  const size = (name: string) => {
    const value = member(attributes, name);
    return typeof value === "number" && value >= 0 ? value : 0;
  };
  return {
    id: text(attributes, "documentId"),
    name: text(attributes, "fileName"),
    size: size("unencryptedSize"),
    encryptedSize: size("encryptedSize"),
    key: text(member(attributes, "encryptionKey"), "k"),
    nonce: text(attributes, "nonce"),
    hash: text(attributes, "integrityHash"),
  };
}

function isField(field: unknown): boolean {
  return typeof member(field, "n") === "string" && typeof member(field, "k") === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.prototype.hasOwnProperty.call(value, name)
    ? value[name]
    : undefined;
}

function text(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === "string" ? found : "";
}

function list(value: unknown, name: string): unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}
