import type { EngineOptions, WasmSource } from "../engine.js";
import { configurationError } from "../failure.js";
import { currentPlatform } from "../platform.js";
import { instantiate } from "./glue.js";

let compiled: WebAssembly.Module | undefined;
let compiling: Promise<WebAssembly.Module> | undefined;

/** Returns the compiled module, which all engines of the program share. `source` counts only for the first of them. */
export async function loadModule(
  source: NonNullable<EngineOptions["wasm"]>,
): Promise<WebAssembly.Module> {
  if (compiled) return compiled;
  compiling ??= compile(source);
  try {
    compiled = verified(await compiling, "`wasm`");
  } finally {
    compiling = undefined;
  }
  return compiled;
}

/** Returns the compiled module, and compiles it from the bytes if needed. */
export function loadModuleSync(bytes: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  compiled ??= verified(new WebAssembly.Module(bytes()), "core.wasm");
  return compiled;
}

/** Returns the module if it has been loaded. */
export function loadedModule(): WebAssembly.Module | undefined {
  return compiled;
}

async function compile(given: NonNullable<EngineOptions["wasm"]>): Promise<WebAssembly.Module> {
  const source: WasmSource = await given;
  // `instanceof` would not recognise a value from another realm.
  const tag = Object.prototype.toString.call(source);
  if (typeof source === "string" || tag === "[object URL]")
    return downloaded(source as string | URL);
  if (ArrayBuffer.isView(source) || tag === "[object ArrayBuffer]") {
    return compiledBytes(source as ArrayBuffer);
  }
  if (tag === "[object WebAssembly.Module]") return source as WebAssembly.Module;
  throw configurationError("`wasm` is neither a module, nor its bytes or address", "wasm");
}

async function compiledBytes(bytes: ArrayBuffer): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw configurationError(
      `the bytes in \`wasm\` cannot be compiled (${reason}); workers need a WebAssembly.Module`,
      "wasm",
    );
  }
}

/** Refuses the module of another version, whose imports and exports differ. */
function verified(module: WebAssembly.Module, name: string): WebAssembly.Module {
  const isOurs = WebAssembly.Module.exports(module).some(({ name }) => name === "core_new");
  try {
    if (isOurs && instantiate(module, currentPlatform().runtime)) return module;
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
  }
  throw configurationError(`${name} is not the module of this version of opwire`, "wasm");
}

async function downloaded(url: string | URL): Promise<WebAssembly.Module> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw configurationError(
      `the WebAssembly module could not be loaded from ${url} (${reason}): pass the module as the option "wasm", or to init()`,
      "wasm",
    );
  }
}
