// One scenario of ci/bench with the npm package in BENCH_PACKAGE: opwire's, or the public SDK's.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createDecipheriv, randomFillSync } from "node:crypto";

const REPEATS = 5;
const [FILE_BYTES, FILE_REPEATS] = [8 << 20, 3];
const startedMs = Number(process.env.BENCH_START_MS);
const sinceStart = () => performance.timeOrigin + performance.now() - startedMs;
const lines = process.env.BENCH_REFERENCES
  ? readFileSync(process.env.BENCH_REFERENCES, "utf8").trim().split("\n")
  : [];

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function repeated(count, work) {
  const times = [];
  for (let n = 0; n < count; n++) times.push(await timed(() => work(n)));
  return times;
}

const scenarios = {
  start: async () => [],
  one_by_one: (secrets) => {
    const again = lines.concat(lines, lines, lines);
    return repeated(again.length, (n) => secrets.resolve(again[n]));
  },
  at_once: (secrets) =>
    repeated(REPEATS, () => Promise.all(lines.map((line) => secrets.resolve(line)))),
  all: (secrets) => repeated(REPEATS, () => secrets.resolveAll(lines)),
};

async function bare() {
  const { url, headers } = JSON.parse(readFileSync(process.env.BENCH_REQUEST, "utf8"));
  const get = async () => {
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`status ${response.status}`);
    await response.arrayBuffer();
  };
  await get();
  return { times: await repeated(200, get) };
}

// Fetches what a vault's list is made of, and decrypts it by the platform, with nothing else done.
async function bareList() {
  const { url, headers, sessionKey, vaultKey } = JSON.parse(
    readFileSync(process.env.BENCH_LIST, "utf8"),
  );
  const open = (key, { iv, data }) => {
    const sealed = Buffer.from(data, "base64url");
    const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64url"));
    cipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  };
  const [session, vault] = [sessionKey, vaultKey].map((key) => Buffer.from(key, "base64url"));
  return repeatedFor(process.env.BENCH_SECONDS, async () => {
    const sealed = await (await fetch(url, { headers })).json();
    const { items } = JSON.parse(open(session, sealed));
    for (const { encOverview } of items) open(vault, encOverview);
    return items.length;
  });
}

async function list() {
  const client = await signIn();
  const run = async () => (await client.items.list(process.env.BENCH_VAULT)).length;
  return repeatedFor(process.env.BENCH_SECONDS, run);
}

// Documents of random bytes, each created with its item and read.
async function files() {
  const client = await signIn();
  const vaultId = lines[0].split("/")[2];
  const document = { name: "bench.bin", content: randomFillSync(new Uint8Array(FILE_BYTES)) };
  const params = { category: "Document", vaultId, title: "Bench", document };
  const [writes, times] = [[], []];
  for (let n = 0; n < FILE_REPEATS; n++) {
    let item, read;
    writes.push(await timed(async () => (item = await client.items.create(params))));
    const { id, document: file } = item;
    times.push(await timed(async () => (read = await client.items.files.read(vaultId, id, file))));
    if (Buffer.compare(read, document.content) !== 0) throw new Error("other bytes came back");
    await client.items.delete(vaultId, id);
  }
  return { writes, times };
}

async function repeatedFor(seconds, work) {
  const items = await work();
  const times = [];
  for (
    const until = performance.now() + seconds * 1000;
    performance.now() < until || times.length < 3;
  )
    times.push(await timed(work));
  return { items, times };
}

function signIn() {
  const { createClient } = createRequire(import.meta.url)(process.env.BENCH_PACKAGE);
  return createClient({
    auth: process.env.OP_SERVICE_ACCOUNT_TOKEN,
    integrationName: "Bench",
    integrationVersion: "v1.0.0",
  });
}

async function scenario(name) {
  const client = await signIn();
  const ready = sinceStart();
  await client.secrets.resolve(lines[0]);
  const first = sinceStart();
  return { ready, first, times: await scenarios[name](client.secrets) };
}

const name = process.env.BENCH_SCENARIO;
const others = { bare, list, bare_list: bareList, files };
console.log(JSON.stringify(await (others[name] ?? (() => scenario(name)))()));
