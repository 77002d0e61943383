const fs = require("node:fs");
const { createClient } = require("../../../packages/sdk");

async function main() {
  const start = Number(process.env.BENCH_START_MS);
  const now = () => performance.timeOrigin + performance.now();
  const references = fs.readFileSync(process.env.BENCH_REFERENCES, "utf8").trim().split("\n");
  const client = await createClient({
    auth: process.env.OP_SERVICE_ACCOUNT_TOKEN,
    integrationName: "Bench",
    integrationVersion: "v1.0.0",
  });
  const ready = now() - start;
  await client.secrets.resolve(references[0]);
  const first = now() - start;
  const times = [];
  for (const reference of references) {
    const began = performance.now();
    await client.secrets.resolve(reference);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const began = performance.now();
  await Promise.all(references.map((reference) => client.secrets.resolve(reference)));
  const fifty = performance.now() - began;
  console.log(JSON.stringify({ ready, first, warm: times[times.length >> 1], fifty }));
}

main();
