// The packed package in what programs for Node are made with: bundles, overrides, jest, compilers of TypeScript.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { forLambda } from "./bundlers.mjs";
import { assertReport, inputs, project, reportOf, required, secret } from "./support.mjs";

const run = promisify(execFile);
const ours = required("PACKED_SDK");
const addon = required("PACKED_ADDON");
const tool = (...parts) => join(import.meta.dirname, "node_modules", ...parts);
const npm = (cwd, ...args) => execFileSync("npm", [...args, "--silent"], { cwd, stdio: "pipe" });
const install = ["install", "--offline", "--no-audit", "--no-fund"];

for (const format of ["esm", "cjs"]) {
  it(`esbuild --platform=node --format=${format}, as for Lambda`, async () => {
    await assertReport(await reportOf(process.execPath, [await forLambda(format)]));
  });
}

it("is what a dependency imports as @1password/sdk, by npm's overrides", () => {
  const { folder, dependency } = programWithDependency();
  npm(folder, ...install, dependency);
  const program = 'require("reader").read().then((secret) => process.stdout.write(secret))';
  const env = { ...process.env, OP_SERVICE_ACCOUNT_TOKEN: inputs.valid };
  const options = { cwd: folder, env, encoding: "utf8" };
  assert.equal(execFileSync(process.execPath, ["-e", program], options), secret);
});

it("jest with jsdom, fake timers and the addon, without open handles", async () => {
  const folder = join(project, "jest");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  npm(folder, ...install, ours, addon);
  cpSync(join(project, "program/jest"), folder, { recursive: true });
  const config = {
    rootDir: folder,
    testEnvironment: tool("jest-environment-jsdom"),
    transform: {},
  };
  const args = ["--detectOpenHandles", "--config", JSON.stringify(config)];
  const env = {
    ...process.env,
    OPWIRE_ENGINE: "native",
    OP_SERVICE_ACCOUNT_TOKEN: inputs.valid,
    SECRET: secret,
  };
  // It ends by itself, and would wait for a handle that is left open; jest reports to standard error.
  const options = { cwd: folder, env, timeout: 60_000 };
  const { stderr } = await run(process.execPath, [tool("jest/bin/jest.js"), ...args], options);
  assert.match(stderr, /Tests: +2 passed, 2 total/);
  assert.doesNotMatch(stderr, /open handle/i);
});

it("TypeScript 4.9, with skipLibCheck off and exactOptionalPropertyTypes", async () => {
  const options = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: "es2022",
    lib: ["es2022", "dom"],
    types: [],
  };
  for (const module of ["commonjs", "node16", "nodenext"]) {
    const compilerOptions = { ...options, module, moduleResolution: nodeOr(module) };
    const config = { compilerOptions, files: ["program/typed.ts"] };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    const args = [tool("typescript-4.9/bin/tsc"), "--project", project];
    await run(process.execPath, args).catch(({ stdout }) => assert.fail(stdout));
  }
});

const nodeOr = (module) => (module === "commonjs" ? "node" : module);

/** A program that has a package for the public SDK as its dependency, and overrides that. */
function programWithDependency() {
  const folder = join(project, "overrides");
  const reader = join(project, "program/reader");
  mkdirSync(folder);
  const overrides = { "@1password/sdk": `file:${ours}` };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, overrides }));
  const packed = npm(reader, "pack", "--pack-destination", folder).toString().trim();
  return { folder, dependency: join(folder, packed) };
}
