// The tests of a program, as jest runs them in its own globals.

const { createClient, Secrets, TimeoutError } = require("@opwire/sdk");

const configuration = {
  auth: process.env.OP_SERVICE_ACCOUNT_TOKEN,
  integrationName: "Tests",
  integrationVersion: "v1.0.0",
};

test("a client resolves a secret", async () => {
  const client = await createClient(configuration);
  const secret = await client.secrets.resolve("op://Development/Example/password");
  expect(secret).toBe(process.env.SECRET);
  expect(() => Secrets.validateSecretReference("op://a/b/c")).not.toThrow();
});

test("a client signs in and has its time limits under fake timers", async () => {
  jest.useFakeTimers();
  const client = await createClient(configuration);
  expect(await client.with({ timeoutMs: 60_000 }).vaults.list()).toHaveLength(1);
  await expect(client.with({ timeoutMs: 0 }).vaults.list()).rejects.toThrow(TimeoutError);
});
