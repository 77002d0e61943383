// Environments, and a process that takes their variables, on the real server.

import assert from "node:assert/strict";
import { it } from "node:test";
import {
  BadInputError,
  createClient,
  InvalidConfigurationError,
  loadEnvironment,
  NotFoundError,
} from "@opwire/sdk";
import { configuration, startServer } from "./support/server.mjs";

const missing = "a".repeat(26);

const server = await startServer();
const client = await createClient(configuration(server));

it("reads and writes Environments", async () => {
  const { variables } = await client.environments.getVariables(server.OP_ENVIRONMENT_ID);
  assert.deepEqual(variables, [
    { name: "DEMO_MODE", value: "development", masked: false },
    { name: "DEMO_API_KEY", value: "k3y-of-the-demo", masked: true },
  ]);
  const { id } = await client.environments.create({ title: "Mine" });
  await client.environments.setVariables(id, [{ name: "A", value: "1", masked: true }]);
  await client.environments.unsetVariables(id, ["A", "B"]);
  assert.deepEqual(await client.environments.getVariables(id), { variables: [] });
  assert.ok((await client.environments.list()).some((each) => each.title === "Mine"));
  await client.environments.delete(id);
  await assert.rejects(client.environments.getVariables(server.OP_VAULT_ID), BadInputError);
});

it("puts an Environment into the process", async () => {
  const target = { DEMO_MODE: "already there" };
  const id = server.OP_ENVIRONMENT_ID;
  assert.deepEqual(await loadEnvironment(client, id, { target }), ["DEMO_API_KEY"]);
  assert.deepEqual(target, { DEMO_MODE: "already there", DEMO_API_KEY: "k3y-of-the-demo" });
  await loadEnvironment(client, id, { target, override: true });
  assert.equal(target.DEMO_MODE, "development");

  delete process.env.DEMO_API_KEY;
  await loadEnvironment(client, id);
  assert.equal(process.env.DEMO_API_KEY, "k3y-of-the-demo");
  await assert.rejects(loadEnvironment(client, missing, { target }), NotFoundError);
});

it("puts no variable into the process whose name a shell would run", async () => {
  const { id } = await client.environments.create({ title: "Hostile" });
  await client.environments.setVariables(id, [{ name: "X", value: "1", masked: false }]);
  // As another program may have written it.
  const item = await client.items.get(id, id);
  item.fields[0].title = "X; touch f #";
  await client.items.put(item);
  const target = {};
  await assert.rejects(loadEnvironment(client, id, { target }), {
    name: "InvalidConfigurationError",
    message: /X; touch f #/,
  });
  assert.deepEqual(target, {});
});
