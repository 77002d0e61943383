import { createClient } from "@opwire/sdk";

try {
  const client = await createClient({
    auth: process.env.OP_SERVICE_ACCOUNT_TOKEN,
    integrationName: "First program",
    integrationVersion: "v1.0.0",
  });
  for (const vault of await client.vaults.list()) console.log(vault.title);
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
