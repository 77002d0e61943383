import type { EngineOptions, Fetch, WasmSource } from "./engine.js";
import { configurationError } from "./failure.js";
import { SDK_VERSION } from "./generated/constants.js";

/** The configuration of a client, for {@link createClient}. */
export interface ClientConfiguration {
  /** A service account token (`ops_...`), or an account that a person lets the program use. */
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

/** What a program asks for less than all of a person's account. Added by opwire. */
export interface DesktopScope {
  /** The titles or ids of the only vaults that the program may use; all by default. */
  vaults?: readonly string[] | undefined;
  /** Whether the program may only read. */
  readOnly?: boolean | undefined;
}

/** The options of {@link DesktopAuth}. Added by opwire. */
export interface DesktopOptions extends DesktopScope {
  /**
   * The path of the 1Password app's library, which is used instead of the agent. `OPWIRE_DESKTOP_LIBRARY` names one for
   * all clients that have no path of their own.
   */
  library?: string | undefined;
}

/**
 * Asks the person at this machine for the use of their account, by their `opwire agent` or, if none runs, by the
 * 1Password app. The program gets no key and no token. Node and Bun only.
 *
 * @example
 * const auth = new DesktopAuth("Acme", { vaults: ["Development"], readOnly: true });
 * const client = await createClient({ auth, integrationName: "Deploy", integrationVersion: "v1.0.0" });
 */
export class DesktopAuth {
  /** The account's name, its address or the e-mail address, as `opwire account list` or the app shows them. */
  accountName: string;
  /** What of the account the program asks for. The agent enforces it; the 1Password app cannot, so that it is refused. */
  readonly scope: DesktopScope;
  /** The path of the 1Password app's library, if it is to be used instead of the agent. */
  readonly library: string | undefined;

  constructor(accountName: string, options: DesktopOptions = {}) {
    const { library, ...scope } = options;
    this.accountName = accountName;
    this.scope = scope;
    this.library = library;
  }
}

/** Returns the core's client configuration, to which the engine adds what it sends requests with. */
export function coreConfig(
  config: ClientConfiguration,
  platform: { os: string; architecture: string },
): object {
  return {
    ...credentials(config),
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

function credentials({ auth, fetch }: ClientConfiguration): object {
  if (typeof auth === "string" && auth !== "") return { serviceAccountToken: auth };
  if (!(auth instanceof DesktopAuth)) {
    throw configurationError(
      "createClient requires `auth` (service account token or DesktopAuth).",
      "auth",
    );
  }
  if (fetch) throw configurationError("the agent or app sends the requests, not `fetch`", "fetch");
  const { vaults, readOnly } = auth.scope;
  return { accountName: auth.accountName, vaults, readOnly };
}
