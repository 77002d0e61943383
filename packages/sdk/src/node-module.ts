import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { configurationError } from "./failure.js";
import { packagedCore, place } from "./place.js";
import { inline } from "./wasm/inline.js";

/**
 * Reads core.wasm from the folder of this code, from the package, or from this code itself. The folder of a bundle has
 * it if the person who made the bundle copied it there. docs/decisions/0066 says why.
 */
export function readCore(): Uint8Array<ArrayBuffer> {
  const files = [besideThisCode(), packagedCore].filter((file) => file !== undefined);
  const file = files.find((candidate) => existsSync(candidate));
  if (file !== undefined) return new Uint8Array(readFileSync(file));
  if (inline !== undefined) return new Uint8Array(Buffer.from(inline, "base64"));
  throw configurationError(
    `core.wasm is neither at ${files.join(" nor at ")}: copy it from @opwire/sdk/dist to beside the bundle, or pass it as the option "wasm", or to init()`,
    "wasm",
  );
}

function besideThisCode(): string | undefined {
  if (place === undefined) return undefined;
  return join(dirname(place.startsWith("file:") ? fileURLToPath(place) : place), "core.wasm");
}
