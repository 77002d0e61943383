// Clients whose calls the public desktop app makes, which ci/desktop/library/app.c plays.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AgentUnavailableError,
  createClient,
  DesktopAuth,
  DesktopSessionExpiredError,
  InternalError,
  InvalidConfigurationError,
  InvalidResponseError,
  OpwireError,
  RateLimitExceededError,
  Secrets,
  TimeoutError,
} from "@opwire/sdk";
import { RETRYABLE } from "../dist/cjs/node-app-messages.js";
import { fromNumbers, withNumbers } from "../dist/cjs/numbers.js";
import { atItsPlace, buildLibrary, requests } from "./support/app.mjs";
import { command, configuration, startServer } from "./support/server.mjs";

const REFERENCE = "op://vault/item/field";
const { library, log } = buildLibrary();
const folder = dirname(library);
// No agent listens there.
process.env.OPWIRE_AGENT_SOCKET = join(folder, "agent.sock");

function connect(account, options = {}, config = {}) {
  return createClient({
    auth: new DesktopAuth(account, { library, ...options }),
    integrationName: "opwire tests",
    integrationVersion: "v1.0.0",
    ...config,
  });
}

it("signs in and makes calls, each by its own account", async () => {
  const [one, two] = await Promise.all([connect("One"), connect("Two")]);
  const answers = [one, two, one].map((client) => client.secrets.resolve(REFERENCE));
  assert.deepEqual(await Promise.all(answers), [
    "One by client 1",
    "Two by client 1",
    "One by client 1",
  ]);
  const config = JSON.parse(requests(log, "One")[0].payload);
  assert.equal(config.programmingLanguage, "JS");
  assert.equal(config.integrationName, "opwire tests");
  assert.ok(!("accountName" in config) && !("vaults" in config));
  // Those that the core requires, all of them texts.
  assert.equal(Object.values(config).filter((value) => typeof value === "string").length, 9);
});

it("takes answers in base64 too", async () => {
  const client = await connect("base64");
  assert.equal(await client.secrets.resolve(REFERENCE), "base64 by client 1");
});

it("passes bytes as numbers, in both directions", async () => {
  const client = await connect("Files");
  const read = await client.items.files.read("v", "i", { name: "a", id: "f", size: 5 });
  assert.deepEqual(read, new Uint8Array([0, 1, 127, 128, 255]));
  const content = new Uint8Array([0, 7, 255]);
  const attach = client.items.files.attach({}, { name: "a", content, sectionId: "", fieldId: "" });
  await assert.rejects(attach, /does not have this method/);
  const [, , attached] = requests(log, "Files");
  const { parameters } = JSON.parse(attached.payload).invocation.parameters;
  assert.deepEqual(parameters.file_params.content, [0, 7, 255]);
});

it("converts between bytes and numbers", () => {
  const bytes = [new Uint8Array([1, 2]), new Uint8Array()];
  const value = { a: { attachment: 0 }, b: [{ attachment: 1 }], c: { attachment: 2 } };
  assert.deepEqual(JSON.parse(withNumbers(JSON.stringify(value), bytes)), {
    a: [1, 2],
    b: [[]],
    c: { attachment: 2 },
  });
  const text = JSON.stringify({ text: '{"attachment":0} \\{"attachment":0}' });
  assert.equal(withNumbers(text, bytes), text);
  assert.deepEqual(fromNumbers([0, 255]), new Uint8Array([0, 255]));
  for (const value of [undefined, "AA==", [256], [-1], [1.5], ["1"], { 0: 1 }])
    assert.throws(() => fromNumbers(value), InvalidResponseError);
});

it("reports failures by their name", async () => {
  const failing = async (answer) => {
    const client = await connect(`error ${answer}`);
    return client.secrets.resolve(REFERENCE).then(assert.fail, (error) => error);
  };
  const limited = await failing('{"name":"RateLimitExceeded","message":"too many"}');
  assert.ok(limited instanceof RateLimitExceededError && limited.retryable);
  assert.equal(limited.message, "too many");
  const other = await failing('{"name":"SomethingNew","message":"what it is"}');
  assert.deepEqual([other.code, other.message], ["SomethingNew", "what it is"]);
  const plain = await failing("it went wrong");
  assert.ok(plain instanceof OpwireError);
  assert.deepEqual([plain.code, plain.message], ["Unknown", "it went wrong"]);
  const garbled = await connect("garbled");
  await assert.rejects(garbled.secrets.resolve(REFERENCE), InvalidResponseError);
  await assert.rejects(connect("nameless"), InvalidResponseError);
});

it("knows which failures may be retried", () => {
  const contract = join(import.meta.dirname, "../../contract/contract.json");
  const { errors } = JSON.parse(readFileSync(contract, "utf8"));
  const retryable = errors.filter((error) => error.retryable).map(({ name }) => name);
  assert.deepEqual([...RETRYABLE], retryable);
});

it("says what return codes mean", async () => {
  for (const account of ["code -2", "code -5"]) {
    const client = await connect(account);
    await assert.rejects(client.secrets.resolve(REFERENCE), (error) => {
      assert.ok(error instanceof AgentUnavailableError && error.retryable);
      assert.match(error.message, /the 1Password app cannot be reached.*Integrate with other apps/);
      return true;
    });
  }
  const client = await connect("code 7");
  await assert.rejects(client.secrets.resolve(REFERENCE), (error) => {
    assert.ok(error instanceof InternalError);
    assert.match(error.message, /return code: 7$/);
    return true;
  });
  await assert.rejects(connect("init code -2"), AgentUnavailableError);
});

it("signs in again once when the approval has ended, for all calls", async () => {
  const client = await connect("expired once");
  const calls = Array.from({ length: 20 }, () => client.secrets.resolve(REFERENCE));
  const answers = await Promise.all(calls);
  assert.ok(answers.every((answer) => answer === "expired once by client 2"));
  const kinds = requests(log, "expired once").map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === "init_client").length, 2);
});

it("repeats a call once only", async () => {
  const client = await connect("expired always");
  await assert.rejects(client.secrets.resolve(REFERENCE), (error) => {
    assert.ok(error instanceof DesktopSessionExpiredError && error.retryable);
    return true;
  });
  const kinds = requests(log, "expired always").map(({ kind }) => kind);
  assert.deepEqual(kinds, ["init_client", "invoke", "init_client", "invoke"]);
});

it("gives up when the caller does, and at the deadline", async () => {
  const client = await connect("hang");
  const signal = AbortSignal.timeout(100);
  await assert.rejects(client.with({ signal }).secrets.resolve(REFERENCE), {
    name: "TimeoutError",
  });
  await assert.rejects(client.with({ timeoutMs: 50 }).secrets.resolve(REFERENCE), TimeoutError);
  await assert.rejects(connect("init hang", {}, { signal: AbortSignal.timeout(50) }), {
    name: "TimeoutError",
  });
  await assert.rejects(connect("init hang", {}, { requestTimeoutMs: 50 }), (error) => {
    assert.ok(error instanceof TimeoutError && error.retryable);
    assert.match(error.message, /the 1Password app did not answer within 0\.05 seconds/);
    return true;
  });
});

it("ends the session of a client that is closed", async () => {
  const client = await connect("Closed");
  await client.secrets.resolve(REFERENCE);
  client.close();
  await sleep(10);
  assert.deepEqual(requests(log, "Closed").at(-1), { kind: "release_client", payload: "1" });
  await assert.rejects(client.secrets.resolve(REFERENCE), { code: "ClientClosed" });
});

it("refuses what the app cannot do", async () => {
  for (const scope of [{ vaults: ["Development"] }, { vaults: [] }, { readOnly: true }]) {
    await assert.rejects(connect("Scoped", scope), (error) => {
      assert.ok(error instanceof InvalidConfigurationError);
      assert.equal(error.field, Object.keys(scope)[0]);
      assert.match(error.message, /cannot limit a program to some vaults.*`opwire agent`/);
      return true;
    });
  }
  await assert.rejects(connect("Options", {}, { cache: true }), { field: "cache" });
  await assert.rejects(connect("Options", {}, { maxRetries: 0 }), { field: "maxRetries" });
  assert.deepEqual(requests(log, "Scoped"), []);
});

it("refuses a library that others can change, or that is none", async () => {
  const refused = async (library, pattern) => {
    await assert.rejects(connect("Acme", { library }), (error) => {
      assert.ok(error instanceof InvalidConfigurationError, error.message);
      assert.deepEqual(
        [error.field, pattern.test(error.message)],
        ["library", true],
        error.message,
      );
      return true;
    });
  };
  const copy = join(mkdirSync(join(folder, "copy"), { recursive: true }), "app.so");
  copyFileSync(library, copy);
  chmodSync(copy, 0o775);
  await refused(copy, /other users can change .*app\.so: prevent it with `chmod go-w`/);
  chmodSync(copy, 0o755);
  await connect("Acme", { library: copy });
  chmodSync(dirname(copy), 0o777);
  await refused(copy, /other users can change .*copy/);
  await refused(join(folder, "nothing.so"), /nothing\.so cannot be read: ENOENT/);
  writeFileSync(join(folder, "text.so"), "text");
  await refused(join(folder, "text.so"), /text\.so cannot be loaded/);
});

it("is named by a variable too, which the option overrides", async () => {
  process.env.OPWIRE_DESKTOP_LIBRARY = library;
  const client = await connect("Variable", { library: undefined });
  assert.equal(await client.secrets.resolve(REFERENCE), "Variable by client 1");
  process.env.OPWIRE_DESKTOP_LIBRARY = join(folder, "nothing.so");
  await connect("Variable");
  await assert.rejects(connect("Variable", { library: undefined }), InvalidConfigurationError);
  delete process.env.OPWIRE_DESKTOP_LIBRARY;
});

it("leaves methods that need no client in the core", () => {
  assert.throws(() => Secrets.validateSecretReference("nonsense"));
});

it("says where it looked when there is neither agent nor app", async () => {
  await assert.rejects(connect("Acme", { library: undefined }), (error) => {
    assert.ok(error instanceof AgentUnavailableError && error.retryable);
    assert.match(error.message, /no agent listens on .*agent\.sock.*`opwire agent`/);
    assert.match(error.message, /\/opt\/1Password\/libop_sdk_ipc_client\.so/);
    assert.equal(error.cause.code, "ENOENT");
    return true;
  });
});

const program = join(import.meta.dirname, "programs/desktop-app.mjs");

it("finds the app at its place if no agent listens", () => {
  const printed = execFileSync(atItsPlace, [process.execPath, program], { encoding: "utf8" });
  assert.equal(printed, "Acme by client 1\n");
});

it("prefers the agent, and reaches it by the library of opwire", async () => {
  const server = await startServer({ agent: true });
  const env = { ...process.env, OPWIRE_AGENT_SOCKET: server.OPWIRE_AGENT_SOCKET };
  const printed = execFileSync(atItsPlace, [process.execPath, program], { encoding: "utf8", env });
  assert.equal(printed, "correct-horse-battery\n");

  const ours = join(dirname(command()), "libop_desktop_ipc.so");
  if (!existsSync(ours)) return;
  process.env.OPWIRE_AGENT_SOCKET = server.OPWIRE_AGENT_SOCKET;
  const client = await createClient({
    ...configuration(server),
    auth: new DesktopAuth(server.OPWIRE_ACCOUNT, { library: ours }),
  });
  assert.equal(
    await client.secrets.resolve("op://Development/Example/password"),
    "correct-horse-battery",
  );
  const content = new Uint8Array(1000).map((_, at) => at);
  const item = await client.items.create({
    vaultId: server.OP_VAULT_ID,
    category: "Document",
    title: "Through the library",
    document: { name: "bytes.bin", content },
  });
  const read = await client.items.files.read(item.vaultId, item.id, item.document);
  assert.deepEqual(read, content);
  await client.items.delete(item.vaultId, item.id);
});
