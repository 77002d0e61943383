// The entry for Node and Bun.

import { webcrypto } from "node:crypto";
import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import { TextDecoder, TextEncoder } from "node:util";
import type { Engine, EngineOptions, Fetch } from "./engine.js";
import { configurationError } from "./failure.js";
import { type Addon, loadAddon, loadedAddon, NativeEngine } from "./native.js";
import * as sdk from "./index.js";
import { readCore } from "./node-module.js";
import { byNode } from "./node-transport.js";
import { type Runtime, setPlatform } from "./platform.js";
import { WasmEngine } from "./wasm/engine.js";
import { loadModule, loadModuleSync } from "./wasm/module.js";
import { byFetch, type Transport } from "./wasm/transport.js";

setPlatform({
  os: process.platform,
  architecture: process.arch,
  // Of Node's own rather than the globals, which tests and jsdom put others in the place of.
  runtime: { setTimeout, clearTimeout, crypto: webcrypto, TextDecoder, TextEncoder } as Runtime,
  allowListeners(signal) {
    try {
      setMaxListeners(0, signal);
    } catch {
      // Not Node's own signal, so that Node does not warn.
    }
  },
  async init(wasm) {
    if (wasm) await loadModule(wasm);
  },
  async engine(options) {
    // So that the calls of a test are not on the stack when the addon is loaded, see there.
    await undefined;
    const addon = chooseAddon(options);
    if (addon) return new NativeEngine(addon);
    return new WasmEngine(
      options.wasm ? await loadModule(options.wasm) : loadModuleSync(readCore),
      transport(options.fetch),
    );
  },
  offlineEngine(): Engine {
    const addon = insistedOn() === undefined ? loadedAddon() : chooseAddon({});
    return addon ? new NativeEngine(addon) : new WasmEngine(loadModuleSync(readCore), byNode);
  },
});

export * from "./index.js";
export default sdk;

/** The engine that the environment insists on. */
function insistedOn(): "native" | "wasm" | undefined {
  const forced = process.env["OPWIRE_ENGINE"] || undefined;
  if (forced === undefined || forced === "wasm" || forced === "native") return forced;
  throw configurationError(
    `OPWIRE_ENGINE is "${forced}"; it may be "wasm" or "native"`,
    "OPWIRE_ENGINE",
  );
}

/** The native addon where it is to be used: it is faster, but a caller's fetch and module are WebAssembly's. */
function chooseAddon(options: EngineOptions): Addon | undefined {
  const forced = insistedOn();
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
