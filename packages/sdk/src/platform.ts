import type { Engine, Platform } from "./engine.js";

let platform: Platform;
let offline: Engine | undefined;

/** Says where the package runs. Each entry point calls it once, before anything else can. */
export function setPlatform(value: Platform): void {
  platform = value;
}

/** Where the package runs. */
export function currentPlatform(): Platform {
  return platform;
}

/** Runs a method that needs neither client nor network, and gives its result as parsed JSON. */
export function invokeSync(name: string, parameters: Record<string, unknown>): unknown {
  if (!offline || offline.broken) offline = platform.offlineEngine();
  return parseResult(
    offline.invokeSync(JSON.stringify({ invocation: { parameters: { name, parameters } } })),
  );
}

/** A result of the engine as parsed JSON; methods without a result give an empty text. */
export function parseResult(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}
