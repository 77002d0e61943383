import type { EngineOptions, Fetch, WasmSource } from "./engine.js";
import { configurationError } from "./failure.js";
import { SDK_VERSION } from "./generated/constants.js";

/** What {@link createClient} takes. */
export interface ClientConfiguration {
  /** A service account token (`ops_...`). */
  auth?: string | DesktopAuth | undefined;
  /** The name of your program, at most 40 characters. */
  integrationName: string;
  /** The version of your program, at most 20 characters. */
  integrationVersion: string;
  /** Sends the requests instead of the global `fetch`, for instance through a proxy. Added by opwire. */
  fetch?: Fetch | undefined;
  /** Ends the sign-in when it is aborted. Added by opwire. */
  signal?: AbortSignal | undefined;
  /** The time for one request, in milliseconds. Added by opwire. */
  requestTimeoutMs?: number | undefined;
  /** How often a read is repeated after a failure that may pass: 2 by default, 0 for never. Added by opwire. */
  maxRetries?: number | undefined;
  /**
   * Remembers items and references for a while: `true` as {@link CacheOptions} says, or otherwise. Nothing is remembered
   * by default. Added by opwire.
   */
  cache?: boolean | CacheOptions | undefined;
  /** The WebAssembly module, where it cannot be loaded by its address. Added by opwire. */
  wasm?: WasmSource | PromiseLike<WasmSource> | undefined;
}

/**
 * What `secrets.resolve`, `secrets.resolveAll` and `items.get` remember of what they read. A write of the same client
 * makes it forget what it concerns. Items are kept sealed, as the server sends them. Added by opwire.
 */
export interface CacheOptions {
  /** How long an item is as good as a new one, in milliseconds: {@link DEFAULT_CACHE_TTL_MS} by default. */
  ttlMs?: number | undefined;
  /**
   * How long an older one is still given, in milliseconds, while one call refreshes it or the server fails: 0 by
   * default.
   */
  staleMs?: number | undefined;
  /**
   * How long it is remembered that something is missing, in milliseconds: {@link DEFAULT_CACHE_NEGATIVE_TTL_MS} by
   * default.
   */
  negativeTtlMs?: number | undefined;
  /** How many items and references are kept: {@link DEFAULT_CACHE_MAX_ENTRIES} by default. */
  maxEntries?: number | undefined;
}

/** Asks for sign-in by a desktop app. Not available in this version: `createClient` says so. */
export class DesktopAuth {
  /** The account's name as the app shows it, or its id. */
  accountName: string;

  constructor(accountName: string) {
    this.accountName = accountName;
  }
}

/** The core's client configuration, as far as the engine does not add to it. */
export function coreConfig(
  config: ClientConfiguration,
  platform: { os: string; architecture: string },
): object {
  return {
    serviceAccountToken: serviceAccountToken(config),
    programmingLanguage: "JS",
    sdkVersion: SDK_VERSION,
    integrationName: config.integrationName,
    integrationVersion: config.integrationVersion,
    os: platform.os,
    osVersion: "0.0.0",
    architecture: platform.architecture,
    requestTimeoutMs: config.requestTimeoutMs,
    maxRetries: config.maxRetries,
    cache: config.cache === true ? {} : config.cache || undefined,
  };
}

/** The part of the configuration that chooses and feeds the engine. */
export function engineOptions({ fetch, wasm }: ClientConfiguration): EngineOptions {
  return { ...(fetch && { fetch }), ...(wasm && { wasm }) };
}

function serviceAccountToken({ auth }: ClientConfiguration): string {
  if (typeof auth === "string" && auth !== "") return auth;
  if (auth instanceof DesktopAuth) {
    throw configurationError(
      "sign-in by the desktop app is not available in this version of opwire; pass a service account token as `auth`",
      "auth",
    );
  }
  throw configurationError("createClient requires `auth` (service account token).", "auth");
}
