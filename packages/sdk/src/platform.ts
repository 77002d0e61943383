import type { Engine, EngineOptions } from "./engine.js";

/** Where the package runs: what differs between Node and the web. */
export interface Platform {
  /** Makes ready what the methods without a client need. */
  init(wasm?: EngineOptions["wasm"]): Promise<void>;
  /** The engine of one client. */
  engine(options: EngineOptions): Promise<Engine>;
  /** The engine for methods without a client. */
  offlineEngine(): Engine;
  /** Keeps the runtime from warning of a signal that many calls listen to. */
  allowListeners?(signal: AbortSignal): void;
  /** The system, as the account's activity log shows it. */
  readonly os: string;
  readonly architecture: string;
  readonly runtime: Runtime;
}

/**
 * What the runtime offers to the engine. Timers are those of the moment at which the package was loaded: tests put fakes
 * in their place, which stand still until the test moves them.
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
