// The packed package, installed into a clean folder.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { runProgram } from "./support/run.mjs";
import { startServer } from "./support/server.mjs";

const server = await startServer();
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "opwire-package-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const npm = (args, cwd) =>
  execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const pack = (from) =>
  join(folder, JSON.parse(npm(["pack", "--json", "--pack-destination", folder], from))[0].filename);

writeFileSync(join(folder, "package.json"), '{ "private": true }');
npm(["install", "--offline", "--no-audit", "--no-fund", pack(root)], folder);

for (const name of ["first.cjs", "first.mjs"]) {
  it(`runs ${name} without the addon`, async () => {
    const file = join(folder, name);
    cpSync(join(import.meta.dirname, "programs", name), file);
    const { status, stdout, stderr } = await runProgram(
      file,
      { ...server, OPWIRE_ENGINE: "" },
      folder,
    );
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^Development$/m);
  });

  it(`says in ${name} that the addon is missing where it is asked for`, async () => {
    const env = { ...server, OPWIRE_ENGINE: "native" };
    const { status, stderr } = await runProgram(join(folder, name), env, folder);
    assert.match(stderr, /OPWIRE_ENGINE is "native", but the addon does not load/);
    assert.equal(status, 1);
  });
}

it("runs on the addon once it is installed", async () => {
  npm(["install", "--offline", "--no-audit", "--no-fund", pack(join(root, "../../node"))], folder);
  const env = { ...server, OPWIRE_ENGINE: "native" };
  const { status, stdout, stderr } = await runProgram(join(folder, "first.mjs"), env, folder);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.match(stdout, /^Development$/m);
});

it("has the types that a strict program needs, as ES module, as CommonJS, and for bundlers", () => {
  cpSync(join(import.meta.dirname, "types"), join(folder, "types"), { recursive: true });
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const strict = [
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--types",
    "node",
    "--typeRoots",
  ];
  const common = [
    ...strict,
    join(root, "node_modules/@types"),
    "--target",
    "es2022",
    "--lib",
    "es2022",
  ];
  const run = (...args) =>
    execFileSync(process.execPath, [compiler, ...common, ...args], { cwd: folder, stdio: "pipe" });
  try {
    for (const module of ["node16", "nodenext"]) {
      run("--module", module, "types/esm.mts", "types/commonjs.cts", "types/examples.mts");
    }
    run("--module", "preserve", "--lib", "es2022,dom", "types/esm.mts", "types/browser.ts");
  } catch (error) {
    assert.fail(`${error.stdout}`);
  }
});
