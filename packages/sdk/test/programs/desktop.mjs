// Leaves its client open, and ends.

import { createClient, DesktopAuth } from "@opwire/sdk";

const client = await createClient({
  auth: new DesktopAuth(process.env.OPWIRE_ACCOUNT),
  integrationName: "opwire tests",
  integrationVersion: "v1.0.0",
});
console.log((await client.vaults.list()).length);
