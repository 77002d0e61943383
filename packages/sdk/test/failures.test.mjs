// What failures of the network and of callers say, with both engines and with fetch, over real sockets.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import net from "node:net";
import { after, describe, it } from "node:test";
import {
  ClientClosedError,
  createClient,
  InternalError,
  InvalidServiceAccountTokenError,
  NetworkError,
  OpwireError,
  TimeoutError,
} from "@opwire/sdk";
import { configuration, login, startServer } from "./support/server.mjs";
import { runProgram } from "./support/run.mjs";

const server = await startServer();
const token = server.OP_SERVICE_ACCOUNT_TOKEN;

/** A key, and a certificate that it has signed itself. */
const pem = execFileSync(
  "openssl",
  [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"],
    ...["-days", "1", "-keyout", "-", "-out", "-"],
  ],
  { stdio: ["ignore", "pipe", "ignore"] },
);

/** The token with another address in it. */
function tokenAt(address) {
  const payload = JSON.parse(Buffer.from(token.slice(4), "base64url").toString());
  const text = JSON.stringify({ ...payload, signInAddress: address });
  return `ops_${Buffer.from(text).toString("base64url")}`;
}

async function failureOf(promise) {
  const error = await promise.then(
    () => assert.fail("it worked"),
    (error) => error,
  );
  assert.ok(error instanceof OpwireError, error.stack);
  return error;
}

async function listening() {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  return listener;
}

const engines = {
  native: { engine: "native", options: {}, proxy: ", without a proxy" },
  "wasm by node:http": { engine: "wasm", options: {}, proxy: ", without a proxy" },
  "wasm by fetch": { engine: "wasm", options: { fetch: globalThis.fetch }, proxy: "" },
};

for (const [name, { engine, options, proxy }] of Object.entries(engines)) {
  describe(`failures: ${name}`, () => {
    const create = (config) => {
      process.env.OPWIRE_ENGINE = engine;
      const client = createClient({ ...configuration(server), ...options, ...config });
      return client.finally(() => delete process.env.OPWIRE_ENGINE);
    };
    const signInAt = (address, more) => failureOf(create({ auth: tokenAt(address), ...more }));

    it("name a server that refuses", async () => {
      const listener = await listening();
      const address = `http://127.0.0.1:${listener.address().port}`;
      listener.close();
      const error = await signInAt(address);
      assert.ok(error instanceof NetworkError);
      const start = `the account server could not be reached: ${address}${proxy}: the server refuses connections`;
      assert.ok(error.message.startsWith(start), error.message);
      const cause = error.cause.code ? error.cause : error.cause.cause;
      assert.equal(cause.code, "ECONNREFUSED");
      assert.ok(!Object.keys(error).includes("cause"));
    });

    it("tell a name that does not resolve", async () => {
      const error = await signInAt("https://account.invalid");
      assert.match(error.message, /https:\/\/account\.invalid:443.*the server does not resolve/);
      assert.ok(error.cause instanceof Error);
    });

    it("tell that a server is silent", async () => {
      const listener = await listening();
      const address = `http://127.0.0.1:${listener.address().port}`;
      const error = await signInAt(address, { requestTimeoutMs: 100 });
      listener.close();
      assert.ok(error instanceof TimeoutError);
      assert.ok(error.message.startsWith(`request timeout: ${address}`), error.message);
    });

    it("tell that a connection breaks off", async () => {
      const listener = await listening();
      listener.on("connection", (socket) => socket.destroy());
      const error = await signInAt(`http://127.0.0.1:${listener.address().port}`);
      listener.close();
      assert.match(error.message, /the connection broke off/);
    });

    it("tell that a certificate is not trusted", async () => {
      const untrusted = createSecureServer({ key: pem, cert: pem }).listen(0, "127.0.0.1");
      await once(untrusted, "listening");
      const error = await signInAt(`https://localhost:${untrusted.address().port}`);
      untrusted.close();
      assert.ok(error instanceof NetworkError);
      assert.ok(!error.retryable);
      assert.match(
        error.message,
        /TLS failed; a certificate of an authority of your own has to be/,
      );
      assert.ok(error.cause instanceof Error);
    });

    it("take a token with quotes and line ends around it", async () => {
      const client = await create({ auth: ` "${token}"\r\n` });
      client.close();
      const cut = await failureOf(create({ auth: token.slice(0, 300) }));
      assert.ok(cut instanceof InvalidServiceAccountTokenError);
      assert.match(cut.message, /please create another token: it is cut off/);
      assert.equal(cut.field, "auth");
      assert.ok(!JSON.stringify(cut).includes(token.slice(4, 40)));
    });

    it("spell fields as JavaScript does, and name the id", async () => {
      const client = await create({});
      const item = await client.items.create(login(server.OP_VAULT_ID, "Fields", "x"));
      const get = await failureOf(client.items.get("Development", item.id));
      assert.equal(get.field, "vaultId");
      assert.match(get.message, /`Development`/);
      const put = await failureOf(client.items.put({ ...item, vaultId: "Development" }));
      assert.equal(put.field, "item.vaultId");
      client.close();
    });

    it("have a name of their own after close", async () => {
      const client = await create({});
      client.close();
      const error = await failureOf(client.vaults.list());
      assert.ok(error instanceof ClientClosedError && !(error instanceof InternalError));
      assert.equal(error.code, "ClientClosed");
    });
  });
}

describe("failures behind a proxy", () => {
  it("name the proxy without its password", async () => {
    const proxy = createServer((_, response) => response.writeHead(403).end());
    proxy.on("connect", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    after(() => proxy.close());
    const { port } = proxy.address();
    // In a program of its own, for the addon reads the environment once.
    const program = new URL("./programs/first.cjs", import.meta.url).pathname;
    const { stderr } = await runProgram(program, {
      OPWIRE_ENGINE: "native",
      HTTPS_PROXY: `http://wendy:hunter2@127.0.0.1:${port}`,
      NO_PROXY: "",
      no_proxy: "",
      OP_SERVICE_ACCOUNT_TOKEN: tokenAt("https://account.invalid"),
    });
    const told = `https://account.invalid:443, through the proxy http://127.0.0.1:${port}: the proxy did not connect`;
    assert.ok(stderr.includes(told), stderr);
    assert.ok(!stderr.includes("hunter2"));
  });
});
