// The entry point for Node and Bun.

import { webcrypto } from "node:crypto";
import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import { TextDecoder, TextEncoder } from "node:util";
import type { Engine, EngineOptions, Fetch } from "./engine.js";
import { configurationError } from "./failure.js";
import { type Addon, loadAddon, loadedAddon, NativeEngine } from "./native.js";
import * as sdk from "./index.js";
import { desktopEngine } from "./node-desktop.js";
import { readCore } from "./node-module.js";
import { byNode } from "./node-transport.js";
import { type Runtime, setPlatform } from "./platform.js";
import { WasmEngine } from "./wasm/engine.js";
import { loadModule, loadModuleSync } from "./wasm/module.js";
import { byFetch, type Transport } from "./wasm/transport.js";

setPlatform({
  os: process.platform,
  architecture: process.arch,
  // These come from Node's modules because tests and jsdom replace the globals.
  runtime: { setTimeout, clearTimeout, crypto: webcrypto, TextDecoder, TextEncoder } as Runtime,
  allowListeners(signal) {
    try {
      setMaxListeners(0, signal);
    } catch {
      // Node does not warn about a signal that is not its own.
    }
  },
  async init(wasm) {
    if (wasm) await loadModule(wasm);
  },
  async engine(options) {
    // After this, the calls of a test are not on the stack when native.ts loads the addon.
    await undefined;
    const addon = chooseAddon(options);
    if (addon) return new NativeEngine(addon);
    return new WasmEngine(
      options.wasm ? await loadModule(options.wasm) : loadModuleSync(readCore),
      transport(options.fetch),
    );
  },
  desktopEngine,
  offlineEngine(): Engine {
    const addon = demandedEngine() === undefined ? loadedAddon() : chooseAddon({});
    return addon ? new NativeEngine(addon) : new WasmEngine(loadModuleSync(readCore), byNode);
  },
});

export * from "./index.js";
export default sdk;

/** Returns the engine that the environment demands, if it demands one. */
function demandedEngine(): "native" | "wasm" | undefined {
  const forced = process.env["OPWIRE_ENGINE"] || undefined;
  if (forced === undefined || forced === "wasm" || forced === "native") return forced;
  throw configurationError(
    `OPWIRE_ENGINE is "${forced}"; it may be "wasm" or "native"`,
    "OPWIRE_ENGINE",
  );
}

/** Returns the addon if it is to be used. It is faster, but cannot use a caller's `fetch` or WebAssembly module. */
function chooseAddon(options: EngineOptions): Addon | undefined {
  const forced = demandedEngine();
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

/** Returns the transport: Node's own client if the caller passes no `fetch`. Bun's own client is its `fetch`. */
function transport(fetch: Fetch | undefined): Transport {
  return fetch || process.versions["bun"] ? byFetch(fetch) : byNode;
}
