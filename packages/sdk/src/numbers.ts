// Bytes as lists of numbers, which is how they pass through the public desktop app.

import { newError } from "./failure.js";

/** What {@link Attachments.add} puts in place of bytes. No text in JSON has an unescaped quotation mark after a brace. */
const REFERENCE = /\{"attachment":(\d+)\}/g;

/** Returns the JSON with the attachments that it refers to written out as lists of numbers. */
export function withNumbers(json: string, attachments: Uint8Array[]): string {
  if (attachments.length === 0) return json;
  return json.replace(REFERENCE, (reference, index) => {
    const bytes = attachments[Number(index)];
    return bytes === undefined ? reference : `[${bytes.join(",")}]`;
  });
}

/** Returns the bytes of a list of numbers. */
export function fromNumbers(value: unknown): Uint8Array {
  if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value);
  throw newError("InvalidResponse", "the response has something else where bytes are expected");
}

function isByte(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}
