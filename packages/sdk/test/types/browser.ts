import { createClient, init } from "@opwire/sdk";
import wasm from "@opwire/sdk/core.wasm";

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

export async function bundled(): Promise<void> {
  await init(wasm);
}
