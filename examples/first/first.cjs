// The first program, in CommonJS: sign in, list vaults, load a secret.
const { createClient } = require("@opwire/sdk");

const REFERENCE = "op://Development/Example/password";

async function main() {
  const client = await createClient({
    auth: process.env.OP_SERVICE_ACCOUNT_TOKEN ?? "",
    integrationName: "First program",
    integrationVersion: "v1.0.0",
  });
  for (const vault of await client.vaults.list()) {
    console.log(`vault  ${vault.title}`);
  }
  const secret = await client.secrets.resolve(REFERENCE);
  console.log(`secret ${REFERENCE} = ${"*".repeat(secret.length)}`);
}

main().catch((error) => {
  console.error(`first program: ${error.message}`);
  process.exitCode = 1;
});
