// A share for a recipient, whose code comes by a mail server with TLS and a password.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SMTPServer } from "smtp-server";

const PATIENCE_MS = 60_000;
const WENDY = "wendy@example.com";
const root = join(import.meta.dirname, "../../..");
const program = process.env.OPWIRE_BIN ?? join(root, "target/release/opwire");

const folder = mkdtempSync(join(tmpdir(), "opwire-mail-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
execFileSync(
  "openssl",
  // prettier-ignore
  ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
    "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
  { stdio: "ignore" },
);

/** Starts a mail server. Gives its port, and the next mail to arrive. */
async function startMailServer(options) {
  const waiting = [];
  const server = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(certificate),
    onAuth({ username, password }, _, done) {
      const isRight = username === "share" && password === "p@ss word";
      done(isRight ? null : new Error("wrong password"), { user: username });
    },
    onData(stream, session, done) {
      const { secure, envelope } = session;
      const to = envelope.rcptTo.map(({ address }) => address);
      const mail = { from: envelope.mailFrom.address, to, secure };
      let text = "";
      stream.on("data", (part) => (text += part));
      stream.on("end", () => {
        done();
        waiting.shift()?.({ ...mail, text });
      });
    },
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  after(() => server.close());
  return {
    port: server.server.address().port,
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push(resolve);
        setTimeout(reject, PATIENCE_MS, new Error("no mail was sent")).unref();
      }),
  };
}

/** Starts an account server that sends mail by this one, and gives the variables of its account. */
async function startAccountServer(url, name) {
  const file = join(folder, name);
  const variables = {
    OPWIRE_BIN: program,
    OPWIRE_SMTP_URL: url,
    OPWIRE_MAIL_FROM: "Acme <share@example.com>",
    SSL_CERT_FILE: certificate,
  };
  const server = spawn(join(root, "ci/dev-agent"), [file], {
    env: { ...process.env, ...variables },
    stdio: "ignore",
  });
  after(async () => {
    server.kill();
    await once(server, "exit");
  });
  for (const start = Date.now(); !existsSync(file); await sleep(50)) {
    assert.ok(server.exitCode === null && Date.now() - start < PATIENCE_MS, "it did not start");
  }
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return { ...process.env, ...Object.fromEntries(lines.map((line) => line.split(/=(.*)/s))) };
}

/** Shares an item with Wendy, who opens it with the code in the mail that `next` gives. */
async function shareWithWendy(env, next) {
  const create = ["share", "create", "Example", "--vault", "Development", "--to", WENDY];
  const link = execFileSync(program, create, { env, encoding: "utf8", stdio: "pipe" });
  const mail = next();
  const open = ["share", "open", "-", "--email", WENDY, "--yes", "--field", "password"];
  const { PATH } = process.env;
  const opening = spawn(program, open, { env: { PATH }, stdio: ["pipe", "pipe", "ignore"] });
  let output = "";
  opening.stdout.on("data", (text) => (output += text));
  opening.stdin.write(link);
  const received = await mail;
  opening.stdin.end(`${/^(\d{6})$/m.exec(received.text.replaceAll("\r", ""))[1]}\n`);
  const [status] = await once(opening, "close");
  assert.equal(status, 0);
  return { ...received, secret: output.trim() };
}

test("a code comes by a mail server with TLS from the start", async () => {
  const { port, next } = await startMailServer({ secure: true });
  const url = `smtps://share:p%40ss%20word@localhost:${port}`;
  const env = await startAccountServer(url, "smtps");
  const { secret, text, from, to } = await shareWithWendy(env, next);
  assert.equal(secret, "correct-horse-battery");
  assert.deepEqual([from, to], ["share@example.com", [WENDY]]);
  assert.match(text, /^From: "?Acme"? <share@example\.com>\r$/m);
  assert.doesNotMatch(text, /Example\b.*password|correct-horse/);
});

test("a code comes by a mail server that begins without TLS, and never in the clear", async () => {
  const { port, next } = await startMailServer({ secure: false });
  const url = `smtp://share:p%40ss%20word@localhost:${port}?tls=required`;
  const env = await startAccountServer(url, "starttls");
  const { secret, secure } = await shareWithWendy(env, next);
  assert.equal(secret, "correct-horse-battery");
  assert.equal(secure, true);
});
