import type { EngineOptions, WasmSource } from "../engine.js";
import { configurationError } from "../failure.js";
import { currentPlatform } from "../platform.js";
import { instantiate } from "./glue.js";

let compiled: WebAssembly.Module | undefined;
let compiling: Promise<WebAssembly.Module> | undefined;

/** The compiled module, which every engine of the program shares; `source` counts where none is compiled yet. */
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

/** The module, compiled at once from bytes that are at hand. */
export function loadModuleSync(bytes: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  compiled ??= verified(new WebAssembly.Module(bytes()), "core.wasm");
  return compiled;
}

/** The module, where it has been loaded. */
export function loadedModule(): WebAssembly.Module | undefined {
  return compiled;
}

async function compile(given: NonNullable<EngineOptions["wasm"]>): Promise<WebAssembly.Module> {
  const source: WasmSource = await given;
  // Told apart by tag, for what comes from another realm is no instance of this one's classes.
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

/** Another version's module has other imports and exports. */
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
