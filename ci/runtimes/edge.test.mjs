// The packed package in runtimes other than Node and browsers, and packed into one file.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import { forNode, forWorkerd } from "./bundlers.mjs";
import { assertReport, inputs, project, reportOf, secret } from "./support.mjs";

const tool = (name) => join(import.meta.dirname, "node_modules/.bin", name);

const workerd = await startWorkerd(await forWorkerd());

it("workerd, without the globals of Node", async () => {
  const report = JSON.parse(await askWorkerd("/"));
  await assertReport(report);
  assert.deepEqual(report.nodeGlobals, []);
});

it("workerd, a client in a Durable Object that serves requests at once", async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => askWorkerd("/shared")));
  assert.deepEqual([...new Set(secrets)], [secret]);
});

it("Deno", async () => {
  const rights = ["--allow-net=127.0.0.1", "--allow-read=.", "--allow-env=INPUTS"];
  await assertReport(await reportOf(tool("deno"), ["run", ...rights, "program/program.js"]));
});

it("Bun", async () => {
  await assertReport(await reportOf(tool("bun"), ["program/program.js"]));
});

it("Bun, compiled into one executable", async () => {
  const executable = join(project, "compiled");
  const build = ["build", "--compile", "program/compiled.js", "--outfile", executable];
  execFileSync(tool("bun"), build, { cwd: project, stdio: "pipe" });
  await assertReport(await reportOf(executable, []));
});

it("Node, bundled into one file", async () => {
  await assertReport(await reportOf(process.execPath, [await forNode()]));
});

async function askWorkerd(path) {
  const init = { method: "POST", body: JSON.stringify(inputs) };
  const response = await fetch(new URL(path, workerd), init);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

async function startWorkerd(folder) {
  const config = join(folder, "config.capnp");
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
  modules = [
    (name = "edge.js", esModule = embed "edge.js"),
    (name = "@opwire/sdk/core.wasm", wasm = embed "core.wasm"),
  ],
  durableObjectNamespaces = [(className = "Keeper", uniqueKey = "keeper")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "KEEPER", durableObjectNamespace = "Keeper")],
);
`,
  );
  const server = spawn(tool("workerd"), ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  after(() => server.kill());
  for await (const event of server.stdio[3]) {
    const { port } = JSON.parse(event);
    server.stdio[3].resume();
    return `http://127.0.0.1:${port}`;
  }
  throw new Error("workerd did not start");
}
