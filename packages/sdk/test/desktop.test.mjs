// Clients whose calls a person's agent makes, against the real agent.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AgentUnavailableError,
  AuthorizationDeniedError,
  createClient,
  DesktopAuth,
  InvalidConfigurationError,
  PermissionDeniedError,
  TimeoutError,
} from "@opwire/sdk";
import * as web from "@opwire/sdk/web";
import { TestAgent } from "./support/agent.mjs";
import { runProgram } from "./support/run.mjs";
import { configuration, login, startServer } from "./support/server.mjs";

const server = await startServer({ agent: true });
const agent = new TestAgent(server);
const clients = [];

async function connect(scope, account = "Acme", signal = undefined) {
  const auth = new DesktopAuth(account, scope);
  const client = await createClient({ ...configuration(server), auth, signal });
  clients.push(client);
  return client;
}

function approvals() {
  return agent.run("sessions").trim().split("\n").filter(Boolean);
}

/** Unlocks the agent again. Then it also asks at once, however often it has asked before. */
function unlock() {
  agent.run("unlock");
}

beforeEach(async () => {
  await agent.start();
  unlock();
  agent.approve();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await agent.leave();
  await agent.kill();
});

it("makes calls at once by one approval", async () => {
  const [one, two] = await Promise.all([connect(), connect()]);
  const lists = await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 ? one : two).vaults.list()),
  );
  assert.ok(lists.every((vaults) => vaults.some(({ title }) => title === "Development")));
  assert.equal(approvals().length, 1);
});

it("serves two accounts in one process, each call by its own", async () => {
  const [acme, other] = [await connect(), await connect({}, "Other")];
  const titles = async (client) => (await client.vaults.list()).map(({ title }) => title);
  const [ofAcme, ofOther, again] = await Promise.all([acme, other, acme].map(titles));
  assert.ok(ofAcme.includes("Development") && !ofOther.includes("Development"));
  assert.deepEqual(again, ofAcme);
});

it("keeps programs to their scope", async () => {
  const client = await connect({ vaults: [server.OP_VAULT_ID], readOnly: true });
  assert.deepEqual(
    (await client.vaults.list()).map(({ title }) => title),
    ["Development"],
  );
  assert.equal(
    await client.secrets.resolve("op://Development/Example/password"),
    "correct-horse-battery",
  );
  await assert.rejects(
    client.items.create(login(server.OP_VAULT_ID, "New", "x")),
    PermissionDeniedError,
  );
  await assert.rejects(connect({ vaults: ["Nowhere"] }), InvalidConfigurationError);
  await assert.rejects(connect({ vaults: [] }), InvalidConfigurationError);
});

it("refuses what cannot be asked for", async () => {
  await assert.rejects(connect({}, "Nobody"), InvalidConfigurationError);
  const auth = new DesktopAuth("Acme");
  const config = { ...configuration(server), auth };
  await assert.rejects(createClient({ ...config, fetch }), { field: "fetch" });
  await assert.rejects(web.createClient({ ...config, auth: new web.DesktopAuth("Acme") }), {
    code: "InvalidConfiguration",
    field: "auth",
  });
});

it("says that the person denied it", async () => {
  await agent.leave();
  agent.denyNext();
  await assert.rejects(connect(), AuthorizationDeniedError);
  agent.approve();
});

it("signs in again once when the approval has ended, for all calls", async () => {
  const client = await connect();
  for (const end of [
    ["lock", "--keep-keys"],
    ["revoke", "--all"],
  ]) {
    agent.run(...end);
    const lists = await Promise.all(Array.from({ length: 20 }, () => client.vaults.list()));
    assert.equal(lists.length, 20);
    assert.equal(approvals().length, 1);
  }
  await agent.leave();
  agent.run("lock", "--keep-keys");
  unlock();
  agent.denyNext();
  await assert.rejects(client.vaults.list(), AuthorizationDeniedError);
  agent.approve();
});

it("withdraws the prompt when nobody waits for it any more", async () => {
  await agent.leave();
  await assert.rejects(connect({}, "Acme", AbortSignal.timeout(500)), { name: "TimeoutError" });
  agent.approve();
  const client = await connect({ readOnly: true });
  assert.equal(approvals().length, 1);

  await agent.leave();
  agent.run("revoke", "--all");
  unlock();
  const [brief, patient] = [client.with({ timeoutMs: 500 }), client.vaults.list()];
  await assert.rejects(brief.vaults.list(), TimeoutError);
  agent.approve();
  assert.ok((await patient).length > 0);

  await agent.leave();
  agent.run("revoke", "--all");
  await assert.rejects(brief.vaults.list(), TimeoutError);
  agent.approve();
  unlock();
  await connect();
  // That of the last client alone: nobody was asked about the one before any more.
  assert.equal(approvals().length, 1);
});

it("cancels a call", async () => {
  const client = await connect();
  agent.pause();
  const controller = new AbortController();
  const call = client.with({ signal: controller.signal }).vaults.list();
  await sleep(50);
  controller.abort();
  await assert.rejects(call, { name: "AbortError" });
  agent.goOn();
  assert.ok((await client.vaults.list()).length > 0);
});

it("survives the agent's end in mid-call", async () => {
  const client = await connect();
  agent.pause();
  const call = client.vaults.list();
  call.catch(() => {});
  await sleep(50);
  await agent.kill();
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof AgentUnavailableError && error.retryable);
    return true;
  });
  await agent.leave();
  await assert.rejects(client.vaults.list(), /no agent listens on .*`opwire agent`/);
  await agent.start();
  agent.approve();
  assert.ok((await client.vaults.list()).length > 0);
});

it("refuses a socket to which others have access", async () => {
  const folder = dirname(agent.socket);
  chmodSync(folder, 0o755);
  await assert.rejects(connect(), AgentUnavailableError);
  chmodSync(folder, 0o700);
  await connect();
});

const RESOLVER = `
  const { createClient, DesktopAuth } = require("@opwire/sdk");
  const auth = new DesktopAuth("Acme");
  createClient({ auth, integrationName: "Resolver", integrationVersion: "v1.0.0" })
    .then((client) => client.secrets.resolve("op://Development/Example/password"))
    .then((secret) => (globalThis.secret = secret) && console.log("ready"));
  process.stdin.resume();
`;

it("gives a program what it read, and no keys", async () => {
  const { accounts } = JSON.parse(readFileSync(join(server.OPWIRE_CONFIG_DIR, "accounts.json")));
  const { secret_key: secretKey } = accounts.find(({ name }) => name === "Acme");
  const program = spawn(process.execPath, ["-e", RESOLVER], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, OPWIRE_AGENT_SOCKET: agent.socket },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [ready] = await once(program.stdout, "data");
  assert.equal(String(ready), "ready\n");
  const found = await inMemory(program.pid, [
    "correct-horse-battery",
    server.OPWIRE_PASSWORD,
    secretKey,
    secretKey.replaceAll("-", ""),
  ]);
  program.kill();
  assert.deepEqual(found, [true, false, false, false]);
});

/** Whether each text is in what a process can write to, where its secrets would be. */
async function inMemory(pid, texts) {
  const found = texts.map(() => false);
  const memory = await open(`/proc/${pid}/mem`);
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
    if (!range || line.endsWith("[vvar]")) continue;
    const [start, end] = range.slice(1).map((address) => Number.parseInt(address, 16));
    const { buffer, bytesRead } = await memory.read(
      Buffer.alloc(end - start),
      0,
      end - start,
      start,
    );
    texts.forEach((text, i) => (found[i] ||= buffer.subarray(0, bytesRead).includes(text)));
  }
  await memory.close();
  return found;
}

it("does not keep the process alive", async () => {
  const file = join(import.meta.dirname, "programs/desktop.mjs");
  const { status, stdout, stderr } = await runProgram(file, server);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.ok(Number(stdout) > 0);
});
