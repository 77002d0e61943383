// Runs the tests once with each engine: node scripts/test.mjs [wasm|native] [FILE..]

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../test");
const given = process.argv.slice(2);
const engines = ["wasm", "native"].includes(given[0]) ? [given.shift()] : ["wasm", "native"];
const all = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
const files = given.length > 0 ? given : all.map((name) => join(folder, name));

let failed = false;
for (const engine of engines) {
  console.log(`\nengine: ${engine}`);
  const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], {
    stdio: "inherit",
    env: { ...process.env, OPWIRE_ENGINE: engine },
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
