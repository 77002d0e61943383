// A worker for workerd, as for Cloudflare. Such runtimes compile no WebAssembly themselves, so the module is imported.

import { createClient } from "@opwire/sdk";
import wasm from "@opwire/sdk/core.wasm";
import { scenario } from "./scenario.js";

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/shared") {
      return env.KEEPER.get(env.KEEPER.idFromName("one")).fetch(request);
    }
    return Response.json(await scenario(await request.json(), wasm));
  },
};

/** A Durable Object: the place for a client that serves many requests, which end independently of each other. */
export class Keeper {
  #client;

  async fetch(request) {
    const { valid: auth } = await request.json();
    this.#client ??= createClient({
      auth,
      integrationName: "Runtimes",
      integrationVersion: "v1.0.0",
      wasm,
    });
    const { secrets } = await this.#client;
    return new Response(await secrets.resolve("op://Development/Example/password"));
  }
}
