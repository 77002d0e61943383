// The account server, the shares on it, and a proxy that counts and breaks what passes between it and a browser.
//
// The server is `opwire server dev`, which uses SQLite. If OPWIRE_TEST_POSTGRES is the URL of a PostgreSQL server, it is
// `opwire server` over a new database there, which sends its mail as it does in production.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SMTPServer } from "smtp-server";

const READY_WITHIN_MS = 120_000;
const MAIL_WITHIN_MS = 60_000;

const root = join(import.meta.dirname, "../../../..");
const program = process.env.OPWIRE_BIN ?? join(root, "target/release/opwire");
if (!existsSync(program)) {
  throw new Error(`${program} does not exist: run ci/setup, or name the command in OPWIRE_BIN`);
}

// The server's folder is a temporary one below it, with its files, SQLite's database and the mails that it sends.
const folder = mkdtempSync(join(tmpdir(), "opwire-share-page-"));
const postgres = process.env.OPWIRE_TEST_POSTGRES && (await newDatabase());
const env = await startServer();
let sharesCreated = 0;
/** What passes between the browser and the server. */
export const proxy = await startProxy();

/** Shares items, given as `op_testkit::shares::Case`. Gives the address of each link, through the proxy. */
export async function share(...cases) {
  const output = await run(join(dirname(program), "opwire-items"), ["share", env.OP_VAULT_ID], {
    input: JSON.stringify(cases),
    env: { ...process.env, ...env },
  });
  sharesCreated += cases.length;
  return JSON.parse(output).map(({ link, uuid }) => {
    const { pathname, hash } = new URL(link);
    return { link: `${proxy.origin}${pathname}${hash}`, hash, uuid };
  });
}

/** Changes a share behind the server's back: what otherwise takes an hour, or another person. */
export async function alter({ uuid }, change) {
  await sql(`UPDATE shares SET ${change} WHERE uuid = '${uuid}'`);
}

/** Tests that all these shares were stored in the database that they should test. */
export function testDatabase() {
  it(`stored every share in ${postgres ? "PostgreSQL" : "SQLite"}`, async () => {
    assert.ok(sharesCreated > 0);
    assert.equal(Number(await sql("SELECT count(*) FROM shares")), sharesCreated);
  });
}

/** The code in the newest mail to this address. */
export async function code(email, isOld = () => false) {
  for (const start = Date.now(); Date.now() - start < MAIL_WITHIN_MS; await sleep(50)) {
    for (const file of find(".eml")) {
      const mail = readFileSync(file, "utf8");
      const digits = /^(\d{6})\r?$/m.exec(mail)?.[1];
      if (mail.includes(email) && digits && !isOld(digits)) return digits;
    }
  }
  throw new Error(`no mail with a code was sent to ${email}`);
}

/** Runs a statement, and gives its only value. */
async function sql(statement) {
  if (postgres) return psql(postgres, statement);
  const script = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60)
for row in connection.execute(sys.argv[2]): print(row[0])
connection.commit()`;
  return run("python3", ["-c", script, find("opwire.db")[0], statement]);
}

/** Creates a database, and gives its URL. */
async function newDatabase() {
  const server = process.env.OPWIRE_TEST_POSTGRES;
  const name = `share_page_${randomBytes(8).toString("hex")}`;
  await psql(server, `CREATE DATABASE ${name}`);
  return server.replace(/[^/]*$/, name);
}

function psql(url, statement) {
  const options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"];
  return run("psql", [...options, "--command", statement, url]);
}

/** Runs a program to its end, and gives what it prints. */
async function run(program, args, { input = "", env } = {}) {
  const running = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  running.stdout.on("data", (text) => (output += text));
  running.stdin.end(input);
  const [status] = await once(running, "close");
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  return output;
}

function find(end) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name));
}

async function startServer() {
  const file = join(folder, "env");
  const [command, args, variables] = postgres
    ? [join(root, "ci/dev-agent"), [file], await postgresVariables()]
    : [program, ["server", "dev", "--port", "0", "--env-file", file], {}];
  const server = spawn(command, args, { env: { ...process.env, TMPDIR: folder, ...variables } });
  let output = "";
  server.stdout.resume();
  server.stderr.on("data", (text) => (output += text));
  after(async () => {
    server.kill();
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  });
  for (const start = Date.now(); !existsSync(file); await sleep(50)) {
    if (server.exitCode !== null || Date.now() - start > READY_WITHIN_MS) {
      throw new Error(`the account server did not start:\n${output}`);
    }
  }
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
}

async function postgresVariables() {
  return {
    OPWIRE_BIN: program,
    OPWIRE_DATABASE: postgres,
    OPWIRE_SMTP_URL: `smtp://127.0.0.1:${await startMailServer()}`,
    OPWIRE_MAIL_FROM: "share@example.com",
  };
}

/** Starts a mail server that writes each mail into a file, as `opwire server dev` does. Gives its port. */
async function startMailServer() {
  let mails = 0;
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, _, done) {
      const file = createWriteStream(join(folder, `${(mails += 1)}.eml`));
      stream.pipe(file).on("finish", () => done());
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  after(() => server.close());
  return server.server.address().port;
}

async function startProxy() {
  const token = env.OP_SERVICE_ACCOUNT_TOKEN.slice("ops_".length);
  const { signInAddress } = JSON.parse(Buffer.from(token, "base64url"));
  const { hostname, port } = new URL(signInAddress);
  const state = {
    /** Requests as `METHOD path`, with the bytes of the bodies of their responses as they were sent. */
    requests: [],
    /** Whether requests of the page's program are cut. */
    isDown: false,
    /** How many responses with files are cut in the middle, and what the cut waits for. */
    cuts: 0,
    beforeCut: async () => undefined,
  };
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    if (state.isDown && url.startsWith("/api/")) return outgoing.destroy();
    const passed = request({ hostname, port, method, path: url, headers }, (response) => {
      const seen = { line: `${method} ${url}`, status: response.statusCode, bytes: 0 };
      state.requests.push(seen);
      const isCut = url.includes("/share/files/") && state.cuts > 0;
      if (isCut) state.cuts -= 1;
      const most = isCut ? Number(response.headers["content-length"]) / 2 : Infinity;
      outgoing.writeHead(response.statusCode, response.headers);
      response.on("data", (chunk) => {
        seen.bytes += chunk.length;
        outgoing.write(chunk);
        if (seen.bytes < most) return;
        response.destroy();
        state.beforeCut().finally(() => outgoing.destroy());
      });
      response.on("end", () => outgoing.end());
      response.on("error", () => undefined);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(state, { origin: `http://127.0.0.1:${server.address().port}` });
}
