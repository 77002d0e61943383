import type { EngineOptions, Fetch, WasmSource } from "./engine.js";
import { configurationError } from "./failure.js";
import { SDK_VERSION } from "./generated/constants.js";

/** The configuration of a client, for {@link createClient}. */
export interface ClientConfiguration {
  /** A service account token (`ops_...`). */
  auth?: string | DesktopAuth | undefined;
  /** The name of your program, at most 40 characters. */
  integrationName: string;
  /** The version of your program, at most 20 characters. */
  integrationVersion: string;
  /** Sends the requests, for instance through a proxy. Added by opwire. */
  fetch?: Fetch | undefined;
  /** Cancels the sign-in when it is aborted. Added by opwire. */
  signal?: AbortSignal | undefined;
  /** The timeout of one request, in milliseconds. Added by opwire. */
  requestTimeoutMs?: number | undefined;
  /** How often a read is retried after a transient failure: 2 by default, 0 for never. Added by opwire. */
  maxRetries?: number | undefined;
  /**
   * Caches items and references: `true` with the defaults of {@link CacheOptions}, or with the options given. Nothing
   * is cached by default. Added by opwire.
   */
  cache?: boolean | CacheOptions | undefined;
  /** The WebAssembly module, if it cannot be loaded from its URL. Added by opwire. */
  wasm?: WasmSource | PromiseLike<WasmSource> | undefined;
}

/**
 * The options of the cache that `secrets.resolve`, `secrets.resolveAll` and `items.get` use. A write by the same client
 * removes what it changes. Items are cached encrypted, as the server sends them. Added by opwire.
 */
export interface CacheOptions {
  /** How long an item counts as fresh, in milliseconds: {@link DEFAULT_CACHE_TTL_MS} by default. */
  ttlMs?: number | undefined;
  /**
   * How long an older item is still returned, in milliseconds, while one call refreshes it or the server fails: 0 by
   * default.
   */
  staleMs?: number | undefined;
  /**
   * How long the cache remembers that something does not exist, in milliseconds:
   * {@link DEFAULT_CACHE_NEGATIVE_TTL_MS} by default.
   */
  negativeTtlMs?: number | undefined;
  /** How many items and references are cached at most: {@link DEFAULT_CACHE_MAX_ENTRIES} by default. */
  maxEntries?: number | undefined;
}

/** Asks for sign-in through a desktop app. It is not available in this version: `createClient` refuses it. */
export class DesktopAuth {
  /** The account's name as the app shows it, or its id. */
  accountName: string;

  constructor(accountName: string) {
    this.accountName = accountName;
  }
}

/** Returns the core's client configuration, to which the engine adds what it sends requests with. */
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

/** Returns the part of the configuration that concerns the engine. */
export function engineOptions({ fetch, wasm }: ClientConfiguration): EngineOptions {
  return { ...(fetch && { fetch }), ...(wasm && { wasm }) };
}

function serviceAccountToken({ auth }: ClientConfiguration): string {
  if (typeof auth === "string" && auth !== "") return auth;
  if (auth instanceof DesktopAuth) {
    throw configurationError(
      "sign-in through the desktop app is not available in this version of opwire; pass a service account token as `auth`",
      "auth",
    );
  }
  throw configurationError("createClient requires `auth` (service account token).", "auth");
}
