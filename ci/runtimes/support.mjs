// Account servers of all kinds, tokens for them, and what a report of the scenario must say.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const TIME_LIMIT_MS = 10_000;
// Nothing listens there, and browsers do not forbid it as they do most low ports.
const CLOSED_PORT = 2;

/** The folder that has the packed package installed, and the programs beside it. ci/runtimes/run makes it. */
export const project = required("PROJECT");

const opwire = required("OPWIRE_BIN");
const valid = required("OP_SERVICE_ACCOUNT_TOKEN");
/** What every engine must resolve, as the command does. */
export const secret = execFileSync(opwire, ["read", "op://Development/Example/password"], {
  encoding: "utf8",
}).trim();

const silent = await startSilentServer();
const forbidding = await startForbiddingServer();

/** For the scenario: a token for each way that signing in ends. */
export const inputs = {
  valid,
  wrong: token({ srpX: "1".repeat(64) }),
  unreachable: token({ signInAddress: `http://127.0.0.1:${CLOSED_PORT}` }),
  silent: token({ signInAddress: silent.address }),
  silentReached: `${silent.address}/reached`,
};

/** For browsers: also the token of a server that allows no page but one elsewhere. */
export const inputsForPages = { ...inputs, forbidden: token({ signInAddress: forbidding }) };

/** Asserts what the scenario reports; its aborted request must have reached the silent server and ended there. */
export async function assertReport(report) {
  assert.match(report.pin, /^\d{6}$/);
  assert.deepEqual(report.vaults, ["Development"]);
  assert.equal(report.secret, secret);
  assertFailure(report.missing, "ResolvingSecretReferenceError");
  assertFailure(report.refused, "AuthError");
  assertFailure(report.unreachable, "NetworkError");
  assertFailure(report.aborted, "AbortError");
  await silent.emptied();
}

export function assertFailure(actual, name) {
  assert.equal(actual.name, name, actual.message);
  assert.equal(actual.isKind, true, `${name} is not an instance of its class`);
}

/** Listens on a free port of 127.0.0.1 until the tests are over. */
export async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

/** Runs a program to its end and gives the report that it prints. */
export async function reportOf(program, args) {
  const env = { ...process.env, INPUTS: JSON.stringify(inputs) };
  const running = spawn(program, args, { cwd: project, env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  running.stdout.on("data", (text) => (output += text));
  const [status] = await once(running, "close");
  assert.equal(status, 0, `${program} ended with ${status}`);
  return JSON.parse(output);
}

/** Lets every page ask, and never answers; but `/reached` is answered once a request waits. */
async function startSilentServer() {
  const underWay = new Set();
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
  const server = await listen(
    createServer(async ({ method, url }, response) => {
      if (method === "OPTIONS") return response.writeHead(204, headers).end();
      if (url === "/reached") {
        await until(() => underWay.size > 0, "no request reached the silent server");
        return response.writeHead(200, headers).end();
      }
      underWay.add(response);
      response.on("close", () => underWay.delete(response));
    }),
  );
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    emptied: () => until(() => underWay.size === 0, "an aborted request is still under way"),
  };
}

async function until(condition, otherwise) {
  for (const start = Date.now(); !condition(); await sleep(10)) {
    if (Date.now() - start > TIME_LIMIT_MS) throw new Error(otherwise);
  }
}

async function startForbiddingServer() {
  const folder = mkdtempSync(join(tmpdir(), "opwire-runtimes-"));
  const server = spawn(opwire, [
    "server",
    ...["--listen", "127.0.0.1:0"],
    ...["--data-dir", folder],
    ...["--allow-origin", "https://elsewhere.example"],
  ]);
  after(() => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  let output = "";
  for await (const text of server.stderr) {
    output += text;
    const address = /(http:\S+)\n/.exec(output)?.[1];
    if (address) {
      server.stderr.resume();
      return address;
    }
  }
  throw new Error(`the account server did not start: ${output}`);
}

function token(changes) {
  const content = JSON.parse(Buffer.from(valid.slice("ops_".length), "base64url"));
  return `ops_${Buffer.from(JSON.stringify({ ...content, ...changes })).toString("base64url")}`;
}

/** A variable of the environment, which ci/runtimes/run sets. */
export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run ci/runtimes/run`);
  return value;
}
