// The entry point for browsers, workers and Deno.

import { configurationError, newError } from "./failure.js";
import * as sdk from "./index.js";
import { setPlatform } from "./platform.js";
import { WasmEngine } from "./wasm/engine.js";
import { loadedModule, loadModule } from "./wasm/module.js";
import { byFetch } from "./wasm/transport.js";

// Bundlers recognise exactly this expression.
const moduleUrl = () => new URL("../core.wasm", import.meta.url);

setPlatform({
  os: "web",
  architecture: "wasm32",
  runtime: {
    setTimeout: globalThis.setTimeout.bind(globalThis),
    clearTimeout: globalThis.clearTimeout.bind(globalThis) as (timer: unknown) => void,
    get crypto() {
      return globalThis.crypto;
    },
    TextDecoder,
    TextEncoder,
  },
  async init(wasm) {
    await loadModule(wasm ?? moduleUrl());
  },
  async engine({ fetch, wasm }) {
    requireWebCrypto();
    return new WasmEngine(await loadModule(wasm ?? moduleUrl()), byFetch(fetch));
  },
  offlineEngine() {
    const module = loadedModule();
    if (!module)
      throw configurationError("call `await init()` before methods that need no client", "wasm");
    return new WasmEngine(module, byFetch(undefined));
  },
});

export * from "./index.js";
export default sdk;

function requireWebCrypto(): void {
  if (globalThis.crypto?.subtle) return;
  throw newError(
    "InvalidConfiguration",
    "WebCrypto is missing: browsers have it only on pages from https:// or localhost",
  );
}
