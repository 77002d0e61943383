// References explained, and `.env` texts resolved, on the real server.

import assert from "node:assert/strict";
import { it } from "node:test";
import {
  createClient,
  InvalidConfigurationError,
  ParsingSecretReferenceError,
  Secrets,
} from "@opwire/sdk";
import { configuration, startServer } from "./support/server.mjs";

const EXAMPLE = "op://Development/Example/password";
const SECRET = "correct-horse-battery";
const missing = "a".repeat(26);

const server = await startServer();
const client = await createClient(configuration(server));

it("explains a reference without its secret", async () => {
  const explained = await client.secrets.explain(EXAMPLE);
  assert.equal(explained.problem ?? undefined, undefined);
  assert.deepEqual(
    explained.steps.map((step) => step.part),
    ["vault", "item", "field"],
  );
  assert.equal(await client.secrets.resolve(explained.idReference), SECRET);
  assert.ok(!JSON.stringify(explained).includes(SECRET));
  const missing = await client.secrets.explain("op://Development/Exampel/password");
  assert.equal(missing.problem, "no item matched the secret reference query");
  assert.equal(missing.steps[1].near[0].title, "Example");
  await assert.rejects(client.secrets.explain("nothing"), ParsingSecretReferenceError);
});

it("resolves the text of an .env file, and masks its secrets", async () => {
  const env = `PASSWORD=${EXAMPLE}\nURL=pg://u:\${PASSWORD}@\${HOST}\nGONE=op://Development/Nothing/x`;
  const answer = await client.secrets.resolveEnv(env, { HOST: "db" });
  assert.deepEqual(answer.variables, { PASSWORD: SECRET, URL: `pg://u:${SECRET}@db` });
  assert.deepEqual(Object.keys(answer.errors), ["GONE"]);
  assert.equal(answer.errors.GONE.type, "itemNotFound");
  assert.equal(
    Secrets.mask(answer.variables.URL, answer.secrets),
    "pg://u:<concealed by opwire>@db",
  );
  await assert.rejects(client.secrets.resolveEnv("A=1\nhunter2"), (error) => {
    assert.ok(error instanceof InvalidConfigurationError);
    assert.match(error.message, /line 2/);
    return error.field === "env" && !error.message.includes("hunter2");
  });
  const named = await client.secrets.resolveVariables({ "a b": EXAMPLE });
  assert.deepEqual(named.variables, { "a b": SECRET });
});
