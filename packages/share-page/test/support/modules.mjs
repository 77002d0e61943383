// The page's modules, for Node, and the vectors.

import { readFileSync } from "node:fs";
import { build } from "esbuild";

// The page's dates are in the reader's kind of English.
globalThis.navigator ??= { languages: ["en-GB"] };

const source = new URL("../../src/", import.meta.url).pathname;
const contents = ["bytes", "download", "format", "item", "keys", "totp"]
  .map((name) => `export * from "./${name}.js";`)
  .join("\n");
const { outputFiles } = await build({
  stdin: { contents, resolveDir: source, loader: "ts" },
  bundle: true,
  format: "esm",
  write: false,
});
const code = Buffer.from(outputFiles[0].contents).toString("base64");

/** Everything that these modules export. */
export const page = await import(`data:text/javascript;base64,${code}`);

export function vectors(name) {
  const file = new URL(`../../../contract/vectors/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}
