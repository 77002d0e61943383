import type { Engine, EngineOptions } from "./engine.js";

/** The platform that the package runs on: what differs between Node and the web. */
export interface Platform {
  /** Prepares the methods that need no client. */
  init(wasm?: EngineOptions["wasm"]): Promise<void>;
  /** Makes the engine of one client. */
  engine(options: EngineOptions): Promise<Engine>;
  /** Makes the engine of a client that a person approves, where it can exist. `library` is the desktop app's. */
  desktopEngine?(library: string | undefined): Engine;
  /** Makes the engine for the methods that need no client. */
  offlineEngine(): Engine;
  /** Prevents warnings of the runtime when many calls listen to one signal. */
  allowListeners?(signal: AbortSignal): void;
  /** The operating system, as the account's activity log shows it. */
  readonly os: string;
  readonly architecture: string;
  readonly runtime: Runtime;
}

/**
 * The functions of the runtime that the engine uses. They are taken when the package is loaded, because tests replace
 * the global timers with fakes, which do not advance by themselves.
 */
export interface Runtime {
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly crypto: Pick<Crypto, "getRandomValues" | "subtle">;
  readonly TextDecoder: new (label: string, options: TextDecoderOptions) => TextDecoder;
  readonly TextEncoder: new () => TextEncoder;
}

let platform: Platform;
let offline: Engine | undefined;

/** Sets the platform. Each entry point calls it once, before anything else. */
export function setPlatform(value: Platform): void {
  platform = value;
}

/** Returns the platform that the package runs on. */
export function currentPlatform(): Platform {
  return platform;
}

/** Runs a method that needs neither client nor network, and returns its result as parsed JSON. */
export function invokeSync(name: string, parameters: Record<string, unknown>): unknown {
  if (!offline || offline.broken) offline = platform.offlineEngine();
  return parseResult(
    offline.invokeSync(JSON.stringify({ invocation: { parameters: { name, parameters } } })),
  );
}

/** Parses a result of the engine. The text is empty if the method returns nothing. */
export function parseResult(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}
