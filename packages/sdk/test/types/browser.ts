import { createClient, init } from "@opwire/sdk";

export async function use(module: WebAssembly.Module): Promise<void> {
  await init(new URL("/core.wasm", location.href));
  using client = await createClient({
    auth: "ops_",
    integrationName: "Browser",
    integrationVersion: "v1",
    fetch: (url, init) => fetch(url, { ...init, credentials: "omit" }),
    wasm: module,
  });
  await client.vaults.list();
}
