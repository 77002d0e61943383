// Makes dist/ of src/ and of the WebAssembly module in wasm/, which ci/build-wasm puts there.
//
//   dist/esm        for browsers, workers and Deno, entry web.js, and for bundles that run on Node, entry node.js
//   dist/cjs        for Node and Bun, entry node.js; ES modules import it too, so that a program has one copy of each
//                   class, however its parts load the package
//   dist/core.wasm  for both; core.d.mts is its type where a bundler or runtime imports it

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const at = (...parts) => join(root, ...parts);

for (const file of ["core.wasm", "glue.js"]) {
  if (!existsSync(at("wasm", file))) fail(`wasm/${file} is missing; run ci/build-wasm`);
}
rmSync(at("dist"), { recursive: true, force: true });

compile("tsconfig.json");
compile("tsconfig.node.json");
compile("tsconfig.cjs.json");
writeFileSync(at("dist/esm/package.json"), '{ "type": "module" }\n');
writeFileSync(at("dist/cjs/package.json"), '{ "type": "commonjs" }\n');

const glue = readFileSync(at("wasm/glue.js"), "utf8");
writeFileSync(at("dist/esm/wasm/glue.js"), `${glue}export { instantiate };\n`);
writeFileSync(
  at("dist/cjs/wasm/glue.js"),
  `"use strict";\n${glue}exports.instantiate = instantiate;\n`,
);
copyFileSync(at("wasm/core.wasm"), at("dist/core.wasm"));
const text = readFileSync(at("wasm/core.wasm")).toString("base64");
writeFileSync(at("dist/esm/wasm/inline.js"), `export const inline = "${text}";\n`);
writeFileSync(at("dist/cjs/wasm/inline.js"), '"use strict";\nexports.inline = undefined;\n');
// In a bundle of CommonJS form import.meta.url is undefined.
writeFileSync(
  at("dist/esm/place.js"),
  `export const place = import.meta.url ?? (typeof __filename === "string" ? __filename : undefined);
export const packagedCore = undefined;
`,
);
// The path is written so that programs which collect a program's files find it.
writeFileSync(
  at("dist/cjs/place.js"),
  `"use strict";
const { join } = require("node:path");
exports.place = __filename;
exports.packagedCore = join(__dirname, "..", "core.wasm");
`,
);
writeFileSync(
  at("dist/core.d.mts"),
  `import type { WasmSource } from "./esm/engine.js";
/** A module, its bytes or its address, as the bundler or runtime has it. */
declare const wasm: WasmSource;
export default wasm;
`,
);
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(at("../..", name), at(name));

function compile(project) {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const compiler = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.tsc);
  try {
    execFileSync(process.execPath, [compiler, "--project", at(project)], { stdio: "inherit" });
  } catch {
    fail(`tsc --project ${project} failed`);
  }
}

function fail(message) {
  console.error(`build: ${message}`);
  process.exit(1);
}
