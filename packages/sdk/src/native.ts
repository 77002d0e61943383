import { createRequire } from "node:module";
import { abortable, type Engine, type Reply } from "./engine.js";
import { fromEngine } from "./failure.js";
import { place } from "./place.js";
import { VERSION } from "./version.js";

/** The package @opwire/sdk-node. Failures are `Error`s whose message is the JSON text of the core's error. */
export interface Addon {
  version(): string;
  requestLibraryVersion(): string;
  Core: new () => NativeCore;
}

interface NativeCore {
  initClient(call: number, config: string): Promise<string>;
  invoke(call: number, invocation: string, attachments: Uint8Array[]): Promise<Reply>;
  cancel(call: number): void;
  invokeSync(invocation: string): string;
  releaseClient(id: string): void;
}

let loaded: Addon | Error | undefined;

/** Returns the addon if it has been loaded. */
export function loadedAddon(): Addon | undefined {
  return loaded instanceof Error ? undefined : loaded;
}

/** Loads the addon, or returns the reason why it cannot be used here. */
export function loadAddon(): Addon | Error {
  loaded ??= tryLoad();
  return loaded;
}

function tryLoad(): Addon | Error {
  try {
    // A plain require would make bundlers resolve the package, which is optional. Node's own loader is preferred
    // because an addon stays loaded as long as the process runs, which the loaders of test runners report as a leak.
    const requireFrom = process.getBuiltinModule?.("node:module").createRequire ?? createRequire;
    const addon = requireFrom(place ?? process.execPath)("@opwire/sdk-node") as Addon;
    const version = addon.version();
    if (version === VERSION) return addon;
    return new Error(`@opwire/sdk-node ${version} does not belong to @opwire/sdk ${VERSION}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** op-core as the native addon. docs/decisions/0016 says when it is used. */
export class NativeEngine implements Engine {
  readonly broken = false;
  readonly requestLibrary: { requestLibraryName: string; requestLibraryVersion: string };
  readonly #core: NativeCore;
  #lastCall = 0;

  constructor(addon: Addon) {
    this.#core = translated(() => new addon.Core());
    const requestLibraryVersion = addon.requestLibraryVersion();
    this.requestLibrary = { requestLibraryName: "reqwest", requestLibraryVersion };
  }

  initClient(config: string, signal?: AbortSignal): Promise<string> {
    return this.#call(signal, (call) => this.#core.initClient(call, config));
  }

  invoke(invocation: string, attachments: Uint8Array[], signal?: AbortSignal): Promise<Reply> {
    return this.#call(signal, (call) => this.#core.invoke(call, invocation, attachments));
  }

  invokeSync(invocation: string): string {
    return translated(() => this.#core.invokeSync(invocation));
  }

  releaseClient(id: string): void {
    translated(() => this.#core.releaseClient(id));
  }

  #call<T>(signal: AbortSignal | undefined, start: (call: number) => Promise<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#lastCall = (this.#lastCall + 1) >>> 0;
    const call = this.#lastCall;
    const result = start(call).catch((error: Error) => {
      throw fromEngine(error.message);
    });
    return abortable(result, signal, () => this.#core.cancel(call));
  }
}

function translated<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw fromEngine((error as Error).message);
  }
}
