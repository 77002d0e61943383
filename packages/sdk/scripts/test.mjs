// Runs the tests once with each engine: node scripts/test.mjs [wasm|native|agent] [FILE..]
//
// `agent` makes the calls through a person's agent.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../test");
const given = process.argv.slice(2);
const known = ["wasm", "native", "agent"];
const engines = known.includes(given[0]) ? [given.shift()] : known;
const all = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
// Those of every method.
const METHODS = /^(environments|files|items|moves|recorded|search|secrets|shares|stored|vaults)\./;
const OF_AGENT = ["desktop.test.mjs", "desktop-app.test.mjs"];

let failed = false;
for (const engine of engines) {
  console.log(`\nengine: ${engine}`);
  const names = all.filter((name) =>
    engine === "agent" ? OF_AGENT.includes(name) || METHODS.test(name) : !OF_AGENT.includes(name),
  );
  const files = given.length > 0 ? given : names.map((name) => join(folder, name));
  const choice = engine === "agent" ? { OPWIRE_TEST_AUTH: engine } : { OPWIRE_ENGINE: engine };
  const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], {
    stdio: "inherit",
    env: { ...process.env, ...choice },
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
