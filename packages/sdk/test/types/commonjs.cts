import sdk = require("@opwire/sdk");

export async function use(): Promise<string> {
  const client = await sdk.createClient({
    auth: "ops_",
    integrationName: sdk.DEFAULT_INTEGRATION_NAME,
    integrationVersion: sdk.DEFAULT_INTEGRATION_VERSION,
  });
  return client.secrets.resolve("op://a/b/c");
}
