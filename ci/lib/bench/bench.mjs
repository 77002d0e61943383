// One scenario of ci/bench with the npm package in BENCH_PACKAGE: opwire's, or the public SDK's.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const REPEATS = 5;
const startedMs = Number(process.env.BENCH_START_MS);
const sinceStart = () => performance.timeOrigin + performance.now() - startedMs;
const lines = readFileSync(process.env.BENCH_REFERENCES, "utf8")
  .trim()
  .split("\n");

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
    repeated(REPEATS, () =>
      Promise.all(lines.map((line) => secrets.resolve(line))),
    ),
  all: (secrets) => repeated(REPEATS, () => secrets.resolveAll(lines)),
};

async function bare() {
  const { url, headers } = JSON.parse(
    readFileSync(process.env.BENCH_REQUEST, "utf8"),
  );
  const get = async () => {
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`status ${response.status}`);
    await response.arrayBuffer();
  };
  await get();
  return { times: await repeated(200, get) };
}

async function scenario(name) {
  const { createClient } = createRequire(import.meta.url)(
    process.env.BENCH_PACKAGE,
  );
  const client = await createClient({
    auth: process.env.OP_SERVICE_ACCOUNT_TOKEN,
    integrationName: "Bench",
    integrationVersion: "v1.0.0",
  });
  const ready = sinceStart();
  await client.secrets.resolve(lines[0]);
  const first = sinceStart();
  return { ready, first, times: await scenarios[name](client.secrets) };
}

const name = process.env.BENCH_SCENARIO;
console.log(JSON.stringify(await (name === "bare" ? bare() : scenario(name))));
