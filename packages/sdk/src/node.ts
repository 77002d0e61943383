// The entry for Node and Bun.

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine, EngineOptions, Fetch } from "./engine.js";
import { configurationError } from "./failure.js";
import { type Addon, loadAddon, NativeEngine } from "./native.js";
import { setPlatform } from "./platform.js";
import { WasmEngine } from "./wasm/engine.js";
import { loadModule, loadModuleSync } from "./wasm/module.js";
import { byNode } from "./node-transport.js";
import { byFetch, type Transport } from "./wasm/transport.js";

setPlatform({
  os: process.platform,
  architecture: process.arch,
  allowListeners(signal) {
    if (signal instanceof EventTarget) setMaxListeners(0, signal);
  },
  async init(wasm) {
    if (wasm) await loadModule(wasm);
  },
  async engine(options) {
    const addon = chooseAddon(options);
    if (addon) return new NativeEngine(addon);
    return new WasmEngine(
      options.wasm ? await loadModule(options.wasm) : bundledModule(),
      transport(options.fetch),
    );
  },
  offlineEngine(): Engine {
    const addon = chooseAddon({});
    return addon ? new NativeEngine(addon) : new WasmEngine(bundledModule(), byNode);
  },
});

export * from "./index.js";

/** The native addon where it is to be used: it is faster, but a caller's fetch and module are WebAssembly's. */
function chooseAddon(options: EngineOptions): Addon | undefined {
  const forced = process.env["OPWIRE_ENGINE"] || undefined;
  if (forced !== undefined && forced !== "wasm" && forced !== "native") {
    throw configurationError(
      `OPWIRE_ENGINE is "${forced}"; it may be "wasm" or "native"`,
      "OPWIRE_ENGINE",
    );
  }
  const needsWasm = options.fetch !== undefined || options.wasm !== undefined;
  if (needsWasm || forced === "wasm") return undefined;
  const addon = loadAddon();
  if (addon instanceof Error) {
    if (forced === undefined) return undefined;
    throw configurationError(
      `OPWIRE_ENGINE is "native", but the addon does not load: ${addon.message}`,
      "OPWIRE_ENGINE",
    );
  }
  return addon;
}

/** By Node's own client where the caller has no fetch; Bun's fetch is its own client. */
function transport(fetch: Fetch | undefined): Transport {
  return fetch || process.versions["bun"] ? byFetch(fetch) : byNode;
}

function bundledModule(): WebAssembly.Module {
  return loadModuleSync(() => {
    const path = join(__dirname, "..", "core.wasm");
    try {
      return new Uint8Array(readFileSync(path));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw configurationError(
        `core.wasm cannot be read (${reason}): pass it as the option "wasm", or to init()`,
        "wasm",
      );
    }
  });
}
