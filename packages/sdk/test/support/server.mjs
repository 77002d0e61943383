import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DesktopAuth } from "@opwire/sdk";

const READY_WITHIN_MS = 60_000;
const ROOT = join(import.meta.dirname, "../../../..");

/**
 * Starts `opwire server dev` for the tests of a file, and stops it after them. Gives what the server writes for
 * programs: OP_SERVICE_ACCOUNT_TOKEN and OP_VAULT_ID, the vault `Development`. With `agent`, starts `ci/dev-agent`, and
 * clients of the server's {@link configuration} make their calls through it.
 */
export async function startServer({ agent = process.env.OPWIRE_TEST_AUTH === "agent" } = {}) {
  const program = command();
  const folder = mkdtempSync(join(tmpdir(), "opwire-test-"));
  const envFile = join(folder, "env");
  const server = agent
    ? spawn(join(ROOT, "ci/dev-agent"), [envFile], { env: { ...process.env, OPWIRE_BIN: program } })
    : spawn(program, ["server", "dev", "--port", "0", "--env-file", envFile]);
  let output = "";
  server.stdout.on("data", () => {});
  server.stderr.on("data", (text) => (output += text));
  after(() => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const start = Date.now(); !existsSync(envFile); await sleep(50)) {
    if (server.exitCode !== null || Date.now() - start > READY_WITHIN_MS) {
      throw new Error(`the account server did not start:\n${output}`);
    }
  }
  const lines = readFileSync(envFile, "utf8").trim().split("\n");
  const env = Object.fromEntries(lines.map((line) => line.replace(/^export /, "").split(/=(.*)/s)));
  if (agent) process.env.OPWIRE_AGENT_SOCKET = env.OPWIRE_AGENT_SOCKET;
  return env;
}

/** The path of the opwire command. */
export function command() {
  const program = process.env.OPWIRE_BIN ?? join(ROOT, "target/release/opwire");
  if (!existsSync(program)) {
    throw new Error(`${program} does not exist: run ci/setup, or name the command in OPWIRE_BIN`);
  }
  return program;
}

/** The configuration of a client of that server. */
export function configuration(env) {
  return {
    auth: env.OPWIRE_ACCOUNT ? new DesktopAuth(env.OPWIRE_ACCOUNT) : env.OP_SERVICE_ACCOUNT_TOKEN,
    integrationName: "opwire tests",
    integrationVersion: "v1.0.0",
  };
}

/** The parameters of a Login with a user name and a password. */
export function login(vaultId, title, password) {
  return {
    vaultId,
    title,
    category: "Login",
    fields: [
      { id: "username", title: "username", fieldType: "Text", value: "ada" },
      { id: "password", title: "password", fieldType: "Concealed", value: password },
    ],
  };
}
