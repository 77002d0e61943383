import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of recorded answers of the public SDK. */
export function vectors(name) {
  const folder = join(import.meta.dirname, "../../../contract/vectors");
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

/** What is left of a recorded error text where opwire's are told from it, see docs/differences.md. */
export function recordedMessage(recorded) {
  const text = recorded.startsWith('{"name"') ? JSON.parse(recorded).message : recorded;
  return text.replace(/, please contact 1Password at .*joinslack/, "");
}
