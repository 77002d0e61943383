// Resolves a reference by what approves programs on this machine.

import { createClient, DesktopAuth } from "@opwire/sdk";

const client = await createClient({
  auth: new DesktopAuth("Acme"),
  integrationName: "opwire tests",
  integrationVersion: "v1.0.0",
});
console.log(await client.secrets.resolve("op://Development/Example/password"));
