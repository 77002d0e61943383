import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { command } from "./server.mjs";

/**
 * Starts `opwire-faults` in front of a server, for the tests of a file. `env` is that of the server, for clients that go
 * through the proxy.
 */
export async function startFaultProxy(server) {
  const program = join(dirname(command()), "opwire-faults");
  if (!existsSync(program)) throw new Error(`${program} does not exist: run ci/setup`);
  const folder = mkdtempSync(join(tmpdir(), "opwire-faults-"));
  const [serverEnv, envFile] = [join(folder, "server"), join(folder, "env")];
  writeFileSync(serverEnv, lines(server));
  const proxy = spawn(program, ["--server-env", serverEnv, "--env-file", envFile]);
  after(() => {
    proxy.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  while (!existsSync(envFile)) {
    if (proxy.exitCode !== null) throw new Error("the fault proxy did not start");
    await sleep(20);
  }
  const env = Object.fromEntries(
    readFileSync(envFile, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(/=(.*)/s)),
  );
  return new FaultProxy(env);
}

class FaultProxy {
  constructor(env) {
    this.env = env;
  }

  /** From now on, these rules stand, and no others. */
  async inject(...rules) {
    await this.#control("PUT", "faults", rules);
  }

  async repair() {
    await this.inject();
  }

  /** The requests since the last time, as `METHOD /path?query`. */
  async takeRequests() {
    return (await this.#control("DELETE", "requests")).json();
  }

  /** How many connections are `open`, and how many clients are `stalled`. */
  async connections() {
    return (await this.#control("GET", "connections")).json();
  }

  /** Waits until so many clients stall. */
  async stalled(count) {
    const start = Date.now();
    while ((await this.connections()).stalled !== count) {
      if (Date.now() - start > 10_000) throw new Error(`never: ${count} clients stall`);
      await sleep(5);
    }
  }

  async #control(method, path, content) {
    const init = { method, headers: { "content-type": "application/json" } };
    if (content !== undefined) init.body = JSON.stringify(content);
    const response = await fetch(`${this.env.OPWIRE_FAULTS}/${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    return response;
  }
}

function lines(env) {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
